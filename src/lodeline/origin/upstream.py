"""The part of a mass graph on which a question rests: the events before what is asked about, and nothing after.

What leaves one of them towards something that was not asked about is no part of it: masses close, so whatever is not
needed can be routed on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.origin.graph import OUTSIDE, MassGraph

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from lodeline.origin.graph import Rows


class Upstream(NamedTuple):
    """Nodes and arcs on which the asked arcs rest.

    Attributes:
        nodes: (node,) numbers in the graph, ascending, so in order of time where the graph is.
        tail, head: (arc,) places in ``nodes``, or :data:`OUTSIDE`.
        mg: (arc,) mass, milligrams.
        row: (arc,) row of the graph, ascending.
        origin: (arc,) as in the graph.
    """

    nodes: Rows
    tail: Rows
    head: Rows
    mg: Rows
    row: Rows
    origin: Rows

    def place(self, rows: Iterable[int]) -> Rows:
        """(row,) where arcs of the graph stand here."""
        return np.searchsorted(self.row, np.fromiter(rows, dtype=np.int64))


def upstream(graph: MassGraph, asked: Iterable[int]) -> Upstream:
    """What these arcs rest on; the asked arcs are in it, each on its own."""
    rows = np.unique(np.fromiter(asked, dtype=np.int64))
    inside = _before(graph, graph.tail[rows])
    nodes = np.flatnonzero(inside).astype(np.int64)
    place = np.full(graph.nodes + 1, OUTSIDE, dtype=np.int64)  # the last entry is what OUTSIDE = -1 finds
    place[nodes] = np.arange(nodes.size)

    wanted = np.zeros(graph.mg.size, dtype=np.bool_)
    wanted[rows] = True
    enters = (graph.head >= 0) & inside[graph.head]
    kept = np.flatnonzero(enters | wanted)
    return Upstream(
        nodes=nodes,
        tail=place[graph.tail[kept]],
        head=place[graph.head[kept]],
        mg=graph.mg[kept],
        row=kept,
        origin=graph.origin[kept],
    )


def _before(graph: MassGraph, ends: Rows) -> NDArray[np.bool_]:
    """(node,) whether metal that is there may have come to one of ``ends``."""
    inner = np.flatnonzero((graph.tail >= 0) & (graph.head >= 0))
    order = inner[np.argsort(graph.head[inner], kind="stable")]
    tails, begins = graph.tail[order], np.searchsorted(graph.head[order], np.arange(graph.nodes + 1))
    inside = np.zeros(graph.nodes, dtype=np.bool_)
    front = np.unique(ends[ends >= 0])
    while front.size:
        inside[front] = True
        counts = begins[front + 1] - begins[front]
        steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        found = np.unique(tails[np.repeat(begins[front], counts) + steps])
        front = found[~inside[found]]
    return inside
