"""Numbers of JSON, exact and within the limits."""

from __future__ import annotations

from decimal import Decimal

from lodeline.errors import RecordError
from lodeline.errors.visible import visible
from lodeline.record import limits

MAX_INTEGER_DIGITS = limits.MAX_EXPONENT + 1
"""Digits of a number without point and exponent, which follow from how large a number may be."""


def number(text: str) -> Decimal:
    """A number with a fraction or an exponent.

    Raises:
        RecordError: ``record.number_exponent``, ``record.number_digits``.
    """
    if len(text) <= 32 and "e" not in text and "E" not in text:
        return Decimal(text)
    mantissa, _, exponent = text.lower().partition("e")
    # The exponent is looked at before Decimal reads it: one of twenty digits is an error in Decimal itself.
    if len(exponent.lstrip("+-0")) > 6 or not _exponent_fits(value := Decimal(text)):
        raise RecordError(
            "record.number_exponent",
            f"The number {visible(text, limit=40)} is out of range: write it with a power of ten between "
            f"{limits.MIN_EXPONENT} and {limits.MAX_EXPONENT}.",
        )
    if len(mantissa) > limits.MAX_DIGITS and sum(map(str.isdigit, mantissa)) > limits.MAX_DIGITS:
        raise too_many_digits(text)
    return value


def _exponent_fits(value: Decimal) -> bool:
    """Whether the first digit's power of ten, or for a zero the exponent as written, lies within the limits."""
    return limits.MIN_EXPONENT <= value.adjusted() <= limits.MAX_EXPONENT


def too_many_digits(text: str) -> RecordError:
    """The refusal of a number that is written as ``text``."""
    return RecordError(
        "record.number_digits",
        f"The number {visible(text, limit=40)} has more digits than are kept: write at most {limits.MAX_DIGITS}, "
        f"and {MAX_INTEGER_DIGITS} of them before the point.",
    )
