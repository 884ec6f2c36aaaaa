"""Page's sums and their run length, against published tables, a Markov chain and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from lodeline.errors import InputError
from lodeline.metal.detection.sequential import run_length
from lodeline.metal.detection.sequential.cusum import cusum
from lodeline.metal.detection.sequential.run_length import (
    alarm_probability,
    average_run_length,
    decision_limit,
    decision_limit_by_run_length,
)

SIDES = ["loss", "both"]

# J. M. Lucas, R. B. Crosier (1982), Fast initial response for CUSUM quality-control schemes, Technometrics 24(3),
# 199-205, Table 1: two-sided, k = 0.5, no head start; as printed, by shift.
LUCAS_CROSIER = {
    4: {0: "168", 0.25: "74.2", 0.5: "26.6", 0.75: "13.3", 1: "8.38", 1.5: "4.75", 2: "3.34", 2.5: "2.62", 3: "2.19"},
    5: {0: "465", 0.25: "139", 0.5: "38.0", 0.75: "17.0", 1: "10.4", 1.5: "5.75", 2: "4.01", 2.5: "3.11", 3: "2.57"},
}

# L. C. Vance (1986), Average run lengths of cumulative sum control charts for controlling normal means, J. Quality
# Technology 18(3), 189-193, Table 1: one-sided, k = 0, h = 10, by shift.
VANCE = {-0.25: 2071.51, -0.125: 400.28, 0: 124.66, 0.125: 59.30, 0.25: 36.71, 0.5: 20.37, 0.75: 14.06, 1: 10.75}


def test_pages_sums_of_five_values():
    """By hand, k = 0.5."""
    loss, gain = cusum(np.array([1.0, 0.0, 2.0, -3.0, -1.0]), 0.5)

    np.testing.assert_allclose(loss, [0.5, 0, 1.5, 0, 0])
    np.testing.assert_allclose(gain, [0, 0, 0, 2.5, 3.0])


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=12), st.floats(0, 2))
def test_pages_sum_is_the_largest_sum_of_what_came_last(values, k):
    """Second route: of all beginnings, the one since which most was above k; 0 if none."""
    loss, gain = cusum(np.array(values), k)

    for t in range(len(values)):
        sums = [sum(x - k for x in values[s : t + 1]) for s in range(t + 1)]
        assert loss[t] == pytest.approx(max(0.0, *sums), abs=1e-9)
    np.testing.assert_allclose(gain, cusum(-np.array(values), k)[0])


@pytest.mark.parametrize("h", LUCAS_CROSIER)
def test_the_average_run_length_is_that_of_lucas_and_crosier(h):
    for shift, printed in LUCAS_CROSIER[h].items():
        found = average_run_length(k=0.5, h=h, sides="both", shift=shift)
        digits = len(printed.partition(".")[2])
        assert f"{found:.{digits}f}" == printed


def test_the_average_run_length_is_that_of_vance():
    """To the two digits printed; the largest, computed in 1986 with few points, to five digits in all."""
    for shift, printed in VANCE.items():
        found = average_run_length(k=0, h=10, sides="loss", shift=shift)
        assert found == pytest.approx(printed, rel=5e-5, abs=0.006)


def test_the_average_run_length_is_that_of_brook_and_evans():
    """D. Brook, D. A. Evans (1972), Biometrika 59(3), 539-549, section 4.3: one-sided, k = 0.5, h = 3."""
    assert average_run_length(k=0.5, h=3, sides="loss", shift=0) == pytest.approx(117.59, abs=0.01)
    assert average_run_length(k=0.5, h=3, sides="loss", shift=1.5) == pytest.approx(3.75, abs=0.005)


def markov_chain(k: float, h: float, shift: float, states: int) -> float:
    """Average run length of a sum that is rounded to one of many equal steps; the error falls with their square."""
    width = h / (states - 0.5)
    at = np.arange(states) * width
    upper = ndtr((at[None, :] - at[:, None]) + width / 2 + k - shift)
    step = np.diff(np.column_stack([np.zeros(states), upper]), axis=1)
    return float(np.linalg.solve(np.eye(states) - step, np.ones(states))[0])


@pytest.mark.parametrize(("k", "h", "shift"), [(0.5, 4, 0), (0.5, 5, 0.5), (0.25, 8, 0), (1.0, 2.5, 0), (0.0, 6, 0)])
def test_the_integral_equation_agrees_with_a_markov_chain(k, h, shift):
    coarse, fine = (markov_chain(k, h, shift, states) for states in (200, 400))

    extrapolated = fine + (fine - coarse) / 3

    assert average_run_length(k=k, h=h, sides="loss", shift=shift) == pytest.approx(extrapolated, rel=1e-4)


@pytest.mark.parametrize("sides", SIDES)
def test_the_average_run_length_agrees_with_simulation(sides):
    """Runs are drawn to their end; their mean has an error of its own."""
    rng, runs = np.random.default_rng(20262), 4_000
    length = np.zeros(runs)
    alive, loss, gain = np.arange(runs), np.zeros(runs), np.zeros(runs)
    while alive.size:
        x = rng.standard_normal(alive.size)
        loss, gain = np.maximum(loss + x - 0.5, 0), np.maximum(gain - x - 0.5, 0)
        length[alive] += 1
        on = (loss if sides == "loss" else np.maximum(loss, gain)) <= 4
        alive, loss, gain = alive[on], loss[on], gain[on]

    error = length.std() / math.sqrt(runs)
    assert average_run_length(k=0.5, h=4, sides=sides, shift=0) == pytest.approx(length.mean(), abs=3 * error)


@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("shift", [0.0, 0.4])
@pytest.mark.parametrize("k", [0.1, 0.5])
def test_the_probability_of_an_alarm_by_each_period_agrees_with_simulation(sides, shift, k):
    """A small k keeps both sums above zero at once, where the two sides are hardest."""
    runs = 40_000
    loss, gain = cusum(np.random.default_rng(20263).standard_normal((runs, 12)) + shift, k)
    highest = np.maximum.accumulate(loss if sides == "loss" else np.maximum(loss, gain), axis=1)

    exact = alarm_probability(12, k=k, h=3, sides=sides, shift=shift)

    error = np.sqrt(exact * (1 - exact) / runs)
    assert (np.abs((highest > 3).mean(axis=0) - exact) <= 4 * error).all()


@pytest.mark.parametrize("sides", SIDES)
def test_the_probabilities_sum_to_the_average_run_length(sides):
    """Second route: a mean is the sum of the chances to last longer."""
    passed = alarm_probability(400, k=0.5, h=2, sides=sides, shift=0.2)

    assert 1 + (1 - passed).sum() == pytest.approx(average_run_length(k=0.5, h=2, sides=sides, shift=0.2), rel=1e-6)


@pytest.mark.parametrize("sides", SIDES)
def test_one_period_alarms_as_one_normal_value_does(sides):
    times = 2 if sides == "both" else 1

    assert alarm_probability(1, k=0.5, h=2, sides=sides, shift=0)[0] == pytest.approx(times * ndtr(-2.5))
    assert decision_limit(1, k=0.5, sides=sides, probability=0.05) == pytest.approx(
        {1: 1.6448536269514722, 2: 1.959963984540054}[times] - 0.5
    )


def test_twice_as_many_points_change_nothing(monkeypatch):
    asked = [(k, h, shift) for k in (0.0, 0.5, 1.0) for h in (0.5, 4.0, 20.0) for shift in (0.0, 1.0)]
    usual = [average_run_length(k=k, h=h, sides="loss", shift=shift) for k, h, shift in asked]
    by_period = alarm_probability(60, k=0.5, h=4, sides="both", shift=0)

    monkeypatch.setattr(run_length, "NODES_PER_SIGMA", 16)
    monkeypatch.setattr(run_length, "LEAST_NODES", 64)

    np.testing.assert_allclose([average_run_length(k=k, h=h, sides="loss", shift=s) for k, h, s in asked], usual, 1e-10)
    np.testing.assert_allclose(alarm_probability(60, k=0.5, h=4, sides="both", shift=0), by_period, 1e-10)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 60), st.floats(0, 0.8), st.sampled_from(SIDES), st.floats(0.001, 0.2))
def test_the_decision_limit_has_the_probability_that_was_wanted(periods, k, sides, probability):
    h = decision_limit(periods, k=k, sides=sides, probability=probability)

    assert alarm_probability(periods, k=k, h=h, sides=sides, shift=0)[-1] == pytest.approx(probability, rel=1e-6)


@pytest.mark.parametrize(("sides", "mean", "h"), [("both", 167.6838, 4), ("both", 465.4435, 5), ("loss", 335.3676, 4)])
def test_the_decision_limit_of_an_endless_watch(sides, mean, h):
    assert decision_limit_by_run_length(mean, k=0.5, sides=sides) == pytest.approx(h, abs=1e-6)


@pytest.mark.parametrize(
    ("code", "ask"),
    [
        ("sequential.reference", lambda: cusum(np.zeros(2), -0.1)),
        ("sequential.reference", lambda: average_run_length(k=math.nan, h=4, sides="loss", shift=0)),
        ("sequential.decision_limit", lambda: average_run_length(k=0.5, h=-1, sides="loss", shift=0)),
        ("sequential.decision_limit", lambda: average_run_length(k=0.5, h=129, sides="loss", shift=0)),
        ("sequential.decision_limit", lambda: alarm_probability(3, k=0.5, h=math.nan, sides="both", shift=0)),
        ("sequential.periods", lambda: alarm_probability(0, k=0.5, h=4, sides="loss", shift=0)),
        ("sequential.probability", lambda: decision_limit(3, k=0.5, sides="loss", probability=0)),
        ("sequential.probability", lambda: decision_limit(3, k=0.5, sides="loss", probability=math.nan)),
        ("sequential.no_limit", lambda: decision_limit(1, k=2.0, sides="loss", probability=0.05)),
        ("sequential.no_limit", lambda: decision_limit_by_run_length(1.0, k=0.5, sides="loss")),
        ("sequential.no_limit", lambda: decision_limit_by_run_length(math.nan, k=0.5, sides="loss")),
        ("sequential.no_limit", lambda: decision_limit_by_run_length(1e6, k=0.0, sides="loss")),
    ],
)
def test_what_has_no_run_length_is_refused(code, ask):
    with pytest.raises(InputError) as refusal:
        ask()

    assert refusal.value.code == code
