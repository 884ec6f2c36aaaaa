"""Figures as limits, none of them negative: where a figure is known, both are its value."""

from __future__ import annotations

import math
from collections.abc import Iterable

from lodeline.errors import Settle
from lodeline.units.figure import Figure, unknown


def limits_of(figure: Figure) -> tuple[float, float]:
    """The least and the most; 0 where nothing is known below, infinite where nothing is known above."""
    if figure.value is not None:
        return figure.value, figure.value
    return figure.low or 0.0, math.inf if figure.high is None else figure.high


def between(
    low: float, high: float, unit: str, *, rests_on: Iterable[str] = (), settle: Iterable[Settle] = ()
) -> Figure:
    """A figure with limits: computed where they agree to a dozen digits, unknown where they say nothing."""
    if math.isfinite(high) and high - low <= 1e-12 * high:
        # Two ways of adding up the same numbers differ in the last digit at the most.
        return Figure(value=low, unit=unit, standing="computed", rests_on=tuple(rests_on))
    if low == 0 and math.isinf(high):
        return unknown(unit, *settle, rests_on=rests_on)
    return Figure(
        value=None,
        low=low,
        high=None if math.isinf(high) else high,
        unit=unit,
        standing="bounded",
        rests_on=tuple(rests_on),
        settle=tuple(settle),
    )


def times(one: Figure, other: Figure, unit: str) -> Figure:
    """The product of two figures; unknown if one of them is."""
    rests_on = tuple(dict.fromkeys((*one.rests_on, *other.rests_on)))
    settle = tuple(dict.fromkeys((*one.settle, *other.settle)))
    if "unknown" in (one.standing, other.standing):
        return unknown(unit, *settle, rests_on=rests_on)
    (a, b), (c, d) = limits_of(one), limits_of(other)
    return between(a * c, 0.0 if 0 in (b, d) else b * d, unit, rests_on=rests_on, settle=settle)


def scaled(figure: Figure, factor: float, unit: str) -> Figure:
    """A figure times a number above zero."""
    if figure.standing == "unknown":
        return unknown(unit, *figure.settle, rests_on=figure.rests_on)
    low, high = limits_of(figure)
    return between(low * factor, high * factor, unit, rests_on=figure.rests_on, settle=figure.settle)
