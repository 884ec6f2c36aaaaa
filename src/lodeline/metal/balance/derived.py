"""Derived: which masses only follow from others, so that an account does not take one weighing for two.

A lot that was weighed on receipt and then lies, is parted and goes on, carries masses that nobody read again. As sums
they must cancel: what came in and is still there differs by nothing, with no uncertainty. So every flow whose mass was
neither measured nor stated is written by those that were, along the states of its lot:

    mass out of a state = sum of masses into it - sum of the other masses out of it

and where nobody determined its composition either, its content follows in the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.flows.words import BASIS, CLASS, CLOSING, FLOW, NODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.element import ElementMass
    from lodeline.metal.flows.flows import Flows

    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]

ROUNDING = 1e-9
"""Share of a mass below which a difference is rounding of the machine."""

OWN = (CLASS["stated"], CLASS["measured"])
UNSAID, WET = BASIS[""], BASIS["wet"]


class Derived(NamedTuple):
    """How each flow follows from others.

    Attributes:
        level: (flow,) 0 where it stands for itself; else one more than the highest it follows from.
        start: (flow + 1,) where the terms of each flow begin.
        other, sign: (term,) the flows it follows from, each +1 or -1.
        whole: (flow,) whether its content follows; False: its mass does, and its composition is its own.
        composition: (flow,) a number for what a kilogram of it has of the element: equal where the same determinations
            say so, on one basis, or where the same unknown composition was carried on.
    """

    level: Rows
    start: Rows
    other: Rows
    sign: Rows
    whole: Flags
    composition: Rows


def derived(flows: Flows, mass: ElementMass, counts_as: Rows) -> Derived:
    """How each flow follows from others.

    Args:
        mass: Of the element, by the flow that counts (:func:`lodeline.metal.weighed.weighed`).
        counts_as: (flow,) that flow.
    """
    flow = flows.flows
    like = _like(flows)
    basis = flow["mass_basis"].astype(np.int64)[like]
    composition = _compositions(flows, mass, like)[counts_as]
    follows = _follows(flows)
    row, other, sign = _terms(flows, follows)
    kept = _holds(flows, follows, basis, row, other, sign)
    row, other, sign = row[kept[row]], counts_as[other[kept[row]]], sign[kept[row]]
    back, source = _weighed_at_the_end(flows, kept)
    row, other = np.concatenate([row, back]), np.concatenate([other, counts_as[source]])
    sign = np.concatenate([sign, np.ones(back.size, dtype=np.int64)])
    order = np.argsort(row, kind="stable")
    row, other, sign = row[order], other[order], sign[order]
    start = np.searchsorted(row, np.arange(flow.rows + 1)).astype(np.int64)
    return Derived(
        level=_levels(flow.rows, row, other),
        start=start,
        other=other,
        sign=sign,
        whole=np.isnan(mass.fraction),
        composition=composition,
    )


def _like(flows: Flows) -> Rows:
    """(flow,) the flow on whose basis each is: itself, unless nobody said anything of its mass.

    That is then the flow it was carried on from or, where nobody said anything of that one either, the first that was
    carried on from it and of which somebody did.
    """
    flow = flows.flows
    inherits = flow["inherits"].astype(np.int64)
    silent = (flow["mass_basis"] == UNSAID) & np.isnan(flow["mass_kg"])
    like = ends(np.where(silent, inherits, -1))
    later = np.flatnonzero(~silent & (inherits >= 0))
    later = later[silent[inherits[later]]][::-1]
    heard = np.arange(flow.rows)
    heard[like[inherits[later]]] = later
    found: Rows = np.where(silent, np.where(silent[like], heard[like], like), like)
    return found


def _compositions(flows: Flows, mass: ElementMass, like: Rows) -> Rows:
    """(flow,) numbers of compositions."""
    flow = flows.flows
    basis = flow["mass_basis"].astype(np.int64)
    # What is per wet mass does not pass over a road, where water may change.
    stays = (flow["kind"] == FLOW["receive"]) & (basis[like] != BASIS["dry"])
    carried = ends(np.where(stays, -1, flow["inherits"].astype(np.int64)))
    number = basis
    for share in mass.shares:
        number = _folded(number, share.row)
    number = _folded(number, np.where(np.isnan(mass.fraction), carried, -1))
    # The last share is that of the water, which depends on the basis.
    same = np.logical_and.reduce([np.ones(flow.rows, bool), *(one.row == one.row[like] for one in mass.shares[:-1])])
    found: Rows = np.where(same, number[like], number)
    return found


def _folded(number: Rows, more: Rows) -> Rows:
    """Numbers for the pairs of two columns."""
    _, codes = np.unique(more, return_inverse=True)
    _, found = np.unique(number * (codes.max(initial=0) + 1) + codes, return_inverse=True)
    return found.astype(np.int64)


def ends(along: Rows) -> Rows:
    """(flow,) where each flow's chain ends, itself where it has none."""
    end = np.where(along >= 0, along, np.arange(along.size))
    while True:
        further = end[end]
        if (further == end).all():
            return end
        end = further


def _follows(flows: Flows) -> Flags:
    """(flow,) the one flow out of each state, or off each road, whose mass nobody said: the last where they are more.

    A road of which both ends are known loses or gains something, so nothing follows there; nor does anything of a
    process, except the part of a split that is what the other parts leave.
    """
    flow, kind = flows.flows, flows.nodes["kind"]
    tail = flow["tail"]
    known = np.zeros(flows.nodes.rows, dtype=bool)
    known[tail[flow["kind"] == FLOW["transit_loss"]]] = True
    carries = np.isin(kind, [NODE["holding"], NODE["transit"]]) & ~known
    left = (flow["kind"] == FLOW["process_out"]) & (flow["mass_class"] == CLASS["computed"])
    silent = np.flatnonzero(~np.isin(flow["mass_class"], OWN) & (carries[tail] | left))
    last = np.full(flows.nodes.rows, -1, dtype=np.int64)
    np.maximum.at(last, tail[silent], silent)
    found = np.zeros(flow.rows, dtype=bool)
    found[last[last >= 0]] = True
    return found


def _terms(flows: Flows, follows: Flags) -> tuple[Rows, Rows, Rows]:
    """The flows from which each that follows does: all into its tail, less the others out of it."""
    tail, head = (flows.flows[end].astype(np.int64) for end in ("tail", "head"))
    of = np.full(flows.nodes.rows, -1, dtype=np.int64)
    of[tail[follows]] = np.flatnonzero(follows)
    into, out = np.flatnonzero(of[head] >= 0), np.flatnonzero((of[tail] >= 0) & ~follows)
    row = np.concatenate([of[head[into]], of[tail[out]]])
    sign = np.concatenate([np.ones(into.size, dtype=np.int64), -np.ones(out.size, dtype=np.int64)])
    return row, np.concatenate([into, out]), sign


def _holds(flows: Flows, follows: Flags, basis: Rows, row: Rows, other: Rows, sign: Rows) -> Flags:
    """(flow,) those that follow: all is on one basis, and what was carried on as known is what the terms come to."""
    kg = flows.flows["mass_kg"]
    one_basis = np.ones(kg.size, dtype=bool)
    one_basis[row[basis[other] != basis[row]]] = False
    total, size = (np.bincount(row, of, kg.size) for of in (sign * kg[other], np.abs(kg[other])))
    near = np.isnan(kg) | (np.abs(total - kg) <= ROUNDING * np.maximum(size, np.abs(kg)))
    some = np.bincount(row, minlength=kg.size) > 0
    found: Flags = follows & some & one_basis & near
    return found


def _weighed_at_the_end(flows: Flows, kept: Flags) -> tuple[Rows, Rows]:
    """What came without a word of its mass and was weighed where it lay: the receipt is what was weighed."""
    flow, node = flows.flows, flows.nodes
    tail, head = flow["tail"], flow["head"]
    passing = node["kind"] == NODE["holding"]
    for end in (tail, head):
        passing &= np.bincount(end, minlength=node.rows) == 1
    leaving = np.full(node.rows, -1, dtype=np.int64)
    leaving[tail] = np.arange(flow.rows)
    after = leaving[head]
    found = (flow["kind"] == FLOW["receive"]) & ~np.isin(flow["mass_class"], OWN) & ~kept & passing[head]
    found &= (head > CLOSING) & np.isin(flow["mass_class"][after], OWN)
    found &= (flow["mass_kg"][after] == flow["mass_kg"]) & (flow["mass_basis"][after] == flow["mass_basis"])
    rows = np.flatnonzero(found).astype(np.int64)
    return rows, after[rows]


def _levels(size: int, row: Rows, other: Rows) -> Rows:
    """(flow,) how many steps each is from flows that stand for themselves."""
    level = np.zeros(size, dtype=np.int64)
    follows = np.zeros(size, dtype=bool)
    follows[row] = True
    deep = follows[other]
    after, before = row[deep], other[deep]
    order = np.argsort(before, kind="stable")
    after, start = after[order], np.searchsorted(before[order], np.arange(size + 1))
    waiting = np.bincount(after, minlength=size)
    frontier = np.flatnonzero(follows & (waiting == 0))
    step = 0
    while frontier.size:
        step += 1
        level[frontier] = step
        several = start[frontier + 1] - start[frontier]
        first = np.repeat(start[frontier] - np.cumsum(several) + several, several)
        reached = after[first + np.arange(several.sum())]
        np.subtract.at(waiting, reached, 1)
        reached = np.unique(reached)
        frontier = reached[waiting[reached] == 0]
    return level
