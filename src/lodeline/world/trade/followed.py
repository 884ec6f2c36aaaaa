"""Following: by which table and by which codes the metal of a form is traced to mines; asked alike by every answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from lodeline.world.statistics.commodity import commodities
from lodeline.world.statistics.edition import Table
from lodeline.world.trade.asking import Form, TradeQuestion
from lodeline.world.trade.forms import TradedForm
from lodeline.world.trade.traded import TradeTable

COUNTED = ("element", "REO")
"""Bases of mine output in which the tonnes of a commodity are counted too; gross tonnes of ore are none."""
NO_CONTENTS: Mapping[str, Decimal] = {}


def same_version(form: TradedForm, edition: str) -> bool:
    """Whether the code means the form in the version of the Harmonized System that an edition of trade names."""
    named = [part.removeprefix("hs") for part in edition.split("-") if part.startswith("hs") and part[2:].isdigit()]
    return not named or any(version.endswith(named[0]) for version in form.versions)


def tables_with(form: TradedForm, trades: Iterable[TradeTable | None], year: str | None = None) -> list[TradeTable]:
    """The tables that have a form, in their order.

    Args:
        year: That they have it in; None: in any.
    """
    found = []
    for one in trades:
        if one is not None and same_version(form, one.edition):
            years = {when for hs, when in one.held if hs == form.hs}
            if year in years if year is not None else years:
                found.append(one)
    return found


def trade_question(
    form: TradedForm,
    trade: TradeTable,
    table: Table,
    others: Iterable[TradedForm],
    *,
    year: str,
    at: str,
    contents: Mapping[str, Decimal] = NO_CONTENTS,
) -> tuple[TradeQuestion | None, str]:
    """The question where a country's imports of a form were mined, or why it cannot be asked.

    Without mine output in the edition there is no such question: what nobody reports is unknown, and not untraced.

    Args:
        trade: Has the form in the year. table: national statistics, for the mine output.
        others: Forms of the commodity; by those of the same metal that the trade table has too it is followed, unless
            a shipment has no tonnage and nobody says what a kilogram is worth at least.
        at: Alpha-3 of the importer.
        contents: By code, kilograms of the element in one, where the table of forms does not tell.
    """
    asked = _counting(form, contents)
    if asked is None:
        if form.shared:
            return None, f"the code also holds {form.shared}, so its tonnes are no tonnes of {form.element}"
        return None, f"nobody says how much {form.element} is in a kilogram of it"
    commodity, element = commodities().get(form.commodity), form.only or form.element
    mines = table.select(commodity=form.commodity, measure="mine-production", form=form.mines, period=year)
    if commodity is None or not any(row.basis in COUNTED for row in mines):
        return None, f"{table.edition} has no mine output of {element} in {year} that counts the element"
    also = tuple(
        known
        for one in others
        if one.hs != form.hs
        # Platinum is not followed by the trade of palladium, though both are in one chapter.
        and (not form.only or one.only in ("", form.only))
        and (one.hs, year) in trade.held
        and same_version(one, trade.edition)
        and (known := _counting(one, contents)) is not None
        # Without a limit of what one shipment may hold nothing of the rest could be told either.
        and (known.least_usd_per_kg is not None or all(row.tonnes is not None for row in trade.held[one.hs, year]))
    )
    return TradeQuestion(trade, table, commodity, asked, year, at, also=also, mines=form.mines), ""


def _counting(form: TradedForm, contents: Mapping[str, Decimal]) -> Form | None:
    """The form with the content that counts; None where nobody says it."""
    if form.hs in contents:
        return Form(form.hs, contents[form.hs], form.least_usd_per_kg)
    return form.traced_as()
