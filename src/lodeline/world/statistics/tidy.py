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
    """Each row with its line in the text, by column.

    Args:
        columns: What a table must have; further ones are passed over.
        required: Of these, what may not be empty.

    Raises:
        InputError: ``world.column_missing``, ``world.cell_missing``.
    """
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in columns if name not in (reader.fieldnames or ())]
    if missing:
        raise InputError(
            "world.column_missing",
            f"The table lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            "it must have those of the shipped tables.",
        )
    for line, cells in enumerate(reader, start=2):
        texts = {name: cells[name] or "" for name in columns}
        empty = next((name for name in columns if name in required and not texts[name]), None)
        if empty is not None:
            raise InputError("world.cell_missing", f"The cell {empty} is empty; every row needs it.", line=line)
        yield line, texts


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
