"""A flowsheet as a CSV table, a line a stream; its nodes are those that its streams name.

Columns ``name``, ``from``, ``to``, ``measured`` and ``u`` must be there. ``moisture`` and ``moisture_u``, ``low`` and
``high`` may be there, and for each component a column with its name and one with ``_u`` behind it. An empty cell says
nothing; ``fixed`` as uncertainty says that the value is exact. Instruments, equations and the rest need a document.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from lodeline.errors import InputError, LodelineError
from lodeline.errors.visible import visible
from lodeline.metal.reconciliation.network import Given, Network, Stream
from lodeline.metal.reconciliation.network_files import given

NEEDED = ("name", "from", "to", "measured", "u")
ALLOWED = ("moisture", "moisture_u", "low", "high")


def read_csv(text: str) -> Network:
    """The flowsheet of a table.

    Raises:
        InputError: ``network.file_unreadable``, ``network.columns``, ``network.value``, and what a :class:`Network`
            refuses.
    """
    lines = csv.reader(io.StringIO(text), strict=True)
    try:
        header = [cell.strip() for cell in next(lines, [])]
        components = _components(header)
        rows = list(_cells(lines, header))
    except csv.Error as flaw:
        sentence = f"The file is no CSV table: {flaw}."
        raise InputError("network.file_unreadable", sentence, line=lines.line_num) from flaw
    streams = [_stream(row, components) for row in rows]
    nodes = {node: None for stream in streams for node in (stream.from_node, stream.to_node) if node is not None}
    try:
        return Network(nodes=tuple(nodes), streams=tuple(streams), components=tuple(components))
    except LodelineError as refusal:
        said = {str(refusal.where.get(key)).split("/")[0] for key in ("figure", "stream", "name")}
        at = [line for line, cells in rows if cells["name"] in said]
        # Of a name that stands there twice, the second is the one too many.
        raise refusal.located(line=at[-1] if at else None) from refusal


def _components(header: list[str]) -> list[str]:
    """The components that the header names: each column that has another with ``_u`` behind its name."""
    missing = [name for name in NEEDED if name not in header]
    if missing or len(set(header)) < len(header):
        raise InputError(
            "network.columns",
            f"A table of streams has the columns {', '.join(NEEDED)}, each once; this one has {', '.join(header)}.",
            line=1,
        )
    others = [name for name in header if name not in (*NEEDED, *ALLOWED)]
    components = [name for name in others if f"{name}_u" in others]
    for name in others:
        if name not in components and name.removesuffix("_u") not in components:
            raise InputError(
                "network.columns",
                f"Column {visible(name, limit=80)} is none of {', '.join((*NEEDED, *ALLOWED))}, and no component, "
                f"which has a second column {visible(name, limit=80)}_u.",
                line=1,
            )
    return components


def _cells(lines: Iterator[list[str]], header: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    for cells in lines:
        line = lines.line_num  # type: ignore[attr-defined]
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise InputError(
                "network.columns", f"This line has {len(cells)} cells, and the header {len(header)}.", line=line
            )
        yield line, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}


def _stream(row: tuple[int, dict[str, str]], components: list[str]) -> Stream:
    line, cells = row
    try:
        limits = {name: _number(cells[name], name) for name in ("low", "high") if cells.get(name)}
        return Stream(
            name=cells["name"],
            from_node=cells["from"] or None,
            to_node=cells["to"] or None,
            mass=_given(cells, "measured", "u"),
            moisture=_given(cells, "moisture", "moisture_u") if cells.get("moisture") else None,
            grades={name: _given(cells, name, f"{name}_u") for name in components if cells[name]},
            **limits,
        )
    except LodelineError as refusal:
        raise refusal.located(line=line) from refusal


def _given(cells: dict[str, str], value: str, u: str) -> Given:
    spread = cells.get(u, "")
    number = _number(cells[value], value) if cells[value] else None
    if not spread or spread == "fixed" or spread.endswith("%"):
        return given(number, spread or None, None, value)
    return given(number, _number(spread, u), None, value)


def _number(cell: str, column: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise InputError(
            "network.value",
            f"{visible(cell, limit=80)} is no number; write one with a point, or leave the cell empty.",
            column=column,
        ) from None
