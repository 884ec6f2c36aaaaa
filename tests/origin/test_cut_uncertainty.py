"""The uncertainty of a bound is that of its cut: by hand, and beside draws of the masses."""

import math

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.metal.reconciliation.reconciled_sums import ReconciledSums
from lodeline.metal.sums import Sums
from lodeline.origin.bounds import Bounds
from lodeline.origin.building import mass_graph
from lodeline.origin.cut_uncertainty import Uncertain, uncertain
from lodeline.origin.wanted import wanted
from tests.metal.reconciliation.small_reconciled import reconciled
from tests.metal.small_book import book, net, weighed
from tests.origin.ledgers import K, graph
from tests.origin.test_building import FED, OTHER, PRODUCT, TAILINGS, assayed, flow_of, smelted

PURE = (
    FED[0],
    weighed(2, net("3", "0.3")),
    assayed(3, "100", u="0.000001"),
    FED[3],
    weighed(2, net("2", "0.2"), lot=OTHER),
    assayed(3, "100", OTHER, u="0.000001"),
)


def sides(flows_or_book, lot, country="PK"):
    """Least and most of what is held of a lot."""
    if hasattr(flows_or_book, "solution"):
        built = mass_graph(flows_or_book.flows, "Sb", reconciled=flows_or_book)
        sums = ReconciledSums.element(flows_or_book, "Sb")
    else:
        built = mass_graph(flows_or_book, "Sb")
        sums = Sums(flows_or_book, flows_or_book.element("Sb"))
    bounds = Bounds(built.graph)
    bound = bounds.arc(int(built.arc[flow_of(built, lot)]), wanted(built.graph.origins, country=country))
    return uncertain(built, bounds, bound, sums)


def test_the_cut_of_a_smelter_is_the_ore_for_the_most_and_product_less_scrap_for_the_least():
    """3 ± 0.3 of PK and 2 ± 0.2 of scrap, product 4 ± 0.1: the most 3 ± 0.3, the least 4 - 2 ± sqrt(0.1² + 0.2²)."""
    product = (smelted(PRODUCT), weighed(6, net("4", "0.1"), lot=PRODUCT), assayed(7, "100", PRODUCT, u="0.000001"))
    least, most = sides(book(*PURE, *product).flows, PRODUCT)

    assert (least.kg, most.kg) == (2, 3)
    assert most.u_kg == pytest.approx(0.3, rel=1e-4)
    assert least.u_kg == pytest.approx(math.hypot(0.1, 0.2), rel=1e-4)
    assert (least.cuts, most.cuts) == (1, 1)


def test_what_is_found_by_difference_is_as_uncertain_as_what_it_is_found_from():
    """The tailings are 5 - 4: all of them may be of PK, ± sqrt(0.3² + 0.2² + 0.1²), and the least is nothing."""
    product = (weighed(6, net("4", "0.1"), lot=PRODUCT), assayed(7, "100", PRODUCT, u="0.000001"))
    least, most = sides(book(*PURE, smelted(PRODUCT, TAILINGS), *product).flows, TAILINGS)

    assert (least.kg, most.kg) == (0, 1)
    assert most.u_kg == pytest.approx(math.sqrt(0.09 + 0.04 + 0.01), rel=1e-4)
    assert least.u_kg == pytest.approx(0.0, abs=1e-9)


def test_reconciled_masses_have_reconciled_uncertainties():
    """The most is the reconciled ore: 3 ± 0.3 again, since what was lost is not known and nothing checks it."""
    product = (smelted(PRODUCT), weighed(6, net("4", "0.1"), lot=PRODUCT), assayed(7, "100", PRODUCT, u="0.000001"))
    found = reconciled(*PURE, *product)
    least, most = sides(found, PRODUCT)
    figure = ReconciledSums.element(found, "Sb").of(np.array([0]))

    assert most.kg == pytest.approx(float(figure.value), abs=1e-5)
    assert most.u_kg == pytest.approx(float(figure.u))
    assert least.kg <= most.kg


def test_a_mass_without_an_uncertainty_leaves_the_bound_without_one():
    product = (smelted(PRODUCT), weighed(6, net("4"), lot=PRODUCT), assayed(7, "100", PRODUCT))
    least, most = sides(book(*PURE, *product).flows, PRODUCT)

    assert math.isnan(least.u_kg)
    assert not math.isnan(most.u_kg)


def test_two_cuts_that_vary_apart_are_two_and_one_mass_met_twice_is_one():
    """3 of PK and 2 of scrap, product 3: the ore or the product is the most, whichever is less."""
    product = (smelted(PRODUCT), weighed(6, net("3", "0.1"), lot=PRODUCT), assayed(7, "100", PRODUCT, u="0.000001"))
    _, most = sides(book(*PURE, *product).flows, PRODUCT)

    assert (most.kg, most.cuts) == (3, 2)


def test_a_limit_is_further_out_the_more_cuts_must_hold():
    """By hand: z is 1.645 for one cut, and 1.955 for two that hold together at 95 %."""
    assert Uncertain(10, 1, 1, 1).limit(0.95) == pytest.approx(11.645, abs=1e-3)
    assert Uncertain(10, 1, 2, 1).limit(0.95) == pytest.approx(11.955, abs=1e-3)
    assert Uncertain(10, 1, 1, -1).limit(0.95) == pytest.approx(8.355, abs=1e-3)
    assert Uncertain(1, 1, 1, -1).limit(0.95) == 0
    with pytest.raises(InputError) as refusal:
        Uncertain(10, 1, 1, 1).limit(95)
    assert refusal.value.code == "origin.confidence"


def test_the_far_cut_lets_the_same_through():
    rng = np.random.default_rng(71)
    from tests.origin.ledgers import ledger

    other = 0
    for _ in range(200):
        one = ledger(rng, lots=6, events=10, most_mg=50)
        bounds = Bounds(one)
        bound = bounds.arc(int(rng.integers(one.tail.size)), {K})
        for side in (bound.of, bound.rest):
            far = bounds.far_cut(bound.target, side)
            assert one.mg[far].sum() == side.mg
            other += not np.array_equal(far, side.cut)
    assert other > 50


def test_limits_cover_the_true_bound_as_often_as_they_say():
    """Draws of closing masses around the truth: the true most is below the limit in about 95 of 100 (theory: 94.6)."""
    rng = np.random.default_rng(73)
    true = graph(1, (-1, 0, 3000, 1), (-1, 0, 2000, 2), (0, -1, 4000, -1), (0, -1, 1000, -1))
    assert Bounds(true).arc(2, {K}).most == 3000
    held = 0
    for _ in range(400):
        ore, scrap, product = np.rint(rng.normal([3000, 2000, 4000], [100, 50, 50])).astype(np.int64)
        mg = np.array([ore, scrap, product, ore + scrap - product])
        bound = Bounds(true._replace(mg=mg)).arc(2, {K})
        u = 100 if 0 in bound.of.cut else 50
        held += Uncertain(bound.most, u, 1, 1).limit(0.95) >= 3000
    assert 0.92 < held / 400 < 0.98
