"""Periods end at the midnight of their site: instants near it, zones that differ, and labels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.metal.balance.layout import AccountKey, asked_by
from lodeline.metal.balance.periods import PERIODS, calendar
from lodeline.record import metal
from tests.metal.balance.hand import CHICAGO, KARACHI, PLACES, YARD, accounted, at, at_site, on_road, values
from tests.metal.small_book import BUYER, LOT, MINE, PORT, SELLER, STIBNITE, WORKS, Record, kg, mined, received

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def mined_at(instant: str, place: str, lot: str = LOT) -> metal.Event:
    return metal.lot_mined(
        at(instant, place), [kg("10", lot)], basis="dry", country="PK", deposit=None, material=STIBNITE, owner=SELLER
    )


def months(*events: metal.Event, **how: object) -> list[tuple[str | None, str]]:
    """In which account and month anything came in."""
    found = accounted(*events, **how)  # type: ignore[arg-type]
    return [(one.key.site, one.period) for one in found.accounts if one.recorded("in").value]


def test_half_past_eleven_on_the_last_evening_is_of_the_month_and_half_past_midnight_of_the_next():
    """In Karachi both are the 31st by UTC; in Chicago the evening is the 1st by UTC."""
    assert months(mined_at("2026-03-31T23:30:00+05:00", PORT)) == [(PORT, "2026-03")]
    assert months(mined_at("2026-04-01T00:30:00+05:00", PORT)) == [(PORT, "2026-04")]
    assert months(mined_at("2026-04-01T04:30:00+00:00", WORKS)) == [(WORKS, "2026-03")]
    assert months(mined_at("2026-04-01T05:30:00+00:00", WORKS)) == [(WORKS, "2026-04")]


def test_what_happens_at_midnight_is_of_the_period_that_begins():
    assert months(mined_at("2026-04-01T00:00:00+05:00", PORT)) == [(PORT, "2026-04")]
    assert months(mined_at("2026-03-31T23:59:59.999999+05:00", PORT)) == [(PORT, "2026-03")]


def test_a_store_goes_by_the_midnight_of_its_site_and_a_policy_goes_before_both():
    in_yard = mined_at("2026-03-31T23:30:00+00:00", YARD)
    yard_of_karachi = (*PLACES[:4], Record("store", YARD, {"site": PORT}))

    assert months(in_yard) == [(MINE, "2026-03")]
    assert months(in_yard, master=yard_of_karachi) == [(PORT, "2026-04")]
    assert months(in_yard, zone=KARACHI) == [(MINE, "2026-04")]


def test_a_site_inside_a_larger_one_has_its_zone():
    parts = (Record("site", MINE, {"parent": PORT}), Record("site", PORT, {"time_zone": KARACHI}))

    assert months(mined_at("2026-03-31T23:30:00+00:00", MINE), master=parts) == [(MINE, "2026-04")]


def test_a_site_without_a_zone_is_counted_by_utc_and_that_is_a_finding():
    event = mined_at("2026-03-31T23:30:00+00:00", PORT)
    found = accounted(event, master=(Record("site", PORT, {}),))
    (finding,) = [one for one in found.findings if one.code == "balance.zone_unknown"]

    assert (found.accounts[0].period, found.accounts[0].zone) == ("2026-03", "UTC")
    assert (finding.settle[0].subject, finding.weight) == (PORT, "note")
    for known in (accounted(event), accounted(event, master=(Record("site", PORT, {}),), zone=KARACHI)):
        assert not [one for one in known.findings if one.code == "balance.zone_unknown"]


def test_a_truck_that_arrives_after_midnight_in_another_zone_is_on_the_road_by_the_midnight_it_left_by():
    """It leaves Karachi at 23:00 on the 31st, and comes to Chicago at 14:00 UTC: the evening of the 31st is April here,
    and the morning of the 31st there. So the road holds it as March ends, and Chicago has it in March."""
    ship = metal.shipment(
        at("2026-03-31T23:00:00+05:00", transactions=(("bol", "urn:example:bol:1"),)),
        [kg(None)], basis=None,
        left=metal.End(owner=SELLER, place=PORT), to=metal.End(owner=BUYER, place=WORKS),
    )  # fmt: skip
    come = {**received(31), "eventTime": "2026-03-31T20:00:00Z"}
    found = accounted(mined_at("2026-03-05T00:00:00+05:00", PORT), ship, come)

    assert values(on_road(found)) == {"in": 10, "closing": 10}
    assert values(on_road(found, "2026-04")) == {"opening": 10, "out": 10}
    assert values(at_site(found, WORKS)) == {"in": 10, "closing": 10}


def test_an_account_over_two_zones_counts_each_place_by_its_own_midnight():
    found = accounted(
        mined_at("2026-03-31T20:00:00+00:00", PORT), mined_at("2026-04-01T04:00:00+00:00", WORKS, "urn:example:lot:2"),
        by=("owner",),
    )  # fmt: skip
    march, april = (found.of(AccountKey(owner=SELLER), month) for month in ("2026-03", "2026-04"))

    assert (values(march), values(april)) == ({"in": 10, "closing": 10}, {"opening": 10, "in": 10, "closing": 20})
    assert (march.zone, march.begins) == (None, None)


@pytest.mark.parametrize(
    ("word", "label"),
    [("day", "2026-01-01"), ("week", "2026-W01"), ("month", "2026-01"), ("quarter", "2026-Q1"), ("year", "2026")],
)
def test_the_label_of_new_year_2026_a_thursday(word: str, label: str):
    moment = int((datetime(2026, 1, 1, 5, tzinfo=UTC) - EPOCH) / timedelta(microseconds=1))

    assert calendar(word, ["UTC"], moment, moment).labels == (label,)
    assert months(mined_at("2026-01-01T05:00:00+00:00", MINE), period=word) == [(MINE, label)]


def test_a_day_begins_where_the_clock_jumps_over_midnight():
    """In Beirut the clock went from 00:00 to 01:00 on 26 March 2023: the 26th began at 22:00 UTC of the 25th."""
    jump = datetime(2023, 3, 25, 22, tzinfo=UTC)
    moment = (jump - EPOCH) // timedelta(microseconds=1)
    days = calendar("day", ["Asia/Beirut"], moment - 1, moment)

    assert days.labels[:2] == ("2023-03-25", "2023-03-26")
    assert days.bounds[0, 1] == moment


@given(
    first=st.datetimes(datetime(1972, 1, 1), datetime(2037, 1, 1)),
    days=st.integers(0, 800),
    word=st.sampled_from(PERIODS),
    zone=st.sampled_from([KARACHI, CHICAGO, "UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"]),
)
def test_every_instant_is_in_the_period_of_its_local_date_and_no_period_is_empty(
    first: datetime, days: int, word: str, zone: str
):
    from zoneinfo import ZoneInfo

    import numpy as np

    begin = (first.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
    end = begin + days * 86_400_000_000
    found = calendar(word, [zone, "UTC"], begin, end)
    (at_begin, at_end) = found.period_of(np.zeros(2, dtype=np.int64), np.array([begin, end]))

    assert 0 <= at_begin <= at_end < len(found.labels)
    assert (np.diff(found.bounds, axis=1) > 0).all()
    starts, ends = found.spans(int(at_end), 0)
    local = (EPOCH + timedelta(microseconds=end)).astimezone(ZoneInfo(zone))
    assert starts <= local < ends
    assert word != "month" or found.labels[at_end] == f"{local:%Y-%m}"
    assert len(set(found.labels)) == len(found.labels)


def test_a_period_that_has_not_ended_is_one_so_far():
    event = mined("10", basis="dry")
    mid_march = (datetime(2026, 3, 15, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
    end_of_march = (datetime(2026, 4, 1, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)

    assert accounted(event, through=mid_march).accounts[0].so_far
    assert not accounted(event, through=end_of_march).accounts[0].so_far
    assert not accounted(event).accounts[0].so_far


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["site", "colour"], "balance.key_unknown"),
        (["site", "site"], "balance.key_twice"),
        (["site", "month", "week"], "balance.periods_several"),
    ],
)
def test_keys_that_are_not_told_apart_are_refused(words: list[str], code: str):
    with pytest.raises(InputError) as refused:
        asked_by(words)
    assert refused.value.code == code


def test_keys_and_a_period_are_told_apart_in_any_order():
    assert asked_by(["month", "owner", "site"]) == (("site", "owner"), "month")
    assert asked_by([]) == ((), None)
