"""How soon Page's test alarms: its run length, exact, by an integral equation; and the limit for a wanted one."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, roots_legendre

from lodeline.errors import InputError
from lodeline.metal.detection.sequential.cusum import Sides, require_reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

NODES_PER_SIGMA = 8
LEAST_NODES = 32
"""Gauss-Legendre points of the integral over [0, h]. The kernel is a normal density of width 1, so that twice as many
points change no digit that anybody reads (a test holds this)."""

LARGEST_H = 128.0
"""Limit of the decision limit, standard deviations: 1,024 points. One that is larger is met by no watch of years."""


def alarm_probability(periods: int, *, k: float, h: float, sides: Sides, shift: float) -> Array:
    """(period,) probability that Page's test has alarmed by each period.

    One side: the chance to pass h in ``n`` steps from a sum ``s`` follows from that in ``n - 1`` by the integral over
    the next value. Both sides: when one sum passes h first, the other stands at zero, so a sum passes h either as the
    first of the two, or anew from zero after the other did; that renewal equation is solved for the first.

    Proof that the other stands at zero: let the loss sum pass h at t, begun at s, and the gain sum be above zero, begun
    at r. If r < s, the gain sum passed h at s - 1; if s < r, the loss sum did at r - 1; if r = s, the values since sum
    to more than h and to less than 0.

    Args:
        periods: Number of periods, >= 1.
        k, h: Reference value and decision limit, standard deviations; k >= 0, 0 <= h <= 128.
        shift: Mean of the standardised values; 0 without loss.

    Raises:
        InputError: ``sequential.reference``, ``sequential.decision_limit``, ``sequential.periods``.

    Source: D. Brook, D. A. Evans (1972), An approach to the probability distribution of cusum run length, Biometrika
    59(3), 539-549; for the two sides K. W. Kemp (1961), The average run length of the cumulative sum chart when a
    V-mask is used, J. R. Statist. Soc. B 23(1), 149-153.
    """
    if periods < 1:
        raise InputError("sequential.periods", "Give one period at least.", periods=periods)
    loss = _first_passage(periods, _chain(k, h, shift))
    if sides == "loss":
        return np.cumsum(loss)
    gain = _first_passage(periods, _chain(k, h, -shift))
    by_loss, by_gain = np.zeros(periods), np.zeros(periods)
    for n in range(periods):
        # After a first alarm of the other side at t < n, to pass at n takes n - t steps from zero: index n - t - 1.
        by_loss[n] = loss[n] - by_gain[:n] @ loss[:n][::-1]
        by_gain[n] = gain[n] - by_loss[:n] @ gain[:n][::-1]
    return np.cumsum(by_loss + by_gain)


def average_run_length(*, k: float, h: float, sides: Sides, shift: float) -> float:
    """Mean number of periods until Page's test alarms, its sums starting at zero; arguments as above.

    ``L(s) = 1 + L(0) Φ(k - s - shift) + ∫₀ʰ L(y) φ(y + k - s - shift) dy``; of both sides ``1/L = 1/L₊ + 1/L₋``.

    Raises:
        InputError: ``sequential.reference``, ``sequential.decision_limit``.

    Source: A. L. Goel, S. M. Wu (1971), Determination of A.R.L. and a contour nomogram for cusum charts to control
    normal mean, Technometrics 13(2), 221-230; Kemp (1961).
    """
    loss = _mean_passage(_chain(k, h, shift))
    if sides == "loss":
        return loss
    return 1.0 / (1.0 / loss + 1.0 / _mean_passage(_chain(k, h, -shift)))


def decision_limit(periods: int, *, k: float, sides: Sides, probability: float) -> float:
    """The h with which Page's test alarms by chance, within these periods, with this probability.

    Raises:
        InputError: ``sequential.probability``, ``sequential.no_limit``, ``sequential.reference``,
            ``sequential.periods``.
    """
    require_probability(probability)
    return _solve(lambda h: float(alarm_probability(periods, k=k, h=h, sides=sides, shift=0.0)[-1]) - probability, k=k)


def decision_limit_by_run_length(mean_periods: float, *, k: float, sides: Sides) -> float:
    """The h with which Page's test alarms by chance once in so many periods on average, for a watch without end.

    Raises:
        InputError: ``sequential.no_limit``, ``sequential.reference``.
    """
    return _solve(lambda h: mean_periods / average_run_length(k=k, h=h, sides=sides, shift=0.0) - 1.0, k=k)


def require_probability(probability: float) -> None:
    """Refuse what is no false-alarm probability (``sequential.probability``)."""
    if not 0 < probability < 1:
        raise InputError(
            "sequential.probability", "A false-alarm probability lies between 0 and 1.", probability=probability
        )


def _solve(excess: Callable[[float], float], *, k: float) -> float:
    """The root of what falls as h grows."""
    if not excess(0.0) >= 0:
        raise InputError(
            "sequential.no_limit",
            "With this reference value Page's test alarms by chance less often than that, whatever its limit; "
            "take a smaller k, or ask for fewer false alarms.",
            k=k,
        )
    high = 1.0
    while excess(high) > 0:
        high *= 2.0
        if high > LARGEST_H:
            raise InputError(
                "sequential.no_limit",
                f"No decision limit up to {LARGEST_H:g} alarms so rarely; take a larger k, or allow more false alarms.",
                k=k,
            )
    return float(brentq(excess, 0.0, high, xtol=1e-12))


class _Chain(NamedTuple):
    """Where one sum may go in one step. State 0 is zero, the others are points of the integral in (0, h).

    Attributes:
        step: (state, state) chance to pass from one to the other.
        alarm: (state,) chance to pass h.
    """

    step: Array
    alarm: Array


def _chain(k: float, h: float, shift: float) -> _Chain:
    require_reference(k)
    if not 0 <= h <= LARGEST_H:
        raise InputError("sequential.decision_limit", f"The decision limit h lies between 0 and {LARGEST_H:g}.", h=h)
    # A power of two, so that a search for h finds most of its points ready.
    points, weights = _points(1 << math.ceil(math.log2(max(LEAST_NODES, NODES_PER_SIGMA * h))))
    state = np.concatenate([[0.0], (points + 1.0) * h / 2.0])
    value = state[None, 1:] - state[:, None] + k - shift  # (state, point) what leads from one to the other
    density = np.exp(-(value**2) / 2.0) / math.sqrt(2.0 * math.pi) * (weights * h / 2.0)
    # Φ(-x) and not 1 - Φ(x): a rare alarm keeps its digits.
    return _Chain(step=np.column_stack([ndtr(k - shift - state), density]), alarm=ndtr(state + shift - k - h))


@cache
def _points(count: int) -> tuple[Array, Array]:
    """Points and weights of Gauss-Legendre integration over [-1, 1]."""
    points, weights = roots_legendre(count)
    return points, weights


def _first_passage(periods: int, chain: _Chain) -> Array:
    """(period,) probability that one sum, starting at zero, first passes h in each period."""
    passage = np.empty(periods)
    alarm = chain.alarm
    for n in range(periods):
        passage[n] = alarm[0]
        alarm = chain.step @ alarm
    return passage


def _mean_passage(chain: _Chain) -> float:
    """Mean steps from zero until h is passed: steps between two visits to zero, over the chance to pass h in between.

    To solve for all states at once would lose a digit for every ten times that the run length grows.
    """
    among = np.eye(len(chain.alarm) - 1) - chain.step[1:, 1:]
    steps, passed = np.linalg.solve(among, np.column_stack([np.ones(len(among)), chain.alarm[1:]])).T
    return float((1.0 + chain.step[0, 1:] @ steps) / (chain.alarm[0] + chain.step[0, 1:] @ passed))
