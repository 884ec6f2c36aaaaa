"""Capture: exact bytes, all or nothing, the same thing once."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from lodeline.errors import BookError, LodelineError, NotFoundError, RecordError
from lodeline.ledger import preparing
from lodeline.ledger.store import Store, open_store
from lodeline.record.document import spool
from tests.ledger.books import START, book, clock
from tests.ledger.epcis import CONTEXT, LOT, document, event, spooled

FreshUrl = Callable[[], str]


def capture(store: Store, *events: dict[str, object], **how: object) -> object:
    with spooled(events) as held:
        return store.capture(held, by="clerk", clock=clock(), **how)  # type: ignore[arg-type]


def test_events_are_kept_byte_for_byte_with_their_context_and_order(fresh_url: FreshUrl) -> None:
    odd = b'{"type":"ObjectEvent" , "eventTime": "2025-10-02T10:00:00Z","eventTimeZoneOffset":"+00:00",\n "action":'
    odd += b'"OBSERVE","epcList":["urn:epc:id:sgtin:4012345.011111.9876"],"ex:deep":{"a":[1.50,1e2,"\\u00e9"]}}'
    plain = json.dumps(event(7), indent=1).encode()
    whole = b'{"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2025-10-02T08:00:00.000Z","epcisBody":'
    whole += b'{"eventList": [ ' + odd + b",\t" + plain + b' ]}, "@context": ' + json.dumps(CONTEXT).encode() + b"}"
    with book(fresh_url()) as store:
        with spool(BytesIO(whole)) as held:
            done = store.capture(held, by="clerk", clock=clock())
        first, second = store.events()
        assert (done.added, done.known, done.refused) == (2, 0, [])
        assert (done.capture_id, done.first_seq, done.last_seq) == (1, 2, 3)
        assert (first.raw, second.raw) == (odd, plain)
        assert first.context == json.dumps(CONTEXT).encode()
        assert (first.seq, second.seq, first.capture_id) == (2, 3, 1)
        assert first.recorded_at == second.recorded_at > START
        assert first.captured_by == "clerk"
        assert first.counted
        assert store.head() == done.head
        assert store.verify(deep=True).events == 2


def test_a_bare_event_is_kept_whole(fresh_url: FreshUrl) -> None:
    raw = json.dumps({"@context": CONTEXT} | event(1)).encode()
    with book(fresh_url()) as store:
        with spool(BytesIO(raw)) as held:
            assert store.capture(held, by="clerk", clock=clock()).added == 1
        (only,) = store.events()
        assert (only.raw, only.context) == (raw, None)
        assert store.verify(deep=True).events == 1


def test_the_same_document_again_writes_nothing(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        first = capture(store, event(1), event(2))
        again = capture(store, event(1), event(2))
        assert (again.added, again.known, again.capture_id) == (0, 2, None)
        assert (again.first_seq, again.last_seq) == (None, None)
        assert again.head == first.head == store.head()


def test_an_event_twice_in_one_document_is_recorded_once(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        done = capture(store, event(1), event(2), event(1), event(1))
        assert (done.added, done.known) == (2, 2)
        assert len(list(store.events())) == 2


def test_one_wrong_event_refuses_the_whole_document(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        with pytest.raises(RecordError) as refused:
            capture(store, event(1), event(2, action="LOOK"), event(3))
        assert refused.value.where["event"] == 1
        assert store.head().seq == 0
        assert list(store.events()) == []


def test_a_wrong_document_around_right_events_is_refused(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        with spooled([event(1)], creationDate="yesterday") as held, pytest.raises(RecordError) as refused:
            store.capture(held, by="clerk", clock=clock(), proceed=True)
        assert "creationDate" in str(refused.value)
        assert store.head().seq == 0


def test_proceed_leaves_wrong_events_out_and_says_which(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        done = capture(store, event(1), event(2, action="LOOK"), event(3), event(4, eventTime=None), proceed=True)
        assert (done.added, [error.where["event"] for error in done.refused]) == (2, [1, 3])
        assert all(isinstance(error, LodelineError) and error.code for error in done.refused)
        assert [json.loads(held.raw)["ex:note"] for held in store.events()] == ["number 1", "number 3"]
        assert store.verify(deep=True).events == 2


def test_a_document_of_refused_or_no_events_writes_nothing(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        assert capture(store, event(2, action="LOOK"), proceed=True).added == 0
        assert capture(store).added == 0
        assert store.head().seq == 0


def test_the_document_around_the_events_is_on_the_chain_too(fresh_url: FreshUrl) -> None:
    """What a header says of sender and receiver is kept; only the list's content is cut out."""
    with book(fresh_url()) as store:
        with spooled([event(1)], **{"ex:sender": "the mine"}) as held:
            store.capture(held, by="clerk", clock=clock())
        buffer = BytesIO()
        store.export(buffer)
        kinds = [json.loads(line).get("kind") for line in buffer.getvalue().splitlines()]
        assert [kind for kind in kinds if kind] == ["book", "capture", "event"]
        assert store.verify().entries == 3


@pytest.mark.parametrize("count", [1, 399, 400, 401, 1203])
def test_large_documents_go_through_workers_to_the_same_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Batch borders included; head for head the same as without workers."""
    from uuid import UUID

    from lodeline.ledger.store import create

    heads = []
    for size in (1 << 60, 0):
        monkeypatch.setattr(preparing, "WORKERS_FROM_BYTES", size)
        number = UUID(int=7)
        with create(tmp_path / f"{size}.db", title="x", created_at=START, by="f", book_id=number) as store:
            done = capture(store, *(event(number) for number in range(count)))
            assert done.added == count
            heads.append(store.head())
    assert heads[0] == heads[1]


def test_a_refusal_in_a_worker_arrives_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "WORKERS_FROM_BYTES", 0)
    events = [event(number) for number in range(1000)]
    events[777] = event(777, action="LOOK")
    with book(str(tmp_path / "a.db")) as store:
        with pytest.raises(RecordError) as refused:
            capture(store, *events)
        assert refused.value.where["event"] == 777
        assert store.head().seq == 0
        assert capture(store, *events, proceed=True).refused[0].where["event"] == 777
        assert len(list(store.events())) == 999


def test_progress_is_told_up_to_the_last_event(tmp_path: Path) -> None:
    told: list[int] = []
    with book(str(tmp_path / "a.db")) as store:
        capture(store, *(event(number) for number in range(900)), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 900


def test_events_are_found_by_sequence_hash_id_and_event_id(fresh_url: FreshUrl) -> None:
    named = event(2, eventID="urn:uuid:5b2a2b5e-0000-4000-8000-000000000002")
    with book(fresh_url()) as store:
        capture(store, event(1), named)
        one, two = store.events()
        assert store.event("2") == [one]
        assert store.event(two.hash_id) == [two]
        assert store.event("urn:uuid:5b2a2b5e-0000-4000-8000-000000000002") == [two]
        for key in ("1", "99", "9" * 30, "ni:///sha-256;" + "0" * 64 + "?ver=CBV2.0", "urn:uuid:x", "", "٣"):
            with pytest.raises(NotFoundError) as refused:
                store.event(key)
            assert refused.value.code == "ledger.no_event"
        with pytest.raises(NotFoundError):
            store.event("3", as_of=2)


def test_events_are_filtered_by_lot_step_place_type_and_sequence(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        capture(store, *(event(number) for number in range(6)), event(0, bizStep="receiving", action="OBSERVE"))

        def numbers(**by: object) -> list[int]:
            return [held.seq - 2 for held in store.events(**by)]  # type: ignore[arg-type]

        assert numbers() == [0, 1, 2, 3, 4, 5, 6]
        assert numbers(after=4) == [3, 4, 5, 6]
        assert numbers(as_of=4) == [0, 1, 2]
        assert numbers(lot=f"{LOT}0") == [0, 6]
        assert numbers(lot="https://id.gs1.org/01/04012345123456/10/Lot0") == [0, 6]
        assert numbers(lot=f"{LOT}0", role="quantity") == [0, 6]
        assert numbers(lot=f"{LOT}0", role="input") == []
        assert numbers(lot=f"{LOT}0", biz_step="receiving") == [6]
        assert numbers(lot=f"{LOT}0", as_of=7) == [0]
        assert numbers(lot="urn:example:never") == []
        assert numbers(biz_step="urn:epcglobal:cbv:bizstep:shipping") == [0, 1, 2, 3, 4, 5]
        assert numbers(place="https://example.org/site/1") == [1, 4]
        assert numbers(event_type="ObjectEvent") == [0, 1, 2, 3, 4, 5, 6]
        assert numbers(event_type="AggregationEvent") == []


def test_more_events_than_a_page_come_in_order_and_whole(tmp_path: Path) -> None:
    with book(str(tmp_path / "a.db")) as store:
        capture(store, *(event(number) for number in range(2345)))
        assert [held.seq for held in store.events()] == list(range(2, 2347))


def test_reading_only_a_book_refuses_to_write(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        capture(store, event(1))
    with open_store(url, read_only=True) as store:
        assert len(list(store.events())) == 1
        with pytest.raises(BookError) as refused:
            capture(store, event(2))
        assert refused.value.code == "ledger.read_only"


def test_a_name_of_any_length_can_be_indexed(fresh_url: FreshUrl) -> None:
    """PostgreSQL's ordinary indexes refuse a value longer than a third of a page."""
    long = "https://example.org/site/" + "x" * 20_000
    with book(fresh_url()) as store:
        capture(store, event(1, readPoint={"id": long}, eventID="urn:example:" + "y" * 20_000))
        assert len(list(store.events(place=long))) == 1
        assert len(store.event("urn:example:" + "y" * 20_000)) == 1
        assert store.verify(deep=True).events == 1


def test_a_document_may_hold_its_context_after_the_events(fresh_url: FreshUrl) -> None:
    whole = json.loads(document([event(1)]))
    late = {name: whole[name] for name in sorted(whole, key=lambda name: name == "@context")}
    with book(fresh_url()) as store:
        with spool(BytesIO(json.dumps(late).encode())) as held:
            store.capture(held, by="clerk", clock=clock())
        capture(store, event(1))
        assert len(list(store.events())) == 1
