"""The sweep is never inside the exact bounds, and not far outside."""

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.origin.bounds import Bounds
from lodeline.origin.graph import OUTSIDE, UNTRACED
from lodeline.origin.sweep import sweep
from tests.origin.ledgers import ORIGINS, K, graph, ledger, separation, store, two_way_trade


def test_it_is_exact_for_one_separation_and_for_a_store():
    """Hand cases 1 and 2."""
    one, two = sweep(Bounds(separation()), {K}), sweep(Bounds(store()), {K})

    assert (one.least[2:].tolist(), one.most[2:].tolist()) == ([2, 0], [3, 1])
    assert (one.node_least.tolist(), one.node_most.tolist()) == ([3], [3])
    assert (two.least[[1, 4]].tolist(), two.most[[1, 4]].tolist()) == ([0, 2], [0, 3])


def test_it_is_wider_where_metal_parts_and_meets_again():
    """By hand: k 1 + n 1 part into 1 and 1 and meet: the exact most is 1, the sweep counts k on both ways."""
    bounds = Bounds(graph(2, (OUTSIDE, 0, 1, 1), (OUTSIDE, 0, 1, 2), (0, 1, 1, -1), (0, 1, 1, -1), (1, OUTSIDE, 2, -1)))

    assert bounds.arc(4, {K}).most == 1
    assert sweep(bounds, {K}).most[4] == 2


def test_it_is_never_inside_the_exact_bounds():
    rng = np.random.default_rng(17)
    equal = asked = 0
    for _ in range(300):
        bounds = Bounds(ledger(rng, lots=6, events=10, most_mg=10**12))
        outer = sweep(bounds, {K, ORIGINS[3]})
        exact = [bounds.arc(arc, {K, ORIGINS[3]}) for arc in range(bounds.graph.tail.size)]
        least, most = np.array([one.least for one in exact]), np.array([one.most for one in exact])

        assert (outer.least <= least).all()
        assert (outer.most >= most).all()
        node = int(rng.integers(bounds.graph.nodes))
        assert outer.node_least[node] <= bounds.node(node, {K, ORIGINS[3]}).least
        assert outer.node_most[node] >= bounds.node(node, {K, ORIGINS[3]}).most
        equal += int(((outer.least == least) & (outer.most == most)).sum())
        asked += least.size
    assert equal > 0.8 * asked


def test_circles_are_bounded_soundly():
    """By hand: all of k is bounded as in hand case 8; of others nothing enters, and the circle keeps a phantom of 4."""
    bounds = Bounds(two_way_trade())
    circle = graph(3, (OUTSIDE, 0, 5, 1), (0, 1, 5, -1), (1, 2, 9, -1), (2, 1, 4, -1), (2, OUTSIDE, 5, -1), cyclic=True)

    assert sweep(bounds, {K}).most.tolist() == [5, 10, 5, 5]
    assert sweep(bounds, {K}).node_most.tolist() == [10, 10]
    assert sweep(Bounds(circle), {ORIGINS[2]}).most.tolist() == [0, 0, 4, 4, 4]


def test_untraced_metal_is_no_class():
    with pytest.raises(InputError) as refusal:
        sweep(Bounds(store()), {UNTRACED})

    assert refusal.value.code == "origin.untraced"
