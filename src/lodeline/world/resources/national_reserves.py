"""Reserves of countries by the USGS: a class of its own, taken from an edition."""

from __future__ import annotations

from lodeline.errors import NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.country import country_name
from lodeline.world.national import figure_of
from lodeline.world.resources.classes import Contained
from lodeline.world.statistics.edition import OTHER, WORLD, Table

MEASURE = "reserves"
USGS = "reserves-usgs"
"""Their class."""
METAL = ("element", "REO")
"""Bases of which the tonnes are those of the element or group that a row is on."""


def national_reserves(table: Table, *, country: str | None = None, element: str | None = None) -> tuple[Contained, ...]:
    """Reserves of each country that the edition names, by element; unknown where it gives none.

    Only tonnes of the element itself, or rare-earth oxide of rare earths, count: tonnes of zirconium oxide, of
    magnesite or of boron ores are none of the metal, and are refused with what they are.

    Args:
        country: Alpha-3; all where None. element: as the edition counts it; all where None.

    Raises:
        NotFoundError: ``world.no_reserves``.
    """
    every = [row for row in table.select(measure=MEASURE) if row.country not in (WORLD, OTHER) and row.unit == "TNE"]
    rows = [row for row in every if row.basis in METAL]
    found = tuple(
        Contained(
            element=row.element,
            resource_class=USGS,
            figure=figure_of(row),
            deposits=(country_name(row.country),),
            as_of=(row.period,),
            sources=(row.source,),
            reserves="not applicable",
        )
        for row in rows
        if country in (None, row.country) and element in (None, row.element)
    )
    if not found:
        of = f" of {country_name(country)}" if country else ""
        counted = sorted({row.basis or "what it does not name" for row in every if row.element == element and element})
        told = f" by its own mass, but counts {', '.join(counted)}" if counted else ""
        raise NotFoundError(
            "world.no_reserves",
            f"{table.edition} has no reserves of {visible(element or 'any element')}{of}{told}; it has those of "
            f"{', '.join(sorted({row.element for row in rows if row.element})) or 'none'}.",
        )
    return found
