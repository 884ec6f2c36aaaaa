"""What is usual: the median of comparable values, and how far they spread beyond what the readings explain.

Half of the values may be wrong, and the median is none of the wrong ones. The spread is Q_n, a low quantile of the
differences of all pairs, which as many wrong values leave bounded and which is nearly as sure as a standard deviation.
Source: Rousseeuw & Croux (1993), J. Am. Stat. Assoc. 88, 1273-1283; factors for few values: Croux & Rousseeuw (1992),
COMPSTAT 1, 411-428.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import ndtri, stdtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

LEAST = 5
"""Values, at least, before the median of them is what is usual: of three or four one wrong one moves it."""
MEDIAN_VARIANCE = np.pi / 2
"""Of a normal sample: variance of the median per that of the mean."""
MANY = 1000
"""Of more values the median deviation is as good as the differences of all pairs, and is found at once."""
LEAST_TAIL = 1e-300
"""Tails are told down to here."""

_FEW = {2: 0.399, 3: 0.994, 4: 0.512, 5: 0.844, 6: 0.611, 7: 0.857, 8: 0.669, 9: 0.872}


class Spread(NamedTuple):
    """A standard deviation, and how many degrees of freedom it is worth."""

    sd: float
    freedom: float


def spread(values: Array) -> Spread:
    """The standard deviation of two or more values, of which half may be wrong."""
    count = values.size
    if count > MANY:
        return Spread(1.4826 * float(np.median(np.abs(values - np.median(values)))), 0.367 * (count - 1))
    first, second = np.triu_indices(count, 1)
    half = count // 2 + 1
    near = half * (half - 1) // 2 - 1
    factor = _FEW.get(count) or count / (count + (1.4 if count % 2 else 3.8))
    found = np.partition(np.abs(values[first] - values[second]), near)[near]
    return Spread(2.2219 * factor * float(found), 0.82 * (count - 1))


class Usual(NamedTuple):
    """Values less what is usual among their peers; arrays are (value,), NaN where there are too few peers.

    Attributes:
        x: What each differs by.
        v: Its variance: of its own reading, of the spread of the peers beyond the readings, and of the median.
        freedom: Degrees of freedom of ``v``.
    """

    x: Array
    v: Array
    freedom: Array


def usual(x: Array, reading_v: Array, peers: Rows) -> Usual:
    """Each value against its peers.

    Args:
        x: (value,)
        reading_v: (value,) variance by the readings; NaN where unknown: that of the peers then stands for it.
        peers: (value,) number of the group from 0 on.
    """
    less, v, freedom = (np.full(x.size, np.nan) for _ in range(3))
    order = np.argsort(peers, kind="stable")
    start = np.searchsorted(peers[order], np.arange(int(peers.max(initial=-1)) + 2)).tolist()
    for first, last in pairwise(start):
        there = order[first:last]
        if there.size < LEAST:
            continue
        values, known = x[there], ~np.isnan(reading_v[there])
        middle = np.median(values)
        typical = float(np.median(reading_v[there][known])) if known.any() else 0.0
        readings = np.where(known, reading_v[there], typical)
        # What was read worse deviates more: each by its own reading, as if it were as sure as is typical.
        worse = np.sqrt(typical / np.maximum(readings, typical)) if typical > 0 else 1.0
        of = spread((values - middle) * worse)
        beyond = max(of.sd**2 - typical, 0.0)
        less[there] = values - middle
        v[there] = readings + beyond + MEDIAN_VARIANCE * (beyond + typical) / there.size
        freedom[there] = of.freedom
    return Usual(less, v, freedom)


def as_normal(z: Array, freedom: Array) -> Array:
    """The normal variable that is as unlikely as a Student's t of so many degrees of freedom."""
    tail = np.maximum(stdtr(np.where(np.isinf(freedom), 1.0, freedom), -np.abs(z)), LEAST_TAIL)
    return np.where(np.isinf(freedom), z, -np.sign(z) * ndtri(tail))


def log_density(z: Array, freedom: Array) -> Array:
    """Logarithm of the density of Student's t, and of the normal where the degrees are infinite, less a constant."""
    sure = np.isinf(freedom)
    few = np.where(sure, 1.0, freedom)
    return np.where(sure, -(z**2) / 2, -(few + 1) / 2 * np.log1p(z**2 / few))
