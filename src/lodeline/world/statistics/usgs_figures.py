"""The commodities file of the Summaries, as of the 2026 edition: one figure a line, all chapters."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.world.country import alpha3
from lodeline.world.statistics import lines
from lodeline.world.statistics.basis import basis_of
from lodeline.world.statistics.commodity import element_of
from lodeline.world.statistics.edition import Row
from lodeline.world.statistics.lines import Line, line_of, slug, stage_of
from lodeline.world.statistics.published import UNITS, Unit, published, unit_of, unit_words
from lodeline.world.statistics.usgs_sources import edition_of, source_of

COLUMNS = (
    "MCS chapter",
    "Section",
    "Commodity",
    "Country",
    "Statistics",
    "Statistics_detail",
    "Unit",
    "Year",
    "Value",
    "Notes",
    "Other notes",
)
CRITICAL = "Is critical mineral"
"""How the column begins that says whether the commodity is on the US list; the year of the list follows."""
UNSAID = "unsaid"
"""In a table of names: nobody says what the tonnes count, whatever the head of the chapter says of others."""
_ESTIMATED = re.compile(r"^Estimated\b|-- Estimated(?:\.| as\b| based\b)")
"""In the footnotes of a figure, of which ``--`` separates one from the next: that it is one, not of what is."""
_PERIOD = re.compile(r"(\d{4})(?:[–-](\d{2}))?")


class Cells(NamedTuple):
    """What one line of the file holds, in the order of :data:`COLUMNS`; ``line`` counts from 1, the head included."""

    chapter: str
    section: str
    commodity: str
    country: str
    statistics: str
    detail: str
    unit: str
    year: str
    value: str
    notes: str
    other: str
    critical: str
    line: int


class Part(NamedTuple):
    """What a row is on where a chapter holds several; a row of ``tables/usgs_parts.csv``."""

    name: str
    element: str


def is_head(head: str) -> bool:
    """Whether a first line begins like that of this layout."""
    return head.startswith("MCS chapter,")


def figures(text: str, source: str | None = None) -> list[Row]:
    """Every line of the file as a row, in its order.

    Args:
        source: Where it was published; None: as ``tables/usgs_editions.csv`` says, else publisher and year.

    Raises:
        InputError: ``world.usgs_layout``, ``world.usgs_cut``, ``world.usgs_edition``, ``world.usgs_detail``,
            ``world.usgs_period``, ``world.usgs_unit``, ``world.usgs_units_mixed``, ``world.usgs_value``,
            ``world.country_unknown``; ``where["line"]`` is the line of the file.
    """
    read = cells_of(text)
    if not read:
        return []
    edition = edition_of(max((cells.year for cells in read if cells.year.isdigit()), default=""))
    named = source_of(edition, source)
    begun: dict[str, str] = {}
    rows = []
    for cells in read:
        part = _part(cells, begun)
        rows.append(_row(cells, part, edition, named))
    return rows


def critical_of(text: str) -> dict[str, bool]:
    """By commodity, whether the file says that it, or a part of it, is a critical mineral."""
    said: dict[str, bool] = {}
    for cells in cells_of(text):
        name = slug(cells.chapter)
        said[name] = said.get(name, False) or cells.critical == "Yes"
    return said


def cells_of(text: str) -> list[Cells]:
    """The lines of the file, each complete."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    head = next(reader, [])
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise InputError("world.usgs_layout", f"Neither layout of the Summaries: no column {', '.join(missing)}.")
    places = [head.index(name) for name in COLUMNS]
    critical = next((head.index(name) for name in head if name.startswith(CRITICAL)), None)
    return [
        Cells._make([*(cells[at] for at in places), "" if critical is None else cells[critical], line])
        for line, cells in complete(reader, len(head))
    ]


def complete(reader: Iterator[Sequence[str]], width: int) -> Iterator[tuple[int, Sequence[str]]]:
    """Lines with their number, each of the width of the head.

    Raises:
        InputError: ``world.usgs_cut``.
    """
    line = 1
    try:
        for line, cells in enumerate(reader, start=2):
            if len(cells) != width:
                raise InputError(
                    "world.usgs_cut",
                    f"The line has {len(cells)} cells and the head {width}; the file is cut off or edited: get it "
                    "again.",
                    line=line,
                )
            yield line, cells
    except csv.Error as flaw:
        raise InputError(
            "world.usgs_cut", "The file ends within a quoted cell; it is cut off: get it again.", line=line + 1
        ) from flaw


def _part(cells: Cells, begun: dict[str, str]) -> Part:
    """Which part of its chapter a row is on; a second block of one table is known by the line that it begins with."""
    chapter, own = slug(cells.chapter), slug(cells.commodity)
    if cells.section.startswith(lines.SALIENT) and (chapter, cells.detail) in _blocks():
        begun[chapter] = _blocks()[chapter, cells.detail]
    if own != chapter:
        return parts().get((chapter, own), Part(own, ""))
    block = begun.get(chapter, "") if cells.section.startswith(lines.SALIENT) else ""
    return Part(block, "")


def _row(cells: Cells, part: Part, edition: str, source: str) -> Row:
    commodity = slug(cells.chapter)
    line = _line(cells, commodity, part)
    unit = _unit(cells, line)
    read = published(cells.value, unit, measure=line.measure, line=cells.line, note=cells.notes)
    codes = [code for code in (read.qualifier,) if code]
    if _ESTIMATED.search(cells.notes):
        codes.append("e")
    if line.rounded:
        codes.append("rounded")
    said = line.basis or basis_of(cells.detail, cells.notes, cells.section, cells.other)
    return Row(
        edition=edition,
        commodity=commodity,
        element=line.element or part.element or element_of(commodity),
        country=alpha3(cells.country, cells.line),
        measure=line.measure,
        form=line.form,
        period=_period(cells.year, cells.line),
        value=read.value,
        low=read.low,
        high=read.high,
        unit=read.unit,
        basis=said if read.unit == "TNE" and said != UNSAID else "",
        qualifiers=" ".join(codes),
        published=cells.value,
        published_unit=cells.unit,
        note=cells.notes,
        source=source,
        stage=stage_of(line.measure, line.form),
        table=cells.section,
        line=cells.line,
    )


def _line(cells: Cells, commodity: str, part: Part) -> Line:
    try:
        return line_of(commodity, part.name, cells.section, cells.statistics, cells.detail)
    except KeyError as unknown:
        raise InputError(
            "world.usgs_detail",
            f"{visible(cells.statistics)!r} is not among the publisher's kinds of statistics; add it to SIMPLE in "
            "world/statistics/lines.py, or the line to tables/usgs_details.csv.",
            line=cells.line,
        ) from unknown


def _unit(cells: Cells, line: Line) -> Unit:
    """The unit of a row. What the words of its line name must not be another, unless the line is named by hand."""
    if line.unit:
        return UNITS[line.unit]
    if not cells.unit.strip() and not any(c.isdigit() for c in cells.value):
        return Unit("", UNITS["number"].factor)  # A price that is words has no unit; a number without one is refused.
    unit = unit_of(cells.unit, cells.line)
    other = next((words for words in unit_words(cells.detail.lower()) if UNITS[words] != unit), None)
    if other is not None:
        raise InputError(
            "world.usgs_units_mixed",
            f"The line is in {other} by its words and in {visible(cells.unit)} by its unit; say which in "
            "tables/usgs_details.csv.",
            line=cells.line,
        )
    return unit


def _period(year: str, line: int) -> str:
    """``2021–24`` (en dash) becomes ``2021-2024``; a year stays."""
    found = _PERIOD.fullmatch(year.strip())
    if found is None:
        raise InputError(
            "world.usgs_period", f"{visible(year)!r} is neither a year nor a span such as 2021–24.", line=line
        )
    first, last = found.groups()
    return f"{first}-{first[:2]}{last}" if last else first


@cache
def parts() -> Mapping[tuple[str, str], Part]:
    """The parts of chapters that have a name or an element of their own, by chapter and part."""
    return {(cells["commodity"], cells["part"]): Part(cells["name"], cells["element"]) for cells in _table()}


@cache
def _blocks() -> Mapping[tuple[str, str], str]:
    """The blocks of one table that say no name, by chapter and the line that each begins with."""
    return {(cells["commodity"], cells["begins"]): cells["name"] for cells in _table() if cells["begins"]}


def _table() -> list[dict[str, str]]:
    text = (resources.files("lodeline.world") / "tables" / "usgs_parts.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))
