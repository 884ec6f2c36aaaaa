"""Bounds are what going through every way finds; their proofs can be checked by adding up."""

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.origin.bounds import Bounds
from lodeline.origin.graph import OUTSIDE, UNTRACED
from lodeline.origin.wanted import Wanted
from tests.origin.ledgers import ORIGINS, K, enumerated, graph, ledger, separation, store, two_way_trade


def test_a_separation_leaves_two_or_three_of_three():
    """Hand case 1."""
    bounds = Bounds(separation())

    assert [bounds.arc(arc, {K})[3:5] for arc in (2, 3)] == [(2, 3), (0, 1)]
    assert bounds.arc(2, {K}).share == (0.5, 0.75)
    assert bounds.node(0, {K})[2:5] == (5, 3, 3)


def test_what_is_laid_down_later_is_not_in_what_was_drawn_before():
    """Hand case 2; and the stock that is left, the arc 5."""
    bounds = Bounds(store())

    assert [bounds.arc(arc, {K})[3:5] for arc in (1, 4, 5)] == [(0, 0), (2, 3), (2, 3)]


def test_a_circle_is_no_bound_and_what_ends_is():
    """Hand case 8: of the 10 that A ships no flow says anything; of the 5 that B keeps all are of A."""
    bounds = Bounds(two_way_trade())

    for refused in (lambda: bounds.arc(1, {K}), lambda: bounds.node(0, {K})):
        with pytest.raises(InputError) as refusal:
            refused()
        assert refusal.value.code == "origin.cycle"
    assert bounds.arc(3, {K})[3:5] == (5, 5)


def test_untraced_metal_may_be_of_any_origin_and_need_not():
    bounds = Bounds(graph(1, (OUTSIDE, 0, 3, 1), (OUTSIDE, 0, 2, 0), (0, OUTSIDE, 5, -1)))

    assert bounds.arc(2, {K})[3:5] == (3, 5)
    assert bounds.arc(2, {ORIGINS[2]})[3:5] == (0, 2)


def test_so_may_an_origin_of_which_nobody_knows_what_is_asked():
    bounds = Bounds(graph(1, (OUTSIDE, 0, 3, 1), (OUTSIDE, 0, 2, 2), (0, OUTSIDE, 5, -1)))

    assert bounds.arc(2, Wanted(frozenset({K}), frozenset({ORIGINS[2]})))[3:5] == (3, 5)


def test_lots_that_lie_side_by_side_are_bounded_together():
    """By hand: k 4 + n 6 become 3, 3, 4; any two can hold all of k, and no two less than nothing."""
    bounds = Bounds(
        graph(1, (OUTSIDE, 0, 4, 1), (OUTSIDE, 0, 6, 2), (0, OUTSIDE, 3, -1), (0, OUTSIDE, 3, -1), (0, OUTSIDE, 4, -1))
    )

    assert bounds.arcs([2, 3], {K})[2:5] == (6, 0, 4)
    assert bounds.arcs([3, 4], {K})[2:5] == (7, 1, 4)


@pytest.mark.parametrize(
    ("code", "ask"),
    [
        ("origin.index", lambda bounds: bounds.arc(6, {K})),
        ("origin.index", lambda bounds: bounds.arcs([], {K})),
        ("origin.index", lambda bounds: bounds.node(2, {K})),
        ("origin.untraced", lambda bounds: bounds.arc(1, {UNTRACED})),
        ("origin.series", lambda bounds: bounds.arcs([0, 1], {K})),
    ],
)
def test_what_cannot_be_bounded_is_refused(code, ask):
    with pytest.raises(InputError) as refusal:
        ask(Bounds(store()))

    assert refusal.value.code == code


def test_ten_thousand_random_books_are_bounded_as_by_going_through_every_way():
    rng = np.random.default_rng(2026)
    tight = arcs = 0
    for number in range(10_000):
        one = ledger(rng, lots=int(rng.integers(2, 5)), events=int(rng.integers(1, 7)))
        bounds = Bounds(one)
        sources = set(rng.choice(4, size=int(rng.integers(1, 4)), replace=False) + 1)
        least, _ = enumerated(one, sources)
        _, most = enumerated(one, sources | {0})
        asked = {ORIGINS[place] for place in sources}
        for arc in range(one.tail.size) if number % 10 == 0 else rng.integers(one.tail.size, size=3):
            found = bounds.arc(int(arc), asked)
            assert (found.least, found.most) == (least[arc], most[arc]), (number, arc)
            tight += found.least > 0 or found.most < one.mg[arc]
            arcs += 1
    assert arcs > 30_000
    assert tight > arcs / 2


def test_every_proof_adds_up():
    """A flow of the class arrives in full, closes at every node, and the cut lets no more through."""
    rng = np.random.default_rng(7)
    for _ in range(300):
        one = ledger(rng, lots=8, events=14, most_mg=10**15)
        bounds = Bounds(one)
        target = int(rng.integers(one.tail.size))
        found = bounds.arc(target, {K})
        for side in (found.of, found.rest):
            on = np.zeros_like(one.mg)
            on[side.arcs] = side.flow
            assert ((on >= 0) & (on <= one.mg)).all()
            assert on[target] == side.mg == one.mg[side.cut].sum()
            outside = one.tail == OUTSIDE
            assert not on[outside & ~np.isin(one.origin, side.origins)].any()
            net = np.zeros(one.nodes, dtype=np.int64)
            ends = (one.head >= 0) & (np.arange(one.mg.size) != target)
            np.add.at(net, one.head[ends], on[ends])
            np.subtract.at(net, one.tail[~outside], on[~outside])
            assert not net.any()
            near = set(side.near.tolist())
            for arc in side.cut.tolist():
                assert one.tail[arc] not in near
                assert arc == target or one.head[arc] in near


def test_a_lump_of_a_class_is_bounded_at_least_as_much_as_its_parts():
    """Metamorphic: the most of two origins together is at most the sum of the mosts, the least at least that."""
    rng = np.random.default_rng(11)
    for _ in range(200):
        one = ledger(rng, lots=6, events=9, most_mg=50)
        bounds, target = Bounds(one), int(rng.integers(one.tail.size))
        first, second, both = (bounds.arc(target, asked) for asked in ({K}, {ORIGINS[2]}, {K, ORIGINS[2]}))

        assert max(first.most, second.most) <= both.most <= first.most + second.most
        assert both.least >= first.least + second.least
