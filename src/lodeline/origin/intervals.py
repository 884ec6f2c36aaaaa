"""Bounds where masses are not exact but lie between limits that are certain.

Then a bound is no maximum flow: two kinds of metal that share arcs decide it, and the answer to whole numbers may be
half of one. :func:`lodeline.origin.interval_program.exact` is exact; :func:`outer` is one maximum flow on upper limits
that were drawn in by what can pass each node, never inside the exact one and often equal to it.

Source: Itai (1978), J. ACM 25, 596-611, on flows of two commodities.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from lodeline.errors import InputError
from lodeline.origin.graph import MassGraph
from lodeline.origin.maxflow import LIMIT, max_flow, network
from lodeline.origin.wanted import classes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.origin.graph import Origin
    from lodeline.origin.wanted import Wanted

    Rows = NDArray[np.int64]


class Intervals(NamedTuple):
    """A mass graph whose arcs carry between two limits; (arc,) each. Whatever they carry closes at every node.

    Attributes:
        element, nodes, tail, head, origin, origins: As of :class:`MassGraph`; in order of time.
        low, high: Milligrams, 0 <= low <= high.
    """

    element: str
    nodes: int
    tail: Rows
    head: Rows
    low: Rows
    high: Rows
    origin: Rows
    origins: tuple[Origin, ...]

    @classmethod
    def of(cls, graph: MassGraph, low: Rows | None = None, high: Rows | None = None) -> Intervals:
        """A graph with limits; without any, each arc carries what it carries."""
        return cls(
            element=graph.element,
            nodes=graph.nodes,
            tail=graph.tail,
            head=graph.head,
            low=graph.mg if low is None else low,
            high=graph.mg if high is None else high,
            origin=graph.origin,
            origins=graph.origins,
        )

    def check(self) -> None:
        """Refuse limits between which nothing lies, and circles.

        Raises:
            InputError: ``origin.limits``, ``origin.too_large``, and those of :meth:`MassGraph.check` but
                ``origin.open``.
        """
        if self.low.shape != self.tail.shape or self.high.shape != self.tail.shape:
            raise InputError("origin.shape", "Give arrays of one length, an entry an arc.")
        if not ((self.low >= 0) & (self.low <= self.high)).all():
            raise InputError("origin.limits", "A lower limit is below nothing or above the upper one.")
        # What is checked of a graph holds here too, but that masses close, which limits need not.
        ones = np.ones_like(self.tail)
        own = np.zeros(self.tail.size, dtype=np.bool_)
        shape = MassGraph(
            self.element, self.nodes, self.tail, self.head, ones, self.origin, ones, own, self.origins
        )  # fmt: skip
        try:
            shape.check()
        except InputError as refusal:
            if refusal.code != "origin.open":
                raise
        for end in (self.tail, self.head):
            at = end >= 0
            if (np.bincount(end[at], weights=self.high[at].astype(np.float64)) >= LIMIT).any():
                raise InputError("origin.too_large", "Upper limits at a node add up to 2^62 milligrams or more.")


class Range(NamedTuple):
    """What an arc can hold of some origins where masses lie between limits.

    Attributes:
        least_mg, most_mg: Of the origins.
        least_share, most_share: Of what the arc carries; None where it was not asked for or the arc may be empty.
        exact: Whether the range is exact, or an outer bound.
    """

    least_mg: float
    most_mg: float
    least_share: float | None
    most_share: float | None
    exact: bool


def outer(of: Intervals, target: int, origins: Collection[Origin] | Wanted) -> Range:
    """An outer bound of one arc, by one maximum flow for each side.

    Args:
        of: The graph. target: arc.
        origins: As :meth:`lodeline.origin.bounds.Bounds.arcs`.

    Raises:
        InputError: ``origin.index``, ``origin.untraced``, ``origin.limits``, ``origin.too_large``.
    """
    low, high = drawn_in(of, target)
    net = network(of.tail, of.head, high, of.nodes)
    aims = np.zeros(of.tail.size, dtype=np.bool_)
    aims[target] = True
    most, rest = (max_flow(net, member[of.origin], aims).value for member in classes(of.origins, origins))
    return Range(max(0, int(low[target]) - rest), most, None, None, exact=False)


def drawn_in(of: Intervals, target: int) -> tuple[Rows, Rows]:
    """Limits of every arc, drawn in by what its two ends can take in and give; nothing that was possible is lost.

    Raises:
        InputError: ``origin.index``, ``origin.limits``.
    """
    of.check()
    if not 0 <= target < of.tail.size:
        raise InputError("origin.index", f"There is no arc {target}.", arc=target)
    low, high = of.low.copy(), of.high.copy()
    if not _draw_in(network(of.tail, of.head, high, of.nodes), low, high):
        raise InputError("origin.limits", "No masses between the limits close at every node; look for a missing gap.")
    return low, high


ROUNDS = 8
"""How often limits are drawn in; every round is sound, and later ones win little."""


@njit(cache=True)
def _draw_in(of: Any, low: Any, high: Any) -> Any:
    """Draw limits in, forward in time and back; whether they leave anything."""
    nodes = of.out_start.size - 1
    for _ in range(ROUNDS):
        changed = False
        for step in range(2 * nodes):
            node = step if step < nodes else 2 * nodes - 1 - step
            in_low = in_high = out_low = out_high = 0
            for spot in range(of.into_start[node], of.into_start[node + 1]):
                in_low += low[of.into[spot]]
                in_high += high[of.into[spot]]
            for spot in range(of.out_start[node], of.out_start[node + 1]):
                out_low += low[of.out[spot]]
                out_high += high[of.out[spot]]
            for spot in range(of.into_start[node], of.into_start[node + 1]):
                arc = of.into[spot]
                most, least = out_high - (in_low - low[arc]), out_low - (in_high - high[arc])
                if most < low[arc] or least > high[arc]:
                    return False
                if most < high[arc]:
                    in_high -= high[arc] - most
                    high[arc] = most
                    changed = True
                if least > low[arc]:
                    in_low += least - low[arc]
                    low[arc] = least
                    changed = True
            for spot in range(of.out_start[node], of.out_start[node + 1]):
                arc = of.out[spot]
                most, least = in_high - (out_low - low[arc]), in_low - (out_high - high[arc])
                if most < low[arc] or least > high[arc]:
                    return False
                if most < high[arc]:
                    out_high -= high[arc] - most
                    high[arc] = most
                    changed = True
                if least > low[arc]:
                    out_low += least - low[arc]
                    low[arc] = least
                    changed = True
        if not changed:
            break
    return True
