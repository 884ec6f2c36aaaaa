"""The outline of a JSON document: what it is, where its @context stands, and where its events lie.

This is the quick way, for a document that fits in the memory. ``outline_stream`` is the one for any size; the tests
hold that both give the same.
"""

from __future__ import annotations

import re

import msgspec

from lodeline.errors import RecordError
from lodeline.errors.visible import visible
from lodeline.record import limits
from lodeline.record.codec import decode
from lodeline.record.unreadable import refusal_of, truncated

EVENT_LIST_PATHS = {
    "EPCISDocument": ("epcisBody", "eventList"),
    "EPCISQueryDocument": ("epcisBody", "queryResults", "resultsBody", "eventList"),
}
"""Where the events of each type of document are. A document of any other type is one event that stands alone."""

BLANKS = b" \t\n\r"

Window = tuple[int, int]
"""A stretch of the file, from one byte up to another, that holds whole events and the commas between them."""


class Outline(msgspec.Struct, frozen=True):
    """What is known of a document before its events are read.

    Attributes:
        kind: Its ``type``.
        context: Exact bytes of a document's ``@context``; None where there is none, and for an event that stands
            alone, which carries its own.
        envelope: The bytes of the document without the content of its list of events; empty for a lone event.
        windows: Where the events are. Each window after the first begins with the comma before its first event.
        count: How many events there are.
    """

    kind: str
    context: bytes | None
    envelope: bytes
    windows: list[Window]
    count: int


def require_json_text(start: bytes, letter: bytes) -> None:
    """Refuse a file that is something else than a JSON object in UTF-8.

    Args:
        start: Its first bytes, 8 of them if it has as many.
        letter: Its first byte that is no blank.

    Raises:
        RecordError: ``record.byte_order_mark``, ``record.encoding``, ``record.document_packed``,
            ``record.document_array``, ``record.json_truncated``, ``record.json_syntax``.
    """
    if start.startswith(b"\xef\xbb\xbf"):
        raise RecordError("record.byte_order_mark", "The file begins with a byte-order mark: write UTF-8 without one.")
    if start.startswith((b"PK\3\4", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")):
        raise RecordError("record.document_packed", "The file is compressed: unpack it first.")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in start[:4]:
        raise RecordError("record.encoding", "The file is in UTF-16 or UTF-32: write it in UTF-8.", byte=0)
    match letter:
        case b"{":
            return
        case b"[":
            raise RecordError(
                "record.document_array",
                'The file is a list: put the events into an EPCISDocument, as its "epcisBody": {"eventList": […]}.',
            )
        case b"":
            raise truncated(len(start))
        case _:
            said = visible(letter.decode("latin-1"))
            raise RecordError(
                "record.json_syntax",
                f"The file begins with {said} and not with an object: write JSON (RFC 8259).",
                byte=0,
            )


def outline(text: bytes) -> Outline:
    """The outline of a whole document in the memory.

    Raises:
        RecordError: those of ``require_json_text`` and, for the envelope, of ``codec.decode``;
            ``record.json_lines``, ``record.trailing_data``, ``record.document_type``.
    """
    stripped = text.lstrip(BLANKS)
    require_json_text(text[:8], stripped[:1])
    members = _members(text, text)
    kind = kind_of(members.get("type"))
    path = EVENT_LIST_PATHS.get(kind)
    if path is None:
        return lone_event(kind, stripped.rstrip(BLANKS), len(text) - len(stripped))
    context = bytes(members["@context"]) if "@context" in members else None
    window = _event_window(text, members, path)
    if window is None:
        return Outline(kind, context, checked_envelope(text, b""), [], 0)
    start, end = window
    count = len(split(text[start:end], start, first=True))
    return Outline(kind, context, checked_envelope(text[:start], text[end:]), [window], count)


def lone_event(kind: str, text: bytes, start: int) -> Outline:
    """The outline of an event that stands alone, as ``text`` from byte ``start`` of its file.

    Raises:
        RecordError: as ``codec.decode``.
    """
    decode(text)
    return Outline(kind, None, b"", [(start, start + len(text))], 1)


def kind_of(value: msgspec.Raw | bytes | None) -> str:
    """What a document says it is, from the exact bytes of its ``type``.

    Raises:
        RecordError: ``record.document_type`` where there is none, or it is no text.
    """
    kind = None if value is None else decode(bytes(value))
    if not isinstance(kind, str):
        raise RecordError(
            "record.document_type",
            'The document does not say what it is: write "type": "EPCISDocument", "EPCISQueryDocument", '
            'or the type of an event that stands alone, such as "ObjectEvent".',
            field="$.type",
        )
    return kind


def checked_envelope(head: bytes, tail: bytes) -> bytes:
    """``head`` and ``tail`` of a document around its events as one JSON text, which is looked through.

    Raises:
        RecordError: as ``codec.decode``, with ``limits.MAX_ENVELOPE_BYTES``.
    """
    envelope = head + tail
    decode(envelope, limit=limits.MAX_ENVELOPE_BYTES)
    return envelope


def after_the_end(following: bytes, at: int) -> RecordError:
    """The refusal of what follows a document, at byte ``at``."""
    if following.startswith(b"{"):
        return RecordError(
            "record.json_lines",
            f"A second object begins at byte {at}: put the events into one EPCISDocument, "
            'as its "epcisBody": {"eventList": […]}, or capture the files one by one.',
            byte=at,
        )
    return RecordError("record.trailing_data", f"The document ends, but more follows at byte {at}: remove it.", byte=at)


def split(window: bytes, start: int, *, first: bool) -> list[msgspec.Raw]:
    """The exact bytes of each event in a stretch of a list of events.

    Args:
        start: Where the stretch begins in its file, for the place in a refusal.
        first: Whether it begins the list; another one begins with the comma before its first event.

    Raises:
        RecordError: as ``codec.decode`` for what is not JSON.
    """
    # With a number put before it, a later stretch is a list too, and JSON's own rules see to its commas.
    opening = b"[" if first else b"[0"
    text = opening + window + b"]"
    try:
        events = _LIST.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise refusal_of(text, error, start=start - len(opening)) from error
    return events if first else events[1:]


_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])

_OPENING = re.compile(rb"[ \t\n\r]*\{[ \t\n\r]*")
_NAME = re.compile(rb'"(?:[^"\\]|\\.)*"[ \t\n\r]*:[ \t\n\r]*')
_COMMA = re.compile(rb"[ \t\n\r]*,[ \t\n\r]*")


def _members(value: bytes | msgspec.Raw, text: bytes) -> dict[str, msgspec.Raw]:
    """Names of an object with the exact bytes of what they name; ``text`` is the whole that ``value`` is from."""
    try:
        return _OBJECT.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        refusal = refusal_of(text, error)
        if "trailing characters" in str(error):
            at = int(refusal.where["byte"])
            raise after_the_end(text[at : at + 1], at) from error
        raise refusal from error


def _event_window(text: bytes, members: dict[str, msgspec.Raw], path: tuple[str, ...]) -> Window | None:
    """Where the content of the list of events lies; None where there is no such list."""
    at = 0
    for name in path:
        if name not in members:
            return None
        at = _place(text, at, members, name)
        value = members[name]
        if text[at : at + 1] == b"{" and name != path[-1]:
            members = _members(value, text)
        elif text[at : at + 1] != b"[" or name != path[-1]:
            return None
    return at + 1, at + len(memoryview(value)) - 1


def _place(text: bytes, at: int, members: dict[str, msgspec.Raw], wanted: str) -> int:
    """Where the value of member ``wanted`` begins, of the object that begins at ``at``."""
    place = _OPENING.match(text, at)
    for name, value in members.items():
        place = place and _NAME.match(text, place.end())
        # A name that stands twice has its last value in ``members``, which is not the one that stands here.
        if place is None or not text.startswith(memoryview(value), place.end()):
            break
        if name == wanted:
            return place.end()
        place = _COMMA.match(text, place.end() + len(memoryview(value)))
    decode(text, limit=len(text))
    raise AssertionError("a text whose members are not in their places repeats a name, and was refused")
