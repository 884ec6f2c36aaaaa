"""Bounds that suppose the order in which stores are kept: whatever happened under it is inside them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.origin.bounds import Bounds
from lodeline.origin.graph import OUTSIDE, MassGraph
from lodeline.origin.kept_order import known_order
from lodeline.origin.mixing import RULES, Stores, everywhere, routed
from tests.origin.ledgers import K, graph, ledger, store
from tests.origin.test_mixing import CARRY, bags, carried, yard

seeds = st.integers(0, 2**32 - 1)
FIFO, IDENTITY = RULES.index("fifo"), RULES.index("identity")


def some_of(mg: np.ndarray, need: int, rng: np.random.Generator) -> np.ndarray:
    """(origin,) any so many milligrams of what lies there, now and then as one-sided as can be."""
    if rng.random() < 0.3:
        return rng.multivariate_hypergeometric(mg, need)
    taken = np.zeros_like(mg)
    for origin in rng.permutation(mg.size).tolist():
        taken[origin] = min(int(mg[origin]), need - int(taken.sum()))
    return taken


class Pile:
    """What lies in a store: parcels in order of arrival, each with its lot and what it is of."""

    def __init__(self) -> None:
        self.parcels: list[tuple[int, np.ndarray]] = []

    def take(self, at: int, need: int, rng: np.random.Generator) -> np.ndarray:
        lot, mg = self.parcels[at]
        taken = some_of(mg, min(need, int(mg.sum())), rng)
        self.parcels[at] = (lot, mg - taken)
        return taken

    def places(self, lot: int | None = None) -> list[int]:
        return [place for place, (one, mg) in enumerate(self.parcels) if mg.sum() and lot in (None, one)]


def what_is_left(of: MassGraph, stores: Stores) -> np.ndarray:
    """(arc,) of each node that carries no stock on, an arc that goes outside."""
    left = np.zeros(of.mg.size, dtype=bool)
    for arc in np.flatnonzero(of.head == OUTSIDE).tolist():
        others = np.flatnonzero(of.tail == of.tail[arc])
        left[arc] = not stores.carry[others].any() and arc == others[of.head[others] == OUTSIDE].max()
    return left


def happened(of: MassGraph, stores: Stores, left: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(arc, origin) milligrams: one way in which the metal can have gone if every store is kept by its rule.

    What is laid down at once lies in any order, what is drawn at once is drawn in any and before what is left, what a
    draw takes of one parcel is any of it, and of stores that mix nothing is supposed at all.
    """
    rule = np.append(stores.rule, 0)
    links = stores.carry & (rule[of.tail] > 0) & (rule[of.head] > 0)
    links &= (rule[of.tail] == IDENTITY) == (rule[of.head] == IDENTITY)
    held = np.zeros((of.mg.size, len(of.origins)), dtype=np.int64)
    came = np.flatnonzero(of.tail == OUTSIDE)
    held[came, of.origin[came]] = of.mg[came]
    piles: dict[int, Pile] = {}
    for node in range(of.nodes):
        into, out = np.flatnonzero(of.head == node), np.flatnonzero(of.tail == node)
        pile = next((piles[arc] for arc in into.tolist() if links[arc]), Pile())
        word = RULES[rule[node]]
        laid = rng.permutation(into[~links[into]]).tolist()
        if word == "identity":
            pile.parcels += [(int(stores.lot[arc]), held[arc]) for arc in laid]
        elif laid:
            pile.parcels.append((-1, sum(held[arc] for arc in laid)))
        drawn = rng.permutation(out[~links[out]])
        # What names a lot has it, and what is left is the last.
        last = stores.lot[drawn] < 0 if word == "identity" else left[drawn]
        for arc in drawn[np.argsort(last, kind="stable")].tolist():
            draw(pile, word, arc, of, stores, held, rng)
        for arc in out[links[out]].tolist():
            piles[arc], held[arc] = pile, sum(mg for _, mg in pile.parcels)
    return held


def draw(
    pile: Pile, word: str, arc: int, of: MassGraph, stores: Stores, held: np.ndarray, rng: np.random.Generator
) -> None:
    while need := int(of.mg[arc] - held[arc].sum()):
        places = pile.places()
        if word == "identity":
            named = pile.places(int(stores.lot[arc])) if stores.lot[arc] >= 0 else []
            at = int(rng.choice(named or places))
        else:
            at = {"fifo": places[0], "lifo": places[-1]}.get(word) if word != "perfect" else int(rng.choice(places))
        held[arc] += pile.take(at, need, rng)


def inside(of: MassGraph, stores: Stores, rng: np.random.Generator) -> tuple[int, int]:
    """Asserts that what happened is within the bounds of some arcs, these within the free ones; how many are so, and
    how many are narrower than the free ones."""
    left = what_is_left(of, stores)
    done = known_order(of, stores, left)
    if done is None:
        return 0, 0
    done.graph.check()
    free, kept = Bounds(of), Bounds(done.graph)
    ways = [happened(of, stores, left, rng) for _ in range(4)]
    asked = rng.choice(np.flatnonzero(done.arc >= 0), 4).tolist()
    narrower = 0
    for arc in asked:
        without, known = free.arc(arc, [K]), kept.arc(int(done.arc[arc]), [K])
        assert without.least <= known.least
        assert known.most <= without.most
        for held in ways:
            k, untraced = held[arc, 1], held[arc, 0]
            assert known.least <= k
            assert k + untraced <= known.most
        narrower += known.most - known.least < without.most - without.least
    return len(asked), narrower


@settings(deadline=None, max_examples=150)
@given(seed=seeds)
def test_whatever_happened_under_partial_rules_is_inside_the_kept_bounds(seed):
    """Some nodes mix, others keep an order or lots apart; lots are named by some draws only, and laid down in parts."""
    rng = np.random.default_rng(seed)
    of = ledger(rng, lots=6, events=14, most_mg=9)
    stores = Stores(rng.integers(0, 4, of.nodes).astype(np.uint8), carried(of, rng), rng.integers(-1, 4, of.mg.size))

    inside(of, stores, rng)


@settings(deadline=None, max_examples=50)
@given(seed=seeds)
def test_whatever_happened_in_a_yard_of_lots_kept_apart_is_inside(seed):
    rng = np.random.default_rng(seed)
    of, carry, lot, _ = yard(rng)

    inside(of, everywhere(of, "identity", carry, lot), rng)


def test_kept_bounds_are_often_narrower():
    """Else they would be of no use: of 400 random lots at least a twentieth."""
    rng = np.random.default_rng(8)
    each = []
    for _ in range(100):
        of = ledger(rng, lots=6, events=14, most_mg=9)
        each.append(inside(of, everywhere(of, "fifo", carried(of, rng)), rng))

    assert sum(narrower for _, narrower in each) > 0.05 * sum(asked for asked, _ in each)


def test_what_was_laid_down_at_once_has_no_order():
    """5 n and 5 k at once, 4 drawn: any of it. One after the other: 4 of n."""
    at_once = graph(1, (OUTSIDE, 0, 5, 2), (OUTSIDE, 0, 5, 1), (0, OUTSIDE, 4, -1), (0, OUTSIDE, 6, -1))
    keeps = Stores(np.array([FIFO], dtype=np.uint8), np.zeros(4, dtype=bool), np.full(4, -1))
    last = np.array([False, False, False, True])
    done = known_order(at_once, keeps, last)
    after = graph(
        2, (OUTSIDE, 0, 5, 2), (0, 1, 5, -1), (OUTSIDE, 1, 5, 1), (1, OUTSIDE, 4, -1), (1, OUTSIDE, 6, -1)
    )  # fmt: skip
    carry = np.array([False, True, False, False, False])
    later = known_order(after, everywhere(after, "fifo", carry), np.append(False, last))
    assert done is not None
    assert later is not None

    assert Bounds(done.graph).arc(int(done.arc[2]), [K])[:2] == Bounds(at_once).arc(2, [K])[:2]
    bound = Bounds(later.graph).arc(int(later.arc[3]), [K])
    assert (bound.least, bound.most) == (0, 0)


def test_a_store_that_keeps_lots_apart_is_known_only_where_every_draw_names_its_lot():
    """Of bags 5 k, 4 n and 3 k: named, the draw of 2 is k; where the first names no lot, nothing is known of it."""
    of, carry = bags()
    named, silent, twice = (
        known_order(of, everywhere(of, "identity", carry, np.array(lots)), np.arange(7) == 6)
        for lots in ([0, 1, 1, -1, 2, 0, -1], [0, 1, -1, -1, 2, 0, -1], [0, 0, 0, -1, 2, 0, -1])
    )

    assert named is not None
    bound = Bounds(named.graph).arc(int(named.arc[2]), [K])
    assert (bound.least, bound.most) == (0, 0)
    assert (silent, twice) == (None, None)


def test_where_nothing_keeps_an_order_there_is_nothing_to_know():
    assert known_order(store(), everywhere(store(), "perfect", CARRY), np.zeros(6, dtype=bool)) is None
    assert routed(store(), everywhere(store(), "perfect", CARRY)).graph.nodes == store().nodes
