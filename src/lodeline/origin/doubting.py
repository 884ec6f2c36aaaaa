"""Bounds where the declared origin of some lots is in doubt: their metal may then be of any origin, as untraced may.

Nothing is said of where it is from instead. What is claimed of metal that they went into is held against that.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lodeline.origin.ancestors import ancestors
from lodeline.origin.bounds import Bounds
from lodeline.origin.graph import OUTSIDE, Origin

if TYPE_CHECKING:
    from lodeline.origin.building import Built
    from lodeline.origin.graph import MassGraph, Rows

IN_DOUBT: Final = Origin("untraced", "", "in doubt")
"""Like untraced metal: of no class surely, and perhaps of any."""


class Doubted(NamedTuple):
    """A mass graph with lots in doubt.

    Attributes:
        bounds: Of the graph, in which their metal comes from :data:`IN_DOUBT`.
        brought: Arcs that bring it, ascending. lot: (arc,) the name of the lot that each brings, as in the flows.
    """

    bounds: Bounds
    brought: Rows
    lot: Rows

    def mg(self, target: Rows) -> int:
        """The most of it that some arcs can hold, whatever the mixing was, milligrams."""
        return self.bounds.side(np.unique(target), {len(self.bounds.graph.origins) - 1}).mg

    def lots(self, target: Rows) -> tuple[int, ...]:
        """Names of the lots of it that can be in some arcs, ascending."""
        reached = np.union1d(ancestors(self.bounds.network, target).arcs, target)
        return tuple(np.unique(self.lot[np.isin(self.brought, reached)]).tolist())


def doubted(built: Built, lots: Collection[int]) -> Doubted | None:
    """The graph of a book with the origin of some lots in doubt; None where none of them brings known metal.

    Args:
        built: Of the book. lots: names, as in the flows.
    """
    graph: MassGraph = built.graph
    of_flow = built.flows.flows["lot"].astype(np.int64)
    brings = np.flatnonzero((graph.tail == OUTSIDE) & (graph.flow >= 0))
    lot = of_flow[graph.flow[brings]]
    ours = np.isin(lot, np.array(sorted(lots), dtype=np.int64))
    if not ours.any():
        return None
    origin = graph.origin.copy()
    origin[brings[ours]] = len(graph.origins)
    changed = graph._replace(origin=origin, origins=(*graph.origins, IN_DOUBT))
    return Doubted(Bounds(changed), brings[ours], lot[ours])
