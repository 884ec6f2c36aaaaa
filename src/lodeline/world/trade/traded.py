"""Trade between countries: a tidy table of what was shipped from whom to whom, one edition a table.

A tonnage that the publisher does not give stays unknown: nothing here makes a zero of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.statistics import tidy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lodeline.world.trade.statements import SaidBy

MG_PER_TONNE: Final = 10**9
UNTOLD: Final = -1
"""Gross mass of a shipment whose tonnage is not published."""


class Traded(msgspec.Struct, frozen=True, kw_only=True):
    """What one country shipped to another in a year under one code.

    Attributes:
        edition: For example ``baci-hs17-v202601``; one table holds one edition.
        hs: Six digits of the Harmonized System, in the version that the edition names.
        exporter, importer: ISO 3166-1 alpha-3, or a code of the publisher's own.
        period: A year.
        tonnes: Gross, as published; None where the publisher gives a value and no tonnage.
        kusd: Value, thousand US dollars.
        published: What stands in the publisher's file for the tonnage, letter by letter.
        source: Where it was published.
        reporter: Whose statement it is, alpha-3; empty where the publisher reconciled both sides.
    """

    edition: str
    hs: str
    exporter: str
    importer: str
    period: str
    tonnes: Decimal | None
    kusd: Decimal
    published: str
    source: str
    reporter: str = ""

    @property
    def key(self) -> str:
        """What figures cite: ``baci-hs17-v202601:811010:THA:USA:2024``. One table has one row of a trade."""
        return ":".join((self.edition, self.hs, self.exporter, self.importer, self.period))


COLUMNS = Traded.__struct_fields__
OPTIONAL = ("reporter",)
NUMBERS = ("tonnes", "kusd")
REQUIRED = tuple(name for name in COLUMNS if name not in ("tonnes", "published", *OPTIONAL))


class Columns(NamedTuple):
    """The shipments of one code in one year between different countries, (shipment,) each.

    Attributes:
        rows: Of the table.
        codes: Of the countries, in order; the two below are places in it.
        exporter, importer: Who shipped, and to whom.
        gross_mg: Gross mass, milligrams; :data:`UNTOLD` where it is not published.
    """

    rows: tuple[Traded, ...]
    codes: tuple[str, ...]
    exporter: NDArray[np.int64]
    importer: NDArray[np.int64]
    gross_mg: NDArray[np.int64]


class TradeTable(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The rows of one edition, in the order of their file."""

    edition: str
    rows: tuple[Traded, ...]

    @cached_property
    def held(self) -> Mapping[tuple[str, str], tuple[Traded, ...]]:
        """Rows by code and year."""
        found: dict[tuple[str, str], list[Traded]] = defaultdict(list)
        for row in self.rows:
            found[row.hs, row.period].append(row)
        return {key: tuple(rows) for key, rows in found.items()}

    def of(self, hs: str, period: str) -> tuple[Traded, ...]:
        """The rows of one code in one year.

        Raises:
            NotFoundError: ``world.trade_not_in_table``.
        """
        found = self.held.get((hs, period))
        if found is None:
            raise NotFoundError(
                "world.trade_not_in_table",
                f"{visible(self.edition)} has no trade under {visible(hs)} in {visible(period)}; give a table that has "
                "it.",
            )
        return found

    def columns(self, hs: str, period: str) -> Columns:
        """The same between different countries as columns; laid out once.

        Raises:
            NotFoundError: ``world.trade_not_in_table``.
        """
        if (hs, period) not in self._columns:
            self._columns[hs, period] = _columns(self.of(hs, period))
        return self._columns[hs, period]

    @cached_property
    def _columns(self) -> dict[tuple[str, str], Columns]:
        return {}


def _columns(rows: tuple[Traded, ...]) -> Columns:
    import numpy as np

    rows = tuple(row for row in rows if row.exporter != row.importer)
    codes = tuple(sorted({code for row in rows for code in (row.exporter, row.importer)}))
    place = {code: number for number, code in enumerate(codes)}
    gross = [UNTOLD if row.tonnes is None else round(row.tonnes * MG_PER_TONNE) for row in rows]
    return Columns(
        rows=rows,
        codes=codes,
        exporter=np.array([place[row.exporter] for row in rows], dtype=np.int64),
        importer=np.array([place[row.importer] for row in rows], dtype=np.int64),
        gross_mg=np.array(gross, dtype=np.int64),
    )


def trade_table(rows: Iterable[Traded]) -> TradeTable:
    """Rows of one edition as a table.

    Raises:
        InputError: ``world.table_empty``, ``world.editions_mixed``, ``world.row_twice``.
    """
    rows = tuple(rows)
    return TradeTable(edition=tidy.one_edition(rows, twice="keep one"), rows=rows)


def shipped_trade(name: str = "baci_hs17_v202601_antimony") -> TradeTable:
    """A trade table that comes with lodeline.

    Raises:
        NotFoundError: ``world.no_such_table``.
    """
    resource = resources.files("lodeline.world") / "tables" / f"{name}.csv"
    if not resource.is_file():
        raise NotFoundError(
            "world.no_such_table", "No table of this name comes with lodeline; name a file instead.", table=name
        )
    return parse_trade(resource.read_text(encoding="utf-8"))


SHIPPED: Final = {
    "811010": "baci_hs17_v202601_antimony",
    "740311": "baci_hs17_v202601_copper_cathodes",
    "811292": "baci_hs17_v202601_gallium_germanium_and_others",
    "850511": "baci_hs17_v202601_permanent_magnets",
}
"""The trade tables that come with lodeline, by their code: each holds one, so that only what is asked is read."""


@cache
def shipped_with(hs: str) -> TradeTable | None:
    """The trade table that comes with lodeline and has this code; None where none has."""
    return shipped_trade(SHIPPED[hs]) if hs in SHIPPED else None


def read_trade(path: str | Path, *, hs: Iterable[str] | None = None, said_by: SaidBy = "importers-first") -> TradeTable:
    """A trade table from a file: lodeline's tidy form, or one of BACI or UN Comtrade as it was downloaded.

    Args:
        hs: Only these codes; a whole year of BACI has eleven million rows.
        said_by: Whose statement counts where both sides of a trade made one; of Comtrade only.

    Raises:
        NotFoundError: ``world.no_such_file``. InputError: ``world.file_not_known``, and as :func:`parse_trade`,
            :func:`lodeline.world.trade.baci.parse_baci`, :func:`lodeline.world.trade.comtrade.parse_comtrade` and
            :func:`lodeline.world.trade.statements.one_statement_each`.
    """
    from lodeline.world.trade import baci, comtrade, statements

    path = Path(path)
    if not path.is_file():
        raise NotFoundError("world.no_such_file", "There is no such edition file; check its name.", file=str(path))
    wanted = None if hs is None else frozenset(hs)
    try:
        with path.open(encoding="utf-8-sig", newline="", errors="surrogateescape") as stream:
            head = stream.readline()
        if comtrade.is_comtrade(head):
            said = comtrade.read_comtrade(path, hs=wanted)
            return trade_table(statements.one_statement_each(said, said_by))
        with path.open(encoding="utf-8-sig", newline="") as stream:
            if baci.is_baci(head):
                return trade_table(baci.parse_baci(stream, edition=baci.edition_of(path.name), hs=wanted))
            if not set(REQUIRED) & set(head.strip().split(",")):
                raise InputError(
                    "world.file_not_known",
                    "Its first line is that of no trade table; give BACI's CSV (t,i,j,k,v,q), UN Comtrade's, or a tidy "
                    "table, separated by commas.",
                    file=str(path),
                    line=1,
                )
            return _only(parse_trade(stream.read()), wanted)
    except UnicodeDecodeError as flaw:
        raise InputError(
            "world.not_utf8", "A tidy table is UTF-8 text; save it so.", file=str(path), byte=flaw.start
        ) from flaw


def _only(table: TradeTable, hs: frozenset[str] | None) -> TradeTable:
    return table if hs is None else trade_table(row for row in table.rows if row.hs in hs)


def parse_trade(text: str) -> TradeTable:
    """A trade table from tidy CSV text.

    Raises:
        InputError: ``world.column_missing``, ``world.cell_missing``, ``world.not_a_number``, and those of
            :func:`trade_table`.
    """
    found = tidy.cells(text, COLUMNS, REQUIRED, OPTIONAL)
    return trade_table(_row(dict(zip(COLUMNS, cells, strict=True)), line) for line, cells in found)


def _row(texts: dict[str, str], line: int) -> Traded:
    numbers = {name: quantity(texts.pop(name), name, line) for name in NUMBERS}
    return msgspec.convert({**texts, **numbers}, Traded)


def quantity(text: str, name: str, line: int) -> Decimal | None:
    """A tonnage or a value, not negative; None where the cell is empty.

    Raises:
        InputError: ``world.not_a_number``.
    """
    return tidy.number(text, name, line, negative=False)


def trade_csv(rows: Iterable[Traded]) -> str:
    """Rows as the CSV text that :func:`parse_trade` reads; who said it is a column where anyone is named."""
    rows = tuple(rows)
    named = any(row.reporter for row in rows)
    return tidy.text_of([name for name in COLUMNS if named or name not in OPTIONAL], rows)
