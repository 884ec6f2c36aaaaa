"""Exact bounds where masses lie between limits: a linear program with two layers.

    maximise   f_t                             (or minimise x_t - g_t, with g of all that is not surely of the class)
    where      x and f conserve at every node, low <= x <= high, 0 <= f <= x,
               f = x on arcs from outside that are of the class, f = 0 on the others

``x`` is what arcs carry, ``f`` what of it is of the class. ``f`` is followed only where it can reach the target: what
leaves these nodes can be as much of the class as is carried, and needs no more. A share is the same with everything
divided by ``x_t``.

Source: Charnes & Cooper (1962), Naval Research Logistics 9, 181-186, for shares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodeline.origin.ancestors import ancestors
from lodeline.origin.intervals import Intervals, Range, drawn_in
from lodeline.origin.matrix import Matrix, solved
from lodeline.origin.maxflow import network
from lodeline.origin.wanted import classes

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from lodeline.origin.graph import Origin
    from lodeline.origin.wanted import Wanted

    Rows = NDArray[np.int64]

LARGEST = 1e6
"""Masses are given to the solver in a unit in which none is larger."""


def exact(of: Intervals, target: int, origins: Collection[Origin] | Wanted, *, shares: bool = False) -> Range:
    """The exact range of one arc.

    Args:
        of: The graph. target: arc.
        origins: As :meth:`lodeline.origin.bounds.Bounds.arcs`.
        shares: Whether the range of the part of the arc is asked for too; it is None where the arc may be empty.

    Raises:
        InputError: ``origin.index``, ``origin.untraced``, ``origin.limits``, ``origin.too_large``,
            ``origin.not_solved``.
    """
    low, high = drawn_in(of, target)
    graph, kept = _component(of._replace(low=low, high=high), target)
    at = int(np.searchsorted(kept, target))
    most_of, rest_of = classes(graph.origins, origins)
    masses, parts = [], []
    for member, sign in ((rest_of, -1.0), (most_of, 1.0)):
        made = _program(graph, at, member)
        # The least is what the others leave: x_t - g_t.
        whole = 1.0 if sign < 0 else 0.0
        masses.append(sign * made.most(whole=-whole, share=False))
        if shares and graph.low[at] > 0:
            parts.append(whole + sign * made.most(whole=0.0, share=True))
    least_share, most_share = parts if parts else (None, None)
    return Range(max(0.0, masses[0]), max(0.0, masses[1]), least_share, most_share, exact=True)


class _Part(NamedTuple):
    """The part of a graph that anything about the target depends on; ``at`` are its arcs there."""

    graph: Intervals
    at: Rows


def _component(of: Intervals, target: int) -> _Part:
    """What is joined to an arc, whichever way."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    inner = (of.tail >= 0) & (of.head >= 0)
    joined = sparse.coo_array((np.ones(int(inner.sum())), (of.tail[inner], of.head[inner])), shape=(of.nodes, of.nodes))
    _, part = connected_components(joined, directed=False)
    node = int(max(of.tail[target], of.head[target]))
    kept = part == part[node]
    at = np.flatnonzero(kept[np.maximum(of.tail, of.head)])
    number = np.append(np.cumsum(kept) - 1, -1)
    graph = of._replace(
        nodes=int(kept.sum()),
        tail=number[of.tail[at]],
        head=number[of.head[at]],
        low=of.low[at],
        high=of.high[at],
        origin=of.origin[at],
    )
    return _Part(graph, at)


class _Program(NamedTuple):
    """A program: columns are x (arc,), then f of arcs and of what leaves nodes, and last the unit that limits are in.

    Attributes:
        highs: The solver with it. columns: how many. x, f: columns of the target; f -1 where it can hold nothing.
        unit_mg: Of x and f.
    """

    highs: Any
    columns: int
    x: int
    f: int
    unit_mg: float

    def most(self, *, whole: float, share: bool) -> float:
        """The largest ``f_t + whole * x_t``, milligrams; or as a part of x_t.

        Raises:
            InputError: ``origin.not_solved``.
        """
        unit, infinity = self.columns - 1, float("inf")
        self.highs.changeColBounds(unit, *((0.0, infinity) if share else (1.0, 1.0)))
        self.highs.changeColBounds(self.x, *((1.0, 1.0) if share else (0.0, infinity)))
        self.highs.changeColCost(self.x, -whole - (self.f == self.x))
        if self.f not in (-1, self.x):
            self.highs.changeColCost(self.f, -1.0)
        return -solved(self.highs) * (1.0 if share else self.unit_mg)


def _program(of: Intervals, target: int, member: NDArray[np.bool_]) -> _Program:
    """The program of one class of origins."""
    arcs, tail, head = of.tail.size, of.tail, of.head
    reach = ancestors(network(tail, head, of.high, of.nodes), np.array([target]))
    near = np.zeros(of.nodes, dtype=np.bool_)
    near[reach.nodes] = True
    # The column of f on each arc: its own, that of x where all of it is of the class, none elsewhere.
    f = np.full(arcs, -1, dtype=np.int64)
    source = (tail < 0) & member[of.origin]
    f[source] = np.flatnonzero(source)
    followed = (tail >= 0) & near[head] & (head >= 0)
    followed[target] = tail[target] >= 0
    f[followed] = arcs + np.arange(int(followed.sum()))
    leaving = np.flatnonzero((tail >= 0) & near[tail] & ~followed)
    nodes = np.unique(tail[leaving])
    beside = arcs + int(followed.sum()) + np.searchsorted(nodes, tail[leaving])
    columns = arcs + int(followed.sum()) + nodes.size + 1
    made = Matrix(columns)
    _conserve(made, of.nodes, tail, head, np.arange(arcs))
    _conserve_class(made, of, near, f, np.unique(np.stack([tail[leaving], beside], axis=1), axis=0))
    # f <= x; and what leaves a node of the class is no more than all that leaves it.
    rows = made.rows(int(followed.sum()), -np.inf, 0.0)
    made.add(rows, f[followed], 1.0)
    made.add(rows, np.flatnonzero(followed), -1.0)
    rows = made.rows(nodes.size, -np.inf, 0.0)
    made.add(rows, arcs + int(followed.sum()) + np.arange(nodes.size), 1.0)
    made.add(rows[np.searchsorted(nodes, tail[leaving])], leaving, -1.0)
    unit = max(1.0, float(of.high.max()) / LARGEST)
    for limit, bounds in ((of.low / unit, (0.0, np.inf)), (of.high / unit, (-np.inf, 0.0))):
        rows = made.rows(arcs, *bounds)
        made.add(rows, np.arange(arcs), 1.0)
        made.add(rows, np.full(arcs, columns - 1), -limit)
    return _Program(made.solver(), columns, target, int(f[target]), unit)


def _conserve(made: Matrix, nodes: int, tail: Rows, head: Rows, column: Rows) -> None:
    """What enters each node leaves it."""
    rows = made.rows(nodes, 0.0, 0.0)
    for end, sign in ((head, 1.0), (tail, -1.0)):
        at = end >= 0
        made.add(rows[end[at]], column[at], sign)


def _conserve_class(made: Matrix, of: Intervals, near: NDArray[np.bool_], f: Rows, leaving: Rows) -> None:
    """What of the class enters each node upstream leaves it; ``leaving`` are nodes and columns (pair, 2)."""
    rows = made.rows(of.nodes, 0.0, 0.0)
    into = np.flatnonzero((of.head >= 0) & (f >= 0))
    into = into[near[of.head[into]]]
    made.add(rows[of.head[into]], f[into], 1.0)
    out = np.flatnonzero((of.tail >= 0) & (f >= 0))
    made.add(rows[of.tail[out]], f[out], -1.0)
    made.add(rows[leaving[:, 0]], leaving[:, 1], -1.0)
