"""Bounds of everything at once: one pass in order of time, never inside the exact ones, often equal to them.

``U_node = min(M, sum over what enters of min(m, U_tail))`` with ``M`` what passes the node, ``m`` what the arc carries;
an arc holds at most ``min(m, U_tail)``. The least is what the others leave: ``m`` less their most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numba import njit

from lodeline.origin.wanted import classes

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from lodeline.origin.bounds import Bounds
    from lodeline.origin.graph import Origin
    from lodeline.origin.wanted import Wanted

    Rows = NDArray[np.int64]

ROUNDS: Final = 64
"""How often a graph with circles is gone through at most: every round is sound, and the last ones win little."""


class Outer(NamedTuple):
    """Outer bounds of some origins, milligrams: the exact ones lie inside.

    Attributes:
        least, most: (arc,). node_least, node_most: (node,) of all that passes it.
    """

    least: Rows
    most: Rows
    node_least: Rows
    node_most: Rows


def sweep(bounds: Bounds, of: Collection[Origin] | Wanted) -> Outer:
    """Outer bounds of every arc and node.

    Where the graph has circles they hold too, for what passes a node on a circle as well, and are looser.

    Args:
        bounds: Of a graph.
        of: As :meth:`Bounds.arcs`.

    Raises:
        InputError: ``origin.untraced``.
    """
    graph, net = bounds.graph, bounds.network
    through = np.zeros(graph.nodes, dtype=np.int64)
    into = graph.head >= 0
    np.add.at(through, graph.head[into], graph.mg[into])
    sides = []
    for member in classes(graph.origins, of):
        source = member[graph.origin]
        most = through.copy()
        for _ in range(ROUNDS if graph.cyclic else 1):
            if not _lower(net, source, most):
                break
        inner = graph.tail >= 0
        arc = np.where(source, graph.mg, 0)
        arc[inner] = np.minimum(graph.mg[inner], most[graph.tail[inner]])
        sides.append((arc, most))
    (most, node_most), (rest, node_rest) = sides
    return Outer(graph.mg - rest, most, through - node_rest, node_most)


@njit(cache=True)
def _lower(of: Any, source: Any, most: Any) -> Any:
    """Lower ``most`` (node,) by what can enter, node by node; whether any fell."""
    fell = False
    for node in range(most.size):
        room = most[node]
        for spot in range(of.into_start[node], of.into_start[node + 1]):
            arc = of.into[spot]
            tail = of.tail[arc]
            if tail >= 0:
                room -= min(of.capacity[arc], most[tail])
            elif source[arc]:
                room -= of.capacity[arc]
            # What enters is counted down, so that no sum leaves int64.
            if room <= 0:
                break
        if room > 0:
            most[node] -= room
            fell = True
    return fell
