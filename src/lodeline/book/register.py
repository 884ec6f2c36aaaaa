"""Master data from TOML or CSV: all of a file, or nothing of it, with the place of the first flaw."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from lodeline.book.attributes import KINDS, RESERVED, Value, shown
from lodeline.errors import LodelineError, MasterDataError
from lodeline.ledger.values import MasterRecord


class Row(NamedTuple):
    """One record as the file holds it.

    Attributes:
        kind: As written.
        cells: Attribute to what is written for it; empty cells are left out.
        places: Attribute to its place: line, and in a table the column.
        place: The place of the row itself.
    """

    kind: str
    cells: Mapping[str, Any]
    places: Mapping[str, dict[str, int]]
    place: dict[str, int]


def read_master(content: bytes, *, name: str) -> list[MasterRecord]:
    """The records of a file, in its order.

    Args:
        content: TOML with one array of tables a kind (``[[site]]``), or CSV with a header that has ``kind`` and ``id``.
        name: The file's name, for refusals; ``.csv`` and ``.toml`` say what it is, else its content does.

    Raises:
        MasterDataError: ``register.encoding``, ``register.toml_syntax``, ``register.csv_syntax``,
            ``register.header``, ``register.row_length``, ``register.empty``, ``register.kind``,
            ``register.key_missing``, ``register.key_unknown``, ``register.twice``, ``register.position_half``,
            and those of each attribute. ``line``, ``column`` and ``field`` say where; ``more`` counts further flaws.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as flaw:
        line = content[: flaw.start].count(b"\n") + 1
        raise MasterDataError(
            "register.encoding", "The file is not UTF-8; save it as UTF-8 and try again.", file=name, line=line
        ) from flaw
    rows = _toml(text, name) if _is_toml(text, name) else _csv(text, name)
    records: list[MasterRecord] = []
    flaws: list[LodelineError] = []
    seen: dict[tuple[str, str, str | None], int] = {}
    for row in rows:
        record = _record(row, flaws)
        if record is None:
            continue
        key = (record.kind, record.id, record.valid_from)
        if key in seen:
            sentence = f"{record.kind} {record.id} stands on line {seen[key]} already; keep one of the two."
            flaws.append(MasterDataError("register.twice", sentence, **row.place))
        seen[key] = row.place["line"]
        records.append(record)
    if flaws:
        more = {"more": len(flaws) - 1} if len(flaws) > 1 else {}
        raise flaws[0].located(file=name, **more)
    if not records:
        raise MasterDataError("register.empty", "The file holds no record; nothing was registered.", file=name)
    return records


def _record(row: Row, flaws: list[LodelineError]) -> MasterRecord | None:
    """The record of a row; what is wrong with it is added to the flaws."""
    before = len(flaws)
    attributes = KINDS.get(row.kind)
    if attributes is None:
        sentence = f"{shown(row.kind)} is no kind of master data; write one of {', '.join(KINDS)}."
        flaws.append(MasterDataError("register.kind", sentence, **(row.places.get("kind") or row.place), field="kind"))
        return None
    table = {**RESERVED, **attributes}
    read: dict[str, Value] = {}
    for field, cell in row.cells.items():
        place = {**row.places.get(field, row.place), "field": field}
        if field not in table:
            sentence = f"A {row.kind} has no {shown(field)}; it has {', '.join(table)}."
            flaws.append(MasterDataError("register.key_unknown", sentence, **place))
            continue
        try:
            read[field] = table[field].read(cell)
        except LodelineError as flaw:
            flaws.append(flaw.located(**place))
    for field, attribute in table.items():
        if attribute.required and field not in row.cells:
            sentence = f"A {row.kind} needs {field}: {attribute.meaning}"
            flaws.append(MasterDataError("register.key_missing", sentence, **row.place, field=field))
    if ("latitude" in read) != ("longitude" in read):
        sentence = "A position needs both latitude and longitude."
        flaws.append(MasterDataError("register.position_half", sentence, **row.place))
    if len(flaws) > before:
        return None
    identifier, valid_from = str(read.pop("id")), read.pop("valid_from", None)
    return MasterRecord(
        kind=row.kind,
        id=identifier,
        attributes={**read},
        valid_from=None if valid_from is None else str(valid_from),
    )


def _is_toml(text: str, name: str) -> bool:
    lowered = name.lower()
    if lowered.endswith((".toml", ".csv")):
        return lowered.endswith(".toml")
    return re.search(r"^\s*\[\[", text, re.MULTILINE) is not None


def _toml(text: str, name: str) -> Iterator[Row]:
    try:
        read = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as flaw:
        # Besides its own error tomllib lets through those of numbers too long to read and of arrays nested too deep.
        place = re.search(r"line (\d+), column (\d+)", str(flaw))
        where = {"line": int(place[1]), "column": int(place[2])} if place else {"line": text.count("\n") + 1}
        raise MasterDataError("register.toml_syntax", f"The file is not TOML: {flaw}.", file=name, **where) from flaw
    lines = text.splitlines()
    for kind, tables in read.items():
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            line = next((n for n, one in enumerate(lines, 1) if re.match(rf'\s*\[?"?{re.escape(kind)}\b', one)), 1)
            yield Row(kind if kind not in KINDS else f"[{kind}]", {}, {}, {"line": line})
            continue
        starts = [n for n, one in enumerate(lines, 1) if re.match(rf"\s*\[\[\s*{re.escape(kind)}\s*\]\]", one)]
        # Tables written inline have no line of their own; the first line is then named.
        starts += [1] * (len(tables) - len(starts))
        for start, table in zip(starts, tables, strict=False):
            places = {field: {"line": _line_of(field, lines, start)} for field in table}
            yield Row(kind, table, places, {"line": start})


def _line_of(field: str, lines: list[str], start: int) -> int:
    """The line of a key in the table that starts on a line."""
    for number, line in enumerate(lines[start:], start + 1):
        if re.match(rf'\s*"?{re.escape(field)}"?\s*=', line):
            return number
        if re.match(r"\s*\[", line):
            break
    return start


def _csv(text: str, name: str) -> Iterator[Row]:
    header = text.split("\n", 1)[0]
    delimiter = next((mark for mark in ",;\t" if mark in header), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] | None = None
    line = 1
    while True:
        started = line
        try:
            cells = next(reader, None)
        except csv.Error as flaw:
            raise MasterDataError(
                "register.csv_syntax", f"The table cannot be read here: {flaw}.", file=name, line=reader.line_num
            ) from flaw
        line = reader.line_num + 1
        if cells is None:
            return
        if columns is None:
            columns = _header([cell.strip() for cell in cells], name)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            raise MasterDataError(
                "register.row_length",
                f"The row has {len(cells)} cells and the header {len(columns)}; "
                f"quote a cell that holds a {delimiter!r}.",
                file=name,
                line=started,
                column=min(len(cells), len(columns)) + 1,
            )
        written = {field: cell.strip() for field, cell in zip(columns, cells, strict=True) if cell.strip()}
        places = {field: {"line": started, "column": n} for n, field in enumerate(columns, 1)}
        yield Row(written.pop("kind", ""), written, places, {"line": started})


def _header(columns: list[str], name: str) -> list[str]:
    twice = next((n for n, column in enumerate(columns, 1) if column in columns[: n - 1] or not column), None)
    if "kind" not in columns or "id" not in columns or twice is not None:
        raise MasterDataError(
            "register.header",
            "The first line names the columns, each once, among them kind and id.",
            file=name,
            line=1,
            column=twice or 1,
        )
    return columns
