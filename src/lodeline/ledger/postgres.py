"""A book in one schema of a PostgreSQL database, written by a role that owns none of its tables.

Whoever creates the book owns the tables. The role ``<schema>_writer`` may read and add, and on derived tables also
change and delete; every connection of a store takes that role, also the owner's. To let another login write:
``GRANT <schema>_writer TO login``.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import tuple_row
from sqlalchemy import Column, Connection, Engine, Table, create_engine, make_url
from sqlalchemy.sql.expression import Select

from lodeline.errors import BookError, IntegrityError, LodelineError, NotFoundError
from lodeline.ledger.backend import Backend, Row
from lodeline.ledger.guards import POSTGRES_GUARDS
from lodeline.ledger.location import ServerLocation
from lodeline.ledger.schema import DERIVED, RECORDED, with_postgres_options

metadata = with_postgres_options()

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('lodeline ' || current_schema(), 0))"
"""Waiters of an advisory lock are served in the order in which they came."""
STREAMED_AT_ONCE = 2000
ANSWER_WAIT_S = 15
"""How long a server may take to answer before it is called unreachable."""


class PostgresBackend(Backend):
    """PostgreSQL through psycopg 3."""

    def __init__(self, place: ServerLocation, *, read_only: bool, as_owner: bool = False) -> None:
        self.place = place
        super().__init__(_engine(place, read_only=read_only, as_owner=as_owner), read_only=read_only)

    def driver_errors(self) -> tuple[type[Exception], ...]:
        return (psycopg.Error,)

    def refusal(self, error: BaseException) -> LodelineError:
        return refusal(error, self.place)

    def lock(self, connection: Connection, wait_s: float) -> None:
        """A transaction that holds the book's advisory lock, which ends with it."""
        connection.exec_driver_sql("BEGIN ISOLATION LEVEL READ COMMITTED")
        try:
            # Zero would mean "for ever" to PostgreSQL.
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, int(wait_s * 1000))}")
            connection.exec_driver_sql(LOCK)
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        except BaseException:
            self.abandon(connection)
            raise

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        driver = driver_of(connection)
        columns = ", ".join(column.name for column in table.columns)
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def lookup(
        self, connection: Connection, columns: Sequence[Column[Any]], key: Column[Any], wanted: Sequence[Any]
    ) -> Iterator[Row]:
        names = ", ".join(column.name for column in columns)
        text = f"SELECT {names} FROM {key.table.name} WHERE {key.name} = ANY(%s)"
        with driver_of(connection).cursor(binary=True, row_factory=tuple_row) as cursor:
            yield from cursor.execute(text, (list(wanted),))

    def stream(self, statement: Select[Any]) -> Generator[Row]:
        text = str(statement.compile(dialect=self.engine.dialect, compile_kwargs={"literal_binds": True}))
        with self.read() as connection:
            # A cursor of the server lives in a transaction only.
            connection.exec_driver_sql("BEGIN READ ONLY")
            try:
                cursor = driver_of(connection).cursor("lodeline_stream", binary=True, row_factory=tuple_row)
                with cursor:
                    cursor.itersize = STREAMED_AT_ONCE
                    cursor.execute(text)
                    yield from cursor
            finally:
                self.abandon(connection)

    def check_store(self) -> None:
        with self.read() as connection:
            check_guards(connection)

    def check_unused(self) -> bool:
        # The server's files are the server's to check.
        return False

    def restore_derived(self) -> None:
        with self.read() as connection:
            missing = [table for table in DERIVED if table.name not in self.tables(connection)]
        if not missing:
            return
        # Only the owner may make tables; another login is refused by the server.
        owner = PostgresBackend(self.place, read_only=False, as_owner=True)
        try:
            with owner.read() as connection:
                metadata.create_all(connection, tables=missing)
                for table in missing:
                    grant_derived(connection, table, self.place.writer)
        finally:
            owner.close()

    def grant_derived(self, connection: Connection) -> None:
        for table in DERIVED:
            grant_derived(connection, table, self.place.writer)

    def discard(self) -> None:
        self.close()
        owner = PostgresBackend(self.place, read_only=False, as_owner=True)
        try:
            with owner.read() as connection:
                connection.exec_driver_sql(f"DROP SCHEMA {self.place.schema} CASCADE")
                connection.exec_driver_sql(f"DROP OWNED BY {self.place.writer}")
                connection.exec_driver_sql(f"DROP ROLE {self.place.writer}")
        finally:
            owner.close()

    def tables(self, connection: Connection) -> set[str]:
        found = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        return {name for (name,) in found}


def driver_of(connection: Connection) -> psycopg.Connection[Any]:
    """The psycopg connection under a connection of SQLAlchemy."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def _engine(place: ServerLocation, *, read_only: bool, as_owner: bool) -> Engine:
    settings = [f"SET search_path TO {place.schema}"]
    if not as_owner:
        settings.append(f"SET ROLE {place.writer}")
    if read_only:
        settings.append("SET default_transaction_read_only = on")

    def connect() -> psycopg.Connection[Any]:
        # An address may say for itself how long to wait for an answer.
        wait = {} if "connect_timeout" in place.url else {"connect_timeout": ANSWER_WAIT_S}
        address = make_conninfo(place.url, application_name="lodeline", **wait)
        connection = psycopg.connect(address, autocommit=True)
        try:
            if not as_owner:
                _check_book(connection, place)
            for setting in settings:
                connection.execute(setting)
        except BaseException:
            connection.close()
            raise
        return connection

    return create_engine(
        make_url(place.url).set(drivername="postgresql+psycopg"),
        creator=connect,
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return="rollback",
    )


def _check_book(connection: psycopg.Connection[Any], place: ServerLocation) -> None:
    """Refuse early and in plain words where the schema or its writing role is not there."""
    if connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (place.schema,)).fetchone() is None:
        raise NotFoundError(
            "ledger.missing", "There is no such book; create it with `lodeline init`.", schema=place.schema
        )
    allowed = connection.execute(
        "SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = %s", (place.writer,)
    ).fetchone()
    if allowed is None or not allowed[0]:
        raise BookError(
            "ledger.no_right",
            f"This login may not use the book; let its owner GRANT {place.writer} to it.",
            schema=place.schema,
        )


def refusal(error: BaseException, place: ServerLocation) -> LodelineError:
    """The refusal for an error of PostgreSQL or of the way to it."""
    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    where = {"schema": place.schema, "said": said}
    match error:
        case psycopg.errors.LockNotAvailable():
            return BookError(
                "ledger.busy", "Another writer holds the book; try again, or allow a longer wait.", **where
            )
        case psycopg.errors.DiskFull():
            return BookError("ledger.full", "The disk is full; nothing was recorded. Make room and try again.", **where)
        case psycopg.errors.ReadOnlySqlTransaction() | psycopg.errors.InsufficientPrivilege():
            return BookError("ledger.read_only", "This login may not write here; nothing was recorded.", **where)
        case psycopg.errors.DataCorrupted() | psycopg.errors.IndexCorrupted():
            return IntegrityError("ledger.file_damaged", "The server's files are damaged.", **where)
        case psycopg.OperationalError() if error.sqlstate is None or error.sqlstate[:2] in ("08", "57", "28", "3D"):
            return BookError(
                "ledger.unreachable",
                "The server cannot be reached, or broke the connection; what was not acknowledged is not recorded.",
                **where,
            )
        case _:
            return BookError("ledger.store_failed", "The server refused; nothing was recorded.", **where)


def make_schema(place: ServerLocation) -> PostgresBackend:
    """A new schema with the tables, their guards, and the role that may write them.

    Raises:
        BookError: ``ledger.exists``, ``ledger.unreachable``, ``ledger.read_only`` (no right to create).
    """
    from lodeline.ledger.founding import make_tables

    owner = PostgresBackend(place, read_only=False, as_owner=True)
    try:
        with owner.read() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                held = connection.exec_driver_sql(
                    "SELECT 1 FROM pg_namespace WHERE nspname = %s", (place.schema,)
                ).first()
                if held is not None:
                    raise BookError(
                        "ledger.exists",
                        "There is a schema of this name already; choose another name.",
                        schema=place.schema,
                    )
                connection.exec_driver_sql(f"CREATE SCHEMA {place.schema}")
                make_tables(connection, POSTGRES_GUARDS)
                grant(connection, place)
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                owner.abandon(connection)
                raise
    finally:
        owner.close()
    return PostgresBackend(place, read_only=False)


def grant(connection: Connection, place: ServerLocation) -> None:
    """Make the writing role and give it its rights, and no others."""
    writer = place.writer
    held = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (writer,)).first()
    if held is None:
        connection.exec_driver_sql(f"CREATE ROLE {writer} NOLOGIN")
    connection.exec_driver_sql(f"GRANT {writer} TO CURRENT_USER")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {place.schema} TO {writer}")
    for table in RECORDED:
        connection.exec_driver_sql(f"GRANT SELECT, INSERT ON {table.name} TO {writer}")
    for table in DERIVED:
        grant_derived(connection, table, writer)
    connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {writer}")


def grant_derived(connection: Connection, table: Table, writer: str) -> None:
    """Let the writing role also change and empty a derived table."""
    connection.exec_driver_sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table.name} TO {writer}")


def check_guards(connection: Connection) -> None:
    """The guards of the recorded tables are all there, awake, and say what they said when they were made.

    Raises:
        IntegrityError: ``ledger.schema_changed``.
    """
    awake = {
        (table, name)
        for table, name in connection.exec_driver_sql(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE c.relnamespace = current_schema()::regnamespace AND t.tgenabled = 'O'"
        )
    }
    functions = connection.exec_driver_sql(
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
    )
    sources: dict[str, str] = {name: source for name, source in functions}  # noqa: C416 - rows are not pairs to dict()
    for guard in POSTGRES_GUARDS:
        if made := re.match(r"CREATE FUNCTION (\w+)\(\).*?\$\$(.*)\$\$", guard, re.DOTALL):
            name, whole = made[1], sources.get(made[1]) == made[2]
        else:
            made = re.match(r"CREATE TRIGGER (\w+) .*? ON (\w+) ", guard)
            assert made is not None
            name, whole = made[1], (made[2], made[1]) in awake
        if not whole:
            raise IntegrityError(
                "ledger.schema_changed",
                "The store's own rules were changed past the ledger: a guard is missing, asleep or another.",
                name=name,
            )
