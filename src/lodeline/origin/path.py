"""The way of a kilogram: the part of the graph between an origin and a holding, with what of it came along each arc."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.graph import OUTSIDE

if TYPE_CHECKING:
    from lodeline.origin.graph import MassGraph, Rows
    from lodeline.origin.shares import Floats


class Way(NamedTuple):
    """What came to a holding, arc by arc. At each node what comes in, the others with it, is what goes on.

    Of what went on from it the same is told the other way round: read leave for enter, and later for before.

    Attributes:
        graph: What it is a part of.
        arcs: (arc of the way,) places in the graph, the holding first; an arc comes after those by which its metal goes
            on.
        mg: (arc of the way,) milligrams that come to the holding by it, of the origin if one was named.
        depth: (arc of the way,) how many arcs later the holding is, by the shortest way; 0 is the holding itself.
        nodes: (node of the way,) the nodes that these arcs leave.
        others_mg: (node of the way,) milligrams that came in by arcs too deep or too small to be followed.
        others: (node of the way,) how many arcs those are.
    """

    graph: MassGraph
    arcs: Rows
    mg: Floats
    depth: Rows
    nodes: Rows
    others_mg: Floats
    others: Rows


def way(
    graph: MassGraph, holding: int, *, origin: int | None = None, depth: int | None = None, least: float = 0.0
) -> Way:
    """Where the metal on an arc came from, if what meets is mixed perfectly; for another rule give the routed graph.

    Args:
        graph: As its ``check`` takes it, in order of time.
        holding: The arc that is held, sold or asked about.
        origin: Only what is of it; all of the metal where it is None.
        depth: Most arcs before the holding; no limit where it is None.
        least: Share of the holding, 0 to 1, below which what an arc brings is not followed.

    Raises:
        InputError: What ``graph.check`` refuses; ``origin.way_arc``, ``origin.way_limit``, ``origin.rule_cyclic``.
    """
    from lodeline.origin import share_kernels
    from lodeline.origin.shares import labelled

    if graph.cyclic:
        raise InputError(
            "origin.rule_cyclic", "The way of a kilogram needs an order of time, which this graph has not."
        )
    if not (0 <= holding < graph.mg.size and (origin is None or 0 <= origin < len(graph.origins))):
        raise InputError("origin.way_arc", "There is no such arc, or no such origin.", arc=holding, origin=origin)
    if not (0 <= least <= 1 and (depth is None or depth >= 0)):
        raise InputError("origin.way_limit", "A depth is 0 or more, and the least share between 0 and 1.")
    graph.check()
    weight = graph.mg.astype(np.float64)
    if origin is not None:
        only = slice(origin, origin + 1)
        weight *= labelled(graph, graph.origin, len(graph.origins), only).of_arcs()[:, 0]
    starts, into, _ = share_kernels.entering(
        graph.tail, graph.head, graph.mg, graph.origin, graph.nodes, len(graph.origins), True
    )
    deepest = graph.nodes if depth is None else depth
    arcs, mg, deep, others_mg, others, on = share_kernels.backwards(
        graph.tail, weight, starts, into, holding, deepest, least * weight[holding]
    )
    nodes = np.flatnonzero(on)[::-1]
    return Way(graph, arcs, mg, deep, nodes, others_mg[nodes], others[nodes])


def onward(graph: MassGraph, holding: int, *, depth: int | None = None, least: float = 0.0) -> Way:
    """Where the metal on an arc went, if what leaves a node is mixed alike; for another rule give the routed graph.

    Args:
        graph, holding, depth, least: As of :func:`way`, with what goes on for what came.

    Raises:
        InputError: As :func:`way`.
    """
    from lodeline.origin.destinations import turned

    end = np.where(graph.head == OUTSIDE, 0, -1)
    found = way(turned(graph, end, 1), holding, depth=depth, least=least)
    return found._replace(graph=graph, nodes=graph.nodes - 1 - found.nodes)
