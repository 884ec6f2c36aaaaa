"""Editions: a tidy table of published national figures, each row with where it was published and how it is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from importlib import resources
from pathlib import Path

import msgspec

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.statistics import tidy

WORLD, OTHER = "WLD", "OTH"
"""Not countries: a published world total (rounded, so it need not be the sum), and countries that are not named."""

QUALIFIERS = {
    "e": "estimated by the publisher",
    "W": "withheld by the publisher",
    "NA": "not available",
    "E": "net exporter: imports less exports are not positive",
    "s": "less than half of the published unit",
    ">": "more than the lower limit",
    "<": "less than the upper limit",
    "..": "only a range is published",
    "rounded": "rounded by the publisher; need not equal the sum of its parts",
    "blank": "the publisher's file leaves the cell empty",
    "text": "the publisher gives words instead of a number",
}
"""What a row's ``qualifiers`` say. Several may stand in one row, separated by blanks."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One published figure.

    Attributes:
        edition: For example ``usgs-mcs-2026``; one table holds one edition.
        commodity: As the edition groups it: ``antimony``, ``copper``, ``rare-earths``.
        element: What the figure counts: ``Sb``, ``Cu``, ``TREO``, or a member where it is reported alone.
        country: ISO 3166-1 alpha-3, ``WLD`` or ``OTH``.
        measure: ``mine-production``, ``imports``, ``apparent-consumption``, ``import-share`` …
        form: Which part of the measure (``oxide``, ``refined`` …); empty where the measure has one form only.
        period: A year, or a span such as ``2021-2024``.
        value: In ``unit``; None where it is unknown or only limits are published. An em dash is 0, all else is not.
        low, high: Published limits, same unit.
        unit: ``TNE``, ``P1``, ``C62``, or a price such as ``USD/KGM``.
        basis: ``element`` (contained element), ``REO`` (rare-earth-oxide equivalent), ``gross``; empty for others.
        qualifiers: Codes of :data:`QUALIFIERS`.
        published, published_unit: What stands in the publisher's file, letter by letter.
        note: The publisher's footnotes. source: Where it was published.
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
REQUIRED = ("edition", "commodity", "element", "country", "measure", "period", "unit", "source")


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
            self._selected[asked] = tuple(
                row for row in self.rows if all(getattr(row, name) == value for name, value in asked)
            )
        return self._selected[asked]

    @cached_property
    def _selected(self) -> dict[tuple[tuple[str, str], ...], tuple[Row, ...]]:
        """What was selected before: a report asks the same few questions of every holding."""
        return {}


def table(rows: Iterable[Row]) -> Table:
    """Rows of one edition as a table.

    Raises:
        InputError: ``world.table_empty``, ``world.editions_mixed``, ``world.row_twice``.
    """
    rows = tuple(rows)
    return Table(edition=tidy.one_edition(rows, twice="keep one, or name their forms apart"), rows=rows)


def shipped(name: str = "usgs_mcs_2026") -> Table:
    """A table that comes with lodeline.

    Raises:
        NotFoundError: ``world.no_such_table``.
    """
    folder = resources.files("lodeline.world") / "tables"
    resource = folder / f"{name}.csv"
    if not resource.is_file():
        raise NotFoundError(
            "world.no_such_table", "No table of this name comes with lodeline; name a file instead.", table=name
        )
    return parse(resource.read_text(encoding="utf-8"))


def read(path: str | Path) -> Table:
    """A table from a file: lodeline's tidy form, or a Mineral Commodity Summaries data file as USGS publishes it.

    Raises:
        NotFoundError: ``world.no_such_file``. InputError: as :func:`parse` and
            :func:`lodeline.world.statistics.usgs.read_mcs`.
    """
    from lodeline.world.statistics import usgs

    path = Path(path)
    if not path.is_file():
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
        InputError: ``world.column_missing``, ``world.cell_missing``, ``world.not_a_number``,
            ``world.qualifier_unknown``, and those of :func:`table`.
    """
    return table(_row(texts, line) for line, texts in tidy.lines(text, COLUMNS, REQUIRED))


def _row(texts: dict[str, str], line: int) -> Row:
    for qualifier in texts["qualifiers"].split():
        if qualifier not in QUALIFIERS:
            raise InputError(
                "world.qualifier_unknown",
                f"{visible(qualifier)} is not a qualifier; use one of {' '.join(QUALIFIERS)}.",
                line=line,
            )
    numbers = {name: tidy.number(texts.pop(name), name, line) for name in NUMBERS}
    return msgspec.convert({**texts, **numbers}, Row)


def tidy_csv(rows: Iterable[Row]) -> str:
    """Rows as the CSV text that :func:`parse` reads."""
    return tidy.text_of(COLUMNS, rows)
