"""Suspects that the data cannot tell apart.

Two hypotheses are alike if their projected directions are parallel: no data whatever could tell them apart, as with
the streams of a single splitter. Beyond that, several may explain the data almost as well as the best, and then the
group is all that the true one may be. Let j be the true one, t its statistic. Given t the others are
``T_k = r_jk t + e_k`` with errors of known covariance, whatever the size of the fault, so that the distribution of the
distance

    max_k T_k**2 - t**2        (twice the logarithm of the likelihood ratio of the best to j)

is known exactly, and j is in the group if the observed distance is within its quantile. For a single rival the quantile
is at most that of chi2 with one degree of freedom whatever the correlation; the group takes all within that as well.
Source: t is sufficient for the size of the fault, so this is a similar test in the sense of Lehmann & Romano (2005),
Testing Statistical Hypotheses, chapter 4; the set of those that are not rejected is a confidence set.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.stats import chi2, norm

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from lodeline.metal.detection.gross_errors.calibration import Null

    Array = NDArray[np.float64]
    Indices = NDArray[np.int64]

ALIKE = 1e-8
"""Directions are parallel if the cosine between them is within this of 1 or -1."""
RELATED = 0.3
"""What has a smaller cosine with the best is in no group: it would have to alarm elsewhere, by chance."""
UNRELATED = 0.01
"""A hypothesis with a smaller cosine counts as drawn, whatever another one's statistic is."""
STEP = 0.25
"""Between the statistics at which a table of distances is made; between two, the larger distance counts."""


def alike(cosines: Array) -> Indices:
    """(hypothesis,) the first of those that each is alike, from cosines (hypothesis, hypothesis)."""
    parallel = sparse.coo_array(np.abs(cosines) > 1 - ALIKE)
    _, label = sparse.csgraph.connected_components(parallel, directed=False)
    _, first = np.unique(label, return_index=True)
    return np.asarray(first[label])


def named(statistic: Array, share: Array) -> Indices:
    """(run,) the hypothesis with the largest absolute T; of those that are alike, the one with the largest share.

    The data cannot choose between those. The one whose direction shows most needs the smallest fault, in its own
    standard uncertainties, to explain the same data.

    Args:
        statistic: (run, hypothesis) T.
        share: (hypothesis,) part of each direction that the residuals keep.
    """
    size = np.abs(statistic)
    tied = size >= size.max(axis=1, keepdims=True) * (1 - ALIKE)
    # Rounded, so that among equals the first is named whatever the rounding.
    return np.asarray(np.where(tied, np.round(share, 6), -1.0).argmax(axis=1))


def distance(null: Null, cosines: Array, own: int, statistic: float, level: float, limit: float | None = None) -> float:
    """How far the best may be ahead of one hypothesis, in squares of T, if that one is true and alone.

    Args:
        null: What is drawn where nothing is wrong.
        cosines: (hypothesis,) of its direction with all.
        own: Its index.
        statistic: Its own T.
        level: Share of cases in which the distance is smaller, below 1.
        limit: Of the alarm. If it is given, only draws that alarm count, and the level is kept for faults of any size
            that alarm at all, though by chance; without it, for those whose alarm is no chance.

    Returns:
        The distance; infinite where there are too few draws to say.
    """
    related = np.abs(cosines) > UNRELATED
    fresh = null.statistic[:, related] + np.outer(statistic - null.statistic[:, own], cosines[related])
    best = np.maximum(np.abs(fresh).max(axis=1, initial=0.0), null.largest_without(related)) ** 2
    if limit is not None:
        best = best[best > limit**2]
    rank = ceil(level * (best.size + 1))
    if rank > best.size:
        return float("inf")
    return float(np.partition(best, rank - 1)[rank - 1] - statistic**2)


def group(
    statistic: Array,
    null: Null,
    cosines: Callable[[Indices], Array],
    *,
    level: float,
    limit: float | None = None,
) -> Indices:
    """What the true fault may be, if there is one: indices in order of the square of T. What nobody checks is in none.

    Args:
        statistic: (hypothesis,) T.
        null: Of the same hypotheses.
        cosines: Gives (hypothesis, k) cosines of all with some.
        level: Share of alarms in which the true one is in the group.
        limit: As in :func:`distance`.
    """
    square = statistic**2
    behind = square.max(initial=0.0) - square
    possible = (null.statistic != 0).any(axis=0)
    if limit is None:
        best = np.array([int(square.argmax())])
        possible &= (np.abs(cosines(best)[:, 0]) >= RELATED) & (behind <= _beyond(level, statistic.size))
    candidates = np.flatnonzero(possible)
    columns = cosines(candidates)
    allowed = [
        distance(null, columns[:, place], int(one), float(statistic[one]), level, limit)
        for place, one in enumerate(candidates)
    ]
    kept = candidates[behind[candidates] <= np.maximum(allowed, chi2.isf(1 - level, 1)) + ALIKE]
    # Rounded, so that what is alike stands in the order in which it was given.
    return np.asarray(kept[np.argsort(-np.round(np.abs(statistic[kept]), 6), kind="stable")])


class Distances:
    """The allowed distance of every hypothesis for every statistic, made once for many sets of data of one network.

    Args:
        null, level, limit: As in :func:`distance`.
        cosines: (hypothesis, hypothesis).
        largest: Statistics up to which it is made; beyond, the last counts.
    """

    def __init__(self, null: Null, cosines: Array, *, level: float, largest: float, limit: float | None = None) -> None:
        grid = np.arange(0.0, largest + STEP, STEP)
        found = np.array(
            [[distance(null, cosines[own], own, t, level, limit) for t in grid] for own in range(len(cosines))]
        )
        # (hypothesis, cell) the larger of the two ends of a cell
        self._cells = np.maximum(np.maximum(found, np.roll(found, -1, axis=1)), chi2.isf(1 - level, 1))
        self._cells[:, -1] = np.maximum(found[:, -1], chi2.isf(1 - level, 1))

    def groups(self, statistic: Array) -> NDArray[np.bool_]:
        """(run, hypothesis) which are in the group of each run, from T of the same shape."""
        cell = np.minimum(np.abs(statistic) / STEP, self._cells.shape[1] - 1).astype(np.int64)
        square = statistic**2
        behind = square.max(axis=1, keepdims=True) - square
        return np.asarray(behind <= self._cells[np.arange(statistic.shape[1]), cell] + ALIKE)


def _beyond(level: float, rivals: int) -> float:
    """A distance that no rule without a limit can allow: Bonferroni over the rivals."""
    return float(norm.isf((1 - level) / (2 * max(rivals, 1))) ** 2)
