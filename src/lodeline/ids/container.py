"""Freight container numbers with their check digit."""

from __future__ import annotations

import re

from lodeline.errors import IdError

_NUMBER = re.compile(r"([A-Z]{3}[UJZ])[ -]?([0-9]{6})[ -]?([0-9])", re.ASCII)

# Letters count from 10 on, leaving out the multiples of 11.
_VALUES = {str(digit): digit for digit in range(10)} | dict(
    zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (value for value in range(10, 39) if value % 11), strict=True)
)


def container_check_digit(start: str) -> str:
    """The check digit of owner, category and serial (``CSQU305438``).

    ``sum(value[i] * 2**i) mod 11 mod 10``

    Source: ISO 6346:2022, annex A.
    """
    total = sum(_VALUES[sign] << place for place, sign in enumerate(start))
    return str(total % 11 % 10)


def container_number(text: str) -> str:
    """A container number in its compact spelling, ``CSQU3054383``.

    Raises:
        IdError: ``ids.container_number`` for another shape, ``ids.container_check_digit``.

    Source: ISO 6346:2022, sections 3 and 4.
    """
    found = _NUMBER.fullmatch(text.strip().upper())
    if found is None:
        raise IdError(
            "ids.container_number",
            "A container number has three letters, U, J or Z, six digits and a check digit, such as CSQU3054383.",
            value=text,
        )
    owner, serial, digit = found.groups()
    right = container_check_digit(owner + serial)
    if digit != right:
        raise IdError(
            "ids.container_check_digit", f"The check digit is {digit}, not {right}: a sign was mistyped.", value=text
        )
    return f"{owner}{serial}{digit}"
