"""What a printed number can mean: the limits within which it was rounded."""

from __future__ import annotations

from decimal import Decimal

from lodeline.world.claims.measure import Dimension, unit
from lodeline.world.claims.quantity import Quantity, in_unit
from lodeline.world.claims.register import Sense, Stated


def half_step(value: Decimal) -> Decimal:
    """Half of the step to which a number was rounded, as far as its digits show: 5.6 is within 0.05, 26,000 within 500.

    The zeros at the end of a whole number may be rounding, so they are taken as such: a claim is given the benefit
    of the doubt. Zeros behind the point were printed on purpose and count.
    """
    _, digits, exponent = value.as_tuple()
    step = int(exponent)
    if step >= 0 and any(digits):
        text = "".join(map(str, digits))
        step += len(text) - len(text.rstrip("0"))
    return Decimal(5).scaleb(step - 1)


def claimed(stated: Stated, *, sense: Sense | None = None, supposing: str = "", exact: bool = False) -> Quantity | None:
    """A stated number within its rounding; None where no number was stated.

    Args:
        stated: The number.
        sense: Read it so, whatever was said.
        exact: Take the printed digits as they are, as one does by hand.
        supposing: What a mass is taken to be of, where the unit does not say.

    Raises:
        InputError: ``world.claims_unit``.
    """
    if stated.value is None and stated.low is None and stated.high is None:
        return None
    of = unit(stated.unit)
    low, high = stated.low, stated.high
    if stated.value is not None:
        half = half_step(stated.value) if stated.rounded_to is None else stated.rounded_to / 2
        half = Decimal(0) if exact else half
        said = stated.sense if sense is None else sense
        low = stated.value - half if low is None and said != "under" else low
        high = stated.value + half if high is None and said != "over" else high
    found = in_unit(stated.value, low, high, of)
    return Quantity(found.value, found.low, found.high, weighed_as(found.dimension, supposing))


def weighed_as(dimension: Dimension, of: str) -> Dimension:
    """The dimension with its mass taken to be of something, where it is of nothing named."""
    if not of:
        return dimension
    return tuple(sorted((what, of if what == "mass" and not was else was, power) for what, was, power in dimension))
