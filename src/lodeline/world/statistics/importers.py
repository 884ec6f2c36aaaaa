"""Importers: by the first line of a file, whose it is and how it becomes tidy text. One function and one row each.

A further publisher needs a function that says whether a first line is theirs, one that reads a file, and a row of
:data:`IMPORTERS`. A reader does all its work before anything is written, so that nothing is ever half imported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from lodeline.errors import InputError, LodelineError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.files import readable
from lodeline.world.statistics import edition as tables
from lodeline.world.statistics import usgs
from lodeline.world.statistics.edition import QUALIFIERS, Row

PACKED = ("PK\x03\x04", "\x1f")
"""How a ZIP file or a workbook, and a gzip file, begin."""
SEPARATORS = {";": "semicolons", "\t": "tabs"}
"""What spreadsheets write in the place of commas where commas are decimal points."""
HEAD = 65_536
"""Bytes in which the first line of a file must end."""


class Asked(NamedTuple):
    """How a file is to be read.

    ``source``: where it was published, if the user says it. ``hs``: the codes of goods that are wanted; None: those of
    the forms that lodeline knows, since a whole year of BACI has eleven million rows. ``every``: all goods.
    """

    source: str | None = None
    hs: frozenset[str] | None = None
    every: bool = False


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """A file read whole.

    Attributes:
        name: Under which it stands on the shelf. edition: of its rows; several files may make up one edition.
        what: ``statistics``, ``trade``, ``governance`` …
        text: Tidy CSV.
        figures: How many rows.
        about: What they are about: commodities, codes of goods, indicators.
        unknown: How many figures are not known or only limited, by the reason.
        sources: Where they were published.
        left: What of the file was not asked for, as a sentence; empty where all of it was.
    """

    name: str
    edition: str
    what: str
    text: str
    figures: int
    about: tuple[str, ...]
    unknown: dict[str, int]
    sources: tuple[str, ...]
    left: str = ""


class Importer(NamedTuple):
    """One publisher's files: how they are told by their first line, and how one is read."""

    whose: str
    is_head: Callable[[str], bool]
    read: Callable[[Path, Asked], Imported]


def import_file(path: str | Path, asked: Asked | None = None) -> Imported:
    """Read a file of any publisher that is known.

    Raises:
        NotFoundError: ``world.no_such_file``. InputError: ``world.file_not_known``, and what the reader refuses.
    """
    path = Path(path)
    if not readable(path):
        raise NotFoundError("world.no_such_file", "There is no such edition file; check its name.", file=str(path))
    head = first_line(path)
    found = next((one for one in IMPORTERS if one.is_head(head)), None)
    if found is None:
        raise InputError(
            "world.file_not_known",
            f"{_seen(head)}; what is read is {', '.join(one.whose for one in IMPORTERS)}: {_remedy(head)}.",
            file=str(path),
        )
    try:
        return found.read(path, asked or Asked())
    except LodelineError as refusal:
        raise refusal.located(file=str(path)) from refusal


def _seen(head: str) -> str:
    """What stands in a file where its first line should be."""
    if not head:
        return "The file has no first line"
    if "\0" in head or "\ufffd" in head:
        return "The file is no text"
    return f"The first line is {visible(head, limit=60)!r}"


def _remedy(head: str) -> str:
    """What to do about it, by what spreadsheets and browsers make of a publisher's file."""
    if head.startswith(PACKED):
        return "it is packed, or a workbook: unpack it, or save its sheet as CSV with commas, in UTF-8"
    if "\0" in head:
        return "save it as CSV with commas, in UTF-8"
    for separator, name in SEPARATORS.items():
        unified = head.replace(separator, ",")
        if separator in head and any(one.is_head(unified) for one in IMPORTERS):
            return f"its cells are parted by {name}: save it as CSV with commas, with a point in decimals"
    return "give the publisher's CSV file as it was downloaded and unpacked"


def first_line(path: Path) -> str:
    """The first line of a file, without a byte-order mark; heads are in ASCII whatever the file is in."""
    with path.open("rb") as stream:
        start = stream.read(HEAD)
    lines = start.removeprefix(b"\xef\xbb\xbf").splitlines()
    return lines[0].decode("utf-8", errors="replace") if lines else ""


def of_statistics(rows: Iterable[Row]) -> Imported:
    """National statistics as what is to be put on the shelf.

    Raises:
        InputError: as :func:`lodeline.world.statistics.edition.table`.
    """
    table = tables.table(rows)
    unknown: Counter[str] = Counter()
    for row in table.rows:
        if row.value is None:
            unknown.update(code for code in row.qualifiers.split() if code not in ("e", "rounded"))
    return Imported(
        name=table.edition,
        edition=table.edition,
        what="statistics",
        text=tables.tidy_csv(table.rows),
        figures=len(table.rows),
        about=table.commodities,
        unknown={QUALIFIERS[code]: count for code, count in unknown.most_common()},
        sources=tuple(sorted({row.source for row in table.rows})),
    )


def _is_tidy(head: str) -> bool:
    return {"edition", "commodity", "country", "measure"}.issubset(head.split(","))


def _read_tidy(path: Path, asked: Asked) -> Imported:
    return of_statistics(tables.read(path).rows)


def _is_usgs(head: str) -> bool:
    return usgs.is_mcs(head.encode("utf-8"))


def _read_usgs(path: Path, asked: Asked) -> Imported:
    return of_statistics(usgs.read_mcs(path, source=asked.source))


def _is_baci(head: str) -> bool:
    from lodeline.world.trade.baci import is_baci

    return is_baci(head)


def _is_comtrade(head: str) -> bool:
    from lodeline.world.trade.comtrade import is_comtrade

    return is_comtrade(head)


def _is_tidy_trade(head: str) -> bool:
    return {"edition", "hs", "exporter", "importer", "period"}.issubset(head.split(","))


def _read_trade(path: Path, asked: Asked) -> Imported:
    """A publisher's file of trade: the goods that were asked for, else those of the forms that lodeline knows."""
    from lodeline.world.trade.forms import forms

    if asked.hs or asked.every:
        return _trade(path, asked.hs)
    known = frozenset(form.hs for of in forms().values() for form in of)
    try:
        return _trade(path, known, left=f"only goods of the {len(known)} codes that lodeline knows; --hs all takes all")
    except InputError as refusal:
        if refusal.code != "world.table_empty":
            raise
        raise InputError(
            "world.table_empty",
            f"Nothing in the file is under one of the {len(known)} codes of goods that lodeline knows; name codes with "
            "--hs, or say --hs all.",
            file=str(path),
        ) from refusal


def _read_tidy_trade(path: Path, asked: Asked) -> Imported:
    return _trade(path, asked.hs)


def _trade(path: Path, hs: frozenset[str] | None, *, left: str = "") -> Imported:
    from lodeline.world.trade.traded import read_trade, trade_csv

    table = read_trade(path, hs=hs)
    periods = sorted({row.period for row in table.rows})
    codes = sorted({row.hs for row in table.rows})
    return Imported(
        name="-".join((table.edition, *dict.fromkeys((periods[0], periods[-1])))),
        edition=table.edition,
        what="trade",
        text=trade_csv(table.rows),
        figures=len(table.rows),
        about=tuple(codes),
        unknown={"no tonnage": sum(row.tonnes is None for row in table.rows)},
        sources=tuple(sorted({row.source for row in table.rows})),
        left=left,
    )


def _is_governance(head: str) -> bool:
    from lodeline.world.governance.importing import is_governance

    return is_governance(head)


def _read_governance(path: Path, asked: Asked) -> Imported:
    from lodeline.world.governance.importing import read_governance

    return read_governance(path, asked)


IMPORTERS: tuple[Importer, ...] = (
    Importer("USGS Mineral Commodity Summaries", _is_usgs, _read_usgs),
    Importer("CEPII BACI", _is_baci, _read_trade),
    Importer("UN Comtrade", _is_comtrade, _read_trade),
    Importer("World Bank Worldwide Governance Indicators", _is_governance, _read_governance),
    Importer("a tidy table of statistics", _is_tidy, _read_tidy),
    Importer("a tidy table of trade", _is_tidy_trade, _read_tidy_trade),
)
"""Whose files are known, each told by its first line."""
