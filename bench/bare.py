"""The bare work that a peer does on the same bytes: one table, no chain, no index, no check; the same durability."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec


class Document(msgspec.Struct):
    """As much of an EPCIS document as leads to its events."""

    class Body(msgspec.Struct):
        """Its body."""

        eventList: list[msgspec.Raw]  # noqa: N815  the standard's own name

    epcisBody: Body  # noqa: N815


def connect(path: Path, like: Path) -> sqlite3.Connection:
    """A new database with one table, set to the page size, journal and sync that the book ``like`` has."""
    connection = sqlite3.connect(path, isolation_level=None)
    with sqlite3.connect(like) as book:
        page_bytes, journal = (book.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "journal_mode"))
    book.close()
    connection.execute(f"PRAGMA page_size = {page_bytes}")
    connection.execute(f"PRAGMA journal_mode = {journal}")
    # Every book is written with full sync; the setting belongs to a connection and cannot be read off the file.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, raw BLOB NOT NULL) STRICT")
    return connection


def decode_and_insert(document: Path, connection: sqlite3.Connection) -> int:
    """Decode every event of a document once, and insert its exact bytes, in one transaction; returns how many."""
    events = msgspec.json.decode(document.read_bytes(), type=Document).epcisBody.eventList
    for event in events:
        msgspec.json.decode(event)
    return insert(events, connection)


def insert(events: Iterable[bytes | msgspec.Raw], connection: sqlite3.Connection) -> int:
    """Insert events in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO event (raw) VALUES (?)", ((bytes(event),) for event in events))
    connection.execute("COMMIT")
    (count,) = connection.execute("SELECT count(*) FROM event").fetchone()
    return int(count)


def read_and_hash(book: Path) -> tuple[int, int]:
    """Read every entry's bytes from the book itself and hash each; returns how many and how many bytes."""
    count = size = 0
    connection = sqlite3.connect(f"file:{book}?mode=ro", uri=True)
    try:
        for (raw,) in connection.execute("SELECT raw FROM entries ORDER BY seq"):
            hashlib.sha256(raw).digest()
            count, size = count + 1, size + len(raw)
    finally:
        connection.close()
    return count, size
