"""What is asked for: origins of a kind, a country or a name, and those of which nobody knows whether they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.graph import UNTRACED, Origin

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


def classes(origins: Sequence[Origin], of: Collection[Origin] | Wanted) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(origin + 1,) which origins are or may be of some; which are not surely of them.

    The last entry, of arcs that have no origin, is no.

    Raises:
        InputError: ``origin.untraced``.
    """
    asked = of if isinstance(of, Wanted) else Wanted(frozenset(of))
    if UNTRACED in asked.surely:
        raise InputError(
            "origin.untraced", "Untraced metal may be of any origin, so that it cannot be asked for as one."
        )
    surely = np.array([one in asked.surely for one in origins], dtype=np.bool_)
    perhaps = np.array([one in asked.perhaps or one == UNTRACED for one in origins], dtype=np.bool_)
    return np.append(surely | perhaps, False), np.append(~surely, False)


def _country(code: str) -> None:
    import pycountry

    if len(code) != 2 or pycountry.countries.get(alpha_2=code) is None or code != code.upper():
        raise InputError(
            "origin.country", f"{code!r} is no ISO 3166-1 alpha-2 code; write one such as PK or US.", country=code
        )
