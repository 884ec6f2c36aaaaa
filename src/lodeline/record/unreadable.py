"""Why a JSON text cannot be read, and where: a second, slow look at what the codec would not take."""

from __future__ import annotations

import json
import re
from typing import Any

from lodeline.errors import RecordError
from lodeline.errors.visible import visible
from lodeline.record import limits
from lodeline.record.numbers import MAX_INTEGER_DIGITS, number, too_many_digits
from lodeline.record.paths import member

_BYTE = re.compile(r"byte (\d+)\)")
# Escapes in the order a reader meets them: a whole pair, half of one (the group), any other.
_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)
_STRING = re.compile(rb'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


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
        return too_deep()
    said = str(error)
    if "Integer value out of range" in said:
        return over_limit(text) or too_many_digits("of an integer")
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


def too_deep() -> RecordError:
    """The refusal of what is nested too deep."""
    return RecordError(
        "record.nesting",
        f"Objects and arrays are nested more than {limits.MAX_NESTING} deep: write the inner ones flat.",
    )


def require_shallow(text: bytes) -> None:
    """Refuse ``record.nesting``; ``text`` need not be JSON."""
    depth = 0
    for bracket in _STRING.sub(b"", text).translate(None, delete=_NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > limits.MAX_NESTING:
            raise too_deep()


class _Members(list[tuple[str, Any]]):
    """The members of an object as they stand, those of one name included."""


class _Digits(str):
    """A number as it is written."""

    __slots__ = ()


def over_limit(text: bytes) -> RecordError | None:
    """The first thing in ``text``, which is shallow, that is beyond a limit or named twice; None if nothing is.

    It is ``record.number_exponent``, ``record.number_digits``, ``record.string_length`` or ``record.duplicate_name``,
    with its path as ``field``.
    """
    try:
        tree = json.loads(text, object_pairs_hook=_Members, parse_int=_Digits, parse_float=_Digits)
    except ValueError:
        # A number is read before the rest of the text is known to be JSON. The codec's refusal of it stands.
        return None
    return _first(tree, "$") if isinstance(tree, list) else _beyond(tree, "$", "")


def _first(value: list[Any], path: str) -> RecordError | None:
    """The first refusal within an object or array at ``path``."""
    if isinstance(value, _Members):
        refusal = _names_beyond(value, path)
        if refusal is not None:
            return refusal
    for key, item in value if isinstance(value, _Members) else enumerate(value):
        refusal = _first(item, _step(path, key)) if isinstance(item, list) else _beyond(item, path, key)
        if refusal is not None:
            return refusal
    return None


def _step(path: str, key: str | int) -> str:
    return f"{path}[{key}]" if isinstance(key, int) else member(path, key) if key else path


def _names_beyond(members: _Members, path: str) -> RecordError | None:
    seen: set[str] = set()
    for name, _ in members:
        if len(name) > limits.MAX_STRING_CHARACTERS:
            return _too_long(name, path)
        if name in seen:
            return RecordError(
                "record.duplicate_name",
                f'The name "{visible(name, limit=60)}" stands twice in one object: keep one, since readers disagree on '
                "which of two counts.",
                field=member(path, name),
            )
        seen.add(name)
    return None


def _beyond(value: Any, path: str, key: str | int) -> RecordError | None:
    """The refusal of a number or text, which ``key`` names within what is at ``path``."""
    if not isinstance(value, str):
        return None
    if not isinstance(value, _Digits):
        return _too_long(value, _step(path, key)) if len(value) > limits.MAX_STRING_CHARACTERS else None
    try:
        if not value.lstrip("-").isdigit():
            number(value)
        elif len(value.lstrip("-")) > MAX_INTEGER_DIGITS:
            raise too_many_digits(value)
    except RecordError as refusal:
        return RecordError(refusal.code, refusal.sentence, field=_step(path, key))
    return None


def _too_long(text: str, path: str) -> RecordError:
    return RecordError(
        "record.string_length",
        f"A string of {len(text):,} characters is longer than the {limits.MAX_STRING_CHARACTERS:,} that are read: "
        "keep the text as a document beside the event and write its id.",
        field=path,
    )
