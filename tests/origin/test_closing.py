"""Kilograms become whole milligrams that close, and what does not close in the book stays a gap."""

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.origin.closing import closed
from tests.origin.ledgers import ledger


def of(*arcs, nodes, slack_kg=1e-9):
    tail, head = (np.array([one[place] for one in arcs], dtype=np.int64) for place in (0, 1))
    return closed(tail, head, np.array([one[2] for one in arcs]), nodes, slack_kg=np.full(nodes, slack_kg))


def test_a_third_three_times_is_one():
    """By hand: 1 kg in, three thirds out; rounding loses a milligram, and the heaviest arc, the first, gives it up."""
    found = of((-1, 0, 1.0), (0, -1, 1 / 3), (0, -1, 1 / 3), (0, -1, 1 / 3), nodes=1)

    assert found.mg.tolist() == [999_999, 333_333, 333_333, 333_333]
    assert (found.gap.tolist(), found.moved) == ([0], 1)


def test_what_is_missing_in_the_book_is_a_gap_and_not_spread():
    """By hand: of 5 kg in 4 go on, so that 1 is missing; of 4 in 4.5 go out, half a kilogram of nobody knows what."""
    found = of((-1, 0, 5.0), (0, 1, 4.0), (1, -1, 4.5), nodes=2)

    assert found.mg.tolist() == [5_000_000, 4_000_000, 4_500_000]
    assert found.gap.tolist() == [1_000_000, -500_000]


def test_what_is_allowed_as_rounding_is_spread():
    found = of((-1, 0, 5.0), (0, -1, 4.9999), nodes=1, slack_kg=0.001)

    assert found.mg.tolist() == [4_999_900, 4_999_900]
    assert (found.gap.tolist(), found.moved) == ([0], 100)


def test_an_arc_lighter_than_what_is_moved_carries_nothing_and_the_rest_is_a_gap():
    """By hand: node 0 has only arcs of a milligram, and is short of two."""
    found = of((-1, 0, 1e-6), (0, -1, 1e-6), (0, -1, 1e-6), (0, -1, 1e-6), nodes=1, slack_kg=1e-5)

    assert (found.mg >= 0).all()
    assert found.gap.tolist() == [int(found.mg[0] - found.mg[1:].sum())]


@pytest.mark.parametrize("kg", [-1.0, np.nan, np.inf, 1e13])
def test_what_is_no_mass_is_refused(kg):
    with pytest.raises(InputError) as refusal:
        of((-1, 0, kg), (0, -1, 1.0), nodes=1)

    assert refusal.value.code == "origin.closing"


def test_random_books_close_exactly_and_hardly_move():
    """Any book whose masses are multiplied by something irrational closes again, within some milligrams."""
    rng = np.random.default_rng(23)
    for _ in range(200):
        one = ledger(rng, lots=20, events=60, most_mg=1000)
        kg = one.mg * np.pi
        found = closed(one.tail, one.head, kg, one.nodes, slack_kg=np.full(one.nodes, 1e-6))

        assert not found.gap.any()
        assert not one._replace(mg=found.mg).open_mg().any()
        assert np.abs(found.mg - kg * 1e6).max() < 20


def test_the_order_of_arcs_changes_no_closure():
    rng = np.random.default_rng(29)
    one = ledger(rng, lots=20, events=60, most_mg=1000)
    order = rng.permutation(one.mg.size)
    for place in (slice(None), order):
        found = closed(
            one.tail[place], one.head[place], one.mg[place] / 7, one.nodes, slack_kg=np.full(one.nodes, 1e-6)
        )
        assert not found.gap.any()
