"""Events in XML say what their twins in JSON say; worked by hand."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from lodeline.errors import RecordError
from lodeline.record.context import Context
from lodeline.record.document import spool
from lodeline.record.hash import hash_id
from lodeline.record.stored import event_of, json_of, text_of
from lodeline.record.validate import problems
from lodeline.record.xml.prepare import prepare_xml
from tests.record.xml_texts import HEAD, MORE, WHAT, WHEN, document, extension, object_event, of_12, read


def test_a_plain_event_is_its_twin():
    event, context = read(
        document(
            object_event(
                extra="<bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>"
                "<disposition>https://ref.gs1.org/cbv/Disp-in_transit</disposition>"
                "<readPoint><id> urn:epc:id:sgln:4012345.00011.0\n</id><ex:dock>7</ex:dock></readPoint>"
                '<bizTransactionList><bizTransaction type="urn:epcglobal:cbv:btt:bol">urn:x:1</bizTransaction>'
                "<bizTransaction>urn:x:2</bizTransaction></bizTransactionList>"
                "<quantityList><quantityElement><epcClass>urn:x:lot</epcClass><quantity>12.50</quantity><uom>KGM</uom>"
                "</quantityElement></quantityList><ex:seal>PK 0815</ex:seal>"
            )
        )
    )[0]

    assert event == {
        "type": "ObjectEvent",
        "eventTime": "2025-10-02T09:00:00Z",
        "eventTimeZoneOffset": "+05:00",
        "epcList": ["urn:epc:id:sscc:4012345.1112223334"],
        "action": "OBSERVE",
        "bizStep": "shipping",
        "disposition": "in_transit",
        "readPoint": {"id": "urn:epc:id:sgln:4012345.00011.0", "ex:dock": "7"},
        "bizTransactionList": [{"type": "bol", "bizTransaction": "urn:x:1"}, {"bizTransaction": "urn:x:2"}],
        "quantityList": [{"epcClass": "urn:x:lot", "quantity": Decimal("12.50"), "uom": "KGM"}],
        "ex:seal": "PK 0815",
    }
    assert context.prefixes["ex"] == "https://ns.example.org/"


def test_what_version_1_2_nests_stands_flat():
    event, _ = read(
        of_12(
            f"<ObjectEvent>{WHEN}<baseExtension><eventID>urn:x:1</eventID><errorDeclaration>"
            "<declarationTime>2025-10-03T09:00:00Z</declarationTime>"
            "<reason>urn:epcglobal:cbv:er:incorrect_data</reason>"
            "<correctiveEventIDs><correctiveEventID>urn:x:2</correctiveEventID></correctiveEventIDs>"
            f"</errorDeclaration></baseExtension>{WHAT.replace('OBSERVE', 'ADD')}"
            "<extension><quantityList><quantityElement><epcClass>urn:x:lot</epcClass></quantityElement></quantityList>"
            '<sourceList><source type="urn:epcglobal:cbv:sdt:owning_party">urn:x:a</source></sourceList>'
            '<ilmd><cbvmda:lotNumber xmlns:cbvmda="urn:epcglobal:cbv:mda">7</cbvmda:lotNumber></ilmd></extension>'
            "<ex:seal>8</ex:seal></ObjectEvent>"
        )
    )[0]

    assert event["eventID"] == "urn:x:1"
    assert event["errorDeclaration"] == {
        "declarationTime": "2025-10-03T09:00:00Z",
        "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:x:2"],
    }
    assert event["quantityList"] == [{"epcClass": "urn:x:lot"}]
    assert event["sourceList"] == [{"type": "owning_party", "source": "urn:x:a"}]
    assert event["ilmd"] == {"cbvmda:lotNumber": "7"}
    assert event["ex:seal"] == "8"
    assert problems(event, bare=False, index=0) == []


def test_a_transformation_of_version_1_2_stands_in_an_extension_of_the_list():
    transformation = (
        f"<TransformationEvent>{WHEN}<inputEPCList><epc>urn:x:a</epc></inputEPCList>"
        "<outputEPCList><epc>urn:x:b</epc></outputEPCList></TransformationEvent>"
    )
    with spool(io.BytesIO(of_12(f"<extension>{transformation}</extension>{object_event()}"))) as found:
        found.require_valid()
        kinds = [event_of(raw, found.context)[0]["type"] for raw in found.events()]
    with spool(io.BytesIO(of_12(transformation))) as wrong, pytest.raises(RecordError) as refusal:
        wrong.require_valid()

    assert kinds == ["TransformationEvent", "ObjectEvent"]
    assert refusal.value.code == "record.xml_unexpected"
    assert "into <extension>" in refusal.value.sentence


def test_a_quantity_event_is_refused_since_it_does_not_say_its_action():
    text = of_12(f"<QuantityEvent>{WHEN}<epcClass>urn:x:a</epcClass><quantity>3</quantity></QuantityEvent>")

    with pytest.raises(RecordError) as refusal:
        read(text)
    assert refusal.value.code == "record.xml_quantity_event"


def test_master_data_of_lots_hash_alike_with_and_without_the_colon():
    """GS1's XML documents bind ``urn:epcglobal:cbv:mda``, JSON-LD ``urn:epcglobal:cbv:mda:``."""

    def of(namespace: str) -> str:
        ilmd = f'<ilmd><m:lotNumber xmlns:m="{namespace}">7</m:lotNumber></ilmd>'
        return hash_id(*read(document(object_event(extra=ilmd)))[0])

    twin = read(document(object_event()))[0][0] | {"ilmd": {"cbvmda:lotNumber": "7"}}

    assert of("urn:epcglobal:cbv:mda") == of("urn:epcglobal:cbv:mda:") == hash_id(twin, Context.EMPTY)


@pytest.mark.parametrize(
    ("element", "says"),
    [
        ("<ex:a>text</ex:a>", "text"),
        ("<ex:a>  text\n </ex:a>", "text"),
        ('<ex:a xml:space="preserve">  text </ex:a>', "  text "),
        ("<ex:a/>", ""),
        ("<ex:a></ex:a>", ""),
        ("<ex:a>007</ex:a>", "007"),
        ("<ex:a>1<![CDATA[<&]]>2<!-- no -->3<?no thing?>4</ex:a>", "1<&234"),
        ("<ex:a>&lt;&amp;&#x41;&#10;&gt;</ex:a>", "<&A\n>"),
        ('<ex:a xsi:type="xsd:integer">10</ex:a>', 10),
        ('<ex:a xsi:type="xsd:decimal">+10.50</ex:a>', Decimal("10.50")),
        ('<ex:a xsi:type="xsd:double">1.5E1</ex:a>', Decimal("1.5E1")),
        ('<ex:a xsi:type="xsd:boolean"> 1 </ex:a>', True),
        ('<ex:a xsi:type="xsd:dateTime">2025-10-02T09:00:00Z</ex:a>', "2025-10-02T09:00:00Z"),
        ('<ex:a xsi:nil="true"/>', None),
        ('<ex:a xsi:nil="true" ex:b="1"/>', {"ex:b": "1", "@value": None}),
        ('<ex:a ex:b="1" c="2"/>', {"ex:b": "1", "c": "2"}),
        ('<ex:a c="2">text</ex:a>', {"c": "2", "@value": "text"}),
        ('<ex:a xml:lang="de">Erz</ex:a>', {"@language": "de", "@value": "Erz"}),
        ("<ex:a><ex:b>1</ex:b><c>2</c></ex:a>", {"ex:b": "1", "c": "2"}),
        ("<ex:a><b>1</b><c>2</c><b>3</b><b><d/></b></ex:a>", {"b": ["1", "3", {"d": ""}], "c": "2"}),
    ],
)
def test_an_element_of_somebodys_own_says(element, says):
    assert extension(element) == says
    assert type(extension(element)) is type(says)


@pytest.mark.parametrize("empty", ["<ilmd/>", "<ilmd> <!-- none --></ilmd>", "<persistentDisposition/>"])
def test_an_element_of_the_standard_that_holds_nothing_says_nothing(empty):
    raw, plain = document(object_event(extra=empty)), document(object_event())

    (event, context), (same, _) = read(raw)[0], read(plain)[0]
    assert event == same
    assert problems(event, bare=False, index=0) == []
    assert hash_id(event, context) == hash_id(same, context)


def test_repeated_elements_are_a_list():
    event, _ = read(document(object_event(extra="<ex:a>1</ex:a><ex:b>2</ex:b><ex:a>3</ex:a>")))[0]

    assert (event["ex:a"], event["ex:b"]) == (["1", "3"], "2")


@pytest.mark.parametrize(
    ("written", "more"),
    [
        ('<q:a xmlns:q="https://ns.example.org/"><q:b>1</q:b></q:a>', MORE),
        ('<a xmlns="https://ns.example.org/"><b>1</b></a>', MORE),
        ('<ex:a><o:b xmlns:o="https://ns.example.org/">1</o:b></ex:a>', MORE),
        ('<_p:a xmlns:_p="https://ns.example.org/"><_p:b>1</_p:b></_p:a>', ""),
        ('<é:a xmlns:é="https://ns.example.org/"><é:b>1</é:b></é:a>', ""),
    ],
)
def test_a_prefix_is_only_a_way_of_writing(written, more):
    """One namespace under two prefixes, a default namespace, and prefixes that JSON cannot write as a URI."""
    plain = read(document(object_event(extra="<ex:a><ex:b>1</ex:b></ex:a>")))[0]
    other = read(document(object_event(extra=written), more=more))[0]

    assert hash_id(*other) == hash_id(*plain)
    assert problems(other[0], bare=False, index=0) == []


def test_a_prefix_that_means_two_things_in_one_event_makes_two_names():
    event, context = read(
        document(object_event(extra='<ex:a>1</ex:a><ex:a xmlns:ex="https://other.example.org/">2</ex:a>'))
    )[0]
    names = {context.qualified(name): value for name, value in event.items() if ":" in name}

    assert names == {"{https://ns.example.org/}a": "1", "{https://other.example.org/}a": "2"}


def test_a_name_without_a_namespace_is_not_taken_for_a_prefix_of_that_name():
    event, context = read(document(object_event(extra="<ex:a><ex>1</ex></ex:a>")))[0]
    (name,) = [name for name in event if ":" in name]

    assert event[name] == {"ex": "1"}
    assert context.qualified("ex") == "ex"
    assert context.qualified(name) == "{https://ns.example.org/}a"


def test_letters_beyond_ascii_in_a_name_are_percent_encoded():
    event, _ = read(document(object_event(extra="<ex:größe>1</ex:größe>")))[0]

    assert event["ex:gr%C3%B6%C3%9Fe"] == "1"
    assert problems(event, bare=False, index=0) == []


def test_sensor_attributes_are_typed():
    event, _ = read(
        document(
            object_event(
                extra="<sensorElementList><sensorElement>"
                '<sensorMetadata time="2025-10-02T09:00:00Z" deviceID="urn:x:1" ex:own="a"/>'
                '<sensorReport type="gs1:Mass" value="26.0" uom="KGM" sDev="0.10" booleanValue="1" stringValue=" a "'
                ' component="cbv:Comp-x" exception="gs1:ALARM_CONDITION" ex:own="1.0"/>'
                '<sensorReport type="ex:own" percRank="50"/>'
                "<ex:more><ex:b>1</ex:b></ex:more></sensorElement></sensorElementList>"
            )
        )
    )[0]

    assert event["sensorElementList"] == [
        {
            "sensorMetadata": {"time": "2025-10-02T09:00:00Z", "deviceID": "urn:x:1", "ex:own": "a"},
            "sensorReport": [
                {
                    "type": "Mass",
                    "value": Decimal("26.0"),
                    "uom": "KGM",
                    "sDev": Decimal("0.10"),
                    "booleanValue": True,
                    "stringValue": " a ",
                    "component": "x",
                    "exception": "ALARM_CONDITION",
                    "ex:own": "1.0",
                },
                {"type": "ex:own", "percRank": 50},
            ],
            "ex:more": {"ex:b": "1"},
        }
    ]


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ("<ex:a>text<ex:b/></ex:a>", "record.xml_mixed"),
        ('<ex:a xsi:type="xsd:integer">x</ex:a>', "record.xml_value"),
        ('<ex:a xsi:type="xsd:boolean">x</ex:a>', "record.xml_value"),
        ("<bizStep>urn:x:a</bizStep><bizStep>urn:x:b</bizStep>", "record.xml_unexpected"),
        ("<epcis:own>1</epcis:own>", "record.xml_unexpected"),
        ('<ilmd own="1"/>', "record.xml_unexpected"),
        ('<errorDeclaration reason="urn:x:a"/>', "record.xml_unexpected"),
        ("<readPoint>text<id>urn:x:a</id></readPoint>", "record.xml_unexpected"),
        ("<sensorElementList><sensorElement><sensorReport>text</sensorReport></sensorElement></sensorElementList>",
         "record.xml_unexpected"),
        ('<sensorElementList><sensorElement><sensorReport type="gs1:Mass" value="NaN"/></sensorElement>'
         "</sensorElementList>", "record.xml_value"),
        ('<sensorElementList><sensorElement><sensorReport type="gs1:Mass" value="1E999"/></sensorElement>'
         "</sensorElementList>", "record.number_exponent"),
    ],
)  # fmt: skip
def test_what_json_cannot_say_is_refused_and_not_dropped(extra, code):
    with pytest.raises(RecordError) as refusal:
        read(document(object_event(extra=extra)))
    assert refusal.value.code == code


def _prepare(text: bytes) -> None:
    with spool(io.BytesIO(text)) as found:
        found.require_valid()
        for index, raw in enumerate(found.events()):
            try:
                prepare_xml(raw, found.context, index=index)
            except RecordError as error:
                raise found.placed(error) from error


def _refusal(text: bytes) -> RecordError:
    with pytest.raises(RecordError) as refusal:
        _prepare(text)
    return refusal.value


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("<action>OBSERVE</action>", "<action>OBSERVED</action>", "record.xml_value", "ADD, OBSERVE or DELETE"),
        ("<action>OBSERVE</action>", "", "record.xml_missing", "write <action> in it"),
        ("<action>OBSERVE</action>", "<acton>OBSERVE</acton>", "record.xml_unexpected", "did you mean <action>"),
        ("<epcList>", "text<epcList>", "record.xml_text", '"text"'),
        ("<epcList>", '<epcList nmae="a">', "record.xml_attribute", "nmae"),
        ("<ObjectEvent>", "<ObjectEvnt>", "record.xml_event", "did you mean <ObjectEvent>"),
    ],
)
def test_the_refusal_says_path_line_and_what_to_write(old, new, code, says):
    event = object_event().replace("><", ">\n<").replace(old, new)
    if "Evnt" in new:
        event = event.replace("</ObjectEvent>", "</ObjectEvnt>")
    refusal = _refusal(document(f"\n{object_event()}\n{event}\n"))

    assert refusal.code == code
    assert says in refusal.sentence
    assert refusal.where["event"] == 1
    assert refusal.where["field"].startswith("/Object")
    assert 3 <= refusal.where["line"] <= 9


@pytest.mark.parametrize(
    ("extra", "code", "field"),
    [
        ("<ilmd><ex:a>1</ex:a></ilmd>", "record.ilmd_action", "$.ilmd"),
        ("<bizStep>relative</bizStep>", "record.unknown_word", "$.bizStep"),
        ("<quantityList><quantityElement><epcClass>urn:x:a</epcClass><quantity>1</quantity><uom>kilos</uom>"
         "</quantityElement></quantityList>", "record.not_uom", "$.quantityList[0].uom"),
        ("<sensorElementList><sensorElement><sensorReport/></sensorElement></sensorElementList>",
         "record.field_missing", "$.sensorElementList[0].sensorReport[0].type"),
    ],
)  # fmt: skip
def test_what_the_schema_of_xml_allows_and_that_of_json_does_not_is_refused(extra, code, field):
    refusal = _refusal(document(object_event(extra=extra)))

    assert (refusal.code, refusal.where["field"]) == (code, field)


def test_an_event_stands_alone_in_any_way_of_qualifying_its_names():
    plain = f"<ObjectEvent>{WHEN}{WHAT}</ObjectEvent>".encode()
    qualified = plain.replace(b"</", b"</e:").replace(b"<", b"<e:").replace(b"<e:/e:", b"</e:")
    qualified = qualified.replace(b"<e:ObjectEvent>", b'<e:ObjectEvent xmlns:e="urn:epcglobal:epcis:xsd:2">')
    with spool(io.BytesIO(plain)) as one, spool(io.BytesIO(qualified)) as other:
        assert one.bare
        assert other.bare
        assert (one.kind, one.count, one.envelope) == ("ObjectEvent", 1, b"")
        assert list(one.events()) == [plain]
        assert prepare_xml(plain, one.context, index=0).hash_id == hash_id(*event_of(qualified, other.context))


def test_the_json_of_an_event_in_xml_says_the_same_to_who_reads_only_json():
    from lodeline.record.codec import decode

    with spool(io.BytesIO(document(object_event(extra='<ex:a xsi:type="xsd:decimal">1.50</ex:a>')))) as found:
        raw = next(found.events())
        text, context = json_of(raw, found.context)
        assert context is not None
        assert hash_id(decode(text), Context.parse(decode(context))) == hash_id(*event_of(raw, found.context))
        assert text_of(raw, found.context).encode() == raw
        assert json_of(b'{"a":1}', None) == (b'{"a":1}', None)
    assert HEAD in document("").decode()


def test_an_event_that_stands_alone_is_judged_however_its_names_are_qualified():
    event = f'<e:ObjectEvent xmlns:e="urn:epcglobal:epcis:xsd:2">{WHEN}{WHAT}</e:ObjectEvent>'
    refusal = _refusal(event.replace("<action>OBSERVE</action>", "").encode())

    _prepare(event.encode())
    assert (refusal.code, refusal.where["field"]) == ("record.xml_missing", "/ObjectEvent")
    assert "no event of GS1's" in _refusal(document(event)).sentence


def test_a_query_document_of_version_1_2_is_read():
    text = (
        '<q:EPCISQueryDocument xmlns:q="urn:epcglobal:epcis-query:xsd:1" schemaVersion="1.2" '
        'creationDate="2025-10-02T09:00:00Z"><EPCISBody><q:QueryResults><queryName>a</queryName><resultsBody>'
        f"<EventList>{object_event()}</EventList></resultsBody></q:QueryResults></EPCISBody></q:EPCISQueryDocument>"
    ).encode()

    _prepare(text)
    assert read(text)[0][0]["action"] == "OBSERVE"


def test_names_that_are_qualified_where_the_schema_has_them_bare_are_told_so():
    """A default namespace instead of a prefix: the commonest mistake."""
    text = document(object_event()).replace(b"epcis:EPCISDocument", b"EPCISDocument").replace(b"xmlns:epcis", b"xmlns")
    refusal = _refusal(text)

    assert (refusal.code, refusal.where["field"]) == ("record.xml_unexpected", "/EPCISDocument/EPCISBody")
    assert "another namespace" in refusal.sentence


def test_an_attribute_is_not_taken_for_the_field_of_its_name():
    text = document(object_event().replace("<ObjectEvent>", '<ObjectEvent bizStep="shipping">'))

    assert _refusal(text).code == "record.xml_unexpected"
    assert (
        read(document(object_event().replace("<ObjectEvent>", '<ObjectEvent ex:bizStep="1">')))[0][0]["ex:bizStep"]
        == "1"
    )


def test_names_of_epcis_itself_within_an_extension_are_names_as_any():
    for event in (object_event(extra="<ex:a><epcis:b>1</epcis:b></ex:a>"),):
        value, context = read(document(event))[0]
        (inner,) = value["ex:a"]

        assert context.qualified(inner) == "{urn:epcglobal:epcis:xsd:2}b"
        _prepare(document(event))
