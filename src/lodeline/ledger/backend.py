"""What the ledger asks of a database: connections, one write lock, bulk inserts, streams of rows.

Two rooms fill it: `lodeline.ledger.sqlite` and `lodeline.ledger.postgres`. Every transaction is opened and closed by
name here; outside one, each statement stands alone, which an append-only store can bear: a read is bounded by
the entry it is asked as of, and nothing up to there ever changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Connection, Engine, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import Executable, Select

from lodeline.errors import BookError, LodelineError

Row = tuple[Any, ...]


class Backend(ABC):
    """One open book's database. Safe to share between threads: each call takes a connection of its own."""

    engine: Engine

    def __init__(self, engine: Engine, *, read_only: bool) -> None:
        self.engine = engine
        self.read_only = read_only
        self._inserts: dict[str, str] = {}

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; a failure of the database becomes a refusal."""
        with self.refusing(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self, wait_s: float) -> Iterator[Connection]:
        """The one write lock of the book, as a transaction: committed whole or gone.

        Raises:
            BookError: ``ledger.busy`` after ``wait_s`` seconds, ``ledger.read_only``, ``ledger.full``.
        """
        if self.read_only:
            raise BookError("ledger.read_only", "This book is open for reading only; open it for writing instead.")
        with self.refusing(), self.engine.connect() as connection:
            self.lock(connection, wait_s)
            try:
                yield connection
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                self.abandon(connection)
                raise

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Turn what the database says into a refusal with a code."""
        try:
            yield
        except LodelineError:
            raise
        except DBAPIError as error:
            raise self.refusal(error.orig or error) from error
        except self.driver_errors() as error:
            raise self.refusal(error) from error

    def abandon(self, connection: Connection) -> None:
        """Roll back. The first failure is what the caller must hear of, so a second one is not raised over it."""
        try:
            connection.exec_driver_sql("ROLLBACK")
        except DBAPIError:
            connection.invalidate()

    def insert_text(self, table: Table) -> str:
        """The insert statement of a table, in the driver's own words, for bulk inserts of tuples."""
        if table.name not in self._inserts:
            self._inserts[table.name] = str(table.insert().compile(dialect=self.engine.dialect))
        return self._inserts[table.name]

    def rows(self, statement: Executable, **values: Any) -> list[Any]:
        """All rows of a short read."""
        with self.read() as connection:
            return list(connection.execute(statement, values).all())

    @abstractmethod
    def driver_errors(self) -> tuple[type[Exception], ...]:
        """The driver's error class, for what happens beside SQLAlchemy."""

    @abstractmethod
    def refusal(self, error: BaseException) -> LodelineError:
        """The refusal for an error of the driver."""

    @abstractmethod
    def lock(self, connection: Connection, wait_s: float) -> None:
        """Begin a transaction that holds the write lock."""

    @abstractmethod
    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows given in the order of the table's columns."""

    @abstractmethod
    def lookup(
        self, connection: Connection, columns: Sequence[Column[Any]], key: Column[Any], wanted: Sequence[Any]
    ) -> Iterator[Row]:
        """Rows whose key is among those wanted, in no order. Lean, because capture asks it for every event."""

    @abstractmethod
    def stream(self, statement: Select[Any]) -> Generator[Row]:
        """The rows of a long read, as plain tuples, in bounded memory. The statement has no open parameters.

        It holds a connection: close it (`contextlib.closing`), since a refusal that is being looked at keeps it alive.
        """

    @abstractmethod
    def check_store(self) -> None:
        """Check what lies below the rows: guards, schema, and the file where there is one. Raises IntegrityError."""

    @abstractmethod
    def check_unused(self) -> bool:
        """Check that what carries nothing is as it was left. Raises IntegrityError.

        True where every byte of a file was looked at; a file that is being written cannot be.
        """

    @abstractmethod
    def restore_derived(self) -> None:
        """Make those derived tables that are missing."""

    @abstractmethod
    def grant_derived(self, connection: Connection) -> None:
        """After a migration: let those who write the book fill the derived tables that are new."""

    @abstractmethod
    def tables(self, connection: Connection) -> set[str]:
        """Names of the tables that are there."""

    @abstractmethod
    def discard(self) -> None:
        """Remove a book whose making has failed, so that nothing is left behind."""

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
