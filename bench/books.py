"""Books of many events, built once a folder and used by every case that reads one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from lodeline.ledger.store import Store, create
from lodeline.record.document import spool

BY = "bench"


def clock() -> datetime:
    """The moment that every entry of a bench is recorded at: the clock is not what is measured."""
    return datetime(2026, 1, 2, tzinfo=UTC)


def new_book(path: Path) -> Store:
    """An empty book in one SQLite file."""
    return create(str(path), title="Bench", created_at=clock(), by=BY)


def capture(store: Store, document: Path) -> int:
    """Capture a document into a book as the command line does; returns how many events were added."""
    with document.open("rb") as stream, spool(stream) as spooled:
        return store.capture(spooled, by=BY, clock=clock).added
