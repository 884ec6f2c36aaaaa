"""The parameters of the EPCIS query language: one table, from which queries are read and the reference is written.

Source: EPCIS 2.0 (ISO/IEC 19987:2024), section 8.2.7.1; GS1's query schema and OpenAPI of the REST bindings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, cast

from lodeline.record.query.conditions import Compared
from lodeline.record.vocabulary import Field

Shape = Literal[
    "context", "types", "actions", "words", "names", "texts", "match", "within", "instant", "number", "numbers",
    "measured", "measured list", "truth", "exists", "own", "attributes", "attribute value", "order", "direction",
    "count",
]  # fmt: skip
"""What a parameter's value looks like, and what is done with it."""


class Parameter(NamedTuple):
    """One parameter, or one member of a family.

    Attributes:
        name: As GS1's query schema writes it.
        shape: See `Shape`.
        fields: The facets it looks at; of a family member, worked out from its name.
        op: How it compares.
        vocabulary: Where its values are words, whose.
        meaning: One sentence, for the reference.
    """

    name: str
    shape: Shape
    fields: tuple[str, ...] = ()
    op: Compared = "EQ"
    vocabulary: Field | None = None
    meaning: str = ""


_EPC_FIELDS = ("epc", "parentID", "inputEPC", "outputEPC")
_CLASS_FIELDS = ("epcClass", "inputEPCClass", "outputEPCClass")
_COMPARED: Mapping[str, str] = {
    "EQ": "equals one of the values",
    "GT": "is greater than the value",
    "GE": "is the value or greater",
    "LT": "is less than the value",
    "LE": "is the value or less",
}


def _time(field: str, said: str) -> Iterator[Parameter]:
    """The two ends of a window of time."""
    yield Parameter(
        f"GE_{field}", "instant", (field.replace("_", ""),), "GE", meaning=f"{said} at this instant or later."
    )
    yield Parameter(f"LT_{field}", "instant", (field.replace("_", ""),), "LT", meaning=f"{said} before this instant.")


def _named() -> Iterator[Parameter]:
    yield Parameter("@context", "context", meaning="Prefixes for the query itself, over those of GS1-Extensions.")
    yield Parameter("eventType", "types", ("eventType",), meaning="The type is one of these.")
    yield from _time("eventTime", "Happened")
    yield from _time("recordTime", "Recorded by this book")
    yield Parameter("EQ_action", "actions", ("action",), meaning="The action is one of ADD, OBSERVE, DELETE.")
    yield Parameter(
        "EQ_bizStep", "words", ("bizStep",), vocabulary="bizStep", meaning="The business step is one of these."
    )
    said = "The disposition is one of these."
    yield Parameter("EQ_disposition", "words", ("disposition",), vocabulary="disposition", meaning=said)
    for end in ("set", "unset"):
        field = f"persistentDisposition_{end}"
        said = f"The persistent dispositions that it {end}s have one of these."
        yield Parameter(f"EQ_{field}", "words", (field,), vocabulary="disposition", meaning=said)
    yield Parameter(
        "EQ_quantity", "numbers", ("quantity",), meaning="A quantity, whatever its unit, equals one of the values."
    )
    for op in ("GT", "GE", "LT", "LE"):
        said = f"A quantity, whatever its unit, {_COMPARED[op]}."
        yield Parameter(f"{op}_quantity", "number", ("quantity",), op, meaning=said)
    for place in ("readPoint", "bizLocation"):
        yield Parameter(f"EQ_{place}", "names", (place,), meaning=f"The {place} is one of these.")
        said = f"The {place} is one of these or registered within one of them."
        yield Parameter(f"WD_{place}", "within", (place,), meaning=said)
    yield Parameter(
        "EQ_transformationID", "names", ("transformationID",), meaning="The transformationID is one of these."
    )
    yield from _matching()
    yield Parameter("EQ_eventID", "texts", ("eventID",), meaning="The eventID is one of these.")
    yield Parameter("EXISTS_errorDeclaration", "exists", ("errorDeclaration",), meaning="It declares an error.")
    yield from _time("errorDeclaration_Time", "Declared an error")
    yield Parameter(
        "EQ_errorReason",
        "words",
        ("errorReason",),
        vocabulary="reason",
        meaning="The reason of the error is one of these.",
    )
    said = "One of the corrective events is one of these."
    yield Parameter("EQ_correctiveEventID", "texts", ("correctiveEventID",), meaning=said)
    yield Parameter(
        "orderBy", "order", meaning="`eventTime`, `recordTime`, or a field of somebody's own (`prefix:name`)."
    )
    yield Parameter("orderDirection", "direction", meaning="`ASC` or `DESC`; with orderBy and without this, `DESC`.")
    yield Parameter("eventCountLimit", "count", meaning="Only the first so many in the order; only with orderBy.")
    yield Parameter("maxEventCount", "count", meaning="More than so many are refused (`query.too_large`).")
    yield from _sensor()


def _matching() -> Iterator[Parameter]:
    said = "One of the identifiers in {} is one of these or fits one of these patterns."
    for name, fields, where in (
        ("epc", ("epc",), "epcList or childEPCs"),
        ("parentID", ("parentID",), "parentID"),
        ("inputEPC", ("inputEPC",), "inputEPCList"),
        ("outputEPC", ("outputEPC",), "outputEPCList"),
        ("anyEPC", _EPC_FIELDS, "parentID or any list of EPCs"),
        ("epcClass", ("epcClass",), "quantityList or childQuantityList"),
        ("inputEPCClass", ("inputEPCClass",), "inputQuantityList"),
        ("outputEPCClass", ("outputEPCClass",), "outputQuantityList"),
        ("anyEPCClass", _CLASS_FIELDS, "any list of quantities"),
    ):
        yield Parameter(f"MATCH_{name}", "match", fields, meaning=said.format(where))


def _sensor() -> Iterator[Parameter]:
    yield Parameter("EXISTS_sensorElementList", "exists", ("sensorElementList",), meaning="It has sensor elements.")
    yield from _time("time", "A sensor element or report is")
    yield from _time("startTime", "A sensor element starts")
    yield from _time("endTime", "A sensor element ends")
    said = "A sensor report's type is one of these."
    yield Parameter("EQ_type", "words", ("type",), vocabulary="measurementType", meaning=said)
    for name in ("deviceID", "dataProcessingMethod", "microorganism", "chemicalSubstance", "bizRules"):
        yield Parameter(f"EQ_{name}", "names", (name,), meaning=f"A sensor's {name} is one of these.")
    yield Parameter("EQ_stringValue", "texts", ("stringValue",), meaning="A sensor's stringValue is one of these.")
    yield Parameter("EQ_booleanValue", "truth", ("booleanValue",), meaning="A sensor's booleanValue is this.")
    yield Parameter(
        "EQ_hexBinaryValue",
        "texts",
        ("hexBinaryValue",),
        meaning="A sensor's hexBinaryValue is one of these, digit for digit.",
    )
    yield Parameter("EQ_uriValue", "names", ("uriValue",), meaning="A sensor's uriValue is one of these.")
    for op in ("GE", "LT", "GT", "LE"):
        yield Parameter(f"{op}_percRank", "number", ("percRank",), op, meaning=f"A sensor's percRank {_COMPARED[op]}.")


NAMED: Mapping[str, Parameter] = MappingProxyType({each.name: each for each in _named()})
"""The parameters with one name each."""

ALIASES: Mapping[str, str] = MappingProxyType(
    {f"{op}_errorDeclarationTime": f"{op}_errorDeclaration_Time" for op in ("GE", "LT")}
)
"""Names that the standard and the OpenAPI write otherwise than the schema."""

MEASURES: Mapping[str, tuple[Compared, ...]] = MappingProxyType(
    {
        "quantity": ("EQ", "GE", "LT", "GT", "LE"),
        "value": ("EQ", "GE", "LT", "GT", "LE"),
        **dict.fromkeys(("minValue", "maxValue", "meanValue", "sDev", "percValue"), ("GE", "LT", "GT", "LE")),
    }
)
"""Numbers with a unit, and how they are compared."""

PLACES: Mapping[str, str] = MappingProxyType(
    {
        "": "ext",
        "INNER_": "inner",
        "ILMD_": "ilmd",
        "INNER_ILMD_": "inner_ilmd",
        "ERROR_DECLARATION_": "error",
        "INNER_ERROR_DECLARATION_": "inner_error",
        "SENSORELEMENT_": "sensorelement",
        "INNER_SENSORELEMENT_": "inner_sensorelement",
        "SENSORMETADATA_": "sensormetadata",
        "INNER_SENSORMETADATA_": "inner_sensormetadata",
        "SENSORREPORT_": "sensorreport",
        "INNER_SENSORREPORT_": "inner_sensorreport",
        "readPoint_": "readPoint",
        "INNER_readPoint_": "inner_readPoint",
        "bizLocation_": "bizLocation",
        "INNER_bizLocation_": "inner_bizLocation",
    }
)
"""Where fields of somebody's own stand, as parameters say it, and as facets do."""

WHERE: Mapping[str, str] = MappingProxyType(
    {
        "": "of the event itself",
        "ILMD_": "in its ilmd",
        "ERROR_DECLARATION_": "in its errorDeclaration",
        "SENSORELEMENT_": "of a sensor element",
        "SENSORMETADATA_": "of a sensorMetadata",
        "SENSORREPORT_": "of a sensorReport",
        "readPoint_": "of its readPoint",
        "bizLocation_": "of its bizLocation",
    }
)

ATTRIBUTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "bizStep": ("bizStep",),
        "disposition": ("disposition",),
        "readPoint": ("readPoint",),
        "bizLocation": ("bizLocation",),
        "bizTransaction": ("bizTransaction",),
        "source": ("source",),
        "destination": ("destination",),
        "epcClass": _CLASS_FIELDS,
    }
)
"""Standard fields that name something that may be registered, for ``HASATTR_`` and ``EQATTR_``."""


def compared_in(place: str) -> tuple[str, ...]:
    """What can be asked of fields of somebody's own in a place: ``EQ``, ``GT`` … ``EXISTS``."""
    if place.endswith(("readPoint_", "bizLocation_")):
        return ("EQ",)
    numbers = ("EQ", "GT", "GE", "LT", "LE")
    return numbers if place.startswith("INNER_SENSOR") else (*numbers, "EXISTS")


class Family(NamedTuple):
    """A family of parameters, for the reference and for suggestions."""

    template: str
    meaning: str


def families() -> Iterator[Family]:
    """Every family, in the order of the reference."""
    for item in ("bizTransaction", "source", "destination"):
        yield Family(f"EQ_{item}_TYPE", f"A {item} of this type is one of these.")
    for measure, ops in MEASURES.items():
        said = "A quantity" if measure == "quantity" else f"A sensor's {measure}"
        for op in ops:
            yield Family(f"{op}_{measure}_UOM", f"{said}, brought to this unit, {_COMPARED[op]}.")
    for place in PLACES:
        where = WHERE[place.removeprefix("INNER_")]
        inside = "anywhere inside a field" if place.startswith("INNER_") else "a field"
        for said_op in compared_in(place):
            said = "is there and not empty" if said_op == "EXISTS" else _COMPARED[said_op]
            yield Family(f"{said_op}_{place}PREFIX:NAME", f"The named one, {inside} {where}, {said}.")
    yield Family("HASATTR_FIELD", "What the field names is registered with one of these attributes.")
    yield Family(
        "EQATTR_FIELD_ATTRIBUTE", "What the field names is registered with this attribute and one of the values."
    )
    yield Family("EQ_ATTR_FIELD_ATTRIBUTE", "The same, as GS1's query schema writes it.")


_OWN = re.compile(
    r"(?P<op>EQ|GT|GE|LT|LE|EXISTS)_(?P<place>(?:INNER_)?(?:ILMD_|ERROR_DECLARATION_|SENSORELEMENT_|SENSORMETADATA_"
    r"|SENSORREPORT_|readPoint_|bizLocation_)?)(?P<prefix>[A-Za-z][A-Za-z0-9.\-]*):(?P<name>[\w.\-]+)"
)
_MEASURED = re.compile(r"(?P<op>EQ|GT|GE|LT|LE)_(?P<measure>[a-z][A-Za-z]*)_(?P<uom>[A-Z0-9]{2,4})", re.ASCII)
_TYPED = re.compile(r"EQ_(?P<item>bizTransaction|source|destination)_(?P<type>[A-Za-z].*)", re.ASCII)
_HAS_ATTRIBUTE = re.compile(r"HASATTR_(?P<field>.+)")
_ATTRIBUTE = re.compile(
    r"(?:EQATTR|EQ_ATTR)_(?P<field>bizStep|disposition|readPoint|bizLocation|bizTransaction|source|destination|epcClass"
    r"|[A-Za-z][A-Za-z0-9.\-]*:[A-Za-z0-9.\-]+)_(?P<attribute>.+)"
)


class Member(NamedTuple):
    """A member of a family, taken apart: which parameter it is, and the parts of its name still to be resolved."""

    parameter: Parameter
    parts: Mapping[str, str]


def member_of(name: str) -> Member | None:
    """The family that a name belongs to; None for none."""
    if found := _ATTRIBUTE.fullmatch(name):
        return Member(Parameter(name, "attribute value"), found.groupdict())
    if found := _HAS_ATTRIBUTE.fullmatch(name):
        return Member(Parameter(name, "attributes"), found.groupdict())
    if found := _TYPED.fullmatch(name):
        return Member(Parameter(name, "names"), found.groupdict())
    if (found := _MEASURED.fullmatch(name)) and found["op"] in MEASURES.get(found["measure"], ()):
        op = cast("Compared", found["op"])
        return Member(Parameter(name, "measured list" if op == "EQ" else "measured", op=op), found.groupdict())
    if (found := _OWN.fullmatch(name)) and found["op"] in compared_in(found["place"]):
        if found["op"] == "EXISTS":
            return Member(Parameter(name, "exists"), found.groupdict())
        return Member(Parameter(name, "own", op=cast("Compared", found["op"])), found.groupdict())
    return None
