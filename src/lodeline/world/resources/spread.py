"""A quantity as it is said: a value, a range, or a value within a range, in the unit of its source."""

from __future__ import annotations

import math

import msgspec

from lodeline.errors import InputError, Settle
from lodeline.units.figure import Figure
from lodeline.world.resources.said_units import Kind, in_base

BASE_UNITS: dict[Kind, str] = {"mass": "TNE", "part": "C62", "price": "USD/TNE", "money": "USD"}


class Spread(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value, its range, or both.

    Attributes:
        unit: One of :data:`lodeline.world.resources.said_units.UNITS` of its kind.
        value: As said; None where only a range is.
        low, high: The ends, both or neither.
        u: Standard uncertainty (k = 1), same unit; None where nobody gives one.
    """

    unit: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    u: float | None = None


def figure_of(said: Spread, kind: Kind, *, place: str, rests_on: tuple[str, ...], most: float = math.inf) -> Figure:
    """What is said as a figure in t, kg per kg, USD/t or USD.

    Args:
        place: Where it stands, for a refusal.
        most: What it may be at most, in the base unit; it may not be negative.

    Raises:
        InputError: ``world.resources_unit``, ``world.resources_range``.
    """
    numbers = {
        name: None if (number := getattr(said, name)) is None else in_base(number, said.unit, kind, place=place)
        for name in ("value", "low", "high", "u")
    }
    value, low, high = (numbers[name] for name in ("value", "low", "high"))
    given = [one for one in (low, value, high) if one is not None]
    if not given or (low is None) != (high is None):
        raise InputError(
            "world.resources_range",
            "Give a value, or a low and a high, or all three; one end is no range.",
            field=place,
        )
    within = all(math.isfinite(one) and 0 <= one <= most for one in given)
    doubt = numbers["u"]
    whole = f" <= {most:g} (1 is 100 percent)" if most < math.inf else ""
    if given != sorted(given) or not within or (doubt is not None and not 0 <= doubt < math.inf):
        raise InputError(
            "world.resources_range",
            f"Want 0 <= low <= value <= high{whole}, and u from 0; check the numbers and their unit.",
            field=place,
        )
    return Figure(
        value=value,
        low=low,
        high=high,
        u=numbers["u"],
        unit=BASE_UNITS[kind],
        standing="bounded" if value is None else "stated",
        rests_on=rests_on,
    )


def ends(figure: Figure) -> tuple[float, float] | None:
    """The least and the most of a figure; both its value where it has no range, None where nothing is known."""
    if figure.low is not None and figure.high is not None:
        return figure.low, figure.high
    return None if figure.value is None else (figure.value, figure.value)


def missing(unit: str, subject: str, detail: str) -> Figure:
    """An unknown figure with the document that would settle it."""
    return Figure(
        value=None, unit=unit, standing="unknown", settle=(Settle(act="document", subject=subject, detail=detail),)
    )
