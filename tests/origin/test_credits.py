"""A credit is used once, an account is never below zero, and a factor counts on the days it is in force."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.origin.credits import Account, Factor, Period, account, carried, in_force, received, used


def day(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


JANUARY, FEBRUARY = Period("January", day(0), day(31)), Period("February", day(31), day(59))
OLD = Factor("smelter", "Sb", Fraction(9, 10), day(-100), day(10), "certificate 1")
NEW = Factor("smelter", "Sb", Fraction(8, 10), day(10), None, "certificate 2")


def opened(mg: int = 100) -> Account:
    """100 mg entered the smelter on day 5, at 9/10."""
    return received(account("Sb", JANUARY), "lot 1", at=day(5), mg=mg, process="smelter", factors=[OLD, NEW])


def refused(code: str):
    return pytest.raises(InputError, match=re.escape(code))


def test_what_enters_counts_by_the_factor_of_its_day_rounded_down():
    both = received(opened(), "lot 2", at=day(10), mg=101, process="smelter", factors=[OLD, NEW])

    assert (opened().left_mg, both.left_mg) == (90, 90 + 80)
    assert both.credits["lot 2"].factor == NEW


def test_a_credit_is_used_once():
    rest = used(opened(), "sale 1", at=day(6), draws=[("lot 1", 60)])

    assert rest.left_mg == 30
    with refused("credit.overdrawn"):
        used(rest, "sale 2", at=day(7), draws=[("lot 1", 31)])
    with refused("credit.overdrawn"):
        used(rest, "sale 2", at=day(7), draws=[("lot 1", 16), ("lot 1", 15)])
    with refused("credit.twice"):
        used(rest, "sale 1", at=day(7), draws=[("lot 1", 1)])
    assert used(rest, "sale 2", at=day(7), draws=[("lot 1", 30)]).left_mg == 0


def test_the_same_receipt_is_no_second_credit():
    with refused("credit.twice"):
        received(opened(), "lot 1", at=day(6), mg=5, process="smelter", factors=[OLD])


def test_what_has_not_arisen_yet_cannot_be_used_though_the_month_would_close():
    with refused("credit.early"):
        used(opened(), "sale", at=day(4), draws=[("lot 1", 1)])


@pytest.mark.parametrize(
    ("code", "draws"),
    [
        ("credit.unknown", [("lot 9", 1)]),
        ("credit.mg", [("lot 1", 0)]),
        ("credit.mg", [("lot 1", -5)]),
        ("credit.mg", []),
    ],
)
def test_a_use_of_nothing_is_refused(code, draws):
    with refused(code):
        used(opened(), "sale", at=day(6), draws=draws)


def test_what_is_left_is_lost_with_its_period_unless_it_is_carried_over_once():
    rest = used(opened(), "sale 1", at=day(6), draws=[("lot 1", 60)])
    with refused("credit.period"):
        used(rest, "sale 2", at=day(31), draws=[("lot 1", 30)])
    before, after = carried(rest, account("Sb", FEBRUARY))

    assert (before.left_mg, after.left_mg) == (0, 30)
    assert used(after, "sale 2", at=day(31), draws=[("lot 1", 30)]).left_mg == 0
    with refused("credit.twice"):
        carried(rest, after)
    with refused("credit.period"):
        carried(after, account("Sb", JANUARY))
    with refused("credit.element"):
        carried(rest, account("Cu", FEBRUARY))


@pytest.mark.parametrize(
    ("code", "factors"),
    [
        ("credit.factor_missing", []),
        ("credit.factor_missing", [NEW]),
        ("credit.factor_missing", [OLD._replace(element="Cu")]),
        ("credit.factor_twice", [OLD, OLD._replace(since=day(0), until=None)]),
        ("credit.factor_range", [OLD._replace(value=Fraction(11, 10))]),
        ("credit.factor_range", [OLD._replace(value=Fraction(0))]),
        ("credit.time", [OLD._replace(since=datetime(2026, 1, 1))]),
    ],
)
def test_without_one_factor_in_force_nothing_is_credited(code, factors):
    with refused(code):
        in_force(factors, process="smelter", element="Sb", at=day(5))


def test_what_is_outside_the_period_or_has_no_zone_or_no_mass_is_refused():
    with refused("credit.period"):
        received(opened(), "lot 2", at=day(31), mg=5, process="smelter", factors=[NEW])
    with refused("credit.mg"):
        opened(0)
    with refused("credit.time"):
        used(opened(), "sale", at=datetime(2026, 1, 6), draws=[("lot 1", 1)])
    with refused("credit.period"):
        account("Sb", Period("none", day(1), day(1)))


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.booleans(), st.integers(1, 200), st.integers(0, 5)), min_size=1, max_size=25
    )
)
def test_whatever_is_tried_no_account_was_below_zero_at_any_instant(steps):
    """In any order of entry: at every instant uses up to then are at most credits up to then."""
    it, times = account("Sb", JANUARY), {}
    for number, (when, is_use, mg, which) in enumerate(steps):
        try:
            if is_use:
                it = used(it, f"sale {number}", at=day(when), draws=[(f"lot {which}", mg)])
                times[f"sale {number}"] = when
            else:
                it = received(it, f"lot {which}", at=day(when), mg=mg, process="smelter", factors=[OLD, NEW])
        except InputError:
            continue
    for when in range(31):
        arisen = sum(one.mg for one in it.credits.values() if one.at <= day(when))
        drawn = sum(mg for name, draws in it.uses.items() if times[name] <= when for _, mg in draws)
        assert drawn <= arisen
    assert it.left_mg == sum(one.mg for one in it.credits.values()) - sum(
        mg for draws in it.uses.values() for _, mg in draws
    )
