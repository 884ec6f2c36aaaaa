"""Where fill explodes conjugate gradients take over, say so, and answer as the factor does."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.metal.reconciliation.balances import System
from lodeline.metal.reconciliation.factor import fill_of
from lodeline.metal.reconciliation.iterative import DESK, ByFactor, ByIteration, conjugate_gradients, solver_of
from lodeline.metal.reconciliation.linear import reconcile_masses
from tests.metal.reconciliation.test_linear import drawn, masses

NO_ROOM = DESK._replace(entries=0)


def test_the_factor_is_counted_before_a_way_is_chosen():
    """A chain of 4 has 3 entries below the diagonal of its factor, whichever end is eliminated first."""
    chain = System(np.array([-1, 0, 1, 2, 3]), np.array([0, 1, 2, 3, -1]), 4)
    v = np.ones(5)

    assert fill_of(chain.matrix(v)) == 3
    assert isinstance(solver_of(chain, v, DESK._replace(entries=3)), ByFactor)
    iterative = solver_of(chain, v, DESK._replace(entries=2))
    assert isinstance(iterative, ByIteration)
    assert "3 entries" in iterative.said
    assert isinstance(solver_of(chain, v, DESK._replace(multiplications=2)), ByIteration)


def test_the_result_says_how_it_was_solved_and_what_that_costs():
    given = drawn(3)

    by_factor, by_iteration = reconcile_masses(given), reconcile_masses(given, NO_ROOM)

    assert (by_factor.method, by_iteration.method) == ("factor", "conjugate gradients")
    assert "for the flows that are asked for" in by_iteration.said
    assert np.isnan(by_iteration.u_kg).all()
    assert not np.isnan(by_factor.u_kg).any()


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), unmeasured=st.floats(0, 0.4))
def test_both_ways_agree(seed, unmeasured):
    given = drawn(seed, unmeasured=unmeasured)
    factor, iteration = reconcile_masses(given), reconcile_masses(given, NO_ROOM)

    np.testing.assert_allclose(iteration.kg, factor.kg, rtol=1e-9)
    np.testing.assert_allclose(iteration.biases.bias, factor.biases.bias, atol=1e-10)
    np.testing.assert_allclose(iteration.biases.bias_u, factor.biases.bias_u, rtol=1e-9)
    np.testing.assert_array_equal(iteration.klass, factor.klass)
    assert iteration.chi2 == pytest.approx(factor.chi2, rel=1e-9, abs=1e-9)
    assert iteration.closure_kg <= 1e-9 * 500
    np.testing.assert_allclose(iteration.u_of(np.arange(40)), factor.u_kg, rtol=1e-7, atol=1e-5)


def test_lots_that_mix_with_everything_close_without_a_factor():
    """2,000 balances, each fed by any five others: a factor would have more than half of all entries there can be."""
    rng = np.random.default_rng(0)
    n = 2_000
    arcs = np.concatenate(
        [np.stack([np.full(n, -1), np.arange(n)], 1), rng.integers(0, n, (5 * n, 2)), [[i, -1] for i in range(n)]]
    )
    given = masses(arcs, rng.uniform(50, 150, len(arcs)), 1.0, balances=n, u_relative=0.01)
    given = given._replace(
        instrument=rng.integers(0, 3, (len(arcs), 1)), prior_u=np.full(3, 0.01), additive=np.zeros(3, bool)
    )

    got = reconcile_masses(given, DESK._replace(entries=100_000))

    assert got.method == "conjugate gradients"
    assert got.closure_kg < 1e-9 * 150


def test_columns_of_many_sizes_walk_together():
    matrix = sp.csr_matrix(sp.diags([-1.0, 2.1, -1.0], [-1, 0, 1], shape=(50, 50)))
    right = np.random.default_rng(1).normal(size=(50, 3)) * np.array([1e-9, 1.0, 1e9])
    right[:, 0] = 0

    found = conjugate_gradients(lambda x: matrix @ x, lambda x: x / 2.1, right, 1e-13, 200)

    np.testing.assert_allclose(matrix @ found.x, right, atol=1e-3)
    np.testing.assert_array_equal(found.x[:, 0], 0)
    assert found.iterations <= 100


def test_not_arriving_is_refused_with_what_is_left():
    with pytest.raises(InputError) as refusal:
        reconcile_masses(drawn(5), NO_ROOM._replace(iterations=1))

    assert refusal.value.code == "iterative.not_converged"
    assert refusal.value.where["left"] > DESK.accuracy
