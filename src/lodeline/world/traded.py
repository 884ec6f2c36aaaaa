"""Trade between countries: a tidy table of what was shipped from whom to whom, one edition a table.

A tonnage that the publisher does not give stays unknown: nothing here makes a zero of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from importlib import resources
from pathlib import Path

import msgspec

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible


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

    @property
    def key(self) -> str:
        """What figures cite: ``baci-hs17-v202601:811010:THA:USA:2024``."""
        return ":".join((self.edition, self.hs, self.exporter, self.importer, self.period))


COLUMNS = Traded.__struct_fields__
NUMBERS = ("tonnes", "kusd")
REQUIRED = tuple(name for name in COLUMNS if name not in ("tonnes", "published"))


class TradeTable(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of one edition, in the order of their file."""

    edition: str
    rows: tuple[Traded, ...]

    def of(self, hs: str, period: str) -> tuple[Traded, ...]:
        """The rows of one code in one year.

        Raises:
            NotFoundError: ``world.trade_not_in_table``.
        """
        found = tuple(row for row in self.rows if row.hs == hs and row.period == period)
        if not found:
            raise NotFoundError(
                "world.trade_not_in_table",
                f"{visible(self.edition)} has no trade under {visible(hs)} in {visible(period)}; give a table that has "
                "it.",
            )
        return found


def trade_table(rows: Iterable[Traded]) -> TradeTable:
    """Rows of one edition as a table.

    Raises:
        InputError: ``world.table_empty``, ``world.editions_mixed``, ``world.row_twice``.
    """
    rows = tuple(rows)
    editions = sorted({row.edition for row in rows})
    if not rows:
        raise InputError("world.table_empty", "The table has no rows; give one that holds an edition's figures.")
    if len(editions) > 1:
        raise InputError(
            "world.editions_mixed",
            f"One table holds one edition, this one holds {', '.join(visible(e) for e in editions)}; split it.",
        )
    seen: set[str] = set()
    for line, row in enumerate(rows, start=2):
        if row.key in seen:
            raise InputError("world.row_twice", f"Two rows say {visible(row.key)}; keep one.", line=line)
        seen.add(row.key)
    return TradeTable(edition=editions[0], rows=rows)


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


def read_trade(path: str | Path, *, hs: Iterable[str] | None = None) -> TradeTable:
    """A trade table from a file: lodeline's tidy form, or a file of BACI as CEPII publishes it.

    Args:
        hs: Only these codes; a whole year of BACI has eleven million rows.

    Raises:
        NotFoundError: ``world.no_such_file``. InputError: as :func:`parse_trade` and
            :func:`lodeline.world.baci.parse_baci`.
    """
    from lodeline.world import baci

    path = Path(path)
    if not path.is_file():
        raise NotFoundError("world.no_such_file", "There is no such edition file; check its name.", file=str(path))
    wanted = None if hs is None else frozenset(hs)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            head = stream.readline()
            stream.seek(0)
            if baci.is_baci(head):
                return trade_table(baci.parse_baci(stream, edition=baci.edition_of(path.name), hs=wanted))
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
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise InputError(
            "world.column_missing",
            f"The table lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            "it must have those of the shipped tables.",
        )
    return trade_table(_row(cells, line) for line, cells in enumerate(reader, start=2))


def _row(cells: Mapping[str, str | None], line: int) -> Traded:
    texts = {name: cells[name] or "" for name in COLUMNS}
    for name in REQUIRED:
        if not texts[name]:
            raise InputError("world.cell_missing", f"The cell {name} is empty; every row needs it.", line=line)
    numbers = {name: quantity(texts.pop(name), name, line) for name in NUMBERS}
    return msgspec.convert({**texts, **numbers}, Traded)


def quantity(text: str, name: str, line: int) -> Decimal | None:
    """A tonnage or a value, not negative; None where the cell is empty.

    Raises:
        InputError: ``world.not_a_number``.
    """
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise InputError(
            "world.not_a_number",
            f"{name} is {visible(text, limit=40)!r}; write digits with a point, or leave it empty where it is unknown.",
            line=line,
        )
    return number


def trade_csv(rows: Iterable[Traded]) -> str:
    """Rows as the CSV text that :func:`parse_trade` reads."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = [getattr(row, name) for name in COLUMNS]
        writer.writerow(["" if one is None else f"{one:f}" if isinstance(one, Decimal) else one for one in cells])
    return out.getvalue()
