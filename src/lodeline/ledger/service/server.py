"""The service store in a book's schema of a PostgreSQL database: tables ``service_…``, and a lock of their own."""

from __future__ import annotations

from sqlalchemy import Connection

from lodeline.errors import BookError
from lodeline.ledger.location import ServerLocation
from lodeline.ledger.postgres import PostgresBackend
from lodeline.ledger.service.base import LOGS, postgres_guards
from lodeline.ledger.service.places import make

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('lodeline service ' || current_schema(), 0))"
"""Not the lock of the book's writers: what is said here must never wait for a long capture."""


class ServiceServer(PostgresBackend):
    """A book's schema, with a write lock for the service tables alone."""

    def lock(self, connection: Connection, wait_s: float) -> None:
        connection.exec_driver_sql("BEGIN ISOLATION LEVEL READ COMMITTED")
        try:
            # Zero would mean "for ever" to PostgreSQL.
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, int(wait_s * 1000))}")
            connection.exec_driver_sql(LOCK)
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        except BaseException:
            self.abandon(connection)
            raise


def make_tables(place: ServerLocation, book_id: str) -> None:
    """Make the missing tables as the schema's owner, and let the writing role use them.

    Raises:
        BookError: ``service.no_owner``: only the book's owner may make tables.
    """
    owner = ServiceServer(place, read_only=False, as_owner=True)
    try:
        with owner.read() as connection:
            allowed = connection.exec_driver_sql(
                "SELECT has_schema_privilege(current_user, current_schema(), 'CREATE')"
            ).scalar()
        if not allowed:
            raise BookError(
                "service.no_owner",
                "The tables for tokens and jobs are not in this book's schema yet, and only its owner may make them; "
                "let the owner run `lodeline token list` on it once.",
                schema=place.schema,
            )
        with owner.write(30.0) as connection:
            for table in make(connection, owner.tables(connection), postgres_guards, book_id):
                rights = "SELECT, INSERT" if table in LOGS else "SELECT, INSERT, UPDATE, DELETE"
                connection.exec_driver_sql(f"GRANT {rights} ON {table.name} TO {place.writer}")
    finally:
        owner.close()
