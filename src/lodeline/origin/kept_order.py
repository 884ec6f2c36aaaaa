"""Stores whose order is known, for bounds that suppose it and nothing else.

A rule must say which parcel a draw took, and where nobody said it takes one way of several. A bound must allow all of
them:

- what was laid down at once has no order among itself, and neither has what was drawn at once: it is one parcel, and
  one draw, in which metal goes any way; what is left at the end was drawn by nobody, and is the last;
- a store in which lots are kept apart is known only where every draw names its lot, of which so much lies there, and
  where a lot was laid down once: else the store is taken as one that nobody says anything about.

Both only add ways, so that bounds stay sound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.origin.graph import OUTSIDE
from lodeline.origin.mixing import RULES, Routed, Stores, routed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.origin.graph import MassGraph, Rows

    Flags = NDArray[np.bool_]


def known_order(graph: MassGraph, stores: Stores, left: Flags) -> Routed | None:
    """The graph with queues and stacks in place of stores, as far as their order is known; None where none is.

    Its arcs are those of :func:`lodeline.origin.mixing.routed`, its nodes fewer.

    Args:
        graph: In order of time. stores: how each of its nodes mixes.
        left: (arc,) whether it is what lies there at the end; of such arcs one leaves a node at most, after its draws.

    Raises:
        InputError: As :func:`lodeline.origin.mixing.routed`.
    """
    # As stock that is carried on it remains after all draws.
    stores = stores._replace(carry=stores.carry | left)
    done = routed(graph, stores)
    silent = _silent(done, stores)
    if silent.any():
        stores = stores._replace(rule=np.where(silent, RULES.index("perfect"), stores.rule).astype(np.uint8))
        done = routed(graph, stores)
    if not (stores.rule != RULES.index("perfect")).any():
        return None
    return done._replace(graph=_at_once(done, left, stores.rule == RULES.index("identity")))


def _silent(done: Routed, stores: Stores) -> Flags:
    """(node,) whether it is a state of a store that keeps lots apart and of which nobody said which is drawn."""
    old, chain = done.old, done.chain
    apart = stores.rule == RULES.index("identity")
    found = np.zeros(old.nodes, dtype=np.bool_)
    unnamed = np.flatnonzero(done.unnamed_mg > 0)
    found[chain[old.tail[unnamed]]] = True
    laid = np.unique(done.parcel)
    laid = laid[apart[old.head[laid]] & (stores.lot[laid] >= 0)]
    of = chain[old.head[laid]] * (int(stores.lot.max(initial=0)) + 1) + stores.lot[laid]
    _, place, count = np.unique(of, return_inverse=True, return_counts=True)
    found[chain[old.head[laid[count[place] > 1]]]] = True
    return np.asarray(found[chain] & apart, dtype=np.bool_)


def _at_once(done: Routed, left: Flags, apart: Flags) -> MassGraph:
    """The routed graph in which the parcels of one state are one node, and its draws another, unless it keeps lots
    apart."""
    graph, old = done.graph, done.old
    first = np.arange(graph.nodes)
    moves = graph.mg.size - done.parcel.size
    laid, drawn = ~apart[old.head[done.parcel]], ~apart[old.tail[done.draw]] & ~left[done.draw]
    parcels = (graph.tail[moves:][laid], old.head[done.parcel[laid]])
    draws = (graph.head[moves:][drawn], old.tail[done.draw[drawn]])
    for node, state in (parcels, draws):
        least = np.full(old.nodes, graph.nodes)
        np.minimum.at(least, state, node)
        first[node] = least[state]
    number = np.cumsum(np.bincount(first, minlength=graph.nodes) > 0) - 1
    new: Rows = np.append(number[first], OUTSIDE)
    return graph._replace(nodes=int(number[-1]) + 1, tail=new[graph.tail], head=new[graph.head])
