"""Published cells: what the publisher's codes, commas and dashes say. Unknown is never read as 0."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.world.nearest import nearest


class Unit(NamedTuple):
    """A unit as it is stored, and the factor from the published one."""

    code: str
    factor: Decimal


class Published(NamedTuple):
    """One cell: a value, or limits, or nothing; and the code that qualifies it."""

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str
    qualifier: str


UNITS = {
    "metric tons": Unit("TNE", Decimal(1)),
    "tons": Unit("TNE", Decimal(1)),
    "thousand metric tons": Unit("TNE", Decimal(1000)),
    "thousand metric dry tons": Unit("TNE", Decimal(1000)),
    "million metric tons": Unit("TNE", Decimal(1_000_000)),
    "kilograms": Unit("TNE", Decimal("0.001")),
    "million carats": Unit("TNE", Decimal("0.2")),
    "thousands of carats": Unit("TNE", Decimal("0.0002")),
    "thousand carats": Unit("TNE", Decimal("0.0002")),
    "million cubic meters": Unit("MTQ", Decimal(1_000_000)),
    "million liters": Unit("LTR", Decimal(1_000_000)),
    "million square feet": Unit("FTK", Decimal(1_000_000)),
    "percent": Unit("P1", Decimal(1)),
    "number": Unit("C62", Decimal(1)),
    "index": Unit("C62", Decimal(1)),
    "million dollars": Unit("USD", Decimal(1_000_000)),
    "dollars per metric ton": Unit("USD/TNE", Decimal(1)),
    "dollars per ton": Unit("USD/TNE", Decimal(1)),
    "dollars per dry metric ton unit": Unit("USD/KGM", Decimal("0.1")),
    "dollars per metric ton unit": Unit("USD/KGM", Decimal("0.1")),
    "dollars per kilogram": Unit("USD/KGM", Decimal(1)),
    "dollars per gram": Unit("USD/GRM", Decimal(1)),
    "dollars per 10-grams": Unit("USD/GRM", Decimal("0.1")),
    "dollars per 25 grams": Unit("USD/GRM", Decimal("0.04")),
    "dollars per 50 grams": Unit("USD/GRM", Decimal("0.02")),
    "dollars per 100 milliliters": Unit("USD/MLT", Decimal("0.01")),
    "dollars per 100 mililiters": Unit("USD/MLT", Decimal("0.01")),
    "dollars per pound": Unit("USD/LBR", Decimal(1)),
    "cents per pound": Unit("USD/LBR", Decimal("0.01")),
    "dollars per short ton": Unit("USD/STN", Decimal(1)),
    "dollars per troy ounce": Unit("USD/APZ", Decimal(1)),
    "dollars per carat": Unit("USD/CTM", Decimal(1)),
}
"""The publisher's units by UN/ECE Rec 20 codes. A mass is in tonnes whatever the publisher counts it in; what is no
mass stays what it is. A ton is a metric ton unless the publisher says short. A metric ton unit is 10 kg of what is paid
for (of tungsten trioxide it holds 7.93 kg of tungsten, says the publisher); a metric carat is 0.2 g."""

MANY = {"thousand": Decimal(1000), "million": Decimal(1_000_000), "billion": Decimal(1_000_000_000)}
SINGLE = {
    "metric ton": Unit("TNE", Decimal(1)),
    "metric dry ton": Unit("TNE", Decimal(1)),
    "dry metric ton": Unit("TNE", Decimal(1)),
    "ton": Unit("TNE", Decimal(1)),
    "kilogram": Unit("TNE", Decimal("0.001")),
    "gram": Unit("TNE", Decimal("0.000001")),
    "carat": Unit("TNE", Decimal("0.0000002")),
    "cubic meter": Unit("MTQ", Decimal(1)),
    "liter": Unit("LTR", Decimal(1)),
    "square feet": Unit("FTK", Decimal(1)),
    "dollar": Unit("USD", Decimal(1)),
}
"""Units that a next edition may count in thousands or millions where these do not."""
_MANY = re.compile(rf"(?:({'|'.join(MANY)})s?(?: of)? )?(.+?)s?")

SYMBOLS = {
    "TNE": "t",
    "P1": "%",
    "C62": "",
    "MTQ": "m³",
    "LTR": "L",
    "FTK": "ft²",
    "USD/TNE": "USD/t",
    "USD/KGM": "USD/kg",
    "USD/GRM": "USD/g",
    "USD/LBR": "USD/lb",
    "USD/APZ": "USD/oz t",
    "USD/CTM": "USD/ct",
}
"""What is printed for people in the place of a code; a code that is not here is printed as it is."""

NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_PLAIN = re.compile(NUMBER)
# The release is cp1252, which has no minus sign: U+2212 became a question mark on its way there.
_MINUS = re.compile(rf"[?−-] ?({NUMBER})")
_LIMIT = re.compile(rf"([<>])({NUMBER})")
_RANGE = re.compile(rf"({NUMBER}) ?[–-] ?({NUMBER})")
_WORDS = re.compile(r"[A-Z][a-z][A-Za-z, ]*")


_LESS = re.compile(
    rf"\bless than (?:(?:½|1/2|(?:one-)?half) ?(?:of )?(?:the )?unit|(?P<number>{NUMBER}) (?P<unit>[a-z]+))",
    re.IGNORECASE,
)
_INCLUDED = re.compile(r"\b[Ii]ncluded (?:in|with)\b")

_IN_WORDS = re.compile(
    r"\b(?:"
    + "|".join(
        re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True) if " " in unit and unit != "metric tons"
    )
    + r")\b"
)


def unit_words(text: str) -> list[str]:
    """The units that words name, as they stand there: ``million liters``, ``dollars per metric ton``."""
    return _IN_WORDS.findall(text)


def unit_of(text: str, line: int) -> Unit:
    """The stored unit for a published one.

    Raises:
        InputError: ``world.usgs_unit``.
    """
    found = UNITS.get(text.strip()) or composed(text.strip())
    if found is None:
        near = nearest(text, UNITS)
        raise InputError(
            "world.usgs_unit",
            f"The unit {visible(text)!r} is not known{f', perhaps {near[0]}' if near else ''}; correct the cell, or "
            "add the unit to UNITS in world/statistics/published.py.",
            line=line,
        )
    return found


def composed(text: str) -> Unit | None:
    """A unit by its words: ``billion cubic meters``; None where they are not known."""
    words = _MANY.fullmatch(text)
    single = None if words is None else SINGLE.get(words[2])
    if words is None or single is None:
        return None
    return Unit(single.code, single.factor * MANY.get(words[1], Decimal(1)))


def published(text: str, unit: Unit, *, measure: str, line: int, note: str = "") -> Published:
    """Read one cell.

    An em dash is zero. ``W`` (withheld), ``NA`` (not available), ``XX`` (not applicable) and words such as ``Large``
    are unknown. ``s`` is a mark whose footnote says what stands there, see :func:`_marked`. ``E``, in a line of net
    import reliance, is a net exporter: the reliance is not positive. A number below zero is read only where the
    footnote says what it would mean.

    Raises:
        InputError: ``world.usgs_value``.
    """
    cell, scale = text.strip(), unit.factor
    if cell == "—":
        return Published(Decimal(0), None, None, unit.code, "")
    if _PLAIN.fullmatch(cell):
        return Published(_decimal(cell) * scale, None, None, unit.code, "")
    if cell in ("W", "NA", "XX"):
        return Published(None, None, None, unit.code, cell)
    if cell == "":
        return Published(None, None, None, unit.code, "blank")
    if cell == "s":
        return _marked(unit, note)
    if cell == "E" and measure == "net-import-reliance":
        return Published(None, None, Decimal(0), unit.code, "E")
    found = _limited(cell, scale, unit.code) or _below_zero(cell, scale, unit.code, note)
    if found is not None:
        return found
    if len(cell) > 2 and _WORDS.fullmatch(cell):
        return Published(None, None, None, unit.code, "text")
    raise InputError(
        "world.usgs_value", f"The value {visible(text)!r} is neither a number nor a known code.", line=line
    )


def _marked(unit: Unit, note: str) -> Published:
    """``s``: less than half of the published unit, or than a number in words, or a figure that stands elsewhere.

    The publisher's files have this one letter for every footnote that takes the place of a figure. It is a limit only
    where the footnote says so, or where there is none; any other footnote says why there is no figure.
    """
    said = _LESS.search(note)
    least = None if said is None else composed(said["unit"] or "")
    if said is not None and said["number"] and least is not None and least.code == unit.code:
        return Published(None, Decimal(0), _decimal(said["number"]) * least.factor, unit.code, "s")
    if said is not None or not note.strip():
        return Published(None, Decimal(0), unit.factor / 2, unit.code, "s")
    if _INCLUDED.search(note):
        return Published(None, None, None, unit.code, "elsewhere")
    return Published(None, None, None, unit.code, "noted")


def _limited(cell: str, scale: Decimal, code: str) -> Published | None:
    """``>75``, ``<1,000``, ``700–740``; None where it is no limit, or limits the wrong way round."""
    if limit := _LIMIT.fullmatch(cell):
        end = _decimal(limit.group(2)) * scale
        if limit.group(1) == ">":
            return Published(None, end, None, code, ">")
        return Published(None, Decimal(0), end, code, "<")
    if span := _RANGE.fullmatch(cell):
        low, high = _decimal(span.group(1)) * scale, _decimal(span.group(2)) * scale
        return Published(None, low, high, code, "..") if low <= high else None
    return None


def _below_zero(cell: str, scale: Decimal, code: str, note: str) -> Published | None:
    """``?10`` where the footnote says ``If negative, increase …``; None elsewhere, since it may be a slip."""
    found = _MINUS.fullmatch(cell)
    if found is None or "If negative" not in note:
        return None
    return Published(-_decimal(found.group(1)) * scale, None, None, code, "minus")


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))
