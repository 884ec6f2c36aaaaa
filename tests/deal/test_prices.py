"""Prices: read from the documents of a book, applied by unit and year, and never made up."""

from __future__ import annotations

from decimal import Decimal

import pytest

import lodeline
from lodeline.deal.prices import ROLE, PriceDocument, Prices, parse, prices
from lodeline.errors import InputError, UnitError
from lodeline.examples.programme import programme
from lodeline.units.money import Money


def table(*rows: str, head: str = "metal,what,unit,year,price", name: str = "ni:1") -> PriceDocument:
    return PriceDocument(name, "Prices", "\n".join([head, *rows]).encode())


def of(*rows: str) -> Prices:
    return prices([table(*rows)])


def test_a_kilogram_at_a_price_a_pound_by_hand():
    """100 kg are 220.462262 lb; at 5.31 dollars each, 1170.65 dollars."""
    worth = of("Sb,antimony,dollars per pound,2021,5.31").worth("Sb", 100.0, 2021)

    assert worth is not None
    assert worth.money == Money(Decimal("1170.65"), "USD")
    assert (worth.price.what, worth.price.year, worth.price.document) == ("antimony", 2021, "ni:1")
    assert worth.price.money == Money(Decimal("5.31"), "USD")


@pytest.mark.parametrize(
    ("unit", "price", "worth", "currency"),
    [
        ("cents per pound", "440", "970.03", "USD"),
        ("dollars per kilogram", "9.7", "970.00", "USD"),
        ("dollars per troy ounce", "31.1034768", "100000.00", "USD"),
        ("EUR per t", "12345.67", "1234.57", "EUR"),
        ("PKR/kg", "1", "100.00", "PKR"),
        ("USD per KGM", "1", "100.00", "USD"),
    ],
)
def test_units_of_the_trade(unit, price, worth, currency):
    found = of(f"Cu,,{unit},,{price}").worth("Cu", 100.0, 2025)

    assert found is not None
    assert found.money == Money(Decimal(worth), currency)


def test_the_price_is_of_the_year_or_the_last_before_it_and_never_of_a_later_one():
    found = of("Sb,,USD per kg,2022,2", "Sb,,USD per kg,2020,1", "Nd,,USD per kg,,7")

    assert [found.of("Sb", year) and found.of("Sb", year).money.amount for year in (2019, 2020, 2021, 2022, 2030)] == [
        None,
        Decimal(1),
        Decimal(1),
        Decimal(2),
        Decimal(2),
    ]
    assert found.of("Sb", None).money.amount == 2
    assert found.of("Nd", 1900).money.amount == 7
    assert found.worth("Pr", 1.0, 2022) is None


def test_of_two_documents_the_later_one_holds():
    found = prices([table("Sb,,USD per kg,2022,2"), table("Sb,,USD per kg,2022,3", name="ni:2")])

    assert (found.of("Sb", 2022).money.amount, found.of("Sb", 2022).document) == (3, "ni:2")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("Sb,,USD per kg,2022,", "price"),
        ("Sb,,USD per kg,2022,-1", "price"),
        ("Sb,,USD per kg,2022,NaN", "price"),
        (",,USD per kg,2022,1", "metal"),
        ("Sb,,USD per litre,2022,1", "unit"),
        ("Sb,,USD,2022,1", "unit"),
        ("Sb,,USD per kg,soon,1", "year"),
    ],
)
def test_a_row_that_is_no_price_is_refused_with_its_place(row, field):
    with pytest.raises(InputError) as refused:
        parse(table("Sb,,USD per kg,2022,2", row))

    assert (refused.value.code, refused.value.where["line"], refused.value.where["field"]) == (
        "deal.price_row",
        3,
        field,
    )


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"metal,price\nSb,1", b'metal,unit,price\n"Sb'])
def test_what_is_no_price_table_is_refused(content):
    with pytest.raises(InputError) as refused:
        parse(PriceDocument("ni:1", "x", content))
    assert refused.value.code == "deal.price_table"
    with pytest.raises(UnitError, match=r"unit\.currency_unknown"):
        parse(table("Sb,,XYZ per kg,2022,1"))


def test_a_document_that_cannot_be_read_is_a_finding_and_hides_no_other():
    found = prices([table("Sb,,USD per kg,2022,"), table("Sb,,USD per kg,2022,3", name="ni:2")])

    assert [(one.code, one.weight) for one in found.findings] == [("deal.price_unread", "note")]
    assert found.of("Sb", 2022).money.amount == 3
    assert of("Sb,,USD per kg,2022,1").findings == ()


def test_the_prices_of_the_programme_are_read(tmp_path):
    with lodeline.create(tmp_path / "book.db", title="x", by="clerk") as book:
        programme(200, 7, faults=()).build(book, by="clerk")
        held = [one for one in book.documents() if one.role == ROLE]
        found = prices(PriceDocument(one.id, one.title, book.content(one.id)) for one in held)

    assert found.findings == ()
    assert set(found.listed) == {"Sb", "Cu", "NdPr", "Au", "Ag"}
    assert found.of("Cu", 2024).money == Money(Decimal("4.147"), "USD")
