"""Published cells: what the publisher's codes, commas and dashes say. Unknown is never read as 0."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from lodeline.errors import InputError
from lodeline.errors.visible import visible


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
    "thousand metric tons": Unit("TNE", Decimal(1000)),
    "percent": Unit("P1", Decimal(1)),
    "number": Unit("C62", Decimal(1)),
    "dollars per kilogram": Unit("USD/KGM", Decimal(1)),
    "dollars per pound": Unit("USD/LBR", Decimal(1)),
    "cents per pound": Unit("USD/LBR", Decimal("0.01")),
}

NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_PLAIN = re.compile(NUMBER)
_LIMIT = re.compile(rf"([<>])({NUMBER})")
_RANGE = re.compile(rf"({NUMBER}) ?[–-] ?({NUMBER})")
_WORDS = re.compile(r"[A-Z][A-Za-z, ]+")


def unit_of(text: str, line: int) -> Unit:
    """The stored unit for a published one.

    Raises:
        InputError: ``world.usgs_unit``.
    """
    try:
        return UNITS[text.strip()]
    except KeyError as unknown:
        raise InputError(
            "world.usgs_unit",
            f"The unit {visible(text)!r} is not known; add it to UNITS in world/statistics/published.py.",
            line=line,
        ) from unknown


def published(text: str, unit: Unit, *, measure: str, line: int) -> Published:
    """Read one cell.

    An em dash is zero. ``W`` (withheld), ``NA`` and words such as ``Large`` are unknown. ``s`` is less than half of
    the published unit. ``E``, in a line of net import reliance, is a net exporter: the reliance is not positive.

    Raises:
        InputError: ``world.usgs_value``.
    """
    cell, scale = text.strip(), unit.factor
    if cell == "—":
        return Published(Decimal(0), None, None, unit.code, "")
    if cell in ("W", "NA"):
        return Published(None, None, None, unit.code, cell)
    if cell == "":
        return Published(None, None, None, unit.code, "blank")
    if cell == "s":
        return Published(None, Decimal(0), scale / 2, unit.code, "s")
    if cell == "E" and measure == "net-import-reliance":
        return Published(None, None, Decimal(0), unit.code, "E")
    if _PLAIN.fullmatch(cell):
        return Published(_decimal(cell) * scale, None, None, unit.code, "")
    if limit := _LIMIT.fullmatch(cell):
        end = _decimal(limit.group(2)) * scale
        if limit.group(1) == ">":
            return Published(None, end, None, unit.code, ">")
        return Published(None, Decimal(0), end, unit.code, "<")
    if span := _RANGE.fullmatch(cell):
        return Published(None, _decimal(span.group(1)) * scale, _decimal(span.group(2)) * scale, unit.code, "..")
    if len(cell) > 2 and _WORDS.fullmatch(cell):
        return Published(None, None, None, unit.code, "text")
    raise InputError(
        "world.usgs_value", f"The value {visible(text)!r} is neither a number nor a known code.", line=line
    )


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))
