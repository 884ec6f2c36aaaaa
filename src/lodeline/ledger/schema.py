"""The tables: what is recorded, and what is derived from it.

Recorded tables are append-only, which `lodeline.ledger.guards` makes the database enforce. Derived tables may
be dropped and rebuilt. The migrations must make exactly this; a test compares.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

REVISION = "0003"
"""The newest migration: what ``alembic_version`` must say for this code to open a book."""

metadata = MetaData()

# STRICT tables of SQLite know INTEGER and no BIGINT; both hold 64 bits there.
Number = BigInteger().with_variant(Integer, "sqlite")


def _index(name: str, *columns: Column[Any], where: str | None = None, using: str | None = None) -> None:
    """An index with what PostgreSQL has to know of it set aside.

    Options of a dialect load that dialect, and a book in a file must not pay for the other one at every start;
    `with_postgres_options` puts them in their place.
    """
    options = {"where": None if where is None else text(where), "using": using}
    info = {option: value for option, value in options.items() if value is not None}
    Index(name, *columns, sqlite_where=options["where"], info=info)


def with_postgres_options() -> MetaData:
    """The tables with the options that PostgreSQL has to know; `lodeline.ledger.postgres` asks for them."""
    for table in metadata.tables.values():
        for index in table.indexes:
            for option, value in index.info.items():
                index.dialect_options["postgresql"][option] = value
    return metadata


entries = Table(
    "entries",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("recorded_at", Number, nullable=False),
    Column("captured_by", Text, nullable=False),
    Column("capture_id", Number, nullable=False),
    Column("source", LargeBinary, nullable=False),
    Column("context", LargeBinary),
    Column("event_hash", LargeBinary),
    Column("event_id", Text),
    Column("declaration", LargeBinary),
    Column("digest", LargeBinary, nullable=False),
    # Last, because a long event spills to overflow pages and must not push the other columns there.
    Column("raw", LargeBinary, nullable=False),
    CheckConstraint("length(source) = 32 AND length(digest) = 32", name="entries_digest_length"),
    CheckConstraint("context IS NULL OR length(context) = 32", name="entries_context_length"),
    CheckConstraint("(kind = 'event') = (event_hash IS NOT NULL)", name="entries_event_has_hash"),
    sqlite_strict=True,
)
# Not UNIQUE on purpose: REPLACE on SQLite deletes what a unique index finds, without asking a delete trigger.
# The guard on insert refuses a second entry of one identity instead.
_index("entries_event_hash", entries.c.event_hash, where="event_hash IS NOT NULL")
_index("entries_event_id", entries.c.event_id, where="event_id IS NOT NULL", using="hash")
_index("entries_declarations", entries.c.seq, where="declaration IS NOT NULL")
_index("entries_other_kinds", entries.c.kind, entries.c.seq, where="kind <> 'event'")

blobs = Table(
    "blobs",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    CheckConstraint("length(digest) = 32", name="blobs_digest_length"),
    sqlite_strict=True,
)
Index("blobs_digest", blobs.c.digest)

# From here on: derived. Rebuilt from the entries alone, in ledger order, to the same rows.

derived = Table(
    "derived",
    metadata,
    Column("name", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("head_seq", Number, nullable=False),
    Column("head_digest", LargeBinary, nullable=False),
    sqlite_strict=True,
)

names = Table(
    "names",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    sqlite_strict=True,
)
# A hash index on PostgreSQL, since a B-tree there refuses names longer than a third of a page.
_index("names_name", names.c.name, using="hash")

event_index = Table(
    "event_index",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("event_time", Number, nullable=False),
    Column("event_type", Number, nullable=False),
    Column("action", Number),
    Column("biz_step", Number),
    Column("disposition", Number),
    Column("read_point", Number),
    Column("biz_location", Number),
    Column("twin_of", Number),
    sqlite_strict=True,
)
_index("event_index_twin_of", event_index.c.twin_of, where="twin_of IS NOT NULL")

lot_index = Table(
    "lot_index",
    metadata,
    Column("lot", Number, primary_key=True, autoincrement=False),
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("role", Text, primary_key=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("original", Number, primary_key=True, autoincrement=False),
    Column("declaration", Number, primary_key=True, autoincrement=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# These grow at first use and not with a capture, whose time is spent: see `lodeline.ledger.edges` and
# `lodeline.ledger.columns`.

lot_edges = Table(
    "lot_edges",
    metadata,
    Column("child", Number, primary_key=True, autoincrement=False),
    Column("parent", Number, primary_key=True, autoincrement=False),
    Column("seq", Number, primary_key=True, autoincrement=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
_index("lot_edges_parent", lot_edges.c.parent)

processes = Table(
    "processes",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    sqlite_strict=True,
)
_index("processes_name", processes.c.name, using="hash")

derived_columns = Table(
    "derived_columns",
    metadata,
    Column("name", Text, primary_key=True),
    Column("of_table", Text, primary_key=True),
    Column("of_column", Text, primary_key=True),
    Column("part", Number, primary_key=True, autoincrement=False),
    Column("dtype", Text, nullable=False),
    Column("length", Number, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    sqlite_strict=True,
)

# The query index, see `lodeline.ledger.query`. Large values last, so that reading the others passes them by.

query_segments = Table(
    "query_segments",
    metadata,
    Column("first", Number, primary_key=True, autoincrement=False),
    Column("size", Number, nullable=False),
    Column("events", Number, nullable=False),
    Column("least", Number, nullable=False),
    Column("greatest", Number, nullable=False),
    Column("times", LargeBinary, nullable=False),
    sqlite_strict=True,
)

query_terms = Table(
    "query_terms",
    metadata,
    Column("first", Number, primary_key=True, autoincrement=False),
    Column("term", Number, primary_key=True, autoincrement=False),
    Column("places", LargeBinary, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

query_numbers = Table(
    "query_numbers",
    metadata,
    Column("first", Number, primary_key=True, autoincrement=False),
    Column("field", Number, primary_key=True, autoincrement=False),
    Column("places", LargeBinary, nullable=False),
    Column("numbers", LargeBinary, nullable=False),
    sqlite_strict=True,
)

version = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Which migration the tables are of. Made as Alembic makes it."""

RECORDED = (entries, blobs)
INDEX = (derived, names, event_index, lot_index, withdrawals)
"""Derived tables that grow with each capture."""
LAZY = (lot_edges, processes, derived_columns, query_segments, query_terms, query_numbers)
"""Derived tables that grow when they are first asked for; each of their sets has its own row in ``derived``."""
DERIVED = INDEX + LAZY

NOT_EVENT = text("kind <> 'event'")
"""Said in these words beside any other condition on ``kind``, so that the partial index is used."""
