"""Rules of mixing: which of the kilograms that were laid down in a store are those that were drawn from it.

A rule is run on kilograms of the element, never on bulk mass, whose grades differ. Where a store keeps an order, its
nodes are replaced by the parcels laid down and the draws, with an arc from one to the other for what went so. What
comes out is a mass graph again, of whole milligrams that close: shares, bounds, destinations and paths of it are those
under the rule. Each rule is one way in which the metal can have gone, so that its shares lie within the bounds of the
graph without rules. A draw is a lot, mixed in itself, and so is what was laid down at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.graph import OUTSIDE, MassGraph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.origin.graph import Rows
    from lodeline.origin.shares import Floats, Shares

    Flags = NDArray[np.bool_]

Rule = Literal["perfect", "fifo", "lifo", "identity"]
"""``perfect``: what meets is mixed; ``fifo`` and ``lifo``: the oldest, or the latest, is drawn first; ``identity``: a
draw is of the lot that it names."""

RULES: Final[tuple[Rule, ...]] = ("perfect", "fifo", "lifo", "identity")

LAYERS: Final[Mapping[str, Rule]] = {"top": "lifo", "bottom": "fifo", "face": "perfect"}
"""Of a pile in layers, in which what came last lies on top: its rule by where it is drawn from. A face, cut through all
layers, takes of each in proportion."""


class Stores(NamedTuple):
    """How metal is kept; a lot that is drawn from in parts is a store too.

    Attributes:
        rule: (node,) place in :data:`RULES`.
        carry: (arc,) whether it carries the stock of a store from one of its states to the next. Where either of them
            mixes perfectly, or one keeps identity and the other an order, it is a draw and a laying down like others.
        lot: (arc,) number of the lot that is laid down or drawn, from 0, where identity is kept; -1: nobody said.
    """

    rule: NDArray[np.uint8]
    carry: Flags
    lot: Rows


class Routed(NamedTuple):
    """A mass graph in which stores have been replaced by what went from parcels to draws.

    Attributes:
        graph: The new graph. Its nodes are those that mix, the parcels and the draws.
        arc: (arc,) of each arc of the old graph the one in the new; -1 where it carried stock, see :meth:`stock`.
        parcel, draw: (move,) arcs of the old graph; the moves are the last arcs of the new one.
        unnamed_mg: (arc,) of a draw from a store that keeps identity, what nobody named: that it is the oldest of what
            else lies there is supposed.
        chain: (node,) the first state of the store each node of the old graph is one of.
        old: The old graph.
    """

    graph: MassGraph
    arc: Rows
    parcel: Rows
    draw: Rows
    unnamed_mg: Rows
    chain: Rows
    old: MassGraph

    def stock(self, carrying: int) -> Rows:
        """Arcs of the new graph that together are what an arc of the old one carries: its own, or moves across it."""
        if self.arc[carrying] >= 0:
            return self.arc[carrying : carrying + 1]
        node = self.old.tail[carrying]
        laid, drawn = self.old.head[self.parcel], self.old.tail[self.draw]
        across = (self.chain[laid] == self.chain[node]) & (laid <= node) & (drawn > node)
        return np.flatnonzero(across) + self.graph.mg.size - self.parcel.size

    def of_arcs(self, found: Shares, arcs: Rows | None = None) -> Floats:
        """(arc, label) shares on arcs of the old graph, those asked or all, from shares of the new one."""
        asked = np.arange(self.arc.size) if arcs is None else np.asarray(arcs, dtype=np.int64)
        new = self.arc[asked]
        share = np.empty((asked.size, found.node.shape[1]))
        share[new >= 0] = found.of_arcs(new[new >= 0])
        for place in np.flatnonzero(new < 0).tolist():
            held = found.mg_of_arcs(self.stock(int(asked[place]))).sum(axis=0)
            share[place] = held / self.old.mg[asked[place]]
        return share


def everywhere(graph: MassGraph, rule: Rule, carry: Flags, lot: Rows | None = None) -> Stores:
    """The same rule at every node that carries stock on, or gets it; perfect mixing at the others."""
    code = np.full(graph.nodes, RULES.index("perfect"), dtype=np.uint8)
    code[graph.tail[carry]] = code[graph.head[carry]] = RULES.index(rule)
    return Stores(code, carry, np.full(graph.tail.size, -1) if lot is None else lot)


def routed(graph: MassGraph, stores: Stores) -> Routed:
    """Run every store's rule.

    Args:
        graph: As its ``check`` takes it, in order of time.
        stores: How each of its nodes mixes. In each of them all is laid down, in order of arcs, before anything is
            drawn, in order of arcs.

    Raises:
        InputError: What ``graph.check`` refuses; ``origin.rule_cyclic``, ``origin.stores``, ``origin.store_forks``.
    """
    from lodeline.origin import mixing_kernels as kernels

    _require(graph, stores)
    tail, head = graph.tail, graph.head
    # One more place than nodes, for the outside, which -1 looks up.
    keeps = np.append(stores.rule != kernels.PERFECT, False)
    names = np.append(stores.rule == kernels.IDENTITY, False)
    link = stores.carry & keeps[tail] & keeps[head] & (names[tail] == names[head])
    laid, drawn = keeps[head] & ~link, keeps[tail] & ~link
    # Stock is there before what is laid down, and is what remains after the draws.
    into, out = _arcs_by(head, ~stores.carry, graph.nodes), _arcs_by(tail, stores.carry, graph.nodes)
    chain, fork = kernels.chains(tail, head, link, *into)
    if fork >= 0:
        raise InputError(
            "origin.store_forks",
            "The stock of a store comes from one state and goes on into one; mark other arcs as draws.",
            node=int(fork),
        )
    moves = kernels.in_order(stores.rule, tail, graph.mg, link, *into, *out)
    said = stores.lot >= 0
    number, total = _named(graph, stores, chain, laid & names[head] & said, drawn & names[tail] & said)
    lots, unnamed = kernels.by_lot(stores.rule, tail, graph.mg, link, stores.lot, number, total, *into, *out)
    return _rewritten(graph, laid, drawn, link, np.concatenate([moves, _together(lots)]), unnamed, chain)


def _require(graph: MassGraph, stores: Stores) -> None:
    """Refuse what no rule can be run on."""
    if graph.cyclic:
        raise InputError("origin.rule_cyclic", "A rule of stores needs an order of time, which this graph has not.")
    arcs, nodes = graph.tail.shape, (graph.nodes,)
    if stores.rule.shape != nodes or stores.carry.shape != arcs or stores.lot.shape != arcs:
        raise InputError(
            "origin.stores", "Give a rule for each node, and for each arc whether it carries, and its lot."
        )
    if (stores.rule >= len(RULES)).any() or (stores.lot < -1).any():
        raise InputError("origin.stores", f"A rule is one of {', '.join(RULES)}; a lot is counted from 0.")
    graph.check()


def _arcs_by(node: Rows, later: Flags, nodes: int) -> tuple[Rows, Rows]:
    """Starts (node + 1,) and arcs by the node they enter, or leave; of one node in the order given, but some later."""
    count = np.bincount(node[node >= 0], minlength=nodes)
    order = np.argsort(2 * node + later, kind="stable")
    return np.concatenate([[0], np.cumsum(count)]), order[node.size - int(count.sum()) :]


def _named(graph: MassGraph, stores: Stores, chain: Rows, laid: Flags, drawn: Flags) -> tuple[Rows, Rows]:
    """(arc,) number of a lot in the store it is laid down in, -1: nobody said; (number,) mg that draws name of it."""
    lots = int(stores.lot.max(initial=0)) + 1
    number = np.full(graph.tail.size, -1)
    keys, number[laid] = np.unique(chain[graph.head[laid]] * lots + stores.lot[laid], return_inverse=True)
    if keys.size == 0:
        return number, np.zeros(0, dtype=np.int64)
    asked = chain[graph.tail[drawn]] * lots + stores.lot[drawn]
    place = np.minimum(np.searchsorted(keys, asked), keys.size - 1)
    known = keys[place] == asked
    total = np.zeros(keys.size, dtype=np.int64)
    np.add.at(total, place[known], graph.mg[drawn][known])
    return number, total


def _together(moves: Rows) -> Rows:
    """Moves of which no two are from one parcel into one draw, as the named and the unnamed part of it may be."""
    pairs, move = np.unique(moves[:, :2], axis=0, return_inverse=True)
    mg = np.zeros(len(pairs), dtype=np.int64)
    np.add.at(mg, move, moves[:, 2])
    return np.column_stack([pairs, mg])


def _rewritten(
    graph: MassGraph, laid: Flags, drawn: Flags, link: Flags, moves: Rows, unnamed: Rows, chain: Rows
) -> Routed:
    """The graph in which a parcel and a draw are nodes, and moves the arcs between them."""
    tail, head = graph.tail, graph.head
    # A node that keeps an order gives way to its parcels and then its draws; any other remains.
    keeps = np.zeros(graph.nodes, dtype=bool)
    keeps[head[laid | link]] = keeps[tail[drawn | link]] = True
    parcels = np.bincount(head[laid], minlength=graph.nodes)
    size = np.where(keeps, parcels + np.bincount(tail[drawn], minlength=graph.nodes), 1)
    first = np.cumsum(size) - size
    parcel, draw = np.full(tail.size, -1), np.full(tail.size, -1)
    parcel[laid] = first[head[laid]] + _turn(head[laid])
    draw[drawn] = (first + parcels)[tail[drawn]] + _turn(tail[drawn])
    kept = ~link
    none, way = np.full(len(moves), -1), (moves[:, 0], moves[:, 1])
    new = graph._replace(
        nodes=int(size.sum()),
        tail=np.concatenate([np.where(drawn, draw, np.where(tail >= 0, first[tail], OUTSIDE))[kept], parcel[way[0]]]),
        head=np.concatenate([np.where(laid, parcel, np.where(head >= 0, first[head], OUTSIDE))[kept], draw[way[1]]]),
        mg=np.concatenate([graph.mg[kept], moves[:, 2]]),
        origin=np.concatenate([graph.origin[kept], none]),
        flow=np.concatenate([graph.flow[kept], none]),
        own=np.concatenate([graph.own[kept], graph.own[way[0]] & graph.own[way[1]]]),
    )
    return Routed(new, np.where(kept, np.cumsum(kept) - 1, -1), *way, unnamed, chain, graph)


def _turn(node: Rows) -> Rows:
    """How many came before of the same node; counted from 0."""
    order = np.argsort(node, kind="stable")
    ordered = node[order]
    turn = np.empty(node.size, dtype=np.int64)
    turn[order] = np.arange(node.size) - np.searchsorted(ordered, ordered)
    return turn
