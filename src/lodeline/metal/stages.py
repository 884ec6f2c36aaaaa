"""Stages: an element from deposit to product, as bands between stations that close at every one of them.

Recorded values only: nothing is reconciled. Where a node takes in more than it gives, the difference is an unaccounted
loss; where it gives more, an unaccounted gain. The two are summed each for itself and never set off against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.metal.accounts import (
    BROUGHT,
    COLUMNS,
    DECLARED,
    GAIN,
    HELD,
    LEFT,
    LOSS,
    RETURNED,
    ROAD,
    UNFOLLOWED,
    UNTOLD,
    Band,
    Stages,
    Station,
)
from lodeline.metal.asked import asked
from lodeline.metal.flows.words import CLOSING, FLOW, NODE, OUTSIDE
from lodeline.metal.sums import Sums
from lodeline.metal.weighed import weighed
from lodeline.units.figure import Figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.stations import Stations

EXACT = 1e-9
"""Share of what passes a node below which a difference is rounding of the machine."""


def stages(flows: Flows, of: Stations, element: str) -> Stages:
    """An element by stage.

    Args:
        flows: Of the book.
        of: Its stations, from :func:`lodeline.metal.stations.stations`.
        element: Symbol.
    """
    mass = weighed(flows, flows.element(element))
    sums = Sums(flows, mass)
    wanted = asked(flows, of, mass, element)
    kg = np.where(np.isnan(mass.kg), 0.0, mass.kg)
    table = _Places(flows, of, element)
    bands = _between(flows, sums, kg, table) + _closing(flows, mass.kg, wanted, table)
    flow = flows.flows
    # A loss whose content nobody assayed is no stream of its own: what was in it is among the unaccounted.
    hidden = wanted & np.isnan(mass.kg) & ~_losses(flow["kind"])
    lost = np.flatnonzero((flow["kind"] == FLOW["loss"]) & np.isnan(mass.kg) & _touched(flows, kg)[flow["tail"]])
    declared = flow["mass_kg"][lost]
    present = np.unique(flow["lot"][flow["lot"] >= 0])
    return Stages(
        element=element,
        bands=tuple(bands),
        unknown_lots=int(np.unique(flow["lot"][hidden]).size),
        unknown_flows=int(hidden.sum()),
        bounded_flows=int((hidden & ~np.isnan(mass.high_kg)).sum()),
        declared=Figure(value=float(np.nansum(declared)), unit="KGM", standing="computed"),
        unasked_lots=int(present.size - np.unique(flow["lot"][wanted]).size),
    )


class _Places:
    """The stations of one element: outlets by what they are to it, and where each flow starts and ends."""

    def __init__(self, flows: Flows, of: Stations, element: str) -> None:
        self.keys: list[Station] = []
        self._at: dict[Station, int] = {}
        known = dict(zip(of.materials, of.outlets, strict=True))
        to_element = [
            Station("outlet", known[one.of].kind(element) if one.of in known else "not said")
            if one.kind == "outlet"
            else one
            for one in of.stations
        ]
        number = np.array([self.number(one) for one in to_element] + [-1], dtype=np.int64)
        flow = flows.flows
        self.of_node = number[of.of_node]
        self.source = self.of_node[flow["tail"]]
        arising = of.origin_of >= 0
        self.source[arising] = number[of.origin_of[arising]]
        self.target = self.of_node[flow["head"]]
        on_road = flows.nodes["kind"][flow["tail"]] == NODE["transit"]
        for kind, end in (("ending", LEFT), ("loss", DECLARED), ("transit_loss", DECLARED), ("closing", HELD)):
            self.target[flow["kind"] == FLOW[kind]] = self.number(end)
        self.target[(flow["kind"] == FLOW["closing"]) & on_road] = self.number(ROAD)

    def number(self, one: Station) -> int:
        """The number of a station."""
        at = self._at.setdefault(one, len(self.keys))
        if at == len(self.keys):
            self.keys.append(one)
        return at

    def column(self, number: int) -> int:
        """How far to the right a station stands."""
        return COLUMNS.index(self.keys[number].kind)


def _between(flows: Flows, sums: Sums, kg: NDArray[np.float64], table: _Places) -> list[Band]:
    """Bands of what is recorded to pass from one station to another; a return is cut where it would lead back."""
    crossing = np.flatnonzero((table.source != table.target) & (kg > 0) & (table.source >= 0) & (table.target >= 0))
    pairs, pair = np.unique(
        np.stack([table.source[crossing], table.target[crossing]]), axis=1, return_inverse=True
    )  # (2, pair), (crossing,)
    bands = []
    for index in range(pairs.shape[1]):
        source, target = int(pairs[0, index]), int(pairs[1, index])
        rows = crossing[pair.ravel() == index]
        mass = sums.of(rows)
        if table.column(source) < table.column(target):
            bands.append(Band(table.keys[source], table.keys[target], mass, rows.size))
        else:
            bands.append(Band(table.keys[source], RETURNED, mass, rows.size))
            bands.append(Band(BROUGHT, table.keys[target], mass, rows.size))
    return _joined(bands)


def _closing(flows: Flows, kg: NDArray[np.float64], wanted: NDArray[np.bool_], table: _Places) -> list[Band]:
    """Bands that close every node: unaccounted loss and gain, or, where a flow of it is unknown, what is not
    followed."""
    flow, count = flows.flows, flows.nodes.rows
    known = np.where(np.isnan(kg), 0.0, kg)
    into, out = (np.bincount(flow[end], weights=known, minlength=count) for end in ("head", "tail"))
    unknown = wanted & np.isnan(kg) & ~_losses(flow["kind"])
    open_in, open_out = (np.bincount(flow[end][unknown], minlength=count) > 0 for end in ("head", "tail"))
    over = into - out
    over[np.abs(over) <= EXACT * np.maximum(into, out)] = 0.0
    over[[OUTSIDE, CLOSING]] = 0.0
    bands = []
    for rule, nodes in (
        (lambda station: (station, LOSS), (over > 0) & ~open_out),
        (lambda station: (station, UNFOLLOWED), (over > 0) & open_out),
        (lambda station: (GAIN, station), (over < 0) & ~open_in),
        (lambda station: (UNTOLD, station), (over < 0) & open_in),
    ):
        at = np.flatnonzero(nodes)
        stations, index = np.unique(table.of_node[at], return_inverse=True)
        sums = np.bincount(index, weights=np.abs(over[at]), minlength=stations.size)
        counts = np.bincount(index, minlength=stations.size)
        for number, total, several in zip(stations.tolist(), sums.tolist(), counts.tolist(), strict=True):
            source, target = rule(table.keys[number])
            bands.append(Band(source, target, Figure(value=total, unit="KGM", standing="computed"), several))
    return bands


def _losses(kind: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.isin(kind, [FLOW["loss"], FLOW["transit_loss"]])


def _touched(flows: Flows, kg: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(node,) whether any of the element is known to pass a node."""
    found = np.zeros(flows.nodes.rows, dtype=bool)
    found[flows.flows["tail"][kg > 0]] = True
    found[flows.flows["head"][kg > 0]] = True
    return found


def _joined(bands: list[Band]) -> list[Band]:
    """Bands of one source and target as one: several returns may leave a station."""
    together: dict[tuple[Station, Station], list[Band]] = {}
    for band in bands:
        together.setdefault((band.source, band.target), []).append(band)
    joined = []
    for (source, target), several in together.items():
        mass = several[0].mass
        if len(several) > 1:
            value = sum(band.mass.value or 0.0 for band in several)
            mass = Figure(value=value, unit="KGM", standing="computed")
        joined.append(Band(source, target, mass, sum(band.flows for band in several)))
    return joined
