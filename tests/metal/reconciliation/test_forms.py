"""Quadratic forms of a factored matrix equal those of its dense inverse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from lodeline.metal.reconciliation.factor import Factor
from lodeline.metal.reconciliation.forms import form


def quasi_definite(size: int, rows: int, generator: np.random.Generator) -> sparse.csc_array:
    """``[[H, G'], [G, -d]]`` with few entries."""
    some = sparse.random_array((size, size), density=0.1, rng=generator)
    constraints = sparse.random_array((rows, size), density=0.2, rng=generator)
    above = some @ some.T + sparse.eye_array(size)
    return sparse.csc_array(sparse.block_array([[above, constraints.T], [constraints, -0.1 * sparse.eye_array(rows)]]))


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), columns=st.integers(1, 40))
def test_a_form_is_that_of_the_dense_inverse(seed, columns):
    generator = np.random.default_rng(seed)
    matrix = quasi_definite(20, 6, generator)
    right = sparse.csc_array(sparse.random_array((26, columns), density=0.1, rng=generator))

    got = form(Factor(matrix), right)

    np.testing.assert_allclose(got, right.T @ np.linalg.inv(matrix.toarray()) @ right.toarray(), atol=1e-10)


def test_a_diagonal_by_hand():
    """Of 2 and 4 on the diagonal: 1/2 and 1/4, and nothing between them."""
    got = form(Factor(sparse.csc_array(np.diag([2.0, 4.0]))), sparse.csc_array(np.eye(2)))

    assert got.tolist() == [[0.5, 0.0], [0.0, 0.25]]


@pytest.mark.parametrize("columns", [1, 3])
def test_columns_without_an_entry_come_to_nothing(columns):
    assert (
        form(Factor(sparse.csc_array(np.eye(2))), sparse.csc_array((2, columns))).tolist()
        == [[0.0] * columns] * columns
    )
