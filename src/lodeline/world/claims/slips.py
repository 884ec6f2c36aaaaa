"""Slips as data: what a number would be if it had been meant in another unit, or as a compound of the element."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from importlib import resources

import msgspec

from lodeline.chemistry.formula import element_per_compound
from lodeline.world.claims.measure import of_what, unit
from lodeline.world.claims.quantity import Quantity


class Slip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A block of ``tables/claims_slips.toml``: read in one unit, meant in another. dimension: what it can happen to."""

    name: str
    dimension: str
    read: str
    meant: str


class Compound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Formulas in which an element is reported."""

    element: str
    formulas: tuple[str, ...]


class Slips(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table."""

    slip: tuple[Slip, ...]
    compound: tuple[Compound, ...]


@cache
def slips() -> Slips:
    """The slips that come with lodeline."""
    text = (resources.files("lodeline.world") / "tables" / "claims_slips.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Slips)


def slip(of: Quantity) -> Iterator[tuple[str, Quantity]]:
    """What a quantity would be after each slip that can happen to it, with the slip's name."""
    for one in slips().slip:
        power = _power(one.dimension, of)
        if power:
            yield one.name, _times(of, (unit(one.meant).factor / unit(one.read).factor) ** power)


def _power(dimension: str, of: Quantity) -> int:
    """How often a slip enters a number: a price per pound has its pound below the stroke; 0 where it cannot happen."""
    if dimension == "number":
        return 0 if of.dimension else 1
    return sum(power for what, _, power in of.dimension if what == dimension) if dimension else 1


def compound_for_element(of: Quantity) -> Iterator[tuple[str, Quantity]]:
    """What a mass of an element would be if it counted a compound of it, with the compound's formula."""
    element = of_what(of.dimension)
    for one in slips().compound:
        if one.element == element:
            for formula in one.formulas:
                yield formula, _times(of, Fraction(element_per_compound(formula, element)))


def _times(of: Quantity, factor: Fraction) -> Quantity:
    value, low, high = (None if one is None else one * factor for one in (of.value, of.low, of.high))
    return Quantity(value, low, high, of.dimension)
