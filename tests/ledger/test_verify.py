"""Verify: whatever was changed is found, and its place is named."""

from __future__ import annotations

import json
import shutil
import sqlite3
import struct
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select

from lodeline.errors import IntegrityError, LodelineError
from lodeline.ledger.guards import SQLITE_GUARDS
from lodeline.ledger.location import ServerLocation, locate
from lodeline.ledger.schema import DERIVED, blobs, entries, metadata
from lodeline.ledger.store import MasterRecord, Store, open_store
from tests.ledger.books import add_document, book, clock
from tests.ledger.epcis import declared, event, spooled
from tests.ledger.pages import Pages

FreshUrl = Callable[[], str]

NAMED = event(1, eventID="urn:example:event:1")


def fill(store: Store, events: int = 3) -> None:
    """One of everything; an event is seq 2, its namesake's withdrawal comes after the events."""
    tick = clock()
    for part in ([NAMED, *(event(number) for number in range(2, events + 1))], [declared(NAMED)]):
        with spooled(part) as held:
            store.capture(held, by="clerk", clock=tick)
    add_document(store, b"a certificate", tick)
    record = MasterRecord(kind="site", id="urn:example:site:1", attributes={"name": "Mine"})
    store.register([record], by="clerk", clock=tick, source=b"a file")
    store.set_policy(b"a = 1", by="clerk", clock=tick)


def test_a_stranger_recomputes_the_chain_from_the_documented_format(fresh_url: FreshUrl) -> None:
    """Only the words of docs/reference/ledger.md are used here, and nothing of the package."""
    with book(fresh_url()) as store:
        fill(store)
        exported = BytesIO()
        store.export(exported)
        head, book_id = store.head(), UUID(store.book_id)
    import base64

    def text(value: str) -> bytes:
        return struct.pack(">H", len(value.encode())) + value.encode()

    digest, lines = bytes(32), [json.loads(line) for line in exported.getvalue().splitlines()]
    for line in lines:
        if line["line"] != "entry":
            continue
        raw = base64.b64decode(line["raw"])
        preimage = (
            b"lodeline.entry"
            + struct.pack(">H", 1)
            + book_id.bytes
            + text(line["kind"])
            + text(line["captured_by"])
            + struct.pack(">Q", line["capture_id"])
            + bytes.fromhex(line["source"])
            + struct.pack(">Qq", line["seq"], line["recorded_at"])
            + digest
            + sha256(raw).digest()
            + (bytes.fromhex(line["context"]) if line["context"] else bytes(32))
        )
        digest = sha256(preimage).digest()
        assert digest.hex() == line["digest"]
    assert digest.hex() == head.digest


def flipped(value: Any) -> Any:
    """The value with one byte changed."""
    match value:
        case bytes():
            return bytes((value[0] ^ 1,)) + value[1:]
        case str():
            return chr(ord(value[0]) ^ 1) + value[1:]
        case int():
            return value + 1
    raise AssertionError(value)


def change(url: str, table: str, column: str, key: str, row: int, value: Any) -> None:
    """Change one value past the ledger, guards and rights, as someone could who holds the machine."""
    place = locate(url)
    statement = f"UPDATE {table} SET {column} = {{}} WHERE {key} = {{}}"
    if isinstance(place, ServerLocation):
        with psycopg.connect(place.url, autocommit=True) as server:
            server.execute(f"SET search_path TO {place.schema}")  # type: ignore[arg-type]
            server.execute("SET session_replication_role = replica")
            server.execute(statement.format("%s", "%s"), (value, row))  # type: ignore[arg-type]
        return
    names = [guard.split()[2] for guard in SQLITE_GUARDS]
    connection = sqlite3.connect(place.path, isolation_level=None)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    for name in names:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(statement.format("?", "?"), (value, row))
    for guard in SQLITE_GUARDS:
        connection.execute(guard)
    connection.close()


CHAINED = ["kind", "recorded_at", "captured_by", "capture_id", "source", "context", "digest", "raw"]
IDENTITY = ["event_hash", "event_id", "declaration"]


@pytest.mark.parametrize("seq", [0, 1, 2, 3, 5, 6, 7, 8, 9])
def test_one_changed_byte_in_any_column_of_an_entry_is_found_and_named(
    fresh_url: FreshUrl, store_kind: str, seq: int
) -> None:
    url = fresh_url()
    with book(url) as store:
        fill(store)
        assert store.verify(deep=True).entries == 10
        (row,) = store._backend.rows(select(entries).where(entries.c.seq == seq))
        for column in (*CHAINED, *IDENTITY):
            value = row._mapping[column]
            if value is None or value == b"":
                continue
            if (column, value, store_kind) == ("kind", "event", "postgresql"):
                continue  # A rule of the table refuses it, also to a superuser whose triggers are asleep.
            change(url, "entries", column, "seq", seq, other_kind(value) if column == "kind" else flipped(value))
            with pytest.raises(IntegrityError) as refused:
                store.verify(deep=column in IDENTITY)
            assert refused.value.where["table"] == "entries"
            assert (refused.value.where["seq"], refused.value.where["column"]) == (seq, column)
            change(url, "entries", column, "seq", seq, value)
        assert store.verify().entries == 10


def other_kind(kind: str) -> str:
    return "master" if kind == "policy" else "policy"


def test_every_column_of_every_recorded_table_was_tried() -> None:
    assert {*CHAINED, *IDENTITY, "seq"} == {column.name for column in entries.columns}
    assert {"id", "digest", "raw"} == {column.name for column in blobs.columns}
    tried = {"entries", "blobs", "alembic_version"} | {table.name for table in DERIVED}
    assert tried == set(metadata.tables), "each derived table is tried beside its own tests, the version in test_schema"


@pytest.mark.parametrize(
    ("column", "code"),
    [("digest", "ledger.blob_broken"), ("raw", "ledger.blob_broken"), ("id", "ledger.blob_missing")],
)
def test_one_changed_byte_in_the_content_store_is_found(fresh_url: FreshUrl, column: str, code: str) -> None:
    url = fresh_url()
    with book(url) as store:
        fill(store)
        for number in (1, 2, 3):
            (row,) = store._backend.rows(select(blobs).where(blobs.c.id == number))
            value = row._mapping[column]
            wrong = 9 if column == "id" else flipped(value)
            change(url, "blobs", column, "id", number, wrong)
            with pytest.raises(IntegrityError) as refused:
                store.verify()
            assert (refused.value.code, refused.value.where["id"]) == (code, number)
            assert refused.value.where["column"] == column
            change(url, "blobs", column, "id", 9 if column == "id" else number, value)
        assert store.verify().documents == 1


def delete(url: str, table: str, condition: str) -> None:
    """Delete rows past guards and rights."""
    place = locate(url)
    statement = f"DELETE FROM {table} WHERE {condition}"
    if isinstance(place, ServerLocation):
        with psycopg.connect(place.url, autocommit=True) as server:
            server.execute(f"SET search_path TO {place.schema}")  # type: ignore[arg-type]
            server.execute("SET session_replication_role = replica")
            server.execute(statement)  # type: ignore[arg-type]
        return
    connection = sqlite3.connect(place.path, isolation_level=None)
    connection.execute(f"DROP TRIGGER {table}_no_delete")
    connection.execute(statement)
    connection.execute(next(guard for guard in SQLITE_GUARDS if f"{table}_no_delete" in guard))
    connection.close()


def test_a_missing_entry_is_found_where_it_is_missing(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        fill(store)
        delete(url, "entries", "seq = 3")
        with pytest.raises(IntegrityError) as refused:
            store.verify()
        assert (refused.value.code, refused.value.where["seq"]) == ("ledger.entry_missing", 3)


def test_a_missing_blob_is_found(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        fill(store)
        delete(url, "blobs", "id = 3")
        with pytest.raises(IntegrityError) as refused:
            store.verify()
        assert refused.value.code == "ledger.blob_missing"


def test_a_blob_that_no_entry_names_is_found(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        fill(store)
        with store._backend.write(1.0) as connection:
            store._backend.insert(connection, blobs, [(4, sha256(b"x").digest(), b"x")])
        with pytest.raises(IntegrityError) as refused:
            store.verify()
        assert (refused.value.code, refused.value.where["id"]) == ("ledger.blob_unnamed", 4)


def test_an_end_that_was_cut_off_is_found_by_a_checkpoint_and_by_the_derived_tables(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        fill(store)
        checkpoint = store.checkpoint()
        delete(url, "entries", "seq = 9")
        assert store.verify().entries == 9
        with pytest.raises(IntegrityError) as refused:
            store.verify(against=checkpoint)
        assert (refused.value.code, refused.value.where["seq"]) == ("ledger.checkpoint_missed", 9)
        with pytest.raises(IntegrityError) as deep:
            store.verify(deep=True)
        assert deep.value.where["table"] == "derived"


@pytest.mark.parametrize("trigger", ["entries_no_update", "entries_in_order", "blobs_no_delete"])
def test_a_guard_that_was_taken_away_is_found_sqlite(tmp_path: Path, trigger: str) -> None:
    with book(str(tmp_path / "a.db")) as store:
        fill(store)
        with store._backend.read() as connection:
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        with pytest.raises(IntegrityError) as refused:
            store.verify(deep=True)
        assert (refused.value.code, refused.value.where["name"]) == ("ledger.schema_changed", trigger)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("DROP TRIGGER entries_no_change ON entries", "entries_no_change"),
        ("ALTER TABLE blobs DISABLE TRIGGER blobs_in_order", "blobs_in_order"),
        (
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "refuse_change",
        ),
    ],
)
def test_a_guard_that_was_taken_away_is_found_postgresql(postgres_server: str, statement: str, name: str) -> None:
    schema = f"guardless_{name}"
    with book(f"{postgres_server}&schema={schema}") as store:
        fill(store)
        with psycopg.connect(postgres_server, autocommit=True) as owner:
            owner.execute(f"SET search_path TO {schema}")  # type: ignore[arg-type]
            owner.execute(statement)  # type: ignore[call-overload]
        with pytest.raises(IntegrityError) as refused:
            store.verify(deep=True)
        assert (refused.value.code, refused.value.where["name"]) == ("ledger.schema_changed", name)


FLIPS = 300
SEED = 20251002


def test_a_deep_verify_looks_at_the_whole_file_unless_it_is_being_written(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    with book(str(path)) as store:
        fill(store)
        assert store.verify(deep=True).whole_file
        assert not store.verify().whole_file
        with open_store(path, read_only=True) as reader:
            # The writer's log still lies beside the file, and a reader may not bring it in.
            store.set_policy(b"a = 2", by="clerk", clock=clock())
            assert not reader.verify(deep=True).whole_file
    with open_store(path, read_only=True) as reader:
        assert reader.verify(deep=True).whole_file


@pytest.mark.parametrize("place", ["inside a page", "at the end"])
def test_bytes_that_sqlite_did_not_put_there_are_found(tmp_path: Path, place: str) -> None:
    path = tmp_path / "book.db"
    with book(str(path)) as store:
        fill(store)
    pages = Pages(path)
    free = [at for at, carries in enumerate(pages.carries) if not carries and at >= 2 * pages.size]
    at = free[0] if place == "inside a page" else free[-1]
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\1")
    with open_store(path, read_only=True) as store, pytest.raises(IntegrityError) as refused:
        store.verify(deep=True)
    assert (refused.value.code, refused.value.where["byte"]) == ("ledger.file_unused_bytes", at)


def is_found(path: Path) -> bool:
    """Whether opening and deeply verifying a file refuses it."""
    try:
        with open_store(path, read_only=True) as store:
            store.verify(deep=True)
    except LodelineError:
        return True
    return False


@pytest.mark.slow
def test_one_flipped_byte_anywhere_in_the_file_is_found_or_carries_nothing(tmp_path: Path) -> None:
    """Half of the places are drawn from all bytes, half from those that carry something: these are all found."""
    whole, trial = tmp_path / "book.db", tmp_path / "trial.db"
    with book(str(whole)) as store:
        fill(store, events=150)
        # A long event, so that there are overflow pages, and a rebuild, so that there are free pages.
        with spooled([event(9000, **{"ex:long": "x" * 30_000})]) as held:
            store.capture(held, by="clerk", clock=clock())
        store.rebuild()
    assert not is_found(whole)
    pages, draw = Pages(whole), Random(SEED)
    carrying = [place for place, carries in enumerate(pages.carries) if carries]
    places = [draw.randrange(len(pages.data)) for _ in range(FLIPS // 2)] + draw.sample(carrying, FLIPS // 2)
    missed = []
    for place in places:
        shutil.copy(whole, trial)
        with trial.open("r+b") as file:
            file.seek(place)
            file.write(bytes((pages.data[place] ^ (1 << draw.randrange(8)),)))
        if not is_found(trial):
            missed.append(place)
        for ending in ("-wal", "-shm"):
            trial.with_name(trial.name + ending).unlink(missing_ok=True)
    assert [place for place in missed if pages.carries[place]] == []
    print(f"{FLIPS} flips: {FLIPS - len(missed)} found, {len(missed)} in bytes that carry nothing")
    assert len(missed) < FLIPS / 20


@pytest.mark.slow
def test_every_byte_of_the_files_header_is_found_or_listed(tmp_path: Path) -> None:
    whole, trial = tmp_path / "book.db", tmp_path / "trial.db"
    with book(str(whole)) as store:
        fill(store)
    data, missed = whole.read_bytes(), []
    for place in range(100):
        trial.write_bytes(data[:place] + bytes((data[place] ^ 0x11,)) + data[place + 1 :])
        if not is_found(trial):
            missed.append(place)
    assert missed == [*range(40, 44), *range(96, 100)], "the schema cookie and the library's version"
