"""The events of a book as one EPCIS 2.0 document that any EPCIS reader takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from lodeline.record.codec import decode, encode
from lodeline.record.stored import event_of, is_xml, json_of

GS1_CONTEXT = b'"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"'


def epcis_document(events: Callable[[], Iterable[tuple[bytes, bytes | None]]], *, created: datetime) -> Iterator[bytes]:
    """Pieces of an EPCIS document that holds every event as it was captured; in JSON's form, if that was in XML.

    One @context common to all stands at the document; otherwise each event carries its own, so that every name
    keeps its meaning and every hash id stays what it was.

    Args:
        events: Gives (exact bytes, @context of its document or None) in ledger order. It is called twice.
        created: Creation date of the document, with its offset.
    """
    contexts = {json_of(*event)[1] if is_xml(event[0]) else event[1] for event in events()}
    common = contexts.pop() if len(contexts) == 1 else None
    yield b'{"@context":' + (common or GS1_CONTEXT) + b',"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"'
    yield created.isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()
    yield b'","epcisBody":{"eventList":['
    for index, event in enumerate(events()):
        raw, context = json_of(*event)
        yield (b",\n" if index else b"\n") + (raw if common is not None else with_context(raw, context))
    yield b"\n]}}\n"


def xml_document(events: Callable[[], Iterable[tuple[bytes, bytes | None]]], *, created: datetime) -> Iterator[bytes]:
    """Pieces of an EPCIS document in XML that says what every event says.

    Raises:
        RecordError: ``record.xml_cannot_say``, with the event's place in the document.
    """
    from lodeline.record.xml.write import write_document

    return write_document((event_of(raw, context) for raw, context in events()), created=created)


def with_context(raw: bytes, context: bytes | None) -> bytes:
    """An event with the @context of its document written into it; its own @context, if any, comes after."""
    if context is None:
        return raw
    event = decode(raw)
    own = event.pop("@context", None)
    if own is None:
        return b'{"@context":' + context + b"," + raw.lstrip()[1:]
    # The standard wants each context once; where both name one, its last place decides what its names mean.
    both = [*_as_list(decode(context)), *_as_list(own)]
    once = [part for place, part in enumerate(both) if part not in both[place + 1 :]]
    return encode({"@context": once, **event})


def _as_list(context: object) -> list[object]:
    return context if isinstance(context, list) else [context]
