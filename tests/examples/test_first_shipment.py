"""The first-shipment book holds the public record and nothing else; two measurements turn just their figures known."""

import csv
import hashlib
import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import lodeline.book as books
from lodeline.book import Book
from lodeline.book.register import read_master
from lodeline.chemistry.species import species
from lodeline.deal.documents import MEDIA_TYPE, parse
from lodeline.deal.programme import Programme, programme
from lodeline.examples.first_shipment import IDS, TITLE, first_shipment
from lodeline.metal.holdings import figures
from lodeline.record import metal
from lodeline.record.codec import decode, encode
from lodeline.record.metal import Act, Certificate, Event, Reading, Result
from tests.outside import CASES, DATA, needs_cases, needs_data

ANTIMONY = f"{IDS}/lot/antimony"
MISSOURI = f"{IDS}/site/missouri"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with books.create(tmp_path / "book.db", title=TITLE, by="test") as opened:
        first_shipment().build(opened)
        yield opened


def events() -> list[Event]:
    return list(decode(first_shipment().epcis_document)["epcisBody"]["eventList"])


def known(book: Book) -> dict[str, float]:
    """Every figure of every holding that has a value."""
    held = book.view().facts.holdings
    named = {f"{one.lot.rpartition('/')[2]}/{name}": figure for one in held for name, figure in figures(one).items()}
    return {name: figure.value for name, figure in named.items() if figure.value is not None}


def told(book: Book) -> Programme:
    view = book.view()
    return programme(view.documents, view.facts, view.master, content=view.content)


def test_the_same_bytes_every_time() -> None:
    assert first_shipment() == first_shipment()
    assert first_shipment(created=datetime(2026, 1, 1, tzinfo=UTC)).epcis_document != first_shipment().epcis_document


@needs_cases
def test_gs1_schema_allows_the_document() -> None:
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    schema = json.loads((CASES / "epcis" / "spec" / "EPCIS-JSON-Schema.json").read_text())
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)

    assert [error.message for error in validator.iter_errors(json.loads(first_shipment().epcis_document))] == []


def test_no_event_states_a_quantity_a_measurement_an_origin_or_an_owner() -> None:
    """Nothing of this is published; an event that had it would be made up."""
    for event in events():
        text = json.dumps(event)
        for word in (
            '"quantity"',
            "sensorElementList",
            "countryOfOrigin",
            "owning_party",
            "lode:owner",
            "lode:deposit",
        ):
            assert word not in text
        assert "bizTransactionList" not in event


def test_every_event_rests_on_documents_of_the_book() -> None:
    held = {document.id for document in first_shipment().documents}
    for event in events():
        assert event["lode:document"]
        assert set(event["lode:document"]) <= held


def test_the_departure_has_only_a_limit_and_the_delivery_only_a_day() -> None:
    by_step = {event["bizStep"]: event for event in events()}

    assert by_step["shipping"]["lode:eventTimeKnown"] == "not_after"
    assert "lode:eventTimeKnown" not in by_step["receiving"]
    assert {event["lode:eventTimePrecision"] for event in events()} == {"day"}
    assert {event["eventTime"][:10] for event in events()} == {"2025-10-02"}


@needs_data
def test_the_announcement_is_named_by_the_hash_of_its_text_and_not_copied() -> None:
    (original,) = (DATA / "announcement").glob("*.txt")
    text = original.read_bytes()
    ours = tomllib.loads(first_shipment().documents[0].content.decode())

    assert (ours["text"]["sha256"], ours["text"]["bytes"]) == (hashlib.sha256(text).hexdigest(), len(text))
    # No run of eight words of it stands in any document of the book.
    words = text.decode().lower().split()
    runs = {" ".join(words[start : start + 8]) for start in range(len(words) - 7)}
    for document in first_shipment().documents:
        said = " ".join(document.content.decode().lower().split())
        assert not [run for run in runs if run in said], document.title


@needs_data
def test_every_public_claim_is_carried_over_with_who_said_it_and_where() -> None:
    with (DATA / "claims" / "public_claims.csv").open() as stream:
        theirs = {row["claim_id"]: row for row in csv.DictReader(stream)}
    content = (resources.files("lodeline.examples") / "data" / "first_shipment" / "claims.csv").read_text()
    ours = {row["row"]: row for row in csv.DictReader(content.splitlines())}

    assert set(ours) == set(theirs)
    for number, row in ours.items():
        assert (row["who"], row["kind"]) == (theirs[number]["who_said"], theirs[number]["kind"])
        if row["where"]:
            assert row["where"] == theirs[number]["source_url"]
        if row["amount"]:
            assert Decimal(row["amount"]) == Decimal(theirs[number]["value"])
        assert row["says"] != theirs[number]["statement"]


@needs_data
def test_every_source_of_a_programme_document_is_a_claim_that_says_so() -> None:
    with (DATA / "claims" / "public_claims.csv").open() as stream:
        claims = {row["claim_id"]: row for row in csv.DictReader(stream)}
    for document in first_shipment().documents:
        if document.media_type != MEDIA_TYPE:
            continue
        for source in parse(document.content, document=document.id).sources:
            rows = [claims[number] for number in source.row.split(", ")]
            assert source.who in {row["who_said"] for row in rows}
            assert not source.dated or source.dated in {row["as_of"] for row in rows}
            if source.where.startswith("http"):
                assert source.where in {row["source_url"] for row in rows}


def test_every_document_and_every_identifier_is_in_order(book: Book) -> None:
    assert book.view().findings == ()
    assert told(book).findings == ()
    assert {record.kind for record in read_master(first_shipment().master, name="master.toml")} == {
        "party",
        "site",
        "material",
    }


def test_the_book_says_who_to_whom_and_nothing_of_how_much(book: Book) -> None:
    facts = book.view().facts

    assert [lot.id.rpartition("/")[2] for lot in facts.lots] == ["antimony", "copper-concentrate", "rare-earths"]
    assert [lot.country for lot in facts.lots] == [None, None, None]
    assert {(move.source.holder, move.destination.holder) for move in facts.movements} == {
        (f"{IDS}/party/fwo", f"{IDS}/party/ussm")
    }
    assert {(move.left_known, move.arrived_known, move.transit_s) for move in facts.movements} == {
        ("not_after", "at", None)
    }
    assert known(book) == {}


def test_the_programme_is_told_as_thinly_as_it_was_published(book: Book) -> None:
    found = told(book)

    assert {unit: figure.value for unit, figure in found.pledged.items()} == {"USD": 500e6}
    assert {unit: figure.standing for unit, figure in found.evidenced.items()} == {"USD": "unknown"}
    assert [(one.context, one.phases.value) for one in found.agreements] == [(False, None), (True, None)]
    assert [(one.purpose, one.site, one.capacity.value) for one in found.projects] == [
        ("refining", None, None),
        ("recycling", None, None),
    ]
    assert {one.name: one.state for one in found.milestones}["first shipment delivered"] == "recorded"
    assert [subject.about for subject in found.subjects if subject.numbers_differ] == [
        "what Pakistan's minerals are worth"
    ]
    assert len(next(one for one in found.subjects if one.about == "what USSM received").statements) == 2


def test_who_speaks_of_phases_is_not_who_tells_of_the_signing(book: Book) -> None:
    agreement = told(book).agreements[0]

    assert {source.who for source in agreement.sources} == {"APP / PM Office", "news report"}
    assert {source.row for source in agreement.phase_sources} == {"C02", "C30"}


def test_what_is_said_of_antimony_in_general_is_tied_to_no_lot_of_the_book(book: Book) -> None:
    """Neither report says which antimony it means; only the release and the news report are of this consignment."""
    rivals = {
        one.name: one.lots
        for subject in told(book).subjects
        for one in subject.statements
        if {source.row for source in one.sources} & {"C05", "C06"}
    }
    assert rivals == {"what was delivered, by a later report": (), "where some antimony was mined": ()}


def added(book: Book, *measured: Event) -> dict[str, float]:
    """What becomes known when these events are recorded too."""
    before = known(book)
    document = metal.document(list(measured), created=datetime(2026, 11, 23, tzinfo=UTC))
    book.capture(encode(document), by="test")
    return {name: value for name, value in known(book).items() if name not in before}


WHEN = Act(at=datetime(2025, 10, 6, 9, tzinfo=timezone(timedelta(hours=-5))), place=MISSOURI)
NET = Reading(weight="net", value=Decimal("18.25"), u=Decimal("0.02"), uom="TNE", basis="dry")
GRADE = Result(substance=species("Sb"), value=Decimal("52.0"), u=Decimal("0.4"), uom="P1", basis="dry")
NOBODY = Certificate(laboratory=None, method=None, certificate=None, rank=None)


def test_one_weighing_makes_its_masses_known_and_no_more(book: Book) -> None:
    got = added(book, metal.weighing(WHEN, ANTIMONY, [NET]))
    assert got == {"antimony/mass": 18250.0, "antimony/dry_mass": 18250.0}


def test_one_assay_makes_its_grade_known_and_no_more(book: Book) -> None:
    assert added(book, metal.assay(WHEN, ANTIMONY, [GRADE], NOBODY)) == {"antimony/grade/Sb": 52.0}


def test_both_make_the_metal_known_and_nothing_of_the_other_lots(book: Book) -> None:
    """By hand: 18.25 t at 52.0 % is 9490 kg."""
    got: dict[str, Any] = added(
        book, metal.weighing(WHEN, ANTIMONY, [NET]), metal.assay(WHEN, ANTIMONY, [GRADE], NOBODY)
    )

    assert set(got) == {"antimony/mass", "antimony/dry_mass", "antimony/grade/Sb", "antimony/element_mass/Sb"}
    assert got["antimony/element_mass/Sb"] == pytest.approx(9490)
    book.verify(deep=True)
