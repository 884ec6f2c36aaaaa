"""What a stress run says: for each step the price, use given up, cover and imports by partner, with ranges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from lodeline.units.figure import Figure
from lodeline.world.statistics.edition import Table
from lodeline.world.stress.parameters import Range, draws, shipped_parameters
from lodeline.world.stress.scenario import Port, Scenario, Stockpile, ranges_of
from lodeline.world.trade.traded import TradeTable, shipped_trade

if TYPE_CHECKING:
    import polars

    from lodeline.world.stress.base import Market
    from lodeline.world.stress.clearing import Ran, Runs
    from lodeline.world.stress.equilibrium import Floats

LOW, MIDDLE, HIGH = 0.05, 0.5, 0.95
"""Which part of the draws lies below the low, the middle and the high figure of a line."""
RANGE = "middle: the median of the draws; low and high: 90 of 100 draws lie between them. It is no confidence interval."
UNITS = {
    "price-factor": "C62",
    "world-price-factor": "C62",
    "exporter-price-factor": "C62",
    "use": "TNE",
    "unmet": "TNE",
    "imports": "TNE",
    "imports-if-share-removed": "TNE",
    "imports-from": "TNE",
    "output": "TNE",
    "stock-released": "TNE",
    "stored": "TNE",
    "months-of-cover": "MON",
}
"""Quantities in the order in which they are answered, with the unit of each (Rec 20)."""
MONTHS = 12


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one step.

    Attributes:
        step: From 1. since, until: its days, ISO 8601, ``until`` not included.
        quantity: Of :data:`UNITS`. country: whose; the partner in ``imports-from``; ``WLD`` for the world.
        base: The same in as long a time of the base year; None where there is no such thing.
        figure: Middle, low and high. Without a middle where half of the draws are beyond the ceiling of the price.
    """

    step: int
    since: str
    until: str
    quantity: str
    country: str
    base: float | None
    figure: Figure


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A fact beside what was said of it.

    Attributes:
        step, quantity: Of the line. predicted: its figure. fact: What was published. rests_on: its rows.
        inside: Whether the fact lies between low and high.
        naive: What a model says that only takes the exporter's share away; None where it says nothing.
    """

    step: int
    quantity: str
    base: float | None
    predicted: Figure
    fact: float
    inside: bool
    naive: float | None
    rests_on: tuple[str, ...]


class Stress(msgspec.Struct, frozen=True, kw_only=True):
    """The answer.

    Attributes:
        title, at: As asked. sources: where the scenario says its figures are from, by part.
        editions, rests_on, notes: of the base year. ranges: what low and high mean.
        samples, seed: Of the draws. parameters: the ranges that were drawn from, with their sources.
        lines: The figures. facts: what became of it, where the scenario names it.
    """

    title: str
    at: str
    sources: tuple[str, ...]
    editions: tuple[str, ...]
    rests_on: tuple[str, ...]
    notes: tuple[str, ...]
    ranges: str
    samples: int
    seed: int
    parameters: Mapping[str, Range]
    lines: tuple[Line, ...]
    facts: tuple[Held, ...]

    def line(self, step: int, quantity: str, country: str | None = None) -> Line:
        """The line of a quantity, of the country that asks unless another is named; KeyError where there is none."""
        for one in self.lines:
            if (one.step, one.quantity, one.country) == (step, quantity, country or self.at):
                return one
        raise KeyError((step, quantity, country or self.at))

    def table(self) -> polars.DataFrame:
        """A row a line. Unknown is null."""
        import polars

        numbers = polars.Float64
        schema: dict[str, Any] = {"step": polars.Int64, "since": polars.String, "until": polars.String}
        schema |= {"quantity": polars.String, "country": polars.String, "unit": polars.String, "base": numbers}
        schema |= {"low": numbers, "middle": numbers, "high": numbers}
        return polars.DataFrame([row_of(one) for one in self.lines], schema=schema, orient="row")


def row_of(one: Line) -> tuple[int, str, str, str, str, str, float | None, float | None, float | None, float | None]:
    """A line as a row: step, since, until, quantity, country, unit, base, low, middle, high."""
    of = one.figure
    where = (one.step, one.since, one.until, one.quantity, one.country)
    return (*where, of.unit, one.base, of.low, of.value, of.high)


def stress(
    scenario: Scenario,
    tables: Sequence[Table],
    *,
    samples: int,
    seed: int,
    trade_of: Callable[[str], TradeTable] = shipped_trade,
    progress: Callable[[int], None] = lambda _: None,
) -> Stress:
    """What a scenario does, by so many seeded draws from the ranges of its figures and of the parameters.

    Raises:
        InputError, NotFoundError: as :func:`lodeline.world.stress.base.market`,
            :func:`lodeline.world.stress.clearing.run` and :func:`lodeline.world.stress.parameters.draws`.
    """
    from lodeline.world.stress.backtest import held_against
    from lodeline.world.stress.base import market
    from lodeline.world.stress.clearing import run

    known = shipped_parameters()
    ranges = {**known.ranges, **scenario.parameters}
    base = market(scenario, tables, trade_of)
    drawn = draws({**ranges, **ranges_of(scenario)}, samples, seed)
    runs = run(scenario, base, drawn, ceiling=known.price_factor, progress=progress)
    lines = _lines(scenario, base, runs, known.price_factor)
    return Stress(
        title=scenario.title,
        at=scenario.at,
        sources=_sources(scenario),
        editions=base.editions,
        rests_on=base.rests_on,
        notes=base.notes,
        ranges=RANGE,
        samples=samples,
        seed=seed,
        parameters=ranges,
        lines=lines,
        facts=held_against(scenario.fact, tables, scenario.at, lines),
    )


def _sources(scenario: Scenario) -> tuple[str, ...]:
    parts = [("base", scenario.base), ("horizon", scenario.horizon)]
    parts += [(f"measure {number}", one) for number, one in enumerate(scenario.measure, start=1)]
    parts += [(f"flow {number}", one) for number, one in enumerate(scenario.flow, start=1)]
    return tuple(f"{name}: {one.source}" for name, one in parts if one.source)


def _lines(scenario: Scenario, base: Market, runs: Runs, ceiling: float) -> tuple[Line, ...]:
    import numpy as np

    at = base.place(scenario.at)
    disturbed = [one for one in scenario.measure if not isinstance(one, Stockpile)]
    exporters = sorted({one.country if isinstance(one, Port) else one.exporter for one in disturbed})
    lines = []
    for step, (since, until) in enumerate(runs.steps):
        of = [draw[step] for draw in runs.ran]
        part = of[0].months / MONTHS
        naive = np.array([draw[step] for draw in runs.passing])
        for quantity, country, before, values in _quantities(base, of, at, exporters, part, naive):
            lines.append(
                Line(
                    step=step + 1,
                    since=since.isoformat(),
                    until=until.isoformat(),
                    quantity=quantity,
                    country=country,
                    base=before,
                    figure=_figure(values, UNITS[quantity], base.rests_on, ceiling),
                )
            )
    return tuple(lines)


def _quantities(
    base: Market, of: Sequence[Ran], at: int, exporters: Sequence[str], part: float, naive: Floats
) -> list[tuple[str, str, float | None, Floats]]:
    """Each quantity with its country, what it was in as long a time of the base year, and its draws."""
    import numpy as np

    network, me = base.network, base.countries[at]
    price = np.array([one.cleared.price_factor for one in of])  # (draw, country)
    use = np.array([one.cleared.use_t[at] for one in of])
    flows = np.array([one.cleared.flow_t for one in of])  # (draw, flow)
    into = network.importer == at
    released = np.array([one.cleared.release_t[at] for one in of])
    left = np.array([one.held_t[at] for one in of]) - released
    months = part * MONTHS
    begun = np.array([one.held_t[at] for one in of])
    used = part * float(network.demand_t[at])
    shipped = part * float(network.flow_t[into].sum())
    made = part * float(network.supply_t[at])
    world = price @ network.demand_t / network.demand_t.sum()
    found: list[tuple[str, str, float | None, Floats]] = [
        ("price-factor", me, 1.0, price[:, at]),
        ("world-price-factor", "WLD", 1.0, world),
        *(("exporter-price-factor", one, 1.0, price[:, base.place(one)]) for one in exporters),
        ("use", me, used, use),
        ("unmet", me, 0.0, np.maximum(used - use, 0.0)),
        ("imports", me, shipped, flows[:, into].sum(axis=1)),
        ("imports-if-share-removed", me, shipped, naive),
        ("output", me, made, np.array([one.cleared.output_t[at] for one in of])),
        ("stock-released", me, 0.0, released),
    ]
    stored = np.array([one.cleared.stored_t[at] for one in of])
    if stored.any():
        found.append(("stored", me, 0.0, stored))
    if used:
        cover = float(np.median(begun)) / used * months
        found.append(("months-of-cover", me, cover, left / np.maximum(use, np.finfo(float).tiny) * months))
    return [*found, *_partners(base, flows, at, part)]


def _partners(base: Market, flows: Floats, at: int, part: float) -> list[tuple[str, str, float | None, Floats]]:
    """Imports by partner, the largest of the base year first."""
    import numpy as np

    network = base.network
    into = np.flatnonzero(network.importer == at)
    into = into[np.argsort(-network.flow_t[into], kind="stable")]
    return [
        ("imports-from", base.countries[network.exporter[one]], part * float(network.flow_t[one]), flows[:, one])
        for one in into
    ]


def _figure(values: Floats, unit: str, rests_on: tuple[str, ...], ceiling: float) -> Figure:
    """Low, middle and high of the draws; a price at the ceiling is at least that, and has no middle and no high."""
    import numpy as np

    low, middle, high = (float(one) for one in np.quantile(values, [LOW, MIDDLE, HIGH]))
    top = ceiling * (1 - 1e-9) if unit == "C62" else np.inf
    if middle >= top:
        return Figure(value=None, low=min(low, ceiling), unit=unit, standing="bounded", rests_on=rests_on)
    return Figure(
        value=middle, low=low, high=None if high >= top else high, unit=unit, standing="computed", rests_on=rests_on
    )
