"""The deep check of the query index: every segment made again from the entries, and compared row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Table, select

from lodeline.ledger.extent import derived_broken
from lodeline.ledger.query.gathering import gather
from lodeline.ledger.query.growing import CODE, NAME, TABLES
from lodeline.ledger.query.segments import layout, rows_of
from lodeline.ledger.schema import query_numbers, query_segments, query_terms
from lodeline.ledger.stamps import Stamp, stamp_of

if TYPE_CHECKING:
    from lodeline.errors import IntegrityError
    from lodeline.ledger.backend import Backend, Row


def check(backend: Backend, stamp: Stamp) -> bool:
    """Compare the query index with what the entries give; False where other code made it, so that nothing reads it.

    Raises:
        IntegrityError: ``ledger.derived_broken``.
    """
    while stamp.code == CODE:
        broken = _first_broken(backend, stamp)
        if broken is None:
            return True
        with backend.read() as connection:
            now = stamp_of(backend, connection, NAME)
        if now is None or now == stamp:
            raise broken
        # Another process has grown the index while this one compared; what it wrote is looked at instead.
        stamp = now
    return False


def _first_broken(backend: Backend, stamp: Stamp) -> IntegrityError | None:
    spans = layout(stamp.seq + 1)
    firsts = {span.first for span in spans}
    for table in TABLES:
        odd = {first for (first,) in backend.rows(select(table.c.first).distinct())} - firsts
        if odd:
            return derived_broken(table.name, "first", seq=min(odd))
    if not spans or spans[-1].first + spans[-1].size != stamp.seq + 1:
        return derived_broken("derived", "head_seq", name=NAME)
    for span in spans:
        expected = rows_of(span, gather(backend, span.first, span.size))
        for table, rows in (
            (query_segments, [expected.segment]),
            (query_terms, expected.terms),
            (query_numbers, expected.numbers),
        ):
            column = _difference(backend, table, span.first, rows)
            if column is not None:
                return derived_broken(table.name, column, seq=span.first)
    return None


def _difference(backend: Backend, table: Table, first: int, expected: Sequence[Row]) -> str | None:
    """The first column of a segment's rows that is not as expected."""
    columns = list(table.columns)
    found = backend.rows(select(table).where(table.c.first == first).order_by(*table.primary_key.columns))
    if len(found) != len(expected):
        return columns[-1].name
    for is_, should_be in zip(found, expected, strict=True):
        for column, a, b in zip(columns, is_, should_be, strict=True):
            if (bytes(a) if isinstance(b, bytes) else a) != b:
                return column.name
    return None
