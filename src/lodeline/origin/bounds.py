"""The least and the most of some origins that a part of the metal can hold, whatever the mixing was.

``most = max-flow(sources of k -> target)`` and ``least = m - max-flow(the other sources -> target)``: both are exact
where masses close, in order of time, since what a maximum flow leaves over can be routed to the ends by other origins.
Untraced metal may be of k and may not be, as may other origins: in the most they count as k, in the least as not k.

Source: the decomposition of flows into paths, Ford & Fulkerson (1962), Flows in Networks, section I.2.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.ancestors import ancestors
from lodeline.origin.maxflow import max_flow, network
from lodeline.origin.wanted import classes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.origin.graph import MassGraph, Origin
    from lodeline.origin.wanted import Wanted

    Rows = NDArray[np.int64]


class Side(NamedTuple):
    """How much of one class of origins can be in the target at most, and its proof in whole milligrams.

    Attributes:
        mg: What the flow brings and the cut lets through; that both are equal proves it.
        origins: The class, by places in the graph's origins, ascending; untraced metal is of every class.
        cut: Arcs whose masses sum to ``mg``: from the far side of the cut to the near one, those of the target whose
            tail is far, and those from outside, of the class, into the near side.
        near: Nodes on the target's side of the cut, the smallest there is, ascending; none where the target is full.
        arcs, flow: Arcs that carry the flow, ascending, and how much, mg; those of the target too.
    """

    mg: int
    origins: tuple[int, ...]
    cut: Rows
    near: Rows
    arcs: Rows
    flow: Rows


class Bound(NamedTuple):
    """What the target can hold of some origins, milligrams.

    Attributes:
        element: Symbol. target: arcs, ascending. mg: their mass.
        least, most: Of the origins.
        of: The proof of the most: a flow of the origins and of what may be of them.
        rest: The proof of the least, ``mg - rest.mg``: a flow of all that is not surely of them.
    """

    element: str
    target: Rows
    mg: int
    least: int
    most: int
    of: Side
    rest: Side

    @property
    def share(self) -> tuple[float, float]:
        """Least and most as parts of the target's mass."""
        return self.least / self.mg, self.most / self.mg


class Bounds:
    """A mass graph that is asked many questions.

    Args:
        graph: That closes and is in order of time, but where it is cyclic.

    Raises:
        InputError: As :meth:`MassGraph.check`.
    """

    def __init__(self, graph: MassGraph) -> None:
        graph.check()
        self.graph = graph
        self.network = network(graph.tail, graph.head, graph.mg, graph.nodes)

    def arc(self, arc: int, of: Collection[Origin] | Wanted) -> Bound:
        """Bounds of one arc; as :meth:`arcs`. A stock at a time is the arc that carries it then."""
        return self.arcs([arc], of)

    def node(self, node: int, of: Collection[Origin] | Wanted) -> Bound:
        """Bounds of all that passes a node; as :meth:`arcs`.

        Raises:
            InputError: ``origin.index``, ``origin.cycle``, ``origin.series``.
        """
        if not 0 <= node < self.graph.nodes:
            raise InputError("origin.index", f"There is no node {node}.", node=node)
        start = self.network.into_start
        return self.arcs(self.network.into[start[node] : start[node + 1]], of)

    def arcs(self, target: Sequence[int] | NDArray[np.integer], of: Collection[Origin] | Wanted) -> Bound:
        """The least and the most of some origins in some arcs together.

        Args:
            target: Arcs; nothing that passes one may pass another, or come back to it.
            of: Origins that are looked for, all others but the untraced being surely no such; or also which may be.

        Raises:
            InputError: ``origin.index``, ``origin.untraced``, ``origin.cycle``, ``origin.series``,
                ``origin.too_large``.
        """
        at = self._target(target)
        surely_or_perhaps, not_surely = (
            set(np.flatnonzero(member[:-1]).tolist()) for member in classes(self.graph.origins, of)
        )
        most = self.side(at, surely_or_perhaps)
        rest = self.side(at, not_surely)
        mg = int(self.graph.mg[at].sum())
        return Bound(self.graph.element, at, mg, mg - rest.mg, most.mg, most, rest)

    def side(self, target: Rows, of: Collection[int]) -> Side:
        """The most that a class of origins can bring into some arcs, which :meth:`arcs` would allow."""
        graph = self.graph
        member = np.zeros(len(graph.origins) + 1, dtype=np.bool_)
        member[list(of)] = True
        source = member[graph.origin]
        aims = np.zeros(graph.tail.size, dtype=np.bool_)
        aims[target] = True
        found = max_flow(self.network, source, aims)
        near = np.flatnonzero(found.near)
        carrying = np.flatnonzero(found.on)
        return Side(
            mg=found.value,
            origins=tuple(sorted(of)),
            cut=self._cut(found.near, near, source, aims),
            near=near,
            arcs=carrying,
            flow=found.on[carrying],
        )

    def far_cut(self, target: Rows, side: Side) -> Rows:
        """The cut of a proof that is farthest from the target: the same arcs as its own where there is no other.

        Both let the same through. Where masses are uncertain, either may be the smaller.
        """
        from lodeline.origin.flow_kernels import fed

        graph, arcs = self.graph, self.graph.tail.size
        member = np.zeros(len(graph.origins) + 1, dtype=np.bool_)
        member[list(side.origins)] = True
        source, aims, flow = member[graph.origin], np.zeros(arcs, dtype=np.bool_), np.zeros(arcs, dtype=np.int64)
        aims[target] = True
        flow[side.arcs] = side.flow
        # The last stands for outside: on the far side as a tail, and on no side as a head.
        far = np.append(fed(self.network, source, aims, flow), True)
        from_far = far[graph.tail] & (source | (graph.tail >= 0))
        ends_near = ~far[graph.head] & (graph.head >= 0)
        return np.flatnonzero(from_far & np.where(aims, True, ends_near))

    def _cut(self, is_near: NDArray[np.bool_], near: Rows, source: NDArray[np.bool_], aims: NDArray[np.bool_]) -> Rows:
        """Arcs through which everything must come, ascending."""
        net, tail = self.network, self.graph.tail
        size = net.into_start[near + 1] - net.into_start[near]
        # The places of the arcs into each near node, one after the other.
        places = np.repeat(net.into_start[near] - np.cumsum(size) + size, size) + np.arange(size.sum())
        into = net.into[places]
        into = into[~aims[into]]
        outside = tail[into] < 0
        far = np.where(outside, source[into], ~is_near[tail[into]])
        target = np.flatnonzero(aims)
        full = np.where(tail[target] < 0, source[target], ~is_near[tail[target]])
        return np.sort(np.concatenate([into[far].astype(np.int64), target[full]]))

    def _target(self, target: Sequence[int] | NDArray[np.integer]) -> Rows:
        """Arcs, checked."""
        graph = self.graph
        at = np.unique(np.asarray(target, dtype=np.int64))
        if not at.size or at[0] < 0 or at[-1] >= graph.tail.size:
            raise InputError("origin.index", "Ask for at least one arc, and for arcs that there are.")
        if at.size == 1 and not graph.cyclic:
            return at
        heads = graph.head[at]
        if not (heads >= 0).any():
            return at
        before = np.zeros(graph.nodes, dtype=np.bool_)
        before[ancestors(self.network, at).nodes] = True
        again = at[(heads >= 0) & before[heads]]
        if not again.size:
            return at
        for arc in again.tolist():
            own = ancestors(self.network, np.array([arc])).nodes
            if graph.head[arc] in own:
                raise InputError(
                    "origin.cycle",
                    "The arc is on a circle, where a kilogram may pass twice and a flow into it is no bound; ask for "
                    "an arc that ends, such as what is consumed.",
                    arc=arc,
                )
        raise InputError(
            "origin.series",
            "What passes one of the arcs may pass another of them; ask for each alone, or as joint claims.",
            arc=int(again[0]),
        )
