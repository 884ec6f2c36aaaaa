"""The price of an element: typed in, or as an edition quotes it, for a tonne of the element itself.

An edition quotes many elements as something else: lithium as carbonate, neodymium as oxide, chromium as ore too. A
table says which quotations are of the element, or of a compound that has it by atomic weights; the rest is no price of
it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import cache
from importlib import resources

from lodeline.chemistry.formula import element_per_compound
from lodeline.errors import InputError, Settle
from lodeline.units.figure import Figure, unknown
from lodeline.units.mass import MASS_UNITS
from lodeline.world.statistics.edition import Row, Table

PER_MASS = "USD/"
"""How the unit of a price begins in an edition; a Rec 20 code of mass follows."""


def stated_price(usd_per_t: float) -> Figure:
    """A price that is typed in.

    Raises:
        InputError: ``world.host_amount``.
    """
    if not 0 <= usd_per_t < float("inf"):
        raise InputError("world.host_amount", f"A price is from 0, not {usd_per_t:g}.", field="price")
    return Figure(value=usd_per_t, unit="USD/TNE", standing="stated", rests_on=("price",))


def edition_price(table: Table, element: str) -> Figure:
    """Prices of an element in an edition, USD/TNE of it: of the newest year that it does not mark as estimated.

    The price of a compound is divided by the part of the element in it. Several quotations of a year are a range; where
    the edition has none of the element, the price is unknown.
    """
    rows = [row for row in table.select(measure="price", element=element) if row.value is not None and _mass(row)]
    kept = [row for row in rows if _quoted().get((row.commodity, row.form))]
    year = max((row.period for row in kept if not row.has("e")), default="")
    kept = [row for row in kept if row.period == year]
    if not kept:
        others = ", ".join(dict.fromkeys(f"{row.commodity} {row.form}".replace("-", " ").strip() for row in rows))
        quoted = f"; {table.edition} quotes {others}" if others else ""
        detail = f"A price of {element} by its own mass, USD per tonne{quoted}."
        return unknown("USD/TNE", Settle(act="document", subject=f"{table.edition}:{element}", detail=detail))
    prices = [_per_tonne(row, element) for row in kept]
    keys = tuple(row.key for row in kept)
    if min(prices) == max(prices):
        return Figure(value=prices[0], unit="USD/TNE", standing="stated", rests_on=keys)
    return Figure(value=None, low=min(prices), high=max(prices), unit="USD/TNE", standing="bounded", rests_on=keys)


def _mass(row: Row) -> str:
    """The unit of mass that a price is per; empty where it is per something else."""
    unit = row.unit.removeprefix(PER_MASS)
    return unit if row.unit.startswith(PER_MASS) and unit in MASS_UNITS else ""


def _per_tonne(row: Row, element: str) -> float:
    of = _quoted()[row.commodity, row.form]
    part = 1 if of == element else element_per_compound(of, element)
    return float((row.value or 0) * MASS_UNITS["TNE"].kg / MASS_UNITS[_mass(row)].kg / part)


@cache
def _quoted() -> Mapping[tuple[str, str], str]:
    """What a price is of, by commodity and form: an element, or a compound of it."""
    text = (resources.files("lodeline.world") / "tables" / "host_effect_prices.csv").read_text(encoding="utf-8")
    return {(cells["commodity"], cells["form"]): cells["of"] for cells in csv.DictReader(io.StringIO(text, newline=""))}
