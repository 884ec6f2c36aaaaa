"""Capture into SQLite: spool, validation, hash id, chain and lot index, against a bare decode and insert."""

from __future__ import annotations

from pathlib import Path

from bench import bare, books
from bench.case import Outcome, Promise, Timing, case, seconds

ROUNDS = 5
"""Ours and the peer take turns, so that a busy moment of the machine hits both; the fastest of each counts."""


@case(title="Capture into SQLite, events", small=300, full=100_000)
def capture(size: int, folder: Path) -> Outcome:
    """Capture one document of ``size`` events into an empty book."""
    document = books.document_of(size, folder)
    ours, peer = [], []
    for turn in range(ROUNDS):
        book, table = folder / f"capture-{turn}.db", folder / f"bare-{turn}.db"
        with books.new_book(book) as store:
            took, added = seconds(lambda store=store: books.capture(document, store))  # type: ignore[misc]
        ours.append(took)
        connection = bare.connect(table, like=book)
        took, inserted = seconds(lambda to=connection: bare.decode_and_insert(document, to))  # type: ignore[misc]
        connection.close()
        peer.append(took)
        if not size == added == inserted:
            raise AssertionError(f"of {size} events {added} were captured and {inserted} inserted")
        for path in (*folder.glob(f"{book.name}*"), *folder.glob(f"{table.name}*")):
            path.unlink()
    return Outcome(
        timings=(
            Timing(what="capture", who="lodeline", count=size, of="events", seconds=min(ours)),
            Timing(what="decode, insert", who="msgspec and sqlite3", count=size, of="events", seconds=min(peer)),
        ),
        promises=(
            Promise(what="capture / bare decode and insert", value=min(ours) / min(peer), unit="times", at_most=10),
            Promise(what="capture", value=size / min(ours), unit="events/s", at_least=5_000),
        ),
        notes=(f"{document.stat().st_size / size:,.0f} bytes an event; one document, one transaction, full sync.",),
    )
