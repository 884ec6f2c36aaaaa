"""Loops of the rules that keep an order, compiled: which of the kilograms laid down in a store are those drawn.

A store is a chain of nodes. A parcel is what one arc laid down, and is named by that arc; what lies in a store is a
list of parcels in order of arrival. Masses are whole milligrams, so that nothing is lost between parcels.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

PERFECT: Final = 0
FIFO: Final = 1
LIFO: Final = 2
IDENTITY: Final = 3


@njit(cache=True)
def chains(tail: Any, head: Any, link: Any, starts: Any, into: Any) -> Any:
    """(node,) the first state of the store each is one of; and a node that stock enters or leaves twice, or -1."""
    nodes = starts.size - 1
    chain = np.arange(nodes)
    left = np.zeros(nodes, np.bool_)
    for node in range(nodes):
        came = False
        for place in range(starts[node], starts[node + 1]):
            arc = into[place]
            if link[arc]:
                if came or left[tail[arc]]:
                    return chain, node
                came = left[tail[arc]] = True
                chain[node] = chain[tail[arc]]
    return chain, -1


@njit(cache=True)
def in_order(rule: Any, tail: Any, mg: Any, link: Any, starts: Any, into: Any, ends: Any, out: Any) -> Any:
    """Moves (move, 3) of parcel, draw and milligrams, where the oldest goes first or the latest does.

    Args:
        rule: (node,) how each mixes.
        link: (arc,) whether it carries the stock on to the next state.
        starts, into, ends, out: Arcs by the node they enter and by the node they leave, each node's in order of time.
    """
    after, before = np.full(mg.size, -1, np.int32), np.full(mg.size, -1, np.int32)
    first, last = np.full(rule.size, -1, np.int32), np.full(rule.size, -1, np.int32)
    rest = mg.copy()
    # A move ends a parcel or a draw.
    moves = np.empty((into.size + out.size, 3), np.int64)
    count = 0
    for node in range(rule.size):
        if rule[node] != FIFO and rule[node] != LIFO:
            continue
        front, back = _laid(node, first, last, tail, link, starts, into, after, before)
        for place in range(ends[node], ends[node + 1]):
            draw = out[place]
            need = 0 if link[draw] else mg[draw]
            while need > 0:
                parcel = front if rule[node] == FIFO else back
                taken = min(need, rest[parcel])
                moves[count, 0], moves[count, 1], moves[count, 2] = parcel, draw, taken
                count += 1
                need -= taken
                rest[parcel] -= taken
                if rest[parcel] == 0:
                    front, back = _without(parcel, front, back, after, before)
        first[node], last[node] = front, back
    return moves[:count]


@njit(cache=True)
def _laid(
    node: Any, first: Any, last: Any, tail: Any, link: Any, starts: Any, into: Any, after: Any, before: Any
) -> Any:
    """Front and back of what lies in a store once all that enters this state has been laid down."""
    front, back = -1, -1
    for place in range(starts[node], starts[node + 1]):
        if link[into[place]]:
            front, back = first[tail[into[place]]], last[tail[into[place]]]
    for place in range(starts[node], starts[node + 1]):
        arc = into[place]
        if link[arc]:
            continue
        before[arc] = back
        if back >= 0:
            after[back] = arc
        else:
            front = arc
        back = arc
    return front, back


@njit(cache=True)
def _without(parcel: Any, front: Any, back: Any, after: Any, before: Any) -> Any:
    """Front and back once a parcel at one of the two is gone."""
    if parcel == front:
        front = after[parcel]
        if front >= 0:
            before[front] = -1
        else:
            back = -1
    else:
        back = before[parcel]
        after[back] = -1
    return front, back


@njit(cache=True)
def by_lot(
    rule: Any,
    tail: Any,
    mg: Any,
    link: Any,
    lot: Any,
    number: Any,
    drawn: Any,
    starts: Any,
    into: Any,
    ends: Any,
    out: Any,
) -> Any:
    """Moves as of :func:`in_order` where a draw takes the lot that it names; and (arc,) milligrams nobody named.

    A draw that names no lot, or more of one than lies there, takes the rest in order of arrival: first of what no draw
    names, then of what a later one does.

    Args:
        lot: (arc,) the lot, from 0; -1: nobody said.
        number: (arc,) number of the lot that it lays down, which is of one store; -1: nobody said.
        drawn: (number,) milligrams that are ever drawn from that store by the name of that lot.
    """
    after, before = np.full(mg.size, -1, np.int32), np.full(mg.size, -1, np.int32)
    first, last = np.full(rule.size, -1, np.int32), np.full(rule.size, -1, np.int32)
    named, free, unnamed = np.zeros(mg.size, np.int64), np.zeros(mg.size, np.int64), np.zeros(mg.size, np.int64)
    wanted = drawn.copy()
    # A move ends the named or the free part of a parcel, or one of the three ways in which a draw takes.
    moves = np.empty((2 * into.size + 3 * out.size, 3), np.int64)
    count = 0
    for node in range(rule.size):
        if rule[node] != IDENTITY:
            continue
        front, _ = _laid(node, first, last, tail, link, starts, into, after, before)
        for place in range(starts[node], starts[node + 1]):
            arc = into[place]
            if not link[arc]:
                if number[arc] >= 0:
                    named[arc] = min(mg[arc], wanted[number[arc]])
                    wanted[number[arc]] -= named[arc]
                free[arc] = mg[arc] - named[arc]
        for place in range(ends[node], ends[node + 1]):
            draw = out[place]
            unnamed[draw] = 0 if link[draw] else mg[draw]
            if lot[draw] >= 0 and not link[draw]:
                unnamed[draw], count = _taken(front, after, named, lot, lot[draw], unnamed[draw], draw, moves, count)
        for place in range(ends[node], ends[node + 1]):
            draw = out[place]
            need, count = _taken(front, after, free, lot, -1, unnamed[draw], draw, moves, count)
            need, count = _taken(front, after, named, lot, -1, need, draw, moves, count)
        first[node], last[node] = _left(front, after, before, named, free)
        if first[node] < 0:
            _excuse(node, lot, unnamed, ends, out)
    return moves[:count], unnamed


@njit(cache=True)
def _taken(
    front: Any, after: Any, stock: Any, lot: Any, wanted: Any, need: Any, draw: Any, moves: Any, count: Any
) -> Any:
    """Take from the parcels of a lot, or of any (-1), in order of arrival; what is still needed, and how many moves."""
    parcel = front
    while parcel >= 0 and need > 0:
        if stock[parcel] > 0 and (wanted < 0 or lot[parcel] == wanted):
            taken = min(need, stock[parcel])
            moves[count, 0], moves[count, 1], moves[count, 2] = parcel, draw, taken
            count += 1
            need -= taken
            stock[parcel] -= taken
        parcel = after[parcel]
    return need, count


@njit(cache=True)
def _left(front: Any, after: Any, before: Any, named: Any, free: Any) -> Any:
    """The list without the parcels of which nothing is left."""
    parcel, begin, back = front, -1, -1
    while parcel >= 0:
        following = after[parcel]
        if named[parcel] + free[parcel] > 0:
            before[parcel] = back
            if back >= 0:
                after[back] = parcel
            else:
                begin = parcel
            back = parcel
        parcel = following
    if back >= 0:
        after[back] = -1
    return begin, back


@njit(cache=True)
def _excuse(node: Any, lot: Any, unnamed: Any, ends: Any, out: Any) -> None:
    """Where one draw without a name takes all that is left, nobody needs to say what it is."""
    draws, last = 0, -1
    for place in range(ends[node], ends[node + 1]):
        if unnamed[out[place]] > 0 and lot[out[place]] < 0:
            draws, last = draws + 1, out[place]
    if draws == 1:
        unnamed[last] = 0


@njit(cache=True)
def shadow(parcel: Any, draw: Any, mg: Any, slope: Any, arcs: Any) -> Any:
    """(arc, column) what a milligram more laid down, or drawn, changes if each milligram moved changes ``slope``.

    Moves between parcels and draws make trees, in which the masses laid down and drawn leave no choice: the slope of
    every move is what its two ends add up to, ``y_parcel + y_draw = slope``, from any node of a tree on. A constant is
    free in each tree, which is nothing to masses that close; it is taken so that more of all that was laid down, in
    proportion, changes nothing, and then neither does more of all that was drawn. Where moves come round again the
    masses do not say what moved, and it is not a number.

    Args:
        parcel, draw, mg: (move,) the arcs it is between, and what moved. slope: (move, column).
        arcs: How many there are.
    """
    columns = slope.shape[1]
    # Two nodes an arc, since it can be the draw of one store and the parcel of the next.
    count = np.zeros(2 * arcs + 1, np.int64)
    for move in range(parcel.size):
        count[parcel[move] + 1] += 1
        count[arcs + draw[move] + 1] += 1
    starts = np.cumsum(count)
    ends = starts[:-1].copy()
    moves = np.empty(2 * parcel.size, np.int64)
    for move in range(parcel.size):
        for node in (parcel[move], arcs + draw[move]):
            moves[ends[node]] = move
            ends[node] += 1
    found = np.zeros((2 * arcs, columns))
    seen = np.zeros(2 * arcs, np.bool_)
    queue = np.empty(2 * arcs, np.int64)
    for root in range(2 * arcs):
        if seen[root] or starts[root] == starts[root + 1]:
            continue
        seen[root], queue[0] = True, root
        begin, end, met = 0, 1, 0
        while begin < end:
            node = queue[begin]
            begin += 1
            for place in range(starts[node], starts[node + 1]):
                move = moves[place]
                other = arcs + draw[move] if node < arcs else parcel[move]
                met += 1
                if not seen[other]:
                    seen[other] = True
                    queue[end] = other
                    end += 1
                    for column in range(columns):
                        found[other, column] = slope[move, column] - found[node, column]
        # Every move was met from both of its ends; a tree has one move less than nodes.
        if met // 2 >= end:
            for place in range(end):
                found[queue[place]] = np.nan
            continue
        total = 0.0
        free = np.zeros(columns)
        for place in range(end):
            node = queue[place]
            if node < arcs:
                for spot in range(starts[node], starts[node + 1]):
                    total += mg[moves[spot]]
                    free += mg[moves[spot]] * found[node]
        for place in range(end):
            node = queue[place]
            found[node] += -free / total if node < arcs else free / total
    return found[:arcs] + found[arcs:]
