"""Windows: every stretch of an instrument's readings in order of time, tried exactly, as a step and as a drift.

Let s be scores of readings, Q their covariance where nothing is wrong, both times what a fault of one does to each
reading. For readings ``a <= i < b`` a step has ``T = sum s / sqrt(sum Q)`` and a drift, which rises evenly from 0 at
the first reading, has weights ``r_i = t_i - t_a``. Sums over windows of a vector and of a matrix are differences of
running sums,

    sum r_i r_j Q_ij = sum t_i t_j Q_ij - t_a sum (t_i + t_j) Q_ij + t_a^2 sum Q_ij

so that all windows of n readings, drifts too, cost n squared. Source: Naus (1965), J. Am. Stat. Assoc. 60, 532-538, for
the scan statistic; the running sums of two directions are those of Crow (1984), SIGGRAPH '84, 207-212.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

FEWEST = 3
"""Readings, or bundles of them, in a window, at least: of fewer, each is judged by itself."""
SEEN = 1e-4
"""A window counts where the residuals keep more than this part of its direction; factors are good to less."""
STEP, DRIFT = 0, 1
SHAPES = ("step", "drift")


class Window(NamedTuple):
    """The window that is furthest off.

    Attributes:
        statistic: T, signed; standard normal where nothing is wrong and only this one is looked at.
        first, last: Of its readings, the last behind the end.
        shape: :data:`STEP` or :data:`DRIFT`.
    """

    statistic: float
    first: int
    last: int
    shape: int


def rise(at: Array) -> Array:
    """(reading,) of a drift over these readings: 0 at the first, 1 at the last."""
    length = at[-1] - at[0]
    return (at - at[0]) / length if length > 0 else np.zeros(at.size)


class Scores(NamedTuple):
    """The readings of an instrument in order of time, or bundles of some that follow each other.

    Attributes:
        score: (bundle,) sum of whitened residuals, each times what a fault of one adds to it.
        covariance: (bundle, bundle) of the scores, before ``taken @ taken.T`` was taken from it.
        taken: (bundle, k).
        square: (bundle,) sum of the squares of what a fault of one adds.
        at: (bundle,) when, in any unit, ascending.
    """

    score: Array
    covariance: Array
    taken: Array
    square: Array
    at: Array


def best_window(of: Scores) -> Window | None:
    """The window with the largest absolute T; None where no window shows."""
    if of.score.size < FEWEST:
        return None
    sums = _sums(of.covariance, of.taken, of.square, of.at)
    statistic, first, last, shape = _best(of.score[:, None], *sums, of.at)
    return Window(float(statistic[0]), int(first[0]), int(last[0]), int(shape[0])) if shape[0] >= 0 else None


def largest(scores: Array, of: Scores) -> Array:
    """(draw,) the largest absolute T of any window in each of many sets of scores, (bundle, draw)."""
    if scores.shape[0] < FEWEST:
        return np.zeros(scores.shape[1])
    return np.asarray(np.abs(_best(scores, *_sums(of.covariance, of.taken, of.square, of.at), of.at)[0]))


class Size(NamedTuple):
    """How large a fault is whose window is not known.

    Attributes:
        size, size_u: Of a fault of one in the scores, at the end of a drift.
    """

    size: float
    size_u: float


def averaged(of: Scores, shape: int) -> Size:
    """How large the fault is of which an instrument has one, whenever it began and ended.

    Each window has a size and an uncertainty of its own, and is as likely as ``exp(T^2 / 2)`` times that uncertainty,
    all windows and sizes being alike before. That the ends are not known adds how far the sizes of likely windows
    differ.

    Args:
        of: At least one window shows.
        shape: :data:`STEP` or :data:`DRIFT`.

    Source: Hoeting, Madigan, Raftery & Volinsky (1999), Stat. Sci. 14, 382-417, (1) to (3).
    """
    sums = _sums(of.covariance, of.taken, of.square, of.at)
    size, weight = _every(of.score, *sums, of.at, shape)
    log_likely = size**2 * weight / 2 - np.log(weight) / 2
    likely = np.exp(log_likely - log_likely.max())
    likely /= likely.sum()
    mean = float(likely @ size)
    return Size(mean, float(np.sqrt(likely @ (1 / weight + (size - mean) ** 2))))


@njit(cache=True)
def _sums(covariance: Array, taken: Array, square: Array, at: Array) -> tuple[Array, Array, Array, Array]:
    """(bundle + 1, bundle + 1) running sums of Q, (t_i + t_j) Q and t_i t_j Q; (bundle + 1,) of ``square``."""
    count, directions = taken.shape
    plain = np.zeros((count + 1, count + 1))
    crossed = np.zeros((count + 1, count + 1))
    squared = np.zeros((count + 1, count + 1))
    whole = np.zeros(count + 1)
    for i in range(count):
        whole[i + 1] = whole[i] + square[i]
        along, cross, both = 0.0, 0.0, 0.0
        for j in range(count):
            q = covariance[i, j]
            for k in range(directions):
                q -= taken[i, k] * taken[j, k]
            along += q
            cross += (at[i] + at[j]) * q
            both += at[i] * at[j] * q
            plain[i + 1, j + 1] = plain[i, j + 1] + along
            crossed[i + 1, j + 1] = crossed[i, j + 1] + cross
            squared[i + 1, j + 1] = squared[i, j + 1] + both
    return plain, crossed, squared, whole


@njit(cache=True)
def _best(
    score: Array, plain: Array, crossed: Array, squared: Array, whole: Array, at: Array
) -> tuple[Array, Rows, Rows, Rows]:
    """(draw,) the best T with its window and shape; shape -1 where none shows. score (reading, draw)."""
    count, draws = score.shape
    along = np.zeros((count + 1, draws))
    risen = np.zeros((count + 1, draws))
    for i in range(count):
        for draw in range(draws):
            along[i + 1, draw] = along[i, draw] + score[i, draw]
            risen[i + 1, draw] = risen[i, draw] + at[i] * score[i, draw]
    top = np.zeros(draws)
    statistic = np.zeros(draws)
    first = np.zeros(draws, dtype=np.int64)
    last = np.zeros(draws, dtype=np.int64)
    shape = np.full(draws, -1, dtype=np.int64)
    for a in range(count - FEWEST + 1):
        begins = at[a]
        for b in range(a + FEWEST, count + 1):
            full = whole[b] - whole[a]
            step = plain[b, b] - plain[a, b] - plain[b, a] + plain[a, a]
            if step > SEEN * full:
                scale = 1.0 / np.sqrt(step)
                for draw in range(draws):
                    t = (along[b, draw] - along[a, draw]) * scale
                    if abs(t) > top[draw]:
                        top[draw] = abs(t)
                        statistic[draw] = t
                        first[draw], last[draw], shape[draw] = a, b, STEP
            length = at[b - 1] - begins
            if length <= 0:
                continue
            cross = crossed[b, b] - crossed[a, b] - crossed[b, a] + crossed[a, a]
            square = squared[b, b] - squared[a, b] - squared[b, a] + squared[a, a]
            drift = (square - begins * cross + begins * begins * step) / (length * length)
            if drift > SEEN * full:
                scale = 1.0 / (np.sqrt(drift) * length)
                for draw in range(draws):
                    up = along[b, draw] - along[a, draw]
                    t = (risen[b, draw] - risen[a, draw] - begins * up) * scale
                    if abs(t) > top[draw]:
                        top[draw] = abs(t)
                        statistic[draw] = t
                        first[draw], last[draw], shape[draw] = a, b, DRIFT
    return statistic, first, last, shape


@njit(cache=True)
def _every(
    score: Array, plain: Array, crossed: Array, squared: Array, whole: Array, at: Array, shape: int
) -> tuple[Array, Array]:
    """(window,) the size and its weight of each window of one shape that shows. score (reading,)."""
    count = score.size
    along = np.zeros(count + 1)
    risen = np.zeros(count + 1)
    for i in range(count):
        along[i + 1] = along[i] + score[i]
        risen[i + 1] = risen[i] + at[i] * score[i]
    size = np.zeros(count * count // 2)
    weight = np.zeros(count * count // 2)
    found = 0
    for a in range(count - FEWEST + 1):
        begins = at[a]
        for b in range(a + FEWEST, count + 1):
            full = whole[b] - whole[a]
            up = along[b] - along[a]
            known = plain[b, b] - plain[a, b] - plain[b, a] + plain[a, a]
            if shape == DRIFT:
                length = at[b - 1] - begins
                if length <= 0:
                    continue
                cross = crossed[b, b] - crossed[a, b] - crossed[b, a] + crossed[a, a]
                square = squared[b, b] - squared[a, b] - squared[b, a] + squared[a, a]
                known = (square - begins * cross + begins * begins * known) / (length * length)
                up = (risen[b] - risen[a] - begins * up) / length
            if known > SEEN * full:
                size[found], weight[found] = up / known, known
                found += 1
    return size[:found], weight[:found]
