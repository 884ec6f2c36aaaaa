"""Maximum flow: right beyond what SciPy can count, equal to a linear program, and shown by a cut nearest the target."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from lodeline.errors import InputError
from lodeline.origin.graph import OUTSIDE
from lodeline.origin.maxflow import LIMIT, max_flow, network


def arcs(*rows):
    """Tail, head and capacity."""
    return (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))


def between(nodes, rows, source, target):
    tail, head, capacity = arcs(*rows)
    flags = np.zeros((2, tail.size), dtype=bool)
    flags[0, source], flags[1, target] = True, True
    return max_flow(network(tail, head, capacity, nodes), *flags), flags


@pytest.mark.parametrize("mg", [1, 2**31 - 1, 2**31, 3 * 10**9, 10**15, 2**61])
def test_two_roads_carry_what_both_can_however_much(mg):
    rows = [(OUTSIDE, 0, mg), (0, 1, mg // 2), (0, 1, mg // 4), (1, OUTSIDE, mg)]

    found, _ = between(2, rows, [0], [3])

    assert found.value == mg // 2 + mg // 4


def test_scipy_is_silently_wrong_where_ours_is_not():
    """Why there is a flow of our own: 3,000 kg in milligrams."""
    through = csr_array(np.array([[0, 3 * 10**9], [0, 0]], dtype=np.int64))

    assert maximum_flow(through, 0, 1).flow_value == 0


def test_what_sums_to_too_much_is_refused():
    with pytest.raises(InputError) as refusal:
        between(1, [(OUTSIDE, 0, LIMIT), (0, OUTSIDE, LIMIT)], [0], [1])

    assert refusal.value.code == "origin.too_large"


def test_flow_that_took_the_wrong_road_is_taken_back():
    """By hand: the short road 0-1-3 must be given up for 0-2-3 and 4-1-3."""
    rows = [(OUTSIDE, 0, 1), (OUTSIDE, 4, 1), (0, 1, 1), (0, 2, 1), (2, 5, 1), (5, 3, 1), (4, 6, 1), (6, 1, 1)]
    rows += [(1, 3, 1), (3, OUTSIDE, 2)]

    found, _ = between(7, rows, [0, 1], [9])

    assert found.value == 2


def test_the_cut_is_the_one_nearest_the_target():
    """By hand: every arc of a chain is full; only the last is the cut, and nothing is on the target's side."""
    chain = [(OUTSIDE, 0, 2), (0, 1, 2), (1, OUTSIDE, 2)]
    wider = [(OUTSIDE, 0, 2), (0, 1, 2), (OUTSIDE, 1, 1), (1, OUTSIDE, 3)]

    assert not between(2, chain, [0], [2])[0].near.any()
    assert between(2, wider, [0], [3])[0].near.tolist() == [False, True]


def test_the_target_may_be_where_metal_enters():
    found, _ = between(1, [(OUTSIDE, 0, 2), (OUTSIDE, 0, 3), (0, OUTSIDE, 5)], [0], [0, 1])

    assert (found.value, found.on.tolist()) == (2, [2, 0, 0])


@st.composite
def networks(draw):
    """Any arcs between up to six nodes, circles and all, from two outside to one that ends."""
    nodes = draw(st.integers(1, 6))
    node, mg = st.integers(0, nodes - 1), st.integers(0, 9)
    inner = draw(st.lists(st.tuples(node, node, mg), max_size=16))
    entering = draw(st.lists(st.tuples(st.just(OUTSIDE), node, mg), min_size=1, max_size=3))
    ending = (draw(node), OUTSIDE, draw(mg))
    return nodes, [*entering, *inner, ending], list(range(len(entering))), [len(entering) + len(inner)]


@given(networks(), st.integers(1, 2**55))
def test_it_is_what_a_linear_program_says_and_the_cut_proves_it(of, unit):
    nodes, rows, source, target = of
    rows = [(tail, head, mg * unit) for tail, head, mg in rows]
    found, flags = between(nodes, rows, source, target)
    tail, head, capacity = arcs(*rows)

    at = np.arange(nodes)[:, None]
    balance = (head == at).astype(float) - (tail == at)  # (node, arc)
    program = linprog(
        -flags[1].astype(float),
        A_eq=balance,
        b_eq=np.zeros(nodes),
        bounds=[(0, mg // unit) for mg in capacity.tolist()],
    )
    assert found.value == round(-program.fun) * unit

    assert ((found.on >= 0) & (found.on <= capacity)).all()
    net = np.zeros(nodes, dtype=np.int64)
    np.add.at(net, head[head >= 0], found.on[head >= 0])
    np.subtract.at(net, tail[tail >= 0], found.on[tail >= 0])
    assert not net.any()
    assert found.value == found.on[target].sum() == found.on[source].sum()

    far = np.append(~found.near, True)  # the last stands for outside
    near_target = np.append(found.near, False)
    across = far[tail] & near_target[head] & (flags[0] | (tail >= 0))
    ends = flags[1] & far[tail]
    assert found.value == capacity[across].sum() + capacity[ends].sum()
