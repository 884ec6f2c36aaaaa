"""Periods: where days, weeks, months, quarters and years begin, in the zone of each site.

A period ends at local midnight, so one month begins at several instants where sites stand in several zones. What
happens at the very instant at which a period begins is of that period.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Instants = NDArray[np.int64]

PERIODS = ("day", "week", "month", "quarter", "year")
"""Words for a period."""

FAR = 2**62
"""UTC microseconds after everything: when what is still held will have left."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARGIN = timedelta(days=1)  # no zone is a day away from UTC


class Calendar(NamedTuple):
    """The periods of a book, in order.

    Attributes:
        labels: ``2026-01-31``, ``2026-W05``, ``2026-01``, ``2026-Q1`` or ``2026``; one empty label where the whole book
            is one period.
        bounds: (zone, period + 1) where each period begins, and the last one ends; UTC microseconds.
        zones: IANA names, in the order of the first axis.
    """

    labels: tuple[str, ...]
    bounds: Instants
    zones: tuple[str, ...]

    def period_of(self, zone: NDArray[np.int64], at: Instants) -> NDArray[np.int64]:
        """(n,) the period in which each instant falls by its zone's midnight.

        Args:
            zone: (n,) index into ``zones``; -1 gives period -1.
            at: (n,) UTC microseconds. What is before the first period is in -1, what is after the last in the one
                after it.
        """
        found = np.full(at.size, -1, dtype=np.int64)
        for number in range(len(self.zones)):
            here = zone == number
            found[here] = np.searchsorted(self.bounds[number], at[here], side="right") - 1
        return found

    def spans(self, period: int, zone: int) -> tuple[datetime, datetime]:
        """When a period begins and ends in a zone, with the offset it has there."""
        place = ZoneInfo(self.zones[zone])
        begins, ends = (instant(int(self.bounds[zone, period + n])).astimezone(place) for n in (0, 1))
        return begins, ends


def calendar(word: str | None, zones: Sequence[str], first: int, last: int) -> Calendar:
    """The periods from the one of the first instant to the one of the last, in whichever zone that is.

    Args:
        word: One of :data:`PERIODS`; None for the whole as one period, which ends just after the last instant.
        zones: IANA names.
        first, last: UTC microseconds.
    """
    if word is None:
        return Calendar(("",), np.tile(np.array([-FAR, last + 1]), (len(zones), 1)), tuple(zones))
    kind = _KINDS[word]
    places = [ZoneInfo(name) for name in zones]
    begin = min((instant(first).astimezone(place).date() for place in places), default=instant(first).date())
    end = max((instant(last).astimezone(place).date() for place in places), default=instant(last).date())
    numbers = range(kind.number(begin), kind.number(end) + 2)
    bounds = [[_midnight(kind.first_day(number), place) for number in numbers] for place in places]
    return Calendar(
        tuple(kind.label(number) for number in numbers[:-1]),
        np.array(bounds, dtype=np.int64).reshape(len(zones), len(numbers)),
        tuple(zones),
    )


def instant(microseconds: int) -> datetime:
    """The instant of so many UTC microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def _midnight(day: date, place: ZoneInfo) -> int:
    """When a day begins there. Where the clock jumps over midnight, that is the instant of the jump."""
    local = datetime(day.year, day.month, day.day, tzinfo=place)
    return (local.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


class _Kind(NamedTuple):
    """How one kind of period is numbered, begins, and is written."""

    number: Callable[[date], int]
    first_day: Callable[[int], date]
    label: Callable[[int], str]


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def _week(number: int) -> date:
    # Day 1 of the calendar was a Monday.
    return date.fromordinal(number * 7 + 1)


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "day": _Kind(date.toordinal, date.fromordinal, lambda n: date.fromordinal(n).isoformat()),
        "week": _Kind(lambda day: (day.toordinal() - 1) // 7, _week, lambda n: f"{_week(n):%G-W%V}"),
        "month": _Kind(lambda day: day.year * 12 + day.month - 1, _month, lambda n: f"{_month(n):%Y-%m}"),
        "quarter": _Kind(
            lambda day: day.year * 4 + (day.month - 1) // 3,
            lambda n: date(n // 4, n % 4 * 3 + 1, 1),
            lambda n: f"{n // 4}-Q{n % 4 + 1}",
        ),
        "year": _Kind(lambda day: day.year, lambda n: date(n, 1, 1), str),
    }
)
