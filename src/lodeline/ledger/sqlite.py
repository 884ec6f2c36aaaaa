"""A book in one SQLite file: write-ahead log, full sync, so that what is acknowledged survives a power cut."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Column, Connection, Engine, Table, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.expression import Select

from lodeline.errors import BookError, IntegrityError, LodelineError
from lodeline.ledger import filecheck, rawfile
from lodeline.ledger.backend import Backend, Row
from lodeline.ledger.schema import DERIVED, metadata

APPLICATION_ID = 0x4C4F4445
"""``LODE``: bytes 68 to 71 of the file, so that ``file`` and we can tell a book from another database."""
PAGE_BYTES = 8192
CACHE_KIB = 65_536
READ_WAIT_S = 30.0
"""How long a read may wait for the moments in which SQLite lets no reader in (recovery, closing)."""
ASKED_AT_ONCE = 500
FIRST_PAUSE_S, LAST_PAUSE_S = 0.02, 0.001

_FULL = {sqlite3.SQLITE_FULL}
_READ_ONLY = {sqlite3.SQLITE_READONLY}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_NO_ROOM = _FULL | _READ_ONLY | {sqlite3.SQLITE_IOERR}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class SqliteBackend(Backend):
    """SQLite through Python's own driver. The path is the book's file."""

    def __init__(self, path: Path, *, read_only: bool, new: bool = False) -> None:
        self.path = path
        super().__init__(_engine(path, read_only=read_only), read_only=read_only)
        self._file: tuple[int, int] | None = rawfile.connecting(path)
        if new:
            with self.read() as connection:
                # What makes an empty file a book's; it stays with the file.
                connection.exec_driver_sql(f"PRAGMA page_size = {PAGE_BYTES}")
                connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")

    def driver_errors(self) -> tuple[type[Exception], ...]:
        # A damaged schema can make SQLite's own message undecodable.
        return (sqlite3.Error, UnicodeDecodeError)

    def refusal(self, error: BaseException) -> LodelineError:
        return refusal(error, self.path)

    def lock(self, connection: Connection, wait_s: float) -> None:
        """BEGIN IMMEDIATE, tried again until it succeeds.

        SQLite has no queue. A writer that has waited longer asks more often, so that the oldest is the
        likeliest to be next; SQLite's own handler does the opposite.
        """
        give_up = time.monotonic() + wait_s
        pause = FIRST_PAUSE_S
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    driver.execute("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as error:
                    if _code(error) not in _BUSY:
                        raise
                    if time.monotonic() >= give_up:
                        raise BookError(
                            "ledger.busy",
                            "Another writer holds the book; try again, or allow a longer wait.",
                            waited_s=wait_s,
                        ) from error
                time.sleep(pause)
                pause = max(LAST_PAUSE_S, pause * 0.8)
        finally:
            driver.execute(f"PRAGMA busy_timeout = {int(READ_WAIT_S * 1000)}")

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.executemany(self.insert_text(table), rows)

    def lookup(
        self, connection: Connection, columns: Sequence[Column[Any]], key: Column[Any], wanted: Sequence[Any]
    ) -> Iterator[Row]:
        driver = connection.connection.driver_connection
        assert driver is not None
        names = ", ".join(column.name for column in columns)
        for start in range(0, len(wanted), ASKED_AT_ONCE):
            part = wanted[start : start + ASKED_AT_ONCE]
            places = ", ".join("?" * len(part))
            yield from driver.execute(f"SELECT {names} FROM {key.table.name} WHERE {key.name} IN ({places})", part)

    def stream(self, statement: Select[Any]) -> Generator[Row]:
        text = str(statement.compile(dialect=self.engine.dialect, compile_kwargs={"literal_binds": True}))
        with self.read() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            yield from driver.execute(text)

    def check_store(self) -> None:
        with self.read() as connection:
            if self._settled(connection):
                filecheck.check_header(self.path, PAGE_BYTES, APPLICATION_ID)
            filecheck.check_schema(connection)
            filecheck.check_pages(connection, self.path)

    def check_unused(self) -> bool:
        with self.read() as connection:
            return self._settled(connection) and filecheck.check_unused(connection, self.path, PAGE_BYTES)

    def _settled(self, connection: Connection) -> bool:
        """Whether every page of the write-ahead log stands in the file, after an attempt to bring them there."""
        log = self.path.with_name(self.path.name + "-wal")
        if not log.exists() or log.stat().st_size == 0:
            return True
        if self.read_only:
            return False
        try:
            busy, pages, moved = connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").one()
        except DBAPIError as error:
            if _code(error.orig or error) in _NO_ROOM:
                # A full or read-only disk holds the log as it is; what is in it can be read all the same.
                return False
            raise
        return bool(busy == 0 and pages == moved)

    def restore_derived(self) -> None:
        with self.read() as connection:
            metadata.create_all(connection, tables=list(DERIVED))

    def grant_derived(self, connection: Connection) -> None:
        # Whoever may write the file may write all of it.
        return

    def discard(self) -> None:
        self.close()
        for ending in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)

    def close(self) -> None:
        super().close()
        if self._file is not None:
            rawfile.disconnected(self._file)
            self._file = None

    def tables(self, connection: Connection) -> set[str]:
        found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in found}


def _engine(path: Path, *, read_only: bool) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            _address(path, read_only=read_only),
            uri=True,
            timeout=READ_WAIT_S,
            isolation_level=None,
            check_same_thread=False,
        )
        for pragma in (
            "synchronous = FULL",
            "foreign_keys = ON",
            # Without this a REPLACE would delete rows behind the back of the delete triggers.
            "recursive_triggers = ON",
            "secure_delete = ON",
            "trusted_schema = OFF",
            f"cache_size = -{CACHE_KIB}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=QueuePool, isolation_level="AUTOCOMMIT")


def _address(path: Path, *, read_only: bool) -> str:
    mode = "ro" if read_only else "rw"
    address = f"file:{quote(str(path.absolute()))}?mode={mode}"
    log = path.with_name(path.name + "-wal")
    if read_only and not os.access(path.parent, os.W_OK) and not log.exists():
        # A reader of a write-ahead log wants to write its index beside the book. Where it cannot, nobody can
        # write the book either, and it may be read as it lies.
        address += "&immutable=1"
    return address


def _code(error: BaseException) -> int | None:
    extended: Any = getattr(error, "sqlite_errorcode", None)
    return None if extended is None else extended & 0xFF


def refusal(error: BaseException, path: Path) -> LodelineError:
    """The refusal for an error of SQLite."""
    code, said = _code(error), str(error)
    if code in _FULL:
        return BookError(
            "ledger.full", "The disk is full; nothing was recorded. Make room and try again.", book=str(path)
        )
    if code in _READ_ONLY:
        return BookError(
            "ledger.read_only", "The book's file or folder may not be written; nothing was recorded.", book=str(path)
        )
    if code in _DAMAGED or isinstance(error, UnicodeDecodeError) or said.startswith("Could not decode to UTF-8"):
        return IntegrityError(
            "ledger.file_damaged",
            "The book's file is damaged: SQLite cannot read it as it should.",
            book=str(path),
            said=said,
        )
    if code in _BUSY:
        return BookError(
            "ledger.busy", "Another writer holds the book; try again, or allow a longer wait.", book=str(path)
        )
    return BookError(
        "ledger.store_failed", "The book's file cannot be used; nothing was recorded.", book=str(path), said=said
    )


def check_file(path: Path) -> None:
    """Refuse what is not a book before SQLite opens it.

    Raises:
        NotFoundError: ``ledger.missing``.
        BookError: ``ledger.not_a_book``, ``ledger.store_failed``.
    """
    from lodeline.errors import NotFoundError

    try:
        with rawfile.reading(path) as file:
            header = file.read(100)
    except FileNotFoundError:
        raise NotFoundError(
            "ledger.missing", "There is no such book; create it with `lodeline init`.", book=str(path)
        ) from None
    except OSError as error:
        raise BookError(
            "ledger.store_failed", "The book's file cannot be read.", book=str(path), said=error.strerror
        ) from error
    if header[:16] != b"SQLite format 3\0" or int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise BookError(
            "ledger.not_a_book", "This file is not a Lodeline book; give the path of a book.", book=str(path)
        )
