"""MUF of periods that share stocks and biases: covariance, running sums, standardised independent parts, unknowns."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.metal.detection.sequential.muf import Muf, cumuf, muf, sitmuf
from lodeline.metal.detection.sequential.stocks import Measured, from_stocks

NAN = math.nan
NO_BIAS = np.zeros(0)


def measured(kg, kg_u, effect=None) -> Measured:
    """Masses with one uncertainty for all or one each, and without biases unless their effects are given."""
    values = np.array(kg, dtype=float)
    shared = np.zeros((values.size, 0)) if effect is None else np.array(effect, dtype=float)
    return Measured(values, np.broadcast_to(np.array(kg_u, dtype=float), values.shape), shared)


@st.composite
def accounts(draw) -> Muf:
    """Accounts of two to seven periods with stocks of their own uncertainty and one shared bias."""
    periods = draw(st.integers(2, 7))
    number, u = st.floats(-50, 50), st.floats(0.1, 5)

    def many(what, count):
        return draw(st.lists(what, min_size=count, max_size=count))

    stock = measured(many(number, periods + 1), many(u, periods + 1), [[b] for b in many(number, periods + 1)])
    net = measured(many(number, periods), many(u, periods), [[b] for b in many(number, periods)])
    return from_stocks(stock, net, np.array([draw(st.floats(0, 0.2))]))


def test_two_periods_that_share_a_stock():
    """By hand: u = 1 of each stock, √2 of each net mass, so variances 1 + 2 + 1 and covariance -1."""
    found = from_stocks(measured([100, 95, 97], 1.0), measured([-3, 1], math.sqrt(2)), NO_BIAS)

    np.testing.assert_allclose(found.kg, [100 - 3 - 95, 95 + 1 - 97])
    np.testing.assert_allclose(found.covariance_kg2, [[4, -1], [-1, 4]])
    total, total_u = cumuf(found)
    np.testing.assert_allclose(total, [2, 1])
    np.testing.assert_allclose(total_u, [2, math.sqrt(4 + 4 - 2)])
    # The second is expected to be -1/4 of the first, and keeps 4 - 1/4 of its variance.
    np.testing.assert_allclose(sitmuf(found), [2 / 2, (-1 + 2 / 4) / math.sqrt(4 - 1 / 4)])


def test_a_bias_stands_in_every_period_that_it_touches():
    """By hand: 2 kg in each stock cancel; 1 kg and 3 kg in the net masses add 1, 3 and 9 times u²."""
    stock = measured([0, 0, 0], 1.0, [[2], [2], [2]])
    found = from_stocks(stock, measured([0, 0], 1.0, [[1], [3]]), np.array([0.5]))

    np.testing.assert_allclose(found.covariance_kg2, [[3 + 0.25, -1 + 0.75], [-1 + 0.75, 3 + 2.25]])


def test_the_opening_bias_of_a_stock_goes_out_again_with_the_closing_one():
    """By hand: a scale that reads a stock of 10 t and then one of 4 t too high leaves 6 of the 10 in MUF."""
    found = from_stocks(measured([10, 4], 0.1, [[10], [4]]), measured([-6], 0.1, [[0]]), np.array([0.01]))

    np.testing.assert_allclose(found.covariance_kg2, [[0.03 + (0.01 * 6) ** 2]])


@given(accounts())
def test_sitmuf_has_the_identity_for_a_covariance(account):
    """SITMUF is linear in MUF: its matrix is found by its values at unit MUFs."""
    unit = np.eye(account.kg.size)
    matrix = np.column_stack([sitmuf(account._replace(kg=one)) for one in unit])

    np.testing.assert_allclose(matrix @ account.covariance_kg2 @ matrix.T, unit, atol=1e-8)


def test_sitmuf_of_simulated_muf_is_independent_and_standard():
    stock, net = measured(np.zeros(7), 1.0, np.ones((7, 1))), measured(np.zeros(6), 1.0, np.ones((6, 1)))
    account, runs = from_stocks(stock, net, np.array([0.7])), 2_000
    draws = np.random.default_rng(20261).multivariate_normal(np.zeros(6), account.covariance_kg2, size=runs)

    parts = np.array([sitmuf(account._replace(kg=one)) for one in draws])

    # A mean of n standard values has an error of 1/√n, a variance one of √(2/n), a covariance less.
    np.testing.assert_allclose(parts.mean(axis=0), 0, atol=4 / math.sqrt(runs))
    np.testing.assert_allclose(np.cov(parts.T), np.eye(6), atol=4 * math.sqrt(2 / runs))


@given(accounts())
def test_sitmuf_is_what_regression_on_the_earlier_periods_leaves(account):
    """Second route: the conditional mean and variance of each period, each by a solve of its own."""
    covariance, expected = account.covariance_kg2, []
    for t in range(account.kg.size):
        weights = np.linalg.solve(covariance[:t, :t], covariance[:t, t])
        left = covariance[t, t] - weights @ covariance[:t, t]
        expected.append((account.kg[t] - weights @ account.kg[:t]) / math.sqrt(left))

    np.testing.assert_allclose(sitmuf(account), expected, rtol=1e-6, atol=1e-9)


def test_sitmuf_is_the_innovation_of_a_filter_of_the_stocks():
    """Second route: Kalman's filter, whose state is the error of the stock that two periods share."""
    rng = np.random.default_rng(4)
    stock_u, net_u = rng.uniform(0.5, 2, 9), rng.uniform(0.5, 2, 8)
    account = from_stocks(measured(rng.normal(size=9), stock_u), measured(rng.normal(size=8), net_u), NO_BIAS)

    mean, variance, expected = 0.0, stock_u[0] ** 2, []
    for t in range(8):
        spread = variance + net_u[t] ** 2 + stock_u[t + 1] ** 2
        expected.append((account.kg[t] - mean) / math.sqrt(spread))
        gain = -(stock_u[t + 1] ** 2) / spread
        mean, variance = gain * (account.kg[t] - mean), stock_u[t + 1] ** 2 - gain**2 * spread

    np.testing.assert_allclose(sitmuf(account), expected)


@given(accounts(), st.floats(1e-6, 1e6))
def test_the_unit_of_mass_makes_no_difference(account, factor):
    other = muf(account.kg * factor, account.covariance_kg2 * factor**2)

    np.testing.assert_allclose(sitmuf(other), sitmuf(account), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(cumuf(other)[0], cumuf(account)[0] * factor, rtol=1e-9, atol=1e-9 * factor)


@given(accounts())
def test_a_further_period_changes_nothing_of_the_earlier_ones(account):
    shorter = muf(account.kg[:-1], account.covariance_kg2[:-1, :-1])

    np.testing.assert_allclose(sitmuf(shorter), sitmuf(account)[:-1])
    np.testing.assert_allclose(cumuf(shorter), np.array(cumuf(account))[:, :-1])


def test_a_stock_that_was_not_taken_joins_the_periods_on_both_sides():
    """By hand: the stock of 95 unknown, 100 - 3 + 1 - 97 = 1 kg are missing of both; variance 1 + 2 + 2 + 1."""
    found = from_stocks(measured([100, NAN, 97], 1.0), measured([-3, 1], math.sqrt(2)), NO_BIAS)

    np.testing.assert_array_equal(found.kg, [NAN, 1])
    np.testing.assert_allclose(found.kg_u, [NAN, math.sqrt(6)])
    assert found.first.tolist() == [-1, 0]
    assert found.covered.tolist() == [True, True]


@given(accounts(), st.data())
def test_an_account_without_a_stock_is_the_account_of_the_longer_period(account, data):
    """Metamorphic: leaving out a stock-take adds two MUFs up, with the variance of their sum."""
    t = data.draw(st.integers(0, account.kg.size - 2))
    kg, covariance = account.kg.copy(), account.covariance_kg2.copy()
    kg[t + 1] += kg[t]
    covariance[t + 1] += covariance[t]
    covariance[:, t + 1] += covariance[:, t]
    kg[t] = NAN
    joined = muf(kg, covariance)

    rest = np.arange(account.kg.size) != t
    np.testing.assert_allclose(cumuf(joined)[0][rest], cumuf(account)[0][rest], atol=1e-9)
    np.testing.assert_allclose(cumuf(joined)[1][rest], cumuf(account)[1][rest], rtol=1e-9)
    assert math.isnan(sitmuf(joined)[t])
    assert joined.first[t + 1] == t


def test_an_unknown_net_mass_is_not_covered_by_any_later_value():
    found = from_stocks(measured([100, 95, 97, 90], 1.0), measured([-3, NAN, -5], 1.0), NO_BIAS)

    np.testing.assert_array_equal(found.kg, [2, NAN, 2])
    assert found.first.tolist() == [0, -1, 2]
    assert found.covered.tolist() == [True, False, True]


def test_a_running_sum_begins_anew_after_a_period_that_nobody_could_see():
    """To sum on would count the unknown MUF as zero."""
    found = from_stocks(measured([100, 95, 97, 90, 90], 1.0), measured([-3, NAN, -5, 1], 1.0), NO_BIAS)

    total, total_u = cumuf(found)

    np.testing.assert_array_equal(total, [2, NAN, 2, 3])
    np.testing.assert_allclose(total_u, [math.sqrt(3), NAN, math.sqrt(3), 2])


def test_an_unknown_muf_is_carried_into_the_next_and_is_no_zero():
    carried = muf(np.array([1.0, NAN, 5.0]), np.diag([1.0, NAN, 2.0]))
    zero = muf(np.array([1.0, 0.0, 5.0]), np.diag([1.0, 1.0, 2.0]))

    assert carried.first.tolist() == [0, -1, 1]
    np.testing.assert_allclose(cumuf(carried)[1], [1, NAN, math.sqrt(3)])
    np.testing.assert_allclose(cumuf(zero)[1], [1, math.sqrt(2), 2])
    np.testing.assert_allclose(sitmuf(carried), [1, NAN, 5 / math.sqrt(2)])


def test_periods_before_the_first_and_after_the_last_stock_are_unknown():
    found = from_stocks(measured([NAN, 95, 97, NAN], 1.0), measured([-3, 1, 4], 1.0), NO_BIAS)

    np.testing.assert_array_equal(found.kg, [NAN, -1, NAN])
    assert found.covered.tolist() == [False, True, False]


def test_what_a_sparse_solve_leaves_of_asymmetry_is_evened_out():
    found = muf(np.zeros(2), np.array([[4.0, -1.0], [-1.0 + 1e-10, 4.0]]))

    assert found.covariance_kg2[0, 1] == found.covariance_kg2[1, 0]


GOOD = np.array([[4.0, -1.0], [-1.0, 4.0]])


@pytest.mark.parametrize(
    ("code", "kg", "covariance", "first"),
    [
        ("sequential.shape", [1.0], GOOD, None),
        ("sequential.shape", [[1.0, 2.0]], GOOD, None),
        ("sequential.shape", [1.0, 2.0], GOOD, [0]),
        ("sequential.not_finite", [1.0, math.inf], GOOD, None),
        ("sequential.uncertainty_unknown", [1.0, 2.0], [[4.0, NAN], [NAN, 4.0]], None),
        ("sequential.uncertainty_unknown", [1.0, 2.0], [[4.0, 0.0], [0.0, math.inf]], None),
        ("sequential.not_symmetric", [1.0, 2.0], [[4.0, -1.0], [-1.1, 4.0]], None),
        ("sequential.not_positive", [1.0, 2.0], [[4.0, 0.0], [0.0, 0.0]], None),
        ("sequential.not_positive", [1.0, 2.0], [[4.0, 5.0], [5.0, 4.0]], None),
        ("sequential.not_positive", [1.0, 2.0], [[1.0, 1.0], [1.0, 1.0]], None),
        ("sequential.first", [1.0, 2.0], GOOD, [0, 0]),
        ("sequential.first", [1.0, 2.0], GOOD, [0, 2]),
        ("sequential.first", [1.0, NAN], GOOD, [0, 1]),
    ],
)
def test_a_muf_that_no_test_could_stand_on_is_refused(code, kg, covariance, first):
    with pytest.raises(InputError) as refusal:
        muf(np.array(kg), np.array(covariance), first=None if first is None else np.array(first))

    assert refusal.value.code == code


def test_the_period_that_is_not_positive_is_named():
    with pytest.raises(InputError) as refusal:
        muf(np.zeros(3), np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 1.0]]))

    assert refusal.value.where == {"period": 2}


def test_a_good_muf_is_taken_whatever_stands_in_the_rows_of_unknown_periods():
    assert muf(np.array([1.0, NAN]), GOOD, first=np.array([0, -1])).kg_u[0] == 2.0
    assert muf(np.array([NAN, 1.0]), np.array([[-7.0, NAN], [3.0, 4.0]])).kg_u[1] == 2.0


@pytest.mark.parametrize(
    ("stock", "net", "bias_u", "code"),
    [
        (measured([1, 2], 1.0), measured([1, 2], 1.0), NO_BIAS, "sequential.shape"),
        (measured([1, 2], 1.0), measured([1], 1.0), np.ones(1), "sequential.shape"),
        (measured([1, 2], NAN), measured([1], 1.0), NO_BIAS, "sequential.uncertainty_unknown"),
        (measured([1, 2], 1.0), measured([1], -1.0), NO_BIAS, "sequential.uncertainty_unknown"),
        (measured([1, 2], 1.0, [[1], [1]]), measured([1], 1.0, [[NAN]]), np.ones(1), "sequential.uncertainty_unknown"),
        (measured([1, 2], 1.0, [[1], [1]]), measured([1], 1.0, [[1]]), -np.ones(1), "sequential.uncertainty_unknown"),
        (measured([1, math.inf], 1.0), measured([1], 1.0), NO_BIAS, "sequential.not_finite"),
        (measured([1, 2], 0.0), measured([1], 0.0), NO_BIAS, "sequential.not_positive"),
    ],
)
def test_stocks_that_give_no_muf_with_an_uncertainty_are_refused(stock, net, bias_u, code):
    with pytest.raises(InputError) as refusal:
        from_stocks(stock, net, bias_u)

    assert refusal.value.code == code


def test_the_uncertainty_of_an_unknown_stock_is_not_asked_for():
    found = from_stocks(measured([1, NAN, 2], [1, NAN, 1]), measured([1, 1], 1.0), NO_BIAS)

    assert found.kg[1] == 1.0


def test_an_account_that_was_never_closed_has_nothing_to_test():
    empty = from_stocks(measured([1, NAN], 1.0), measured([1], 1.0), NO_BIAS)

    assert np.isnan(empty.kg).all()
    for ask in (sitmuf, cumuf):
        with pytest.raises(InputError) as refusal:
            ask(empty)
        assert refusal.value.code == "sequential.nothing_known"
