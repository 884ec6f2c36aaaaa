"""Events on their way into the book: each is captured some time after it happened; documents are cut in that order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import Literal

import msgspec

from lodeline.examples.programme.chance import Chance
from lodeline.record.codec import encode
from lodeline.record.context import Context
from lodeline.record.hash import hash_id
from lodeline.record.metal import CONTEXT, Event, document

Hand = Literal["scale house", "laboratory", "office"]
"""Through whose hands an event comes."""

# How long an act takes to come into the book: probability, and the least and most hours. All assumed.
_DELAYS: dict[Hand, tuple[tuple[float, tuple[float, float]], ...]] = {
    "scale house": ((0.85, (0.1, 2.0)), (0.12, (20.0, 80.0)), (0.03, (120.0, 960.0))),
    "laboratory": ((0.95, (30.0, 300.0)), (0.05, (400.0, 1400.0))),
    "office": ((0.93, (1.0, 16.0)), (0.07, (48.0, 300.0))),
}
_HOUR = 3600

_ENCODE = msgspec.json.Encoder(decimal_format="number").encode


class Journal:
    """Holds events back until they are captured.

    Args:
        chance: Draws how long each takes.
        per_document: How many events a document holds, >= 1.
    """

    def __init__(self, chance: Chance, per_document: int) -> None:
        self._chance = chance
        self._per_document = per_document
        self._waiting: list[tuple[int, int, bytes]] = []
        self._cut: list[bytes] = []
        self._count = 0
        self._last = 0
        self._context = Context.parse(list(CONTEXT))

    @property
    def events(self) -> int:
        """How many events have been written so far."""
        return self._count

    def write(self, event: Event, at: int, hand: Hand, *, wanted: bool = True) -> int:
        """Take an event that happened ``at`` (Unix seconds); it comes into the book later, which is given back.

        Args:
            wanted: False: it takes its draw, and nothing is written.
        """
        least, most = self._chance.weighted(_DELAYS[hand])
        captured = at + int(_HOUR * self._chance.between(least, most))
        if wanted:
            self.write_at(event, captured)
        return captured

    def write_at(self, event: Event, captured: int) -> None:
        """Take an event that comes into the book at a known time."""
        # Every number of an event is a Decimal or whole, by its constructors: the codec's own walk is not needed here.
        heappush(self._waiting, (captured, self._count, _ENCODE(event)))
        self._count += 1

    def name(self, event: Event) -> str:
        """The hash id under which the book will know an event."""
        return hash_id(event, self._context)

    def captured_by(self, at: int) -> Iterator[bytes]:
        """Documents of what has come into the book by this time, each of ``per_document`` events."""
        waiting, cut = self._waiting, self._cut
        while waiting and waiting[0][0] <= at:
            self._last, _, encoded = heappop(waiting)
            cut.append(encoded)
            if len(cut) >= self._per_document:
                yield _document(cut, self._last)
                cut.clear()

    def rest(self) -> Iterator[bytes]:
        """Whatever still waits."""
        yield from self.captured_by(max((captured for captured, _, _ in self._waiting), default=0))
        if self._cut:
            yield _document(self._cut, self._last)
            self._cut.clear()


def _document(events: list[bytes], captured: int) -> bytes:
    """The envelope of :func:`lodeline.record.metal.document` about events that are encoded already."""
    empty = encode(document([], created=datetime.fromtimestamp(captured, tz=UTC)))
    start, end = empty.split(b'"eventList":[]')
    return b"".join((start, b'"eventList":[', b",\n".join(events), b"]", end, b"\n"))
