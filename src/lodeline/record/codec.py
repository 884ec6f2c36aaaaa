"""JSON to values and back, exact: no number passes through a float, no member is lost, every limit is a refusal."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import msgspec

from lodeline.errors import RecordError
from lodeline.errors.visible import visible
from lodeline.record import limits


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
        _require_shallow(text)
    try:
        value = _DECODER.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise refusal_of(text, error) from error
    if _LONG_INTEGER in text.translate(_DIGITS_AS_NULLS):
        _require_short_integers(value)
    if len(text) > limits.MAX_STRING_CHARACTERS:
        _require_short_strings(value)
    # A member name that occurs twice is one entry in the dict, so that its quotes are missing when the value is
    # written again. This is exact, and cheaper than building every object from pairs.
    if _quotes(text) != _quotes(_ENCODER.encode(value)):
        raise RecordError(
            "record.duplicate_name",
            f'The name "{visible(_repeated_name(text), limit=60)}" stands twice in one object: '
            "keep one, since readers disagree on which of two counts.",
        )
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


def _number(text: str) -> Decimal:
    """A number with a fraction or an exponent, within the limits."""
    if len(text) <= 32 and "e" not in text and "E" not in text:
        return Decimal(text)
    mantissa, _, exponent = text.lower().partition("e")
    # The exponent is looked at before Decimal reads it: one of twenty digits is an error in Decimal itself.
    if len(exponent.lstrip("+-0")) > 6 or not _exponent_fits(number := Decimal(text)):
        raise RecordError(
            "record.number_exponent",
            f"The number {visible(text, limit=40)} is out of range: write it with a power of ten between "
            f"{limits.MIN_EXPONENT} and {limits.MAX_EXPONENT}.",
        )
    if len(mantissa) > limits.MAX_DIGITS and sum(map(str.isdigit, mantissa)) > limits.MAX_DIGITS:
        raise _too_many_digits(text)
    return number


def _exponent_fits(number: Decimal) -> bool:
    """Whether the first digit's power of ten, or for a zero the exponent as written, lies within the limits."""
    return limits.MIN_EXPONENT <= number.adjusted() <= limits.MAX_EXPONENT


def _too_many_digits(text: str) -> RecordError:
    return RecordError(
        "record.number_digits",
        f"The number {visible(text, limit=40)} has more digits than are kept: write at most {limits.MAX_DIGITS} "
        f"({limits.MAX_EXPONENT + 1} before the point).",
    )


_DECODER = msgspec.json.Decoder(float_hook=_number)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_SORTED_ENCODER = msgspec.json.Encoder(decimal_format="number", order="sorted")

_LONG_INTEGER = bytes(limits.MAX_EXPONENT + 2)
_DIGITS_AS_NULLS = bytes(0 if 48 <= byte <= 57 else byte for byte in range(256))
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STRING = re.compile(rb'"(?:[^"\\]+|\\.)*"?', re.DOTALL)


def _quotes(text: bytes) -> int:
    """How many quotation marks of ``text`` delimit strings."""
    if b"\\" in text:
        text = text.replace(rb"\\", b"").replace(rb"\"", b"")
    return text.count(b'"')


def _require_shallow(text: bytes) -> None:
    depth = 0
    for bracket in _STRING.sub(b"", text).translate(None, delete=_NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > limits.MAX_NESTING:
            raise _too_deep()


def _too_deep() -> RecordError:
    return RecordError(
        "record.nesting",
        f"Objects and arrays are nested more than {limits.MAX_NESTING} deep: write the inner ones flat.",
    )


def _require_short_integers(value: Any) -> None:
    for item in _leaves(value):
        if type(item) is int and abs(item) >= _FIRST_LONG_INTEGER:
            raise _too_many_digits(str(item))


_FIRST_LONG_INTEGER = 10 ** (limits.MAX_EXPONENT + 1)


def _require_short_strings(value: Any) -> None:
    for item in _leaves(value):
        if type(item) is str and len(item) > limits.MAX_STRING_CHARACTERS:
            raise RecordError(
                "record.string_length",
                f"A string of {len(item):,} characters is longer than the {limits.MAX_STRING_CHARACTERS:,} that are "
                "read: keep the text as a document beside the event and write its id.",
            )


def _leaves(value: Any) -> list[Any]:
    """Every number, string, name, truth value and null in ``value``, in no particular order."""
    leaves: list[Any] = []
    pending = [value]
    while pending:
        item = pending.pop()
        if type(item) is dict:
            leaves.extend(item)
            pending.extend(item.values())
        elif type(item) is list:
            pending.extend(item)
        else:
            leaves.append(item)
    return leaves


def refusal_of(text: bytes, error: Exception, *, start: int = 0) -> RecordError:
    """What ``error`` of the JSON reader about ``text`` means, in our words and with the place.

    Args:
        start: Where ``text`` begins in the file it is from, so that the byte that is named is the file's.
    """
    if text.startswith(b"\xef\xbb\xbf"):
        return RecordError("record.byte_order_mark", "The text begins with a byte-order mark: write UTF-8 without one.")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return RecordError(
            "record.encoding",
            f"Byte {start + wrong.start} is not UTF-8: write the text in UTF-8.",
            byte=start + wrong.start,
        )
    if isinstance(error, RecursionError):
        return _too_deep()
    said = str(error)
    if "Integer value out of range" in said:
        return _too_many_digits("of an integer")
    half = next((escape for escape in _ESCAPES.finditer(text) if escape.group(1)), None)
    if half is not None:
        return RecordError(
            "record.lone_surrogate",
            f"{half.group(1).decode()} is half a character: write the other half of the pair too, or leave it out.",
            byte=start + half.start(),
        )
    place = _BYTE.search(said)
    if place is None:
        return truncated(start + len(text))
    # Of what follows the value the reader names the byte after the first.
    at = int(place.group(1)) - ("trailing characters" in said)
    reason = said.removeprefix("JSON is malformed: ").partition(" (byte")[0]
    return RecordError(
        "record.json_syntax",
        f"This is not JSON: {reason} at byte {start + at}. Write JSON (RFC 8259).",
        byte=start + at,
    )


def truncated(size: int) -> RecordError:
    """The refusal of a text that ends, after ``size`` bytes, before its value does."""
    return RecordError(
        "record.json_truncated",
        f"The JSON text ends too early, after {size:,} bytes: a string, object or array is not closed. "
        "Fetch the text again whole.",
        byte=size,
    )


_BYTE = re.compile(r"byte (\d+)\)")
# Escapes in the order a reader meets them: a whole pair, half of one (the group), any other.
_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)


def _repeated_name(text: bytes) -> str:
    """The first member name that stands twice in one object of ``text``, which is known to hold one."""
    found: list[str] = []

    def pairs(members: list[tuple[str, Any]]) -> None:
        names: set[str] = set()
        for name, _ in members:
            if name in names and not found:
                found.append(name)
            names.add(name)

    json.loads(text, object_pairs_hook=pairs, parse_int=str, parse_float=str)
    return found[0]


def _require_json(value: Any, path: str, depth: int = 1) -> None:
    kind = type(value)
    if depth > limits.MAX_NESTING and kind in (dict, list, tuple):
        raise _too_deep()
    if kind is dict:
        for name, item in value.items():
            if type(name) is not str:
                raise _not_json(path, f"the name {name!r} is not a string")
            _require_json(name, path)
            _require_json(item, f"{path}.{name}", depth + 1)
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
