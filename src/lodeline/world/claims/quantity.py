"""Quantities with limits: exact interval arithmetic over dimensions, so that no step loses a digit or a unit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec

from lodeline.errors import InputError
from lodeline.world.claims.measure import NUMBER, Dimension, Unit, times, told


class Quantity(msgspec.Struct, frozen=True):
    """A quantity in base units (kg, USD, year …).

    Attributes:
        value: The best single value; None where only limits are known.
        low, high: Limits, ``low <= value <= high``; None where there is none on that side.
        dimension: What it measures.
    """

    value: Fraction | None
    low: Fraction | None
    high: Fraction | None
    dimension: Dimension = NUMBER

    @property
    def closed(self) -> bool:
        """Whether it has limits on both sides."""
        return self.low is not None and self.high is not None

    def overlaps(self, other: Quantity) -> bool:
        """Whether some value lies within the limits of both."""
        return not (_below(self.high, other.low) or _below(other.high, self.low))


def exactly(value: Fraction, dimension: Dimension = NUMBER) -> Quantity:
    """A quantity without doubt."""
    return Quantity(value, value, value, dimension)


def in_unit(value: Decimal | int | None, low: Decimal | int | None, high: Decimal | int | None, of: Unit) -> Quantity:
    """A quantity from numbers in a unit."""
    exact = [None if one is None else Fraction(one) * of.factor for one in (value, low, high)]
    return Quantity(exact[0], exact[1], exact[2], of.dimension)


def add(a: Quantity, b: Quantity, *, sign: int = 1) -> Quantity:
    """``a + b``, or ``a - b`` where the sign is -1.

    Raises:
        InputError: ``world.claims_dimension``.
    """
    if a.dimension != b.dimension:
        raise InputError(
            "world.claims_dimension",
            f"{told(a.dimension)} and {told(b.dimension)} do not add up; bring both to one unit and one substance.",
        )
    low, high = (b.low, b.high) if sign > 0 else (_scaled(b.high, Fraction(-1)), _scaled(b.low, Fraction(-1)))
    value = _scaled(b.value, Fraction(sign))
    return Quantity(_plus(a.value, value), _plus(a.low, low), _plus(a.high, high), a.dimension)


def multiply(a: Quantity, b: Quantity) -> Quantity:
    """``a * b``: the limits are the least and the greatest product of limits.

    A quantity that lacks a limit has a product with limits only where both are known not to be negative.
    """
    dimension = times(a.dimension, b.dimension)
    value = None if a.value is None or b.value is None else a.value * b.value
    if a.low is not None and a.high is not None and b.low is not None and b.high is not None:
        ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
        return Quantity(value, min(ends), max(ends), dimension)
    if a.low is not None and b.low is not None and a.low >= 0 and b.low >= 0:
        high = None if a.high is None or b.high is None else a.high * b.high
        return Quantity(value, a.low * b.low, high, dimension)
    return Quantity(value, None, None, dimension)


def divide(a: Quantity, b: Quantity) -> Quantity:
    """``a / b``.

    Raises:
        InputError: ``world.claims_zero``: the divisor is zero, or its limits have zero between or at them.
    """
    touches = (b.low is None or b.low <= 0) and (b.high is None or b.high >= 0)
    # A divisor of which nothing is known leaves the quotient unknown; one that may be zero is refused.
    if b.value == 0 or (touches and b.closed):
        raise InputError("world.claims_zero", "This divides by what may be zero; give limits that leave zero out.")
    if touches:
        return Quantity(None, None, None, times(a.dimension, b.dimension, power=-1))
    turned = Quantity(
        None if b.value is None else 1 / b.value,
        None if b.high is None else 1 / b.high,
        None if b.low is None else 1 / b.low,
        times(NUMBER, b.dimension, power=-1),
    )
    if turned.low is None and b.low is not None and b.low > 0:
        turned = msgspec.structs.replace(turned, low=Fraction(0))
    return multiply(a, turned)


def negative(a: Quantity) -> Quantity:
    """``-a``."""
    return multiply(a, exactly(Fraction(-1)))


def _below(high: Fraction | None, low: Fraction | None) -> bool:
    return high is not None and low is not None and high < low


def _plus(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    return None if a is None or b is None else a + b


def _scaled(value: Fraction | None, factor: Fraction) -> Fraction | None:
    return None if value is None else value * factor
