"""Plausibility of a claimed origin against what is known of nations: mine output and trade. It never says guilt.

Published figures have no stated uncertainty, so none of this is more than weak. What the tables do not have is counted
and named, and never taken for nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import Settle
from lodeline.metal.detection.suspicion import Suspicion, Weight
from lodeline.metal.flows.words import NO_TIME
from lodeline.origin.plausibility_lots import mined
from lodeline.world.country import alpha3_of, country_name, with_article
from lodeline.world.national import mine_output

if TYPE_CHECKING:
    from lodeline.metal.flows.flows import Flows
    from lodeline.units.figure import Figure
    from lodeline.world.statistics.commodity import Commodity
    from lodeline.world.statistics.edition import Table
    from lodeline.world.trade.graph import CountryGraph
    from lodeline.world.trade.traded import Traded, TradeTable

KG_PER_TONNE = 1000.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_OUTPUT = "countries and years of which the edition has no mine output"
NO_COUNTRY = "lots whose country of origin is no code of ISO 3166-1"
NO_MASS = "lots whose mass of the element is unknown, which count as nothing"
NO_TRADE = "codes and years that the trade table does not have"


class Claimed(NamedTuple):
    """What is said to have been mined in a country in a year.

    Attributes:
        country: Alpha-3. year: four digits.
        kg: Of the element at least, kg.
        lots, entries: URIs of lots, and entries in which they arose.
    """

    country: str
    year: str
    kg: float
    lots: tuple[str, ...]
    entries: tuple[int, ...]


class Weighed(NamedTuple):
    """What was found, and what there was nothing to hold it against: reason to number."""

    suspicions: tuple[Suspicion, ...]
    unbound: dict[str, int]


def claims_of(flows: Flows, symbol: str) -> tuple[tuple[Claimed, ...], dict[str, int]]:
    """What a book says was mined of an element, by country and calendar year (UTC), and what it could not count.

    Lots that were mined: those of a country that name no scrap source.
    """
    lots, of = flows.lots, mined(flows, symbol)
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    unbound: dict[str, int] = defaultdict(int)
    rows = (lots["country"] >= 0) & (lots["scrap_source"] < 0) & (lots["made_at"] != NO_TIME)
    for row in np.flatnonzero(rows).tolist():
        country = alpha3_of(flows.name(int(lots["country"][row])) or "")
        if country is None:
            unbound[NO_COUNTRY] += 1
        elif not np.isfinite(of.kg[row]):
            unbound[NO_MASS] += 1
        else:
            groups[country, str((EPOCH + timedelta(microseconds=int(lots["made_at"][row]))).year)].append(row)
    return tuple(
        Claimed(
            country,
            year,
            float(of.kg[rows].sum()),
            tuple(flows.name(int(lots["lot"][row])) or "" for row in rows),
            tuple(sorted({int(lots["made_seq"][row]) for row in rows} - {-1})),
        )
        for (country, year), rows in sorted(groups.items())
    ), dict(unbound)


def above_national_output(claims: Iterable[Claimed], table: Table, commodity: Commodity) -> Weighed:
    """``world.above_national_output``: more is claimed of a country in a year than it mined by the edition.

    The claims are in kilograms of what the edition counts. A country that the edition folds into others mined at most
    what these have together.
    """
    found, silent = [], 0
    for one in claims:
        output = mine_output(table, commodity, one.country, one.year)
        most = output.value if output.value is not None else output.high
        if most is None:
            silent += 1
        elif one.kg > most * KG_PER_TONNE:
            found.append(_above(one, output, most, table.edition, commodity))
    return Weighed(tuple(found), {NO_OUTPUT: silent} if silent else {})


def _above(one: Claimed, output: Figure, most: float, edition: str, commodity: Commodity) -> Suspicion:
    country = with_article(one.country)
    by = f"{most:,.0f} t" if output.value is not None else f"at most {most:,.0f} t, with others that are not named"
    return Suspicion(
        code="world.above_national_output",
        sentence=f"{len(one.lots)} lots with {one.kg / KG_PER_TONNE:,.0f} t of {commodity.element} are said to be "
        f"mined in {country} in {one.year}; all of {country} mined {by}, by {edition}.",
        weight="weak",
        kg=one.kg - most * KG_PER_TONNE,
        element=commodity.element,
        entries=one.entries,
        lots=one.lots,
        settle=(
            Settle(
                act="document",
                subject=", ".join(output.rests_on) or edition,
                detail="The records of the workings, and a later edition of the figure.",
            ),
        ),
    )


def exporters_without_mine(
    trade: TradeTable, table: Table, commodity: Commodity, *, hs: str, year: str, plain: str, content: Decimal,
    exporters: Sequence[str] | None = None,
) -> Weighed:  # fmt: skip
    """``world.exporter_without_mine``: a country ships more of a form than it bought, and has no listed mine.

    Args:
        hs, plain: The form, by its code and in words. content: element per gross tonne, kg/kg.
        exporters: Only these; None: all.
    """
    rows = _of(trade, hs, year)
    if not rows:
        return Weighed((), {NO_TRADE: 1})
    listed = {
        row.country
        for row in table.select(commodity=commodity.name, measure="mine-production", form="", period=year)
        if not row.has("blank") and row.value != 0
    }
    found = []
    for code in sorted({row.exporter for row in rows}):
        if code in listed or (exporters is not None and code not in exporters):
            continue
        shipped, bought = ([row for row in rows if end(row) == code] for end in (_exporter, _importer))
        known = all(row.tonnes is not None for row in bought)
        beyond = sum((row.tonnes or Decimal(0) for row in shipped), Decimal(0)) - sum(
            (row.tonnes or Decimal(0) for row in bought), Decimal(0)
        )
        if beyond > 0:
            found.append(_without(code, commodity, year, plain, shipped, beyond * content if known else None))
    return Weighed(tuple(sorted(found, key=lambda one: -(one.kg or 0.0))), {})


def _without(
    code: str, commodity: Commodity, year: str, plain: str, shipped: list[Traded], beyond: Decimal | None
) -> Suspicion:
    tonnes = sum((row.tonnes or Decimal(0) for row in shipped), Decimal(0))
    more = "" if beyond is None else f", {beyond:,.0f} t more than it bought"
    return Suspicion(
        code="world.exporter_without_mine",
        sentence=f"{country_name(code)} shipped {tonnes:,.0f} t of {plain} in {year}{more}, and has no listed mine of "
        f"{commodity.plain}.",
        weight="note",
        kg=None if beyond is None else float(beyond) * KG_PER_TONNE,
        element=commodity.element,
        settle=(
            Settle(
                act="document",
                subject=code,
                detail=f"What it bought as ore, oxide or scrap of {commodity.plain}; its stocks.",
            ),
        ),
    )


def buys_from_avoided(
    trade: TradeTable, table: Table, commodity: Commodity, *, hs: str, year: str, plain: str, content: Decimal,
    origin: str, avoided: str, claims: Iterable[Claimed] = (),
) -> Weighed:  # fmt: skip
    """``world.buys_from_avoided``: the claimed origin imports the same form from the country to be avoided.

    It is weak where it bought as much as it mined or more, or mines nothing that is listed; else a note.

    Args:
        hs, plain, content: As of :func:`exporters_without_mine`.
        origin, avoided: Alpha-3.
        claims: Whose lots and entries are named, those of the origin in the year.
    """
    rows = _of(trade, hs, year)
    bought = [row for row in rows if (row.exporter, row.importer) == (avoided, origin) and row.tonnes != 0]
    if not rows:
        return Weighed((), {NO_TRADE: 1})
    if not bought:
        return Weighed((), {})
    tonnes = None if bought[0].tonnes is None else float(bought[0].tonnes * content)
    output = mine_output(table, commodity, origin, year)
    weight: Weight = "weak" if tonnes is not None and (output.value is None or tonnes >= output.value) else "note"
    of = [one for one in claims if (one.country, one.year) == (origin, year)]
    words = "some" if tonnes is None else f"{tonnes:,.0f} t"
    own = "has no mine output in the edition" if output.value is None else f"mined {output.value:,.0f} t"
    suspicion = Suspicion(
        code="world.buys_from_avoided",
        sentence=f"{country_name(origin)} imported {words} of {plain} from {with_article(avoided)} in {year} and "
        f"{own}; what it sells as its own can be of that, and nothing says that it is.",
        weight=weight,
        kg=None if tonnes is None else tonnes * KG_PER_TONNE,
        element=commodity.element,
        entries=tuple(sorted({entry for one in of for entry in one.entries})),
        lots=tuple(lot for one in of for lot in one.lots),
        settle=(
            Settle(act="document", subject=bought[0].key, detail="The seller's purchases, and what became of them."),
            Settle(act="assay", subject=origin, detail="The traces of what was sold, beside those of the working."),
        ),
    )
    return Weighed((suspicion,), {})


def only_circles(of: CountryGraph) -> Weighed:
    """``world.only_circles``: countries ship a form to each other that none of them mined or bought elsewhere."""
    if not of.loops:
        return Weighed((), {})
    named = ", ".join(country_name(code) for code in of.loops)
    suspicion = Suspicion(
        code="world.only_circles",
        sentence=f"{named} ship to each other what none of them mined or bought elsewhere; it is left out of what "
        "reaches others.",
        weight="note",
        element=of.graph.element,
        settle=(Settle(act="document", subject=named, detail="The trade of other forms, or stocks."),),
    )
    return Weighed((suspicion,), {})


def _of(trade: TradeTable, hs: str, year: str) -> list[Traded]:
    return [row for row in trade.rows if (row.hs, row.period) == (hs, year) and row.exporter != row.importer]


def _exporter(row: Traded) -> str:
    return row.exporter


def _importer(row: Traded) -> str:
    return row.importer
