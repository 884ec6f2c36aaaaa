"""Delivering to a webhook: every event once, in order, until it is acknowledged."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.book.service import Token
from lodeline.errors import BookError, InputError, LodelineError, NotFoundError
from lodeline.web.access import Caller
from lodeline.web.subscribing import batches
from lodeline.web.subscribing.delivering import LONGEST_WAIT_S, wait_s
from lodeline.web.subscribing.sending import Answer, signature
from tests.outside import CASES, needs_cases
from tests.record import epcis_cases
from tests.web.subscriptions import START, World, failure


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "book.db")
    yield made
    made.close()


def test_a_stream_hears_of_what_is_recorded_after_it_was_made(world):
    world.capture([1, 2])
    held = world.subscribe(world.query())
    world.capture([3])
    world.capture([4, 5])
    world.deliver(held)
    assert [number for notes in world.sender.notes for number in notes] == [3, 4, 5]


def test_what_was_acknowledged_is_never_sent_again(world):
    held = world.subscribe(world.query())
    world.capture([1])
    world.deliver(held)
    world.deliver(held)
    world.close()
    world.open()
    world.deliver(held)
    assert world.sender.notes == [[1]]


def test_only_what_matches_is_delivered(world):
    held = world.subscribe(world.query())
    world.capture([1])
    world.capture([2], bizStep="receiving")
    world.capture([3])
    world.deliver(held)
    assert world.sender.notes == [[1, 3]]


def test_the_document_is_a_query_document_that_names_itself(world):
    held = world.subscribe(world.query(), signatureToken="s3cret")
    world.capture([1])
    world.deliver(held)
    dest, body, headers = world.sender.sent[0]
    said = world.sender.documents[0]
    assert dest == "https://hooks.example.com/"
    assert said["type"] == "EPCISQueryDocument"
    assert said["epcisBody"]["queryResults"]["queryName"] == "shipped"
    assert said["epcisBody"]["queryResults"]["subscriptionID"] == held.id
    assert said["id"] == f"urn:uuid:{world.sender.deliveries[0]}"
    assert headers["GS1-Signature"] == signature("s3cret", body)
    assert headers["Content-Type"] == "application/json"
    event = said["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]
    assert event["recordTime"].startswith("2026-11-23T12:00:00")


def test_without_a_secret_nothing_is_signed(world):
    held = world.subscribe(world.query())
    world.capture([1])
    world.deliver(held)
    assert "GS1-Signature" not in world.sender.sent[0][2]


def test_a_failure_is_tried_again_with_the_same_bytes_and_shows(world):
    held = world.subscribe(world.query())
    world.capture([1])
    world.sender.answers = [failure(500), failure(None)]
    failing = world.deliver(held)
    assert (failing.state, failing.failures, failing.last_error) == ("failing", 1, "answered: 500")
    assert failing.position == held.position
    assert failing.last_notified_at is None
    world.capture([2])
    world.deliver(held)
    assert len(world.sender.sent) == 1, "not before its time"
    for _ in range(2):
        world.clock.move(hours=1)
        again = world.deliver(held)
    assert world.sender.notes == [[1], [1], [1], [2]]
    assert len(set(world.sender.deliveries)) == 2
    assert world.sender.sent[0] == world.sender.sent[1] == world.sender.sent[2]
    assert (again.state, again.failures, again.last_error) == ("active", 0, None)


def test_a_crash_after_the_sending_sends_the_same_delivery_again(world):
    """The acknowledgement was not written down: the receiver sees the same id and the same bytes twice."""
    held = world.subscribe(world.query())
    world.capture([1, 2])

    class Crash(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Crash

    world.delivering._settle = die
    with pytest.raises(Crash):
        world.deliver(held)
    world.close()
    world.open()
    world.capture([3])
    world.deliver(held)
    assert world.sender.notes == [[1, 2], [1, 2], [3]]
    assert world.sender.sent[0] == world.sender.sent[1]
    assert world.sender.deliveries[1] != world.sender.deliveries[2]


def test_a_crash_before_the_sending_loses_nothing(world):
    held = world.subscribe(world.query())
    world.capture([1])

    class Crash(BaseException):
        pass

    async def die(*_: object) -> Answer:
        raise Crash

    world.sender.post = die
    with pytest.raises(Crash):
        world.deliver(held)
    world.close()
    del world.sender.post
    world.open()
    world.deliver(held)
    assert world.sender.notes == [[1]]


def test_batches_are_bounded_and_in_order(world, monkeypatch):
    held = world.subscribe(world.query())
    world.capture(range(1, 8))
    held = world.service.subscriptions.change(held, batch_events=3)
    world.deliver(held)
    assert world.sender.notes == [[1, 2, 3], [4, 5, 6], [7]]

    monkeypatch.setattr(batches, "BATCH_BYTES", 1)
    world.capture([8, 9])
    world.deliver(held)
    assert world.sender.notes[3:] == [[8], [9]], "at least one event, however small the bound"


def test_a_receiver_that_finds_it_too_large_gets_half(world):
    held = world.subscribe(world.query())
    world.capture(range(1, 6))
    world.sender.answers = [failure(413), failure(413)]
    world.deliver(held)
    assert world.sender.notes == [[1, 2, 3, 4, 5], [1, 2], [1], [2], [3], [4], [5]]
    assert len(set(world.sender.deliveries)) == 7
    assert world.service.subscriptions.get(held.id).batch_events == 1


def test_one_event_that_is_too_large_fails_and_waits(world):
    held = world.subscribe(world.query())
    world.capture([1])
    world.sender.answers = [failure(413)]
    assert world.deliver(held).state == "failing"


def test_gone_ends_it_and_forgets_the_secret(world):
    held = world.subscribe(world.query(), signatureToken="s3cret")
    world.capture([1])
    world.sender.answers = [failure(410)]
    ended = world.deliver(held)
    assert (ended.state, ended.secret, ended.last_error) == ("ended", None, "the receiver answered 410 Gone")
    world.capture([2])
    world.deliver(held)
    assert len(world.sender.sent) == 1
    assert world.service.subscriptions.webhooks() == []


def test_removal_while_a_delivery_is_on_its_way_ends_it(world):
    held = world.subscribe(world.query())
    world.capture([1])
    post = world.sender.post

    async def remove_meanwhile(*said):
        world.service.queries.remove("shipped")
        return await post(*said)

    world.sender.post = remove_meanwhile
    assert world.deliver(held) is None
    with pytest.raises(NotFoundError) as refused:
        world.service.subscriptions.get(held.id)
    assert refused.value.code == "subscription.unknown"


def test_a_wish_to_wait_is_heard(world):
    held = world.subscribe(world.query())
    world.capture([1])
    world.sender.answers = [failure(503, retry_after_s=600.0)]
    failing = world.deliver(held)
    assert failing.due_at - failing.touched_at == timedelta(seconds=600)


def test_waiting_doubles_and_ends_at_an_hour():
    waits = [wait_s(failures, None, Random(failures)) for failures in range(1, 40)]
    assert 0.75 <= waits[0] <= 1.25
    assert all(0.75 * 2**n <= wait <= 1.25 * 2**n for n, wait in enumerate(waits[:11]))
    assert waits[-1] <= LONGEST_WAIT_S
    assert wait_s(1, 1e9, Random(1)) == LONGEST_WAIT_S


def test_a_schedule_waits_for_its_time_and_brings_all_since(world):
    held = world.subscribe(world.query(), schedule={"hour": "1", "minute": "5"})
    world.capture([1])
    world.deliver(held)
    assert world.sender.sent == []
    world.clock.now = START.replace(day=24, hour=1, minute=5)
    world.capture([2])
    after = world.deliver(held)
    assert world.sender.notes == [[1, 2]]
    assert after.due_at == START.replace(day=25, hour=1, minute=5)


def test_a_schedule_that_finds_nothing_is_silent_unless_asked(world):
    named = world.query()
    silent = world.subscribe(named, schedule={"minute": "0"})
    loud = world.subscribe(named, schedule={"minute": "0"}, reportIfEmpty=True)
    world.clock.now = START.replace(hour=13)
    silent, loud = world.deliver(silent), world.deliver(loud)
    assert world.sender.notes == [[]]
    assert world.sender.documents[0]["epcisBody"]["queryResults"]["subscriptionID"] == loud.id
    assert silent.due_at == loud.due_at == START.replace(hour=14)
    assert silent.min_record_time == START.replace(hour=13)


def test_a_report_of_nothing_does_not_follow_one_of_something(world):
    held = world.subscribe(world.query(), schedule={"minute": "0"}, reportIfEmpty=True)
    held = world.service.subscriptions.change(held, batch_events=2)
    world.capture([1, 2, 3, 4])
    world.clock.now = START.replace(hour=13)
    world.deliver(held)
    assert world.sender.notes == [[1, 2], [3, 4]]


def test_a_missed_time_is_made_up_once(world):
    held = world.subscribe(world.query(), schedule={"minute": "0"}, reportIfEmpty=True)
    world.clock.now = START.replace(hour=20, minute=30)
    world.deliver(held)
    world.deliver(held)
    assert len(world.sender.sent) == 1


def test_an_initial_record_time_brings_what_was_recorded_since(world):
    world.capture([1])
    world.clock.move(minutes=1)
    since = world.clock.now
    world.capture([2])
    held = world.subscribe(world.query(), initialRecordTime=since.isoformat())
    world.deliver(held)
    assert world.sender.notes == [[2]]
    whole = world.subscribe(world.service.queries.get("shipped"), initialRecordTime="1999-01-01T00:00:00Z")
    world.deliver(whole)
    assert world.sender.notes == [[2], [1, 2]]


def test_an_initial_record_time_to_come_is_waited_for(world):
    held = world.subscribe(world.query(), initialRecordTime=(START + timedelta(hours=1)).isoformat())
    world.capture([1])
    world.deliver(held)
    world.clock.move(hours=2)
    world.capture([2])
    world.deliver(held)
    assert world.sender.notes == [[2]]


def test_a_revoked_token_ends_what_it_made(world):
    token = Token(
        id="a1", who="tester", role="reader", hash="x", created_at=START, created_by="x",
        expires_at=None, revoked_at=None, revoked_by=None,
    )  # fmt: skip
    world.service.tokens.add(token)
    world.service.tokens.add(msgspec.structs.replace(token, id="a2", expires_at=START + timedelta(hours=1)))
    named = world.query()
    revoked = world.subscribe(named, Caller("tester", "reader", "a1"))
    expiring = world.subscribe(named, Caller("tester", "reader", "a2"))
    world.capture([1])
    assert world.deliver(revoked).state == "active"
    assert world.deliver(expiring).state == "active"
    world.service.tokens.revoke("a1", at=world.clock(), by="x")
    world.clock.move(hours=1)
    world.capture([2])
    assert world.deliver(revoked).state == "ended"
    assert world.deliver(expiring).state == "ended"
    assert world.sender.notes == [[1], [1]]


def test_a_query_that_orders_or_cuts_its_answer_cannot_be_subscribed_to(world):
    for number, parameters in enumerate(({"orderBy": "eventTime", "eventCountLimit": 1}, {"maxEventCount": 5})):
        named = world.query(f"cut{number}", parameters)
        with pytest.raises(InputError) as refused:
            world.subscribe(named)
        assert refused.value.code == "subscription.query_limited"


def test_a_query_that_cannot_be_asked_is_said_once_and_tried_again(world):
    held = world.subscribe(world.query())
    world.capture([1])

    def broken(name):
        raise InputError("query.value", "It cannot be asked just now.")

    found, world.delivering._finder = world.delivering._finder, broken
    failing = world.deliver(held)
    assert failing.state == "failing"
    assert "query.value" in failing.last_error
    assert world.sender.documents[0]["code"] == "query.value"
    world.clock.move(hours=1)
    world.deliver(held)
    assert len(world.sender.sent) == 1
    world.delivering._finder = found
    world.clock.move(hours=1)
    world.deliver(held)
    assert world.sender.documents[-1]["type"] == "EPCISQueryDocument"


def test_a_store_that_is_busy_is_not_the_receivers_business(world):
    held = world.subscribe(world.query())
    world.capture([1])

    def busy(name):
        raise BookError("ledger.busy", "Another writer holds the book.")

    found, world.delivering._finder = world.delivering._finder, busy
    assert "ledger.busy" in world.deliver(held).last_error
    assert world.sender.sent == []
    world.delivering._finder = found
    world.clock.move(hours=1)
    world.deliver(held)
    assert world.sender.notes == [[1]]


def test_passing_over_much_that_does_not_match_is_written_down(world, monkeypatch):
    monkeypatch.setattr("lodeline.web.subscribing.delivering.PASSED_ENTRIES", 8)
    held = world.subscribe(world.query(parameters={"EQ_bizStep": ["receiving"]}))
    for number in range(3):
        world.capture([number])
        kept = world.deliver(held)
    assert kept.position == held.position
    world.capture(range(10, 20))
    assert world.deliver(held).position == world.book.head().seq
    world.capture([30], bizStep="receiving")
    world.deliver(held)
    assert world.sender.notes == [[30]]


@settings(max_examples=15, deadline=None)
@given(
    steps=st.lists(
        st.sampled_from(["capture", "other", "deliver", "fail", "lost", "too large", "restart", "wait"]),
        min_size=5,
        max_size=25,
    )
)
def test_whatever_happens_each_event_is_in_one_delivery_and_all_arrive_in_order(tmp_path_factory, steps):
    """Deliveries by their id, in the order in which each was first seen, hold every event once."""
    world = World(tmp_path_factory.mktemp("world") / "book.db")
    held = world.subscribe(world.query())
    world.service.subscriptions.change(held, batch_events=3)
    captured: list[int] = []
    refused: set[str] = set()
    try:
        for number, step in enumerate([*steps, "wait", "deliver"]):
            match step:
                case "capture":
                    numbers = list(range(number * 100, number * 100 + number % 5 + 1))
                    world.capture(numbers)
                    captured += numbers
                case "other":
                    world.capture([number], bizStep="receiving")
                case "restart":
                    world.close()
                    world.open()
                case "wait":
                    world.clock.move(hours=2)
                case _:
                    answer = {"fail": [failure(500)], "lost": [failure(None)], "too large": [failure(413)]}
                    world.sender.answers = answer.get(step, [])
                    before = len(world.sender.sent)
                    world.deliver(held)
                    # One event alone cannot be cut: it stays the same delivery.
                    if step == "too large" and len(world.sender.sent) > before and len(world.sender.notes[before]) > 1:
                        refused.add(world.sender.deliveries[before])
        first: dict[str, list[int]] = {}
        for delivery, notes in zip(world.sender.deliveries, world.sender.notes, strict=True):
            assert first.setdefault(delivery, notes) == notes
        taken = [number for delivery, notes in first.items() if delivery not in refused for number in notes]
        assert taken == captured
    finally:
        world.close()


@needs_cases
@pytest.mark.cases
def test_whatever_was_captured_is_delivered_as_gs1s_schema_says(world):
    """GS1's own events, out of XML and out of JSON, side by side in one document under their own contexts."""
    held = world.subscribe(world.query(parameters={}))
    files = sorted((CASES / "epcis" / "gs1-xml").rglob("*.xml")) + sorted(
        (CASES / "epcis" / "gs1-json").rglob("*.json*")
    )
    captured = 0
    for file in files:
        # Some hold no events (master data, jobs), and one is not valid.
        with suppress(LodelineError):
            captured += world.book.capture(file, by="tester").added
    assert captured > 20
    world.deliver(held)
    oracle = epcis_cases.oracle()
    assert [oracle.is_valid(said) for said in world.sender.documents] == [True] * len(world.sender.sent)
    results = [said["epcisBody"]["queryResults"]["resultsBody"]["eventList"] for said in world.sender.documents]
    assert sum(map(len, results)) == captured
