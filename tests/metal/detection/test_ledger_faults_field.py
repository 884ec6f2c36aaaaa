"""The field of a problem: what a fault would do to it, against solving it anew with the fault as an unknown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from lodeline.metal.detection.faults.field import Direction, Field, Left
from lodeline.metal.detection.faults.series import listed
from lodeline.metal.reconciliation.model import Correlation, Model, Terms
from lodeline.metal.reconciliation.solving import solve
from tests.metal.detection.faulty_books import book, events_of, sound

STREAMS = 6
"""Two nodes: 0 = 1 + 2, and 2 + 3 = 4; stream 5 is by itself, and nobody checks it."""


def network(value: np.ndarray, u: np.ndarray, faults: int = 0) -> Model:
    """Every stream measured once, the first twice; with room for the sizes of faults."""
    rows: list[list[tuple[float, int]]] = [[(1.0, stream)] for stream in range(STREAMS)]
    rows.append([(1.0, 0)])
    constraints: list[list[tuple[float, int]]] = [
        [(1.0, 0), (-1.0, 1), (-1.0, 2)],
        [(1.0, 2), (1.0, 3), (-1.0, 4)],
    ]
    size = STREAMS + faults
    return Model(
        start=np.zeros(size),
        scale=np.ones(size),
        value=value,
        u=u,
        terms=Terms.of(rows),
        correlation=Correlation.none(),
        constant=np.zeros(2),
        constraint_terms=Terms.of(constraints),
        lower=np.full(size, -np.inf),
        upper=np.full(size, np.inf),
        pairs=np.zeros((0, 2), dtype=np.int64),
    )


def with_faults(model: Model, directions: list[Direction]) -> Model:
    """The same with their sizes as unknowns, written down another way than the search does."""
    terms, constraints = [list(column) for column in model.terms], [list(column) for column in model.constraint_terms]
    for number, one in enumerate(directions):
        for columns, rows, numbers, sign in (
            (terms, one.rows, one.shift, 1.0),
            (constraints, one.balances, one.leak, -1.0),
        ):
            for row, amount in zip(rows, numbers, strict=True):
                for column, cell in zip(columns, (row, sign * amount, STREAMS + number, -1), strict=True):
                    column.append(cell)
    made = [
        Terms(
            np.array(columns[0], dtype=np.int64),
            np.array(columns[1], dtype=np.float64),
            np.array(columns[2], dtype=np.int64),
            np.array(columns[3], dtype=np.int64),
        )
        for columns in (terms, constraints)
    ]
    return model._replace(terms=made[0], constraint_terms=made[1])


READING = Direction.of_readings(np.array([1]), np.array([1.0]))
LEAK = Direction.of_leak(np.array([0]), np.array([1.0]))
SCALE = Direction.of_readings(np.array([0, 3]), np.array([2.0, 1.0]))
BOTH = Direction(np.array([3]), np.array([-1.0]), np.array([0, 1]), np.array([1.0, -1.0]))
seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.normal(10, 2, STREAMS + 1), generator.uniform(0.5, 2.0, STREAMS + 1)


@settings(deadline=None)
@given(seed=seeds, which=st.sampled_from([READING, LEAK, SCALE, BOTH]))
def test_the_square_of_t_is_by_how_much_chi2_falls_if_the_size_is_an_unknown(seed, which):
    value, u = drawn(seed)
    field = Field(network(value, u), np.zeros(STREAMS))
    left = Left(field, [], [])

    square = left.seen(which) ** 2 / left.weight(which, float(field.weights([which])[0]))

    fell = solve(network(value, u)).chi2 - solve(with_faults(network(value, u, 1), [which])).chi2
    assert square == pytest.approx(fell, abs=1e-6)


@settings(deadline=None)
@given(seed=seeds)
def test_what_is_left_beside_one_fault_is_what_a_new_solve_with_its_size_leaves(seed):
    value, u = drawn(seed)
    field = Field(network(value, u), np.zeros(STREAMS))

    left = Left(field, [SCALE], field.columns([SCALE]))

    again = solve(with_faults(network(value, u, 1), [SCALE]))
    np.testing.assert_allclose(left.white, again.white, atol=1e-6)
    np.testing.assert_allclose(left.multiplier, again.multiplier, atol=1e-6)
    np.testing.assert_allclose(left.kept, again.checked_part, atol=1e-4)
    np.testing.assert_allclose(left.multiplier_weight, again.multiplier_u**2, atol=1e-4)


def test_a_direction_that_is_explained_already_is_told():
    value, u = drawn(1)
    field = Field(network(value, u), np.zeros(STREAMS))
    twice = SCALE._replace(shift=3 * SCALE.shift)

    left = Left(field, [SCALE, twice], field.columns([SCALE, twice]))

    assert left.lost == [1]
    assert left.weight(twice, float(field.weights([twice])[0])) == 0


def test_a_reading_that_nobody_checks_keeps_nothing():
    value, u = drawn(2)

    assert Field(network(value, u), np.zeros(STREAMS)).kept[5] == pytest.approx(0, abs=1e-6)


def test_a_form_is_what_columns_say_of_its_directions():
    value, u = drawn(3)
    field = Field(network(value, u), np.zeros(STREAMS))
    directions = [SCALE, READING]
    weight = sparse.csc_array(np.zeros((STREAMS + 1, 2))).tolil()
    for place, one in enumerate(directions):
        weight[one.rows, place] = field.whitened(one)

    form = field.form(sparse.csc_array(weight))

    columns = field.columns(directions)
    np.testing.assert_allclose(form, [[field.product(one, two) for one in directions] for two in columns], atol=1e-4)


def test_draws_vary_as_the_form_says():
    value, u = drawn(4)
    field = Field(network(value, u), np.zeros(STREAMS))

    draws = np.concatenate(list(field.drawn(20_000, np.random.default_rng(4))), axis=1)

    assert draws.shape == (STREAMS + 1, 20_000)
    everything = field.form(sparse.csc_array(np.eye(STREAMS + 1)))
    np.testing.assert_allclose(draws @ draws.T / 20_000, everything, atol=0.05)


def test_in_a_book_t_of_each_reading_is_its_residual_over_its_own_deviation():
    reconciled, _ = book(events_of(sound(1, 12)))
    solution, readings = reconciled.solution, listed(reconciled.ledger).observation

    field = Field(reconciled.ledger.model, solution.x)

    checked = readings[solution.residual_u[readings] > 0.01 * solution.model.u[readings]]
    assert checked.size > 40
    statistic = field.white[checked] / np.sqrt(field.kept[checked])
    np.testing.assert_allclose(statistic, (solution.residual / solution.residual_u)[checked], atol=1e-4)
