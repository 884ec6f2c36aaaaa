"""Sensor elements in XML: metadata and reports are attributes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from lodeline.record.context import Context
from lodeline.record.hash.value import number_text
from lodeline.record.paths import member
from lodeline.record.vocabulary import Field
from lodeline.record.xml.spelling import Prefixes, attribute, cannot_say, stamp, word_text
from lodeline.record.xml.write_extension import member_elements

_TIMES: Final = frozenset({"time", "startTime", "endTime"})
_WORDS: Final[dict[str, Field]] = {"type": "measurementType", "exception": "exception", "component": "component"}


def sensor_elements(value: list[dict[str, Any]], context: Context, prefixes: Prefixes, field: str) -> list[str]:
    """The elements of a sensorElementList.

    Raises:
        RecordError: ``record.xml_cannot_say`` for an object or list in metadata or in a report.
    """
    found = []
    for index, one in enumerate(value):
        path = f"{field}[{index}]"
        inner = context.within(one)
        parts = []
        if "sensorMetadata" in one:
            metadata = _attributes(one["sensorMetadata"], inner, prefixes, member(path, "sensorMetadata"), {})
            parts.append(f"<sensorMetadata{metadata}/>")
        for report in one["sensorReport"]:
            said = _attributes(report, inner, prefixes, member(path, "sensorReport"), _WORDS)
            parts.append(f"<sensorReport{said}/>")
        parts += [
            member_elements(name, each, inner, prefixes, member(path, name), bare=False)
            for name, each in one.items()
            if name not in ("sensorMetadata", "sensorReport", "@context")
        ]
        found.append("<sensorElement>\n" + "\n".join(part for part in parts if part) + "\n</sensorElement>")
    return found


def _attributes(
    value: dict[str, Any], context: Context, prefixes: Prefixes, field: str, words: dict[str, Field]
) -> str:
    context = context.within(value)
    written = ""
    for name, each in value.items():
        path = member(field, name)
        if isinstance(each, list) and len(each) == 1:
            each = each[0]
        if each is None or each == [] or name == "@context":
            continue
        if isinstance(each, (dict, list)):
            raise cannot_say("an object or a list in an attribute", path)
        tag = prefixes.name(name, context, path, bare=True)
        if name in words:
            each = word_text(words[name], each, context)
        elif name in _TIMES:
            each = stamp(each, path)
        elif isinstance(each, bool):
            each = "true" if each else "false"
        elif isinstance(each, (int, Decimal)):
            each = number_text(each) if ":" in tag else str(each)
        written += attribute(tag, each, path)
    return written
