"""Lines: what a line of the publisher's tables is called here: one rule, and ``tables/usgs_details.csv`` beside it.

The publisher names a line by its table, a kind of statistics and words: ``Consumption: Reported, ore``. The measure
comes from the kind and from the words that name it; what is left of the words is the form, as a slug. A chapter that
holds several commodities has the name of the one in front of the form, unless it is in it: ``bauxite-mine``.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from lodeline.world.statistics.published import unit_words

SALIENT = "Salient Statistics"
"""How the name of the table on the United States begins; all tables but this and the import sources list countries."""


class Line(NamedTuple):
    """What one line of the publisher's tables is called here.

    ``element``, ``unit`` and ``basis`` are empty where the row itself has to say them; ``rounded`` is a total that need
    not be the sum.
    """

    measure: str
    form: str
    element: str = ""
    unit: str = ""
    basis: str = ""
    rounded: bool = False


@lru_cache(maxsize=8_192)
def slug(text: str) -> str:
    """Words as a name: ``Fuller’s earth, 99.5% minimum`` is ``fullers-earth-99-5-percent-minimum``."""
    plain = unicodedata.normalize("NFKD", text).replace("’", "").replace("'", "").replace("%", " percent ")
    plain = re.sub(r"\b([A-Z])\.(?=[A-Z]\.)|(?<=[A-Z])\.(?=[ ,)]|$)", r"\1", plain)  # U.S. is one word.
    return "-".join(re.findall(r"[a-z0-9]+", plain.encode("ascii", "replace").decode().lower()))


@cache
def line_of(commodity: str, part: str, section: str, statistics: str, detail: str) -> Line:
    """The name of a line of the commodities file.

    Args:
        commodity: The chapter's name here. part: The name of what the row is on, where a chapter holds several.
        section, statistics, detail: As published.
    """
    words, rounded = _unrounded(_spaced(detail))
    known = overrides().get((commodity, words)) or overrides().get((commodity, _spaced(detail)))
    if known is not None:
        return known._replace(rounded=rounded)
    measure, rest = _measured(section, statistics, words)
    form = slug(rest)
    return Line(measure, form if not part or _within(part, form) else f"{part}-{form}".strip("-"), rounded=rounded)


STAGES = {
    "mined": frozenset(("mine", "mined")),
    "recycled": frozenset(("secondary", "scrap", "recycled")),
    "smelted": frozenset(("smelter",)),
    "refined": frozenset(("refinery", "refined")),
    "concentrated": frozenset(("ore", "ores", "concentrate", "concentrates")),
}
"""Words that name a stage."""
STAGELESS = frozenset(("employment", "reserves"))
"""Measures of what is at no stage."""


@cache
def stage_of(measure: str, form: str) -> str:
    """The stage of metal that a line is of by its words, or empty where they name none, or several.

    ``primary-refined-and-old-scrap`` is of two. What is secondary was recycled, whoever refined it, and mine output is
    mined, even if it is counted as concentrate.
    """
    if measure in STAGELESS:
        return ""
    said = {*measure.split("-"), *re.split(r"(?:^|-)(?:includes|including|excludes|excluding)-", form)[0].split("-")}
    found = [stage for stage, words in STAGES.items() if said & words]
    sure = "mine" in said or "secondary" in said or (len(found) == 1 and "other" not in said)
    return found[0] if found and sure else ""


def _measured(section: str, statistics: str, words: str) -> tuple[str, str]:
    """The measure, and the words that are left for the form."""
    if section == "Import Sources":
        return "import-share", "" if words == "All" else words
    words = _without_units(words)
    if statistics == "Consumption":
        how = re.search(r"\b(apparent|reported|estimated)\b", words, re.IGNORECASE)
        rest = _less(words, r"\bconsumption\b(?: of\b)?")
        return (
            ("consumption", rest) if how is None else (f"{how[1].lower()}-consumption", _less(rest, rf"\b{how[1]}\b"))
        )
    if statistics == "Net import reliance":
        of = re.search(r"reliance ?as a percentage of (total )?(apparent|reported|estimated) consumption", words)
        if of is None:
            return "net-import-reliance", words
        base = (of[1] or "") if of[2] == "apparent" else f"of {of[2]} consumption "
        return "net-import-reliance", base + words[: of.start()].removesuffix("Net import ") + words[of.end() :]
    if statistics in ("Production", "Capacity") and not section.startswith(SALIENT):
        return _by_country(section, statistics.lower(), words)
    measure, taken = SIMPLE[statistics]
    for pattern in taken:
        words = _less(words, pattern)
    return measure, words


SIMPLE = {
    "Production": ("production", (r"\bproduction\b",)),
    "Capacity": ("capacity", (r"\bcapacity\b",)),
    "Import": ("imports", (r"\bimports(?: for consumption)?(?: total)?\b",)),
    "Export": ("exports", (r"\bexports\b",)),
    "Price": ("price", (r"\bprices?\b", r"\bannual\b", r"\baverage\b", r"\bannual\b")),
    "Stock": ("stocks", (r"\bstocks\b", r"\byearend\b")),
    "Employment": ("employment", (r"\bemployment\b", r"\bannual average\b", r"\baverage\b", r"\bnumber\b")),
    "Reserves": ("reserves", (r"\breserves\b",)),
    "Sold or used": ("sold-or-used", (r"\bsold or used\b",)),
    "Sold": ("sold", (r"\bsold\b",)),
    "Sales": ("sales", (r"\bsales\b",)),
    "Shipment": ("shipments", (r"\bshipments\b",)),
    "Supply": ("apparent-supply", (r"\bsupply\b", r"\bapparent\b")),
}
"""By the publisher's kind of statistics: the measure, and the words that only repeat it."""


def _by_country(section: str, noun: str, words: str) -> tuple[str, str]:
    """Production and capacity by country: of mines, refineries or smelters where the line or its table says so."""
    how = re.search(rf"\b(mine|refinery|smelter|primary|plant) {noun}\b", words, re.IGNORECASE)
    if how is not None:
        return f"{how[1].lower()}-{noun}", _less(words, how[0])
    kinds = re.findall(rf"\b(Mine|Refinery|Smelter)\b(?=[^:]*\b{noun.title()}\b)", section)
    rest = _less(_less(words, rf"\b(?:yearend|production|global)\b(?= {noun}\b)"), rf"\b{noun}\b")
    plain = "production-by-country" if noun == "production" else noun
    return f"{kinds[0].lower()}-{noun}" if noun == "production" and len(kinds) == 1 else plain, rest


def _unrounded(words: str) -> tuple[str, bool]:
    shorter = re.sub(r"[,:]? ?\(?\brounded\b\)?$", "", words)
    return shorter.rstrip(" ,:"), shorter != words


def _without_units(words: str) -> str:
    """Without the units and bases that stand in brackets, and the unit of a price: they have columns of their own."""
    words = re.sub(r",? ?(?:gross weight|\b[A-Z][A-Za-z0-9]* content)(?=[)])", "", words)
    words = re.sub(r", gross weight\b", "", words)
    for unit in unit_words(words):
        words = words.replace(unit, "", 1)
    return re.sub(r"\([ ,]*\)", "", words)


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" ,")


def _less(words: str, pattern: str) -> str:
    return re.sub(pattern, " ", words, count=1, flags=re.IGNORECASE)


def _within(part: str, form: str) -> bool:
    return f"-{part}-" in f"-{form}-"


@cache
def overrides() -> Mapping[tuple[str, str], Line]:
    """The lines that are named by hand, by commodity and words."""
    text = (resources.files("lodeline.world") / "tables" / "usgs_details.csv").read_text(encoding="utf-8")
    return {
        (cells["commodity"], cells["detail"]): Line(
            cells["measure"], cells["form"], cells["element"], cells["unit"], cells["basis"]
        )
        for cells in csv.DictReader(io.StringIO(text, newline=""))
    }
