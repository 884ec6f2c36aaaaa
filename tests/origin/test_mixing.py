"""Rules of mixing: which kilograms are drawn, token by token; and that every rule is a way the metal can have gone."""

from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.origin.graph import OUTSIDE, MassGraph
from lodeline.origin.mixing import LAYERS, RULES, Stores, everywhere, routed
from lodeline.origin.shares import shares
from lodeline.origin.spread import spread
from tests.origin.ledgers import ORIGINS, enumerated, graph, ledger, store

seeds = st.integers(0, 2**32 - 1)
CARRY = np.array([False, False, True, False, False, False])
"""Of the store of hand case 2."""


def carried(of: MassGraph, rng: np.random.Generator) -> np.ndarray:
    """(arc,) some chain of states: at most one arc into and out of a node, drawn at random."""
    carry, came, left = np.zeros(of.mg.size, dtype=bool), set(), set()
    for arc in rng.permutation(of.mg.size).tolist():
        tail, head = int(of.tail[arc]), int(of.head[arc])
        if tail != OUTSIDE and head != OUTSIDE and tail not in left and head not in came and rng.random() < 0.8:
            carry[arc] = True
            left.add(tail)
            came.add(head)
    return carry


def tokens(of: MassGraph, stores: Stores) -> list[dict[int, Fraction]]:
    """(arc,) milligrams by origin in exact fractions: a queue of parcels is walked, which nothing is rewritten for."""
    held: dict[int, list[list]] = {}
    content: list[dict[int, Fraction]] = [{} for _ in range(of.mg.size)]
    for arc in np.flatnonzero(of.tail == OUTSIDE).tolist():
        content[arc] = {int(of.origin[arc]): Fraction(int(of.mg[arc]))}
    for node in range(of.nodes):
        rule = RULES[stores.rule[node]]
        into, out = np.flatnonzero(of.head == node).tolist(), np.flatnonzero(of.tail == node).tolist()
        into.sort(key=lambda one: not stores.carry[one])
        out.sort(key=lambda one: stores.carry[one])
        links = [arc for arc in into if arc in held]
        queue = held[links[0]] if links else []
        queue += [[Fraction(int(of.mg[arc])), content[arc], int(of.mg[arc])] for arc in into if arc not in links]
        for arc in out:
            if rule == "perfect":
                parts = [(part * int(of.mg[arc]) / sum(int(of.mg[a]) for a in out), one) for part, one, _ in [*queue]]
                for (part, mix), (_, _, whole) in zip(parts, queue, strict=True):
                    for origin, mg in mix.items():
                        content[arc][origin] = content[arc].get(origin, Fraction(0)) + mg * part / whole
                continue
            if stores.carry[arc] and of.head[arc] != OUTSIDE and RULES[stores.rule[of.head[arc]]] != "perfect":
                held[arc] = queue
                for part, mix, whole in queue:
                    for origin, mg in mix.items():
                        content[arc][origin] = content[arc].get(origin, Fraction(0)) + mg * part / whole
                continue
            need = Fraction(int(of.mg[arc]))
            while need:
                parcel = queue[0 if rule == "fifo" else -1]
                taken = min(need, parcel[0])
                for origin, mg in parcel[1].items():
                    content[arc][origin] = content[arc].get(origin, Fraction(0)) + mg * taken / parcel[2]
                need, parcel[0] = need - taken, parcel[0] - taken
                if not parcel[0]:
                    queue.remove(parcel)
    return content


def as_shares(of: MassGraph, content: list[dict[int, Fraction]]) -> np.ndarray:
    """The same as (arc, origin) shares."""
    return np.array(
        [
            [float(one.get(k, Fraction(0)) / int(mg)) for k in range(len(of.origins))]
            for one, mg in zip(content, of.mg, strict=True)
        ]
    )


@pytest.mark.parametrize(
    ("rule", "k_mg"), [("perfect", 2.5), ("fifo", 2), ("lifo", 3)], ids=["perfect", "fifo", "lifo"]
)
def test_the_second_draw_of_a_store_by_hand(rule, k_mg):
    """1 n is left when 5 k are laid on it; 3 are drawn: of the mix 5/6, after the old first 2, the new first 3."""
    done = routed(store(), everywhere(store(), rule, CARRY))
    share = done.of_arcs(shares(done.graph))

    assert share[4, 1] * 3 == pytest.approx(k_mg)
    np.testing.assert_allclose(share[1], [0, 0, 1, 0, 0])
    np.testing.assert_allclose(share[2], [0, 0, 1, 0, 0])
    np.testing.assert_allclose(share.sum(axis=1), 1, rtol=0, atol=1e-12)


def test_layers_are_drawn_from_the_top_the_bottom_or_a_face():
    found = {}
    for draw, rule in LAYERS.items():
        done = routed(store(), everywhere(store(), rule, CARRY))
        found[draw] = done.of_arcs(shares(done.graph), np.array([4]))[0, 1]

    assert found == {"top": 1, "bottom": pytest.approx(2 / 3), "face": pytest.approx(5 / 6)}


def bags() -> tuple[MassGraph, np.ndarray]:
    """Lots 0 (k, 5) and 1 (n, 4) in a store; 1 is drawn, 2 (k, 3) laid down, 2 of lot 0 drawn, then the rest."""
    of = graph(
        2,
        (OUTSIDE, 0, 5, 1),
        (OUTSIDE, 0, 4, 2),
        (0, OUTSIDE, 4, -1),
        (0, 1, 5, -1),
        (OUTSIDE, 1, 3, 1),
        (1, OUTSIDE, 2, -1),
        (1, OUTSIDE, 6, -1),
    )
    return of, np.array([False, False, False, True, False, False, False])


def test_a_lot_that_is_kept_apart_is_drawn_as_it_was_laid_down():
    of, carry = bags()
    done = routed(of, everywhere(of, "identity", carry, np.array([0, 1, 1, -1, 2, 0, -1])))
    share = done.of_arcs(shares(done.graph))

    np.testing.assert_array_equal(share[2], [0, 0, 1, 0, 0])
    np.testing.assert_array_equal(share[5], [0, 1, 0, 0, 0])
    np.testing.assert_array_equal(share[3], [0, 1, 0, 0, 0])
    # The last takes all that is left, so that nobody needs to name it.
    assert not done.unnamed_mg.any()


def test_more_of_a_lot_than_lies_there_is_told_and_taken_from_the_rest():
    of, carry = bags()
    # 4 are drawn as lot 2, which has not come yet.
    done = routed(of, everywhere(of, "identity", carry, np.array([0, 1, 2, -1, 2, 0, -1])))

    np.testing.assert_array_equal(done.unnamed_mg, [0, 0, 4, 0, 0, 0, 0])
    # Of lot 0 a later draw names 2: the other 3 go first, then one of lot 1, which nobody names.
    share = done.of_arcs(shares(done.graph))
    np.testing.assert_allclose(share[2], [0, 3 / 4, 1 / 4, 0, 0])
    np.testing.assert_array_equal(share[5], [0, 1, 0, 0, 0])


def test_a_later_name_gives_way_where_nothing_else_lies_there():
    """6 of lot 0 and nothing else; 5 are drawn by no name, so that of the 3 later drawn as lot 0 there is 1."""
    of = graph(
        2,
        (OUTSIDE, 0, 6, 1),
        (0, OUTSIDE, 5, -1),
        (0, 1, 1, -1),
        (OUTSIDE, 1, 5, 2),
        (1, OUTSIDE, 3, -1),
        (1, OUTSIDE, 3, -1),
    )
    done = routed(of, everywhere(of, "identity", CARRY, np.array([0, -1, -1, 1, 0, -1])))

    np.testing.assert_array_equal(done.unnamed_mg, [0, 5, 0, 0, 2, 0])
    np.testing.assert_allclose(done.of_arcs(shares(done.graph))[4], [0, 1 / 3, 2 / 3, 0, 0])


@settings(deadline=None, max_examples=200)
@given(seed=seeds)
def test_queues_equal_tokens_in_exact_fractions_and_metal_is_conserved(seed):
    rng = np.random.default_rng(seed)
    of = ledger(rng, lots=6, events=14, most_mg=9)
    stores = Stores(rng.integers(0, 3, of.nodes).astype(np.uint8), carried(of, rng), np.full(of.mg.size, -1))

    done = routed(of, stores)
    done.graph.check()
    share = done.of_arcs(shares(done.graph))

    np.testing.assert_allclose(share, as_shares(of, tokens(of, stores)), atol=1e-12)
    np.testing.assert_allclose(share.sum(axis=1), 1, rtol=0, atol=1e-12)


@settings(deadline=None, max_examples=100)
@given(seed=seeds)
def test_every_rule_is_a_way_the_metal_can_have_gone(seed):
    """The least and the most by enumeration of every way in whole milligrams."""
    rng = np.random.default_rng(seed)
    of = ledger(rng, lots=3, events=5, most_mg=3)
    carry = carried(of, rng)
    lot = rng.integers(-1, 3, of.mg.size)
    k = {int(rng.integers(len(of.origins)))}
    least, most = enumerated(of, k)

    for rule in RULES:
        done = routed(of, everywhere(of, rule, carry, lot))
        done.graph.check()
        got = done.of_arcs(shares(done.graph))[:, list(k)].sum(axis=1) * of.mg
        assert (got >= least - 1e-9).all()
        assert (got <= most + 1e-9).all()


@settings(deadline=None, max_examples=100)
@given(seed=seeds)
def test_lots_kept_apart_close_and_take_no_more_of_a_lot_than_lies_there(seed):
    rng = np.random.default_rng(seed)
    of = ledger(rng, lots=6, events=14, most_mg=9)
    lot = rng.integers(-1, 4, of.mg.size)
    done = routed(of, everywhere(of, "identity", carried(of, rng), lot))

    done.graph.check()
    by_name = defaultdict(int)
    for parcel, draw, mg in zip(done.parcel, done.draw, done.graph.mg[-done.parcel.size :], strict=False):
        assert of.head[parcel] <= of.tail[draw]
        by_name[int(draw)] += int(mg) if lot[draw] >= 0 and lot[parcel] == lot[draw] else 0
    for draw, mg in by_name.items():
        assert mg + done.unnamed_mg[draw] >= of.mg[draw] or lot[draw] < 0


def yard(rng: np.random.Generator) -> tuple[MassGraph, np.ndarray, np.ndarray, dict[int, dict[int, int]]]:
    """A store in which each lot is of its own origin, draws by name of no more than lies there, and the rest at last.

    Returns the graph, which arcs carry stock, lots, and what lies there by lot on each of these.
    """
    arcs, lots, carried_on, there = [], [], {}, {}
    states = 6
    for state in range(states):
        for _ in range(rng.integers(0 if there else 1, 3)):
            lot, mg = int(rng.integers(len(ORIGINS))), int(rng.integers(2, 9))
            there[lot] = there.get(lot, 0) + mg
            arcs.append((OUTSIDE, state, mg, lot))
            lots.append(lot)
        if state == states - 1:
            arcs.append((state, OUTSIDE, sum(there.values()), -1))
            lots.append(-1)
            break
        for lot in rng.permutation(list(there)).tolist():
            mg = int(rng.integers(0, there[lot] + 1))
            if 0 < mg < sum(there.values()):
                arcs.append((state, OUTSIDE, mg, -1))
                lots.append(lot)
                there[lot] -= mg
        there = {lot: mg for lot, mg in there.items() if mg}
        carried_on[len(arcs)] = dict(there)
        arcs.append((state, state + 1, sum(there.values()), -1))
        lots.append(-1)
    carry = np.isin(np.arange(len(arcs)), list(carried_on))
    return graph(states, *arcs), carry, np.array(lots), carried_on


@settings(deadline=None, max_examples=100)
@given(seed=seeds)
def test_a_lot_keeps_its_origin_through_every_state_of_a_store(seed):
    of, carry, lot, there = yard(np.random.default_rng(seed))
    done = routed(of, everywhere(of, "identity", carry, lot))
    mg = done.of_arcs(shares(done.graph)) * of.mg[:, None]

    assert not done.unnamed_mg.any()
    for draw in np.flatnonzero((of.tail != OUTSIDE) & (lot >= 0)).tolist():
        assert mg[draw, lot[draw]] == pytest.approx(of.mg[draw])
    for arc, lies in there.items():
        np.testing.assert_allclose(mg[arc], [lies.get(one, 0) for one in range(len(ORIGINS))], atol=1e-9)


def test_without_a_store_nothing_is_rewritten():
    of = store()
    done = routed(of, everywhere(of, "perfect", CARRY))

    np.testing.assert_array_equal(done.graph.tail, of.tail)
    np.testing.assert_array_equal(done.graph.mg, of.mg)
    np.testing.assert_array_equal(done.arc, np.arange(of.mg.size))


@pytest.mark.parametrize(
    ("code", "change", "cyclic"),
    [
        ("origin.rule_cyclic", {}, True),
        ("origin.stores", {"rule": np.zeros(3, dtype=np.uint8)}, False),
        ("origin.stores", {"rule": np.full(2, 9, dtype=np.uint8)}, False),
        ("origin.stores", {"lot": np.full(6, -2)}, False),
    ],
)
def test_rules_that_cannot_be_run_are_refused(code, change, cyclic):
    stores = everywhere(store(), "fifo", CARRY)._replace(**change)

    with pytest.raises(InputError) as refusal:
        routed(store()._replace(cyclic=cyclic), stores)

    assert refusal.value.code == code


def test_a_stock_that_goes_on_into_two_states_is_refused():
    of = graph(3, (OUTSIDE, 0, 5, 1), (0, 1, 2, -1), (0, 2, 3, -1), (1, OUTSIDE, 2, -1), (2, OUTSIDE, 3, -1))

    with pytest.raises(InputError) as refusal:
        routed(of, everywhere(of, "fifo", np.array([False, True, True, False, False])))

    assert refusal.value.code == "origin.store_forks"


def test_all_rules_at_once_show_how_far_apart_they_are():
    """By hand: the second draw has 5/6, 2/3 and all of k."""
    of = store()
    found = spread(of, {rule: everywhere(of, rule, CARRY) for rule in ("perfect", "fifo", "lifo")}, np.array([4, 1]))

    assert found.by_rule["perfect"][0, 1] == pytest.approx(5 / 6)
    assert (found.least[0, 1], found.most[0, 1]) == (pytest.approx(2 / 3), 1)
    np.testing.assert_array_equal(found.least[1], found.most[1])


def test_no_rules_at_all_are_refused():
    with pytest.raises(InputError) as refusal:
        spread(store(), {})

    assert refusal.value.code == "origin.no_rules"
