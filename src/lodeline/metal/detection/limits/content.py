"""Limits of the road: the mass of an element may not change on it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lodeline.errors import Settle
from lodeline.metal.detection.limits.entries import entries_of
from lodeline.metal.detection.limits.judging import Compared, both_tails, holm, nothing
from lodeline.metal.detection.limits.road import of_kind
from lodeline.metal.detection.limits.series import DRY
from lodeline.metal.detection.suspicion import Suspicion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy

    Array = NDArray[np.float64]


def element_on_road(flows: Flows, policy: Policy, context: Context) -> Compared:
    """``metal.element_on_road``: the mass of an element at the two ends differs by more than its assays allow.

    ``x = ln(g_r / g_s) + dry / D``, with *dry* the contrast of the dry mass, and D what left of it. The dry mass is
    left out where it is known worse than the grades, whose difference it would hide, and where it is beyond chance
    already: what such a consignment lost it lost with the rest.
    """
    dry_x, dry_u = _dry(context, policy)
    found: list[tuple[str, int]] = []
    x_of, u_of = [np.zeros(0)], [np.zeros(0)]
    for symbol, series in context.contrasts.grades.items():
        explained, line = context.explained[symbol], context.contrasts.read[symbol].line[series.line]
        u = np.sqrt(series.variance() + explained.v)
        known = (line >= 0) & (dry_u[line] <= u)
        found += [(symbol, row) for row in range(u.size)]
        x_of.append(explained.x + np.where(known, dry_x[line], 0.0))
        u_of.append(np.hypot(u, np.where(known, dry_u[line], 0.0)))
    x, u = np.concatenate(x_of), np.concatenate(u_of)
    if not x.size:
        return nothing("consignments with an assay at both ends")

    def told(place: int) -> Suspicion:
        return _told(flows, context, *found[place], float(x[place]), float(u[place]))

    return Compared(x.size, x / u, both_tails(x / u), told, {})


def _dry(context: Context, policy: Policy) -> tuple[Array, Array]:
    """(consignment + 1,) the contrast of the dry mass as a part of what left, and its standard uncertainty.

    Infinitely uncertain is what is left out; the last is of no consignment.
    """
    found, of = of_kind(context, DRY), context.consignments
    sound = of.sent.dry_kg[found.line] > 0
    if policy.false_alarms is not None:
        sound &= holm(both_tails(found.z), found.z.size) > float(policy.false_alarms)
    lines = found.line[sound]
    x, u = np.zeros(len(of.lines) + 1), np.full(len(of.lines) + 1, np.inf)
    x[lines], u[lines] = found.x[sound] / of.sent.dry_kg[lines], found.u[sound] / of.sent.dry_kg[lines]
    return x, u


def _told(flows: Flows, context: Context, symbol: str, row: int, x: float, u: float) -> Suspicion:
    measured, read = flows.measurements, context.contrasts.read[symbol]
    pair = int(context.contrasts.grades[symbol].line[row])
    line, kg, lot = int(read.line[pair]), float(read.kg[pair]), flows.name(int(read.lot[pair])) or ""
    both = [int(read.sent[pair]), int(read.received[pair])]
    certificates = " and ".join(
        flows.name(int(measured["certificate"][one])) or f"entry {int(measured['seq'][one])}" for one in both
    )
    names = (flows.name(int(name)) for name in measured["laboratory"][both])
    entries = {int(entry) for entry in measured["seq"][both]}
    moved: tuple[int, ...] = entries_of(flows, context, line) if line >= 0 else ()
    return Suspicion(
        code="metal.element_on_road",
        sentence=f"Lot {lot}: by {certificates} {abs(math.expm1(x)):.1%} {'more' if x > 0 else 'less'} {symbol} came "
        f"than left, {abs(x / u):.1f} standard uncertainties of {u:.2%}.",
        weight="weak" if line >= 0 and context.consignments.guessed[line] else "note",
        kg=abs(kg * math.expm1(x)) if math.isfinite(kg) else None,
        kg_u=kg * u if math.isfinite(kg) else None,
        element=symbol,
        entries=tuple(sorted(entries | set(moved))),
        lots=(lot,),
        instruments=tuple(dict.fromkeys(name for name in names if name is not None)),
        settle=(Settle(act="assay", subject=lot, detail=f"Have {symbol} assayed by an umpire."),),
    )
