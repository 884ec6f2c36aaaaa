"""Hostile XML: refused with a code, in bounded time and memory, and nothing is ever fetched."""

from __future__ import annotations

import io
import socket
import tracemalloc

import pytest

from lodeline.errors import RecordError
from lodeline.record import limits
from lodeline.record.document import spool
from lodeline.record.stored import event_of
from lodeline.record.xml.expat import MAX_ATTRIBUTES, MAX_DEPTH, MAX_PREFIXES
from lodeline.record.xml.inherited import Inherited
from tests.record.xml_texts import HEAD, MORE, document, object_event, read

PLAIN = document(object_event())
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


MANY = " ".join(f"a{n}=''" for n in range(MAX_ATTRIBUTES + 1))


def with_doctype(doctype: str, extra: str = "") -> bytes:
    return doctype.encode() + document(object_event(extra=extra))


HOSTILE = [
    (with_doctype('<!DOCTYPE x [<!ENTITY a "b">]>', "<ex:a>&a;</ex:a>"), "record.xml_doctype"),
    (with_doctype(f'<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]>', "<ex:a>&l9;</ex:a>"), "record.xml_doctype"),
    (with_doctype('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "<ex:a>&a;</ex:a>"), "record.xml_doctype"),
    (with_doctype('<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]>'), "record.xml_doctype"),
    (with_doctype('<!DOCTYPE x [<!ATTLIST ObjectEvent a CDATA "b">]>'), "record.xml_doctype"),
    (with_doctype('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'), "record.xml_doctype"),
    (with_doctype('<!DOCTYPE x PUBLIC "-//x" "http://127.0.0.1:9/x.dtd">'), "record.xml_doctype"),
    (document(object_event(extra="<ex:a>&a;</ex:a>")), "record.xml_entity"),
    (with_doctype("<!DOCTYPE x>", "<ex:a>&a;</ex:a>"), "record.xml_entity"),
    (
        document(object_event(extra='<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>')),
        "record.xml_include",
    ),
    (document(object_event(extra=f"<ex:a {MANY}/>")),
     "record.xml_attributes"),
    (document(object_event(extra="<ex:a>" * MAX_DEPTH + "</ex:a>" * MAX_DEPTH)), "record.nesting"),
    (document(object_event(extra="<ex:a>" * 100_000)), "record.nesting"),
    (document(object_event(extra="<no:a/>")), "record.xml_prefix"),
    (PLAIN.replace(b"</action>", b"</acton>"), "record.xml_syntax"),
    (document(object_event(extra='<ex:a b="1" b="2"/>')), "record.xml_syntax"),
    (document(object_event(extra="<ex:a>\x01</ex:a>")), "record.xml_syntax"),
    (document(object_event(extra="<ex:a>&#0;</ex:a>")), "record.xml_syntax"),
    (PLAIN + b"<more/>", "record.xml_syntax"),
    (PLAIN[:-30], "record.xml_truncated"),
    (b"<", "record.xml_truncated"),
    (b'<?xml version="1.1"?>' + PLAIN, "record.xml_version"),
    (b'<?xml version="1.0" encoding="Shift_JIS"?>' + PLAIN, "record.xml_encoding"),
    (b'<?xml version="1.0" encoding="UTF-8"?>' + PLAIN.replace(b"1112223334", b"\xff\xfe"), "record.xml_syntax"),
    (b"<html/>", "record.xml_root"),
    (b"<EPCISDocument/>", "record.xml_root"),
    (b'<e:EPCISCaptureJob xmlns:e="urn:epcglobal:epcis:xsd:2"/>', "record.xml_root"),
    (b'<e:EPCISMasterDataDocument xmlns:e="urn:epcglobal:epcis-masterdata:xsd:2"/>', "record.xml_root"),
    (b'<e:EPCISQueryDocument xmlns:e="urn:epcglobal:epcis-query:xsd:2"/>', "record.xml_root"),
]  # fmt: skip


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("nothing may be fetched")

    monkeypatch.setattr(socket, "socket", refused)


@pytest.mark.parametrize(("text", "code"), HOSTILE, ids=[f"{code}-{n}" for n, (_, code) in enumerate(HOSTILE)])
@pytest.mark.usefixtures("no_network")
def test_what_is_hostile_or_broken_is_refused_with_one_code(text, code):
    with pytest.raises(RecordError) as refusal:
        read(text)
    assert refusal.value.code == code


@pytest.mark.usefixtures("no_network")
def test_the_address_of_a_schema_is_never_followed():
    more = MORE + ' xsi:schemaLocation="urn:epcglobal:epcis:xsd:2 http://127.0.0.1:9/a.xsd"'

    assert len(read(document(object_event(), more=more))) == 1


def test_a_doctype_that_declares_nothing_is_harmless():
    """GS1's own examples have one."""
    assert read(with_doctype("<!DOCTYPE project>")) == read(PLAIN)


def test_a_refusal_names_the_line_it_is_about():
    with pytest.raises(RecordError) as refusal:
        read(document("\n\n" + object_event(extra="<ex:a>&a;</ex:a>")))
    assert refusal.value.where["line"] == 3


@pytest.mark.parametrize(
    "endless",
    [
        lambda piece: b"<ex:a>" + piece,
        lambda piece: b'<ex:a b="' + piece,
        lambda piece: b"<!-- " + piece,
        lambda piece: b"<" + piece,
    ],
    ids=["text", "attribute", "comment", "name"],
)
def test_what_does_not_end_is_refused_within_the_limits_of_an_event(endless):
    """Of 64 MB that never end no more is held than a few events of the largest size."""
    start = document(object_event()).partition(b"</ObjectEvent>")[0]
    size = 8 * limits.MAX_EVENT_BYTES

    class Endless(io.RawIOBase):
        left = size

        def read(self, wanted: int = -1) -> bytes:
            if self.left == size:
                self.left -= 1
                return start + endless(b"")
            given = min(wanted, self.left)
            self.left -= given
            return b"a" * given

    tracemalloc.start()
    try:
        with pytest.raises(RecordError) as refusal:
            spool(Endless())  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert refusal.value.code in ("record.too_large", "record.xml_truncated")
    assert peak < 4 * limits.MAX_EVENT_BYTES


def test_an_event_beyond_the_limit_is_refused_by_its_index():
    event = object_event(extra="<ex:a>" + "a" * 1000 + "</ex:a>")
    large = object_event(extra=("<ex:a>" + "a" * 1000 + "</ex:a>") * (limits.MAX_EVENT_BYTES // 1000))
    with pytest.raises(RecordError) as refusal:
        read(document(event + large))
    assert (refusal.value.code, refusal.value.where["event"]) == ("record.too_large", 1)


def test_memory_does_not_grow_with_the_document():
    """Ten times the events take at most what is remembered of each, here counted as forty bytes."""

    def peak(events: int) -> int:
        file = io.BytesIO(document("\n".join([object_event()] * events)))
        tracemalloc.start()
        with spool(file, small=1000) as found:
            assert sum(1 for _ in found.events()) == events
            reached = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return reached

    small, large = peak(1_000), peak(10_000)

    assert large - small < 9_000 * 40 + 200_000


ENCODED = '<ex:a ex:b="ß">é𝄞</ex:a>'


@pytest.mark.parametrize(
    ("declared", "encoding", "mark"),
    [
        ("", "utf-8", b""),
        ("", "utf-8", b"\xef\xbb\xbf"),
        ("UTF-8", "utf-8", b""),
        ("utf-16", "utf-16-le", b"\xff\xfe"),
        ("UTF-16", "utf-16-be", b"\xfe\xff"),
        ("ISO-8859-1", "latin-1", b""),
        ("US-ASCII", "ascii", b""),
    ],
)
@pytest.mark.parametrize("piece", [1, 7, 65536])
def test_every_encoding_that_may_be_declared_gives_the_same_events(declared, encoding, mark, piece):
    element = {"latin-1": ENCODED.replace("𝄞", "&#x1D11E;"), "ascii": "<ex:a ex:b='&#223;'>&#xe9;&#119070;</ex:a>"}
    events = f"\n<!-- é -->{object_event(extra=element.get(encoding, ENCODED))}\n {object_event()}<!--/>-->"
    if encoding == "ascii":
        events = events.replace("é", "e")
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = mark + (declaration + document(events).decode()).encode(encoding)
    with spool(io.BytesIO(text), piece=piece) as found:
        raws = list(found.events())
        found.require_valid()
        got = [event_of(raw, found.context)[0] for raw in raws]

    assert [raw in text for raw in raws] == [True, True]
    assert raws[1].decode(encoding) == object_event()
    assert got[0]["ex:a"] == {"ex:b": "ß", "@value": "é𝄞"}
    assert got[1] == read(PLAIN)[0][0]
    # Nothing but the events and the white space between them is left out.
    assert "<!--/>-->".encode(encoding) in found.envelope
    assert object_event().encode(encoding) not in found.envelope


@pytest.mark.parametrize(
    "event",
    [
        "<ObjectEvent/>",
        "<ObjectEvent a='/>'/>",
        "<ObjectEvent></ObjectEvent >",
        "<ObjectEvent>/></ObjectEvent\n\n>",
        "<ObjectEvent><epcList/></ObjectEvent>",
        "<ObjectEvent><!--/>--></ObjectEvent>",
        "<ObjectEvent><![CDATA[</ObjectEvent>]]></ObjectEvent>",
        "<ObjectEvent><?x />?></ObjectEvent>",
    ],
)
def test_an_element_is_cut_out_to_the_byte(event):
    with spool(io.BytesIO(document(event + "<ObjectEvent/>" + event))) as found:
        assert [raw.decode() for raw in found.events()] == [event, "<ObjectEvent/>", event]
        assert found.envelope == document("")


def test_a_prefix_bound_differently_around_two_events_is_refused():
    one = f'<extension xmlns:q="urn:x:a"><q:own>{object_event()}</q:own></extension>'
    with pytest.raises(RecordError) as refusal:
        read(document(one + one.replace("urn:x:a", "urn:x:b")))
    assert refusal.value.code == "record.xml_namespaces"
    assert len(read(document(one + one))) == 2


def test_a_context_that_is_not_ours_is_refused():
    with pytest.raises(RecordError) as refusal:
        event_of(b"<ObjectEvent/>", b'{"xml": "https://example.org/"}')
    assert refusal.value.code == "record.xml_context"
    with pytest.raises(RecordError) as two:
        event_of(b"<a/><b/>", Inherited("2.0", "utf-8", {}).to_bytes())
    assert two.value.code == "record.xml_syntax"
    assert HEAD.startswith("<epcis:")


def test_more_prefixes_than_anybody_uses_are_refused():
    more = MORE + "".join(f' xmlns:p{n}="urn:x:{n}"' for n in range(MAX_PREFIXES))
    with pytest.raises(RecordError) as refusal:
        read(document(object_event(), more=more))
    assert refusal.value.code == "record.xml_attributes"
    assert "256 prefixes" in refusal.value.sentence


def test_a_namespace_for_each_of_many_elements_costs_no_more_than_the_elements():
    """Each element remembers what it binds itself, and not all that is bound around it."""

    def peak(elements: int) -> int:
        own = "".join(f'<p:a xmlns:p="urn:x:{n}"/>' for n in range(elements))
        more = MORE + "".join(f' xmlns:q{n}="urn:y:{n}"' for n in range(MAX_PREFIXES - 10))
        text = document(object_event(extra=own), more=more)
        tracemalloc.start()
        event, _ = read(text)[0]
        reached = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(event) == 5 + elements
        return reached

    few, many = peak(500), peak(5_000)

    assert many - few < 4_500 * 4_000
