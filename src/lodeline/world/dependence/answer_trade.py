"""One form of trade: who shipped it, and as far as it can be traced, where the metal was mined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from lodeline.errors import InputError
from lodeline.units.figure import Figure, total
from lodeline.world.country import country_name
from lodeline.world.dependence.answer_shapes import Supplier, TradeShares
from lodeline.world.dependence.answer_shares import shares
from lodeline.world.dependence.concentration import concentration, indicators
from lodeline.world.dependence.indicator import Indicator
from lodeline.world.national import figure_of, point
from lodeline.world.statistics.edition import OTHER, Table
from lodeline.world.trade.followed import trade_question
from lodeline.world.trade.forms import TradedForm
from lodeline.world.trade.imports import RETURNED, UNTRACED, Imports, Line, origins_of_imports
from lodeline.world.trade.traded import Traded, TradeTable

USD_PER_KUSD = 1000.0
MIXED = "Traced shares suppose that each country mixes all that it has in a year."


class _Year(NamedTuple):
    """A form's trade of a year, as figures cite it that rest on all of it."""

    edition: str
    hs: str
    year: str

    @property
    def key(self) -> str:
        """``baci-hs17-v202601:811010:::2024``."""
        return f"{self.edition}:{self.hs}:::{self.year}"

    def figure(self, value: float, unit: str) -> Figure:
        """A computed one."""
        return Figure(value=value, unit=unit, standing="computed", rests_on=(self.key,))

    def between(self, low: float, high: float) -> Figure:
        """Tonnes within limits."""
        if low == high:
            return self.figure(low, "TNE")
        return Figure(value=None, low=low, high=high, unit="TNE", standing="bounded", rests_on=(self.key,))


def trade_shares(
    form: TradedForm,
    trade: TradeTable,
    table: Table,
    others: Sequence[TradedForm],
    *,
    year: str,
    importer: str,
    contents: Mapping[str, Decimal],
) -> TradeShares | None:
    """A country's imports of a form by a trade table that has it; None where it imported nothing under the code.

    Args:
        form: What was imported. trade: has its code in the year. table: national statistics, for the mine output.
        others: Forms of the element by which it is followed too, where this trade table has them.
        contents: By code, kilograms of the element in one, where the table of forms does not tell.

    Raises:
        InputError: ``world.content``.
    """
    rows = [row for row in trade.of(form.hs, year) if row.importer == importer != row.exporter]
    if not rows:
        return None
    shipped = {row.exporter: _shipped(row, form) for row in rows}
    value = {row.exporter: _stated(float(row.kusd) * USD_PER_KUSD, "USD", row.key) for row in rows}
    found, followed, why = _traced(form, trade, table, others, year, importer, contents)
    direct, by_value = shares(shipped), shares(value)
    arrived = _together(shipped.values())
    suppliers = [
        Supplier(country=code, shipped=shipped[code], direct=direct[code], direct_by_value=by_value[code])
        for code in shipped
    ]
    all_of_it = _Year(trade.edition, form.hs, year)
    if found is None:
        suppliers.sort(key=lambda one: (-(one.direct.value or 0), -(one.direct_by_value.value or 0), one.country))
    else:
        suppliers = _with_origins(suppliers, found, all_of_it)
    return TradeShares(
        edition=trade.edition,
        mines="" if found is None else table.edition,
        arrived=arrived,
        value=total(value.values(), unit="USD"),
        point=point(arrived),
        suppliers=tuple(suppliers),
        unlisted=None if found is None else all_of_it.figure(found.unlisted, "P1"),
        concentration=indicators(concentration(shipped), editions=(trade.edition,)),
        concentration_of_mines=() if found is None else _of_mines(found, all_of_it, table),
        followed=followed,
        not_traced=why,
        supposes=() if found is None else (MIXED, _bounds_suppose(form, others, followed)),
    )


def _shipped(row: Traded, form: TradedForm) -> Figure:
    """A gross tonnage; one that is not published is at most its value over the least price, if that is named."""
    if row.tonnes is not None:
        return _stated(float(row.tonnes), "TNE", row.key)
    if form.least_usd_per_kg is None:
        return Figure(value=None, low=0.0, unit="TNE", standing="bounded", rests_on=(row.key,))
    most = float(row.kusd / form.least_usd_per_kg)
    return Figure(value=most / 2, low=0.0, high=most, unit="TNE", standing="computed", rests_on=(row.key,))


def _together(parts: Iterable[Figure]) -> Figure:
    """The sum of some tonnages, with its limits where one has such."""
    parts = tuple(parts)
    whole = total(parts, unit="TNE", floor=0.0)
    if whole.value is None:
        return whole
    low, high = (sum(ends) for ends in zip(*map(_limits, parts), strict=True))
    return whole if low == high else msgspec.structs.replace(whole, low=low, high=high)


def _limits(part: Figure) -> tuple[float, float]:
    """The least and the most of a tonnage that has a value."""
    low, high = (part.value if limit is None else limit for limit in (part.low, part.high))
    return low or 0.0, high or 0.0


def _traced(
    form: TradedForm,
    trade: TradeTable,
    table: Table,
    others: Sequence[TradedForm],
    year: str,
    importer: str,
    contents: Mapping[str, Decimal],
) -> tuple[Imports | None, tuple[str, ...], str]:
    """What is traced, the codes by which it was followed, and why nothing is."""
    asking, why = trade_question(form, trade, table, others, year=year, at=importer, contents=contents)
    if asking is None:
        return None, (), why
    try:
        found = origins_of_imports(asking)
    except InputError as refusal:
        # A price is a thing to be named, not a mistake of whoever asks; the direct shares stand without it.
        if refusal.code == "world.tonnage_without_limit":
            return None, (), "a shipment has no tonnage, and nobody says what a kilogram is worth at least"
        if refusal.code == "world.nothing_stays":
            return None, (), "what arrived has no tonnage"
        raise
    return found, tuple(one.hs for one in (asking.form, *asking.also)), ""


def _with_origins(suppliers: Sequence[Supplier], found: Imports, of: _Year) -> list[Supplier]:
    """Suppliers and origins together, in the order of the traced shares; a country may be either, or both."""
    known = {one.country: one for one in suppliers}
    merged = []
    for line in found.lines:
        one = known.get(line.origin) or _shipped_nothing(line.origin, of)
        row = found.of.mined.get(line.origin)
        mined = None if row is None else figure_of(row)
        # Of a country without a listed mine, or with one whose output is not told, nothing is traced: what is untraced
        # may be from there.
        told = found.of.mines(line.origin) and line.origin not in found.of.untold
        one = msgspec.structs.replace(one, mined=mined)
        if told or line.origin in (UNTRACED, RETURNED):
            one = _with_origin(one, line, of, () if row is None else (row.key,))
        # A country that mines, shipped nothing, and of which nothing can have come, is no part of the answer.
        if line.origin in known or line.most_t > 0:
            merged.append(one)
    return merged


def _with_origin(one: Supplier, line: Line, of: _Year, mines: tuple[str, ...]) -> Supplier:
    origin = Figure(
        value=line.traced_t,
        # Rounding to the milligram may leave a traced mass beyond a bound by as much.
        low=min(line.least_t, line.traced_t),
        high=max(line.most_t, line.traced_t),
        unit="TNE",
        standing="computed",
        rests_on=(of.key, *mines),
    )
    return msgspec.structs.replace(one, traced=of.figure(line.traced, "P1"), doubt=line.doubt, origin=origin)


def _shipped_nothing(country: str, of: _Year) -> Supplier:
    """A country, or none, that the table has no shipment of: there was none."""
    percent = _stated(0.0, "P1", of.key)
    return Supplier(country=country, shipped=_stated(0.0, "TNE", of.key), direct=percent, direct_by_value=percent)


def _of_mines(found: Imports, of: _Year, table: Table) -> tuple[Indicator, ...]:
    """Concentration of where it was mined; what is untraced, or was sent back, may be anyone's."""
    loose = sum(line.traced_t for line in found.lines if line.origin in (UNTRACED, RETURNED))
    supply = {
        line.origin: of.between(line.traced_t, line.traced_t + loose)
        for line in found.lines
        if line.traced_t > 0 and line.origin not in (UNTRACED, RETURNED)
    }
    if loose:
        supply[OTHER] = of.between(0.0, loose)
    whole = of.figure(sum(line.traced_t for line in found.lines), "TNE")
    return indicators(concentration(supply, total=whole), editions=(of.edition, table.edition), prefix="mined-")


def _bounds_suppose(form: TradedForm, others: Sequence[TradedForm], followed: tuple[str, ...]) -> str:
    away = [one for one in others if one.hs not in followed and one.hs != form.hs]
    named = ", ".join(f"{one.plain} (HS {one.hs})" for one in away)
    text = "Least and most hold whatever was mixed with what, as far as the tables go."
    if not named:
        return text
    return (
        f"{text} The trade of {named} is not followed: metal made from it counts as the maker's own up to what it "
        "mined, and beyond that as untraced."
    )


def _stated(value: float, unit: str, *keys: str) -> Figure:
    return Figure(value=value, unit=unit, standing="stated", rests_on=keys)


def named(country: str) -> str:
    """A supplier's name for a sentence or a table."""
    return country if country in ("untraced", "returned") else country_name(country)
