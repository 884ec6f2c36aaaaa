"""Stamps: by which code and up to which entry a set of derived rows was built. One row of ``derived`` for each set.

The index has its stamp too, and grows with each capture (`lodeline.ledger.indexing`). The other sets grow when they
are first asked for, so that a stamp of theirs may stand anywhere on the chain, or be missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select

from lodeline.ledger.indexing import NAME as INDEX_NAME
from lodeline.ledger.schema import DERIVED, derived, entries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend


class Stamp(NamedTuple):
    """What a set of derived rows says of itself.

    Attributes:
        name: Of the set.
        code: Version of the code that built it, with whatever else it followed from (a policy's digest).
        seq, digest: The entry up to which it was built, and that entry's digest.
    """

    name: str
    code: str
    seq: int
    digest: bytes


def stamp_of(backend: Backend, connection: Connection, name: str) -> Stamp | None:
    """The stamp of a set; None where nothing was built, or where its entry is not the one on the chain."""
    if derived.name not in backend.tables(connection):
        return None
    row = connection.execute(select(derived).where(derived.c.name == name)).first()
    if row is None:
        return None
    stamp = Stamp(row[0], row[1], row[2], bytes(row[3]))
    return stamp if on_chain(connection, stamp) else None


def restore(backend: Backend, *, wait_s: float) -> None:
    """Make the later sets' tables where one is missing, and forget the stamps of these sets: a new table is empty."""
    with backend.read() as connection:
        if {table.name for table in DERIVED} <= backend.tables(connection):
            return
    backend.restore_derived()
    with backend.write(wait_s) as connection:
        connection.execute(delete(derived).where(derived.c.name != INDEX_NAME))


def on_chain(connection: Connection, stamp: Stamp) -> bool:
    """Whether the book holds the entry that a stamp names."""
    digest = connection.execute(select(entries.c.digest).where(entries.c.seq == stamp.seq)).scalar()
    return digest is not None and bytes(digest) == stamp.digest


def put_stamp(backend: Backend, connection: Connection, stamp: Stamp) -> None:
    """Write a stamp down, in the transaction that wrote the rows."""
    drop_stamp(connection, stamp.name)
    backend.insert(connection, derived, [stamp])


def drop_stamp(connection: Connection, name: str) -> None:
    """Forget a stamp, in the transaction that drops the rows."""
    connection.execute(delete(derived).where(derived.c.name == name))
