"""How far a lot's composition is from the history of its deposit: robust centre and spread, each lot left out in turn.

Grades of one element are between normal and lognormal from lot to lot. What is below the usual counts as if they were
normal, ``r - 1``, and what is above as if they were lognormal, ``ln r``; so neither tail gives an alarm by its shape.
The spread is that of the lots that are like most, and knows how elements go together: where a poor lot is poor in
everything, only what parts from that counts. The *ratio* distance leaves out what waste that is mixed in can do to all
elements alike.

Sources: Rousseeuw & van Zomeren (1990), J. Am. Stat. Assoc. 85, 633-639 (robust distances); Hardin & Rocke (2005),
J. Comput. Graph. Stat. 14, 928-946 (their distribution as a scaled F); Hotelling's prediction ellipse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.stats import chi2, f, rankdata

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]

LIKE_MOST = 0.95
"""Lots within this quantile of the distance, by the median of all distances, make the spread."""
ROUNDS = 4
SIMULATED = 4000
"""Distances of sound lots that a calibration draws, at least."""


class Distances(NamedTuple):
    """Squared distances of lots from the others, as ratios that are F of ``(elements, freedom)`` if nothing is wrong.

    Attributes:
        grades: (lot,) by the grades. ratios: (lot,) by what no dilution explains.
        off: (lot, element) how far each grade is off the centre; z: the same in standard deviations of the history.
        factor: (lot, element) grade over what is usual.
        spread: (element, element) covariance of ``off`` in the history. extra: (lot, element) variance of ``off`` that
            a lot has beside it, by its readings.
        like: (lot,) whether a lot is among those that make the spread.
    """

    grades: Array
    ratios: Array
    off: Array
    z: Array
    factor: Array
    spread: Array
    extra: Array
    like: Flags


class Toward(NamedTuple):
    """How far lots go in the direction of others that are unlike their deposit; (lot,) each.

    Attributes:
        part: How much of material like those explains its grades, per kilogram, since grades mix in proportion: 1 is as
            those are, 0 is not at all.
        t: How far it goes in their direction, over its standard deviation in the history.
        freedom: Of its Student's distribution.
    """

    part: Array
    t: Array
    freedom: float


def distances(grades: Array, reading_v: Array) -> Distances:
    """Each lot against the other lots of its deposit.

    Args:
        grades: (lot, element) kg/kg, > 0; at least a dozen lots, and three more for each element.
        reading_v: (lot, element) relative variance by the readings; what was read worse than is typical may deviate
            more.
    """
    usual = np.median(grades, axis=0)
    ratio = grades / usual
    x = np.where(ratio < 1, ratio - 1, np.log(ratio))  # (lot, element); a change of all grades alike moves all alike
    like = _like_most(x)
    n, count, q = x.shape[0], int(like.sum()), x.shape[1]
    centre, spread = _of(x, like)
    extra = np.maximum(reading_v - np.median(reading_v, axis=0), 0.0)
    off = x - centre
    by_grade, by_ratio = np.empty(n), np.empty(n)
    for lot in range(n):
        inverse = np.asarray(np.linalg.inv(spread + np.diag(extra[lot])), dtype=np.float64)
        by_grade[lot], by_ratio[lot] = _squared(off[lot], inverse)
    return Distances(
        _as_f(by_grade, like, count, q),
        _as_f(by_ratio, like, count, q - 1) if q > 1 else np.full(n, np.nan),
        off,
        off / np.sqrt(np.diag(spread)),
        ratio,
        spread,
        extra,
        like,
    )


def toward(of: Distances, named: Flags) -> Toward:
    """How far each lot goes in the direction of some, which are unlike the deposit.

    ``t`` is of ``w off`` with ``w = S^-1 d``, d the mean of what is named: of all weights it has the largest ratio of
    what is named to how the history varies. Fisher (1936), Ann. Eugenics 7, 179-188.

    Args:
        named: (lot,) which lots.
    """
    direction = of.off[named].mean(axis=0)
    weight = np.linalg.solve(of.spread, direction)
    weight /= float(weight @ direction)
    excess = (of.factor - 1) @ weight
    count = int(of.like.sum())
    variance = (float(weight @ of.spread @ weight) + (of.extra * weight**2).sum(axis=1)) * (1 + 1 / count)
    return Toward(excess / float(excess[named].mean()), of.off @ weight / np.sqrt(variance), float(count - weight.size))


def _like_most(x: Array) -> Flags:
    """(lot,) which lots are like most: begun from medians and ranks, then narrowed by their own spread."""
    n, q = x.shape
    centre = np.median(x, axis=0)
    sd = np.maximum(1.4826 * np.median(np.abs(x - centre), axis=0), 1e-12)
    ranks = rankdata(x, axis=0)
    agree = np.atleast_2d(np.corrcoef(ranks, rowvar=False)) if q > 1 else np.ones((1, 1))
    spread = 2 * np.sin(np.pi / 6 * agree) * np.outer(sd, sd)
    spread[np.diag_indices(q)] = sd**2
    like = np.ones(n, dtype=np.bool_)
    for _ in range(ROUNDS):
        weight, axes = np.linalg.eigh(spread)
        inverse = (axes / np.maximum(weight, 1e-6 * weight.max())) @ axes.T
        squared = np.einsum("ij,jk,ik->i", x - centre, inverse, x - centre)
        limit = chi2.ppf(LIKE_MOST, q) * np.median(squared) / chi2.ppf(0.5, q)
        narrowed = squared <= limit
        if int(narrowed.sum()) <= q + 2:
            return like
        like = narrowed
        centre, spread = _of(x, like)
    return like


def _of(x: Array, like: Flags) -> tuple[Array, Array]:
    """Mean and covariance of the lots that are like most, for what was cut off from the ends."""
    q = x.shape[1]
    cut = chi2.cdf(chi2.ppf(LIKE_MOST, q), q + 2) / LIKE_MOST
    return x[like].mean(axis=0), np.atleast_2d(np.cov(x[like], rowvar=False)) / cut


def _squared(off: Array, inverse: Array) -> tuple[float, float]:
    """Squared distance, and the same less the best change of all grades alike."""
    total = float(off @ inverse @ off)
    alike = inverse.sum(axis=1)
    return total, total - float(alike @ off) ** 2 / float(alike.sum())


def _as_f(squared: Array, like: Flags, count: int, q: int) -> Array:
    """As Hotelling's ratio: of a lot that made the spread without it, of another as a further lot."""
    left_out = np.maximum(1 - count * squared / (count - 1) ** 2, 1e-12)
    without = squared * (count / (count - 1)) ** 2 * (count - 2) / (count - 1) / left_out
    inside = without * (count - 1) * (count - 1 - q) / (q * count * (count - 2))
    outside = squared * count * (count - q) / (q * (count + 1) * (count - 1))
    return np.asarray(np.where(like, inside, outside))


class Calibration(NamedTuple):
    """How the ratios of sound lots are distributed: ``scale`` times F of ``(elements, freedom)``."""

    scale: float
    freedom: float

    def tail(self, ratio: Array, elements: int) -> Array:
        """How likely a sound lot is at least so far off."""
        return np.asarray(f.sf(ratio / self.scale, elements, self.freedom))


def calibrations(lots: int, elements: int, rng: np.random.Generator) -> tuple[Calibration, Calibration]:
    """Of grades and of ratios, by simulation of sound deposits with as many lots and elements.

    The cutting of tails and the few lots make distances larger than Hotelling's; two quantiles of what is
    drawn give the scaled F. In its far tail that is an extrapolation.
    """
    drawn: tuple[list[Array], list[Array]] = ([], [])
    for _ in range(max(-(-SIMULATED // lots), 1)):
        grades = np.exp(0.2 * rng.standard_normal((lots, elements)))
        found = distances(grades, np.zeros((lots, elements)))
        for held, values in zip(drawn, (found.grades, found.ratios), strict=True):
            held.append(values)
    return (
        _fitted(np.concatenate(drawn[0]), elements, lots),
        _fitted(np.concatenate(drawn[1]), max(elements - 1, 1), lots),
    )


def _fitted(ratios: Array, elements: int, lots: int) -> Calibration:
    """The scaled F whose median and 99 % quantile are those of what was drawn."""
    if np.isnan(ratios).any():
        return Calibration(1.0, float(max(lots - elements, 1)))
    middle, far = np.quantile(ratios, (0.5, 0.99))
    best = Calibration(1.0, 1.0)
    least = np.inf
    for freedom in np.geomspace(2, lots, 120).tolist():
        expected = f.ppf([0.5, 0.99], elements, freedom)
        wrong = abs(np.log(far / middle) - np.log(expected[1] / expected[0]))
        if wrong < least:
            least, best = wrong, Calibration(float(middle / expected[0]), freedom)
    return best
