"""From the flows of a book to the mass graph of one element.

Masses are those that count in the flows, or reconciled. No mass is ever taken from a gross mass without an assay: where
the element was not assayed in the chain, and no balance tells it, it is unknown, with what would settle it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.metal.flows.words import CLOSING
from lodeline.metal.reconciliation.streams import streams
from lodeline.origin.closing import MG_PER_KG
from lodeline.origin.drawing import Told, draw
from lodeline.origin.graph import OUTSIDE
from lodeline.origin.sources import sources

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.origin.graph import MassGraph

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Rows = NDArray[np.int64]


class Built(NamedTuple):
    """The mass graph of a book, and what of the book it is.

    Attributes:
        graph: It. flows: the book's.
        arc: (flow,) its arc; -1 where its mass is unknown or nothing.
        node: (node of the flows,) its node; -1 where nothing known passes it.
        said_kg: (flow,) the mass as it counts or was reconciled, kg; NaN where neither says.
        kg: (flow,) the mass that was taken, kg; NaN where unknown.
        told_kg: (flow,) the same, nothing where it is computed to be below.
        source: (flow,) of a flow from outside the place of its origin in the graph's; else -1.
        own: (flow,) whether it rests on an assay of this very metal, or is what others of such leave; else a bound
            that rests on it holds if lots are homogeneous.
        derived: (flow,) found by difference.
        differences: (n, 2) flows that were, each with the node of the flows that told it, as they were found.
        brings: (node of the flows,) the place of the origin of what flows of unknown mass bring; -1 where none do.
        negative: (flow,) computed below zero: more was taken than there was; its mass is unknown.
        gap_mg: (node of the graph,) what is known to come more than to leave, or less if below zero: an arc to the end,
            or from untraced.
        moved_mg: The largest change for the sake of closing.
    """

    graph: MassGraph
    flows: Flows
    arc: Rows
    node: Rows
    said_kg: Array
    kg: Array
    told_kg: Array
    source: Rows
    own: Flags
    derived: Flags
    differences: Rows
    brings: Rows
    negative: Flags
    gap_mg: Rows
    moved_mg: int

    @property
    def unknown(self) -> Flags:
        """(flow,) whether nobody knows its mass; :func:`lodeline.origin.unknowns.why` says why."""
        return np.isnan(self.kg)


def mass_graph(
    flows: Flows, element: str, *, reconciled: Reconciled | None = None, in_doubt: Collection[int] = ()
) -> Built:
    """The mass graph of an element.

    Args:
        flows: Of the book.
        element: Symbol, ``Sb``.
        reconciled: The same flows reconciled, whose masses close; without it they are those that count in the flows,
            and what does not close is untraced or lost.
        in_doubt: Names of lots whose declared origin is in doubt. Arcs and masses are the same with them or without.

    Raises:
        InputError: ``chemistry.element_unknown``, ``origin.not_reconciled``, ``origin.time``, ``origin.closing``.
    """
    said = flows.element(element)
    kg = said.kg if reconciled is None else _reconciled(reconciled, flows, element)
    # Half a milligram below zero is rounding.
    negative = kg < -0.5 / MG_PER_KG
    origins, origin = sources(flows, in_doubt)
    told = Told(
        tail=outside(flows.flows["tail"]),
        head=outside(flows.flows["head"]),
        kg=np.where(negative, 0.0, np.maximum(kg, 0.0)),
        origin=origin,
        own=passing(flows, ~said.inherited & ~np.isnan(said.kg)) & ~negative,
    )
    drawn = draw(element, told, flows.nodes.rows, origins)
    return Built(
        graph=drawn.graph,
        flows=flows,
        arc=drawn.arc,
        node=drawn.node,
        said_kg=kg,
        kg=np.where(negative, np.nan, drawn.kg),
        told_kg=drawn.kg,
        source=origin,
        own=drawn.own & ~negative,
        derived=np.isnan(kg) & ~np.isnan(drawn.kg),
        differences=drawn.differences,
        brings=drawn.brings,
        negative=negative,
        gap_mg=drawn.gap_mg,
        moved_mg=drawn.moved_mg,
    )


def outside(end: NDArray[np.int32]) -> Rows:
    """Both ends of the book are outside."""
    return np.where(end <= CLOSING, OUTSIDE, end).astype(np.int64)


def _reconciled(found: Reconciled, flows: Flows, element: str) -> Array:
    if found.flows is not flows or element not in found.elements:
        raise InputError(
            "origin.not_reconciled", f"Reconcile these flows for {element} before asking where it is from."
        )
    return found.element(element).kg


def passing(flows: Flows, holds: Flags) -> Flags:
    """(flow,) whether something holds of it, or of what passed whole from or into it."""
    mass = streams(flows).mass
    any_of = np.zeros(mass.max(initial=-1) + 1, dtype=np.bool_)
    any_of[mass[holds]] = True
    return any_of[mass]
