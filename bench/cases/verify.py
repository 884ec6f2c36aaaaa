"""Verify a book: every byte, link and document, against reading and hashing the same bytes."""

from __future__ import annotations

from pathlib import Path

from bench import bare, books
from bench.case import Outcome, Promise, Timing, case, seconds

ROUNDS = 5


@case(title="Verify a book, events", small=300, full=1_000_000)
def verify(size: int, folder: Path) -> Outcome:
    """Verify a book of ``size`` events; the peer goes first, so that neither finds a colder disk."""
    book = books.book_of(size, folder)
    bare.read_and_hash(book)
    ours, peer = [], []
    for _ in range(ROUNDS):
        took, (count, total) = seconds(lambda: bare.read_and_hash(book))
        peer.append(took)
        with books.reading(book) as store:
            took, verified = seconds(store.verify)
        ours.append(took)
        if not size < verified.entries == count:
            raise AssertionError(f"{verified.entries} entries were verified and {count} read, of {size} events")
    return Outcome(
        timings=(
            Timing(what="verify", who="lodeline", count=count, of="entries", seconds=min(ours)),
            Timing(what="read, hash", who="sqlite3 and hashlib", count=count, of="entries", seconds=min(peer)),
        ),
        promises=(Promise(what="verify / read and hash", value=min(ours) / min(peer), unit="times", at_most=3),),
        notes=(f"{total / 2**20:,.0f} MiB of recorded bytes.",),
    )
