"""Segments of the query index: for a run of entries, which of them have a key, and their numbers and times.

A segment covers 65,536, 4,096 or 256 entries and begins at a multiple of its size, so that the layout follows from how
many entries are covered and from nothing else. Within it an entry is known by its place, 0 … size - 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeline.ledger.backend import Row

Places = NDArray[np.uint16]
Ints = NDArray[np.int64]

SIZES = (65_536, 4_096, 256)
NO_TIME = -(2**63)
"""Stands in the times of a segment for an entry that is no event."""


class Span(NamedTuple):
    """The entries ``first`` … ``first + size - 1``."""

    first: int
    size: int


class Segment(NamedTuple):
    """A segment without its contents: its entries, how many are events, and from when to when (µs) those happened."""

    first: int
    size: int
    events: int
    least: int
    greatest: int

    @property
    def span(self) -> Span:
        """The entries that it covers."""
        return Span(self.first, self.size)


def layout(count: int) -> list[Span]:
    """The segments that cover as many of the first ``count`` entries as whole segments can."""
    spans, first = [], 0
    for size in SIZES:
        while first + size <= count:
            spans.append(Span(first, size))
            first += size
    return spans


class Part(NamedTuple):
    """What a run of entries has, in the order of the entries. Places count from the beginning of the part.

    Attributes:
        size: How many entries it is.
        times: (entry,) event times, microseconds since 1970 UTC; `NO_TIME` where an entry is no event.
        keys, key_places: (posting,) the keys of its events, each with the place of its event.
        fields, field_places, numbers: (number,) the numbers of its events, with the key of the field and the place.
    """

    size: int
    times: Ints
    keys: Ints
    key_places: NDArray[np.int64]
    fields: Ints
    field_places: NDArray[np.int64]
    numbers: NDArray[np.float64]


def joined(parts: Sequence[Part]) -> Part:
    """Parts that follow one another, as one."""
    starts = np.cumsum([0, *(part.size for part in parts[:-1])])
    return Part(
        sum(part.size for part in parts),
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.keys for part in parts]),
        np.concatenate([part.key_places + start for part, start in zip(parts, starts, strict=True)]),
        np.concatenate([part.fields for part in parts]),
        np.concatenate([part.field_places + start for part, start in zip(parts, starts, strict=True)]),
        np.concatenate([part.numbers for part in parts]),
    )


class Rows(NamedTuple):
    """The rows of one segment, in the order of their keys."""

    segment: Row
    terms: list[Row]
    numbers: list[Row]


def rows_of(span: Span, part: Part) -> Rows:
    """The rows that a segment is stored as."""
    events = part.times[part.times != NO_TIME]
    least, greatest = (int(events.min()), int(events.max())) if len(events) else (0, -1)
    segment = (span.first, span.size, len(events), least, greatest, part.times.astype("<i8").tobytes())
    return Rows(segment, _term_rows(span, part), _number_rows(span, part))


def _term_rows(span: Span, part: Part) -> list[Row]:
    # By key and then by place, as one number where both fit is not possible: keys have 64 bits. A stable sort keeps the
    # places of one key in order, since they come in order.
    order = np.argsort(part.keys, kind="stable")
    keys, places = part.keys[order], part.key_places[order]
    if not len(keys):
        return []
    fresh = np.empty(len(keys), bool)
    fresh[0] = True
    fresh[1:] = (keys[1:] != keys[:-1]) | (places[1:] != places[:-1])
    keys, narrow = keys[fresh], places[fresh].astype(np.uint16)
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    ends = np.append(starts[1:], len(keys))
    raw = narrow.astype("<u2").tobytes()
    bitmap_from = span.size // 16
    return [
        (
            span.first,
            key,
            raw[2 * start : 2 * end] if end - start < bitmap_from else _bitmap(narrow[start:end], span.size),
        )
        for key, start, end in zip(keys[starts].tolist(), starts.tolist(), ends.tolist(), strict=True)
    ]


def _number_rows(span: Span, part: Part) -> list[Row]:
    order = np.argsort(part.fields, kind="stable")
    fields, places, numbers = part.fields[order], part.field_places[order].astype("<u2"), part.numbers[order]
    if not len(fields):
        return []
    starts = np.flatnonzero(np.concatenate(([True], fields[1:] != fields[:-1])))
    ends = np.append(starts[1:], len(fields))
    return [
        (span.first, field, places[start:end].tobytes(), numbers[start:end].astype("<f8").tobytes())
        for field, start, end in zip(fields[starts].tolist(), starts.tolist(), ends.tolist(), strict=True)
    ]


def _bitmap(places: Places, size: int) -> bytes:
    mask = np.zeros(size, bool)
    mask[places] = True
    return np.packbits(mask, bitorder="little").tobytes()


def places_of(raw: bytes, size: int) -> Places:
    """The places of a posting, ascending; it is a bitmap where it is exactly as long as one."""
    if len(raw) == size // 8:
        return np.flatnonzero(mask_of(raw, size)).astype(np.uint16)
    return np.frombuffer(raw, "<u2")


def mask_of(raw: bytes, size: int) -> NDArray[np.bool_]:
    """(place,) whether a place is among those of a posting."""
    if len(raw) == size // 8:
        return np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little").astype(bool)
    mask = np.zeros(size, bool)
    mask[np.frombuffer(raw, "<u2")] = True
    return mask


def part_of(span: Span, times: bytes, terms: Sequence[Row], numbers: Sequence[Row]) -> Part:
    """What the rows of a segment came from: terms as (key, places), numbers as (field, places, numbers)."""
    found = [places_of(bytes(raw), span.size) for _, raw in terms]
    in_fields = [np.frombuffer(bytes(raw), "<u2") for _, raw, _ in numbers]
    return Part(
        span.size,
        np.frombuffer(times, "<i8"),
        _repeated([key for key, _ in terms], found),
        _all(found),
        _repeated([field for field, _, _ in numbers], in_fields),
        _all(in_fields),
        np.concatenate([np.frombuffer(bytes(raw), "<f8") for _, _, raw in numbers]) if numbers else np.empty(0),
    )


def _repeated(keys: list[int], places: list[Places]) -> Ints:
    return np.repeat(np.array(keys, np.int64), [len(each) for each in places])


def _all(places: list[Places]) -> NDArray[np.int64]:
    return np.concatenate(places).astype(np.int64) if places else np.empty(0, np.int64)
