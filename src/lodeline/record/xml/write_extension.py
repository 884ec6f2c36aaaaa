"""Members of somebody's own as elements: objects nest, lists repeat, and what is no text says so by ``xsi:type``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lodeline.record.context import Context
from lodeline.record.paths import member
from lodeline.record.xml.spelling import Prefixes, attribute, cannot_say, number, number_type, text
from lodeline.record.xml.tree import BLANKS


def member_elements(name: str, value: Any, context: Context, prefixes: Prefixes, field: str, *, bare: bool) -> str:
    """The elements for one member: none for an empty list, several for one of several.

    Args:
        bare: Whether a name without a namespace may stand here.

    Raises:
        RecordError: ``record.xml_cannot_say`` for lists within lists, and names that are none in XML.
    """
    tag = prefixes.name(name, context, field, bare=bare)
    values = value if isinstance(value, list) else [value]
    return "\n".join(_element(tag, one, context, prefixes, field) for one in values)


def _element(tag: str, value: Any, context: Context, prefixes: Prefixes, field: str) -> str:
    if isinstance(value, list):
        raise cannot_say("a list within a list", field)
    if isinstance(value, dict):
        return _object(tag, value, context.within(value), prefixes, field)
    attributes, written = _scalar(value, field)
    return f"<{tag}{attributes}>{written}</{tag}>" if written else f"<{tag}{attributes}/>"


def _scalar(value: Any, field: str) -> tuple[str, str]:
    """Attributes and text of an element that holds one value."""
    if value is None:
        return ' xsi:nil="true"', ""
    if isinstance(value, bool):
        return ' xsi:type="xsd:boolean"', "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return f' xsi:type="{number_type(value)}"', number(value)
    preserved = ' xml:space="preserve"' if value != value.strip(BLANKS) else ""
    return preserved, text(value, field)


def _object(tag: str, value: dict[str, Any], context: Context, prefixes: Prefixes, field: str) -> str:
    members = {name: each for name, each in value.items() if name not in ("@context", "@value", "@language")}
    language = attribute("xml:lang", value["@language"], field) if isinstance(value.get("@language"), str) else ""
    if "@value" not in value:
        inner = [
            member_elements(name, each, context, prefixes, member(field, name), bare=True)
            for name, each in members.items()
        ]
        inner = [part for part in inner if part]
        return f"<{tag}{language}>\n" + "\n".join(inner) + f"\n</{tag}>" if inner else f"<{tag}{language}/>"
    said, written = _scalar(value["@value"], field)
    for name, each in members.items():
        if not isinstance(each, str):
            raise cannot_say("an object with @value and something else than texts", member(field, name))
        said += attribute(prefixes.name(name, context, member(field, name), bare=True), each, field)
    return f"<{tag}{language}{said}>{written}</{tag}>"
