"""UN Comtrade: what countries report of their trade, each side its own, as the site's CSV downloads have it.

A shipment is often reported twice, by the importer and by the exporter, with other weights. These are two statements of
one trade: each is kept with who said it, and they are never added. Two layouts are read: the present one
(``typeCode,freqCode,refPeriodId,…``), and the one before 2022 (``Classification,Year,Period,…``). The day of the
download is the edition, since the figures of a year are revised; it stands in the name of the file only.

Importers name the country of origin, exporters the last destination they know.
Source: UN Comtrade, https://comtradeplus.un.org; International Merchandise Trade Statistics 2010, 6.1 to 6.5 on
partners; reporters and partners by M49 number and ISO 3166-1 alpha-3.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.world.trade.baci import country_of
from lodeline.world.trade.statements import Flow, Statement
from lodeline.world.trade.traded import quantity

SOURCE = "United Nations, UN Comtrade, downloaded {day}"
FLOWS: Mapping[str, Flow] = {
    "M": "import", "1": "import", "X": "export", "2": "export", "RX": "re-export", "3": "re-export",
    "RM": "re-import", "4": "re-import", "DX": "domestic-export", "FM": "foreign-import",
    "MIP": "processing", "MOP": "processing", "XIP": "processing", "XOP": "processing",
}  # fmt: skip
VERSIONS = {"H0": "92", "H1": "96", "H2": "02", "H3": "07", "H4": "12", "H5": "17", "H6": "22"}
"""Versions of the Harmonized System by Comtrade's code."""
WORLD = "0"
"""The number of all partners together."""
KILOGRAM = "8"
"""Comtrade's unit of quantity: weight in kilograms."""
ESTIMATED = ("true", "1", "4", "6")
"""How either layout says that a net weight is estimated; the older one's flag 2 is of the other quantity only."""
KG_PER_TONNE = USD_PER_KUSD = Decimal(1000)
_DAYS = (
    re.compile(r"TradeData_(?P<month>\d{1,2})_(?P<day>\d{1,2})_(?P<year>\d{4})(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>20\d{2})-?(?P<month>\d{2})-?(?P<day>\d{2})(?!\d)"),
)


class Layout(NamedTuple):
    """The columns of a layout; the last are those by which a trade may be cut up further, and what says that it is not.

    Attributes:
        head: Columns by which the layout is told.
    """

    head: frozenset[str]
    version: str
    period: str
    flow: str
    reporter: str
    reporter_iso: str
    partner: str
    partner_iso: str
    partner_name: str
    hs: str
    unit: str
    quantity: str
    kg: str
    estimated: str
    usd: str
    whole: tuple[tuple[str, tuple[str, ...]], ...]


LAYOUTS = (
    Layout(
        frozenset(("typeCode", "freqCode", "refYear", "flowCode", "cmdCode", "primaryValue")),
        "classificationCode", "period", "flowCode", "reporterCode", "reporterISO", "partnerCode", "partnerISO",
        "partnerDesc", "cmdCode", "qtyUnitCode", "qty", "netWgt", "isNetWgtEstimated", "primaryValue",
        (("partner2Code", ("", "0")), ("customsCode", ("", "C00")), ("motCode", ("", "0")), ("mosCode", ("", "0"))),
    ),
    Layout(
        frozenset(("Classification", "Year", "Trade Flow Code", "Commodity Code", "Trade Value (US$)")),
        "Classification", "Period", "Trade Flow Code", "Reporter Code", "Reporter ISO", "Partner Code", "Partner ISO",
        "Partner", "Commodity Code", "Qty Unit Code", "Qty", "Netweight (kg)", "Flag", "Trade Value (US$)",
        (("2nd Partner Code", ("", "0")), ("Customs Proc. Code", ("", "C00")), ("Mode of Transport Code", ("", "0"))),
    ),
)  # fmt: skip


def is_comtrade(head: str) -> bool:
    """Whether a first line is that of one of the two layouts."""
    return _layout(next(csv.reader([head.strip()]), [])) is not None


def edition_of(name: str) -> str:
    """The edition by the name of the file: of ``TradeData_2_20_2025_10_30_9.csv`` it is ``comtrade-2025-02-20``.

    Raises:
        InputError: ``world.comtrade_edition``.
    """
    for pattern in _DAYS:
        found = pattern.search(name)
        if found is not None:
            year, month, day = (int(found[part]) for part in ("year", "month", "day"))
            if 1 <= month <= 12 and 1 <= day <= 31:
                return f"comtrade-{year}-{month:02}-{day:02}"
    raise InputError(
        "world.comtrade_edition",
        f"{visible(name)!r} does not say when it was downloaded, and Comtrade revises its figures; keep its name "
        "(TradeData_2_20_2025_10_30_9.csv), or put the day into it (comtrade-2025-02-20.csv).",
    )


def parse_comtrade(lines: Iterable[str], *, edition: str, hs: frozenset[str] | None = None) -> Iterator[Statement]:
    """The statements of a file, in its order; those with all the world, and those of groups of countries, left out.

    A weight that is empty, or nothing where there is a value, is unknown; a quantity in kilograms stands in for it.

    Args:
        lines: Of the file, the first of them its head.
        hs: Only these codes; None: all of six digits.

    Raises:
        InputError: ``world.comtrade_layout``, ``world.comtrade_flow``, ``world.comtrade_cut_up``,
            ``world.cell_missing``, ``world.not_a_number``.
    """
    reader = csv.DictReader(lines)
    layout = _layout(reader.fieldnames or [])
    if layout is None:
        raise InputError(
            "world.comtrade_layout", "Neither layout of UN Comtrade's CSV; download it again, with all columns."
        )
    whole: set[tuple[str, ...]] = set()
    parts: dict[tuple[str, ...], int] = {}
    for line, cells in enumerate(reader, start=2):
        code = _cell(cells, layout.hs)
        reporter = country_of(_cell(cells, layout.reporter_iso)) or country_of(_cell(cells, layout.reporter))
        if len(code) != 6 or not code.isdigit() or (hs is not None and code not in hs) or reporter is None:
            continue
        partner = _partner(cells, layout)
        if partner is None:
            continue
        flow = _flow(_cell(cells, layout.flow), line)
        key: tuple[str, ...] = (code, flow, _cell(cells, layout.period), reporter, partner)
        if any(_cell(cells, column) not in total for column, total in layout.whole):
            parts.setdefault(key, line)
            continue
        whole.add(key)
        yield _statement(cells, layout, edition, key, line)
    for key, line in parts.items():
        if key not in whole:
            raise InputError(
                "world.comtrade_cut_up",
                f"The trade of {key[3]} with {visible(key[4])} under {key[0]} is cut up by a second partner, customs "
                "procedure or transport, and its total is missing; download it with the totals of these.",
                line=line,
            )


def read_comtrade(path: Path, *, hs: frozenset[str] | None = None) -> list[Statement]:
    """The statements of a file, by its name of the day on which it was downloaded.

    The site has written UTF-8 and Latin-1, and says nowhere which.

    Raises:
        InputError: ``world.comtrade_edition``, and those of :func:`parse_comtrade`.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return list(parse_comtrade(io.StringIO(text, newline=""), edition=edition_of(path.name), hs=hs))


def _statement(
    cells: Mapping[str, str | None], layout: Layout, edition: str, key: tuple[str, ...], line: int
) -> Statement:
    code, flow, period, reporter, partner = key
    value = quantity(_cell(cells, layout.usd), "the value", line)
    if value is None:
        raise InputError("world.cell_missing", "The value is empty; every row of Comtrade has one.", line=line)
    published = _cell(cells, layout.kg)
    kg = quantity(published, "the net weight", line)
    if not kg and _cell(cells, layout.unit) == KILOGRAM:
        published = _cell(cells, layout.quantity)
        kg = quantity(published, "the quantity", line)
    inward = flow in ("import", "re-import", "foreign-import")
    return Statement(
        edition=edition,
        version=VERSIONS.get(_cell(cells, layout.version), ""),
        hs=code,
        flow=FLOWS[_cell(cells, layout.flow)],
        period=period,
        reporter=reporter,
        exporter=partner if inward else reporter,
        importer=reporter if inward else partner,
        # Nothing at all was not worth something: a weight of zero beside a value is one that nobody told.
        tonnes=None if kg is None or (kg == 0 and value) else kg / KG_PER_TONNE,
        estimated=_cell(cells, layout.estimated).casefold() in ESTIMATED,
        kusd=value / USD_PER_KUSD,
        published=published,
        source=SOURCE.format(day=edition.removeprefix("comtrade-")),
    )


def _layout(columns: Iterable[str]) -> Layout | None:
    there = {name.removeprefix("\ufeff") for name in columns}
    return next((one for one in LAYOUTS if there.issuperset(one.head)), None)


def _cell(cells: Mapping[str, str | None], column: str) -> str:
    return (cells.get(column) or "").strip()


def _partner(cells: Mapping[str, str | None], layout: Layout) -> str | None:
    """The partner's alpha-3 code, or Comtrade's words where it is no country; None where it is the whole world."""
    number, iso = _cell(cells, layout.partner), _cell(cells, layout.partner_iso)
    if number == WORLD or iso in ("W00", "WLD"):
        return None
    return country_of(iso) or country_of(number) or _cell(cells, layout.partner_name) or iso or number


def _flow(code: str, line: int) -> Flow:
    if code not in FLOWS:
        raise InputError(
            "world.comtrade_flow", f"The flow {visible(code)!r} is none of {', '.join(FLOWS)}; correct it.", line=line
        )
    return FLOWS[code]
