"""The world file of the Summaries, as of the 2025 edition: one country a line, with two years, capacity and reserves.

Where the printed table has ``W``, ``NA`` or ``Large``, the file has an empty cell and says so among the notes; it is
read as what the note means. What a line of it is called here stands in ``tables/usgs_types.csv``, or follows from its
words.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.world.country import alpha3
from lodeline.world.statistics.basis import basis_of
from lodeline.world.statistics.commodity import element_of, name_of
from lodeline.world.statistics.edition import Row
from lodeline.world.statistics.lines import Line, line_of, slug, stage_of
from lodeline.world.statistics.published import UNITS, Published, Unit, published, unit_of
from lodeline.world.statistics.usgs_figures import UNSAID, complete, parts
from lodeline.world.statistics.usgs_sources import edition_of, source_of

_HEAD = re.compile(r"^SOURCE,COMMODITY,COUNTRY,TYPE,UNIT_MEAS,PROD_(\d{4}),PROD_EST_ ?(\d{4}),")
_CODED = re.compile(r"(NA|XX|W)(?: for (\d{2,4})(?:-\d{2})?)?(?: \(.*\))?\.?", re.IGNORECASE)
_WORDS = re.compile(r"(?:Very )?(?:large|moderate|small)(?: to (?:large|moderate))?", re.IGNORECASE)
_UNIT_NOTE = re.compile(r"\b((?:million|thousand) metric tons)\b")
_REPORTED = re.compile(r"(?:^|, )(?:reported|reproted)\.?$", re.IGNORECASE)
_BRACKETED = re.compile(r"(.+?) \(([^)]*)\)(?: \d+)?(?:, (\w+))?")


class Kind(NamedTuple):
    """What the figures of one commodity and TYPE are called here; a row of ``tables/usgs_types.csv``."""

    line: Line
    capacity: str
    reserves: str
    reserves_form: str
    reserves_basis: str
    reserves_unit: str
    estimated: bool


class Cell(NamedTuple):
    """One figure of a line of the file: what it is, of when, and what stands in its cell and beside it."""

    line: Line
    period: str
    value: str
    note: str
    estimated: bool


def is_head(text: str) -> bool:
    """Whether a text begins like this layout."""
    return _HEAD.match(text) is not None


def figures(text: str, source: str | None = None) -> list[Row]:
    """Every figure of the file as a row, in its order.

    A line that has no figure at all still gives its production, which is then not told. Capacity and reserves are given
    for the lines of a commodity of which one has any.

    Raises:
        InputError: as :func:`lodeline.world.statistics.usgs_figures.figures`.
    """
    head = _HEAD.match(text)
    assert head is not None  # Asked before.
    year, estimated = head.groups()
    read = _lines(text, year, estimated)
    if not read:
        return []
    edition = _edition(read, estimated)
    named = source_of(edition, source)
    there = _columns_used(read)
    return [
        _row(cells, number, cell, edition, named)
        for number, cells in read
        for cell in _cells(cells, year, estimated, there[cells["COMMODITY"], cells["TYPE"]])
    ]


def _lines(text: str, year: str, estimated: str) -> list[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    head = [name.replace("EST_ ", "EST_") for name in next(reader)]
    wanted = [f"PROD_{year}", f"PROD_EST_{estimated}", "PROD_NOTES", f"CAP_{year}", f"CAP_EST_{estimated}", "CAP_NOTES"]
    missing = [name for name in (*wanted, f"RESERVES_{estimated}", "RESERVE_NOTES") if name not in head]
    if missing:
        raise InputError("world.usgs_layout", f"Neither layout of the Summaries: no column {', '.join(missing)}.")
    return [
        (
            line,
            {name: cell.strip() if "NOTES" in name else _spaced(cell) for name, cell in zip(head, cells, strict=True)},
        )
        for line, cells in complete(reader, len(head))
    ]


def _edition(read: list[tuple[int, dict[str, str]]], estimated: str) -> str:
    """By the years of the head, which the lines must not contradict: each says ``MCS2025``."""
    edition = edition_of(estimated)
    wanted = f"MCS{edition.rpartition('-')[2]}"
    for line, cells in read:
        if cells["SOURCE"] != wanted:
            raise InputError(
                "world.usgs_edition",
                f"The line is of {visible(cells['SOURCE']) or 'no edition'}, and by its head the file is {wanted}; one "
                "file holds one edition.",
                line=line,
            )
    return edition


def _columns_used(read: list[tuple[int, dict[str, str]]]) -> dict[tuple[str, str], set[str]]:
    """By commodity and TYPE, the groups of columns of which at least one line has a figure or a note in its place."""
    used: dict[tuple[str, str], set[str]] = {}
    for _line, cells in read:
        groups = used.setdefault((cells["COMMODITY"], cells["TYPE"]), set())
        for stem, notes in (("PROD_", "PROD_NOTES"), ("CAP_", "CAP_NOTES"), ("RESERVES_", "RESERVE_NOTES")):
            told = any(cell for name, cell in cells.items() if name.startswith(stem) and not name.endswith("NOTES"))
            if told or _code(cells[notes], ""):
                groups.add(stem)
    return used


def _cells(cells: Mapping[str, str], year: str, estimated: str, used: set[str]) -> Iterator[Cell]:
    kind = kind_of(cells["COMMODITY"], cells["TYPE"])
    made = cells["PROD_NOTES"]
    if kind.line.measure not in ("capacity", "reserves") or "PROD_" in used:
        early = _estimated(made, year) or (kind.estimated and not _REPORTED.search(made))
        yield Cell(kind.line, year, cells[f"PROD_{year}"], made, early)
        yield Cell(kind.line, estimated, cells[f"PROD_EST_{estimated}"], made, True)
    if "CAP_" in used:
        of = kind.line._replace(measure=kind.capacity)
        note = cells["CAP_NOTES"]
        yield Cell(of, year, cells[f"CAP_{year}"], note, note == "estimated")
        yield Cell(of, estimated, cells[f"CAP_EST_{estimated}"], note, note != "reported")
    if "RESERVES_" in used:
        of = Line(kind.reserves, kind.reserves_form, kind.line.element, kind.reserves_unit, kind.reserves_basis)
        yield Cell(of, estimated, cells[f"RESERVES_{estimated}"], cells["RESERVE_NOTES"], False)


def _row(cells: Mapping[str, str], number: int, cell: Cell, edition: str, source: str) -> Row:
    commodity = commodity_name(cells["COMMODITY"])
    country, words, rounded = country_of(cells["COUNTRY"], number)
    form = _joined(cell.line.form, words, replaces=country == "WLD")
    value = cell.value or _code(cell.note, cell.period)
    noted = _UNIT_NOTE.search(cell.note) if cell.line.measure == "reserves" else None
    stated = noted[1] if noted else cells["UNIT_MEAS"]
    read = _read(value, cell, UNITS[cell.line.unit] if cell.line.unit else unit_of(stated, number), number)
    codes = [code for code in (read.qualifier,) if code]
    if cell.estimated:
        codes.append("e")
    if rounded:
        codes.append("rounded")
    said = cell.line.basis or basis_of(cells["TYPE"], cell.note, "", "")
    return Row(
        edition=edition,
        commodity=commodity,
        element=cell.line.element or element_of(commodity),
        country=country,
        measure=cell.line.measure,
        form=form,
        period=cell.period,
        value=read.value,
        low=read.low,
        high=read.high,
        unit=read.unit,
        basis=said if read.unit == "TNE" and said != UNSAID else "",
        qualifiers=" ".join(codes),
        published=value,
        published_unit=stated,
        note=cell.note,
        source=source,
        stage=stage_of(cell.line.measure, form),
        table=cells["TYPE"],
        line=number,
    )


def _read(value: str, cell: Cell, unit: Unit, number: int) -> Published:
    found = published(value, unit, measure=cell.line.measure, line=number)
    if found.qualifier == "blank" and cell.note.startswith("Included "):
        return found._replace(qualifier="elsewhere")
    return found


def _estimated(note: str, year: str) -> bool:
    """Whether a note says that the figure of the earlier year is an estimate too."""
    return note.startswith("Estimated") or f"estimated {year}" in note or f"estimated for {year}" in note


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _code(note: str, period: str) -> str:
    """What the note of an empty cell says stands there: ``W``, ``NA``, ``XX``, ``s``, a word; else empty."""
    coded = _CODED.fullmatch(note)
    if coded is not None:
        of = coded[2] or ""
        return coded[1].upper() if not (period and len(of) == 4) or of == period else ""
    if note.lower() == "less than 1/2 unit":
        return "s"
    return note.capitalize() if _WORDS.fullmatch(note) else ""


def country_of(name: str, line: int) -> tuple[str, str, bool]:
    """The code, what the brackets behind the name say of the figure, and whether it is rounded."""
    rounded = "rounded" in name
    try:
        return alpha3(name, line), "", rounded
    except InputError:
        bracketed = _BRACKETED.fullmatch(name)
        if bracketed is None:
            raise
        words = re.sub(r",? ?\brounded\b", "", bracketed[2])
        return alpha3(bracketed[1], line), slug(f"{words} {bracketed[3] or ''}"), rounded


def _joined(form: str, words: str, *, replaces: bool) -> str:
    if not words or f"-{words}-" in f"-{form}-":
        return form
    return words if replaces else f"{form}-{words}".strip("-")


def commodity_name(spelled: str) -> str:
    """The name of a commodity as this file spells it."""
    return name_of(spelled) or slug(spelled)


@cache
def kind_of(spelled: str, words: str) -> Kind:
    """What a TYPE of a commodity is called here."""
    commodity = commodity_name(spelled)
    row = _types().get((commodity, words))
    estimated = words.endswith("estimated")
    if row is None:
        plain = re.sub(r", [\w -]+ content$", "", re.sub(r", estimated$", "", words))
        line = line_of(commodity, "", "World", "Production", plain)
        return Kind(line, "capacity", "reserves", "", "", "", estimated)
    element = next(
        (part.element for (of, _), part in parts().items() if (of, part.name) == (commodity, row["form"])), ""
    )
    return Kind(
        Line(row["measure"], row["form"], element, row["unit"], row["basis"]),
        row["capacity"] or "capacity",
        row["reserves"] or "reserves",
        row["reserves_form"],
        row["reserves_basis"],
        row["reserves_unit"],
        estimated,
    )


@cache
def _types() -> Mapping[tuple[str, str], dict[str, str]]:
    text = (resources.files("lodeline.world") / "tables" / "usgs_types.csv").read_text(encoding="utf-8")
    return {(cells["commodity"], cells["type"]): cells for cells in csv.DictReader(io.StringIO(text, newline=""))}
