"""Plausibility against nations: what is above an output, without a mine or bought from the avoided, and what is not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lodeline.record import metal
from lodeline.record.metal import Amount
from lodeline.world import shipped as shipped_table
from lodeline.world.plausibility import (
    Claimed,
    above_national_output,
    buys_from_avoided,
    claims_of,
    exporters_without_mine,
    only_circles,
)
from lodeline.world.trade.traded import shipped_trade
from tests.metal.detection.small_limits import MINE_LAB, assayed, at, by, flows_of, lot
from tests.metal.small_book import MINE, SELLER
from tests.world.small_trade import ANTIMONY, HS, YEAR, mined, shipped, small, tables

UNWROUGHT = {"hs": HS, "year": YEAR, "plain": "unwrought antimony", "content": Decimal(1)}


def claim(tonnes: float, country: str = "PAK", year: str = YEAR) -> Claimed:
    return Claimed(country, year, tonnes * 1000, ("urn:example:lot:1",), (4,))


def test_more_than_pakistan_mined_is_weak_evidence_and_as_much_is_none():
    of = above_national_output([claim(260.5), claim(260, year="2025")], shipped_table(), ANTIMONY)
    (one,) = of.suspicions

    assert (one.code, one.weight, one.kg, one.lots, one.entries) == (
        "world.above_national_output", "weak", pytest.approx(500), ("urn:example:lot:1",), (4,),
    )  # fmt: skip
    assert "all of Pakistan mined 260 t, by usgs-mcs-2026" in one.sentence


def test_a_year_or_a_country_that_the_edition_does_not_have_is_counted_and_not_judged():
    of = above_national_output([claim(1e6, year="2021"), claim(1e6, "THA")], shipped_table(), ANTIMONY)

    assert of.suspicions == ()
    assert of.unbound == {"countries and years of which the edition has no mine output": 2}


def test_a_country_among_others_mined_at_most_what_these_have_together():
    _, table = tables([shipped("CHN", "USA", "1")], [mined("OTH", "10"), mined("CHN", "4")])

    assert len(above_national_output([claim(11)], table, ANTIMONY).suspicions) == 1
    assert above_national_output([claim(9)], table, ANTIMONY).suspicions == ()


def test_a_book_claims_by_country_and_year_and_leaves_out_what_it_does_not_know():
    """By hand: 1,000 kg dry at 50 % in January 2026 are 500 kg; a lot that nobody assayed adds nothing."""

    def arises(day: float, number: int, kg: str, country: str = "PK"):
        amount = Amount(lot(number), Decimal(kg), "KGM")
        return metal.lot_mined(at(day), [amount], basis="dry", country=country, deposit=None, owner=SELLER)

    sb = [("Sb", "50", "0.5")]
    flows = flows_of(
        arises(1, 1, "1000"), assayed(1.1, lot(1), sb, MINE, by(MINE_LAB)), arises(2, 2, "900"),
        arises(400, 3, "10"), assayed(400.1, lot(3), sb, MINE, by(MINE_LAB, "3")),
    )  # fmt: skip
    claims, unbound = claims_of(flows, "Sb")

    assert [(one.country, one.year, one.kg, one.lots) for one in claims] == [
        ("PAK", "2026", 500.0, (lot(1),)), ("PAK", "2027", 5.0, (lot(3),)),
    ]  # fmt: skip
    assert unbound == {"lots whose mass of the element is unknown, which count as nothing": 1}


def test_exporters_without_a_listed_mine_are_noted_with_what_they_shipped_beyond_their_purchases():
    of = exporters_without_mine(
        shipped_trade(), shipped_table(), ANTIMONY, exporters=["THA", "OMN", "VNM"], **UNWROUGHT
    )

    assert {(one.code, one.weight) for one in of.suspicions} == {("world.exporter_without_mine", "note")}
    thailand = next(one for one in of.suspicions if one.sentence.startswith("Thailand"))
    assert thailand.kg == pytest.approx(6_067_417 - 5_409_672)
    assert "shipped 6,067 t of unwrought antimony in 2024, 658 t more than it bought" in thailand.sentence
    assert not any(one.sentence.startswith("Vietnam") for one in of.suspicions)


def test_who_only_passes_on_what_it_bought_is_no_exporter_without_a_mine():
    trade, table = tables(
        [
            shipped("CHN", "FRA", "5"),
            shipped("FRA", "USA", "5"),
            shipped("BEL", "USA", "1"),
            shipped("CHN", "BEL", None),
        ],
        [mined("CHN", "9"), mined("BEL", "0")],
    )
    (one,) = exporters_without_mine(trade, table, ANTIMONY, **UNWROUGHT).suspicions

    assert one.sentence.startswith("Belgium")
    assert one.kg is None  # what it bought has no tonnage


def test_pakistan_imported_609_t_from_china_and_mined_260_t():
    of = buys_from_avoided(
        shipped_trade(), shipped_table(), ANTIMONY, origin="PAK", avoided="CHN", claims=[claim(1)], **UNWROUGHT
    )
    (one,) = of.suspicions

    assert (one.code, one.weight, one.kg, one.lots) == (
        "world.buys_from_avoided", "weak", pytest.approx(609_032), ("urn:example:lot:1",),
    )  # fmt: skip
    assert "Pakistan imported 609 t of unwrought antimony from China in 2024 and mined 260 t" in one.sentence
    assert "nothing says that it is" in one.sentence


def test_who_buys_less_than_it_mines_is_a_note_and_who_buys_nothing_is_none():
    trade, table = tables(
        [shipped("CHN", "PAK", "5"), shipped("CHN", "VNM", None)], [mined("PAK", "9"), mined("VNM", "3")]
    )
    more = {**UNWROUGHT, "avoided": "CHN"}

    assert [one.weight for one in buys_from_avoided(trade, table, ANTIMONY, origin="PAK", **more).suspicions] == [
        "note"
    ]
    (missing,) = buys_from_avoided(trade, table, ANTIMONY, origin="VNM", **more).suspicions
    assert (missing.weight, missing.kg) == ("note", None)
    assert buys_from_avoided(trade, table, ANTIMONY, origin="TJK", **more).suspicions == ()


def test_a_year_that_the_trade_table_lacks_is_said_to_be_missing():
    more = {**UNWROUGHT, "year": "2019"}
    trade, table = shipped_trade(), shipped_table()

    for of in (
        exporters_without_mine(trade, table, ANTIMONY, **more),
        buys_from_avoided(trade, table, ANTIMONY, origin="PAK", avoided="CHN", **more),
    ):
        assert (of.suspicions, of.unbound) == ((), {"codes and years that the trade table does not have": 1})


def test_what_only_circles_is_a_note_and_what_is_fed_is_none():
    trade = [shipped("FRA", "BEL", "5"), shipped("BEL", "FRA", "5"), shipped("CHN", "USA", "1")]
    (one,) = only_circles(small(trade, [mined("CHN", "1")], "USA")).suspicions

    assert (one.code, one.weight) == ("world.only_circles", "note")
    assert one.sentence.startswith("Belgium, France ship to each other")
    assert only_circles(small(trade[2:], [mined("CHN", "1")], "USA")).suspicions == ()
