"""From gross to net: what is in the ground of a book's countries, class by class, and what is left of its value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import floor, log10
from typing import Any

import msgspec

from lodeline.report.given import Given
from lodeline.report.given_world import SeenDeposit
from lodeline.report.model import Block, Cell, Chart, Column, Grid, Prose, Section, Sentence
from lodeline.report.wording import (
    MONEY_WORDS,
    cell,
    drawn,
    figure,
    figure_cell,
    harmless,
    key_of,
    listed,
    name,
    number,
    sentence,
    shown,
    strong,
)
from lodeline.units.figure import Figure
from lodeline.world.country import country_name
from lodeline.world.resources.inputs import WORDS, Input
from lodeline.world.resources.ladder import Ladder, Rung
from lodeline.world.resources.listing import Line

TITLE = "From gross to net"
LONG = 300
"""Characters of a source or a note."""
DIGITS = 4
"""Digits of dollars."""
LONG_DIGITS = 6
"""Digits of an input as its source states it."""


def world_resources(given: Given, before: tuple[Section, ...]) -> Section:
    """The ladder of each deposit that has inputs for one, and what is published of the others, classes kept apart."""
    of = given.world
    if not (of.deposits or of.listing):
        return Section(name="resources", title=TITLE, blocks=())
    figures = {key_rung(one.ladder, rung): rung.figure for one in of.deposits for rung in one.ladder.rungs}
    figures |= {key_line(line): _tonnes(line) for line in of.listing if line.figure is not None}
    blocks: list[Block] = []
    for one in of.deposits:
        blocks.append(Prose(sentences=tuple(_lead(one)), weight="lead"))
        blocks.append(_chart(one))
        blocks += _inputs(one)
    if not of.deposits:
        said = "Of no deposit in these countries is enough published to say what is left of its gross value."
        blocks.append(Prose(sentences=(sentence(said),), weight="lead"))
    if of.listing:
        blocks += _classes(of.listing)
    return Section(name="resources", title=TITLE, blocks=tuple(blocks), figures=figures)


def key_rung(ladder: Ladder, rung: Rung) -> str:
    """The name of the figure of a rung."""
    return f"resources/{key_of(ladder.deposit)}/ladder/{rung.name}"


def key_line(line: Line) -> str:
    """The name of the figure of an estimate."""
    return (
        f"resources/{'/'.join(key_of(part) for part in (line.deposit, line.resource_class, line.element, line.as_of))}"
    )


def told(of: Figure) -> Figure:
    """Dollars to the digits that such a figure has, to be shown; money is else written out to the cent."""
    return msgspec.structs.replace(of, **{end: _short(getattr(of, end)) for end in ("value", "low", "high")})


def _short(value: float | None) -> float | None:
    return value if not value else round(value, DIGITS - 1 - floor(log10(abs(value))))


def _tonnes(line: Line) -> Figure:
    """Tonnes of an estimate; what was said in pounds or ounces is converted, and has no more digits for that."""
    assert line.figure is not None
    if line.figure.standing != "stated":
        return line.figure
    return msgspec.structs.replace(line.figure, standing="computed")


def _lead(one: SeenDeposit) -> Iterator[Sentence]:
    ladder, title = one.ladder, one.deposit.title
    yield sentence(
        "No metal of this book is from ",
        name(title),
        f", {country_name(one.deposit.country)}: it is shown because gross value in the ground is spoken of as wealth.",
    )
    known = [rung for rung in ladder.rungs if rung.figure.standing != "unknown"]
    if not known:
        return
    gross, last = known[0], known[-1]
    said = [
        "At the prices named below all its ",
        *listed([name(element) for element in ladder.elements]),
        " would be worth ",
        figure(key_rung(ladder, gross), told(gross.figure)),
        "; what is known leads as far down as ",
        strong(last.name),
        ", ",
        figure(key_rung(ladder, last), told(last.figure)),
    ]
    missing = len(ladder.rungs) - len(known)
    if missing:
        said.append(". What is below that, costs and payments above all, is ")
        said.append(strong("unknown"))
    yield sentence(*said, ".")


def _chart(one: SeenDeposit) -> Chart:
    ladder, title = one.ladder, f"{one.deposit.title}: from gross metal value to net"
    return Chart(
        name=harmless(f"ladder-{ladder.deposit}"),
        kind="ladder",
        title=harmless(title),
        below=(
            "Each rung takes one thing off. Line: the range over all that is stated as a range. Hatched: unknown, with "
            f"what would settle it.{' What somebody supposes is illustrative.' if ladder.assumed else ''}"
        ),
        alt="; ".join(f"{rung.name} {shown(told(rung.figure))}" for rung in ladder.rungs),
        data=picture(ladder),
        behind=_table(ladder, title),
    )


def picture(ladder: Ladder) -> dict[str, Any]:
    """What the browser draws: a bar a rung, in the largest unit of dollars of which there is one."""
    ends = [
        end
        for rung in ladder.rungs
        for end in (rung.figure.value, rung.figure.low, rung.figure.high)
        if end is not None
    ]
    most = max((abs(end) for end in ends), default=0.0)
    scale, word = next(((float(of), f"{word} ") for of, word in MONEY_WORDS if most >= of), (1.0, ""))
    rows = [_rung(rung, scale) for rung in ladder.rungs]
    return {
        "rungs": rows,
        "low": min([end / scale for end in ends], default=0.0) if any(end < 0 for end in ends) else 0.0,
        "high": max([end / scale for end in ends], default=0.0),
        "words": {"x": f"{word}USD"},
    }


def _rung(rung: Rung, scale: float) -> dict[str, Any]:
    of = rung.figure
    limits = None if of.low is None or of.high is None else [drawn(of.low / scale), drawn(of.high / scale)]
    lacks = _lacks(rung)
    return {
        "label": rung.name,
        "said": "" if of.standing == "unknown" else shown(told(of)),
        "value": None if of.value is None else drawn(of.value / scale),
        "limits": limits,
        "lacks": lacks,
        "told": f"{rung.name}: {rung.told}\n{shown(told(of)) if of.standing != 'unknown' else lacks}",
    }


def _lacks(rung: Rung) -> str:
    """What a rung needs that nobody gives; below such a rung only that it rests on one."""
    wanted = ", ".join(_plain(key) for key in rung.missing)
    return f"unknown: needs {wanted}" if wanted else "unknown: rests on the rung above"


def _plain(key: str) -> str:
    """``treatment_charge:Cu`` as a person reads it."""
    what, _, element = key.partition(":")
    return f"{what.replace('_', ' ')}{f' of {element}' if element else ''}"


def _meant(rung: Rung) -> Iterator[str]:
    """What the missing inputs of a rung are, each once."""
    wanted = dict.fromkeys(key.partition(":")[0] for key in rung.missing)
    yield from (WORDS[one].told for one in wanted if one in WORDS)


def _table(ladder: Ladder, title: str) -> Grid:
    return Grid(
        title=harmless(title),
        columns=(Column("Rung"), Column("Value", numeric=True), Column("of gross", numeric=True), Column("Lacks")),
        rows=tuple(
            (
                cell(rung.name, below=rung.told),
                figure_cell(key_rung(ladder, rung), told(rung.figure), below=_range(told(rung.figure))),
                cell("–" if rung.of_gross is None else shown(_percent(rung.of_gross))),
                cell(", ".join(_plain(key) for key in rung.missing) or "–", below="; ".join(_meant(rung))),
            )
            for rung in ladder.rungs
        ),
        folded=(sentence("A rung that lacks an input is unknown, and so is all below it; nothing stands in for it."),),
    )


def _percent(value: float) -> Figure:
    return Figure(value=value, unit="P1", standing="computed")


def _range(of: Figure) -> str:
    if of.value is None or of.low is None or of.high is None:
        return ""
    low, high = (shown(Figure(value=end, unit=of.unit, standing="computed")) for end in (of.low, of.high))
    return "" if low == high else f"{low} to {high}"


def _inputs(one: SeenDeposit) -> Iterator[Block]:
    """What the ladder was computed from, and what others published and is not used."""
    yield Grid(
        title=harmless(f"{one.deposit.title}: sources of the ladder"),
        columns=(Column("Input"), Column("Value", numeric=True), Column("As of"), Column("Source")),
        rows=tuple(
            (
                cell(name(_plain(of.key)), below="supposed" if of.assumed else ""),
                cell(name(_said(of)), below=_said_range(of)),
                cell(name(of.as_of or "not dated")),
                cell(name(of.source, limit=LONG), below=harmless(of.note)),
            )
            for of in one.ladder.inputs
        ),
        closed=True,
    )
    if one.ladder.published:
        yield Grid(
            title=harmless(f"{one.deposit.title}: published by others, not used"),
            columns=(Column("What"), Column("Said"), Column("As of"), Column("Source")),
            rows=tuple(
                (
                    cell(name(of.name)),
                    cell(name(of.said, limit=LONG)),
                    cell(name(of.as_of)),
                    cell(name(of.source, limit=LONG)),
                )
                for of in one.ladder.published
            ),
            closed=True,
        )


def _said(of: Input) -> str:
    return f"{'not known' if of.value is None else number(float(of.value), digits=LONG_DIGITS)} {of.unit}".strip()


def _said_range(of: Input) -> str:
    if of.low is None or of.high is None:
        return ""
    return f"{number(float(of.low), digits=LONG_DIGITS)} to {number(float(of.high), digits=LONG_DIGITS)}"


def _classes(listing: Sequence[Line]) -> Iterator[Block]:
    """Every estimate in its class, and of what is in no class what it would need."""
    told = [line for line in listing if line.figure is not None]
    if told:
        yield Grid(
            title="In the ground, class by class",
            columns=(
                Column("Deposit"),
                Column("Class"),
                Column("Metal", numeric=True),
                Column("As of"),
                Column("Source"),
            ),
            rows=tuple(_estimate(line) for line in told),
            folded=(
                sentence(
                    "Classes are never added: they are known in different ways, and one may hold another. Tonnes are "
                    "of the whole deposit."
                ),
            ),
        )
    open_lines = [line for line in listing if line.figure is None]
    if open_lines:
        yield Grid(
            title="Said without a class: no number follows from it",
            columns=(Column("Of what"), Column("What is said"), Column("Source")),
            rows=tuple(
                (
                    cell(strong(line.title), below=line.element),
                    cell(name(line.said, limit=LONG)),
                    cell(name(line.source, limit=LONG), below=line.as_of),
                )
                for line in open_lines
            ),
            folded=tuple(_needs(open_lines)),
        )


def _needs(lines: Sequence[Line]) -> Iterator[Sentence]:
    """What each of them would need, said once for all that need the same."""
    alike: dict[tuple[str, ...], dict[str, None]] = {}
    for line in lines:
        alike.setdefault(line.needs, {})[line.title] = None
    for needs, titles in alike.items():
        of_whom = listed([name(title) for title in titles])
        yield sentence("To be a number it would need, of ", *of_whom, ": ", name("; ".join(needs), limit=2 * LONG), ".")


def _estimate(line: Line) -> tuple[Cell, ...]:
    return (
        cell(strong(line.title), below=line.element),
        cell(name(line.resource_class.replace("-usgs", " by the USGS").replace("-", " ")), below=line.code),
        figure_cell(key_line(line), _tonnes(line), below=_range(_tonnes(line))),
        cell(name(line.as_of)),
        cell(name(line.source, limit=LONG)),
    )
