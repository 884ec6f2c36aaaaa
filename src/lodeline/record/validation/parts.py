"""The parts that events share: quantities, places, transactions, sensors, the declaration of an error."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from lodeline.record.validation import words
from lodeline.record.validation.kinds import (
    HEX,
    NUMBER,
    OBJECT,
    TEXT,
    TIME,
    TRUTH,
    UOM,
    URI,
    Kind,
    either,
    many,
    word,
)
from lodeline.record.validation.objects import Field, Rule, table
from lodeline.record.validation.problem import Problem

# JSON writes GS1's own words bare, or as URIs of ref.gs1.org; these older forms of them are not allowed in their place.
_OLD_CBV = re.compile(r"urn:epcglobal:cbv|https?://ns\.gs1\.org/cbv/")
_OLD_VOC = re.compile(r"https?://(?:www\.)?gs1\.org/voc/")

ACTION = word("an action", words.ACTIONS, other=None)
BIZ_STEP = word("a business step", words.BIZ_STEPS, other=_OLD_CBV)
DISPOSITION = word("a disposition", words.DISPOSITIONS, other=_OLD_CBV)
TRANSACTION_TYPE = word("a type of business transaction", words.BIZ_TRANSACTIONS, other=_OLD_CBV)
SOURCE_TYPE = word("a type of source or destination", words.SOURCES, other=_OLD_CBV)
ERROR_REASON = word("an error reason", words.ERROR_REASONS, other=_OLD_CBV)
MEASUREMENT = word("a type of measurement", words.MEASUREMENTS, other=_OLD_VOC)
ALERT = word("a type of sensor alert", words.ALERTS, other=_OLD_VOC)
COMPONENT = word("a component", words.COMPONENTS, other=_OLD_CBV)

URIS = many(URI)
UNIQUE_URIS = many(URI, unique=True)
URI_OR_URIS = either("a URI or a list of URIs", URI, URIS)

QUANTITY = table(
    "a quantity element",
    (Field("epcClass", URI, required=True), Field("quantity", NUMBER), Field("uom", UOM)),
    others="none",
)
QUANTITIES = many(QUANTITY)

PLACE = table("a place", (Field("id", URI, required=True),), others="any")

TRANSACTION = table(
    "a business transaction",
    (Field("type", TRANSACTION_TYPE), Field("bizTransaction", URI, required=True)),
    others="none",
)
SOURCE = table(
    "a source", (Field("type", SOURCE_TYPE, required=True), Field("source", URI, required=True)), others="none"
)
DESTINATION = table(
    "a destination",
    (Field("type", SOURCE_TYPE, required=True), Field("destination", URI, required=True)),
    others="none",
)

_SET_OR_UNSET = Rule(
    lambda value: "set" in value or "unset" in value,
    lambda value, path: Problem(
        "record.disposition_empty", 'Nothing is set or unset: write "set" or "unset" with a list of dispositions.', path
    ),
)
PERSISTENT_DISPOSITION = table(
    "a persistent disposition",
    (
        Field("set", many(DISPOSITION, least=1, unique=True)),
        Field("unset", many(DISPOSITION, least=1, unique=True)),
    ),
    others="none",
    rules=(_SET_OR_UNSET,),
)

ILMD = table("instance or lot master data", (), others="uri")

ERROR_DECLARATION = table(
    "an error declaration",
    (
        Field("declarationTime", TIME, required=True),
        Field("reason", ERROR_REASON),
        Field("correctiveEventIDs", URIS),
    ),
    others="uri",
)

_DEVICE_FIELDS = (
    Field("deviceID", URI),
    Field("deviceMetadata", URI),
    Field("rawData", URI),
    Field("dataProcessingMethod", URI),
    Field("bizRules", URI),
    Field("time", TIME),
)
SENSOR_METADATA = table(
    "sensor metadata", (*_DEVICE_FIELDS, Field("startTime", TIME), Field("endTime", TIME)), others="uri"
)
SENSOR_REPORT = table(
    "a sensor report",
    (
        Field("type", MEASUREMENT, required=True),
        Field("exception", ALERT),
        *_DEVICE_FIELDS,
        Field("microorganism", URI),
        Field("chemicalSubstance", URI),
        Field("coordinateReferenceSystem", URI),
        Field("component", COMPONENT),
        Field("value", NUMBER),
        Field("minValue", NUMBER),
        Field("maxValue", NUMBER),
        Field("meanValue", NUMBER),
        Field("sDev", NUMBER),
        Field("percRank", NUMBER),
        Field("percValue", NUMBER),
        Field("uom", TEXT),
        Field("stringValue", TEXT),
        Field("booleanValue", TRUTH),
        Field("hexBinaryValue", HEX),
        Field("uriValue", URI),
    ),
    others="uri",
)
SENSOR_ELEMENT = table(
    "a sensor element",
    (Field("sensorMetadata", SENSOR_METADATA), Field("sensorReport", many(SENSOR_REPORT, least=1), required=True)),
    others="uri",
)


def _equal_as_json(value: Any) -> Any:
    """A key that two JSON values share exactly if they are equal: 1 and 1.0 are, 1 and true are not."""
    if type(value) is dict:
        return frozenset((name, _equal_as_json(item)) for name, item in value.items())
    if type(value) is list:
        return tuple(_equal_as_json(item) for item in value)
    if type(value) in (int, Decimal):
        return ("number", value)
    return (type(value).__name__, value)


def _context_parts_differ(parts: Any) -> bool:
    return type(parts) is not list or len({_equal_as_json(part) for part in parts}) == len(parts)


_CONTEXT_PARTS = many(either("a URI or an object", URI, OBJECT))


def _context() -> Kind:
    plain = either("a context: a URI, an object, or a list of both", URI, OBJECT, _CONTEXT_PARTS)

    def accepts(value: Any) -> bool:
        return plain.accepts(value) and _context_parts_differ(value)

    def explain(value: Any, path: str) -> Any:
        yield from plain.explain(value, path)
        if not _context_parts_differ(value):
            yield Problem("record.list_repeats", "One context stands twice in the list: keep one.", path)

    return Kind(plain.says, accepts, explain)


CONTEXT = _context()
"""Source: JSON-LD 1.1, 3.1; EPCIS 2.0 allows no null and no list within a list."""
