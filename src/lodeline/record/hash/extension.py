"""Master data of instances and lots, and fields of somebody's own: sorted, their names with the whole namespace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from lodeline.record.context import Context
from lodeline.record.hash.value import scalar

COMMENTS: Final = frozenset({"{http://www.w3.org/2000/01/rdf-schema#}comment", "comment"})
"""A comment is for readers: it says nothing about the event. (In XML it is no element at all.)"""

_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
"""What JSON-LD calls @language is an attribute in XML."""


def extensions(parent: dict[str, Any], names: Iterable[str], context: Context) -> str:
    """The fields ``names`` of ``parent`` as one string: each value with its name, sorted by the whole text.

    Source: CBV 2.0, section 8.9.2, rules on ILMD and user extension elements.
    """
    found: list[str] = []
    for name in names:
        if name == "@context":
            continue
        key = _LANGUAGE if name == "@language" else context.qualified(name)
        if key not in COMMENTS:
            _append(found, key, parent[name], context)
    if len(found) > 1:
        found.sort()
    return "".join(found)


def object_text(value: dict[str, Any], context: Context) -> str:
    """The fields of an object; a ``@context`` of its own counts for everything in it."""
    return extensions(value, value, context.within(value))


def _element(value: dict[str, Any], context: Context) -> str:
    """What stands behind the name of an object: the text of an element of XML with attributes, then its fields."""
    context = context.within(value)
    found: list[str] = []
    _append(found, "", value.get("@value"), context)
    return "".join(sorted(found)) + extensions(value, [name for name in value if name != "@value"], context)


def _append(found: list[str], key: str, value: Any, context: Context) -> None:
    """Add ``key`` with its value: once for each element of an array, nothing at all for ``null``."""
    if isinstance(value, str):
        text = scalar(value, context)
        found.append(f"{key}={text}" if text else key)
    elif isinstance(value, list):
        for each in value:
            if isinstance(each, list):
                inner: list[str] = []
                _append(inner, "", each, context)
                found.append(key + "".join(sorted(inner)))
            else:
                _append(found, key, each, context)
    elif isinstance(value, dict):
        found.append(key + _element(value, context))
    elif value is not None:
        found.append(f"{key}={scalar(value, context)}")
