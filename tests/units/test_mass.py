"""Masses become kilograms exactly, wet and dry do not mix, and what is no mass is refused."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import UnitError
from lodeline.units.exact import plus, times
from lodeline.units.mass import MASS_UNITS, NOT_MASS, DryMass, WetMass, is_mass, kilograms

decimals = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**30), max_value=10**30)


@pytest.mark.parametrize(
    ("quantity", "unit", "kg"),
    [
        ("1", "KGM", "1"),
        ("12.345", "TNE", "12345.000"),
        ("1", "LBR", "0.45359237"),
        ("16", "ONZ", "0.45359237"),
        ("7000", "GRN", "0.45359237"),
        ("1", "APZ", "0.0311034768"),
        ("1", "STN", "907.18474"),
        ("1", "LTN", "1016.0469088"),
        ("1", "CWA", "45.359237"),
        ("1", "CWI", "50.80234544"),
        ("1", "STI", "6.35029318"),
        ("250", "MGM", "0.00025"),
    ],
)
def test_a_unit_of_the_trade_becomes_kilograms_by_its_definition(quantity: str, unit: str, kg: str) -> None:
    assert kilograms(Decimal(quantity), unit) == Decimal(kg)


def test_no_digit_is_lost_where_the_default_context_would_round() -> None:
    """By hand: 12345678901234567890123456789.01 lb is longer than Python's 28 digits."""
    pounds = Decimal("12345678901234567890123456789.01")

    assert kilograms(pounds, "LBR") * 0 == 0
    assert str(times(pounds, Decimal(1))) == str(pounds)
    assert str(kilograms(pounds, "TNE")).replace(".", "").rstrip("0") == str(pounds).replace(".", "").rstrip("0")


@given(a=decimals, b=decimals)
def test_exact_arithmetic_agrees_with_whole_numbers(a: Decimal, b: Decimal) -> None:
    """An independent route: fractions, which Python never rounds."""
    assert Fraction(times(a, b)) == Fraction(a) * Fraction(b)
    assert Fraction(plus(a, b)) == Fraction(a) + Fraction(b)


@pytest.mark.parametrize("unit", sorted(NOT_MASS))
def test_a_unit_of_something_else_is_not_mass(unit: str) -> None:
    with pytest.raises(UnitError) as refusal:
        kilograms(Decimal(1), unit)
    assert refusal.value.code == "unit.not_mass"
    assert not is_mass(unit)


@pytest.mark.parametrize("unit", ["kg", "t", "XYZ", ""])
def test_a_unit_that_is_no_code_is_unknown(unit: str) -> None:
    with pytest.raises(UnitError) as refusal:
        kilograms(Decimal(1), unit)
    assert refusal.value.code == "unit.unknown"


@pytest.mark.parametrize(
    ("number", "code"), [(1.5, "unit.not_decimal"), (True, "unit.not_decimal"), ("1", "unit.not_decimal")]
)
def test_a_number_that_is_not_decimal_is_refused(number: object, code: str) -> None:
    with pytest.raises(UnitError) as refusal:
        kilograms(number, "KGM")  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(UnitError) as refusal:
        kilograms(Decimal("NaN"), "KGM")
    assert refusal.value.code == "unit.not_finite"


def test_wet_and_dry_do_not_add_up() -> None:
    with pytest.raises(TypeError):
        WetMass(Decimal(1)) + DryMass(Decimal(1))  # type: ignore[operator]
    assert WetMass(Decimal(1)) + WetMass(Decimal("0.5")) == WetMass(Decimal("1.5"))
    assert DryMass(Decimal(1)) + DryMass(Decimal("0.5")) == DryMass(Decimal("1.5"))
    assert WetMass(Decimal(1)) != DryMass(Decimal(1))


def test_drying_takes_the_water_away_and_nothing_else() -> None:
    """By hand: 1000 kg at 8.5 % water is 915 kg."""
    assert WetMass(Decimal(1000)).dried(Decimal("0.085")) == DryMass(Decimal("915"))
    assert WetMass(Decimal(7)).dried(Decimal(0)) == DryMass(Decimal(7))


@pytest.mark.parametrize("moisture", ["1", "-0.01", "1.2"])
def test_a_moisture_out_of_range_is_refused(moisture: str) -> None:
    with pytest.raises(UnitError) as refusal:
        WetMass(Decimal(1)).dried(Decimal(moisture))
    assert refusal.value.code == "unit.moisture_range"


def test_a_negative_mass_is_refused() -> None:
    for kind in (WetMass, DryMass):
        with pytest.raises(UnitError) as refusal:
            kind(Decimal("-0.001"))
        assert refusal.value.code == "unit.negative_mass"


def test_every_unit_is_positive_and_named_once() -> None:
    assert all(unit.kg > 0 and code == unit.code for code, unit in MASS_UNITS.items())
    assert not set(MASS_UNITS) & set(NOT_MASS)
