"""Whether lots came faster than anything goes: then they did not come from where the book says.

A road is at least as long as the shortest way on the globe, and takes at least that distance over the fastest speed.
Source: the haversine formula, Sinnott (1984), Sky and Telescope 68, 159; mean radius of the Earth, IUGG.
"""

from __future__ import annotations

from collections import Counter
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeline.errors import Settle
from lodeline.ids.epc import canonical
from lodeline.metal.detection.limits.judging import Compared
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.metal.flows.words import FLOW, NO_TIME
from lodeline.metal.registered import within

if TYPE_CHECKING:
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy
    from lodeline.metal.registered import Master

EARTH_KM = 6371.0088
HOUR = 3_600_000_000
"""Microseconds."""
NO_SPEED = "roads of which no policy says how fast they can be"
NO_ROAD = "nothing came by a road"
NO_PLACE = "roads with an end whose position is not registered"
NO_HOUR = "roads of which departure or arrival is unknown"


def too_fast(flows: Flows, policy: Policy, master: Master) -> Compared:
    """``origin.too_fast``: a consignment arrived sooner after it left than its road allows.

    The least time is what the policy names for the two places, else the distance on the globe over the fastest speed
    that it names. Positions count that stand for a site, and not for a town or a state. The times are as the events say
    them, without an uncertainty, so that it is weak at most.
    """
    flow, nodes = flows.flows, flows.nodes
    rows = np.flatnonzero(flow["kind"] == FLOW["receive"])
    start_of = np.full(nodes.rows, -1, dtype=np.int64)
    ships = np.flatnonzero(flow["kind"] == FLOW["ship"])
    start_of[flow["head"][ships]] = nodes["place"][flow["tail"][ships]]
    unbound, found, number = Counter[str](), list[tuple[int, float, float]](), 0
    least_of: dict[tuple[int, int], float | str] = {}
    for row in rows.tolist():
        road = (int(start_of[flow["tail"][row]]), int(nodes["place"][flow["head"][row]]))
        if road not in least_of:
            least_of[road] = _least_hours(flows, policy, master, road)
        least, left, came = least_of[road], int(flow["left_at"][row]), int(flow["arrived_at"][row])
        if isinstance(least, str):
            unbound[least] += 1
        elif NO_TIME in (left, came):
            unbound[NO_HOUR] += 1
        else:
            number += 1
            if (came - left) / HOUR < least:
                found.append((row, (came - left) / HOUR, least))

    def told(place: int) -> Suspicion:
        row, took, least = found[place]
        road = (int(start_of[flow["tail"][row]]), int(nodes["place"][flow["head"][row]]))
        return _told(flows, row, road, took, least)

    if not rows.size:
        unbound[NO_ROAD] += 1
    nothing = np.full(len(found), np.nan)
    return Compared(number, nothing, nothing, told, dict(unbound))


def _least_hours(flows: Flows, policy: Policy, master: Master, road: tuple[int, int]) -> float | str:
    """The least time between two places, hours, or why it is not known."""
    start, end = (flows.name(place) for place in road)
    if start is None or end is None:
        return NO_PLACE
    said = policy.fastest_hours.get(canonical(start), {}).get(canonical(end))
    if said is not None:
        return float(said)
    if policy.fastest_km_per_h is None:
        return NO_SPEED
    ends = [position(master, name) for name in (start, end)]
    if ends[0] is None or ends[1] is None:
        return NO_PLACE
    return distance_km(ends[0], ends[1]) / float(policy.fastest_km_per_h)


def position(master: Master, place: str) -> tuple[float, float] | None:
    """Latitude and longitude of a place or of the nearest larger one that has them, degrees; None where none has, or
    where they stand for more than a site."""
    larger, at = within(master), canonical(place)
    for _ in range(len(larger) + 1):
        attributes: Any = master.get(("site", at), {})
        if attributes.get("latitude") is not None and attributes.get("longitude") is not None:
            if attributes.get("position_precision") not in (None, "site"):
                return None
            return float(attributes["latitude"]), float(attributes["longitude"])
        if at not in larger:
            return None
        at = larger[at]
    return None


def distance_km(start: tuple[float, float], end: tuple[float, float]) -> float:
    """The shortest way on the globe between two positions in degrees."""
    (north, east), (to_north, to_east) = ((radians(a), radians(b)) for a, b in (start, end))
    half = sin((to_north - north) / 2) ** 2 + cos(north) * cos(to_north) * sin((to_east - east) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(half, 1.0)))


def _told(flows: Flows, row: int, road: tuple[int, int], took: float, least: float) -> Suspicion:
    flow = flows.flows
    lot = flows.name(int(flow["lot"][row])) or ""
    start, end = (flows.name(place) for place in road)
    kg = float(flow["mass_kg"][row])
    ship = np.flatnonzero((flow["kind"] == FLOW["ship"]) & (flow["head"] == flow["tail"][row]))
    entries = {int(flow["seq"][row]), *flow["seq"][ship].tolist()}
    return Suspicion(
        code="origin.too_fast",
        sentence=f"Lot {lot} came from {start} to {end} in {took:,.1f} hours, and the road takes at least "
        f"{least:,.1f}; one of the two times is wrong, or it came from elsewhere.",
        weight="weak",
        kg=kg if np.isfinite(kg) else None,
        entries=tuple(sorted(entries - {-1})),
        lots=(lot,),
        settle=(Settle(act="document", subject=lot, detail="The gate records of both ends, and the carrier's log."),),
    )
