"""What a delivery is set against: use, imports and the rival's share, by edition and by trade table."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from lodeline.errors import NotFoundError, Settle
from lodeline.errors.visible import visible
from lodeline.units.figure import Figure, product, unknown
from lodeline.world.country import country_name, with_article
from lodeline.world.effect.answer import Reference
from lodeline.world.effect.forms import DeliveredForm, forms_of, is_counted
from lodeline.world.effect.market import Market
from lodeline.world.effect.span import HUNDRED, figure, span
from lodeline.world.effect.supplied import Supplied
from lodeline.world.effect.trading import Traded, Traders, untold
from lodeline.world.national import (
    figure_of,
    import_share,
    imports,
    mine_output,
    point,
    reference_year,
    reporting_country,
    share,
    share_period,
)
from lodeline.world.statistics.commodity import Commodity
from lodeline.world.statistics.edition import Table


class Setting(NamedTuple):
    """All that one delivery is set against.

    Attributes:
        year: Of the figures. share_period: years of the import shares. separate: whether the edition reports the
            element by itself.
        reference: What is shown. rival: what the rival shipped in all forms that count, TNE.
        form_market: Imports of the form that is displaced; None where nobody knows which that is, or nothing is
            reported of it.
        traded: The same by a trade table; None where none is at hand.
    """

    year: str
    share_period: str
    separate: bool
    reference: Reference
    rival: Figure
    form_market: Market | None
    traded: Traded | None


def setting(of: Supplied, table: Table, importer: str, rival: str, year: str | None, traders: Traders) -> Setting:
    """What a delivery is set against in a year; None: the newest that the edition does not mark as estimated.

    Raises:
        NotFoundError: ``world.effect_year``, ``world.effect_commodity``.
    """
    commodity = of.commodity
    # Of a country whose use the edition does not report, the year is that of the country whose use it does.
    year = year or _newest(table, commodity, reporting_country(table) or importer)
    if not table.select(commodity=commodity.name):
        raise NotFoundError(
            "world.effect_commodity",
            f"{visible(table.edition)} reports nothing of {commodity.plain}; give an edition that does.",
            element=of.element,
        )
    _has_year(table, commodity, year)
    home = reporting_country(table) in (importer, None)
    bought, output = imports(table, commodity, importer, year), mine_output(table, commodity, of.origin, year)
    used = _row(table, commodity, importer, "apparent-consumption", commodity.consumption_form, year, "TNE")
    period = share_period(table, commodity)
    shares = import_share(table, commodity, rival, period) if home else _no_shares(table, commodity, importer)
    form = _displaced(of)
    by_trade = None
    if form is not None:
        by_trade = traders.of(commodity, form, year)
    market = by_trade.of if by_trade else _of_form(table, commodity, form, year, importer, rival, home=home)
    rivals = product(bought, shares, unit="TNE", scale=0.01)
    reference = Reference(
        use=used,
        reliance=_row(table, commodity, importer, "net-import-reliance", commodity.reliance_form, year, "P1"),
        imports=bought,
        rival_share=shares,
        origin_output=output,
        output_of_use=share(output, used),
        reliance_point=point(used),
        rival_point=point(bought),
        **_of_displaced(of, form or of.form, year, market, by_trade),
    )
    return Setting(year, period, of.element == commodity.element, reference, rivals, market, by_trade)


def _of_displaced(
    of: Supplied, form: DeliveredForm, year: str, market: Market | None, by_trade: Traded | None
) -> dict[str, Any]:
    """Of the reference what is of the form that is displaced."""
    nobody = untold(of.commodity, form, year)
    imports_t = market.imports if market else _unsaid(of, "TNE")
    return {
        "form_imports": imports_t,
        "form_share": market.share if market else nobody,
        "form_mined": by_trade.mined.share if by_trade else nobody,
        "hs": by_trade.hs if by_trade else "",
        "form_point": point(imports_t),
        "mined_point": _mined_point(by_trade) or unknown("TNE"),
        "mined_point_alike": _mined_point_alike(by_trade) or unknown("TNE"),
    }


def _row(table: Table, commodity: Commodity, country: str, measure: str, form: str, year: str, unit: str) -> Figure:
    """A published figure; unknown, with what would settle it, where the edition has none of this unit."""
    row = table.row(commodity.name, country, measure, form, year)
    if row is not None and row.unit == unit:
        return figure_of(row)
    said = f"{country_name(country)}, {measure.replace('-', ' ')} of {commodity.plain} in {year}: not in this edition."
    return unknown(unit, Settle(act="document", subject=f"{table.edition}:{commodity.name}", detail=said))


def _displaced(of: Supplied) -> DeliveredForm | None:
    """The form of what is displaced: that of the delivery; of ore that is smelted at home the only form of metal."""
    if of.route != "smelted":
        return of.form if of.form.name else None
    metal = [one for one in forms_of(of.commodity, of.element) if is_counted(of.commodity, one)]
    return metal[0] if len(metal) == 1 else None


def _of_form(
    table: Table,
    commodity: Commodity,
    form: DeliveredForm | None,
    year: str,
    importer: str,
    rival: str,
    *,
    home: bool,
) -> Market | None:
    """Imports of one form by the edition, where it has them."""
    lines = () if form is None else form.imports
    if form is None or not home or not form.alone:
        return None
    if not lines or any(table.row(commodity.name, importer, "imports", line, year) is None for line in lines):
        return None
    alone = msgspec.structs.replace(commodity, traded=lines, share_form=form.share)
    bought = imports(table, alone, importer, year)
    of_rival = import_share(table, alone, rival, share_period(table, alone))
    if not form.own_share:
        said = f"Who supplies {form.plain}: the edition tells it of several forms together."
        act = Settle(act="document", subject=f"{table.edition}:{commodity.name}", detail=said)
        of_rival = unknown("P1", act)
    return Market(imports=bought, rival=product(bought, of_rival, unit="TNE", scale=0.01), share=of_rival)


def _mined_point(of: Traded | None) -> Figure | None:
    """Tonnes in the place of the rival's shipments for one point less that was mined in its country.

    ``M R / (100 C)`` with C what of R was mined there, if R is all alike; at least ``M / 100``, if all of it was.
    """
    if of is None or not of.of.rival.value or not of.mined.shipped.value:
        return None
    value = (of.of.imports.value or 0.0) * of.of.rival.value / (100 * of.mined.shipped.value)
    least = span(of.of.imports).low / 100
    rests_on = tuple(dict.fromkeys((*of.of.imports.rests_on, *of.mined.shipped.rests_on)))
    return Figure(value=value, low=least, unit="TNE", standing="computed", rests_on=rests_on)


def _mined_point_alike(of: Traded | None) -> Figure | None:
    """Tonnes in the place of all imports alike for such a point: ``M^2 / (100 C)``, C of M mined in its country."""
    if of is None or not of.mined.whole.value:
        return None
    m = span(of.of.imports)
    return figure(m * m / (HUNDRED * span(of.mined.whole)), "TNE", of_figures=(of.of.imports, of.mined.whole))


def _newest(table: Table, commodity: Commodity, country: str) -> str:
    """The newest year that the edition does not mark as estimated: of use, else of imports that count."""
    rows = [
        row
        for line in commodity.traded
        for row in table.select(commodity=commodity.name, country=country, measure="imports", form=line)
        if row.value is not None
    ]
    used = table.select(
        commodity=commodity.name, country=country, measure="apparent-consumption", form=commodity.consumption_form
    )
    if not rows or any(row.value is not None for row in used):
        return reference_year(table, commodity, country)
    return max([row.period for row in rows if not row.has("e")] or [row.period for row in rows])


def _has_year(table: Table, commodity: Commodity, year: str) -> None:
    years = sorted({row.period for row in table.select(commodity=commodity.name) if row.period.isdigit()})
    if year not in years:
        raise NotFoundError(
            "world.effect_year",
            f"{visible(table.edition)} reports nothing of {commodity.plain} in {visible(year)}; "
            f"ask for one of {', '.join(years)}.",
            year=year,
        )


def _no_shares(table: Table, commodity: Commodity, importer: str) -> Figure:
    said = f"Who supplies {with_article(importer)} with {commodity.plain}: {table.edition} does not say."
    return unknown("P1", Settle(act="document", subject=f"{table.edition}:{commodity.name}", detail=said))


def _unsaid(of: Supplied, unit: str) -> Figure:
    said = f"Imports of {of.commodity.plain} in the form that is displaced."
    return unknown(unit, Settle(act="document", subject=of.element, detail=said))
