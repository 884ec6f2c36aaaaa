"""Closures: what is unaccounted for in each account, period by period, as a control chart with Page's test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.metal.detection.sequential.closure_chart import ChartPoint, closure_chart
from lodeline.metal.detection.sequential.false_alarms import find_limit
from lodeline.metal.detection.sequential.muf import Muf, muf
from lodeline.metal.detection.sequential.sequential import Limit, PageTest
from lodeline.report.given_metal import SeenClosure, SeenLimit, SeenPoint, State
from lodeline.units.figure import Figure, Standing, unknown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.balance.series import MufSeries

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

REFERENCE = 0.5
"""Page's reference value, standard deviations: half the steady shift that it is quickest to find, which is one standard
deviation a period. Source: E. S. Page (1954), Biometrika 41(1/2), 100-115; J. M. Lucas, R. B. Crosier (1982),
Technometrics 24(3), 199-205."""
RUNS = 10_000
"""Charts of sound accounts that are drawn to show how often a limit is passed."""
SEED = 1954
"""The same book gives the same report: what is drawn to show a false-alarm rate is drawn from here."""


class Named(NamedTuple):
    """A series, with what its account is called."""

    site: str
    label: str
    element: str
    series: MufSeries


def closures(of: Sequence[Named], false_alarms: float | None) -> tuple[SeenClosure, ...]:
    """The chart of each series.

    Args:
        of: The series.
        false_alarms: The probability that any of the charts raises any false alarm; None: nobody said, and none is
            raised.
    """
    balances = [_balance(one.series) for one in of]
    some = [isinstance(one, Muf) and bool((one.first >= 0).any()) for one in balances]
    # So that all charts together raise one with this probability; they share metal, and so it is at most that.
    each = None if false_alarms is None else -math.expm1(math.log1p(-false_alarms) / max(sum(some), 1))
    limits: dict[int, Limit] = {}
    found = []
    for one, balance in zip(of, balances, strict=True):
        if isinstance(balance, Muf):
            found.append(_charted(one, balance, each, limits))
        else:
            found.append(_silent(one, balance))
    return tuple(found)


def _balance(series: MufSeries) -> Muf | str:
    """The MUF of the tests, or the sentence that says why there is none.

    What went missing in a period in which nothing was known from two sides shows in a later one, which covers it too;
    what went missing in one whose balance is unknown shows nowhere.
    """
    variance = series.random_kg2  # without it nothing was measured twice
    known = np.isfinite(series.kg) & np.isfinite(variance) & (variance > 0)
    # Of a gap that is nothing, surely, nothing was measured twice: a lot that nobody weighed again.
    nothing = (series.kg == 0) & (variance == 0)
    carried = (series.checks == 0) | nothing
    kg = np.where(known, series.kg - series.known_kg, np.nan)
    first, start = np.full(series.kg.size, -1, dtype=np.int64), 0
    for period in range(series.kg.size):
        if known[period]:
            first[period] = start
        if known[period] or not carried[period]:
            start = period + 1
    try:
        return muf(kg, series.covariance_kg2, first=first)
    except InputError as refusal:
        return f"{refusal.sentence} [{refusal.code}]"


def _charted(one: Named, balance: Muf, each: float | None, limits: dict[int, Limit]) -> SeenClosure:
    values = int((balance.first >= 0).sum())
    if not values:
        return _silent(one, "")
    page = PageTest(sides="both", k=REFERENCE)
    if each is None:
        limit = Limit(value=math.inf, how="given", probability=0.0, probability_u=0.0, periods=values, achieved=0.0,
                      achieved_u=0.0, runs=0)  # fmt: skip
    else:
        if values not in limits:
            # It rests on how many values there are, and on nothing else of the account.
            limits[values] = find_limit(
                page, balance, probability=each, runs=RUNS, generator=np.random.default_rng(SEED)
            )
        limit = limits[values]
    chart = closure_chart(balance, page, limit)
    labels = one.series.periods
    return SeenClosure(
        site=one.site,
        label=one.label,
        element=one.element,
        points=tuple(
            _point(labels, point, seen) for point, seen in zip(chart.points, balance.covered.tolist(), strict=True)
        ),
        k=REFERENCE,
        limit=None
        if each is None
        else SeenLimit(value=limit.value, probability=limit.probability, achieved=limit.achieved, runs=limit.runs),
    )


def _silent(one: Named, why: str) -> SeenClosure:
    """An account in which no period has a balance of its own."""
    points = tuple(_gap(label) for label in one.series.periods)
    return SeenClosure(
        site=one.site, label=one.label, element=one.element, points=points, k=REFERENCE, limit=None, refused=why
    )


def _gap(label: str, *, carried: bool = False) -> SeenPoint:
    state: State = "carried" if carried else "unknown"
    nothing = unknown("KGM")
    return SeenPoint(
        period=label, state=state, since="", muf=nothing, cumulative=nothing, sigma=None, outside=0, loss=None,
        gain=None, alarm=False,
    )  # fmt: skip


def _point(labels: tuple[str, ...], of: ChartPoint, covered: bool) -> SeenPoint:
    if of.first is None or of.muf_kg is None or of.bands_kg is None:
        return _gap(labels[of.period], carried=covered)
    computed: Standing = "computed"
    return SeenPoint(
        period=labels[of.period],
        state="known",
        since=labels[of.first],
        muf=Figure(value=of.muf_kg, u=of.bands_kg[0], unit="KGM", standing=computed),
        cumulative=Figure(value=of.cumuf_kg, u=of.cumuf_kg_u, unit="KGM", standing=computed),
        sigma=of.muf_kg / of.bands_kg[0],
        outside=of.outside or 0,
        loss=of.page_loss,
        gain=of.page_gain,
        alarm=bool(of.alarm),
    )
