"""GeoPolRisk as an answer about a commodity: an edition's output, a trade table's imports, and governance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal

from lodeline.errors import Settle
from lodeline.units.figure import Figure
from lodeline.world.country import country_name
from lodeline.world.dependence.geopolrisk import METHOD, GeoPolRisk, Import, geopolrisk, references
from lodeline.world.dependence.indicator import Indicator, Question
from lodeline.world.dependence.limits import between, limits_of
from lodeline.world.dependence.supply import output_asked, output_note
from lodeline.world.governance.score import STABILITY, scores_of
from lodeline.world.statistics.edition import OTHER
from lodeline.world.statistics.published import SYMBOLS
from lodeline.world.trade.forms import forms
from lodeline.world.trade.traded import Traded

POTENTIAL = (
    "GeoPolRisk supply risk potential (Koyamparambath et al. 2024): score times price, over the midpoint of copper"
)


def geopolrisk_score(question: Question) -> Indicator | None:
    """The score; None where there is no trade of such a code and year, or no output of such a commodity."""
    found = _found(question)
    return None if found is None else _told("geopolrisk", METHOD, found.score, found, question)


def geopolrisk_potential(question: Question) -> Indicator | None:
    """Kilograms of copper that carry the same risk as a kilogram; its reference is the one that is shipped."""
    found = _found(question)
    return None if found is None else _told("geopolrisk-potential", POTENTIAL, found.potential, found, question)


def _found(question: Question) -> GeoPolRisk | None:
    trade = question.trade
    if trade is None or (question.hs, question.year) not in trade.held:
        return None
    made = output_asked(question)
    if not made or not any(limits_of(one)[1] for one in made.values()):
        return None
    stability, least = scores_of(STABILITY, question.governance), _least_usd_per_kg(question)
    (copper,) = references()
    return geopolrisk(
        production=made,
        domestic=_domestic(made, question.country),
        imports=tuple(
            Import(country=row.exporter, tonnes=_tonnes(row, least), kusd=float(row.kusd))
            for row in trade.of(question.hs, question.year)
            if row.importer == question.country and row.exporter != question.country
        ),
        stability=stability,
        year=stability.year_for(question.year),
        copper=copper.figure,
    )


def _domestic(made: Mapping[str, Figure], country: str) -> Figure:
    """Output at home: as listed; within other countries where there are such; else none, as the index supposes too."""
    if country in made:
        return made[country]
    others = made.get(OTHER)
    if others is None:
        return Figure(value=0.0, unit="TNE", standing="computed", rests_on=())
    return between(0.0, limits_of(others)[1], "TNE", rests_on=others.rests_on, settle=others.settle)


def _least_usd_per_kg(question: Question) -> Decimal | None:
    """What the form is assumed to be worth at least; None where the table of forms has no such assumption."""
    known = [form for form in forms().get(question.commodity, ()) if form.hs == question.hs]
    return known[0].least_usd_per_kg if known else None


def _tonnes(row: Traded, least_usd_per_kg: Decimal | None) -> Figure:
    """The tonnage; where none is published, at most the value at the least price, else anything."""
    if row.tonnes is not None:
        return Figure(value=float(row.tonnes), unit="TNE", standing="stated", rests_on=(row.key,))
    detail = f"{country_name(row.exporter)} to {country_name(row.importer)}, HS {row.hs}, {row.period}: no tonnage."
    settle = Settle(act="document", subject=row.key, detail=detail)
    # Thousand dollars over dollars a kilogram are tonnes.
    most = math.inf if least_usd_per_kg is None else float(row.kusd / least_usd_per_kg)
    return between(0.0, most, "TNE", rests_on=(row.key,), settle=(settle,))


def _told(name: str, method: str, figure: Figure, found: GeoPolRisk, question: Question) -> Indicator:
    governance, _, year = found.governance.partition(" ")
    editions = [question.table.edition, *([] if question.trade is None else [question.trade.edition]), governance]
    note = f"Imports of HS {question.hs}, gross; output by {question.table.edition}; political stability of {year}."
    if year != question.year:
        note += f" No later one up to {question.year} is at hand."
    least = _least_usd_per_kg(question)
    if found.imported.value is None and least is not None:
        note += f" What has no tonnage is assumed to be worth {least} USD/kg at least."
    if not found.exact:
        note += " The upper limit is an outer one."
    if not found.domestic.rests_on:
        note += " No output at home is listed: taken as none."
    if figure is found.potential:
        (copper,) = references()
        unit = SYMBOLS.get(copper.unit, copper.unit)
        note += f" Copper: {copper.value:g} {unit}, {copper.region} {copper.period}."
        editions.append(copper.edition)
    note = f"{note} {output_note(question)}".strip()
    return Indicator(
        name=name,
        method=method,
        figure=figure,
        inputs=figure.rests_on,
        editions=tuple(editions),
        note=note,
    )
