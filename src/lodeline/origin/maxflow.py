"""Maximum flow in whole numbers: Dinic's algorithm in int64, with levels counted from the target.

SciPy's takes int64 capacities and counts in int32, so that above 2,147 t in grams it is silently wrong. This one is
exact as long as what the target can take is below 2^62. Counting levels from the target means that nothing is looked at
but what can still reach it, and that the cut that is left is the one nearest the target.

Source: Dinitz (1970), Soviet Math. Doklady 11, 1277-1280.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lodeline.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]

LIMIT: Final = 1 << 62
"""What a target can take at most, so that no sum leaves int64."""


class Network(NamedTuple):
    """A graph laid out for flows, once for many questions.

    Attributes:
        tail, head: (arc,) node; -1 where an arc comes from outside, or ends.
        capacity: (arc,) >= 0.
        out, out_start: Arcs that leave each node, node after node; where those of a node begin, (node + 1,).
        into, into_start: Arcs that enter each node, those from outside too, alike.
    """

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    capacity: Rows
    out: NDArray[np.int32]
    out_start: Rows
    into: NDArray[np.int32]
    into_start: Rows

    @property
    def nodes(self) -> int:
        """How many there are."""
        return int(self.out_start.size - 1)


class Flow(NamedTuple):
    """A maximum flow and the cut that shows that it is one.

    Attributes:
        value: What arrives.
        on: (arc,) the flow; on sources and on target arcs too.
        near: (node,) whether it can still reach the target: the target's side of the smallest such cut.
    """

    value: int
    on: Rows
    near: NDArray[np.bool_]


def network(tail: Rows, head: Rows, capacity: Rows, nodes: int) -> Network:
    """Lay out a graph. Arcs from outside have tail -1, arcs that end have head -1."""
    out, out_start = _by_node(tail, nodes)
    into, into_start = _by_node(head, nodes)
    return Network(
        tail=tail.astype(np.int32),
        head=head.astype(np.int32),
        capacity=np.ascontiguousarray(capacity, dtype=np.int64),
        out=out,
        out_start=out_start,
        into=into,
        into_start=into_start,
    )


def max_flow(of: Network, source: NDArray[np.bool_], target: NDArray[np.bool_]) -> Flow:
    """The most that can come from some arcs from outside to some arcs.

    Args:
        of: The graph. No arc of the target may lead to the tail of another, or of itself.
        source: (arc,) arcs from outside that feed the flow; the others give nothing.
        target: (arc,) where the flow ends. One that comes from outside counts as far as it is a source.

    Raises:
        InputError: ``origin.too_large``.
    """
    if float(of.capacity[target].sum(dtype=np.float64)) >= LIMIT:
        raise InputError("origin.too_large", "Masses add up to 2^62 milligrams or more; ask of fewer arcs at a time.")
    from lodeline.origin.flow_kernels import dinic

    flow = np.zeros(of.capacity.size, dtype=np.int64)
    at_once = source & target
    flow[at_once] = of.capacity[at_once]
    level = np.zeros(of.nodes, dtype=np.int64)
    aims = np.flatnonzero(target & ~at_once & (of.tail >= 0))
    value, last = dinic(of, source, target, aims, flow, level)
    return Flow(int(value) + int(flow[at_once].sum()), flow, level >= last)


def _by_node(end: Rows, nodes: int) -> tuple[NDArray[np.int32], Rows]:
    """Arcs in order of one of their ends, without those that have none."""
    order = np.argsort(end, kind="stable")
    start = np.searchsorted(end[order], np.arange(nodes + 1))
    return order[start[0] :].astype(np.int32), np.asarray(start - start[0], dtype=np.int64)
