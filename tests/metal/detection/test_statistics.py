"""Tests of a solved problem: by hand, against published verdicts, and against a new solve with the fault unknown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, norm

from lodeline.metal.detection.gross_errors.calibration import Null, draws_for, sidak
from lodeline.metal.detection.gross_errors.directions import Directions, biases, common, joined, leaks
from lodeline.metal.detection.gross_errors.projection import Projection
from lodeline.metal.detection.gross_errors.statistics import (
    global_test,
    likelihood_ratio,
    measurement_test,
    nodal_test,
    unchecked,
)
from lodeline.metal.reconciliation.model import Correlation, Terms
from lodeline.metal.reconciliation.solving import solve
from tests.metal.detection.flow_networks import (
    LINEAR,
    SPLITTER,
    drawn,
    everything,
    flowsheet,
    published,
    refused,
    splitter,
    with_unknowns,
)
from tests.outside import needs_cases

SEEDS = st.integers(0, 10_000)


def test_every_test_of_a_splitter_is_its_one_imbalance():
    """By hand: 9.22 - 4.83 - 3.22 = 1.17, its u is 0.326856, so every T is 3.5796 and chi2 is its square."""
    solution = solve(splitter())

    measurement, nodal, whole = measurement_test(solution), nodal_test(solution), global_test(solution)

    np.testing.assert_allclose(measurement.statistic, [3.5796, -3.5796, -3.5796], atol=5e-5)
    np.testing.assert_allclose((nodal.size, nodal.size_u, nodal.statistic), [[1.17], [0.326856], [3.5796]], atol=5e-5)
    np.testing.assert_allclose((whole.chi2, whole.dof), (3.579553**2, 1), rtol=1e-6)
    assert whole.p == pytest.approx(measurement.p[0]) == pytest.approx(2 * norm.sf(3.579553), rel=1e-4)
    assert whole.alarms(0.05)
    assert not whole.alarms(1e-4)


def test_a_fault_of_a_splitter_has_the_size_of_the_imbalance():
    """By hand: 1.17 too much in, or 1.17 too little in either outlet, or 1.17 lost; each with u 0.3269."""
    rows = likelihood_ratio(solve(splitter()), everything(splitter()))

    assert [row.label for row in rows] == ["bias 0", "bias 1", "bias 2", "leak 0"]
    assert [row.kind for row in rows] == ["measurement"] * 3 + ["leak"]
    np.testing.assert_allclose([row.size for row in rows], [1.17, -1.17, -1.17, 1.17], rtol=1e-9)
    np.testing.assert_allclose([row.size_u for row in rows], 0.326856, rtol=1e-5)
    np.testing.assert_allclose([row.p for row in rows], 2 * norm.sf(3.579553), rtol=1e-4)


@pytest.mark.cases
@needs_cases
@pytest.mark.parametrize("name", LINEAR)
def test_published_networks_have_the_verdicts_that_are_stated(name):
    model, case = published(name)
    solution = solve(model)

    whole, measurement = global_test(solution), measurement_test(solution)

    said = case["global_test"]
    stated = np.array([one["our_measurement_test_z"] for one in case["streams"]], dtype=float)
    assert (whole.dof, whole.alarms(0.05)) == (said["dof"], said["reject_at_95"])
    assert whole.chi2 == pytest.approx(said["objective"], rel=1e-6)
    np.testing.assert_allclose(measurement.statistic, stated, rtol=1e-6, atol=1e-7)


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_the_ratio_is_the_measurement_test_of_a_value_and_the_multiplier_over_its_own_of_a_balance(seed):
    model = drawn(seed)
    solution = solve(model)

    statistic = Projection(solution, everything(model)).statistic

    leak = solution.multiplier / solution.multiplier_u
    np.testing.assert_allclose(
        statistic[: model.value.size], measurement_test(solution).statistic, rtol=1e-6, atol=1e-8
    )
    np.testing.assert_allclose(statistic[model.value.size :], leak, rtol=1e-6, atol=1e-8)


@given(seed=SEEDS, correlated=st.booleans(), sparse=st.booleans())
@settings(max_examples=25, deadline=None)
def test_the_square_is_by_how_much_chi2_falls_if_the_size_is_an_unknown(seed, correlated, sparse):
    """The second route: solve again with the size as a variable, and read its value, its u and the new chi2.

    A sparse factor holds a variable as if it were known to 30 times its scale, and variances are short by that much.
    """
    model = drawn(seed, correlated=correlated)
    steady = common(model, {"a scale": {0: 1.0, 1: 2.0, model.value.size - 1: -0.5}})
    both = Directions.of(model, ["booked twice"], ["own"], [{0: 1.0}], [{model.constant.size - 1: 3.0}])
    directions = joined(everything(model), steady, both)
    solution = solve(model, dense_up_to=0 if sparse else 400)

    for one, row in enumerate(likelihood_ratio(solution, directions)):
        if not np.isnan(row.statistic):
            freed = solve(with_unknowns(model, directions, [one]))
            found = (row.size, row.size_u, row.statistic**2)
            expected = (freed.x[-1], freed.u[-1], solution.chi2 - freed.chi2)
            np.testing.assert_allclose(found, expected, rtol=3e-3 if sparse else 1e-6, atol=1e-6)


def test_a_product_is_tested_at_the_reconciled_values():
    """One lot of 10 t at 20 %, its metal weighed as 2.3 t: by hand, at m and g with m g = 2.3 - its residual."""
    model = flowsheet([], [10.0, 0.2], [0.1, 0.004])
    terms = Terms.of([[(1.0, 0)], [(1.0, 1)], [(1.0, 0, 1)]])
    model = model._replace(value=np.array([10.0, 0.2, 2.3]), u=np.array([0.1, 0.004, 0.05]), terms=terms)
    solution = solve(model)

    row = likelihood_ratio(solution, biases(model, ["mass", "grade", "metal"]))[2]

    mass, grade = solution.x
    u = np.sqrt(0.05**2 + (grade * 0.1) ** 2 + (mass * 0.004) ** 2)
    assert row.size_u == pytest.approx(u, rel=1e-9)
    assert row.size == pytest.approx(2.3 - 2.0, rel=0.05)


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_statistics_ignore_the_unit_and_the_order(seed):
    model = drawn(seed)
    order = np.random.default_rng(seed).permutation(model.value.size)
    tonnes = model._replace(
        start=model.start / 1e3,
        scale=model.scale / 1e3,
        value=(model.value / 1e3)[order],
        u=(model.u / 1e3)[order],
        terms=model.terms._replace(first=order),
    )

    before, after = (measurement_test(solve(one)).statistic for one in (model, tonnes))
    nodal = [nodal_test(solve(one)).statistic for one in (model, tonnes)]
    leak = [Projection(solve(one), leaks(one, ["x"] * one.constant.size)).statistic for one in (model, tonnes)]

    np.testing.assert_allclose(after, before[order], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(nodal[1], nodal[0], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(leak[1], leak[0], rtol=1e-6, atol=1e-8)


def test_a_nodal_test_takes_the_mean_of_two_readings_and_the_correlation_of_errors():
    """By hand: 10 and 12 in, u 1 and 2: mean 10.4, u**2 0.8. 8 out, u 0.6, its error correlated 0.5 with the first."""
    model = flowsheet([((0,), (1,))], [10.0, 8.0], [1.0, 1.0])
    model = model._replace(
        value=np.array([10.0, 12.0, 8.0]),
        u=np.array([1.0, 2.0, 0.6]),
        terms=Terms.of([[(1.0, 0)], [(1.0, 0)], [(1.0, 1)]]),
        correlation=Correlation(np.array([0]), np.array([2]), np.array([0.5])),
    )

    tests = nodal_test(solve(model))

    assert tests.size[0] == pytest.approx(2.4)
    assert tests.size_u[0] ** 2 == pytest.approx(0.8 + 0.36 - 2 * 0.8 * 0.5 * 1.0 * 0.6)


@pytest.mark.parametrize("dense_up_to", [0, 400])
def test_what_is_not_measured_or_not_checked_is_not_tested(dense_up_to):
    """0 enters, 1 leaves unmeasured, 2 and 3 are one stream: only the second balance can be tested, and 0 by nobody."""
    model = flowsheet([((0,), (1,)), ((2,), (3,))], [5.0, 5.0, 3.0, 3.2], [0.1] * 4, measured=[0, 2, 3])
    solution = solve(model, dense_up_to=dense_up_to)

    rows = likelihood_ratio(solution, everything(model))

    assert np.isnan(nodal_test(solution).statistic).tolist() == [True, False]
    assert np.isnan(measurement_test(solution).p).tolist() == [True, False, False]
    assert unchecked(solution).tolist() == [0]
    assert [np.isnan(row.statistic) for row in rows] == [True, False, False, True, False]
    assert unchecked(solve(splitter())).tolist() == []


def test_a_fixed_variable_is_exact_in_a_nodal_test():
    """By hand: 10 fixed in, 9.7 out with u 0.1: 0.3 / 0.1."""
    model = flowsheet([((0,), (1,))], [10.0, 9.7], [0.1, 0.1], measured=[1])
    model = model._replace(lower=np.array([10.0, -np.inf]), upper=np.array([10.0, np.inf]))

    assert nodal_test(solve(model)).statistic[0] == pytest.approx(3.0)


def test_nothing_is_wrong_where_nothing_is_checked():
    model = flowsheet([], [1.0, 2.0], [0.1, 0.1])

    assert global_test(solve(model)) == (pytest.approx(0, abs=1e-20), 0, 1.0)


def test_draws_have_the_covariance_of_what_hypotheses_see():
    """Of 20,000 draws a covariance of two standard normals is known to 0.007; five times that is allowed."""
    model = drawn(7)
    projection = Projection(solve(model), everything(model))

    null = Null.of(projection, 20_000, np.random.default_rng(1))

    every = np.arange(projection.directions.size)
    np.testing.assert_allclose(np.cov(null.statistic.T), projection.cosines(every), atol=0.035)


def test_the_limit_has_the_rate_that_it_promises_and_sidaks_is_above_it():
    """20,000 draws for the limit, 20,000 fresh ones against it: the share above is 5 % within 4 * sqrt(2) * 0.154 %."""
    model = drawn(11)
    projection = Projection(solve(model), everything(model))
    generator = np.random.default_rng(2)

    limit = Null.of(projection, 20_000, generator).limit(0.05)

    fresh = Null.of(projection, 20_000, generator)
    assert (fresh.largest > limit).mean() == pytest.approx(0.05, abs=0.009)
    assert limit < sidak(0.05, projection.directions.size)
    assert fresh.p(limit) == pytest.approx(0.05, abs=0.009)


def test_beyond_the_draws_a_p_value_is_sidaks_bound():
    """By hand: of three independent tests a T of 6 has at most 3 times its own p."""
    null = Null(np.random.default_rng(3).standard_normal((99, 3)))

    assert null.p(6.0) == pytest.approx(3 * 2 * norm.sf(6.0), rel=1e-6)
    assert null.p(0.0) == pytest.approx(1.0)


def test_sidaks_limit_of_one_test_is_that_of_the_normal_and_of_ten_worked_by_hand():
    assert sidak(0.05, 1) == pytest.approx(norm.isf(0.025))
    assert sidak(0.05, 10) == pytest.approx(norm.isf((1 - 0.95**0.1) / 2))
    assert chi2.isf(0.05, 1) == pytest.approx(sidak(0.05, 1) ** 2)


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, float("nan")])
def test_a_rate_that_is_none_is_refused(rate):
    with refused("detection.false_alarms"):
        sidak(rate, 3)


def test_too_few_draws_for_a_rate_are_refused():
    assert draws_for(0.05) == 399
    assert Null(np.zeros((19, 1))).limit(0.05) == 0
    with refused("detection.draws") as refusal:
        Null(np.zeros((18, 1))).limit(0.05)
    assert refusal.value.where["needed"] == 399


def test_hypotheses_that_do_not_fit_the_problem_are_refused():
    model = splitter()
    with refused("detection.shape"):
        biases(model, ["only one"])
    with refused("detection.shape"):
        common(model, {"a scale": {3: 1.0}})
    with refused("detection.shape"):
        common(model, {"a scale": {0: float("nan")}})
    with refused("detection.no_direction") as refusal:
        common(model, {"a scale": {0: 1.0}, "idle": {1: 0.0}})
    assert refusal.value.where["hypothesis"] == "idle"


def test_no_hypothesis_is_no_test():
    model = flowsheet(SPLITTER, [3.0, 2.0, 1.0], [0.1, 0.1, 0.1])

    assert likelihood_ratio(solve(model), common(model, {})) == []
