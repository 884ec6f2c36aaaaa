"""The sequential tests on MUF: what each statistic is, when it alarms, and what an unknown period does to it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.metal.detection.sequential.muf import cumuf, muf, sitmuf
from lodeline.metal.detection.sequential.sequential import (
    CumufTest,
    GemufTest,
    Limit,
    MufTest,
    PageTest,
    SitmufTest,
    apply,
)

NAN = math.nan
SHARED = np.array([[4.0, -1.0, 0.5], [-1.0, 4.0, -1.0], [0.5, -1.0, 4.0]])
EVERY = [MufTest("both"), CumufTest("both"), SitmufTest("both"), PageTest("both", 0.5), GemufTest()]


def limit(value: float, periods: int = 12) -> Limit:
    return Limit(
        value=value,
        how="given",
        probability=0.05,
        probability_u=0.0,
        periods=periods,
        achieved=0.05,
        achieved_u=0.01,
        runs=100,
    )


def test_each_muf_is_held_against_the_limit_in_its_own_uncertainty():
    """By hand: 6 kg and -7 kg with u = 2 kg are 3 and -3.5."""
    account = muf(np.array([6.0, 1.0, -7.0]), SHARED)

    loss = apply(MufTest("loss"), account, limit(2.9))
    both = apply(MufTest("both"), account, limit(3.2))

    np.testing.assert_allclose(loss.statistic, [3, 0.5, -3.5])
    assert (loss.over.tolist(), loss.alarm, loss.first_alarm) == ([True, False, False], True, 0)
    np.testing.assert_allclose(both.statistic, [3, 0.5, 3.5])
    assert both.side.tolist() == [1, 1, -1]
    assert both.first_alarm == 2


def test_the_running_sum_is_held_in_its_own_uncertainty():
    """By hand: 6, 7 and 0 kg with variances 4, 6 and 12 - 2 - 2 + 1 = 9."""
    found = apply(CumufTest("both"), muf(np.array([6.0, 1.0, -7.0]), SHARED), limit(2.95))

    np.testing.assert_allclose(found.statistic, [3, 7 / math.sqrt(6), 0], atol=1e-12)
    assert found.first_alarm == 0


def test_pages_test_sums_sitmuf():
    """By hand, k = 0.5, nothing shared: 2, 3 and -4 sigma give 1.5, 4 and 0; against gain 0, 0 and 3.5."""
    account = muf(np.array([4.0, 6.0, -8.0]), np.eye(3) * 4)

    loss = apply(PageTest("loss", 0.5), account, limit(3.9))
    both = apply(PageTest("both", 0.5), account, limit(3.9))

    np.testing.assert_allclose(loss.statistic, [1.5, 4, 0])
    np.testing.assert_allclose(both.statistic, [1.5, 4, 3.5])
    assert loss.side.tolist() == [1, 1, 0]
    assert both.side.tolist() == [1, 1, -1]
    assert (both.over.tolist(), both.first_alarm) == ([False, True, False], 1)


def test_gemuf_is_the_sum_of_squares_standardised():
    """By hand: 4 and 4 + 9 of one and two degrees of freedom, by the cube root of Wilson and Hilferty."""
    found = apply(GemufTest(), muf(np.array([4.0, -6.0]), np.eye(2) * 4), limit(2))

    expected = [
        (4 ** (1 / 3) - 1 + 2 / 9) / math.sqrt(2 / 9),
        (6.5 ** (1 / 3) - 1 + 1 / 9) / math.sqrt(1 / 9),
    ]
    np.testing.assert_allclose(found.statistic, expected)
    assert found.side.tolist() == [0, 0]


def test_gemuf_is_the_quadratic_form_of_seifert():
    """Second route: the sum of squares by the inverse of each leading part of the covariance."""
    account = muf(np.array([6.0, 1.0, -7.0]), SHARED)

    forms = [account.kg[:t] @ np.linalg.inv(SHARED[:t, :t]) @ account.kg[:t] for t in (1, 2, 3)]

    np.testing.assert_allclose(np.cumsum(sitmuf(account) ** 2), forms)


@pytest.mark.parametrize("test", EVERY, ids=lambda test: type(test).__name__)
@given(factor=st.floats(1e-3, 1e3), kg=st.lists(st.floats(-20, 20), min_size=3, max_size=3))
def test_the_unit_makes_no_difference_to_any_verdict(test, factor, kg):
    in_kg = apply(test, muf(np.array(kg), SHARED), limit(2))
    in_other = apply(test, muf(np.array(kg) * factor, SHARED * factor**2), limit(2))

    np.testing.assert_allclose(in_other.statistic, in_kg.statistic, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("test", EVERY, ids=lambda test: type(test).__name__)
@given(kg=st.lists(st.floats(-20, 20), min_size=3, max_size=3))
def test_a_gain_is_a_loss_seen_from_the_other_side(test, kg):
    loss = apply(test, muf(np.array(kg), SHARED), limit(2))
    gain = apply(test, muf(-np.array(kg), SHARED), limit(2))

    np.testing.assert_allclose(gain.statistic, loss.statistic)
    if not isinstance(test, PageTest):  # Of two sums that are equal by chance, both are against loss.
        np.testing.assert_array_equal(gain.side[loss.statistic > 0], -loss.side[loss.statistic > 0])


@pytest.mark.parametrize("test", EVERY, ids=lambda test: type(test).__name__)
def test_an_unknown_period_has_no_statistic_and_no_alarm(test):
    covariance = np.full((3, 3), NAN)
    covariance[np.ix_([0, 2], [0, 2])] = [[4.0, 0.5], [0.5, 4.0]]
    found = apply(test, muf(np.array([2.0, NAN, 40.0]), covariance), limit(2))

    assert np.isnan(found.statistic).tolist() == [False, True, False]
    assert found.over.tolist() == [False, False, True]
    assert found.side[1] == 0
    assert found.first_alarm == 2


def test_pages_sum_stays_as_it_is_over_an_unknown_period():
    """A MUF of zero would take k off the sum: 1.5, then 1.5 + 1.5, not 1.5 - 0.5 + 1.5."""
    page = PageTest("loss", 0.5)

    unknown = apply(page, muf(np.array([2.0, NAN, 2.0]), np.eye(3)), limit(9))
    zero = apply(page, muf(np.array([2.0, 0.0, 2.0]), np.eye(3)), limit(9))

    np.testing.assert_allclose(unknown.statistic, [1.5, NAN, 3])
    np.testing.assert_allclose(zero.statistic, [1.5, 1, 2.5])


def test_without_an_alarm_there_is_no_first_one():
    found = apply(MufTest("loss"), muf(np.zeros(3), SHARED), limit(3))

    assert (found.alarm, found.first_alarm) == (False, None)


def test_a_limit_for_a_year_serves_while_the_year_passes():
    account = muf(np.array([6.0, 1.0, -7.0]), SHARED)

    assert apply(MufTest("loss"), account, limit(2.9, periods=12)).alarm
    assert apply(MufTest("loss"), account, limit(2.9, periods=3)).alarm
    with pytest.raises(InputError) as refusal:
        apply(MufTest("loss"), account, limit(2.9, periods=2))
    assert refusal.value.code == "sequential.limit_too_short"


def test_page_wants_a_reference_value():
    assert PageTest("loss", 0.0).k == 0
    with pytest.raises(InputError) as refusal:
        PageTest("loss", -0.5)
    assert refusal.value.code == "sequential.reference"


def test_the_statistics_agree_with_the_series_that_are_shown():
    account = muf(np.array([6.0, 1.0, -7.0]), SHARED)
    total, total_u = cumuf(account)

    np.testing.assert_allclose(apply(CumufTest("loss"), account, limit(9)).statistic, total / total_u, atol=1e-12)
    np.testing.assert_allclose(apply(SitmufTest("loss"), account, limit(9)).statistic, sitmuf(account))
