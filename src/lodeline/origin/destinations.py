"""Destinations: where the metal of a node, a lot or an origin went, as shares of each end.

The sweep of shares run backwards: ``d_v = sum(m_a d_head(a)) / sum(m_a)`` over what leaves a node, which is the sweep
of the graph with every arc turned round, so that what ends becomes what is brought.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.graph import OUTSIDE, UNTRACED
from lodeline.origin.shares import labelled

if TYPE_CHECKING:
    from lodeline.origin.graph import MassGraph, Rows
    from lodeline.origin.shares import Floats


class Destinations(NamedTuple):
    """Shares by end.

    Attributes:
        graph: What they are of.
        end: (arc,) the end it is, where it leads outside; -1 elsewhere.
        node: (node, end) share of what passes each node that ends so, summing to one; not a number where nothing
            passes.
    """

    graph: MassGraph
    end: Rows
    node: Floats

    def of_arcs(self, arcs: Rows | None = None) -> Floats:
        """(arc, end) where the metal of arcs ends, those asked or all."""
        asked = np.arange(self.end.size) if arcs is None else np.asarray(arcs, dtype=np.int64)
        found = np.zeros((asked.size, self.node.shape[1]))
        ends = self.end[asked] >= 0
        found[ends, self.end[asked[ends]]] = 1
        found[~ends] = self.node[self.graph.head[asked[~ends]]]
        return found

    def of_origin(self, origin: int) -> Floats:
        """(end,) milligrams of one origin that ended so."""
        arcs = np.flatnonzero(self.graph.origin == origin)
        return np.asarray(self.graph.mg[arcs] @ self.of_arcs(arcs), dtype=np.float64)


def destinations(graph: MassGraph, end: Rows, ends: int) -> Destinations:
    """Where metal went, if what meets is mixed perfectly; under another rule give the graph that is routed by it.

    Args:
        graph: As its ``check`` takes it.
        end: (arc,) which end each is that leads outside, from 0; -1 elsewhere.
        ends: How many there are.

    Raises:
        InputError: What ``graph.check`` refuses; ``origin.end``, ``origin.closed_loop``.
    """
    _require(graph, end, ends)
    found = labelled(turned(graph, end, ends), end, ends)
    return Destinations(graph, end, found.node[::-1])


def turned(graph: MassGraph, end: Rows, ends: int) -> MassGraph:
    """The graph with every arc turned round, in which what ended is brought, by origins that stand for the ends.

    Nodes are counted from the last, so that they are in order of time when it runs backwards; arcs keep their places.
    """
    return graph._replace(
        tail=_counted_back(graph.head, graph.nodes),
        head=_counted_back(graph.tail, graph.nodes),
        origin=end,
        origins=(UNTRACED,) * ends,
    )


def _require(graph: MassGraph, end: Rows, ends: int) -> None:
    graph.check()
    outside = graph.head == OUTSIDE
    if end.shape != outside.shape or ((end >= 0) != outside).any() or (end >= ends).any() or (end < -1).any():
        raise InputError("origin.end", "Say of each arc that leads outside which end it is, and of no other.")


def _counted_back(node: Rows, nodes: int) -> Rows:
    return np.where(node >= 0, nodes - 1 - node, OUTSIDE)
