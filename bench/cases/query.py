"""First pages of EPCIS queries over a large book, against a naive scan that decodes events until it has as many."""

from __future__ import annotations

import shutil
import sqlite3
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from bench import books
from bench.case import Outcome, Promise, Timing, case, seconds
from bench.events import EVENTS_OF_A_LOT, HERE, SEED, START, lot_uri
from lodeline.ledger.store import Store, open_store
from lodeline.record.query import parse

PAGE = 30
"""Events of a page: what GS1's OpenAPI takes where a client says nothing."""
ROUNDS = 60
Asked = dict[str, Any]
STEPS = ("shipping", "receiving", "inspecting", "commissioning")


def kinds(size: int) -> dict[str, Callable[[Random], Asked]]:
    """The queries that are timed, each drawn anew for every round."""
    lots = max(1, size // EVENTS_OF_A_LOT)

    def window(draw: Random, share: float) -> Asked:
        """A window of time that holds about a share of the book."""
        minutes = 7 * lots
        begin = START + timedelta(minutes=draw.uniform(0, 1 - share) * minutes)
        end = begin + timedelta(minutes=share * minutes)
        return {"GE_eventTime": begin.isoformat(), "LT_eventTime": end.isoformat()}

    def lot(draw: Random) -> Asked:
        return {"MATCH_anyEPCClass": [lot_uri(draw.randrange(lots))]}

    def site(draw: Random) -> Asked:
        return {"EQ_readPoint": [f"{HERE}/place/mine-{draw.randrange(40)}"]}

    def step(draw: Random) -> Asked:
        return {"EQ_bizStep": [draw.choice(STEPS)]}

    def newest(asked: Asked) -> Asked:
        return asked | {"orderBy": "eventTime", "orderDirection": "DESC"}

    return {
        "one lot": lot,
        "one lot and step": lambda draw: lot(draw) | step(draw),
        "one site": site,
        "one site and step": lambda draw: site(draw) | step(draw),
        "one site that never had the step": lambda draw: {
            "EQ_bizLocation": [f"{HERE}/place/works"], "EQ_bizStep": ["commissioning"]},
        "narrow window (1 in 100,000)": lambda draw: window(draw, 1e-5),
        "window (1 in 100)": lambda draw: window(draw, 1e-2),
        "wide window (9 in 10)": lambda draw: window(draw, 0.9),
        "narrow window and step": lambda draw: window(draw, 1e-4) | step(draw),
        "wide window and step": lambda draw: window(draw, 0.9) | step(draw),
        "wide window, site and step": lambda draw: window(draw, 0.9) | site(draw) | step(draw),
        "one site, newest first": lambda draw: newest(site(draw)),
        "wide window and step, newest first": lambda draw: newest(window(draw, 0.9) | step(draw)),
        "mass over 25 t (a number)": lambda draw: {"GT_quantity_TNE": 25},
    }  # fmt: skip


@case(title="First pages of queries over a book, events", small=600, full=1_000_000)
def query(size: int, folder: Path) -> Outcome:
    """Grow the query index of a book of ``size`` events, and ask for first pages of every kind."""
    path = folder / f"queried-{size}.db"
    shutil.copyfile(books.book_of(size, folder), path)
    timings, promises = [], []
    with open_store(path) as store:
        took, covered = seconds(store.index_queries)
        bytes_each = index_bytes(path) / max(1, covered)
        timings.append(
            Timing(what="grow the index, one process", who="lodeline", count=max(1, covered), of="events", seconds=took)
        )
        promises.append(Promise(what="index growth", value=covered / took, unit="events/s", at_least=10_000))
        scans: dict[str, float] = {}
        for kind, draw_one in kinds(size).items():
            times, busy = timed(store, draw_one)
            ends = statistics.median(times), sorted(times)[int(0.99 * (len(times) - 1))]
            of_processor = sorted(busy)[int(0.99 * (len(busy) - 1))]
            for what, value in (("p50", ends[0]), ("p99", ends[1]), ("p99 of processor time", of_processor)):
                timings.append(Timing(what=f"{kind}, {what}", who="lodeline", count=1, of="pages", seconds=value))
            asked = draw_one(Random(SEED))
            scans[kind], scanned = seconds(lambda asked=asked: scan(path, asked), collect=False)  # type: ignore[misc]
            timings.append(Timing(what=kind, who="scan", count=1, of="pages", seconds=scans[kind]))
            promises.append(Promise(what=f"{kind}, p99", value=1e3 * ends[1], unit="ms", at_most=20))
            first = store.query(parse(asked, extensions={}), per_page=PAGE).events
            if "orderBy" not in asked and scanned is not None and len(first) != scanned:
                raise AssertionError(f"{kind}: {len(first)} events on the first page, and a scan finds {scanned}")
    path.unlink()
    return Outcome(
        timings=tuple(timings),
        promises=tuple(promises),
        notes=(
            f"Pages of {PAGE} events; each of {ROUNDS} rounds asks for another lot, site, step or window. The index "
            f"has {bytes_each:,.0f} bytes an event. The scan decodes events in ledger order until it has a page.",
        ),
    )


def timed(store: Store, draw_one: Callable[[Random], Asked]) -> tuple[list[float], list[float]]:
    """How long each first page took, by the clock and by the processor; the first round, which warms, not counted."""
    draw, times, busy = Random(SEED), [], []
    for _ in range(ROUNDS + 1):
        asked = parse(draw_one(draw), extensions={})
        begun = time.process_time()
        took, _ = seconds(lambda asked=asked: store.query(asked, per_page=PAGE), collect=False)  # type: ignore[misc]
        times.append(took)
        busy.append(time.process_time() - begun)
    return times[1:], busy[1:]


def scan(path: Path, asked: Asked) -> int | None:
    """How many events of the first page a scan finds, with sqlite3 and msgspec; None where it cannot count."""
    decode = msgspec.json.decode
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    found = 0
    try:
        for (raw,) in connection.execute("SELECT raw FROM entries WHERE kind = 'event' ORDER BY seq"):
            if naively(decode(raw), asked):
                found += 1
                if found == PAGE and "orderBy" not in asked:
                    break
    finally:
        connection.close()
    return found if "GT_quantity_TNE" not in asked else None


def naively(event: dict[str, Any], asked: Asked) -> bool:
    """Whether an event of the bench is asked for, compared text by text."""
    from datetime import datetime

    for name, value in asked.items():
        if name == "EQ_bizStep" and event.get("bizStep") not in value:
            return False
        if name in ("EQ_readPoint", "EQ_bizLocation") and event.get(name[3:], {}).get("id") not in value:
            return False
        if name == "MATCH_anyEPCClass" and not any(
            each["epcClass"] in value for each in (*event.get("quantityList", ()), *event.get("inputQuantityList", ()))
        ):
            return False
        if name == "GE_eventTime" and datetime.fromisoformat(event["eventTime"]) < datetime.fromisoformat(value):
            return False
        if name == "LT_eventTime" and datetime.fromisoformat(event["eventTime"]) >= datetime.fromisoformat(value):
            return False
        if name == "GT_quantity_TNE" and not any(
            each.get("quantity", 0) > 25_000 for each in event.get("quantityList", ())
        ):
            return False
    return True


def index_bytes(path: Path) -> int:
    """Bytes of the pages that hold the query index."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return int(
            connection.execute(
                "SELECT sum(length(places) + 24) + (SELECT sum(length(times) + 48) FROM query_segments) "
                "+ (SELECT sum(length(places) + length(numbers) + 24) FROM query_numbers) FROM query_terms"
            ).fetchone()[0]
            or 0
        )
    finally:
        connection.close()
