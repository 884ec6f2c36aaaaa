"""Scores of governance: a tidy table, one edition a table, and what a country's score is in a year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from importlib import resources
from pathlib import Path

import msgspec

from lodeline.errors import InputError, NotFoundError, Settle
from lodeline.errors.visible import visible
from lodeline.units.figure import Figure, unknown
from lodeline.world.country import country_name
from lodeline.world.files import readable
from lodeline.world.nearest import nearest
from lodeline.world.statistics import tidy


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """What one country scored.

    Attributes:
        edition: For example ``wgi-political-stability-1996-2022``; one table holds one edition.
        indicator: ``political-stability`` or ``mean-of-six``; an edition has one.
        country: ISO 3166-1 alpha-3, or a code of BACI's own.
        year: A year, or the span whose latest is given.
        value: In standard deviations from the mean of all countries; None where the publisher gives none.
        published: What stands in the publisher's file, letter by letter. source: with the licence.
    """

    edition: str
    indicator: str
    country: str
    year: str
    value: Decimal | None
    published: str
    source: str

    @property
    def key(self) -> str:
        """What figures cite: ``wgi-political-stability-1996-2022:PAK:2022``."""
        return ":".join((self.edition, self.country, self.year))


COLUMNS = Score.__struct_fields__
REQUIRED = tuple(name for name in COLUMNS if name not in ("value", "published"))
MEAN, STABILITY = "mean-of-six", "political-stability"
"""The indicators at hand."""
SHIPPED = ("wgi_mean_of_six_2015_2024", "wgi_political_stability_1996_2022")
"""The tables that come with lodeline."""


class Scores(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The rows of one edition, in the order of their file."""

    edition: str
    rows: tuple[Score, ...]

    @cached_property
    def by_key(self) -> Mapping[str, Score]:
        """Rows by :attr:`Score.key`."""
        return {row.key: row for row in self.rows}

    @property
    def indicator(self) -> str:
        """Of the rows; an edition has one."""
        return self.rows[0].indicator

    @cached_property
    def years(self) -> tuple[str, ...]:
        """The years or spans of the edition, oldest first."""
        return tuple(sorted({row.year for row in self.rows}))

    def year_for(self, year: str) -> str:
        """The newest year of the edition that is not after another, else its oldest."""
        return max((one for one in self.years if one <= year), default=self.years[0])

    def of(self, country: str, year: str) -> Figure:
        """The score of a country, C62; unknown where the edition gives none."""
        row = self.by_key.get(":".join((self.edition, country, year)))
        if row is not None and row.value is not None:
            return Figure(value=float(row.value), unit="C62", standing="stated", rests_on=(row.key,))
        settle = Settle(
            act="document",
            subject=self.edition if row is None else row.key,
            detail=f"{country_name(country)}, governance in {year}: not in this edition.",
        )
        return unknown("C62", settle, rests_on=() if row is None else (row.key,))


def scores(rows: Iterable[Score]) -> Scores:
    """Rows of one edition as a table.

    Raises:
        InputError: ``world.table_empty``, ``world.editions_mixed``, ``world.row_twice``.
    """
    rows = tuple(rows)
    return Scores(edition=tidy.one_edition(rows, twice="keep one, and one indicator an edition"), rows=rows)


def shipped_scores(name: str) -> Scores:
    """One of the tables that come with lodeline, :data:`SHIPPED`.

    Raises:
        NotFoundError: ``world.no_such_table``.
    """
    resource = resources.files("lodeline.world") / "tables" / f"{name}.csv"
    if not resource.is_file():
        raise NotFoundError(
            "world.no_such_table", "No table of this name comes with lodeline; name a file instead.", table=name
        )
    return parse_scores(resource.read_text(encoding="utf-8"))


def scores_of(indicator: str, given: Iterable[Scores] = ()) -> Scores:
    """The scores of an indicator: of the given tables the first that has it, else those that come with lodeline.

    Raises:
        NotFoundError: ``world.governance_unknown``.
    """
    shipped = (shipped_scores(name) for name in SHIPPED if indicator in name.replace("_", "-"))
    found = next((one for one in (*given, *shipped) if one.indicator == indicator), None)
    if found is None:
        raise NotFoundError(
            "world.governance_unknown", f"No table of scores has {visible(indicator)}; give one that does."
        )
    return found


def scores_named(asked: str | Path, *, at: Path | None = None) -> Scores:
    """The scores of that name among imported editions, else of those that come with lodeline, else of that file.

    Args:
        at: The folder of imported editions; None: the user's own.

    Raises:
        NotFoundError: ``world.governance_unknown``, with the nearest name. InputError: as :func:`read_scores`.
    """
    from lodeline.world.statistics.shelf import shelved

    name, imported = str(asked), shelved(at)
    key = name.replace("_", "-").lower()
    if key in imported:
        return read_scores(imported[key])
    if key in (one.replace("_", "-") for one in SHIPPED):
        return shipped_scores(key.replace("-", "_"))
    if not readable(Path(name)):
        known = (*imported, *(one.replace("_", "-") for one in SHIPPED))
        near = nearest(key, known)
        raise NotFoundError(
            "world.governance_unknown",
            f"There is no table of governance scores {visible(name)}{f', perhaps {near[0]}' if near else ''}; give a "
            "file, or import one with lodeline world import.",
            asked=name,
        )
    return read_scores(name)


def read_scores(path: str | Path) -> Scores:
    """A table from a file: lodeline's tidy form, or one of the World Bank's two layouts.

    Raises:
        NotFoundError: ``world.no_such_file``. InputError: as :func:`parse_scores` and
            :func:`lodeline.world.governance.wgi.parse_wgi`.
    """
    from lodeline.world.governance import wgi

    path = Path(path)
    if not readable(path):
        raise NotFoundError("world.no_such_file", "There is no such edition file; check its name.", file=str(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as flaw:
        raise InputError(
            "world.not_utf8", "A tidy table is UTF-8 text; save it so.", file=str(path), byte=flaw.start
        ) from flaw
    if wgi.is_wgi(text.partition("\n")[0]):
        return scores(wgi.parse_wgi(text, name=path.name))
    return parse_scores(text)


def parse_scores(text: str) -> Scores:
    """A table from tidy CSV text.

    Raises:
        InputError: ``world.column_missing``, ``world.cell_missing``, ``world.not_a_number``, and those of
            :func:`scores`.
    """
    return scores(
        msgspec.convert({**cells, "value": tidy.number(cells["value"], "value", line)}, Score)
        for line, cells in tidy.lines(text, COLUMNS, REQUIRED)
    )


def scores_csv(rows: Iterable[Score]) -> str:
    """Rows as the CSV text that :func:`parse_scores` reads."""
    return tidy.text_of(COLUMNS, rows)
