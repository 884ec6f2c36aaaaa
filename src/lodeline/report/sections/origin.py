"""Origin: where what is held at the end is from, within which limits, and the way of one lot both ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lodeline.report.given import Given
from lodeline.report.given_origins import SeenOrigin, SeenOrigins, SeenTree
from lodeline.report.model import Chart, Choice, Column, Grid, Panel, Prose, Section, Sentence
from lodeline.report.wording import (
    cell,
    counted,
    drawn,
    element_name,
    element_plain,
    figure,
    figure_cell,
    key_of,
    name,
    sentence,
    shown,
)
from lodeline.units.figure import Figure
from lodeline.world.country import country_name

WORDS = {"untraced": "Untraced", "not said": "Country not said"}
LABEL = 64
"""Letters of the name of a lot in a picture."""
TITLE = "Where it is from"


def origin(given: Given, before: tuple[Section, ...]) -> Section:
    """Of each element shares by country, with bounds, and the way of one lot."""
    told = given.reconciled.origins
    if given.reconciled.why_not:
        return Section(name="origin", title=TITLE, blocks=())
    if not told:
        said = sentence("Of nothing that is held at the end is it known how much of any element it has.")
        return Section(name="origin", title=TITLE, blocks=(Prose(sentences=(said,), weight="lead"),))
    figures = {key_for(of, one, field): value for of in told for one in of.origins for field, value in _fields(one)}
    figures |= {f"origin/{of.element}/held": of.held for of in told}
    return Section(
        name="origin",
        title=TITLE,
        blocks=(
            Prose(sentences=tuple(_lead(told[0])), weight="lead"),
            Prose(sentences=tuple(_how(told)), weight="note"),
            Choice(
                title="Origins by element",
                panels=tuple(Panel(label=element_name(of.element), blocks=tuple(_blocks(of))) for of in told),
            ),
        ),
        figures=figures,
    )


def key_for(of: SeenOrigins, one: SeenOrigin, field: str) -> str:
    """The name of a figure of a country's part."""
    return f"origin/{of.element}/{key_of(one.country)}/{field}"


def _fields(one: SeenOrigin) -> Iterator[tuple[str, Figure]]:
    yield "share", one.share
    yield "mass", one.mass
    if one.least is not None and one.most is not None:
        yield "least", one.least
        yield "most", one.most


def label(country: str) -> str:
    """What a country is called, or that nobody said it."""
    return WORDS.get(country) or country_name(country) or country


def _lead(of: SeenOrigins) -> Iterator[Sentence]:
    first = of.origins[0]
    yield sentence(
        f"Of the {element_plain(of.element)} that is held at the end, ",
        figure(f"origin/{of.element}/held", of.held),
        f" in {counted(of.lots, 'lot')}, ",
        figure(key_for(of, first, "share"), first.share),
        " is ",
        *(["untraced"] if first.country == "untraced" else ["from ", name(label(first.country))]),
        " if what meets is mixed.",
    )
    if first.least is not None and first.most is not None:
        yield sentence(
            "Whatever the mixing was, it is at least ",
            figure(key_for(of, first, "least"), first.least),
            " and at most ",
            figure(key_for(of, first, "most"), first.most),
            ", if lots are homogeneous." if first.supposes else ".",
        )


def _how(told: tuple[SeenOrigins, ...]) -> Iterator[Sentence]:
    yield sentence(
        "Shares suppose that each store mixes as master data or the policy say, and perfectly where neither does. The "
        "least and the most suppose nothing about mixing. Untraced is metal of which the book does not say where it is "
        "from: it may be of any country, so that it counts in the most of each and in the least of none."
    )
    unknown = sum(of.unknown for of in told)
    if unknown:
        yield sentence(
            f"Left out: {counted(unknown, 'part')} of what is held, over all elements, of which nobody knows how much "
            "of the element it has."
        )


def _blocks(of: SeenOrigins) -> Iterator[Chart | Prose]:
    yield _bars(of)
    if of.tree is None:
        said = sentence("No way of a lot is drawn: none was both made of lots and became others, or it is too long.")
        yield Prose(sentences=(said,), weight="note")
        return
    yield _way(of.element, of.tree)


def _bars(of: SeenOrigins) -> Chart:
    title = f"{element_name(of.element)} held at the end, by country"
    supposes = any(one.supposes for one in of.origins)
    return Chart(
        name=f"origin-{of.element.lower()}",
        kind="origins",
        title=title,
        below=(
            "Bar: the share if what meets is mixed. Line: from the least to the most that it can be, whatever the "
            f"mixing was{', if lots are homogeneous' if supposes else ''}. Hatched: untraced, of which nobody knows."
        ),
        alt="; ".join(f"{label(one.country)} {shown(one.share)}" for one in of.origins),
        data=picture(of),
        behind=_table(of, title),
    )


def picture(of: SeenOrigins) -> dict[str, Any]:
    """What the browser draws: a row a country, in percent of what is held."""
    held = of.held.value or 1.0
    rows = []
    for one in of.origins:
        limits = None
        if one.least is not None and one.most is not None:
            limits = [drawn(100.0 * (end.value or 0.0) / held) for end in (one.least, one.most)]
        said = [label(one.country), f"share: {shown(one.share)}, {shown(one.mass)}"]
        if one.least is not None and one.most is not None:
            said.append(f"at least {shown(one.least)}, at most {shown(one.most)}")
        rows.append(
            {
                "label": label(one.country),
                "said": shown(one.share),
                "share": drawn(one.share.value or 0.0),
                "limits": limits,
                "tone": "unknown" if one.country in WORDS else "known",
                "told": "\n".join(name(line, limit=160).text for line in said),
            }
        )
    return {"rows": rows, "words": {"x": "% of what is held"}}


def _table(of: SeenOrigins, title: str) -> Grid:
    return Grid(
        title=title,
        columns=(
            Column("Country"),
            Column("Share", numeric=True),
            Column("Mass", numeric=True),
            Column("At least", numeric=True),
            Column("At most", numeric=True),
        ),
        rows=tuple(
            (
                cell(name(label(one.country)), below="if lots are homogeneous" if one.supposes else ""),
                figure_cell(key_for(of, one, "share"), one.share),
                figure_cell(key_for(of, one, "mass"), one.mass),
                *(
                    (cell(""), cell(""))
                    if one.least is None or one.most is None
                    else (
                        figure_cell(key_for(of, one, "least"), one.least),
                        figure_cell(key_for(of, one, "most"), one.most),
                    )
                ),
            )
            for one in of.origins
        ),
    )


def _way(element: str, of: SeenTree) -> Chart:
    title = f"The way of the {element_plain(element)} of one lot"
    lot = name(of.lot, limit=LABEL).text
    labels = {one.name: name(one.label, limit=LABEL).text for one in of.nodes}
    return Chart(
        name=f"origin-way-{element.lower()}",
        kind="stages",
        title=title,
        below=(
            f"Back to the origins and on to what became of it: {lot}, the lot with most of it that was made of lots "
            "and became others. What is small or far is drawn as others, with its mass."
        ),
        alt=f"{counted(len(of.nodes), 'lot, origin or end', 'lots, origins and ends')} on the way of {lot}.",
        data={
            "columns": 1 + max(one.column for one in of.nodes),
            "nodes": [
                {
                    "name": one.name,
                    "label": labels[one.name],
                    "column": one.column,
                    "tone": one.tone,
                    "said": _kg(one.kg),
                    "told": f"{labels[one.name]}\n{_kg(one.kg)}",
                }
                for one in of.nodes
            ],
            "links": [
                {
                    "source": one.source,
                    "target": one.target,
                    "value": drawn(one.kg),
                    "tone": "accent",
                    "told": f"{labels[one.source]} to {labels[one.target]}\n{_kg(one.kg)}",
                }
                for one in of.links
            ],
        },
        behind=Grid(
            title=title,
            columns=(Column("From"), Column("To"), Column("Mass", numeric=True)),
            rows=tuple(
                (
                    cell(name(labels[one.source], limit=LABEL)),
                    cell(name(labels[one.target], limit=LABEL)),
                    cell(_kg(one.kg)),
                )
                for one in of.links
            ),
        ),
    )


def _kg(kg: float) -> str:
    return shown(Figure(value=kg, unit="KGM", standing="computed"))
