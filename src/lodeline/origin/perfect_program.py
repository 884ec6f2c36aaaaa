"""Bounds where some places are known to mix perfectly, and nothing is known of the others.

    maximise   f_t
    where      0 <= f <= m, f conserves at every node,
               f = m on arcs from outside that are of the class, f = 0 on the others,
               f_a / m_a is the same for all arcs a that leave a place which mixes

Where a rule keeps an order instead (first in first out, last in first out, identity), the graph is rewritten by
:func:`lodeline.origin.mixing.routed`, and its bounds are maximum flows as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.ancestors import ancestors
from lodeline.origin.intervals import Range
from lodeline.origin.matrix import Matrix, solved
from lodeline.origin.wanted import classes

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from lodeline.origin.bounds import Bounds
    from lodeline.origin.graph import Origin
    from lodeline.origin.wanted import Wanted

    Flags = NDArray[np.bool_]
    Rows = NDArray[np.int64]

LARGEST = 1e6
"""Masses are given to the solver in a unit in which none is larger."""


def narrowed(bounds: Bounds, target: int, origins: Collection[Origin] | Wanted, perfect: Flags) -> Range:
    """The range of one arc with what is known of mixing; inside the bounds without it.

    Args:
        bounds: Of a graph. target: arc.
        origins: As :meth:`lodeline.origin.bounds.Bounds.arcs`.
        perfect: (node,) whether all that leaves it has one composition.

    Raises:
        InputError: ``origin.shape``, and those of :meth:`lodeline.origin.bounds.Bounds.arcs`.
    """
    graph = bounds.graph
    if perfect.shape != (graph.nodes,):
        raise InputError("origin.shape", "Say of each node whether it mixes perfectly.")
    plain = bounds.arc(target, origins)
    if graph.tail[target] < 0:
        return _range(plain.least, plain.most, plain.mg)
    most_of, rest_of = classes(graph.origins, origins)
    most, rest = (_most(bounds, target, member, perfect) for member in (most_of, rest_of))
    # Rounding of the solver never makes it wider than what is exact, nor turns it round.
    high = min(max(most, plain.least), plain.most)
    return _range(min(max(plain.mg - rest, plain.least), high), high, plain.mg)


def _range(least: float, most: float, mg: int) -> Range:
    return Range(least, most, least / mg, most / mg, exact=True)


def _most(bounds: Bounds, target: int, member: Flags, perfect: Flags) -> float:
    """The most of a class, milligrams."""
    graph = bounds.graph
    reach = ancestors(bounds.network, np.array([target]))
    # Columns: every arc that the target's tail rests on, the target, and what else leaves each place.
    column = np.full(graph.tail.size, -1, dtype=np.int64)
    used = np.append(reach.arcs, target)
    column[used] = np.arange(used.size)
    unit = max(1.0, float(graph.mg[used].max()) / LARGEST)
    mg = graph.mg / unit
    made = Matrix(used.size + reach.nodes.size)
    number = np.full(graph.nodes, -1, dtype=np.int64)
    number[reach.nodes] = np.arange(reach.nodes.size)
    beside = used.size + number
    rows = made.rows(reach.nodes.size, 0.0, 0.0)
    into = reach.arcs
    made.add(rows[number[graph.head[into]]], column[into], 1.0)
    out = used[graph.tail[used] >= 0]
    made.add(rows[number[graph.tail[out]]], column[out], -1.0)
    made.add(rows, beside[reach.nodes], -1.0)
    through, left = np.zeros(graph.nodes), np.zeros(graph.nodes)
    np.add.at(through, graph.head[into], mg[into])
    left[reach.nodes] = through[reach.nodes]
    np.subtract.at(left, graph.tail[out], mg[out])
    _one_composition(made, bounds, out, column, mg / np.maximum(through[graph.tail], 1e-300), perfect)
    least = np.zeros(used.size + reach.nodes.size)
    most = np.concatenate([mg[used], np.maximum(left[reach.nodes], 0.0)])
    outside = graph.tail[used] < 0
    most[: used.size][outside] = np.where(member[graph.origin[used[outside]]], mg[used[outside]], 0.0)
    least[: used.size][outside] = most[: used.size][outside]
    highs = made.solver(least, most)
    highs.changeColCost(int(column[target]), -1.0)
    return -solved(highs) * unit


def _one_composition(
    made: Matrix, bounds: Bounds, out: Rows, column: Rows, part: NDArray[np.float64], perfect: Flags
) -> None:
    """What leaves a place that mixes has of the class what comes, by its part of the mass."""
    graph, net = bounds.graph, bounds.network
    mixed = out[perfect[graph.tail[out]]]
    rows = made.rows(mixed.size, 0.0, 0.0)
    made.add(rows, column[mixed], -1.0)
    for row, arc in zip(rows.tolist(), mixed.tolist(), strict=True):
        node = graph.tail[arc]
        into = net.into[net.into_start[node] : net.into_start[node + 1]].astype(np.int64)
        made.add(np.full(into.size, row), column[into], part[arc])
