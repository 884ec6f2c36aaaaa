"""Entries: what of the ledger a consignment rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows


def entries_of(flows: Flows, context: Context, line: int) -> tuple[int, ...]:
    """Entries of its movements, of the weighings and moistures of both ends, and of receipts that were not counted."""
    of, measured = context.consignments, flows.measurements
    one = of.lines[line]
    moved = (one.whole, *one.ships, *one.receipts)
    rows = [int(context.sides.mass_row[flow]) for flow in moved]
    rows += [int(of.sent.water_row[line]), int(of.received.water_row[line])]
    entries = {int(flows.flows["seq"][flow]) for flow in (*one.ships, *one.receipts)}
    # A shipment's flow bears the entry that took it off its place: that of the departure stands on the road it entered.
    entries |= {int(flows.nodes["seq"][flows.flows["head"][ship]]) for ship in one.ships}
    entries |= {int(measured["seq"][row]) for row in rows if row >= 0}
    entries |= {each.entry for each in of.again[line]}
    return tuple(sorted(entries - {-1}))
