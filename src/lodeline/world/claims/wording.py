"""Numbers of claims in words: enough digits to check by hand, and a dash where there is none."""

from __future__ import annotations

from fractions import Fraction

from lodeline.world.claims.measure import Dimension, Unit, told, unit
from lodeline.world.claims.quantity import Quantity

DIGITS = 6
"""Significant digits of a number as it was stated."""
STEP = 7
"""Significant digits of a line of the working."""
SHORT = 4
"""Significant digits in a sentence."""
FACTOR = 3
"""Significant digits of a ratio."""


def number(value: Fraction | float | None, digits: int = DIGITS) -> str:
    """A number to so many significant digits, with commas; a whole number keeps the digits before its point."""
    if value is None:
        return "–"
    near = float(value)
    if near and not 1e-4 <= abs(near) < 1e15:
        return f"{near:.{digits}g}"
    whole = len(str(int(abs(near)))) if abs(near) >= 1 else 0
    if near and not whole:
        text = f"{near:.{digits}g}"
        return f"{float(text):f}".rstrip("0").rstrip(".") if "e" in text else text
    # Digits before the point that are beyond the precision become zeros, as a person would write them.
    rounded = round(near, digits - whole)
    text = f"{rounded:,.{max(digits - whole, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(of: Quantity, in_: Unit, digits: int = SHORT) -> str:
    """A quantity in a unit: ``128.6 billion USD``, ``1,820 to 3,120 t[Sb]``, ``at most 2,850,000 t[Cu]``."""
    value, low, high = (in_units(one, in_) for one in (of.value, of.low, of.high))
    if value is not None:
        text = number(value, digits)
    elif low is not None and high is not None and low:
        text = f"{number(low, digits)} to {number(high, digits)}"
    elif high is not None:
        text = f"at most {number(high, digits)}"
    elif low is not None:
        text = f"at least {number(low, digits)}"
    else:
        return "unknown"
    return f"{text} {in_.text}".rstrip()


def in_units(value: Fraction | None, in_: Unit) -> Fraction | None:
    """A number of base units in a unit."""
    return None if value is None else value / in_.factor


def fitting(dimension: Dimension, value: Fraction | None) -> Unit:
    """A unit in which a result that nobody gave a unit is told: tonnes for masses, millions and billions for money."""
    names = []
    for what, of, power in sorted(dimension, key=lambda one: one[2] < 0):
        name = {"mass": "t", "area": "ha"}.get(what, what) + (f"[{of}]" if of else "")
        names += [("/" if power < 0 else " ") + name] * abs(power)
    text = "".join(names).strip()
    if any(what in ("length", "volume", "time") for what, _, _ in dimension) or text.startswith("/"):
        return Unit(told(dimension), Fraction(1), dimension)
    if value is not None and dimension and dimension[0][0].isupper() and len(dimension) == 1:
        word = next((w for w, n in (("billion", 10**9), ("million", 10**6)) if abs(value) >= n), "")
        text = f"{word} {text}".strip()
    return unit(text)


def factor(ratio: Fraction | float) -> str:
    """How many times: ``21.4``."""
    return number(ratio, FACTOR)
