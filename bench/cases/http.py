"""Capture over HTTP, a server process on the loopback, against the same documents by the command line's route."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import httpx

from bench.case import Outcome, Promise, Timing, case, seconds
from bench.events import events
from lodeline.book import create
from lodeline.book import open as open_book
from lodeline.record import codec
from lodeline.record.metal import document

EVENTS = 500
"""Of one document."""
ROUNDS = 3
"""Ours and the peer take turns, so that a busy moment of the machine hits both; the fastest of each counts."""
START_S = 60.0


@case(title="POST /capture of 500-event documents, events", small=1_000, full=50_000)
def http(size: int, folder: Path) -> Outcome:
    """Send ``size`` events, and wait until the last of them is in the book."""
    documents = list(_documents(size, folder))
    ours, peer, accepting = [], [], []
    for turn in range(ROUNDS):
        served, local = folder / f"http-{turn}.db", folder / f"route-{turn}.db"
        for book in (served, local):
            create(book, title="Bench", by="bench").close()
        with _server(served) as address:
            (accepted_s, added), took = _timed(address, documents)
        ours.append(took)
        accepting.append(accepted_s)
        took, by_route = seconds(lambda book=local: _by_route(book, documents))  # type: ignore[misc]
        peer.append(took)
        if not size == added == by_route:
            raise AssertionError(f"of {size} events {added} were captured over HTTP and {by_route} by the other route")
        for book in (served, local):
            for path in folder.glob(f"{book.name}*"):
                path.unlink()
    return Outcome(
        timings=(
            Timing(what="POST /capture, until captured", who="lodeline", count=size, of="events", seconds=min(ours)),
            Timing(what="until accepted (202)", who="lodeline", count=size, of="events", seconds=min(accepting)),
            Timing(what="capture", who="the command line's route", count=size, of="events", seconds=min(peer)),
        ),
        promises=(
            Promise(
                what="rate over HTTP / rate of the command line", value=min(peer) / min(ours), unit="times",
                at_least=0.70,
            ),
        ),
        notes=(f"{documents[0].stat().st_size:,} bytes a document; one caller, one connection, full sync.",),
    )  # fmt: skip


def _documents(size: int, folder: Path) -> Iterator[Path]:
    made = islice(events(), size)
    number = 0
    while part := list(islice(made, EVENTS)):
        path = folder / f"http-{number}.json"
        path.write_bytes(codec.encode(document(part, created=datetime(2026, 1, 1, tzinfo=UTC))))
        number += 1
        yield path


def _by_route(book: Path, documents: list[Path]) -> int:
    with open_book(book) as opened:
        return sum(opened.capture(path, by="bench").added for path in documents)


def _timed(address: str, documents: list[Path]) -> tuple[tuple[float, int], float]:
    """Seconds until the last document was accepted, events added; and seconds until the last one was captured."""
    bodies = [path.read_bytes() for path in documents]
    with httpx.Client(base_url=address, timeout=120.0) as client:
        began = time.perf_counter()
        places = []
        for body in bodies:
            answer = client.post("/capture", content=body, headers={"Content-Type": "application/json"})
            places.append(answer.raise_for_status().headers["Location"])
        accepted_s = time.perf_counter() - began
        # In order, so that once the last has ended all have.
        while client.get(places[-1]).json()["running"]:
            time.sleep(0.01)
        took = time.perf_counter() - began
        added = sum(client.get(place).json()["added"] for place in places)
    return (accepted_s, added), took


@contextmanager
def _server(book: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "lodeline.cli.main", "serve", str(book), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://\S+?:\d+", line)
            if found is None:
                raise AssertionError(f"the server said {line!r}")
            _wait(found[0])
            yield found[0]
        finally:
            process.terminate()
            process.wait(START_S)


def _wait(address: str) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            httpx.get(f"{address}/").raise_for_status()
            return
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
