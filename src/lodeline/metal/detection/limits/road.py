"""Limits of the road: dry mass may not change on it; water may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodeline.errors import Settle
from lodeline.metal.detection.limits.entries import entries_of
from lodeline.metal.detection.limits.judging import Compared, both_tails, both_tails_of_few
from lodeline.metal.detection.limits.series import DRY, WET
from lodeline.metal.detection.suspicion import Suspicion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


def dry_mass_on_road(flows: Flows, policy: Policy, context: Context) -> Compared:
    """``metal.dry_mass_on_road``: the dry mass at the two ends of a road differs by more than their readings allow.

    ``z = (m_r (1 - w_r) - m_s (1 - w_s) (1 - L)) / u``, with u of both weighings, both moistures, the loss L that the
    policy expects, the biases of the instruments, and of what they were found to be off by.
    """
    found, of = of_kind(context, DRY), context.consignments

    def told(place: int) -> Suspicion:
        line, kg, u_kg = int(found.line[place]), float(found.x[place]), float(found.u[place])
        return Suspicion(
            code="metal.dry_mass_on_road",
            sentence=f"{ends(flows, context, line)}: {of.sent.dry_kg[line]:,.0f} kg of dry mass left, and "
            f"{of.received.dry_kg[line]:,.0f} kg came, {abs(kg):,.0f} kg too {'much' if kg > 0 else 'little'}: "
            f"{abs(kg / u_kg):.1f} standard uncertainties of {u_kg:,.0f} kg{_besides(context, line)}.",
            kg=abs(kg),
            kg_u=u_kg,
            **road(flows, context, line),
        )

    return Compared(found.line.size, found.z, both_tails(found.z), told, dict(context.contrasts.untold))


def wet_mass_on_road(flows: Flows, policy: Policy, context: Context) -> Compared:
    """``metal.wet_mass_on_road``: where a moisture is missing, the wet mass changed unlike that of others on that road.

    ``z = (m_r - m_s (1 + c)) / u``, with c what is usual on that road, and u of both weighings, the biases of the
    scales and the spread of the road.
    """
    found, of = of_kind(context, WET), context.consignments

    def told(place: int) -> Suspicion:
        line, kg, u_kg = int(found.line[place]), float(found.x[place]), float(found.u[place])
        return Suspicion(
            code="metal.wet_mass_on_road",
            sentence=f"{ends(flows, context, line)}: {of.sent.kg[line]:,.0f} kg left, and "
            f"{of.received.kg[line]:,.0f} kg came, {abs(kg):,.0f} kg {'more' if kg > 0 else 'less'} than is "
            f"usual on that road: {abs(kg / u_kg):.1f} standard uncertainties of {u_kg:,.0f} kg; a dry mass is "
            f"missing at an end{_besides(context, line)}.",
            kg=abs(kg),
            kg_u=u_kg,
            **road(flows, context, line),
        )

    p = both_tails_of_few(found.z, found.freedom)
    return Compared(found.line.size, found.z, p, told, dict(context.contrasts.untold))


class Compares(NamedTuple):
    """Contrasts of one kind less what instruments explain; (comparison,) each.

    Attributes:
        line: The consignment.
        x, u, z: The contrast, its standard uncertainty, and the one in the other.
        freedom: Degrees of freedom of ``u``.
    """

    line: Rows
    x: Array
    u: Array
    z: Array
    freedom: Array


def of_kind(context: Context, kind: int) -> Compares:
    """The contrasts of the mass of one kind."""
    series, explained = context.contrasts.mass, context.explained["mass"]
    rows = np.flatnonzero(series.kind == kind)
    x, u = explained.x[rows], np.sqrt(series.variance() + explained.v)[rows]
    return Compares(series.line[rows], x, u, x / u, series.freedom[rows])


def ends(flows: Flows, context: Context, line: int) -> str:
    """A consignment in words."""
    of = context.consignments
    start, end = (flows.name(int(one.place[line])) or "no place" for one in (of.sent, of.received))
    return f"Lot {flows.name(int(of.lot[line]))} from {start} to {end}"


def _besides(context: Context, line: int) -> str:
    kg = float(context.consignments.again_kg[line])
    again = f"; {kg:,.0f} kg came in receipts that were not counted" if kg else ""
    guessed = context.consignments.guessed[line]
    return again + ("; a ticket gives no uncertainty, and the largest of its scale was taken" if guessed else "")


def road(flows: Flows, context: Context, line: int) -> dict[str, Any]:
    """What a suspicion of a consignment rests on, and what would settle it."""
    of = context.consignments
    lot = flows.name(int(of.lot[line])) or ""
    names = (of.sent.device, of.received.device, of.sent.laboratory, of.received.laboratory)
    instruments = [name for each in names if (name := flows.name(int(each[line]))) is not None]
    return {
        "weight": "weak" if of.guessed[line] else "note",
        "entries": entries_of(flows, context, line),
        "lots": (lot,),
        "instruments": tuple(dict.fromkeys(instruments)),
        "settle": (
            Settle(act="weighing", subject=lot, detail="Weigh what is left of it; check the tickets of both ends."),
            Settle(act="document", subject=lot, detail="Look for a receipt that is missing, or is there twice."),
        ),
    }
