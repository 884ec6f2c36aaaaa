"""Streams: flows that are one and the same mass, composition or water, so that each is one unknown and not many.

A lot that passes whole through a yard is a flow in and a flow out of the same dry mass. Its composition per dry mass
holds wherever it goes until a process; its moisture holds between two roads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from lodeline.metal.flows.words import CLOSING, FLOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows

    Rows = NDArray[np.int64]


class Streams(NamedTuple):
    """Which unknown each flow has; (flow,) each, numbered from 0.

    Attributes:
        mass: Its dry mass. composition: its composition per dry mass. water: its moisture per wet mass.
        nodes: (balance,) the nodes that several masses meet at, in order of time: what must balance.
        masses, compositions, waters: How many of each there are.
        mass_of_first: (mass,) the first flow of each dry mass.
    """

    mass: Rows
    composition: Rows
    water: Rows
    nodes: Rows
    masses: int
    compositions: int
    waters: int
    mass_of_first: Rows


def streams(flows: Flows) -> Streams:
    """The streams of a book."""
    flow, count, nodes = flows.flows, flows.flows.rows, flows.nodes.rows
    tail, head = flow["tail"].astype(np.int64), flow["head"].astype(np.int64)
    inherits, kind = flow["inherits"].astype(np.int64), flow["kind"]
    inner = np.arange(nodes) > CLOSING
    passing = inner & (np.bincount(head, minlength=nodes) == 1) & (np.bincount(tail, minlength=nodes) == 1)
    into = np.full(nodes, -1, dtype=np.int64)
    into[head] = np.arange(count)
    through = np.flatnonzero(passing[tail])
    before = into[tail[through]]
    mass = _parts(count, through, before)
    along = np.flatnonzero(inherits >= 0)
    # What passes whole is of the same composition too: a kilogram of an element is not lost where no mass is.
    composition = _parts(count, np.concatenate([along, through]), np.concatenate([inherits[along], before]))
    # Water may change on a road and in a process; of what a process makes, only the parts of a split inherit.
    same = along[kind[along] != FLOW["receive"]]
    water = _parts(count, same, inherits[same])
    balance = inner.copy()
    balance[passing] = False
    first = np.full(mass.max(initial=-1) + 1, count, dtype=np.int64)
    np.minimum.at(first, mass, np.arange(count))
    return Streams(
        mass=mass,
        composition=composition,
        water=water,
        nodes=np.flatnonzero(balance),
        masses=int(mass.max(initial=-1)) + 1,
        compositions=int(composition.max(initial=-1)) + 1,
        waters=int(water.max(initial=-1)) + 1,
        mass_of_first=first,
    )


def _parts(count: int, left: Rows, right: Rows) -> Rows:
    """(flow,) which connected part each flow is in."""
    graph = sparse.coo_array((np.ones(left.size), (left, right)), shape=(count, count))
    _, part = connected_components(graph, directed=False)
    return np.asarray(part.astype(np.int64))
