"""Simple types: what the text of an element or attribute may be.

The verdict is that of XML Schema 1.0 as libxml2 reads it, which the tests hold it to.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from lodeline.record.xml.tree import BLANKS


class Simple(NamedTuple):
    """A simple type.

    Attributes:
        says: What it is, as a sentence names it, with how to write it.
        accepts: Whether a text is one, its white space as it stands.
    """

    says: str
    accepts: Callable[[str], bool]


_RUN: Final = r"(?:[A-Za-z0-9\-._~!$&'()*+,;={extra}]|%[0-9A-Fa-f]{{2}})*+"


def _run(extra: str) -> str:
    return _RUN.format(extra=extra)


_AUTHORITY: Final = rf"//(?:{_run(':')}@)?(?:\[[^\]]*\]|{_run('')})(?::[0-9]*)?(?:/{_run(':@/')})?"
_SEGMENT: Final = rf"{_run('@')}(?:/{_run(':@/')})?"
_TAIL: Final = rf"(?:\?{_run(':@/?')})?(?:\#{_run(':@/?')})?"
_URI_REFERENCE = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.\-]*:(?:{_AUTHORITY}|(?!//){_run(':@/')}){_TAIL}|(?:{_AUTHORITY}|(?!//)(?:/{_run(':@/')}|{_SEGMENT})){_TAIL}",
    re.ASCII,
).fullmatch
_UNWISE = re.compile(r"""[^\x21-\x7e]|[<>"{}|\\^`]""")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII).fullmatch
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|-?INF|NaN", re.ASCII).fullmatch
_INTEGER = re.compile("[+-]?[0-9]+", re.ASCII).fullmatch
_HEX = re.compile("(?:[0-9A-Fa-f]{2})*", re.ASCII).fullmatch
_BASE64 = re.compile("[A-Za-z0-9+/= \t\r\n]*", re.ASCII).fullmatch
_NCNAME = re.compile(r"[^\W\d][\w.\-]*").fullmatch
_DATE_TIME = re.compile(
    r"(-?)([0-9]{4,})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?",
    re.ASCII,
).fullmatch


@lru_cache(maxsize=4096)
def _is_uri_reference(text: str) -> bool:
    # XML Schema escapes what is beyond a URI before it looks.
    return _URI_REFERENCE(_UNWISE.sub("_", text)) is not None


def _any_uri(text: str) -> bool:
    text = text.strip(BLANKS)
    return _is_uri_reference(text) if len(text) < 256 else _is_uri_reference.__wrapped__(text)


def _date_time(text: str) -> bool:
    found = _DATE_TIME(text.strip(BLANKS))
    if found is None:
        return False
    _, year, month, day, hour, minute, second, fraction, _ = found.groups()
    if (len(year) > 4 and year.startswith("0")) or int(year) == 0:
        return False
    if hour == "24":
        return minute == second == "00" and not (fraction or "").strip("0")
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        return False
    try:
        # Python's calendar is as long as four digits; it repeats after 400 years.
        date((int(year) - 1) % 400 + 2001 if int(year) > 9999 else int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _stamp(text: str) -> bool:
    found = _DATE_TIME(text.strip(BLANKS))
    return (
        found is not None
        and not found[1]
        and len(found[2]) == 4
        and found[5] < "24"
        and found[9] is not None
        and _date_time(text)
    )


def _collapsed(match: Callable[[str], object]) -> Callable[[str], bool]:
    return lambda text: match(text.strip(BLANKS)) is not None


def one_of(*words: str) -> Callable[[str], bool]:
    known = frozenset(words)
    return lambda text: text in known


SIMPLE: Final[dict[str, Simple]] = {
    "string": Simple("text", lambda text: True),
    "uri": Simple('a URI, such as "urn:…" or "https://…"', _any_uri),
    "stamp": Simple('a time with its offset, as in "2025-10-02T09:00:00+05:00"', _stamp),
    "dateTime": Simple('a time, as in "2025-10-02T09:00:00+05:00"', _date_time),
    "decimal": Simple('a number, as in "12.5"', _collapsed(_DECIMAL)),
    "double": Simple('a number, as in "12.5" or "1.25E1"', _collapsed(_DOUBLE)),
    "int": Simple('a whole number, as in "12"', lambda text: _within(text, -(2**31), 2**31 - 1)),
    "integer": Simple('a whole number, as in "12"', _collapsed(_INTEGER)),
    "boolean": Simple('"true" or "false"', _collapsed(re.compile("true|false|1|0").fullmatch)),
    "hex": Simple('pairs of hexadecimal digits, as in "f0f0"', _collapsed(_HEX)),
    "action": Simple("ADD, OBSERVE or DELETE", one_of("ADD", "OBSERVE", "DELETE")),
    "behaviour": Simple("rollback or proceed", one_of("rollback", "proceed")),
    "severity": Simple("ERROR or SEVERE", lambda text: text.strip(BLANKS) in ("ERROR", "SEVERE")),
    "serviceTransaction": Simple(
        "RequestingServiceTransaction or RespondingServiceTransaction",
        one_of("RequestingServiceTransaction", "RespondingServiceTransaction"),
    ),
}
"""The simple types that the tables use, by the names they use."""


def _within(text: str, low: int, high: int) -> bool:
    text = text.strip(BLANKS)
    return len(text) <= 24 and _INTEGER(text) is not None and low <= int(text) <= high


def _bounded(low: int | None, high: int | None) -> Callable[[str], bool]:
    def accepts(text: str) -> bool:
        text = text.strip(BLANKS)
        if _INTEGER(text) is None or len(text) > 300:
            return False
        return (low is None or int(text) >= low) and (high is None or int(text) <= high)

    return accepts


_INTEGERS: Final[dict[str, tuple[int | None, int | None]]] = {
    "integer": (None, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}

_DATE = re.compile(r"-?[0-9]{4,}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?:Z|[+-][0-9]{2}:[0-9]{2})?").fullmatch
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?").fullmatch
_DURATION = re.compile(
    r"-?P(?=[0-9T])(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"
).fullmatch

BUILT_IN: Final[dict[str, Callable[[str], bool]]] = {
    **{name: _bounded(*bounds) for name, bounds in _INTEGERS.items()},
    "decimal": _collapsed(_DECIMAL),
    "double": _collapsed(_DOUBLE),
    "float": _collapsed(_DOUBLE),
    "boolean": SIMPLE["boolean"].accepts,
    "dateTime": _date_time,
    "date": _collapsed(_DATE),
    "time": _collapsed(_TIME),
    "duration": _collapsed(_DURATION),
    "anyURI": _any_uri,
    "hexBinary": SIMPLE["hex"].accepts,
    "base64Binary": _collapsed(_BASE64),
    "NCName": _collapsed(_NCNAME),
    **{name: lambda text: True for name in ("string", "normalizedString", "token", "anySimpleType")},
}
"""Types of XML Schema that ``xsi:type`` may name. Its other types (of calendars, DTDs and names) are refused."""
