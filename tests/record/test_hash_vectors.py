"""The published vectors of the CBV 2.0 event hash, and JSON twins of those that are published as XML only."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lodeline.record.context import Context
from lodeline.record.hash import hash_id, ignored_fields, prehash
from tests.outside import CASES, needs_cases

VECTORS = CASES / "epcis" / "hash-vectors"
HEADER = "repository-x:ignoreFields"
STEMS = sorted(path.stem for path in VECTORS.glob("*.jsonld"))

_decoder = msgspec.json.Decoder(float_hook=Decimal)


def document(path: Path) -> dict[str, Any]:
    decoded: dict[str, Any] = _decoder.decode(path.read_bytes())
    return decoded


def events(of: dict[str, Any]) -> list[dict[str, Any]]:
    body = of["epcisBody"]
    found: list[dict[str, Any]] = (
        body["eventList"] if "eventList" in body else body["queryResults"]["resultsBody"]["eventList"]
    )
    return found


def lines(stem: str, ending: str) -> list[str]:
    return [line for line in (VECTORS / f"{stem}.{ending}").read_text().splitlines() if line]


@needs_cases
@pytest.mark.cases
def test_every_vector_that_is_published_as_json_is_here():
    assert len(STEMS) == 7


@needs_cases
@pytest.mark.cases
@pytest.mark.parametrize("stem", STEMS)
def test_canonical_string_and_hash_are_the_published_ones(stem):
    given_document = document(VECTORS / f"{stem}.jsonld")
    context = Context.parse(given_document["@context"])
    ignore = ignored_fields(given_document, context, HEADER)
    given = events(given_document)

    assert [prehash(event, context, ignore=ignore) for event in given] == lines(stem, "prehashes")
    assert [hash_id(event, context, ignore=ignore) for event in given] == lines(stem, "hashes")


@needs_cases
@pytest.mark.cases
@pytest.mark.parametrize("stem", ["epcisDocHavingEventWithIgnoreFields", "epcisQueryDocHavingEventWithIgnoreFields"])
def test_a_private_header_hides_nothing_unless_asked(stem):
    given_document = document(VECTORS / f"{stem}.jsonld")
    context = Context.parse(given_document["@context"])
    marked, plain = events(given_document)

    assert "{https://repository-x.example.com/}hash=" in prehash(marked, context)
    assert [prehash(plain, context)] == lines(stem, "prehashes")[1:]


TRANSFORMATION = {
    "type": "TransformationEvent",
    "eventTime": "2019-09-10T08:40:21.3142715Z",
    "eventTimeZoneOffset": "+02:00",
    "bizStep": "repairing",
    "disposition": "damaged",
}


def repaired(inputs: list[str], outputs: list[str]) -> dict[str, Any]:
    item = "urn:epc:id:sgtin:4047111.012345."
    return TRANSFORMATION | {"inputEPCList": [item + n for n in inputs], "outputEPCList": [item + n for n in outputs]}


@needs_cases
@pytest.mark.cases
def test_json_twin_of_two_transformations_with_seven_decimals_of_a_second():
    twins = [repaired(["2222", "1111"], ["3333"]), repaired(["1111"], ["3333", "2222"])]

    assert [prehash(twin, Context.EMPTY) for twin in twins] == lines(
        "epcisDocWith2DifferentTransformationEvents", "prehashes"
    )


@needs_cases
@pytest.mark.cases
def test_json_twin_of_nested_extensions():
    context = Context.parse({"c4l": "https://circ4life.eecc.info/epcis"})
    half = Decimal("0.50")
    twin = repaired(["1111", "2222"], ["3333"]) | {
        "eventTime": "2022-02-16T08:40:21.3142715Z",
        "c4l:lifeTime": "P3Y",
        "c4l:wasteList": {
            "c4l:wasteElement": {
                "c4l:waste": "http://circ4life.eecc.info/material/plastics",
                "c4l:amount": {"c4l:uom": "KGM", "c4l:quantity": half},
                "c4l:sink": "http://circ4life.eecc.info/sink/landfill",
            }
        },
        "c4l:resourceList": {
            "c4l:resourceElement": [
                {
                    "c4l:resource": "https://w3id.org/saref#Electricity",
                    "c4l:amount": {"c4l:quantity": half, "c4l:uom": "WHR"},
                    "c4l:source": "http://semanco02.hs-albsig.de/repository/ontology-releases/eu/semanco/ontology/"
                    "SEMANCO/SEMANCO.owl#Not-Renewable_Energy_Source",
                }
            ],
            "c4l:quantityElement": {
                "uom": "KGM",
                "quantity": half,
                "epcClass": "http://circ4life.eecc.info/material/copper",
            },
            "c4l:epc": "https://circ4life.eecc.info/recycling/bin/obj/1234567890119051400001112345",
        },
    }

    assert [prehash(twin, context)] == lines("epcisDocWithTransformationEventWithMultipleExtensions", "prehashes")


@needs_cases
@pytest.mark.cases
def test_json_twin_of_extensions_at_every_extension_point():
    """The XML binds no prefix gs1, so its ``gs1:Angle`` stays; in JSON GS1's context always binds it."""
    context = Context.parse([{"a": "https://ns.ext1.de/epcis/"}, {"b": "https://ns.ext2.de/epcis/"}])

    def angle(component: str, value: str, **more: str) -> dict[str, Any]:
        return {
            "type": "Angle",
            "value": Decimal(value),
            "component": component,
            "uom": "DD",
            "coordinateReferenceSystem": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            **{name.replace("_", ":"): text for name, text in more.items()},
        }

    twin = {
        "type": "ObjectEvent",
        "eventTime": "2023-01-11T12:00:00+01:00",
        "eventTimeZoneOffset": "+01:00",
        "epcList": ["urn:epc:id:sgtin:4012345.099999.XYZ-1234"],
        "action": "OBSERVE",
        "bizStep": "receiving",
        "disposition": "in_progress",
        "readPoint": {
            "a:readPointField": "readPointText",
            "a:readPointField2": "readPointText2",
            "id": "urn:epc:id:sgln:4012345.00011.0",
        },
        "bizLocation": {"id": "urn:epc:id:sgln:4012345.00011.0", "a:bizLocationField": "bizLocationText"},
        "sensorElementList": [
            {
                "sensorReport": [
                    angle("latitude", "42.698334", b_secondSensorReportField="secondSensorReportText"),
                    angle("longitude", "23.319941"),
                ],
                "b:secondSensorElementField": "secondSensorElementText",
            },
            {
                "a:someSensorElementField": "sensorElementText",
                "sensorMetadata": {
                    "bizRules": "https://example.com/253/4012345000054987",
                    "time": "2023-01-11T12:05:00+01:00",
                    "a:someFurtherMetadata": "metadataText",
                    "a:someFurtherMetadata2": "metadataText2",
                },
                "sensorReport": [
                    {
                        "type": "Dimensionless",
                        "exception": "ALARM_CONDITION",
                        "a:someFurtherReportData": "reportText",
                    }
                ],
            },
        ],
    }
    published = lines("epcisDocHavingTooManyUserExtensions", "prehashes")

    assert [prehash(twin, context)] == [line.replace("=gs1:", "=https://gs1.org/voc/") for line in published]


@needs_cases
@pytest.mark.cases
def test_json_twin_of_the_xml_header_that_names_fields_to_ignore():
    context = Context.parse(
        {"example": "https://ns.example.com/epcis/", "repository-x": "https://repository-x.example.com/"}
    )
    header = {HEADER: ["example:testField1", "https://ns.example.com/epcis/testField2"]}
    common = {
        "type": "ObjectEvent",
        "eventTime": "2024-06-08T10:58:56.591+02:00",
        "recordTime": "2024-06-08T15:38:32.052+02:00",
        "eventTimeZoneOffset": "+02:00",
        "epcList": [],
        "action": "ADD",
        "bizStep": "commissioning",
        "readPoint": {"id": "urn:epc:id:sgln:4054738.00005.0"},
        "quantityList": [{"epcClass": "urn:epc:class:lgtin:4054739.099961.2015-03-30a", "quantity": 150, "uom": "KGM"}],
    }
    twins = [
        common | {"example:testField1": "1234", "example:testField4": "ABCD"},
        common | {"example:testField2": "1234", "example:testField3": "PQRS"},
    ]
    ignore = ignored_fields(header, context, HEADER)

    assert [hash_id(twin, context, ignore=ignore) for twin in twins] == lines(
        "epcisXmlDocHavingEventWithIgnoreFields", "hashes"
    )


@needs_cases
@pytest.mark.cases
def test_gs1_hashed_its_example_without_the_comment():
    """Computed with a draft: identifiers as written, other addresses for words, the type after what it types."""
    example = document(CASES / "epcis" / "gs1-json" / "Example_9.6.1-with-comment.jsonld")
    event = events(example)[0]
    ours = prehash(event, Context.parse(example["@context"]))
    draft = (
        ours.replace("https://ref.gs1.org/cbv/BizStep-", "https://ns.gs1.org/voc/Bizstep-")
        .replace("https://ref.gs1.org/cbv/", "https://ns.gs1.org/voc/")
        .replace("https://id.gs1.org/01/10614141073464/21/", "urn:epc:id:sgtin:0614141.107346.")
        .replace("https://id.gs1.org/414/0614141073467/254/", "urn:epc:id:sgln:0614141.07346.")
        .replace(
            "type=https://ns.gs1.org/voc/BTT-pobizTransaction=http://transaction.acme.com/po/12345678",
            "bizTransaction=http://transaction.acme.com/po/12345678type=https://ns.gs1.org/voc/BTT-po",
        )
    )

    assert "rdfs:comment" in event
    assert event["eventID"] == f"ni:///sha-256;{sha256(draft.encode()).hexdigest()}?ver=CBV2.0"


COMMISSIONED = {
    "type": "ObjectEvent",
    "eventTime": "2019-10-21T14:58:56.000+02:00",
    "eventTimeZoneOffset": "+02:00",
    "action": "ADD",
    "bizStep": "commissioning",
}
CRATE = COMMISSIONED | {"epcList": ["urn:epc:id:sscc:5200001.0111111146"]}
LOT = COMMISSIONED | {
    "readPoint": {"id": "urn:epc:id:sgln:4054739.00001.0"},
    "quantityList": [{"epcClass": "urn:epc:class:lgtin:4054739.099914.20160711", "quantity": 600, "uom": "KGM"}],
    "ilmd": {"cbvmda:bestBeforeDate": "2019-10-21"},
}
ORDER = {
    "type": "TransactionEvent",
    "eventTime": "2019-10-21T00:05:00-06:00",
    "eventTimeZoneOffset": "-06:00",
    "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:4012345123456:RE100099"}],
    "epcList": ["urn:epc:id:sgtin:0614141.107340.1", "urn:epc:id:sgtin:0614141.107340.2"],
    "action": "ADD",
    "bizStep": "shipping",
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00000.5"},
    "bizLocation": {"id": "urn:epc:id:sgln:4012345.00000.0"},
}


@pytest.mark.parametrize(
    "alike",
    [
        pytest.param([LOT, LOT | {"epcList": []}], id="ignoreEmptyEpcList"),
        pytest.param(
            [
                CRATE | {"eventTime": f"2019-10-21T14:58:56{fraction}+02:00"}
                for fraction in (".000000", ".000", ".0", "")
            ],
            id="timestampPrecision",
        ),
        pytest.param(
            [
                CRATE | {"eventTime": "2019-10-21T03:58:56+02:00"},
                CRATE | {"eventTime": "2019-10-21T01:58:56.000Z"},
            ],
            id="timestampTimeZone2",
        ),
        pytest.param(
            [ORDER, dict(reversed((ORDER | {"epcList": ORDER["epcList"][::-1]}).items()))],
            id="differentRepresentationsOfTransactionEvent",
        ),
    ],
)
def test_json_twins_of_the_xml_files_whose_events_must_hash_alike(alike):
    hashes = {hash_id(event, Context.EMPTY) for event in alike}

    assert len(hashes) == 1
    assert hashes != {hash_id(alike[0] | {"action": "OBSERVE"}, Context.EMPTY)}
