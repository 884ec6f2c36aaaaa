"""Where the service store lies: a file beside a book's file, or tables in the book's schema."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table, event, select

from lodeline.errors import BookError
from lodeline.ledger.location import FileLocation, ServerLocation
from lodeline.ledger.service.base import FORMAT, LOGS, ROOMS, metadata, sqlite_guards, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from lodeline.ledger.backend import Backend

ENDING = "-service"
"""What a service store's file has after the name of its book's."""
APPLICATION_ID = 0x4C4F4453
"""``LODS``: so that nobody takes the file for a book."""


def open_place(place: FileLocation | ServerLocation, book_id: str, *, read_only: bool) -> Backend:
    """The service store of a book, made where it is missing.

    Raises:
        BookError: ``service.format``, ``service.other_book``, ``service.no_owner``, ``ledger.read_only`` …
    """
    for room in ROOMS:
        import_module(f"lodeline.ledger.service.{room}")
    backend = _file(place.path, read_only) if isinstance(place, FileLocation) else _schema(place, read_only)
    try:
        _make_missing(backend, place, book_id, read_only=read_only)
        _check_stamp(backend, book_id)
    except BaseException:
        backend.close()
        raise
    return backend


def service_file(book: Path) -> Path:
    """The file of a book's service store."""
    return book.with_name(book.name + ENDING)


def _file(book: Path, read_only: bool) -> Backend:
    from lodeline.ledger.sqlite import SqliteBackend

    path = service_file(book)
    if not path.exists():
        if read_only:
            raise _missing()
        try:
            # Hashes of tokens lie in it: nobody but its owner reads it.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise BookError(
                "ledger.read_only",
                "The file beside the book that holds its tokens and jobs cannot be made here.",
                book=str(path),
                said=error.strerror,
            ) from error
    backend = SqliteBackend(path, read_only=read_only)
    # A document that is in the book need not be wiped here byte for byte.
    event.listen(backend.engine, "connect", lambda connection, _: connection.execute("PRAGMA secure_delete = OFF"))
    return backend


def _schema(place: ServerLocation, read_only: bool) -> Backend:
    from lodeline.ledger.service.server import ServiceServer

    return ServiceServer(place, read_only=read_only)


def _make_missing(backend: Backend, place: FileLocation | ServerLocation, book_id: str, *, read_only: bool) -> None:
    with backend.read() as connection:
        held = backend.tables(connection)
    missing = [table for table in metadata.sorted_tables if table.name not in held]
    if not missing:
        return
    if read_only:
        raise _missing()
    if isinstance(place, ServerLocation):
        from lodeline.ledger.service.server import make_tables

        make_tables(place, book_id)
        return
    with backend.read() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    with backend.write(30.0) as connection:
        make(connection, backend.tables(connection), sqlite_guards, book_id)


def _missing() -> BookError:
    return BookError(
        "service.missing", "This book has no service store yet; `lodeline serve` or `lodeline token` makes it."
    )


def make(connection: Connection, held: set[str], guards: Callable[[str], tuple[str, ...]], book_id: str) -> list[Table]:
    """Make what is missing, guards of logs included, and stamp a new store. Returns the new tables."""
    missing = [table for table in metadata.sorted_tables if table.name not in held]
    metadata.create_all(connection, tables=missing)
    for table in missing:
        for guard in guards(table.name) if table in LOGS else ():
            connection.exec_driver_sql(guard)
    if stamp in missing:
        connection.execute(stamp.insert(), [{"name": "format", "value": str(FORMAT)}])
        connection.execute(stamp.insert(), [{"name": "book", "value": book_id}])
    return missing


def _check_stamp(backend: Backend, book_id: str) -> None:
    said: dict[str, str] = {name: value for name, value in backend.rows(select(stamp))}  # noqa: C416 - rows are not pairs
    if said.get("format") != str(FORMAT):
        raise BookError(
            "service.format",
            f"The service store beside this book is not of version {FORMAT}; use the lodeline that made it.",
            format=said.get("format"),
        )
    if said.get("book") != book_id:
        raise BookError(
            "service.other_book",
            "The service store beside this book belongs to another book; move it away, or bring its own book back.",
            book_id=said.get("book"),
        )
