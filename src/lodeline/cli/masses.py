"""How a mass is printed for people: as far as it is known, and never more finely than its uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lodeline.units.figure import Figure


def shown(of: Figure) -> str:
    """A mass in kilograms as far as it is known: to two digits of its uncertainty, else to the gram."""
    from lodeline.report.wording import number

    if of.value is not None:
        return f"{number(of.value, of.u)} ± {number(of.u, of.u)}" if of.u else grams(of.value)
    # At least nothing is no news.
    if of.low and of.high is not None:
        return f"{grams(of.low)} to {grams(of.high)}"
    if of.low:
        return f"at least {grams(of.low)}"
    return "unknown" if of.high is None else f"at most {grams(of.high)}"


def grams(kg: float) -> str:
    """Kilograms to the gram, without zeros at the end."""
    text = f"{kg:,.3f}"
    return text.rstrip("0").rstrip(".")
