"""Fractions become kg per kg exactly; money keeps its currency and rounds only when told how."""

import decimal
from decimal import Decimal

import pytest

from lodeline.errors import UnitError
from lodeline.units.fraction import FRACTION_UNITS, mass_fraction
from lodeline.units.money import Money


@pytest.mark.parametrize(
    ("quantity", "unit", "fraction"),
    [
        ("62.5", "P1", "0.625"),
        ("62.5", "60", "0.625"),
        ("625", "NX", "0.625"),
        ("625", "GK", "0.625"),
        ("12", "59", "0.000012"),
        ("12", "NA", "0.000012"),
        ("12", "61", "0.000000012"),
        ("0.625", "C62", "0.625"),
    ],
)
def test_a_fraction_becomes_kg_per_kg(quantity: str, unit: str, fraction: str) -> None:
    assert mass_fraction(Decimal(quantity), unit) == Decimal(fraction)


@pytest.mark.parametrize(("quantity", "unit"), [("100.01", "P1"), ("-1", "59"), ("1.2", "C62")])
def test_a_fraction_out_of_range_is_refused(quantity: str, unit: str) -> None:
    with pytest.raises(UnitError) as refusal:
        mass_fraction(Decimal(quantity), unit)
    assert refusal.value.code == "unit.fraction_range"


@pytest.mark.parametrize("unit", ["KGM", "GM", "%", "ppm"])
def test_a_unit_that_is_no_fraction_is_refused(unit: str) -> None:
    """GM is gram per square metre in Rec 20, whatever it looks like."""
    with pytest.raises(UnitError) as refusal:
        mass_fraction(Decimal(1), unit)
    assert refusal.value.code == "unit.not_fraction"


def test_the_whole_of_something_is_still_a_fraction() -> None:
    assert mass_fraction(Decimal(100), "P1") == 1
    assert mass_fraction(0, "P1") == 0
    assert all(0 < factor <= 1 for _, factor in FRACTION_UNITS.values())


def test_money_of_one_currency_adds_up_exactly() -> None:
    big = Money(Decimal("12345678901234567890123456789.01"), "USD")

    assert (big + Money(Decimal("0.01"), "USD")).amount == Decimal("12345678901234567890123456789.02")
    assert (big - big).amount == 0
    assert (Money(Decimal("0.005"), "USD") * 3).amount == Decimal("0.015")


def test_two_currencies_do_not_add_up() -> None:
    with pytest.raises(UnitError) as refusal:
        Money(Decimal(1), "USD") + Money(Decimal(1), "PKR")
    assert refusal.value.code == "unit.currency_mixed"


@pytest.mark.parametrize("code", ["usd", "US$", "ZZZ", ""])
def test_a_currency_iso_4217_does_not_know_is_refused(code: str) -> None:
    with pytest.raises(UnitError) as refusal:
        Money(Decimal(1), code)
    assert refusal.value.code == "unit.currency_unknown"


def test_money_rounds_only_as_the_contract_says() -> None:
    amount = Money(Decimal("2.345"), "USD")

    assert amount.rounded(2, rounding=decimal.ROUND_HALF_EVEN).amount == Decimal("2.34")
    assert amount.rounded(2, rounding=decimal.ROUND_HALF_UP).amount == Decimal("2.35")


def test_money_is_never_a_float() -> None:
    with pytest.raises(UnitError) as refusal:
        Money(2.5, "USD")  # type: ignore[arg-type]
    assert refusal.value.code == "unit.not_decimal"
