"""Where metal went, and the way it came: both directions tell of the same kilograms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.origin.destinations import destinations
from lodeline.origin.graph import OUTSIDE, MassGraph
from lodeline.origin.mixing import everywhere, routed
from lodeline.origin.path import onward, way
from lodeline.origin.shares import shares
from tests.origin.ledgers import graph, ledger, separation, store

seeds = st.integers(0, 2**32 - 1)


def each_its_own(of: MassGraph) -> tuple[np.ndarray, int]:
    """(arc,) every end for itself, and how many there are."""
    end = np.full(of.mg.size, -1)
    ends = np.flatnonzero(of.head == OUTSIDE)
    end[ends] = np.arange(ends.size)
    return end, ends.size


def cut(of: MassGraph, arc: int) -> MassGraph:
    """The graph in which what an arc carries ends, and comes anew from an origin of its own."""
    origin = len(of.origins)
    return of._replace(
        tail=np.append(of.tail, OUTSIDE),
        head=np.append(np.where(np.arange(of.mg.size) == arc, OUTSIDE, of.head), of.head[arc]),
        mg=np.append(of.mg, of.mg[arc]),
        origin=np.append(of.origin, origin),
        flow=np.append(of.flow, -1),
        own=np.append(of.own, True),
        origins=(*of.origins, of.origins[0]._replace(name="asked")),
    )


def test_three_of_k_are_four_fifths_product_and_a_fifth_tailings():
    found = destinations(separation(), np.array([-1, -1, 0, 1]), 2)

    np.testing.assert_allclose(found.of_origin(1), [2.4, 0.6])
    np.testing.assert_allclose(found.of_arcs(np.array([0, 3])), [[0.8, 0.2], [0, 1]])


@settings(deadline=None, max_examples=100)
@given(seed=seeds)
def test_both_directions_agree_on_what_of_an_origin_ended_where(seed):
    of = ledger(np.random.default_rng(seed), lots=6, events=12, most_mg=1000)
    end, ends = each_its_own(of)

    back = destinations(of, end, ends)
    forth = shares(of).mg_of_arcs(np.flatnonzero(of.head == OUTSIDE))

    for origin in range(len(of.origins)):
        np.testing.assert_allclose(back.of_origin(origin), forth[:, origin], rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(back.node.sum(axis=1), 1, rtol=0, atol=1e-12)
    np.testing.assert_allclose(destinations(of._replace(cyclic=True), end, ends).node, back.node, atol=1e-12)


@settings(deadline=None, max_examples=60)
@given(seed=seeds)
def test_metal_of_one_arc_is_found_where_it_is_as_an_origin_of_its_own(seed):
    rng = np.random.default_rng(seed)
    of = ledger(rng, lots=5, events=10, most_mg=1000)
    arc = int(rng.choice(np.flatnonzero(of.head != OUTSIDE)))
    end, ends = each_its_own(of)
    marked = cut(of, arc)

    by_end = shares(marked).mg_of_arcs(np.flatnonzero(of.head == OUTSIDE))[:, -1]

    np.testing.assert_allclose(destinations(of, end, ends).of_arcs(np.array([arc]))[0] * of.mg[arc], by_end, rtol=1e-11)


def test_what_went_from_a_store_whose_oldest_goes_first():
    """By hand: of 5 k laid on 1 n, 2 are in the draw of 3 and 3 stay."""
    done = routed(store(), everywhere(store(), "fifo", np.array([False, False, True, False, False, False])))
    end = np.full(done.graph.mg.size, -1)
    end[done.arc[[1, 4, 5]]] = [0, 1, 2]

    np.testing.assert_allclose(destinations(done.graph, end, 3).of_origin(1), [0, 2, 3])


@pytest.mark.parametrize("end", [np.array([-1, -1, 0, -1]), np.array([0, -1, 0, 1]), np.array([-1, -1, 0, 2])])
def test_ends_that_are_not_all_told_are_refused(end):
    with pytest.raises(InputError) as refusal:
        destinations(separation(), end, 2)

    assert refusal.value.code == "origin.end"


def chain() -> MassGraph:
    """k 6 and n 2 make 8, of which 4 are drawn; on these n 1 is laid, and the 5 are held."""
    return graph(
        2,
        (OUTSIDE, 0, 6, 1),
        (OUTSIDE, 0, 2, 2),
        (0, 1, 4, -1),
        (0, OUTSIDE, 4, -1),
        (OUTSIDE, 1, 1, 2),
        (1, OUTSIDE, 5, -1),
    )


def test_the_way_of_what_is_held_by_hand():
    found = way(chain(), 5)

    assert found.arcs.tolist() == [5, 2, 4, 0, 1]
    np.testing.assert_allclose(found.mg, [5, 4, 1, 3, 1])
    assert found.depth.tolist() == [0, 1, 1, 2, 2]
    assert (found.nodes.tolist(), found.others_mg.tolist()) == ([1, 0], [0, 0])


def test_the_way_of_one_origin_by_hand():
    found = way(chain(), 5, origin=2)

    np.testing.assert_allclose(dict(zip(found.arcs.tolist(), found.mg.tolist(), strict=True))[2], 1)
    assert sorted(found.arcs.tolist()) == [1, 2, 4, 5]
    assert found.mg[0] == pytest.approx(2)


def test_what_is_too_deep_or_too_small_is_summed():
    shallow, large = way(chain(), 5, depth=1), way(chain(), 5, least=0.25)

    assert shallow.arcs.tolist() == [5, 2, 4]
    assert (shallow.nodes.tolist(), shallow.others_mg.tolist(), shallow.others.tolist()) == ([1, 0], [0, 4], [0, 2])
    assert large.arcs.tolist() == [5, 2, 0]
    assert (large.others_mg.tolist(), large.others.tolist()) == ([1, 1], [1, 1])


@settings(deadline=None, max_examples=100)
@given(seed=seeds, depth=st.one_of(st.none(), st.integers(0, 5)), least=st.sampled_from([0.0, 0.05, 0.3]))
def test_on_every_way_what_comes_in_is_what_goes_on_and_ends_in_the_shares(seed, depth, least):
    rng = np.random.default_rng(seed)
    of = ledger(rng, lots=6, events=14, most_mg=1000)
    holding = int(rng.integers(of.mg.size))
    origin = int(rng.integers(len(of.origins)))
    found = way(of, holding, origin=origin, depth=depth, least=least)
    share = shares(of).mg_of_arcs()[:, origin]

    assert found.mg[0] == pytest.approx(share[holding])
    assert (found.mg <= share[found.arcs] * (1 + 1e-12)).all()
    if share[holding]:
        goes = np.bincount(of.tail[found.arcs] + 1, weights=found.mg, minlength=of.nodes + 1)[1:]
        comes = np.bincount(of.head[found.arcs] + 1, weights=found.mg, minlength=of.nodes + 1)[1:]
        np.testing.assert_allclose((comes[found.nodes] + found.others_mg), goes[found.nodes], rtol=1e-12)
    if depth is not None:
        assert found.depth.max() <= depth


@settings(deadline=None, max_examples=60)
@given(seed=seeds)
def test_the_way_of_all_metal_is_what_destinations_say_of_each_arc(seed):
    rng = np.random.default_rng(seed)
    of = ledger(rng, lots=6, events=12, most_mg=1000)
    holding = int(rng.choice(np.flatnonzero(of.tail != OUTSIDE)))
    marked = of
    if of.head[holding] != OUTSIDE:
        marked = cut(of, holding)
    end = np.where(marked.head == OUTSIDE, 0, -1)
    end[holding] = 1
    found = way(of, holding)

    to = destinations(marked, end, 2).of_arcs(found.arcs)[:, 1]
    np.testing.assert_allclose(found.mg, to * of.mg[found.arcs], rtol=1e-11)


def test_where_a_lot_went_by_hand():
    """Of k 6, 3 are drawn and end; 3 go on, and are in the 5 that are held."""
    found = onward(chain(), 0)

    assert (found.arcs.tolist(), found.depth.tolist()) == ([0, 2, 3, 5], [0, 1, 1, 2])
    np.testing.assert_allclose(found.mg, [6, 3, 3, 3])
    assert found.nodes.tolist() == [0, 1]

    short = onward(chain(), 0, depth=1)
    assert (short.arcs.tolist(), short.others_mg.tolist(), short.others.tolist()) == ([0, 2, 3], [0, 3], [0, 1])


@settings(deadline=None, max_examples=60)
@given(seed=seeds)
def test_onward_ends_where_destinations_say(seed):
    rng = np.random.default_rng(seed)
    of = ledger(rng, lots=6, events=12, most_mg=1000)
    arc = int(rng.integers(of.mg.size))
    end, ends = each_its_own(of)
    found = onward(of, arc)

    went = np.zeros(ends)
    last = end[found.arcs] >= 0
    went[end[found.arcs[last]]] = found.mg[last]
    np.testing.assert_allclose(went, destinations(of, end, ends).of_arcs(np.array([arc]))[0] * of.mg[arc], atol=1e-9)


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        ("origin.way_arc", {"holding": 6}),
        ("origin.way_arc", {"holding": 5, "origin": 9}),
        ("origin.way_limit", {"holding": 5, "depth": -1}),
        ("origin.way_limit", {"holding": 5, "least": 2.0}),
    ],
)
def test_a_way_that_there_is_not_is_refused(code, arguments):
    with pytest.raises(InputError) as refusal:
        way(chain(), **arguments)

    assert refusal.value.code == code


def test_a_way_needs_an_order_of_time():
    with pytest.raises(InputError) as refusal:
        way(chain()._replace(cyclic=True), 5)

    assert refusal.value.code == "origin.rule_cyclic"
