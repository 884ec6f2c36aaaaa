"""The schema: migrations make what the code describes, and books of another version are not opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, text

from lodeline.errors import BookError, NotFoundError
from lodeline.ledger.backend import Backend
from lodeline.ledger.filecheck import schema_of
from lodeline.ledger.founding import found, make_place
from lodeline.ledger.location import ServerLocation, locate
from lodeline.ledger.migrating import migrate, upgrade
from lodeline.ledger.postgres import PostgresBackend
from lodeline.ledger.schema import REVISION
from lodeline.ledger.sqlite import SqliteBackend
from lodeline.ledger.store import Store, create, open_store
from lodeline.ledger.values import Head
from tests.ledger.books import START, book, clock
from tests.ledger.epcis import event, spooled

FreshUrl = Callable[[], str]

POSTGRES_CATALOGUE = {
    "columns": "SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default "
    "FROM information_schema.columns WHERE table_schema = current_schema()",
    "indexes": "SELECT tablename, indexname, replace(indexdef, current_schema(), '') FROM pg_indexes "
    "WHERE schemaname = current_schema()",
    "constraints": "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = current_schema()::regnamespace",
    "guards": "SELECT replace(pg_get_triggerdef(t.oid), current_schema(), '') FROM pg_trigger t JOIN pg_class c "
    "ON c.oid = t.tgrelid WHERE c.relnamespace = current_schema()::regnamespace",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
}


def described(backend: Backend) -> Any:
    """All that a database says of its schema, as plain values."""
    with backend.read() as connection:
        if isinstance(backend, SqliteBackend):
            return schema_of(connection)
        return {
            name: sorted(tuple(row) for row in connection.execute(text(question)))
            for name, question in POSTGRES_CATALOGUE.items()
        }


def migrated(url: str, to: str = "head") -> Backend:
    """An empty place with every migration up to ``to`` run on it."""
    place = locate(url)
    if isinstance(place, ServerLocation):
        backend: Backend = PostgresBackend(place, read_only=False, as_owner=True)
        with backend.read() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {place.schema}")
    else:
        place.path.touch()
        backend = SqliteBackend(place.path, read_only=False, new=True)
    with backend.write(wait_s=0.0) as connection:
        upgrade(connection, to)
    return backend


def older_book(url: str) -> Head:
    """A book of three events whose tables are those of the first migration."""
    backend, number = migrated(url, "0001"), uuid4()
    if isinstance(backend, PostgresBackend):
        with backend.read() as connection:
            grant_of_the_first_version(connection, backend.place)
    found(backend, number, "An older book", "founder", START)
    with Store(backend, number, "An older book", wait_s=1.0) as store:
        with spooled([event(index) for index in range(3)]) as held:
            store.capture(held, by="clerk", clock=clock())
        return store.head()


def grant_of_the_first_version(connection: Connection, place: ServerLocation) -> None:
    """The writing role with the rights it had when the tables of the first migration were all there was."""
    for statement in (
        f"CREATE ROLE {place.writer} NOLOGIN",
        f"GRANT {place.writer} TO CURRENT_USER",
        f"GRANT USAGE ON SCHEMA {place.schema} TO {place.writer}",
        f"GRANT SELECT, INSERT ON entries, blobs TO {place.writer}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON derived, names, event_index, lot_index, withdrawals "
        f"TO {place.writer}",
        f"GRANT SELECT ON alembic_version TO {place.writer}",
    ):
        connection.exec_driver_sql(statement)


def test_a_database_made_by_migrations_equals_one_made_from_the_tables(fresh_url: FreshUrl) -> None:
    by_migrations, by_tables = migrated(fresh_url()), make_place(locate(fresh_url()))
    assert described(by_migrations) == described(by_tables)
    with by_migrations.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [REVISION]
    by_migrations.close()
    by_tables.close()


def test_migrating_a_book_of_today_changes_nothing(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        head = store.head()
    migrate(url)
    with open_store(url) as store:
        assert store.head() == head
        assert store.verify(deep=True).entries == 1


def test_an_older_book_is_refused_with_the_command_that_migrates_it_and_then_opens(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    head = older_book(url)
    for read_only in (True, False):
        with pytest.raises(BookError) as refused:
            open_store(url, read_only=read_only)
        assert refused.value.code == "ledger.schema_version"
        assert refused.value.where["versions"] == ["0001"]
        assert "`lodeline migrate BOOK`" in refused.value.sentence
    migrate(url)
    with open_store(url) as store:
        assert store.head() == head
        with spooled([event(9)]) as held:
            assert store.capture(held, by="clerk", clock=clock()).added == 1
        store.rebuild()
        assert store.verify(deep=True).events == 4


def test_a_book_of_another_version_is_refused(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    book(url).close()
    place = locate(url)
    backend: Backend = (
        PostgresBackend(place, read_only=False, as_owner=True)
        if isinstance(place, ServerLocation)
        else SqliteBackend(place.path, read_only=False)
    )
    with backend.read() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    backend.close()
    with pytest.raises(BookError) as refused:
        open_store(url)
    assert refused.value.code == "ledger.schema_version"
    assert "newer" in refused.value.sentence
    assert "migrate" not in refused.value.sentence


def test_a_book_is_never_made_over_something(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        head = store.head()
    with pytest.raises(BookError) as refused:
        book(url)
    assert refused.value.code == "ledger.exists"
    with open_store(url) as store:
        assert store.head() == head


def test_a_book_that_could_not_be_founded_leaves_nothing_behind(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with pytest.raises(BookError) as refused:
        create(url, title="x", created_at=START, by=" ")
    assert refused.value.code == "ledger.captured_by"
    with pytest.raises(NotFoundError) as missing:
        open_store(url)
    assert missing.value.code == "ledger.missing"
    book(url).close()


@pytest.mark.parametrize("content", [b"", b"not a database at all", b"SQLite format 3\0" + bytes(100)])
def test_a_file_that_is_no_book_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "thing.db"
    path.write_bytes(content)
    with pytest.raises(BookError) as refused:
        open_store(path)
    assert refused.value.code == "ledger.not_a_book"
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "ledger.url"),
        ("mysql://x/y?schema=z", "ledger.url"),
        ("postgresql://x/y", "ledger.url_schema"),
        ("postgresql://x/y?schema=a&schema=b", "ledger.url_schema"),
        ('postgresql://x/y?schema=a"b', "ledger.url_schema"),
        ("postgresql://x/y?schema=Upper", "ledger.url_schema"),
        ("postgresql://x/y?schema=" + "a" * 56, "ledger.url_schema"),
    ],
)
def test_an_address_that_names_no_book_is_refused(url: str, code: str) -> None:
    with pytest.raises(BookError) as refused:
        open_store(url)
    assert refused.value.code == code


def test_a_server_that_is_not_there_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(BookError) as refused:
        open_store(f"postgresql://nobody@/nothing?host={tmp_path}&schema=book")
    assert refused.value.code == "ledger.unreachable"


def test_an_address_that_libpq_cannot_read_is_a_refusal() -> None:
    with pytest.raises(BookError) as refused:
        open_store("postgresql://nobody@/nothing?no_such_setting=1&schema=book")
    assert refused.value.code == "ledger.store_failed"
    assert "no_such_setting" in refused.value.where["said"]


def test_a_folder_that_is_not_there_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(BookError) as refused:
        book(str(tmp_path / "no" / "book.db"))
    assert refused.value.code == "ledger.read_only"
