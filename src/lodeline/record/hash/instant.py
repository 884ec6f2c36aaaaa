"""Instants as the event hash writes them: UTC, milliseconds, Z."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache

_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:Z|([+-][0-9]{2}:[0-9]{2}))",
    re.ASCII,
)


def utc_milliseconds(text: str) -> str:
    """``2020-03-04T11:00:30+01:00`` as ``2020-03-04T10:00:30.000Z``.

    The third decimal is rounded up where the fourth is 5 to 9; those after it do not matter. A text that is no
    instant with a zone (validation refuses it) comes back stripped, so that a hash can still be shown for it.

    Source: CBV 2.0, section 8.9.2, rules on timestamps; RFC 3339; XML Schema 1.1, dateTimeStamp (24:00:00 is the
    next midnight).
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        stripped = text.strip()
        return stripped if stripped == text else utc_milliseconds(stripped)
    day, minute, second, fraction, offset = match.groups()
    if fraction is None:
        milliseconds = "000"
    elif len(fraction) <= 3:
        milliseconds = fraction.ljust(3, "0")
    elif fraction[3] < "5":
        milliseconds = fraction[:3]
    else:
        milliseconds = str(int(fraction[:3]) + 1).rjust(3, "0")
    try:
        if second > "59":
            return text
        if milliseconds == "1000":
            later = datetime.fromisoformat(f"{_utc_minute(day, minute, offset)}:{second}") + timedelta(seconds=1)
            return f"{later.isoformat()}.000Z"
        return f"{_utc_minute(day, minute, offset)}:{second}.{milliseconds}Z"
    except (ValueError, OverflowError):
        return text


@lru_cache(8192)
def _utc_minute(day: str, minute: str, offset: str | None) -> str:
    """Day and minute in UTC. Zones of whole minutes leave seconds alone, so events of one minute share this."""
    ends_the_day = minute == "24:00"
    local = datetime.fromisoformat(f"{day}T{'00:00' if ends_the_day else minute}")
    if ends_the_day:
        local += timedelta(days=1)
    if offset is not None:
        ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6]))
        local = local + ahead if offset[0] == "-" else local - ahead
    return local.isoformat(timespec="minutes")
