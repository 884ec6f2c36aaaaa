"""How uncertain shares are, from the uncertainty of the masses they rest on.

To first order ``var(s) = g . V g``, with V the covariance of the masses of arcs and g the derivative of a share by each
of them, which one pass backwards gives for all arcs. What several masses have in common, such as an assay of all parts
of a lot, is in V; masses that are reconciled close, and so does every way in which they can be off together.

Source: JCGM 100:2008, 5.2.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.shares import shares

if TYPE_CHECKING:
    from lodeline.metal.flows.element import ElementMass, Share
    from lodeline.origin.graph import MassGraph, Rows
    from lodeline.origin.mixing import Routed
    from lodeline.origin.shares import Floats, Shares

    Covariance = Callable[[Floats], Floats]
    """(arc, column) to V times it, in milligrams squared times its unit."""

MG_PER_KG = 1e6


class Own(NamedTuple):
    """A covariance: what each mass is off by itself, and what some of them are off by together.

    Attributes:
        u_mg: (arc,) standard uncertainty of its own, milligrams; not a number where unknown.
        shared: Each a row (arc,), -1 for none, and an effect in milligrams (arc,): arcs of one row are off together.
    """

    u_mg: Floats
    shared: tuple[tuple[Rows, Floats], ...] = ()

    def __call__(self, slope: Floats) -> Floats:
        """V times slopes (arc, column). Where nothing depends on a mass it may be unknown."""
        matters = (slope != 0).any(axis=1)
        product = np.where(matters, self.u_mg, 0.0)[:, None] ** 2 * slope
        for row, effect in self.shared:
            said = matters & (row >= 0)
            rows, u = row[said], effect[said]
            for column in range(slope.shape[1]):
                together = np.bincount(rows, weights=u * slope[said, column])
                product[said, column] += u * together[rows]
        return np.asarray(product, dtype=np.float64)


def of_flows(graph: MassGraph, mass: ElementMass) -> Own:
    """The covariance of masses as they count in the flows of a book, before any is reconciled.

    What is no flow of the book has no known uncertainty.

    Args:
        graph: Of these flows.
        mass: The element in each.
    """
    shared = sum((np.where(one.row >= 0, one.u_kg, 0.0) ** 2 for one in mass.shares), start=np.zeros(mass.kg.size))
    own_kg = np.sqrt(np.maximum(mass.u_kg**2 - shared, 0.0))
    of_book = graph.flow >= 0
    row = np.where(of_book, graph.flow, 0)

    def effect(share: Share) -> tuple[Rows, Floats]:
        return np.where(of_book, share.row[row], -1), share.u_kg[row] * MG_PER_KG

    return Own(np.where(of_book, own_kg[row] * MG_PER_KG, np.nan), tuple(effect(share) for share in mass.shares))


def slopes(found: Shares, arc: int) -> Floats:
    """(arc, label) derivative of the shares on one arc by the mass of each, per milligram.

    Raises:
        InputError: ``origin.slope_arc``, ``origin.slope_cyclic``.
    """
    from lodeline.origin import share_kernels

    graph = found.graph
    if graph.cyclic:
        raise InputError("origin.slope_cyclic", "Slopes are found against the order of time, which this graph has not.")
    if not 0 <= arc < graph.tail.size:
        raise InputError("origin.slope_arc", "There is no such arc.", arc=arc)
    if found.label[arc] >= 0:
        return np.zeros((graph.tail.size, found.node.shape[1]))
    labels = int(found.label.max(initial=0)) + 1
    starts, into, _ = share_kernels.entering(graph.tail, graph.head, graph.mg, found.label, graph.nodes, labels, True)
    slope: Any = share_kernels.slopes(
        starts, into, graph.tail, graph.mg, found.label, found.first, found.node, graph.tail[arc]
    )
    return np.asarray(slope, dtype=np.float64)


def routed_slopes(done: Routed, found: Shares, arc: int) -> Floats:
    """(arc, label) the same for a graph that rules of mixing rewrote, by the masses of its arcs before.

    Args:
        done: The graph, routed. found: shares in the new graph.
        arc: Of the old graph, and none that carries a stock between states that keep an order.

    Raises:
        InputError: ``origin.slope_arc``.
    """
    if not 0 <= arc < done.arc.size or done.arc[arc] < 0:
        raise InputError("origin.slope_arc", "There is no such arc, or it is the stock of a store.", arc=arc)
    return before(done, slopes(found, int(done.arc[arc])))


def before(done: Routed, slope: Floats) -> Floats:
    """(arc, column) derivatives by masses of the graph before it was routed, from those by masses of the new one.

    What moved from a parcel to a draw follows from masses laid down and drawn, as long as no change is so large that
    something else is drawn. Not a number where it does not follow, as where a lot is drawn by name and without.

    Args:
        slope: (arc of the new graph, column).
    """
    from lodeline.origin import mixing_kernels

    moves = slope.shape[0] - done.parcel.size
    kept = np.where((done.arc >= 0)[:, None], slope[done.arc], 0.0)
    shadow: Any = mixing_kernels.shadow
    moved = shadow(done.parcel, done.draw, done.graph.mg[moves:], slope[moves:], done.arc.size)
    return np.asarray(kept + moved, dtype=np.float64)


def uncertainty(found: Shares, arcs: Sequence[int], covariance: Covariance, *, done: Routed | None = None) -> Floats:
    """(asked, label) standard uncertainty (k = 1) of shares on arcs, first order; not a number where it is not known.

    Args:
        found: Shares in a graph in order of time.
        arcs: Those asked; of the graph before, where it is routed.
        covariance: V times a matrix (arc, column): :class:`Own`, or that of reconciled masses.
        done: What the graph was routed by, where it was.

    Raises:
        InputError: ``origin.slope_arc``, ``origin.slope_cyclic``.
    """
    u = np.empty((len(arcs), found.node.shape[1]))
    for place, arc in enumerate(arcs):
        slope = slopes(found, arc) if done is None else routed_slopes(done, found, arc)
        # Rounding alone is below zero.
        u[place] = np.sqrt(np.maximum((slope * covariance(slope)).sum(axis=0), 0.0))
    return u


def simulated(graph: MassGraph, arcs: Sequence[int], masses: Iterable[Floats]) -> tuple[Floats, Floats]:
    """(asked, origin) mean and standard deviation of shares over masses drawn at random, to check first order by.

    Args:
        graph: In order of time.
        arcs: Those asked.
        masses: Milligrams (arc,) of each draw, more than nothing; two draws at least.

    Raises:
        InputError: What ``graph.check`` refuses of a mass; ``origin.draws``.
    """
    asked = np.asarray(arcs, dtype=np.int64)
    each = np.array([shares(graph._replace(mg=mg)).of_arcs(asked) for mg in masses])  # type: ignore[arg-type]
    if len(each) < 2:
        raise InputError("origin.draws", "A standard deviation needs two draws at least, and better a thousand.")
    return each.mean(axis=0), each.std(axis=0, ddof=1)
