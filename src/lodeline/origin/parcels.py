"""Bounds that suppose homogeneous parcels: what was mined or collected at once keeps its composition until separated.

By conservation alone elements bind each other in nothing: the antimony and the arsenic of a lot may part company if it
is heterogeneous. Where each kilogram of a parcel has the composition of all of it within a tolerance, they do, and
bounds become much narrower. That is an assumption, so a claim that needs it is supported by it, and never proved.

    z[p, e, a]  kilograms of component e of parcel p on arc a, which conserve at every node
    sum over p of z[p, e, a] = m[e, a]
    (1 - d) g[p, e] x[p, a] <= z[p, e, a] <= (1 + d) g[p, e] x[p, a],   x[p, a] = sum over e of z[p, e, a]

with g the composition of the parcel where it came in, on arcs that no separation lies before. What leaves upstream of
the target is followed one arc far, so that the range is never too narrow.

Where masses may be off, so may g, by s[p, e] / x[p] with s what a mass may be off and x[p] all of the parcel; and on an
arc a parcel may have got what all of it is off, s[a, e] of a component and g[p, e] of what the dry mass is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.ancestors import ancestors, descendants
from lodeline.origin.bounds import Bounds
from lodeline.origin.graph import MassGraph
from lodeline.origin.intervals import Range
from lodeline.origin.matrix import Matrix, solved
from lodeline.origin.maxflow import network
from lodeline.origin.wanted import classes

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from lodeline.origin.graph import Origin
    from lodeline.origin.wanted import Wanted

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Rows = NDArray[np.int64]

LARGEST = 1e6
"""Masses are given to the solver in a unit in which none is larger."""


class Parcels(NamedTuple):
    """Several components on the same arcs; those together are all of the dry mass.

    Attributes:
        components: Symbols, and a name for the rest of the dry mass.
        nodes, tail, head, origin, origins: As of :class:`MassGraph`; each arc from outside of a known origin is a
            parcel.
        mg: (arc, component) milligrams, >= 0; each closes at every node.
        whole: (arc,) whether all on it is as it was mined or collected, and every component of it is known: no
            separation lies before it, and it is no gap.
        slack_mg: (arc, component) by how much a mass may be off for other reasons, milligrams, >= 0: a multiple of its
            uncertainty; None: masses are taken as they are.
    """

    components: tuple[str, ...]
    nodes: int
    tail: Rows
    head: Rows
    mg: Rows
    origin: Rows
    origins: tuple[Origin, ...]
    whole: Flags
    slack_mg: Array | None = None

    def check(self) -> None:
        """Refuse what does not close, component by component.

        Raises:
            InputError: As :meth:`MassGraph.check`.
        """
        arcs, components = self.tail.size, len(self.components)
        slack = (arcs, components) if self.slack_mg is None else self.slack_mg.shape
        if (self.mg.shape, slack, self.whole.shape) != ((arcs, components), (arcs, components), (arcs,)):
            raise InputError("origin.shape", "Give a mass an arc and component, and an entry an arc.")
        for name in self.components:
            self.component(name)[0].check()

    def component(self, name: str) -> tuple[MassGraph, Rows]:
        """The mass graph of one component, and the arcs of these that it has, ascending."""
        mg = self.mg[:, self.components.index(name)]
        arcs = np.flatnonzero(mg != 0)
        graph = MassGraph(
            element=name,
            nodes=self.nodes,
            tail=self.tail[arcs],
            head=self.head[arcs],
            mg=mg[arcs],
            origin=self.origin[arcs],
            flow=arcs,
            own=np.ones(arcs.size, dtype=np.bool_),
            origins=self.origins,
        )
        return graph, arcs


def unseparated(tail: Rows, head: Rows, nodes: int, separates: Flags) -> Flags:
    """(arc,) whether no node that separates lies before an arc.

    Args:
        tail, head: (arc,) in order of time. separates: (node,) whether what leaves it differs from what came.
    """
    net = network(tail, head, np.zeros(tail.size, dtype=np.int64), nodes)
    out = np.flatnonzero((tail >= 0) & separates[tail])
    whole = np.ones(tail.size, dtype=np.bool_)
    whole[out] = False
    whole[descendants(net, out).arcs] = False
    return whole


def gross(of: Parcels, target: int, origins: Collection[Origin] | Wanted) -> Range:
    """The range of the dry mass of some origins in one arc, whatever the mixing was: the sum over the components.

    Each component can go its own way, and no other limit holds, so that the sum is exact; one flow of the dry mass
    would let metal take the place of gangue.

    Args:
        of: All components. target: arc.
        origins: As :meth:`lodeline.origin.bounds.Bounds.arcs`.

    Raises:
        InputError: ``origin.index``, ``origin.untraced``.
    """
    of.check()
    if not 0 <= target < of.tail.size:
        raise InputError("origin.index", f"There is no arc {target}.", arc=target)
    least = most = 0
    for name in of.components:
        graph, arcs = of.component(name)
        place = int(np.searchsorted(arcs, target))
        if place < arcs.size and arcs[place] == target:
            bound = Bounds(graph).arc(place, origins)
            least, most = least + bound.least, most + bound.most
    mg = int(of.mg[target].sum())
    return Range(least, most, least / mg, most / mg, exact=True)


def supported(
    of: Parcels, target: int, component: str, origins: Collection[Origin] | Wanted, *, within: float
) -> Range:
    """The range of one component of some origins in one arc, if parcels are homogeneous.

    Args:
        of: All components. target: arc. component: which.
        origins: As :meth:`lodeline.origin.bounds.Bounds.arcs`.
        within: By which part a component of any kilogram of a parcel differs from that of all of it, >= 0.

    Raises:
        InputError: ``origin.index``, ``origin.untraced``, ``origin.parcels``, ``origin.not_solved`` where nothing fits:
            then parcels are not so homogeneous, or a mass is wrong.
    """
    of.check()
    if component not in of.components or not 0 <= within < np.inf:
        raise InputError("origin.parcels", f"Ask for one of {', '.join(of.components)}, within a part from 0 upwards.")
    if not 0 <= target < of.tail.size or of.mg[target, of.components.index(component)] == 0:
        raise InputError("origin.index", "Ask for an arc that carries the component.", arc=target)
    made = _program(of, target, within)
    place = of.components.index(component)
    most_of, rest_of = classes(of.origins, origins)
    mg, found = int(of.mg[target, place]), []
    for member in (rest_of, most_of):
        cost = np.where(member[of.origin[made.parcel]], -1.0, 0.0)
        for parcel, one in enumerate(cost.tolist()):
            made.highs.changeColCost(made.column(parcel, place, made.target), one)
        found.append(min(max(-solved(made.highs) * made.unit_mg, 0.0), float(mg)))
    rest, most = found
    return Range(mg - rest, most, (mg - rest) / mg, most / mg, exact=False)


class _Program(NamedTuple):
    """The program: columns z by parcel, component and arc, the last fastest."""

    highs: Any
    parcel: Rows
    components: int
    arcs: int
    target: int
    unit_mg: float

    def column(self, parcel: int, component: int, arc: int) -> int:
        """Of one z."""
        return (parcel * self.components + component) * self.arcs + arc


def _program(of: Parcels, target: int, within: float) -> _Program:
    """The program of all that lies upstream of an arc."""
    net = network(of.tail, of.head, np.zeros(of.tail.size, dtype=np.int64), of.nodes)
    reach = ancestors(net, np.array([target]))
    near = np.zeros(of.nodes + 1, dtype=np.bool_)
    near[reach.nodes] = True
    arcs = np.flatnonzero(near[of.tail] | near[of.head] | (np.arange(of.tail.size) == target))
    parcel = arcs[of.tail[arcs] < 0]
    components, count, parcels = len(of.components), arcs.size, parcel.size
    unit = max(1.0, float(of.mg[arcs].max()) / LARGEST)
    mg = of.mg[arcs] / unit  # (arc, component)
    z = np.arange(parcels * components * count).reshape(parcels, components, count)
    made = Matrix(z.size)
    tail, head = of.tail[arcs], of.head[arcs]
    number = np.full(of.nodes, -1, dtype=np.int64)
    number[reach.nodes] = np.arange(reach.nodes.size)
    into, out = np.flatnonzero((head >= 0) & near[head]), np.flatnonzero((tail >= 0) & near[tail])
    for p in range(parcels):
        for e in range(components):
            rows = made.rows(reach.nodes.size, 0.0, 0.0)
            made.add(rows[number[head[into]]], z[p, e, into], 1.0)
            made.add(rows[number[tail[out]]], z[p, e, out], -1.0)
    for e in range(components):
        for a in range(count):
            rows = made.rows(1, mg[a, e], mg[a, e])
            made.add(np.full(parcels, rows[0]), z[:, e, a], 1.0)
    # Untraced metal has no composition that it could keep, and neither has a parcel that was not assayed for all.
    known = np.flatnonzero((of.origin[parcel] > 0) & of.whole[parcel])
    kept = np.flatnonzero(of.whole[arcs] & (tail >= 0))
    off = np.zeros(of.mg.shape) if of.slack_mg is None else of.slack_mg
    slack = off[arcs[kept]] / unit
    for p in known.tolist():
        dry = of.mg[parcel[p]].sum()
        grade = of.mg[parcel[p]] / dry
        _alike(made, z[p], kept, grade, within * grade + off[parcel[p]] / dry, slack)
    return _Program(
        made.solver(*_limits(of, arcs, parcel, mg, z)),
        parcel,
        components,
        count,
        int(np.searchsorted(arcs, target)),
        unit,
    )


def _alike(made: Matrix, z: Rows, kept: Rows, grade: Array, off: Array, slack: Array) -> None:
    """A parcel has its composition on some arcs; z is (component, arc).

    Args:
        grade: (component,) kilograms in one of the parcel. off: by how much that may be another.
        slack: (kept, component) what masses on the arcs may be off.
    """
    for e, (part, width) in enumerate(zip(grade.tolist(), off.tolist(), strict=True)):
        for sign in (1.0, -1.0):
            rows = made.rows(kept.size, -np.inf, slack[:, e] + part * slack.sum(axis=1))
            made.add(rows, z[e, kept], sign)
            for other in range(grade.size):
                made.add(rows, z[other, kept], -sign * (part + sign * width))


def _limits(of: Parcels, arcs: Rows, parcel: Rows, mg: Array, z: Rows) -> tuple[Array, Array]:
    """(column,) limits: no more than an arc carries, and a parcel comes in by its own arc alone, with all it has."""
    most = np.broadcast_to(mg.T[None], z.shape).copy()
    least = np.zeros(z.shape)
    entering = np.flatnonzero(of.tail[arcs] < 0)
    for p, arc in enumerate(parcel.tolist()):
        most[p][:, entering] = 0.0
        own = int(np.searchsorted(arcs, arc))
        most[p, :, own] = least[p, :, own] = mg[own]
    return least.ravel(), most.ravel()
