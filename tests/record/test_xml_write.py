"""What is written is valid by GS1's schema, and read back it is what it was."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.errors import RecordError
from lodeline.record import metal
from lodeline.record.codec import decode, encode
from lodeline.record.context import Context
from lodeline.record.document import spool
from lodeline.record.hash import content, hash_id
from lodeline.record.stored import event_of
from lodeline.record.validate import problems
from lodeline.record.xml.judge import document_flaws
from lodeline.record.xml.tree import tree_of
from lodeline.record.xml.write import write_document, write_event, write_query_document
from tests.outside import needs_cases
from tests.record import epcis_cases, xml_mutants
from tests.record.test_metal_events import EVENTS

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CONTEXT = Context.parse({"ex": "https://ns.example.org/", "o": "urn:other:"})
PLAIN: dict[str, Any] = {
    "type": "ObjectEvent",
    "eventTime": "2025-10-02T09:00:00Z",
    "eventTimeZoneOffset": "+05:00",
    "epcList": ["urn:x:a"],
    "action": "ADD",
}


def written(*events: tuple[dict[str, Any], Context]) -> bytes:
    return b"".join(write_document(events, created=NOW))


def back(text: bytes) -> list[tuple[dict[str, Any], Context]]:
    with spool(io.BytesIO(text)) as document:
        document.require_valid()
        return [event_of(raw, document.context) for raw in document.events()]


def require_schema(text: bytes) -> None:
    from lxml import etree

    tree = etree.ElementTree(etree.fromstring(text, xml_mutants.parser()))
    assert xml_mutants.oracle(tree), xml_mutants.schema("EPCglobal-epcis-2_0.xsd").error_log


def published() -> list[tuple[str, dict[str, Any], Context]]:
    """Every valid event in the JSON documents of the cases."""
    found = []
    for path in epcis_cases.documents():
        text = decode(path.read_bytes(), limit=1 << 24)
        if text.get("type") not in ("EPCISDocument", "EPCISQueryDocument"):
            continue
        with path.open("rb") as stream, spool(stream) as document:
            for index, raw in enumerate(document.events()):
                event, context = event_of(raw, document.context)
                if not problems(event, bare=False, index=index):
                    found.append((f"{epcis_cases.name(path)} {index}", event, context))
    return found


@needs_cases
@pytest.mark.cases
def test_every_published_event_is_valid_in_xml_and_comes_back_as_it_was():
    events = published()
    for name, event, context in events:
        text = written((event, context))
        require_schema(text)
        ((again, names),) = back(text)
        assert problems(again, bare=False, index=0) == [], name
        assert hash_id(again, names) == hash_id(event, context), name
        assert content(again, names) == content(event, context), name
        assert again.get("errorDeclaration", {}).keys() == event.get("errorDeclaration", {}).keys(), name
    assert len(events) > 80


@needs_cases
@pytest.mark.cases
def test_all_published_events_make_one_document_and_one_query_document():
    events = [(event, context) for _, event, context in published()]
    document = written(*events)
    answer = b"".join(write_query_document(events, created=NOW, query_name="a & b", subscription_id="<1>"))
    for text in (document, answer):
        require_schema(text)
        assert [hash_id(*each) for each in back(text)] == [hash_id(*each) for each in events]


@needs_cases
@pytest.mark.cases
def test_our_own_metal_events_are_valid_in_xml():
    context = Context.parse(metal.CONTEXT)
    for name, event in EVENTS.items():
        exact = decode(encode(event))
        text = written((exact, context))
        require_schema(text)
        ((again, names),) = back(text)
        assert hash_id(again, names) == hash_id(exact, context), name
        assert content(again, names) == content(exact, context), name


_NAMES = st.sampled_from(["ex:a", "ex:b.c", "o:d-e", "ex:gr%C3%B6n", "a", "type", "id", "lode"])
_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=12
) | st.sampled_from(
    [" a ", "\n", "a\r\nb\tc", "<&>\"'", "]]>", "ex:word", "urn:epc:id:sscc:4012345.1112223334", "1.50", "true", ""]
)
_NUMBERS = (
    st.integers(-(10**30), 10**30)
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
    | st.sampled_from([Decimal("1E+5"), Decimal("1.50"), Decimal("-0.0"), Decimal("1E-30"), 0])
)
_VALUES: Any = st.recursive(
    _TEXTS | _NUMBERS | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner.filter(lambda value: not isinstance(value, list)), max_size=3)
        | st.dictionaries(_NAMES, inner, max_size=3)
    ),
    max_leaves=8,
)
_OWN = st.dictionaries(st.sampled_from(["ex:a", "ex:b.c", "o:d-e", "ex:gr%C3%B6n"]), _VALUES, max_size=3)


def _told(value: Any) -> Any:
    """What XML says in one way: a list of one is its element, an empty list and null nothing, {} an empty text."""
    if isinstance(value, dict):
        members = {name: told for name, each in value.items() if (told := _told(each)) is not None}
        return members or ""
    if isinstance(value, list):
        items = [each for each in map(_told, value) if each is not None]
        return None if not items else items[0] if len(items) == 1 else items
    return value


@settings(max_examples=300, deadline=None)
@given(own=_OWN, ilmd=_OWN, place=_OWN)
def test_whatever_an_event_says_of_its_own_comes_back(own, ilmd, place):
    event = decode(encode(PLAIN | own | {"ilmd": ilmd, "readPoint": {"id": "urn:x:p", **place}}))
    text = written((event, CONTEXT))
    assert document_flaws(tree_of(text)) == []
    ((again, names),) = back(text)

    assert hash_id(again, names) == hash_id(event, CONTEXT)
    for name, value in (*own.items(), *((name, event[name]) for name in PLAIN)):
        assert _told(again.get(_same(name, names))) == _told(value), name


def _same(name: str, names: Context) -> str:
    assert names.qualified(name) == CONTEXT.qualified(name)
    return name


def test_a_number_stays_a_number_and_a_text_a_text():
    ((again, _),) = back(written((PLAIN | {"ex:a": [1, Decimal("1.50"), "1.50", True, "true", None]}, CONTEXT)))

    assert again["ex:a"] == [1, Decimal("1.50"), "1.50", True, "true", None]
    assert [type(each) for each in again["ex:a"]] == [int, Decimal, str, bool, str, type(None)]


def test_every_field_of_the_standard_is_written_in_its_order():
    event = PLAIN | {
        "ilmd": {"cbvmda:lotNumber": "7", "ex:a": {"b": "c"}},
        "persistentDisposition": {"set": ["active"], "unset": ["inactive"]},
        "sensorElementList": [
            {
                "sensorMetadata": {"time": "2025-10-02T09:00:00z", "bizRules": "urn:x:r"},
                "sensorReport": [
                    {"type": "Mass", "value": Decimal("1.50"), "booleanValue": True, "stringValue": " a ", "ex:n": 2}
                ],
                "ex:more": 1,
            }
        ],
        "destinationList": [{"type": "location", "destination": "urn:x:d"}],
        "sourceList": [{"type": "location", "source": "urn:x:s"}],
        "quantityList": [{"epcClass": "urn:x:l", "uom": "KGM"}, {"epcClass": "urn:x:m", "quantity": Decimal("1E+3")}],
        "bizTransactionList": [{"type": "bol", "bizTransaction": "urn:x:b"}, {"bizTransaction": "urn:x:c"}],
        "bizLocation": {"id": "urn:x:q", "plain": "1", "ex:own": "2"},
        "readPoint": {"id": "urn:x:p"},
        "disposition": "in_transit",
        "bizStep": "ex:crushing",
        "certificationInfo": ["urn:x:cert"],
        "errorDeclaration": {"declarationTime": "2025-10-03t09:00:00Z", "reason": "did_not_occur", "ex:who": "me"},
        "eventID": "urn:x:1",
        "recordTime": "2025-10-02T09:00:01Z",
        "ex:last": "<&>",
    }
    text = written((event, CONTEXT))
    ((again, names),) = back(text)

    assert document_flaws(tree_of(text)) == []
    assert hash_id(again, names) == hash_id(event, CONTEXT)
    assert again["errorDeclaration"] == event["errorDeclaration"] | {"declarationTime": "2025-10-03T09:00:00Z"}
    assert again["certificationInfo"] == "urn:x:cert"
    assert again["quantityList"] == [{"epcClass": "urn:x:l", "uom": "KGM"}, {"epcClass": "urn:x:m", "quantity": 1000}]
    assert again["bizStep"] == "ex:crushing"
    assert json.loads(encode(again["ilmd"])) == {"cbvmda:lotNumber": "7", "ex:a": {"b": "c"}}


def test_one_event_stands_alone_and_binds_what_it_uses():
    text = write_event(PLAIN | {"ex:a": 1, "gs1:b": "c"}, CONTEXT)

    assert text.startswith(b"<ObjectEvent xmlns:xsi=")
    ((again, names),) = back(text)
    assert again["ex:a"] == 1
    assert hash_id(again, names) == hash_id(PLAIN | {"ex:a": 1, "gs1:b": "c"}, CONTEXT)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "ex:OwnEvent"}, "$.type"),
        ({"type": "TransactionEvent", "bizTransactionList": []}, "$.bizTransactionList"),
        ({"eventTime": "2016-12-31T23:59:60Z"}, "$.eventTime"),
        ({"certificationInfo": ["urn:x:a", "urn:x:b"]}, "$.certificationInfo"),
        ({"ex:a": [[1]]}, '$["ex:a"]'),
        ({"ex:a": "\x01"}, '$["ex:a"]'),
        ({"no:a": "1"}, '$["no:a"]'),
        ({"ex:1": "1"}, '$["ex:1"]'),
        ({"ex:a": {"@value": "1", "ex:b": {}}}, '$["ex:a"]["ex:b"]'),
        ({"sensorElementList": [{"sensorReport": [{"type": "Mass", "ex:a": {}}]}]}, None),
    ],
)
def test_what_xml_cannot_say_is_refused_by_its_field(change, field):
    with pytest.raises(RecordError) as refusal:
        written((PLAIN, CONTEXT), (PLAIN | change, CONTEXT))
    assert refusal.value.code == "record.xml_cannot_say"
    assert refusal.value.where["event"] == 1
    assert field is None or refusal.value.where["field"] == field


def test_a_context_within_the_event_counts_for_what_is_in_it():
    event = PLAIN | {
        "@context": {"p": "https://p.example.org/"},
        "p:a": {"@context": {"p": "https://q.example.org/"}, "p:b": "1"},
    }
    ((again, names),) = back(written((event, Context.EMPTY)))

    assert hash_id(again, names) == hash_id(event, Context.EMPTY)
