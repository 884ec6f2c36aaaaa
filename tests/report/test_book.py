"""The report of the real first-shipment book, through the ledger and every floor above it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import lodeline
from lodeline.book import Book
from lodeline.chemistry.species import AsElement
from lodeline.examples.first_shipment import IDS, first_shipment
from lodeline.record import metal
from lodeline.record.codec import encode
from lodeline.record.metal import Act, Amount, Certificate, Reading, Result
from lodeline.report import Report, build, headline, to_html, to_json
from lodeline.world import table
from lodeline.world.national import load_table

ANTIMONY = f"{IDS}/lot/antimony"
LATER = datetime(2025, 11, 3, 9, 30, tzinfo=UTC)
NATIONAL = "national/Sb/from PAK, origin not stated"
TABLE = load_table(None)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    ticks = iter(range(10**6))
    with lodeline.create(
        tmp_path / "first.db",
        title=first_shipment().title,
        by="test",
        clock=lambda: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(ticks)),
    ) as opened:
        first_shipment().build(opened)
        yield opened


def report_of(book: Book, as_of: int | None = None) -> Report:
    return build(book.view(as_of), TABLE)


def capture(book: Book, *events: metal.Event) -> None:
    book.capture(encode(metal.document(list(events), created=LATER)), by="test")


def weighing() -> metal.Event:
    reading = Reading(weight="net", value=Decimal("24350"), u=Decimal(12), uom="KGM", basis="dry", device=None)
    return metal.weighing(Act(at=LATER, place=f"{IDS}/site/missouri"), ANTIMONY, [reading])


def assay() -> metal.Event:
    line = Result(substance=AsElement("Sb"), value=Decimal("54.2"), u=Decimal("0.3"), uom="P1", basis="dry")
    certificate = Certificate(laboratory=None, method=None, certificate=None, rank="final")
    return metal.assay(Act(at=LATER, place=f"{IDS}/site/missouri"), ANTIMONY, [line], certificate)


def test_one_weighing_and_one_assay_turn_exactly_the_figures_that_rest_on_them_into_numbers(book: Book):
    before, seq = report_of(book), book.head().seq
    capture(book, weighing(), assay())
    after = report_of(book)

    both = before.figures.keys() & after.figures.keys()
    became = {name for name in both if after.figures[name].known and not before.figures[name].known}
    measurements = {event.hash_id for event in book.view().events} - {event.hash_id for event in book.view(seq).events}
    rest = {name for name, figure in after.figures.items() if measurements & set(figure.rests_on) and figure.known}
    # What came to a country is a sum over flows and cites ledger entries; it becomes known with them.
    effect = {name for name in both if name.startswith("effect/Sb/form not said/")}
    assert "effect/Sb/form not said/imported/PAK/2025/tonnes" in became & effect
    both, became = both - effect, became - effect
    assert became == rest
    lot = f"lots/{ANTIMONY}"
    shares = ("mass", "share_of_origin_output", "share_of_imports", "share_of_consumption", "rival_points")
    assert became == {f"{lot}/mass", f"{lot}/Sb/grade", f"{lot}/Sb/mass", *(f"{NATIONAL}/{name}" for name in shares)}
    # A dry mass needs no moisture, so that question is gone; every other figure is what it was.
    assert set(before.figures) - set(after.figures) == {f"{lot}/moisture"}
    assert {name for name in both if after.figures[name] != before.figures[name]} == became | {"holdings/total/mass"}
    # What is held of antimony is now drawn by stage; nobody weighed it before, so it comes from what is unknown. It can
    # be reconciled, if with nothing: a weighing and an assay are taken as they are.
    appeared = {name for name in after.figures if name not in before.figures}
    assert {name for name in appeared if not name.startswith("accounts/")} == {
        *(f"stages/Sb/{band}" for band in ("received to end:held", "origin:untold to received")),
        *(f"origin/Sb/{figure}" for figure in ("held", "untraced/mass", "untraced/share")),
    }
    assert after.figures["origin/Sb/untraced/share"].value == pytest.approx(100)
    held = f"accounts/{IDS}/site/missouri/Sb/closing"
    for side in ("recorded", "reconciled"):
        assert after.figures[f"{held}/{side}"].value == pytest.approx(24_350 * 0.542)
    assert "No reading of the book is checked by another" in to_html(after)
    assert not after.figures["holdings/total/mass"].known
    assert after.figures[f"{NATIONAL}/share_of_consumption"].value == pytest.approx(100 * 24.35 * 0.542 / 28_600)
    assert any("0.0461 % of the antimony used" in line for line in headline(after))


def test_each_act_makes_as_many_figures_known_as_the_report_promised(book: Book):
    """The report says what one assay and one weighing of the rare earths would settle; they settle it."""
    before = report_of(book)
    promised = next(line for line in headline(before) if line.startswith("Settles most"))
    lot = f"{IDS}/lot/rare-earths"
    act = Act(at=LATER, place=f"{IDS}/site/missouri")
    lines = [
        Result(substance=AsElement(symbol), value=Decimal(value), u=None, uom="P1", basis="dry")
        for symbol, value in (("Nd", "9.1"), ("Pr", "3.2"))
    ]
    certificate = Certificate(laboratory=None, method=None, certificate=None, rank="final")
    reading = Reading(weight="net", value=Decimal(800), u=None, uom="KGM", basis="dry", device=None)

    def gained(*events: metal.Event) -> int:
        capture(book, *events)
        after = report_of(book)
        new = [name for name in before.figures if name in after.figures and after.figures[name].known]
        return sum(not before.figures[name].known for name in new)

    assert "An assay of rare earths with neodymium and praseodymium makes 2 figures known" in promised
    assert gained(metal.assay(act, lot, lines, certificate)) == 2
    both = int(promised.rsplit(", ", 1)[1].split()[0])
    assert gained(metal.weighing(act, lot, [reading])) == both


def test_the_report_as_of_an_entry_is_the_report_of_a_book_that_ended_there(book: Book):
    early = to_json(report_of(book))
    seq = book.head().seq
    capture(book, weighing())
    capture(book, assay())

    assert to_json(report_of(book, seq)) == early
    assert to_json(report_of(book)) != early


def test_the_demo_names_what_its_sources_name_and_nothing_else(book: Book):
    report = report_of(book)
    lines = "\n".join(headline(report))

    for said in (
        "Frontier Works Organisation (FWO) in Pakistan to US Strategic Metals (USSM) in the United States",
        "received 2 October 2025",
        "3 lots: antimony, copper concentrate and rare earths with neodymium and praseodymium",
        "About USD 500 million",
        "no document in the book shows a payment",
        "Unknown for each of 3 lots",
        "nobody states where it was mined",
    ):
        assert said in lines
    assert not any(figure.known for name, figure in report.figures.items() if name.startswith("lots/"))
    text = json.loads(to_json(report))
    subjects = [block["title"] for block in text["sections"][0]["blocks"] if block["type"] == "cards"]
    assert any("worth" in subject for subject in subjects)
    agreements = next(b for b in report.sections[0].blocks if getattr(b, "title", "") == "Agreements")
    assert [row[0].below for row in agreements.rows] == [
        "memorandum, signed 2025-09-08",
        "memorandum, signed 2025-09-08; context, not part of this programme",
    ]


def test_the_page_of_the_demo_is_one_file_of_less_than_a_megabyte_and_a_half(book: Book):
    assert len(to_html(report_of(book)).encode()) < 1_500_000


def test_every_source_is_named_with_its_own_date_and_for_what_it_says(book: Book):
    """The office that told of the signing spoke of no phases; the report and the officials did."""
    report = report_of(book)
    grids = {getattr(block, "title", ""): block for section in report.sections for block in section.blocks}
    phases = grids["Phases, projects and milestones"].rows[0]
    assert phases[0].below == "phase"
    assert phases[-1].said.text == "news report, 2025-10; officials via Dawn, 2025-09-08. reprint of Dawn, 2025-09-09"
    assert "sources: officials via Dawn and news report" in next(x for x in headline(report) if x[:7] == "Pledged")
    who = [row[0].said.text for row in grids["Who says so"].rows]
    assert len(set(who)) == len(who)
    assert not [one for one in who if "more" in one]


def net(lot: str, kg: str, u: str, basis: str | None) -> metal.Event:
    reading = Reading(weight="net", value=Decimal(kg), u=Decimal(u), uom="KGM", basis=basis, device=None)
    return metal.weighing(Act(at=LATER, place=f"{IDS}/site/missouri"), f"{IDS}/lot/{lot}", [reading])


def test_wet_and_dry_masses_make_no_sum_until_the_wet_ones_are_dried(book: Book):
    """By hand: 25,000 kg wet at 4 % moisture are 24,000 kg dry; with 1,000 and 500 kg dry they are 25,500 kg."""
    certificate = Certificate(laboratory=None, method=None, certificate=None, rank="final")
    capture(
        book,
        net("antimony", "25000", "12", "wet"),
        net("copper-concentrate", "1000", "1", "dry"),
        net("rare-earths", "500", "1", "dry"),
    )
    wet = report_of(book)
    assert wet.figures["holdings/total/mass"].standing == "unknown"
    assert "some masses are wet and some are dry" in next(x for x in headline(wet) if x.startswith("Mass"))

    act = Act(at=LATER, place=f"{IDS}/site/missouri")
    capture(book, metal.moisture(act, ANTIMONY, certificate, value=Decimal(4), u=Decimal("0.1"), uom="P1"))
    dried = report_of(book)
    total = dried.figures["holdings/total/mass"]
    assert total.value == pytest.approx(25_500)
    assert total.u == pytest.approx(((24_000 * ((12 / 25_000) ** 2 + (0.1 / 96) ** 2) ** 0.5) ** 2 + 2) ** 0.5)
    assert "25.500 ± 0.028 t dry in 3 lots" in next(x for x in headline(dried) if x.startswith("Mass"))


def test_a_mass_is_shown_with_its_basis(book: Book):
    capture(book, net("antimony", "25000", "12", "wet"), net("rare-earths", "10", "1", None))
    report = report_of(book)
    held = next(block for s in report.sections for block in s.blocks if getattr(block, "title", "") == "Holdings")

    assert [row[-1].below for row in held.rows] == ["measured, wet", "", "measured, wet or dry not said"]


def test_a_lot_that_was_split_keeps_its_name_and_where_it_was_shipped_from(book: Book):
    capture(book, assay())
    parts = [Amount(f"{ANTIMONY}-{part}", Decimal(tonnes), "TNE") for part, tonnes in (("a", 10), ("b", 14))]
    later = Act(at=LATER + timedelta(hours=1), place=f"{IDS}/site/missouri")
    capture(book, metal.split(later, Amount(ANTIMONY), parts, basis="dry"))
    report = report_of(book)

    assert headline(report)[1].split(None, 1)[1].startswith("3 lots: antimony, copper concentrate and rare earths")
    # By hand: 24 t at 54.2 % are 13.008 t, of the 260 t that Pakistan mined 5.003 %.
    assert report.figures[f"{NATIONAL}/share_of_origin_output"].value == pytest.approx(100 * 13.008 / 260)
    assert not [name for name in report.figures if "nowhere" in name]


def test_a_lot_that_lies_elsewhere_is_none_of_the_goods_that_were_shipped(book: Book):
    capture(book, net("which-nobody-shipped", "10", "1", "dry"))

    assert headline(report_of(book))[1].split(None, 1)[1].startswith("3 lots: ")


def test_antimony_that_was_not_detected_has_a_limit_in_every_figure_and_is_never_none(book: Book):
    """By hand: below 0.05 % of 1,000 kg is at most 0.5 kg, of 28,600 t used at most 0.00000175 %."""
    line = Result(substance=AsElement("Sb"), value=None, u=None, uom="P1", basis="dry", detection_limit=Decimal("0.05"))
    certificate = Certificate(laboratory=None, method=None, certificate=None, rank="final")
    act = Act(at=LATER, place=f"{IDS}/site/missouri")
    capture(book, net("antimony", "1000", "1", "dry"), metal.assay(act, ANTIMONY, [line], certificate))
    report = report_of(book)

    for name in ("mass", "share_of_origin_output", "share_of_imports", "share_of_consumption", "rival_points"):
        assert report.figures[f"{NATIONAL}/{name}"].standing == "bounded", name
    share = next(line for line in headline(report) if line.startswith("Share of use"))
    assert "at most 0.00000175 % of the antimony used" in share.replace("At most", "at most")


def test_what_its_source_calls_about_is_called_so_wherever_it_stands(book: Book):
    report = report_of(book)
    grids = {getattr(block, "title", ""): block for section in report.sections for block in section.blocks}
    stated = [row[3].said.text for row in grids["Phases, projects and milestones"].rows]
    told = to_json(report).decode()

    assert "cost about USD 100 million" in stated
    assert "some antimony that was sold as Pakistani was mined in Afghanistan" in told
    assert headline(report)[2].split(None, 1)[1].startswith("About USD 500 million")


def test_an_edition_of_one_commodity_tells_the_effect_on_that_one_and_of_the_others_that_it_does_not(book: Book):
    only = table(row for row in TABLE.rows if row.commodity == "antimony")
    report = build(book.view(), only)

    assert {name.split("/")[1] for name in report.figures if name.startswith("effect/")} == {
        "Sb",
        "all reported output",
    }
    said = "What came of copper is set against nothing: usgs-mcs-2026 reports nothing of it."
    assert said in to_html(report)
