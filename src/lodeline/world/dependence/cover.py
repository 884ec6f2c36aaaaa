"""Months of cover: how long stocks would last at the present use, if nothing came in."""

from __future__ import annotations

from lodeline.errors import InputError, Settle
from lodeline.errors.visible import visible
from lodeline.units.figure import Figure, ratio, unknown
from lodeline.world.country import country_name
from lodeline.world.dependence.indicator import Indicator, Question
from lodeline.world.national import figure_of
from lodeline.world.statistics.commodity import commodities
from lodeline.world.statistics.edition import Row, Table

METHOD = "Months of cover: stocks over a twelfth of a year's apparent consumption"
MONTHS = 12


def cover(stocks: Figure, consumption: Figure) -> Figure:
    """``12 stocks / consumption``, months (MON).

    Where one or both are known by limits only, so is the cover: the least stocks over the most consumption, and the
    most over the least. It is unknown where consumption can be zero without there being stocks, and has no upper limit
    where consumption has no lower one.

    Args:
        stocks: At an instant, any unit of mass, >= 0.
        consumption: Of one year, the same unit, >= 0.

    Raises:
        InputError: ``world.cover_units``, ``world.cover_negative``.
    """
    if stocks.unit != consumption.unit:
        raise InputError(
            "world.cover_units",
            f"Stocks are in {visible(stocks.unit)}, consumption is in {visible(consumption.unit)}; convert one.",
        )
    for one in (stocks, consumption):
        if any(number is not None and number < 0 for number in (one.value, one.low, one.high)):
            raise InputError("world.cover_negative", "Neither stocks nor consumption can be negative; correct them.")
    if stocks.value is not None and consumption.value is not None:
        return ratio(stocks, consumption, unit="MON", scale=MONTHS)
    (least, most), (used_least, used_most) = _limits(stocks), _limits(consumption)
    low = MONTHS * least / used_most if least is not None and used_most else None
    high = MONTHS * most / used_least if most is not None and used_least else None
    rests_on = tuple(dict.fromkeys((*stocks.rests_on, *consumption.rests_on)))
    settle = tuple(dict.fromkeys((*stocks.settle, *consumption.settle)))
    if low is None and high is None:
        return unknown("MON", *settle, rests_on=rests_on)
    return Figure(
        value=None,
        low=0.0 if low is None else low,
        high=high,
        unit="MON",
        standing="bounded",
        rests_on=rests_on,
        settle=settle,
    )


def months_of_cover(question: Question) -> Indicator | None:
    """Cover by the stocks that an edition reports of its own country; None where it has neither stocks nor use.

    An edition may report several stocks, as of two stages. The one whose form the question names is taken; where it
    names none, the only one there is. Several, and none named, are not added up: they may be of different stages.
    """
    table, known = question.table, commodities().get(question.commodity)
    used = _used(question, known.consumption_form if known is not None else "")
    held = [row for row in _rows(question, "stocks") if question.form in ("", row.form)]
    if used is None and not held:
        return None
    consumption = figure_of(used) if used is not None else _lacking(table, question, "apparent consumption")
    if len(held) == 1:
        stocks, note = figure_of(held[0]), f"Stocks: {held[0].form.replace('-', ' ')}." if held[0].form else ""
    else:
        stocks, note = _lacking(table, question, "stocks"), ""
        if held:
            note = f"Several stocks are reported; name one: {', '.join(row.form or 'without a form' for row in held)}."
    figure = cover(stocks, consumption)
    return Indicator(
        name="months-of-cover",
        method=METHOD,
        figure=figure,
        inputs=figure.rests_on,
        editions=(table.edition,),
        note=note,
    )


def _rows(question: Question, measure: str) -> list[Row]:
    """The rows of a measure that are in tonnes."""
    rows = question.table.select(
        commodity=question.commodity, country=question.country, measure=measure, period=question.year
    )
    return [row for row in rows if row.unit == "TNE"]


def _used(question: Question, form: str) -> Row | None:
    """Apparent consumption in the form that stands for the commodity, else the only one there is."""
    rows = _rows(question, "apparent-consumption")
    named = [row for row in rows if row.form == form]
    return named[0] if named else rows[0] if len(rows) == 1 else None


def _lacking(table: Table, question: Question, what: str) -> Figure:
    commodity = question.commodity.replace("-", " ")
    detail = (
        f"{country_name(question.country)}, {what} of {commodity} in {question.year}: not one figure in this edition."
    )
    return unknown("TNE", Settle(act="document", subject=f"{table.edition}:{question.commodity}", detail=detail))


def _limits(figure: Figure) -> tuple[float | None, float | None]:
    return (figure.low, figure.high) if figure.value is None else (figure.value, figure.value)
