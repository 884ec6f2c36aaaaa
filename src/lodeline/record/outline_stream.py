"""The outline of a JSON document of any size, read in pieces: a piece, an event and the envelope bound the memory."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from lodeline.errors import RecordError
from lodeline.record import limits
from lodeline.record.brackets import Brackets
from lodeline.record.cursor import Cursor
from lodeline.record.outline import (
    EVENT_LIST_PATHS,
    Outline,
    Window,
    after_the_end,
    checked_envelope,
    kind_of,
    lone_event,
    require_json_text,
    split,
)
from lodeline.record.unreadable import truncated

_PIECES_OF_WINDOW = 16
"""Windows are joined up to this many pieces, so that there are not too many to remember."""

Events = tuple[list[Window], int]
"""Windows of a list of events, and how many events there are."""


def outline_stream(file: BinaryIO, size: int, *, piece: int) -> Outline:
    """The outline of the ``size`` bytes of ``file``, read ``piece`` bytes at a time.

    Raises:
        RecordError: as ``outline.outline``; ``record.too_large`` for an event, or an envelope, beyond its limit.
    """
    cursor = Cursor(file, piece)
    require_json_text(cursor.read(0, 8), cursor.next_letter())
    start = cursor.place
    values: dict[str, Window] = {}
    kind, events = "", None
    for name in cursor.members():
        cursor.next_letter()
        begin = cursor.place
        if name == "epcisBody" and kind in EVENT_LIST_PATHS and events is None:
            events = _descend(cursor, EVENT_LIST_PATHS[kind][1:])
        else:
            cursor.skip()
        values[name] = (begin, cursor.place)
        if name == "type":
            kind = kind_of(_read(cursor, values[name], "type", limits.MAX_EVENT_BYTES))
    end = cursor.place
    if following := cursor.next_letter():
        raise after_the_end(following, cursor.place)
    kind = kind or kind_of(None)
    if kind not in EVENT_LIST_PATHS:
        return lone_event(kind, _read(cursor, (start, end), "event", limits.MAX_EVENT_BYTES), start)
    if events is None and "epcisBody" in values:
        # The type stood behind the body, whose list of events was passed over.
        cursor.go_to(values["epcisBody"][0])
        events = _descend(cursor, EVENT_LIST_PATHS[kind][1:])
    return _document(cursor, size, kind, values.get("@context"), *(events or ([], 0)))


def _document(
    cursor: Cursor, size: int, kind: str, context: Window | None, windows: list[Window], count: int
) -> Outline:
    head, tail = (windows[0][0], windows[-1][1]) if windows else (size, size)
    if head + size - tail > limits.MAX_ENVELOPE_BYTES:
        raise _too_large("envelope", limits.MAX_ENVELOPE_BYTES)
    return Outline(
        kind=kind,
        context=None if context is None else cursor.read(*context),
        envelope=checked_envelope(cursor.read(0, head), cursor.read(tail, size)),
        windows=windows,
        count=count,
    )


def _read(cursor: Cursor, window: Window, what: str, limit: int) -> bytes:
    if window[1] - window[0] > limit:
        raise _too_large(what, limit)
    return cursor.read(*window)


def _too_large(what: str, limit: int) -> RecordError:
    return RecordError(
        "record.too_large",
        f"The {what} is larger than the {limit:,} bytes that are read at once: write smaller events, and keep large "
        "contents as a document beside them.",
    )


def _descend(cursor: Cursor, path: tuple[str, ...]) -> Events | None:
    """Move behind the value that begins here; its events, if ``path`` leads from it to a list of them."""
    opening = cursor.next_letter()
    if opening == b"[" and not path:
        return _events(cursor)
    events = None
    if opening == b"{" and path:
        for name in cursor.members():
            if name == path[0] and events is None:
                events = _descend(cursor, path[1:])
            else:
                cursor.skip()
    else:
        cursor.skip()
    return events


def _events(cursor: Cursor) -> Events:
    """Cut the list that begins here into windows that end where an event does, and look each window through."""
    cursor.take(b"[")
    brackets = Brackets()
    windows: list[Window] = []
    count, start, kept = 0, cursor.place, b""
    for piece in cursor.pieces():
        places, depth = brackets.feed(piece)
        closing = np.flatnonzero(depth < 0)
        is_last = len(closing) > 0
        ends = np.flatnonzero(depth == 0)
        if is_last:
            cut = int(places[closing[0]])
        elif len(ends):
            cut = int(places[ends[-1]]) + 1
        else:
            kept += piece
            if len(kept) > limits.MAX_EVENT_BYTES:
                raise _too_large("event", limits.MAX_EVENT_BYTES).located(event=count)
            continue
        window = kept + piece[:cut]
        count += len(split(window, start, first=not windows))
        if windows and windows[-1][1] - windows[-1][0] < len(piece) * _PIECES_OF_WINDOW:
            windows[-1] = (windows[-1][0], start + len(window))
        else:
            windows.append((start, start + len(window)))
        start, kept = start + len(window), piece[cut:]
        if is_last:
            cursor.step(cut)
            cursor.take(b"]")
            return windows, count
    raise truncated(cursor.place)
