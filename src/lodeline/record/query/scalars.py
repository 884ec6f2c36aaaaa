"""Numbers and instants out of text, exact: what a query compares."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from lodeline.errors import RecordError
from lodeline.record.numbers import MAX_INTEGER_DIGITS, number
from lodeline.record.validation.formats import instant_us
from lodeline.units.exact import plus

Number = int | Decimal | Fraction
Instant = int | Decimal
"""Microseconds since 1970, UTC; Decimal where the text has digits beyond them."""

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_BEYOND = re.compile(r"\.[0-9]{6}([0-9]*[1-9])", re.ASCII)
_LONGEST = 2 * MAX_INTEGER_DIGITS


def number_of(text: str) -> Decimal | None:
    """The number a text writes, as JSON or xsd:decimal does; None for any other text, or one out of the limits."""
    text = text.strip()
    if len(text) > _LONGEST or not _NUMBER.fullmatch(text):
        return None
    try:
        return number(text)
    except RecordError:
        return None


def instant_of(text: str) -> Instant | None:
    """The instant a text writes, RFC 3339, with every digit of its second; None for any other text."""
    text = text.strip()
    us = instant_us(text)
    if us is None:
        return None
    beyond = _BEYOND.search(text)
    return us if beyond is None else plus(Decimal(us), Decimal(f"0.{beyond[1]}"))


def rational(value: Number) -> int | Fraction:
    """The number as one that compares with every other, exactly: Python compares Decimal and Fraction not at all."""
    return Fraction(value) if isinstance(value, Decimal) else value
