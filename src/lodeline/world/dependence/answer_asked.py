"""What is asked: an element, a country and a form, by any of their usual names; what is not known is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.country import by_any_name, country_name
from lodeline.world.nearest import nearest
from lodeline.world.statistics.commodity import commodities
from lodeline.world.trade.forms import TradedForm, commodity_name, forms

_YEAR = re.compile(r"\d{4}", re.ASCII)


class Subject(NamedTuple):
    """An element or group that is asked.

    Attributes:
        element: Symbol, or a group such as ``TREO``. commodity: as editions group it. plain: as a sentence names it.
    """

    element: str
    commodity: str
    plain: str


def subject(asked: str) -> Subject:
    """The element or group by its symbol, its name or that of its commodity.

    Raises:
        NotFoundError: ``world.commodity_unknown``, with the nearest there is. InputError:
            ``world.commodity_ambiguous``: editions have several commodities of that element.
    """
    known = _subjects()
    words = " ".join(asked.split()).casefold()
    several = _several().get(words, ())
    if several:
        raise InputError(
            "world.commodity_ambiguous", f"{visible(asked)} is in {' and '.join(several)}; name one of them."
        )
    if words not in known:
        near = nearest(words, known)
        raise NotFoundError(
            "world.commodity_unknown",
            f"{visible(asked)!r} is neither an element nor a commodity that lodeline has figures or forms of; write a "
            f"symbol such as Sb{f' (nearest: {known[near[0]].element})' if near else ''}.",
        )
    return known[words]


@cache
def _several() -> Mapping[str, tuple[str, ...]]:
    """The commodities of an element of which editions have more than one, by its symbol and its name, small letters."""
    from lodeline.chemistry.elements import elements

    found: dict[str, tuple[str, ...]] = {}
    for element in elements().values():
        names = tuple(name for name, one in commodities().items() if one.element == element.symbol)
        if len(names) > 1:
            found |= dict.fromkeys((element.symbol.casefold(), element.name.casefold()), names)
    return found


@cache
def _subjects() -> Mapping[str, Subject]:
    """By every way to write it, small letters."""
    from lodeline.chemistry.elements import elements

    known: dict[str, Subject] = {}
    for name, one in commodities().items():
        if one.element:
            for words in (one.element, name, one.plain):
                known.setdefault(words.casefold(), Subject(one.element, name, one.plain))
    for name, of in forms().items():
        plain = commodities()[name].plain if name in commodities() else name.replace("-", " ")
        for words in (of[0].element, name, name.replace("-", " "), plain, name.partition("-")[0]):
            known.setdefault(words.casefold(), Subject(of[0].element, name, plain))
    for element in elements().values():
        commodity = commodity_name(element.symbol)
        if commodity is not None:
            found = Subject(element.symbol, commodity, element.name)
            known.setdefault(element.symbol.casefold(), found)
            known.setdefault(element.name.casefold(), found)
    for name, one in commodities().items():
        for member in one.members:
            known.setdefault(member.casefold(), Subject(member, name, member))
    return known


def country_code(asked: str) -> str:
    """The alpha-3 code of a country by its alpha-2 or alpha-3 code or its name.

    Raises:
        NotFoundError: ``world.importer_unknown``, with the nearest there is.
    """
    found = country_of(asked)
    if found is None:
        raise NotFoundError(
            "world.importer_unknown",
            f"{visible(asked)!r} is no country of ISO 3166-1; write a code such as USA{nearest_country(asked)}.",
        )
    return found


def country_of(asked: str) -> str | None:
    """The alpha-3 code of a country by its codes or its name; None where there is none of it."""
    return by_any_name().get(_plain(asked))


def nearest_country(asked: str) -> str:
    """The country that is meant most likely, for a refusal: `` (nearest: Germany, DEU)``; empty where none is near."""
    known = by_any_name()
    near = nearest(_plain(asked), known)
    return f" (nearest: {country_name(known[near[0]])}, {known[near[0]]})" if near else ""


def _plain(country: str) -> str:
    return " ".join(country.split()).casefold().removeprefix("the ")


def chosen_forms(asked: str | None, of: tuple[TradedForm, ...], plain: str) -> tuple[TradedForm, ...]:
    """The forms that are asked: one by its name or code, or all.

    Raises:
        NotFoundError: ``world.form_unknown``, with those there are.
    """
    if asked is None:
        return of
    words = asked.strip().casefold().replace(" ", "-")
    code = words.replace(".", "")
    found = tuple(form for form in of if words == form.name or code == form.hs)
    if not found:
        names = {form.name: form for form in of}
        near = nearest(words, names)
        raise NotFoundError(
            "world.form_unknown",
            f"{visible(asked)!r} is no form of {plain}; write {' or '.join(names) or 'none, for there is none'}"
            f"{f' (nearest: {near[0]})' if near else ''}.",
        )
    return found


def checked_year(asked: str | None, preferred: Iterable[str], held: Iterable[str], plain: str) -> str:
    """The year that is asked, or the newest there is.

    Args:
        preferred: Years of which the newest is taken where none is asked. held: all of which there is a figure.
        plain: Of what.

    Raises:
        InputError: ``world.year_unreadable``. NotFoundError: ``world.year_not_at_hand``, with the nearest there are.
    """
    years = sorted({year for year in held if _YEAR.fullmatch(year)})
    newest = max((year for year in preferred if _YEAR.fullmatch(year)), default=None)
    if asked is None and newest is not None:
        return newest
    if asked is not None and not _YEAR.fullmatch(asked):
        raise InputError("world.year_unreadable", f"{visible(asked)!r} is no year; write four digits, such as 2024.")
    if asked is None or asked not in years:
        near = sorted(years, key=lambda year: abs(int(year) - int(asked or year)))[:1]
        nearest = f", the nearest year is {near[0]}" if near else ""
        raise NotFoundError(
            "world.year_not_at_hand",
            f"No table at hand has {plain} in {asked or 'any year'}{nearest}; give a trade table or an edition that "
            "has it.",
        )
    return asked
