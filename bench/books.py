"""Books of many events, built once a folder and used by every case that reads one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bench.events import write_document
from lodeline.ledger.store import Store, create, open_store
from lodeline.record.document import spool

BY = "bench"


def clock() -> datetime:
    """The moment that every entry is recorded at: the clock is not what is measured."""
    return datetime(2026, 1, 2, tzinfo=UTC)


def new_book(path: Path) -> Store:
    """An empty book in one SQLite file."""
    return create(path, title="Bench", created_at=clock(), by=BY)


def capture(document: Path, store: Store) -> int:
    """Capture a document into a book as the command line does; returns how many events were added."""
    with document.open("rb") as stream, spool(stream) as spooled:
        return store.capture(spooled, by=BY, clock=clock).added


def document_of(size: int, folder: Path) -> Path:
    """The document of ``size`` events in ``folder``, written unless it is there."""
    path = folder / f"events-{size}.json"
    if not path.exists():
        fresh = write_document(path.with_suffix(".new"), size)
        fresh.rename(path)
    return path


def book_of(size: int, folder: Path) -> Path:
    """A book of ``size`` events in ``folder``, built unless it is there."""
    path = folder / f"book-{size}.db"
    if not path.exists():
        fresh = path.with_suffix(".new")
        for rest in folder.glob(f"{fresh.name}*"):
            rest.unlink()
        with new_book(fresh) as store:
            capture(document_of(size, folder), store)
        fresh.rename(path)
    return path


def reading(path: Path) -> Store:
    """A book opened to be read."""
    return open_store(path, read_only=True)
