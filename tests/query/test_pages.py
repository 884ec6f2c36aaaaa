"""Paging: stable while others write, tokens that are refused when changed, orders, limits, and as of an entry."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from lodeline.errors import InputError
from lodeline.ledger.query import segments
from lodeline.ledger.store import Store, open_store
from lodeline.ledger.values import MasterRecord
from lodeline.record.query import Query, parse
from tests.ledger.books import clock
from tests.postgres import cluster
from tests.query import corpus
from tests.query.brute import instant
from tests.query.filled import SMALL, capture, filled, rows

EXTENSIONS = {"ex": corpus.EX}


@pytest.fixture(autouse=True, scope="module")
def small_segments() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "SIZES", SMALL)
        yield


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield str(tmp_path / "book.db")
        return
    with cluster() as address:
        yield address + "&schema=paged"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with filled(str(tmp_path / "book.db"), corpus.events(3, 150)) as opened:
        yield opened


def ask(**parameters: Any) -> Query:
    return parse({name.replace("__", ":"): value for name, value in parameters.items()}, extensions=EXTENSIONS)


def pages(store: Store, query: Query, per_page: int) -> Iterator[list[int]]:
    token = None
    while True:
        page = store.query(query, token=token, per_page=per_page)
        yield [event.seq for event in page.events]
        token = page.next_token
        if token is None:
            return


def whole(store: Store, query: Query, per_page: int = 1000) -> list[int]:
    return [seq for page in pages(store, query, per_page) for seq in page]


def test_pages_stay_the_same_while_another_writer_adds_events(url: str) -> None:
    """Between any two pages, and beside them, events come in that the query means too."""
    added, stop = corpus.events(5, 400), threading.Event()
    tick = clock()
    with filled(url, corpus.events(4, 200)) as store:
        before = whole(store, ask(EQ_action=["ADD", "OBSERVE"]))

        def write() -> None:
            with open_store(url) as other:
                for start in range(0, len(added), 10):
                    if stop.is_set():
                        return
                    capture(other, added[start : start + 10], tick)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for extra in ({}, {"orderBy": "eventTime"}, {"orderBy": "ex:number", "orderDirection": "ASC"}):
                query = ask(EQ_action=["ADD", "OBSERVE"], **extra)
                first = store.query(query, per_page=7)
                pinned = {event.seq for event in first.events}
                token, seen = first.next_token, len(first.events)
                while token is not None:
                    page = store.query(query, token=token, per_page=7)
                    assert page.as_of == first.as_of
                    assert all(event.seq <= first.as_of for event in page.events)
                    pinned |= {event.seq for event in page.events}
                    token, seen = page.next_token, seen + len(page.events)
                held = {seq for seq, row in rows(store).items() if seq <= first.as_of}
                meant = {s for s in held if rows_action(store, s) in ("ADD", "OBSERVE")}
                assert seen == len(pinned)
                assert pinned == meant >= set(before)
        finally:
            stop.set()
            writer.join()


def rows_action(store: Store, seq: int) -> str | None:
    (event,) = store.event(str(seq))
    from lodeline.record.codec import decode

    action: str | None = decode(event.raw).get("action")
    return action


def test_a_token_that_was_changed_anywhere_is_refused(store: Store) -> None:
    query = ask()
    token = store.query(query, per_page=10).next_token
    assert token is not None
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for at in range(len(raw)):
        broken = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        changed = base64.urlsafe_b64encode(broken).decode().rstrip("=")
        with pytest.raises(InputError) as refused:
            store.query(query, token=changed, per_page=10)
        assert refused.value.code == "query.token"
    for nonsense in ("", "abc", token[:-1], token + "A", token + "=", "é", "x" * 10_000):
        with pytest.raises(InputError, match=re.escape("query.token")):
            store.query(query, token=nonsense, per_page=10)


def test_a_token_of_another_query_or_book_is_refused(store: Store, tmp_path: Path) -> None:
    token = store.query(ask(), per_page=10).next_token
    with pytest.raises(InputError, match=re.escape("query.token")):
        store.query(ask(EQ_action=["ADD"]), token=token, per_page=10)
    with pytest.raises(InputError, match=re.escape("query.token")):
        store.query(ask(), token=token, as_of=20, per_page=10)
    with (
        filled(str(tmp_path / "other.db"), corpus.events(3, 150)) as other,
        pytest.raises(InputError, match=re.escape("query.token")),
    ):
        other.query(ask(), token=token, per_page=10)


@pytest.mark.parametrize("per_page", [0, -1, 10_001])
def test_a_page_of_no_or_of_too_many_events_is_refused(store: Store, per_page: int) -> None:
    with pytest.raises(InputError, match=re.escape("query.per_page")):
        store.query(ask(), per_page=per_page)


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("per_page", [1, 13, 1000])
@pytest.mark.parametrize("indexed", [True, False])
def test_order_by_event_time_is_the_order_of_time(store: Store, direction: str, per_page: int, indexed: bool) -> None:
    if indexed:
        store.index_queries()
    query = ask(orderBy="eventTime", orderDirection=direction, EQ_action=["ADD", "OBSERVE", "DELETE"])
    found, held = whole(store, query, per_page), rows(store)
    micro = {
        seq: int(instant(row.event["eventTime"]) * 1_000_000) for seq, row in held.items() if "action" in row.event
    }
    expected = sorted(micro, key=lambda seq: (micro[seq], seq), reverse=direction == "DESC")
    assert found == expected


def test_order_by_record_time_and_without_order(store: Store) -> None:
    ledger = list(rows(store))
    assert whole(store, ask(), 11) == ledger
    assert whole(store, ask(orderDirection="DESC"), 11) == ledger[::-1]
    assert whole(store, ask(orderBy="recordTime"), 11) == ledger[::-1]
    assert whole(store, ask(orderBy="recordTime", orderDirection="ASC"), 11) == ledger


def test_order_by_a_field_of_one_s_own_is_by_number(store: Store) -> None:
    held = rows(store)
    found = whole(store, ask(orderBy="ex:number"), 17)
    assert [held[seq].event["ex:number"] for seq in found] == sorted(
        (r.event["ex:number"] for r in held.values()), reverse=True
    )
    by_text = whole(store, ask(orderBy="ex:a", orderDirection="ASC"), 9)
    assert sorted(by_text) == sorted(held)


@pytest.mark.parametrize("limit", [0, 1, 10, 25, 10_000])
@pytest.mark.parametrize("per_page", [1, 10, 100])
def test_event_count_limit_counts_over_all_pages(store: Store, limit: int, per_page: int) -> None:
    every = whole(store, ask(orderBy="eventTime"))
    assert whole(store, ask(orderBy="eventTime", eventCountLimit=limit), per_page) == every[:limit]


def test_max_event_count_refuses_one_more_and_not_as_many(store: Store) -> None:
    count = len(whole(store, ask(EQ_action=["ADD"])))
    assert len(whole(store, ask(EQ_action=["ADD"], maxEventCount=count), 10)) == count
    with pytest.raises(InputError, match=re.escape("query.too_large")):
        store.query(ask(EQ_action=["ADD"], maxEventCount=count - 1), per_page=10)


def test_an_answer_as_of_an_entry_is_that_of_the_shorter_book(store: Store, tmp_path: Path) -> None:
    half = corpus.events(3, 150)[:75]
    with filled(str(tmp_path / "half.db"), half, documents=3) as shorter:
        end = shorter.head().seq
        for indexed in (False, True):
            if indexed:
                store.index_queries()
            for query in (
                ask(),
                ask(EQ_action=["ADD"]),
                ask(orderBy="eventTime"),
                ask(WD_readPoint=["https://example.org/site/1"]),
            ):
                token, found = None, []
                while True:
                    page = store.query(query, as_of=end if token is None else None, token=token, per_page=10)
                    found += [event.seq for event in page.events]
                    token = page.next_token
                    if token is None:
                        break
                assert found == whole(shorter, query)


def test_since_gives_the_events_between_two_entries(store: Store) -> None:
    query, draw = ask(EQ_action=["ADD"], orderBy="eventTime", eventCountLimit=1), Random(1)
    every = whole(store, ask(EQ_action=["ADD"]))
    for _ in range(10):
        after, until = sorted(draw.sample(range(store.head().seq + 1), 2))
        found = [event.seq for event in store.query_since(query, after=after, until=until)]
        assert found == [seq for seq in every if after < seq <= until]


def test_an_event_without_event_id_is_found_by_its_hash_id(store: Store) -> None:
    nameless = next(event for event in store.events() if event.event_id is None)
    found = store.query(ask(EQ_eventID=[nameless.hash_id]), per_page=10).events
    assert [event.seq for event in found] == [nameless.seq]


def test_declared_withdrawn_and_twin_events_are_all_recorded_events(store: Store) -> None:
    tick = clock()
    event = {
        "type": "ObjectEvent",
        "eventTime": "2026-02-01T00:00:00Z",
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "epcList": ["urn:example:one"],
        "eventID": "urn:uuid:00000000-0000-4000-8000-0000000000a1",
    }
    twin = event | {"eventID": "urn:uuid:00000000-0000-4000-8000-0000000000a2"}
    wrong = event | {"errorDeclaration": {"declarationTime": "2026-02-02T00:00:00Z", "reason": "did_not_occur"}}
    capture(store, [event, twin, wrong], tick)
    query = ask(MATCH_epc=["urn:example:one"])
    found = store.query(query, per_page=10).events
    assert [(e.declares_error, e.withdrawn_by is not None, e.twin_of is not None) for e in found] == [
        (False, True, False), (False, False, True), (True, False, False)]  # fmt: skip
    declared = ask(MATCH_epc=["urn:example:one"], EXISTS_errorDeclaration=None)
    assert [event.declares_error for event in store.query(declared, per_page=10).events] == [True]


def test_within_a_place_follows_what_was_registered_by_then(store: Store) -> None:
    """A site that is registered later as part of another counts from then on, and not in an answer as of before."""
    tick, query = clock(), ask(WD_readPoint=["urn:epc:id:pgln:4012345.00009"])
    before = store.head().seq
    part = {"name": "Part", "country": "PK", "parent": "urn:epc:id:pgln:4012345.00009"}
    record = MasterRecord(kind="site", id="https://example.org/site/1", attributes=dict(part))
    store.register([record], by="clerk", clock=tick, source=b"later")
    expected = whole(store, ask(EQ_readPoint=["https://example.org/site/1", "urn:epc:id:sgln:4012345.00001.0"]))
    assert store.query(query, as_of=before, per_page=10).events == []
    found = whole(store, query)
    assert set(found) >= set(whole(store, ask(EQ_readPoint=["https://example.org/site/1"])))
    assert set(found) >= set(expected)
