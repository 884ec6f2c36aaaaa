"""The canonical string of an event, and its name: fields in the order the standard gives them."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

from lodeline.errors import RecordError
from lodeline.record.context import Context
from lodeline.record.hash.extension import extensions, object_text
from lodeline.record.hash.instant import utc_milliseconds
from lodeline.record.hash.sensor import sensor_list
from lodeline.record.hash.value import identifier, scalar
from lodeline.record.vocabulary import Field, canonical

_NOTHING: Final[frozenset[str]] = frozenset()
LEFT_OUT: Final = ("type", "recordTime", "eventID", "errorDeclaration", "@context")
"""What is said about an event and not in it. An event that is declared wrong keeps its name."""

Writer = Callable[[str, Any, Context], str]


def prehash(event: dict[str, Any], context: Context, *, ignore: frozenset[str] = _NOTHING) -> str:
    """The canonical string of one event: what is hashed, and what to compare when two hashes differ.

    Args:
        event: An event as the codec decodes it.
        context: The document's ``@context``; the event's own is laid over it.
        ignore: ``{namespace}local`` names of fields beside the standard ones that do not count, see
            ``ignored_fields``. It reaches fields of the event itself, not those inside other fields.

    Raises:
        RecordError: ``hash.event_type``; ``hash.shape`` for an event that validation would refuse;
            ``record.context_…`` for a ``@context`` of the event that is none.

    Source: CBV 2.0, section 8.9.2; docs/reference/event-hash.md tells where published vectors differ from its text.
    """
    context = context.within(event)
    try:
        return _canonical_string(event, context, ignore)
    except (AttributeError, KeyError, TypeError) as error:
        raise RecordError(
            "hash.shape", "A field of the event is not of the type that EPCIS wants: validate it to learn which."
        ) from error


def _canonical_string(event: dict[str, Any], context: Context, ignore: frozenset[str]) -> str:
    parts = ["eventType=" + _event_type(event.get("type"), context)]
    written = 0
    for field, write in _ORDER:
        value = event.get(field)
        if value is not None:
            written += 1
            parts.append(write(field, value, context))
    if len(event) > written:
        rest = [name for name in event if name not in _STANDARD]
        if ignore:
            rest = [name for name in rest if context.qualified(name) not in ignore]
        if rest:
            parts.append(extensions(event, rest, context))
    return "".join(parts)


def hash_id(event: dict[str, Any], context: Context, *, ignore: frozenset[str] = _NOTHING) -> str:
    """The name of an event: ``ni:///sha-256;…?ver=CBV2.0``.

    Source: CBV 2.0, section 8.9.2; RFC 6920.
    """
    digest = sha256(prehash(event, context, ignore=ignore).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def _event_type(value: Any, context: Context) -> str:
    if not isinstance(value, str):
        raise RecordError("hash.event_type", "An event says what it is: write its type, one text.", field="$.type")
    if ":" not in value:
        return value
    return context.qualified(value).removeprefix("{https://ref.gs1.org/epcis/}")


def _plain(field: str, value: Any, context: Context) -> str:
    text = scalar(value, context) if not isinstance(value, str) else value.strip()
    return f"{field}={text}" if text else ""


def _instant(field: str, value: Any, context: Context) -> str:
    return f"{field}={utc_milliseconds(value)}" if isinstance(value, str) else _plain(field, value, context)


def _name(field: str, value: Any, context: Context) -> str:
    """One identifier, or several in any order."""
    if isinstance(value, list):
        return "".join(sorted(f"{field}={identifier(each, context)}" for each in value))
    return f"{field}={identifier(value, context)}"


def _word(vocabulary: Field) -> Writer:
    def write(field: str, value: Any, context: Context) -> str:
        return f"{field}={word(vocabulary, value, context)}"

    return write


def word(vocabulary: Field, value: str, context: Context) -> str:
    """A standard word in whatever form, or somebody's own with its CURIE expanded and its address kept."""
    return canonical(vocabulary, value if ":" not in value else identifier(value, context))


def _names(field: str, value: list[str], context: Context) -> str:
    found = [f"epc={identifier(each, context)}" for each in value]
    if len(found) > 1:
        found.sort()
    return field + "".join(found) if found else ""


_QUANTITY: Final = frozenset({"epcClass", "quantity", "uom"})


def _quantities(field: str, value: list[dict[str, Any]], context: Context) -> str:
    found = []
    for each in value:
        text = (
            f"quantityElementepcClass={identifier(each['epcClass'], context)}"
            if "epcClass" in each
            else ("quantityElement")
        )
        if (quantity := each.get("quantity")) is not None:
            text += f"quantity={scalar(quantity, context)}"
        if uom := each.get("uom"):
            text += f"uom={uom.strip()}"
        found.append(text + _rest(each, _QUANTITY, context))
    if len(found) > 1:
        found.sort()
    return field + "".join(found) if found else ""


def _typed(item: str, vocabulary: Field) -> Writer:
    """Business transactions, sources, destinations: the type before what it types."""
    known = frozenset({"type", item})

    def write(field: str, value: list[dict[str, Any]], context: Context) -> str:
        found = []
        for each in value:
            kind = each.get("type")
            text = "" if kind is None else f"type={word(vocabulary, kind, context)}"
            if (target := each.get(item)) is not None:
                text += f"{item}={identifier(target, context)}"
            found.append(text + _rest(each, known, context))
        if len(found) > 1:
            found.sort()
        return field + "".join(found) if found else ""

    return write


_PLACE: Final = frozenset({"id"})


def _place(field: str, value: Any, context: Context) -> str:
    if isinstance(value, str):
        return f"{field}id={identifier(value, context)}"
    context = context.within(value)
    text = f"id={identifier(value['id'], context)}" if "id" in value else ""
    text += _rest(value, _PLACE, context)
    return field + text if text else ""


_SETS: Final = ("set", "unset")


def _persistent(field: str, value: dict[str, list[str]], context: Context) -> str:
    found = ""
    for name in _SETS:
        found += "".join(sorted(f"{name}={word('disposition', each, context)}" for each in value.get(name, ())))
    return field + found if found else ""


def _ilmd(field: str, value: dict[str, Any], context: Context) -> str:
    text = object_text(value, context)
    return field + text if text else ""


def _rest(value: dict[str, Any], known: frozenset[str], context: Context) -> str:
    """What a standard object holds beyond its standard fields."""
    if value.keys() <= known:
        return ""
    return extensions(value, [name for name in value if name not in known], context)


_ORDER: tuple[tuple[str, Writer], ...] = (
    ("eventTime", _instant),
    ("eventTimeZoneOffset", _plain),
    ("certificationInfo", _name),
    ("epcList", _names),
    ("parentID", _name),
    ("inputEPCList", _names),
    ("childEPCs", _names),
    ("quantityList", _quantities),
    ("childQuantityList", _quantities),
    ("inputQuantityList", _quantities),
    ("outputEPCList", _names),
    ("outputQuantityList", _quantities),
    ("action", _plain),
    ("transformationID", _name),
    ("bizStep", _word("bizStep")),
    ("disposition", _word("disposition")),
    ("persistentDisposition", _persistent),
    ("readPoint", _place),
    ("bizLocation", _place),
    ("bizTransactionList", _typed("bizTransaction", "bizTransactionType")),
    ("destinationList", _typed("destination", "sourceOrDestinationType")),
    ("sourceList", _typed("source", "sourceOrDestinationType")),
    ("sensorElementList", sensor_list),
    ("ilmd", _ilmd),
)
"""Fields in canonical order, with what writes each."""

_STANDARD: frozenset[str] = frozenset([*(field for field, _ in _ORDER), *LEFT_OUT])
