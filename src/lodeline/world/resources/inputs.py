"""Inputs of the ladder: each named, with its unit, range and source; none of them has a default."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.units.figure import Figure
from lodeline.world.nearest import near_or_all
from lodeline.world.resources.files import convert_toml, in_file
from lodeline.world.resources.said_units import Kind
from lodeline.world.resources.spread import Spread, figure_of


class Word(NamedTuple):
    """What an input is: its kind, whether each element has its own, whether it may be more than 1, and in words."""

    kind: Kind
    each: bool
    told: str


WORDS: Mapping[str, Word] = {
    "ore": Word("mass", False, "ore in the ground, or in the reserve"),
    "grade": Word("part", True, "grade of the ore"),
    "contained": Word("mass", True, "metal in the ore, where it is published instead of ore and grade"),
    "price": Word("price", True, "price of the metal"),
    "mining_recovery": Word("part", False, "part of the ore that is mined; 100 percent where ore is a reserve"),
    "recovery": Word("part", True, "part of the metal that the plant recovers"),
    "recovered": Word("mass", True, "metal recovered, where it is published instead of the recoveries"),
    "payable": Word("part", True, "part of the recovered metal that a buyer pays"),
    "concentrate_grade": Word("part", True, "grade of the concentrate, of the element it is named after"),
    "treatment_charge": Word("price", False, "per tonne of concentrate"),
    "refining_charge": Word("price", True, "per tonne of payable metal"),
    "transport": Word("price", False, "per tonne of concentrate, to the buyer"),
    "mining_cost": Word("price", False, "per tonne of ore delivered, waste included"),
    "processing_cost": Word("price", False, "per tonne of ore"),
    "general_cost": Word("price", False, "general and administrative, per tonne of ore"),
    "royalty": Word("part", False, "part of the net smelter return"),
    "capital": Word("money", False, "to build the mine"),
    "sustaining_capital": Word("money", False, "to keep it running, over its life"),
    "income_tax": Word("part", False, "part of the income left when capital is earned back"),
    "discount_rate": Word("part", False, "per year"),
}
"""Input by name. Of kind ``part`` none is more than 1."""

ABOVE_ZERO = frozenset(("concentrate_grade",))
"""Inputs that others are divided by."""


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One input, as a file gives it.

    Attributes:
        name: One of :data:`WORDS`. element: where each element has its own.
        unit, value, low, high: As :class:`lodeline.world.resources.spread.Spread`.
        source, as_of: Who says so, and when.
        assumed: Whether nobody says so and the user supposes it; all that rests on it is then illustrative.
    """

    name: str
    unit: str
    source: str
    element: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    as_of: str = ""
    note: str = ""
    claim: str = ""
    assumed: bool = False

    @property
    def key(self) -> str:
        """``payable:Cu``, ``capital``."""
        return f"{self.name}:{self.element}" if self.element else self.name


class Schedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When ore is processed and capital is spent, one entry a year.

    Attributes:
        ore, capital: Weights of equal length, not negative; each is divided by its sum, so tonnes and dollars do too.
        first_after_years: By how many years the first entry is discounted: 0, 0.5 or 1 are usual. It has no default.
        source: Who says so. assumed: as :class:`Input`.
    """

    ore: tuple[float, ...]
    capital: tuple[float, ...]
    first_after_years: float
    source: str
    assumed: bool = False


class Inputs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of inputs that a user supposes."""

    input: tuple[Input, ...] = ()
    schedule: Schedule | None = None


def check_inputs(inputs: Sequence[Input], schedule: Schedule | None, place: str) -> dict[str, Figure]:
    """The inputs as figures by key, in base units.

    Raises:
        InputError: ``world.ladder_input_unknown``, ``world.ladder_input_element``, ``world.resources_twice``,
            ``world.ladder_schedule``, ``world.resources_unit``, ``world.resources_range``.
    """
    found: dict[str, Figure] = {}
    for at, one in enumerate(inputs):
        here = f"{place}.input[{at}]"
        word = WORDS.get(one.name)
        if word is None:
            raise InputError(
                "world.ladder_input_unknown",
                f"{visible(one.name)!r} is no input of the ladder; {near_or_all(one.name, WORDS)}.",
                field=f"{here}.name",
            )
        if word.each != bool(one.element):
            want = "one element each: say which" if word.each else "all elements: leave element out"
            raise InputError("world.ladder_input_element", f"{one.name} is of {want}.", field=f"{here}.element")
        if one.key in found:
            raise InputError("world.resources_twice", f"Two inputs say {visible(one.key)}; keep one.", field=here)
        said = Spread(unit=one.unit, value=one.value, low=one.low, high=one.high)
        most = 1.0 if word.kind == "part" else math.inf
        found[one.key] = figure_of(said, word.kind, place=here, rests_on=(one.key,), most=most)
        if one.name in ABOVE_ZERO and 0.0 in (found[one.key].value, found[one.key].low):
            raise InputError("world.resources_range", f"{one.name} is above 0; check it.", field=here)
    if schedule is not None:
        _check_schedule(schedule, f"{place}.schedule")
    return found


def _check_schedule(schedule: Schedule, place: str) -> None:
    years = (schedule.ore, schedule.capital)
    good = len(years[0]) == len(years[1]) and all(
        weights and all(0 <= one < float("inf") for one in weights) and sum(weights) > 0 for weights in years
    )
    if not good or not 0 <= schedule.first_after_years < float("inf"):
        raise InputError(
            "world.ladder_schedule",
            "A schedule has as many years of ore as of capital, none negative, not all of them zero, and "
            "first_after_years >= 0.",
            field=place,
        )


def read_inputs(path: str | Path) -> Inputs:
    """Inputs that a user supposes, from a TOML file.

    Raises:
        NotFoundError: ``world.no_such_resources_file``. InputError: ``world.resources_toml``,
            ``world.resources_field``, and those of :func:`check_inputs`.
    """
    return in_file(path, _checked_inputs)


def _checked_inputs(text: str) -> Inputs:
    found = convert_toml(text, Inputs)
    check_inputs(found.input, found.schedule, "$")
    return found
