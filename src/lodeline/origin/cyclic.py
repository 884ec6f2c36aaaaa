"""Shares where metal can come round again, as between countries in a year: one linear solve.

``(I - P) S = B``, with P (node, node) the part of what enters a node that comes from another and B (node, label) the
part that comes labelled. Few nodes are eliminated one by one; many are a sparse solve. ``I - P`` is singular where
metal goes round that came from nowhere, and only there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.elimination import eliminated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.origin.graph import MassGraph, Rows
    from lodeline.origin.shares import Floats

    Flags = NDArray[np.bool_]

FEW = 400
"""Up to so many nodes elimination takes less time than the library of the sparse solve takes to load."""


def solved(graph: MassGraph, label: Rows, labels: int) -> Floats:
    """(node, label) shares; not a number at a node that no metal passes.

    Raises:
        InputError: What ``graph.check`` refuses; ``origin.closed_loop``, where ``where["nodes"]`` is the loop, in the
            order in which metal goes round.
    """
    graph.check()
    into, own = graph.head >= 0, label >= 0
    inner, fed = into & ~own, into & own
    _require_fed(graph, inner, fed)
    total = np.bincount(graph.head[into], weights=graph.mg[into], minlength=graph.nodes)
    share = np.full((graph.nodes, labels), np.nan)
    held = np.flatnonzero(total > 0)
    if held.size == 0:
        return share
    place = np.full(graph.nodes, -1)
    place[held] = np.arange(held.size)
    brought = np.zeros((held.size, labels))
    np.add.at(brought, (place[graph.head[fed]], label[fed]), graph.mg[fed] / total[graph.head[fed]])
    part, rows, columns = graph.mg[inner] / total[graph.head[inner]], place[graph.head[inner]], place[graph.tail[inner]]
    found = (_few if held.size <= FEW else _many)(part, rows, columns, brought)
    # Only rounding is below zero, or apart from one.
    found = np.maximum(found, 0)
    share[held] = found / found.sum(axis=1, keepdims=True)
    return share


def _few(part: Floats, rows: Rows, columns: Rows, brought: Floats) -> Floats:
    """(node, label) what solves ``(I - P) S = brought``, with P of (entry,) parts at rows and columns."""
    passed = np.zeros((len(brought), len(brought)))
    np.add.at(passed, (rows, columns), part)
    return eliminated(passed, brought, brought.sum(axis=1))


def _many(part: Floats, rows: Rows, columns: Rows, brought: Floats) -> Floats:
    """The same for many nodes."""
    import scipy.sparse as sp
    from scipy.sparse.linalg import splu

    passed = sp.csc_matrix((part, (rows, columns)), shape=(len(brought),) * 2)
    found: Floats = splu(sp.csc_matrix(sp.identity(len(brought)) - passed)).solve(brought)
    return found


def _require_fed(graph: MassGraph, inner: Flags, fed: Flags) -> None:
    """Refuse metal of which none ever came from a label."""
    reached = (_near if graph.nodes <= FEW else _far)(graph, inner, fed)
    unfed = np.flatnonzero(inner & ~reached[np.maximum(graph.head, 0)])
    if unfed.size:
        _refuse(graph, unfed)


def _near(graph: MassGraph, inner: Flags, fed: Flags) -> Flags:
    """(node,) whether anything labelled gets there, arc by arc; a step for each node on the longest way."""
    tail, head = graph.tail[inner], graph.head[inner]
    reached = np.zeros(graph.nodes, dtype=np.bool_)
    reached[graph.head[fed]] = True
    while True:
        further = head[reached[tail] & ~reached[head]]
        if not further.size:
            return reached
        reached[further] = True


def _far(graph: MassGraph, inner: Flags, fed: Flags) -> Flags:
    """The same for many nodes, whose ways may be long."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import breadth_first_order

    # One node more, from which all that is labelled comes.
    root = graph.nodes
    tails = np.concatenate([graph.tail[inner], np.full(int(fed.sum()), root)])
    heads = np.concatenate([graph.head[inner], graph.head[fed]])
    ways = csr_matrix((np.ones(tails.size), (tails, heads)), shape=(root + 1, root + 1))
    reached = np.zeros(root + 1, dtype=np.bool_)
    reached[breadth_first_order(ways, root, return_predecessors=False)] = True
    return reached


def _refuse(graph: MassGraph, arcs: Rows) -> NoReturn:
    """Go back from a node that nothing feeds until one comes a second time."""
    before = dict(zip(graph.head[arcs].tolist(), graph.tail[arcs].tolist(), strict=True))
    node, way = next(iter(before)), list[int]()
    while node not in way:
        way.append(node)
        node = before[node]
    raise InputError(
        "origin.closed_loop",
        "Metal goes round and none of it ever came from an origin; say what it came from, untraced if nobody knows.",
        nodes=way[way.index(node) :][::-1],
    )
