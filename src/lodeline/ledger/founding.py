"""Founding a book: its tables, guards, and entry 0, which holds its id and title."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from sqlalchemy import Connection, select

from lodeline.errors import BookError
from lodeline.ledger.appending import Tip, check_captured_by
from lodeline.ledger.chain import FORMAT
from lodeline.ledger.guards import SQLITE_GUARDS
from lodeline.ledger.indexing import mark
from lodeline.ledger.location import FileLocation, ServerLocation
from lodeline.ledger.schema import REVISION, entries, metadata, version
from lodeline.ledger.values import to_us

if TYPE_CHECKING:
    from datetime import datetime

    from lodeline.ledger.backend import Backend
    from lodeline.ledger.sqlite import SqliteBackend


class Founded(msgspec.Struct, frozen=True, kw_only=True):
    """What entry 0 says. ``format`` is the version of the entry format."""

    book_id: str
    title: str
    format: int


def found(backend: Backend, book_id: UUID, title: str, by: str, now: datetime) -> None:
    """Write entry 0."""
    check_captured_by(by)
    raw = msgspec.json.encode(Founded(book_id=str(book_id), title=title, format=FORMAT), order="sorted")
    with backend.write(wait_s=0.0) as connection:
        tip = Tip(backend, connection, book_id, to_us(now))
        tip.write([tip.act("book", by, sha256(raw).digest()).entry(raw)])
        mark(backend, connection, tip.seq, tip.digest)


def founded(backend: Backend) -> Founded:
    """What entry 0 says, after a look at the schema's version.

    Raises:
        BookError: ``ledger.not_a_book``, ``ledger.schema_version``.
    """
    with backend.read() as connection:
        if not {"alembic_version", "entries"} <= backend.tables(connection):
            raise BookError("ledger.not_a_book", "There is no Lodeline book here; create one with `lodeline init`.")
        versions = list(connection.execute(select(version.c.version_num)).scalars())
        if versions != [REVISION]:
            # Migrations are numbered, so that an older one is known from a later one.
            remedy = (
                "bring it up with `lodeline migrate BOOK`"
                if max(versions, default="") < REVISION
                else "use a newer one"
            )
            raise BookError(
                "ledger.schema_version",
                f"The book's tables are of another version than {REVISION}, which this lodeline reads; {remedy}.",
                versions=versions,
            )
        raw = connection.execute(select(entries.c.raw).where(entries.c.seq == 0)).scalar()
    try:
        if raw is None:
            raise msgspec.ValidationError("entry 0 is missing")
        said = msgspec.json.decode(raw, type=Founded)
        UUID(said.book_id)
    except (msgspec.DecodeError, ValueError) as error:
        raise BookError(
            "ledger.not_a_book", "The book's first entry cannot be read; restore it from a copy."
        ) from error
    if said.format != FORMAT:
        raise BookError(
            "ledger.format",
            "The book's entries are of a format this lodeline does not know; use a newer one.",
            format=said.format,
        )
    return said


def make_tables(connection: Connection, guards: tuple[str, ...]) -> None:
    """All tables and guards, and the version they are of."""
    metadata.create_all(connection)
    for guard in guards:
        connection.exec_driver_sql(guard)
    connection.execute(version.insert().values(version_num=REVISION))


def make_file(path: Path) -> SqliteBackend:
    """A new SQLite file with the tables.

    Raises:
        BookError: ``ledger.exists``, ``ledger.read_only``.
    """
    from lodeline.ledger.sqlite import SqliteBackend

    try:
        path.open("xb").close()
    except FileExistsError:
        raise BookError(
            "ledger.exists", "There is a file of this name already; choose another name.", book=str(path)
        ) from None
    except OSError as error:
        raise BookError(
            "ledger.read_only",
            "No book can be created here; choose a folder that exists and may be written.",
            book=str(path),
            said=error.strerror,
        ) from error
    backend = SqliteBackend(path, read_only=False, new=True)
    try:
        with backend.write(wait_s=0.0) as connection:
            make_tables(connection, SQLITE_GUARDS)
        _sync_folder(path.parent)
    except BaseException:
        backend.discard()
        raise
    return backend


def _sync_folder(folder: Path) -> None:
    """Make a new file's name survive a power cut; SQLite sees to its content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_place(place: FileLocation | ServerLocation) -> Backend:
    """A new and empty store at a place."""
    if isinstance(place, FileLocation):
        return make_file(place.path)
    from lodeline.ledger.postgres import make_schema

    return make_schema(place)
