"""Elimination of nodes gives the mixture that a dense solve gives, and keeps its digits where that loses them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.origin.elimination import eliminated


def test_two_nodes_that_pass_metal_to_each_other():
    """By hand: A has half from outside, half of B; B has all of A. Then B is A, and A is all from outside."""
    passed = np.array([[0.0, 0.5], [1.0, 0.0]])
    brought = np.array([[0.5], [0.0]])

    np.testing.assert_allclose(eliminated(passed, brought, np.array([0.5, 0.0])), [[1.0], [1.0]])


@given(nodes=st.integers(1, 7), seed=st.integers(0, 2**20))
def test_the_mixture_is_that_of_a_dense_solve_and_sums_to_one(nodes: int, seed: int):
    rng = np.random.default_rng(seed)
    parts = rng.random((nodes, nodes + 2)) * (rng.random((nodes, nodes + 2)) < 0.6)
    parts[:, nodes] += 0.01
    parts /= parts.sum(axis=1, keepdims=True)
    passed, brought = parts[:, :nodes], parts[:, nodes:]
    found = eliminated(passed, brought, brought.sum(axis=1))

    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-13)
    np.testing.assert_allclose(found, np.linalg.solve(np.identity(nodes) - passed, brought), atol=1e-12)


def test_no_digit_is_lost_where_metal_goes_round_a_million_million_times():
    """By hand in fractions: of each round 1e-12 comes from outside, two thirds of that of the first label."""
    little = 1e-12
    passed = np.array([[0.0, 1 - little], [1.0, 0.0]])
    brought = np.array([[little * 2 / 3, little / 3], [0.0, 0.0]])
    found = eliminated(passed, brought, np.array([little, 0.0]))

    wanted = float(Fraction(brought[0, 0]) / Fraction(little))
    assert found[0, 0] == pytest.approx(wanted, rel=1e-15)
    assert found[1, 0] == pytest.approx(wanted, rel=1e-15)


def test_what_is_given_stays_as_it_was():
    passed, brought = np.array([[0.25]]), np.array([[0.75]])
    eliminated(passed, brought, np.array([0.75]))

    assert (passed.tolist(), brought.tolist()) == ([[0.25]], [[0.75]])
