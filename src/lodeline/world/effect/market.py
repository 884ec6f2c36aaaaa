"""What a delivery is set against: the imports of a country and the rival's part of them, of one source of figures."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from lodeline.units.figure import Figure
from lodeline.world.effect.span import NOTHING, Span


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """A year's imports, and how much of them the rival shipped.

    Attributes:
        imports: All of them, TNE. rival: what the rival shipped itself, TNE, with its share, P1.
    """

    imports: Figure
    rival: Figure
    share: Figure


class Mined(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a year's imports was mined in the rival's country, whoever shipped it.

    Attributes:
        whole: Of all that arrived, t, with the least and the most whatever was mixed.
        shipped: Of what the rival shipped itself, t, alike.
        share: The first as a share of all that arrived, P1, with limits.
    """

    whole: Figure
    shipped: Figure
    share: Figure


class Home(NamedTuple):
    """What a country uses in a year, and how much of it is net imports.

    Attributes:
        use: Apparent consumption, TNE. reliance: net import reliance, P1 of it.
    """

    use: Figure
    reliance: Figure


def part_of(taken: Span, of: Span, holding: Span) -> Span:
    """How much of something is in a part that is taken of a mass.

    ``taken * holding / of`` if all of it is alike. At least what the rest has no room for, and at most all of it:
    ``max(0, taken - (of - holding))`` and ``min(taken, holding)``.

    Args:
        taken: Of the mass. of: the mass, which is known. holding: how much of it is of the kind that is asked.
    """
    if of.high <= 0 or taken.high <= 0:
        return NOTHING
    value = None
    if taken.value is not None and of.value and holding.value is not None:
        value = taken.value * holding.value / of.value
    return Span(value, max(0.0, taken.low - (of.high - holding.low)), min(taken.high, holding.high))
