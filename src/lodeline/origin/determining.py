"""What follows from balances alone: masses by difference, what rests on assays, and what can only be of one origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

NOTHING: Final = -2
"""Of what nothing has come into; it binds nothing."""
SEVERAL: Final = -1
"""Of what has come from more than one origin, or nobody knows from where."""


def by_difference(tail: Rows, head: Rows, kg: Array, nodes: int) -> tuple[Array, Rows]:
    """(arc,) the masses, and those that a node leaves over where it is the only one that is not known, kg.

    Also (n, 2) those arcs, each with its node, in the order in which they were found: each rests on earlier ones alone.
    Nothing is below zero: where more left a node than came, what would be left over is nothing.

    Args:
        tail, head: (arc,) node; -1 outside. kg: (arc,) NaN where unknown.
    """
    filled = kg.copy()
    found = _peel(tail, head, np.isnan(kg), filled, np.ones(nodes, dtype=np.bool_))
    return filled, found


def resting(tail: Rows, head: Rows, own: NDArray[np.bool_], closes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(arc,) whether a mass rests on assays of its own: it has one, or is what a closed node leaves of such.

    Args:
        own: (arc,) whether it was assayed itself. closes: (node,) whether what is known of it closes.
    """
    without = ~own
    _peel(tail, head, without, np.zeros(tail.size), closes)
    return ~without


@njit(cache=True)
def _peel(tail: Any, head: Any, missing: Any, kg: Any, allowed: Any) -> Any:
    """Find what is missing where it is the only arc of a node that is; changes ``missing`` and ``kg``.

    (n, 2) what was found, and at which node.
    """
    found = np.empty((missing.sum(), 2), np.int64)
    places = 0
    nodes = allowed.size
    count = np.zeros(nodes, np.int64)
    # The sum of the numbers of missing arcs: of one, its own.
    which = np.zeros(nodes, np.int64)
    net = np.zeros(nodes)
    for arc in range(tail.size):
        if head[arc] == tail[arc]:
            continue
        for end, sign in ((head[arc], 1.0), (tail[arc], -1.0)):
            if end < 0:
                continue
            if missing[arc]:
                count[end] += 1
                which[end] += arc
            else:
                net[end] += sign * kg[arc]
    stack = [node for node in range(nodes) if count[node] == 1 and allowed[node]]
    while len(stack):
        node = stack.pop()
        if count[node] != 1:
            continue
        arc = which[node]
        kg[arc] = max(-net[node] if head[arc] == node else net[node], 0.0)
        missing[arc] = False
        found[places, 0], found[places, 1] = arc, node
        places += 1
        for end, sign in ((head[arc], 1.0), (tail[arc], -1.0)):
            if end < 0:
                continue
            count[end] -= 1
            which[end] -= arc
            net[end] += sign * kg[arc]
            if count[end] == 1 and allowed[end]:
                stack.append(end)
    return found[:places].copy()


@njit(cache=True)
def sole_origins(order: Any, of: Any, origin: Any, silent: Any, gains: Any) -> Any:
    """(node,) the only origin that can have come into each; :data:`NOTHING` or :data:`SEVERAL` where there is none.

    Args:
        order: Nodes in order of time. of: the network.
        origin: (arc,) of an arc from outside, else -1. silent: (arc,) arcs that carry nothing.
        gains: (node,) whether more leaves it than is known to come.
    """
    sole = np.full(order.size, NOTHING, np.int64)
    for node in order:
        found = SEVERAL if gains[node] else NOTHING
        for spot in range(of.into_start[node], of.into_start[node + 1]):
            arc = of.into[spot]
            if silent[arc]:
                continue
            brought = sole[of.tail[arc]] if of.tail[arc] >= 0 else origin[arc]
            if brought in (NOTHING, found):
                continue
            found = brought if found == NOTHING else SEVERAL
        sole[node] = found
    return sole


def time_order(tail: Rows, head: Rows, nodes: int) -> Rows:
    """(node,) a number of each such that every arc leads upwards; those given, where they do already.

    A node on a circle, and what comes after one, gets -1.
    """
    inner = (tail >= 0) & (head >= 0)
    if (tail[inner] < head[inner]).all():
        return np.arange(nodes)
    from lodeline.origin.maxflow import network

    depth = _depths(network(tail, head, np.zeros(tail.size, dtype=np.int64), nodes))
    number = np.empty(nodes, dtype=np.int64)
    number[np.lexsort((np.arange(nodes), depth))] = np.arange(nodes)
    return np.where(depth < 0, -1, number)


@njit(cache=True)
def _depths(of: Any) -> Any:
    """(node,) arcs on the longest way into each; -1 of those on or after a circle."""
    nodes = of.out_start.size - 1
    waiting = np.zeros(nodes, np.int64)
    for node in range(nodes):
        for spot in range(of.into_start[node], of.into_start[node + 1]):
            waiting[node] += of.tail[of.into[spot]] >= 0
    depth = np.where(waiting == 0, 0, -1)
    stack = [node for node in range(nodes) if waiting[node] == 0]
    reached = np.zeros(nodes, np.int64)
    while len(stack):
        node = stack.pop()
        depth[node] = reached[node]
        for spot in range(of.out_start[node], of.out_start[node + 1]):
            head = of.head[of.out[spot]]
            if head >= 0:
                reached[head] = max(reached[head], depth[node] + 1)
                waiting[head] -= 1
                if waiting[head] == 0:
                    stack.append(head)
    return depth
