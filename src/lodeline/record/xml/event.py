"""An event's element as JSON: the form in which everything above reads, hashes and indexes it.

Read leniently: in any order, in the nests of version 1.2 as in 2.0. Whether the element may be written so is for
``judge`` to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from lodeline.errors import RecordError
from lodeline.errors.visible import visible
from lodeline.record.context import Context
from lodeline.record.vocabulary import Field
from lodeline.record.xml.extension import add, value_of
from lodeline.record.xml.inherited import Inherited, inherited_of
from lodeline.record.xml.names import Names
from lodeline.record.xml.namespaces import XML, XSI, split, standard
from lodeline.record.xml.sensors import sensor_elements
from lodeline.record.xml.tree import BLANKS, Element, element_of
from lodeline.record.xml.values import is_nil, number_of, word_of

EVENTS: Final = frozenset(
    {"ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent"}
)
_OF_DOCUMENT: Final = frozenset({"schemaVersion", "creationDate"})
_NESTS: Final = frozenset({"extension", "baseExtension"})

Reader = Callable[[Element, Names], Any]


def event_of(raw: bytes, context: bytes | None) -> tuple[dict[str, Any], Context]:
    """The JSON form of a recorded event, and the context that binds its names.

    Args:
        raw: The exact bytes of the element.
        context: What ``Inherited.to_bytes`` wrote.

    Raises:
        RecordError: those of ``tree.element_of`` and ``form``.
    """
    inherited = inherited_of(context)
    return form(element_of(raw, inherited), inherited)


def form(element: Element, inherited: Inherited) -> tuple[dict[str, Any], Context]:
    """The JSON form of an event's element.

    Raises:
        RecordError: ``record.xml_quantity_event``; ``record.xml_unexpected`` for an element or attribute of the
            standard in a place where JSON has none for it; ``record.xml_value``, ``record.xml_mixed``.
    """
    names = Names(element, inherited)
    name = standard(element.name)
    if name == "QuantityEvent":
        raise RecordError(
            "record.xml_quantity_event",
            "A QuantityEvent does not say its action, and EPCIS 2.0 has none such: write an ObjectEvent with "
            "quantityList and the action that is meant, OBSERVE for a count.",
            line=element.line,
        )
    event: dict[str, Any] = {"type": name if name is not None else names.key(element.name)}
    _attributes(element, event, names, leave=_OF_DOCUMENT)
    _fields(element, event, names)
    return event, names.context


def _fields(element: Element, event: dict[str, Any], names: Names) -> None:
    _no_text(element)
    for child in element.children:
        name = standard(child.name)
        if name in _NESTS:
            _attributes(child, event, names)
            _fields(child, event, names)
        elif name is not None and name in _READERS:
            if name in event:
                raise unexpected(child, "it stands twice: keep one.")
            value = _READERS[name](child, names)
            if value is not None:
                event[name] = value
        else:
            add(event, names, _own(child), value_of(child, names))


def _own(element: Element) -> str:
    """The name of an element that is not the standard's."""
    if split(element.name)[0] and standard(element.name) is not None:
        raise unexpected(element, "EPCIS has no such element here.")
    return element.name


def unexpected(element: Element, why: str) -> RecordError:
    """The refusal of an element for which the JSON form has no place."""
    return RecordError(
        "record.xml_unexpected",
        f"<{visible(split(element.name)[1], limit=60)}> in line {element.line}: {why}",
        line=element.line,
    )


def _no_text(element: Element) -> None:
    if element.text.strip(BLANKS):
        raise unexpected(element, f'the text "{visible(element.text.strip(BLANKS), limit=60)}" stands in no element.')


def _attributes(
    element: Element, members: dict[str, Any], names: Names, *, leave: frozenset[str] = frozenset()
) -> None:
    """Attributes of somebody's own as members. Those of XML itself are about the writing."""
    for name, value in element.attributes.items():
        namespace = split(name)[0]
        if name in leave or namespace in (XSI, XML):
            continue
        if not namespace:
            # It must not be taken for the field of the standard that may have its name.
            raise unexpected(element, f'the attribute "{visible(name, limit=60)}" is in no namespace: leave it out.')
        add(members, names, name, value)


def _parts(element: Element, *wanted: str) -> Iterator[Element]:
    """The elements within a list of the standard's, all of which are ``wanted``."""
    _no_text(element)
    _only_attributes(element)
    for child in element.children:
        if standard(child.name) not in wanted:
            raise unexpected(child, f"only <{'>, <'.join(wanted)}> may stand here.")
        yield child


def _only_attributes(element: Element, *wanted: str) -> None:
    for name in element.attributes:
        if name not in wanted and split(name)[0] not in (XSI, XML):
            raise unexpected(element, f'the attribute "{visible(split(name)[1], limit=60)}" says nothing here.')


def _text(element: Element, names: Names) -> str:
    _only_attributes(element)
    return _inner(element)


def _inner(element: Element) -> str:
    if element.children:
        raise unexpected(element.children[0], "text is wanted here, and no element.")
    return element.text.strip(BLANKS)


def _word(field: Field) -> Reader:
    return lambda element, names: word_of(field, _text(element, names))


def _texts(item: str) -> Reader:
    return lambda element, names: [_text(child, names) for child in _parts(element, item)]


def _quantities(element: Element, names: Names) -> list[dict[str, Any]]:
    found = []
    for child in _parts(element, "quantityElement"):
        one: dict[str, Any] = {}
        for part in _parts(child, "epcClass", "quantity", "uom"):
            name = standard(part.name) or ""
            if name in one:
                raise unexpected(part, "it stands twice: keep one.")
            if name != "quantity":
                one[name] = _text(part, names)
            elif not is_nil(part):
                one[name] = number_of(part, _text(part, names), "The quantity")
        found.append(one)
    return found


def _place(element: Element, names: Names) -> dict[str, Any]:
    place: dict[str, Any] = {}
    _no_text(element)
    _attributes(element, place, names)
    for child in _flat(element):
        if standard(child.name) == "id" and "id" not in place:
            place["id"] = _text(child, names)
        else:
            add(place, names, _own(child), value_of(child, names))
    return place


def _flat(element: Element) -> Iterator[Element]:
    """Children, and in the place of an ``extension`` those within it."""
    for child in element.children:
        if standard(child.name) == "extension":
            _no_text(child)
            _only_attributes(child)
            yield from _flat(child)
        else:
            yield child


def _typed(item: str, field: Field) -> Reader:
    def read(element: Element, names: Names) -> list[dict[str, str]]:
        found = []
        for child in _parts(element, item):
            _only_attributes(child, "type")
            one = {"type": word_of(field, child.attributes["type"])} if "type" in child.attributes else {}
            found.append({**one, item: _inner(child)})
        return found

    return read


def _dispositions(element: Element, names: Names) -> dict[str, list[str]] | None:
    """What is set and unset; an element without either says nothing, as an empty list does."""
    found: dict[str, list[str]] = {}
    for child in _parts(element, "set", "unset"):
        found.setdefault(standard(child.name) or "", []).append(word_of("disposition", _text(child, names)))
    return found or None


def _ilmd(element: Element, names: Names) -> dict[str, Any] | None:
    """Master data of what arises; an empty element says nothing of it, whatever the action."""
    found: dict[str, Any] = {}
    _no_text(element)
    _attributes(element, found, names)
    for child in _flat(element):
        add(found, names, _own(child), value_of(child, names))
    return found or None


def _error(element: Element, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {}
    _no_text(element)
    _attributes(element, found, names)
    for child in _flat(element):
        name = standard(child.name)
        reader = _ERROR_READERS.get(name or "")
        if reader is None:
            add(found, names, _own(child), value_of(child, names))
        elif name in found:
            raise unexpected(child, "it stands twice: keep one.")
        else:
            found[name or ""] = reader(child, names)
    return found


_ERROR_READERS: Final[dict[str, Reader]] = {
    "declarationTime": _text,
    "reason": _word("reason"),
    "correctiveEventIDs": _texts("correctiveEventID"),
}

_READERS: Final[dict[str, Reader]] = {
    "eventTime": _text,
    "recordTime": _text,
    "eventTimeZoneOffset": _text,
    "eventID": _text,
    "errorDeclaration": _error,
    "certificationInfo": _text,
    "epcList": _texts("epc"),
    "parentID": _text,
    "childEPCs": _texts("epc"),
    "inputEPCList": _texts("epc"),
    "outputEPCList": _texts("epc"),
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
    "sensorElementList": sensor_elements,
    "ilmd": _ilmd,
}
"""What reads each field of the standard."""
