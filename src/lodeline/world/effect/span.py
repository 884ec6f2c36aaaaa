"""Spans: what a quantity is, and what it is at least and at most, through sums, products and quotients.

Interval arithmetic: the span of a result holds every result that values within the spans of its parts can have (Moore
1966, Interval Analysis). Each formula is written so that what may vary stands in it once, where that can be; then no
limit is wider than it has to be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import msgspec

from lodeline.errors import Settle
from lodeline.units.figure import Figure


class Span(msgspec.Struct, frozen=True):
    """A quantity: its value, None where only limits are known, and its limits, which may be infinite."""

    value: float | None
    low: float
    high: float

    def __add__(self, other: Span) -> Span:
        return Span(_both(self, other, lambda a, b: a + b), self.low + other.low, self.high + other.high)

    def __sub__(self, other: Span) -> Span:
        return Span(_both(self, other, lambda a, b: a - b), self.low - other.high, self.high - other.low)

    def __mul__(self, other: Span) -> Span:
        # Nothing times what has no limit: here a mass that is nothing has nothing of anything.
        ends = [0.0 if 0.0 in (a, b) else a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Span(_both(self, other, lambda a, b: a * b), min(ends), max(ends))

    def __truediv__(self, other: Span) -> Span:
        """By what is not negative; by zero it has no limit."""
        over = Span(
            None if not other.value else 1 / other.value,
            0.0 if math.isinf(other.high) else _inverse(other.high),
            _inverse(other.low),
        )
        return self * over

    def at_most(self, other: Span) -> Span:
        """The smaller of two."""
        return Span(_both(self, other, min), min(self.low, other.low), min(self.high, other.high))

    def at_least(self, other: Span) -> Span:
        """The larger of two."""
        return Span(_both(self, other, max), max(self.low, other.low), max(self.high, other.high))


NOTHING = Span(0.0, 0.0, 0.0)
HUNDRED = Span(100.0, 100.0, 100.0)


def exactly(value: float) -> Span:
    """A number."""
    return Span(value, value, value)


def span(of: Figure, *, floor: float = 0.0) -> Span:
    """The span of a figure, without an upper limit where none is known.

    Args:
        floor: The least it can be where no lower limit is known: nothing, for a mass and for a share.
    """
    low = of.value if of.low is None else of.low
    high = of.value if of.high is None else of.high
    return Span(of.value, floor if low is None else low, math.inf if high is None else high)


def figure(of: Span, unit: str, *, of_figures: Iterable[Figure]) -> Figure:
    """A span as a figure that rests on what it was computed from; unknown if one of those is.

    Limits that say nothing beside the value are left out. The standard uncertainty is not known: no edition gives one.
    """
    parts = tuple(of_figures)
    rests_on, settle = merged(parts)
    if any(part.standing == "unknown" for part in parts) or (of.value is None and not _told(of)):
        return Figure(value=None, unit=unit, standing="unknown", rests_on=rests_on, settle=settle)
    apart = of.value is None or of.low != of.high
    return Figure(
        value=of.value,
        unit=unit,
        standing="bounded" if of.value is None else "computed",
        low=of.low if apart and math.isfinite(of.low) else None,
        high=of.high if apart and math.isfinite(of.high) else None,
        rests_on=rests_on,
        settle=settle,
    )


def merged(parts: Iterable[Figure]) -> tuple[tuple[str, ...], tuple[Settle, ...]]:
    """What several figures rest on and ask for, each once, in order of first mention."""
    parts = tuple(parts)
    return (
        tuple(dict.fromkeys(key for part in parts for key in part.rests_on)),
        tuple(dict.fromkeys(act for part in parts for act in part.settle)),
    )


def _told(of: Span) -> bool:
    return math.isfinite(of.low) or math.isfinite(of.high)


def _inverse(value: float) -> float:
    return math.inf if value <= 0 else 1 / value


def _both(one: Span, other: Span, of: Callable[[float, float], float]) -> float | None:
    if one.value is None or other.value is None:
        return None
    return of(one.value, other.value)
