"""Stock-takes stand beside the account: counted beside booked, never resetting, and their absence is a finding."""

from __future__ import annotations

import math

import pytest

from lodeline.metal.balance.account import Account
from lodeline.record import metal
from lodeline.record.metal import Made
from tests.metal.balance.hand import YARD, accounted, at_site, moved, values
from tests.metal.small_book import BUYER, LOT, MINE, SELLER, assayed, kg, mined, net, on, percent, weighed


def counted(day: float, *readings: metal.Reading, lot: str = LOT, place: str = MINE) -> metal.Event:
    return metal.stocktake(on(day, place), lot, readings)


def codes(found) -> list[tuple[str, str]]:
    return [(one.code, one.settle[0].subject) for one in found.findings]


def beside(one: Account) -> dict[str, tuple[float | None, float | None]]:
    names = ("counted", "counted_book", "counted_gap")
    return {name: (one.recorded(name).value, one.recorded(name).u) for name in names if name in one.lines}


def test_a_count_stands_beside_the_book_and_resets_nothing():
    """100 +- 1 kg in the book, 97 +- 2 counted on 30 March, at 50 +- 0.3 % both: 1.5 +- 1.1 kg of antimony less."""
    events = [mined(), weighed(2, net("100", "1")), assayed(3, percent("50", u="0.3")), counted(30, net("97", "2"))]
    found = accounted(*events, of="Sb", stocktakes=[4])
    one = at_site(found, MINE)

    assert values(one) == {"in": 50, "closing": 50, "counted": 48.5, "counted_book": 50, "counted_gap": -1.5}
    assert one.recorded("counted_gap").u == pytest.approx(math.sqrt(1**2 + 0.5**2 + (3 * 0.003) ** 2))
    assert (one.holders, one.counted) == (1, 1)
    assert ("balance.no_stocktake", MINE) not in codes(found)


def test_without_a_count_the_closing_stock_is_book_stock_and_that_is_a_finding_with_its_remedy():
    found = accounted(mined("100", basis="dry"))
    (finding,) = found.findings

    assert (finding.code, finding.weight, finding.settle[0].act) == ("balance.no_stocktake", "note", "stock-take")
    assert (finding.settle[0].subject, "2026-03" in finding.sentence) == (MINE, True)


def test_a_count_on_the_first_of_the_month_is_of_the_end_of_the_month_before_and_of_no_other():
    """Counted on 2 April of what had lain there since March and lies there in May: only March has a stock-take."""
    events = [mined(), weighed(2, net("100", "1")), counted(33, net("97", "2")), mined(lot="urn:example:lot:2", day=70)]
    found = accounted(*events, stocktakes=[3])

    assert beside(at_site(found, MINE))["counted"] == (97, 2)
    assert beside(at_site(found, MINE, "2026-04")) == {}
    periods = [one.figures[0].rpartition(", ")[2] for one in found.findings if one.code == "balance.no_stocktake"]
    assert periods == ["2026-04", "2026-05"]


def test_a_count_of_what_has_been_moved_since_is_of_no_period_end():
    sold = metal.ownership_change(on(29), [kg("40")], basis="dry", seller=SELLER, buyer=BUYER)
    events = [mined("100", basis="dry"), counted(28, net("97", "2")), sold]
    found = accounted(*events, stocktakes=[2])

    assert beside(at_site(found, MINE)) == {}
    assert ("balance.no_stocktake", MINE) in codes(found)


def test_a_count_of_some_of_what_lies_there_says_of_how_much():
    other = "urn:example:lot:2"
    events = [mined("100", basis="dry"), mined("50", other, basis="dry"), counted(30, net("97", "2"))]
    found = accounted(*events, stocktakes=[3])
    one = at_site(found, MINE)

    assert (one.holders, one.counted, beside(one)["counted_book"][0]) == (2, 1, 100)
    (finding,) = found.findings
    assert "2 holdings" in finding.sentence
    assert "1 of them" in finding.sentence


def test_where_nothing_was_known_the_book_is_what_was_counted_and_the_two_do_not_differ():
    found = accounted(mined(), counted(30, net("97", "2")), stocktakes=[2])
    one = at_site(found, MINE)

    assert (one.recorded("closing").value, one.recorded("closing").u) == (97, 2)
    assert beside(one) == {"counted": (97, 2), "counted_book": (97, 2), "counted_gap": (0, 0)}


def test_a_count_gross_and_tare_is_their_difference():
    lorry = [net("130", "3", weight="gross"), net("30", "4", weight="tare")]
    found = accounted(mined("105", basis="dry"), counted(30, *lorry), stocktakes=[2])

    assert beside(at_site(found, MINE))["counted"] == (100, 5)


def test_a_count_on_another_basis_is_of_an_unknown_content():
    events = [mined("100", basis="dry"), counted(30, net("110", "2", basis="wet"))]
    one = at_site(accounted(*events, stocktakes=[2]), MINE)

    assert one.recorded("counted").value is None
    assert one.recorded("counted_book").value == 100


def test_a_pile_is_counted_by_its_place():
    laid = metal.transformation(
        on(4, YARD), process="store", inputs=[kg(None)], outputs=[], basis="dry",
        transformation_id="urn:example:pile", made=Made(),
    )  # fmt: skip
    events = [mined("100", basis="dry"), *moved(on(3, YARD), [kg(None)], MINE, YARD), laid]
    events.append(counted(30, net("97", "2"), lot=YARD, place=YARD))
    found = accounted(*events, stocktakes=[5])
    one = at_site(found, MINE)

    assert (beside(one)["counted"], beside(one)["counted_book"][0]) == ((97, 2), 100)
    assert (one.recorded("closing_in_process").value, one.counted) == (100, 1)


def test_an_empty_site_needs_no_stocktake():
    end = metal.lot_ended(on(9), [kg(None)], basis="dry", reason="sold", destroyed=False)

    assert accounted(mined("100", basis="dry"), end).findings == ()
