"""National comparison: what a mass of metal is against a country's published output, imports and use.

Every function takes the table as an argument, so that another edition can be given, and answers with figures that cite
the rows they rest on. What an edition withholds, folds into other countries or does not report stays unknown or
bounded.
A published figure has no stated uncertainty, so ``u`` is None: unknown, not zero.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from lodeline.chemistry.formula import compound_per_element
from lodeline.errors import Settle
from lodeline.units.figure import Figure, product, ratio, total, unknown
from lodeline.world.country import country_name
from lodeline.world.statistics.commodity import Commodity, commodity_of
from lodeline.world.statistics.edition import OTHER, WORLD, Row, Table, read, shipped

SHARE_PERIOD = "import-share"
"""The measure that gives import sources; its period is a span of years."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One element of one mass against national figures of one year.

    Attributes:
        element: As asked for. commodity: under which the edition reports it. counted_as: what its tonnes count
            (``Sb``, ``TREO``). separate: False where the edition does not report the element by itself.
        basis: ``element`` or ``REO``: what a mass must be stated as to be compared.
        origin, destination, rival: ISO 3166-1 alpha-3.
        year: The year compared with. share_period: the years of the import shares.
        origin_output: Mine output of the origin, TNE. share_of_origin_output: of it, P1.
        imports: Imports for consumption of the destination in traded forms, TNE. share_of_imports: of them, P1.
        consumption: Apparent consumption, TNE. share_of_consumption: of it, P1.
        reliance: Net import reliance, P1. reliance_point: tonnes that move it by one percentage point, TNE.
        rival_share: Share of the rival in imports, P1. rival_point: tonnes from elsewhere instead of the rival that
            move this share by one percentage point, TNE. rival_points: what the mass would move, in points, if all
            of it took the place of material from the rival, P1.
    """

    element: str
    commodity: str
    counted_as: str
    separate: bool
    basis: str
    origin: str
    destination: str
    rival: str
    year: str
    share_period: str
    origin_output: Figure
    share_of_origin_output: Figure
    imports: Figure
    share_of_imports: Figure
    consumption: Figure
    share_of_consumption: Figure
    reliance: Figure
    reliance_point: Figure
    rival_share: Figure
    rival_point: Figure
    rival_points: Figure


def load_table(path: str | Path | None) -> Table:
    """The table a report compares with: the one in the package, or that of a file.

    Raises:
        NotFoundError, InputError: as :func:`lodeline.world.statistics.edition.read`.
    """
    return shipped() if path is None else read(path)


def compare(
    table: Table,
    element: str,
    mass: Figure | None,
    *,
    basis: str,
    origin: str,
    destination: str,
    rival: str,
    year: str | None = None,
) -> Comparison | None:
    """A mass of an element (KGM; None where there is none) against national figures; None where no edition reports it.

    ``basis`` says what the mass counts: ``element``, ``REO`` or ``gross``. A mass of one rare earth as the element is
    turned into its oxide by atomic weights. Any other mass that is not on the edition's basis is not compared: the
    shares are unknown and ask for the mass on the right basis.
    """
    commodity = commodity_of(element)
    if commodity is None or not table.select(commodity=commodity.name):
        return None
    year = year or reference_year(table, commodity, destination)
    mass_t = _tonnes(mass, element, commodity, basis)
    output = mine_output(table, commodity, origin, year)
    bought = imports(table, commodity, destination, year)
    used = _figure(table, commodity, destination, "apparent-consumption", commodity.consumption_form, year, "TNE")
    reliance = _figure(table, commodity, destination, "net-import-reliance", commodity.reliance_form, year, "P1")
    period = share_period(table, commodity)
    rival_point = point(bought)
    return Comparison(
        element=element,
        commodity=commodity.name,
        counted_as=commodity.element,
        separate=element == commodity.element,
        basis=commodity.basis,
        origin=origin,
        destination=destination,
        rival=rival,
        year=year,
        share_period=period,
        origin_output=output,
        share_of_origin_output=share(mass_t, output),
        imports=bought,
        share_of_imports=share(mass_t, bought),
        consumption=used,
        share_of_consumption=share(mass_t, used),
        reliance=reliance,
        reliance_point=point(used),
        rival_share=import_share(table, commodity, rival, period),
        rival_point=rival_point,
        rival_points=ratio(mass_t, rival_point, unit="P1"),
    )


def share(part: Figure, whole: Figure) -> Figure:
    """``100 * part / whole``, in percent.

    Where only an upper limit of the whole is published, the share is bounded from below: it is at least
    ``100 * part / limit``.
    """
    if part.value is not None and whole.value is None and whole.high:
        return Figure(
            value=None,
            unit="P1",
            standing="bounded",
            low=100 * part.value / whole.high,
            rests_on=tuple(dict.fromkeys((*part.rests_on, *whole.rests_on))),
            settle=whole.settle,
        )
    return ratio(part, whole, unit="P1", scale=100.0)


def point(whole: Figure) -> Figure:
    """A percentage point of dependence in tonnes: ``whole / 100``.

    Of imports, it is what must come from elsewhere instead of one supplier, at an unchanged total, for that supplier's
    share to fall by one point. Of apparent consumption, it is what must be made at home instead of imported, at an
    unchanged consumption, for net import reliance to fall by one point.
    """
    return product(whole, unit="TNE", scale=0.01)


def reporting_country(table: Table) -> str | None:
    """The country whose imports and use the edition reports; None where it reports none, or several."""
    countries = {row.country for row in table.rows if row.measure == "apparent-consumption"}
    return countries.pop() if len(countries) == 1 else None


def reference_year(table: Table, commodity: Commodity, destination: str) -> str:
    """The newest year whose apparent consumption the edition reports and does not mark as estimated, else the newest.

    An edition's last year is the publisher's own early estimate; the year before is what the statistics say.
    """
    rows = table.select(
        commodity=commodity.name,
        country=destination,
        measure="apparent-consumption",
        form=commodity.consumption_form,
    )
    reported = [row.period for row in rows if row.value is not None and not row.has("e")]
    every = [row.period for row in rows] or [
        row.period for row in table.select(commodity=commodity.name, measure="mine-production")
    ]
    return max(reported or every, default="")


def mine_output(table: Table, commodity: Commodity, country: str, year: str) -> Figure:
    """Mine output of a country, TNE.

    A country that the edition does not name is within "other countries": it is bounded by what those have together,
    and unknown where the edition gives no such row.
    """
    if table.row(commodity.name, country, "mine-production", "", year) is not None:
        return _figure(table, commodity, country, "mine-production", "", year, "TNE")
    return _folded(table, commodity, country, "mine-production", "", year, "TNE")


def imports(table: Table, commodity: Commodity, country: str, year: str) -> Figure:
    """Imports for consumption of a country in the forms that the import shares refer to, TNE."""
    return total(
        (_figure(table, commodity, country, "imports", form, year, "TNE") for form in commodity.traded), unit="TNE"
    )


def import_share(table: Table, commodity: Commodity, country: str, period: str) -> Figure:
    """Share of a country in the imports of the edition's own country, P1; bounded where it is not named."""
    form = commodity.share_form
    if table.row(commodity.name, country, SHARE_PERIOD, form, period) is not None:
        return _figure(table, commodity, country, SHARE_PERIOD, form, period, "P1")
    return _folded(table, commodity, country, SHARE_PERIOD, form, period, "P1")


def share_period(table: Table, commodity: Commodity) -> str:
    """The span of years of the edition's import shares; empty where it has none."""
    return max((row.period for row in table.select(commodity=commodity.name, measure=SHARE_PERIOD)), default="")


def share_of_world(table: Table, commodity: Commodity, country: str, year: str) -> Figure:
    """Share of a country in the mine output of all countries with a published figure, P1.

    The published world total is rounded, so the countries themselves are summed. A withheld country makes the share
    an upper limit, for that country's output is not in the sum; so it is given as bounded.
    """
    rows = [
        row
        for row in table.select(commodity=commodity.name, measure="mine-production", form="", period=year)
        if row.country != WORLD
    ]
    # An empty cell of the 2025 file is a country listed for its reserves; a W is output that exists and is not told.
    parts = [row for row in rows if not row.has("blank")]
    own = next((row for row in parts if row.country == country), None)
    if own is None or own.value is None:
        return unknown("P1", *(_settle(own, commodity, country) if own else ()))
    listed = [figure_of(row) for row in parts if row.value is not None]
    among = ratio(figure_of(own), total(listed, unit="TNE"), unit="P1", scale=100.0)
    if len(listed) == len(parts) or among.value is None:
        return among
    return Figure(value=None, unit="P1", standing="bounded", high=among.value, rests_on=among.rests_on)


def figure_of(row: Row) -> Figure:
    """A published row as a figure that cites it."""
    if row.value is not None:
        return Figure(value=float(row.value), unit=row.unit, standing="stated", rests_on=(row.key,))
    low = None if row.low is None else float(row.low)
    high = None if row.high is None else float(row.high)
    if low is None and high is None:
        return unknown(row.unit, *_settle(row, None, row.country), rests_on=(row.key,))
    return Figure(value=None, unit=row.unit, standing="bounded", low=low, high=high, rests_on=(row.key,))


def _figure(
    table: Table, commodity: Commodity, country: str, measure: str, form: str, period: str, unit: str
) -> Figure:
    row = table.row(commodity.name, country, measure, form, period)
    if row is not None:
        return figure_of(row)
    what = measure.replace("-", " ")
    return unknown(
        unit,
        Settle(
            act="document",
            subject=f"{table.edition}:{commodity.name}",
            detail=f"{country_name(country)}, {what} of {commodity.plain} in {period}: not in this edition.",
        ),
    )


def _folded(
    table: Table, commodity: Commodity, country: str, measure: str, form: str, period: str, unit: str
) -> Figure:
    """A country that is not named: at most what "other countries" have together."""
    others = table.row(commodity.name, OTHER, measure, form, period)
    what = measure.replace("-", " ")
    settle = Settle(
        act="document",
        subject=f"{table.edition}:{commodity.name}",
        detail=f"{country_name(country)}, {what} of {commodity.plain} in {period}: "
        "this edition does not name the country.",
    )
    limit = None if others is None else others.value if others.value is not None else others.high
    if others is None or limit is None:
        return unknown(unit, settle)
    return Figure(
        value=None,
        unit=unit,
        standing="bounded",
        low=0.0,
        high=float(limit),
        rests_on=(others.key,),
        settle=(settle,),
    )


def _tonnes(mass: Figure | None, element: str, commodity: Commodity, basis: str) -> Figure:
    """The mass in tonnes on the edition's basis, or unknown with what it needs."""
    if mass is None:
        return unknown("TNE")
    if mass.standing == "unknown" or basis == commodity.basis:
        return product(mass, unit="TNE", scale=0.001)
    oxide = commodity.oxides.get(element)
    if basis == "element" and oxide is not None:
        return product(mass, unit="TNE", scale=0.001 * float(compound_per_element(oxide, element)))
    wanted = "rare-earth oxide" if commodity.basis == "REO" else f"contained {commodity.element}"
    return unknown(
        "TNE",
        Settle(act="assay", subject=element, detail=f"The mass of {element} stated as {wanted}, by its compounds."),
        rests_on=mass.rests_on,
    )


def _settle(row: Row, commodity: Commodity | None, country: str) -> tuple[Settle, ...]:
    what = row.measure.replace("-", " ")
    why = "withheld" if row.has("W") else "not given"
    name = commodity.plain if commodity else row.commodity.replace("-", " ")
    form = f" ({row.form.replace('-', ' ')})" if row.form else ""
    return (
        Settle(
            act="document",
            subject=row.key,
            detail=f"{country_name(country)}, {what} of {name}{form} in {row.period}: {why} by the publisher.",
        ),
    )
