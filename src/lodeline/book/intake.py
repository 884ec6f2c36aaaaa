"""A first look at a document before it is taken in: that it is one, what kind, and how many events it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from lodeline.book.source import Source


class Intake(msgspec.Struct, frozen=True):
    """What a document is. Whether its events are valid is judged when they are captured.

    Attributes:
        kind: ``EPCISDocument``, ``EPCISQueryDocument``, or the type of an event that stands alone.
        events: How many.
        bare: Whether it is an event that stands alone.
    """

    kind: str
    events: int
    bare: bool


def look(source: Source) -> Intake:
    """Read a document through once.

    Raises:
        RecordError: it is no EPCIS document, or what stands around its events is not valid.
    """
    from lodeline.book.source import opened
    from lodeline.record.document import spool

    with opened(source) as stream, spool(stream) as document:
        document.require_valid()
        return Intake(document.kind, document.count, document.bare)
