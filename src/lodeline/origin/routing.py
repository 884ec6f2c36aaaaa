"""A routing: what every arc holds of every kind of metal, so that claims come true; exact, and checked exactly."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.origin.exact import Vertex, vertices
from lodeline.origin.joint_program import Program, Solved, allowed

if TYPE_CHECKING:
    from lodeline.origin.graph import Rows


class Routing(NamedTuple):
    """Whole numbers over one denominator.

    Attributes:
        denominator: > 0.
        held: (arc, kind) what each arc holds of each kind, milligrams times the denominator; the first kind is what no
            claim counts.
    """

    denominator: int
    held: Rows


def routing(made: Program, solved: Solved) -> Routing | None:
    """A routing on which every claim holds; None where the solver's answer gives none that is exactly one."""
    count = len(made.claims)
    rounded = Vertex(1, np.rint(solved.value_mg).astype(np.int64))
    for vertex in chain([rounded], vertices(made, solved)):
        found = Routing(vertex.denominator, _table(made, vertex.value[count:], vertex.denominator))
        if comes_true(made, found):
            return found
    return None


def comes_true(made: Program, found: Routing) -> bool:
    """Whether it is a routing, and on it every claim holds; whole numbers, so nothing is tolerated."""
    up, held, denominator = made.upstream, found.held, found.denominator
    if (held < 0).any() or (held[~allowed(up, made.kinds)] != 0).any():
        return False
    if (held.sum(axis=1) != up.mg * denominator).any() or open_at(up.nodes.size, up.tail, up.head, held).any():
        return False
    return all(
        claim.sign * int(held[up.place(claim.arcs)][:, made.kinds.counts[:, place]].sum())
        >= claim.sign * claim.mg * denominator
        for place, claim in enumerate(made.claims)
    )


def open_at(nodes: int, tail: Rows, head: Rows, held: Rows) -> Rows:
    """(node, kind) what enters less what leaves."""
    gap = np.zeros((nodes, held.shape[1]), dtype=np.int64)
    np.add.at(gap, head[head >= 0], held[head >= 0])
    np.subtract.at(gap, tail[tail >= 0], held[tail >= 0])
    return gap


def _table(made: Program, held: Rows, denominator: int) -> Rows:
    """(arc, kind) from the columns; what no claim counts is what they leave."""
    table = np.zeros((made.upstream.mg.size, made.kinds.counts.shape[0]), dtype=np.int64)
    table[made.arc, made.kind] = held
    table[:, 0] = made.upstream.mg * denominator - table[:, 1:].sum(axis=1)
    return table
