"""Bounds between limits: the half kilogram, exact masses again, and every whole book between the limits inside."""

import numpy as np
import pytest
from scipy.optimize import linprog

from lodeline.errors import InputError
from lodeline.origin.bounds import Bounds
from lodeline.origin.graph import OUTSIDE
from lodeline.origin.interval_program import exact
from lodeline.origin.intervals import Intervals, outer
from tests.origin.ledgers import ORIGINS, K, enumerated, ledger

KG = 1_000_000


def half_kilogram():
    """Hand case 6: tail, head, least and most kg; K and N from outside into nodes 3 to 6, numbered 0 to 3."""
    rows = [
        (OUTSIDE, 1, 0, 1, 1), (OUTSIDE, 1, 1, 1, 2), (OUTSIDE, 0, 0, 1, 2), (0, 2, 0, 1, -1), (0, 3, 0, 1, -1),
        (1, 2, 1, 1, -1), (1, 3, 0, 1, -1), (2, 3, 0, 1, -1), (3, OUTSIDE, 0, 1, -1), (2, OUTSIDE, 0, 2, -1),
    ]  # fmt: skip
    tail, head, low, high, origin = (np.array(column) for column in zip(*rows, strict=True))
    return Intervals("Sb", 4, tail, head, low * KG, high * KG, origin, ORIGINS)


def test_whole_limits_have_half_a_kilogram_as_their_answer_and_one_flow_says_one():
    """Hand case 6, the arc from 5 to 6."""
    found = exact(half_kilogram(), 7, {K})

    assert (found.exact, found.least_mg) == (True, pytest.approx(0, abs=1))
    assert found.most_mg == pytest.approx(0.5 * KG)
    assert outer(half_kilogram(), 7, {K})[:2] == (0, KG)
    assert not outer(half_kilogram(), 7, {K}).exact


def test_without_room_between_limits_it_is_the_bound_of_exact_masses():
    rng = np.random.default_rng(53)
    for _ in range(60):
        one = ledger(rng, lots=5, events=8, most_mg=1000)
        arc = int(rng.integers(one.tail.size))
        bound = Bounds(one).arc(arc, {K, ORIGINS[2]})
        found = exact(Intervals.of(one), arc, {K, ORIGINS[2]}, shares=True)

        np.testing.assert_allclose(found[:2], (bound.least, bound.most), atol=1e-4)
        np.testing.assert_allclose(found[2:4], bound.share, atol=1e-7)
        assert outer(Intervals.of(one), arc, {K, ORIGINS[2]})[:2] == (bound.least, bound.most)


def loosened(rng, one):
    """A book and limits around its masses."""
    span = rng.integers(0, 3, size=(2, one.mg.size))
    return Intervals.of(one, np.maximum(one.mg - span[0], 0), one.mg + span[1])


def two_layers(of, arc, members, sign):
    """An independent second route: the program as theory writes it, both layers on all arcs, by SciPy."""
    arcs, node = of.tail.size, np.arange(of.nodes)[:, None]
    balance = (of.head == node).astype(float) - (of.tail == node)
    nothing = np.zeros_like(balance)
    source, k = of.tail == OUTSIDE, np.isin(of.origin, list(members))
    upper = np.tile(of.high.astype(float), 2)
    upper[:arcs][source & ~k] = 0
    upper[arcs:][source & k] = 0
    both = np.hstack([np.eye(arcs), np.eye(arcs)])
    cost = np.zeros(2 * arcs)
    cost[arc] = -sign
    found = linprog(
        cost,
        A_ub=np.vstack([both, -both]),
        b_ub=np.concatenate([of.high, -of.low]),
        A_eq=np.block([[balance, nothing], [nothing, balance]]),
        b_eq=np.zeros(2 * of.nodes),
        bounds=[(0, one) for one in upper],
    )
    return -sign * found.fun


def test_it_is_what_both_layers_on_all_arcs_say_and_the_outer_bound_is_outside():
    rng = np.random.default_rng(59)
    loose = 0
    for _ in range(120):
        one = ledger(rng, lots=4, events=6)
        of, arc = loosened(rng, one), int(rng.integers(one.tail.size))
        found, wide = exact(of, arc, {K, ORIGINS[2]}), outer(of, arc, {K, ORIGINS[2]})

        assert found.most_mg == pytest.approx(two_layers(of, arc, {0, 1, 2}, 1), abs=1e-5)
        assert found.least_mg == pytest.approx(two_layers(of, arc, {1, 2}, -1), abs=1e-5)
        assert wide.least_mg <= found.least_mg + 1e-5
        assert wide.most_mg >= found.most_mg - 1e-5
        loose += wide.most_mg > found.most_mg + 0.1
    assert loose < 60


def test_every_book_between_the_limits_lies_inside():
    rng = np.random.default_rng(61)
    for _ in range(60):
        one = ledger(rng, lots=4, events=6)
        of, arc = loosened(rng, one), int(rng.integers(one.tail.size))
        found = exact(of, arc, {K}, shares=True)
        least, _ = enumerated(one, {1})
        _, most = enumerated(one, {0, 1})

        assert found.least_mg <= least[arc] + 1e-5
        assert found.most_mg >= most[arc] - 1e-5
        if found.most_share is not None:
            assert found.least_share <= least[arc] / one.mg[arc] + 1e-7
            assert found.most_share >= most[arc] / one.mg[arc] - 1e-7


def test_a_share_is_no_quotient_of_two_bounds():
    """By hand: k 1 to 2 and n 1 lie together: k is 1/2 to 2/3 of it, and not 1/3 to 1."""
    of = Intervals(
        "Sb", 1, np.array([OUTSIDE, OUTSIDE, 0]), np.array([0, 0, OUTSIDE]), np.array([1, 1, 1]) * KG,
        np.array([2, 1, 9]) * KG, np.array([1, 2, -1]), ORIGINS,
    )  # fmt: skip

    assert exact(of, 2, {K}, shares=True) == (
        pytest.approx(KG), pytest.approx(2 * KG), pytest.approx(1 / 2), pytest.approx(2 / 3), True
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("origin.limits", {"low": np.array([2, 1, 1]), "high": np.array([1, 1, 1])}),
        ("origin.limits", {"low": np.array([5, 1, 1]), "high": np.array([5, 1, 1])}),
        ("origin.shape", {"low": np.array([1, 1])}),
        ("origin.too_large", {"high": np.array([1, 1, 2**62])}),
        ("origin.index", {}),
    ],
)
def test_limits_between_which_nothing_lies_are_refused(code, change):
    tail, head, ones = np.array([OUTSIDE, OUTSIDE, 0]), np.array([0, 0, OUTSIDE]), np.array([1, 1, 2])
    of = Intervals("Sb", 1, tail, head, ones, ones, np.array([1, 2, -1]), ORIGINS)._replace(**change)
    for ask in (exact, outer):
        with pytest.raises(InputError) as refusal:
            ask(of, 2 if change else 3, {K})
        assert refusal.value.code == code


def test_limits_that_only_the_program_finds_empty_are_refused_too():
    """By hand: 10 part into three ways of up to 10 each and come together as 12: every node alone is content."""
    ways = [(0, one, 0, 10, -1) for one in (1, 2, 3)] + [(one, 4, 0, 10, -1) for one in (1, 2, 3)]
    rows = [(OUTSIDE, 0, 10, 10, 1), *ways, (4, OUTSIDE, 12, 12, -1)]
    of = Intervals("Sb", 5, *(np.array(column) for column in zip(*rows, strict=True)), ORIGINS)
    with pytest.raises(InputError) as refusal:
        exact(of, 7, {K})

    assert refusal.value.code == "origin.not_solved"
