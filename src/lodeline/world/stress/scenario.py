"""Scenarios: a disruption in physical units, with a horizon. Data in TOML, refused where it cannot be meant."""

from __future__ import annotations

import calendar
import difflib
import math
import tomllib
from datetime import date
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.stress.parameters import NAMES, Range

Number = float | Range
"""A figure, or the range of one that nobody knows better."""
PREFIX = "stress_preset_"


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all parts of a scenario have: whoever wrote it may say where a figure is from."""

    source: str = ""


class Base(Part, frozen=True, kw_only=True):
    """The year that is disturbed.

    Attributes:
        commodity: As the editions name it.
        trade_year, national_year: Of shipments, and of output and use.
        follows: Alpha-3 of a country whose imports by partner, exports and production are taken from its national
            statistics in all traded forms, instead of from the trade table in one; empty for none.
        trade, hs, content, supply, home: As in ``tables/stress_bases.toml``; its block where empty.
    """

    commodity: str
    trade_year: str
    national_year: str
    follows: str = ""
    trade: str = ""
    hs: str = ""
    content: float = 0.0
    supply: str = ""
    home: tuple[str, ...] = ()


class Horizon(Part, frozen=True, kw_only=True):
    """From when, how long, and in which steps the market clears. ``months`` or ``years``, one of them."""

    start: date
    months: int = 0
    years: int = 0
    step_months: int = 0


class Cut(Part, frozen=True, kw_only=True, tag_field="kind", tag="cut"):
    """Exports are cut by ``percent`` or by ``tonnes_per_year``, one of them; to one importer, or to all if empty."""

    exporter: str
    since: date = msgspec.field(name="from")
    importer: str = ""
    percent: Number | None = None
    tonnes_per_year: Number | None = None
    until: date | None = None


class Licence(Part, frozen=True, kw_only=True, tag_field="kind", tag="licence"):
    """Exports stand still until licences come, ``delay_months``; after that ``refused_percent`` of them do not go."""

    exporter: str
    delay_months: Number
    since: date = msgspec.field(name="from")
    importer: str = ""
    refused_percent: Number = 0.0
    until: date | None = None


class Port(Part, frozen=True, kw_only=True, tag_field="kind", tag="port"):
    """A port closes through which ``percent`` of a country's exports and imports go."""

    country: str
    percent: Number
    since: date = msgspec.field(name="from")
    until: date | None = None


class Stockpile(Part, frozen=True, kw_only=True, tag_field="kind", tag="stockpile"):
    """A country buys for stores whatever it costs; what is stored is not sold within the horizon."""

    country: str
    tonnes_per_year: Number
    since: date = msgspec.field(name="from")
    until: date | None = None


class Flow(Part, frozen=True, kw_only=True):
    """Shipments beside those of the trade table, such as a programme's; made and used in addition to the base year."""

    exporter: str
    importer: str
    tonnes_per_year: float


class Fact(Part, frozen=True, kw_only=True):
    """What became of it: a sum of published rows (over another sum), to hold an answer of a step against.

    ``of`` and ``over`` are keys of rows without their edition: ``antimony:USA:price:metal:2024``.
    """

    step: int
    quantity: str
    of: tuple[str, ...]
    over: tuple[str, ...] = ()


Measure = Cut | Licence | Port | Stockpile


class Scenario(Part, frozen=True, kw_only=True):
    """A disruption.

    Attributes:
        title: What is asked, as a sentence. at: the country that asks, alpha-3.
        parameters: Ranges that take the place of the shipped ones.
    """

    title: str
    at: str
    base: Base
    horizon: Horizon
    measure: tuple[Measure, ...] = ()
    flow: tuple[Flow, ...] = ()
    fact: tuple[Fact, ...] = ()
    parameters: dict[str, Range] = {}


def parse_scenario(text: str) -> Scenario:
    """A scenario from TOML text.

    Raises:
        InputError: ``world.stress_scenario``, ``world.stress_range``, ``world.stress_cut``,
            ``world.stress_units_mixed``, ``world.stress_horizon``.
    """
    try:
        found = msgspec.convert(tomllib.loads(text), Scenario)
    except tomllib.TOMLDecodeError as flaw:
        raise InputError(
            "world.stress_scenario", f"A scenario is TOML, and this is not: {visible(str(flaw), limit=200)}."
        ) from flaw
    except msgspec.ValidationError as flaw:
        if isinstance(flaw.__cause__, InputError):
            raise flaw.__cause__ from flaw
        raise InputError(
            "world.stress_scenario",
            f"The scenario does not say what it should: {visible(str(flaw), limit=300)}; see the example of the "
            "reference.",
        ) from flaw
    _checked(found)
    return found


def read_scenario(path: str | Path) -> Scenario:
    """A scenario from a file.

    Raises:
        NotFoundError: ``world.stress_no_file``. InputError: as :func:`parse_scenario`, and ``world.stress_scenario``.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFoundError("world.stress_no_file", "There is no such scenario; check its name.", file=str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as flaw:
        raise InputError("world.stress_scenario", "A scenario is UTF-8 text; save it so.", file=str(path)) from flaw
    try:
        return parse_scenario(text)
    except InputError as flaw:
        raise flaw.located(file=str(path)) from flaw


@cache
def presets() -> tuple[str, ...]:
    """The names of the scenarios that come with lodeline."""
    files = (resources.files("lodeline.world") / "tables").iterdir()
    names = (one.name for one in files if one.name.startswith(PREFIX) and one.name.endswith(".toml"))
    return tuple(sorted(name[len(PREFIX) : -len(".toml")].replace("_", "-") for name in names))


def preset(name: str) -> Scenario:
    """A scenario that comes with lodeline.

    Raises:
        NotFoundError: ``world.stress_preset``.
    """
    if name not in presets():
        near = difflib.get_close_matches(name, presets(), n=1, cutoff=0.0)[0]
        raise NotFoundError(
            "world.stress_preset",
            f"No scenario {visible(name)!r} comes with lodeline; did you mean {near}? --list names all.",
        )
    file = f"{PREFIX}{name.replace('-', '_')}.toml"
    return parse_scenario((resources.files("lodeline.world") / "tables" / file).read_text(encoding="utf-8"))


def months_on(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def steps(horizon: Horizon) -> tuple[tuple[date, date], ...]:
    """The steps in which the market clears, each from a day up to another."""
    months, each = horizon.months or 12 * horizon.years, step_months(horizon)
    edges = [months_on(horizon.start, at) for at in range(0, months + 1, each)]
    return tuple(pairwise(edges))


def step_months(horizon: Horizon) -> int:
    """The length of each step; the whole horizon unless it is said."""
    return horizon.step_months or horizon.months or 12 * horizon.years


def _checked(scenario: Scenario) -> None:
    _check_horizon(scenario.horizon)
    for number, one in enumerate(scenario.measure):
        place = f"measure {number + 1}"
        if one.until is not None and one.until <= one.since:
            raise InputError(
                "world.stress_horizon", "A measure ends before it begins; swap from and until.", field=place
            )
        if isinstance(one, Cut):
            _check_cut(one, place)
        elif isinstance(one, Licence):
            _check_percent(one.refused_percent, place)
            _check_amount(one.delay_months, "A delay of licences is 0 months or more.", place)
        elif isinstance(one, Port):
            _check_percent(one.percent, place)
        else:
            _check_amount(one.tonnes_per_year, "A stockpile buys 0 tonnes a year or more.", place)
    for flow in scenario.flow:
        if not 0 < flow.tonnes_per_year < float("inf"):
            raise InputError("world.stress_cut", "A flow is more than 0 tonnes a year.", field="flow")
    unknown = [name for name in scenario.parameters if name not in NAMES]
    if unknown:
        raise InputError(
            "world.stress_scenario",
            f"{visible(unknown[0])} is no parameter; those are {', '.join(NAMES)}.",
            field="parameters",
        )


def _check_horizon(horizon: Horizon) -> None:
    if horizon.months and horizon.years:
        raise InputError(
            "world.stress_units_mixed", "A horizon is in months or in years; keep one of them.", field="horizon"
        )
    months = horizon.months or 12 * horizon.years
    each = horizon.step_months or months
    if months <= 0 or each <= 0 or months % each:
        raise InputError(
            "world.stress_horizon",
            f"A horizon is a month or more, in whole steps, and this one is {months} months in steps of {each}; "
            "write months = 12.",
            field="horizon",
        )
    try:
        months_on(horizon.start, months)
    except (ValueError, OverflowError) as flaw:
        raise InputError(
            "world.stress_horizon", "The horizon ends after the year 9999; make it shorter.", field="horizon"
        ) from flaw


def _check_cut(one: Cut, place: str) -> None:
    if (one.percent is None) == (one.tonnes_per_year is None):
        raise InputError(
            "world.stress_units_mixed",
            "A cut is in percent or in tonnes_per_year; write one of them.",
            field=place,
        )
    if one.percent is not None:
        _check_percent(one.percent, place)
    elif one.tonnes_per_year is not None:
        _check_amount(one.tonnes_per_year, "A cut is 0 tonnes or more; more exports are a flow.", place)


def _check_percent(number: Number, place: str) -> None:
    low, high = (number.low, number.high) if isinstance(number, Range) else (number, number)
    if not (low >= 0 and high <= 100):  # so that what is no number is refused too
        raise InputError(
            "world.stress_cut",
            f"A cut is from 0 to 100 percent, and this one is {low:g} to {high:g}; correct it.",
            field=place,
        )


def _check_amount(number: Number, sentence: str, place: str) -> None:
    low = number.low if isinstance(number, Range) else number
    if not 0 <= low < math.inf:
        raise InputError("world.stress_cut", sentence, field=place)


def ranges_of(scenario: Scenario) -> dict[str, Range]:
    """The figures of the measures that are ranges, by ``measure:field``."""
    found = {}
    for number, one in enumerate(scenario.measure):
        for name in ("percent", "tonnes_per_year", "delay_months", "refused_percent"):
            value: Any = getattr(one, name, None)
            if isinstance(value, Range):
                found[f"{number}:{name}"] = value
    return found
