"""Loops of the shares, compiled: arcs by the node they enter, and one sweep in order of time."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

DONE: Final = 0
UNORDERED: Final = 1
UNSAFE: Final = 2

TOGETHER: Final = 64
"""Nodes that are settled together: their rows are still in the nearest cache."""
SPREADS: Final = 2654435761
"""2^32 over the golden ratio: multiples of it fall evenly. Source: Knuth, The Art of Computer Programming 3, 6.4."""


@njit(cache=True)
def entering(tail: Any, head: Any, mg: Any, label: Any, nodes: Any, labels: Any, timed: Any) -> Any:
    """Arcs by the node they enter, each node's in the order given; and whether a sweep over them is safe.

    Returns:
        ``starts`` (node + 1,), ``arcs`` (those that enter a node,), and whether every index is one that there is, every
        mass more than nothing, every arc from outside labelled and, where ``timed``, no arc leads back.
    """
    starts = np.zeros(nodes + 1, np.int64)
    for arc in range(tail.size):
        before, after, of = tail[arc], head[arc], label[arc]
        known = -1 <= before < nodes and -1 <= after < nodes and -1 <= of < labels and (before >= 0 or of >= 0)
        if not known or mg[arc] <= 0 or (timed and 0 <= after <= before):
            return starts, np.empty(0, np.int32), False
        if after >= 0:
            starts[after + 1] += 1
    for node in range(nodes):
        starts[node + 1] += starts[node]
    ends = starts[:nodes].copy()
    arcs = np.empty(starts[nodes], np.int32)
    for arc in range(tail.size):
        after = head[arc]
        if after >= 0:
            arcs[ends[after]] = arc
            ends[after] += 1
    return starts, arcs, True


@njit(cache=True, error_model="numpy")
def sweep(
    tail: Any, head: Any, mg: Any, label: Any, nodes: Any, labels: Any, first: Any, whole: Any, share: Any
) -> Any:
    """Fill ``share``, nodes in order of time: ``s_v = sum(m_a s_tail(a)) / sum(m_a)`` over what enters a node.

    What a labelled arc carries is of its label, wherever it comes from. What nothing enters is not a number. Arcs are
    read once, and little branches that could not be foreseen: a row holds milligrams until it is settled with its
    neighbours, and what enters each of these is kept meanwhile.

    Args:
        tail, head, mg, label: Arcs by the node they enter; those that end may stand anywhere.
        labels: How many labels there are; the columns are those from ``first`` on, and ``whole`` says that it is all.
        share: (node + label + 1, label), nothing at first. The last rows are those of labels, and of any other label.

    Returns:
        :data:`DONE`; :data:`UNORDERED` if an arc enters an earlier node than the one before it, or :data:`UNSAFE` if an
        index is none, a mass is nothing or an arc leads back. Only if it is done is ``share`` good for anything.
    """
    width = share.shape[1]
    for row in range(width + 1):
        for column in range(width):
            share[nodes + row, column] = 1.0 if row == column else 0.0
    entered = np.zeros(TOGETHER)
    settled, at = 0, 0
    for arc in range(tail.size):
        node, before, of = head[arc], tail[arc], label[arc]
        known = -1 <= before < nodes and -1 <= node < nodes and -1 <= of < labels and (before >= 0 or of >= 0)
        if not known or mg[arc] <= 0 or 0 <= node <= before:
            return UNSAFE
        if node < 0:
            continue
        if node < at:
            return UNORDERED
        at = node
        while node - settled >= TOGETHER:
            settled = _settle(settled, nodes, whole, share, entered)
        inside = first <= of < first + width
        row = before if of < 0 else nodes + (of - first if inside else width)
        weight = float(mg[arc])
        entered[node - settled] += weight
        if settled <= row < nodes:
            weight /= entered[row - settled]
        for column in range(width):
            share[node, column] += weight * share[row, column]
    while settled < nodes:
        settled = _settle(settled, nodes, whole, share, entered)
    return DONE


@njit(cache=True, error_model="numpy")
def _settle(begin: Any, nodes: Any, whole: Any, share: Any, entered: Any) -> Any:
    """Make shares of the milligrams of the next nodes; the one after them.

    Where the columns are all labels, the nodes are divided by their own sums, and not by their masses, about once in
    eight times, so that rounding does not add up along a chain of a million states. When is settled by the number of
    the first, spread so that no chain that returns at a regular step escapes for long.
    """
    by_sum = whole and ((begin * SPREADS) & 0xFFFFFFFF) >> 29 == 0
    end = min(begin + TOGETHER, nodes)
    for node in range(begin, end):
        divisor = entered[node - begin]
        if by_sum:
            divisor = 0.0
            for column in range(share.shape[1]):
                divisor += share[node, column]
        for column in range(share.shape[1]):
            share[node, column] /= divisor
        entered[node - begin] = 0.0
    return end


@njit(cache=True)
def backwards(tail: Any, weight: Any, starts: Any, into: Any, holding: Any, deepest: Any, least: Any) -> Any:
    """Follow what came to a holding, node by node against the order of time.

    What of the metal at a node goes on to the holding has come by the arcs that enter the node in proportion to their
    ``weight`` (arc,). Arcs beyond ``deepest`` or with less than ``least`` are not followed, and their metal is summed.

    Returns:
        Arcs of the way, what came by each, how deep each is; (node,) what was not followed and by how many arcs, and
        whether the node is on the way.
    """
    nodes = starts.size - 1
    amount, others = np.zeros(nodes), np.zeros(nodes)
    depth, folded = np.full(nodes, -1, np.int64), np.zeros(nodes, np.int64)
    arcs, came, deep = [holding], [weight[holding]], [0]
    node = tail[holding]
    if node >= 0:
        amount[node], depth[node] = weight[holding], 0
    while node >= 0:
        if depth[node] >= 0:
            total = 0.0
            for place in range(starts[node], starts[node + 1]):
                total += weight[into[place]]
            for place in range(starts[node], starts[node + 1]):
                arc = into[place]
                if weight[arc] == 0.0:
                    continue
                part = amount[node] * (weight[arc] / total)
                if depth[node] >= deepest or part < least:
                    others[node] += part
                    folded[node] += 1
                    continue
                arcs.append(arc)
                came.append(part)
                deep.append(depth[node] + 1)
                before = tail[arc]
                if before >= 0:
                    amount[before] += part
                    if depth[before] < 0 or depth[before] > depth[node] + 1:
                        depth[before] = depth[node] + 1
        node -= 1
    return np.array(arcs), np.array(came), np.array(deep), others, folded, depth >= 0


@njit(cache=True)
def slopes(starts: Any, into: Any, tail: Any, mg: Any, label: Any, first: Any, share: Any, target: Any) -> Any:
    """(arc, label) by how much the shares at a node change where the mass of an arc does, per milligram.

    With w_v the part of the target's metal that was at node v, and M_v the mass that enters it, the slope of an arc
    into v is ``w_v (s_arc - s_v) / M_v``: backwards from the target one pass finds every w.
    """
    slope = np.zeros((tail.size, share.shape[1]))
    weight = np.zeros(target + 1)
    weight[target] = 1.0
    for node in range(target, -1, -1):
        if weight[node] == 0.0:
            continue
        total = 0.0
        for place in range(starts[node], starts[node + 1]):
            total += mg[into[place]]
        for place in range(starts[node], starts[node + 1]):
            arc = into[place]
            before = tail[arc] if label[arc] < 0 else -1
            if before >= 0:
                weight[before] += weight[node] * mg[arc] / total
            for column in range(share.shape[1]):
                own = 1.0 if label[arc] - first == column else 0.0
                of_arc = share[before, column] if before >= 0 else own
                slope[arc, column] = weight[node] * (of_arc - share[node, column]) / total
    return slope
