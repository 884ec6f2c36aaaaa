"""Verdicts: whether a published figure and a computed one can be the same, and in words why not."""

from __future__ import annotations

import math
from typing import NamedTuple

from lodeline.units.figure import Figure
from lodeline.world.dependence.reliance_answers import Compared, Verdict, Way
from lodeline.world.dependence.reliance_limits import NOTHING_KNOWN, Span
from lodeline.world.dependence.reliance_terms import Counted, Year, untold
from lodeline.world.statistics.edition import Row


def compared(
    row: Row,
    published: Span,
    computed: Figure,
    said: Span,
    *,
    limits: bool,
    unpublished: bool = False,
    relative: bool = False,
) -> Compared:
    """A published figure against a computed one.

    They agree where some value within the rounding of the published figure is also within the limits of the computed
    one. Where the limits are no mere rounding, since an input is withheld or only limits of it are printed, they agree
    only if every value within them is: such limits then decide it.

    Args:
        row: The published figure. published: within which limits it lies; neither where there is none.
        computed: With its limits. said: what inputs as printed give.
        limits: Whether the limits are more than rounding.
        unpublished: Whether the cell holds no figure although a number could be read.
        relative: Whether ``off`` is percent of the published figure; else it is in its unit.
    """
    verdict: Verdict
    if unpublished or published == (None, None):
        verdict = "not published"
    elif computed.low is None and computed.high is None:
        verdict = "inputs missing"
    elif not _meet(Span(computed.low, computed.high), published):
        verdict = "differs"
    elif limits and not _within(Span(computed.low, computed.high), published):
        verdict = "inputs missing"
    else:
        verdict = "agrees"
    off = _off(said, row, published) if verdict in ("agrees", "differs") else None
    if off is not None and relative:
        off = 100 * off / abs(float(row.value)) if row.value else None
    return Compared(published=row.published, computed=computed, verdict=verdict, off=off)


def in_whole_points(row: Row) -> Span:
    """Within which limits a published percentage lies, which is a whole number of points.

    A net exporter's reliance is at most 0; ``>95`` is 95 or more. Neither limit where nothing is published.
    """
    if row.value is None:
        return Span(None if row.low is None else float(row.low), None if row.high is None else float(row.high))
    return Span(float(row.value) - 0.5, float(row.value) + 0.5)


def of_percent(share: Span) -> Span:
    """A share in percent."""
    return Span(*(None if end is None else 100 * end for end in share))


class Otherwise(NamedTuple):
    """What other ways than that by lines give, in percent: nothing known where they were not taken.

    Attributes:
        over_published: Net imports over the consumption as it is published.
        less_production: Published consumption less production, over itself.
    """

    over_published: Span = NOTHING_KNOWN
    less_production: Span = NOTHING_KNOWN


def why(
    asked: Year, way: Way, found: Compared, used: Compared | None, otherwise: Otherwise, row: Row
) -> tuple[str, ...]:
    """Why a figure was not computed by its lines, and why it does not agree; each reason once, in words."""
    if found.verdict == "not published":
        return ("no figure is published",)
    reasons = _missing(asked) if found.verdict == "inputs missing" or way != "lines" else ()
    return (*reasons, *(_difference(found, used, otherwise, row) if found.verdict == "differs" else ()))


def _missing(asked: Year) -> tuple[str, ...]:
    """What is not told."""
    counted = {(one.line, one.year): one for one in (*asked.lines, *asked.net)}
    texts = [_told_not(one, asked.year) for one in untold(counted.values())]
    percent_of = asked.published(asked.recipe.percent_of)
    if percent_of is not None and not percent_of.told:
        texts.append(_told_not(percent_of, asked.year))
    texts += [f"no line of {one.what}" for one in asked.missing]
    if not texts:
        texts = [f"{_name(one)} is printed as a limit" for one in counted.values() if one.only_limits]
    return tuple(dict.fromkeys(texts)) or ("no line of production, trade or consumption",)


def _told_not(one: Counted, year: str) -> str:
    if one.row is None:
        return f"{_name(one)} of {one.year} is not in the edition" if one.year != year else f"no line of {_name(one)}"
    return f"{_name(one)} is {'withheld' if one.row.has('W') else 'not available'}"


def _name(one: Counted) -> str:
    measure, form = one.line.split(":")
    return f"{measure} ({form})" if form else measure


def _difference(found: Compared, used: Compared | None, otherwise: Otherwise, row: Row) -> list[str]:
    """By how much a figure differs, and what else the edition says about it."""
    computed, published = found.computed, in_whole_points(row)
    value = computed.value if computed.value is not None else computed.low
    texts = [f"{value:.1f} against {found.published}"] if value is not None else []
    if computed.low is not None and computed.low > WHOLE:
        texts.append("net imports are more than the published consumption")
    if used is not None and used.verdict == "differs" and used.off is not None:
        texts.append(f"the published consumption is not the sum of its lines (off by {used.off:.1f} %)")
    if _known(otherwise.less_production) and _meet(otherwise.less_production, published):
        texts.append("published consumption less production gives the published number")
    if _known(otherwise.over_published) and _meet(otherwise.over_published, published):
        texts.append("over the consumption as it is published and rounded it is the published number")
    if value is not None and row.value is not None and math.floor(value) == row.value:
        texts.append("cut off and not rounded it is the published number")
    return texts


def _known(span: Span) -> bool:
    return span.low is not None and span.high is not None


def _off(said: Span, row: Row, published: Span) -> float:
    """How far what printed inputs give is from the published figure, or from its limits where it has only those."""
    wanted = published if row.value is None else Span(float(row.value), float(row.value))
    low, high = _ends(said)
    least, most = _ends(wanted)
    return max(0.0, least - high, low - most)


def _meet(one: Span, other: Span) -> bool:
    low, high = _ends(one)
    least, most = _ends(other)
    return low <= most + SAME and least <= high + SAME


def _within(inner: Span, outer: Span) -> bool:
    low, high = _ends(inner)
    least, most = _ends(outer)
    return least - SAME <= low and high <= most + SAME


WHOLE = 100
"""Percent."""
SAME = 1e-9
"""Percent, or tonnes: what binary arithmetic may leave between two equal numbers."""


def _ends(span: Span) -> tuple[float, float]:
    return (-math.inf if span.low is None else span.low, math.inf if span.high is None else span.high)
