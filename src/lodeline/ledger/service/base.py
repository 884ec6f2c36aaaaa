"""What every table of the service store shares: the metadata, the guards of a log, and the connection.

A table is declared on `metadata`, is named ``service_…`` and has a file of its own beside this one; its module's
name stands in `ROOMS`. It is made the next time the store is opened, also in a store that is older than it.
A change to a table that exists needs a new `FORMAT` and a step that makes the one from the other.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text, select

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.sql.expression import Executable

    from lodeline.ledger.backend import Backend

FORMAT = 1
"""Version of the service tables. A store of another one is refused."""

ROOMS = ("audit", "jobs", "pages", "queries", "subscriptions", "tokens")
"""The modules of this folder that declare tables."""

metadata = MetaData()

# STRICT tables of SQLite know INTEGER and no BIGINT; both hold 64 bits there.
Number = BigInteger().with_variant(Integer, "sqlite")

LOGS: list[Table] = []
"""Tables that only ever grow; see `log`."""

stamp = Table(
    "service_stamp",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_strict=True,
)
"""What the store is: ``format`` and the ``book`` it belongs to."""


def log(table: Table) -> Table:
    """Make a table with a primary key ``seq`` append-only: the database refuses to change or drop its rows."""
    LOGS.append(table)
    return table


def sqlite_guards(table: str) -> tuple[str, ...]:
    """Triggers of SQLite; the last stops REPLACE, which deletes without asking a delete trigger."""
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN "
        f"SELECT RAISE(ABORT, 'append-only: {table} is never updated'); END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN "
        f"SELECT RAISE(ABORT, 'append-only: {table} is never deleted from'); END",
        f"CREATE TRIGGER {table}_in_order BEFORE INSERT ON {table} "
        f"WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM {table}) BEGIN "
        "SELECT RAISE(ABORT, 'append-only: the next row has the next number'); END",
    )


def postgres_guards(table: str) -> tuple[str, ...]:
    """Triggers of PostgreSQL. ``refuse_change`` is the ledger's own; the writing role may only read and add."""
    return (
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_no_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    )


def next_number(connection: Connection, column: Column[Any]) -> int:
    """The number after the largest one. Only inside the write lock."""
    last = connection.execute(select(column).order_by(column.desc()).limit(1)).scalar()
    return 1 + (last or 0)


class Room:
    """One subject of the service store: its reads and writes over the store's connection."""

    def __init__(self, backend: Backend, wait_s: float) -> None:
        self._backend = backend
        self._wait_s = wait_s

    def _read(self) -> AbstractContextManager[Connection]:
        return self._backend.read()

    def _write(self) -> AbstractContextManager[Connection]:
        """The store's one write lock, as a transaction; never the book's."""
        return self._backend.write(self._wait_s)

    def _rows(self, statement: Executable, **values: Any) -> list[Any]:
        return self._backend.rows(statement, **values)
