"""Books filled with the corpus, on either store, and the same rows for the brute-force evaluator."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

from lodeline.ledger.query import segments
from lodeline.ledger.store import Store
from lodeline.ledger.values import MasterRecord
from lodeline.record.codec import decode, encode
from lodeline.record.document import spool
from tests.ledger.books import book, clock
from tests.query import corpus
from tests.query.brute import Row

SMALL = (256, 64, 32)
"""Segments small enough for small books; the rules of the layout are those of the large ones."""

MASTER = [
    MasterRecord(kind="site", id="https://example.org/site/1", attributes={"name": "One", "country": "PK"}),
    MasterRecord(
        kind="site",
        id="https://id.gs1.org/414/4012345000016",
        attributes={
            "name": "Two",
            "country": "US",
            "parent": "https://example.org/site/1",
            "latitude": Decimal("30.5"),
        },
    ),
    MasterRecord(
        kind="site",
        id="urn:epc:id:sgln:4012345.00002.0",
        attributes={
            "name": "Three",
            "country": "US",
            "parent": "urn:epc:id:sgln:4012345.00001.0",
            "time_zone": "Asia/Karachi",
        },
    ),
    MasterRecord(
        kind="store",
        id="https://example.org/site/4",
        attributes={"name": "Four", "site": "https://id.gs1.org/414/4012345000023"},
    ),
    MasterRecord(kind="party", id="https://example.org/party/1", attributes={"name": "One"}),
    MasterRecord(kind="party", id="https://id.gs1.org/417/4012345000016", attributes={"name": "Two"}),
]


def capture(store: Store, events: list[dict[str, Any]], tick: Any) -> None:
    """Record events as one document."""
    document = {
        "@context": corpus.CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0",
        "creationDate": "2026-01-20T00:00:00Z", "epcisBody": {"eventList": events},
    }  # fmt: skip
    with spool(BytesIO(encode(document))) as spooled:
        store.capture(spooled, by="clerk", clock=tick)


def filled(url: str, events: list[dict[str, Any]], documents: int = 6) -> Store:
    """A book with master data and the events in several captures, a second apart."""
    store, tick = book(url), clock()
    store.register(MASTER, by="clerk", clock=tick, source=b"master")
    each = max(1, len(events) // documents)
    for start in range(0, len(events), each):
        capture(store, events[start : start + each], tick)
    return store


def rows(store: Store) -> dict[int, Row]:
    """What the book holds, by entry, as JSON."""
    return {
        stored.seq: Row(decode(stored.raw), corpus.PREFIXES, stored.recorded_at, stored.hash_id)
        for stored in store.events()
    }


__all__ = ["MASTER", "SMALL", "capture", "filled", "rows", "segments"]
