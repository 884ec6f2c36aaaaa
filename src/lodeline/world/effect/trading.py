"""What a trade table says of a country's imports in one form: all, the rival's, and what is traced to its mines.

The whole of a table counts in what is traced, so a traced figure cites the table once, and each mine output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lodeline.errors import InputError, Settle
from lodeline.origin.graph import OUTSIDE
from lodeline.units.figure import Figure, unknown
from lodeline.world.country import country_name
from lodeline.world.effect.market import Market, Mined
from lodeline.world.effect.span import HUNDRED, Span, figure, span
from lodeline.world.trade.followed import tables_with, trade_question
from lodeline.world.trade.forms import TradedForm, forms
from lodeline.world.trade.goods import COUNTS, HIGH, LOW, goods
from lodeline.world.trade.traded import MG_PER_TONNE, TradeTable, shipped_with

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lodeline.world.effect.forms import DeliveredForm
    from lodeline.world.statistics.commodity import Commodity
    from lodeline.world.statistics.edition import Row, Table
    from lodeline.world.trade.asking import Form, TradeQuestion
    from lodeline.world.trade.goods import Goods
    from lodeline.world.trade.graph import CountryGraph
    from lodeline.world.trade.imports import Imports


class Traded(NamedTuple):
    """A form's imports by a trade table.

    Attributes:
        edition: Of the trade table. hs: the code. of: imports, and the rival's part. mined: what is traced, unknown
            where nothing is. not_traced: why; empty where it is.
    """

    edition: str
    hs: str
    of: Market
    mined: Mined
    not_traced: str


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
        self._asked: list[TradeTable] = []

    @property
    def unused(self) -> tuple[TradeTable, ...]:
        """The given tables from which nothing was taken."""
        return tuple(one for one in self._trades if not any(one is asked for asked in self._asked))

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
        every = forms().get(commodity.name, ())
        known = next((one for one in every if one.name == form.name), None)
        if known is None or form.trade is None:
            return None
        for trade in tables_with(known, (*self._trades, shipped_with(known.hs)), year):
            market = _market(trade, form.trade, year, self._importer, self._rival)
            if market is not None:
                self._asked.append(trade)
                return self._traced(known, trade, every, year, market)
        return None

    def _traced(
        self, form: TradedForm, trade: TradeTable, every: tuple[TradedForm, ...], year: str, market: Market
    ) -> Traded:
        """The imports, with what of them is traced to the rival's mines."""
        asking, why = trade_question(form, trade, self._table, every, year=year, at=self._importer)
        found, rival = None if asking is None else _imports(asking), self._rival
        if found is None:
            why = why or "what arrived has no tonnage"
        elif not _is_told(found.of.mined.get(rival)):
            why = f"{self._table.edition} does not tell what {country_name(rival)} mined in {year}"
        else:
            return Traded(trade.edition, form.hs, market, _mined(found, trade, year, rival, market.imports), "")
        return Traded(trade.edition, form.hs, market, _not_traced(form, year, why), why)


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
        if refusal.code == "world.nothing_stays":
            return None
        raise


def _is_told(row: Row | None) -> bool:
    """Whether a country's mine output is known, at least by an upper limit; nothing is traced to one that is not."""
    return row is not None and not (row.value is None and row.high is None)


def _market(trade: TradeTable, form: Form, year: str, importer: str, rival: str) -> Market | None:
    """All that arrived and what the rival shipped of it; None where nothing did."""
    of = goods(trade, (form,), year)
    places = [number for number, row in enumerate(of.rows) if row.importer == importer]
    if not of.mg[HIGH, places].any():
        # Nothing came, or less than the publisher rounds to: there is no share of nothing.
        return None
    places.sort(key=lambda number: -(of.rows[number].tonnes or 0))
    rivals = [number for number in places if of.rows[number].exporter == rival]
    keys = tuple(of.rows[number].key for number in places)
    imports = _arrived(of, places, keys)
    shipped = _arrived(of, rivals, tuple(of.rows[number].key for number in rivals) or keys)
    others = _arrived(of, [number for number in places if of.rows[number].exporter != rival], keys)
    share = figure(_part_of_both(span(shipped), span(others)), "P1", of_figures=(shipped, imports))
    return Market(imports=imports, rival=shipped, share=share)


def _part_of_both(part: Span, rest: Span) -> Span:
    """What percent a part is of it and the rest together: most where it is most and the rest least."""
    ends = ((part.value, rest.value), (part.low, rest.high), (part.high, rest.low))
    return Span(*(100 * (a or 0.0) / ((a or 0.0) + (b or 0.0)) if a else 0.0 for a, b in ends))


def _arrived(of: Goods, shipments: list[int], rests_on: tuple[str, ...]) -> Figure:
    """Some shipments together, t: with limits where a tonnage is not published, or a content is a range."""
    value, low, high = (float(of.mg[which, shipments].sum()) / MG_PER_TONNE for which in (COUNTS, LOW, HIGH))
    if low == high:
        return Figure(value=value, unit="TNE", standing="stated", rests_on=rests_on)
    return _limited(value, low, high, "TNE", rests_on)


def _not_traced(form: TradedForm, year: str, why: str) -> Mined:
    act = Settle(act="document", subject=f"HS {form.hs}", detail=f"Where {form.plain} of {year} were mined: {why}.")
    tonnes, percent = unknown("TNE", act), unknown("P1", act)
    return Mined(whole=tonnes, shipped=tonnes, share=percent)


def _mined(found: Imports, trade: TradeTable, year: str, rival: str, imports: Figure) -> Mined:
    line = next((one for one in found.lines if one.origin == rival), None)
    codes = {row.hs for row in found.of.shipped}
    mines = [found.of.mined[one.origin].key for one in found.lines if one.most_t > 0 and one.origin in found.of.mined]
    rests = (*(f"{trade.edition}:{hs}:::{year}, {len(trade.held[hs, year])} rows" for hs in sorted(codes)), *mines)
    traced, least, most = (0.0, 0.0, 0.0) if line is None else (line.traced_t, line.least_t, line.most_t)
    own = found.by_exporter.get((rival, rival), 0.0)
    own_least, own_most = shipped_bounds(found.of, rival)
    whole = _limited(traced, least, most, "TNE", rests)
    share = (HUNDRED * span(whole) / span(imports)).at_most(HUNDRED)
    return Mined(
        whole=whole,
        shipped=_limited(own, own_least, own_most, "TNE", rests),
        share=figure(share, "P1", of_figures=(whole, imports)),
    )


def shipped_bounds(of: CountryGraph, rival: str) -> tuple[float, float]:
    """The least and the most that was mined in the rival's country of what it shipped itself, t.

    What it shipped ends in the country that is asked, so it is on no circle, and the bounds are exact.
    """
    from lodeline.world.trade.imports import flows_through

    if rival not in of.countries:
        return 0.0, 0.0
    tail, limits = of.countries.index(rival), of.limits
    target = (limits.tail == tail) & (limits.head == of.at)
    if not target.any():
        return 0.0, 0.0
    outside = limits.tail == OUTSIDE
    own = outside & (limits.origin >= 2) & (limits.head == tail)
    flow = flows_through(of, tail, target)
    least = max(int(limits.low_mg[target].sum()) - flow(outside & ~own), 0)
    return least / MG_PER_TONNE, flow(own) / MG_PER_TONNE


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
