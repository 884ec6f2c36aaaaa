"""Units of mass fraction by their UN/ECE Rec 20 codes, to kilograms per kilogram exactly."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from lodeline.errors import UnitError
from lodeline.units.exact import exact, times

# Grams per tonne has no code of its own in Rec 20: NA (mg/kg) and 59 (ppm) are the same number.
# Source: UN/ECE Recommendation 20, revision 17 (2021).
FRACTION_UNITS: Mapping[str, tuple[str, Decimal]] = MappingProxyType(
    {
        "C62": ("one (kg per kg)", Decimal(1)),
        "M29": ("kilogram per kilogram", Decimal(1)),
        "P1": ("percent", Decimal("0.01")),
        "60": ("percent weight", Decimal("0.01")),
        "NX": ("part per thousand", Decimal("0.001")),
        "GK": ("gram per kilogram", Decimal("0.001")),
        "H64": ("milligram per gram", Decimal("0.001")),
        "E40": ("part per hundred thousand", Decimal("0.00001")),
        "59": ("part per million", Decimal("0.000001")),
        "NA": ("milligram per kilogram", Decimal("0.000001")),
        "61": ("part per billion (US), 10^-9", Decimal("0.000000001")),
        "J33": ("microgram per kilogram", Decimal("0.000000001")),
        "L32": ("nanogram per kilogram", Decimal("0.000000000001")),
    }
)


def mass_fraction(quantity: Decimal | int, unit: str, *, field: str = "fraction") -> Decimal:
    """The mass fraction in kilograms per kilogram, with every digit of the quantity.

    Args:
        quantity: In ``unit``, as printed; 0 <= fraction <= 1 once converted. A float is refused.
        unit: UN/ECE Rec 20 code, for example ``P1`` (percent) or ``59`` (ppm).
        field: What to call the quantity in a refusal.

    Raises:
        UnitError: ``unit.not_fraction``, ``unit.fraction_range``, ``unit.not_decimal``, ``unit.not_finite``.
    """
    number = exact(quantity, field=field)
    if unit not in FRACTION_UNITS:
        raise UnitError(
            "unit.not_fraction",
            f"{unit} is not a unit of mass fraction; "
            "write P1 (percent), NX (per thousand), GK (g/kg), 59 (ppm) or NA (mg/kg, g/t).",
            field=field,
            unit=unit,
        )
    fraction = times(number, FRACTION_UNITS[unit][1])
    if not 0 <= fraction <= 1:
        raise UnitError(
            "unit.fraction_range",
            f"{quantity} {unit} is {fraction.normalize():f} kg per kg; a mass fraction lies between 0 and 1.",
            field=field,
            unit=unit,
        )
    return fraction
