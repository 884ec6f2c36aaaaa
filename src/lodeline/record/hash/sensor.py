"""Sensor elements in the canonical string."""

from __future__ import annotations

from typing import Any, Final

from lodeline.record.context import Context
from lodeline.record.hash.extension import extensions
from lodeline.record.hash.instant import utc_milliseconds
from lodeline.record.hash.value import identifier, scalar
from lodeline.record.vocabulary import Field, canonical

_METADATA: Final = (
    "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules",
)  # fmt: skip

_REPORT: Final = (
    "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism",
    "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue",
    "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem",
)  # fmt: skip

_TIMES: Final = frozenset({"time", "startTime", "endTime"})
_TEXTS: Final = frozenset({"stringValue", "hexBinaryValue", "uom"})
_WORDS: Final[dict[str, Field]] = {"type": "measurementType", "exception": "exception", "component": "component"}
_METADATA_SET: Final = frozenset(_METADATA)
_REPORT_SET: Final = frozenset(_REPORT)
_ELEMENT_SET: Final = frozenset({"sensorMetadata", "sensorReport"})


def sensor_list(field: str, value: list[dict[str, Any]], context: Context) -> str:
    """All sensor elements, sorted; in each its metadata, its reports sorted, then fields of somebody's own.

    Source: CBV 2.0, section 8.9.2, canonical property order and rule on extension points.
    """
    found = sorted(_element(each, context) for each in value)
    return field + "".join(found) if found else ""


def _element(element: dict[str, Any], context: Context) -> str:
    text = "sensorElement"
    if metadata := element.get("sensorMetadata"):
        text += "sensorMetadata" + _fields(metadata, _METADATA, _METADATA_SET, context)
    reports = element.get("sensorReport", ())
    found = ["sensorReport" + _fields(each, _REPORT, _REPORT_SET, context) for each in reports]
    if len(found) > 1:
        found.sort()
    text += "".join(found)
    if element.keys() <= _ELEMENT_SET:
        return text
    return text + extensions(element, [name for name in element if name not in _ELEMENT_SET], context)


def _fields(value: dict[str, Any], order: tuple[str, ...], known: frozenset[str], context: Context) -> str:
    parts = []
    for name in order:
        each = value.get(name)
        if each is not None:
            text = _text(name, each, context)
            if text:
                parts.append(f"{name}={text}")
    if not value.keys() <= known:
        parts.append(extensions(value, [name for name in value if name not in known], context))
    return "".join(parts)


def _text(name: str, value: Any, context: Context) -> str:
    if not isinstance(value, str):
        return scalar(value, context)
    if name in _TIMES:
        return utc_milliseconds(value)
    if name in _TEXTS:
        return value.strip()
    if name in _WORDS:
        return canonical(_WORDS[name], value if ":" not in value else identifier(value, context))
    return identifier(value, context)
