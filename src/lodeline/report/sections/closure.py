"""Closure: whether what is missing from each account over time is more than scales and laboratories explain."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from lodeline.report.given import Given
from lodeline.report.given_metal import SeenClosure, SeenPoint
from lodeline.report.model import Block, Cell, Chart, Choice, Column, Grid, Panel, Part, Prose, Section, Sentence
from lodeline.report.sections.folding import FEW, ROWS_SHOWN, first
from lodeline.report.wording import (
    cell,
    counted,
    date,
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

DRAWN = 3
"""Accounts of one element that are drawn: those with an alarm, then those of which most is known."""
LEAST = 2
"""Periods that must be known before there is anything to see over time."""
BANDS = (1, 2, 3)
"""Standard uncertainties of the bands of a control chart."""
TALLEST = 8.0
"""Standard uncertainties up to which a chart reaches; what is further out stands at its edge and says how far."""


def closure(given: Given, before: tuple[Section, ...]) -> Section:
    """Every account over time."""
    title = "Closure over time"
    of = given.reconciled
    if of.why_not:
        return Section(name="closure", title=title, blocks=())
    series = [one for one in of.closures if one.known]
    if not series:
        said = sentence(
            "Of no account is it known over time what is missing: in no period did two sides tell of the same metal, "
            "what went in and what came out, or what the books hold and what a stock-take counts. One of these would "
            "change that, with an uncertainty for each weighing and assay."
        )
        return Section(name="closure", title=title, blocks=(Prose(sentences=(said,), weight="lead"),))
    figures = {key_for(one, point): point.muf for one in series for point in one.known}
    elements = dict.fromkeys(one.element for one in of.closures)
    blocks: list[Block] = [
        Prose(sentences=tuple(_lead(given, series)), weight="lead"),
        Prose(sentences=tuple(_how(given, series)), weight="note"),
        _summary(of.closures, given),
    ]
    panels = [(element, tuple(_charts(element, of.closures, given))) for element in elements]
    pictured = tuple(Panel(label=element_name(element), blocks=charts) for element, charts in panels if charts)
    if pictured:
        blocks.append(Choice(title="Closure over time, element by element", panels=pictured))
    return Section(name="closure", title=title, blocks=tuple(blocks), figures=figures)


def key_for(one: SeenClosure, point: SeenPoint) -> str:
    """The name of what is missing in a period."""
    return f"closure/{_where(one)}/{one.element}/{point.period}/missing"


def _where(one: SeenClosure) -> str:
    return key_of(one.site or one.label.lower())


def largest(one: SeenClosure) -> SeenPoint:
    """The period that is furthest from closing, in its own standard uncertainty."""
    return max(one.known, key=lambda point: abs(point.sigma or 0.0))


def _lead(given: Given, series: Sequence[SeenClosure]) -> Iterator[Sentence]:
    alarmed = [one for one in series if one.alarms]
    many = counted(len(series), "account").capitalize()
    count = f"{many} {'has' if len(series) == 1 else 'have'} a balance in some {given.reconciled.period}. "
    if given.reconciled.false_alarms is None:
        yield sentence(
            count,
            "No alarm is raised, since no policy says how likely a false one may be; ",
            Part("detection.false_alarms", "name"),
            " in the policy would.",
        )
        return
    if not alarmed:
        yield sentence(count, strong("None shows a loss or gain that goes on"), " and that chance does not explain.")
        return
    which = [part for one in alarmed[:FEW] for part in (_alarm(one),)]
    yield sentence(
        count,
        strong(f"In {len(alarmed):,} of them the sums of Page's test pass their limit"),
        ": ",
        *listed(which),
        f", and {len(alarmed) - FEW:,} more." if len(alarmed) > FEW else ".",
        " That says that the scales and laboratories as described do not explain the gap, and not why.",
    )


def _alarm(one: SeenClosure) -> Part:
    began = one.alarms[0]
    way = "missing" if (began.loss or 0.0) >= (began.gain or 0.0) else "too much"
    return name(f"{element_plain(one.element)} {way}, {one.label}, first in {began.period}", limit=160)


def _how(given: Given, series: Sequence[SeenClosure]) -> Iterator[Sentence]:
    period = given.reconciled.period
    outside = [math.erfc(times / math.sqrt(2.0)) for times in BANDS]
    yield sentence(
        f"What is missing in a {period} is opening stock and what came in, less what went out and the closing stock, "
        f"as recorded, where two sides tell of the same metal; below zero is more than there should be. It is shown "
        f"in its own standard uncertainty, in which there is what each instrument may be off by all the time. Of sound "
        f"{period}s about {percent(outside[1])} lie outside the second band "
        f"and {percent(outside[2])} outside the third."
    )
    limits = [one.limit for one in series if one.limit is not None]
    if limits and given.reconciled.false_alarms is not None:
        highest = max(limits, key=lambda limit: limit.value)
        yield sentence(
            f"Page's test, a cumulative sum (CUSUM), adds up what is beyond {number(series[0].k)} standard deviations "
            f"and forgets what goes back, so that a small loss that goes on shows. A sound account passes the limit of "
            f"its chart with a probability of {percent(highest.probability)}, so that any of the "
            f"{counted(len(limits), 'chart')} raises a false alarm with at most "
            f"{percent(given.reconciled.false_alarms)}, as the policy allows; of {highest.runs:,} sound "
            f"charts that were drawn, {round(highest.achieved * highest.runs):,} did."
        )
    yield sentence(
        f"A hatched {period} is unknown: nobody could have seen a loss there. One that is neither hatched nor has a "
        f"point has no balance of its own, and the next point covers it too. Added up is what is missing since "
        f"the last unknown {period}."
    )


def _summary(closures: Sequence[SeenClosure], given: Given) -> Grid:
    known = sorted((one for one in closures if one.known), key=lambda one: not one.alarms)
    page = first([_row(one) for one in known], ROWS_SHOWN, "account")
    silent = [one for one in closures if not one.known]
    folded = page.said
    if silent:
        folded += (
            sentence(
                f"Of {counted(len(silent), 'further account')} nothing was known from two sides in any "
                f"{given.reconciled.period}, or not with an uncertainty: nobody could have seen a loss there."
            ),
        )
    period = given.reconciled.period.capitalize()
    return Grid(
        title="Accounts over time",
        columns=(
            Column("Account"),
            Column(f"{period}s with a balance", numeric=True),
            Column(f"{period}s unknown", numeric=True),
            Column("Furthest from closing", numeric=True),
            Column("Missing, added up", numeric=True),
            Column("Page's test (CUSUM)"),
        ),
        rows=tuple(page.kept),
        folded=folded,
        rest=(*page.left, *(_row(one) for one in silent)),
    )


def _row(one: SeenClosure) -> tuple[Cell, ...]:
    unknown = sum(point.state == "unknown" for point in one.points)
    who = cell(name(one.label), below=element_name(one.element))
    if not one.known:
        why = one.refused or "nothing was known from two sides"
        return (
            who,
            cell("none"),
            cell(f"{unknown:,}"),
            cell(Part("unknown", "unknown")),
            cell(Part("unknown", "unknown")),
            cell(name(why, limit=200)),
        )
    worst = largest(one)
    total = one.known[-1].cumulative
    return (
        who,
        cell(f"{len(one.known):,}"),
        cell(f"{unknown:,}" if unknown else "none"),
        figure_cell(
            key_for(one, worst),
            worst.muf,
            below=f"{worst.period}, {sigmas(worst.sigma or 0.0)} standard uncertainties",
        ),
        cell(shown(total), below=_since(one)),
        cell(*_verdict(one)),
    )


def _since(one: SeenClosure) -> str:
    """From when the last running sum counts: it begins anew after what is unknown."""
    start = one.known[0].since
    for earlier, later in zip(one.points, one.points[1:], strict=False):
        if earlier.state == "unknown" and later.state != "unknown":
            start = later.period
    end = one.known[-1].period
    return f"of {end} alone" if start == end else f"from {start} to {end}"


def _verdict(one: SeenClosure) -> tuple[str | Part, ...]:
    if one.limit is None:
        return ("no limit: the policy names no false-alarm rate",)
    highest = max(max(point.loss or 0.0, point.gain or 0.0) for point in one.known)
    of = f"{number(highest, digits=2)} of {number(one.limit.value, digits=2)}"
    if one.alarms:
        return (strong(f"alarm from {one.alarms[0].period}"), f", {of}")
    return (f"within its limit, {of}",)


def _charts(element: str, closures: Sequence[SeenClosure], given: Given) -> Iterator[Chart | Prose]:
    able = [one for one in closures if one.element == element and len(one.known) >= LEAST]
    able.sort(key=lambda one: (not one.alarms, -len(one.known)))
    for one in able[:DRAWN]:
        yield Chart(
            name=f"closure-{key_of(element)}-{_where(one)}",
            kind="closure",
            title=name(f"{element_name(element)}, {one.label}", limit=120).text,
            below=_below(one),
            alt=name(_alt(one), limit=400).text,
            data=picture(one),
            behind=_table(one, given),
        )
    if len(able) > DRAWN:
        yield Prose(
            sentences=(
                sentence(f"Not drawn: {counted(len(able) - DRAWN, 'further account')} of {element_plain(element)}."),
            ),
            weight="note",
        )


def _below(one: SeenClosure) -> str:
    if one.limit is None:
        return "There is no limit for the sums, since no policy says how likely a false alarm may be."
    sound = f"a sound account passes the limit with a probability of {percent(one.limit.probability)}."
    return f"Alarm from {one.alarms[0].period}: {sound}" if one.alarms else f"No alarm: {sound}"


def _alt(one: SeenClosure) -> str:
    worst = largest(one)
    far = sum(point.outside >= len(BANDS) for point in one.points)
    return (
        f"Control chart of {element_plain(one.element)} at {one.label}: {counted(len(one.known), 'period')} with a "
        f"balance, {far:,} outside the third band; furthest from closing is {worst.period}, "
        f"{sigmas(worst.sigma or 0.0)} standard uncertainties. {_below(one)}"
    )


def picture(one: SeenClosure) -> dict[str, object]:
    """What the browser draws: each period in its own standard uncertainty, and Page's sums below."""
    height = max(abs(point.sigma or 0.0) for point in one.known)
    sums = max(max(point.loss or 0.0, point.gain or 0.0) for point in one.known)
    limit = None if one.limit is None else one.limit.value
    return {
        "reach": float(min(max(math.ceil(height), BANDS[-1] + 1), TALLEST)),
        "sums": float(math.ceil(max(sums, limit or 0.0, 1.0) * 1.25)),
        "bands": list(BANDS),
        "limit": limit,
        "points": [
            {
                "period": point.period,
                "state": point.state,
                "sigma": None if point.sigma is None else drawn(point.sigma),
                "outside": point.outside,
                "loss": None if point.loss is None else drawn(point.loss),
                "gain": None if point.gain is None else drawn(point.gain),
                "alarm": point.alarm,
                "told": _told(point),
            }
            for point in one.points
        ],
        "words": {
            "above": "Missing in each period, in its standard uncertainty",
            "below": "Page's sums (CUSUM): loss upwards, gain downwards",
            "limit": "limit",
        },
    }


def _told(point: SeenPoint) -> str:
    if point.state != "known":
        return f"{point.period}: {'counted in a later period' if point.state == 'carried' else 'unknown'}"
    since = "" if point.since == point.period else f", from {point.since} on"
    lines = (
        f"{point.period}{since}",
        f"missing {shown(point.muf)}, {sigmas(point.sigma or 0.0)} standard uncertainties",
        f"added up {shown(point.cumulative)}",
        f"sums: loss {number(point.loss or 0.0, digits=2)}, gain {number(point.gain or 0.0, digits=2)}"
        f"{', above the limit' if point.alarm else ''}",
    )
    return "\n".join(lines)


def _table(one: SeenClosure, given: Given) -> Grid:
    unknown = Part("unknown", "unknown")
    rows = []
    for point in one.points:
        if point.state == "carried":
            continue
        if point.state == "unknown":
            rows.append((cell(date(point.period)), *(cell(unknown) for _ in range(5))))
            continue
        rows.append(
            (
                cell(date(point.period), below="" if point.since == point.period else f"from {point.since} on"),
                figure_cell(key_for(one, point), point.muf),
                cell(sigmas(point.sigma or 0.0)),
                cell(shown(point.cumulative)),
                cell(number(point.loss or 0.0, digits=2)),
                cell(number(point.gain or 0.0, digits=2), below="above the limit" if point.alarm else ""),
            )
        )
    return Grid(
        title=name(f"{element_name(one.element)}, {one.label}: closure over time", limit=160).text,
        columns=(
            Column(given.reconciled.period.capitalize()),
            Column("Missing", numeric=True),
            Column("In its standard uncertainty", numeric=True),
            Column("Missing, added up", numeric=True),
            Column("Sum for loss", numeric=True),
            Column("Sum for gain", numeric=True),
        ),
        rows=tuple(rows),
    )
