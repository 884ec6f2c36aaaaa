"""What an edition of national statistics says of a country's supply, and of who mines and makes it in the world."""

from __future__ import annotations

from collections.abc import Iterable

from lodeline.errors import NotFoundError, Settle
from lodeline.units.figure import Figure, total, unknown
from lodeline.world.country import country_name, with_article
from lodeline.world.dependence.answer_asked import Subject
from lodeline.world.dependence.answer_shapes import National, Output, PublishedShares
from lodeline.world.dependence.answer_shares import shares
from lodeline.world.dependence.concentration import concentration, indicators
from lodeline.world.dependence.cover import months_of_cover
from lodeline.world.dependence.indicator import Indicator, Question
from lodeline.world.dependence.reliance import reliance as reliance_of
from lodeline.world.dependence.reliance_asked import UNDEFINED
from lodeline.world.dependence.supply import all_shares
from lodeline.world.national import SHARE_PERIOD, figure_of, point, reporting_country
from lodeline.world.statistics.commodity import commodities
from lodeline.world.statistics.edition import WORLD, Row, Table

PRODUCTION = "production"
"""How the names of measures end that give what countries mined or made."""


def national(table: Table, of: Subject, country: str, year: str) -> National:
    """What the edition reports of the country's own supply; unknown throughout where it reports another one's."""
    reported = reporting_country(table)
    if reported != country:
        return _unreported(table, of, country, year, reported)
    known = commodities().get(of.commodity)
    wanted = ("", "") if known is None else (known.consumption_form, known.reliance_form)
    consumption = _reported(table, of, country, "apparent-consumption", wanted[0], year, "TNE")
    reliance = _reported(table, of, country, "net-import-reliance", wanted[1], year, "P1")
    counted = () if known is None else known.traded
    imports = total((_reported(table, of, country, "imports", one, year, "TNE") for one in counted), unit="TNE")
    question = Question(table=table, commodity=of.commodity, country=country, year=year)
    said = _row(table, of, country, "net-import-reliance", wanted[1], year)
    found = (None if said is None else _recomputed(table, of, year, said.form), months_of_cover(question))
    computed = tuple(one for one in found if one is not None)
    figures = (consumption, reliance, *(one.figure for one in computed))
    return National(
        edition=table.edition,
        consumption=consumption,
        reliance=reliance,
        imports=imports,
        point_of_imports=point(imports),
        point_of_consumption=point(consumption),
        computed=computed,
        missing=tuple(dict.fromkeys(settle for one in figures if one.value is None for settle in one.settle)),
    )


def _unreported(table: Table, of: Subject, country: str, year: str, reported: str | None) -> National:
    only = "one country" if reported is None else with_article(reported)
    settle = Settle(
        act="document",
        subject=f"{table.edition}:{of.commodity}",
        detail=f"{country_name(country)}, consumption, stocks and reliance of {of.commodity.replace('-', ' ')} in "
        f"{year}: not reported, since the edition reports {only} only.",
    )
    tonnes, percent = unknown("TNE", settle), unknown("P1", settle)
    return National(
        edition=table.edition,
        consumption=tonnes,
        reliance=percent,
        imports=tonnes,
        point_of_imports=tonnes,
        point_of_consumption=tonnes,
        computed=(),
        missing=(settle,),
    )


def _recomputed(table: Table, of: Subject, year: str, form: str) -> Indicator | None:
    """Net import reliance from the edition's own figures; None where nobody has written how it is defined there."""
    try:
        return reliance_of(table, of.commodity, year, form).indicator
    except NotFoundError as refusal:
        if refusal.code not in UNDEFINED:
            raise
        return None


def _row(table: Table, of: Subject, country: str, measure: str, form: str, year: str) -> Row | None:
    """The row in the form that is preferred, else the only one there is; None where there is none, or several."""
    rows = own(table.select(commodity=of.commodity, country=country, measure=measure, period=year), of)
    preferred = [row for row in rows if row.form == form] or rows
    return preferred[0] if len(preferred) == 1 else None


def _reported(table: Table, of: Subject, country: str, measure: str, form: str, year: str, unit: str) -> Figure:
    row = _row(table, of, country, measure, form, year)
    if row is not None and row.unit == unit:
        return figure_of(row)
    return unknown(
        unit,
        Settle(
            act="document",
            subject=f"{table.edition}:{of.commodity}",
            detail=f"{country_name(country)}, {measure.replace('-', ' ')} of {of.commodity.replace('-', ' ')} in "
            f"{year}: not one figure in this edition.",
        ),
    )


def own(rows: Iterable[Row], of: Subject) -> list[Row]:
    """The rows of the asked element, where the edition tells it apart from the rest of its commodity.

    Else they are those of the whole commodity, and of a group all rows; never those of another member.
    """
    rows = list(rows)
    known = commodities().get(of.commodity)
    member = known is not None and of.element in (*known.also, *known.members)
    exact = [row for row in rows if row.element == of.element]
    return exact or [row for row in rows if not member or row.element in ("", "" if known is None else known.element)]


def published_shares(table: Table, of: Subject, country: str) -> dict[str, PublishedShares]:
    """Import shares of the edition's own country, by form; none where the importer is another one."""
    if reporting_country(table) != country:
        return {}
    found: dict[str, dict[str, Row]] = {}
    for row in own(table.select(commodity=of.commodity, measure=SHARE_PERIOD), of):
        found.setdefault(row.form, {})[row.country] = row
    return {form: _published(table, form, rows) for form, rows in found.items()}


def _published(table: Table, form: str, rows: dict[str, Row]) -> PublishedShares:
    of = {country: figure_of(row) for country, row in rows.items()}
    return PublishedShares(
        form=form,
        period=next(iter(rows.values())).period,
        shares=of,
        concentration=indicators(concentration(of, total=all_shares(of)), editions=(table.edition,)),
        edition=table.edition,
    )


def outputs(table: Table, of: Subject, year: str) -> tuple[Output, ...]:
    """Who mined and made it: each measure of production of which the edition lists countries in that year."""
    found: dict[tuple[str, str], dict[str, Row]] = {}
    made = [row for row in table.select(commodity=of.commodity, period=year) if row.measure.endswith(PRODUCTION)]
    for row in own(made, of):
        # An empty cell is a country that is listed for its reserves.
        if row.unit == "TNE" and not row.has("blank"):
            found.setdefault((row.measure, row.form), {})[row.country] = row
    return tuple(
        _output(table, measure, form, rows)
        for (measure, form), rows in found.items()
        if len(rows) > 1 and any(country != WORLD for country in rows)
    )


def _output(table: Table, measure: str, form: str, rows: dict[str, Row]) -> Output:
    tonnes = {country: figure_of(row) for country, row in rows.items() if country != WORLD}
    some = any(one.value or one.high for one in tonnes.values())
    return Output(
        measure=measure,
        form=form,
        stage=next(iter(rows.values())).stage or ("mined" if measure.startswith("mine") else ""),
        tonnes=tonnes,
        shares=shares(tonnes),
        concentration=indicators(concentration(tonnes), editions=(table.edition,)) if some else (),
        edition=table.edition,
    )
