"""What a query found, as one EPCIS 2.0 query document in XML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lodeline.record.stored import event_of

Written = tuple[bytes, bytes | None]
"""An event as `lodeline.book.results.result_event` gives it."""


def query_document_xml(events: Sequence[Written], *, created: datetime, query_name: str) -> bytes:
    """The answer to a query, in XML.

    Raises:
        RecordError: ``record.xml_cannot_say``: an event holds what XML has no words for.
    """
    from lodeline.record.xml.write import write_query_document

    pairs = [event_of(raw, context) for raw, context in events]
    return b"".join(write_query_document(pairs, created=created, query_name=query_name))


def event_xml(event: Written) -> bytes:
    """One event as an element that stands alone.

    Raises:
        RecordError: ``record.xml_cannot_say``.
    """
    from lodeline.record.xml.write import write_event

    return write_event(*event_of(*event))
