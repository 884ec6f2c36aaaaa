"""Maximum flow of few arcs in plain Python: whole numbers of any size, and nothing that must be compiled first.

A year of trade in one form has some hundred arcs. For so few the compiled flow of :mod:`lodeline.origin.maxflow` takes
longer to load than to run, and to compile, once after an install, longer than a reader waits.

Source: Dinitz (1970), Soviet Math. Doklady 11, 1277-1280.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]


class Pipes:
    """Arcs laid out for many questions of how much can get from some of the sources to one node."""

    def __init__(self, tail: Rows, head: Rows, capacity: Rows, nodes: int) -> None:
        """Take arcs, (arc,) each.

        Args:
            tail, head: Node; -1 where an arc comes from outside, which makes it a source, or ends.
            capacity: >= 0. nodes: how many.
        """
        self._source = nodes
        self._to: list[int] = []
        self._room: list[int] = []
        self._of: list[list[int]] = [[] for _ in range(nodes + 1)]
        self._gate: dict[int, tuple[int, int]] = {}
        for arc, (a, b, room) in enumerate(zip(tail.tolist(), head.tolist(), capacity.tolist(), strict=True)):
            if b < 0 or not room:
                continue
            if a < 0:
                # A gate stays shut but for the sources of a question.
                self._gate[arc] = (len(self._to), room)
                a, room = nodes, 0
            for start, end, free in ((a, b, room), (b, a, 0)):
                self._of[start].append(len(self._to))
                self._to.append(end)
                self._room.append(free)

    def most(self, sources: Iterable[int], at: int, limit: int) -> int:
        """The most that can get from some sources, by their arcs, to a node, up to a limit."""
        room = self._room.copy()
        for arc in sources:
            if arc in self._gate:
                edge, free = self._gate[arc]
                room[edge] = free
        sent = 0
        while sent < limit:
            level = self._levels(room, at)
            if level[at] < 0:
                return sent
            spot = [0] * len(self._of)
            while sent < limit and (more := self._push(room, level, spot, at, limit - sent)):
                sent += more
        return sent

    def _levels(self, room: list[int], at: int) -> list[int]:
        """How many arcs with room each node is from the sources, as far as the node that is asked; else -1."""
        level = [-1] * len(self._of)
        level[self._source] = 0
        now = [self._source]
        while now and level[at] < 0:
            after = []
            for node in now:
                for edge in self._of[node]:
                    end = self._to[edge]
                    if room[edge] and level[end] < 0:
                        level[end] = level[node] + 1
                        after.append(end)
            now = after
        return level

    def _push(self, room: list[int], level: list[int], spot: list[int], at: int, most: int) -> int:
        """Send what one shortest path can take; nothing where none is left. ``spot``: how far each node was tried."""
        path: list[int] = []
        node = self._source
        while node != at:
            edges, step = self._of[node], level[node] + 1
            while spot[node] < len(edges):
                edge = edges[spot[node]]
                if room[edge] and level[self._to[edge]] == step:
                    break
                spot[node] += 1
            else:
                if not path:
                    return 0
                # A dead end: go back, and do not try it again.
                node = self._to[path.pop() ^ 1]
                spot[node] += 1
                continue
            path.append(edge)
            node = self._to[edge]
        sent = min(most, *(room[edge] for edge in path))
        for edge in path:
            room[edge] -= sent
            room[edge ^ 1] += sent
        return sent
