"""What is refused says where, what is wrong, and what to write instead; what is allowed stays silent."""

import copy
from decimal import Decimal
from pathlib import Path

import pytest

from lodeline.errors import RecordError
from lodeline.record import limits
from lodeline.record.codec import decode
from lodeline.record.validate import document_problems, problems, require_valid, require_valid_document
from lodeline.record.validation.documents import DOCUMENT_FIELDS
from lodeline.record.validation.events import ANY_EVENT_FIELDS, EVENT_FIELDS
from lodeline.record.validation.formats import instant_us

GS1 = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
EVENT = {
    "type": "ObjectEvent",
    "eventID": "urn:uuid:7ae4e1a4-9a34-4b5a-8f0c-0c2f3a1b5d6e",
    "eventTime": "2025-10-02T09:00:00+05:00",
    "eventTimeZoneOffset": "+05:00",
    "action": "ADD",
    "bizStep": "commissioning",
    "disposition": "active",
    "persistentDisposition": {"set": ["conformant"]},
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00005.0"},
    "quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.012345.1", "quantity": Decimal("1.5"), "uom": "TNE"}],
    "bizTransactionList": [{"type": "bol", "bizTransaction": "urn:epcglobal:cbv:bt:4012345000006:1"}],
    "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:4012345.00000"}],
    "ilmd": {"lode:deposit": "urn:x:d"},
    "lode:anything": {"goes": ["here", None, 1]},
    "sensorElementList": [
        {"sensorReport": [{"type": "Mass", "value": 1500, "uom": "KGM", "booleanValue": True, "hexBinaryValue": "f0"}]}
    ],
    "errorDeclaration": {"declarationTime": "2025-10-03T09:00:00Z", "reason": "incorrect_data"},
}
TRANSFORMATION = {
    "type": "TransformationEvent",
    "eventTime": "2025-10-02T09:00:00+05:00",
    "eventTimeZoneOffset": "+05:00",
    "inputQuantityList": [{"epcClass": "urn:x:in"}],
    "outputQuantityList": [{"epcClass": "urn:x:out"}],
}
DOCUMENT = {
    "@context": GS1,
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2025-10-02T09:00:00Z",
    "epcisBody": {"eventList": []},
}


def changed(**members):
    """The valid event with other members; None as value leaves a member out."""
    event = copy.deepcopy(EVENT) | members
    return {name: value for name, value in event.items() if value is not None}


def only(event, *, bare=False):
    found = problems(event, bare=bare, index=7)
    assert len(found) == 1, found
    assert found[0].event == 7
    return found[0]


def test_a_valid_event_has_no_problems():
    assert problems(EVENT, bare=False, index=0) == []
    assert problems(TRANSFORMATION, bare=False, index=0) == []
    assert document_problems(DOCUMENT) == []
    require_valid(EVENT, bare=False, index=0)
    require_valid_document(DOCUMENT)


@pytest.mark.parametrize(
    ("change", "code", "field", "said"),
    [
        ({"eventTime": None}, "record.field_missing", "$.eventTime", "write a time"),
        ({"eventTime": "2025-10-02T09:00:00"}, "record.not_time", "$.eventTime", '"2025-10-02T09:00:00+05:00"'),
        ({"eventTime": "2025-10-02 09:00:00Z"}, "record.not_time", "$.eventTime", '"2025-10-02T09:00:00Z"'),
        ({"eventTime": "22-07-2026"}, "record.not_time", "$.eventTime", "write it like"),
        ({"eventTime": 5}, "record.wrong_type", "$.eventTime", "write a time"),
        ({"eventTimeZoneOffset": "Z"}, "record.not_offset", "$.eventTimeZoneOffset", '"+00:00"'),
        ({"eventTimeZoneOffset": "+15:00"}, "record.not_offset", "$.eventTimeZoneOffset", "14:00"),
        ({"eventID": "17"}, "record.not_uri", "$.eventID", "begin with a scheme"),
        ({"eventID": "urn:x:a b"}, "record.not_uri", "$.eventID", 'write " " percent-encoded'),
        ({"eventID": "urn:x:[1]"}, "record.not_uri", "$.eventID", "brackets"),
        ({"action": "CREATE"}, "record.unknown_word", "$.action", "write one of ADD, DELETE, OBSERVE"),
        ({"bizStep": "comissioning"}, "record.unknown_word", "$.bizStep", 'did you mean "commissioning"?'),
        ({"bizStep": "crushing stone"}, "record.unknown_word", "$.bizStep", '"lode:crushing"'),
        (
            {"bizStep": "urn:epcglobal:cbv:bizstep:shipping"},
            "record.word_form",
            "$.bizStep",
            'write "shipping"',
        ),
        ({"disposition": "http://ns.gs1.org/cbv/Disp-x"}, "record.word_form", "$.disposition", "bare words"),
        ({"persistentDisposition": {}}, "record.disposition_empty", "$.persistentDisposition", '"unset"'),
        ({"persistentDisposition": {"set": []}}, "record.list_empty", "$.persistentDisposition.set", "leave"),
        (
            {"persistentDisposition": {"set": ["active", "active"]}},
            "record.list_repeats",
            "$.persistentDisposition.set[1]",
            "keep one",
        ),
        ({"epcList": ["urn:x:1", "urn:x:2", "urn:x:1"]}, "record.list_repeats", "$.epcList[2]", "urn:x:1"),
        ({"epcList": "urn:x:1"}, "record.wrong_type", "$.epcList", "square brackets"),
        ({"quantityList": [], "sensorElementList": None}, "record.no_object", "$", "epcList"),
        (
            {"quantityList": [{"epcClass": "urn:x:1", "quantity": "1.50"}]},
            "record.wrong_type",
            "$.quantityList[0].quantity",
            "write 1.50 without quotation marks",
        ),
        (
            {"quantityList": [{"epcClass": "urn:x:1", "uom": "kg"}]},
            "record.not_uom",
            "$.quantityList[0].uom",
            '"KGM"',
        ),
        (
            {"quantityList": [{"epcClass": "urn:x:1", "weight": 5}]},
            "record.field_unknown",
            "$.quantityList[0].weight",
            "leave it out",
        ),
        ({"ilmd": {"materialType": "soil"}}, "record.field_unknown", "$.ilmd.materialType", "lode:materialType"),
        ({"action": "OBSERVE"}, "record.ilmd_action", "$.ilmd", 'write "ADD"'),
        ({"batch no": 1}, "record.field_unknown", '$["batch no"]', '"lode:batchno"'),
        ({"sensorElementList": [{"sensorReport": []}]}, "record.list_empty", "$.sensorElementList[0].sensorReport", ""),
        (
            {"sensorElementList": [{"sensorReport": [{"type": "Mass", "hexBinaryValue": "xy"}]}]},
            "record.not_hex",
            "$.sensorElementList[0].sensorReport[0].hexBinaryValue",
            "0-9 and A-F",
        ),
        (
            {"sensorElementList": [{"sensorReport": [{"type": "Mass", "booleanValue": 1}]}]},
            "record.wrong_type",
            "$.sensorElementList[0].sensorReport[0].booleanValue",
            "true or false",
        ),
        ({"@context": [GS1, GS1]}, "record.list_repeats", "$.@context", "keep one"),
        ({"@context": [["nested"]]}, "record.wrong_type", "$.@context[0]", "a URI or an object"),
        ({"certificationInfo": 5}, "record.wrong_type", "$.certificationInfo", "a URI or a list of URIs"),
        ({"certificationInfo": ["x"]}, "record.not_uri", "$.certificationInfo[0]", "scheme"),
        ({"quantityList": [{"epcClass": "urn:x:1", "quantity": 1.5}]}, "record.wrong_type", None, "Decimal"),
    ],
)
def test_each_problem_says_where_it_is_and_what_to_write(change, code, field, said):
    problem = only(changed(**change))

    assert problem.code == code
    assert field is None or problem.field == field
    assert said in problem.sentence


def test_a_misspelt_field_is_told_once_as_missing_and_once_as_unknown():
    event = changed(eventTime=None, eventtime="2025-10-02T09:00:00Z")

    missing, unknown = problems(event, bare=False, index=0)

    assert (missing.code, unknown.code) == ("record.field_missing", "record.field_unknown")
    assert '"eventtime" may be meant' in missing.sentence
    assert 'did you mean "eventTime"?' in unknown.sentence


def test_every_problem_of_an_event_is_collected_and_the_first_is_raised():
    event = changed(action="CREATE", bizStep="mining", eventTime="yesterday", colour="red")

    found = problems(event, bare=False, index=3)
    with pytest.raises(RecordError) as caught:
        require_valid(event, bare=False, index=3)

    assert sorted(problem.field for problem in found) == ["$.action", "$.bizStep", "$.colour", "$.eventTime"]
    assert caught.value.code == found[0].code
    assert caught.value.where == {"event": 3, "field": found[0].field, "more": 3}


def test_the_number_of_problems_told_is_bounded():
    event = changed(epcList=["no uri"] * 100_000)

    assert len(problems(event, bare=False, index=0)) == limits.MAX_PROBLEMS


def test_a_bare_event_needs_its_own_context_and_one_in_a_document_does_not():
    problem = only(EVENT, bare=True)

    assert (problem.code, problem.field) == ("record.context_missing", "$.@context")
    assert GS1 in problem.sentence
    assert problems(changed(**{"@context": GS1}), bare=True, index=0) == []


def test_an_event_type_of_another_house_is_a_uri_and_a_misspelt_one_is_refused():
    assert problems(changed(type="lode:CrushingEvent", whatever=1), bare=False, index=0) == []

    problem = only(changed(type="ObjektEvent"))
    assert (problem.code, problem.field) == ("record.event_type", "$.type")
    assert 'did you mean "ObjectEvent"?' in problem.sentence


@pytest.mark.parametrize("value", [None, [], "ObjectEvent", 5])
def test_what_is_no_object_is_no_event_and_no_document(value):
    assert only(value).code == "record.wrong_type"
    assert only(value, bare=True).code == "record.wrong_type"
    assert document_problems(value)[0].code == "record.wrong_type"


@pytest.mark.parametrize(
    ("lists", "valid"),
    [
        ({}, True),
        ({"outputQuantityList": []}, False),
        ({"inputQuantityList": []}, False),
        ({"inputQuantityList": [], "transformationID": "urn:x:t"}, True),
        ({"inputQuantityList": [], "outputQuantityList": [], "transformationID": "urn:x:t"}, False),
        ({"inputQuantityList": [], "inputEPCList": ["urn:x:1"]}, True),
    ],
)
def test_a_transformation_has_inputs_and_outputs_or_a_name_under_which_others_give_them(lists, valid):
    found = problems(TRANSFORMATION | lists, bare=False, index=0)

    assert [problem.code for problem in found] == ([] if valid else ["record.no_object"])


@pytest.mark.parametrize("kind", ["AggregationEvent", "AssociationEvent"])
def test_children_are_named_unless_all_of_them_are_taken_away(kind):
    event = {
        "type": kind,
        "eventTime": "2025-10-02T09:00:00Z",
        "eventTimeZoneOffset": "+00:00",
        "parentID": "urn:x:p",
        "action": "ADD",
    }

    assert only(event).code == "record.no_object"
    assert problems(event | {"action": "DELETE"}, bare=False, index=0) == []
    assert problems(event | {"childEPCs": ["urn:x:1"]}, bare=False, index=0) == []


def test_a_transaction_names_its_objects_unless_all_are_taken_away():
    event = {
        "type": "TransactionEvent",
        "eventTime": "2025-10-02T09:00:00Z",
        "eventTimeZoneOffset": "+00:00",
        "bizTransactionList": [{"bizTransaction": "urn:x:b"}],
        "action": "ADD",
    }

    assert only(event).code == "record.no_object"
    assert problems(event | {"action": "DELETE"}, bare=False, index=0) == []
    assert problems(event | {"epcList": []}, bare=False, index=0) == []


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"schemaVersion": "two"}, "record.not_version", "$.schemaVersion"),
        ({"schemaVersion": 2}, "record.wrong_type", "$.schemaVersion"),
        ({"type": "EPCISDokument"}, "record.document_type", "$.type"),
        ({"type": 5}, "record.document_type", "$.type"),
        ({"epcisBody": {}}, "record.field_missing", "$.epcisBody.eventList"),
        ({"epcisBody": {"eventList": {}}}, "record.wrong_type", "$.epcisBody.eventList"),
        ({"author": "me"}, "record.field_unknown", "$.author"),
        (
            {"epcisHeader": {"epcisMasterData": {"vocabularyList": [{"type": "x"}]}}},
            "record.not_uri",
            "$.epcisHeader.epcisMasterData.vocabularyList[0].type",
        ),
    ],
)
def test_each_problem_of_a_document_names_its_place(change, code, field):
    found = document_problems(DOCUMENT | change)

    assert [(problem.code, problem.field, problem.event) for problem in found] == [(code, field, None)]
    with pytest.raises(RecordError) as caught:
        require_valid_document(DOCUMENT | change)
    assert caught.value.where == {"field": field}


def test_problems_of_events_within_a_whole_document_name_the_event():
    document = DOCUMENT | {"epcisBody": {"eventList": [EVENT, changed(action="NONE")]}}

    assert [(problem.event, problem.field) for problem in document_problems(document)] == [(1, "$.action")]


def test_a_document_without_context_is_told_to_write_one():
    found = document_problems({name: value for name, value in DOCUMENT.items() if name != "@context"})

    assert [problem.code for problem in found] == ["record.context_missing"]


def test_hostile_text_is_written_out_and_cut_in_a_sentence():
    problem = only(changed(bizStep="\x1b[31m\u202e" + "x" * 1_000_000))

    assert "\x1b" not in problem.sentence
    assert "\u202e" not in problem.sentence
    assert "1,000,006 characters" in problem.sentence
    assert len(problem.sentence) < 400


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T05:00:00+05:00", 0),
        ("1969-12-31T23:59:59.9999999Z", -1),
        ("2025-10-02T09:00:00.1234569+05:00", 1_759_377_600_123_456),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000_000),
        ("0000-03-01t00:00:00z", -62_162_035_200_000_000),
        ("9999-12-31T23:59:59.999999-23:59", 253_402_387_139_999_999),
    ],
)
def test_an_instant_is_counted_in_microseconds_and_rounded_down(text, microseconds):
    """By hand: 719,528 days from the year 0 to 1970; 60 days of January and February of a leap year."""
    assert instant_us(text) == microseconds


def test_numbers_are_what_the_codec_gives():
    raw = b'{"epcClass": "urn:x:1", "quantity": 1.50}'

    assert problems(changed(quantityList=[decode(raw)]), bare=False, index=0) == []


PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "epcis.md"


def rows(tables):
    """The rows of the page's table of fields, one column for each of ``tables``."""
    names = dict.fromkeys(field.name for fields in tables.values() for field in fields)
    for name in names:
        found = [next((field for field in fields if field.name == name), None) for fields in tables.values()]
        says = {field.kind.says for field in found if field is not None}
        cells = ["-" if field is None else "must" if field.required else "may" for field in found]
        yield " | ".join([f"| `{name}`", says.pop(), *cells]) + " |"
        assert not says


@pytest.mark.parametrize("tables", [{"every event": ANY_EVENT_FIELDS}, EVENT_FIELDS, DOCUMENT_FIELDS])
def test_the_documentation_lists_the_fields_as_the_checks_have_them(tables):
    page = PAGE.read_text()

    assert [row for row in rows(tables) if row not in page] == []


def test_the_documentation_states_the_limits_as_they_are():
    page = PAGE.read_text()

    for stated in (
        f"| {limits.MAX_EVENT_BYTES:,} bytes |",
        f"| {limits.MAX_ENVELOPE_BYTES:,} bytes |",
        f"| {limits.MAX_STRING_CHARACTERS:,} characters |",
        f"| {limits.MAX_NESTING} |",
        f"| {limits.MIN_EXPONENT} to {limits.MAX_EXPONENT},",
        f"| {limits.MAX_DIGITS}, and {limits.MAX_EXPONENT + 1} of them",
        f"| {limits.MAX_PROBLEMS} |",
    ):
        assert stated in page
