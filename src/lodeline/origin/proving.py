"""A bound written down as a certificate: whole, with all that the target rests on, or short, around the cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from lodeline.origin.ancestors import ancestors
from lodeline.origin.certificate import ELSEWHERE, Basis, BoundArc, BoundCertificate, BoundNode, Grounds, sealed
from lodeline.origin.graph import OUTSIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.origin.bounds import Bound, Bounds
    from lodeline.origin.certificate import Certificate, Side
    from lodeline.origin.graph import MassGraph, Rows
    from lodeline.origin.wanted import Wanted


def certify(
    bounds: Bounds,
    bound: Bound,
    of: Wanted,
    *,
    side: Side,
    form: Literal["whole", "short"],
    target: str,
    basis: Basis,
    grounds: Grounds,
) -> Certificate:
    """A certificate of the least or the most.

    Args:
        bounds, bound, of: What was asked of, what was found, and the class that was asked for.
        side: ``least`` or ``most``. form: ``whole`` or ``short``.
        target: What it is, in words. basis, grounds: Where the masses come from.

    Raises:
        InputError: ``certificate.too_large``.
    """
    graph, proof = bounds.graph, bound.of if side == "most" else bound.rest
    flow = np.zeros(graph.mg.size, dtype=np.int64)
    flow[proof.arcs] = proof.flow
    near = np.zeros(graph.nodes, dtype=np.bool_)
    near[proof.near] = True
    whole = form == "whole"
    nodes = np.sort(ancestors(bounds.network, bound.target).nodes) if whole else _short(graph, bound, flow, near)
    rows = _rows(graph, bound.target, nodes, flow, None if whole else near)
    used, origins = _origins(graph, rows)
    place = _places(graph, nodes)
    leaves = _leaves(graph, nodes, rows, place) if whole else None
    asked = set(bound.target.tolist())
    return sealed(
        BoundCertificate(
            basis=basis,
            form=form,
            target=target,
            rows=tuple(bound.target.tolist()),
            mass_mg=bound.mg,
            side=side,
            value_mg=bound.most if side == "most" else bound.least,
            surely=tuple(sorted(of.surely)),
            perhaps=tuple(sorted(of.perhaps)),
            origins=tuple(graph.origins[one] for one in used),
            nodes=tuple(
                BoundNode(
                    node=int(node),
                    event=grounds.of_node.get(int(node)),
                    near=bool(near[node]),
                    leaves_mg=None if leaves is None else int(leaves[spot]),
                )
                for spot, node in enumerate(nodes)
            ),
            arcs=tuple(
                BoundArc(
                    row=row,
                    tail=int(place[graph.tail[row]]),
                    head=len(nodes) if row in asked else int(place[graph.head[row]]),
                    mg=int(graph.mg[row]),
                    flow_mg=int(flow[row]),
                    origin=origins.get(int(graph.origin[row]), -1),
                    own=bool(graph.own[row]),
                    grounds=grounds.of_arc.get(row, ()),
                )
                for row in rows.tolist()
            ),
        )
    )


def _short(graph: MassGraph, bound: Bound, flow: Rows, near: NDArray[np.bool_]) -> Rows:
    """The near side of the cut, and every node that the flow passes."""
    carrying = np.setdiff1d(np.flatnonzero(flow), bound.target)
    ends = np.concatenate(
        (graph.tail[carrying], graph.head[carrying], graph.tail[bound.target[flow[bound.target] > 0]])
    )
    return np.union1d(ends[ends >= 0], np.flatnonzero(near))


def _rows(graph: MassGraph, target: Rows, nodes: Rows, flow: Rows, near: NDArray[np.bool_] | None) -> Rows:
    """The arcs into the nodes that are complete, those that carry the flow, and the target, ascending."""
    complete = np.zeros(graph.nodes + 1, dtype=np.bool_)  # the last is OUTSIDE
    if near is None:
        complete[nodes] = True
    else:
        complete[:-1] = near
    return np.union1d(np.flatnonzero(complete[graph.head] | (flow > 0)), target)


def _places(graph: MassGraph, nodes: Rows) -> Rows:
    """(node + 1,) where each node stands in the certificate; the last entry is OUTSIDE."""
    place = np.full(graph.nodes + 1, ELSEWHERE, dtype=np.int64)
    place[nodes] = np.arange(nodes.size)
    place[OUTSIDE] = OUTSIDE
    return place


def _origins(graph: MassGraph, rows: Rows) -> tuple[list[int], dict[int, int]]:
    """Origins of the arcs, by places in the graph, and where each stands in the certificate."""
    used = np.unique(graph.origin[rows])
    named = used[used >= 0].tolist()
    return named, {one: spot for spot, one in enumerate(named)}


def _leaves(graph: MassGraph, nodes: Rows, rows: Rows, place: Rows) -> Rows:
    """(node,) what leaves each towards what is not listed."""
    listed = np.zeros(graph.mg.size, dtype=np.bool_)
    listed[rows] = True
    rest = np.flatnonzero((graph.tail >= 0) & ~listed & (place[graph.tail] >= 0))
    leaves = np.zeros(nodes.size, dtype=np.int64)
    np.add.at(leaves, place[graph.tail[rest]], graph.mg[rest])
    return leaves
