"""What ledger tests share: a clock that ticks by one second, and books made with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lodeline.ledger.store import Store, create

START = datetime(2025, 10, 2, 8, 0, tzinfo=UTC)


def clock(start: datetime = START) -> Callable[[], datetime]:
    """A clock that moves on by one second each time it is read."""
    now = start

    def read() -> datetime:
        nonlocal now
        now += timedelta(seconds=1)
        return now

    return read


def book(url: str) -> Store:
    """A new book."""
    return create(url, title="A trial book", created_at=START, by="founder")


def add_document(store: Store, content: bytes, tick: Callable[[], datetime], **changed: object) -> object:
    """Add a document with ordinary descriptions, save what is changed."""
    said = {
        "media_type": "text/plain",
        "title": "Assay certificate",
        "issuer": "A laboratory",
        "dated": "2025-09-30",
        "role": "certificate",
        "meta": {"lot": "urn:example:lot:1"},
    } | changed
    return store.add_document(content, by="clerk", clock=tick, **said)  # type: ignore[arg-type]
