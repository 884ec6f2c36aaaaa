"""Queries of every parameter and family, with values that the corpus holds and now and then ones that it does not."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from tests.query import corpus as c

QUERY_PREFIXES = {"x": c.EX, "oth": c.OTHER}
"""The asker calls the same namespace otherwise than the events do."""
FORMS = {
    "shipping": [
        "shipping",
        "cbv:BizStep-shipping",
        "urn:epcglobal:cbv:bizstep:shipping",
        "https://ref.gs1.org/cbv/BizStep-shipping",
    ],
    "receiving": ["receiving", "https://ns.gs1.org/cbv/BizStep-receiving"],
}
PATTERNS = ["urn:epc:idpat:sgtin:4012345.011111.*", "urn:epc:idpat:sgtin:4012345.*.*", "urn:epc:idpat:sgtin:*.*.*",
            "urn:epc:idpat:sscc:4012345.*", "https://id.gs1.org/01/04012345111118/21/*",
            "https://id.gs1.org/01/04012345222227", "urn:epc:class:lgtin:4012345.011111.*",
            "urn:epc:class:lgtin:*.*.*", "https://example.com/01/04012345111118/10/*",
            "urn:epc:idpat:giai:4012345.*"]  # fmt: skip
OWN_NAMES = ["x:a", "x:b", "oth:a", "x:c_d"]
PLACES = ["", "INNER_", "ILMD_", "INNER_ILMD_", "ERROR_DECLARATION_", "INNER_ERROR_DECLARATION_", "SENSORELEMENT_",
          "INNER_SENSORELEMENT_", "SENSORMETADATA_", "INNER_SENSORMETADATA_", "SENSORREPORT_", "INNER_SENSORREPORT_",
          "readPoint_", "INNER_readPoint_", "bizLocation_", "INNER_bizLocation_"]  # fmt: skip

Make = Callable[[Random], Any]


def among(values: list[str], most: int = 2) -> Make:
    """A list of some of the values, as the asker would write them."""
    return lambda draw: [asked(draw, each) for each in draw.sample(values, draw.randrange(1, most + 1))]


def asked(draw: Random, value: str) -> str:
    """The same in another form; the asker's prefix is another than the events'."""
    if value.startswith("ex:"):
        return draw.choice(["x:" + value[3:], c.EX + value[3:]])
    return draw.choice(FORMS.get(value, [value]))


def numbers(draw: Random) -> list[Any]:
    return draw.sample(c.AMOUNTS, 2)


def number(draw: Random) -> Any:
    return draw.choice([*c.AMOUNTS, 5, Decimal("12345678901234567.885")])


def yes(draw: Random) -> Any:
    return draw.choice([None, True, 1])


EVENT_IDS = [f"urn:uuid:00000000-0000-4000-8000-{n:012}" for n in range(0, 300, 7)]
MATCHES = among(c.ITEMS + PATTERNS, 2)
CLASS_MATCHES = among(c.CLASSES + PATTERNS, 2)

NAMED: dict[str, Make] = {
    "eventType": among(["ObjectEvent", "AggregationEvent", "TransformationEvent"]),
    **dict.fromkeys(
        [f"{op}_{field}" for op in ("GE", "LT") for field in
         ("eventTime", "errorDeclaration_Time", "time", "startTime", "endTime")], c.instant),
    "GE_recordTime": lambda draw: f"2025-10-02T08:00:{draw.randrange(1, 8):02}Z",
    "LT_recordTime": lambda draw: f"2025-10-02T08:00:{draw.randrange(1, 8):02}.0000001Z",
    "EQ_action": among(["ADD", "OBSERVE", "DELETE"]),
    "EQ_bizStep": among(c.STEPS),
    "EQ_disposition": among(c.DISPOSITIONS),
    "EQ_persistentDisposition_set": among(c.DISPOSITIONS),
    "EQ_persistentDisposition_unset": among(c.DISPOSITIONS),
    "EQ_quantity": numbers,
    **dict.fromkeys([f"{op}_{field}" for op in ("GT", "GE", "LT", "LE") for field in ("quantity", "percRank")], number),
    **dict.fromkeys([f"{op}_{field}" for op in ("EQ", "WD") for field in ("readPoint", "bizLocation")], among(c.SITES)),
    "EQ_transformationID": among(c.PAPERS),
    **dict.fromkeys(["MATCH_epc", "MATCH_parentID", "MATCH_inputEPC", "MATCH_outputEPC", "MATCH_anyEPC"], MATCHES),
    **dict.fromkeys(
        ["MATCH_epcClass", "MATCH_inputEPCClass", "MATCH_outputEPCClass", "MATCH_anyEPCClass"], CLASS_MATCHES),
    "EQ_eventID": lambda draw: draw.sample(EVENT_IDS, 9),
    "EXISTS_errorDeclaration": yes,
    "EXISTS_sensorElementList": yes,
    "EQ_errorReason": among(c.REASONS),
    "EQ_correctiveEventID": among(c.PAPERS),
    "EQ_type": among(["Temperature", "Mass", "ex:Hardness"]),
    "EQ_deviceID": among(c.DEVICES),
    **dict.fromkeys(
        [f"EQ_{name}" for name in ("dataProcessingMethod", "microorganism", "chemicalSubstance", "bizRules")],
        among(c.PAPERS)),
    "EQ_stringValue": among(c.TEXTS[:-1]),
    "EQ_booleanValue": lambda draw: draw.choice([True, False]),
    "EQ_hexBinaryValue": among(["0FB7", "AA"]),
    "EQ_uriValue": among(c.PARTIES),
}  # fmt: skip
"""Parameters with one name each, but those that order and count."""


def own_value(op: str) -> Make:
    """What a field of somebody's own may be compared with."""

    def make(draw: Random) -> Any:
        if op == "EXISTS":
            return yes(draw)
        if op == "EQ" and draw.random() < 0.5:
            return [asked(draw, each) for each in draw.sample([*c.TEXTS, "10", "0.5", "true"], 2)]
        return number(draw) if draw.random() < 0.6 else draw.choice(["2026-01-05T00:00:00Z", c.instant(draw)])

    return make


def families() -> dict[str, Make]:
    """A few members of every family, by template."""
    found: dict[str, Make] = {
        "EQ_bizTransaction_po": among(c.PAPERS),
        "EQ_bizTransaction_x:order": among(c.PAPERS),
        "EQ_source_owning_party": among(c.PARTIES),
        "EQ_source_location": among(c.PARTIES),
        "EQ_destination_possessing_party": among(c.PARTIES),
        "HASATTR_readPoint": among(["parent", "time_zone", "none"]),
        "HASATTR_bizLocation": among(["parent", "country"]),
        "EQATTR_readPoint_country": among(["PK", "US"]),
        "EQ_ATTR_bizLocation_country": among(["PK", "US"]),
        "EQATTR_bizLocation_latitude": lambda draw: Decimal("30.50"),
        "EQATTR_source_name": among(["One", "Two"]),
    }
    for op in ("EQ", "GT", "GE", "LT", "LE"):
        for unit in ("KGM", "TNE", "LBR", "C62"):
            found[f"{op}_quantity_{unit}"] = numbers if op == "EQ" else number
        for unit in ("CEL", "FAH", "KEL", "P1", "XYZ"):
            found[f"{op}_value_{unit}"] = numbers if op == "EQ" else number
            if op != "EQ":
                for name in ("minValue", "maxValue", "meanValue", "sDev", "percValue"):
                    found[f"{op}_{name}_{unit}"] = number
    for place in PLACES:
        ops = ["EQ"] if "readPoint" in place or "bizLocation" in place else ["EQ", "GT", "GE", "LT", "LE"]
        if len(ops) > 1 and not place.startswith("INNER_SENSOR"):
            ops.append("EXISTS")
        for op in ops:
            for name in OWN_NAMES:
                found[f"{op}_{place}{name}"] = own_value(op)
    found["EQ_ILMD_cbvmda:lotNumber"] = own_value("EQ")
    return found


FAMILIES = families()
EVERY = {**NAMED, **FAMILIES}


def query(draw: Random, most: int = 3) -> dict[str, Any]:
    """A query of one to ``most`` parameters."""
    names = [
        draw.choice([*NAMED]) if draw.random() < 0.5 else draw.choice([*FAMILIES])
        for _ in range(draw.randrange(1, most + 1))
    ]
    return {name: EVERY[name](draw) for name in names}
