"""Multipliers that refute claims: numbers from which it follows, exactly, that claims cannot all be true.

For *any* y_i >= 0 and pi[v, k] >= 0 (0 outside and for the kind that helps no claim), whatever the metal did,

    sum(y_i * needs_i) <= R = sum over arcs of mg * max over k of (w[a, k] + pi[head, k] - pi[tail, k])

holds if all claims are true, where w[a, k] sums y_i over the claims on arc a that k helps and the maximum is over the
kinds that the arc may pass for. What is left over refutes; with y_i <= 1 it is a lower bound on what must be withdrawn.
So a solver's floats need no repair: they are rounded to fractions of one denominator, and only these are believed.

An arc that leads to where all pi are zero adds nothing unless it is claimed of. So a proof needs no more than the arcs
into the nodes that have a pi, which the events that made these nodes name in full.

Source: duality of linear programs; Farkas (1902), J. reine angew. Math. 124, 1-27.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.origin.joint_program import Program, allowed
from lodeline.origin.joint_solver import Solved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.origin.graph import Rows

DENOMINATORS = (1, 2, 6, 12, 60, 2520, 1 << 40)
"""Tried in turn; nearly always the first is exact, and the last is as fine as floats are."""


class Multipliers(NamedTuple):
    """Whole numbers over one denominator.

    Attributes:
        denominator: > 0.
        y: (claim,) >= 0, and at most ``denominator`` for claims that may be cut.
        pi: (node, kind) >= 0, of all kinds but the first; nodes as in :class:`~lodeline.origin.upstream.Upstream`.
        excess_mg: What is left over, milligrams, exact; refutes where > 0.
    """

    denominator: int
    y: Rows
    pi: Rows
    excess_mg: Fraction


def multipliers(made: Program, solved: Solved, *, cut: int | None = None) -> Multipliers:
    """The best that can be made of what the solver found.

    Args:
        cut: The one claim that may be cut; None where every one may. Only of those is ``y`` held to at most 1, so that
            what is left over is a lower bound on what they must give up.
    """
    best: Multipliers | None = None
    held = np.array([cut is None or cut == one for one in range(len(made.claims))])
    for denominator in DENOMINATORS:
        most = np.where(held, denominator, np.inf)
        y = np.clip(np.rint(solved.multiplier * denominator), 0, most).astype(np.int64)
        pi = np.maximum(np.rint(solved.potential * denominator), 0).astype(np.int64)
        found = Multipliers(denominator, y, pi, excess_mg(made, denominator, y, pi))
        if best is None or found.excess_mg > best.excess_mg:
            best = found
        # Any of them proves what it proves; a finer one is worth its digits only where it proves more.
        if best.excess_mg > 0 and float(best.excess_mg) >= solved.total_mg * (1 - 1e-9):
            break
    assert best is not None
    return best


def excess_mg(made: Program, denominator: int, y: Rows, pi: Rows) -> Fraction:
    """What the claims ask for beyond what can be, milligrams, whatever the numbers are."""
    needed = sum(int(one) * mg for one, mg in zip(y, made.needs_mg, strict=True))
    price = prices(made, y, pi)
    used = np.flatnonzero(price)
    possible = sum(int(price[arc]) * int(made.upstream.mg[arc]) for arc in used)
    return Fraction(needed - possible, denominator)


def prices(made: Program, y: Rows, pi: Rows) -> Rows:
    """(arc,) the largest price among the kinds that an arc may hold."""
    up, kinds = made.upstream, made.kinds
    padded = np.zeros((up.nodes.size + 1, len(kinds.helps)), dtype=np.int64)  # the last row is OUTSIDE
    padded[:-1, 1:] = pi
    price: NDArray[np.int64] = padded[up.head] - padded[up.tail]  # (arc, kind)
    for place, claim in enumerate(made.claims):
        price[up.place(claim.arcs)] += y[place] * kinds.helps[:, place]
    lowest = np.iinfo(np.int64).min
    highest: Rows = np.where(allowed(up, kinds), price, lowest).max(axis=1)
    return highest


def per_mg(made: Program, proof: Multipliers) -> NDArray[np.float64]:
    """(arc,) how much more is left over for each milligram that an arc weighs more, the claimed amounts being kept.

    So the uncertainty of what is claimed too much follows from that of the masses, as of a bound from its cut: for
    fixed multipliers what is left over is a sum of masses with these weights. Where a share is claimed the amount grows
    with the mass of the claim's own arcs: add ``y * share`` there.
    """
    weight = -prices(made, proof.y, proof.pi).astype(np.float64)
    for place, claim in enumerate(made.claims):
        if claim.sense == "at most":
            weight[made.upstream.place(claim.arcs)] += proof.y[place]
    return weight / proof.denominator
