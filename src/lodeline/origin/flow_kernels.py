"""Loops of the maximum flow, compiled.

Everywhere: ``of`` is a :class:`lodeline.origin.maxflow.Network`; ``source`` and ``target`` are (arc,) flags; ``flow``
(arc,) int64 is what has been sent; ``level`` (node,) is the distance to the target, counted up from ``base``, which
grows from round to round so that the levels of earlier rounds need no clearing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def dinic(of: Any, source: Any, target: Any, aims: Any, flow: Any, level: Any) -> Any:
    """Fill ``flow`` to the brim; how much arrives, and the number from which on levels are those of the last round.

    In each round every shortest path is used up, so that what is left is longer. ``aims`` are the arcs of the target.
    """
    nodes = of.out_start.size - 1
    queue = np.empty(nodes, np.int32)
    pointer = np.empty(nodes, np.int64)
    path = np.empty(nodes + 1, np.int32)
    base, value = 1, 0
    while True:
        count, first = _levels(of, source, target, aims, flow, level, queue, base)
        if first < 0:
            return value, base
        for place in range(count):
            pointer[queue[place]] = 0
        for place in range(first, count):
            node = queue[place]
            for spot in range(of.into_start[node], of.into_start[node + 1]):
                arc = of.into[spot]
                while source[arc] and not target[arc] and flow[arc] < of.capacity[arc]:
                    length = _walk(of, target, flow, level, base, pointer, path, node)
                    if length == 0:
                        break
                    pushed = _push(of, flow, path, length, node, of.capacity[arc] - flow[arc])
                    flow[arc] += pushed
                    value += pushed
        base = level[queue[first]] + 2


@njit(cache=True)
def _levels(of: Any, source: Any, target: Any, aims: Any, flow: Any, level: Any, queue: Any, base: Any) -> Any:
    """Number nodes by their distance to the target, as far as the first that a source can feed.

    How many nodes are in the queue, and where those begin that are as far as that one; -1: no source is left.
    """
    count = 0
    for arc in aims:
        node = of.tail[arc]
        if flow[arc] < of.capacity[arc] and level[node] < base:
            level[node] = base
            queue[count] = node
            count += 1
    begin, depth = 0, base
    while begin < count:
        end, fed = count, False
        for place in range(begin, end):
            node = queue[place]
            for spot in range(of.into_start[node], of.into_start[node + 1]):
                arc = of.into[spot]
                if target[arc] or flow[arc] >= of.capacity[arc]:
                    continue
                before = of.tail[arc]
                if before < 0:
                    fed = fed or source[arc]
                elif level[before] < base:
                    level[before] = depth + 1
                    queue[count] = before
                    count += 1
            for spot in range(of.out_start[node], of.out_start[node + 1]):
                arc = of.out[spot]
                after = of.head[arc]
                # What was sent on can be taken back.
                if after >= 0 and flow[arc] > 0 and not target[arc] and level[after] < base:
                    level[after] = depth + 1
                    queue[count] = after
                    count += 1
        if fed:
            return end, begin
        begin, depth = end, depth + 1
    return count, -1


@njit(cache=True)
def _walk(of: Any, target: Any, flow: Any, level: Any, base: Any, pointer: Any, path: Any, start: Any) -> Any:
    """Find a path to the target that gets nearer at each step; its length, 0 if there is none any more."""
    node, length = start, 0
    while True:
        arc = _step(of, target, flow, level, base, pointer, node)
        if arc >= 0:
            path[length] = arc
            length += 1
            if target[arc]:
                return length
            node = of.head[arc] if of.tail[arc] == node else of.tail[arc]
            continue
        if length == 0:
            return 0
        # The node leads nowhere: back, and never again into it in this round.
        level[node] = 0
        length -= 1
        back = path[length]
        node = of.tail[back] if of.head[back] == node else of.head[back]
        pointer[node] += 1


@njit(cache=True)
def _step(of: Any, target: Any, flow: Any, level: Any, base: Any, pointer: Any, node: Any) -> Any:
    """The next arc of a node that leads nearer to the target; -1 if there is none.

    The node's pointer runs over the arcs that leave it, and then over those that enter it, whose flow is taken back.
    """
    wanted = level[node] - 1
    leaving = of.out_start[node + 1] - of.out_start[node]
    every = leaving + of.into_start[node + 1] - of.into_start[node]
    while pointer[node] < every:
        spot = pointer[node]
        if spot < leaving:
            arc = of.out[of.out_start[node] + spot]
            if flow[arc] < of.capacity[arc]:
                if target[arc]:
                    if wanted < base:
                        return arc
                elif of.head[arc] >= 0 and wanted >= base and level[of.head[arc]] == wanted:
                    return arc
        else:
            arc = of.into[of.into_start[node] + spot - leaving]
            before = of.tail[arc]
            if flow[arc] > 0 and not target[arc] and before >= 0 and wanted >= base and level[before] == wanted:
                return arc
        pointer[node] += 1
    return -1


@njit(cache=True)
def _push(of: Any, flow: Any, path: Any, length: Any, start: Any, most: Any) -> Any:
    """Send as much along a path as it takes, at most so much; how much that was."""
    node = start
    for step in range(length):
        arc = path[step]
        forward = of.tail[arc] == node
        most = min(most, of.capacity[arc] - flow[arc] if forward else flow[arc])
        node = of.head[arc] if forward else of.tail[arc]
    node = start
    for step in range(length):
        arc = path[step]
        forward = of.tail[arc] == node
        flow[arc] += most if forward else -most
        node = of.head[arc] if forward else of.tail[arc]
    return most


@njit(cache=True)
def fed(of: Any, source: Any, target: Any, flow: Any) -> Any:
    """(node,) whether a source could still send more there, though none of it arrives."""
    nodes = of.out_start.size - 1
    seen = np.zeros(nodes, np.bool_)
    queue = np.empty(nodes, np.int32)
    count = 0
    for arc in range(source.size):
        node = of.head[arc]
        if source[arc] and not target[arc] and node >= 0 and flow[arc] < of.capacity[arc] and not seen[node]:
            seen[node] = True
            queue[count] = node
            count += 1
    begin = 0
    while begin < count:
        node = queue[begin]
        begin += 1
        for spot in range(of.out_start[node], of.out_start[node + 1]):
            arc = of.out[spot]
            after = of.head[arc]
            if after >= 0 and not target[arc] and flow[arc] < of.capacity[arc] and not seen[after]:
                seen[after] = True
                queue[count] = after
                count += 1
        for spot in range(of.into_start[node], of.into_start[node + 1]):
            arc = of.into[spot]
            before = of.tail[arc]
            if before >= 0 and not target[arc] and flow[arc] > 0 and not seen[before]:
                seen[before] = True
                queue[count] = before
                count += 1
    return seen
