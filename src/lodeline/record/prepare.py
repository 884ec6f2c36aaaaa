"""What a book keeps of an event beside its exact bytes: its name, when it happened, and the terms to find it by.

This is the hot path of capture: every event goes through it once, before the book is locked.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec

from lodeline.errors import RecordError
from lodeline.record.codec import decode, encode_sorted
from lodeline.record.context import Context
from lodeline.record.hash import hash_id
from lodeline.record.hash.event import word
from lodeline.record.hash.value import identifier
from lodeline.record.validate import require_standard_fields, require_valid
from lodeline.record.validation.formats import instant_us
from lodeline.record.vocabulary import Field


class Prepared(msgspec.Struct, array_like=True, gc=False):
    """An event that may be recorded, with what the ledger needs to know of it.

    Attributes:
        raw: The exact bytes.
        hash_id: Its name, ``ni:///sha-256;…?ver=CBV2.0``.
        event_id: Its ``eventID`` as written, or None.
        error_declaration: SHA-256, in hexadecimal, of its ``errorDeclaration`` written compact with sorted names; None
            where it has none.
        event_type: Its ``type`` as written.
        event_time_us: When it happened: UTC microseconds since 1970, rounded down.
        action: As written, or None.
        biz_step, disposition: The one address of the word, whatever way it was written, or None.
        read_point, biz_location: The one spelling of the place's identifier, or None.
        lots: What it is about: (one spelling of the identifier, role), each pair once, in the order of the event. Roles
            are ``epc``, ``quantity``, ``input``, ``output``, ``parent`` and ``child``.
    """

    raw: bytes
    hash_id: str
    event_id: str | None
    error_declaration: str | None
    event_type: str
    event_time_us: int
    action: str | None
    biz_step: str | None
    disposition: str | None
    read_point: str | None
    biz_location: str | None
    lots: tuple[tuple[str, str], ...]


def prepare(raw: bytes, context: Context, *, bare: bool, index: int) -> Prepared:
    """Decode, validate, hash and index one event.

    Args:
        raw: The exact bytes of the event.
        context: The ``@context`` of its document; the event's own is laid over it.
        bare: Whether the event stands alone; then it must carry its own ``@context``.
        index: Its place in its document, from 0, which a refusal names.

    Raises:
        RecordError: those of ``codec.decode``, ``validate.require_valid`` and ``validate.require_standard_fields``;
            ``record.context_…`` for a ``@context`` that cannot be read. ``where["event"]`` is ``index``.
    """
    try:
        event = decode(raw)
        require_valid(event, bare=bare, index=index)
        require_standard_fields(event, index=index)
        return prepared_of(raw, event, context.within(event))
    except RecordError as refusal:
        if "event" in refusal.where:
            raise
        raise refusal.located(event=index) from refusal


def prepared_of(raw: bytes, event: dict[str, Any], context: Context) -> Prepared:
    """What the ledger needs to know of a valid event; ``context`` binds its names."""
    declared = event.get("errorDeclaration")
    instant = instant_us(event["eventTime"])
    assert instant is not None, "a valid event has a time that can be read"
    return Prepared(
        raw,
        hash_id(event, context),
        event.get("eventID"),
        None if declared is None else sha256(encode_sorted(declared)).hexdigest(),
        event["type"],
        instant,
        event.get("action"),
        _word("bizStep", event, context),
        _word("disposition", event, context),
        _place("readPoint", event, context),
        _place("bizLocation", event, context),
        lots_of(event, context),
    )


def _word(field: Field, event: dict[str, Any], context: Context) -> str | None:
    value = event.get(field)
    return None if value is None else word(field, value, context)


def _place(field: str, event: dict[str, Any], context: Context) -> str | None:
    value = event.get(field)
    return None if value is None else identifier(value["id"], context.within(value))


_LISTS = {
    "epcList": "epc",
    "childEPCs": "child",
    "inputEPCList": "input",
    "outputEPCList": "output",
}
_QUANTITY_LISTS = {
    "quantityList": "quantity",
    "childQuantityList": "child",
    "inputQuantityList": "input",
    "outputQuantityList": "output",
}


def lots_of(event: dict[str, Any], context: Context) -> tuple[tuple[str, str], ...]:
    """What an event is about: `Prepared.lots`."""
    found: list[tuple[str, str]] = []
    for name, value in event.items():
        if name in _QUANTITY_LISTS:
            role = _QUANTITY_LISTS[name]
            found += [(identifier(element["epcClass"], context), role) for element in value]
        elif name in _LISTS:
            role = _LISTS[name]
            found += [(identifier(one, context), role) for one in value]
        elif name == "parentID":
            found.append((identifier(value, context), "parent"))
    return tuple(found) if len(found) < 2 else tuple(dict.fromkeys(found))
