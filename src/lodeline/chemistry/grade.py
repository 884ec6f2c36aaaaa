"""Grades: kilograms of a stated substance in a kilogram of material. Element, oxide and sulfide do not add up."""

from __future__ import annotations

from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

from lodeline.chemistry.species import AsElement, AsOxide, AsSulfide
from lodeline.errors import InputError

S = TypeVar("S", AsElement, AsOxide, AsSulfide)


class Grade(msgspec.Struct, Generic[S], frozen=True):
    """A mass fraction of one substance.

    Attributes:
        species: What is counted. ``Grade[AsOxide]`` where ``Grade[AsElement]`` is wanted is a type error.
        fraction: kg of it per kg of material, 0 <= fraction <= 1.

    Raises:
        InputError: ``chemistry.grade_range``.
    """

    species: S
    fraction: Decimal

    def __post_init__(self) -> None:
        if not 0 <= self.fraction <= 1:
            raise InputError(
                "chemistry.grade_range", f"A grade is a fraction from 0 to 1, and this one is {self.fraction}."
            )


def as_element(grade: Grade[AsElement] | Grade[AsOxide] | Grade[AsSulfide]) -> Grade[AsElement]:
    """The same grade counted as the element: ``fraction * n M(element) / M(compound)``."""
    found = grade.species
    return Grade(AsElement(found.symbol), grade.fraction * found.element_factor)
