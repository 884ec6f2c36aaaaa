"""Dependence: who a country's supply of an element comes from, form by form, direct and traced, and what is not known.

Every figure names the edition that it is from. What no table at hand has is said, with what would settle it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from lodeline.errors import InputError, Settle
from lodeline.errors.visible import visible
from lodeline.units.figure import Figure
from lodeline.world.dependence.answer_asked import checked_year, chosen_forms, country_code, subject
from lodeline.world.dependence.answer_national import national, outputs, published_shares
from lodeline.world.dependence.answer_shapes import (
    Dependence,
    FormAnswer,
    National,
    Output,
    PublishedShares,
    Supplier,
    TradeShares,
)
from lodeline.world.dependence.answer_trade import trade_shares
from lodeline.world.dependence.answer_words import main_sentence, unused_sentence
from lodeline.world.dependence.indicator_asked import reported_year
from lodeline.world.national import figure_of
from lodeline.world.statistics.edition import Table, shipped
from lodeline.world.trade.followed import tables_with
from lodeline.world.trade.forms import TradedForm, forms_of
from lodeline.world.trade.traded import TradeTable, shipped_with

__all__ = [
    "Dependence", "FormAnswer", "National", "Output", "PublishedShares", "Supplier", "TradeShares", "dependence",
    "forms_asked",
]  # fmt: skip


def dependence(
    element: str,
    *,
    importer: str,
    year: str | None = None,
    table: Table | None = None,
    trade: TradeTable | None = None,
    form: str | None = None,
    contents: Mapping[str, Decimal] | None = None,
) -> Dependence:
    """What a country's supply of an element depends on in a year.

    Args:
        element: Symbol, group or name: ``Sb``, ``TREO``, ``antimony``.
        importer: Alpha-2, alpha-3 or name.
        year: Four digits; None: the newest of which the given trade table has trade, else any at hand, else the newest
            that the edition does not estimate.
        table: National statistics; None: the newest that come with lodeline.
        trade: Who shipped what to whom; asked before the tables that come with lodeline.
        form: One form by its name or code; None: all.
        contents: By code, kilograms of the element in one, where the table of forms does not tell.

    Raises:
        NotFoundError: ``world.commodity_unknown``, ``world.importer_unknown``, ``world.form_unknown``,
            ``world.year_not_at_hand``. InputError: ``world.commodity_ambiguous``, ``world.year_unreadable``,
            ``world.content``, ``world.content_of_no_form``.
    """
    of, at = subject(element), country_code(importer)
    table = shipped() if table is None else table
    every = forms_of(of.element, of.commodity)
    asked = chosen_forms(form, every, of.plain)
    contents = _checked(contents or {}, every, of.plain)
    given = _years(asked, (trade,))
    traded = given | _years(every, map(shipped_with, (one.hs for one in every)))
    told = {reported_year(table, of.commodity, at)} - {""}
    reported = {row.period for row in table.select(commodity=of.commodity)}
    year = checked_year(year, _whole(given) or _whole(traded) or told or reported, traded | reported, of.plain)
    published = published_shares(table, of, at)
    of_forms = tuple(
        FormAnswer(
            form=one,
            content=one.figure,
            imports=_lines(one, table, year, at),
            trade=_traded(one, trade, every, table, year, at, contents),
            published=published.get(one.share) if one.share else None,
            missing=_missing(one, trade, year),
        )
        for one in asked
    )
    about, lines = national(table, of, at, year), {one.share for one in every}
    what = of.plain if form is None else asked[0].plain
    answer = Dependence(
        element=of.element,
        commodity=of.commodity,
        plain=of.plain,
        importer=at,
        year=year,
        editions=tuple(dict.fromkeys((table.edition, *(one.trade.edition for one in of_forms if one.trade)))),
        sentence="",
        forms=of_forms,
        also_published=tuple(one for name, one in published.items() if form is None and name not in lines),
        national=about,
        outputs=outputs(table, of, year),
        missing=(*(one.missing for one in of_forms if one.missing is not None), *about.missing),
        unused="" if trade is None or year in given else unused_sentence(what, trade.edition, year, given),
    )
    return msgspec.structs.replace(answer, sentence=main_sentence(answer))


def _years(every: Iterable[TradedForm], trades: Iterable[TradeTable | None]) -> set[str]:
    """The years, and the months, in which tables have one of the forms."""
    forms, tables = tuple(every), tuple(trades)
    return {when for form in forms for one in tables_with(form, tables) for hs, when in one.held if hs == form.hs}


def _whole(periods: Iterable[str]) -> set[str]:
    """The years of some periods; months are none."""
    return {one for one in periods if len(one) == len("2024")}


def forms_asked(element: str) -> tuple[TradedForm, ...]:
    """The forms of an element by its symbol, group or name; refusals as of :func:`dependence`."""
    of = subject(element)
    return forms_of(of.element, of.commodity)


def at_hand(form: TradedForm, trade: TradeTable | None, year: str | None = None) -> TradeTable | None:
    """The trade table that has a form: the given one, else one that comes with lodeline; None where none has.

    Args:
        year: That it has it in; None: in any.
    """
    return next(iter(tables_with(form, (trade, shipped_with(form.hs)), year)), None)


def _lines(form: TradedForm, table: Table, year: str, importer: str) -> dict[str, Figure]:
    """What the edition's own country imported in lines that hold a form, TNE, by line."""
    rows = table.select(commodity=form.commodity, country=importer, measure="imports", period=year)
    return {row.form: figure_of(row) for row in rows if row.form in form.imports}


def _traded(
    form: TradedForm,
    given: TradeTable | None,
    every: Iterable[TradedForm],
    table: Table,
    year: str,
    importer: str,
    contents: Mapping[str, Decimal],
) -> TradeShares | None:
    trade = at_hand(form, given, year)
    if trade is None:
        return None
    return trade_shares(form, trade, table, tuple(every), year=year, importer=importer, contents=contents)


def _missing(form: TradedForm, given: TradeTable | None, year: str) -> Settle | None:
    """What would settle the shares of a form that no table at hand has in the year."""
    if at_hand(form, given, year) is not None:
        return None
    return Settle(
        act="document",
        subject=f"HS {form.hs}",
        detail=f"Imports of {form.plain}: give BACI or Comtrade for HS {form.hs}, {year}.",
    )


def _checked(contents: Mapping[str, Decimal], every: Iterable[TradedForm], plain: str) -> Mapping[str, Decimal]:
    codes = {one.hs for one in every}
    for hs, content in contents.items():
        if hs not in codes:
            raise InputError(
                "world.content_of_no_form",
                f"A content is given for HS {visible(hs)}, which is no form of {plain}; write one of "
                f"{', '.join(sorted(codes))}.",
            )
        if not 0 < content <= 1:
            raise InputError(
                "world.content", "content is kilograms of the element per kilogram; above 0 and at most 1.", hs=hs
            )
    return contents
