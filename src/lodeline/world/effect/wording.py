"""Figures of an effect in words: three digits that mean something, and what is unknown by its name."""

from __future__ import annotations

import math

from lodeline.units.figure import Figure

DIGITS = 3
LEAST = 1e-4
"""What is nearer to nothing is shown as less than it."""


def number(value: float, *, digits: int = DIGITS) -> str:
    """A number with so many digits that mean something; whole above, with commas between thousands."""
    if value == 0:
        return "0"
    if abs(value) < LEAST:
        return f"{'-' if value < 0 else ''}<{LEAST:f}".replace("-<", ">-").rstrip("0")
    after = digits - 1 - math.floor(math.log10(abs(value)))
    if after <= 0:
        return f"{value:,.0f}"
    text = f"{value:,.{after}f}"
    return text.rstrip("0").rstrip(".")


def told(of: Figure, unit: str = "") -> str:
    """A figure: ``4.84 [0 to 5.54]``, ``0 to 3``, ``at most 3``, ``unknown``; with its unit where it has a number."""
    if of.standing == "unknown":
        return "unknown"
    low, high = of.low, of.high
    if of.value is None:
        if low is not None and high is not None:
            text = number(high) if low == high else f"{number(low)} to {number(high)}"
            text = f"at most {number(high)}" if low == 0 < high else text
        else:
            text = f"at least {number(low)}" if low is not None else f"at most {number(high or 0.0)}"
    else:
        text = number(of.value) + (f" ± {number(of.u, digits=2)}" if of.u else "")
        if low is not None and high is not None:
            text += f" [{number(low)} to {number(high)}]"
        elif low is not None or high is not None:
            text += f" [from {number(low)}]" if low is not None else f" [to {number(high or 0.0)}]"
    return f"{text} {unit}".rstrip()
