"""A first look at a document before it is taken in: that it is one, what kind, and how many events it has."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from lodeline.book.source import Source
    from lodeline.ledger.values import StoredEvent


class Intake(msgspec.Struct, frozen=True):
    """What a document is. Whether its events are valid is judged when they are captured.

    Attributes:
        kind: ``EPCISDocument``, ``EPCISQueryDocument``, or the type of an event that stands alone.
        events: How many.
        bare: Whether it is an event that stands alone.
        xml: Whether it is in XML; otherwise it is in JSON.
    """

    kind: str
    events: int
    bare: bool
    xml: bool


def look(source: Source) -> Intake:
    """Read a document through once.

    Raises:
        RecordError: it is no EPCIS document, or what stands around its events is not valid.
    """
    from lodeline.book.source import opened
    from lodeline.record.document import spool

    with opened(source) as stream, spool(stream) as document:
        document.require_valid()
        return Intake(document.kind, document.count, document.bare, document.is_xml)


def foretold(source: Source, *, at: datetime) -> StoredEvent:
    """An event that stands alone as it would be read from the book if it were recorded; nothing is.

    Its place in the ledger is given as 0.

    Raises:
        RecordError: as `lodeline.book.Book.capture` of it.
    """
    from lodeline.book.source import opened
    from lodeline.ledger.batches import Task, prepare_all
    from lodeline.ledger.values import StoredEvent
    from lodeline.record.document import spool

    with opened(source) as stream, spool(stream) as document:
        task = Task(document.context, document.bare, 0, list(document.events()))
        prepared, refused = prepare_all(task, first_only=True)
        if refused:
            raise refused[0]
        return StoredEvent(
            seq=0, recorded_at=at, captured_by="", capture_id=0, hash_id=prepared[0].hash_id,
            event_id=prepared[0].event_id, raw=prepared[0].raw, context=document.context, declares_error=False,
            withdrawn_by=None, twin_of=None, counted=True,
        )  # fmt: skip
