"""All events of one lot out of a large book, against the same rows by a bare scan."""

from __future__ import annotations

import sqlite3
import statistics
from pathlib import Path
from random import Random

from bench import books
from bench.case import Outcome, Promise, Timing, case, seconds
from bench.events import EVENTS_OF_A_LOT, SEED, lot_uri

LOTS = 200


@case(title="Events of one lot out of a book, events", small=300, full=1_000_000)
def lot(size: int, folder: Path) -> Outcome:
    """Ask a book of ``size`` events for all events of one lot, for lots drawn all over the book."""
    book = books.book_of(size, folder)
    whole = size // EVENTS_OF_A_LOT
    asked = [lot_uri(number) for number in Random(SEED).sample(range(whole), min(LOTS, whole))]
    times = []
    with books.reading(book) as store:
        for uri in asked:
            took, found = seconds(lambda uri=uri: list(store.events(lot=uri)), collect=False)  # type: ignore[misc]
            times.append(took)
            if len(found) != EVENTS_OF_A_LOT:
                raise AssertionError(f"{uri} has {EVENTS_OF_A_LOT} events, and {len(found)} were found")
    scan_s, scanned = seconds(lambda: scan(book, asked[0]))
    if scanned != EVENTS_OF_A_LOT:
        raise AssertionError(f"a scan finds {scanned} events of {asked[0]}")
    median, slowest = statistics.median(times), sorted(times)[int(0.99 * (len(times) - 1))]
    return Outcome(
        timings=(
            Timing(what="events of one lot, median", who="lodeline", count=1, of="lots", seconds=median),
            Timing(what="events of one lot, 99 of 100", who="lodeline", count=1, of="lots", seconds=slowest),
            Timing(what="scan for the lot's id", who="sqlite3", count=1, of="lots", seconds=scan_s),
        ),
        promises=(
            Promise(what="events of one lot, 99 of 100", value=1e3 * slowest, unit="ms", at_most=10),
            Promise(what="one lot / scan", value=median / scan_s, unit="times", at_most=1),
        ),
        notes=(f"{len(asked)} lots of {EVENTS_OF_A_LOT} events each, drawn all over the book, each asked for once.",),
    )


def scan(book: Path, uri: str) -> int:
    """How many entries hold the lot's id anywhere in their bytes, found without an index."""
    connection = sqlite3.connect(f"file:{book}?mode=ro", uri=True)
    try:
        (count,) = connection.execute("SELECT count(*) FROM entries WHERE instr(raw, ?)", (uri.encode(),)).fetchone()
    finally:
        connection.close()
    return int(count)
