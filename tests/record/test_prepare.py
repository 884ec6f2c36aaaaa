"""Preparing an event: its exact bytes, its name, and terms that do not depend on how it was written."""

import io
import json
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.errors import RecordError
from lodeline.record.codec import decode, encode
from lodeline.record.context import Context
from lodeline.record.document import spool
from lodeline.record.hash import hash_id
from lodeline.record.prepare import prepare
from lodeline.record.validation.documents import DOCUMENTS
from lodeline.record.validation.events import EVENT
from tests.outside import needs_cases
from tests.record import epcis_cases

CONTEXT = Context.parse({"lode": "https://lodeline.org/epcis/1/", "place": "https://id.gs1.org/414/"})
EVENT_TEXT = b"""{ "type": "ObjectEvent", "eventID": "urn:uuid:1", "eventTime": "2025-10-02T09:00:00.1234567+05:00",
 "eventTimeZoneOffset": "+05:00", "action": "ADD", "bizStep": "commissioning", "disposition": "cbv:Disp-active",
 "readPoint": {"id": "place:9521141123452"}, "bizLocation": {"id": "urn:epc:id:sgln:952114.112345.0"},
 "epcList": ["urn:epc:id:sgtin:4012345.011111.987", "https://example.org/01/04012345111118/21/987"],
 "quantityList": [{"epcClass": "urn:x:lot", "quantity": 1.50, "uom": "TNE"}],
 "lode:note": {"rdfs:comment": "kept  \\u00e9xactly", "number": 0.10} }"""


def prepared(raw, *, context=CONTEXT, bare=False, index=0):
    return prepare(raw, context, bare=bare, index=index)


def test_an_event_by_hand():
    got = prepared(EVENT_TEXT)

    instant = datetime(2025, 10, 2, 4, 0, 0, 123456, tzinfo=UTC)
    assert got.raw is EVENT_TEXT
    assert got.hash_id == hash_id(decode(EVENT_TEXT), CONTEXT)
    assert (got.event_id, got.error_declaration, got.event_type) == ("urn:uuid:1", None, "ObjectEvent")
    assert got.event_time_us == (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert (got.action, got.biz_step) == ("ADD", "https://ref.gs1.org/cbv/BizStep-commissioning")
    assert got.disposition == "https://ref.gs1.org/cbv/Disp-active"
    assert got.read_point == "https://id.gs1.org/414/9521141123452"
    assert got.biz_location.startswith("https://id.gs1.org/414/")
    assert got.lots == (("https://id.gs1.org/01/04012345111118/21/987", "epc"), ("urn:x:lot", "quantity"))


def event(**members):
    base = {"type": "AggregationEvent", "eventTime": "2025-10-02T09:00:00Z", "eventTimeZoneOffset": "+00:00"}
    return encode(base | members)


def test_every_list_gives_its_lots_a_role():
    packed = event(action="ADD", parentID="urn:x:p", childEPCs=["urn:x:1"], childQuantityList=[{"epcClass": "urn:x:2"}])
    changed = event(
        type="TransformationEvent",
        inputEPCList=["urn:x:1"],
        inputQuantityList=[{"epcClass": "urn:x:2"}],
        outputEPCList=["urn:x:3"],
        outputQuantityList=[{"epcClass": "urn:x:4"}, {"epcClass": "urn:x:4", "quantity": 1}],
    )

    assert prepared(packed).lots == (("urn:x:p", "parent"), ("urn:x:1", "child"), ("urn:x:2", "child"))
    assert prepared(changed).lots == tuple(
        zip([f"urn:x:{n}" for n in "1234"], ["input"] * 2 + ["output"] * 2, strict=True)
    )


def test_what_an_event_does_not_say_is_none():
    got = prepared(event(action="DELETE"))

    assert (got.event_id, got.error_declaration, got.biz_step, got.disposition) == (None, None, None, None)
    assert (got.read_point, got.biz_location, got.lots) == (None, None, ())
    assert prepared(event(type="TransformationEvent", inputEPCList=["a:b"], outputEPCList=["a:b"])).action is None


def test_an_error_declaration_is_known_by_its_content_and_does_not_change_the_name():
    declaration = {"declarationTime": "2025-10-03T09:00:00Z", "reason": "incorrect_data", "lode:weight": Decimal("1.0")}
    plain = prepared(event(action="DELETE"))
    declared = prepared(event(action="DELETE", errorDeclaration=declaration))
    reordered = prepared(event(action="DELETE", errorDeclaration=dict(reversed(declaration.items()))))
    other = prepared(event(action="DELETE", errorDeclaration=declaration | {"reason": "did_not_occur"}))

    assert plain.hash_id == declared.hash_id == reordered.hash_id == other.hash_id
    assert declared.error_declaration == reordered.error_declaration
    assert len({plain.error_declaration, declared.error_declaration, other.error_declaration}) == 3
    assert len(declared.error_declaration) == 64


def test_the_context_of_an_event_lies_over_that_of_its_document():
    own = {"place": "https://id.gs1.org/417/"}
    over = prepared(event(action="DELETE", readPoint={"id": "place:9521141123452"}, **{"@context": own}))
    under = prepared(event(action="DELETE", readPoint={"id": "place:9521141123452"}))

    assert over.read_point == "https://id.gs1.org/417/9521141123452"
    assert under.read_point == "https://id.gs1.org/414/9521141123452"
    assert over.hash_id != under.hash_id


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"type": "ObjectEvent"', "record.json_truncated"),
        (b'{"type": "ObjectEvent", "type": 1}', "record.duplicate_name"),
        (b'{"type": "ObjectEvent"}', "record.field_missing"),
        (b"5", "record.wrong_type"),
        (event(action="DELETE", **{"@context": {"x": 5}}), "record.context_term"),
        (event(type="lode:Crushing", epcList=5), "record.wrong_type"),
        (event(type="lode:Crushing", readPoint={}), "record.field_missing"),
        (event(type="lode:Crushing", bizStep="crush"), "record.unknown_word"),
    ],
)
def test_every_refusal_names_the_event(raw, code):
    with pytest.raises(RecordError) as caught:
        prepared(raw, index=12)

    assert (caught.value.code, caught.value.where["event"]) == (code, 12)


def test_an_event_of_another_house_is_indexed_by_the_fields_it_shares():
    got = prepared(event(type="lode:Crushing", epcList=["urn:x:1"], crusher=[1, {"a": None}], bizStep="lode:crushing"))

    assert (got.event_type, got.lots) == ("lode:Crushing", (("urn:x:1", "epc"),))
    assert got.biz_step == "https://lodeline.org/epcis/1/crushing"


def test_a_bare_event_without_context_is_refused_and_with_one_is_not():
    with pytest.raises(RecordError) as caught:
        prepared(event(action="DELETE"), bare=True)
    assert caught.value.code == "record.context_missing"

    prepared(
        event(action="DELETE", **{"@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"}), bare=True
    )


extensions = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.decimals(-(10**9), 10**9, places=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('ab:é"\\ ', max_size=5), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=300)
@given(extensions, st.sampled_from(["lode:x", "rdfs:comment", "https://unknown.example/ns/x", "unbound:x"]))
def test_extensions_comments_and_unknown_namespaces_survive_with_every_digit(value, name):
    """Whatever stands in an extension: the bytes kept are the slice, and reading them again gives the same value."""
    raw = event(action="DELETE", **{name: value})
    document = b'{"type": "EPCISDocument", "epcisBody": {"eventList": [ ' + raw + b" ]}}"

    with spool(io.BytesIO(document)) as spooled:
        (slice_,) = spooled.events()

    kept = prepared(slice_).raw
    assert kept == raw
    assert decode(kept)[name] == value
    assert decode(encode(decode(kept))) == decode(kept)
    assert encode(decode(kept)) == raw


@needs_cases
@pytest.mark.cases
@pytest.mark.parametrize("path", [path for path in epcis_cases.documents() if "Queries" not in path.parts], ids=str)
def test_every_valid_event_of_the_cases_is_prepared_and_every_other_refused(path):
    with path.open("rb") as stream, spool(stream) as document:
        context = Context.EMPTY if document.context is None else Context.parse(decode(document.context))
        for index, raw in enumerate(document.events()):
            if EVENT.accepts(decode(raw)):
                got = prepared(raw, context=context, bare=document.bare, index=index)
                assert got.hash_id.startswith("ni:///sha-256;")
                assert len(got.lots) == len(set(got.lots))
            else:
                with pytest.raises(RecordError):
                    prepared(raw, context=context, bare=document.bare, index=index)


@needs_cases
@pytest.mark.cases
@pytest.mark.slow
def test_every_valid_mutant_is_prepared_or_refused_and_never_breaks_the_hash():
    """A sample of the mutants of every file, drawn with a fixed seed; only refusals may come out."""
    drawn, seen = random.Random(2), 0
    for path in epcis_cases.documents():
        tree = decode(path.read_bytes())
        body = tree.get("epcisBody", {"eventList": [tree]})
        events = body.get("eventList") or body["queryResults"]["resultsBody"]["eventList"]
        if tree.get("type") not in DOCUMENTS and not EVENT.accepts(tree):
            continue
        for single in events:
            for change in epcis_cases.spoil([single]):
                if drawn.random() < 0.15 and EVENT.accepts(single):
                    seen += 1
                    try:
                        prepared(json.dumps(single, default=float).encode(), context=CONTEXT)
                    except RecordError as refusal:
                        assert refusal.where["event"] == 0, change  # noqa: PT017
    assert seen > 1000
