"""GS1 check digits: the last digit of a GTIN, SSCC, GLN and the other numeric keys."""

from __future__ import annotations

from lodeline.errors import IdError

_ZERO = ord("0")


def check_digit(digits: str) -> str:
    """The check digit that belongs after ``digits``.

    ``(10 - (3 * d[-1] + 1 * d[-2] + 3 * d[-3] + ...) mod 10) mod 10``

    Raises:
        IdError: ``ids.not_digits`` where anything but 0-9 is among them, or nothing is.

    Source: GS1 General Specifications, section 7.9.
    """
    if not (digits.isascii() and digits.isdigit()):
        raise IdError(
            "ids.not_digits", "A check digit belongs to decimal digits: write 0-9 and nothing else.", value=digits
        )
    return unchecked_check_digit(digits)


def unchecked_check_digit(digits: str) -> str:
    """The same for a caller who knows already that they are digits: summing bytes is what makes it fast."""
    codes = digits.encode()
    thrice, once = codes[::-1][::2], codes[::-1][1::2]
    total = 3 * (sum(thrice) - _ZERO * len(thrice)) + sum(once) - _ZERO * len(once)
    return str(-total % 10)


def is_checked(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    return len(digits) > 1 and check_digit(digits[:-1]) == digits[-1]
