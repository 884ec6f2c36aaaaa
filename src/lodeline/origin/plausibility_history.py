"""How far a lot's composition is from the history of its deposit: robust centre and spread, each lot left out in turn.

Grades of one element are between normal and lognormal from lot to lot. What is below the usual counts as if they were
normal, ``r - 1``, and what is above as if they were lognormal, ``ln r``; so neither tail gives an alarm by its shape.
The spread is that of the lots that are like most, and knows how elements go together: where a poor lot is poor in
everything, only what parts from that counts. The *ratio* distance leaves out what waste that is mixed in can do to all
elements alike.

Sources: Rousseeuw & Van Driessen (1999), Technometrics 41, 212-223 (covariance of the nearest lots); Hardin & Rocke
(2005), J. Comput. Graph. Stat. 14, 928-946 (their distribution as a scaled F); Hotelling's prediction ellipse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.stats import chi2, f, rankdata

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]

CORE = 0.8
"""Part of the lots from which the spread is first made: more than a fifth of a history must not be foreign."""
LIKE_MOST = 0.975
"""Lots within this quantile of the distance make the spread."""
ROUNDS = 20
FAR = 1e-4
"""Tail by which two calibrations are compared."""
SIMULATED = 20_000
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
    centre, spread = _of(x, like, LIKE_MOST)
    extra = np.maximum(reading_v - np.median(reading_v, axis=0), 0.0)
    off = x - centre
    by_grade, by_ratio = _squared(off, _inverse(spread))
    for lot in np.flatnonzero((extra > 0).any(axis=1)).tolist():
        own = _inverse(spread + np.diag(extra[lot]))
        (by_grade[lot],), (by_ratio[lot],) = _squared(off[[lot]], own)
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
    """(lot,) which lots are like most.

    Begun from medians and ranks; then the four fifths that are nearest make the spread and are chosen again by it,
    until they stay; then all that are within the quantile of that spread. Fewer would be safer against many foreign
    lots, and would take a few that happen to be alike for all.
    """
    n, q = x.shape
    core = -(-round(CORE * 100) * n // 100)
    squared = _begun(x)
    like = np.zeros(n, dtype=np.bool_)
    for _ in range(ROUNDS):
        near = np.zeros(n, dtype=np.bool_)
        near[np.argsort(squared, kind="stable")[:core]] = True
        if (near == like).all():
            break
        like = near
        centre, spread = _of(x, like, CORE)
        squared, _ = _squared(x - centre, _inverse(spread))
    wide = np.median(squared) / chi2.ppf(0.5, q)
    return np.asarray(squared <= chi2.ppf(LIKE_MOST, q) * max(wide, 1.0))


def _begun(x: Array) -> Array:
    """(lot,) squared distances by medians, their deviations and the correlation of ranks."""
    q = x.shape[1]
    centre = np.median(x, axis=0)
    sd = np.maximum(1.4826 * np.median(np.abs(x - centre), axis=0), 1e-12)
    ranks = rankdata(x, axis=0)
    agree = np.atleast_2d(np.corrcoef(ranks, rowvar=False)) if q > 1 else np.ones((1, 1))
    spread = 2 * np.sin(np.pi / 6 * agree) * np.outer(sd, sd)
    spread[np.diag_indices(q)] = sd**2
    weight, axes = np.linalg.eigh(spread)
    inverse = (axes / np.maximum(weight, 1e-6 * weight.max())) @ axes.T
    return np.asarray(np.einsum("ij,jk,ik->i", x - centre, inverse, x - centre))


def _of(x: Array, like: Flags, part: float) -> tuple[Array, Array]:
    """Mean and covariance of the lots that are like most, a part of all, for what was cut off from the ends."""
    q = x.shape[1]
    cut = chi2.cdf(chi2.ppf(part, q), q + 2) / part
    return x[like].mean(axis=0), np.atleast_2d(np.cov(x[like], rowvar=False)) / cut


def _inverse(spread: Array) -> Array:
    return np.asarray(np.linalg.inv(spread), dtype=np.float64)


def _squared(off: Array, inverse: Array) -> tuple[Array, Array]:
    """(lot,) squared distances, and the same less the best change of all grades alike."""
    total = np.einsum("ij,jk,ik->i", off, inverse, off)
    alike = inverse.sum(axis=1)
    return total, total - (off @ alike) ** 2 / float(alike.sum())


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

    The cutting of tails and the few lots make distances larger than Hotelling's; two quantiles of what is drawn give
    the scaled F. In its far tail that is an extrapolation. Normal and lognormal deposits are drawn apart, with grades
    that vary by 10 to 25 % from lot to lot, and the one with the longer tail counts.
    """
    sizes = (elements, max(elements - 1, 1))
    shapes = [_drawn(lots, elements, rng, lognormal=lognormal) for lognormal in (False, True)]
    grades, ratios = (
        max(
            (_fitted(shape[k], size, lots) for shape in shapes),
            key=lambda one: one.scale * f.isf(FAR, size, one.freedom),
        )
        for k, size in enumerate(sizes)
    )
    return grades, ratios


def _drawn(lots: int, elements: int, rng: np.random.Generator, *, lognormal: bool) -> tuple[Array, Array]:
    """Ratios of sound lots by grades and by ratios."""
    grades, ratios = [], []
    for _ in range(-(-SIMULATED // (2 * lots))):
        z = rng.uniform(0.1, 0.25, elements) * rng.standard_normal((lots, elements))
        found = distances(np.exp(z) if lognormal else np.maximum(1 + z, 0.1), np.zeros((lots, elements)))
        grades.append(found.grades)
        ratios.append(found.ratios)
    return np.concatenate(grades), np.concatenate(ratios)


def _fitted(ratios: Array, elements: int, lots: int) -> Calibration:
    """The scaled F whose median and 99.8 % quantile are those of what was drawn."""
    if np.isnan(ratios).any():
        return Calibration(1.0, float(max(lots - elements, 1)))
    middle, far = np.quantile(ratios, (0.5, 0.998))
    best = Calibration(1.0, 1.0)
    least = np.inf
    for freedom in np.geomspace(2, lots, 120).tolist():
        expected = f.ppf([0.5, 0.998], elements, freedom)
        wrong = abs(np.log(far / middle) - np.log(expected[1] / expected[0]))
        if wrong < least:
            least, best = wrong, Calibration(float(middle / expected[0]), freedom)
    return best
