"""What holds without homogeneous lots: by hand, and never narrower than what supposes them."""

import numpy as np

from lodeline.origin.bounds import Bounds
from lodeline.origin.building import mass_graph
from lodeline.origin.graph import OUTSIDE
from lodeline.origin.interval_program import exact
from lodeline.origin.intervals import outer
from lodeline.origin.unconditional import free, freed, supposes
from lodeline.origin.wanted import wanted
from tests.metal.reconciliation.small_reconciled import PARTS, split
from tests.metal.small_book import book, mined, net, weighed
from tests.origin.ledgers import K, graph, ledger
from tests.origin.test_building import assayed, flow_of

WHOLE = (mined(), weighed(2, net("10")), assayed(3, "50"), split(4))
PARTED = (weighed(5, net("4"), lot=PARTS[0]), weighed(5, net("6"), lot=PARTS[1]))


def test_a_part_that_inherits_its_assay_may_hold_anything_up_to_its_mass_and_its_parent():
    """By hand: of 10 kg 5 are antimony; the part of 4 kg has 0 to 4 of them, that of 6 kg 1 to 5, and not 2 and 3."""
    built = mass_graph(book(*WHOLE, *PARTED).flows, "Sb")
    arcs = [int(built.arc[flow_of(built, lot)]) for lot in PARTS]
    pk = wanted(built.graph.origins, country="PK")
    bounds, of = Bounds(built.graph), free(built)

    for arc, said, least, most in zip(arcs, (2, 3), (0, 1), (4, 5), strict=True):
        bound = bounds.arc(arc, pk)
        assert (bound.least, bound.most) == (said * 1e6, said * 1e6)
        assert supposes(built.graph, bound) == (True, True)
        np.testing.assert_allclose(exact(of, arc, pk)[:2], (least * 1e6, most * 1e6), atol=1)
        assert outer(of, arc, pk).most_mg >= most * 1e6
    stibnite = free(built, purest=0.7)
    np.testing.assert_allclose(exact(stibnite, arcs[0], pk)[:2], (0.8e6, 2.8e6), atol=1)


def test_an_assay_of_its_own_needs_no_homogeneous_lot():
    """One part assayed: the other follows, and nothing is free."""
    built = mass_graph(book(*WHOLE, *PARTED, assayed(6, "50", PARTS[0])).flows, "Sb")
    pk = wanted(built.graph.origins, country="PK")
    of = free(built)

    np.testing.assert_array_equal(of.low, of.high)
    for lot in PARTS:
        arc = int(built.arc[flow_of(built, lot)])
        assert supposes(built.graph, Bounds(built.graph).arc(arc, pk)) == (False, False)


def test_the_most_rests_on_its_cut_alone():
    """By hand: k 1 and n 9 make 6 and 4 by an assay of the whole: that 1 kg of k is the most is sure, the least not."""
    one = graph(1, (OUTSIDE, 0, 1, 1), (OUTSIDE, 0, 9, 2), (0, OUTSIDE, 6, -1), (0, OUTSIDE, 4, -1))
    one = one._replace(own=np.array([True, True, False, False]), flow=np.arange(4))
    bound = Bounds(one).arc(2, {K})

    assert (bound.least, bound.most) == (0, 1)
    assert supposes(one, bound) == (True, False)


def test_it_is_never_narrower_than_with_homogeneous_lots():
    rng = np.random.default_rng(67)
    for _ in range(150):
        one = ledger(rng, lots=5, events=8, most_mg=100)
        one = one._replace(own=rng.random(one.mg.size) < 0.6, flow=np.arange(one.mg.size))
        of = freed(one, np.where(rng.random(one.mg.size) < 0.5, np.nan, one.mg * 2e-6))
        arc = int(rng.integers(one.mg.size))
        bound, wide = Bounds(one).arc(arc, {K}), outer(of, arc, {K})

        assert wide.least_mg <= bound.least
        assert wide.most_mg >= bound.most
        if not supposes(one, bound).most:
            assert exact(of, arc, {K}).most_mg <= bound.most + 1e-6
        if not supposes(one, bound).least:
            assert exact(of, arc, {K}).least_mg >= bound.least - 1e-6


def test_a_gap_between_assays_stays_and_another_may_vanish():
    """By hand: 5 in and 4 out, both assayed: 1 was lost. Where the 4 are inherited, all 5 may have gone that way."""
    arcs = graph(1, (OUTSIDE, 0, 5, 1), (0, OUTSIDE, 4, -1), (0, OUTSIDE, 1, -1))
    arcs = arcs._replace(flow=np.array([0, 1, -1]), own=np.array([True, True, False]))
    free_ = arcs._replace(own=np.array([True, False, False]))

    assert freed(arcs, np.full(2, np.nan)).low.tolist() == [5, 4, 1]
    np.testing.assert_allclose(exact(freed(free_, np.full(2, np.nan)), 1, {K})[:2], (4, 5), atol=1e-6)
