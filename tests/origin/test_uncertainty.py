"""Uncertainties of shares: by hand, by differences, and by seeded simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.origin.building import mass_graph
from lodeline.origin.graph import OUTSIDE, MassGraph
from lodeline.origin.mixing import everywhere, routed
from lodeline.origin.mixing_kernels import shadow
from lodeline.origin.shares import shares
from lodeline.origin.uncertainty import Own, of_flows, routed_slopes, simulated, slopes, uncertainty
from tests.metal.drawn import Arc, Made, Node, drawn
from tests.origin.ledgers import graph, ledger, separation, store, two_way_trade
from tests.origin.test_mixing import CARRY, carried

seeds = st.integers(0, 2**32 - 1)


def test_the_share_of_a_blend_of_two_by_hand():
    """s = a / (a + b): ds/da = b / (a + b)^2 = 2/25, ds/db = -3/25; u^2 = (0.1 * 2/25)^2 + (0.2 * 3/25)^2."""
    found = shares(separation())

    np.testing.assert_allclose(slopes(found, 2)[:, 1], [2 / 25, -3 / 25, 0, 0])
    u = uncertainty(found, [2], Own(np.array([0.1, 0.2, np.nan, np.nan])))
    assert u[0, 1] == pytest.approx(np.hypot(0.1 * 2 / 25, 0.2 * 3 / 25))
    assert u[0, 1] == pytest.approx(u[0, 2])
    assert u[0, 3] == 0


def test_what_all_masses_are_off_by_together_leaves_shares_as_they_are():
    """One scale for both, in proportion to the load."""
    of = separation()
    together = Own(np.zeros(4), ((np.zeros(4, dtype=np.int64), 0.01 * of.mg),))

    assert uncertainty(shares(of), [2], together)[0] == pytest.approx(np.zeros(5), abs=1e-15)


def test_a_mass_of_unknown_uncertainty_makes_that_of_the_share_unknown():
    u = uncertainty(shares(separation()), [2, 0], Own(np.array([0.1, np.nan, 0.1, 0.1])))

    assert np.isnan(u[0, 1])
    np.testing.assert_array_equal(u[1], 0)


@settings(deadline=None, max_examples=50)
@given(seed=seeds)
def test_slopes_are_what_a_small_change_of_each_mass_does(seed):
    rng = np.random.default_rng(seed)
    of = ledger(rng, lots=5, events=10, most_mg=1000)
    arc = int(rng.choice(np.flatnonzero(of.tail != OUTSIDE)))
    slope = slopes(shares(of), arc)

    for one in range(of.mg.size):
        step = 1e-4 * of.mg[one]
        mg = [of.mg.astype(float) for _ in range(2)]
        mg[0][one] -= step
        mg[1][one] += step
        low, high = (shares(of._replace(mg=each)).of_arcs(np.array([arc]))[0] for each in mg)
        np.testing.assert_allclose(slope[one] * of.mg[one], (high - low) / step / 2 * of.mg[one], atol=1e-7)


def lines(of: MassGraph, rng: np.random.Generator) -> np.ndarray:
    """(arc,) how often some ways from an origin to an end pass each arc: a change by which masses still close."""
    passed = np.zeros(of.mg.size, dtype=np.int64)
    for _ in range(4):
        arc = int(rng.choice(np.flatnonzero(of.tail == OUTSIDE)))
        passed[arc] += 1
        while of.head[arc] != OUTSIDE:
            arc = int(rng.choice(np.flatnonzero(of.tail == of.head[arc])))
            passed[arc] += 1
    return passed


@settings(deadline=None, max_examples=100)
@given(seed=seeds, rule=st.sampled_from(["fifo", "lifo"]))
def test_slopes_under_a_rule_are_what_a_small_change_that_closes_does(seed, rule):
    """Ten milligrams more along some ways, where nothing is less than a gram."""
    rng = np.random.default_rng(seed)
    of = ledger(rng, lots=6, events=14, most_mg=10**6)
    of = of._replace(mg=1000 * of.mg)
    stores = everywhere(of, rule, carried(of, rng))
    done = routed(of, stores)
    arc = int(rng.choice(np.flatnonzero((done.arc >= 0) & (of.tail != OUTSIDE))))

    more = 10 * lines(of, rng)
    there, back = (routed(of._replace(mg=of.mg + sign * more), stores) for sign in (1, -1))
    high, low = (one.of_arcs(shares(one.graph), np.array([arc]))[0] for one in (there, back))

    slope = routed_slopes(done, shares(done.graph), arc)
    np.testing.assert_allclose(more @ slope, (high - low) / 2, rtol=1e-3, atol=1e-14)


def test_the_oldest_first_by_hand():
    """1 n is left, 5 k are laid on it, 3 drawn: a share of n of 1/3, of which a milligram more of the first draw takes
    a third and one more of n gives a third; one more drawn now is k, so that n is less by 1/9."""
    of = store()
    done = routed(of, everywhere(of, "fifo", CARRY))
    slope = routed_slopes(done, shares(done.graph), 4)[:, 2]

    # Masses that close: n in and first draw; n in and second draw; k in and second draw; k in and rest.
    assert slope[0] + slope[1] == pytest.approx(0)
    assert slope[0] + slope[4] == pytest.approx(1 / 3 - 1 / 9)
    assert slope[3] + slope[4] == pytest.approx(-1 / 9)
    assert slope[3] + slope[5] == pytest.approx(0)


@settings(deadline=None, max_examples=50)
@given(seed=seeds, rule=st.sampled_from(["fifo", "lifo"]))
def test_more_of_everything_changes_no_share_and_the_order_of_moves_is_nothing(seed, rule):
    rng = np.random.default_rng(seed)
    of = ledger(rng, lots=6, events=14, most_mg=10**6)
    done = routed(of, everywhere(of, rule, carried(of, rng)))
    arc = int(rng.choice(np.flatnonzero((done.arc >= 0) & (of.tail != OUTSIDE))))
    slope = routed_slopes(done, shares(done.graph), arc)

    np.testing.assert_allclose(of.mg @ slope, 0, atol=1e-9)
    moves, last = done.parcel.size, done.graph.mg.size
    order = rng.permutation(moves)
    places = np.concatenate([np.arange(last - moves), last - moves + order])
    columns = {name: getattr(done.graph, name)[places] for name in ("tail", "head", "mg", "origin", "flow", "own")}
    other = done._replace(graph=done.graph._replace(**columns), parcel=done.parcel[order], draw=done.draw[order])
    np.testing.assert_allclose(
        routed_slopes(other, shares(other.graph), arc) * of.mg.max(), slope * of.mg.max(), atol=1e-9
    )


def test_where_moves_come_round_the_masses_do_not_say_what_moved():
    """Parcels 0 and 1 each went into draws 2 and 3; without the last move, three moves follow from four masses."""
    parcel, draw = np.array([0, 1, 1, 0]), np.array([2, 2, 3, 3])
    mg, slope = np.array([3, 2, 1, 1]), np.ones((4, 1))

    assert np.isnan(shadow(parcel, draw, mg, slope, 4)).all()
    assert np.isfinite(shadow(parcel[:3], draw[:3], mg[:3], slope[:3], 4)).all()


def test_a_lot_drawn_without_its_name_has_slopes_too():
    """6 of lot 0, of which 5 are drawn by no name though 3 of it are later drawn by name: one move, not two."""
    of = graph(
        2,
        (OUTSIDE, 0, 6, 1),
        (0, OUTSIDE, 5, -1),
        (0, 1, 1, -1),
        (OUTSIDE, 1, 5, 2),
        (1, OUTSIDE, 3, -1),
        (1, OUTSIDE, 3, -1),
    )
    done = routed(of, everywhere(of, "identity", CARRY, np.array([0, -1, -1, 1, 0, -1])))
    slope = routed_slopes(done, shares(done.graph), 4)[:, 1]

    # A third is k; one more of k laid down and taken with it, in place of n: (1 + 1) / 3.
    assert done.parcel.tolist().count(0) == 2
    assert slope[0] - slope[3] == pytest.approx(1 / 3)


def test_under_a_rule_the_uncertainty_is_that_of_the_cut():
    """Both lots and the first draw are known to 0.01, and the rest is what closes them."""
    of = store()
    done = routed(of, everywhere(of, "fifo", CARRY))
    free = np.zeros((6, 4))
    for column, arcs in enumerate([(0, 1), (0, 2, 5), (3, 5), (4,)]):
        free[list(arcs), column] = 1
    free[5, 3] = -1

    def covariance(slope):
        return free @ (0.01**2 * (free.T @ slope))

    # By hand: more n laid down and not drawn 1/3; k in, nothing; a draw more, 1/9 less.
    u = uncertainty(shares(done.graph), [4], covariance, done=done)[0, 2]
    assert u == pytest.approx(0.01 * np.hypot(1 / 3, 1 / 9))


def test_the_stock_of_a_store_has_no_slope_of_its_own():
    done = routed(store(), everywhere(store(), "fifo", CARRY))

    with pytest.raises(InputError) as refusal:
        routed_slopes(done, shares(done.graph), 2)

    assert refusal.value.code == "origin.slope_arc"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_first_order_is_what_simulation_finds(seed):
    """1 % of each mass and 2 % of an assay in common to a third of them; 4,000 draws are good to about 1.1 %."""
    rng = np.random.default_rng(seed)
    of = ledger(rng, lots=8, events=16, most_mg=10**6)
    row = rng.integers(-1, 2, of.mg.size)
    arcs = np.flatnonzero(of.head == OUTSIDE).tolist()
    u = uncertainty(shares(of), arcs, Own(0.01 * of.mg, ((row, 0.02 * of.mg),)))

    common = rng.normal(size=(4000, 2))
    draws = (
        of.mg * (1 + 0.01 * rng.normal(size=of.mg.size) + np.where(row >= 0, 0.02 * common[turn][row], 0))
        for turn in range(4000)
    )
    mean, sd = simulated(of, arcs, draws)

    np.testing.assert_allclose(sd, u, rtol=0.06, atol=1e-12)
    np.testing.assert_allclose(mean, shares(of).of_arcs(np.array(arcs)), atol=1e-3)


def test_of_a_book_the_parts_of_one_assay_are_off_together():
    """Two lots of 6 and 2 t, known to 0.06 and 0.02 t; ore of one assay, so that what it is off by cancels."""
    flows = drawn(
        [Node("holding", "a", lot="A"), Node("holding", "b", lot="B"), Node("process", "blending")],
        [
            Arc("outside", "a", "arising", "A", 6.0, 0.5, 0.06, assay="one"),
            Arc("a", "blending", "process_in", "A", 6.0, 0.5, 0.06, assay="one"),
            Arc("outside", "b", "arising", "B", 2.0, 0.5, 0.02, assay="one"),
            Arc("b", "blending", "process_in", "B", 2.0, 0.5, 0.02, assay="one"),
            Arc("blending", "closing", "closing", "C", 8.0, 0.5, 0.0),
        ],
        {"A": Made(country="PK"), "B": Made(country="CN")},
    )
    built = mass_graph(flows, "Sb")
    covariance = of_flows(built.graph, flows.element("Sb"))
    arc = int(built.arc[4])
    found = shares(built.graph)

    # Of 3 and 1 t of antimony: 3/16 * 0.01, and 1 % of each mass, hence hypot(1, 1) * 3/16 * 0.01.
    assert uncertainty(found, [arc], covariance)[0].max() == pytest.approx(np.sqrt(2) * 3 / 16 * 0.01)
    apart = covariance._replace(shared=())
    assert uncertainty(found, [arc], apart)[0].max() == pytest.approx(np.sqrt(2) * 3 / 16 * 0.01)


@pytest.mark.parametrize("arc", [-1, 4])
def test_an_arc_that_there_is_not_is_refused(arc):
    with pytest.raises(InputError) as refusal:
        slopes(shares(separation()), arc)

    assert refusal.value.code == "origin.slope_arc"


def test_slopes_need_an_order_of_time():
    with pytest.raises(InputError) as refusal:
        slopes(shares(two_way_trade()), 1)

    assert refusal.value.code == "origin.slope_cyclic"


def test_one_draw_has_no_standard_deviation():
    with pytest.raises(InputError) as refusal:
        simulated(separation(), [2], [separation().mg.astype(float)])

    assert refusal.value.code == "origin.draws"
