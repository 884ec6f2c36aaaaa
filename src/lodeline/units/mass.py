"""Units of mass by their UN/ECE Rec 20 codes, to kilograms exactly; wet and dry mass as two types that do not mix."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

import msgspec

from lodeline.errors import UnitError
from lodeline.units.exact import exact, plus, times


class MassUnit(msgspec.Struct, frozen=True):
    """One unit of mass.

    Attributes:
        code: UN/ECE Rec 20 common code.
        name: Its name in Rec 20.
        symbol: What is printed behind a number.
        kg: Kilograms in one unit, exact.
    """

    code: str
    name: str
    symbol: str
    kg: Decimal


_POUND_KG = Decimal("0.45359237")
_GRAIN_KG = Decimal("0.00006479891")

# The pound and the grain are exact by definition; the others are whole multiples of them. Rec 20 itself prints rounded
# factors, and for the troy ounce one that is ten times too small (3,110 348 x 10^-3 kg), so they are not taken from it.
# Source: UN/ECE Recommendation 20, revision 17 (2021), annex I, for code and name; NIST SP 811 (2008), appendix B.8
# and footnotes 22 to 24, for the definitions.
MASS_UNITS: Mapping[str, MassUnit] = MappingProxyType(
    {
        unit.code: unit
        for unit in (
            MassUnit("KGM", "kilogram", "kg", Decimal(1)),
            MassUnit("TNE", "tonne (metric ton)", "t", Decimal(1000)),
            MassUnit("2U", "megagram", "Mg", Decimal(1000)),
            MassUnit("KTN", "kilotonne", "kt", Decimal(1_000_000)),
            MassUnit("DTN", "decitonne", "dt", Decimal(100)),
            MassUnit("HGM", "hectogram", "hg", Decimal("0.1")),
            MassUnit("DJ", "decagram", "dag", Decimal("0.01")),
            MassUnit("GRM", "gram", "g", Decimal("0.001")),
            MassUnit("DG", "decigram", "dg", Decimal("0.0001")),
            MassUnit("CGM", "centigram", "cg", Decimal("0.00001")),
            MassUnit("MGM", "milligram", "mg", Decimal("0.000001")),
            MassUnit("MC", "microgram", "µg", Decimal("0.000000001")),
            MassUnit("LBR", "pound", "lb", _POUND_KG),
            MassUnit("ONZ", "ounce (avoirdupois)", "oz", _POUND_KG / 16),
            MassUnit("GRN", "grain", "gr", _GRAIN_KG),
            MassUnit("APZ", "troy ounce or apothecary ounce", "oz t", _GRAIN_KG * 480),
            MassUnit("STI", "stone (UK)", "st", _POUND_KG * 14),
            MassUnit("CWA", "hundredweight (US), 100 lb", "cwt (US)", _POUND_KG * 100),
            MassUnit("CWI", "hundredweight (UK), 112 lb", "cwt (UK)", _POUND_KG * 112),
            MassUnit("STN", "short ton (US), 2000 lb", "short ton", _POUND_KG * 2000),
            MassUnit("LTN", "long ton (UK), 2240 lb", "long ton", _POUND_KG * 2240),
        )
    }
)

# Codes that a trade document may well carry and that are no mass, so that the refusal can say so.
NOT_MASS: Mapping[str, str] = MappingProxyType(
    {
        "C62": "one (a count)",
        "H87": "piece",
        "EA": "each",
        "NAR": "number of articles",
        "PR": "pair",
        "SET": "set",
        "DZN": "dozen",
        "LTR": "litre",
        "MLT": "millilitre",
        "MTQ": "cubic metre",
        "MTR": "metre",
        "MTK": "square metre",
        "P1": "percent",
        "59": "part per million",
        "HUR": "hour",
        "DAY": "day",
        "CEL": "degree Celsius",
    }
)


def is_mass(unit: str | None) -> bool:
    """Whether the unit is one of mass; no unit is none."""
    return unit in MASS_UNITS


def kilograms(quantity: Decimal | int, unit: str, *, field: str = "quantity") -> Decimal:
    """The mass in kilograms, with every digit of the quantity.

    Args:
        quantity: In ``unit``, as printed. A float is refused.
        unit: UN/ECE Rec 20 code, for example ``TNE``.
        field: What to call the quantity in a refusal.

    Raises:
        UnitError: ``unit.not_mass``, ``unit.unknown``, ``unit.not_decimal``, ``unit.not_finite``.
    """
    number = exact(quantity, field=field)
    known = MASS_UNITS.get(unit)
    if known is not None:
        return times(number, known.kg)
    if unit in NOT_MASS:
        raise UnitError(
            "unit.not_mass",
            f"{unit} is {NOT_MASS[unit]}, which is no mass; give a unit of mass such as KGM or TNE.",
            field=field,
            unit=unit,
        )
    raise UnitError(
        "unit.unknown",
        f"{unit} is not a unit of mass that is known here; write a UN/ECE Rec 20 code: KGM, TNE, LBR, STN, LTN, APZ …",
        field=field,
        unit=unit,
    )


class WetMass(msgspec.Struct, frozen=True):
    """Mass as it lay on the scale, water included (wmt in the trade).

    Attributes:
        kg: Kilograms, exact, >= 0.

    Raises:
        UnitError: ``unit.not_decimal``, ``unit.not_finite``, ``unit.negative_mass``.
    """

    kg: Decimal

    def __post_init__(self) -> None:
        _check_kg(self.kg)

    def __add__(self, other: WetMass) -> WetMass:
        return WetMass(plus(self.kg, other.kg)) if isinstance(other, WetMass) else NotImplemented

    def dried(self, moisture: Decimal) -> DryMass:
        """What remains when the water is gone: ``dry = wet * (1 - moisture)``.

        Args:
            moisture: Mass of water per wet mass, 0 <= moisture < 1.

        Raises:
            UnitError: ``unit.moisture_range``.
        """
        if not 0 <= exact(moisture, field="moisture") < 1:
            raise UnitError(
                "unit.moisture_range", f"Moisture is {moisture}; want a fraction from 0 up to, not including, 1."
            )
        return DryMass(times(self.kg, plus(Decimal(1), moisture.copy_negate())))


class DryMass(msgspec.Struct, frozen=True):
    """Mass without its water (dmt in the trade). Adding a wet mass to it is a type error.

    Attributes:
        kg: Kilograms, exact, >= 0.

    Raises:
        UnitError: ``unit.not_decimal``, ``unit.not_finite``, ``unit.negative_mass``.
    """

    kg: Decimal

    def __post_init__(self) -> None:
        _check_kg(self.kg)

    def __add__(self, other: DryMass) -> DryMass:
        return DryMass(plus(self.kg, other.kg)) if isinstance(other, DryMass) else NotImplemented


def _check_kg(kg: Decimal) -> None:
    if exact(kg, field="kg") < 0:
        raise UnitError("unit.negative_mass", f"A mass is not negative, and this one is {kg} kg.", field="kg")
