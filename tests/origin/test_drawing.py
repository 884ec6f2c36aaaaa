"""What is unknown only ever widens bounds; what balances tell is told."""

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.origin.bounds import Bounds
from lodeline.origin.drawing import Told, draw
from lodeline.origin.graph import OUTSIDE
from tests.origin.ledgers import ORIGINS, K, enumerated, ledger

UNKNOWN = np.nan


def told(*arcs, own=True):
    """Tail, head, kg, origin."""
    tail, head, kg, origin = (np.array(column) for column in zip(*arcs, strict=True))
    return Told(tail, head, kg.astype(float), origin, np.full(tail.size, own))


def test_one_unknown_mass_of_a_node_is_found_by_difference():
    """By hand: 5 in, product 4, so that 1 was lost; and the ore that was never weighed is 5."""
    found = draw(
        "Sb", told((OUTSIDE, 0, UNKNOWN, 1), (0, 1, 5, -1), (1, OUTSIDE, 4, -1), (1, OUTSIDE, UNKNOWN, -1)), 2, ORIGINS
    )

    assert found.kg.tolist() == [5, 5, 4, 1]
    assert found.graph.mg.tolist() == [5_000_000, 5_000_000, 4_000_000, 1_000_000]
    assert found.own.all()
    assert not found.gap_mg.any()


def test_what_would_be_below_nothing_is_nothing_and_the_gap_is_untraced():
    """By hand: 3 sent and 4 received: nothing was lost, and 1 is of nobody knows where."""
    found = draw("Sb", told((OUTSIDE, 0, 3, 1), (0, OUTSIDE, 4, -1), (0, OUTSIDE, UNKNOWN, -1)), 1, ORIGINS)

    assert found.kg.tolist() == [3, 4, 0]
    assert found.gap_mg.tolist() == [-1_000_000]
    bound = Bounds(found.graph).arc(int(found.arc[1]), {K})
    assert (bound.least, bound.most) == (3_000_000, 4_000_000)


def test_what_left_an_unknown_lot_of_one_origin_is_of_that_origin():
    """By hand: a lot of k of unknown mass, moved on, 2 kg drawn, the rest unknown: the 2 kg are of k."""
    arcs = told((OUTSIDE, 0, UNKNOWN, 1), (0, 1, UNKNOWN, -1), (1, OUTSIDE, 2, -1), (1, OUTSIDE, UNKNOWN, -1))
    found = draw("Sb", arcs, 2, ORIGINS)

    bound = Bounds(found.graph).arc(int(found.arc[2]), {K})
    assert (bound.least, bound.most) == (2_000_000, 2_000_000)
    assert found.arc.tolist()[:2] == [-1, -1]


def test_what_an_unknown_mass_may_have_displaced_is_not_proved():
    """By hand: 5 of k come, and unknown masses come and leave: of the 5 that are known to leave none need be k."""
    arcs = told((OUTSIDE, 0, 5, 1), (OUTSIDE, 0, UNKNOWN, 2), (0, OUTSIDE, 5, -1), (0, OUTSIDE, UNKNOWN, -1))
    found = draw("Sb", arcs, 1, ORIGINS)

    bound = Bounds(found.graph).arc(int(found.arc[2]), {K})
    assert (bound.least, bound.most) == (0, 5_000_000)


def test_whatever_the_unknown_masses_were_the_bounds_hold():
    """Random books of which any masses are taken away: every bound is at least as wide as with all of them."""
    rng = np.random.default_rng(41)
    narrower = 0
    for _ in range(600):
        one = ledger(rng, lots=int(rng.integers(2, 6)), events=int(rng.integers(2, 8)))
        kg = np.where(rng.random(one.mg.size) < rng.choice([0.1, 0.4]), UNKNOWN, one.mg.astype(float))
        found = draw("Sb", Told(one.tail, one.head, kg, one.origin, np.ones(kg.size, dtype=bool)), one.nodes, ORIGINS)
        least, _ = enumerated(one, {1})
        _, most = enumerated(one, {0, 1})
        bounds = Bounds(found.graph)
        for arc in np.flatnonzero(found.arc >= 0).tolist():
            bound = bounds.arc(int(found.arc[arc]), {K})
            assert bound.mg == one.mg[arc] * 1_000_000
            assert bound.least <= least[arc] * 1_000_000
            assert bound.most >= most[arc] * 1_000_000
            narrower += bound.least > 0 or bound.most < bound.mg
    assert narrower > 500


def test_a_mass_rests_on_its_own_assay_or_on_those_that_leave_it():
    """By hand: whole and part assayed tell the rest; the whole alone tells nothing of two parts."""
    arcs = told((OUTSIDE, 0, 5, 1), (0, OUTSIDE, 2, -1), (0, OUTSIDE, 3, -1))
    one = draw("Sb", arcs._replace(own=np.array([True, True, False])), 1, ORIGINS)
    two = draw("Sb", arcs._replace(own=np.array([True, False, False])), 1, ORIGINS)
    open_ = draw("Sb", arcs._replace(own=np.array([True, True, False]), kg=np.array([5.0, 2.0, 2.9])), 1, ORIGINS)

    assert one.own.tolist() == [True, True, True]
    assert two.own.tolist() == [True, False, False]
    assert open_.own.tolist() == [True, True, False]


def test_nodes_are_put_in_order_of_time():
    """A process has one node, made when it began; what came into it later has a higher number."""
    found = draw("Sb", told((OUTSIDE, 1, 5, 1), (1, 0, 5, -1), (0, OUTSIDE, 5, -1)), 2, ORIGINS)

    assert found.node.tolist() == [1, 0]
    with pytest.raises(InputError) as refusal:
        draw("Sb", told((OUTSIDE, 1, 5, 1), (1, 0, 9, -1), (0, 1, 4, -1), (0, OUTSIDE, 5, -1)), 2, ORIGINS)
    assert refusal.value.code == "origin.time"
