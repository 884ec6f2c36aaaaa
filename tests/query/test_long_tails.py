"""A page right after a large capture: bounded work, the same events, and the index grown once for all who ask."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lodeline.ledger.query import answering, growing, planning, segments
from lodeline.ledger.store import Store
from lodeline.record.query import Query, parse
from tests.ledger.books import clock
from tests.query import corpus
from tests.query.filled import SMALL, capture, filled

LOOKED = 40
ORDERS: list[dict[str, Any]] = [
    {},
    {"orderBy": "recordTime", "orderDirection": "DESC"},
    {"orderBy": "recordTime", "orderDirection": "ASC"},
    {"orderBy": "eventTime", "orderDirection": "DESC"},
]


@pytest.fixture(autouse=True, scope="module")
def small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "SIZES", SMALL)
        patch.setattr(answering, "LOOKED_THROUGH", LOOKED)
        yield


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with filled(str(tmp_path / "book.db"), corpus.events(3, 300)) as opened:
        yield opened


def ask(**parameters: Any) -> Query:
    return parse(parameters, extensions={})


EVERY = ask(EQ_action=["ADD", "OBSERVE", "DELETE"])
NONE = ask(EQ_eventID=["urn:uuid:00000000-0000-4000-8000-ffffffffffff"])


def spans(store: Store) -> list[tuple[int, int]]:
    return sorted(planning.spans(store._backend))


def test_a_page_that_is_soon_full_does_not_wait_for_the_index(store: Store) -> None:
    assert len(store.query(EVERY, per_page=10).events) == 10
    assert spans(store) == []


def test_a_page_that_is_not_soon_full_has_the_index_grown(store: Store) -> None:
    assert store.query(NONE, per_page=10).events == []
    assert spans(store) != []


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("per_page", [7, 33])
@pytest.mark.parametrize("covered", [0, 100])
@pytest.mark.parametrize("limit", [{}, {"eventCountLimit": 29}])
def test_pages_through_a_long_tail_are_those_of_the_whole_index(
    tmp_path: Path, order: dict[str, Any], per_page: int, covered: int, limit: dict[str, int]
) -> None:
    events, tick = corpus.events(3, 300), clock()
    with filled(str(tmp_path / "book.db"), events[: covered or 10]) as store:
        if covered:
            store.index_queries()
        capture(store, events[covered or 10 :], tick)
        query = ask(EQ_action=["ADD", "OBSERVE"], **order, **(limit if order else {}))
        found, token = [], None
        while True:
            page = store.query(query, token=token, per_page=per_page)
            found += [(event.seq, event.withdrawn_by, event.twin_of) for event in page.events]
            token = page.next_token
            if token is None:
                break
        store.index_queries()
        whole = store.query(query, per_page=1_000).events

    assert found == [(event.seq, event.withdrawn_by, event.twin_of) for event in whole]


def test_an_event_found_in_a_part_is_told_as_the_whole_book_has_it(tmp_path: Path) -> None:
    """That an event was withdrawn far behind the part that was looked through, or behind LT_recordTime, counts."""
    tick = clock()
    first = {
        "type": "ObjectEvent", "eventTime": "2026-02-01T00:00:00Z", "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE", "epcList": ["urn:example:one"], "eventID": "urn:uuid:00000000-0000-4000-8000-0000000000a1",
    }  # fmt: skip
    wrong = first | {"errorDeclaration": {"declarationTime": "2026-02-02T00:00:00Z", "reason": "did_not_occur"}}
    with filled(str(tmp_path / "book.db"), [first]) as store:
        capture(store, corpus.events(3, 200), tick)
        for _ in range(100):
            tick()
        capture(store, [wrong], tick)
        before = store.head().recorded_at
        plain = store.query(EVERY, per_page=1).events
        store.index_queries()
        early = store.query(ask(LT_recordTime=before.isoformat()), per_page=1).events

    assert [(event.event_id, event.withdrawn_by is not None) for event in (*plain, *early)] == [
        (first["eventID"], True)
    ] * 2


def test_of_many_who_ask_at_once_one_grows_the_index(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    gathered = []
    gather = growing.gather

    def counted(backend: Any, first: int, count: int, **how: Any) -> Any:
        gathered.append(first)
        return gather(backend, first, count, **how)

    monkeypatch.setattr(growing, "gather", counted)
    threads = [threading.Thread(target=lambda: store.query(NONE, per_page=10)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(gathered) == len(set(gathered)) == len(spans(store))
