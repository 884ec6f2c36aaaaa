"""From kilograms that are computed to whole milligrams that close exactly.

Every arc is rounded, and what is then open at a node is moved along a spanning forest that is rooted outside, leaves
first; its arcs are the heaviest there are, so that what is moved is small beside them. What does not close in the book
is no rounding: it stays a gap of its node, and whoever draws the graph gives it an arc.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numba import njit

from lodeline.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

MG_PER_KG: Final = 1_000_000
MOST_KG: Final = 4e12
"""What an arc carries at most: 2^62 mg is 4.6e12 kg."""


class Closed(NamedTuple):
    """Whole milligrams.

    Attributes:
        mg: (arc,) >= 0; 0 where less than half a milligram was said, or where nothing was left.
        gap: (node,) what enters less what leaves: an arc to the end where it is above zero, from untraced where below.
        moved: The largest change to an arc for the sake of closing, beyond rounding it.
    """

    mg: Rows
    gap: Rows
    moved: int


def closed(tail: Rows, head: Rows, kg: Array, nodes: int, *, slack_kg: Array) -> Closed:
    """Round masses so that every node closes but for its gap.

    Args:
        tail, head: (arc,) node; -1 outside.
        kg: (arc,) >= 0.
        slack_kg: (node,) up to how much that is open at a node is taken for rounding of what was computed, and spread
            over arcs; more is a gap. Half a milligram an arc is allowed anyway.

    Raises:
        InputError: ``origin.closing``.
    """
    if not (np.isfinite(kg).all() and (kg >= 0).all() and (kg <= MOST_KG).all()):
        raise InputError("origin.closing", "Masses that are to close are known, not below zero and below 4e12 kg.")
    mg = np.rint(kg * MG_PER_KG).astype(np.int64)
    open_kg, degree = np.zeros(nodes), np.zeros(nodes)
    for end, sign in ((head, 1.0), (tail, -1.0)):
        at = end >= 0
        np.add.at(open_kg, end[at], sign * kg[at])
        np.add.at(degree, end[at], 1.0)
    is_gap = np.abs(open_kg) > slack_kg + 0.5 * degree / MG_PER_KG
    gap = np.where(is_gap, np.rint(open_kg * MG_PER_KG), 0).astype(np.int64)
    settled = mg.copy()
    _settle(tail, head, settled, gap, np.argsort(-mg, kind="stable"))
    moved = int(np.abs(settled - mg).max(initial=0))
    # An arc lighter than what had to be moved along it carries nothing; what is open then is a gap too.
    np.maximum(settled, 0, out=settled)
    return Closed(settled, _open(tail, head, settled, nodes), moved)


def _open(tail: Rows, head: Rows, mg: Rows, nodes: int) -> Rows:
    """(node,) what enters less what leaves."""
    gap = np.zeros(nodes, dtype=np.int64)
    np.add.at(gap, head[head >= 0], mg[head >= 0])
    np.subtract.at(gap, tail[tail >= 0], mg[tail >= 0])
    return gap


@njit(cache=True)
def _settle(tail: Any, head: Any, mg: Any, gap: Any, order: Any) -> None:
    """Move what is open beyond ``gap`` along a heaviest spanning forest; changes ``mg``.

    ``order`` has the heaviest arcs first. Outside is one node, after all others.
    """
    nodes = gap.size
    root = np.arange(nodes + 1)
    degree = np.zeros(nodes + 1, np.int64)
    # Of each node the sum of its tree arcs, by number: of a leaf that is the one it has left.
    only = np.zeros(nodes + 1, np.int64)
    for arc in order:
        first = tail[arc] if tail[arc] >= 0 else nodes
        second = head[arc] if head[arc] >= 0 else nodes
        one, other = first, second
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        while root[other] != other:
            root[other] = root[root[other]]
            other = root[other]
        if one == other:
            continue
        root[one] = other
        degree[first] += 1
        degree[second] += 1
        only[first] ^= arc
        only[second] ^= arc
    left = np.zeros(nodes + 1, np.int64)
    left[:nodes] = -gap
    for arc in range(mg.size):
        if head[arc] >= 0:
            left[head[arc]] += mg[arc]
        if tail[arc] >= 0:
            left[tail[arc]] -= mg[arc]
    for start in range(nodes):
        node = start
        while node < nodes and degree[node] == 1:
            arc = only[node]
            into = head[arc] == node
            other = tail[arc] if into else head[arc]
            mg[arc] += -left[node] if into else left[node]
            other = other if other >= 0 else nodes
            # What one end no longer has too much of, the other has.
            left[other] += left[node]
            left[node] = 0
            degree[node] = 0
            degree[other] -= 1
            only[other] ^= arc
            # A node after this one is met in its turn.
            node = other if other < start else nodes
