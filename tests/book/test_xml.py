"""A book takes XML as it takes JSON: the same names, the same proofs, and the exact bytes in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lodeline.book import create, hash_events, import_book
from lodeline.errors import LodelineError, RecordError
from lodeline.record import metal
from lodeline.record.codec import decode, encode
from lodeline.record.stored import text_of
from tests.postgres import cluster
from tests.record.test_metal_events import EVENTS
from tests.record.xml_texts import MORE, document, object_event, of_12

HEADER = (
    "<EPCISHeader><extension><EPCISMasterData><VocabularyList>"
    '<Vocabulary type="urn:epcglobal:epcis:vtype:BusinessLocation"><VocabularyElementList>'
    '<VocabularyElement id="urn:x:place"><attribute id="urn:x:name">Mill</attribute></VocabularyElement>'
    "</VocabularyElementList></Vocabulary></VocabularyList></EPCISMasterData></extension></EPCISHeader>"
)
EVENT = object_event(
    extra="<bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep><readPoint><id>urn:x:place</id></readPoint>"
    "<ex:seal>PK 0815</ex:seal><!-- said by hand -->"
)
DOCUMENT = document(f"\n  {EVENT}<!-- between -->\n").replace(b"<EPCISBody>", HEADER.encode() + b"<EPCISBody>")
TWIN = b"""{"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"e": "https://ns.example.org/"}],
"type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2025-10-02T09:00:00Z", "epcisBody": {"eventList": [
{"type": "ObjectEvent", "eventTime": "2025-10-02T14:00:00+05:00", "eventTimeZoneOffset": "+05:00", "action": "OBSERVE",
"epcList": ["urn:epc:id:sscc:4012345.1112223334"], "bizStep": "shipping", "readPoint": {"id": "urn:x:place"},
"e:seal": "PK 0815"}]}}"""


class Clock:
    """A second later each time."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def book(tmp_path: Path):
    with create(tmp_path / "book.db", title="t", by="a", clock=Clock()) as opened:
        yield opened


def test_the_exact_element_is_recorded_and_the_rest_of_the_document_beside_it(book):
    done = book.capture(DOCUMENT, by="a")
    (event,) = book.events()
    envelope = book.entry(event.seq - 1).raw

    assert (done.added, done.known, done.master_elements) == (1, 0, 1)
    assert event.raw == EVENT.encode()
    assert text_of(event.raw, event.context) == EVENT
    assert decode(event.context or b"")["xml"]["namespaces"]["ex"] == "https://ns.example.org/"
    assert envelope == DOCUMENT.replace(b"\n  " + EVENT.encode(), b"\n  ")
    assert b"Mill" in envelope
    assert b"<!-- between -->" in envelope
    assert book.verify(deep=True)
    book.rebuild()
    assert book.verify(deep=True)


@pytest.mark.parametrize(("first", "second"), [(DOCUMENT, TWIN), (TWIN, DOCUMENT), (DOCUMENT, DOCUMENT)])
def test_the_twin_of_a_recorded_event_is_known_already(book, first, second):
    assert book.capture(first, by="a").added == 1
    done = book.capture(second, by="a")

    assert (done.added, done.known) == (0, 1)
    assert [event.hash_id for event in hash_events(first)] == [event.hash_id for event in hash_events(second)]
    assert len(list(book.events(lot="urn:epc:id:sscc:4012345.1112223334"))) == 1


def test_the_view_reads_it_as_any_event(book):
    book.capture(DOCUMENT, by="a")
    (seen,) = book.view().events

    assert seen.event["bizStep"] == "shipping"
    assert seen.context.qualified(next(name for name in seen.event if ":" in name)) == "{https://ns.example.org/}seal"


@pytest.mark.parametrize("xml", [False, True])
def test_events_leave_in_either_form_with_their_hash_ids(book, tmp_path, xml):
    book.capture(DOCUMENT, by="a")
    book.capture(TWIN.replace(b"0815", b"0816"), by="a")
    path = tmp_path / "events"

    assert book.export_epcis(path, xml=xml) == 2
    assert [event.hash_id for event in hash_events(path)] == [event.hash_id for event in book.events()]
    assert all(event.misplaced is None for event in hash_events(path))
    assert book.capture(path, by="a").known == 2


def test_a_book_with_xml_moves_with_its_head(book, tmp_path):
    book.capture(DOCUMENT, by="a")
    book.export(tmp_path / "book.lodeline")
    with import_book(tmp_path / "book.lodeline", tmp_path / "copy.db") as copy:
        assert copy.head() == book.head()
        assert copy.verify(deep=True)
        assert [event.raw for event in copy.events()] == [EVENT.encode()]


def test_postgresql_takes_it_too():
    with cluster() as url, create(f"{url}&schema=xml", title="t", by="a", clock=Clock()) as book:
        assert book.capture(DOCUMENT, by="a").added == 1
        assert book.capture(TWIN, by="a").known == 1
        assert [event.raw for event in book.events()] == [EVENT.encode()]
        assert book.verify(deep=True)


def test_a_large_document_goes_through_the_workers_and_a_refusal_names_its_line(book):
    many = [EVENT.replace("PK 0815", f"PK {number}" + " and more" * 200) for number in range(2_500)]
    spoilt = many.copy()
    spoilt[2_000] = spoilt[2_000].replace("OBSERVE", "OBSERVED")
    with pytest.raises(RecordError) as refusal:
        book.capture(document("\n".join(spoilt)), by="a")
    assert refusal.value.code == "record.xml_value"
    assert (refusal.value.where["event"], refusal.value.where["line"]) == (2_000, 2_001)
    assert list(book.events()) == []

    done = book.capture(document("\n".join(spoilt)), by="a", proceed=True)
    assert (done.added, len(done.refused)) == (2_499, 1)
    assert done.refused[0].where["line"] == 2_001


def test_a_document_whose_surroundings_are_wrong_is_refused_whole(book):
    with pytest.raises(RecordError) as refusal:
        book.capture(document(EVENT, more=MORE + ' creationTime=""').replace(b'schemaVersion="2.0" ', b""), by="a")
    assert (refusal.value.code, refusal.value.where["field"]) == ("record.xml_attribute", "/EPCISDocument")
    assert list(book.events()) == []


def test_events_of_version_1_2_are_recorded_as_they_are_and_leave_as_2_0(book, tmp_path):
    event = EVENT.replace("<eventTimeZoneOffset>+05:00</eventTimeZoneOffset>",
                          "<eventTimeZoneOffset>+05:00</eventTimeZoneOffset>"
                          "<baseExtension><eventID>urn:x:1</eventID></baseExtension>")  # fmt: skip
    book.capture(of_12(event), by="a")
    (stored,) = book.events()
    book.export_epcis(tmp_path / "events.xml", xml=True)

    assert stored.raw == event.encode()
    assert stored.event_id == "urn:x:1"
    assert b"<baseExtension>" not in (tmp_path / "events.xml").read_bytes()
    assert [each.hash_id for each in hash_events(tmp_path / "events.xml")] == [stored.hash_id]


def test_a_document_in_utf_16_keeps_its_bytes(book):
    text = b"\xff\xfe" + ('<?xml version="1.0" encoding="UTF-16"?>' + DOCUMENT.decode()).encode("utf-16-le")
    book.capture(text, by="a")
    (event,) = book.events()

    assert event.raw == EVENT.encode("utf-16-le")
    assert text_of(event.raw, event.context) == EVENT
    assert book.capture(TWIN, by="a").known == 1


def test_an_error_declaration_in_xml_withdraws_the_event_that_came_in_json(book):
    book.capture(TWIN, by="a")
    declared = EVENT.replace(
        "<epcList>",
        "<errorDeclaration><declarationTime>2025-10-03T09:00:00Z</declarationTime></errorDeclaration><epcList>",
        1,
    )
    done = book.capture(document(declared), by="a")

    assert (done.added, done.known) == (1, 0)
    assert [event.withdrawn_by is not None for event in book.events()] == [True, False]


@pytest.mark.parametrize("name", ["EPCISMasterDataDocument", "EPCISCaptureJob"])
def test_a_document_without_events_is_refused_and_says_where_it_belongs(book, name):
    space = "urn:epcglobal:epcis-masterdata:xsd:2" if "Master" in name else "urn:epcglobal:epcis:xsd:2"
    with pytest.raises(LodelineError) as refusal:
        book.capture(f'<e:{name} xmlns:e="{space}"/>'.encode(), by="a")
    assert refusal.value.code == "record.xml_root"
    assert "document" in refusal.value.sentence


def test_metal_reads_alike_in_both_forms(tmp_path):
    """Our own terms keep their types: a reading below detection is one in XML too."""
    text = encode(
        {
            "@context": list(metal.CONTEXT),
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-03-01T00:00:00Z",
            "epcisBody": {"eventList": list(EVENTS.values())},
        }
    )
    with (
        create(tmp_path / "a.db", title="t", by="a", clock=Clock()) as one,
        create(tmp_path / "b.db", title="t", by="a", clock=Clock()) as other,
    ):
        one.capture(text, by="a")
        one.export_epcis(tmp_path / "events.xml", xml=True)
        other.capture(tmp_path / "events.xml", by="a")
        facts, again = one.view().facts, other.view().facts

        assert len(list(other.events())) == len(list(one.events())) > 20
        for name in ("lots", "weighings", "assays", "moistures", "movements", "transformations", "findings"):
            assert repr(getattr(facts, name)) == repr(getattr(again, name)), name
            assert getattr(facts, name), name


def test_master_data_in_the_header_of_json_are_counted_too(book):
    header = (
        b'"epcisHeader": {"epcisMasterData": {"vocabularyList": [{"type": "urn:x:t", "vocabularyElementList": '
        b'[{"id": "urn:x:a"}, {"id": "urn:x:b"}]}]}}, "epcisBody"'
    )
    assert book.capture(TWIN.replace(b'"epcisBody"', header), by="a").master_elements == 2
    assert book.capture(TWIN.replace(b"0815", b"0816"), by="a").master_elements == 0


def test_json_whose_context_is_that_of_xml_does_not_confuse_the_book(book):
    """Events are prepared again in batches that share what stands beside them, in whatever form they are."""
    book.capture(DOCUMENT, by="a")
    (event,) = book.events()
    assert event.context is not None
    twin = TWIN.replace(TWIN[TWIN.index(b"[") : TWIN.index(b"]") + 1], event.context)
    book.capture(twin.replace(b"e:seal", b"https://ns.example.org/other"), by="a")

    assert {each.context for each in book.events()} == {event.context}
    assert book.verify(deep=True)
