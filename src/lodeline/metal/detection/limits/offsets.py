"""Offsets: instruments that were off for a time, found from the roads on which they disagree with others.

A scale, or a laboratory, that is off shows in every contrast that rests on its readings. Let contrasts x have
covariance C, and an offset a of the instrument show as ``b a``, where b counts its readings within a stretch of time:
each as it is (a step), or more and more from 0 to 1 (a drift). Then ``a = b C^-1 x / b C^-1 b``, its variance by the
readings alone is ``1 / b C^-1 b``, and where nothing is wrong the prior of each instrument's bias adds in proportion to
what it does to a.

Stretches are tried of lengths that grow by half and starts a quarter of a length apart, which loses little against all
of them. Source: Walther (2010), Ann. Statist. 38, 1010-1033. Of those that are beyond chance the one that explains most
of what is left is taken first, or one consignment or reading by itself, where that explains no less: so one lost load
does not look like a scale, nor a scale like fifty lost loads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import log_ndtr, ndtri

from lodeline.metal.detection.limits.scan import Scan, Stretch, rise
from lodeline.metal.detection.limits.series import WATER, Instrument, Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]


class Offset(NamedTuple):
    """An instrument that was off for a time.

    Attributes:
        instrument: Which.
        system: ``mass``, or the symbol of the element.
        begins, ends: From its first reading to its last, microseconds since 1970 in UTC.
        drifts: Whether it rose over the time; ``size`` is then that at the end of it.
        size, u: Of the offset, and its standard uncertainty by the readings alone.
        z: In standard uncertainties of what it may be where nothing is wrong.
        readings: Of the series, that it explains.
        also: Instruments that explain the same nearly as well, and are not told from it.
    """

    instrument: Instrument
    system: str
    begins: int
    ends: int
    drifts: bool
    size: float
    u: float
    z: float
    readings: Rows
    also: tuple[Instrument, ...] = ()

    def at(self, at: Rows) -> Array:
        """How much it was off at instants within its time."""
        return self.size * (rise(at, self.begins, self.ends) if self.drifts else np.ones(at.size))


class System(NamedTuple):
    """One series of contrasts, and what explains it.

    Attributes:
        tried: How many stretches of instruments were tried.
        best: The best of all in the series as it was read; None where there was none.
        offsets: Those that are beyond what chance gives among all that were tried.
        x, v: The contrasts less the offsets, and what that adds to their variance.
    """

    tried: int
    best: Offset | None
    offsets: tuple[Offset, ...]
    x: Array
    v: Array


Explained = dict[str, System]
"""By ``mass`` and by element."""


def explained(flows: Flows, policy: Policy, context: Context) -> Explained:
    """What instruments explain of all contrasts. Where the policy names no false alarms, nothing is explained away."""
    contrasts = context.contrasts
    systems = {"mass": contrasts.mass, **contrasts.grades}
    alarm = None if policy.false_alarms is None else float(policy.false_alarms) / len(systems)
    return {name: _Explaining(name, series, alarm).all() for name, series in systems.items()}


class _Explaining:
    """One series, explained step by step."""

    def __init__(self, system: str, series: Series, alarm: float | None) -> None:
        self.system, self.series, self.alarm = system, series, alarm
        self.block = series.blocks()
        self.biases = series.offsets()
        self.whole_u = np.sqrt(series.variance())
        self.scans = [Scan(series, number) for number in range(len(series.instruments))]
        self.tried = sum(scan.tried for scan in self.scans)
        self.least_z = np.inf if alarm is None or not self.tried else float(-ndtri(alarm / (2 * self.tried)))
        self.apart = np.zeros(series.x.size, dtype=bool)
        self.x = series.x.copy()
        self.found: dict[int, Stretch | None] = {}
        self._weigh(np.arange(series.x.size))

    def _weigh(self, rows: Rows) -> None:
        """Take in that these contrasts are apart, or are there."""
        self.weights = self.series.weights(self.apart)
        shares = self.weights @ self.biases
        for scan in self._touched(rows):
            scan.prepare(self.weights, shares)
        self._look(rows)

    def _look(self, rows: Rows) -> None:
        """Look again at all instruments on which these contrasts bear."""
        self.weighted = self.weights @ self.x
        for scan in self._touched(rows):
            scan.take(self.weighted)
            self.found[scan.number] = scan.best(self.least_z)

    def _touched(self, rows: Rows) -> list[Scan]:
        touched = np.zeros(int(self.block.max(initial=-1)) + 1, dtype=bool)
        touched[self.block[rows]] = True
        return [scan for scan in self.scans if touched[self.block[scan.rows]].any()]

    def all(self) -> System:
        """Until nothing is left that is beyond chance."""
        taken: list[tuple[Scan, Stretch, tuple[Instrument, ...]]] = []
        first: Offset | None = None
        while True:
            told = [(scan, one) for scan in self.scans if (one := self.found[scan.number]) is not None]
            best = max(told, key=lambda each: (min(abs(each[1].z), self.least_z), each[1].explains), default=None)
            if best is None:
                break
            first = first or self._offset(*best, (), *self._size([best[0].shape(best[1], self.x.size)])[0])
            if abs(best[1].z) < self.least_z:
                break
            alone = self._alone(best[1])
            if alone.any():
                self.apart |= alone
                self._weigh(np.flatnonzero(alone))
                continue
            shape = best[0].shape(best[1], self.x.size)
            ((size, _),) = self._size([shape])
            self.x = self.x - size * shape
            taken.append((*best, self._also(*best, told)))
            self._look(np.flatnonzero(shape))
        return self._told(first, taken)

    def _size(self, shapes: list[Array]) -> list[tuple[float, float]]:
        """Offsets of these shapes in what is left, all at once, and their standard uncertainties by the readings."""
        by = np.stack(shapes, axis=1)
        information = by.T @ (self.weights @ by)
        covariance = np.linalg.pinv(information)
        size = covariance @ (by.T @ (self.weights @ self.x))
        return list(zip(size.tolist(), np.sqrt(np.diag(covariance)).tolist(), strict=True))

    def _told(self, first: Offset | None, taken: list[tuple[Scan, Stretch, tuple[Instrument, ...]]]) -> System:
        """Every offset again, all at once and without what is apart: one that was found first knew least."""
        self.x, v = self.series.x.copy(), np.zeros(self.x.size)
        if not taken:
            return System(self.tried, first, (), self.x, v)
        shapes = [scan.shape(one, self.x.size) for scan, one, _ in taken]
        sizes = self._size(shapes)
        offsets = []
        for (scan, one, also), shape, (size, u) in zip(taken, shapes, sizes, strict=True):
            self.x = self.x - size * shape
            v = v + (u * shape) ** 2
            offsets.append(self._offset(scan, one, also, size, u))
        return System(self.tried, first, tuple(offsets), self.x, v)

    def _offset(self, scan: Scan, of: Stretch, also: tuple[Instrument, ...], size: float, u: float) -> Offset:
        readings = scan.readings[of.first : of.last]
        at = self.series.at[readings]
        return Offset(
            self.series.instruments[scan.number],
            self.system,
            int(at.min()),
            int(at.max()),
            of.drifts,
            size,
            u,
            of.z,
            readings,
            also,
        )

    def _also(self, scan: Scan, best: Stretch, told: list[tuple[Scan, Stretch]]) -> tuple[Instrument, ...]:
        """Instruments in the same contrasts that explain nearly as much.

        Two are told apart where one is so much likelier that taking the other for it has at most the probability of a
        false alarm. Source: Wald (1945), Ann. Math. Stat. 16, 117-186, equation 3:32.
        """
        far = -2 * np.log(self.alarm or 1.0)
        rows = self.series.row[scan.readings[best.first : best.last]]
        return tuple(
            self.series.instruments[other.number]
            for other, one in told
            if other is not scan
            and best.explains**2 - one.explains**2 <= far
            and np.isin(self.series.row[other.readings[one.first : one.last]], rows).any()
        )

    def _alone(self, best: Stretch) -> Flags:
        """Contrasts of one consignment that by itself explains as much as the best stretch.

        Many more stretches were tried than there are consignments, and that is allowed for.
        """
        diagonal = self.weights.diagonal()
        alone = np.zeros(self.x.size, dtype=bool)
        # Water may change on a road: a lost load does not show in it.
        rows = np.flatnonzero((diagonal > 0) & (self.series.kind != WATER))
        explains = np.abs(self.weighted[rows]) / np.sqrt(diagonal[rows])
        z = np.abs(self.x[rows]) / self.whole_u[rows]
        many, least = np.log(2 * max(rows.size, 1)), np.log(2 * self.tried) + log_ndtr(-best.explains)
        alone[rows] = (many + log_ndtr(-explains) <= least) & (many + log_ndtr(-z) <= np.log(self.alarm or 1.0))
        return alone
