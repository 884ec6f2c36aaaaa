"""Flows of a large book loaded as columns, against reading the same bytes as bare arrays; and one lot's ancestry."""

from __future__ import annotations

import sqlite3
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from bench.books import BY
from bench.case import Outcome, Promise, Timing, case, seconds
from lodeline.book import Book, create
from lodeline.book import open as open_book
from lodeline.book.flows import NAMES, SET, STATE
from lodeline.examples.programme import programme
from lodeline.metal.flows.flows import Flows
from lodeline.metal.flows.schema import SCHEMA

SEED = 20251002
CAPTURED_LOTS = 4_000
"""Lots of the programme that is captured and followed for real; more are made by repeating its columns."""
ROUNDS = 3
"""Turns of peer and ours; the fastest of each counts, since a virtual machine may have to ask its host for memory."""
ASKED = 100
ROWS = 200_000
"""Rows of the flows table that are read as rows, beside columns."""

Tables = dict[str, dict[str, Any]]


@case(title="Flows of a book, lots", small=200, full=1_000_000)
def flows(size: int, folder: Path) -> Outcome:
    """Load the flows of ``size`` lots; the peer goes first, so that neither finds a colder disk."""
    book, events, followed_s = captured(min(size, CAPTURED_LOTS), folder)
    repeated = enlarge(book, -(-size // CAPTURED_LOTS))
    bare = folder / f"flows-{size}"
    total = write_bare(repeated, bare)
    peers, loads = [], []
    for _ in range(ROUNDS):
        peers.append(seconds(lambda: len(read_bare(bare)))[0])
        took, loaded = seconds(lambda: load(book))
        loads.append(took)
        require_same(loaded, repeated)
    peer_s, load_s = min(peers), min(loads)
    table = as_rows(repeated, folder / f"rows-{size}.db")
    rows_s, rows = seconds(lambda: read_rows(table))
    walks, edges_read = ancestry(book)
    whole_s, edges = seconds(lambda: all_edges(book))
    one = statistics.median(walks)
    return Outcome(
        timings=(
            Timing(
                what="follow events to flows, first time", who="lodeline", count=events, of="events", seconds=followed_s
            ),
            Timing(what="load flows", who="lodeline", count=loaded.flows.rows, of="flows", seconds=load_s),
            Timing(what="read the same arrays", who="numpy", count=loaded.flows.rows, of="flows", seconds=peer_s),
            Timing(what="fetch flows as rows", who="sqlite3", count=rows, of="flows", seconds=rows_s),
            Timing(what="ancestry of one lot, median", who="lodeline", count=1, of="lots", seconds=one),
            Timing(what="read all edges to walk them", who="sqlite3", count=edges, of="edges", seconds=whole_s),
        ),
        promises=(
            Promise(what="load flows", value=load_s, unit="s", at_most=5),
            Promise(what="load flows / read the arrays", value=load_s / peer_s, unit="times", at_most=3),
            Promise(what="edges read for one lot / all edges", value=edges_read / edges, unit="times", at_most=0.25),
        ),
        notes=(
            f"{min(size, CAPTURED_LOTS):,} lots were captured and followed ({events:,} events). Beyond that they are "
            f"repeated, under other names and entries, to {size:,} lots, since capturing them all takes an hour; "
            "what is loaded is loaded by the same code from a book's tables.",
            f"{loaded.nodes.rows:,} nodes, {loaded.flows.rows:,} flows, {loaded.measurements.rows:,} measurements, "
            f"{len(loaded.names):,} names; {total / 2**20:,.0f} MiB of arrays.",
            f"Each turn, s: flows {in_turn(loads)}; numpy {in_turn(peers)}.",
        ),
    )


def in_turn(took: list[float]) -> str:
    """Seconds, one after another."""
    return ", ".join(f"{one:.2f}" for one in took)


def captured(lots: int, folder: Path) -> tuple[Path, int, float]:
    """A book of a programme, its flows followed for the first time: path, events, seconds of following."""
    path = folder / f"programme-{lots}.db"
    for rest in folder.glob(f"{path.name}*"):
        rest.unlink()
    with create(path, title="Bench", by=BY) as book:
        made = programme(lots, SEED)
        made.build(book, by=BY)
        took, _ = seconds(book.flows)
        book.ancestry(next(lots_of(book)))
        count = sum(1 for _ in book.events())
    return path, count, took


def lots_of(book: Book) -> Iterator[str]:
    """The lots of a book."""
    held = book.flows()
    return (held.names[index] for index in held.lots["lot"].tolist())


def enlarge(path: Path, times: int) -> Tables:
    """The columns of a book repeated, each time with other names, nodes and entries, and stored in place of its own."""
    with open_book(path) as book:
        stored = book._store.columns(SET)
        if stored is None:
            raise AssertionError("the flows of the book are not stored")
        whole: Tables = {
            table: {name: stored.tables[table][name] for name in columns} for table, columns in stored.tables.items()
        }
        rows = {table: len(next(iter(whole[table].values()))) for table in SCHEMA}
        names = whole[NAMES]["name"]
        many: Tables = {table: {} for table in SCHEMA}
        for table, attributes in SCHEMA.items():
            for one in attributes:
                step = {
                    "name": len(names),
                    "entry": stored.stamp.seq,
                    "row": rows["nodes" if one.name in ("tail", "head") else "flows"],
                }
                many[table][one.name] = repeat(whole[table][one.name], times, step.get(one.holds, 0))
        many[NAMES] = {"name": [name if not turn else f"{name}~{turn}" for turn in range(times) for name in names]}
        many[STATE] = whole[STATE]
        book._store.put_columns(SET, stored.stamp.code, stored.stamp.seq, many)
    return many


def repeat(column: Any, times: int, step: int) -> Any:
    """An array after itself, each time moved on by a step; below zero is nothing, and stays."""
    moved = np.tile(column, times)
    if step:
        moved += (np.repeat(np.arange(times, dtype=column.dtype), len(column)) * column.dtype.type(step)) * (moved >= 0)
    return moved


def load(path: Path) -> Flows:
    """The flows of a book, as a command that has just started gets them."""
    with open_book(path, read_only=True) as book:
        return book.flows()


def require_same(found: Flows, expected: Tables) -> None:
    """What was loaded is what was stored."""
    for table, columns in found.tables().items():
        for name, values in columns.items():
            if values.tobytes() != expected[table][name].tobytes():
                raise AssertionError(f"{table}.{name} came back as something else")


def write_bare(tables: Mapping[str, Mapping[str, Any]], folder: Path) -> int:
    """The same arrays as files of numpy; returns how many bytes."""
    folder.mkdir(exist_ok=True)
    total = 0
    for table in SCHEMA:
        for name, values in tables[table].items():
            np.save(folder / f"{table}.{name}.npy", values)
            total += values.nbytes
    return total


def read_bare(folder: Path) -> list[Any]:
    """All of them read back into memory."""
    return [np.load(path) for path in sorted(folder.iterdir())]


def as_rows(tables: Tables, path: Path) -> Path:
    """Some of the flows kept as rows of a table."""
    path.unlink(missing_ok=True)
    columns = [values[:ROWS].tolist() for values in tables["flows"].values()]
    connection = sqlite3.connect(path)
    try:
        connection.execute(f"CREATE TABLE flow ({', '.join(tables['flows'])})")
        connection.executemany(f"INSERT INTO flow VALUES ({', '.join('?' * len(columns))})", zip(*columns, strict=True))
        connection.commit()
    finally:
        connection.close()
    return path


def read_rows(path: Path) -> int:
    """Fetch all rows; returns how many."""
    connection = sqlite3.connect(path)
    try:
        return len(connection.execute("SELECT * FROM flow").fetchall())
    finally:
        connection.close()


def ancestry(path: Path) -> tuple[list[float], float]:
    """Seconds for the ancestry of each of some lots, and the median number of edges that were read for one."""
    took, read = [], []
    with open_book(path, read_only=True) as book:
        held = load(path)
        own = [held.names[index] for index in held.lots["lot"].tolist() if "~" not in held.names[index]]
        for lot in Random(SEED).sample(own, min(ASKED, len(own))):
            once, found = seconds(lambda lot=lot: book.ancestry(lot), collect=False)  # type: ignore[misc]
            took.append(once)
            read.append(found.edges_read)
    return took, statistics.median(read)


def all_edges(path: Path) -> int:
    """Every edge of the book, read to be walked in memory."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        parents: dict[int, list[int]] = {}
        count = 0
        for child, parent in connection.execute("SELECT child, parent FROM lot_edges"):
            parents.setdefault(child, []).append(parent)
            count += 1
    finally:
        connection.close()
    return count
