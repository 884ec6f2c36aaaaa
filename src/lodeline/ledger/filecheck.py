"""The file of a SQLite book, checked below what SQL shows: header, pages and indexes, schema.

SQLite trusts much of what it reads. `PRAGMA integrity_check` compares every index with its table and every page
with its neighbours; the header's fixed bytes and the schema's text are compared here with what they must be.
What no reading of the book rests on, and so cannot be checked, is named in ``docs/reference/ledger.md``: the schema
cookie, the version of the SQLite library that last wrote, and the gaps that `lodeline.ledger.unused` lets be.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from lodeline.errors import IntegrityError
from lodeline.ledger import rawfile
from lodeline.ledger.guards import SQLITE_GUARDS
from lodeline.ledger.schema import LAZY, derived
from lodeline.ledger.unused import PageWalk

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

HEADER_BYTES = 100


def fixed_header(page_bytes: int, application_id: int) -> dict[int, tuple[str, bytes]]:
    """What must stand where in the header: name and bytes by offset.

    Source: The SQLite database file format, section 1.3.
    """
    return {
        0: ("magic", b"SQLite format 3\0"),
        16: ("page size", page_bytes.to_bytes(2, "big")),
        18: ("write and read version: write-ahead log", b"\2\2"),
        20: ("reserved space", b"\0"),
        21: ("payload fractions", bytes((64, 32, 32))),
        44: ("schema format", (4).to_bytes(4, "big")),
        48: ("default cache size", bytes(4)),
        52: ("largest root page", bytes(4)),
        56: ("text encoding", (1).to_bytes(4, "big")),
        60: ("user version and incremental vacuum", bytes(8)),
        68: ("application id", application_id.to_bytes(4, "big")),
        72: ("reserved for expansion", bytes(20)),
    }


def check_header(path: Path, page_bytes: int, application_id: int) -> None:
    """Compare the file's first 100 bytes with what they must be, where no later page of the log stands for them.

    Raises:
        IntegrityError: ``ledger.file_damaged``.
    """
    with rawfile.reading(path) as file:
        header = file.read(HEADER_BYTES)
    for offset, (name, expected) in fixed_header(page_bytes, application_id).items():
        if header[offset : offset + len(expected)] != expected:
            raise damaged(path, f"header byte {offset}: {name}")
    if header[24:28] != header[92:96]:
        raise damaged(path, "header bytes 24 and 92: the change counter differs from its copy")
    if int.from_bytes(header[28:32], "big") * page_bytes != path.stat().st_size:
        raise damaged(path, "header byte 28: the size of the file is another")


def check_pages(connection: Connection, path: Path) -> None:
    """Let SQLite compare pages, and indexes with their tables.

    Raises:
        IntegrityError: ``ledger.file_damaged``.
    """
    first = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
    if first != "ok":
        raise damaged(path, str(first).splitlines()[-1])


def check_unused(connection: Connection, path: Path, page_bytes: int) -> bool:
    """What no row, index or pointer occupies is zero. Call it on a file whose pages were found sound.

    False: a writer's pages were brought into the file meanwhile, so that what was read belongs to no one moment.

    Raises:
        IntegrityError: ``ledger.file_unused_bytes``.
    """
    before = path.stat().st_mtime_ns
    trees = connection.exec_driver_sql("SELECT rootpage, tbl_name FROM sqlite_master WHERE rootpage > 0")
    # Of the others a row is never deleted, or all of them are, which leaves nothing behind.
    deletes = {table.name for table in (derived, *LAZY)}
    walk = PageWalk(path, page_bytes)
    walk.run({1: False} | {root: table in deletes for root, table in trees})
    if path.stat().st_mtime_ns != before:
        return False
    if walk.found is None:
        return True
    page, offset = walk.found
    raise IntegrityError(
        "ledger.file_unused_bytes",
        "The book's file holds bytes that SQLite did not put there; the entries are whole: export and import the book.",
        book=str(path),
        place=f"page {page}, offset {offset}",
        byte=(page - 1) * page_bytes + offset,
    )


def damaged(path: Path, place: str) -> IntegrityError:
    """The refusal for a file whose bytes are not what they must be."""
    return IntegrityError(
        "ledger.file_damaged",
        "The book's file is damaged; restore it from a copy.",
        book=str(path),
        place=place,
    )


@cache
def expected_schema() -> dict[tuple[str, str, str], str | None]:
    """The schema of a new book: statement by type, name and table."""
    from sqlalchemy import create_engine

    from lodeline.ledger.founding import make_tables

    with create_engine("sqlite://", isolation_level="AUTOCOMMIT").connect() as connection:
        make_tables(connection, SQLITE_GUARDS)
        return schema_of(connection)


def schema_of(connection: Connection) -> dict[tuple[str, str, str], str | None]:
    """The schema that is there: statement by type, name and table, with white space made one."""
    rows: Any = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master")
    return {(kind, name, table): sql and " ".join(sql.split()) for kind, name, table, sql in rows}


def check_schema(connection: Connection) -> None:
    """Tables, indexes and guards are those of a new book.

    Raises:
        IntegrityError: ``ledger.schema_changed``.
    """
    found, expected = schema_of(connection), expected_schema()
    for what in sorted(found.keys() | expected.keys()):
        if what not in found or what not in expected or found[what] != expected[what]:
            raise IntegrityError(
                "ledger.schema_changed",
                "The store's own rules were changed past the ledger: a table, index or guard is not what it was.",
                table=what[2],
                name=what[1],
                kind=what[0],
            )
