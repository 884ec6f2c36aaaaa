"""Figures of an effect in words: three digits that mean something, and what is unknown by its name."""

from __future__ import annotations

import math

from lodeline.units.figure import Figure

DIGITS = 3
LEAST, MOST = 1e-4, 1e12
"""What is nearer to nothing is shown as less than it; what is more, by a power of ten, for digits are none of it."""


def number(value: float) -> str:
    """A number with so many digits that mean something; whole above, with commas between thousands."""
    if value == 0:
        return "0"
    if abs(value) < LEAST:
        return f">-{LEAST:g}" if value < 0 else f"<{LEAST:g}"
    after = DIGITS - 1 - math.floor(math.log10(abs(value)))
    if after <= 0:
        return f"{value:,.0f}" if abs(value) < MOST else f"{value:.2e}"
    text = f"{value:,.{after}f}"
    return text.rstrip("0").rstrip(".")


def _with_uncertainty(value: float, u: float) -> str:
    """A value to two digits of its standard uncertainty."""
    after = max(0, 1 - math.floor(math.log10(u)))
    return f"{value:,.{after}f} ± {u:,.{after}f}"


def _is_apart(value: float, low: float, high: float) -> bool:
    """Whether limits read otherwise than the value."""
    return max(value - low, high - value) >= LEAST and {number(low), number(high)} != {number(value)}


def told(of: Figure, unit: str = "") -> str:
    """A figure: ``4.84 [0 to 5.54]``, ``1 to 3``, ``at most 3``, ``unknown``; with its unit where it has a number.

    Limits that would be written as the value is are left out.
    """
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
        text = _with_uncertainty(of.value, of.u) if of.u else number(of.value)
        if low is not None and high is not None and _is_apart(of.value, low, high):
            text += f" [{number(low)} to {number(high)}]"
        elif (low is None) != (high is None):
            text += f" [from {number(low)}]" if low is not None else f" [to {number(high or 0.0)}]"
    return f"{text} {unit}".rstrip()
