"""Compositions that nobody assayed and several masses share: what their grades are, as far as balances tell them.

A blend that is split without an assay, or a consignment of which some was lost: each part has the grade of the whole,
whatever that is. So it is one unknown, and the search for it begins where the balances leave it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.reconciliation.streams import Streams

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

TOLD = 0.5
"""A node tells a grade if what has it comes or goes by more than this part; what differs by the error of two scales,
as on a road, does not. It only says where the search begins."""


def shared_grades(flows: Flows, of: Streams, dry_kg: Array, grade: Array) -> Array:
    """Where the search begins for grades that nobody assayed and several masses share.

    ``g = (sum of D g of what is known at a node, in less out) / (sum of D of what has it, out less in)``, one node
    after another. A grade that this does not find stays without one: nothing tells it, or only several balances
    together do.

    Args:
        flows: Of the book.
        of: Its streams.
        dry_kg: (mass,) dry masses, kg; 0 where nothing says it.
        grade: (composition, element) kg per kg; NaN where nobody assayed it.

    Returns:
        (composition, element) kg per kg, 0 to 1; NaN where it was assayed, where only one mass has it, or where it is
        not found.
    """
    node, sign, mass, composition = _ends(flows, of)
    pair = np.unique(np.stack([of.composition, of.mass], axis=1), axis=0)
    shared = np.bincount(pair[:, 0], minlength=of.compositions) > 1
    found = np.full(grade.shape, np.nan)
    if not shared.any() or not node.size:
        return found
    kg = sign * dry_kg[mass]
    for element in range(grade.shape[1]):
        known = _spread(node, composition, kg, grade[:, element])
        at = shared & np.isnan(grade[:, element])
        found[at, element] = known[at]
    return found


def _ends(flows: Flows, of: Streams) -> tuple[Rows, Rows, Rows, Rows]:
    """Every end of a flow at a node that balances: the node, +1 into it or -1 out of it, the mass, the composition."""
    flow = flows.flows
    at = np.full(flows.nodes.rows, -1, dtype=np.int64)
    at[of.nodes] = np.arange(of.nodes.size)
    ends = []
    for column, sign in (("head", 1), ("tail", -1)):
        here = np.flatnonzero(at[flow[column]] >= 0)
        ends.append(np.stack([at[flow[column][here]], np.full(here.size, sign), of.mass[here], of.composition[here]]))
    node, sign, mass, composition = np.concatenate(ends, axis=1)
    return node, sign, mass, composition


def _spread(node: Rows, composition: Rows, kg: Array, grade: Array) -> Array:
    """(composition,) the grades that are known, and those that balances with one unknown grade tell."""
    known, nodes = grade.copy(), int(node.max()) + 1
    while True:
        open_ = np.isnan(known[composition])
        # A node tells a grade if all that is not known at it is of one composition.
        least = np.full(nodes, known.size)
        most = np.full(nodes, -1)
        np.minimum.at(least, node[open_], composition[open_])
        np.maximum.at(most, node[open_], composition[open_])
        rest = np.bincount(node[~open_], kg[~open_] * known[composition[~open_]], minlength=nodes)
        of_one = np.bincount(node[open_], kg[open_], minlength=nodes)
        largest = np.bincount(node[open_], np.abs(kg[open_]), minlength=nodes)
        some = np.bincount(node[~open_], minlength=nodes) > 0
        # What comes in and goes out again of one composition tells nothing of it.
        tells = np.flatnonzero(some & (least == most) & (np.abs(of_one) > TOLD * largest))
        value = -rest[tells] / of_one[tells]
        # A small difference of large masses may be anything; what no grade can be tells none.
        sensible = (value >= 0) & (value <= 1)
        if not sensible.any():
            return known
        known[least[tells[sensible]]] = value[sensible]
