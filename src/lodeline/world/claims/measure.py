"""Units as claims write them (``million USD``, ``USD/t[Cu]``), with the algebra of their dimensions.

What is weighed is part of the dimension: a tonne of ore, a tonne of antimony and a tonne of antimony oxide do not add
up, do not compare, and turn into each other only by a stated grade or by atomic weights.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from fractions import Fraction
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType

import msgspec

from lodeline.chemistry.formula import atoms
from lodeline.errors import InputError, LodelineError
from lodeline.errors.visible import visible
from lodeline.units.money import require_currency
from lodeline.units.rec20 import UNITS
from lodeline.world.nearest import nearest

Dimension = tuple[tuple[str, str, int], ...]
"""Sorted triples: what is measured (``mass``, ``USD``, ``year``), of what (``Cu``, ``ore``; empty where nobody says),
and to which power, never 0. Empty for a bare number."""

NUMBER: Dimension = ()

# Words of the trade to the Rec 20 code that has the factor; the codes themselves may be written too.
CODES: Mapping[str, str] = MappingProxyType(
    {
        "kg": "KGM",
        "g": "GRM",
        "t": "TNE",
        "kt": "KTN",
        "lb": "LBR",
        "troy_oz": "APZ",
        "short_ton": "STN",
        "long_ton": "LTN",
        "%": "P1",
        "percent": "P1",
        "ppm": "59",
        "acre": "ACR",
        "ha": "HAR",
        "km2": "KMK",
    }
)
MULTIPLES: Mapping[str, int] = MappingProxyType(
    {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
)
# A reporting year is counted, not timed: it is no number of days, so it is a dimension of its own. So are jobs.
COUNTED: Mapping[str, str] = MappingProxyType({"year": "year", "years": "year", "job": "job", "jobs": "job"})
WRITTEN_OUT: Mapping[str, str] = MappingProxyType(
    {
        "tonne": "t",
        "tonnes": "t",
        "kilogram": "kg",
        "kilograms": "kg",
        "gram": "g",
        "grams": "g",
        "pound": "lb",
        "pounds": "lb",
        "lbs": "lb",
        "dollar": "USD",
        "dollars": "USD",
        "$": "USD",
        "acres": "acre",
        "hectares": "ha",
    }
)
"""What people write, with the code to write instead: a code has no plural."""
AMBIGUOUS: Mapping[str, str] = MappingProxyType(
    {
        "oz": "troy_oz (gold, silver) or ONZ (avoirdupois)",
        "ton": "t, short_ton or long_ton",
        "tons": "t, short_ton or long_ton",
        "m": "million, or MTR for metres",
        "Mt": "million t",
        "Mlb": "million lb",
        "Moz": "million troy_oz",
        "bn": "billion",
    }
)

LARGEST = 10**40
"""Base units in one unit, and of it in one base unit."""
_TERM = re.compile(r"(?P<name>[A-Za-z_%][A-Za-z0-9_]*|[0-9][A-Z0-9])(?:\[(?P<of>[A-Za-z0-9()]*)\])?")


class Unit(msgspec.Struct, frozen=True):
    """One unit as written.

    Attributes:
        text: As written. factor: base units (kg, USD, year …) in one, exact. dimension: what it measures.
    """

    text: str
    factor: Fraction
    dimension: Dimension


class Weighed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a mass may be of besides a substance with a formula.

    Attributes:
        materials: Material whose content is another question: ``ore``.
        groups: Declared groups of elements or oxides, which have no one formula: ``REO``.
    """

    materials: frozenset[str]
    groups: frozenset[str]


@cache
def weighed() -> Weighed:
    """The words of ``tables/claims_words.toml``."""
    text = (resources.files("lodeline.world") / "tables" / "claims_words.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Weighed)


def times(a: Dimension, b: Dimension, *, power: int = 1) -> Dimension:
    """The dimension of ``a * b ** power``; what cancels is gone."""
    powers = {(what, of): exponent for what, of, exponent in a}
    for what, of, exponent in b:
        powers[what, of] = powers.get((what, of), 0) + power * exponent
    return tuple(sorted((what, of, exponent) for (what, of), exponent in powers.items() if exponent))


def told(dimension: Dimension) -> str:
    """A dimension in words: ``USD / mass of Cu``."""
    if not dimension:
        return "a bare number"
    named = [(f"{what} of {of}" if of else what, exponent) for what, of, exponent in dimension]
    over = " × ".join(name for name, exponent in named for _ in range(max(exponent, 0)))
    under = [name for name, exponent in named for _ in range(max(-exponent, 0))]
    return " / ".join((over or "1", *under))


def of_what(dimension: Dimension) -> str:
    """What the mass in a dimension is of; empty where it is of nothing named, or there is no one mass."""
    named = [of for what, of, _ in dimension if what == "mass"]
    return named[0] if len(named) == 1 else ""


@lru_cache(maxsize=1024)
def unit(text: str) -> Unit:
    """The unit of this text: terms with blanks between are multiplied, one behind a stroke divides.

    ``million USD``, ``USD/troy_oz[Au]``, ``% t[Sb]/t[ore]``, ``t[Cu]/year``. In brackets stands what is weighed: an
    element, a compound, a material such as ``ore``, or the year of the money (``USD[2025]``). Rec 20 codes are read.

    Raises:
        InputError: ``world.claims_unit``.
    """
    factor, dimension, position, power, any_term = Fraction(1), NUMBER, 0, 1, False
    text_end = len(text)
    while position < text_end:
        if text[position] == " ":
            position += 1
            continue
        if text[position] == "/" and power == 1:
            position, power = position + 1, -1
            continue
        found = _TERM.match(text, position)
        if found is None or len(text) > 200:
            raise _refused(text, f"cannot be read from character {position + 1} on")
        one, of = _term(found["name"], found["of"], text)
        factor *= one**power
        dimension = times(dimension, of, power=power)
        position, power, any_term = found.end(), 1, True
    if not 1 <= factor * LARGEST <= LARGEST**2:
        raise _refused(text, "is beyond any unit of use")
    if power < 0 or (text.strip() and not any_term):
        raise _refused(text, "ends with a stroke")
    return Unit(text, factor, dimension)


def _term(name: str, of: str | None, text: str) -> tuple[Fraction, Dimension]:
    if name in MULTIPLES:
        return Fraction(MULTIPLES[name]), NUMBER
    if name in COUNTED:
        return Fraction(1), ((COUNTED[name], "", 1),)
    if name in AMBIGUOUS:
        raise _refused(text, f"leaves open what {name} is: write {AMBIGUOUS[name]}")
    known = UNITS.get(CODES.get(name, name))
    if known is not None and not known.offset:
        if known.dimension == "fraction":
            return known.factor, NUMBER
        return known.factor, ((known.dimension, _substance(of, text) if known.dimension == "mass" else "", 1),)
    if _is_currency(name):
        if of and not re.fullmatch("[12][0-9]{3}", of):
            raise _refused(text, f"has {of} as the year of its money: write four digits")
        return Fraction(1), ((name, of or "", 1),)
    near = (
        (WRITTEN_OUT[name.lower()],) if name.lower() in WRITTEN_OUT else nearest(name, [*CODES, *MULTIPLES, *COUNTED])
    )
    raise _refused(text, f"has a unit {name} that is not known" + (f": is it {near[0]}" if near else ""))


def _substance(of: str | None, text: str) -> str:
    known = weighed()
    if not of or of in known.materials or of in known.groups:
        return of or ""
    try:
        atoms(of)
    except LodelineError:
        words = ", ".join(sorted(known.materials | known.groups))
        raise _refused(text, f"weighs {of}, which is no formula: write one such as Sb or Sb2O3, or {words}") from None
    return of


def _is_currency(name: str) -> bool:
    try:
        require_currency(name)
    except LodelineError:
        return False
    return True


def _refused(text: str, why: str) -> InputError:
    return InputError(
        "world.claims_unit",
        f"The unit {visible(text, limit=60)!r} {why}. Units are written like t[Cu], million USD or USD/troy_oz[Au].",
        unit=visible(text, limit=60),
    )
