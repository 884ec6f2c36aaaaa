"""What the data cannot tell apart: by hand, by enumeration, and as often as it is promised."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from lodeline.metal.detection.gross_errors.calibration import Null
from lodeline.metal.detection.gross_errors.directions import biases
from lodeline.metal.detection.gross_errors.groups import Distances, alike, distance, group, named
from lodeline.metal.detection.gross_errors.projection import Projection
from lodeline.metal.reconciliation.solving import solve
from tests.metal.detection.flow_networks import drawn, everything, flowsheet, published, splitter
from tests.outside import needs_cases


def seen_by(model, directions, draws=4000, seed=1):
    projection = Projection(solve(model), directions)
    return projection, Null.of(projection, draws, np.random.default_rng(seed))


def test_the_streams_of_a_splitter_and_its_leak_are_one_group():
    model = splitter()
    projection, null = seen_by(model, everything(model))
    every = np.arange(4)

    assert alike(projection.cosines(every)).tolist() == [0, 0, 0, 0]
    assert group(projection.statistic, null, projection.cosines, level=0.95).tolist() == [0, 1, 2, 3]


@pytest.mark.cases
@needs_cases
def test_of_a_published_circuit_the_outside_stream_and_its_balance_cannot_be_told_apart():
    """Yang, Ten & Jao (1995): the error is in stream 1, which enters from outside at one node."""
    model, case = published("dr-linear-05")
    projection, null = seen_by(model, everything(model))

    found = group(projection.statistic, null, projection.cosines, level=0.95)

    assert [projection.directions.labels[one] for one in found] == ["bias 0", "leak 0"]
    assert case["streams"][0]["stream"] == "1"


def test_two_meters_in_series_are_alike_only_if_a_third_does_not_stand_between():
    """0 in, 1 out, both measured: alike. With 2 measured between them each has its own direction."""
    pair = flowsheet([((0,), (1,))], [3.0, 3.1], [0.1, 0.2])
    three = flowsheet([((0,), (2,)), ((2,), (1,))], [3.0, 3.1, 3.0], [0.1, 0.2, 0.1])

    classes = [
        alike(
            Projection(solve(model), biases(model, list("abc")[: model.value.size])).cosines(
                np.arange(model.value.size)
            )
        )
        for model in (pair, three)
    ]

    assert [one.tolist() for one in classes] == [[0, 0], [0, 1, 2]]


def test_of_what_is_alike_the_one_that_needs_the_smallest_fault_is_named():
    """In series, u 0.1 and 0.2: the residuals keep 1/5 and 4/5 of them, so the second is named."""
    model = flowsheet([((0,), (1,))], [3.0, 3.5], [0.1, 0.2])
    projection = Projection(solve(model), biases(model, ["a", "b"]))

    np.testing.assert_allclose(projection.share, [0.2, 0.8], rtol=1e-9)
    assert named(projection.statistic[None, :], projection.share).tolist() == [1]
    assert named(np.array([[2.0, -2.0], [3.0, 1.0]]), np.array([0.9, 0.1])).tolist() == [0, 0]


@given(seed=st.integers(0, 10_000), t=st.floats(0, 8), level=st.sampled_from([0.9, 0.95]))
@settings(max_examples=40, deadline=None)
def test_against_one_rival_the_distance_is_at_most_that_of_chi2(seed, t, level):
    """Whatever the correlation; 20,000 draws know a 95 % quantile of a square to some 0.15."""
    r = np.random.default_rng(seed).uniform(-0.99, 0.99)
    noise = np.random.default_rng(seed + 1).standard_normal((20_000, 2))
    null = Null(noise @ np.array([[1, r], [0, np.sqrt(1 - r * r)]]))

    assert distance(null, np.array([1.0, r]), 0, t, level) <= chi2.isf(1 - level, 1) + 0.3


def test_the_distance_is_the_quantile_of_a_conditional_simulation():
    """The second route: draw the statistics of all given that of one from their conditional normal distribution."""
    model = drawn(5)
    projection, null = seen_by(model, everything(model), draws=20_000)
    cosines = projection.cosines(np.arange(projection.directions.size))
    own, t = 0, 2.5
    rng = np.random.default_rng(8)

    left = cosines - np.outer(cosines[own], cosines[own])
    values, vectors = np.linalg.eigh(left)
    root = vectors * np.sqrt(np.maximum(values, 0))
    square = (t * cosines[own] + rng.standard_normal((20_000, left.shape[0])) @ root.T) ** 2
    expected = np.quantile(square.max(axis=1) - t * t, 0.95)

    assert distance(null, cosines[own], own, t, 0.95) == pytest.approx(expected, abs=0.25)


@pytest.mark.parametrize(("size", "limited"), [(5.0, False), (2.0, True)])
def test_the_group_holds_the_true_stream_as_often_as_it_says(size, limited):
    """Over all streams of a network, 95 % of alarms less three Monte Carlo errors; small faults too, with the limit."""
    model = drawn(23)
    projection, null = seen_by(model, biases(model, [str(one) for one in range(model.value.size)]))
    cosines = projection.cosines(np.arange(model.value.size))
    limit = null.limit(0.05)
    groups = Distances(null, cosines, level=0.95, largest=12.0, limit=limit if limited else None)
    rng = np.random.default_rng(9)

    true = np.repeat(np.arange(model.value.size), 1500)
    mean = size * np.sqrt(projection.share)[true, None] * cosines[true]
    statistic = Null.of(projection, true.size, rng).statistic + mean
    alarm = np.abs(statistic).max(axis=1) > limit
    held = groups.groups(statistic[alarm])[np.arange(alarm.sum()), true[alarm]]

    assert held.mean() >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / alarm.sum())


def test_the_table_of_distances_holds_what_a_single_group_holds():
    """The table rounds outwards, so it may hold more, and never less."""
    model = drawn(31)
    projection, null = seen_by(model, everything(model))
    every = np.arange(projection.directions.size)
    cosines = projection.cosines(every)
    limit = null.limit(0.05)

    for given_limit in (None, limit):
        table = Distances(null, cosines, level=0.95, largest=10.0, limit=given_limit)
        for shift in (0, 3, 6):
            statistic = null.statistic[0] + 4.0 * cosines[shift % every.size]
            one = group(statistic, null, lambda some: cosines[:, some], level=0.95, limit=given_limit)
            assert set(one.tolist()) <= set(np.flatnonzero(table.groups(statistic[None, :])[0]).tolist())


def test_too_few_alarms_among_the_draws_exclude_nothing():
    null = Null(np.random.default_rng(1).standard_normal((200, 2)))

    assert distance(null, np.array([1.0, 0.0]), 0, 1.0, 0.95, limit=50.0) == float("inf")


def test_what_nobody_checks_is_in_no_group():
    model = flowsheet([((0,), (1,)), ((2,), (3,))], [5.0, 5.0, 3.0, 4.0], [0.1] * 4, measured=[0, 2, 3])
    projection, null = seen_by(model, everything(model))

    for limit in (None, 2.0):
        found = group(projection.statistic, null, projection.cosines, level=0.95, limit=limit)
        assert [projection.directions.labels[one] for one in found] == ["bias 1", "bias 2", "leak 1"]
