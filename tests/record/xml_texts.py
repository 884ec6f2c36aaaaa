"""Small XML documents, written out."""

from __future__ import annotations

import io
from typing import Any

from lodeline.record.context import Context
from lodeline.record.document import spool
from lodeline.record.stored import event_of

HEAD = (
    '<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" '
    'schemaVersion="2.0" creationDate="2025-10-02T09:00:00Z"'
)
MORE = (
    ' xmlns:ex="https://ns.example.org/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
)
WHEN = "<eventTime>2025-10-02T09:00:00Z</eventTime><eventTimeZoneOffset>+05:00</eventTimeZoneOffset>"
WHAT = "<epcList><epc>urn:epc:id:sscc:4012345.1112223334</epc></epcList><action>OBSERVE</action>"


def document(events: str, *, more: str = MORE, head: str = HEAD) -> bytes:
    """A document of version 2.0 around ``events``."""
    return f"{head}{more}><EPCISBody><EventList>{events}</EventList></EPCISBody></epcis:EPCISDocument>".encode()


def of_12(events: str, *, more: str = MORE) -> bytes:
    """A document of version 1.2 around ``events``."""
    head = HEAD.replace("xsd:2", "xsd:1").replace('"2.0"', '"1.2"')
    return document(events, more=more, head=head)


def object_event(*, extra: str = "", before: str = "") -> str:
    """An ObjectEvent with ``extra`` after its standard fields, and ``before`` before its action."""
    return f"<ObjectEvent>{WHEN}{before}{WHAT}{extra}</ObjectEvent>"


def read(text: bytes) -> list[tuple[dict[str, Any], Context]]:
    """The events of a document in their JSON form."""
    with spool(io.BytesIO(text)) as found:
        return [event_of(raw, found.context) for raw in found.events()]


def extension(element: str, *, more: str = MORE) -> Any:
    """What one element of somebody's own at the end of an event says."""
    event, _ = read(document(object_event(extra=element), more=more))[0]
    (name,) = [name for name in event if ":" in name]
    return event[name]
