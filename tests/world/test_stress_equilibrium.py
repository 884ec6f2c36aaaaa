"""Market clearing between countries: by hand, in its limits, and by a second route."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, least_squares

from lodeline.errors import InputError
from lodeline.world.stress import equilibrium
from lodeline.world.stress.equilibrium import Curves, Gates, Network, Stock, clear

A, B, C = 0, 1, 2


def curves(demand=0.5, supply=0.5, spare=100.0, trade=5.0, ceiling=1e4):
    return Curves(demand, supply, spare, trade, ceiling)


def network(supply, demand, flows):
    """Flows as {(exporter, importer): tonnes}."""
    pairs = list(flows)
    return Network(
        np.array(supply, dtype=float),
        np.array(demand, dtype=float),
        np.array([pair[0] for pair in pairs]),
        np.array([pair[1] for pair in pairs]),
        np.array([flows[pair] for pair in pairs], dtype=float),
    )


def no_stock(of):
    return Stock(np.zeros(len(of.supply_t)), np.zeros(len(of.supply_t)))


def gate(of, cap, *pairs):
    """One gate over the flows between the pairs named."""
    found = list(zip(of.exporter.tolist(), of.importer.tolist(), strict=True))
    return Gates(np.array([[pair in pairs for pair in found]]), np.array([float(cap)]))


def open_gates(of):
    return Gates(np.zeros((0, len(of.flow_t)), dtype=bool), np.zeros(0))


def moves(of):
    """All that is made, used and shipped in the base year."""
    return of.supply_t.sum() + of.demand_t.sum() + 2 * of.flow_t.sum()


def imbalance(of, got):
    """(country,) what does not add up."""
    many = len(of.supply_t)
    return (
        got.output_t
        + got.release_t
        + np.bincount(of.importer, got.flow_t, many)
        - np.bincount(of.exporter, got.flow_t, many)
        - got.use_t
        - got.stored_t
    )


TWO = network([60, 40, 0], [0, 0, 100], {(A, C): 60, (B, C): 40})


def test_two_suppliers_and_a_ban_on_one_by_hand():
    """Only B ships: 40 p_B^0.5 = 40 p_C / p_B = 100 p_C^-0.5, so p_C = p_B^1.5 and p_B^1.25 = 2.5."""
    got = clear(TWO, curves(trade=1.0), gate(TWO, 0, (A, C)), no_stock(TWO))

    p_b = 2.5**0.8
    np.testing.assert_allclose(got.price_factor[[B, C]], [p_b, p_b**1.5], rtol=1e-7)
    np.testing.assert_allclose(got.flow_t, [0, 40 * p_b**0.5], rtol=1e-7)


def test_output_stops_at_capacity_by_hand():
    """B makes 44 at the most, so 44 = 100 p_C^-0.5."""
    got = clear(TWO, curves(spare=0.1), gate(TWO, 0, (A, C)), no_stock(TWO))

    assert got.use_t[C] == pytest.approx(44, rel=1e-7)
    assert got.price_factor[C] == pytest.approx((100 / 44) ** 2, rel=1e-7)


def test_a_stock_is_sold_so_that_its_value_stays_by_hand():
    """80 + 20 (1 - 1/p) = 100 / p, so p = 1.2, and a sixth of the stock is sold."""
    of = network([20, 80], [0, 100], {(A, B): 20})
    stock = Stock(np.array([0.0, 20.0]), np.array([0.0, 20.0]))

    got = clear(of, curves(demand=1.0, spare=0.0), gate(of, 0, (A, B)), stock)

    assert got.price_factor[B] == pytest.approx(1.2, rel=1e-7)
    assert got.release_t[B] == pytest.approx(20 / 6, rel=1e-7)


def test_what_is_bought_for_stores_raises_the_price_by_hand():
    """100 p = 100 / p + 50."""
    of = network([100, 1], [100, 0], {(B, A): 1})._replace(demand_t=np.array([100.0, 0.0]))
    alone = gate(of, 0, (B, A))

    got = clear(of, curves(demand=1.0, supply=1.0), alone, no_stock(of), store_t=np.array([50.0, 0.0]))

    assert got.price_factor[A] == pytest.approx((50 + (50**2 + 4 * 100 * 100) ** 0.5) / 200, rel=1e-7)
    assert (got.stored_t[A], np.abs(imbalance(of, got)).max() < 1e-6) == (50, True)


def test_nothing_is_bought_for_stores_at_any_price_beyond_the_ceiling():
    of = network([100, 1], [100, 0], {(B, A): 1})._replace(demand_t=np.array([100.0, 0.0]))

    got = clear(of, curves(spare=0.0, ceiling=10.0), gate(of, 0, (B, A)), no_stock(of), store_t=np.array([900.0, 0.0]))

    assert got.price_factor[A] == pytest.approx(10)
    assert got.stored_t[A] == pytest.approx(100 - got.use_t[A], rel=1e-6)


def test_a_quota_passes_as_much_as_it_says_and_no_more():
    got = clear(TWO, curves(), gate(TWO, 30, (A, C)), no_stock(TWO))

    assert got.flow_t[0] == pytest.approx(30, rel=1e-7)
    assert got.price_factor[A] < 1 < got.price_factor[B] < got.price_factor[C]


def test_a_gate_that_is_wider_than_what_passes_changes_nothing():
    got = clear(TWO, curves(), gate(TWO, 61, (A, C)), no_stock(TWO))

    np.testing.assert_allclose(got.price_factor, 1, rtol=1e-9)
    np.testing.assert_allclose(got.flow_t, TWO.flow_t, rtol=1e-9)


def test_an_importer_that_loses_its_only_supplier_uses_nothing_and_pays_at_least_the_ceiling():
    of = network([100, 0], [0, 100], {(A, B): 100})

    got = clear(of, curves(ceiling=10.0), gate(of, 0, (A, B)), no_stock(of))

    np.testing.assert_allclose(got.price_factor, [0.1, 10])
    np.testing.assert_allclose([got.use_t[B], got.output_t[A]], 0, atol=1e-6)


def test_a_country_that_only_passes_on_passes_on_what_it_has_whatever_the_price():
    """B makes 1, uses none and shipped 41 of the 40 it bought: without them it ships the 1."""
    of = network([40, 1], [41, 0], {(A, B): 40, (B, A): 41})

    got = clear(of, curves(spare=0.0, ceiling=100.0, trade=1.0), gate(of, 0, (A, B)), no_stock(of))

    assert got.flow_t[1] == pytest.approx(1, rel=1e-6)


# A ships to B and C, B to C: C can be reached through B.
THIRD = network([100, 20, 10], [40, 40, 50], {(A, B): 30, (A, C): 30, (B, C): 10})


def test_rerouting_through_a_third_country_makes_up_for_a_part_of_a_ban():
    got = clear(THIRD, curves(), gate(THIRD, 0, (A, C)), no_stock(THIRD))

    assert got.flow_t[0] > 30
    assert got.flow_t[2] > 10
    assert 1 < got.price_factor[B] < got.price_factor[C]
    lost = 30 - (got.flow_t[2] - 10)
    assert 0 < lost < 30


def test_without_rerouting_a_ban_isolates_by_hand():
    """Nothing but C's own output and use can move: 10 p^0.5 + 10 = 50 p^-0.5, so with s = p^0.5: 10 s^2 + 10 s = 50."""
    got = clear(THIRD, curves(trade=1e-7), gate(THIRD, 0, (A, C)), no_stock(THIRD))

    s = (-1 + 21**0.5) / 2
    assert got.price_factor[C] == pytest.approx(s**2, rel=1e-4)
    assert got.price_factor[B] == pytest.approx(1, rel=1e-4)


def test_with_free_rerouting_there_is_one_price_and_a_ban_on_one_buyer_does_nothing():
    got = clear(THIRD, curves(trade=3000.0), gate(THIRD, 0, (A, C)), no_stock(THIRD))

    np.testing.assert_allclose(got.price_factor, 1, atol=2e-3)


def test_with_free_rerouting_a_cut_of_all_exports_has_one_price_in_all_the_rest_by_hand():
    """60 of A's exports become 30: B and C together make 30 p^0.5 and use 90 p^-0.5, and 30 come in; s = p^0.5."""
    got = clear(THIRD, curves(trade=3000.0), gate(THIRD, 30, (A, B), (A, C)), no_stock(THIRD))

    s = (-30 + (30**2 + 4 * 30 * 90) ** 0.5) / 60
    np.testing.assert_allclose(got.price_factor[[B, C]], s**2, rtol=2e-3)


def test_use_that_gives_way_easily_keeps_the_price():
    got = clear(TWO, curves(demand=60.0), gate(TWO, 0, (A, C)), no_stock(TWO))

    assert got.price_factor[C] == pytest.approx(1, abs=0.02)


tonnes = st.floats(min_value=0.01, max_value=1000)
elasticity = st.floats(min_value=0.05, max_value=2)


@st.composite
def markets(draw, most=5):
    """A network whose base year adds up, with curves and stocks."""
    many = draw(st.integers(2, most))
    pairs = [(i, j) for i in range(many) for j in range(many) if i != j]
    some = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=8, unique=True))
    flows = {pair: draw(tonnes) for pair in some}
    net = np.zeros(many)
    for (i, j), mass in flows.items():
        net[i] += mass
        net[j] -= mass
    supply = np.maximum([draw(tonnes) for _ in range(many)], net)
    of = network(supply, np.maximum(supply - net, 0.0), flows)
    by = curves(draw(elasticity), draw(elasticity), draw(st.floats(0, 1)), draw(st.floats(0.5, 20)), 100.0)
    full = np.array([draw(st.floats(0, 100)) for _ in range(many)])
    return of, by, Stock(full * draw(st.floats(0.2, 1)), full)


@given(markets(), st.floats(0, 1), st.data())
@settings(max_examples=60, deadline=None)
def test_every_tonne_is_made_shipped_sold_or_used(market, part, data):
    of, by, stock = market
    closed = data.draw(st.integers(0, len(of.flow_t) - 1))
    member = (of.exporter == of.exporter[closed])[None, :]
    cap = part * of.flow_t[member[0]].sum()

    store = np.array([data.draw(st.floats(0, 100)) for _ in of.supply_t])

    got = clear(of, by, Gates(member, np.array([cap])), stock, store_t=store)

    assert np.abs(imbalance(of, got)).max() <= 2e-9 * (moves(of) + store.sum())
    assert got.flow_t[member[0]].sum() <= cap + 2e-9 * moves(of)
    assert (got.stored_t <= store).all()
    assert min(got.flow_t.min(), got.use_t.min(), got.release_t.min()) >= -1e-9
    assert (got.release_t <= stock.held_t * (1 + 1e-12)).all()
    assert (got.output_t <= of.supply_t * (1 + by.spare_capacity) * (1 + 1e-9)).all()


@given(markets(), st.floats(0, 1), st.floats(0, 1), st.data())
@settings(max_examples=60, deadline=None)
def test_a_larger_cut_never_lowers_the_buyers_price_nor_raises_the_sellers(market, one, other, data):
    of, by, stock = market
    closed = data.draw(st.integers(0, len(of.flow_t) - 1))
    member = np.zeros((1, len(of.flow_t)), dtype=bool)
    member[0, closed] = True
    wide, tight = max(one, other), min(one, other)

    less, more = (
        clear(of, by, Gates(member, np.array([part * of.flow_t[closed]])), stock).price_factor for part in (wide, tight)
    )

    assert more[of.importer[closed]] >= less[of.importer[closed]] * (1 - 1e-6)
    assert more[of.exporter[closed]] <= less[of.exporter[closed]] * (1 + 1e-6)


@given(markets(), st.floats(0, 1), st.floats(1e-3, 1e3))
@settings(max_examples=40, deadline=None)
def test_the_answer_does_not_depend_on_the_unit_of_mass(market, part, unit):
    of, by, stock = market
    member = np.ones((1, len(of.flow_t)), dtype=bool)
    cap = part * of.flow_t.sum()

    here = clear(of, by, Gates(member, np.array([cap])), stock)
    scaled = of._replace(supply_t=of.supply_t * unit, demand_t=of.demand_t * unit, flow_t=of.flow_t * unit)
    there = clear(scaled, by, Gates(member, np.array([cap * unit])), Stock(stock.held_t * unit, stock.full_t * unit))

    np.testing.assert_allclose(there.price_factor, here.price_factor, rtol=1e-4)
    np.testing.assert_allclose(there.use_t, here.use_t * unit, rtol=1e-4, atol=1e-6 * unit * of.demand_t.sum())


def by_hand(of, by, stock, ban):
    """The equations one by one, given to a general root finder: none of the convex function is used."""

    def excess(u, wedge):
        found = []
        for i in range(len(of.supply_t)):
            made = of.supply_t[i] * min(np.exp(by.supply_elasticity * u[i]), 1 + by.spare_capacity)
            sold = max(0.0, stock.held_t[i] - stock.full_t[i] * np.exp(-u[i]))
            found.append(made + sold - of.demand_t[i] * np.exp(-by.demand_elasticity * u[i]))
        for k, (i, j, base) in enumerate(zip(of.exporter, of.importer, of.flow_t, strict=True)):
            mass = base * np.exp(by.trade_elasticity * (u[j] - u[i] - (wedge if k == ban else 0.0)))
            found[i] -= mass
            found[j] += mass
        return np.array(found)

    def at(wedge):
        got = least_squares(excess, np.zeros(len(of.supply_t)), args=(wedge,), xtol=1e-15, ftol=1e-15, gtol=1e-15)
        return got.x if np.abs(got.fun).max() < 1e-7 * of.demand_t.sum() else None

    return at


@given(markets(most=4), st.floats(0.05, 0.95))
@settings(max_examples=40, deadline=None)
def test_a_general_root_finder_finds_the_same_prices(market, part):
    of, by, stock = market
    stock = Stock(stock.full_t, stock.full_t)
    by = by._replace(spare_capacity=50.0, demand_elasticity=max(by.demand_elasticity, 0.3), ceiling=1e6)
    prices = by_hand(of, by, stock, ban=0)
    cap = part * of.flow_t[0]

    def passes_too_much(wedge):
        u = prices(wedge)
        assume(u is not None)
        return by.trade_elasticity * (u[of.importer[0]] - u[of.exporter[0]] - wedge) - np.log(part)

    assume(passes_too_much(40.0) < 0)
    wedge = brentq(passes_too_much, 0.0, 40.0, xtol=1e-12)
    assume(np.abs(prices(wedge)).max() < np.log(by.ceiling))
    member = np.zeros((1, len(of.flow_t)), dtype=bool)
    member[0, 0] = True

    got = clear(of, by, Gates(member, np.array([cap])), stock)

    np.testing.assert_allclose(np.log(got.price_factor), prices(wedge), atol=1e-5)


def test_a_market_that_does_not_clear_is_refused(monkeypatch):
    monkeypatch.setattr(equilibrium, "STEPS", 1)

    with pytest.raises(InputError) as refused:
        clear(TWO, curves(), gate(TWO, 1, (A, C)), no_stock(TWO))

    assert refused.value.code == "world.stress_not_solved"
