"""Who supplies: the amounts by country that an edition publishes, as the concentration measures take them.

A country that is withheld, or given as more or less than a number, stays in with the limits that are published. A cell
that the publisher leaves empty is no producer that is hidden: the 2025 file lists countries there for their reserves.
A published world total is not used: it is rounded, and where a country is withheld the publisher may leave it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from lodeline.chemistry.elements import elements
from lodeline.errors import Settle
from lodeline.units.figure import Figure, unknown
from lodeline.world.country import country_name
from lodeline.world.dependence.concentration import METHODS, UNITS, Concentration, concentration, indicators
from lodeline.world.dependence.indicator import Indicator, Question
from lodeline.world.national import SHARE_PERIOD, figure_of, reporting_country
from lodeline.world.statistics.commodity import commodities
from lodeline.world.statistics.edition import WORLD, Row, Table

STAGES = {"mined": "mine-production", "smelted": "smelter-production", "refined": "refinery-production"}
"""The measure by which an edition reports the output of countries at a stage."""
PRODUCTION = "-production"
"""How the names of such measures end."""


def output(table: Table, commodity: str, measure: str, form: str, year: str) -> dict[str, Figure]:
    """Output of each country the edition lists, TNE; empty where it lists none."""
    rows = table.select(commodity=commodity, measure=measure, form=form, period=year)
    return _by_country(row for row in rows if row.country != WORLD and not row.has("blank"))


def measure_asked(question: Question) -> str | None:
    """The measure of output that is asked: of the stage; where none is named, of mines, else the only one there is."""
    if question.stage:
        return STAGES.get(question.stage)
    rows = question.table.select(commodity=question.commodity, period=question.year)
    measures = {row.measure for row in rows if row.measure.endswith(PRODUCTION)}
    if STAGES["mined"] in measures:
        return STAGES["mined"]
    return next(iter(measures)) if len(measures) == 1 else None


def form_asked(question: Question, measure: str) -> str | None:
    """The form of output that is asked, as :func:`chosen_form` has it; by itself it is that without a name."""
    return chosen_form(question, output_forms(question, measure))


def output_forms(question: Question, measure: str) -> set[str]:
    """The forms in which an edition lists output by country."""
    rows = question.table.select(commodity=question.commodity, measure=measure, period=question.year)
    return {row.form for row in rows if row.country != WORLD}


def chosen_form(question: Question, forms: set[str], usual: str = "") -> str | None:
    """Which form is asked: that which is named, that of the element, the usual one, or the only one; else None.

    Several forms are not added up.
    """
    if question.form:
        return question.form if question.form in forms else None
    element = elements().get(question.element)
    if element is not None and element.name.lower() in forms:
        return element.name.lower()
    if usual in forms:
        return usual
    return next(iter(forms)) if len(forms) == 1 else None


def several(name: str, method: str, unit: str, question: Question, forms: Iterable[str]) -> Indicator:
    """Unknown, since the edition gives several forms, which are not added up, and none of them is named."""
    told = ", ".join(sorted(form.replace("-", " ") for form in forms))
    detail = f"Which of several is meant of {question.commodity.replace('-', ' ')}: {told}."
    settle = Settle(act="document", subject=f"{question.table.edition}:{question.commodity}", detail=detail)
    editions = (question.table.edition,)
    return Indicator(name=name, method=method, figure=unknown(unit, settle), inputs=(), editions=editions)


def output_asked(question: Question) -> dict[str, Figure]:
    """Output of each country at the stage and in the form that are asked; empty where the edition lists none."""
    measure = measure_asked(question)
    form = None if measure is None else form_asked(question, measure)
    if measure is None or form is None:
        return {}
    return output(question.table, question.commodity, measure, form, question.year)


def output_note(question: Question) -> str:
    """What a reader must know of the output that was taken: its stage, where none was named, and who is not in it.

    The publisher gives the output of some countries in another form than that of the rest, such as processed instead of
    crude. Those are not added to it, and are named.
    """
    measure = measure_asked(question)
    if measure is None:
        return ""
    note = "" if question.stage or measure == STAGES["mined"] else f"Output: {measure.replace('-', ' ')}."
    form, counted = form_asked(question, measure), output_asked(question)
    rows = question.table.select(commodity=question.commodity, measure=measure, period=question.year)
    apart = {
        row.country: row.form.replace("-", " ")
        for row in rows
        if not question.form
        and form == ""
        and row.country not in {*counted, WORLD}
        and row.value != 0
        and not row.has("blank")
    }
    made = [row for row in rows if row.country != WORLD and row.form == form and row.value]
    if made and all(row.has("e") for row in made):
        note = f"{note} All of it is estimated by the publisher.".strip()
    if apart:
        told = ", ".join(f"{country_name(country)} ({form})" for country, form in apart.items())
        note = f"{note} Not counted, given in another form: {told}.".strip()
    return note


def import_sources(table: Table, commodity: str, form: str, period: str) -> dict[str, Figure]:
    """Share of each country in imports, P1, ``OTH`` for those that are not named; empty where there is none."""
    return _by_country(table.select(commodity=commodity, measure=SHARE_PERIOD, form=form, period=period))


def all_shares(supply: Mapping[str, Figure]) -> Figure | None:
    """What percentages add up to, where some are given as limits; None where all are known, and their sum counts.

    Each is rounded to a whole percent, so that of ``n`` the sum is 100, give or take ``n / 2``.
    """
    if all(one.value is not None for one in supply.values()):
        return None
    leeway = len(supply) / 2
    return Figure(value=None, low=100 - leeway, high=100 + leeway, unit="P1", standing="bounded")


def output_concentration(question: Question) -> Concentration | None:
    """How concentrated the world's output is; None where the edition has none of such a commodity, stage and year."""
    supply = output_asked(question)
    return concentration(supply) if supply else None


def import_concentration(question: Question) -> Concentration | None:
    """How concentrated the imports of the edition's country are, over its span of years; None where not given.

    The form is that which the question names, else that of the element, that which the commodity's import total refers
    to, or the only one there is.
    """
    table, form = question.table, _import_form(question)
    rows = table.select(commodity=question.commodity, measure=SHARE_PERIOD)
    if not rows or form is None or question.country != reporting_country(table):
        return None
    period = max(row.period for row in rows)
    supply = import_sources(table, question.commodity, form, period)
    return concentration(supply, total=all_shares(supply)) if supply else None


def _import_forms(question: Question) -> set[str]:
    """The forms of which the importer's sources are published; none where the edition is of another country."""
    if question.country != reporting_country(question.table):
        return set()
    return {row.form for row in question.table.select(commodity=question.commodity, measure=SHARE_PERIOD)}


def _import_form(question: Question) -> str | None:
    known = commodities().get(question.commodity)
    return chosen_form(question, _import_forms(question), "" if known is None else known.share_form)


def output_indicator(name: str, question: Question) -> Indicator | None:
    """One of the four measures of the world's output."""
    measure = measure_asked(question)
    forms = set() if measure is None else output_forms(question, measure)
    if measure is not None and len(forms) > 1 and not question.form and form_asked(question, measure) is None:
        return several(name, METHODS[name], UNITS[name], question, forms)
    return _picked(name, output_concentration(question), question, "", output_note(question))


def import_indicator(name: str, question: Question) -> Indicator | None:
    """One of the four measures of the importer's sources; its name begins with ``import-``."""
    forms, plain = _import_forms(question), name.removeprefix("import-")
    if len(forms) > 1 and not question.form and _import_form(question) is None:
        return several(name, METHODS[plain], UNITS[plain], question, forms)
    return _picked(name, import_concentration(question), question, "import-", "")


def _picked(name: str, found: Concentration | None, question: Question, prefix: str, note: str) -> Indicator | None:
    if found is None:
        return None
    rows = indicators(found, editions=(question.table.edition,), prefix=prefix)
    one = next(row for row in rows if row.name == name)
    return msgspec.structs.replace(one, note=f"{note} {one.note}".strip())


def _by_country(rows: Iterable[Row]) -> dict[str, Figure]:
    # A table has no two rows of one country, measure, form and period.
    return {row.country: figure_of(row) for row in rows}
