"""Net import reliance as an answer about a commodity: what the edition's own figures give."""

from __future__ import annotations

from lodeline.errors import NotFoundError, Settle
from lodeline.units.figure import unknown
from lodeline.world.dependence.indicator import Indicator, Question
from lodeline.world.dependence.reliance import reliance
from lodeline.world.dependence.supply import chosen_form, several
from lodeline.world.national import reporting_country
from lodeline.world.statistics.commodity import commodities
from lodeline.world.statistics.edition import Row

METHOD = "Net imports over apparent consumption, after USGS"
UNDEFINED = frozenset(
    ("world.reliance_edition", "world.reliance_commodity", "world.reliance_form", "world.reliance_year")
)
"""Refusals that say that nobody has written how such a figure is defined in such an edition."""


def net_import_reliance(question: Question) -> Indicator | None:
    """Computed net import reliance; None where the edition has none of this country, commodity and year.

    It is unknown, with what is published, where nobody has written how the edition defines it.

    The form is that which the question names, else that which stands for the commodity.
    """
    known = commodities().get(question.commodity)
    if known is None or reporting_country(question.table) != question.country:
        return None
    rows = question.table.select(
        commodity=question.commodity, country=question.country, measure="net-import-reliance", period=question.year
    )
    forms = {row.form for row in rows}
    form = chosen_form(question, forms, known.reliance_form)
    if form is None:
        return None if question.form or not forms else several("net-import-reliance", METHOD, "P1", question, forms)
    try:
        return reliance(question.table, question.commodity, question.year, form).indicator
    except NotFoundError as refusal:
        if refusal.code not in UNDEFINED:
            raise
    row = question.table.row(question.commodity, question.country, "net-import-reliance", form, question.year)
    return None if row is None else _undefined(row, known.plain)


def _undefined(row: Row, plain: str) -> Indicator:
    """Unknown, with what is published, where nobody has written how the edition defines it."""
    detail = f"How {row.edition} defines net import reliance on {plain}, line by line."
    return Indicator(
        name="net-import-reliance",
        method=METHOD,
        figure=unknown("P1", Settle(act="document", subject=row.key, detail=detail), rests_on=(row.key,)),
        inputs=(row.key,),
        editions=(row.edition,),
        note=f"Published: {row.published} {row.published_unit}. It cannot be computed again.",
    )
