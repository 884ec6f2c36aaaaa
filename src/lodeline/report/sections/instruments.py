"""Instruments: what scales, laboratories and standards are off by: as the books tell it, and as was known before."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from lodeline.metal.accounts import COVERAGE
from lodeline.report.given import Given
from lodeline.report.given_metal import TOLD, WATER, SeenBias
from lodeline.report.model import Block, Cell, Chart, Choice, Column, Grid, Panel, Prose, Section, Sentence
from lodeline.report.sections.folding import FEW, ROWS_SHOWN, first
from lodeline.report.wording import (
    cell,
    counted,
    drawn,
    element_name,
    element_plain,
    figure_cell,
    key_of,
    listed,
    name,
    number,
    percent,
    sentence,
    shown,
    sigmas,
    strong,
)
from lodeline.units.figure import Figure

ROWS_DRAWN = 24
"""Instruments in one picture; those that the data tell most of."""
KINDS = {"scale": "Scale", "laboratory": "Laboratory", "standard": "Standard"}
NAME = 64
"""Letters of the name of an instrument."""


def instruments(given: Given, before: tuple[Section, ...]) -> Section:
    """Every bias of every instrument."""
    title = "What scales and laboratories are off by"
    of = given.reconciled
    if of.why_not:
        return Section(name="instruments", title=title, blocks=())
    if not of.biases:
        said = sentence(
            "Nothing can be said of what any scale or laboratory is off by: the master data give none of them an "
            "uncertainty of its bias, and no policy supposes one. A calibration certificate would change that."
        )
        return Section(name="instruments", title=title, blocks=(Prose(sentences=(said,), weight="lead"),))
    figures = {key_for(one): one.estimate for one in of.biases}
    blocks: list[Block] = [
        Prose(sentences=tuple(_lead(given)), weight="lead"),
        Prose(sentences=tuple(_how(given)), weight="note"),
        Choice(
            title="Biases of instruments",
            panels=tuple(
                Panel(label=label, blocks=(_chart(label, some, of.far), *_beside(some)))
                for label, some in _panels(given)
            ),
        ),
    ]
    far = [one for one in of.biases if is_far(one, of.far)]
    if far:
        blocks.insert(2, _table(far, of.far, title="Far from what was known before"))
    return Section(name="instruments", title=title, blocks=tuple(blocks), figures=figures)


def key_for(one: SeenBias) -> str:
    """The name of a figure of a bias."""
    parts = (one.kind, key_of(one.id), one.subject, key_of(one.method) if one.method else "", f"{one.period}")
    unit = "offset" if one.estimate.unit == "KGM" else "bias"
    return f"instruments/{'/'.join(part for part in parts if part)}/{unit}"


def is_far(one: SeenBias, far: float) -> bool:
    """Whether the books put it further from its prior than chance explains."""
    return abs(one.z) > far


def _lead(given: Given) -> Iterator[Sentence]:
    of = given.reconciled
    told = [one for one in of.biases if one.told <= TOLD]
    far = [one for one in of.biases if is_far(one, of.far)]
    names = list(dict.fromkeys(one.label for one in far))
    which = [": ", *listed([name(one, limit=NAME) for one in names[:FEW]])] if far else []
    verdict = "None is" if not far else f"{len(far):,} {'is' if len(far) == 1 else 'are'}"
    many = counted(len({(one.kind, one.id) for one in of.biases}), "instrument")
    yield sentence(
        f"{counted(len(of.biases), 'bias', 'biases').capitalize()} of {many}, each between two calibrations: the books "
        f"narrow {len(told):,} and cannot tell {len(of.biases) - len(told):,}. ",
        strong(f"{verdict} far from what was known before"),
        *which,
        ".",
    )


def _how(given: Given) -> Iterator[Sentence]:
    of = given.reconciled
    by_chance = len(of.biases) * math.erfc(of.far / math.sqrt(2.0))
    chance = (
        f"the policy allows a probability of {percent(of.false_alarms)} that any sound instrument is called so"
        if of.false_alarms is not None
        else f"about {number(by_chance, digits=2)} of them would be so by chance, since no policy says how likely a "
        f"false alarm may be"
    )
    yield sentence(
        "What all readings of one instrument have in common does not average away. The reconciliation estimates it "
        "from balances that must close, from both ends of a road and from assays of two laboratories, beginning with "
        "what the certificate says. Metal that goes missing steadily looks the same as an instrument that is off."
    )
    yield sentence(
        f"Far means more than {number(of.far, digits=2)} standard deviations of the shift; {chance}. Grey means that "
        f"the books narrow what was known by less than a hundredth, and so cannot tell: next to nothing in them checks "
        f"the instrument. A weighing of the same load on another scale, or an assay of the same lot elsewhere, would."
    )
    if of.unheard:
        yield sentence(
            "Of these nothing is known, and none is estimated: ",
            *listed([name(one, limit=NAME) for one in of.unheard[:FEW]]),
            f", and {len(of.unheard) - FEW:,} more." if len(of.unheard) > FEW else ".",
        )


def _panels(given: Given) -> Iterator[tuple[str, tuple[SeenBias, ...]]]:
    """What is drawn together: scales, standards, moistures, and laboratories by element."""
    of = given.reconciled
    scales = [one for one in of.biases if one.kind == "scale"]
    groups = [
        ("Scales", [one for one in scales if one.prior.unit == "P1"]),
        ("Scales, the same at every load", [one for one in scales if one.prior.unit == "KGM"]),
        ("Standards", [one for one in of.biases if one.kind == "standard"]),
        ("Moisture", [one for one in of.biases if one.subject == WATER]),
    ]
    groups += [(element_name(element), [one for one in of.biases if one.subject == element]) for element in of.elements]
    return ((label, tuple(some)) for label, some in groups if some)


def _rows(biases: Sequence[SeenBias]) -> list[list[SeenBias]]:
    """One row an instrument and method, those of which the data tell most first."""
    rows: dict[tuple[str, str], list[SeenBias]] = {}
    for one in biases:
        rows.setdefault((one.id, one.method), []).append(one)
    return sorted(rows.values(), key=lambda some: min(one.told for one in some))


def _chart(label: str, biases: tuple[SeenBias, ...], far: float) -> Chart:
    unit = "kg" if biases[0].prior.unit == "KGM" else "% of the reading"
    rows = _rows(biases)[:ROWS_DRAWN]
    every = [one for row in rows for one in row]
    return Chart(
        name=f"instruments-{'-'.join(label.lower().split())}",
        kind="instruments",
        title=f"{label}: what they are off by",
        below=(
            f"A line a calibration, the earliest above. Band: what was known before; bar: what the books say, both "
            f"{number(COVERAGE)} standard uncertainties to each side; what reaches the edge goes on beyond it. Grey: "
            f"the books cannot tell; orange: far from what was known."
        ),
        alt=(
            f"{counted(len(every), 'bias', 'biases')} of {counted(len({one.id for one in every}), 'instrument')}: "
            f"{sum(is_far(one, far) for one in every):,} far from what was known before, "
            f"{sum(one.told > TOLD for one in every):,} that the books cannot tell."
        ),
        data=picture(rows, far, unit),
        behind=_table(biases, far, title=f"{label}: what they are off by"),
    )


def picture(rows: Sequence[Sequence[SeenBias]], far: float, unit: str) -> dict[str, object]:
    """What the browser draws: a row an instrument, a mark a calibration."""
    every = [one for row in rows for one in row]
    # What the data cannot tell has nothing to show but how wide it is, and may reach beyond the edge.
    told = [one for one in every if one.told <= TOLD or is_far(one, far)] or every
    return {
        "reach": _round(max(abs(end) for one in told for of in (one.estimate, one.prior) for end in _ends(of))),
        "rows": [
            {
                "label": name(row[0].label, limit=NAME).text,
                "said": name(row[0].method, limit=NAME).text if row[0].method else "",
                "marks": [_mark(one, far) for one in row],
            }
            for row in rows
        ],
        "words": {"x": f"off by, {unit}"},
    }


def _mark(one: SeenBias, far: float) -> dict[str, object]:
    (low, high), (start, end) = _ends(one.prior), _ends(one.estimate)
    tone = "other" if is_far(one, far) else "unknown" if one.told > TOLD else "known"
    said = (
        f"{one.label}{f', {one.method}' if one.method else ''}",
        f"from {one.since}" if one.since else "at all times",
        f"known before: {shown(one.prior)}{', supposed by the policy' if one.supposed else ''}",
        f"the books say: {shown(one.estimate)}",
        f"{counted(one.readings, 'reading')}; {_shift(one)}",
    )
    return {
        "low": drawn(low),
        "high": drawn(high),
        "from": drawn(start),
        "to": drawn(end),
        "estimate": drawn(one.estimate.value or 0.0),
        "tone": tone,
        "told": "\n".join(name(line, limit=160).text for line in said),
    }


def _shift(one: SeenBias) -> str:
    if one.told > TOLD:
        return "the books cannot tell"
    return f"{sigmas(one.z)} standard deviations from what was known"


def _ends(of: Figure) -> tuple[float, float]:
    value, spread = of.value or 0.0, COVERAGE * (of.u or 0.0)
    return value - spread, value + spread


def _round(value: float) -> float:
    """The next round number above."""
    step = 10.0 ** math.floor(math.log10(value)) / 2 if value > 0 else 1.0
    return float(f"{math.ceil(value / step) * step:.12g}")


def _beside(biases: Sequence[SeenBias]) -> tuple[Prose, ...]:
    left = len(_rows(biases)) - ROWS_DRAWN
    if left <= 0:
        return ()
    said = sentence(f"Not drawn: {counted(left, 'further instrument')}, of which the data tell less.")
    return (Prose(sentences=(said,), weight="note"),)


def _table(biases: Sequence[SeenBias], far: float, title: str) -> Grid:
    order = sorted(biases, key=lambda one: (not is_far(one, far), one.told > TOLD, -abs(one.z)))
    page = first(
        [_row(one, far) for one in order], ROWS_SHOWN if len(order) > ROWS_SHOWN else len(order), "bias", "biases"
    )
    return Grid(
        title=title,
        columns=(
            Column("Instrument"),
            Column("Of"),
            Column("From"),
            Column("Known before", numeric=True),
            Column("The books say", numeric=True),
            Column("Shift in standard deviations", numeric=True),
            Column("Readings", numeric=True),
        ),
        rows=tuple(page.kept),
        folded=page.said,
        rest=tuple(page.left),
    )


def _row(one: SeenBias, far: float) -> tuple[Cell, ...]:
    of = {"": "every load", WATER: "moisture"}.get(one.subject) or element_plain(one.subject)
    if one.kind == "standard":
        of = "all calibrated with it"
    verdict = "far from what was known" if is_far(one, far) else "the books cannot tell" if one.told > TOLD else ""
    return (
        cell(name(one.label, limit=NAME), below=one.method or KINDS[one.kind].lower()),
        cell(of),
        cell(one.since or "always"),
        cell(shown(one.prior), below="supposed by the policy" if one.supposed else ""),
        figure_cell(key_for(one), one.estimate, below=verdict),
        cell(strong(sigmas(one.z)) if is_far(one, far) else sigmas(one.z)),
        cell(f"{one.readings:,}"),
    )
