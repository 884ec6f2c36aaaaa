"""Scans: every stretch of time of one instrument, and how far off it is in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.series import Series

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]

DRIFTS = 3
"""Readings that a drift has at least: through two any line goes."""


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
        rows: The contrast of each.
        edge: Where in ``readings`` each reading begins, and the end.
        tried: How many stretches are tried, as steps and as drifts.
    """

    def __init__(self, series: Series, number: int) -> None:
        self.number = number
        ours = np.flatnonzero(series.instrument == number)
        self.readings = ours[np.lexsort((series.reading[ours], series.at[ours]))]
        reading, at = series.reading[self.readings], series.at[self.readings]
        self.rows, self.by = series.row[self.readings], series.by[self.readings]
        self.prior_u = series.prior_u
        self.at = (at - at[0]) / max(int(at[-1] - at[0]), 1)
        self.edge = np.append(np.flatnonzero(np.append(True, reading[1:] != reading[:-1])), reading.size)
        start, end = stretches(self.edge.size - 1)
        self.start, self.end = self.edge[start], self.edge[end]
        self.may_drift = (end - start >= DRIFTS) & (self.at[self.end - 1] > self.at[self.start])
        self.tried = start.size + int(self.may_drift.sum())

    def prepare(self, weights: csr_array, shares: csr_array) -> None:
        """Take in ``C^-1``, and ``C^-1 b`` of all readings of each instrument: what does not depend on the contrasts.

        What two readings of the instrument share is left out of what a stretch tells, since it may hold one of them
        without the other.
        """
        number = np.repeat(np.arange(self.edge.size - 1), np.diff(self.edge))
        by_reading = csr_array((self.by, (self.rows, number)), shape=(weights.shape[0], self.edge.size - 1))
        together = np.asarray((weights @ by_reading)[self.rows, number]).ravel()
        of_rows = shares[self.rows]
        partners = np.unique(of_rows.indices)
        biased = self.by[:, None] * of_rows[:, partners].toarray()
        self._bias_u = self.prior_u[partners]
        self._information = self._along(self.by * together, 3)
        self._biased = self._along(biased, 2)

    def take(self, weighted: Array) -> None:
        """Take in ``C^-1 x``."""
        self._weighted = weighted
        self._score = self._along(self.by * weighted[self.rows], 2)

    def best(self, least_z: float) -> Stretch | None:
        """The stretch that explains most of those beyond ``least_z``; where there is none, the one furthest off."""
        found: list[Stretch] = []
        for drifts in (False, True):
            tried = np.flatnonzero(self.may_drift | (not drifts))
            if not tried.size:
                continue
            fits = self._fits(self.start[tried], self.end[tried], drifts=drifts)
            beyond = np.abs(fits.z) >= least_z
            place = int(np.argmax(np.where(beyond, fits.explains, 0.0) if beyond.any() else np.abs(fits.z)))
            first, last = int(self.start[tried[place]]), int(self.end[tried[place]])
            found.append(self._sharpened(first, last, float(fits.z[place]), drifts=drifts))
        return max(found, key=lambda one: (min(abs(one.z), least_z), one.explains), default=None)

    def shape(self, of: Stretch, rows: int) -> Array:
        """(row,) what an offset of one in a stretch does to each contrast."""
        here = slice(of.first, of.last)
        at = self.at[here]
        by = self.by[here] * ((at - at[0]) / (at[-1] - at[0]) if of.drifts else 1.0)
        return np.bincount(self.rows[here], weights=by, minlength=rows).astype(np.float64)

    def _along(self, of: Array, powers: int) -> list[Array]:
        """Sums up to each reading, times the instant to each power."""
        extra = (slice(None),) + (None,) * (of.ndim - 1)
        zero = np.zeros((1, *of.shape[1:]))
        return [np.concatenate([zero, np.cumsum(of * self.at[extra] ** power, axis=0)]) for power in range(powers)]

    def _sums(self, of: list[Array], start: Rows, end: Rows, *, power: int) -> Array:
        """Sums over each stretch, times the rise of a drift to this power."""
        plain = of[0][end] - of[0][start]
        if not power:
            return np.asarray(plain)
        extra = (slice(None),) + (None,) * (plain.ndim - 1)
        begins, length = self.at[start][extra], (self.at[end - 1] - self.at[start])[extra]
        length = np.where(length > 0, length, np.inf)  # all at one instant: no drift
        first = of[1][end] - of[1][start]
        if power == 1:
            return np.asarray((first - begins * plain) / length)
        second = of[2][end] - of[2][start]
        return np.asarray((second - 2 * begins * first + begins**2 * plain) / length**2)

    def _fits(self, start: Rows, end: Rows, *, drifts: bool) -> _Fits:
        power = int(drifts)
        score = self._sums(self._score, start, end, power=power)
        information = self._sums(self._information, start, end, power=2 * power)
        fits = information > 1e-300
        with np.errstate(divide="ignore", invalid="ignore"):
            # What each instrument's bias, there throughout, would do to the offset.
            shares = self._sums(self._biased, start, end, power=power) / information[:, None]
            u = np.sqrt(1 / information + ((shares * self._bias_u) ** 2).sum(axis=1))
            z, explains = score / information / u, np.abs(score) / np.sqrt(information)
        return _Fits(*(np.where(fits & np.isfinite(z), each, 0.0) for each in (z, explains)))

    def _sharpened(self, first: int, last: int, z: float, *, drifts: bool) -> Stretch:
        """The stretch near this one that explains most: the net is coarse. Its z stays that of the net."""
        most, least = -1.0, DRIFTS if drifts else 1
        while True:
            begin, end = (int(np.searchsorted(self.edge, one)) for one in (first, last))
            reach = max((end - begin) // 3, 1)
            begins = np.arange(max(begin - reach, 0), begin + reach + 1)
            ends = np.arange(end - reach, min(end + reach, self.edge.size - 1) + 1)
            near = np.stack([grid.ravel() for grid in np.meshgrid(begins, ends, indexing="ij")])
            near = near[:, near[1] - near[0] >= least]
            start, behind = self.edge[near[0]], self.edge[near[1]]
            around = self._fits(start, behind, drifts=drifts).explains
            best = int(np.argmax(around))
            if around[best] <= most:
                return Stretch(first, last, drifts, z, most)
            first, last, most = int(start[best]), int(behind[best]), float(around[best])


def stretches(count: int) -> tuple[Rows, Rows]:
    """First and behind last of each stretch of so many readings in order of time.

    Lengths grow by half, starts are a quarter of a length apart.
    """
    start = [np.zeros(0, dtype=np.int64)]
    end = [np.zeros(0, dtype=np.int64)]
    length = 1
    while length <= count:
        step = max(length // 4, 1)
        first = np.append(np.arange(0, count - length, step), count - length)
        start.append(first)
        end.append(first + length)
        length = max(length + 1, length * 3 // 2)
    if count:
        start.append(np.array([0]))
        end.append(np.array([count]))
    both = np.unique(np.stack([np.concatenate(start), np.concatenate(end)]), axis=1)
    return both[0], both[1]
