"""Small tables of trade and of mine output, worked by hand."""

from __future__ import annotations

from decimal import Decimal

from lodeline.world.statistics.commodity import commodities
from lodeline.world.statistics.edition import Row, Table, table
from lodeline.world.trade.asking import Asked, Form, TradeQuestion
from lodeline.world.trade.graph import CountryGraph, country_graph
from lodeline.world.trade.traded import Traded, TradeTable, trade_table

ANTIMONY = commodities()["antimony"]
HS, YEAR = "811010", "2024"


def shipped(exporter: str, importer: str, tonnes: str | None, kusd: str = "1", hs: str = HS) -> Traded:
    return Traded(
        edition="baci-hs17-v202601", hs=hs, exporter=exporter, importer=importer, period=YEAR,
        tonnes=None if tonnes is None else Decimal(tonnes), kusd=Decimal(kusd), published=tonnes or "",
        source="by hand",
    )  # fmt: skip


def mined(country: str, tonnes: str | None, low: str | None = None, high: str | None = None, code: str = "") -> Row:
    value, least, most = (None if one is None else Decimal(one) for one in (tonnes, low, high))
    return Row(
        edition="by-hand", commodity="antimony", element="Sb", country=country, measure="mine-production", form="",
        period=YEAR, value=value, low=least, high=most, unit="TNE", basis="element", qualifiers=code, published="",
        published_unit="metric tons", note="", source="by hand",
    )  # fmt: skip


def tables(trade: list[Traded], mines: list[Row]) -> tuple[TradeTable, Table]:
    return trade_table(trade), table(mines)


def asking(
    trade: list[Traded],
    mines: list[Row],
    at: str,
    least: str | None = None,
    asked: Asked = "imports",
    also: tuple[Form, ...] = (),
    content: str = "1",
) -> TradeQuestion:
    form = Form(HS, Decimal(content), None if least is None else Decimal(least))
    return TradeQuestion(*tables(trade, mines), ANTIMONY, form, YEAR, at, asked, also)


def small(
    trade: list[Traded], mines: list[Row], at: str, least: str | None = None, asked: Asked = "imports"
) -> CountryGraph:
    return country_graph(asking(trade, mines, at, least, asked))
