"""Events and documents written as EPCIS 2.0 in XML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from lodeline.record.context import Context
from lodeline.record.paths import member
from lodeline.record.vocabulary import Field
from lodeline.record.xml.model import One, namespaces
from lodeline.record.xml.namespaces import XSD, XSI
from lodeline.record.xml.spelling import (
    Prefixes,
    attribute,
    cannot_say,
    number,
    stamp,
    text,
    word_text,
)
from lodeline.record.xml.tables import tables
from lodeline.record.xml.write_extension import member_elements
from lodeline.record.xml.write_sensors import sensor_elements

Event = tuple[dict[str, Any], Context]
"""An event as JSON values, and the context that binds its names: what ``record.stored.event_of`` gives."""


def write_document(events: Iterable[Event], *, created: datetime) -> Iterator[bytes]:
    """Pieces of an EPCIS 2.0 document in XML.

    Args:
        created: Creation date of the document, with its offset.

    Raises:
        RecordError: ``record.xml_cannot_say``, with the event's place in ``where["event"]``.
    """
    yield _opening("epcis:EPCISDocument", created).encode()
    yield b"<EPCISBody>\n<EventList>"
    yield from _events(events)
    yield b"\n</EventList>\n</EPCISBody>\n</epcis:EPCISDocument>\n"


def write_query_document(
    events: Iterable[Event], *, created: datetime, query_name: str, subscription_id: str | None = None
) -> Iterator[bytes]:
    """Pieces of an EPCIS 2.0 query document in XML: what a query gave.

    Raises:
        RecordError: as ``write_document``.
    """
    yield _opening("epcisq:EPCISQueryDocument", created).encode()
    named = f"<queryName>{text(query_name, '$.queryName')}</queryName>"
    if subscription_id is not None:
        named += f"\n<subscriptionID>{text(subscription_id, '$.subscriptionID')}</subscriptionID>"
    yield f"<EPCISBody>\n<epcisq:QueryResults>\n{named}\n<resultsBody>\n<EventList>".encode()
    yield from _events(events)
    yield b"\n</EventList>\n</resultsBody>\n</epcisq:QueryResults>\n</EPCISBody>\n</epcisq:EPCISQueryDocument>\n"


def write_event(event: dict[str, Any], context: Context) -> bytes:
    """One event as an element that stands alone and binds every prefix it uses.

    Raises:
        RecordError: ``record.xml_cannot_say``.
    """
    return _element(event, context, alone=True).encode()


def _opening(name: str, created: datetime) -> str:
    spaces = namespaces("2.0")
    prefix = name.partition(":")[0]
    bound = {prefix: spaces[prefix], "xsi": XSI, "xsd": XSD}
    declared = "".join(f' xmlns:{prefix}="{namespace}"' for prefix, namespace in bound.items())
    date = created.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}{declared} schemaVersion="2.0" creationDate="{date}">\n'


def _events(events: Iterable[Event]) -> Iterator[bytes]:
    from lodeline.errors import RecordError

    for index, (event, context) in enumerate(events):
        try:
            yield ("\n" + _element(event, context, alone=False)).encode()
        except RecordError as refusal:
            raise refusal.located(event=index) from refusal


class _Writer:
    """What is known while one event is written."""

    def __init__(self, event: dict[str, Any], context: Context) -> None:
        self.context = context
        self.prefixes = Prefixes(event, context)


def _element(event: dict[str, Any], context: Context, *, alone: bool) -> str:
    kind = event["type"]
    if ":" in kind:
        kind = context.qualified(kind).removeprefix("{https://ref.gs1.org/epcis/}")
    types = tables("2.0")
    if kind not in types.events:
        raise cannot_say("an event of a type that is none of GS1's five", "$.type")
    writer = _Writer(event, context.within(event))
    known = [part for part in types.types[types.events[kind]].parts if isinstance(part, One)]
    parts: list[str] = []
    for part in known:
        value = event.get(part.name)
        if value is not None:
            parts.append(_WRITERS[part.name](part.name, value, writer))
        elif part.least:
            raise cannot_say(f"an event without {part.name}", member("$", part.name))
        if value is not None and part.least and not parts[-1]:
            raise cannot_say(f"an empty {part.name}", member("$", part.name))
    rest = [name for name in event if name not in _WRITERS and name not in ("type", "@context")]
    parts += [
        member_elements(name, event[name], writer.context, writer.prefixes, member("$", name), bare=False)
        for name in rest
    ]
    body = "\n".join(part for part in parts if part)
    always = {"xsi": XSI, "xsd": XSD} if alone else {}
    declared = "".join(f' xmlns:{prefix}="{namespace}"' for prefix, namespace in always.items())
    return f"<{kind}{declared}{writer.prefixes.declarations()}>\n{body}\n</{kind}>"


Write = Callable[[str, Any, _Writer], str]


def _text(name: str, value: Any, writer: _Writer) -> str:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        raise cannot_say(f"several values of {name}", member("$", name))
    return f"<{name}>{text(value, member('$', name))}</{name}>"


def _time(name: str, value: str, writer: _Writer) -> str:
    return f"<{name}>{stamp(value, member('$', name))}</{name}>"


def _word(vocabulary: Field) -> Write:
    return lambda name, value, writer: _text(name, word_text(vocabulary, value, writer.context), writer)


def _list(item: str) -> Write:
    def write(name: str, value: list[str], writer: _Writer) -> str:
        return _wrapped(name, [_text(item, one, writer) for one in value])

    return write


def _wrapped(name: str, parts: list[str]) -> str:
    return f"<{name}>\n" + "\n".join(parts) + f"\n</{name}>" if parts else f"<{name}/>"


def _quantities(name: str, value: list[dict[str, Any]], writer: _Writer) -> str:
    found = []
    for one in value:
        parts = [_text("epcClass", one["epcClass"], writer)]
        quantity: int | Decimal | None = one.get("quantity")
        if quantity is not None:
            parts.append(f"<quantity>{number(quantity)}</quantity>")
        elif "uom" in one:
            parts.append('<quantity xsi:nil="true"/>')
        if "uom" in one:
            parts.append(_text("uom", one["uom"], writer))
        found.append(_wrapped("quantityElement", parts))
    return _wrapped(name, found)


def _place(name: str, value: dict[str, Any], writer: _Writer) -> str:
    context = writer.context.within(value)
    path = member("$", name)
    own: list[str] = []
    local: list[str] = []
    for key, each in value.items():
        if key in ("id", "@context"):
            continue
        is_local = not context.qualified(key).startswith("{") and ":" not in key
        written = member_elements(key, each, context, writer.prefixes, member(path, key), bare=is_local)
        (local if is_local else own).append(written)
    parts = [_text("id", value["id"], writer)]
    # What stands in no namespace has a place of its own, where its schema is that of a later version of EPCIS.
    parts += [_wrapped("extension", [part for part in local if part])] if any(local) else []
    return _wrapped(name, [part for part in (*parts, *own) if part])


def _typed(item: str, vocabulary: Field) -> Write:
    def write(name: str, value: list[dict[str, str]], writer: _Writer) -> str:
        found = []
        for one in value:
            path = member(member("$", name), item)
            kind = one.get("type")
            typed = "" if kind is None else attribute("type", word_text(vocabulary, kind, writer.context), path)
            found.append(f"<{item}{typed}>{text(one[item], path)}</{item}>")
        return _wrapped(name, found) if found else ""

    return write


def _dispositions(name: str, value: dict[str, list[str]], writer: _Writer) -> str:
    parts = [_word("disposition")(key, one, writer) for key in ("unset", "set") for one in value.get(key, ())]
    return _wrapped(name, parts)


def _ilmd(name: str, value: dict[str, Any], writer: _Writer) -> str:
    context = writer.context.within(value)
    path = member("$", name)
    parts = [
        member_elements(key, each, context, writer.prefixes, member(path, key), bare=False)
        for key, each in value.items()
        if key != "@context"
    ]
    return _wrapped(name, [part for part in parts if part])


_ERROR_WRITERS: Final[dict[str, Write]] = {
    "declarationTime": _time,
    "reason": _word("reason"),
    "correctiveEventIDs": _list("correctiveEventID"),
}


def _error(name: str, value: dict[str, Any], writer: _Writer) -> str:
    path = member("$", name)
    context = writer.context.within(value)
    parts = [write(key, value[key], writer) for key, write in _ERROR_WRITERS.items() if key in value]
    parts += [
        member_elements(key, each, context, writer.prefixes, member(path, key), bare=False)
        for key, each in value.items()
        if key not in _ERROR_WRITERS and key != "@context"
    ]
    return _wrapped(name, [part for part in parts if part])


def _sensors(name: str, value: list[dict[str, Any]], writer: _Writer) -> str:
    found = sensor_elements(value, writer.context, writer.prefixes, member("$", name))
    return _wrapped(name, found) if found else ""


_WRITERS: Final[dict[str, Write]] = {
    "eventTime": _time,
    "recordTime": _time,
    "eventTimeZoneOffset": _text,
    "eventID": _text,
    "errorDeclaration": _error,
    "certificationInfo": _text,
    "epcList": _list("epc"),
    "parentID": _text,
    "childEPCs": _list("epc"),
    "inputEPCList": _list("epc"),
    "outputEPCList": _list("epc"),
    "quantityList": _quantities,
    "childQuantityList": _quantities,
    "inputQuantityList": _quantities,
    "outputQuantityList": _quantities,
    "action": _text,
    "transformationID": _text,
    "bizStep": _word("bizStep"),
    "disposition": _word("disposition"),
    "persistentDisposition": _dispositions,
    "readPoint": _place,
    "bizLocation": _place,
    "bizTransactionList": _typed("bizTransaction", "bizTransactionType"),
    "sourceList": _typed("source", "sourceOrDestinationType"),
    "destinationList": _typed("destination", "sourceOrDestinationType"),
    "sensorElementList": _sensors,
    "ilmd": _ilmd,
    "baseExtension": _text,
    "extension": _text,
}
"""What writes each field of the standard; the order is the tables'."""
