"""Elements of somebody's own in JSON: nested elements are objects, repeated ones are lists, attributes are members."""

from __future__ import annotations

from typing import Any, Final

from lodeline.errors import RecordError
from lodeline.errors.visible import visible
from lodeline.record.xml import own
from lodeline.record.xml.names import Names
from lodeline.record.xml.namespaces import XML, XSI, split
from lodeline.record.xml.tree import BLANKS, Element
from lodeline.record.xml.values import is_nil, scalar_of

_SPACE: Final = f"{{{XML}}}space"
_LANGUAGE: Final = f"{{{XML}}}lang"


def value_of(element: Element, names: Names) -> Any:
    """What an element of somebody's own says.

    Text alone is a text (or what ``xsi:type`` makes of it); ``xsi:nil`` is null, also beside attributes. Attributes and
    elements are members of an object; text beside attributes is its ``@value``, and ``xml:lang`` its ``@language``, as
    in JSON-LD.

    Raises:
        RecordError: ``record.xml_mixed`` for text between elements, whose place JSON cannot say;
            those of ``values.scalar_of``.
    """
    members: dict[str, Any] = {}
    for name, value in element.attributes.items():
        if split(name)[0] != XSI and name != _SPACE:
            add(members, names, name, value)
    if is_nil(element):
        return members | {"@value": None} if members else None
    if not element.children:
        if not members:
            return scalar_of(element)
        if element.text.strip(BLANKS):
            members["@value"] = scalar_of(element)
        return members
    if element.text.strip(BLANKS):
        raise RecordError(
            "record.xml_mixed",
            f"<{visible(split(element.name)[1], limit=60)}> has text between elements, of which JSON cannot say the "
            "place: put the text into an element of its own.",
            line=element.line,
        )
    for child in element.children:
        add(members, names, child.name, value_of(child, names))
    return members


def add(members: dict[str, Any], names: Names, name: str, value: Any) -> None:
    """Add what an element or attribute ``name`` says; a member that is there already becomes a list of both."""
    key = "@language" if name == _LANGUAGE else names.key(name)
    if key not in members:
        members[key] = [value] if own.is_list(name) and not isinstance(value, list) else value
    elif isinstance(members[key], list):
        members[key].append(value)
    else:
        members[key] = [members[key], value]
