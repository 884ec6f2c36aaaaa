"""Holders: what metal lies in at an instant: a state of a holding, a process or store, a road.

What a holding has is what leaves it next. What a process or a road has is what has gone in and not come out yet; once
nothing more comes out of it, and nothing is said to be in it still, what then is missing is unaccounted, from that
instant on. A store that was weighed and assayed as a whole has what was found, from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.balance.derived import OWN
from lodeline.metal.flows.words import CLOSING, FLOW, NODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.balance.derived import Derived
    from lodeline.metal.flows.element import ElementMass
    from lodeline.metal.flows.flows import Flows

    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]


class Holders(NamedTuple):
    """Which nodes are one holder, and which flows are the stock of one by themselves.

    Attributes:
        of: (node,) the first node of its holder.
        by_row: (node,) whether it holds what leaves it next (a holding); else what went in less what came out.
        goes_on: (node,) of each first node: something is said to be in it still, and how much only its sum tells.
        found: (flow,) a stock that was measured as a whole.
        inside: (flow,) a stock that only the sum tells, or that is nothing: no flow of an account.
        closed: (node,) of each first node: nothing can be unaccounted in it, since what left it follows from what came.
    """

    of: Rows
    by_row: Flags
    goes_on: Flags
    found: Flags
    inside: Flags
    closed: Flags


def holders(flows: Flows, mass: ElementMass, by: Derived, counts_as: Rows) -> Holders:
    """What metal lies in.

    Args:
        mass: Of the element, by the flow that counts.
        by: How flows follow from others.
        counts_as: (flow,) the flow whose mass counts.
    """
    flow, kind = flows.flows, flows.nodes["kind"]
    tail, head = flow["tail"].astype(np.int64), flow["head"].astype(np.int64)
    at_rest = np.isin(flow["kind"], [FLOW["stock"], FLOW["closing"]])
    in_store = at_rest & (kind[tail] == NODE["process"])
    on_road = at_rest & (kind[tail] == NODE["transit"])
    own = np.isin(flow["mass_class"], OWN)
    assayed = np.zeros(flow.rows, dtype=bool)
    for share in mass.shares:
        assayed |= share.row >= 0
    found = ~np.isnan(mass.kg) & ((in_store & (own | assayed)) | (on_road & own))
    emptied = in_store & (flow["mass_kg"] == 0)
    summed = (in_store | on_road) & ~found & ~emptied

    first = np.arange(kind.size)
    carried = summed & (head > CLOSING)
    first[head[carried]] = tail[carried]
    while not (first[first] == first).all():
        first = first[first]
    goes_on = np.zeros(kind.size, dtype=bool)
    goes_on[first[tail[summed & (head == CLOSING)]]] = True
    return Holders(
        of=first,
        by_row=kind == NODE["holding"],
        goes_on=goes_on,
        found=found & ~emptied,
        inside=summed | emptied,
        closed=_closed(flows, by, counts_as),
    )


def _closed(flows: Flows, by: Derived, counts_as: Rows) -> Flags:
    """(node,) states of which all that leaves is what came: the one flow that leaves it is the one that came, or the
    flow that follows from the others has their composition, or none of its own."""
    flow, node = flows.flows, flows.nodes
    tail, head = flow["tail"].astype(np.int64), flow["head"].astype(np.int64)
    holding = node["kind"] == NODE["holding"]
    closed = np.zeros(node.rows, dtype=bool)
    taken = counts_as != np.arange(flow.rows)
    closed[head[taken & holding[head]]] = True
    follows = np.flatnonzero((by.level > 0) & holding[tail])
    several = by.start[follows + 1] - by.start[follows]
    first = np.repeat(by.start[follows] - np.cumsum(several) + several, several)
    other = by.other[first + np.arange(several.sum())]
    which = np.repeat(np.arange(follows.size), several)
    alike = np.ones(follows.size, dtype=bool)
    alike[which[by.composition[other] != by.composition[follows][which]]] = False
    closed[tail[follows[alike | by.whole[follows]]]] = True
    return closed
