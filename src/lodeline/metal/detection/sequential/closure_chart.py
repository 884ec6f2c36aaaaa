"""The control chart of closure: MUF with its 1, 2 and 3 sigma bands, and its cumulative sums, as plain data to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from lodeline.metal.detection.sequential.cusum import cusum
from lodeline.metal.detection.sequential.muf import Muf, cumuf, independent, known
from lodeline.metal.detection.sequential.sequential import Limit, Outcome, PageTest, apply

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class ChartPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One period of the chart. Everything but the period is None where its MUF is unknown: a gap, not a zero.

    Attributes:
        period: Its index, from 0.
        first: First period that the value covers.
        muf_kg: MUF, kg; positive where metal is missing.
        bands_kg: One, two and three standard uncertainties of this MUF, kg; the bands are plus and minus these.
        outside: How many of the bands it is outside of, 0 to 3.
        cumuf_kg, cumuf_kg_u: The running sum and its standard uncertainty, kg.
        sitmuf: Standardised independent MUF.
        page_loss, page_gain: Page's sums, standard deviations.
        alarm: Whether Page's test is above its limit.
    """

    period: int
    first: int | None
    muf_kg: float | None
    bands_kg: tuple[float, float, float] | None
    outside: int | None
    cumuf_kg: float | None
    cumuf_kg_u: float | None
    sitmuf: float | None
    page_loss: float | None
    page_gain: float | None
    alarm: bool | None


class ClosureChart(msgspec.Struct, frozen=True, kw_only=True):
    """The points of the chart, and what Page's sums are held against.

    Attributes:
        points: One a period.
        page: The test, with its reference value.
        limit: Its decision limit, and how often that is passed by chance.
        first_alarm: The first period in which it was passed.
    """

    points: tuple[ChartPoint, ...]
    page: PageTest
    limit: Limit
    first_alarm: int | None


def closure_chart(of: Muf, page: PageTest, limit: Limit) -> ClosureChart:
    """Everything that a report draws of the closure of one account over its periods.

    The bands are of one period by itself: of twelve periods without loss, one or more is outside two sigma in two cases
    of five.

    Raises:
        InputError: ``sequential.nothing_known``, ``sequential.limit_too_short``.
    """
    outcome = apply(page, of, limit)
    values = known(of)
    periods = of.kg.size
    parts = independent(values, values.kg)
    loss, gain = (values.spread(one, periods) for one in cusum(parts, page.k))
    total_kg, total_kg_u = cumuf(of)
    columns = (of.kg, of.kg_u, total_kg, total_kg_u, values.spread(parts, periods), loss, gain)
    rows = np.column_stack(columns).tolist()
    return ClosureChart(
        points=tuple(_point(t, int(of.first[t]), row, outcome) for t, row in enumerate(rows)),
        page=page,
        limit=limit,
        first_alarm=outcome.first_alarm,
    )


def _point(period: int, first: int, row: list[float], outcome: Outcome) -> ChartPoint:
    """One period, unknown if no value is there."""
    known = first >= 0
    muf_kg, u, total_kg, total_kg_u, part, loss, gain = row
    return ChartPoint(
        period=period,
        first=first if known else None,
        muf_kg=muf_kg if known else None,
        bands_kg=(u, 2.0 * u, 3.0 * u) if known else None,
        outside=sum(abs(muf_kg) > times * u for times in (1.0, 2.0, 3.0)) if known else None,
        cumuf_kg=total_kg if known else None,
        cumuf_kg_u=total_kg_u if known else None,
        sitmuf=part if known else None,
        page_loss=loss if known else None,
        page_gain=gain if known else None,
        alarm=bool(outcome.over[period]) if known else None,
    )
