"""The faults of a ledger step by step: against new solves, dense and sparse, and as often as it is promised."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.metal.detection.gross_errors.compensation import compensated, products, sizes
from lodeline.metal.detection.gross_errors.directions import Directions, biases, common, joined
from lodeline.metal.detection.gross_errors.projection import Projection
from lodeline.metal.detection.gross_errors.stepwise import suspects
from lodeline.metal.reconciliation.model import Model, Terms
from lodeline.metal.reconciliation.solving import solve
from tests.metal.detection.flow_networks import drawn, everything, flowsheet, refused, splitter, with_unknowns

SEEDS = st.integers(0, 10_000)


def chain(periods: int, seed: int) -> Model:
    """A stock over many periods: what comes in, what goes out and what is counted at the end, u 1 each."""
    rng = np.random.default_rng(seed)
    into = rng.uniform(50, 100, periods)
    out = np.where(np.arange(periods) % 2, 1.3, 0.7) * into
    stock = 500 + np.cumsum(into - out)
    nodes = [
        ([turn, *([2 * periods + turn - 1] if turn else [])], [periods + turn, 2 * periods + turn])
        for turn in range(periods)
    ]
    out[0] -= 500  # The first period opens with nothing; what it would open with has come in with the rest.
    into[0], out[0] = into[0] + 500, out[0] + 500
    true = np.concatenate([into, out, stock])
    return flowsheet(nodes, true + rng.standard_normal(true.size), np.ones(true.size))


def scales(model: Model, periods: int) -> Directions:
    """A bias of each value, and one of the scale at the entrance in per mille."""
    entrance = {"entrance": {turn: model.value[turn] / 1e3 for turn in range(periods)}}
    return joined(biases(model, [str(one) for one in range(model.value.size)]), common(model, entrance))


@given(seed=SEEDS, count=st.integers(1, 3), sparse=st.booleans())
@settings(max_examples=25, deadline=None)
def test_compensating_is_solving_anew_with_the_sizes_unknown(seed, count, sparse):
    model = drawn(seed)
    directions = everything(model)
    solution = solve(model, dense_up_to=0 if sparse else 400)
    projection = Projection(solution, directions)
    chosen: list[int] = []
    seen, weight = projection.seen[None, :], projection.weight
    for one in np.random.default_rng(seed).permutation(directions.size)[:count]:
        columns = projection.gram(np.array(chosen, dtype=np.int64))
        if compensated(seen, weight, columns, np.array(chosen, dtype=np.int64)).weight[one] > 1e-3 * weight[one]:
            chosen.append(int(one))
    some = np.array(chosen, dtype=np.int64)
    columns = projection.gram(some)

    left = compensated(seen, weight, columns, some)
    size, size_u = sizes(projection.seen[some], columns[some])

    freed = solve(with_unknowns(model, directions, chosen))
    again = Projection(freed, everything(freed.model))
    close = {"rtol": 3e-3, "atol": 1e-3} if sparse else {"rtol": 1e-6, "atol": 1e-6}
    np.testing.assert_allclose(size, freed.x[model.start.size :], **close)
    np.testing.assert_allclose(size_u, freed.u[model.start.size :], **close)
    np.testing.assert_allclose(left.statistic[0], again.statistic, **close)
    every = np.arange(directions.size)
    among = products(projection.gram(every), columns, every, some)
    np.testing.assert_allclose(among, again.gram(every), rtol=1e-4, atol=1e-6 * weight.max())


def test_a_splitter_has_one_suspect_and_all_the_rest_in_its_group():
    found = suspects(solve(splitter()), everything(splitter()), false_alarms=0.05, generator=np.random.default_rng(1))

    assert len(found) == 1
    assert (found[0].size, found[0].statistic) == (pytest.approx(1.17), pytest.approx(3.579553))
    assert found[0].alike == found[0].group == (0, 1, 2, 3)


def test_faults_are_found_with_their_sizes_and_a_common_bias_is_one_fault():
    """30 per mille too much is read at the entrance, and one count is 15 off: two faults, no more, sizes within 4 u."""
    model = chain(30, seed=5)
    value = model.value.copy()
    value[:30] *= 1.030
    value[75] += 15.0
    model = model._replace(value=value)

    found = suspects(solve(model), scales(model, 30), false_alarms=0.01, generator=np.random.default_rng(2))

    assert {one.label for one in found} == {"entrance", "75"}
    by_label = {one.label: one for one in found}
    entrance, count = by_label["entrance"], by_label["75"]
    assert abs(entrance.size - 30.0 / 1.03) < 4 * entrance.size_u < 20
    assert abs(count.size - 15.0) < 4 * count.size_u < 7
    assert entrance.kind == "instrument"
    assert all(one.p < 0.01 and one.hypothesis in one.group for one in found)


@pytest.mark.parametrize("seed", [3, 4])
def test_sparse_and_dense_find_the_same(seed):
    model = chain(20, seed)
    value = model.value.copy()
    value[[7, 31]] += (-12.0, 10.0)
    model = model._replace(value=value)

    dense, sparse = (
        suspects(
            solve(model, dense_up_to=limit), scales(model, 20), false_alarms=0.05, generator=np.random.default_rng(3)
        )
        for limit in (400, 0)
    )

    # What enters and what leaves in one period is alike: 11 and 31, as 7 and 27.
    assert {(7, 27), (11, 31)} <= {one.alike for one in dense}
    assert [(one.label, one.alike, one.group) for one in sparse] == [(one.label, one.alike, one.group) for one in dense]
    for one, other in zip(sparse, dense, strict=True):
        np.testing.assert_allclose((one.size, one.size_u, one.p), (other.size, other.size_u, other.p), rtol=1e-3)


def test_every_suspect_has_the_size_and_statistic_of_a_new_solve_with_all_of_them_unknown():
    model = chain(20, seed=8)
    value = model.value.copy()
    value[[2, 45]] += (14.0, -11.0)
    model = model._replace(value=value)
    directions = scales(model, 20)

    found = suspects(solve(model), directions, false_alarms=0.05, generator=np.random.default_rng(4))

    freed = solve(with_unknowns(model, directions, [one.hypothesis for one in found]))
    np.testing.assert_allclose([one.size for one in found], freed.x[model.start.size :], rtol=1e-7)
    np.testing.assert_allclose([one.size_u for one in found], freed.u[model.start.size :], rtol=1e-7)
    np.testing.assert_allclose([one.statistic for one in found], [one.size / one.size_u for one in found], rtol=1e-7)


def test_an_early_mistake_is_taken_back():
    """Three outlets read 1 too low each: their inlet, read 3 too high, explains most, and then a meter behind each.

    That is four faults where three do.
    """
    nodes = [((0,), (1, 2, 3)), ((1,), (4,)), ((2,), (5,)), ((3,), (6,))]
    model = flowsheet(nodes, [15.0, 5.0, 4.0, 3.0, 6.0, 5.0, 4.0], [0.1] * 4 + [0.15] * 3)
    solution, directions = solve(model), biases(model, list("abcdefg"))

    found = suspects(solution, directions, false_alarms=0.05, generator=np.random.default_rng(5))

    assert int(np.abs(Projection(solution, directions).statistic).argmax()) == 0
    assert {one.label for one in found} == {"b", "c", "d"}
    np.testing.assert_allclose([one.size for one in found], -1.0, rtol=1e-9)


def test_false_alarms_are_as_many_as_were_asked_for():
    """Of 300 ledgers with nothing wrong at most 5 % and four Monte Carlo errors have a suspect, and some do."""
    base = chain(4, seed=1)
    true = solve(base).x
    alarms = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        model = base._replace(value=true + rng.standard_normal(true.size))
        alarms += bool(suspects(solve(model), everything(model), false_alarms=0.05, generator=rng))

    assert 3 <= alarms <= 15 + 4 * np.sqrt(300 * 0.05 * 0.95)


@given(seed=SEEDS)
@settings(max_examples=8, deadline=None)
def test_suspects_ignore_the_unit_and_the_order_of_hypotheses(seed):
    model = drawn(seed)
    value = model.value.copy()
    value[0] += 12 * model.u[0]
    kilograms = model._replace(value=value)
    tonnes = model._replace(
        start=model.start / 1e3,
        scale=model.scale / 1e3,
        value=value / 1e3,
        u=model.u / 1e3,
    )
    labels = [str(one) for one in range(value.size)]

    one, other = (
        suspects(solve(model), biases(model, labels), false_alarms=0.05, generator=np.random.default_rng(6))
        for model in (kilograms, tonnes)
    )

    assert [suspect.group for suspect in one] == [suspect.group for suspect in other]
    np.testing.assert_allclose([s.size for s in one], [1e3 * s.size for s in other], rtol=1e-5)
    np.testing.assert_allclose([s.statistic for s in one], [s.statistic for s in other], rtol=1e-5)


def test_a_fault_of_a_size_that_does_not_occur_is_not_named_where_typical_sizes_are_given():
    """106 in, 99 and 1 out; a second meter of the 1, with u 5, reads 7, and so fits a little better that it is 7.

    But its first meter has u 0.01: it would have to be off by six hundred of them.
    """
    model = flowsheet([((0,), (1, 2)), ((2,), (3,))], [106.0, 99.0, 1.0, 7.0], [1.0, 1.0, 0.01, 5.0])
    directions, u = biases(model, list("abcd")), model.u

    bare, typical = (
        suspects(solve(model), directions, false_alarms=0.05, generator=np.random.default_rng(1), typical=size)
        for size in (None, 5 * u)
    )

    assert [one.label for one in bare] == ["c"]
    assert [one.label for one in typical] == ["a"]
    assert set(bare[0].group) == set(typical[0].group) == {0, 1, 2}
    with refused("detection.typical"):
        suspects(solve(model), directions, false_alarms=0.05, generator=np.random.default_rng(1), typical=0 * u)


def test_meters_in_series_are_alike():
    """Two meters on one stream and the node between them: nothing tells which; the one with the larger u is named."""
    model = flowsheet([((0,), (1,))], [10.0, 12.0], [0.1, 0.3])

    found = suspects(solve(model), everything(model), false_alarms=0.05, generator=np.random.default_rng(7))

    assert found[0].alike == (0, 1, 2)
    assert found[0].label == "bias 1"


def test_no_hypothesis_or_none_that_anybody_checks_is_no_suspect():
    model = flowsheet([], [1.0, 2.0], [0.1, 0.1])
    none = common(model, {})
    free = biases(model, ["a", "b"])

    for directions in (none, free):
        assert suspects(solve(model), directions, false_alarms=0.05, generator=np.random.default_rng(1)) == []


def test_a_rate_and_hypotheses_of_another_problem_are_refused():
    with refused("detection.false_alarms"):
        suspects(solve(splitter()), everything(splitter()), false_alarms=0.0, generator=np.random.default_rng(1))
    other = flowsheet([], [1.0], [0.1])
    with refused("detection.shape"):
        suspects(solve(splitter()), biases(other, ["a"]), false_alarms=0.05, generator=np.random.default_rng(1))


def test_a_product_is_compensated_to_first_order():
    """A metal balance: mass 10 t, grade 20 % and metal 2 t, assayed twice; the second assay is 3 points too high."""
    model = flowsheet([], [10.0, 0.2], [0.1, 0.002])
    model = model._replace(
        value=np.array([10.0, 0.2, 0.23, 2.0]),
        u=np.array([0.05, 0.002, 0.002, 0.01]),
        terms=Terms.of([[(1.0, 0)], [(1.0, 1)], [(1.0, 1)], [(1.0, 0, 1)]]),
    )

    found = suspects(
        solve(model),
        biases(model, ["mass", "first", "second", "metal"]),
        false_alarms=0.01,
        generator=np.random.default_rng(1),
    )

    assert found[0].label == "second"
    assert found[0].size == pytest.approx(0.03, abs=0.002)
