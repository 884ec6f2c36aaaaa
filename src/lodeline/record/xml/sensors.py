"""Sensor elements: what XML writes as attributes are members in JSON, numbers and truths typed."""

from __future__ import annotations

from typing import Any, Final

from lodeline.errors import RecordError
from lodeline.errors.visible import visible
from lodeline.record.vocabulary import Field
from lodeline.record.xml.extension import add, value_of
from lodeline.record.xml.names import Names
from lodeline.record.xml.namespaces import XML, XSI, split, standard
from lodeline.record.xml.tree import BLANKS, Element
from lodeline.record.xml.values import number_of, truth_of, typed, word_of

NUMBERS: Final = frozenset({"value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"})
_WORDS: Final[dict[str, Field]] = {"type": "measurementType", "exception": "exception", "component": "component"}
_TEXTS: Final = frozenset({"stringValue"})


def sensor_elements(element: Element, names: Names) -> list[dict[str, Any]]:
    """The members of a ``sensorElementList``.

    Raises:
        RecordError: ``record.xml_unexpected`` for what has no place in JSON; ``record.xml_value``.
    """
    _nothing_else(element)
    found = []
    for child in element.children:
        if standard(child.name) != "sensorElement":
            raise _no_place(child)
        _nothing_else(child)
        found.append(_sensor_element(child, names))
    return found


def _sensor_element(element: Element, names: Names) -> dict[str, Any]:
    one: dict[str, Any] = {}
    for child in element.children:
        name = standard(child.name)
        if name == "sensorMetadata" and name not in one:
            one[name] = _described(child, names, {})
        elif name == "sensorReport":
            one.setdefault(name, []).append(_described(child, names, _WORDS))
        elif name == "extension" and not child.attributes:
            for inner in child.children:
                add(one, names, inner.name, value_of(inner, names))
        elif name is not None and (name == "sensorMetadata" or split(child.name)[0]):
            raise _no_place(child)
        else:
            add(one, names, child.name, value_of(child, names))
    return one


def _described(element: Element, names: Names, words: dict[str, Field]) -> dict[str, Any]:
    """Metadata or a report: its attributes."""
    if element.children:
        raise _no_place(element.children[0])
    if element.text.strip(BLANKS):
        raise _no_place(element)
    found: dict[str, Any] = {}
    for name, value in element.attributes.items():
        if split(name)[0] in (XSI, XML):
            continue
        if not words or split(name)[0]:
            found[names.key(name)] = typed(name, value) if split(name)[0] else value.strip(BLANKS)
        elif name in words:
            found[name] = word_of(words[name], value)
        elif name in NUMBERS:
            found[name] = number_of(element, value, f'The attribute "{name}"')
        elif name == "booleanValue":
            found[name] = truth_of(element, value, 'The attribute "booleanValue"')
        else:
            found[name] = value if name in _TEXTS else value.strip(BLANKS)
    return found


def _nothing_else(element: Element) -> None:
    if element.text.strip(BLANKS) or any(split(name)[0] not in (XSI, XML) for name in element.attributes):
        raise _no_place(element)


def _no_place(element: Element) -> RecordError:
    return RecordError(
        "record.xml_unexpected",
        f"<{visible(split(element.name)[1], limit=60)}> in line {element.line} says something for which EPCIS in JSON "
        "has no place: write it as an element of your own in the sensorElement.",
        line=element.line,
    )
