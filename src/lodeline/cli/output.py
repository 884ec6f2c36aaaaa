"""What a command prints: tables for people, JSON for programs, and nothing that could harm a terminal."""

from __future__ import annotations

import csv
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from lodeline.errors.visible import visible, visible_json

_EXACT = msgspec.json.Encoder(decimal_format="number")

FITTING = 30
"""Characters of an identifier that a table shows whole."""
SAVES = 15
"""Characters at the beginning of an identifier that are not worth a word below the table."""
_IDENTIFIER = re.compile(r"(?:https?://|urn:)[^\s,;()'\"]+")
NARROW = 24
"""Characters that a column of sentences is worth; with fewer it stands below its row."""
BELOW = 4
"""By how many characters it is set in there."""
RULE = 160
"""Dashes under the heading of the last column, at most."""


def print_json(value: Any, *, indent: bool = True) -> None:
    """One JSON value on standard output, on one line unless indented; numbers keep every digit."""
    # What was captured with line breaks in it loses them here, and nothing else.
    text = msgspec.json.format(_EXACT.encode(value), indent=2 if indent else -1).decode("utf-8", "surrogatepass")
    # A pipe gets the exact bytes; a terminal gets the same value with hazards as escapes.
    print(visible_json(text) if sys.stdout.isatty() else text)


def print_rows(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """CSV on standard output, a line a row, with ends of line as on Unix; None is an empty cell."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)


def raw_json(raw: bytes) -> msgspec.Raw:
    """Recorded bytes to be put into JSON output as they are."""
    return msgspec.Raw(raw)


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, wide: int = 48, shorten: bool = False
) -> None:
    """Aligned columns; numbers to the right; one value is cut after ``wide`` characters, with its length named.

    In a terminal that is narrower than the table the last column, which may hold sentences, is wrapped in its place, or
    stands below its row where there is no room for it. A file or a pipe has one line a row.

    Args:
        shorten: Write ``…`` for what all long identifiers of the table begin with, and say below what it stands for.
    """
    said = [[_text(value) for value in row] for row in rows]
    start = _start(text for row in said for text in row) if shorten else ""
    if start:
        said = [[text.replace(start, "…") for text in row] for row in said]
    texts = [[visible(text, limit=wide) for text in row] for row in said]
    numeric = [_is_numeric(column, texts) for column in range(len(columns))]
    widths = [max(len(row[i]) for row in [list(columns), *texts]) for i in range(len(columns))]
    # The last column may hold whole sentences, which need no rule that is as long.
    rules = ["-" * width for width in (*widths[:-1], min(widths[-1], RULE))]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in [list(columns), rules, *texts]:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ]
        for told in _fitted(cells, room):
            print(told)
    if start:
        print(f"… stands for {visible(start)}")


def _fitted(cells: Sequence[str], room: int | None) -> list[str]:
    """A row as one line, or with its last cell wrapped to so many characters."""
    whole = "  ".join(cells).rstrip()
    if room is None or len(whole) <= room or len(cells) < 2:
        return [whole]
    *first, last = cells
    before = "  ".join(first) + "  "
    left = room - len(before)
    if not last.strip(" -"):
        return [f"{before}{last[:left]}".rstrip() if left > 0 else before.rstrip()]
    indent = len(before) if left >= NARROW else BELOW
    parts = textwrap.wrap(last, max(room - indent, NARROW), break_long_words=False, break_on_hyphens=False)
    lines = [" " * indent + part for part in parts]
    return [before + parts[0], *lines[1:]] if left >= NARROW else [before.rstrip(), *lines]


def _start(texts: Iterable[str]) -> str:
    """What all identifiers in some texts begin with, up to a stroke or colon; empty where that saves little."""
    found = {one for text in texts for one in _IDENTIFIER.findall(text)}
    if max(map(len, found), default=0) <= FITTING:
        return ""
    first, last = min(found), max(found)
    # What the first and the last in order share, all between them share.
    start = first[: next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))]
    start = start[: max(start.rfind("/"), start.rfind(":")) + 1]
    return start if len(start) > SAVES else ""


def print_pairs(pairs: Iterable[tuple[str, object]], *, limit: int = 2_000) -> None:
    """Names and values, one pair a line."""
    rows = [(name, visible(_text(value), limit=limit)) for name, value in pairs]
    width = max((len(name) for name, _ in rows), default=0)
    for name, value in rows:
        print(f"{name.ljust(width)}  {value}")


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _is_numeric(column: int, texts: list[list[str]]) -> bool:
    cells = [row[column] for row in texts if row[column]]
    return bool(cells) and all(cell.replace(",", "").replace(".", "", 1).lstrip("-").isdigit() for cell in cells)
