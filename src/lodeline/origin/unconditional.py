"""Bounds that do not suppose that lots are homogeneous.

A mass that rests on no assay of its own, but on one of what it was taken from, may be anything from nothing to what the
parent held and to pure element in its dry mass. Masses of the assays themselves stay; so does what does not close where
all that meets was assayed, and elsewhere an imbalance may be smaller than it was computed, down to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.origin.closing import MG_PER_KG
from lodeline.origin.graph import OUTSIDE
from lodeline.origin.intervals import Intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.origin.bounds import Bound
    from lodeline.origin.building import Built
    from lodeline.origin.graph import MassGraph

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Rows = NDArray[np.int64]


class Supposes(NamedTuple):
    """Whether the sides of a bound hold only if lots are homogeneous: what they rest on was not assayed itself."""

    least: bool
    most: bool


def supposes(graph: MassGraph, bound: Bound) -> Supposes:
    """What a bound supposes.

    No more can come than a cut lets through, whatever the masses elsewhere were. So the most rests on the arcs of its
    cut alone, and the least on those of the cut of all others and on the target.
    """
    loose = ~assayed(graph)
    return Supposes(
        least=bool(loose[bound.rest.cut].any() or loose[bound.target].any()), most=bool(loose[bound.of.cut].any())
    )


def assayed(graph: MassGraph) -> Flags:
    """(arc,) whether the mass rests on assays of its own: a flow's does, or a gap between such."""
    return graph.own | _gaps_of_assayed(graph)


def free(built: Built, *, purest: float = 1.0) -> Intervals:
    """The graph of a book with the limits of what was not assayed itself.

    Args:
        built: Of the book.
        purest: The largest mass fraction that the element can have in dry matter: 1 for the element itself, 0.717 where
            all of it is known to be stibnite.
    """
    flows = built.flows
    dry, gross = flows.dry().kg, flows.flows["mass_kg"]
    # Where nobody knows how much of it is water, all of it may be metal.
    return freed(built.graph, np.where(np.isnan(dry), gross, dry) * purest)


def freed(graph: MassGraph, most_kg: Array) -> Intervals:
    """A graph with limits.

    Args:
        graph: With the column ``own``.
        most_kg: (flow,) the largest mass of the element in each flow; NaN where only its parent limits it.
    """
    fixed = assayed(graph)
    all_mg = int(graph.mg[graph.tail == OUTSIDE].sum())
    low = np.where(fixed, graph.mg, 0)
    high = np.where(fixed, graph.mg, all_mg)
    told = np.flatnonzero(~fixed & (graph.flow >= 0))
    kg = most_kg[graph.flow[told]]
    most = np.where(np.isnan(kg), all_mg, np.minimum(np.nan_to_num(kg) * MG_PER_KG, all_mg)).astype(np.int64)
    # What was said of it, even if by the assay of another, is possible.
    high[told] = np.maximum(most, graph.mg[told])
    gap = np.flatnonzero((graph.flow < 0) & ~fixed & ~_cut(graph))
    high[gap] = graph.mg[gap]
    return Intervals.of(graph, low, high)


def _assayed(graph: MassGraph) -> Flags:
    """(node + 1,) whether all of the book that meets there was assayed itself; the last stands for outside."""
    all_own = np.ones(graph.nodes + 1, dtype=np.bool_)
    other = ~graph.own & (graph.flow >= 0)
    for end in (graph.tail, graph.head):
        all_own[end[other]] = False
    all_own[-1] = True
    return all_own


def _gaps_of_assayed(graph: MassGraph) -> Flags:
    """(arc,) what was added so that masses close, at nodes where all else was assayed."""
    all_own = _assayed(graph)
    added = graph.flow < 0
    return added & all_own[graph.tail] & all_own[graph.head] & ~_cut(graph)


def _cut(graph: MassGraph) -> Flags:
    """(arc,) what stands for unknown masses: its node has both more that comes and more that goes than is known."""
    added = graph.flow < 0
    comes, goes = (np.zeros(graph.nodes + 1, dtype=np.bool_) for _ in range(2))
    comes[graph.head[added]] = True
    goes[graph.tail[added]] = True
    both = comes & goes
    both[-1] = False
    return added & (both[graph.tail] | both[graph.head])
