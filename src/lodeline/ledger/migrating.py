"""Migrating: bring the tables of an older book up to today's. Alembic is imported here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeline.ledger.location import FileLocation, locate

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend


def migrate(url: str | Path) -> None:
    """Migrate a book in place, in one transaction. A book of today's version stays as it is.

    The recorded rows are not touched: a migration may add tables, columns and guards, and changes no entry.

    Raises:
        NotFoundError: ``ledger.missing``.
        BookError: ``ledger.not_a_book``, ``ledger.busy``, ``ledger.read_only``.
    """
    place = locate(url)
    backend: Backend
    if isinstance(place, FileLocation):
        from lodeline.ledger.sqlite import SqliteBackend, check_file

        check_file(place.path)
        backend = SqliteBackend(place.path, read_only=False)
    else:
        from lodeline.ledger.postgres import PostgresBackend

        backend = PostgresBackend(place, read_only=False, as_owner=True)
    try:
        with backend.write(wait_s=60.0) as connection:
            upgrade(connection)
            backend.grant_derived(connection)
    finally:
        backend.close()


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run every migration up to ``to`` that a database does not have yet, on a connection that is in a transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "lodeline.ledger:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, to)
