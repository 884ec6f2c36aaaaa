"""How far a verification goes: up to the entry that was last when it began, however much others write meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, literal, select, true

from lodeline.errors import IntegrityError
from lodeline.ledger.schema import DERIVED, blobs, derived, entries, names

if TYPE_CHECKING:
    from lodeline.ledger.backend import Backend, Row


class Extent(NamedTuple):
    """The book at one moment.

    Attributes:
        seq: Its last entry.
        blob: The last id in the content store.
        name: The last number in the dictionary of names; 0 unless a deep verification asked.
        marks: What the derived tables said of themselves; likewise.
    """

    seq: int
    blob: int
    name: int
    marks: tuple[Row, ...]


def extent(backend: Backend, *, deep: bool) -> Extent:
    """Read it in one statement, which sees one moment on both kinds of store.

    Raises:
        IntegrityError: ``ledger.derived_broken`` where a derived table is missing and ``deep`` asks for it.
    """
    seq = select(func.coalesce(func.max(entries.c.seq), -1)).scalar_subquery()
    blob = select(func.coalesce(func.max(blobs.c.id), 0)).scalar_subquery()
    if not deep:
        last, blob_id = backend.rows(select(seq, blob))[0]
        return Extent(last, blob_id, 0, ())
    with backend.read() as connection:
        missing = {table.name for table in DERIVED} - backend.tables(connection)
    if missing:
        raise derived_broken(min(missing), "(the table)")
    name = select(func.coalesce(func.max(names.c.id), 0)).scalar_subquery()
    moment = select(literal(1).label("one")).subquery()
    rows = backend.rows(select(seq, blob, name, *derived.columns).select_from(moment.outerjoin(derived, true())))
    marks = tuple(tuple(row[3:]) for row in rows if row[3] is not None)
    return Extent(rows[0][0], rows[0][1], rows[0][2], marks)


def derived_broken(table: str, column: str, **where: object) -> IntegrityError:
    """The refusal for a derived row that is not what the entries give."""
    return IntegrityError(
        "ledger.derived_broken",
        "A derived table is not what the entries give; the entries are whole: rebuild it.",
        table=table,
        column=column,
        **where,
    )
