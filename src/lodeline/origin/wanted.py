"""What is asked for: origins of a kind, a country or a name, and those of which nobody knows whether they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from lodeline.errors import InputError
from lodeline.origin.graph import UNTRACED, Origin

OPENING = ("stock", "untraced")
"""Kinds of which the book does not say how the metal came to be."""
KINDS: dict[str, tuple[str, ...]] = {"mined": ("deposit", "country"), "scrap": ("scrap",), "stock": ("stock",)}


class Wanted(NamedTuple):
    """A class of origins.

    Attributes:
        surely: Origins that are of it.
        perhaps: Origins that may be of it: untraced metal always; an opening stock whose country is unknown, where a
            country is asked for; mined metal of a country, where a deposit of it is. They count as of the class in the
            most, and as not of it in the least.
    """

    surely: frozenset[Origin]
    perhaps: frozenset[Origin] = frozenset({UNTRACED})


def wanted(
    origins: Iterable[Origin],
    *,
    kind: Literal["mined", "scrap", "stock"] | None = None,
    country: str | None = None,
    name: str | None = None,
) -> Wanted:
    """The class of all origins that have what is asked for; at least one of the three.

    Args:
        origins: Of a graph.
        kind: How it came. country: ISO 3166-1 alpha-2. name: deposit, scrap source or store, by its URI.

    Raises:
        InputError: ``origin.country``, ``origin.wanted``.
    """
    if kind is None and country is None and name is None:
        raise InputError("origin.wanted", "Ask for a kind, a country or a name.")
    if country is not None:
        _country(country)
    surely, perhaps = set(), {UNTRACED}
    for one in origins:
        unsaid = one.kind in OPENING and kind != "stock"
        fits = (
            kind is None or one.kind in KINDS[kind],
            country is None or one.country == country,
            name is None or one.name == name,
        )
        may = (
            fits[0] or unsaid,
            fits[1] or not one.country,
            fits[2] or not one.name or unsaid,
        )
        if all(fits) and one != UNTRACED:
            surely.add(one)
        elif all(may):
            perhaps.add(one)
    return Wanted(frozenset(surely), frozenset(perhaps))


def _country(code: str) -> None:
    import pycountry

    if len(code) != 2 or pycountry.countries.get(alpha_2=code) is None or code != code.upper():
        raise InputError(
            "origin.country", f"{code!r} is no ISO 3166-1 alpha-2 code; write one such as PK or US.", country=code
        )
