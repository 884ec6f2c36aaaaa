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


def national_reserves(table: Table, *, country: str | None = None, element: str | None = None) -> tuple[Contained, ...]:
    """Reserves of each country that the edition names, by element; unknown where it gives none.

    Args:
        country: Alpha-3; all where None. element: as the edition counts it; all where None.

    Raises:
        NotFoundError: ``world.no_reserves``.
    """
    rows = [row for row in table.select(measure=MEASURE) if row.country not in (WORLD, OTHER) and row.unit == "TNE"]
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
        raise NotFoundError(
            "world.no_reserves",
            f"{table.edition} has no reserves of {visible(element or 'any element')}{of}; it has those of "
            f"{', '.join(sorted({row.element for row in rows if row.element})) or 'none'}.",
        )
    return found
