"""The deep check of derived sets that grow when they are asked for: each is made again and compared with what stands.

The ledger knows how to make lot edges again. What is kept in columns was made above the ledger, so that whoever asks
for the check hands in how (`Recompute`). Another set of the ledger's own is one row more in `CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from lodeline.ledger.columns import BYTES, TEXT, Part, joined, parts
from lodeline.ledger.extent import derived_broken
from lodeline.ledger.indexing import NAME as INDEX_NAME
from lodeline.ledger.schema import derived, derived_columns
from lodeline.ledger.stamps import Stamp, on_chain, stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lodeline.errors import IntegrityError
    from lodeline.ledger.backend import Backend
    from lodeline.ledger.columns import Column, Tables
    from lodeline.ledger.extent import Extent

Recompute = Callable[[Stamp], "Tables | None"]
"""Makes a set of columns again as of a stamp's entry; None where other code made it, so that nothing reads it."""

_c = derived_columns.c


def check_edges(backend: Backend, stamp: Stamp) -> bool:
    """Lot edges; see `lodeline.ledger.edgecheck`."""
    from lodeline.ledger.edgecheck import check

    return check(backend, stamp)


def check_query_index(backend: Backend, stamp: Stamp) -> bool:
    """The query index; see `lodeline.ledger.query.checking`."""
    from lodeline.ledger.query.checking import check

    return check(backend, stamp)


CHECKS: dict[str, Callable[..., bool]] = {"edges": check_edges, "query": check_query_index}
"""By name of a set of the ledger's own: raises `derived_broken`, or says whether it could be compared at all."""


def check_sets(backend: Backend, to: Extent, recompute: Mapping[str, Recompute]) -> tuple[str, ...]:
    """Compare every derived set but the index; returns the names of those that could not be.

    Raises:
        IntegrityError: ``ledger.derived_broken``.
    """
    unchecked: list[str] = []
    marks = {row[0]: Stamp(row[0], row[1], row[2], bytes(row[3])) for row in to.marks if row[0] != INDEX_NAME}
    stored = {name for (name,) in backend.rows(select(_c.name).distinct())}
    if lost := stored - {name for (name,) in backend.rows(select(derived.c.name))}:
        raise derived_broken("derived_columns", "name", name=min(lost))
    for name, stamp in sorted(marks.items()):
        _require_on_chain(backend, stamp)
        if name in CHECKS:
            compared = CHECKS[name](backend, stamp)
        elif name in stored:
            compared = name in recompute and check_columns(backend, stamp, recompute[name])
        else:
            raise derived_broken("derived", "name", name=name)
        if not compared:
            unchecked.append(name)
    return tuple(unchecked)


def _require_on_chain(backend: Backend, stamp: Stamp) -> None:
    with backend.read() as connection:
        if not on_chain(connection, stamp):
            raise derived_broken("derived", "head_digest", name=stamp.name)


def check_columns(backend: Backend, stamp: Stamp, recompute: Recompute) -> bool:
    """Compare a set of columns with what it is when made again; False where other code made what is stored.

    Raises:
        IntegrityError: ``ledger.derived_broken`` with the set's name, its table, column and the first row that differs.
    """
    while True:
        expected = recompute(stamp)
        broken = None if expected is None else _difference(backend, stamp, expected)
        if broken is None:
            return expected is not None
        with backend.read() as connection:
            now = stamp_of(backend, connection, stamp.name)
        if now is None or now == stamp:
            raise broken
        # Another process has stored the set anew while this one compared; what it stored is looked at instead.
        stamp = now


def _difference(backend: Backend, stamp: Stamp, expected: Tables) -> IntegrityError | None:
    """The refusal for the first place of a set that is not as expected."""
    listed = {
        (table, column)
        for table, column in backend.rows(select(_c.of_table, _c.of_column).where(_c.name == stamp.name).distinct())
    }
    wanted = {(table, column) for table, of_table in expected.items() for column in of_table}
    if odd := listed ^ wanted:
        table, column = min(odd)
        return _broken(stamp, table, column, None)
    for table, of_table in expected.items():
        for column, values in of_table.items():
            row = _first_row(backend, stamp, table, column, values)
            if row is not None:
                return _broken(stamp, table, column, row)
    return None


def _broken(stamp: Stamp, table: str, column: str, row: int | None) -> IntegrityError:
    return derived_broken("derived_columns", column, name=stamp.name, of_table=table, row=row)


def _first_row(backend: Backend, stamp: Stamp, table: str, column: str, values: Column) -> int | None:
    """The first row of a column that is not as expected, part by part."""
    start = 0
    for is_, should_be in zip_longest(_stored(backend, stamp, table, column), parts(values)):
        if is_ != should_be:
            return start + _first_value(is_, should_be)
        start += should_be.length
    return None


def _stored(backend: Backend, stamp: Stamp, table: str, column: str) -> Iterator[Part]:
    here = (_c.name == stamp.name, _c.of_table == table, _c.of_column == column)
    for (number,) in backend.rows(select(_c.part).where(*here).order_by(_c.part)):
        for part, dtype, length, raw in backend.rows(
            select(_c.part, _c.dtype, _c.length, _c.raw).where(*here, _c.part == number)
        ):
            yield Part(part, dtype, length, bytes(raw))


def _first_value(is_: Part | None, should_be: Part | None) -> int:
    """Where in a part the first value differs; 0 where one of the two is missing or cannot be read."""
    if is_ is None or should_be is None or is_.dtype != should_be.dtype or is_.dtype == TEXT:
        return 0
    try:
        a, b = _items(is_), _items(should_be)
    except ValueError:
        return 0
    return next((place for place, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _items(part: Part) -> list[bytes]:
    """The bytes of each value of a part."""
    if part.dtype == BYTES:
        return [part.raw[place : place + 1] for place in range(len(part.raw))]
    whole: Any = joined([part], part.length)
    raw, size = whole.tobytes(), whole.itemsize
    return [raw[place : place + size] for place in range(0, len(raw), size)]
