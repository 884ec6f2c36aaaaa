"""Tidy CSV: every row complete, numbers with a point, an empty cell where a number is unknown."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation

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


def text_of(columns: Sequence[str], rows: Iterable[object]) -> str:
    """Rows as tidy CSV; they have the columns as attributes."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        cells = [getattr(row, name) for name in columns]
        writer.writerow(["" if one is None else f"{one:f}" if isinstance(one, Decimal) else one for one in cells])
    return out.getvalue()
