"""XML documents hash as their twins in JSON do, and as the published vectors say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lodeline.book import hash_events
from lodeline.record.document import spool
from lodeline.record.hash import hash_id, prehash
from lodeline.record.stored import event_of
from tests.outside import CASES, needs_cases

pytestmark = [needs_cases, pytest.mark.cases]
EPCIS = CASES / "epcis"
_MIRRORS = {"gs1-xml": "gs1-json", "XML": "JSON"}

NOT_TWINS = {
    "openepcis/Query/Queries/SimpleEventQuery": "a query and no events",
}

DIFFERENT: dict[str, tuple[list[int], str]] = {
    "gs1-xml/WithErrorDeclaration/ErrorDeclarationAndCorrectiveEvent": (
        [0, 1],
        "the input has a quantity in JSON and none in XML",
    ),
    "gs1-xml/WithFullCombinationOfFields/aggregation_event_all_possible_fields": (
        [0],
        "JSON has certificationInfo, and other extensions",
    ),
    "gs1-xml/WithFullCombinationOfFields/object_event_all_possible_fields": (
        [0],
        "JSON has certificationInfo, and other extensions",
    ),
    "gs1-xml/WithFullCombinationOfFields/transaction_event_all_possible_fields": (
        [0],
        "JSON has certificationInfo, and other extensions",
    ),
    "openepcis/Capture/Documents/SensorData_with_combined_events": (
        [7, 10],
        "EffectiveDoseRate and Molar_concentration are bare in JSON, and none of GS1's words",
    ),
    "openepcis/Capture/Documents/TransactionEvent_with_userExtensions": (
        [0],
        "EffectiveDoseRate is bare in JSON, and none of GS1's words",
    ),
    "openepcis/Capture/Events/TransactionEvent": ([0], "an empty element of XML is missing in JSON"),
    "openepcis/Query/Invalid/QueryDocument_with_invalid_action": ([0], "the two name different assets"),
    "openepcis/Query/Invalid/QueryDocument_with_invalid_eventType": ([0], "the two name different assets"),
    "openepcis/XML/Query/SensorData_with_combined_events": (
        [7, 10],
        "EffectiveDoseRate and Molar_concentration are bare in JSON, and none of GS1's words",
    ),
    "openepcis/XML/Query/TransactionEvent_with_userExtensions": (
        [0],
        "EffectiveDoseRate is bare in JSON, and none of GS1's words",
    ),
}
"""Every pair that does not hash alike: the indexes of its events, and why. docs/reference/xml.md tells the same."""


def pairs() -> Iterator[tuple[Path, Path]]:
    """Every XML file with the JSON file of its name, in the same folder or in that of its mirror."""
    for path in sorted(EPCIS.rglob("*.xml")):
        mirror = Path(*(_MIRRORS.get(part, part) for part in path.parts))
        for folder in dict.fromkeys((path.parent, mirror.parent)):
            for ending in (".json", ".jsonld"):
                twin = folder / (path.stem + ending)
                if twin.exists() and _name(path) not in NOT_TWINS:
                    yield path, twin


def _name(path: Path) -> str:
    return str(path.relative_to(EPCIS).with_suffix(""))


PAIRS = list(pairs())


def _canonical(path: Path) -> list[str]:
    with path.open("rb") as stream, spool(stream) as document:
        return [prehash(*event_of(raw, document.context)) for raw in document.events()]


def test_the_pairs_that_are_known_are_all_found():
    assert len(PAIRS) >= 37
    assert set(DIFFERENT) <= {_name(path) for path, _ in PAIRS}


@pytest.mark.parametrize(("path", "twin"), PAIRS, ids=[_name(path) for path, _ in PAIRS])
def test_the_twins_hash_alike_but_for_the_events_on_the_list(path: Path, twin: Path):
    one, other = _canonical(path), _canonical(twin)
    differing = [index for index, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]

    assert differing == DIFFERENT.get(_name(path), ([], ""))[0]


VECTORS = sorted((EPCIS / "hash-vectors").glob("*.xml"))


@pytest.mark.parametrize("path", VECTORS, ids=[path.stem for path in VECTORS])
def test_canonical_string_and_hash_of_a_vector_in_xml_are_the_published_ones(path: Path):
    got = list(hash_events(path, every_field=False))

    assert [event.canonical for event in got] == _lines(path.with_suffix(".prehashes"))
    assert [event.hash_id for event in got] == _lines(path.with_suffix(".hashes"))


def test_there_are_seven_vectors_in_xml():
    assert len(VECTORS) == 7


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line]


EQUAL = sorted((EPCIS / "hash-equal").glob("*.xml"))


@pytest.mark.parametrize("path", EQUAL, ids=[path.stem for path in EQUAL])
def test_the_events_of_one_file_that_say_the_same_hash_alike(path: Path):
    got = [event.hash_id for event in hash_events(path)]

    assert len(got) > 1
    assert len(set(got)) == 1


def test_gs1_calls_these_events_identical_and_so_do_we():
    """Three of GS1's seven files are here: shuffled lists and another prefix; all three hash alike."""
    files = sorted((EPCIS / "gs1-xml" / "WithEventHashID").glob("*.xml"))
    got = {event.hash_id for path in files for event in hash_events(path)}

    assert len(files) == 3
    assert len(got) == 1


def test_an_event_that_a_book_would_refuse_is_hashed_and_said_to_be_so():
    first = next(hash_events(EPCIS / "hash-equal" / "timestampPrecision.xml"))

    assert first.misplaced is not None
    assert "<action> in <ObjectEvent> may not stand here" in first.misplaced
    assert next(hash_events(EPCIS / "hash-vectors" / "ReferenceEventHashAlgorithm3.xml")).misplaced is None


def test_the_header_that_names_fields_to_ignore_is_obeyed_only_when_asked():
    path = EPCIS / "hash-vectors" / "epcisXmlDocHavingEventWithIgnoreFields.xml"
    asked, plain = next(hash_events(path, every_field=False)), next(hash_events(path))

    assert asked.ignored == {"{https://ns.example.com/epcis/}testField1", "{https://ns.example.com/epcis/}testField2"}
    assert plain.ignored == frozenset()
    assert asked.hash_id != plain.hash_id
    with path.open("rb") as stream, spool(stream) as document:
        event, context = event_of(next(document.events()), document.context)
        assert hash_id(event, context) == plain.hash_id
