"""How a mass is printed for people: as far as it is known, and never more finely than its uncertainty."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lodeline.units.figure import Figure


LIMIT_DIGITS = 4
"""Significant digits of a limit, where no more are needed to tell two limits apart; at most to the gram."""
WIDTH_DIGITS = 2
"""Digits of what lies between two limits, which decide where that takes more."""


def shown(of: Figure) -> str:
    """A mass in kilograms as far as it is known: to two digits of its uncertainty, else to the gram.

    Limits are rounded outwards, so that they hold as they are printed.
    """
    from lodeline.report.wording import number, swept

    of = swept(of)
    if of.value is not None:
        return f"{number(of.value, of.u)} ± {number(of.u, of.u)}" if of.u else grams(of.value)
    # At least nothing is no news.
    if of.low and of.high is not None:
        return f"{_limit(of, of.low, ROUND_FLOOR)} to {_limit(of, of.high, ROUND_CEILING)}"
    if of.low:
        return f"at least {_limit(of, of.low, ROUND_FLOOR)}"
    return "unknown" if of.high is None else f"at most {_limit(of, of.high, ROUND_CEILING)}"


def _limit(of: Figure, kg: float, outwards: str) -> str:
    """A limit to four significant digits; to two of the width between both where these are more, and to two of how far
    both may be off together where these are fewer."""
    if not kg:
        return "0"
    finest = _place(kg, LIMIT_DIGITS)
    if of.low is not None and of.high is not None and of.high > of.low:
        finest = min(finest, _place(of.high - of.low, WIDTH_DIGITS))
    if of.u:
        finest = max(finest, _place(of.u, WIDTH_DIGITS))
    return grams(float(Decimal(repr(kg)).quantize(Decimal(1).scaleb(max(finest, GRAM)), rounding=outwards)))


def _place(value: float, digits: int) -> int:
    """The decimal place of the last of so many significant digits."""
    return Decimal(repr(value)).adjusted() - digits + 1


GRAM = -3
"""Decimal places of a gram, in kilograms."""


def grams(kg: float) -> str:
    """Kilograms to the gram, without zeros at the end."""
    text = f"{kg:,.3f}"
    return text.rstrip("0").rstrip(".")
