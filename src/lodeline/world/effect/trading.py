"""What a trade table says of a country's imports in one form: all, the rival's, and what is traced to its mines.

The whole of a table counts in what is traced, so a traced figure cites the table once, and each mine output.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError, Settle
from lodeline.origin.graph import OUTSIDE
from lodeline.units.figure import Figure, unknown
from lodeline.world.effect.market import Market, Mined
from lodeline.world.effect.span import HUNDRED, figure, span
from lodeline.world.trade.asking import TradeQuestion
from lodeline.world.trade.traded import MG_PER_TONNE, TradeTable, parse_trade

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lodeline.world.effect.forms import DeliveredForm
    from lodeline.world.statistics.commodity import Commodity
    from lodeline.world.statistics.edition import Table
    from lodeline.world.trade.graph import CountryGraph
    from lodeline.world.trade.imports import Imports

PREFIX = "baci_"
"""What the names of the shipped trade tables begin with."""


class Traded(NamedTuple):
    """A form's imports by a trade table.

    Attributes:
        edition: Of the trade table. hs: the code. of: imports, and the rival's part. mined: what is traced.
    """

    edition: str
    hs: str
    of: Market
    mined: Mined


@cache
def shipped_with(hs: str) -> TradeTable | None:
    """The trade table that comes with lodeline and has this code; None where none has."""
    folder = resources.files("lodeline.world") / "tables"
    for item in sorted(folder.iterdir(), key=lambda one: one.name):
        if item.name.startswith(PREFIX) and item.name.endswith(".csv"):
            text = item.read_text(encoding="utf-8")
            if f",{hs}," in text:
                return parse_trade(text)
    return None


class Traders:
    """What trade tables say of forms, each looked up once.

    Args:
        trades: Tables that are asked before the shipped ones.
        table: National statistics, for the mine output.
        importer, rival: ISO 3166-1 alpha-3.
    """

    def __init__(self, trades: Iterable[TradeTable], table: Table, importer: str, rival: str) -> None:
        self._trades, self._table, self._importer, self._rival = tuple(trades), table, importer, rival
        self._found: dict[tuple[str, str, str], Traded | None] = {}

    def of(self, commodity: Commodity, form: DeliveredForm, year: str) -> Traded | None:
        """What the tables say of a form in a year; None where none has one of its codes, or no import under it.

        Raises:
            InputError: ``world.content``, ``world.tonnage_without_limit``.
        """
        key = (commodity.name, form.name, year)
        if key not in self._found:
            self._found[key] = self._look(commodity, form, year)
        return self._found[key]

    def _look(self, commodity: Commodity, form: DeliveredForm, year: str) -> Traded | None:
        if form.trade is None:
            return None
        for trade in (*self._trades, shipped_with(form.hs)):
            if trade is None or (form.hs, year) not in trade.held:
                continue
            found = _imports(TradeQuestion(trade, self._table, commodity, form.trade, year, self._importer))
            if found is not None:
                return _told(found, trade, form.hs, year, self._rival)
        return None


def untold(commodity: Commodity, form: DeliveredForm, year: str) -> Figure:
    """An unknown share, which the trade table of the form would settle."""
    code = form.hs or "the code of the form"
    what = form.plain or f"{commodity.plain} in the form that is displaced"
    return unknown(
        "P1",
        Settle(act="document", subject=f"HS {code}", detail=f"The trade of all countries in {what} in {year}."),
    )


def _imports(asking: TradeQuestion) -> Imports | None:
    from lodeline.world.trade.imports import origins_of_imports

    try:
        return origins_of_imports(asking)
    except InputError as refusal:
        if refusal.code == "world.country_not_in_trade":
            return None
        raise


def _told(found: Imports, trade: TradeTable, hs: str, year: str, rival: str) -> Traded:
    """The figures of one form."""
    arrivals = found.of.arrivals
    keys = tuple(row.key for row in arrivals)
    rivals = tuple(row.key for row in arrivals if row.exporter == rival) or keys
    imports = _arrived(found, {line.origin for line in found.lines}, keys)
    shipped = _arrived(found, {rival}, rivals)
    share = HUNDRED * span(shipped) / span(imports)
    of = Market(imports=imports, rival=shipped, share=figure(share, "P1", of_figures=(shipped, imports)))
    return Traded(trade.edition, hs, of, _mined(found, trade, hs, year, rival, imports))


def _arrived(found: Imports, exporters: Collection[str], keys: tuple[str, ...]) -> Figure:
    """What some countries shipped, t: with limits where a tonnage is not published, or a content is a range."""
    limits, countries = found.of.limits, found.of.countries
    tails = [number for number, code in enumerate(countries) if code in exporters]
    arcs = np.isin(limits.tail, tails) & (limits.head == found.of.at)
    value = sum(line.direct_t for line in found.lines if line.origin in exporters)
    low, high = (float(mg[arcs].sum()) / MG_PER_TONNE for mg in (limits.low_mg, limits.high_mg))
    if low == high:
        return Figure(value=value, unit="TNE", standing="stated", rests_on=keys)
    return _limited(value, low, high, "TNE", keys)


def _mined(found: Imports, trade: TradeTable, hs: str, year: str, rival: str, imports: Figure) -> Mined:
    line = next((one for one in found.lines if one.origin == rival), None)
    rows = len(trade.held[hs, year])
    mines = [found.of.mined[one.origin].key for one in found.lines if one.most_t > 0 and one.origin in found.of.mined]
    rests = (f"{trade.edition}:{hs}:::{year}, {rows} rows", *mines)
    traced, least, most = (0.0, 0.0, 0.0) if line is None else (line.traced_t, line.least_t, line.most_t)
    own = found.by_exporter.get((rival, rival), 0.0)
    own_least, own_most = shipped_bounds(found.of, rival)
    whole = _limited(traced, least, most, "TNE", rests)
    share = HUNDRED * span(whole) / span(imports)
    return Mined(
        whole=whole,
        shipped=_limited(own, own_least, own_most, "TNE", rests),
        share=figure(share, "P1", of_figures=(whole, imports)),
    )


def shipped_bounds(of: CountryGraph, rival: str) -> tuple[float, float]:
    """The least and the most that was mined in the rival's country of what it shipped itself, t.

    What it shipped ends in the country that is asked, so it is on no circle, and the bounds are exact.
    """
    from lodeline.origin.maxflow import max_flow, network

    if rival not in of.countries:
        return 0.0, 0.0
    tail, limits = of.countries.index(rival), of.limits
    target = (limits.tail == tail) & (limits.head == of.at)
    if not target.any():
        return 0.0, 0.0
    outside = limits.tail == OUTSIDE
    own = outside & (limits.origin >= 2) & (limits.head == tail)
    net = network(limits.tail, limits.head, limits.high_mg, of.graph.nodes)
    rest = max_flow(net, outside & ~own, target).value
    least = max(int(limits.low_mg[target].sum()) - rest, 0)
    return least / MG_PER_TONNE, max_flow(net, own, target).value / MG_PER_TONNE


def _limited(value: float, low: float, high: float, unit: str, rests_on: tuple[str, ...]) -> Figure:
    """A value with limits; one that rounding to the milligram leaves beyond them moves them."""
    return Figure(
        value=value,
        low=min(low, value),
        high=max(high, value),
        unit=unit,
        standing="computed",
        rests_on=rests_on,
    )
