"""When a standing query runs: the schedule of EPCIS, matched against the clock in UTC.

Source: EPCIS 1.2, 8.2.5.3 (QuerySchedule), which EPCIS 2.0 keeps; GS1's OpenAPI of EPCIS 2.0.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from lodeline.errors import InputError

RANGES = {
    "second": (0, 59),
    "minute": (0, 59),
    "hour": (0, 23),
    "dayOfMonth": (1, 31),
    "month": (1, 12),
    "dayOfWeek": (1, 7),
}
"""Fields from fine to coarse, each with its first and last value; day 1 of the week is Monday."""

LONGEST = 400
"""Characters of one field; all sixty seconds by name take 170."""

FINENESS = {"second": 0, "minute": 1, "hour": 2, "dayOfMonth": 3, "dayOfWeek": 3, "month": 4}
"""A day is as fine whether it is counted in the month or in the week."""

HORIZON_DAYS = 366 * 41
"""29 February on a given weekday recurs within forty years: a schedule that is not met by then never is."""

_NUMBER = r"\d{1,2}"
_ELEMENT = re.compile(
    rf"(?:(?P<all>\*)|\[?(?P<first>{_NUMBER})(?P<to>-(?P<last>{_NUMBER})\]?)?)(?:/(?P<step>{_NUMBER}))?", re.ASCII
)


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule as it was written, and the values that each field lets through.

    Attributes:
        written: The fields that were given, as they were given.
        seconds, minutes, hours, days, months, weekdays: Values that match, in order.
    """

    written: dict[str, str]
    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]

    def next_after(self, instant: datetime) -> datetime:
        """The first query time later than an instant, which has an offset; the answer is in UTC."""
        now = instant.astimezone(UTC).replace(microsecond=0)
        day = now.date()
        wanted = self._time_from((now + timedelta(seconds=1)).time()) if _next_day(now) == day else None
        if wanted is None or not self._day_matches(day):
            day, wanted = day + timedelta(days=1), time(self.hours[0], self.minutes[0], self.seconds[0])
        for _ in range(HORIZON_DAYS):
            if self._day_matches(day):
                return datetime.combine(day, wanted, UTC)
            day, wanted = day + timedelta(days=1), time(self.hours[0], self.minutes[0], self.seconds[0])
        raise _flaw("This schedule names a day that never comes; give a dayOfMonth that its month has.", "schedule")

    def _day_matches(self, day: date) -> bool:
        return day.month in self.months and day.day in self.days and day.isoweekday() in self.weekdays

    def _time_from(self, now: time) -> time | None:
        """The first matching time of a day that is not before ``now``."""
        for hour in self.hours[bisect_left(self.hours, now.hour) :]:
            if hour > now.hour:
                return time(hour, self.minutes[0], self.seconds[0])
            for minute in self.minutes[bisect_left(self.minutes, now.minute) :]:
                if minute > now.minute:
                    return time(hour, minute, self.seconds[0])
                later = self.seconds[bisect_left(self.seconds, now.second) :]
                if later:
                    return time(hour, minute, later[0])
        return None


def _next_day(now: datetime) -> date:
    return (now + timedelta(seconds=1)).date()


def parse_schedule(fields: Mapping[str, object]) -> Schedule:
    """Read the fields of a schedule.

    A field is a list, by comma, of numbers and of ranges ``[1-5]``. Beyond the standard's grammar, ``1-5``, ``*``
    and a step (``0/30``, as in GS1's own example) are understood as cron does. An omitted field matches every value
    if it is coarser than the finest one that is given, and its first value if it is finer: ``hour`` 1, ``minute`` 5
    is once a day, at five past one.

    Raises:
        InputError: ``subscription.schedule``.
    """
    unknown = [name for name in fields if name not in RANGES]
    if unknown:
        raise _flaw(f"A schedule has the fields {', '.join(RANGES)}; this one is none of them.", str(unknown[0]))
    written = {name: _text(name, fields[name]) for name in RANGES if fields.get(name) is not None}
    if not written:
        raise _flaw('A schedule says at least one field, such as {"hour": "1", "minute": "5"}.', "schedule")
    finest = min(FINENESS[name] for name in written)
    values: list[tuple[int, ...]] = []
    for name, (first, last) in RANGES.items():
        if name in written:
            values.append(_values(name, written[name], first, last))
        elif FINENESS[name] < finest and name != "dayOfWeek":
            values.append((first,))
        else:
            values.append(tuple(range(first, last + 1)))
    seconds, minutes, hours, days, months, weekdays = values
    schedule = Schedule(
        written=written, seconds=seconds, minutes=minutes, hours=hours, days=days, months=months, weekdays=weekdays
    )
    schedule.next_after(datetime(2000, 1, 1, tzinfo=UTC))
    return schedule


def _text(name: str, value: object) -> str:
    # GS1's schema types a field as text and its own example is a number: both are read.
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or len(value) > LONGEST:
        raise _flaw('Write each field as a text, such as "5" or "[1-5]".', name)
    return value


def _values(name: str, text: str, first: int, last: int) -> tuple[int, ...]:
    found: set[int] = set()
    for element in text.split(","):
        match = _ELEMENT.fullmatch(element.strip())
        if match is None or element.count("[") != element.count("]"):
            raise _flaw(f"Write numbers from {first} to {last} and ranges such as [{first}-{last}], by comma.", name)
        low = first if match["all"] else int(match["first"])
        open_ended = match["all"] or (match["step"] and not match["to"])
        high = last if open_ended else int(match["last"] or match["first"])
        step = int(match["step"] or 1)
        if not (first <= low <= high <= last) or step == 0:
            raise _flaw(f"Numbers go from {first} to {last} here, and a range from the lower to the higher.", name)
        found.update(range(low, high + 1, step))
    return tuple(sorted(found))


def _flaw(sentence: str, field: str) -> InputError:
    return InputError("subscription.schedule", sentence, field=field)
