"""Assays: what laboratories of seller and buyer find of the same lots, and whether chance explains the differences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median

from lodeline.metal.accounts import COVERAGE
from lodeline.report.given import Given
from lodeline.report.given_metal import SeenPair
from lodeline.report.model import Block, Cell, Chart, Choice, Column, Grid, Panel, Prose, Section, Sentence
from lodeline.report.sections.folding import FEW, first
from lodeline.report.wording import (
    cell,
    counted,
    date,
    drawn,
    element_name,
    element_plain,
    figure_cell,
    key_of,
    name,
    number,
    sentence,
    short,
    shown,
    sigmas,
    strong,
)
from lodeline.units.figure import Figure

DRAWN = 80
"""Pairs of one element that a picture shows; of more those that are far apart, and of the others evenly many."""
WIDE = 12.0
"""Where the largest finding is so many times the smallest, axes count in decades."""
NORMAL = math.erfc(COVERAGE / math.sqrt(2.0))
"""Part of differences that chance alone puts beyond the coverage, if they are normal."""
MOST = 0.95
"""Part of the differences that a picture has room for."""
WIDTHS = 4.0
"""Standard uncertainties of the usual pair for which it has room at the least."""
EDGE = 1.5
"""Room beyond the smallest and the largest finding where axes count in decades."""
LABORATORY = 48
"""Letters of the name of a laboratory."""


def assays(given: Given, before: tuple[Section, ...]) -> Section:
    """Every pair of assays of one lot by two laboratories, by element."""
    title = "Seller against buyer"
    if given.reconciled.why_not:
        return Section(name="assays", title=title, blocks=())
    pairs = given.reconciled.pairs
    if not pairs:
        said = sentence(
            "No lot was assayed by two laboratories, so none checks another. An assay of a lot by a laboratory of its "
            "buyer, beside that of its seller, would change that."
        )
        return Section(name="assays", title=title, blocks=(Prose(sentences=(said,), weight="lead"),))
    by_element = {
        element: tuple(one for one in pairs if one.element == element)
        for element in (*given.reconciled.elements, *sorted({one.element for one in pairs}))
    }
    told = {element: found for element, found in by_element.items() if found}
    figures = {key: of for element, found in told.items() for key, of in _figures(element, found).items()}
    blocks: list[Block] = [
        Prose(sentences=tuple(_lead(pairs)), weight="lead"),
        Prose(sentences=_how(), weight="note"),
        _summary(told),
        Choice(
            title="Assays of two laboratories",
            panels=tuple(
                Panel(label=element_name(element), blocks=tuple(_panel(element, found)))
                for element, found in told.items()
            ),
        ),
    ]
    return Section(name="assays", title=title, blocks=tuple(blocks), figures=figures)


def beyond(pairs: Sequence[SeenPair]) -> int:
    """How many are further apart than their uncertainty covers."""
    return sum(abs(one.sigma) > COVERAGE for one in pairs)


def _apart(pairs: Sequence[SeenPair]) -> Figure:
    """The median of how far the later finding is from the earlier one, percent of their mean."""
    entries = tuple(dict.fromkeys(key for one in pairs for key in one.apart.rests_on))
    rests_on = entries if len(entries) <= FEW else (f"{len(entries)} entries of assays",)
    # A median of differences says nothing beyond hundredths of a percent.
    middle = round(median(one.apart.value or 0.0 for one in pairs), 2)
    return Figure(value=middle, unit="P1", standing="computed", rests_on=rests_on)


def _sides(pairs: Sequence[SeenPair]) -> tuple[tuple[SeenPair, ...], tuple[SeenPair, ...]]:
    """Those of seller and buyer, and those of two laboratories of one owner."""
    return tuple(one for one in pairs if one.between), tuple(one for one in pairs if not one.between)


def _figures(element: str, pairs: Sequence[SeenPair]) -> dict[str, Figure]:
    sold, _ = _sides(pairs)
    of = {"seller and buyer": sold, "all": pairs}
    return {f"assays/{element}/{which}/median_difference": _apart(some) for which, some in of.items() if some}


def _lead(pairs: Sequence[SeenPair]) -> Iterator[Sentence]:
    sold, _ = _sides(pairs)
    of = sold or pairs
    far = beyond(of)
    whose = "by a laboratory of the seller and one of the buyer" if sold else "by two laboratories"
    yield sentence(
        f"{counted(len(of), 'time').capitalize()} one lot was assayed {whose} for the same element. ",
        strong(
            f"{_none(far)} {'differs' if far == 1 else 'differ'} by more than {number(COVERAGE)} standard uncertainties"
        ),
        f"; chance alone would bring about {number(len(of) * NORMAL, digits=2)} such differences.",
    )


def _none(count: int) -> str:
    return "None" if count == 0 else f"{count:,} of them"


def _how() -> tuple[Sentence, ...]:
    return (
        sentence(
            "The uncertainty of a difference has in it what is random in both findings, and what each laboratory may "
            "be off by as its certificate or the policy says; a reference material that both share makes no "
            "difference. One beyond it does not say which of the two is right: an umpire's assay would."
        ),
        sentence(
            "The seller's is the laboratory that assayed the lot for its earlier owner, the buyer's the one that did "
            "so for its later one; in a book that tells of no change of owner, the two ends of a road. Umpires are "
            "left out."
        ),
    )


def _summary(told: dict[str, tuple[SeenPair, ...]]) -> Grid:
    rows: list[tuple[Cell, ...]] = []
    for element, pairs in told.items():
        sold, _ = _sides(pairs)
        which, some = ("seller and buyer", sold) if sold else ("all", pairs)
        rows.append(
            (
                cell(element_name(element), below="" if sold else "two laboratories of one owner"),
                cell(f"{len(some):,}"),
                figure_cell(f"assays/{element}/{which}/median_difference", _apart(some)),
                cell(f"{beyond(some):,}"),
                cell(number(len(some) * NORMAL, digits=2)),
                cell(_largest(some)),
            )
        )
    return Grid(
        title="Differences by element",
        columns=(
            Column("Element"),
            Column("Pairs", numeric=True),
            Column("Median, later less earlier", numeric=True),
            Column(f"Beyond {number(COVERAGE)} standard uncertainties", numeric=True),
            Column("Of these by chance, about", numeric=True),
            Column("Furthest, in its own uncertainty", numeric=True),
        ),
        rows=tuple(rows),
    )


def _largest(pairs: Sequence[SeenPair]) -> str:
    return sigmas(max((one.sigma for one in pairs), key=abs))


def _panel(element: str, pairs: tuple[SeenPair, ...]) -> Iterator[Chart | Grid | Prose]:
    shown_pairs = _drawn(pairs)
    yield Chart(
        name=f"assays-{key_of(element)}",
        kind="assays",
        title=f"{element_name(element)}: one laboratory against another",
        below=(
            f"Bars are {number(COVERAGE)} standard uncertainties. Blue: seller and buyer; grey: two laboratories of "
            f"one owner; orange: further apart than that. On the dashed line both find the same."
            f"{_at_the_edge(shown_pairs)}"
        ),
        alt=_alt(element, pairs),
        data=picture(shown_pairs),
        behind=_table(element, pairs),
    )
    if len(shown_pairs) < len(pairs):
        yield Prose(
            sentences=(
                sentence(
                    f"Drawn are {len(shown_pairs):,} of {len(pairs):,} pairs: those that are further apart than that, "
                    f"the furthest first, and of the others evenly many in time."
                ),
            ),
            weight="note",
        )
    yield _laboratories(element, pairs)


def _at_the_edge(pairs: Sequence[SeenPair]) -> str:
    reach = _reach(pairs)
    out = sum(abs(one.apart.value or 0.0) > reach for one in pairs)
    if not out:
        return ""
    return f" At the edge on the right {'stands one that is' if out == 1 else f'stand {out} that are'} further out."


def _alt(element: str, pairs: Sequence[SeenPair]) -> str:
    far = counted(beyond(pairs), "pair")
    return (
        f"{counted(len(pairs), 'pair')} of assays of {element_plain(element)}, the later against the earlier, beside "
        f"the line on which both are the same: {far} further apart than {number(COVERAGE)} standard uncertainties, "
        f"median difference {shown(_apart(pairs))}."
    )


def _drawn(pairs: tuple[SeenPair, ...]) -> tuple[SeenPair, ...]:
    if len(pairs) <= DRAWN:
        return pairs
    order = sorted(range(len(pairs)), key=lambda index: -abs(pairs[index].sigma))
    far = {index for index in order[: DRAWN - FEW] if abs(pairs[index].sigma) > COVERAGE}
    near = [index for index in range(len(pairs)) if abs(pairs[index].sigma) <= COVERAGE]
    room = min(DRAWN - len(far), len(near))
    kept = far | {near[index * len(near) // room] for index in range(room)}
    return tuple(pairs[index] for index in sorted(kept))


def picture(pairs: Sequence[SeenPair]) -> dict[str, object]:
    """What the browser draws: both findings with their intervals, and how far they are apart."""
    found = [of.value or 0.0 for one in pairs for of in (one.first_found, one.second_found)]
    log = max(found) > WIDE * min(found)
    ends = [end for one in pairs for of in (one.first_found, one.second_found) for end in _ends(of)]
    low, high = min(end for end in ends if end > 0 or not log), max(ends)
    if not log:
        margin = (high - low) / 20
        low, high = max(0.0, low - margin), high + margin
    return {
        "log": log,
        "low": min(found) / EDGE if log else _round(low, high - low, up=False),
        "high": max(found) * EDGE if log else _round(high, high - low, up=True),
        "reach": _reach(pairs),
        "points": [_point(one, min(found) / EDGE if log else 0.0) for one in pairs],
        "words": {
            "against": "Later against earlier",
            "apart": "Apart, in percent of their mean",
            "x": "the earlier laboratory, %",
            "y": "the later laboratory, %",
            "time": "by the day of the later assay",
        },
    }


def _reach(pairs: Sequence[SeenPair]) -> float:
    """How far the picture on the right reaches, percent.

    A few that are far out, and traces of wide uncertainty, would press all others onto the line; they stand at the
    edge, or reach beyond it.
    """
    apart = sorted(abs(one.apart.value or 0.0) for one in pairs)
    reach = max(apart[int(MOST * (len(apart) - 1))], WIDTHS * median(one.apart.u or 0.0 for one in pairs))
    return _round(reach, reach, up=True)


def _ends(of: Figure) -> tuple[float, float]:
    value, spread = of.value or 0.0, COVERAGE * (of.u or 0.0)
    return value - spread, value + spread


def _round(value: float, size: float, *, up: bool) -> float:
    """The next round number above or below."""
    step = 10.0 ** math.floor(math.log10(size)) / 2 if size > 0 else 1.0
    return round((math.ceil if up else math.floor)(value / step) * step, 12)


def _point(one: SeenPair, least: float) -> dict[str, object]:
    (xlow, xhigh), (ylow, yhigh), (low, high) = (_ends(of) for of in (one.first_found, one.second_found, one.apart))
    far = abs(one.sigma) > COVERAGE
    numbers = {
        "x": one.first_found.value or 0.0,
        "y": one.second_found.value or 0.0,
        "xlow": max(xlow, least),
        "xhigh": xhigh,
        "ylow": max(ylow, least),
        "yhigh": yhigh,
        "apart": one.apart.value or 0.0,
        "from": low,
        "to": high,
    }
    return {
        **{key: drawn(value) for key, value in numbers.items()},
        "at": one.at,
        "tone": "other" if far else "known" if one.between else "unknown",
        "told": name(_told(one), limit=400).text.replace(" ¶ ", "\n"),
    }


def _told(one: SeenPair) -> str:
    return " ¶ ".join(
        (
            short(one.lot),
            f"{one.first[:LABORATORY]}: {shown(one.first_found)}",
            f"{one.second[:LABORATORY]}: {shown(one.second_found)}",
            f"apart {shown(one.apart)}, {sigmas(one.sigma)} standard uncertainties",
        )
    )


def _table(element: str, pairs: Sequence[SeenPair]) -> Grid:
    order = sorted(pairs, key=lambda one: (-abs(one.sigma), one.at, one.lot))
    rows = [
        (
            cell(name(one.lot)),
            cell(date(one.at)),
            cell(shown(one.first_found), below=name(one.first, limit=LABORATORY).text),
            cell(shown(one.second_found), below=name(one.second, limit=LABORATORY).text),
            cell(shown(one.apart)),
            cell(sigmas(one.sigma)),
        )
        for one in order
    ]
    page = first(rows, FEW, "pair")
    return Grid(
        title=f"{element_name(element)}: pairs of assays, the furthest apart first",
        columns=(
            Column("Lot"),
            Column("Assayed again"),
            Column("Earlier", numeric=True),
            Column("Later", numeric=True),
            Column("Later less earlier", numeric=True),
            Column("In its standard uncertainty", numeric=True),
        ),
        rows=tuple(page.kept),
        folded=page.said,
        rest=tuple(page.left),
    )


def _laboratories(element: str, pairs: Sequence[SeenPair]) -> Grid:
    groups: dict[tuple[str, str, bool], list[SeenPair]] = {}
    for one in pairs:
        groups.setdefault((one.first_id, one.second_id, one.between), []).append(one)
    ranked = sorted(
        groups.values(), key=lambda some: (not some[0].between, -len(some), some[0].first_id, some[0].second_id)
    )
    rows = [
        (
            cell(name(some[0].first, limit=LABORATORY), below="seller's" if some[0].between else "of the same owner"),
            cell(name(some[0].second, limit=LABORATORY), below="buyer's" if some[0].between else ""),
            cell(f"{len(some):,}"),
            cell(shown(_apart(some))),
            cell(f"{beyond(some):,}"),
        )
        for some in ranked
    ]
    page = first(rows, FEW, "pair of laboratories")
    return Grid(
        title=f"{element_name(element)} by laboratories",
        columns=(
            Column("Earlier"),
            Column("Later"),
            Column("Pairs", numeric=True),
            Column("Median, later less earlier", numeric=True),
            Column(f"Beyond {number(COVERAGE)} standard uncertainties", numeric=True),
        ),
        rows=tuple(page.kept),
        folded=page.said,
        rest=tuple(page.left),
    )
