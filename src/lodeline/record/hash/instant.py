"""Instants as the event hash writes them: UTC, milliseconds, Z."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache

_INSTANT = re.compile(
    r"([0-9]{4})(-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:[Zz]|([+-][0-9]{2}:[0-9]{2}))",
    re.ASCII,
)


def utc_milliseconds(text: str) -> str:
    """``2020-03-04T11:00:30+01:00`` as ``2020-03-04T10:00:30.000Z``.

    The third decimal is rounded up where the fourth is 5 to 9; those after it do not matter. A leap second, which UTC
    has only at 23:59:60Z, stays one. A text that is no instant with a zone (validation refuses it) comes back stripped,
    so that a hash can still be shown for it.

    Source: CBV 2.0, section 8.9.2, rules on timestamps; RFC 3339; XML Schema 1.1, dateTimeStamp (24:00:00 is the
    next midnight).
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        stripped = text.strip()
        return stripped if stripped == text else utc_milliseconds(stripped)
    year, day, minute, second, fraction, offset = match.groups()
    try:
        start = _utc_minute(year, day, minute, offset, 0)
        if second > "59" and not (second == "60" and start.endswith("T23:59")):
            return text
        milliseconds = _milliseconds(fraction)
        if milliseconds != "1000":
            return f"{start}:{second}.{milliseconds}Z"
        if second < "59":
            return f"{start}:{int(second) + 1:02}.000Z"
        return f"{_utc_minute(year, day, minute, offset, 1)}:00.000Z"
    except ValueError:
        return text


def _milliseconds(fraction: str | None) -> str:
    if fraction is None:
        return "000"
    if len(fraction) <= 3:
        return fraction.ljust(3, "0")
    return fraction[:3] if fraction[3] < "5" else str(int(fraction[:3]) + 1).rjust(3, "0")


@lru_cache(8192)
def _utc_minute(year: str, day: str, minute: str, offset: str | None, later: int) -> str:
    """Day and minute in UTC, ``later`` minutes on. Zones of whole minutes leave seconds alone: one minute shares this.

    Source: ISO 8601-1, 4.3.2, for the year before 0000 and the one after 9999, where a zone can lead.
    """
    ends_the_day = minute == "24:00"
    # Python's calendar ends on both sides, but it repeats after 400 years.
    moved = {"0000": 400, "0001": 400, "9999": -400}.get(year, 0)
    local = datetime.fromisoformat(f"{int(year) + moved:04}{day}T{'00:00' if ends_the_day else minute}")
    local += timedelta(days=ends_the_day, minutes=later)
    if offset is not None:
        ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6]))
        local = local + ahead if offset[0] == "-" else local - ahead
    if not moved:
        return local.isoformat(timespec="minutes")
    in_year = local.year - moved
    return f"{in_year:0{4 if in_year >= 0 else 5}}{local.isoformat(timespec='minutes')[4:]}"
