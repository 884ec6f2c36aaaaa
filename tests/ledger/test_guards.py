"""Append-only: every way to change or drop a recorded row is refused by the database itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from lodeline.ledger.location import ServerLocation, locate
from lodeline.ledger.store import MasterRecord, open_store
from tests.ledger.books import add_document, book, clock

COPY = (
    "SELECT {seq}, kind, recorded_at, captured_by, capture_id, source, context, event_hash, event_id, "
    "declaration, digest, raw FROM entries WHERE seq = {like}"
)
BLOB = "SELECT {id}, {digest}, raw FROM blobs WHERE id = 1"

BOTH = {
    "update a column": "UPDATE entries SET captured_by = 'another' WHERE seq = 1",
    "update to the same value": "UPDATE entries SET seq = seq",
    "delete one": "DELETE FROM entries WHERE seq = 2",
    "delete the last": "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)",
    "delete all": "DELETE FROM entries",
    "insert a sequence that is there": "INSERT INTO entries " + COPY.format(seq=1, like=2),
    "insert with a gap": "INSERT INTO entries " + COPY.format(seq=99, like=2),
    "insert before the first": "INSERT INTO entries " + COPY.format(seq=-1, like=2),
    "upsert": "INSERT INTO entries " + COPY.format(seq=1, like=2) + " ON CONFLICT (seq) DO UPDATE SET kind = 'x'",
    "insert or do nothing": "INSERT INTO entries " + COPY.format(seq=77, like=2) + " ON CONFLICT DO NOTHING",
    "update a blob": "UPDATE blobs SET raw = digest",
    "delete a blob": "DELETE FROM blobs",
    "insert a blob that is there": "INSERT INTO blobs " + BLOB.format(id=3, digest="digest"),
    "insert a blob's id that is there": "INSERT INTO blobs " + BLOB.format(id=1, digest="digest"),
    "insert a blob with a gap": "INSERT INTO blobs SELECT 9, e.digest, e.raw FROM entries e WHERE seq = 0",
}
SQLITE = {
    "update or replace": "UPDATE OR REPLACE entries SET seq = 1 WHERE seq = 2",
    "update or ignore": "UPDATE OR IGNORE entries SET kind = 'x' WHERE seq = 2",
    "replace": "REPLACE INTO entries " + COPY.format(seq=1, like=2),
    "insert or replace": "INSERT OR REPLACE INTO entries " + COPY.format(seq=1, like=2),
    "insert or replace the last": "INSERT OR REPLACE INTO entries "
    + COPY.format(seq="(SELECT max(seq) FROM entries)", like=2),
    "replace a blob": "REPLACE INTO blobs SELECT 1, digest, x'00' FROM blobs WHERE id = 1",
    "replace a blob by digest": "REPLACE INTO blobs SELECT 3, digest, x'00' FROM blobs WHERE id = 1",
}
POSTGRES = {
    "truncate": "TRUNCATE entries",
    "truncate with others": "TRUNCATE blobs, entries CASCADE",
    "truncate blobs": "TRUNCATE blobs",
    "update no row": "UPDATE entries SET kind = 'x' WHERE false",
    "delete no row": "DELETE FROM blobs WHERE false",
    "merge": "MERGE INTO entries e USING (SELECT 1) x ON e.seq = 1 WHEN MATCHED THEN DELETE",
    "delete in a common table": "WITH gone AS (DELETE FROM entries RETURNING *) SELECT * FROM gone",
}
WRITER_ONLY = {
    "drop the table": "DROP TABLE entries",
    "put the guards to sleep": "ALTER TABLE entries DISABLE TRIGGER ALL",
    "drop a guard": "DROP TRIGGER entries_no_change ON entries",
    "replace a guard's function": "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql "
    "AS 'BEGIN RETURN NULL; END'",
    "another replication role": "SET session_replication_role = replica",
    "add a column": "ALTER TABLE entries ADD COLUMN note text",
    "a new rule": "CREATE RULE nothing AS ON INSERT TO entries DO INSTEAD NOTHING",
}


def filled(url: str) -> None:
    """A book with a document, two master records and a policy."""
    tick = clock()
    with book(url) as store:
        add_document(store, b"a certificate", tick)
        records = [MasterRecord(kind="site", id=f"urn:example:site:{n}", attributes={}) for n in (1, 2)]
        store.register(records, by="clerk", clock=tick, source=b"sites")
        store.set_policy(b"a = 1", by="clerk", clock=tick)


def require_whole(url: str) -> None:
    with open_store(url) as store:
        assert store.verify(deep=True).entries == 5


@pytest.fixture(scope="module")
def sqlite_book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("guards") / "book.db"
    filled(str(path))
    yield path
    require_whole(str(path))


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("name", BOTH | SQLITE)
def test_sqlite_refuses_to(sqlite_book: Path, name: str, recursive: str) -> None:
    """Also on a connection that does not ask delete triggers when it replaces."""
    statement = (BOTH | SQLITE)[name]
    connection = sqlite3.connect(sqlite_book, isolation_level=None)
    try:
        connection.execute(f"PRAGMA recursive_triggers = {recursive}")
        before = connection.execute("SELECT * FROM entries, blobs").fetchall()
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
        assert connection.execute("SELECT * FROM entries, blobs").fetchall() == before
    finally:
        connection.close()


@pytest.fixture(scope="module")
def postgres_book(postgres_server: str) -> Iterator[ServerLocation]:
    url = f"{postgres_server}&schema=guarded"
    filled(url)
    place = locate(url)
    assert isinstance(place, ServerLocation)
    yield place
    require_whole(url)


def connected(place: ServerLocation, *, as_writer: bool) -> psycopg.Connection[tuple[object, ...]]:
    connection = psycopg.connect(place.url, autocommit=True)
    connection.execute(f"SET search_path TO {place.schema}")  # type: ignore[arg-type]
    if as_writer:
        # A login of its own: what it may do does not hang on who made the book.
        connection.execute(f"SET SESSION AUTHORIZATION {place.writer}")  # type: ignore[arg-type]
    return connection


@pytest.mark.postgres
@pytest.mark.parametrize("as_writer", [True, False], ids=["writer", "owner"])
@pytest.mark.parametrize("name", BOTH | POSTGRES)
def test_postgresql_refuses_to(postgres_book: ServerLocation, name: str, as_writer: bool) -> None:
    """The writing role has no right to; the owner, who has, is stopped by the guards."""
    statement = (BOTH | POSTGRES)[name]
    refused = (psycopg.errors.InsufficientPrivilege, psycopg.errors.RaiseException, psycopg.errors.UniqueViolation)
    with connected(postgres_book, as_writer=as_writer) as connection:
        before = connection.execute("SELECT * FROM entries, blobs ORDER BY seq, id").fetchall()
        with pytest.raises(refused) as error:
            connection.execute(statement)
        if not as_writer:
            assert "append-only" in str(error.value) or isinstance(error.value, psycopg.errors.UniqueViolation)
        assert connection.execute("SELECT * FROM entries, blobs ORDER BY seq, id").fetchall() == before


@pytest.mark.postgres
@pytest.mark.parametrize("name", WRITER_ONLY)
def test_the_writing_role_of_postgresql_may_not(postgres_book: ServerLocation, name: str) -> None:
    with connected(postgres_book, as_writer=True) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(WRITER_ONLY[name])  # type: ignore[call-overload]
        owners = connection.execute("SELECT tableowner FROM pg_tables WHERE schemaname = current_schema()").fetchall()
        assert (postgres_book.writer,) not in owners


@pytest.mark.postgres
def test_the_writing_role_of_postgresql_may_write_the_next_entry(postgres_server: str) -> None:
    """So that the tests above are refused for what they do, and not for who does it."""
    url = f"{postgres_server}&schema=guarded_writer"
    filled(url)
    with open_store(url) as store:
        assert store.set_policy(b"a = 2", by="clerk", clock=clock()).seq == 5
        assert store.verify(deep=True).policies == 2
