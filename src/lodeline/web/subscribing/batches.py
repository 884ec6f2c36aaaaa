"""What is delivered at once: the next events of a standing query, bounded in number and in bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING

import msgspec

from lodeline.book.service import Subscription

if TYPE_CHECKING:
    from lodeline.ledger.values import StoredEvent

BATCH_EVENTS = 200
BATCH_BYTES = 1 << 19
"""A delivery holds at least one event, however large; beyond that, so many bytes of events at most. As many deliveries
as there are slow receivers may be in memory at a time."""

Written = tuple[bytes, bytes | None]
"""An event as it is delivered, and the @context of its names."""

Find = Callable[[int, int], Iterable["StoredEvent"]]
"""Matching events after an entry up to another, in ledger order; the same arguments always find the same ones."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Events for one delivery.

    Attributes:
        events: In ledger order; may be empty.
        count: How many they are, also when they were let go.
        upto: The last entry that it accounts for, events that did not match included.
        whole: Whether it reaches the end of what was asked.
    """

    events: tuple[Written, ...]
    count: int
    upto: int
    whole: bool


def next_batch(
    find: Find,
    write: Callable[[StoredEvent], Written],
    *,
    after: int,
    until: int,
    most_events: int,
    not_before: datetime | None,
) -> Batch:
    """The next events after an entry.

    Args:
        not_before: Events recorded before it are passed over.
    """
    events: list[Written] = []
    size, upto = 0, after
    for stored in _recorded_since(find(after, until), not_before):
        written = write(stored)
        size += len(written[0])
        if events and (len(events) >= most_events or size > BATCH_BYTES):
            return Batch(events=tuple(events), count=len(events), upto=upto, whole=False)
        events.append(written)
        upto = stored.seq
    return Batch(events=tuple(events), count=len(events), upto=until, whole=True)


def same_batch(find: Find, write: Callable[[StoredEvent], Written], held: Subscription) -> Batch:
    """The batch of the delivery that is under way, again: what was sent before is what is sent now."""
    assert held.delivery_upto is not None
    assert held.delivery_until is not None
    upto = held.delivery_upto
    found = _recorded_since(find(held.position, held.delivery_until), held.initial_record_time)
    events = tuple(write(stored) for stored in takewhile(lambda stored: stored.seq <= upto, found))
    return Batch(events=events, count=len(events), upto=upto, whole=upto == held.delivery_until)


def _recorded_since(events: Iterable[StoredEvent], not_before: datetime | None) -> Iterator[StoredEvent]:
    return (stored for stored in events if not_before is None or stored.recorded_at >= not_before)
