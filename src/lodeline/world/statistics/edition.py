"""Editions: a tidy table of published national figures, each row with where it was published and how it is known."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache, cached_property
from importlib import resources
from operator import attrgetter
from pathlib import Path

import msgspec

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.files import readable
from lodeline.world.statistics import tidy

WORLD, OTHER = "WLD", "OTH"
"""Not countries: a published world total (rounded, so it need not be the sum), and countries that are not named."""

QUALIFIERS = {
    "e": "estimated by the publisher",
    "W": "withheld by the publisher",
    "NA": "not available",
    "E": "net exporter: imports less exports are not positive",
    "s": "less than half of the published unit, or than its note says",
    ">": "more than the lower limit",
    "<": "less than the upper limit",
    "..": "only a range is published",
    "rounded": "rounded by the publisher; need not equal the sum of its parts",
    "blank": "the publisher's file leaves the cell empty",
    "text": "the publisher gives words instead of a number",
    "XX": "not applicable",
    "elsewhere": "included in another row, as its note says",
    "noted": "a mark in the place of a figure; its note says why there is none",
    "minus": "below zero; the publisher's minus sign is a question mark in the file",
}
"""What a row's ``qualifiers`` say. Several may stand in one row, separated by blanks."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One published figure.

    Attributes:
        edition: For example ``usgs-mcs-2026``; one table holds one edition.
        commodity: As the edition groups it: ``antimony``, ``copper``, ``rare-earths``.
        element: What the figure is on: ``Sb``, ``Cu``, ``TREO``, or a member where it is reported alone; empty where
            the commodity is no element and no group of them.
        country: ISO 3166-1 alpha-3, several joined by ``+`` where they are reported together, ``WLD`` or ``OTH``.
        measure: ``mine-production``, ``imports``, ``apparent-consumption``, ``import-share`` …
        form: Which part of the measure (``oxide``, ``refined`` …); empty where the measure has one form only.
        period: A year, or a span such as ``2021-2024``.
        value: In ``unit``; None where it is unknown or only limits are published. An em dash is 0, all else is not.
        low, high: Published limits, same unit.
        unit: ``TNE`` for every mass, ``P1``, ``C62``, ``MTQ``, ``USD``, or a price such as ``USD/KGM``; empty where
            words stand in the place of a price.
        basis: ``element`` (contained element), ``REO`` (rare-earth-oxide equivalent), another oxide (``K2O``),
            ``gross``, ``dry``; empty where the publisher does not say, and for what is no mass.
        qualifiers: Codes of :data:`QUALIFIERS`.
        published, published_unit: What stands in the publisher's file, letter by letter.
        note: The publisher's footnotes. source: Where it was published.
        stage: ``mined``, ``concentrated``, ``smelted``, ``refined``, ``recycled``; empty where its line does not say
            one.
        table: The publisher's table. line: Of the publisher's file, the head counted; 0 where it is not known.
    """

    edition: str
    commodity: str
    element: str
    country: str
    measure: str
    form: str
    period: str
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str
    basis: str
    qualifiers: str
    published: str
    published_unit: str
    note: str
    source: str
    stage: str = ""
    table: str = ""
    line: int = 0

    @property
    def key(self) -> str:
        """What figures cite: ``usgs-mcs-2026:antimony:PAK:mine-production::2024``."""
        return ":".join((self.edition, self.commodity, self.country, self.measure, self.form, self.period))

    def has(self, qualifier: str) -> bool:
        """Whether the publisher qualifies the figure so."""
        return qualifier in self.qualifiers.split()


SHIPPED = ("usgs_mcs_2026", "usgs_mcs_2025")
"""The tables that come with lodeline, the newest first."""

COLUMNS = Row.__struct_fields__
NUMBERS = ("value", "low", "high")
OPTIONAL = ("stage", "table", "line")
"""Columns that a table may lack: those of an earlier time did."""
REQUIRED = ("edition", "commodity", "country", "measure", "period", "source")


class Table(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The rows of one edition, in the order of their file."""

    edition: str
    rows: tuple[Row, ...]

    @cached_property
    def by_key(self) -> Mapping[str, Row]:
        """Rows by :attr:`Row.key`."""
        return {row.key: row for row in self.rows}

    def row(self, commodity: str, country: str, measure: str, form: str, period: str) -> Row | None:
        """The one row so named, or None where the edition has none."""
        return self.by_key.get(":".join((self.edition, commodity, country, measure, form, period)))

    def select(self, **wanted: str) -> tuple[Row, ...]:
        """Rows whose columns have the wanted values, in order."""
        asked = tuple(sorted(wanted.items()))
        if asked not in self._selected:
            # An index for each set of columns that is asked about: a report asks the same few of every holding.
            names = tuple(name for name, _ in asked)
            self._selected[asked] = tuple(self._index(names).get(tuple(value for _, value in asked), ()))
        return self._selected[asked]

    @property
    def commodities(self) -> tuple[str, ...]:
        """The names of the commodities that the edition has figures of, in the order of their rows."""
        return tuple(dict.fromkeys(row.commodity for row in self.rows))

    def _index(self, names: tuple[str, ...]) -> Mapping[tuple[str, ...], list[Row]]:
        if names not in self._indexes:
            index: dict[tuple[str, ...], list[Row]] = {}
            read = [attrgetter(name) for name in names]
            for row in self.rows:
                index.setdefault(tuple(of(row) for of in read), []).append(row)
            self._indexes[names] = index
        return self._indexes[names]

    @cached_property
    def _selected(self) -> dict[tuple[tuple[str, str], ...], tuple[Row, ...]]:
        """What was selected before."""
        return {}

    @cached_property
    def _indexes(self) -> dict[tuple[str, ...], Mapping[tuple[str, ...], list[Row]]]:
        """Rows by the values of some columns, for each set of columns that was asked about."""
        return {}


def table(rows: Iterable[Row]) -> Table:
    """Rows of one edition as a table.

    Raises:
        InputError: ``world.table_empty``, ``world.editions_mixed``, ``world.row_twice``.
    """
    rows = tuple(rows)
    return Table(edition=tidy.one_edition(rows, twice="keep one, or name their forms apart"), rows=rows)


@cache
def shipped(name: str = "usgs_mcs_2026") -> Table:
    """A table that comes with lodeline. It is packed, since footnotes repeat.

    Raises:
        NotFoundError: ``world.no_such_table``.
    """
    return parse(shipped_text(name))


def shipped_text(name: str) -> str:
    """The tidy text of a table that comes with lodeline.

    Raises:
        NotFoundError: ``world.no_such_table``.
    """
    resource = resources.files("lodeline.world") / "tables" / f"{name}.csv.gz"
    if not resource.is_file():
        raise NotFoundError(
            "world.no_such_table", "No table of this name comes with lodeline; name a file instead.", table=name
        )
    return gzip.decompress(resource.read_bytes()).decode("utf-8")


def read(path: str | Path) -> Table:
    """A table from a file: lodeline's tidy form, or a Mineral Commodity Summaries data file as USGS publishes it.

    The name of an edition that is shipped or on the shelf (``usgs-mcs-2025``) will do as well.

    Raises:
        NotFoundError: ``world.no_such_file``, ``world.edition_unknown``. InputError: as :func:`parse` and
            :func:`lodeline.world.statistics.usgs.read_mcs`.
    """
    from lodeline.world.statistics import shelf, usgs

    path = Path(path)
    if not readable(path) and not shelf.meant_as_file(str(path)):
        return shelf.edition(str(path))
    if not readable(path):
        raise NotFoundError("world.no_such_file", "There is no such edition file; check its name.", file=str(path))
    content = path.read_bytes()
    if usgs.is_mcs(content):
        return table(usgs.parse_mcs(content))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as flaw:
        raise InputError(
            "world.not_utf8", "A tidy table is UTF-8 text; save it so.", file=str(path), byte=flaw.start
        ) from flaw
    return parse(text)


def parse(text: str) -> Table:
    """A table from tidy CSV text.

    Raises:
        InputError: ``world.column_missing``, ``world.cell_missing``, ``world.table_cut``, ``world.not_a_number``,
            ``world.qualifier_unknown``, and those of :func:`table`.
    """
    return table(_row(cells, line) for line, cells in tidy.cells(text, COLUMNS, REQUIRED, OPTIONAL))


def _row(cells: list[str], line: int) -> Row:
    (edition, commodity, element, country, measure, form, period, value, low, high, unit, basis, qualifiers, *rest) = (
        cells
    )
    published, published_unit, note, source, stage, shown, at = rest
    for qualifier in qualifiers.split():
        if qualifier not in QUALIFIERS:
            raise InputError(
                "world.qualifier_unknown",
                f"{visible(qualifier)} is not a qualifier; use one of {' '.join(QUALIFIERS)}.",
                line=line,
            )
    if at and not (at.isascii() and at.isdigit()):
        raise InputError(
            "world.not_a_number", f"line is {visible(at, limit=40)!r}; write digits, or leave it empty.", line=line
        )
    return Row(
        edition=edition,
        commodity=commodity,
        element=element,
        country=country,
        measure=measure,
        form=form,
        period=period,
        value=tidy.number(value, "value", line) if value else None,
        low=tidy.number(low, "low", line) if low else None,
        high=tidy.number(high, "high", line) if high else None,
        unit=unit,
        basis=basis,
        qualifiers=qualifiers,
        published=published,
        published_unit=published_unit,
        note=note,
        source=source,
        stage=stage,
        table=shown,
        line=int(at) if at else 0,
    )


def tidy_csv(rows: Iterable[Row]) -> str:
    """Rows as the CSV text that :func:`parse` reads."""
    return tidy.text_of(COLUMNS, rows)
