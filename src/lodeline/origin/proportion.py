"""Whether the proportion in which metal that counts and metal that does not were blended is known, as ISO 22095 asks of
*controlled blending*.

Where both meet and all goes on together, masses tell it. Where what met is parted again, into a product and a slag or
into two lots, nobody knows which part has how much of which, unless it is said how that place mixes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.origin.keeping import stores
from lodeline.origin.upstream import upstream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.origin.claims import Claim
    from lodeline.origin.graph import MassGraph
    from lodeline.origin.mixing import Rule

BY_MASSES = "by masses alone"
BY_RULES = "as master data or policy say"


def known_proportion(graph: MassGraph, flows: Flows, rules: Mapping[str, Rule], claim: Claim) -> str:
    """How the proportion in the arcs of a claim is known, in words; empty if it is not.

    Args:
        graph: Of these flows. rules: how places mix, by their URI, as far as master data or policy say.
        claim: What counts, in which arcs.
    """
    up = upstream(graph, claim.arcs)
    counts = np.array([one in claim.origins for one in graph.origins])
    blended = _both(up.tail, up.head, up.origin, counts, up.nodes.size)
    tail = graph.tail[np.isin(graph.tail, up.nodes)]
    parted = blended & (np.bincount(np.searchsorted(up.nodes, tail), minlength=up.nodes.size) > 1)
    if not parted.any():
        return BY_MASSES
    said = stores(graph, flows, dict.fromkeys(rules, "perfect"), other="identity").rule
    perfect = stores(graph, flows, {}, other="perfect").rule
    return BY_RULES if (said[up.nodes[parted]] == perfect[up.nodes[parted]]).all() else ""


def _both(
    tail: NDArray[np.int64], head: NDArray[np.int64], origin: NDArray[np.int64], counts: NDArray[np.bool_], nodes: int
) -> NDArray[np.bool_]:
    """(node,) whether metal that counts and metal that does not can have come there, by time or round a circle."""
    has = np.zeros((nodes + 1, 2), dtype=np.bool_)  # the last is outside
    comes = origin >= 0
    inner = head >= 0
    np.logical_or.at(has, (head[comes & inner], counts[origin[comes & inner]].astype(np.int64)), True)
    on = np.flatnonzero(inner & (tail >= 0))
    on = on[np.argsort(tail[on], kind="stable")]
    while True:
        before = int(has.sum())
        for arc in on.tolist():
            has[head[arc]] |= has[tail[arc]]
        if int(has.sum()) == before:
            return np.asarray(has[:nodes].all(axis=1))
