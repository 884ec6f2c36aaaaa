"""World Governance Indicators: how a country is governed, by year, into tidy rows.

Two layouts are read: one of the mean of the six indicators (``iso2,wgi_mean_of_six``), countries by alpha-2 code, and
one of political stability (``Country/Territory,Code,1996,…``), countries by name and alpha-3 code. A score has the mean
0 and the standard deviation 1 over all countries of a year, so most are between -2.5 and 2.5; higher is better.
Source: World Bank, Worldwide Governance Indicators, CC BY 4.0; Kaufmann, Kraay & Mastruzzi (2010), The Worldwide
Governance Indicators: methodology and analytical issues, World Bank Policy Research Working Paper 5430.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.world.governance.score import MEAN, STABILITY, Score

SOURCE = "World Bank, Worldwide Governance Indicators, CC BY 4.0"
TERRITORIES = {"Netherlands Antilles (...2010)": "ANT", "Europe EFTA, nes": "R20", "US Misc. Pacific Isds": "PUS"}
"""Names that are no country of ISO 3166-1, with the codes that BACI gives them."""
KOSOVO = {"XK": "XKX"}
"""The user-assigned codes for Kosovo, which ISO 3166-1 does not list."""
_SPAN = re.compile(r"(?<!\d)(\d{4})_(\d{4})(?!\d)")
_YEAR = re.compile(r"\d{4}")


def is_wgi(head: str) -> bool:
    """Whether a first line is that of one of the two layouts."""
    columns = head.lstrip("\ufeff").strip().split(",")
    return columns == ["iso2", "wgi_mean_of_six"] or columns[:2] == ["Country/Territory", "Code"]


def parse_wgi(text: str, *, name: str) -> tuple[Score, ...]:
    """The rows of a file, in its order; of political stability one for each country and year.

    A score that is ``nan`` or empty is unknown. Where the file gives a country two scores for one year, as it does for
    Guyana, nobody can tell which is meant: the score is unknown, and ``published`` has both.

    Args:
        text: Of the file. name: of the file; the years of the mean stand nowhere else: ``…_2015_2024.csv``.

    Raises:
        InputError: ``world.wgi_layout``, ``world.wgi_edition``, ``world.wgi_value``, ``world.country_unknown``,
            ``world.wgi_no_rows``.
    """
    text = text.removeprefix("\ufeff")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = tuple(reader.fieldnames or ())
    if not is_wgi(",".join(columns)):
        raise InputError(
            "world.wgi_layout",
            "Neither layout of the governance indicators; its columns are iso2,wgi_mean_of_six, or Country/Territory, "
            "Code and years.",
        )
    rows = tuple(_means(reader, name) if columns[0] == "iso2" else _stability(reader, columns))
    if not rows:
        raise InputError("world.wgi_no_rows", "The file has no country; use the whole file.", file=name)
    return _once(rows)


def _means(reader: Iterable[dict[str, str | None]], name: str) -> Iterator[Score]:
    span = _SPAN.search(name)
    if span is None:
        raise InputError(
            "world.wgi_edition",
            f"{visible(name)!r} does not say of which years it is; name it as in wgi_mean_of_six_2015_2024.csv.",
        )
    first, last = span.groups()
    for line, cells in enumerate(reader, start=2):
        code = (cells["iso2"] or "").strip()
        yield _score(
            edition=f"wgi-{MEAN}-{first}-{last}",
            indicator=MEAN,
            country=KOSOVO.get(code) or _alpha3_of(code, line),
            year=f"{first}-{last}",
            published=cells["wgi_mean_of_six"] or "",
            line=line,
        )


def _stability(reader: Iterable[dict[str, str | None]], columns: tuple[str, ...]) -> Iterator[Score]:
    years = [column for column in columns if _YEAR.fullmatch(column)]
    if not years:
        raise InputError("world.wgi_layout", "The file has no column that is a year; use the publisher's file.")
    for line, cells in enumerate(reader, start=2):
        country = _country(cells["Country/Territory"] or "", (cells["Code"] or "").strip(), line)
        for year in years:
            yield _score(
                edition=f"wgi-{STABILITY}-{years[0]}-{years[-1]}",
                indicator=STABILITY,
                country=country,
                year=year,
                published=cells[year] or "",
                line=line,
            )


def _score(*, edition: str, indicator: str, country: str, year: str, published: str, line: int) -> Score:
    text = published.strip()
    value = None
    if text and text.lower() != "nan":
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            raise InputError(
                "world.wgi_value", f"{visible(text, limit=40)!r} is no score; write digits, or nan.", line=line
            )
    return Score(
        edition=edition,
        indicator=indicator,
        country=country,
        year=year,
        value=value,
        published=text,
        source=SOURCE,
    )


def _once(rows: tuple[Score, ...]) -> tuple[Score, ...]:
    """One row a country and year; contradicting ones become one that is unknown."""
    kept: dict[str, Score] = {}
    for row in rows:
        before = kept.get(row.key)
        if before is None or before.value == row.value:
            kept.setdefault(row.key, row)
        else:
            both = f"{before.published} | {row.published}"
            kept[row.key] = Score(
                edition=row.edition,
                indicator=row.indicator,
                country=row.country,
                year=row.year,
                value=None,
                published=both,
                source=row.source,
            )
    return tuple(kept.values())


def _country(name: str, code: str, line: int) -> str:
    """The alpha-3 code that the file gives, where it is one of ISO 3166-1; else by name."""
    import pycountry

    if name in TERRITORIES:
        return TERRITORIES[name]
    if pycountry.countries.get(alpha_3=code) is None:
        raise InputError(
            "world.country_unknown",
            f"{visible(name)!r}, {visible(code)!r}, is no country of ISO 3166-1; add it to TERRITORIES in "
            "world/governance/wgi.py.",
            line=line,
        )
    return code


def _alpha3_of(code: str, line: int) -> str:
    from lodeline.world.country import alpha3_of

    found = alpha3_of(code)
    if found is None:
        raise InputError(
            "world.country_unknown", f"{visible(code)!r} is no alpha-2 code of ISO 3166-1; correct it.", line=line
        )
    return found
