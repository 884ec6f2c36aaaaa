"""What keeps the event hash and what changes it, on whole events of all five types."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodeline.record.hash import content, hash_id, prehash
from tests.record.hash_events import CONTEXT, changed, events, leaves, respelled

whole_events = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@whole_events
@given(event=events, data=st.data())
def test_another_spelling_of_the_same_event_keeps_its_hash(event, data):
    other = respelled(event, data.draw)

    assert prehash(other, CONTEXT) == prehash(event, CONTEXT)
    assert hash_id(other, CONTEXT) == hash_id(event, CONTEXT)
    assert content(other, CONTEXT) == content(event, CONTEXT)


@whole_events
@given(event=events, data=st.data())
def test_any_changed_value_changes_the_hash(event, data):
    path = data.draw(st.sampled_from(leaves(event)))
    other = changed(event, path, data.draw)

    assert hash_id(other, CONTEXT) != hash_id(event, CONTEXT)
    assert content(other, CONTEXT) != content(event, CONTEXT)


@whole_events
@given(event=events, data=st.data())
def test_a_field_more_or_less_changes_the_hash(event, data):
    name = data.draw(st.sampled_from(sorted(event.keys() - {"type"})))
    without = {key: value for key, value in event.items() if key != name}
    more = event | {"ex:new": data.draw(st.sampled_from(["", "x", 0, False, {}]))}

    assert len({prehash(each, CONTEXT) for each in (event, without, more)}) == 3
    assert len({content(each, CONTEXT) for each in (event, without, more)}) == 3


@whole_events
@given(event=events)
def test_hashing_changes_nothing_and_is_the_same_every_time(event):
    before = repr(event)

    assert prehash(event, CONTEXT) == prehash(event, CONTEXT)
    assert repr(event) == before


@whole_events
@given(event=events, offset=st.sampled_from(["+01:00", "-11:30", "+14:00"]))
def test_the_zone_of_the_place_counts_though_the_instant_is_the_same(event, offset):
    assert hash_id(event | {"eventTimeZoneOffset": offset}, CONTEXT) != hash_id(event, CONTEXT)
