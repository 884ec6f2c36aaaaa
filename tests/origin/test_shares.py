"""Shares by the sweep, by the sparse solve, by a dense inverse and in exact fractions are the same shares."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.origin.graph import OUTSIDE, MassGraph
from lodeline.origin.shares import blocks, labelled, shares
from tests.origin.ledgers import ORIGINS, graph, ledger, separation, store, two_way_trade

seeds = st.integers(0, 2**32 - 1)


def exact(of: MassGraph) -> list[list[Fraction]]:
    """Shares at every node in exact fractions, arc by arc in order of time."""
    held = [[Fraction(0)] * len(of.origins) for _ in range(of.nodes)]
    for node in range(of.nodes):
        for arc in np.flatnonzero(of.head == node).tolist():
            mg, origin, before = int(of.mg[arc]), int(of.origin[arc]), int(of.tail[arc])
            for one in range(len(of.origins)):
                held[node][one] += mg * (Fraction(one == origin) if origin >= 0 else held[before][one])
        total = sum(held[node])
        held[node] = [one / total for one in held[node]]
    return held


def inverse(of: MassGraph) -> np.ndarray:
    """(node, origin) shares by the inverse of I - P, dense."""
    passed, brought = np.zeros((of.nodes, of.nodes)), np.zeros((of.nodes, len(of.origins)))
    for tail, head, mg, origin in zip(of.tail, of.head, of.mg, of.origin, strict=True):
        if head != OUTSIDE and tail != OUTSIDE:
            passed[head, tail] += mg
        elif head != OUTSIDE:
            brought[head, origin] += mg
    total = (passed.sum(axis=1) + brought.sum(axis=1))[:, None]
    return np.linalg.inv(np.eye(of.nodes) - passed / total) @ (brought / total)


def test_a_blend_of_three_and_two_is_three_fifths():
    found = shares(separation())

    np.testing.assert_allclose(found.node, [[0, 0.6, 0.4, 0, 0]])
    np.testing.assert_allclose(found.of_arcs(np.array([0, 2])), [[0, 1, 0, 0, 0], [0, 0.6, 0.4, 0, 0]])
    np.testing.assert_allclose(found.mg_of_arcs(np.array([3])), [[0, 0.6, 0.4, 0, 0]])


def test_what_arrived_later_is_not_in_what_left_earlier():
    """By hand: the first draw is all n; then 1 n and 5 k are 5/6 k."""
    found = shares(store()).of_arcs()

    np.testing.assert_array_equal(found[1], [0, 0, 1, 0, 0])
    np.testing.assert_allclose(found[4], [0, 5 / 6, 1 / 6, 0, 0])


@settings(deadline=None, max_examples=200)
@given(seed=seeds)
def test_the_sweep_equals_exact_fractions_the_sparse_solve_and_the_dense_inverse(seed):
    of = ledger(np.random.default_rng(seed), lots=6, events=12, most_mg=10**9)

    swept = shares(of)

    np.testing.assert_allclose(swept.node, np.array(exact(of), dtype=float), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(shares(of._replace(cyclic=True)).node, swept.node, atol=1e-13)
    np.testing.assert_allclose(inverse(of), swept.node, atol=1e-12)
    np.testing.assert_allclose(swept.of_arcs().sum(axis=1), 1, rtol=0, atol=1e-12)


@settings(deadline=None, max_examples=50)
@given(seed=seeds)
def test_blocks_of_origins_order_of_arcs_and_unit_make_no_difference(seed):
    rng = np.random.default_rng(seed)
    of = ledger(rng, lots=6, events=12, most_mg=1000)
    swept = shares(of).node
    order = rng.permutation(of.mg.size)
    columns = {name: getattr(of, name)[order] for name in ("tail", "head", "mg", "origin", "flow", "own")}

    np.testing.assert_allclose(np.hstack([one.node for one in blocks(of, 2)]), swept, rtol=1e-13)
    np.testing.assert_allclose(shares(of._replace(**columns)).node, swept, rtol=1e-13)
    np.testing.assert_allclose(shares(of._replace(mg=of.mg * 10**6)).node, swept, rtol=1e-13)


@settings(deadline=None, max_examples=50)
@given(seed=seeds)
def test_metal_is_conserved_origin_by_origin(seed):
    of = ledger(np.random.default_rng(seed), lots=6, events=12, most_mg=1000)
    mg = shares(of).mg_of_arcs()

    brought, ended = of.tail == OUTSIDE, of.head == OUTSIDE
    np.testing.assert_allclose(mg[brought].sum(axis=0), mg[ended].sum(axis=0), rtol=1e-12)


def test_a_chain_of_a_hundred_thousand_blends_still_sums_to_one():
    """Each state takes one part in a million of another origin, forty in turn."""
    length, origins = 100_000, 40
    node = np.arange(length)
    of = graph(1, (OUTSIDE, 0, 1, 0), (0, OUTSIDE, 1, -1))._replace(
        nodes=length,
        tail=np.concatenate([node - 1, np.full(length, OUTSIDE), node[-1:]]),
        head=np.concatenate([node, node, [OUTSIDE]]),
        mg=np.concatenate([10**9 + 1000 * node, np.full(length, 1000), [10**9 + 1000 * length]]),
        origin=np.concatenate([np.where(node == 0, 0, -1), node % origins, [-1]]),
        flow=np.full(2 * length + 1, -1),
        own=np.ones(2 * length + 1, dtype=bool),
        origins=tuple(ORIGINS[0]._replace(name=str(one)) for one in range(origins)),
    )
    of.check()

    whole = shares(of).node
    streamed = np.hstack([one.node for one in blocks(of)])

    assert abs(whole.sum(axis=1) - 1).max() < 1e-14
    assert abs(streamed.sum(axis=1) - 1).max() < 1e-12
    # After n states 10^9 + 1000 n are there, of which untraced brought 10^9 and a fortieth of the rest.
    assert whole[-1, 0] == pytest.approx((1e9 + 1000 * length / 40) / (1e9 + 1000 * length), rel=1e-12)


def test_two_way_trade_is_shared_by_the_sparse_solve():
    of = two_way_trade()

    np.testing.assert_allclose(shares(of).node, [[0, 1, 0, 0, 0], [0, 1, 0, 0, 0]], atol=1e-15)


def test_two_countries_that_return_half_to_each_other():
    """A gets 6 of k and 2 from B, B 2 of n and 4 from A: a = (6 + 2 b) / 8 and b = 4 a / 6, so 9/10 and 3/5."""
    of = graph(
        2,
        (OUTSIDE, 0, 6, 1),
        (OUTSIDE, 1, 2, 2),
        (0, 1, 4, -1),
        (1, 0, 2, -1),
        (0, OUTSIDE, 4, -1),
        (1, OUTSIDE, 4, -1),
        cyclic=True,
    )

    np.testing.assert_allclose(shares(of).node[:, 1], [0.9, 0.6])
    np.testing.assert_allclose(inverse(of)[:, 1], [0.9, 0.6])


def test_a_node_that_no_metal_passes_has_no_shares():
    of = separation()._replace(nodes=2)

    assert np.isnan(shares(of).node[1]).all()
    assert np.isnan(shares(of._replace(cyclic=True)).node[1]).all()


def test_a_loop_without_a_source_is_named():
    """0 is fed; 1, 2 and 3 hand the same 7 mg round."""
    of = graph(4, (OUTSIDE, 0, 5, 1), (0, OUTSIDE, 5, -1), (1, 3, 7, -1), (3, 2, 7, -1), (2, 1, 7, -1), cyclic=True)

    with pytest.raises(InputError) as refusal:
        shares(of)

    assert refusal.value.code == "origin.closed_loop"
    loop = refusal.value.where["nodes"]
    assert sorted(loop) == [1, 2, 3]
    assert {(loop[at - 1], loop[at]) for at in range(3)} == {(1, 3), (3, 2), (2, 1)}


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("origin.time", {"tail": np.array([OUTSIDE, OUTSIDE, 0, 1]), "head": np.array([0, 0, OUTSIDE, 0])}),
        ("origin.index", {"head": np.array([0, 9, OUTSIDE, OUTSIDE])}),
        ("origin.mass", {"mg": np.array([3, 2, 0, 1])}),
    ],
)
def test_what_a_sweep_could_not_walk_is_refused(code, change):
    with pytest.raises(InputError) as refusal:
        shares(separation()._replace(nodes=2, **change))

    assert refusal.value.code == code


@pytest.mark.parametrize("cyclic", [False, True])
@pytest.mark.parametrize("label", [np.array([0, -1, -1, -1]), np.array([0, 1, 2, -1]), np.array([0])])
def test_metal_from_outside_that_says_not_what_it_is_is_refused(label, cyclic):
    with pytest.raises(InputError) as refusal:
        labelled(separation()._replace(cyclic=cyclic), label, 2)

    assert refusal.value.code == "origin.label"
