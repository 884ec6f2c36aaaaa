"""USGS Mineral Commodity Summaries: the publisher's data files into tidy rows.

Two layouts are read: the commodities file of the 2026 edition (one figure a row, cp1252), and the world file of the
2025 edition (one country a row, UTF-8 with a byte-order mark). A further edition in one of these layouts needs no code.
A further commodity needs a block in ``tables/usgs_commodities.toml`` and its lines in ``tables/usgs_details.csv``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.world.country import alpha3
from lodeline.world.statistics.commodity import Commodity, commodities
from lodeline.world.statistics.edition import Row
from lodeline.world.statistics.published import Published, published, unit_of

COMMODITIES_FILE = frozenset(
    (
        "MCS chapter",
        "Section",
        "Commodity",
        "Country",
        "Statistics_detail",
        "Unit",
        "Year",
        "Value",
        "Notes",
        "Other notes",
    )
)
WORLD_FILE = re.compile(r"^SOURCE,COMMODITY,COUNTRY,TYPE,UNIT_MEAS,PROD_(\d{4}),PROD_EST_ ?(\d{4}),")
SOURCES = {
    "usgs-mcs-2026": "USGS, Mineral Commodity Summaries 2026, doi:10.5066/P1WKQ63T",
    "usgs-mcs-2025": "USGS, Mineral Commodity Summaries 2025, doi:10.5066/P13XCP3R",
}
BASES = (
    ("antimony content", "element"),
    ("copper content", "element"),
    ("rare-earth-oxide", "REO"),
    ("element content", "element"),
)
"""How a chapter says what its tonnes count."""


class Detail(NamedTuple):
    """What one line of the publisher's tables is called here."""

    measure: str
    form: str
    element: str


def is_mcs(content: bytes) -> bool:
    """Whether these bytes begin like one of the publisher's two layouts."""
    head = content[:4096].decode("cp1252", errors="replace").splitlines()[:1]
    return bool(head) and (head[0].startswith("MCS chapter,") or "SOURCE,COMMODITY,COUNTRY,TYPE," in head[0])


def read_mcs(path: str | Path) -> list[Row]:
    """The rows of every commodity lodeline knows, from one of the publisher's files, in the order of the file.

    Raises:
        InputError: ``world.usgs_layout``, ``world.usgs_encoding``, ``world.usgs_edition``, ``world.usgs_detail``,
            ``world.usgs_value``, ``world.usgs_unit``, ``world.usgs_basis``, ``world.usgs_no_rows``,
            ``world.country_unknown``; ``where["line"]`` is the line of the file.
    """
    return parse_mcs(Path(path).read_bytes())


def parse_mcs(content: bytes) -> list[Row]:
    """As :func:`read_mcs`, from the bytes of the file."""
    # The 2025 file is UTF-8 with a mark; the 2026 file is cp1252 and says so nowhere: UTF-8 breaks at the first dash.
    encoding = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "cp1252"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as flaw:
        raise InputError(
            "world.usgs_encoding", f"The file is not {encoding}; use it as USGS publishes it.", byte=flaw.start
        ) from flaw
    world = WORLD_FILE.match(text)
    rows = list(_world_rows(text, world.group(1), world.group(2)) if world else _commodity_rows(text))
    if not rows:
        raise InputError(
            "world.usgs_no_rows", f"The file has no rows on {', '.join(commodities())}; is it the whole file?"
        )
    return rows


def _commodity_rows(text: str) -> Iterator[Row]:
    """The 2026 layout: one figure a row."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = COMMODITIES_FILE - set(reader.fieldnames or ())
    if missing:
        raise InputError(
            "world.usgs_layout", f"Neither layout of the Summaries: no column {', '.join(sorted(missing))}."
        )
    lines = list(reader)
    edition = _edition(max((cells["Year"] for cells in lines if cells["Year"].isdigit()), default=""))
    chapters = {commodity.chapter: commodity for commodity in commodities().values()}
    for index, cells in enumerate(lines):
        commodity = chapters.get(cells["MCS chapter"])
        if commodity is None:
            continue
        line = index + 2
        if cells["Commodity"] not in commodity.spelled:
            raise InputError(
                "world.usgs_detail", f"Unexpected commodity {visible(cells['Commodity'])} in this chapter.", line=line
            )
        yield _row(
            edition,
            commodity,
            country=cells["Country"],
            detail=_detail(commodity, cells["Statistics_detail"], line),
            period=_period(cells["Year"]),
            value=cells["Value"],
            unit=cells["Unit"],
            # Import shares have no unit note of their own: they are percentages of their own form.
            basis_note=f"{cells['Notes']} {cells['Other notes']}",
            note=cells["Notes"],
            rounded="rounded" in cells["Statistics_detail"],
            line=line,
        )


def _world_rows(text: str, year: str, estimated: str) -> Iterator[Row]:
    """The 2025 layout: one country a row, with production of two years and reserves."""
    edition = _edition(estimated)
    spelled = {name.casefold(): c for c in commodities().values() for name in c.spelled}
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for index, cells in enumerate(reader):
        commodity = spelled.get(cells["COMMODITY"].strip().casefold())
        if commodity is None:
            continue
        line = index + 2
        detail = _detail(commodity, cells["TYPE"].strip(), line)
        notes = cells["PROD_NOTES"].strip()
        estimates = {year: f"estimated {year}" in notes, estimated: True}
        columns = [(detail, year, f"PROD_{year}", notes), (detail, estimated, _est(cells), notes)]
        if detail.measure == "mine-production":
            reserves = Detail("reserves", "", "")
            columns.append((reserves, estimated, f"RESERVES_{estimated}", cells["RESERVE_NOTES"].strip()))
        for of, period, column, note in columns:
            if column not in cells:
                raise InputError("world.usgs_layout", f"Neither layout of the Summaries: no column {column}.")
            yield _row(
                edition,
                commodity,
                country=cells["COUNTRY"],
                detail=of,
                period=period,
                value=cells[column],
                unit=cells["UNIT_MEAS"],
                basis_note=f"{cells['TYPE']} element content",
                note=note,
                estimated=estimates[period] and of.measure != "reserves",
                rounded="rounded" in cells["COUNTRY"],
                line=line,
            )


def _est(cells: Mapping[str, str]) -> str:
    return next(name for name in cells if name.startswith("PROD_EST_"))


def _row(
    edition: str,
    commodity: Commodity,
    *,
    country: str,
    detail: Detail,
    period: str,
    value: str,
    unit: str,
    basis_note: str,
    note: str,
    line: int,
    rounded: bool = False,
    estimated: bool = False,
) -> Row:
    read: Published = published(value, unit_of(unit, line), measure=detail.measure, line=line)
    codes = [code for code in (read.qualifier,) if code]
    if estimated or note.startswith("Estimated"):
        codes.append("e")
    if rounded:
        codes.append("rounded")
    return Row(
        edition=edition,
        commodity=commodity.name,
        element=detail.element or commodity.element,
        country=alpha3(country, line),
        measure=detail.measure,
        form=detail.form,
        period=period,
        value=read.value,
        low=read.low,
        high=read.high,
        unit=read.unit,
        basis=_basis(basis_note, line) if read.unit == "TNE" else "",
        qualifiers=" ".join(codes),
        published=value,
        published_unit=unit,
        note=note,
        source=SOURCES[edition],
    )


def _edition(newest_year: str) -> str:
    """The edition of year y gives estimates of y - 1 as its newest figures."""
    edition = f"usgs-mcs-{int(newest_year) + 1}" if newest_year else ""
    if edition not in SOURCES:
        raise InputError(
            "world.usgs_edition",
            f"The newest year in the file is {visible(newest_year) or 'missing'}; lodeline has no source entry for "
            "such an edition: add one to SOURCES in world/statistics/usgs.py.",
        )
    return edition


def _period(year: str) -> str:
    """``2021–24`` (en dash) becomes ``2021-2024``; a year stays."""
    first, dash, last = year.partition("–")
    return f"{first}-{first[:2]}{last}" if dash else year


def _basis(text: str, line: int) -> str:
    if "Gross weight" in text:
        return "gross"
    for words, basis in BASES:
        if words in text:
            return basis
    raise InputError("world.usgs_basis", "The notes do not say what the tonnes count.", line=line)


def _detail(commodity: Commodity, text: str, line: int) -> Detail:
    detail = _details().get((commodity.name, text))
    if detail is None:
        raise InputError(
            "world.usgs_detail",
            f"{visible(text)!r} is not among the known lines of {commodity.name}; add it to tables/usgs_details.csv.",
            line=line,
        )
    return detail


@cache
def _details() -> Mapping[tuple[str, str], Detail]:
    text = (resources.files("lodeline.world") / "tables" / "usgs_details.csv").read_text(encoding="utf-8")
    return {
        (cells["commodity"], cells["detail"]): Detail(cells["measure"], cells["form"], cells["element"])
        for cells in csv.DictReader(io.StringIO(text, newline=""))
    }
