"""JSON to values and back, exact: no number passes through a float, no member is lost, every limit is a refusal."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import msgspec

from lodeline.errors import RecordError
from lodeline.record import limits
from lodeline.record.numbers import MAX_INTEGER_DIGITS, number
from lodeline.record.paths import member
from lodeline.record.unreadable import over_limit, refusal_of, require_shallow, too_deep


def decode(raw: bytes | memoryview, *, limit: int = limits.MAX_EVENT_BYTES) -> Any:
    """The value that ``raw`` writes, UTF-8 JSON of at most ``limit`` bytes.

    Numbers with a fraction or an exponent become Decimal with every digit, other numbers int; nothing becomes a
    float. The rest is dict, list, str, bool and None.

    Raises:
        RecordError: ``record.too_large``, ``record.nesting``, ``record.byte_order_mark``, ``record.encoding``,
            ``record.json_truncated``, ``record.json_syntax``, ``record.lone_surrogate``,
            ``record.number_exponent``, ``record.number_digits``, ``record.string_length``,
            ``record.duplicate_name``.

    Source: RFC 8259; names within an object are unique as in RFC 7493 (I-JSON), 2.3.
    """
    text = raw if type(raw) is bytes else bytes(raw)
    if len(text) > limit:
        raise RecordError(
            "record.too_large",
            f"{len(text):,} bytes of JSON are more than the {limit:,} that are read at once: write smaller events, "
            "and keep large contents as a document beside the event.",
        )
    # Counting brackets is a bound that costs nothing; only a text that exceeds it is measured.
    if text.count(b"{") + text.count(b"[") > limits.MAX_NESTING:
        require_shallow(text)
    try:
        value = _DECODER.decode(text)
    except RecordError as refusal:
        raise over_limit(text) or refusal from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise refusal_of(text, error) from error
    # Three signs that something may be beyond a limit, each cheap; only then is the text looked through. The first is
    # exact: a member name that stands twice is one entry in the dict, so that its quotes are missing when the value is
    # written again. That costs less than building every object from pairs.
    if (
        _quotes(text) != _quotes(_ENCODER.encode(value))
        or _LONG_INTEGER in text.translate(_DIGITS_AS_NULLS)
        or (len(text) > limits.MAX_STRING_CHARACTERS and _may_hold_long_string(text))
    ):
        beyond = over_limit(text)
        if beyond is not None:
            raise beyond
    return value


def encode(value: Any) -> bytes:
    """``value`` as compact JSON in UTF-8, numbers as numbers with every digit, members in the order of the dict.

    Raises:
        RecordError: ``record.not_json`` for a float (its digits are not the ones that were meant), a Decimal that is
            not finite, a lone surrogate, a name that is not a string, or a type that JSON does not have.
    """
    _require_json(value, "$")
    return _ENCODER.encode(value)


def encode_sorted(value: Any) -> bytes:
    """As ``encode``, members sorted by name: equal values give equal bytes, whatever order they were written in."""
    _require_json(value, "$")
    return _SORTED_ENCODER.encode(value)


_DECODER = msgspec.json.Decoder(float_hook=number)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_SORTED_ENCODER = msgspec.json.Encoder(decimal_format="number", order="sorted")

_LONG_INTEGER = bytes(MAX_INTEGER_DIGITS + 1)
_DIGITS_AS_NULLS = bytes(0 if 48 <= byte <= 57 else byte for byte in range(256))


def _may_hold_long_string(text: bytes) -> bool:
    """Whether a string has more bytes than the longest may have characters.

    One that has lies over one of some places that are half as far from one another, so that only those are looked at.
    """
    text = text.replace(rb"\\", b"xx").replace(rb"\"", b"xx")
    for place in range(0, len(text), limits.MAX_STRING_CHARACTERS // 2):
        in_a_string = text.count(b'"', 0, place) % 2 == 1
        if in_a_string and text.find(b'"', place) - text.rfind(b'"', 0, place) > limits.MAX_STRING_CHARACTERS:
            return True
    return False


def _quotes(text: bytes) -> int:
    """How many quotation marks of ``text`` delimit strings."""
    if b"\\" in text:
        text = text.replace(rb"\\", b"").replace(rb"\"", b"")
    return text.count(b'"')


def _require_json(value: Any, path: str, depth: int = 1) -> None:
    kind = type(value)
    if depth > limits.MAX_NESTING and kind in (dict, list, tuple):
        raise too_deep()
    if kind is dict:
        for name, item in value.items():
            if type(name) is not str:
                raise _not_json(path, f"the name {name!r} is not a string")
            _require_json(name, path)
            _require_json(item, member(path, name), depth + 1)
    elif kind is list or kind is tuple:
        for index, item in enumerate(value):
            _require_json(item, f"{path}[{index}]", depth + 1)
    elif kind is str:
        if not value.isascii() and _SURROGATE.search(value):
            raise _not_json(path, "half of a surrogate pair is not a character")
    elif kind is Decimal:
        if not value.is_finite():
            raise _not_json(path, f"{value} is not a number that JSON has")
    elif kind is not int and kind is not bool and value is not None:
        raise _not_json(path, f"a {kind.__name__} is not a JSON value of the record: write a Decimal, int or str")


_SURROGATE = re.compile("[\ud800-\udfff]")


def _not_json(path: str, reason: str) -> RecordError:
    return RecordError("record.not_json", f"This cannot be written as JSON: {reason}.", field=path)
