"""What is known of mixing narrows bounds and stays sound."""

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.origin.bounds import Bounds
from lodeline.origin.graph import OUTSIDE
from lodeline.origin.mixing import RULES, everywhere, routed
from lodeline.origin.perfect_program import narrowed
from lodeline.origin.shares import shares
from tests.origin.ledgers import ORIGINS, K, graph, ledger, separation, store


def test_a_place_that_mixes_gives_of_each_in_proportion():
    """Hand case 1: 3 of k in 5, so that the product of 4 has 12/5; unknown, it has 2 to 3."""
    bounds = Bounds(separation())

    assert narrowed(bounds, 2, {K}, np.array([True]))[:2] == (pytest.approx(2.4), pytest.approx(2.4))
    assert narrowed(bounds, 2, {K}, np.array([False]))[:2] == (2, 3)
    assert narrowed(bounds, 0, {K}, np.array([True]))[:2] == (3, 3)


def test_one_place_that_mixes_narrows_what_comes_after_it():
    """By hand: k 2 and n 2 mix and go on as 2 and 2; one of them meets n 2 and 2 are drawn: 0 to 1 of k, and not 2."""
    one = graph(
        2, (OUTSIDE, 0, 2, 1), (OUTSIDE, 0, 2, 2), (0, 1, 2, -1), (0, OUTSIDE, 2, -1), (OUTSIDE, 1, 2, 2),
        (1, OUTSIDE, 2, -1), (1, OUTSIDE, 2, -1),
    )  # fmt: skip
    bounds = Bounds(one)

    assert bounds.arc(5, {K})[3:5] == (0, 2)
    assert narrowed(bounds, 5, {K}, np.array([True, False]))[:2] == (0, pytest.approx(1))


def test_where_everything_mixes_it_is_the_share_and_between_it_is_inside_the_bounds():
    rng = np.random.default_rng(83)
    for _ in range(80):
        one = ledger(rng, lots=5, events=8, most_mg=1000)
        bounds, arc = Bounds(one), int(rng.integers(one.tail.size))
        untraced = (one.origin == 0).any()
        every = narrowed(bounds, arc, {K}, np.ones(one.nodes, dtype=bool))
        share = shares(one).of_arcs(np.array([arc]))[0]
        some = narrowed(bounds, arc, {K}, rng.random(one.nodes) < 0.5)
        bound = bounds.arc(arc, {K})

        assert every.least_share == pytest.approx(share[1], abs=1e-7)
        assert every.most_share == pytest.approx(share[1] + (share[0] if untraced else 0), abs=1e-7)
        assert bound.least <= some.least_mg <= every.least_mg + 1e-4
        assert every.most_mg - 1e-4 <= some.most_mg <= bound.most


@pytest.mark.parametrize("rule", RULES[1:3])
def test_a_rule_that_keeps_an_order_narrows_too(rule):
    """Stores rewritten by a rule are a graph again; its bounds lie inside those without the rule."""
    rng = np.random.default_rng(89)
    narrower = 0
    for _ in range(80):
        one = ledger(rng, lots=5, events=8, most_mg=50)
        carry = (one.tail >= 0) & (one.head >= 0) & (rng.random(one.mg.size) < 0.5)
        # A store has one state before and one after.
        first = np.unique(one.tail[carry], return_index=True)[1]
        kept = np.flatnonzero(carry)[first]
        kept = kept[np.unique(one.head[kept], return_index=True)[1]]
        chosen = np.zeros(one.mg.size, dtype=bool)
        chosen[kept] = True
        found = routed(one, everywhere(one, rule, chosen))
        before, after = Bounds(one), Bounds(found.graph)
        for arc in np.flatnonzero((one.tail >= 0) & (one.head < 0)).tolist():
            wide, narrow = before.arc(arc, {K}), after.arc(int(found.arc[arc]), {K})
            assert wide.least <= narrow.least <= narrow.most <= wide.most
            narrower += narrow[3:5] != wide[3:5]
    assert narrower > 20


def test_what_is_not_said_of_each_place_is_refused():
    with pytest.raises(InputError) as refusal:
        narrowed(Bounds(store()), 4, {ORIGINS[2]}, np.array([True]))

    assert refusal.value.code == "origin.shape"
