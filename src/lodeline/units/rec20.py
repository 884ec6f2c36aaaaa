"""UN/ECE Rec 20 units to one base unit a dimension, exactly: what lets 10 °C and 50 °F be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import msgspec

from lodeline.units.mass import MASS_UNITS


class Unit(msgspec.Struct, frozen=True):
    """One unit: ``base = value * factor + offset``.

    Attributes:
        dimension: What it measures; only units of one dimension can be compared.
        factor: Base units in one unit, exact.
        offset: What a scale with another zero adds, in base units; a difference of two values has none.
    """

    dimension: str
    factor: Fraction
    offset: Fraction = Fraction(0)


_INCH, _FOOT, _POUND = Fraction(254, 10_000), Fraction(3_048, 10_000), Fraction(45_359_237, 100_000_000)
_G = Fraction(980_665, 100_000)
_NINTHS = Fraction(5, 9)

# One row a dimension: the code of its base unit first. Only factors that are exact by definition stand here; a unit
# whose factor holds pi, or is a measured figure, is compared with itself only, as every unknown code is.
# Source: UN/ECE Recommendation 20, revision 17 (2021), annex I, for the codes; NIST SP 811 (2008), appendix B, for the
# definitions.
_TABLE: Mapping[str, Mapping[str, Fraction | int]] = {
    "length": {
        "MTR": 1, "KMT": 1000, "DMT": Fraction(1, 10), "CMT": Fraction(1, 100), "MMT": Fraction(1, 1000),
        "4H": Fraction(1, 10**6), "C45": Fraction(1, 10**9), "INH": _INCH, "FOT": _FOOT, "YRD": 3 * _FOOT,
        "SMI": 5280 * _FOOT, "NMI": 1852,
    },
    "area": {
        "MTK": 1, "KMK": 10**6, "HAR": 10**4, "DMK": Fraction(1, 100), "CMK": Fraction(1, 10**4),
        "MMK": Fraction(1, 10**6), "INK": _INCH**2, "FTK": _FOOT**2, "YDK": 9 * _FOOT**2, "ACR": 43_560 * _FOOT**2,
    },
    "volume": {
        "MTQ": 1, "LTR": Fraction(1, 1000), "HLT": Fraction(1, 10), "DLT": Fraction(1, 10**4),
        "CLT": Fraction(1, 10**5), "MLT": Fraction(1, 10**6), "DMQ": Fraction(1, 1000), "CMQ": Fraction(1, 10**6),
        "MMQ": Fraction(1, 10**9), "INQ": _INCH**3, "FTQ": _FOOT**3, "YDQ": 27 * _FOOT**3, "GLL": 231 * _INCH**3,
        "BLL": 42 * 231 * _INCH**3, "GLI": Fraction(454_609, 10**8),
    },
    "time": {
        "SEC": 1, "C26": Fraction(1, 1000), "B98": Fraction(1, 10**6), "MIN": 60, "HUR": 3600, "DAY": 86_400,
        "WEE": 604_800,
    },
    "speed": {
        "MTS": 1, "KMH": Fraction(1000, 3600), "2M": Fraction(1, 100), "FS": _FOOT, "HM": 5280 * _FOOT / 3600,
        "KNT": Fraction(1852, 3600),
    },
    "acceleration": {"MSK": 1, "K40": _G},
    "force": {"NEW": 1, "B47": 1000, "B37": _G, "C78": _POUND * _G},
    "pressure": {
        "PAL": 1, "A97": 100, "KPA": 1000, "MPA": 10**6, "BAR": 10**5, "MBR": 100, "ATM": 101_325,
        "PS": _POUND * _G / _INCH**2,
    },
    "energy": {
        "JOU": 1, "KJO": 1000, "3B": 10**6, "WHR": 3600, "KWH": 3_600_000, "MWH": 3_600_000_000,
    },
    "power": {"WTT": 1, "C31": Fraction(1, 1000), "KWT": 1000, "MAW": 10**6},
    "frequency": {"HTZ": 1, "KHZ": 1000, "MHZ": 10**6, "A86": 10**9},
    "electric potential": {"VLT": 1, "2Z": Fraction(1, 1000), "KVT": 1000},
    "electric current": {"AMP": 1, "4K": Fraction(1, 1000), "B22": 1000},
    "density": {"KMQ": 1, "23": 1000, "GL": 1, "GP": Fraction(1, 10**6), "M1": Fraction(1, 1000)},
    "mass flow": {"KGS": 1, "E93": Fraction(1, 3600)},
    "volume flow": {"MQS": 1, "MQH": Fraction(1, 3600), "L2": Fraction(1, 60_000), "G51": Fraction(1, 1000)},
    "fraction": {
        "C62": 1, "P1": Fraction(1, 100), "NX": Fraction(1, 1000), "59": Fraction(1, 10**6), "61": Fraction(1, 10**9),
        "3H": 1, "GK": Fraction(1, 1000), "NA": Fraction(1, 10**6),
    },
    "radioactivity": {"BQL": 1, "2Q": 1000, "4N": 10**6},
    "information": {"AD": 8, "A99": 1, "2P": 8000, "4L": 8 * 10**6, "E34": 8 * 10**9},
}  # fmt: skip


def _units() -> Iterator[tuple[str, Unit]]:
    for dimension, codes in _TABLE.items():
        for code, factor in codes.items():
            yield code, Unit(dimension, Fraction(factor))
    for code, mass in MASS_UNITS.items():
        yield code, Unit("mass", Fraction(mass.kg))
    yield "KEL", Unit("temperature", Fraction(1))
    yield "CEL", Unit("temperature", Fraction(1), Fraction(27_315, 100))
    yield "A48", Unit("temperature", _NINTHS)
    yield "FAH", Unit("temperature", _NINTHS, Fraction(45_967, 100) * _NINTHS)


UNITS: Mapping[str, Unit] = MappingProxyType(dict(_units()))
"""Units by their code."""


def in_base(value: Decimal | int, code: str, *, difference: bool = False) -> tuple[str, Decimal | int | Fraction]:
    """The dimension of a unit, and the value in that dimension's base unit, exact.

    A code that is not known is a dimension of its own: such a value compares with values in the same code.

    Args:
        value: Finite.
        code: UN/ECE Rec 20 code.
        difference: The value is a difference, as a standard deviation is: 9 °F of it are 5 K, whatever the zero.
    """
    unit = UNITS.get(code)
    if unit is None:
        return code, value
    if unit.factor == 1 and not unit.offset:
        return unit.dimension, value
    base = Fraction(value) * unit.factor
    return unit.dimension, base if difference else base + unit.offset
