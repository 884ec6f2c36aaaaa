"""What a text must look like to be a URI or an instant, by the RFCs and not by what a library lets through."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

_UNRESERVED, _DELIMITERS = r"A-Za-z0-9\-._~", "!$&'()*+,;="


def _run(extra: str) -> str:
    """Any number of unreserved characters, sub-delimiters, ``extra`` and percent-encoded bytes.

    Nothing that may follow could have been part of it, so that it never gives back: in a long text, ways to go back
    would fill the memory.
    """
    allowed = f"[{_UNRESERVED}{_DELIMITERS}{extra}]*+"
    return f"{allowed}(?:%[0-9A-Fa-f]{{2}}{allowed})*+"


def _ipv6() -> str:
    """The nine forms of an IPv6 address in RFC 3986, 3.2.2."""
    octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
    group = "[0-9A-Fa-f]{1,4}"
    last = rf"(?:{group}:{group}|{octet}(?:\.{octet}){{3}})"
    forms = [f"(?:{group}:){{6}}{last}", f"::(?:{group}:){{5}}{last}", f"(?:{group})?::(?:{group}:){{4}}{last}"]
    forms += [f"(?:(?:{group}:){{0,{n}}}{group})?::(?:{group}:){{{4 - n}}}{last}" for n in (1, 2, 3)]
    forms += [f"(?:(?:{group}:){{0,4}}{group})?::{last}"]
    forms += [f"(?:(?:{group}:){{0,5}}{group})?::{group}", f"(?:(?:{group}:){{0,6}}{group})?::"]
    return "|".join(forms)


_FUTURE = rf"[vV][0-9A-Fa-f]+\.[{_UNRESERVED}{_DELIMITERS}:]+"
_HOST = rf"(?:\[(?:{_ipv6()}|{_FUTURE})\]|{_run('')})"
_AUTHORITY = rf"//(?:{_run(':')}@)?{_HOST}(?::[0-9]*)?(?:/{_run(':@/')})?"
_PATH = rf"(?!//){_run(':@/')}"

match_uri = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.\-]*:(?:{_AUTHORITY}|{_PATH})(?:\?{_run(':@/?')})?(?:#{_run(':@/?')})?"
).fullmatch
"""Matches a URI with its scheme. A compact name such as ``cbv:BizStep-shipping`` has the form of one.

Source: RFC 3986, appendix A; no zone identifiers (RFC 6874) and no characters beyond ASCII (those need an IRI).
"""

_LONGEST_CACHED = 256
"""Characters. A cache of longer texts could be made to fill the memory from outside."""


@lru_cache(maxsize=32_768)
def _is_short_uri(text: str) -> bool:
    return match_uri(text) is not None


def is_uri(text: str) -> bool:
    """Whether ``text`` has the form of a URI, or of a compact name with a prefix."""
    return _is_short_uri(text) if len(text) < _LONGEST_CACHED else match_uri(text) is not None


_INSTANT = re.compile(
    r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?"
    r"(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
).fullmatch
_DAYS_TO_1970 = date(1970, 1, 1).toordinal()
_DAYS_OF_400_YEARS = 146_097
_MINUTES_OF_DAY = 24 * 60


@lru_cache(maxsize=8_192)
def _instant_us_of_short(text: str) -> int | None:
    return _read_instant(text)


def instant_us(text: str) -> int | None:
    """UTC microseconds since 1970, rounded down, of a time with its offset; None if ``text`` is not one.

    A leap second is allowed where UTC may have one, in 23:59:60Z, and counts as the second after it. The years are
    0000 to 9999 in the Gregorian calendar.

    Source: RFC 3339, 5.6 and 5.7.
    """
    return _instant_us_of_short(text) if len(text) < _LONGEST_CACHED else _read_instant(text)


def _read_instant(text: str) -> int | None:
    found = _INSTANT(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, offset_hour, offset_minute = found.groups()
    offset = 0 if sign is None else int(sign + "1") * (int(offset_hour) * 60 + int(offset_minute))
    minutes = int(hour) * 60 + int(minute) - offset
    if second == "60" and minutes % _MINUTES_OF_DAY != _MINUTES_OF_DAY - 1:
        return None
    try:
        # Python's calendar begins in the year 1; the year 0 is the year 400, moved by one whole cycle.
        days = date(int(year) or 400, int(month), int(day)).toordinal() - _DAYS_TO_1970
    except ValueError:
        return None
    if year == "0000":
        days -= _DAYS_OF_400_YEARS
    seconds = (days * _MINUTES_OF_DAY + minutes) * 60 + int(second)
    return seconds * 1_000_000 + (int(fraction[:6].ljust(6, "0")) if fraction else 0)


match_offset = re.compile(r"[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)").fullmatch
"""Matches an offset from UTC as ``eventTimeZoneOffset`` writes it, -14:00 to +14:00."""

match_uom = re.compile("[A-Z0-9]{2,3}").fullmatch
"""Matches what has the form of a UN/ECE Recommendation 20 code."""

match_hex = re.compile("[A-Fa-f0-9]+").fullmatch
match_version = re.compile(r"[0-9]+(?:\.[0-9]+)*").fullmatch
