"""How uncertain a bound is where masses are: the bound at the reconciled masses, with the uncertainty of its cut.

No more than a cut can come, whatever the masses were, so a bound errs only as far as its cut is off: ``u^2 = 1' V 1``
over the flows that cross it, with V the covariance of the reconciled masses; those too that came out as nothing. Where
two cuts let the same through, the smaller of both is the bound, and a limit must hold for both.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.building import outside
from lodeline.origin.closing import MG_PER_KG
from lodeline.origin.maxflow import Network, network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.sums import Signed
    from lodeline.origin.bounds import Bound, Bounds, Side
    from lodeline.origin.building import Built
    from lodeline.units.figure import Figure

    Rows = NDArray[np.int64]

SAME: Final = 1e-6
"""Two cuts whose difference is less uncertain than this part of either are one quantity, known twice."""


class SumsOfFlows(Protocol):
    """Sums over flows with their uncertainties: :class:`lodeline.metal.reconciliation.reconciled_sums.ReconciledSums`
    of the element, or :class:`lodeline.metal.sums.Sums` where nothing was reconciled."""

    def of_many(self, sums: Sequence[Signed]) -> list[Figure]:
        """Of each (plus, minus), rows of the flows, KGM."""
        ...


class Uncertain(NamedTuple):
    """One side of a bound.

    Attributes:
        kg: At the masses of the graph. u_kg: standard uncertainty (k = 1); NaN where that of any mass is not known.
        cuts: How many cuts that vary apart are known to let the same through: 1, or 2 where there are at least two.
        side: +1 of a most, -1 of a least.
    """

    kg: float
    u_kg: float
    cuts: int
    side: int

    def limit(self, confidence: float) -> float:
        """What it does not exceed (the most) or fall below (the least), one-sided, kg; at least nothing.

        ``kg +- z u`` with z for the confidence of each of the cuts: all hold together at least so often.

        Raises:
            InputError: ``origin.confidence``.
        """
        if not 0.5 <= confidence < 1:
            raise InputError("origin.confidence", "A confidence is from 0.5 to below 1.", confidence=confidence)
        z = NormalDist().inv_cdf(confidence ** (1 / self.cuts))
        return max(0.0, self.kg + self.side * z * self.u_kg)


def uncertain(built: Built, bounds: Bounds, bound: Bound, sums: SumsOfFlows) -> tuple[Uncertain, Uncertain]:
    """The least and the most of a bound with their uncertainties.

    Args:
        built: Of a book. bounds: of its graph. bound: one of these.
        sums: Of the element, over the flows that the graph was built from.
    """
    terms = _Terms(built)
    asked: list[Signed] = []
    target = [(arc, 1) for arc in bound.target.tolist()]
    for side, sign, more in ((bound.rest, -1, target), (bound.of, 1, [])):
        near = [(arc, sign) for arc in side.cut.tolist()]
        far = [(arc, -sign) for arc in bounds.far_cut(bound.target, side).tolist()]
        through = [(flow, sign * part) for flow, part in terms.nothing_across(side)]
        asked += [terms.of([*more, *near], through), terms.of([*near, *far])]
    u = [math.nan if one.u is None else float(one.u) for one in sums.of_many(asked)]
    return _side(bound.least, u[0], u[1], -1), _side(bound.most, u[2], u[3], 1)


def _side(mg: int, u_kg: float, apart_kg: float, side: int) -> Uncertain:
    """A side, with two cuts where these are uncertain against each other; of a zero uncertainty, only a mass tells."""
    two = apart_kg > SAME * max(u_kg, mg / MG_PER_KG * SAME)
    return Uncertain(mg / MG_PER_KG, u_kg, 2 if two else 1, side)


class _Terms:
    """Masses of arcs as sums over flows: what does not close, or was found by difference, is what others leave."""

    def __init__(self, built: Built) -> None:
        self._built = built
        self._order = {arc: place for place, arc in enumerate(built.differences[:, 0].tolist())}

    @cached_property
    def _net(self) -> Network:
        table = self._built.flows.flows
        none = np.zeros(table.rows, dtype=np.int64)
        return network(outside(table["tail"]), outside(table["head"]), none, self._built.flows.nodes.rows)

    @cached_property
    def _known(self) -> NDArray[np.bool_]:
        """(flow,) whether anybody told its mass."""
        return ~np.isnan(self._built.told_kg)

    @cached_property
    def _of_flows(self) -> NDArray[np.int64]:
        """(node of the graph,) the node of the flows that it is."""
        built = self._built
        found = np.full(built.graph.nodes, -1, dtype=np.int64)
        there = np.flatnonzero(built.node >= 0)[::-1]  # of several the first
        found[built.node[there]] = there
        return found

    @cached_property
    def _both(self) -> NDArray[np.bool_]:
        """(node of the graph,) whether arcs that are no flow both enter and leave it."""
        graph = self._built.graph
        added = graph.flow < 0
        into, out = (np.zeros(graph.nodes + 1, dtype=np.bool_) for _ in range(2))
        into[graph.head[added]] = True
        out[graph.tail[added]] = True
        return (into & out)[:-1]

    def nothing_across(self, side: Side) -> list[tuple[int, int]]:
        """Flows, added or taken away, that are what comes over a cut by flows that carry nothing in the graph.

        What was computed to be nothing, or below, is as uncertain as any other mass; and so is that unknown flows bring
        nothing, where all that is known to leave a node is known to come.
        """
        built, table = self._built, self._built.flows.flows
        near = np.zeros(built.graph.nodes + 1, dtype=np.bool_)
        near[side.near] = True
        tail, head = (np.append(built.node, -1)[outside(table[end])] for end in ("tail", "head"))
        # A node that has no place in the graph is far, and so is outside.
        crossing = ~near[tail] & near[head] & (built.arc < 0) & ~np.isnan(built.told_kg)
        member = np.isin(built.source, side.origins)
        found = [(row, 1) for row in np.flatnonzero(crossing & ((built.source < 0) | member)).tolist()]
        brought = np.zeros(built.graph.nodes + 1, dtype=np.bool_)
        brought[built.graph.head[built.graph.flow < 0]] = True
        silent = near[built.node] & ~brought[built.node] & np.isin(built.brings, side.origins)
        for node in np.flatnonzero(silent).tolist():
            into, out = self._at(node)
            found += [*((row, 1) for row in out), *((row, -1) for row in into)]
        return found

    def of(self, arcs: Iterable[tuple[int, int]], flows: Iterable[tuple[int, int]] = ()) -> Signed:
        """Flows that are added and taken away, each as often as it is, for a signed sum of arcs and of flows."""
        weight: defaultdict[int, int] = defaultdict(int)
        for row, sign in flows:
            weight[row] += sign
        for arc, sign in arcs:
            flow = int(self._built.graph.flow[arc])
            for row, part in ((flow, 1),) if flow >= 0 else self._added(arc):
                weight[row] += sign * part
        # Those found last rest on those found before.
        while derived := [row for row, times in weight.items() if times and row in self._order]:
            row = max(derived, key=self._order.__getitem__)
            times = weight.pop(row)
            for other, part in self._left_over(row):
                weight[other] += times * part
        rows = np.array(sorted(row for row, times in weight.items() if times), dtype=np.int64)
        times_of = np.array([weight[row] for row in rows.tolist()], dtype=np.int64)
        return (
            np.repeat(rows, np.maximum(times_of, 0)),
            np.repeat(rows, np.maximum(-times_of, 0)),
        )

    def _added(self, arc: int) -> list[tuple[int, int]]:
        """What an arc that is no flow stands for: what its node takes in less what it gives, or the other way round."""
        graph = self._built.graph
        comes = graph.tail[arc] < 0
        node = int(graph.head[arc] if comes else graph.tail[arc])
        into, out = self._at(int(self._of_flows[node]))
        if self._both[node]:
            # What stands for the unknown takes all that is known to come, or brings all that is known to leave.
            return [(row, 1) for row in (out if comes else into)]
        sign = -1 if comes else 1
        return [*((row, sign) for row in into), *((row, -sign) for row in out)]

    def _left_over(self, row: int) -> list[tuple[int, int]]:
        """The flows that a flow found by difference is the rest of."""
        node = int(self._built.differences[self._order[row], 1])
        into, out = self._at(node)
        sign = -1 if row in into else 1
        return [
            *((other, sign) for other in into if other != row),
            *((other, -sign) for other in out if other != row),
        ]

    def _at(self, node: int) -> tuple[list[int], list[int]]:
        """Known flows into and out of a node of the flows."""
        net, known = self._net, self._known
        return (
            [row for row in net.into[net.into_start[node] : net.into_start[node + 1]].tolist() if known[row]],
            [row for row in net.out[net.out_start[node] : net.out_start[node + 1]].tolist() if known[row]],
        )
