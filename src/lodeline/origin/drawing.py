"""From masses of arcs, known and unknown, to a mass graph that closes exactly and on which every bound is sound.

A mass that is not known is found by difference where it is the only one of a node. What is then unknown is cut, in a
way that can only widen bounds: what it brings may be as much as leaves its head by arcs that are known, of the one
origin that it can be of or else untraced, and what it takes may be all that came into its tail. For whatever it was,
what it brought into the known arcs is no more than they carry, and the rest of it left by what is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.closing import Closed, closed
from lodeline.origin.determining import by_difference, resting, sole_origins, time_order
from lodeline.origin.graph import OUTSIDE, MassGraph, Origin
from lodeline.origin.maxflow import network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Rows = NDArray[np.int64]

CLOSES: Final = 1e-9
"""Up to which part of what passes a node an imbalance is rounding of what was computed, and no gap."""


class Told(NamedTuple):
    """What is known of arcs; (arc,) each.

    Attributes:
        tail, head: Node; -1 outside.
        kg: Mass of the element, >= 0; NaN where unknown.
        origin: Of an arc from outside the place of its origin, else -1.
        own: Whether the mass rests on an assay of this very arc.
    """

    tail: Rows
    head: Rows
    kg: Array
    origin: Rows
    own: Flags


class Drawing(NamedTuple):
    """A mass graph, and what it has of what was told.

    Attributes:
        graph: It; its column ``flow`` is the arc that was told.
        arc: (arc told,) its arc; -1 where its mass is unknown or nothing.
        node: (node told,) its node; -1 where nothing known passes it.
        kg: (arc told,) the mass that was taken, NaN where unknown. own: as of the graph.
        differences: (n, 2) arcs that were found by difference, each with the node that told it, in the order in which
            they were found.
        brings: (node told,) of what unknown masses bring there the origin; -1 where none do.
        gap_mg: (node of the graph,) what was told to come more than to leave, or less if below zero.
        moved_mg: The largest change for the sake of closing.
    """

    graph: MassGraph
    arc: Rows
    node: Rows
    kg: Array
    own: Flags
    differences: Rows
    brings: Rows
    gap_mg: Rows
    moved_mg: int


def draw(element: str, told: Told, nodes: int, origins: tuple[Origin, ...]) -> Drawing:
    """The mass graph of what is told.

    Args:
        element: Symbol. told: arcs. nodes: how many there are.
        origins: Untraced first.

    Raises:
        InputError: ``origin.time``, ``origin.closing``.
    """
    tail, head, kg, origin, own = told
    filled, found = by_difference(tail, head, kg, nodes)
    unknown = np.isnan(filled)
    slack = _slack(tail, head, np.where(unknown, 0.0, filled), nodes)
    rests = resting(tail, head, own & ~np.isnan(kg), np.abs(_net(tail, head, filled, nodes)) <= slack) & ~unknown
    drawn, brings = _drawn(Told(tail, head, filled, origin, rests), nodes, slack)
    done = closed(drawn.tail, drawn.head, drawn.kg, nodes, slack_kg=slack)
    graph, arc, node = _numbered(element, drawn, done, origins, tail.size, nodes)
    gap = np.zeros(graph.nodes, dtype=np.int64)
    gap[node[node >= 0]] = done.gap[node >= 0]
    return Drawing(graph, arc, node, filled, rests, found, brings, gap, done.moved)


class _Drawn(NamedTuple):
    """Arcs before they are numbered: those that were told, and those that what is unknown is cut into."""

    tail: Rows
    head: Rows
    kg: Array
    origin: Rows
    flow: Rows
    own: Flags


def _net(tail: Rows, head: Rows, kg: Array, nodes: int) -> Array:
    """(node,) what enters less what leaves, kg; NaN where anything of it is unknown."""
    net = np.zeros(nodes)
    np.add.at(net, head[head >= 0], kg[head >= 0])
    np.subtract.at(net, tail[tail >= 0], kg[tail >= 0])
    return net


def _slack(tail: Rows, head: Rows, kg: Array, nodes: int) -> Array:
    """(node,) what of its imbalance is rounding, kg."""
    passing = np.zeros(nodes)
    for end in (tail, head):
        np.add.at(passing, end[end >= 0], kg[end >= 0])
    return CLOSES * passing


def _drawn(told: Told, nodes: int, slack: Array) -> tuple[_Drawn, Rows]:
    """The arcs of known masses, and what stands for the unknown ones; (node,) the origin of what these bring, or -1."""
    tail, head, kg, origin, own = told
    unknown = np.isnan(kg)
    known = np.flatnonzero(~unknown & (kg > 0))
    into, out = np.zeros(nodes), np.zeros(nodes)
    np.add.at(into, head[known][head[known] >= 0], kg[known][head[known] >= 0])
    np.add.at(out, tail[known][tail[known] >= 0], kg[known][tail[known] >= 0])
    brings, takes = np.zeros(nodes, dtype=np.bool_), np.zeros(nodes, dtype=np.bool_)
    brings[head[unknown & (head >= 0)]] = True
    takes[tail[unknown & (tail >= 0)]] = True
    both = brings & takes
    # Where one side is known, what the other brings or takes is the gap; where neither is, as much as could matter.
    brought = np.select([both, brings], [out, np.maximum(out - into, 0.0)], 0.0)
    taken = np.where(both, into, 0.0)
    coming = np.flatnonzero(brought > slack)
    leaving = np.flatnonzero(taken > 0)
    of = np.where(brings, _brought_of(told, out - into > slack, nodes), -1)
    count = coming.size + leaving.size
    drawn = _Drawn(
        tail=np.concatenate([tail[known], np.full(coming.size, OUTSIDE), leaving]),
        head=np.concatenate([head[known], coming, np.full(leaving.size, OUTSIDE)]),
        kg=np.concatenate([kg[known], brought[coming], taken[leaving]]),
        origin=np.concatenate([origin[known], of[coming], np.full(leaving.size, -1)]),
        flow=np.concatenate([known, np.full(count, -1)]),
        own=np.concatenate([own[known], np.zeros(count, dtype=np.bool_)]),
    )
    return drawn, of


def _brought_of(told: Told, gains: Flags, nodes: int) -> Rows:
    """(node,) the origin of what unknown arcs bring: the only one that it can be of, else untraced."""
    tail, head, kg, origin, _ = told
    unknown = np.isnan(kg)
    order = _order(tail, head, nodes)
    net = network(tail, head, np.zeros(tail.size, dtype=np.int64), nodes)
    silent = ~unknown & ~(kg > 0)
    # Where something unknown comes in, nobody can say that more leaves than comes.
    fed = np.zeros(nodes, dtype=np.bool_)
    fed[head[unknown & (head >= 0)]] = True
    sole = sole_origins(np.argsort(order, kind="stable"), net, origin, silent, gains & ~fed)
    brought = np.where(tail >= 0, sole[tail], origin)
    least, most = np.full(nodes, len(origin)), np.full(nodes, -1)
    at = unknown & (head >= 0)
    np.minimum.at(least, head[at], np.maximum(brought[at], 0))
    np.maximum.at(most, head[at], np.maximum(brought[at], 0))
    return np.where(least == most, most, 0)


def _order(tail: Rows, head: Rows, nodes: int) -> Rows:
    order = time_order(tail, head, nodes)
    if (order < 0).any():
        raise InputError(
            "origin.time", "Metal leads in a circle, so that its nodes are in no order of time.",
            node=int(np.flatnonzero(order < 0)[0]),
        )  # fmt: skip
    return order


def _numbered(
    element: str, drawn: _Drawn, done: Closed, origins: tuple[Origin, ...], arcs: int, nodes: int
) -> tuple[MassGraph, Rows, Rows]:
    """The graph of what carries anything, gaps and all; (arc told,) arcs and (node told,) nodes."""
    gains, losses = np.flatnonzero(done.gap < 0), np.flatnonzero(done.gap > 0)
    count = gains.size + losses.size
    tail = np.concatenate([drawn.tail, np.full(gains.size, OUTSIDE), losses])
    head = np.concatenate([drawn.head, gains, np.full(losses.size, OUTSIDE)])
    mg = np.concatenate([done.mg, -done.gap[gains], done.gap[losses]])
    origin = np.concatenate([drawn.origin, np.zeros(gains.size, dtype=np.int64), np.full(losses.size, -1)])
    flow = np.concatenate([drawn.flow, np.full(count, -1)])
    own = np.concatenate([drawn.own, np.zeros(count, dtype=np.bool_)])
    # What neither leaves from nor enters a node has no place in a balance.
    carried = (mg > 0) & ((tail >= 0) | (head >= 0))
    tail, head, mg, origin, flow, own = (one[carried] for one in (tail, head, mg, origin, flow, own))
    used = np.zeros(nodes, dtype=np.bool_)
    used[tail[tail >= 0]] = True
    used[head[head >= 0]] = True
    order = _order(tail, head, nodes)
    node = np.full(nodes, -1, dtype=np.int64)
    kept = np.flatnonzero(used)
    node[kept[np.argsort(order[kept], kind="stable")]] = np.arange(kept.size)
    # The last stands for outside.
    renumbered = np.append(node, OUTSIDE)
    graph = MassGraph(
        element=element,
        nodes=int(kept.size),
        tail=renumbered[tail],
        head=renumbered[head],
        mg=mg,
        origin=origin,
        flow=flow,
        own=own,
        origins=origins,
    )
    graph.check()
    arc = np.full(arcs, -1, dtype=np.int64)
    told = flow >= 0
    arc[flow[told]] = np.flatnonzero(told)
    return graph, arc, node
