"""Balances and the flows between them: what is merged because a flow is unmeasured, and what is determined by it.

A flow that nobody measured says nothing, so that the two balances at its ends are known only together: they are merged
(the graph rule of Václavek & Vosolsobě). What is then measured between two merged balances is checked by them. What is
unmeasured is determined if its removal would part the graph of unmeasured flows, a *bridge*; else it may circulate.

Source: Václavek (1969), Chem. Eng. Sci. 24, 947-955; Mah, Stanley & Downing (1976), Ind. Eng. Chem. Process Des. Dev.
15, 175-183; bridges: Tarjan (1974), Inf. Process. Lett. 2, 160-161.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from lodeline.errors import InputError
from lodeline.metal.reconciliation import balance_kernels as kernels

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Merged(NamedTuple):
    """The balances that measured flows can be checked by.

    Attributes:
        tail, head: (flow,) merged balance that each measured flow leaves and enters, -1 outside; both -1 if unmeasured.
        nodes: Merged balances.
        node: (balance,) the merged balance of each, -1 where it is one with the outside.
        closed: (balance,) number of the part that touches no outside, in which one balance follows from the others; -1.
    """

    tail: Longs
    head: Longs
    nodes: int
    node: Longs
    closed: Longs


def merged(tail: Longs, head: Longs, measured: Flags, balances: int) -> Merged:
    """Merge the balances that unmeasured flows join, and leave out one balance of each part that touches no outside.

    Args:
        tail, head: (flow,) balance that a flow leaves and enters, -1 outside.
        measured: (flow,)
        balances: How many there are.
    """
    outer_tail, outer_head = np.where(tail < 0, balances, tail), np.where(head < 0, balances, head)
    node = np.arange(balances + 1)
    if not measured.all():
        node = _parts(outer_tail[~measured], outer_head[~measured], balances + 1)
    # The part of the outside last of all, so that its number is the count of the others.
    count = int(node.max())
    swap = np.arange(count + 1)
    swap[[node[-1], count]] = count, node[-1]
    node = swap[node]
    first = np.where(measured, node[outer_tail], count)
    second = np.where(measured, node[outer_head], count)
    part = _parts(first, second, count + 1)
    # One balance of a closed part follows from its others: the first of each is one with the outside.
    firsts = np.unique(part, return_index=True)[1]
    left_out = firsts[part[firsts] != part[-1]]
    number = np.zeros(count + 1, np.int64)
    number[left_out] = -1
    number[count] = -1
    kept = number == 0
    number[kept] = np.arange(int(kept.sum()))
    closed = np.where(part == part[-1], -1, part)
    return Merged(number[first], number[second], int(kept.sum()), number[node[:-1]], closed[node[:-1]])


def _parts(first: Longs, second: Longs, nodes: int) -> Longs:
    """Number of the connected part of each node."""
    graph = sp.coo_matrix((np.ones(first.size, np.int8), (first, second)), shape=(nodes, nodes))
    parts: Longs = connected_components(graph, directed=False)[1].astype(np.int64)
    return parts


def of_nodes(graph: Merged, of_balances: Floats) -> Floats:
    """(merged balance,) the sum over the balances that are merged in each."""
    inside = graph.node >= 0
    return np.bincount(graph.node[inside], of_balances[inside], minlength=graph.nodes).astype(np.float64)


def require_closed_parts(graph: Merged, known_kg: Floats) -> None:
    """What is known of a part that touches no outside must add up to nothing.

    Raises:
        InputError: ``linear.contradiction``.
    """
    inside = np.flatnonzero((graph.closed >= 0) & (known_kg != 0))
    if not inside.size:
        return
    part = graph.closed[inside]
    total, size = np.bincount(part, known_kg[inside]), np.bincount(part, np.abs(known_kg[inside]))
    # Sums of decimals as doubles; more than rounding is a kilogram that has nowhere to go.
    wrong = np.flatnonzero(np.abs(total) > 4 * np.finfo(np.float64).eps * size * np.bincount(part))
    if wrong.size:
        raise InputError(
            "linear.contradiction",
            "balances that no flow joins to the outside do not add up to nothing; add the flow that is missing",
            balance=int(inside[part == wrong[0]][0]),
            kg=float(total[wrong[0]]),
        )


class System:
    """``S = A V A'`` of merged balances: its pattern is found once, its values follow the variances.

    Args:
        tail, head: (flow,) merged balances, -1 outside.
        count: Merged balances.
    """

    def __init__(self, tail: Longs, head: Longs, count: int) -> None:
        self.tail, self.head, self.count = tail.astype(np.int32), head.astype(np.int32), count
        self._starts, self._rows, self._place = kernels.pattern(self.tail, self.head, count)

    @property
    def pattern(self) -> tuple[Any, Any, Any]:
        """Upper triangle of S by columns: starts (balance + 1,), rows (entry,), and the entry of each flow (flow,)."""
        return self._starts, self._rows, self._place

    def matrix(self, v: Floats) -> sp.csc_matrix:
        """Upper triangle of S (balance, balance), v (flow,) the variance of each flow, kg^2."""
        made = sp.csc_matrix(
            (self.values(v), self._rows, self._starts.astype(np.int32)), shape=(self.count, self.count)
        )
        made.has_canonical_format = True
        return made

    def values(self, v: Floats) -> Floats:
        """Values of :meth:`matrix`, in its order."""
        values: Floats = kernels.assembled(self.tail, self.head, self._starts, self._place, v)
        return values

    def excess(self, v: Floats) -> Floats:
        """Row sums of S (balance,): the variances of the flows between each balance and the outside."""
        total: Floats = kernels.excess(self.tail, self.head, v, self.count)
        return total

    def net(self, x: Floats) -> Floats:
        """``A @ x``: (flow,) to (balance,)."""
        total: Floats = kernels.net(self.tail, self.head, x, self.count)
        return total

    def spread(self, z: Floats) -> Floats:
        """``A' @ z``: (balance,) to (flow,)."""
        difference: Floats = kernels.spread(self.tail, self.head, z)
        return difference

    def incidence(self) -> sp.csr_matrix:
        """A itself (balance, flow); for functionals, since products need it not."""
        flows = np.arange(self.tail.size)
        leaves, enters = self.tail >= 0, self.head >= 0
        signs = np.concatenate([np.full(int(leaves.sum()), -1.0), np.ones(int(enters.sum()))])
        rows = np.concatenate([self.tail[leaves], self.head[enters]])
        columns = np.concatenate([flows[leaves], flows[enters]])
        return sp.csr_matrix((signs, (rows, columns)), shape=(self.count, flows.size))


class Determined(NamedTuple):
    """Unmeasured flows that balances determine, and by which.

    Attributes:
        flow: (determined,) index of the flow.
        sign: (determined,) +1 where it enters the balances that determine it, -1 where it leaves them.
        within: (determined, balance) 1 at the balances that determine it.
    """

    flow: Longs
    sign: Floats
    within: sp.csr_matrix


def determined(tail: Longs, head: Longs, measured: Flags, balances: int) -> Determined:
    """The bridges among unmeasured flows, each with the balances on its side that is away from the outside."""
    asked = np.flatnonzero(~measured & (tail != head))
    first, second = np.where(tail < 0, balances, tail)[asked], np.where(head < 0, balances, head)[asked]
    ends = np.concatenate([first, second])
    order = np.argsort(ends, kind="stable")
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(ends, minlength=balances + 1))])
    turn, last, by = _bridges(starts, order, first, second)
    below = np.flatnonzero(by >= 0)
    visited = np.argsort(turn)[int((turn < 0).sum()) :]
    sizes = last[below] - turn[below] + 1
    columns = np.concatenate([visited[turn[one] : last[one] + 1] for one in below]) if below.size else ends[:0]
    within = sp.csr_matrix(
        (np.ones(columns.size), columns, np.concatenate([[0], np.cumsum(sizes)])), shape=(below.size, balances)
    )
    flow = asked[by[below]]
    return Determined(flow, np.where(head[flow] == below, 1.0, -1.0), within)


@njit(cache=True)
def _bridges(starts, order, first, second):  # type: ignore[no-untyped-def]
    """Depth first from the outside, the last node: when each node is met, the last met below it, and its bridge or -1.

    Nodes without unmeasured flows are not met, and keep -1.
    """
    nodes, edges = starts.size - 1, first.size
    turn = np.full(nodes, -1, np.int64)
    last = np.full(nodes, -1, np.int64)
    low = np.empty(nodes, np.int64)
    by = np.full(nodes, -1, np.int64)
    came = np.full(nodes, -1, np.int64)
    place = starts[:-1].copy()
    stack = np.empty(nodes, np.int64)
    met = 0
    for root in range(nodes - 1, -1, -1):
        if turn[root] >= 0 or starts[root] == starts[root + 1]:
            continue
        stack[0] = root
        height = 1
        turn[root] = low[root] = met
        met += 1
        while height:
            node = stack[height - 1]
            if place[node] < starts[node + 1]:
                edge = order[place[node]] % edges
                place[node] += 1
                if edge == came[node]:
                    continue
                other = second[edge] if first[edge] == node else first[edge]
                if turn[other] >= 0:
                    low[node] = min(low[node], turn[other])
                    continue
                turn[other] = low[other] = met
                met += 1
                came[other] = edge
                stack[height] = other
                height += 1
                continue
            height -= 1
            last[node] = met - 1
            if height:
                above = stack[height - 1]
                low[above] = min(low[above], low[node])
                if low[node] == turn[node]:
                    by[node] = came[node]
    return turn, last, by
