"""All indicators of one element and importer in one year, as an answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from lodeline.world.dependence.answer import at_hand
from lodeline.world.dependence.answer_asked import Subject, checked_year, chosen_forms
from lodeline.world.dependence.indicator import Indicator, Question, Registered, answers, as_table
from lodeline.world.dependence.indicator_asked import importer_asked, reported_year, subject_asked
from lodeline.world.dependence.registered import INDICATORS
from lodeline.world.dependence.supply_risk_file import RiskFile
from lodeline.world.governance.score import MEAN, Scores, scores_of
from lodeline.world.statistics.commodity import commodities
from lodeline.world.statistics.edition import Table, shipped
from lodeline.world.trade.forms import TradedForm, forms_of
from lodeline.world.trade.traded import TradeTable

if TYPE_CHECKING:
    import polars


class Indicators(msgspec.Struct, frozen=True, kw_only=True):
    """The indicators of one element, importer and year.

    Attributes:
        element: As asked for. commodity: as the edition groups it. plain: as a sentence names it.
        importer: Alpha-3. year: asked, or the newest of which the edition gives an output that it does not estimate.
        form: The traded form that GeoPolRisk took; empty where no trade is at hand.
        edition: Of the national statistics that were asked.
        indicators: In the order of the registry.
        left_out: The names of those that have nothing to say: the tables at hand have nothing that they rest on.
    """

    element: str
    commodity: str
    plain: str
    importer: str
    year: str
    form: str
    edition: str
    indicators: tuple[Indicator, ...]
    left_out: tuple[str, ...]

    def table(self) -> polars.DataFrame:
        """A row an indicator."""
        return as_table(self.indicators)


def indicators_of(
    element: str,
    *,
    importer: str,
    year: str | None = None,
    stage: str = "",
    form: str | None = None,
    table: Table | None = None,
    trade: TradeTable | None = None,
    risk: RiskFile | None = None,
    governance: Iterable[Scores] = (),
    rows: Iterable[Registered] = INDICATORS,
) -> Indicators:
    """Every registered indicator.

    Args:
        element: Symbol, group, or name of an element or of a commodity of the edition.
        importer: Alpha-2, alpha-3 or name. year: four digits.
        stage: ``mined``, ``smelted`` or ``refined``; empty: mined, and of the EU's study the stage that it used.
        form: The traded form for GeoPolRisk, by name or code; None: the first of which trade is at hand.
        table: National statistics; None: the newest that come with lodeline. trade: asked before those that come along.
        risk: Inputs of the EU's supply risk, which then takes the place of the one from the edition's output.
        governance: Tables of scores, asked before those that come along; one an indicator of governance.
        rows: Of the registry; give more for indicators of your own.

    Raises:
        NotFoundError: ``world.commodity_unknown``, ``world.importer_unknown``, ``world.form_unknown``,
            ``world.year_not_at_hand``. InputError: ``world.commodity_ambiguous``, ``world.year_unreadable``, and those
            of the indicators.
    """
    of, at = subject_asked(element), importer_asked(importer)
    table = shipped() if table is None else table
    held = {row.period for row in table.select(commodity=of.commodity)}
    year = checked_year(year, {reported_year(table, of.commodity, at)} - {""} or held, held, of.plain)
    taken = _taken(chosen_forms(form, forms_of(of.element, of.commodity), of.plain), trade, year)
    question = Question(
        table=table,
        commodity=of.commodity,
        country=at,
        year=year,
        stage=stage,
        element=of.element,
        trade=None if taken is None else at_hand(taken, trade),
        hs="" if taken is None else taken.hs,
        governance=tuple(governance),
    )
    rows = tuple(rows)
    found = tuple(_of_all(one, of, table) for one in answers(question, rows))
    if risk is not None:
        found = (*(one for one in found if one.name != "eu-supply-risk"), _of_file(risk, question.governance))
    return Indicators(
        element=of.element,
        commodity=of.commodity,
        plain=of.plain,
        importer=at,
        year=year,
        form="" if taken is None else taken.name,
        edition=table.edition,
        indicators=found,
        left_out=tuple(row.name for row in rows if row.name not in {one.name for one in found}),
    )


def _of_all(found: Indicator, of: Subject, table: Table) -> Indicator:
    """The indicator, with a note where its figures are of a group and the element was asked: of rare earths, not Nd."""
    told = {row.element for key in found.inputs if (row := table.by_key.get(key)) is not None} - {""}
    if not of.element or not told or of.element in told:
        return found
    known = commodities().get(of.commodity)
    group = of.commodity.replace("-", " ") if known is None else known.plain
    note = f"Counts {group} all together: {table.edition} does not tell {of.plain} apart."
    return msgspec.structs.replace(found, note=f"{note} {found.note}".strip())


def _taken(forms: Iterable[TradedForm], trade: TradeTable | None, year: str) -> TradedForm | None:
    """The first form of which there is trade; a code that holds other goods too says nothing about the element."""
    for form in forms:
        held = None if form.shared else at_hand(form, trade)
        if held is not None and (form.hs, year) in held.held:
            return form
    return None


def _of_file(risk: RiskFile, given: Iterable[Scores]) -> Indicator:
    governance = scores_of(MEAN, given)
    found = risk.risk(governance, governance.years[-1])
    return found.indicator(note=f"{risk.material}, {risk.stage}; inputs: {risk.source}.")
