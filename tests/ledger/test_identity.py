"""What is the same entry, what withdraws what, what is counted once: design section 3.3, case by case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lodeline.errors import CaptureError
from lodeline.ledger.store import Store
from tests.ledger.books import book, clock
from tests.ledger.epcis import declared, event, spooled

FreshUrl = Callable[[], str]

ONE, TWO = "urn:uuid:5b2a2b5e-0000-4000-8000-000000000001", "urn:uuid:5b2a2b5e-0000-4000-8000-000000000002"
PLAIN = event(1)
NAMED, RENAMED = event(1, eventID=ONE), event(1, eventID=TWO)


def capture(store: Store, *events: dict[str, Any]) -> tuple[int, int]:
    """Capture in one document; gives events added and known."""
    with spooled(events) as held:
        done = store.capture(held, by="clerk", clock=clock())
    return done.added, done.known


def standing(store: Store, as_of: int | None = None) -> list[tuple[int, bool, int | None, int | None, bool]]:
    """Sequence, declares error, withdrawn by, twin of, counted."""
    return [
        (held.seq, held.declares_error, held.withdrawn_by, held.twin_of, held.counted)
        for held in store.events(as_of=as_of)
    ]


@pytest.fixture
def store(fresh_url: FreshUrl) -> Any:
    with book(fresh_url()) as opened:
        yield opened
        opened.verify(deep=True)


def test_the_same_event_in_other_words_is_the_same_entry(store: Store) -> None:
    """Other bytes, same hash id: a CURIE for a bare word, another order of fields."""
    assert capture(store, PLAIN) == (1, 0)
    turned = dict(reversed(list(PLAIN.items()))) | {"bizStep": "https://ref.gs1.org/cbv/BizStep-shipping"}
    assert capture(store, turned) == (0, 1)
    assert standing(store) == [(2, False, None, None, True)]


def test_the_same_hash_under_another_event_id_is_kept_and_counted_once(store: Store) -> None:
    assert capture(store, NAMED) == (1, 0)
    assert store.findings() == []
    assert capture(store, RENAMED) == (1, 0)
    assert capture(store, PLAIN) == (1, 0)
    assert standing(store) == [(2, False, None, None, True), (4, False, None, 2, False), (6, False, None, 2, False)]
    assert [held.seq for held in store.events(counted=True)] == [2]
    found = store.findings()
    assert [finding.code for finding in found] == ["ledger.same_hash_other_id"] * 2
    assert ONE in found[0].sentence
    assert TWO in found[0].sentence
    assert found[0].events == (next(store.events()).hash_id,)
    assert store.findings(as_of=4) == found[:1]
    assert store.findings(as_of=3) == []


NESTED = event(1, **{"ex:note": None, "ex:a": {"ex:b": "x", "ex:c": "y"}})
LEVEL_UP = event(1, **{"ex:note": None, "ex:a": {"ex:b": "x"}, "ex:c": "y"})
"""Different events that share a canonical string: CBV 2.0 writes names and values without marks between them."""


def test_two_events_that_the_hash_cannot_tell_apart_are_never_one(store: Store) -> None:
    assert capture(store, NESTED) == (1, 0)
    for other in (LEVEL_UP, LEVEL_UP | {"eventID": ONE}, declared(LEVEL_UP)):
        with pytest.raises(CaptureError, match=r"capture\.hash_shared"):
            capture(store, event(2), other)
    assert capture(store, NESTED) == (0, 1)
    assert store.head().seq == 2


def test_with_proceed_the_second_of_two_that_share_a_hash_is_named_by_its_place(store: Store) -> None:
    with spooled([event(3, action="LOOK"), NESTED, event(4), LEVEL_UP]) as held:
        done = store.capture(held, by="clerk", clock=clock(), proceed=True)
    assert (done.added, done.known) == (2, 0)
    assert [(refused.code, refused.where["event"]) for refused in done.refused][1:] == [("capture.hash_shared", 3)]


def test_a_known_event_with_a_declaration_is_withdrawn_from_then_on(store: Store) -> None:
    capture(store, NAMED)
    assert capture(store, declared(NAMED)) == (1, 0)
    assert capture(store, declared(NAMED)) == (0, 1)
    assert standing(store) == [(2, False, 4, None, False), (4, True, None, None, False)]
    assert standing(store, as_of=3) == [(2, False, None, None, True)]
    assert list(store.events(counted=True)) == []
    assert store.findings() == []


def test_the_original_again_does_not_undo_a_declaration(store: Store) -> None:
    capture(store, NAMED)
    capture(store, declared(NAMED))
    assert capture(store, NAMED) == (0, 1)
    assert list(store.events(counted=True)) == []


def test_the_corrective_event_is_a_further_entry_that_counts(store: Store) -> None:
    capture(store, NAMED)
    right = event(1, eventID=TWO, quantityList=[{"epcClass": "urn:epc:class:lgtin:4012345.012345.Lot1", "quantity": 9}])
    assert capture(store, declared(NAMED, correctiveEventIDs=[TWO]), right) == (2, 0)
    assert [held.event_id for held in store.events(counted=True)] == [TWO]
    assert store.findings() == []


def test_another_declaration_of_the_same_event_is_another_entry_and_the_first_withdraws(store: Store) -> None:
    capture(store, NAMED)
    assert capture(store, declared(NAMED), declared(NAMED, reason="did_not_occur")) == (2, 0)
    assert [held.withdrawn_by for held in store.events()] == [4, None, None]


def test_withdrawing_the_first_of_two_ids_lets_the_second_count(store: Store) -> None:
    capture(store, NAMED, RENAMED)
    capture(store, declared(NAMED))
    assert standing(store) == [(2, False, 5, None, False), (3, False, None, 2, True), (5, True, None, None, False)]
    assert [held.seq for held in store.events(counted=True, as_of=4)] == [2]


def test_a_declaration_without_an_id_withdraws_every_statement_of_its_hash(store: Store) -> None:
    capture(store, NAMED, RENAMED, PLAIN)
    capture(store, declared(PLAIN))
    assert [held.withdrawn_by for held in store.events()] == [6, 6, 6, None]


def test_a_declaration_with_an_id_withdraws_its_own_and_the_nameless(store: Store) -> None:
    capture(store, NAMED, RENAMED, PLAIN)
    capture(store, declared(NAMED))
    assert [held.withdrawn_by for held in store.events()] == [6, None, 6, None]


def test_a_declaration_before_its_original_withdraws_it_when_it_comes(store: Store) -> None:
    capture(store, declared(NAMED))
    assert [finding.code for finding in store.findings()] == ["ledger.declaration_without_original"]
    assert capture(store, NAMED) == (1, 0)
    assert standing(store) == [(2, True, None, None, False), (4, False, 2, None, False)]
    assert store.findings() == []
    assert [finding.code for finding in store.findings(as_of=2)] == ["ledger.declaration_without_original"]


def test_all_of_it_holds_within_one_document_too(store: Store) -> None:
    assert capture(store, NAMED, NAMED, RENAMED, declared(NAMED), declared(NAMED), NAMED) == (3, 3)
    assert standing(store) == [(2, False, 4, None, False), (3, False, None, 2, True), (4, True, None, None, False)]


def test_events_that_differ_in_anything_are_two(store: Store) -> None:
    assert capture(store, PLAIN, event(1, readPoint={"id": "https://example.org/site/other"})) == (2, 0)
    assert [held.counted for held in store.events()] == [True, True]
    assert store.findings() == []


def test_an_event_that_is_there_cannot_be_put_there_twice_past_the_ledger(store: Store) -> None:
    """The next sequence and a row of the right form are not enough."""
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    capture(store, NAMED)
    replace = "OR REPLACE " if store._backend.engine.dialect.name == "sqlite" else ""
    with store._backend.read() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(
            text(
                f"INSERT {replace}INTO entries SELECT 3, kind, recorded_at, captured_by, capture_id, source, context, "
                "event_hash, event_id, declaration, digest, raw FROM entries WHERE seq = 2"
            )
        )
