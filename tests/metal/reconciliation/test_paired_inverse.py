"""Variances of a large problem by the recursion over its factor, against one solution for each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from lodeline.errors import InputError
from lodeline.metal.reconciliation.factor import Factor
from lodeline.metal.reconciliation.paired_inverse import PairedInverse
from lodeline.metal.reconciliation.sparse_step import HOLD_COVARIANCE, SparseStep

NO_PAIRS = np.zeros((0, 2), np.int64)


def heap(states: int, weighed: float) -> tuple[sparse.csr_array, sparse.csr_array]:
    """A heap that takes in one load a state, of which half are weighed, and gives up all it has at the end.

    Variables are the loads, the states of the heap, and what leaves it; a state is never weighed.
    """
    variables = 2 * states
    balance = sparse.lil_array((states, variables))
    for state in range(states):
        balance[state, state] = 1.0
        balance[state, states + state] = -1.0
        if state:
            balance[state, states + state - 1] = 1.0
    rows = [*range(0, states, 2), variables - 1]
    weight = sparse.csr_array((np.full(len(rows), weighed), (np.arange(len(rows)), rows)), shape=(len(rows), variables))
    return weight, sparse.csr_array(balance / np.sqrt(3.0))


def test_by_hand_a_pair_alone() -> None:
    """[[4, 2], [2, -1]] has the inverse [[1/8, 1/4], [1/4, -1/2]]."""
    factor = Factor(sparse.csc_array(np.array([[4.0, 2.0], [2.0, -1.0]])), np.array([0, 1]))
    found = PairedInverse(factor, np.array([0]), np.array([1]))

    np.testing.assert_allclose(found.diagonal, [1 / 8, -1 / 2])
    np.testing.assert_allclose(found.at(np.array([0, 1]), np.array([1, 0])), [1 / 4, 1 / 4])


def test_an_entry_off_the_pattern_is_refused() -> None:
    factor = Factor(sparse.csc_array(np.diag([1.0, 2.0, 4.0])))
    found = PairedInverse(factor, np.zeros(0, np.int64), np.zeros(0, np.int64))

    np.testing.assert_allclose(found.at(np.array([2]), np.array([2])), [1 / 4])
    with pytest.raises(InputError, match=r"factor\.off_pattern"):
        found.at(np.array([0]), np.array([2]))


@given(st.integers(2, 40), st.floats(1.0, 1e4))
@settings(deadline=None, max_examples=40)
def test_variances_where_most_is_unmeasured_are_those_of_single_solutions(states: int, weighed: float) -> None:
    jacobian, constraints = heap(states, weighed)
    step = SparseStep(jacobian, constraints, NO_PAIRS, hold=HOLD_COVARIANCE)
    whole = step.covariance_times(np.eye(2 * states))

    np.testing.assert_allclose(step.variances(), np.diag(whole), rtol=1e-6, atol=1e-9)


@given(st.integers(0, 10_000), st.integers(2, 25), st.integers(1, 8))
@settings(deadline=None, max_examples=60)
def test_variances_and_covariances_of_drawn_balances(seed: int, flows: int, nodes: int) -> None:
    """Flows between nodes and the outside, some measured, and some of which two were read together.

    To three digits: a node that one flow alone passes has a multiplier that rounding makes 1e13 large.
    """
    generator = np.random.default_rng(seed)
    flows += nodes
    tail, head = generator.integers(-1, nodes, (2, flows))
    tail[:nodes], head[:nodes] = np.arange(nodes), -1  # every node has a way out
    balance = np.zeros((nodes + 1, flows))
    balance[head, np.arange(flows)] += 1.0
    balance[tail, np.arange(flows)] -= 1.0
    constraints = sparse.csr_array(balance[:-1])
    both = generator.integers(0, flows, (2, flows))
    of = np.zeros((flows, flows))
    of[np.arange(flows), both] = generator.uniform(1.0, 100.0, (2, flows))
    jacobian = sparse.csr_array(of[generator.random(flows) < 0.6])
    step = SparseStep(jacobian, constraints, NO_PAIRS)
    whole = step.covariance_times(np.eye(flows))
    size = np.abs(whole).max(initial=1.0)

    np.testing.assert_allclose(step.variances(), np.diag(whole), rtol=1e-3, atol=1e-6 * size)
    first, second = (part.astype(np.int64) for part in (jacobian.T @ jacobian).nonzero())
    np.testing.assert_allclose(step.covariances(first, second), whole[first, second], rtol=1e-3, atol=1e-6 * size)
