"""Running a scenario: every draw of the parameters through every step, stocks carried on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np

from lodeline.errors import NotFoundError
from lodeline.world.country import country_name
from lodeline.world.stress.base import Market
from lodeline.world.stress.equilibrium import Cleared, Curves, Floats, Gates, Network, Places, Stock, clear
from lodeline.world.stress.parameters import Range
from lodeline.world.stress.scenario import Cut, Licence, Number, Port, Scenario, Stockpile, step_months, steps

MONTH_DAYS = 365.25 / 12
MONTHS = 12


class Gate(NamedTuple):
    """One measure as what it holds down: which flows (places), and the measure with its number."""

    flows: Places
    number: int
    measure: Cut | Licence | Port


class Ran(NamedTuple):
    """One step of one draw: what cleared, what was held at its beginning (country,), and its length in months."""

    cleared: Cleared
    held_t: Floats
    months: int


class Runs(NamedTuple):
    """All draws of all steps.

    Attributes:
        steps: (step) from a day up to another.
        ran: (draw, step). passing: (draw, step) tonnes into the country that asks if a ban merely took its share away.
    """

    steps: tuple[tuple[date, date], ...]
    ran: tuple[tuple[Ran, ...], ...]
    passing: tuple[tuple[float, ...], ...]


def gates(scenario: Scenario, market: Market) -> tuple[Gate, ...]:
    """What the measures hold down.

    Raises:
        NotFoundError: ``world.stress_country``, ``world.stress_no_trade``.
    """
    found = []
    network = market.network
    for number, one in enumerate(scenario.measure):
        if isinstance(one, Stockpile):
            continue
        if isinstance(one, Port):
            place = market.place(one.country)
            for flows in (np.flatnonzero(network.exporter == place), np.flatnonzero(network.importer == place)):
                if len(flows):
                    found.append(Gate(flows, number, one))
            continue
        passed = network.exporter == market.place(one.exporter)
        if one.importer:
            passed = passed & (network.importer == market.place(one.importer))
        if not passed.any():
            to = country_name(one.importer) if one.importer else "anybody"
            raise NotFoundError(
                "world.stress_no_trade",
                f"{country_name(one.exporter)} ships nothing to {to} in the base year, so nothing can be cut; correct "
                "the countries, or add a [[flow]].",
            )
        found.append(Gate(np.flatnonzero(passed), number, one))
    return tuple(found)


def run(
    scenario: Scenario,
    market: Market,
    drawn: Mapping[str, Floats],
    *,
    ceiling: float,
    progress: Callable[[int], None] = lambda _: None,
) -> Runs:
    """Every draw through every step.

    Args:
        drawn: (draw,) values of each parameter, and of the measures' figures that are ranges as ``number:field``.
        ceiling: The highest price factor.
        progress: Told how many draws are done.

    Raises:
        NotFoundError: as :func:`gates`. InputError: ``world.stress_not_solved``.
    """
    held_down, spans = gates(scenario, market), steps(scenario.horizon)
    months = step_months(scenario.horizon)
    at = market.place(scenario.at)
    many = len(drawn["demand_elasticity"])
    ran, passing = [], []
    for draw in range(many):
        values = {name: float(figures[draw]) for name, figures in drawn.items()}
        stores = [_stores(scenario, market, values, span, months) for span in spans]
        one, past = _draw(market, held_down, spans, months, values, ceiling, at, stores)
        ran.append(one)
        passing.append(past)
        progress(draw + 1)
    return Runs(spans, tuple(ran), tuple(passing))


def _draw(
    market: Market,
    held_down: tuple[Gate, ...],
    spans: tuple[tuple[date, date], ...],
    months: int,
    values: Mapping[str, float],
    ceiling: float,
    at: int,
    stores: list[Floats],
) -> tuple[tuple[Ran, ...], tuple[float, ...]]:
    curves = Curves(
        values["demand_elasticity"],
        values["supply_elasticity"],
        values["spare_capacity"],
        values["trade_elasticity"],
        ceiling,
    )
    full_t = market.network.demand_t / MONTHS * values["stock_months"]
    held_t, start = full_t, None
    ran, passing = [], []
    # A year's step holds a year's tonnes, in a leap year too; days only say how much of it a measure covers.
    network = _scaled(market.network, months / MONTHS)
    for (since, until), store_t in zip(spans, stores, strict=True):
        allowed = [
            allowed_part(gate.measure, gate.number, values, market.network, gate.flows, since, until)
            for gate in held_down
        ]
        cleared = clear(network, curves, _caps(network, held_down, allowed), Stock(held_t, full_t), start, store_t)
        ran.append(Ran(cleared, held_t, months))
        passing.append(_passing(network, held_down, allowed, at))
        held_t, start = held_t - cleared.release_t, np.log(cleared.price_factor)
    return tuple(ran), tuple(passing)


def allowed_part(
    measure: Cut | Licence | Port,
    number: int,
    values: Mapping[str, float],
    network: Network,
    flows: Places,
    since: date,
    until: date,
) -> float:
    """Which part of a step's shipments of the base year a measure lets pass, 0 to 1; whole days are counted.

    Where it is not in force, what was shipped in the base year counts.

    Args:
        network: The base year, tonnes a year. flows: places of the shipments that the measure holds down.
    """
    ends = until if measure.until is None else min(until, measure.until)
    begins = max(since, measure.since)
    days = (until - since).days
    in_force = max(0, (ends - begins).days)
    if isinstance(measure, Licence):
        delay = _figure(measure.delay_months, f"{number}:delay_months", values) * MONTH_DAYS
        # No licence that comes after the step is told from another, however late.
        come = min(measure.since.toordinal() + delay, until.toordinal())
        standing = min(max(0, math.floor(come) - begins.toordinal()), in_force)
        refused = _figure(measure.refused_percent, f"{number}:refused_percent", values) / 100
        return 1 - (standing + refused * (in_force - standing)) / days
    if isinstance(measure, Cut) and measure.percent is None:
        year_t = float(network.flow_t[flows].sum())
        cut = min(1.0, _figure(measure.tonnes_per_year or 0.0, f"{number}:tonnes_per_year", values) / year_t)
    else:
        cut = _figure(measure.percent or 0.0, f"{number}:percent", values) / 100
    return 1 - cut * in_force / days


def _stores(
    scenario: Scenario, market: Market, values: Mapping[str, float], span: tuple[date, date], months: int
) -> Floats:
    """(country,) what is bought for stores in a step, tonnes."""
    store_t = np.zeros(len(market.countries))
    for number, one in enumerate(scenario.measure):
        if isinstance(one, Stockpile):
            ends = span[1] if one.until is None else min(span[1], one.until)
            part = max(0, (ends - max(span[0], one.since)).days) / (span[1] - span[0]).days
            tonnes = _figure(one.tonnes_per_year, f"{number}:tonnes_per_year", values) * months / MONTHS
            store_t[market.place(one.country)] += part * tonnes
    return store_t


def _figure(number: Number, name: str, values: Mapping[str, float]) -> float:
    return values[name] if isinstance(number, Range) else float(number)


def _scaled(network: Network, part: float) -> Network:
    return network._replace(
        supply_t=network.supply_t * part, demand_t=network.demand_t * part, flow_t=network.flow_t * part
    )


def _caps(network: Network, held_down: tuple[Gate, ...], allowed: list[float]) -> Gates:
    """The gates that are in force in a step."""
    binding = [(gate, part) for gate, part in zip(held_down, allowed, strict=True) if part < 1]
    member = np.zeros((len(binding), len(network.flow_t)), dtype=bool)
    cap_t = np.zeros(len(binding))
    for row, (gate, part) in enumerate(binding):
        member[row, gate.flows] = True
        cap_t[row] = max(0.0, part) * network.flow_t[gate.flows].sum()
    return Gates(member, cap_t)


def _passing(network: Network, held_down: tuple[Gate, ...], allowed: list[float], at: int) -> float:
    """Imports of the naive model: the strictest measure takes its part of each shipment away, and nothing moves."""
    part = np.ones_like(network.flow_t)
    for gate, passed in zip(held_down, allowed, strict=True):
        part[gate.flows] = np.minimum(part[gate.flows], passed)
    return float((part * network.flow_t)[network.importer == at].sum())
