"""Commodities: how an edition groups elements, and which of its forms add up to an import total."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

import msgspec

from lodeline.chemistry.elements import elements
from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.nearest import nearest


class Commodity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One chapter of the shipped editions: a row of ``tables/usgs_commodities.csv``.

    What the first five say, and whether it is critical, is known of every one. The rest is a block of
    ``tables/usgs_commodities.toml``; where nobody has written one, it is empty, and what would need it is unknown.

    Attributes:
        name: As rows name it. chapter: as the publisher's files name it; spelled: other names that they have for it.
        plain: As a sentence names it.
        element: The element that it is, or the group whose tonnes it counts; empty where it is neither.
        also: Elements that it holds beside others, by which it may be asked for.
        critical: Whether it, or a part of it, is on the US list of critical minerals of 2025.
        basis: As what its tonnes count, by the head of its chapter: ``element``, ``REO``, an oxide, ``gross``, ``dry``;
            empty where the chapter does not say. A row may say otherwise.
        members: Elements and declared groups it contains, which the edition does not report one by one.
        traded: Forms of ``imports`` that make up the total which ``share_form`` of ``import-share`` refers to.
        imported, apart: Those forms as a sentence names them, and the forms that are not among them.
        consumption_form, reliance_form: Forms of apparent consumption and of net import reliance.
        oxides: By element, the oxide in which an equivalent is counted, where the basis is ``REO``.
        smelted: How material that is processed at home enters net import reliance, by the publisher's definition.
    """

    name: str
    chapter: str
    spelled: tuple[str, ...]
    plain: str
    element: str
    also: tuple[str, ...]
    critical: bool
    basis: str
    members: tuple[str, ...] = ()
    traded: tuple[str, ...] = ()
    imported: str = ""
    apart: str = ""
    share_form: str = ""
    consumption_form: str = ""
    reliance_form: str = ""
    oxides: dict[str, str] = {}
    smelted: str = ""


@cache
def commodities() -> Mapping[str, Commodity]:
    """The commodities of the shipped editions, by name."""
    folder = resources.files("lodeline.world") / "tables"
    written = tomllib.loads((folder / "usgs_commodities.toml").read_text(encoding="utf-8"))
    rows = csv.DictReader(
        io.StringIO((folder / "usgs_commodities.csv").read_text(encoding="utf-8"), newline=""), strict=True
    )
    return {row["name"]: _commodity(row, written.get(row["name"], {})) for row in rows}


def commodity_of(element: str) -> Commodity | None:
    """The commodity under which a mass of an element or group is compared, or None where nobody has written how."""
    for commodity in compared():
        if element == commodity.element or element in commodity.members:
            return commodity
    return None


@cache
def compared() -> tuple[Commodity, ...]:
    """The commodities of which it is written what makes up their imports."""
    return tuple(one for one in commodities().values() if one.traded)


def commodity_named(asked: str) -> Commodity:
    """The commodity that is asked for by its name, its chapter, the publisher's spelling, or an element of it.

    An element is asked for by its symbol or its name.

    Raises:
        NotFoundError: ``world.commodity_unknown``, with the nearest names.
        InputError: ``world.commodity_ambiguous``: several are of that element.
    """
    words = " ".join(asked.split())
    symbol = _symbols().get(words.casefold()) or (words.capitalize() if len(words) <= 2 else words)
    several = [one for one in commodities().values() if one.element == symbol]
    found = _by_words().get(words.casefold()) or (several[0] if len(several) == 1 else commodity_of(symbol))
    if found is not None:
        return found
    several = several or [one for one in commodities().values() if symbol in one.also]
    if len(several) == 1:
        return several[0]
    if several:
        raise InputError(
            "world.commodity_ambiguous",
            f"{symbol} is in {', '.join(one.name for one in several)}; name one of them.",
            asked=words,
        )
    alike = nearest(words, [*_by_words(), *_symbols()], most=2)
    near = [_by_words()[one].name if one in _by_words() else one for one in alike]
    hint = f"; perhaps {' or '.join(dict.fromkeys(near))}" if near else ""
    raise NotFoundError(
        "world.commodity_unknown",
        f"No edition has a commodity {visible(words)!r}{hint}; lodeline world editions --commodities lists "
        "their names, and the symbol of an element will do too.",
        asked=words,
    )


def element_of(name: str) -> str:
    """The element of a commodity by its name; empty where it has none, or no shipped edition has the commodity."""
    known = commodities().get(name)
    return "" if known is None else known.element


def name_of(spelled: str) -> str | None:
    """The name of a commodity by the publisher's spelling, or None where it is not known."""
    found = _by_words().get(" ".join(spelled.split()).casefold())
    return None if found is None else found.name


@cache
def _symbols() -> Mapping[str, str]:
    """Symbols by the names of elements, small letters."""
    return {one.name.casefold(): symbol for symbol, one in elements().items()}


@cache
def _by_words() -> Mapping[str, Commodity]:
    """By each way to write it, small letters. A chapter's own name goes before a part of another."""
    known: dict[str, Commodity] = {}
    for one in commodities().values():
        for words in (one.name, one.chapter, one.plain):
            known[words.casefold()] = one
    for one in commodities().values():
        for words in one.spelled:
            known.setdefault(words.casefold(), one)
    return known


def _commodity(row: dict[str, str], written: dict[str, object]) -> Commodity:
    written_spelled = written.get("spelled", ())
    spelled = [row["also_spelled"]] if row["also_spelled"] else []
    if isinstance(written_spelled, list):
        spelled += written_spelled
    plain = {name: row[name] for name in ("name", "chapter", "plain", "element", "basis")}
    also, critical = row["also"].split(), row["critical"] == "yes"
    return msgspec.convert({**plain, "also": also, "critical": critical, **written, "spelled": spelled}, Commodity)
