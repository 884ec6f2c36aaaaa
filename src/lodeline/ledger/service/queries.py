"""Named queries: a query of GS1's language under a name, which may be run and subscribed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Column, Table, Text, delete, func, select

from lodeline.errors import InputError, NotFoundError
from lodeline.ledger.service.base import Number, Room, metadata
from lodeline.ledger.values import from_us, to_us
from lodeline.record.codec import decode, encode

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import RowMapping

queries = Table(
    "service_queries",
    metadata,
    Column("name", Text, primary_key=True),
    Column("parameters", Text, nullable=False),
    Column("extensions", Text, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("created_by", Text, nullable=False),
    sqlite_strict=True,
)

MOST = 10_000
"""Named queries of one book: a caller must not fill the disk with them."""


class NamedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query under a name. It is never changed: remove it and make another.

    Attributes:
        name: Its name.
        parameters: The query as JSON, as it was given.
        extensions: Prefixes that its parameters use, each with its namespace.
        created_by: The name on the token that made it.
    """

    name: str
    parameters: dict[str, Any]
    extensions: dict[str, str]
    created_at: datetime
    created_by: str


class Queries(Room):
    """The named queries of a book."""

    def add(self, query: NamedQuery) -> None:
        """Keep a new query.

        Raises:
            InputError: ``query.name_taken``, ``query.too_many``.
        """
        row = {
            "name": query.name,
            "parameters": encode(query.parameters).decode(),
            "extensions": encode(query.extensions).decode(),
            "created_at": to_us(query.created_at),
            "created_by": query.created_by,
        }
        with self._write() as connection:
            if connection.execute(select(queries.c.name).where(queries.c.name == query.name)).first():
                raise InputError(
                    "query.name_taken", "A query of this name exists; choose another, or remove it.", query=query.name
                )
            if connection.execute(select(func.count()).select_from(queries)).scalar_one() >= MOST:
                raise InputError("query.too_many", f"A book keeps {MOST} named queries; remove one first.")
            connection.execute(queries.insert(), [row])

    def get(self, name: str) -> NamedQuery:
        """One query.

        Raises:
            NotFoundError: ``query.unknown_name``.
        """
        rows = self._rows(select(queries).where(queries.c.name == name)) if "\0" not in name else []
        if not rows:
            raise NotFoundError("query.unknown_name", "There is no query of this name; GET /queries lists them.")
        return _query(rows[0]._mapping)

    def page(self, *, after: str = "", limit: int) -> list[NamedQuery]:
        """Queries in the order of their names, after one."""
        statement = select(queries).where(queries.c.name > after).order_by(queries.c.name).limit(limit)
        return [_query(row._mapping) for row in self._rows(statement)]

    def remove(self, name: str) -> None:
        """Remove a query and, with it in one transaction, every subscription to it.

        Raises:
            NotFoundError: ``query.unknown_name``.
        """
        from lodeline.ledger.service.subscriptions import subscriptions

        self.get(name)
        with self._write() as connection:
            connection.execute(delete(subscriptions).where(subscriptions.c.query_name == name))
            connection.execute(delete(queries).where(queries.c.name == name))


def _query(row: RowMapping) -> NamedQuery:
    return NamedQuery(
        name=row["name"],
        # Numbers stay exact: a bound of a query is a Decimal all the way.
        parameters=decode(row["parameters"].encode()),
        extensions=decode(row["extensions"].encode()),
        created_at=from_us(row["created_at"]),
        created_by=row["created_by"],
    )
