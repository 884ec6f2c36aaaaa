"""Contrasts: what one end of a road says of a consignment, against what the other end says.

Of a consignment with mass m and moisture w at each end (s sent, r received) three numbers can be compared, each 0 where
nothing is wrong:

- *dry*, kg: ``m_r (1 - w_r) - m_s (1 - w_s) (1 - L)``, with L the loss that the policy expects;
- *water*, kg per kg: ``w_r - w_s - c``, with c the median of it on that road, since water may change there;
- *wet*, kg, where a dry mass is missing at an end: ``m_r - m_s (1 + c)``, with c the median of ``m_r / m_s - 1`` on
  that road;

and of each element *grade*: ``ln (g_r / g_s)`` per dry mass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.detection.limits.grades import Grade, grades
from lodeline.metal.detection.limits.series import DRY, GRADE, WATER, WET, Part, Readings, Series, series
from lodeline.metal.detection.limits.usual import usual
from lodeline.metal.flows.words import CLOSING, NO_TIME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.consignments import Consignments, End
    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Contrasts(NamedTuple):
    """All contrasts.

    Attributes:
        mass: Dry, water and wet.
        grades: By element.
        read: By element: which determinations the grades compare; their ``line`` is a pair of these.
        untold: Reason to number: consignments that have neither a dry nor a wet contrast.
    """

    mass: Series
    grades: dict[str, Series]
    read: dict[str, Grade]
    untold: dict[str, int]


def contrasts(flows: Flows, policy: Policy, context: Context) -> Contrasts:
    """Every contrast of every consignment."""
    of, at = context.consignments, _Instants(flows)
    dry = _dry(of, at, policy)
    wet = _wet(of, at, dry.line)
    untold = dict(of.untold)
    missing = len(of.lines) - dry.line.size - wet.line.size
    if missing:
        untold["have no uncertainty, or no moisture at an end and too few others on their road"] = missing
    # A moisture is off in kg per kg; what is given is a part of the value.
    wettest = np.zeros(len(flows.names) + 1)
    for end in (of.sent, of.received):
        known = end.laboratory >= 0
        np.maximum.at(wettest, end.laboratory[known], end.water[known])
    prior_u = {"scale": context.scale_u, "moisture": context.moisture_u * wettest}
    read = grades(flows, context, of)
    found = {
        symbol: series((_grade(flows, at, symbol, one),), {symbol: context.laboratory_u})
        for symbol, one in read.items()
    }
    return Contrasts(series((dry, _water(of, at, dry.line), wet), prior_u), found, read, untold)


class _Instants:
    """When readings were taken."""

    def __init__(self, flows: Flows) -> None:
        self._at = flows.measurements["at"]

    def of(self, reading: Rows, otherwise: Rows) -> Rows:
        """Of each reading; ``otherwise`` where nobody said."""
        if not self._at.size:
            return otherwise
        known = (reading >= 0) & (reading < self._at.size)
        found = self._at[np.where(known, reading, 0)]
        return np.where(known & (found != NO_TIME), found, otherwise)


def _weighed(of: Consignments, at: _Instants, end: End, rows: Rows, by_kg: Array) -> Readings:
    """The weighings at an end, in contrasts in which a kilogram there counts as ``by_kg``."""
    unsaid = np.full(rows.size, -1, dtype=np.int64)
    reading, u = end.reading[rows], by_kg * end.u_kg[rows]
    return Readings("scale", reading, end.device[rows], unsaid, by_kg * end.kg[rows], u, at.of(reading, of.at[rows]))


def _dried(of: Consignments, at: _Instants, end: End, rows: Rows, by_water: Array) -> Readings:
    """The moistures at an end, in contrasts in which one of moisture there counts as ``by_water``."""
    unsaid = np.full(rows.size, -1, dtype=np.int64)
    reading, u = end.water_row[rows], by_water * end.water_u[rows]
    return Readings("moisture", reading, end.laboratory[rows], unsaid, by_water, u, at.of(reading, of.at[rows]))


def _comparable(of: Consignments) -> NDArray[np.bool_]:
    """Which consignments were weighed at both ends, by two readings of known uncertainty."""
    told = ~np.isnan(of.sent.kg + of.received.kg + of.sent.u_kg + of.received.u_kg)
    return np.asarray(told & (of.at != NO_TIME) & (of.sent.reading != of.received.reading))


def _dry(of: Consignments, at: _Instants, policy: Policy) -> Part:
    sent, received = of.sent, of.received
    loss, loss_u = (0.0, 0.0) if policy.loss is None else (float(policy.loss.expected), float(policy.loss.u))
    known = ~np.isnan(sent.dry_kg + received.dry_kg + sent.water_u + received.water_u)
    rows = np.flatnonzero(_comparable(of) & known)
    kept, came = (1 - loss) * (1 - sent.water[rows]), 1 - received.water[rows]
    return Part(
        DRY,
        rows,
        received.kg[rows] * came - sent.kg[rows] * kept,
        (sent.dry_kg[rows] * loss_u) ** 2,
        np.full(rows.size, np.inf),
        (
            _weighed(of, at, sent, rows, -kept),
            _weighed(of, at, received, rows, came),
            _dried(of, at, sent, rows, sent.kg[rows] * (1 - loss)),
            _dried(of, at, received, rows, -received.kg[rows]),
        ),
    )


def _water(of: Consignments, at: _Instants, dry: Rows) -> Part:
    sent, received = of.sent, of.received
    two = (sent.water_row[dry] >= 0) & (received.water_row[dry] >= 0) & (sent.water_row[dry] != received.water_row[dry])
    found = _unlike(of, dry[two], received.water - sent.water, sent.water_u**2 + received.water_u**2)
    one = np.ones(found.rows.size)
    readings = _dried(of, at, sent, found.rows, -one), _dried(of, at, received, found.rows, one)
    return Part(WATER, found.rows, found.x, found.own, found.freedom, readings)


def _wet(of: Consignments, at: _Instants, dry: Rows) -> Part:
    sent, received = of.sent, of.received
    others = np.flatnonzero(_comparable(of) & (sent.basis == received.basis) & (sent.kg > 0))
    others = np.setdiff1d(others, dry)
    whole = np.where(sent.kg > 0, sent.kg, np.nan)
    found = _unlike(of, others, received.kg / whole - 1, (sent.u_kg**2 + received.u_kg**2) / whole**2)
    rows, kg = found.rows, sent.kg[found.rows]
    one_and_usual = received.kg[rows] / kg - found.x
    readings = _weighed(of, at, sent, rows, -one_and_usual), _weighed(of, at, received, rows, np.ones(rows.size))
    return Part(WET, rows, found.x * kg, found.own * kg**2, found.freedom, readings)


def _grade(flows: Flows, at: _Instants, symbol: str, of: Grade) -> Part:
    measured, flow = flows.measurements, flows.flows
    method, one = measured["method"].astype(np.int64), np.ones(of.x.size)

    def read(row: Rows, laboratory: Rows, sign: float, u: Array) -> Readings:
        # Where nobody said when, it was when the lot came to lie there, or left it.
        where = measured["flow"][row]
        node = np.where(flow["tail"][where] > CLOSING, flow["tail"][where], flow["head"][where])
        when = at.of(row, flows.nodes["at"][node])
        return Readings(symbol, row, laboratory, method[row], sign * one, sign * u, when)

    readings = (
        read(of.sent, of.sent_laboratory, -1.0, of.sent_u),
        read(of.received, of.received_laboratory, 1.0, of.received_u),
    )
    return Part(GRADE, np.arange(of.x.size), of.x, 0 * one, np.inf * one, readings)


class _Unlike(NamedTuple):
    """What differs from what is usual on its road, where that is known; as the attributes of a part."""

    rows: Rows
    x: Array
    own: Array
    freedom: Array


def _unlike(of: Consignments, rows: Rows, x: Array, reading_v: Array) -> _Unlike:
    """Contrasts less the median of their road; what spreads there beyond the readings is variance of their own."""
    _, road = np.unique(np.stack([of.sent.place[rows], of.received.place[rows]]), axis=1, return_inverse=True)
    found = usual(x[rows], reading_v[rows], road.ravel())
    told = np.flatnonzero(~np.isnan(found.x) & (found.v > 0))
    own = np.maximum(found.v - reading_v[rows], 0.0)
    return _Unlike(rows[told], found.x[told], own[told], found.freedom[told])
