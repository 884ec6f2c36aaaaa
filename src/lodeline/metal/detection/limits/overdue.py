"""Overdue: what has been on a road far longer than anything before it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import stdtr

from lodeline.errors import Settle
from lodeline.metal.detection.limits.judging import SMALLEST, Compared
from lodeline.metal.detection.limits.usual import LEAST, MEDIAN_VARIANCE, spread
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.metal.flows.words import CLOSING, FLOW, NO_TIME, NODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

DAY = 86_400_000_000
"""Microseconds."""


class _Roads(NamedTuple):
    """Transits; arrays are (transit,).

    Attributes:
        node, ship: Of each, and the flow that entered it.
        start, end: Names of the places.
        left: When it left.
        took: How long its first load took, microseconds; 0 where that is unknown.
        waits: The flow of what has not come; -1 where something has.
    """

    node: Rows
    ship: Rows
    start: Rows
    end: Rows
    left: Rows
    took: Rows
    waits: Rows


def overdue(flows: Flows, policy: Policy, context: Context) -> Compared:
    """``metal.overdue_on_road``: a consignment has not come, and should have long ago.

    ``z = (ln age - median ln time) / (spread sqrt(1 + pi / 2n))`` over the n consignments that came on that road,
    one-sided; its tail is Student's. Age is until the last instant that the flows know of. The spread of the logarithms
    is robust: see :mod:`lodeline.metal.detection.limits.usual`.
    """
    roads = _roads(flows)
    now = max(int(of.max(initial=NO_TIME)) for of in (flows.nodes["at"], flows.flows["arrived_at"]))
    of_road: dict[tuple[int, int], list[int]] = {}
    for place in np.flatnonzero(roads.took > 0).tolist():
        of_road.setdefault((int(roads.start[place]), int(roads.end[place])), []).append(place)
    found: list[tuple[int, float, float]] = []
    waiting = np.flatnonzero(roads.waits >= 0).tolist()
    for place in waiting:
        took = roads.took[of_road.get((int(roads.start[place]), int(roads.end[place])), [])]
        age = now - int(roads.left[place])
        if took.size < LEAST or age <= 0:
            continue
        times = np.log(took)
        usual = spread(times)
        if usual.sd > 0:
            z = (np.log(age) - np.median(times)) / (usual.sd * np.sqrt(1 + MEDIAN_VARIANCE / took.size))
            found.append((place, float(z), max(float(stdtr(usual.freedom, -z)), SMALLEST)))
    z_of, p = (np.array([one[column] for one in found], dtype=np.float64) for column in (1, 2))

    def told(place: int) -> Suspicion:
        return _told(flows, roads, found[place][0], now, float(z_of[place]))

    unbound = {"consignments on roads on which too few have come": len(waiting) - len(found)}
    return Compared(len(found), z_of, p, told, unbound if len(waiting) > len(found) or not waiting else {})


def _roads(flows: Flows) -> _Roads:
    flow, nodes = flows.flows, flows.nodes
    kind, tail, head = flow["kind"], flow["tail"].astype(np.int64), flow["head"].astype(np.int64)
    ship = np.flatnonzero((kind == FLOW["ship"]) & (nodes["kind"] == NODE["transit"])[head])
    node = head[ship]
    first = np.full(nodes.rows, -1, dtype=np.int64)
    came = np.flatnonzero(kind == FLOW["receive"])
    first[tail[came[::-1]]] = came[::-1]  # of several at one place the last stays
    waits = np.full(nodes.rows, -1, dtype=np.int64)
    held = np.flatnonzero(head == CLOSING)
    waits[tail[held]] = held
    receipt = first[node]
    times = [flow[column][receipt] for column in ("left_at", "arrived_at")]
    known = (receipt >= 0) & (times[0] != NO_TIME) & (times[1] != NO_TIME)
    return _Roads(
        node,
        ship,
        nodes["place"][tail[ship]].astype(np.int64),
        nodes["place"][node].astype(np.int64),
        nodes["at"][node],
        np.where(known, times[1] - times[0], 0),
        np.where(receipt < 0, waits[node], -1),
    )


def _told(flows: Flows, roads: _Roads, place: int, now: int, z: float) -> Suspicion:
    flow, row = flows.flows, int(roads.waits[place])
    lot = flows.name(int(flow["lot"][row])) or ""
    kg, days = float(flow["mass_kg"][row]), (now - int(roads.left[place])) / DAY
    start, end = (flows.name(int(of[place])) or "a place that nobody names" for of in (roads.start, roads.end))
    seqs = {int(flows.nodes["seq"][roads.node[place]]), int(flow["seq"][roads.ship[place]])}
    return Suspicion(
        code="metal.overdue_on_road",
        sentence=f"Lot {lot} left {start} for {end} {days:,.0f} days before the last event and has not arrived; what "
        f"went there before took far less, by {z:.1f} standard deviations of the logarithm of the time.",
        kg=kg if np.isfinite(kg) else None,
        entries=tuple(sorted(seqs - {-1})),
        lots=(lot,),
        settle=(Settle(act="document", subject=lot, detail="The receipt, or a word of the carrier."),),
    )
