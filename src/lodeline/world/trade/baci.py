"""BACI: the trade of all countries with all others, as CEPII publishes it, into tidy rows.

Two layouts are read: CEPII's own (``t,i,j,k,v,q``, countries by number), and one with the columns and countries
written out (``year,exporter,importer,hs6,…,value_kusd,qty_t``). Which edition a file is of stands only in its name.
Source: Gaulier & Zignago (2010), BACI, CEPII working paper 2010-23; Etalab Open Licence 2.0.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.world.trade.traded import Traded, quantity

SOURCE = "CEPII, BACI {hs} {version}, Etalab Open Licence 2.0"
NUMBERED = {"58": "BEL", "251": "FRA", "381": "ITA", "490": "S19", "579": "NOR", "699": "IND", "711": "ZAF",
            "757": "CHE", "842": "USA", "530": "ANT", "736": "SDN", "891": "SCG"}  # fmt: skip
"""Numbers of BACI that are not those of ISO 3166-1: customs areas, and what was another country before. The last three
are the Netherlands Antilles until 2010, Sudan until 2011, and Serbia and Montenegro until 2006."""
_NAME = re.compile(r"hs(\d{2}).*?v(\d{6})|v(\d{6}).*?hs(\d{2})", re.IGNORECASE)


class Layout(NamedTuple):
    """The columns of a layout: year, exporter, importer, code, value in thousand US dollars, gross tonnes."""

    year: str
    exporter: str
    importer: str
    hs: str
    value: str
    tonnes: str


LAYOUTS = (
    Layout("t", "i", "j", "k", "v", "q"),
    Layout("year", "exporter", "importer", "hs6", "value_kusd", "qty_t"),
)


def is_baci(head: str) -> bool:
    """Whether a first line is that of one of the two layouts."""
    return _layout(head.strip().split(",")) is not None


def edition_of(name: str) -> str:
    """The edition by the name of the file: ``BACI_HS17_Y2024_V202601.csv`` is ``baci-hs17-v202601``.

    Raises:
        InputError: ``world.baci_edition``.
    """
    found = _NAME.search(name)
    if found is None:
        raise InputError(
            "world.baci_edition",
            f"{visible(name)!r} does not say which edition it is; keep CEPII's name, BACI_HS17_Y2024_V202601.csv.",
        )
    hs, version = found.group(1) or found.group(4), found.group(2) or found.group(3)
    return f"baci-hs{hs}-v{version}"


def parse_baci(lines: Iterable[str], *, edition: str, hs: frozenset[str] | None = None) -> Iterator[Traded]:
    """The rows of a file, in its order.

    A tonnage that is empty or ``NA`` is unknown. Codes are given back their leading zeros.

    Args:
        lines: Of the file, the first of them its head.
        hs: Only these codes; None: all.

    Raises:
        InputError: ``world.baci_layout``, ``world.baci_cut``, ``world.country_unknown``, ``world.cell_missing``,
            ``world.not_a_number``.
    """
    reader = csv.reader(lines)
    head = next(reader, [])
    layout = _layout(head)
    if layout is None:
        raise InputError(
            "world.baci_layout", "Neither layout of BACI; its columns are t,i,j,k,v,q or those that the manual names."
        )
    year, exporter, importer, code, value, tonnes = (head.index(name) for name in layout)
    _, name, version = edition.split("-")
    source = SOURCE.format(hs=name.upper(), version=version.upper())
    # A whole year has eleven million rows, most of them of other codes: nothing else is looked at in those.
    wanted = None if hs is None else hs | {one.lstrip("0") for one in hs}
    for line, cells in enumerate(reader, start=2):
        if len(cells) != len(head):
            raise InputError(
                "world.baci_cut", f"The line has {len(cells)} cells and the head {len(head)}; get the file again.",
                line=line,
            )  # fmt: skip
        if wanted is not None and cells[code].strip() not in wanted:
            continue
        published = cells[tonnes].strip()
        worth = quantity(cells[value].strip(), "value", line)
        if worth is None:
            raise InputError("world.cell_missing", "The value is empty; every row of BACI has one.", line=line)
        yield Traded(
            edition=edition,
            hs=cells[code].strip().zfill(6),
            exporter=_country(cells[exporter], line),
            importer=_country(cells[importer], line),
            period=cells[year].strip(),
            tonnes=_tonnes(published, line),
            kusd=worth,
            published=published,
            source=source,
        )


def _layout(columns: Iterable[str]) -> Layout | None:
    there = set(columns)
    return next((one for one in LAYOUTS if there.issuperset(one)), None)


def _tonnes(published: str, line: int) -> Decimal | None:
    return None if published.upper() == "NA" else quantity(published, "the tonnage", line)


def _country(code: str, line: int) -> str:
    """The alpha-3 code by BACI's number or its own alpha-3 code."""
    found = country_of(code.strip())
    if found is None:
        raise InputError(
            "world.country_unknown",
            f"{visible(code)!r} is no country of ISO 3166-1 and none of BACI's own that is known; correct it, or write "
            "the rows into a tidy table, which takes any code.",
            line=line,
        )
    return found


@cache
def country_of(code: str) -> str | None:
    """The alpha-3 code of a country by its number or alpha-3 code as trade statistics write it; None: no country."""
    import pycountry

    if code in NUMBERED.values():
        return code
    if code.isdigit():
        known = pycountry.countries.get(numeric=code.zfill(3))
        return NUMBERED.get(code) or (None if known is None else str(known.alpha_3))
    known = pycountry.countries.get(alpha_3=code)
    return None if known is None else str(known.alpha_3)
