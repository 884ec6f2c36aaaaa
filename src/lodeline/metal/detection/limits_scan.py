"""Scans: every stretch of time of one instrument, and how far off it is in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits_series import Series

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

FEWEST = 3
"""Readings in a stretch, at least: of fewer each is judged by itself."""


class Stretch(NamedTuple):
    """A stretch of time.

    Attributes:
        first, last: From which reading of the scan to behind which.
        drifts: Whether the offset rises over it.
        z: In standard uncertainties with the priors of all biases, signed.
        explains: In standard uncertainties by the readings alone.
    """

    first: int
    last: int
    drifts: bool
    z: float
    explains: float


class _Terms(NamedTuple):
    """What each reading adds to sums over a stretch.

    Attributes:
        score: (reading,) to ``b C^-1 x``. information: (reading,) to ``b C^-1 b``, with what one reading has in several
        contrasts. What two readings of the
            instrument share is left out: a stretch may hold one without the other.
        biased: (reading, instrument) to ``b C^-1 c``, c the bias of each instrument that is in the same contrasts.
        bias_u: (instrument,) the standard uncertainty of that bias.
    """

    score: Array
    information: Array
    biased: Array
    bias_u: Array


class _Fits(NamedTuple):
    """Stretches as arrays; as the attributes of one."""

    z: Array
    explains: Array


def rise(at: Rows, begins: int, ends: int) -> Array:
    """How far a drift has come: from 0 at its begin to 1 at its end."""
    return np.asarray((at - begins) / max(ends - begins, 1), dtype=np.float64)


class Scan:
    """One instrument of a series.

    Attributes:
        number: Which.
        readings: Of the series, in order of time; one that is in several contrasts stands once for each.
        edge: Where in ``readings`` each reading begins, and the end.
        tried: How many stretches are tried: each for a step and for a drift.
    """

    def __init__(self, series: Series, number: int) -> None:
        self.number = number
        ours = np.flatnonzero(series.instrument == number)
        self.readings = ours[np.lexsort((series.reading[ours], series.at[ours]))]
        reading, at = series.reading[self.readings], series.at[self.readings]
        self.rows, self.by = series.row[self.readings], series.by[self.readings]
        self.prior_u = series.prior_u
        self.at = (at - at[0]) / max(int(at[-1] - at[0]), 1) if at.size else at.astype(np.float64)
        self.edge = np.append(np.flatnonzero(np.append(True, reading[1:] != reading[:-1])), reading.size)
        if not reading.size:
            self.edge = np.zeros(1, dtype=np.int64)
        start, end = _stretches(self.edge.size - 1)
        self.start, self.end = self.edge[start], self.edge[end]
        self.tried = 2 * start.size

    def best(self, weighted: Array, weights: csr_array, shares: csr_array, least_z: float) -> Stretch | None:
        """The stretch that explains most of those beyond ``least_z``; where there is none, the one furthest off.

        Args:
            weighted: (row,) ``C^-1 x``.
            weights: (row, row) ``C^-1``.
            shares: (row, instrument) ``C^-1 b`` of all readings of each instrument.
        """
        if not self.start.size:
            return None
        terms = self.terms(weighted, weights, shares)
        found: list[Stretch] = []
        for drifts in (False, True):
            fits = self._fits(terms, self.start, self.end, drifts=drifts)
            beyond = np.abs(fits.z) >= least_z
            place = int(np.argmax(np.where(beyond, fits.explains, 0.0) if beyond.any() else np.abs(fits.z)))
            found.append(self._sharpened(terms, fits, place, drifts=drifts))
        return max(found, key=lambda one: (min(abs(one.z), least_z), one.explains))

    def exactly(self, of: Stretch, weighted: Array, weights: csr_array) -> tuple[float, float]:
        """The offset in a stretch and its standard uncertainty by the readings, with all that they share."""
        here = slice(of.first, of.last)
        at = self.at[here]
        shape = self.by[here] * ((at - at[0]) / (at[-1] - at[0]) if of.drifts else 1.0)
        by_row = np.bincount(self.rows[here], weights=shape, minlength=weighted.size)
        information = float(by_row @ (weights @ by_row))
        return float(by_row @ weighted) / information, information**-0.5

    def each(self, weighted: Array, weights: csr_array, shares: csr_array) -> tuple[Array, Array]:
        """How much each single reading explains, and its z."""
        fits = self._fits(self.terms(weighted, weights, shares), self.edge[:-1], self.edge[1:], drifts=False)
        return fits.explains, fits.z

    def terms(self, weighted: Array, weights: csr_array, shares: csr_array) -> _Terms:
        """What each reading adds to sums over a stretch."""
        number = np.repeat(np.arange(self.edge.size - 1), np.diff(self.edge))
        by_reading = csr_array((self.by, (self.rows, number)), shape=(weighted.size, max(self.edge.size - 1, 1)))
        together = (weights @ by_reading)[self.rows, number] if self.rows.size else self.by
        of_rows = shares[self.rows]
        partners = np.unique(of_rows.indices)
        return _Terms(
            self.by * weighted[self.rows],
            self.by * np.asarray(together).ravel(),
            self.by[:, None] * of_rows[:, partners].toarray(),
            self.prior_u[partners],
        )

    def _sums(self, of: Array, start: Rows, end: Rows, *, power: int) -> Array:
        """Sums over each stretch, times the rise of a drift to this power."""
        at = self.at

        def total(values: Array) -> Array:
            along = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
            return np.asarray(along[end] - along[start])

        if not power:
            return total(of)
        extra = (slice(None),) + (None,) * (of.ndim - 1)
        begins, length = at[start][extra], (at[end - 1] - at[start])[extra]
        length = np.where(length > 0, length, np.inf)  # all at one instant: no drift
        plain, first = total(of), total(of * at[extra])
        if power == 1:
            return np.asarray((first - begins * plain) / length)
        second = total(of * at[extra] ** 2)
        return np.asarray((second - 2 * begins * first + begins**2 * plain) / length**2)

    def _fits(self, terms: _Terms, start: Rows, end: Rows, *, drifts: bool) -> _Fits:
        power = int(drifts)
        score = self._sums(terms.score, start, end, power=power)
        information = self._sums(terms.information, start, end, power=2 * power)
        fits = information > 1e-300
        with np.errstate(divide="ignore", invalid="ignore"):
            # What each instrument's bias, there throughout, would do to the offset.
            shares = self._sums(terms.biased, start, end, power=power) / information[:, None]
            u = np.sqrt(1 / information + ((shares * terms.bias_u) ** 2).sum(axis=1))
            z, explains = score / information / u, np.abs(score) / np.sqrt(information)
        return _Fits(*(np.where(fits & np.isfinite(z), each, 0.0) for each in (z, explains)))

    def _sharpened(self, terms: _Terms, fits: _Fits, place: int, *, drifts: bool) -> Stretch:
        """The stretch near this one that explains most: the net is coarse. Its z stays that of the net."""
        first, last, most = int(self.start[place]), int(self.end[place]), -1.0
        while True:
            begin, end = (int(np.searchsorted(self.edge, one)) for one in (first, last))
            reach = max((end - begin) // 3, 1)
            begins = np.arange(max(begin - reach, 0), begin + reach + 1)
            ends = np.arange(end - reach, min(end + reach, self.edge.size - 1) + 1)
            near = np.stack([grid.ravel() for grid in np.meshgrid(begins, ends, indexing="ij")])
            near = near[:, near[1] - near[0] >= FEWEST]
            start, behind = self.edge[near[0]], self.edge[near[1]]
            around = self._fits(terms, start, behind, drifts=drifts).explains
            best = int(np.argmax(around))
            if around[best] <= most:
                return Stretch(first, last, drifts, float(fits.z[place]), most)
            first, last, most = int(start[best]), int(behind[best]), float(around[best])


def _stretches(count: int) -> tuple[Rows, Rows]:
    """First and behind last of each stretch of so many readings in order of time."""
    start: list[Rows] = []
    end: list[Rows] = []
    length = FEWEST
    while length <= count:
        step = max(length // 4, 1)
        first = np.append(np.arange(0, count - length, step), count - length)
        start.append(first)
        end.append(first + length)
        length = max(length + 1, length * 3 // 2)
    if count < FEWEST:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    start.append(np.array([0]))
    end.append(np.array([count]))
    both = np.unique(np.stack([np.concatenate(start), np.concatenate(end)]), axis=1)
    return both[0], both[1]
