"""Limits from the wanted probability of a false alarm, and how often a test alarms, by seeded simulation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from scipy.special import log_ndtr, ndtri

from lodeline.errors import InputError
from lodeline.metal.detection.sequential.muf import Known, Muf, independent, known
from lodeline.metal.detection.sequential.run_length import alarm_probability, decision_limit, require_probability
from lodeline.metal.detection.sequential.sequential import (
    Limit,
    PageTest,
    SitmufTest,
    Test,
    require_long_enough,
    scores,
    statistic,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

BLOCK = 10_000
"""Sequences that are drawn at a time. It bounds the memory; the same numbers come whatever it is."""


class Rate(NamedTuple):
    """How often a test alarms.

    Attributes:
        value, u: Share of the runs with an alarm, and its Monte Carlo error: one standard deviation, that of Jeffreys'
            posterior, so that it is not zero where no run alarmed.
        runs: How many sequences were drawn.
        by_period: (period,) share that had alarmed by each period; NaN in an unknown one.
    """

    value: float
    u: float
    runs: int
    by_period: Array


def find_limit(test: Test, of: Muf, *, probability: float, runs: int, generator: np.random.Generator) -> Limit:
    """The limit that a statistic without loss passes, in any of the periods, with the wanted probability.

    Of SITMUF and of Page's test it is exact: they rest on independent normal values. Of the others it is the quantile
    of the largest statistic of ``runs`` sequences that are drawn with this covariance. Either way as many more are
    drawn to show what it achieves.

    Args:
        of: Gives the covariance and which periods are known; the values do not matter, so that it may be a plan.
        probability: Of at least one false alarm over the whole sequence, in (0, 1).
        runs: Sequences to draw, for the limit and again for what it achieves; at least 1 / probability.

    Raises:
        InputError: ``sequential.probability``, ``sequential.runs``, ``sequential.no_limit``,
            ``sequential.nothing_known``.
    """
    require_probability(probability)
    values = known(of)
    _require_runs(runs, at_least=math.ceil(1.0 / probability))
    exact = _exact_limit(test, values.rows.size, probability)
    if exact is not None:
        return _measured(test, values, exact, "exact", (probability, 0.0), runs, generator)
    largest = np.concatenate([block[:, -1] for block in _highest(test, values, None, runs, generator)])
    # The j-th of n is passed by a further one with probability (n + 1 - j) / (n + 1), whatever the distribution.
    limit = float(np.quantile(largest, 1.0 - probability, method="weibull"))
    probability_u = math.sqrt(probability * (1.0 - probability) / (runs + 2))
    return _measured(test, values, limit, "simulated", (probability, probability_u), runs, generator)


def given_limit(test: Test, of: Muf, *, value: float, runs: int, generator: np.random.Generator) -> Limit:
    """A limit that the reader gives, such as h of Page's test, with the probability of a false alarm that it has.

    Args:
        value: The limit, standard deviations.
        of, runs: As of ``find_limit``; ``runs`` >= 1.

    Raises:
        InputError: ``sequential.decision_limit``, ``sequential.runs``, ``sequential.nothing_known``.
    """
    if not math.isfinite(value):
        raise InputError("sequential.decision_limit", "The limit is a finite number of standard deviations.", h=value)
    values = known(of)
    _require_runs(runs, at_least=1)
    exact = _exact_probability(test, values.rows.size, value)
    if exact is not None:
        return _measured(test, values, value, "given", (exact, 0.0), runs, generator)
    rate = _rate(test, values, value, None, runs, generator)
    return _measured(test, values, value, "given", (rate.value, rate.u), runs, generator)


def alarm_rate(test: Test, of: Muf, limit: Limit, *, loss_kg: Array, runs: int, generator: np.random.Generator) -> Rate:
    """How often a test would alarm if this were lost: its power, or without loss its rate of false alarms.

    Args:
        of: Gives the covariance and which periods are known.
        loss_kg: (period,) what is lost in each period, kg, finite. What is lost in an unknown period shows in the
            value that covers it, and nowhere if none does.
        runs: Sequences to draw, >= 1.

    Raises:
        InputError: ``sequential.shape``, ``sequential.not_finite``, ``sequential.runs``,
            ``sequential.limit_too_short``, ``sequential.nothing_known``.
    """
    if loss_kg.shape != of.kg.shape:
        raise InputError("sequential.shape", "Give one loss a period.", shapes=(loss_kg.shape, of.kg.shape))
    if not np.isfinite(loss_kg).all():
        raise InputError("sequential.not_finite", "A loss to be tried is a finite mass; write 0 for none.")
    values = known(of)
    require_long_enough(limit, values)
    _require_runs(runs, at_least=1)
    before = np.concatenate([[0.0], np.cumsum(loss_kg)])
    shift = independent(values, before[values.rows + 1] - before[of.first[values.rows]])
    rate = _rate(test, values, limit.value, shift, runs, generator)
    return rate._replace(by_period=values.spread(rate.by_period, of.kg.size))


def _require_runs(runs: int, *, at_least: int) -> None:
    if runs < at_least:
        raise InputError(
            "sequential.runs", "Draw more sequences, so that an alarm can be expected.", runs=runs, at_least=at_least
        )


def _exact_limit(test: Test, periods: int, probability: float) -> float | None:
    """The limit by a formula, if the test has one."""
    match test:
        case SitmufTest(sides=sides):
            # All of n independent values stay below with probability 1 - p; each with its n-th root.
            each = -math.expm1(math.log1p(-probability) / periods)
            return -float(ndtri(each / 2.0 if sides == "both" else each))
        case PageTest(sides=sides, k=k):
            return decision_limit(periods, k=k, sides=sides, probability=probability)
    return None


def _exact_probability(test: Test, periods: int, value: float) -> float | None:
    """The probability of a false alarm by a formula, if the test has one."""
    match test:
        case SitmufTest(sides="loss"):
            return -math.expm1(periods * float(log_ndtr(value)))
        case SitmufTest():
            outside = min(1.0, 2.0 * math.exp(log_ndtr(-value)))
            return 1.0 if outside == 1.0 else -math.expm1(periods * math.log1p(-outside))
        case PageTest(sides=sides, k=k):
            return float(alarm_probability(periods, k=k, h=value, sides=sides, shift=0.0)[-1])
    return None


def _measured(
    test: Test,
    values: Known,
    value: float,
    how: Literal["exact", "simulated", "given"],
    probability: tuple[float, float],
    runs: int,
    generator: np.random.Generator,
) -> Limit:
    """A limit, with what it achieves in sequences that had no part in finding it."""
    rate = _rate(test, values, value, None, runs, generator)
    return Limit(
        value=value,
        how=how,
        probability=probability[0],
        probability_u=probability[1],
        periods=values.rows.size,
        achieved=rate.value,
        achieved_u=rate.u,
        runs=runs,
    )


def _rate(
    test: Test, values: Known, limit: float, shift: Array | None, runs: int, generator: np.random.Generator
) -> Rate:
    """How often the statistic passes a limit, by each value."""
    alarmed = np.zeros(values.rows.size)
    for highest in _highest(test, values, shift, runs, generator):
        alarmed += (highest > limit).sum(axis=0)
    share = (alarmed[-1] + 0.5) / (runs + 1.0)
    return Rate(
        value=float(alarmed[-1] / runs),
        u=math.sqrt(share * (1.0 - share) / (runs + 2.0)),
        runs=runs,
        by_period=alarmed / runs,
    )


def _highest(
    test: Test, values: Known, shift: Array | None, runs: int, generator: np.random.Generator
) -> Iterator[Array]:
    """(run, value) blocks of the largest statistic so far, of sequences that are drawn."""
    for start in range(0, runs, BLOCK):
        parts = generator.standard_normal((min(BLOCK, runs - start), values.rows.size))
        if shift is not None:
            parts = parts + shift
        yield np.maximum.accumulate(statistic(test, *scores(test, parts, values)), axis=1)
