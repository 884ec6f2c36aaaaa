"""Sides of a road: where a lot lies between two movements, what its mass was read from, and what was found of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lodeline.metal.flows.words import CLASS, FLOW, NODE, QUANTITY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows

    Rows = NDArray[np.int64]

MASSES = tuple(QUANTITY[word] for word in ("declared", "gross", "tare", "net"))
"""Quantities from which a mass is read."""


class Sides(NamedTuple):
    """Sides, and what was measured on each.

    A side is all that a lot does at rest in one place: the holdings of it that flows join. A road or a process ends it.

    Attributes:
        of_flow: (flow,) its side: that of the holding it leaves, else of the one it enters, else one of its own.
        number: How many sides there are.
        mass_row: (flow,) the measurement its mass was read from, on this flow or on the one that carried the mass
            here; -1 where it was read from none, or computed from several.
        mass_u_kg: (flow,) standard uncertainty of the mass; of a weighing that gives none the largest that the same
            scale gives elsewhere. NaN where there is none.
        guessed: (flow,) whether it is of other weighings.
        water_row: (side,) the moisture that counts there; -1 for none.
        came_from: (side,) the side from which all that came to it came by road; -1 where there is none, or several.
    """

    of_flow: Rows
    number: int
    mass_row: Rows
    mass_u_kg: NDArray[np.float64]
    guessed: NDArray[np.bool_]
    water_row: Rows
    came_from: Rows


def sides(flows: Flows) -> Sides:
    """The sides of all flows."""
    of_flow, count = _of_flows(flows)
    row = _mass_rows(flows)
    u_kg = _mass_u(flows, row)
    return Sides(
        of_flow,
        count,
        row,
        u_kg,
        np.isnan(flows.flows["mass_u_kg"]) & ~np.isnan(u_kg),
        _best(flows, of_flow, count),
        _came_from(flows, of_flow, count),
    )


def _of_flows(flows: Flows) -> tuple[Rows, int]:
    tail, head = (flows.flows[end].astype(np.int64) for end in ("tail", "head"))
    holding = flows.nodes["kind"] == NODE["holding"]
    nodes = flows.nodes.rows
    joined = np.flatnonzero(holding[tail] & holding[head])
    graph = coo_array((np.ones(joined.size, dtype=np.int8), (tail[joined], head[joined])), shape=(nodes, nodes))
    count, label = connected_components(graph, directed=False)
    # A flow that touches no holding has a side to itself.
    alone = np.flatnonzero(~holding[tail] & ~holding[head])
    of_flow = np.where(holding[tail], label[tail], label[head]).astype(np.int64)
    of_flow[alone] = count + np.arange(alone.size)
    return of_flow, int(count) + alone.size


def _mass_rows(flows: Flows) -> Rows:
    """The measurement of each mass, by way of the flows that carried the very same mass."""
    flow, measured = flows.flows, flows.measurements
    kg, u = flow["mass_kg"], flow["mass_u_kg"]
    tail, head = (flow[end].astype(np.int64) for end in ("tail", "head"))
    row = np.full(flow.rows, -1, dtype=np.int64)
    own = np.flatnonzero(measured["chosen"] & np.isin(measured["quantity"], MASSES))
    row[measured["flow"][own]] = own
    row[~np.isin(flow["mass_class"], [CLASS["measured"], CLASS["stated"]])] = -1

    def same(one: Rows, other: Rows) -> NDArray[np.bool_]:
        as_sure = (u[one] == u[other]) | (np.isnan(u[one]) & np.isnan(u[other]))
        return np.asarray((kg[one] == kg[other]) & as_sure)

    # Back along what carried it here; of what a road brought and a scale then read, on to where it was read.
    inflow, outflow = _only(head, flows.nodes.rows), _only(tail, flows.nodes.rows)
    read_there = np.zeros(flows.nodes.rows, dtype=bool)
    read_there[tail[flow["kind"] == FLOW["transit_loss"]]] = True
    onward = (flow["kind"] == FLOW["receive"]) & read_there[tail]
    step = np.where(onward, outflow[head], inflow[tail])
    itself = np.arange(flow.rows)
    fits = (step >= 0) & (row < 0)
    fits[fits] &= same(itself[fits], step[fits])
    step = np.where(fits, step, itself)
    while True:
        further = step[step]
        if (further == step).all():
            return row[step]
        step = further


def _mass_u(flows: Flows, row: Rows) -> NDArray[np.float64]:
    """The uncertainty of each mass, or the largest of the same scale."""
    u = flows.flows["mass_u_kg"].copy()
    measured = flows.measurements
    if not measured.rows:
        return u
    largest = np.full((len(QUANTITY), len(flows.names) + 1), -np.inf)
    told = np.flatnonzero((measured["u"] > 0) & (measured["device"] >= 0))
    np.maximum.at(largest, (measured["quantity"][told], measured["device"][told]), measured["u"][told])
    # Gross and tare may be read half by half: only a net mass stands for itself.
    net = np.isnan(u) & (row >= 0) & (measured["quantity"][row] == QUANTITY["net"]) & (measured["device"][row] >= 0)
    of_scale = largest[QUANTITY["net"], measured["device"][row[net]]]
    u[net] = np.where(np.isfinite(of_scale), of_scale, np.nan)
    return u


def _only(end: Rows, nodes: int) -> Rows:
    """(node,) the one flow at this end of a node; -1 where there are none or several."""
    found = np.full(nodes, -1, dtype=np.int64)
    found[end] = np.arange(end.size)
    found[np.bincount(end, minlength=nodes) != 1] = -1
    return found


def _best(flows: Flows, of_flow: Rows, count: int) -> Rows:
    """The moisture of the highest rank on each side, of equals the latest."""
    measured = flows.measurements
    rows = np.flatnonzero(measured["quantity"] == QUANTITY["moisture"])
    priority = np.array(flows.ranking.priorities(), dtype=np.int64)[measured["rank"][rows]]
    side = of_flow[measured["flow"][rows]]
    order = np.lexsort((rows, priority, side))
    best = np.full(count, -1, dtype=np.int64)
    best[side[order]] = rows[order]  # of several at one place the last stays
    return best


def _came_from(flows: Flows, of_flow: Rows, count: int) -> Rows:
    """The side at the other end of the road."""
    kind, tail, head = (flows.flows[column] for column in ("kind", "tail", "head"))
    left = np.full(flows.nodes.rows, -1, dtype=np.int64)
    ships = np.flatnonzero(kind == FLOW["ship"])
    left[head[ships]] = of_flow[ships]
    receipts = np.flatnonzero(kind == FLOW["receive"])
    before, after = left[tail[receipts]], of_flow[receipts]
    first, last = np.full(count, count, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    np.minimum.at(first, after, before)
    np.maximum.at(last, after, before)
    return np.where((first == last) & (last != np.arange(count)), last, -1)
