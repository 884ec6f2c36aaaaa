"""A routing: metal that can have come to what is claimed of, so that all claims are true; exact, and checked exactly.

Only what claims need is routed. The rest of every arc is whatever it is: masses close, so it can be routed on.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.origin.exact import Vertex, vertices
from lodeline.origin.joint_program import Program, allowed
from lodeline.origin.joint_solver import Solved

if TYPE_CHECKING:
    from lodeline.origin.graph import Rows
    from lodeline.origin.upstream import Upstream


class Routing(NamedTuple):
    """Whole numbers over one denominator.

    Attributes:
        denominator: > 0.
        held: (arc, kind) what each arc holds of all kinds but the first, milligrams times the denominator.
    """

    denominator: int
    held: Rows


def routing(made: Program, solved: Solved) -> Routing | None:
    """A routing on which every claim holds; None where the solver's answer gives none that is exactly one."""
    count = len(made.claims)
    rounded = Vertex(1, np.rint(solved.value_mg).astype(np.int64))
    for vertex in chain([rounded], vertices(made, solved)):
        found = Routing(vertex.denominator, _table(made, vertex.value[count:]))
        if comes_true(made, found):
            return found
    return None


def comes_true(made: Program, found: Routing) -> bool:
    """Whether it is a routing, and on it every claim holds; whole numbers, so nothing is tolerated."""
    up, held, denominator = made.upstream, found.held, found.denominator
    if (held < 0).any() or (held[~allowed(up, made.kinds)[:, 1:]] != 0).any():
        return False
    if (held.sum(axis=1) > up.mg * denominator).any() or (_gained(up, held) < 0).any():
        return False
    return all(
        int(held[up.place(claim.arcs)][:, made.kinds.helps[1:, place]].sum()) >= made.needs_mg[place] * denominator
        for place, claim in enumerate(made.claims)
    )


def _gained(up: Upstream, held: Rows) -> Rows:
    """(node, kind) what enters less what leaves."""
    gap = np.zeros((up.nodes.size, held.shape[1]), dtype=np.int64)
    np.add.at(gap, up.head[up.head >= 0], held[up.head >= 0])
    np.subtract.at(gap, up.tail[up.tail >= 0], held[up.tail >= 0])
    return gap


def _table(made: Program, held: Rows) -> Rows:
    """(arc, kind) from the columns."""
    table = np.zeros((made.upstream.mg.size, made.named), dtype=np.int64)
    table[made.arc, made.kind - 1] = held
    return table
