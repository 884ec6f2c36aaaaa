"""The base year of a commodity as a network: what countries make, use and ship, tonnes of the element a year.

    use_i = output_i + imports_i - exports_i

Output is the national figure, or what a country ships beyond its imports where that is more or where no figure is
published: it was made there by the tables. Metal that moves in a form which the trade table does not have counts as
used where it was made.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.country import country_name
from lodeline.world.national import SHARE_PERIOD
from lodeline.world.statistics.commodity import Commodity, commodities
from lodeline.world.statistics.edition import OTHER, WORLD, Table
from lodeline.world.stress.equilibrium import Network
from lodeline.world.stress.scenario import Base, Flow, Scenario
from lodeline.world.trade.traded import TradeTable, shipped_trade

SCARCE_T = 1e-9
"""Less than a milligram is rounding."""
Pairs = dict[tuple[str, str], float]


class Market(NamedTuple):
    """A base year.

    Attributes:
        countries: Alpha-3, in order. network: their tonnes a year.
        rests_on: Keys of table rows. editions: of those, each once. notes: what a reader must know besides.
    """

    countries: tuple[str, ...]
    network: Network
    rests_on: tuple[str, ...]
    editions: tuple[str, ...]
    notes: tuple[str, ...]

    def place(self, country: str) -> int:
        """The country's place.

        Raises:
            NotFoundError: ``world.stress_country``.
        """
        if country not in self.countries:
            names = {code: code for code in self.countries} | {country_name(code): code for code in self.countries}
            near = names[difflib.get_close_matches(country, names, n=1, cutoff=0.0)[0]]
            raise NotFoundError(
                "world.stress_country",
                f"{visible(country)!r} neither ships nor makes it in the base year; did you mean {near} "
                f"({country_name(near)})? Countries are written as ISO 3166-1 alpha-3 codes.",
            )
        return self.countries.index(country)


class _Cited:
    """National figures, looked up in the tables in order, and which rows were."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables = tables
        self.keys: dict[str, None] = {}
        self.editions: dict[str, None] = {}

    def value(self, commodity: str, country: str, measure: str, form: str, period: str) -> float | None:
        """A published value; None where no table has one."""
        for one in self.tables:
            row = one.row(commodity, country, measure, form, period)
            if row is not None and row.value is not None:
                self.cite(row.key, one.edition)
                return float(row.value)
        return None

    def needed(self, commodity: str, country: str, measure: str, form: str, period: str) -> float:
        """A published value that cannot be done without.

        Raises:
            NotFoundError: ``world.stress_base_missing``.
        """
        found = self.value(commodity, country, measure, form, period)
        if found is None:
            key = ":".join((commodity, country, measure, form, period))
            raise NotFoundError(
                "world.stress_base_missing",
                f"No edition given has {visible(key)}; take another year, or an edition that has it.",
                editions=", ".join(one.edition for one in self.tables),
            )
        return found

    def cite(self, key: str, edition: str) -> None:
        self.keys[key] = None
        self.editions[edition] = None


@cache
def bases() -> Mapping[str, Mapping[str, Any]]:
    """The blocks of ``tables/stress_bases.toml``."""
    text = (resources.files("lodeline.world") / "tables" / "stress_bases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def market(
    scenario: Scenario, tables: Sequence[Table], trade_of: Callable[[str], TradeTable] = shipped_trade
) -> Market:
    """The base year of a scenario.

    Args:
        tables: Editions of national statistics; a figure is taken from the first that has it.
        trade_of: The trade table of a name.

    Raises:
        NotFoundError: ``world.stress_commodity``, ``world.stress_base_missing``, ``world.trade_not_in_table``.
        InputError: ``world.stress_country``.
    """
    base, commodity = _completed(scenario.base)
    cited = _Cited(tables)
    pairs, notes = _shipped(base, trade_of(base.trade), cited)
    if base.follows:
        notes += _follow(base, commodity, pairs, cited)
    for flow in scenario.flow:
        _add(pairs, flow)
    made = _made(base, tables, cited)
    if base.follows:
        made[base.follows] = sum(
            cited.value(commodity.name, base.follows, "production", form, base.national_year) or 0.0
            for form in base.home
        )
    countries, network = _network(pairs, made)
    return Market(countries, network, tuple(cited.keys), tuple(cited.editions), tuple(notes))


def _completed(base: Base) -> tuple[Base, Commodity]:
    known = bases()
    if base.commodity not in known and not (base.trade and base.hs and base.content and base.supply):
        near = difflib.get_close_matches(base.commodity, known, n=1, cutoff=0.0)[0]
        raise NotFoundError(
            "world.stress_commodity",
            f"No base year of {visible(base.commodity)!r} comes with lodeline; did you mean {near}? Or name trade, hs, "
            "content and supply in [base].",
        )
    if base.commodity not in commodities():
        near = difflib.get_close_matches(base.commodity, commodities(), n=1, cutoff=0.0)[0]
        raise NotFoundError(
            "world.stress_commodity", f"The editions have no {visible(base.commodity)!r}; did you mean {near}?"
        )
    block = known.get(base.commodity, {})
    if not 0 <= base.content <= 1:
        raise InputError("world.content", "The part of a form that is the element is above 0 and at most 1.")
    full = Base(
        commodity=base.commodity,
        trade_year=base.trade_year,
        national_year=base.national_year,
        follows=base.follows,
        trade=base.trade or block["trade"],
        hs=base.hs or block["hs"],
        content=base.content or block["content"],
        supply=base.supply or block["supply"],
        home=base.home or tuple(block.get("home", ())),
        source=base.source,
    )
    return full, commodities()[base.commodity]


def _shipped(base: Base, trade: TradeTable, cited: _Cited) -> tuple[Pairs, list[str]]:
    """Tonnes from whom to whom; a shipment without a tonnage is left out and said."""
    pairs: Pairs = {}
    rows = trade.of(base.hs, base.trade_year)
    untold = [row for row in rows if row.tonnes is None]
    for row in rows:
        if row.tonnes and row.exporter != row.importer:
            pairs[row.exporter, row.importer] = float(row.tonnes) * base.content
    cited.cite(f"{trade.edition}:{base.hs}:*:*:{base.trade_year}", trade.edition)
    notes = []
    if untold:
        worth = float(sum((row.kusd for row in untold), start=rows[0].kusd * 0))
        part = worth / float(sum(row.kusd for row in rows))
        notes.append(
            f"{len(untold)} shipments have a value and no tonnage ({100 * part:.1g} percent of all value); they are "
            "left out"
        )
    return pairs, notes


def _follow(base: Base, commodity: Commodity, pairs: Pairs, cited: _Cited) -> list[str]:
    """Puts a country's imports by partner, and its exports, as its national statistics have them in all traded forms.

    Shares are published for the largest partners; the rest is spread over the others as the trade table has them. What
    the trade table has no partner for is left out and said.
    """
    notes = []
    at, year = base.follows, base.national_year
    known = {code for pair in pairs for code in pair}
    if at not in known:
        raise NotFoundError(
            "world.stress_country", f"{visible(at)!r} is not in the trade table; write an alpha-3 code."
        )
    imports = sum(cited.needed(commodity.name, at, "imports", form, year) for form in commodity.traded)
    exports = sum(cited.needed(commodity.name, at, "exports", form, year) for form in commodity.traded)
    shares = _shares(commodity, cited)
    others = {pair: tonnes for pair, tonnes in pairs.items() if pair[1] == at and pair[0] not in shares}
    rest = sum(others.values())
    left = 1 - sum(shares.values())
    for pair in [pair for pair in pairs if pair[1] == at]:
        pairs[pair] = imports * left * others[pair] / rest if pair in others else 0.0
    for partner, share in shares.items():
        pairs[partner, at] = imports * share
    if not rest and left > 0:
        notes.append(
            f"{imports * left:,.0f} t imported by {at} are from partners that nothing names; they are left out"
        )
    sold = sum(tonnes for pair, tonnes in pairs.items() if pair[0] == at)
    if exports and not sold:
        notes.append(f"{exports:,.0f} t of exports of {at} have no buyer in the trade table; they are left out")
    for pair in [pair for pair in pairs if pair[0] == at]:
        pairs[pair] *= exports / sold
    return notes


def _shares(commodity: Commodity, cited: _Cited) -> dict[str, float]:
    """Shares of imports by partner, of 1, of the first edition that has them; without the lump of others."""
    for table in cited.tables:
        rows = table.select(commodity=commodity.name, measure=SHARE_PERIOD, form=commodity.share_form)
        rows = tuple(row for row in rows if row.period == max(one.period for one in rows))
        found = {row.country: float(row.value) / 100 for row in rows if row.value is not None and row.country != OTHER}
        if found:
            for row in rows:
                cited.cite(row.key, table.edition)
            return found
    raise NotFoundError(
        "world.stress_base_missing",
        f"No edition given has shares of imports of {commodity.plain} by partner; give one that has.",
    )


def _add(pairs: Pairs, flow: Flow) -> None:
    pair = flow.exporter, flow.importer
    pairs[pair] = pairs.get(pair, 0.0) + flow.tonnes_per_year


def _made(base: Base, tables: Sequence[Table], cited: _Cited) -> dict[str, float]:
    """National output by country, of the first edition that has the year; a withheld figure is not among them."""
    for table in tables:
        rows = table.select(commodity=base.commodity, measure=base.supply, form="", period=base.national_year)
        rows = tuple(row for row in rows if row.country not in (WORLD, OTHER) and row.value is not None)
        if rows:
            for row in rows:
                cited.cite(row.key, table.edition)
            return {row.country: float(row.value or 0) for row in rows}
    raise NotFoundError(
        "world.stress_base_missing",
        f"No edition given has {visible(base.supply)} of {base.commodity} in {visible(base.national_year)}; take "
        "another year, or an edition that has it.",
        editions=", ".join(one.edition for one in tables),
    )


def _network(pairs: Pairs, made: Mapping[str, float]) -> tuple[tuple[str, ...], Network]:
    kept = {pair: tonnes for pair, tonnes in sorted(pairs.items()) if tonnes > SCARCE_T}
    countries = tuple(sorted({code for pair in kept for code in pair} | {c for c, t in made.items() if t > 0}))
    place = {code: number for number, code in enumerate(countries)}
    exporter = np.array([place[pair[0]] for pair in kept], dtype=np.int64)
    importer = np.array([place[pair[1]] for pair in kept], dtype=np.int64)
    flow_t = np.array(list(kept.values()), dtype=np.float64)
    net_t = np.bincount(exporter, flow_t, len(countries)) - np.bincount(importer, flow_t, len(countries))
    listed_t = np.array([made.get(code, 0.0) for code in countries])
    supply_t = np.maximum(listed_t, net_t)
    return countries, Network(supply_t, np.maximum(supply_t - net_t, 0.0), exporter, importer, flow_t)


def imports_of(network: Network, country: int, flow_t: Iterable[float] | None = None) -> float:
    """What arrives in a country, tonnes."""
    flows = network.flow_t if flow_t is None else np.asarray(flow_t)
    return float(flows[network.importer == country].sum())
