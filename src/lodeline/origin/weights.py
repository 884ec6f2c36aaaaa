"""What depends on masses of arcs, told by the flows of the book that these rest on, and how uncertain it is then.

An arc that was added so that masses close, or was found by difference, is what others leave; what depends on it depends
on them. With the derivative of a quantity by each flow, ``u^2 = g' V g``, V the covariance of what was recorded or of
what was reconciled.

Source: JCGM 100:2008, 5.2.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.origin.maxflow import network
from lodeline.origin.uncertainty import MG_PER_KG, of_flows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.origin.building import Built
    from lodeline.origin.graph import Rows
    from lodeline.origin.shares import Floats


def by_flow(built: Built, slope: Floats) -> Floats:
    """(flow, k) derivatives by the masses of flows, per milligram, from those by masses of arcs.

    Args:
        built: Of a book. slope: (arc, k) of its graph.
    """
    graph, k = built.graph, slope.shape[1]
    into, out = (np.zeros((graph.nodes + 1, k)) for _ in range(2))
    added = np.flatnonzero((graph.flow < 0) & (slope != 0).any(axis=1))
    every = graph.flow < 0
    comes, goes = (np.bincount(end[every & (end >= 0)], minlength=graph.nodes) > 0 for end in (graph.head, graph.tail))
    for arc in added.tolist():
        brings = graph.tail[arc] < 0
        node = int(graph.head[arc] if brings else graph.tail[arc])
        # What stands for the unknown brings all that is known to leave, or takes all that is known to come.
        whole = bool(comes[node] and goes[node])
        more, less = (out, into) if brings else (into, out)
        more[node] += slope[arc]
        if not whole:
            less[node] -= slope[arc]
    of_book = np.flatnonzero(graph.flow >= 0)
    weight = np.zeros((built.flows.flows.rows, k))
    # The last entry stands for outside, where nothing was added.
    each = slope[of_book] + into[graph.head[of_book]] + out[graph.tail[of_book]]
    np.add.at(weight, graph.flow[of_book], each)
    return _told_by_others(built, weight)


def _told_by_others(built: Built, weight: Floats) -> Floats:
    """Those found last rest on those found before."""
    from lodeline.origin.building import outside

    found = built.differences[::-1]
    if not (weight[found[:, 0]] != 0).any():
        return weight
    table = built.flows.flows
    tail, head = outside(table["tail"]), outside(table["head"])
    net = network(tail, head, np.zeros(table.rows, dtype=np.int64), built.flows.nodes.rows)
    known = ~built.unknown
    for row, node in found.tolist():
        part = weight[row].copy()
        weight[row] = 0
        if not part.any():
            continue
        sign = -1.0 if head[row] == node else 1.0
        for rows, way in ((_at(net.into, net.into_start, node), sign), (_at(net.out, net.out_start, node), -sign)):
            others = rows[known[rows] & (rows != row)]
            weight[others] += way * part
    return weight


def _at(rows: NDArray[np.integer], start: NDArray[np.integer], node: int) -> Rows:
    return np.asarray(rows[start[node] : start[node + 1]], dtype=np.int64)


def recorded_u(built: Built, weight: Floats) -> Floats:
    """(k,) standard uncertainties (k = 1) of quantities where masses are as they count in the flows; NaN: not known.

    Args:
        built: Of masses that were not reconciled. weight: (flow, k) derivatives, per milligram.
    """
    flow = np.arange(built.flows.flows.rows)
    covariance = of_flows(built.graph._replace(flow=flow), built.flows.element(built.graph.element))
    # Rounding alone is below zero.
    return np.asarray(np.sqrt(np.maximum((weight * covariance(weight)).sum(axis=0), 0.0)))


def reconciled_u(built: Built, reconciled: Reconciled, weight: Floats) -> Floats:
    """(k,) the same where masses are reconciled, biases and balances with them.

    Args:
        built: Of these masses. weight: (flow, k) derivatives, per milligram.
    """
    from scipy import sparse

    from lodeline.metal.reconciliation.weights import spread

    matters = np.flatnonzero((weight != 0).any(axis=1))
    each = weight[matters] * MG_PER_KG
    dry, grade, metal = (column[matters] for column in reconciled.parts(built.graph.element))
    x, of_unknown = reconciled.solution.x, np.zeros((reconciled.solution.x.size, weight.shape[1]))
    graded, alone = grade >= 0, (grade < 0) & (metal >= 0)
    for rows, variable, factor in (
        (graded, dry, x[grade]), (graded, grade, x[dry]), (alone, metal, np.ones(metal.size))
    ):  # fmt: skip
        np.add.at(of_unknown, variable[rows], each[rows] * factor[rows, None])
    u, _ = spread(reconciled.solution, sparse.csr_array(of_unknown.T))
    # A flow that counts and has no unknown is known to nobody.
    silent = ~(graded | alone)
    u[(each[silent] != 0).any(axis=0)] = np.nan
    return u
