"""Derived tables: they grow with the entries, may be dropped, and are rebuilt to the same rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from lodeline.errors import BookError, IntegrityError
from lodeline.ledger.backend import Backend
from lodeline.ledger.location import ServerLocation, locate
from lodeline.ledger.postgres import PostgresBackend
from lodeline.ledger.schema import DERIVED, INDEX
from lodeline.ledger.store import Store, open_store
from tests.ledger.books import add_document, book, clock
from tests.ledger.epcis import LOT, declared, event, spooled

FreshUrl = Callable[[], str]


def fill(store: Store) -> None:
    """Captures that use every derived table, a document in between."""
    tick = clock()
    named = event(1, eventID="urn:example:event:1")
    for events in (
        [event(number) for number in range(450)],
        [named, event(500, inputs=None, bizStep="receiving", bizLocation={"id": "https://example.org/site/9"})],
        [declared(named), declared(event(7000))],
    ):
        with spooled(events) as held:
            store.capture(held, by="clerk", clock=tick)
        add_document(store, repr(events).encode(), tick)


def rows(store: Store) -> dict[str, list[Any]]:
    """Every row of every derived table."""
    return {table.name: sorted(store._backend.rows(select(table)), key=repr) for table in DERIVED}


def as_owner(url: str, *statements: str) -> None:
    """Do something to the tables that the writing role may not."""
    place = locate(url)
    if isinstance(place, ServerLocation):
        backend: Backend = PostgresBackend(place, read_only=False, as_owner=True)
    else:
        from lodeline.ledger.sqlite import SqliteBackend

        backend = SqliteBackend(place.path, read_only=False)
    with backend.read() as connection:
        for statement in statements:
            connection.execute(text(statement))
    backend.close()


def test_rebuilt_tables_equal_those_that_grew(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        fill(store)
        grown = rows(store)
        assert all(grown[table.name] for table in INDEX), "every table of the index is used"
        store.rebuild()
        assert rows(store) == grown
        store.verify(deep=True)


def test_dropped_tables_come_back_when_the_book_is_opened_for_writing(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        fill(store)
        grown = rows(store)
    as_owner(url, *(f"DROP TABLE {table.name}" for table in DERIVED))
    with open_store(url, read_only=True) as store:
        assert not store.is_indexed()
        assert len(store.documents()) == 3
        assert store.verify().events == 454
        with pytest.raises(BookError) as refused:
            list(store.events())
        assert refused.value.code == "ledger.index_stale"
    with open_store(url) as store:
        assert rows(store) == grown
        store.verify(deep=True)


def test_tables_made_by_other_code_are_built_again(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        fill(store)
        grown = rows(store)
    as_owner(url, "UPDATE derived SET code = '0'", "DELETE FROM lot_index")
    with open_store(url) as store:
        assert rows(store) == grown


def test_a_capture_does_not_build_on_tables_that_stand_elsewhere(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        fill(store)
        as_owner(url, "UPDATE derived SET head_seq = 3")
        with spooled([event(900)]) as held, pytest.raises(BookError) as refused:
            store.capture(held, by="clerk", clock=clock())
        assert refused.value.code == "ledger.index_stale"
        store.rebuild()
        with spooled([event(900)]) as held:
            assert store.capture(held, by="clerk", clock=clock()).added == 1


@pytest.mark.parametrize(
    ("change", "table"),
    [
        ("UPDATE event_index SET event_time = event_time + 1 WHERE seq = 9", "event_index"),
        ("UPDATE event_index SET biz_step = NULL WHERE seq = 9", "event_index"),
        ("DELETE FROM event_index WHERE seq = 9", "event_index"),
        ("DELETE FROM event_index WHERE seq = (SELECT max(seq) FROM event_index)", "event_index"),
        ("INSERT INTO event_index (seq, event_time, event_type) VALUES (99999, 1, 1)", "event_index"),
        ("UPDATE lot_index SET role = 'input' WHERE seq = 9", "lot_index"),
        ("UPDATE lot_index SET lot = lot + 1 WHERE seq = 9", "lot_index"),
        ("DELETE FROM lot_index WHERE seq = 9", "lot_index"),
        ("INSERT INTO lot_index VALUES (1, 9, 'epc')", "lot_index"),
        ("UPDATE names SET name = name || 'x' WHERE id = 4", "names"),
        ("DELETE FROM names WHERE id = 4", "names"),
        ("INSERT INTO names VALUES (99999, 'another')", "names"),
        ("INSERT INTO names SELECT 99999, name FROM names WHERE id = 4", "names"),
        ("DELETE FROM withdrawals", "withdrawals"),
        ("INSERT INTO withdrawals VALUES (9, 10)", "withdrawals"),
        ("UPDATE derived SET head_digest = (SELECT digest FROM entries WHERE seq = 1)", "derived"),
        ("UPDATE derived SET head_seq = head_seq - 1", "derived"),
        ("UPDATE derived SET code = '9'", "derived"),
        ("INSERT INTO derived SELECT 'x', code, head_seq, head_digest FROM derived", "derived"),
    ],
)
def test_a_deep_verify_names_a_derived_table_that_is_wrong(fresh_url: FreshUrl, change: str, table: str) -> None:
    url = fresh_url()
    with book(url) as store:
        fill(store)
        as_owner(url, change)
        assert store.verify().events == 454
        with pytest.raises(IntegrityError) as refused:
            store.verify(deep=True)
        assert refused.value.code == "ledger.derived_broken"
        assert refused.value.where["table"] == table
        store.rebuild()
        store.verify(deep=True)


def test_one_lot_is_found_without_walking_the_book(fresh_url: FreshUrl) -> None:
    """By the plan of the database, not by the clock."""
    with book(fresh_url()) as store:
        fill(store)
        assert len(list(store.events(lot=f"{LOT}1"))) == 3
        if store._backend.engine.dialect.name == "sqlite":
            plans = store._backend.rows(
                text("EXPLAIN QUERY PLAN SELECT seq FROM lot_index WHERE lot = (SELECT id FROM names WHERE name = 'x')")
            )
            assert all("SCAN" not in plan[3] for plan in plans)
