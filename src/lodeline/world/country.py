"""Countries: the names that publishers use, as ISO 3166-1 alpha-3 codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.world.nearest import nearest

# Where the publisher's name is neither the short, the common nor the official name of ISO 3166-1.
SPELLED = {
    "Burma": "MMR",
    "Congo (Kinshasa)": "COD",
    "Congo (Brazzaville)": "COG",
    "Korea, North": "PRK",
    "Korea, Republic of": "KOR",
    "Russia": "RUS",
    "Turkey": "TUR",
    "The Bahamas": "BHS",
    "The Gambia": "GMB",
    "Brunei": "BRN",
    "Czech Republic": "CZE",
    "Ivory Coast": "CIV",
    "Kosovo": "XKX",
    "Macedonia": "MKD",
    "Swaziland": "SWZ",
    "Other countries": "OTH",
    "Other Countries": "OTH",
}
TOGETHER = "+"
"""Joins the codes of countries that a publisher reports as one: ``CAN+USA``. Such a figure is nobody's alone."""
# Where ISO 3166-1 gives two countries one short form, or a form nobody says.
EVERYDAY = {
    "CD": "DR Congo",
    "COD": "DR Congo",
    "KP": "North Korea",
    "PRK": "North Korea",
    "KR": "South Korea",
    "KOR": "South Korea",
    "RU": "Russia",
    "RUS": "Russia",
    "VG": "British Virgin Islands",
    "VGB": "British Virgin Islands",
    "VI": "US Virgin Islands",
    "VIR": "US Virgin Islands",
}
# What people type and neither a publisher nor ISO 3166-1 says. "Korea" is left out: it is two countries.
TYPED = {
    "UK": "GBR",
    "Great Britain": "GBR",
    "Britain": "GBR",
    "U.S.": "USA",
    "U.S.A.": "USA",
    "United States of America": "USA",
    "DRC": "COD",
    "Congo-Kinshasa": "COD",
    "Democratic Republic of Congo": "COD",
    "Congo-Brazzaville": "COG",
    "Republic of Korea": "KOR",
    "Holland": "NLD",
    "PRC": "CHN",
    "Mainland China": "CHN",
    "UAE": "ARE",
    "Cote d'Ivoire": "CIV",
    "Viet Nam": "VNM",
}
# Codes of a publisher's own.
OWN = {
    "S19": "Other Asia",  # BACI; it is where Taiwan's trade is counted
    "XKX": "Kosovo",  # ISO 3166-1 leaves the X codes to their users; this one is widely used.
}
# Names that English gives an article inside a sentence.
ARTICLE = ("United ", "Netherlands", "Philippines", "Bahamas", "Gambia", "DR Congo", "Central African", "Dominican Rep")
_WORLD = re.compile(r"World total( \(rounded\))?( \d+)?")
_CODE = re.compile(r"[A-Z]{2,3}")


def alpha3(name: str, line: int | None = None) -> str:
    """The alpha-3 code of a published country name; ``WLD`` for a world total, ``OTH`` for other countries.

    Countries that are reported as one (``United States and Canada``) have their codes joined: ``CAN+USA``.

    Raises:
        InputError: ``world.country_unknown``, with the nearest name.
    """
    # The 2025 file writes "Canada ", "Russia ", and blanks that do not break.
    words = " ".join(name.split()).replace("’", "'")
    code = _alpha3(words) or _together(words)
    if code is None:
        near = nearest(words, _known())
        hint = f", perhaps {near[0]}" if near else ""
        raise InputError(
            "world.country_unknown",
            f"{visible(name)!r} is not a known country name{hint}; correct it, or add it to SPELLED in "
            "world/country.py.",
            line=line,
        )
    return code


@cache
def _alpha3(name: str) -> str | None:
    import pycountry

    if _WORLD.fullmatch(name):
        return "WLD"
    if name in SPELLED:
        return SPELLED[name]
    found = pycountry.countries.get(name=name) or pycountry.countries.get(common_name=name)
    return None if found is None else str(found.alpha_3)


@cache
def _together(name: str) -> str | None:
    """The codes of ``China, Germany, and Russia`` in order of the alphabet, or None where one of them is no country."""
    codes = [_alpha3(one) for one in re.split(r",? and |, ", name)]
    known = sorted(code for code in codes if code is not None and code not in ("WLD", "OTH"))
    return TOGETHER.join(known) if len(known) == len(codes) > 1 else None


@cache
def _known() -> tuple[str, ...]:
    import pycountry

    return (*SPELLED, *(str(getattr(country, "common_name", country.name)) for country in pycountry.countries))


def country_name(code: str) -> str:
    """The everyday name of a country by its alpha-2 or alpha-3 code; the code itself where it is not one.

    It is for sentences, so nothing is refused: a book may name places that ISO does not.
    """
    if code == "WLD":
        return "World"
    if code == "OTH":
        return "Other countries"
    if code in OWN:
        return OWN[code]
    if TOGETHER in code:
        *first, last = (country_name(one) for one in code.split(TOGETHER))
        return f"{', '.join(first)} and {last}"
    if not _CODE.fullmatch(code):
        return code
    return _names().get(code, code)


@cache
def by_any_name() -> Mapping[str, str]:
    """The alpha-3 code by every code and name that a country is asked for by, small letters."""
    import pycountry

    known: dict[str, str] = {}
    for one in pycountry.countries:
        names = (getattr(one, name, None) for name in ("alpha_3", "alpha_2", "name", "common_name", "official_name"))
        for words in (*names, country_name(one.alpha_3)):
            if words:
                known.setdefault(str(words).casefold(), str(one.alpha_3))
    said = {**SPELLED, **TYPED, **{name: code for code, name in EVERYDAY.items() if len(code) == 3}}
    said |= {name: code for code, name in OWN.items()} | {code: code for code in OWN}
    return known | {name.casefold(): code for name, code in said.items() if code != "OTH"}


def alpha2(code: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of an alpha-3 code; None where it is no country, as with a publisher's own codes."""
    import pycountry

    found = pycountry.countries.get(alpha_3=code)
    return None if found is None else str(found.alpha_2)


def alpha3_of(code: str) -> str | None:
    """The ISO 3166-1 alpha-3 code of an alpha-2 code, as books have it; None where it is no country."""
    import pycountry

    found = pycountry.countries.get(alpha_2=code)
    return None if found is None else str(found.alpha_3)


def with_article(code: str) -> str:
    """The name as it stands inside a sentence: ``the United States``, ``Pakistan``."""
    name = country_name(code)
    return f"the {name}" if name.startswith(ARTICLE) else name


def numeric(code: str) -> str | None:
    """The ISO 3166-1 numeric code, three digits, by which map outlines are found; None where it is no country."""
    import pycountry

    if not _CODE.fullmatch(code):
        return None
    found = pycountry.countries.get(alpha_3=code) if len(code) == 3 else pycountry.countries.get(alpha_2=code)
    return None if found is None else str(found.numeric)


@cache
def _names() -> dict[str, str]:
    import pycountry

    names = {}
    for country in pycountry.countries:
        name = str(getattr(country, "common_name", country.name)).partition(",")[0]
        names[country.alpha_2] = names[country.alpha_3] = name
    return names | EVERYDAY
