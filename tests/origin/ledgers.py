"""Small mass graphs for tests: random books with stores, partial draws, separations, losses and gains, and hand cases.

:func:`enumerated` is what bounds are compared with: every way in which whole milligrams can have gone.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np

from lodeline.origin.graph import OUTSIDE, UNTRACED, MassGraph, Origin

K = Origin("country", "PK", "")
OTHERS = (
    Origin("country", "CN", ""),
    Origin("deposit", "US", "urn:example:mine"),
    Origin("scrap", "", "urn:example:s"),
)
ORIGINS = (UNTRACED, K, *OTHERS)
"""Of every graph here; the second is the one that hand cases call k."""


def graph(nodes: int, *arcs: tuple[int, int, int, int], cyclic: bool = False) -> MassGraph:
    """A graph from its arcs: tail, head, milligrams, origin (-1 unless it comes from outside)."""
    columns = np.array(arcs, dtype=np.int64).reshape(-1, 4).T
    made = MassGraph(
        element="Sb",
        nodes=nodes,
        tail=columns[0].copy(),
        head=columns[1].copy(),
        mg=columns[2].copy(),
        origin=columns[3].copy(),
        flow=np.full(len(arcs), -1),
        own=np.ones(len(arcs), dtype=bool),
        origins=ORIGINS,
        cyclic=cyclic,
    )
    made.check()
    return made


def separation() -> MassGraph:
    """Hand case 1: k 3 and n 2 become product 4 (arc 2) and tailings 1 (arc 3)."""
    return graph(1, (OUTSIDE, 0, 3, 1), (OUTSIDE, 0, 2, 2), (0, OUTSIDE, 4, -1), (0, OUTSIDE, 1, -1))


def store() -> MassGraph:
    """Hand case 2: n 5 laid down, 4 drawn (arc 1), k 5 laid down, 3 drawn (arc 4); 3 stay (arc 5)."""
    return graph(
        2,
        (OUTSIDE, 0, 5, 2),
        (0, OUTSIDE, 4, -1),
        (0, 1, 1, -1),
        (OUTSIDE, 1, 5, 1),
        (1, OUTSIDE, 3, -1),
        (1, OUTSIDE, 3, -1),
    )


def two_way_trade() -> MassGraph:
    """Hand case 8: A (node 0) mines 5 of k and ships 10 to B (arc 1), B returns 5 (arc 2) and keeps 5 (arc 3)."""
    return graph(2, (OUTSIDE, 0, 5, 1), (0, 1, 10, -1), (1, 0, 5, -1), (1, OUTSIDE, 5, -1), cyclic=True)


class _Held(NamedTuple):
    """Metal that lies somewhere: the node it left, and how much."""

    node: int
    mg: int


class _Book:
    """A book that grows event by event."""

    def __init__(self) -> None:
        self.nodes = 0
        self.arcs: list[tuple[int, int, int, int]] = []
        self.held: list[_Held] = []

    def node(self) -> int:
        self.nodes += 1
        return self.nodes - 1

    def arrives(self, node: int, mg: int, origin: int) -> None:
        self.arcs.append((OUTSIDE, node, mg, origin))

    def take(self, place: int, node: int) -> int:
        """All that lies there goes into a node."""
        taken = self.held.pop(place)
        self.arcs.append((taken.node, node, taken.mg, -1))
        return taken.mg

    def lays_down(self, node: int, *mg: int) -> None:
        self.held.extend(_Held(node, one) for one in mg if one)


def ledger(
    rng: np.random.Generator, *, lots: int = 4, events: int = 5, most_mg: int = 4, origins: int = len(ORIGINS)
) -> MassGraph:
    """A random book.

    Args:
        rng: Chance.
        lots: Primary lots. events: what is done with them; each makes a node.
        most_mg: The largest mass of a primary lot. origins: how many of :data:`ORIGINS` it may use, untraced too.
    """
    book = _Book()
    for _ in range(lots):
        _primary(book, rng, most_mg, origins)
    for _ in range(events):
        if not book.held or rng.random() < 0.1:
            _primary(book, rng, most_mg, origins)
            continue
        rng.choice([_draw, _lay_together, _separate])(book, rng, most_mg)
    arcs = [*book.arcs, *((one.node, OUTSIDE, one.mg, -1) for one in book.held)]
    return graph(book.nodes, *arcs)


def _primary(book: _Book, rng: np.random.Generator, most_mg: int, origins: int) -> None:
    """A lot of one origin, sometimes of two."""
    node, total = book.node(), 0
    for _ in range(1 + (rng.random() < 0.2)):
        mg = int(rng.integers(1, most_mg + 1))
        book.arrives(node, mg, int(rng.integers(origins)))
        total += mg
    book.lays_down(node, total)


def _draw(book: _Book, rng: np.random.Generator, most_mg: int) -> None:
    """Part of what lies somewhere is taken: state, part, rest."""
    node = book.node()
    mg = book.take(int(rng.integers(len(book.held))), node)
    part = int(rng.integers(0, mg + 1))
    book.lays_down(node, part, mg - part)


def _lay_together(book: _Book, rng: np.random.Generator, most_mg: int) -> None:
    """Something is laid on a store; now and then more is found there than the books know of."""
    node = book.node()
    mg = book.take(int(rng.integers(len(book.held))), node)
    if book.held:
        mg += book.take(int(rng.integers(len(book.held))), node)
    if rng.random() < 0.2:
        book.arrives(node, 1, 0)
        mg += 1
    book.lays_down(node, mg)


def _separate(book: _Book, rng: np.random.Generator, most_mg: int) -> None:
    """One to three things become a product, tailings and a loss."""
    node, mg = book.node(), 0
    for _ in range(min(len(book.held), int(rng.integers(1, 4)))):
        mg += book.take(int(rng.integers(len(book.held))), node)
    lost = int(rng.integers(0, min(mg, 2)))
    if lost:
        book.arcs.append((node, OUTSIDE, lost, -1))
    tailings = int(rng.integers(0, mg - lost + 1))
    book.lays_down(node, mg - lost - tailings, tailings)


def enumerated(of: MassGraph, of_k: set[int]) -> tuple[np.ndarray, np.ndarray]:
    """(arc,) the least and the most of origins that any arc can hold, by going through every way.

    Node by node every split of what came is tried: nothing is solved, so that nothing can be solved wrongly.

    Args:
        of: A small graph in order of time.
        of_k: The origins, by their place; untraced counts as the set says.
    """
    least, most = of.mg.copy(), np.zeros_like(of.mg)
    source = of.tail == OUTSIDE
    own = np.where(source & np.isin(of.origin, list(of_k)), of.mg, 0)
    least[source] = most[source] = own[source]
    into = [np.flatnonzero((of.head == node) & ~source).tolist() for node in range(of.nodes)]
    brought = [int(own[(of.head == node) & source].sum()) for node in range(of.nodes)]
    out = [np.flatnonzero(of.tail == node).tolist() for node in range(of.nodes)]
    states: set[tuple[tuple[int, int], ...]] = {()}
    for node in range(of.nodes):
        states = {
            (*(pair for pair in state if pair[0] not in into[node]), *zip(out[node], split, strict=True))
            for state in states
            for split in _splits(
                brought[node] + sum(mg for arc, mg in state if arc in into[node]),
                [int(of.mg[arc]) for arc in out[node]],
            )
        }
        for state in states:
            for arc, mg in state:
                least[arc], most[arc] = min(least[arc], mg), max(most[arc], mg)
        # What has ended binds nothing that follows.
        states = {tuple(pair for pair in state if of.head[pair[0]] != OUTSIDE) for state in states}
    return least, most


def _splits(mg: int, capacity: list[int]) -> list[tuple[int, ...]]:
    """Every way to lay so much into places of such capacities."""
    if not capacity:
        return [()] if mg == 0 else []
    *firsts, last = capacity
    return [
        (*split, mg - sum(split))
        for split in product(*(range(min(mg, one) + 1) for one in firsts))
        if 0 <= mg - sum(split) <= last
    ]
