"""A recorded event read back: from its exact bytes, and what stands beside them, to what it says."""

from __future__ import annotations

from typing import Any

from lodeline.record.codec import decode, encode
from lodeline.record.context import Context, context_of

GS1_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"


def is_xml(raw: bytes) -> bool:
    """Whether a recorded event is an element of XML; otherwise it is an object of JSON."""
    return raw[:1] in (b"<", b"\0")


def event_of(raw: bytes, context: bytes | None) -> tuple[dict[str, Any], Context]:
    """What a recorded event says, as JSON values, and the names that are bound for it.

    An event that was captured in XML comes in the form that JSON has for it; see ``record.xml.event``.

    Args:
        raw: The exact bytes of the event.
        context: The exact bytes of its document's ``@context``; None for an event that was captured alone. For XML,
            what its element inherits from its document.

    Raises:
        RecordError: those of ``codec.decode`` and ``context.context_of``, or for XML of ``record.xml.event.event_of``.
    """
    if is_xml(raw):
        from lodeline.record.xml.event import event_of as event_of_xml

        return event_of_xml(raw, context)
    event = decode(raw)
    return event, context_of(context).within(event)


def json_of(raw: bytes, context: bytes | None) -> tuple[bytes, bytes | None]:
    """A recorded event as JSON text, and the ``@context`` around it: the exact bytes, if it was captured in JSON."""
    if not is_xml(raw):
        return raw, context
    event, names = event_of(raw, context)
    return encode(event), context_text(names)


def context_text(names: Context) -> bytes:
    """The ``@context`` that binds ``names``, as JSON text: GS1's own, and a second one for the others."""
    return encode([GS1_CONTEXT, dict(names.terms)] if names.terms else [GS1_CONTEXT])


def text_of(raw: bytes, context: bytes | None) -> str:
    """A recorded event as text, exactly as it was captured."""
    if not is_xml(raw):
        return raw.decode()
    from lodeline.record.xml.inherited import inherited_of

    return raw.decode(inherited_of(context).encoding)
