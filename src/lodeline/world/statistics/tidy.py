"""Tidy CSV: every row complete, numbers with a point, an empty cell where a number is unknown."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Protocol

from lodeline.errors import InputError
from lodeline.errors.visible import visible


def lines(text: str, columns: Sequence[str], required: Collection[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with its line in the text, by column; as :func:`cells`."""
    for line, found in cells(text, columns, required):
        yield line, dict(zip(columns, found, strict=True))


def cells(
    text: str, columns: Sequence[str], required: Collection[str], optional: Collection[str] = ()
) -> Iterator[tuple[int, list[str]]]:
    """Each row with its line in the text, its cells in the order of the columns.

    Args:
        columns: What a table must have; further ones are passed over.
        required: Of these, what may not be empty.
        optional: Of these, what the table may lack; the cells are then empty.

    Raises:
        InputError: ``world.column_missing``, ``world.cell_missing``, ``world.table_cut``.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    head = next(reader, [])
    missing = [name for name in columns if name not in head and name not in optional]
    if missing:
        raise InputError(
            "world.column_missing",
            f"The table lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            "it must have those of the shipped tables.",
        )
    places = [head.index(name) if name in head else -1 for name in columns]
    needed = [at for at, name in enumerate(columns) if name in required]
    line = 1
    try:
        for line, found in enumerate(reader, start=2):
            if len(found) != len(head):
                raise InputError(
                    "world.table_cut",
                    f"The line has {len(found)} cells and the head {len(head)}; the table is cut off or edited: get it "
                    "again.",
                    line=line,
                )
            row = [found[at] if at >= 0 else "" for at in places]
            for at in needed:
                if not row[at]:
                    raise InputError(
                        "world.cell_missing", f"The cell {columns[at]} is empty; every row needs it.", line=line
                    )
            yield line, row
    except csv.Error as flaw:
        raise InputError(
            "world.table_cut", "The table ends within a quoted cell; it is cut off: get it again.", line=line + 1
        ) from flaw


def number(text: str, name: str, line: int, *, negative: bool = True) -> Decimal | None:
    """A number; None where the cell is empty.

    Args:
        negative: Whether it may be below zero.

    Raises:
        InputError: ``world.not_a_number``.
    """
    if not text:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or (found < 0 and not negative):
        raise InputError(
            "world.not_a_number",
            f"{name} is {visible(text, limit=40)!r}; write digits with a point, or leave it empty where it is unknown.",
            line=line,
        )
    return found


class Keyed(Protocol):
    """A row of an edition."""

    @property
    def edition(self) -> str:
        """Of which."""
        ...

    @property
    def key(self) -> str:
        """What no other row may say."""
        ...


def one_edition(rows: Sequence[Keyed], *, twice: str) -> str:
    """The edition that all rows are of, none of which says what another does.

    Args:
        twice: What to do where two rows do.

    Raises:
        InputError: ``world.table_empty``, ``world.editions_mixed``, ``world.row_twice``.
    """
    editions = sorted({row.edition for row in rows})
    if not rows:
        raise InputError("world.table_empty", "The table has no rows; give one that holds an edition's figures.")
    if len(editions) > 1:
        raise InputError(
            "world.editions_mixed",
            f"One table holds one edition, this one holds {', '.join(visible(e) for e in editions)}; split it.",
        )
    seen: set[str] = set()
    for line, row in enumerate(rows, start=2):
        if row.key in seen:
            raise InputError("world.row_twice", f"Two rows say {visible(row.key)}; {twice}.", line=line)
        seen.add(row.key)
    return editions[0]


def text_of(columns: Sequence[str], rows: Iterable[object]) -> str:
    """Rows as tidy CSV; they have the columns as attributes."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        cells = [getattr(row, name) for name in columns]
        writer.writerow(["" if one is None else f"{one:f}" if isinstance(one, Decimal) else one for one in cells])
    return out.getvalue()
