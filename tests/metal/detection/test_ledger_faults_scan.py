"""Windows of readings: every one is tried, as a step and as a drift."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.metal.detection.faults.null import Tail, log_expected
from lodeline.metal.detection.faults.scan import DRIFT, FEWEST, STEP, Scores, averaged, best_window, largest, rise


def plain(score, at=None):
    """Independent readings of variance one, a day apart, each moved by one by a fault of one."""
    days = np.arange(float(score.size)) if at is None else at
    return Scores(score, np.eye(score.size), np.zeros((score.size, 0)), np.ones(score.size), days)


def by_hand(score, covariance, gain, at):
    """The best window by trying each with the plain formula."""
    best = (0.0, -1, -1, -1)
    for first in range(score.size):
        for last in range(first + FEWEST, score.size + 1):
            part = slice(first, last)
            for shape in (STEP, DRIFT):
                weight = gain[part] * (rise(at[part]) if shape == DRIFT else 1.0)
                variance = weight @ covariance[part, part] @ weight
                if variance > 1e-9:
                    statistic = weight @ score[part] / np.sqrt(variance)
                    if abs(statistic) > abs(best[0]) + 1e-9:
                        best = (statistic, first, last, shape)
    return best


def test_three_readings_that_are_off_alike_are_a_step():
    """Scores of 3, 3 and 3 with variances of one: 9 / sqrt(3)."""
    score = np.array([0.0, 3.0, 3.0, 3.0, 0.0, 0.0])

    window = best_window(plain(score))

    assert (window.first, window.last, window.shape) == (1, 4, STEP)
    assert window.statistic == pytest.approx(9 / np.sqrt(3))


def test_readings_that_run_away_are_a_drift():
    """Scores of 0, 1, 2, 3, 4 and 5 over six days: sqrt(0 + 1 + 4 + 9 + 16 + 25)."""
    window = best_window(plain(np.arange(6.0)))

    assert (window.first, window.last, window.shape) == (0, 6, DRIFT)
    assert window.statistic == pytest.approx(np.sqrt(55))


def test_two_readings_are_no_window():
    assert best_window(plain(np.array([9.0, 9.0]))) is None


def test_a_window_that_residuals_do_not_keep_is_none():
    """A bias that nothing else reads: what all readings have in common cannot show."""
    covariance = np.eye(3) - np.ones((3, 3)) / 3

    assert best_window(plain(np.zeros(3), at=np.zeros(3))._replace(covariance=covariance)) is None


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(FEWEST, 9), taken=st.integers(0, 2))
def test_the_best_window_is_that_of_the_plain_formula(seed, count, taken):
    generator = np.random.default_rng(seed)
    root = generator.standard_normal((count, count + 4)) / 3
    given_up = generator.standard_normal((count, taken)) / 9
    score, gain = generator.standard_normal(count), generator.uniform(0.5, 2.0, count)
    at = np.sort(generator.uniform(0, 100, count))
    before = (root @ root.T + given_up @ given_up.T) * gain[:, None] * gain

    window = best_window(Scores(gain * score, before, gain[:, None] * given_up, gain**2, at))

    statistic, *_ = by_hand(score, root @ root.T, gain, at)
    assert window is not None
    assert abs(window.statistic) == pytest.approx(abs(statistic), rel=1e-6)


def test_of_one_window_the_size_is_its_own():
    """By hand: three readings of variance one that are 3, 4 and 5 too high, as a step: 4 with sqrt(1 / 3)."""
    found = averaged(plain(np.array([3.0, 4.0, 5.0])), STEP)

    assert (found.size, found.size_u) == (pytest.approx(4.0), pytest.approx(3**-0.5))


def test_of_windows_that_are_as_likely_the_sizes_are_in_the_uncertainty():
    """By hand: four readings make three windows. With 1, 0, 0 and -1 those of three have 1/3 and -1/3, that of four 0:
    T^2 is 1/3, 1/3 and 0, u is sqrt(1/3), sqrt(1/3) and 1/2."""
    likely = np.array([np.exp(1 / 6) * 3**-0.5, np.exp(1 / 6) * 3**-0.5, 0.5])
    likely /= likely.sum()

    found = averaged(plain(np.array([1.0, 0.0, 0.0, -1.0])), STEP)

    assert found.size == pytest.approx(0.0, abs=1e-12)
    assert found.size_u == pytest.approx(np.sqrt(likely @ np.array([1 / 3 + 1 / 9, 1 / 3 + 1 / 9, 1 / 4])))


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(FEWEST, 9), shape=st.sampled_from([STEP, DRIFT]))
def test_the_size_is_that_of_all_windows_by_the_plain_formula(seed, count, shape):
    generator = np.random.default_rng(seed)
    root = generator.standard_normal((count, count + 4)) / 3
    covariance, gain = root @ root.T, generator.uniform(0.5, 2.0, count)
    score, at = 2 * generator.standard_normal(count), np.sort(generator.uniform(0, 100, count))
    sizes, variances, likely = [], [], []
    for first in range(count):
        for last in range(first + FEWEST, count + 1):
            part = slice(first, last)
            weight = gain[part] * (rise(at[part]) if shape == DRIFT else 1.0)
            known = weight @ covariance[part, part] @ weight
            sizes.append(weight @ score[part] / known)
            variances.append(1 / known)
            likely.append(np.exp(sizes[-1] ** 2 * known / 2) / np.sqrt(known))
    of, size = np.array(likely) / np.sum(likely), np.array(sizes)

    scores = Scores(gain * score, covariance * gain[:, None] * gain, np.zeros((count, 0)), gain**2, at)
    found = averaged(scores, shape)

    assert found.size == pytest.approx(of @ size, rel=1e-6, abs=1e-9)
    assert found.size_u == pytest.approx(np.sqrt(of @ (np.array(variances) + (size - of @ size) ** 2)), rel=1e-6)


@settings(deadline=None, max_examples=5)
@given(seed=st.integers(0, 2**32 - 1))
def test_two_of_its_uncertainties_hold_a_step_whose_ends_nobody_knows(seed):
    """Of 100 instruments, each off for a stretch of its own, about 95 intervals hold; fewer than 85 never do."""
    generator = np.random.default_rng(seed)
    held = 0
    for _ in range(100):
        score = generator.standard_normal(40)
        first = int(generator.integers(0, 25))
        score[first : first + 12] += 1.5
        found = averaged(plain(score), STEP)
        held += abs(found.size - 1.5) <= 2 * found.size_u
    assert held >= 85


def test_the_largest_of_many_draws_is_that_of_each():
    generator = np.random.default_rng(1)
    scores = generator.standard_normal((6, 4))

    got = largest(scores, plain(np.zeros(6)))

    each = [best_window(plain(scores[:, draw])).statistic for draw in range(4)]
    np.testing.assert_allclose(got, np.abs(each))


def test_tests_one_by_one_add_up():
    """A thousand two-sided tests beyond 3: 2.7 by chance."""
    assert np.exp(Tail(1000.0).log_expected(3.0)) == pytest.approx(2.6998, abs=1e-4)


def test_windows_are_worth_as_many_tests_as_their_draws_show():
    """Draws of the largest of a hundred independent tests are found to be worth a hundred."""
    generator = np.random.default_rng(20261129)
    tail = Tail.drawn(np.abs(generator.standard_normal((4000, 100))).max(axis=1))

    assert tail.worth == pytest.approx(100, rel=0.15)
    assert tail.log_expected(2 * tail.at) == pytest.approx(Tail(4 * tail.worth).log_expected(2 * tail.at))


def test_nothing_that_was_tried_raises_no_alarm():
    assert Tail.drawn(np.zeros(0)).log_expected(99.0) == np.inf


def test_a_known_size_is_beyond_its_ratio_as_often_as_its_formula_says():
    """Of a fault that would move T by 3, the logarithm of the ratio is 3 T - 4.5: beyond 2 where T is beyond 13/6."""
    draws = np.random.default_rng(7).standard_normal(200_000)

    expected = np.exp(log_expected(2.0, np.array([3.0, 0.0])))

    assert expected == pytest.approx((3 * draws - 4.5 > 2.0).mean(), abs=4e-4)
