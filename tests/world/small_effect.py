"""A small edition and a small trade table against which deliveries are set by hand.

A country uses 1,000 t, 80 % of it net imports; it imports 600 t of oxide and 400 t of unwrought metal, half of both
from China. Of 400 t of unwrought metal China shipped 100 t and India 300 t; India mines none and bought 150 t of China,
so that half of what it ships is China's, and the rest is untraced.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from lodeline.units.figure import Figure
from lodeline.world.effect.answer import Effect
from lodeline.world.effect.asking import Against, effects_of
from lodeline.world.effect.forms import form_named
from lodeline.world.effect.supplied import Supplied, percent, typed
from lodeline.world.statistics.edition import Row, Table, table
from lodeline.world.trade.traded import Traded, TradeTable, trade_table
from tests.world.small_trade import ANTIMONY, YEAR, mined, shipped

SPAN = "2021-2024"
TRADE = (shipped("CHN", "USA", "100"), shipped("IND", "USA", "300"), shipped("CHN", "IND", "150"))


def row(
    measure: str, value: str, *, country: str = "USA", form: str = "", period: str = YEAR, unit: str = "TNE"
) -> Row:
    return Row(
        edition="by-hand", commodity="antimony", element="Sb", country=country, measure=measure, form=form,
        period=period, value=Decimal(value), low=None, high=None, unit=unit,
        basis="element" if unit == "TNE" else "", qualifiers="", published=value, published_unit="", note="",
        source="by hand",
    )  # fmt: skip


def share(country: str, value: str, form: str) -> Row:
    return row("import-share", value, country=country, form=form, period=SPAN, unit="P1")


ROWS = (
    row("apparent-consumption", "1000"),
    row("net-import-reliance", "80", unit="P1"),
    row("imports", "600", form="oxide"),
    row("imports", "400", form="unwrought"),
    row("imports", "50", form="ore-and-concentrates"),
    share("CHN", "50", "metal-and-oxide"),
    share("CHN", "60", "oxide"),
    share("CHN", "30", "unwrought"),
    share("OTH", "10", "ore-and-concentrates"),
    mined("CHN", "500"),
    mined("PAK", "20"),
)
NOT_ASKED = (
    row("stocks", "7"),
    row("imports", "9", form="articles"),
    row("apparent-consumption", "900", period="2023"),
    mined("BOL", "30"),
)
"""Rows on which nothing rests that is asked here."""


def edition(*changes: Row) -> Table:
    """The small edition, rows of the same key taken from the changes."""
    new = {one.key: one for one in changes}
    return table([new.pop(one.key, one) for one in (*ROWS, *NOT_ASKED)] + list(new.values()))


def trading(*rows: Traded) -> TradeTable:
    return trade_table(rows or TRADE)


def supply(
    tonnes: float | Figure,
    form: str = "unwrought",
    *,
    made: bool = False,
    recovery: float | None = None,
    rivals: float = 0.0,
    own: float = 100.0,
) -> Supplied:
    return Supplied(
        element="Sb", commodity=ANTIMONY, tonnes=tonnes if isinstance(tonnes, Figure) else typed(tonnes),
        form=form_named(ANTIMONY, "Sb", form), route="made" if made else "imported", origin="PAK",
        own=percent(own, "supposed"), rivals=percent(rivals, "supposed"),
        recovery=None if recovery is None else percent(recovery, "typed in"),
    )  # fmt: skip


def effects(of: Supplied, table: Table | None = None, trades: tuple[TradeTable, ...] | None = None) -> list[Effect]:
    found = effects_of(
        [of], Against(table or edition(), "USA", "CHN", YEAR, (trading(),) if trades is None else trades)
    )
    return list(found.effects)


def points(effect: Effect, measure: str) -> Mapping[str, float | None]:
    """The value of a measure by case."""
    return {one.case: getattr(one, measure).value for one in effect.removed}
