"""Schedules: worked by hand, and against an independent calendar for many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.web.subscribing.schedule import RANGES, parse_schedule

MONDAY = datetime(2026, 11, 23, 15, 50, 30, tzinfo=UTC)


def next_of(fields: dict[str, str], after: datetime = MONDAY) -> str:
    return parse_schedule(fields).next_after(after).isoformat()


def test_five_past_one_is_once_a_day():
    """GS1's example: a field finer than those given is its first value, not every value."""
    assert next_of({"hour": "1", "minute": "5"}) == "2026-11-24T01:05:00+00:00"
    assert (
        next_of({"hour": "1", "minute": "5"}, datetime(2026, 11, 24, 1, 5, tzinfo=UTC)) == "2026-11-25T01:05:00+00:00"
    )


def test_a_coarser_field_that_is_left_out_matches_always():
    assert next_of({"second": "0", "minute": "0"}) == "2026-11-23T16:00:00+00:00"
    assert next_of({"minute": "5"}) == "2026-11-23T16:05:00+00:00"


def test_the_week_begins_on_monday():
    assert next_of({"dayOfWeek": "1"}) == "2026-11-30T00:00:00+00:00"
    assert next_of({"dayOfWeek": "7"}) == "2026-11-29T00:00:00+00:00"
    assert next_of({"hour": "9", "dayOfWeek": "[1-5]"}) == "2026-11-24T09:00:00+00:00"


def test_day_of_month_and_day_of_week_must_both_match():
    """Friday the 13th, not every Friday and every 13th as cron reads it."""
    assert next_of({"dayOfMonth": "13", "dayOfWeek": "5"}) == "2027-08-13T00:00:00+00:00"


def test_lists_ranges_and_steps():
    assert next_of({"minute": "[0-10],50"}, MONDAY) == "2026-11-23T16:00:00+00:00"
    assert next_of({"minute": "[0-10],55"}, MONDAY) == "2026-11-23T15:55:00+00:00"
    assert next_of({"second": "0/30"}) == "2026-11-23T15:51:00+00:00"
    assert next_of({"second": "*"}) == "2026-11-23T15:50:31+00:00"
    assert next_of({"hour": "8-18/5"}) == "2026-11-23T18:00:00+00:00"


def test_the_clock_is_utc_whatever_the_offset_of_the_question():
    there = MONDAY.astimezone(timezone(timedelta(hours=5)))
    assert next_of({"hour": "1"}, there) == next_of({"hour": "1"}, MONDAY) == "2026-11-24T01:00:00+00:00"


def test_the_29th_of_february_comes_round_even_on_a_monday():
    assert next_of({"month": "2", "dayOfMonth": "29"}) == "2028-02-29T00:00:00+00:00"
    assert next_of({"month": "2", "dayOfMonth": "29", "dayOfWeek": "1"}) == "2044-02-29T00:00:00+00:00"


def test_a_number_is_read_as_its_text():
    assert parse_schedule({"hour": 1}) == parse_schedule({"hour": "1"})


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"minutes": "1"},
        {"minute": ""},
        {"minute": "60"},
        {"hour": "24"},
        {"dayOfMonth": "0"},
        {"dayOfMonth": "32"},
        {"month": "13"},
        {"dayOfWeek": "0"},
        {"dayOfWeek": "8"},
        {"minute": "[10-5]"},
        {"minute": "[1-5"},
        {"minute": "1-5]"},
        {"minute": "1,,2"},
        {"minute": "1;2"},
        {"minute": "*/0"},
        {"minute": "-1"},
        {"minute": "1.5"},
        {"minute": "１"},
        {"minute": "x"},
        {"minute": True},
        {"minute": 1.5},
        {"minute": ["1"]},
        {"minute": "1," * 300 + "1"},
        {"month": "2", "dayOfMonth": "30"},
        {"month": "[4-4]", "dayOfMonth": "31"},
    ],
)
def test_what_is_no_schedule_is_refused(fields):
    with pytest.raises(InputError) as refused:
        parse_schedule(fields)
    assert refused.value.code == "subscription.schedule"


def subsets(first: int, last: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(first, last), min_size=1, max_size=4, unique=True)


@settings(max_examples=150, deadline=None)
@given(
    given_fields=st.fixed_dictionaries(
        {"second": subsets(0, 59), "minute": subsets(0, 59), "hour": subsets(0, 23)},
        optional={"dayOfMonth": subsets(1, 28), "month": subsets(1, 12), "dayOfWeek": subsets(1, 7)},
    ),
    after=st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)),
)
def test_every_time_is_the_one_an_independent_calendar_names(given_fields, after):
    """An independent route: the recurrence rules of iCalendar, in which all parts must match as well."""
    schedule = parse_schedule({name: ",".join(map(str, values)) for name, values in given_fields.items()})
    found = rrule.rrule(
        rrule.DAILY,
        dtstart=after.replace(microsecond=0),
        bysecond=given_fields["second"],
        byminute=given_fields["minute"],
        byhour=given_fields["hour"],
        bymonthday=given_fields.get("dayOfMonth"),
        bymonth=given_fields.get("month"),
        byweekday=[day - 1 for day in given_fields.get("dayOfWeek", range(1, 8))],
    )
    wanted = next(time for time in found if time > after)
    assert schedule.next_after(after.replace(tzinfo=UTC)).replace(tzinfo=None) == wanted


def test_fields_stand_from_fine_to_coarse():
    assert list(RANGES) == ["second", "minute", "hour", "dayOfMonth", "month", "dayOfWeek"]
