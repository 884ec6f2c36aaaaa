"""What can have reached a place, and where it can have gone."""

import numpy as np

from lodeline.origin.ancestors import ancestors, descendants
from lodeline.origin.bounds import Bounds
from lodeline.origin.graph import OUTSIDE
from tests.origin.ledgers import ledger, store


def test_what_is_laid_down_later_is_no_ancestor_of_what_was_drawn():
    """By hand: the first draw of hand case 2 has node 0 and its deposit; the second has both."""
    net = Bounds(store()).network

    assert ancestors(net, np.array([1])).nodes.tolist() == [0]
    assert ancestors(net, np.array([1])).arcs.tolist() == [0]
    assert sorted(ancestors(net, np.array([4])).nodes.tolist()) == [0, 1]
    assert sorted(ancestors(net, np.array([4])).arcs.tolist()) == [0, 2, 3]
    assert ancestors(net, np.array([0])).nodes.size == 0


def test_they_are_those_of_the_closure_of_the_graph():
    """An independent second route: powers of the adjacency matrix."""
    rng = np.random.default_rng(3)
    for _ in range(100):
        one = ledger(rng, lots=6, events=9)
        net = Bounds(one).network
        inner = (one.tail != OUTSIDE) & (one.head != OUTSIDE)
        reach = np.eye(one.nodes, dtype=np.int64)
        reach[one.tail[inner], one.head[inner]] = 1
        reach = np.linalg.matrix_power(reach, one.nodes) > 0
        arc = int(rng.choice(np.flatnonzero(inner))) if inner.any() else 0
        if not inner.any():
            continue
        before, after = ancestors(net, np.array([arc])), descendants(net, np.array([arc]))

        assert set(before.nodes.tolist()) == set(np.flatnonzero(reach[:, one.tail[arc]]).tolist())
        assert set(after.nodes.tolist()) == set(np.flatnonzero(reach[one.head[arc]]).tolist())
        assert set(before.arcs.tolist()) == set(np.flatnonzero(np.isin(one.head, before.nodes)).tolist())
        assert set(after.arcs.tolist()) == set(np.flatnonzero(np.isin(one.tail, after.nodes)).tolist())
