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

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import log_ndtr, ndtri

from lodeline.metal.detection.limits_scan import Scan, Stretch, rise
from lodeline.metal.detection.limits_series import WATER, Instrument, Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits_context import Context
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
        self.apart = np.zeros(series.x.size, dtype=bool)
        self.whole_u = np.sqrt(series.variance())
        self._again()
        self.scans = [Scan(series, number) for number in range(len(series.instruments))]
        self.tried = sum(scan.tried for scan in self.scans)

    def _again(self) -> None:
        """Start anew, without what is apart."""
        self.weights = self.series.weights(self.apart)
        self.x, self.v = self.series.x.copy(), np.zeros(self.series.x.size)
        self.offsets: list[Offset] = []

    def all(self) -> System:
        """Until nothing is left that is beyond chance."""
        first: Offset | None = None
        least_z = np.inf if self.alarm is None or not self.tried else float(-ndtri(self.alarm / (2 * self.tried)))
        while True:
            weighted = self.weights @ self.x
            shares = self.weights @ self.series.offsets()
            found = [(scan, scan.best(weighted, self.weights, shares, least_z)) for scan in self.scans]
            told = [(scan, one) for scan, one in found if one is not None]
            scan, best = max(
                told, key=lambda each: (min(abs(each[1].z), least_z), each[1].explains), default=(None, None)
            )
            if scan is None or best is None:
                break
            offset = self._offset(scan, best, weighted)
            first = first or offset
            if abs(best.z) < least_z:
                break
            alone = self._alone(weighted, shares, best)
            if alone.any():
                self.apart |= alone
                self._again()
                continue
            self._explain(offset._replace(also=self._also(scan, best, told)))
        return System(self.tried, first, tuple(self.offsets), self.x, self.v)

    def _offset(self, scan: Scan, best: Stretch, weighted: Array) -> Offset:
        readings = scan.readings[best.first : best.last]
        at = self.series.at[readings]
        size, u = scan.exactly(best, weighted, self.weights)
        return Offset(
            self.series.instruments[scan.number], self.system, int(at.min()), int(at.max()),
            best.drifts, size, u, best.z, readings,
        )  # fmt: skip

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

    def _explain(self, offset: Offset) -> None:
        """Take an offset off the contrasts."""
        series, readings = self.series, offset.readings
        rows, off = series.row[readings], series.by[readings] * offset.at(series.at[readings])
        off_all = np.bincount(rows, weights=off, minlength=self.x.size)
        self.x = self.x - off_all
        self.v = self.v + (off_all * offset.u / offset.size) ** 2
        self.offsets.append(offset)

    def _alone(self, weighted: Array, shares: Any, best: Stretch) -> Flags:
        """Contrasts of one consignment, or of one reading, that by itself explains as much as the best stretch.

        Many more stretches were tried than there are of either, and that is allowed for.
        """
        assert self.alarm is not None
        least = np.log(2 * self.tried) + log_ndtr(-best.explains)
        diagonal = self.weights.diagonal()
        alone = np.zeros(self.x.size, dtype=bool)
        # Water may change on a road: a lost load does not show in it.
        rows = np.flatnonzero((diagonal > 0) & (self.series.kind != WATER))
        explains = np.abs(weighted[rows]) / np.sqrt(diagonal[rows])
        z = np.abs(self.x[rows]) / np.sqrt(self.whole_u[rows] ** 2 + self.v[rows])
        alone[rows] = self._beyond(explains, z, rows.size, least)
        for scan in self.scans:
            explains, z = scan.each(weighted, self.weights, shares)
            beyond = self._beyond(explains, np.abs(z), z.size, least)
            for first, last in zip(scan.edge[:-1][beyond], scan.edge[1:][beyond], strict=True):
                alone[self.series.row[scan.readings[first:last]]] = True
        return alone & ~self.apart

    def _beyond(self, explains: Array, z: Array, count: int, least: float) -> Flags:
        many = np.log(2 * max(count, 1))
        return np.asarray((many + log_ndtr(-explains) <= least) & (many + log_ndtr(-z) <= np.log(self.alarm or 1.0)))
