"""Narrowing: which single new measurement would make a figure surer, or known at all.

Of a figure f that is known, a reading ``q @ x`` with uncertainty u leaves the variance

    var(f) - cov(f, q x)^2 / (var(q x) + u^2)

cov(f, .) takes one solution for all candidates, var(q x) one for each. Since ``var(q x) >= cov(f, q x)^2 / var(f)``,
what a candidate takes away at most is known beforehand, and only those that might be among the best are solved for.
What would repeat a reading has the variance that the book leaves of that reading, which is known too.

Of a figure that nothing determines, along directions d in which nothing holds the unknowns, a reading settles it if
``w d = c q d`` for all of them with one number c. Then ``w - c q`` is determined, and the variance will be
``c^2 u^2 + var((w - c q) x)``, since that reading says nothing else.
Source: Kretsovalis & Mah (1987), Chem. Eng. Sci. 42, 2115-2121, for the worth of one more measurement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from lodeline.metal.reconciliation.weights import NUMBERS_AT_ONCE, covariance_with, spread, undetermined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.candidates import Candidates
    from lodeline.metal.reconciliation.solution import Solution

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

SAME = 1e-6
"""Two directions are one if they differ by less than this part of the longer."""
WORTH = 1e-3
"""A reading that would take less than this part of the variance is not worth naming: u falls by half of it."""
TOGETHER = 32
"""Candidates that are solved for together."""


class Narrowed(NamedTuple):
    """What single measurements would do to a figure, the best first; (found,) each.

    Attributes:
        candidate: Index of the candidate. u: standard uncertainty of the figure after it; NaN where that depends on
            what will be found.
    """

    candidate: Rows
    u: Array


def narrowed(solution: Solution, shared: Array, variance: float, of: Candidates, most: int) -> Narrowed:
    """The candidates that would narrow a figure most, none that would not by :data:`WORTH`.

    Args:
        shared: (variable,) covariance of every unknown with a figure that is known.
        variance: Of the figure.
        of: What could be measured.
        most: How many are wanted.
    """
    if variance <= 0:
        return Narrowed(np.zeros(0, dtype=np.int64), np.zeros(0))
    with_read = of.gradient @ shared  # (candidate,)
    # A repetition is of what one observation says, and how sure the book is of that is known without a solution.
    own = np.where(of.again >= 0, solution.model.u[of.again] ** 2 * (1 - solution.checked_part[of.again]), 0.0)
    bound = with_read**2 / (of.u**2 + np.maximum(own, with_read**2 / variance))
    repeated = np.flatnonzero((of.again >= 0) & (bound > WORTH * variance))
    found = sorted(zip((-bound[repeated]).tolist(), repeated.tolist(), strict=True))[:most]
    order = np.argsort(-bound, kind="stable")
    # A first reading of what nothing determines only makes that known, and says nothing of what is known already.
    idle = undetermined(solution, of.gradient)
    order = order[(bound[order] > WORTH * variance) & (of.again[order] < 0) & ~idle[order]]
    step = max(1, min(TOGETHER, NUMBERS_AT_ONCE // max(solution.x.size, 1)))
    for start in range(0, order.size, step):
        if len(found) >= most and found[most - 1][0] <= -bound[order[start]]:
            break
        block = order[start : start + step]
        q = of.gradient[block]
        spread_of = np.asarray(q.multiply(covariance_with(solution, q).T).sum(axis=1)).ravel()
        least = with_read[block] ** 2 / variance
        gain = with_read[block] ** 2 / (of.u[block] ** 2 + np.maximum(spread_of, least))
        worth = gain > WORTH * variance
        found = sorted([*found, *zip((-gain[worth]).tolist(), block[worth].tolist(), strict=True)])[:most]
    left = np.array([variance + gain for gain, _ in found])
    return Narrowed(np.array([one for _, one in found], dtype=np.int64), np.sqrt(np.maximum(left, 0.0)))


class Touching(NamedTuple):
    """The candidates that read anything that nothing determines.

    Attributes:
        candidate: Index of each. read: (touching, direction) how far its reading moves along each loose direction.
        directions: (variable, direction) these, in the units of the unknowns.
    """

    candidate: Rows
    read: Array
    directions: Array


def touching(solution: Solution, of: Candidates) -> Touching:
    """Which candidates could settle anything."""
    directions = solution.loose_directions * solution.model.scale[:, None]
    # A reading of what is determined has nothing in those directions but rounding.
    some = np.flatnonzero(undetermined(solution, of.gradient))
    return Touching(some, np.asarray(of.gradient[some] @ directions), directions)


def settling(weight: sparse.csr_array, of: Touching) -> tuple[Rows, Array]:
    """Candidates that would settle a figure, and how much of the figure each of them is: c above.

    Args:
        weight: (1, variable) of a figure that nothing determines.
    """
    figure = (weight @ of.directions)[0]
    times = (of.read @ figure) / (of.read**2).sum(axis=1)
    left = np.abs(figure[None, :] - times[:, None] * of.read).max(axis=1, initial=0.0)
    fits = (left <= SAME * np.abs(figure).max(initial=0.0)) & (times != 0)
    return of.candidate[fits], times[fits]


def settled(solution: Solution, weight: sparse.csr_array, of: Candidates, most: int) -> Narrowed:
    """The candidates each of which would make an unknown figure known, and how well.

    Args:
        weight: (1, variable) of a figure that nothing determines.
    """
    which, times = settling(weight, touching(solution, of))
    order = np.argsort(np.abs(times) * of.u[which], kind="stable")  # those of an unknown u last
    which, times = which[order], times[order]
    least = np.abs(times) * of.u[which]
    sure = int(np.isfinite(least).sum())
    found: list[tuple[float, int]] = []
    step = max(1, min(TOGETHER, NUMBERS_AT_ONCE // max(solution.x.size, 1)))
    for start in range(0, sure, step):
        if len(found) >= most and found[most - 1][0] <= least[start]:
            break
        block = slice(start, min(start + step, sure))
        rest = sparse.csr_array(
            sparse.vstack([weight] * which[block].size) - sparse.diags_array(times[block]) @ of.gradient[which[block]]
        )
        u, _ = spread(solution, rest, known=True)
        u = np.hypot(least[block], u)
        found = sorted([*found, *zip(u.tolist(), which[block].tolist(), strict=True)])[:most]
    unsure = which[sure : sure + most - len(found)].tolist()
    return Narrowed(
        np.array([*(one for _, one in found), *unsure], dtype=np.int64),
        np.array([*(u for u, _ in found), *(np.nan for _ in unsure)]),
    )
