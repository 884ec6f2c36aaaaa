"""What can have reached a place in a mass graph, and where it can have gone from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.origin.maxflow import Network

    Rows = NDArray[np.int64]


class Reached(NamedTuple):
    """A part of a graph.

    Attributes:
        nodes: In no order. arcs: every arc that enters one of them (of descendants: that leaves one), those from
            outside (or that end) too.
    """

    nodes: Rows
    arcs: Rows


def ancestors(of: Network, arcs: Rows) -> Reached:
    """Nodes from which metal can come into some arcs, the tails of these first, and every arc into those nodes."""
    return Reached(*_reached(of.tail, of.into, of.into_start, np.unique(of.tail[arcs]), of.nodes))


def descendants(of: Network, arcs: Rows) -> Reached:
    """Nodes into which metal of some arcs can go, the heads of these first, and every arc out of those nodes."""
    return Reached(*_reached(of.head, of.out, of.out_start, np.unique(of.head[arcs]), of.nodes))


@njit(cache=True)
def _reached(end: Any, beside: Any, start: Any, first: Any, nodes: Any) -> Any:
    """Nodes that some lead to, over the arcs that stand beside each, and those arcs."""
    seen = np.zeros(nodes, np.bool_)
    queue = np.empty(nodes, np.int64)
    count = arcs = 0
    for node in first:
        if node >= 0 and not seen[node]:
            seen[node] = True
            queue[count] = node
            count += 1
    begin = 0
    while begin < count:
        node = queue[begin]
        begin += 1
        arcs += start[node + 1] - start[node]
        for spot in range(start[node], start[node + 1]):
            other = end[beside[spot]]
            if other >= 0 and not seen[other]:
                seen[other] = True
                queue[count] = other
                count += 1
    found = np.empty(arcs, np.int64)
    arcs = 0
    for place in range(count):
        for spot in range(start[queue[place]], start[queue[place] + 1]):
            found[arcs] = beside[spot]
            arcs += 1
    return queue[:count].copy(), found
