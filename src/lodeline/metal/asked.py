"""Which flows are asked for an element: of the others nobody says that it could be in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.metal.flows.words import FLOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.element import ElementMass
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.stations import Stations


def asked(flows: Flows, of: Stations, mass: ElementMass, element: str) -> NDArray[np.bool_]:
    """(flow,) whether a flow is asked for an element.

    Asked is a lot whose material is registered for the element or that was assayed for it; a residue of a process that
    took such a lot in; all that went into a process of which the element came out although nothing that went in was
    asked for it, for it came in with something; and what is in a process into which any of these went. A lot of a
    material that is registered for other elements only is not asked, and counts as holding none of it, which an account
    has to say. A lot of an unregistered material is asked for nothing it was not assayed for, unless it came out of a
    process that took such a lot in.
    """
    flow = flows.flows
    lots = np.full(len(flows.names) + 1, False)
    found = ~np.isnan(mass.kg) | ~np.isnan(mass.fraction) | ~np.isnan(mass.high_kg)
    lots[flow["lot"][found]] = True
    row = {int(lot): at for at, lot in enumerate(flows.lots["lot"])}
    listed = np.array([element in outlet.elements and not outlet.residue for outlet in of.outlets] + [False])
    unsaid = np.array([not outlet.elements or bool(outlet.residue) for outlet in of.outlets] + [True])
    material = np.full(len(flows.names) + 1, -1)
    for lot, at in row.items():
        material[lot] = flows.lots["material"][at]
    lots |= listed[material]
    lots[-1] = False
    into, out = flow["kind"] == FLOW["process_in"], flow["kind"] == FLOW["process_out"]
    held = mass.kg > 0
    while True:
        fed = np.zeros(flows.nodes.rows, dtype=bool)
        fed[flow["head"][into & lots[flow["lot"]]]] = True
        gave = np.zeros(flows.nodes.rows, dtype=bool)
        gave[flow["tail"][out & held]] = True
        residues = flow["lot"][out & fed[flow["tail"]] & unsaid[material[flow["lot"]]] & (flow["lot"] >= 0)]
        feeds = flow["lot"][into & (gave & ~fed & of.works)[flow["head"]] & (flow["lot"] >= 0)]
        more = np.concatenate([residues, feeds])
        if lots[more].all():
            break
        lots[more] = True
    return _inside(flows, lots[flow["lot"]])


def _inside(flows: Flows, found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With the flows of no lot, which carry on what is in a process or a store, where any that is asked went in."""
    flow = flows.flows
    carried = np.flatnonzero((flow["lot"] < 0) & np.isin(flow["kind"], [FLOW["stock"], FLOW["closing"]]))
    with_inside = found.copy()
    has = np.zeros(flows.nodes.rows, dtype=bool)
    has[flow["head"][found]] = True
    while True:
        more = carried[has[flow["tail"][carried]] & ~with_inside[carried]]
        if not more.size:
            return with_inside
        with_inside[more] = True
        has[flow["head"][more]] = True
