"""Units as people write them beside resources: ``Mt``, ``Moz``, ``g/t``, ``USD/lb``, ``billion USD``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.units.mass import MASS_UNITS

Kind = Literal["mass", "part", "price", "money"]

_TONNE_KG = float(MASS_UNITS["TNE"].kg)
_POUND_T = float(MASS_UNITS["LBR"].kg) / _TONNE_KG
_TROY_OUNCE_T = float(MASS_UNITS["APZ"].kg) / _TONNE_KG

UNITS: Mapping[Kind, Mapping[str, float]] = {
    "mass": {
        "kg": 1 / _TONNE_KG,
        "t": 1.0,
        "kt": 1e3,
        "million t": 1e6,
        "billion t": 1e9,
        "lb": _POUND_T,
        "million lb": 1e6 * _POUND_T,
        "ozt": _TROY_OUNCE_T,
        "million ozt": 1e6 * _TROY_OUNCE_T,
    },
    "part": {"fraction": 1.0, "percent": 1e-2, "g/t": 1e-6},
    "price": {
        "USD/t": 1.0,
        "USD/kg": _TONNE_KG,
        "USD/lb": 1 / _POUND_T,
        "USD/ozt": 1 / _TROY_OUNCE_T,
    },
    "money": {"USD": 1.0, "million USD": 1e6, "billion USD": 1e9, "trillion USD": 1e12},
}
"""What one of each is in t, kg per kg, USD/t or USD. ``Mt`` and ``mt`` are not among them: one publisher's million
tonnes is another's metric ton."""


def in_base(number: float, unit: str, kind: Kind, *, place: str) -> float:
    """A number in t, kg per kg, USD/t or USD.

    Raises:
        InputError: ``world.resources_unit``.
    """
    factor = UNITS[kind].get(unit)
    if factor is None:
        raise InputError(
            "world.resources_unit",
            f"{visible(unit, limit=40)!r} is no unit of {kind} here; write one of {', '.join(UNITS[kind])}.",
            field=place,
        )
    return number * factor
