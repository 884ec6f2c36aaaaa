"""What indicators are asked about: any commodity of an edition, a country by any usual name, and the year to take."""

from __future__ import annotations

from lodeline.chemistry.elements import elements
from lodeline.errors import NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.dependence.answer_asked import Subject, country_code, subject
from lodeline.world.dependence.supply import PRODUCTION
from lodeline.world.statistics.commodity import commodity_named
from lodeline.world.statistics.edition import WORLD, Table

EUROPE = frozenset(("eu", "eu27", "eu-27", "european union", "europe"))
"""What is asked for and is no country; indicators of the EU's own study name it themselves."""

STANDING = ("reserves", "capacity")
"""How measures end of what there is, and is not made, used or traded in a year."""


def subject_asked(asked: str) -> Subject:
    """The element that has this name or symbol, else the commodity; it need be no element: ``cement``, ``asbestos``.

    Raises:
        NotFoundError: ``world.commodity_unknown``. InputError: ``world.commodity_ambiguous``.
    """
    words = " ".join(asked.split()).casefold()
    named = next((one.symbol for one in elements().values() if one.name.casefold() == words), asked)
    try:
        return subject(named)
    except NotFoundError:
        found = commodity_named(asked)
        return Subject(found.element, found.name, found.plain)


def importer_asked(asked: str) -> str:
    """The alpha-3 code of a country by its codes or any name that :mod:`lodeline.world.country` knows.

    Raises:
        NotFoundError: ``world.importer_unknown``, with the nearest there are.
    """
    if " ".join(asked.split()).casefold().removeprefix("the ") in EUROPE:
        raise NotFoundError(
            "world.importer_unknown", f"{visible(asked)!r} is no one country; ask for one of its members, such as DE."
        )
    return country_code(asked)


def reported_year(table: Table, commodity: str, importer: str) -> str:
    """The newest year of which the edition gives an output that it does not estimate; empty where it gives none.

    Where it lists no output by country, that of the importer's own figures. Where all of a commodity is estimated, it
    is the newest year all the same. What is nothing, and so not marked as estimated, does not count.
    """
    every = [row for row in table.select(commodity=commodity) if not row.measure.endswith(STANDING)]
    rows = [row for row in every if row.measure.endswith(PRODUCTION) and row.country != WORLD]
    rows = rows or [row for row in every if row.country == importer and row.unit == "TNE"] or every
    told = [row.period for row in rows if row.value and not row.has("e") and len(row.period) == 4]
    return max(told or [row.period for row in rows if len(row.period) == 4], default="")
