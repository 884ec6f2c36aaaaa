"""Which edition a file of the Summaries is of, and where that was published. The known ones are rows of a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import cache
from importlib import resources

from lodeline.errors import InputError
from lodeline.errors.visible import visible

PLAIN = "USGS, Mineral Commodity Summaries {year}"
"""The source of an edition whose DOI nobody has entered."""


@cache
def sources() -> Mapping[str, str]:
    """Sources by edition, of ``tables/usgs_editions.csv``."""
    text = (resources.files("lodeline.world") / "tables" / "usgs_editions.csv").read_text(encoding="utf-8")
    return {cells["edition"]: cells["source"] for cells in csv.DictReader(io.StringIO(text, newline=""))}


def edition_of(newest_year: str) -> str:
    """The edition of year y gives estimates of y - 1 as its newest figures.

    Raises:
        InputError: ``world.usgs_edition``.
    """
    if not (newest_year.isdigit() and len(newest_year) == 4):
        raise InputError(
            "world.usgs_edition",
            f"The newest year in the file is {visible(newest_year) or 'missing'}, so it is not plain which edition it "
            "is; use the whole file as USGS publishes it.",
        )
    return f"usgs-mcs-{int(newest_year) + 1}"


def source_of(edition: str, given: str | None = None) -> str:
    """Where an edition was published: as given, else as the table says, else by the publisher's name and the year."""
    return given or sources().get(edition) or PLAIN.format(year=edition.rpartition("-")[2])
