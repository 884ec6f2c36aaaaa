"""Printed figures: between which limits a figure lies that was rounded before it was printed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from lodeline.world.statistics.edition import Row


class Printed(NamedTuple):
    """One printed figure, in the unit of its row.

    Attributes:
        low, high: As it stands, both the same for a number; the limits where only limits are printed. ``high`` is None
            where nothing limits it from above, as where it is withheld.
        least, most: The same with what rounding may have taken away or added.
        told: Whether anything is printed about it: a number, or limits.
    """

    low: float
    high: float | None
    least: float
    most: float | None
    told: bool


class Rounding(NamedTuple):
    """How the figures of an edition are rounded, where its notes say nothing else.

    Attributes:
        digits: Significant digits of a figure. estimated: of the publisher's estimates.
    """

    digits: int
    estimated: int


def printed(
    row: Row, rounding: Rounding, finest: int, *, digits: int | None = None, step: Decimal | None = None
) -> Printed:
    """Between which limits the figure of a row lies.

    A number is what it is to half of its last place. That place is the last digit that is not 0, or the last
    significant digit by the edition's rounding where that is finer, and never finer than ``finest``. An em dash, or 0,
    is nothing, exactly. A quantity that is withheld or not available is 0 or more.

    Args:
        row: A quantity, so not below 0 but where a minus is printed.
        rounding: Of the edition.
        finest: Power of ten of the finest place that the edition prints in this line; see :func:`finest_place`.
        digits: Significant digits, where a note says so of this line.
        step: To the nearest so many of the row's unit, where a note says so.
    """
    if row.value is None:
        low = 0.0 if row.low is None else float(row.low)
        high = None if row.high is None else float(row.high)
        told = row.low is not None or row.high is not None
        return Printed(low, high, low, high, told)
    value = float(row.value)
    number = _number(row.published)
    if not number or not row.value:
        return Printed(value, value, value, value, True)
    half = float(step) / 2 if step is not None else _half(number, row, rounding, finest, digits)
    # What is printed as a positive quantity is not negative before it is rounded.
    return Printed(value, value, max(0.0, value - half) if value >= 0 else value - half, value + half, True)


def finest_place(rows: Iterable[Row]) -> int:
    """Power of ten of the finest place printed in a line: -1 where one of its figures has tenths, 0 in whole units."""
    numbers = (_number(row.published) for row in rows)
    return min((_exponent(number) for number in numbers if number is not None), default=0)


def _half(number: Decimal, row: Row, rounding: Rounding, finest: int, digits: int | None) -> float:
    """Half of the last place, in the unit of the row."""
    count = digits if digits is not None else rounding.estimated if row.has("e") else rounding.digits
    place = max(min(_exponent(number.normalize()), number.adjusted() - count + 1), finest)
    # The unit of the row is a multiple of the printed one: thousand metric tons are kept as tonnes.
    return float(abs((row.value or number) / number) * Decimal(10) ** place / 2)


def _number(text: str) -> Decimal | None:
    """The number that a cell holds; None for codes, limits and dashes."""
    try:
        return Decimal(text.strip().replace(",", "").replace("?", "-").replace("−", "-").replace("–", "-"))
    except InvalidOperation:
        return None


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
