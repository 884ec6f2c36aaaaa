"""Derived columns: arrays kept beside the entries, in parts, so that one column is read without the others.

A set of columns has a name (``flows``), tables in it, and columns in each. A column is a one-dimensional array of
numbers, a sequence of texts, or opaque bytes. A part holds `PART_ROWS` values; a part of one value throughout is kept
as that value alone. A set is written in one transaction with its stamp, and only the parts that changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from sqlalchemy import delete, func, select

from lodeline.errors import BookError
from lodeline.ledger.schema import derived, derived_columns
from lodeline.ledger.stamps import Stamp, drop_stamp, on_chain, put_stamp, restore, stamp_of

if TYPE_CHECKING:
    import numpy as np
    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend, Row

    Array = np.ndarray[Any, np.dtype[Any]]
    Column = Array | Sequence[str] | bytes
    Tables = Mapping[str, Mapping[str, Column]]

PART_ROWS = 131_072
"""Values in a part: a mebibyte of float64."""
PARTS_AT_ONCE = 4
TEXT, BYTES = "text", "bytes"
"""What stands for a dtype where a column holds texts, or is bytes that only their maker understands."""

_c = derived_columns.c
_encode, _decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(list[str]).decode


class Part(NamedTuple):
    """One part of a column as it is stored."""

    part: int
    dtype: str
    length: int
    raw: bytes


def parts(column: Column) -> Iterator[Part]:
    """A column cut into parts, the last one shorter; an empty column is one empty part.

    Raises:
        TypeError: An array that is not one-dimensional, or of a type without fixed-size numbers.
    """
    if isinstance(column, bytes):
        for number, start in enumerate(range(0, max(len(column), 1), PART_ROWS * 8)):
            raw = column[start : start + PART_ROWS * 8]
            yield Part(number, BYTES, len(raw), raw)
    elif not isinstance(column, Sequence):
        yield from _number_parts(column)
    else:
        for number, start in enumerate(range(0, max(len(column), 1), PART_ROWS)):
            texts = list(column[start : start + PART_ROWS])
            yield Part(number, TEXT, len(texts), _encode(texts))


def _number_parts(column: Array) -> Iterator[Part]:
    if column.ndim != 1 or column.dtype.kind not in "biuf":
        raise TypeError(f"a column is one-dimensional and of numbers, not {column.dtype} of shape {column.shape}")
    # One byte order, so that a book is the same on every machine.
    fixed = column.astype(column.dtype.newbyteorder("<"), copy=False)
    for number, start in enumerate(range(0, max(len(fixed), 1), PART_ROWS)):
        held = fixed[start : start + PART_ROWS]
        raw = held.tobytes()
        item = raw[: held.itemsize]
        # Bytes and not values are compared, so that NaN is like itself and 0.0 unlike -0.0.
        if raw == item * len(held):
            raw = item
        yield Part(number, fixed.dtype.str, len(held), raw)


def joined(found: Iterable[Part], rows: int) -> Column:
    """A column of so many values from its parts, in order.

    An array cannot be written to; one value throughout is held once.
    """
    ordered = iter(found)
    first = next(ordered)
    if first.dtype == BYTES:
        return b"".join((first.raw, *(part.raw for part in ordered)))
    if first.dtype == TEXT:
        texts = _decode(first.raw)
        for part in ordered:
            texts += _decode(part.raw)
        return texts
    import numpy as np

    dtype, start = np.dtype(first.dtype), 0
    whole: Array | None = None
    for part in chain((first,), ordered):
        if whole is None and (part.raw != first.raw or len(first.raw) != dtype.itemsize):
            whole = np.empty(rows, dtype=dtype)
            if start:
                whole[:start] = np.frombuffer(first.raw, dtype=dtype)
        if whole is not None:
            # One value alone is spread over the part.
            whole[start : start + part.length] = np.frombuffer(part.raw, dtype=dtype)
        start += part.length
    if whole is None:
        return np.broadcast_to(np.frombuffer(first.raw, dtype=dtype)[0], (rows,))
    whole.flags.writeable = False
    return whole


class Listed(NamedTuple):
    """A stored column before it is read: how many parts it has, and how many values."""

    parts: int
    rows: int


class StoredTable(Mapping[str, "Column"]):
    """The columns of one table, each read when it is first asked for, and then kept."""

    def __init__(self, backend: Backend, stamp: Stamp, table: str, listed: Mapping[str, Listed]) -> None:
        self._backend, self._stamp, self._table, self._listed = backend, stamp, table, listed
        self._held: dict[str, Column] = {}

    def __getitem__(self, column: str) -> Column:
        held = self._held.get(column)
        if held is None:
            listed = self._listed[column]
            found = read(self._backend, self._stamp, self._table, column, listed.parts)
            held = self._held[column] = joined(found, listed.rows)
        return held

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)


class StoredColumns(NamedTuple):
    """A stored set: its stamp, and its tables with their columns, read lazily."""

    stamp: Stamp
    tables: Mapping[str, StoredTable]


def columns(backend: Backend, name: str) -> StoredColumns | None:
    """A stored set; None where nothing is stored, or where its stamp names an entry that the book does not hold."""
    with backend.read() as connection:
        stamp = stamp_of(backend, connection, name)
        if stamp is None or derived_columns.name not in backend.tables(connection):
            return None
        found = connection.execute(
            select(_c.of_table, _c.of_column, func.count(), func.sum(_c.length))
            .where(_c.name == name)
            .group_by(_c.of_table, _c.of_column)
            .order_by(_c.of_table, _c.of_column)
        ).all()
    if not found:
        return None
    listed: dict[str, dict[str, Listed]] = {}
    for table, column, count, rows in found:
        listed.setdefault(table, {})[column] = Listed(count, int(rows))
    return StoredColumns(stamp, {table: StoredTable(backend, stamp, table, held) for table, held in listed.items()})


def read(backend: Backend, stamp: Stamp, table: str, column: str, count: int) -> Iterator[Part]:
    """The parts of one column as of its stamp, a few at a time, so that a long column is not in memory twice.

    Raises:
        BookError: ``ledger.columns_moved`` where another process has stored the set anew meanwhile.
    """
    wanted = (
        select(_c.part, _c.dtype, _c.length, _c.raw)
        .join(derived, derived.c.name == _c.name)
        .where(_c.name == stamp.name, _c.of_table == table, _c.of_column == column)
        # Asked again each time: parts of one stamp are of one making, whenever they are read.
        .where(derived.c.code == stamp.code, derived.c.head_seq == stamp.seq)
        .order_by(_c.part)
    )
    for start in range(0, count, PARTS_AT_ONCE):
        end = min(start + PARTS_AT_ONCE, count)
        found = backend.rows(wanted.where(_c.part >= start, _c.part < end))
        if len(found) != end - start:
            raise BookError(
                "ledger.columns_moved",
                "The derived columns were stored anew while they were read; ask again.",
                name=stamp.name,
                table=table,
                column=column,
            )
        for part, dtype, length, raw in found:
            yield Part(part, dtype, length, bytes(raw))


def put(backend: Backend, stamp: Stamp, tables: Tables, *, wait_s: float) -> bool:
    """Store a set in one transaction, or leave what is there if that is of the same code and reaches further.

    Returns whether it was stored.
    """
    restore(backend, wait_s=wait_s)
    with backend.write(wait_s) as connection:
        held = stamp_of(backend, connection, stamp.name)
        if held is not None and held.code == stamp.code and held.seq > stamp.seq:
            return False
        if not on_chain(connection, stamp):
            raise ValueError(f"the book holds no entry {stamp.seq} of this digest")
        for table, column in _stored(connection, stamp.name):
            if column not in tables.get(table, {}):
                connection.execute(_delete(stamp.name, table, column))
        for table, of_table in tables.items():
            for column, values in of_table.items():
                _replace(backend, connection, (stamp.name, table, column), values)
        put_stamp(backend, connection, stamp)
    return True


def drop(backend: Backend, name: str, *, wait_s: float) -> None:
    """Drop a set with its stamp."""
    restore(backend, wait_s=wait_s)
    with backend.write(wait_s) as connection:
        connection.execute(delete(derived_columns).where(_c.name == name))
        drop_stamp(connection, name)


def _stored(connection: Connection, name: str) -> list[tuple[str, str]]:
    found = connection.execute(select(_c.of_table, _c.of_column).where(_c.name == name).distinct())
    return [(table, column) for table, column in found]


def _delete(name: str, table: str, column: str) -> Any:
    return delete(derived_columns).where(_c.name == name, _c.of_table == table, _c.of_column == column)


def _replace(backend: Backend, connection: Connection, place: tuple[str, str, str], values: Column) -> None:
    """Write the parts of one column that are not stored as they are; drop those beyond its end."""
    last = connection.execute(
        select(func.coalesce(func.max(_c.part), -1)).where(
            _c.name == place[0], _c.of_table == place[1], _c.of_column == place[2]
        )
    ).scalar_one()
    number = -1
    for part in parts(values):
        number = part.part
        if number <= last:
            if _held(connection, place, number) == part:
                continue
            connection.execute(_delete(*place).where(_c.part == number))
        row: Row = (*place, *part)
        backend.insert(connection, derived_columns, [row])
    connection.execute(_delete(*place).where(_c.part > number))


def _held(connection: Connection, place: tuple[str, str, str], number: int) -> Part | None:
    row = connection.execute(
        select(_c.part, _c.dtype, _c.length, _c.raw).where(
            _c.name == place[0], _c.of_table == place[1], _c.of_column == place[2], _c.part == number
        )
    ).first()
    return None if row is None else Part(row[0], row[1], row[2], bytes(row[3]))
