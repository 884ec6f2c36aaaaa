"""Bounds where the declared origin of some lots is in doubt: their metal may then be of any origin, as untraced may.

Nothing is said of where it is from instead. What is claimed of metal that they went into is held against that. The
graph is drawn anew, since metal that passes unknown masses is of the one origin that all of it can have, if there is
one; with lots in doubt among it there is none.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.flows.words import OUTSIDE as BEFORE
from lodeline.origin.ancestors import ancestors
from lodeline.origin.bounds import Bounds
from lodeline.origin.building import mass_graph, outside
from lodeline.origin.graph import IN_DOUBT
from lodeline.origin.maxflow import network

if TYPE_CHECKING:
    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.origin.building import Built
    from lodeline.origin.graph import Rows
    from lodeline.origin.maxflow import Network


class Doubted(NamedTuple):
    """A mass graph with lots in doubt.

    Attributes:
        built: With their metal from :data:`~lodeline.origin.graph.IN_DOUBT`; its arcs are those without.
        bounds: Of it.
        ways: The flows of the book, whatever their masses. brought: flows by which the lots in doubt came, ascending.
    """

    built: Built
    bounds: Bounds
    ways: Network
    brought: Rows

    def mg(self, target: Rows) -> int:
        """The most that some arcs can hold of it, or of what may be it as no mass tells, milligrams."""
        return self.bounds.arcs(target, {IN_DOUBT}).most

    def lots(self, target: Rows) -> tuple[int, ...]:
        """Names of the lots of it that can be in some arcs, ascending, by the ways of the book alone."""
        rows = self.built.graph.flow[np.asarray(target)]
        rows = rows[rows >= 0]
        reached = np.union1d(ancestors(self.ways, rows).arcs, rows)
        there = self.brought[np.isin(self.brought, reached)]
        return tuple(np.unique(self.built.flows.flows["lot"][there]).tolist())


def doubted(built: Built, lots: Collection[int], *, reconciled: Reconciled | None = None) -> Doubted | None:
    """The graph of a book with the origin of some lots in doubt; None where none of them came from outside.

    Args:
        built: Of the book. lots: names, as in the flows. reconciled: what it was built by.

    Raises:
        InputError: As :func:`~lodeline.origin.building.mass_graph`.
    """
    flows = built.flows
    names = np.array(sorted(lots), dtype=np.int64)
    came = np.flatnonzero((flows.flows["tail"] == BEFORE) & np.isin(flows.flows["lot"], names))
    if not came.size:
        return None
    made = mass_graph(flows, built.graph.element, reconciled=reconciled, in_doubt=frozenset(lots))
    tail, head = (outside(flows.flows[end]) for end in ("tail", "head"))
    ways = network(tail, head, np.ones(tail.size, dtype=np.int64), flows.nodes.rows)
    return Doubted(made, Bounds(made.graph), ways, came)
