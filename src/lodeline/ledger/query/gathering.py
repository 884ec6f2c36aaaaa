"""Recorded events read for queries: as facets, one by one, and as the part of an index that a run of them makes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import select

from lodeline.ledger.query.keys import Keys
from lodeline.ledger.query.segments import NO_TIME, Part, joined
from lodeline.ledger.reading import content, hash_id_of
from lodeline.ledger.schema import entries
from lodeline.record.query.facets import Facets, reader_of
from lodeline.record.stored import event_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lodeline.ledger.backend import Backend

EVENTS_AT_ONCE = 8_192
"""Entries whose postings are kept as Python numbers before they become arrays."""
_e = entries.c


class Seen(NamedTuple):
    """One event, ready to be asked: its entry, when it happened (µs, rounded down), what it says, and its bytes."""

    seq: int
    time: int
    facets: Facets
    size: int


def facets_of(raw: bytes, context: bytes | None, recorded_at: int, hash_id: str) -> Facets:
    """What a recorded event can be asked for: its record time (µs) too, and its hash id where it has no eventID.

    Source: EPCIS 2.0 REST bindings, POST /capture: a repository names events that come without an eventID.
    """
    event, names = event_of(raw, context)
    facets = reader_of(names).facets(event)
    facets.instants["recordTime"] = [recorded_at]
    facets.texts.setdefault("eventID", [hash_id])
    return facets


def seen(backend: Backend, first: int, until: int) -> Generator[Seen]:
    """The events among the entries ``first`` … ``until``, in ledger order. Close it: it holds a connection."""
    wanted = select(_e.seq, _e.recorded_at, _e.event_hash, _e.context, _e.raw).where(
        _e.kind == "event", _e.seq >= first, _e.seq <= until
    )
    digest: bytes | None = None
    context: bytes | None = None
    with closing(backend.stream(wanted.order_by(_e.seq))) as rows:
        for seq, recorded_at, event_hash, of_context, raw in rows:
            if of_context != digest:
                digest = of_context
                context = None if digest is None else content(backend, digest)
            facets = facets_of(raw, context, recorded_at, hash_id_of(event_hash))
            time = facets.instants["eventTime"][0]
            yield Seen(seq, int(time // 1), facets, len(raw))


RECENT = 512
"""Entries at the end of the chain whose events are kept ready in memory; segments cover what lies before."""
KEPT_BYTES = 16_384
"""A larger event is read again each time, so that hostile ones do not fill the memory."""
_recent: WeakKeyDictionary[Backend, dict[int, Seen]] = WeakKeyDictionary()


def recent(backend: Backend, first: int, until: int) -> Generator[Seen]:
    """As `seen`, for the end of the chain that every query has to look through: read once, then kept.

    What is kept is right for ever, since an entry never changes.
    """
    if until - first >= RECENT:
        yield from seen(backend, first, until)
        return
    kept = _recent.setdefault(backend, {})
    # A copy, since other threads may empty what is kept at any time.
    here = {seq: kept.get(seq) for seq in range(first, until + 1)}
    missing = [seq for seq, event in here.items() if event is None]
    if missing:
        fresh = {event.seq: event for event in seen(backend, missing[0], until)}
        here.update(fresh)
        if len(kept) > 2 * RECENT:
            kept.clear()
        nothing = Seen(-1, 0, Facets(), 0)
        kept.update((seq, event) for seq, event in fresh.items() if event.size <= KEPT_BYTES)
        kept.update((seq, nothing) for seq in missing if seq not in fresh)
    for event in here.values():
        if event is not None and event.seq >= 0:
            yield event


def gather(backend: Backend, first: int, count: int, *, progress: Callable[[int], None] | None = None) -> Part:
    """The part of an index that ``count`` entries from ``first`` on make."""
    keys = Keys()
    parts = []
    for start in range(first, first + count, EVENTS_AT_ONCE):
        end = min(start + EVENTS_AT_ONCE, first + count)
        parts.append(_part(backend, start, end - start, keys))
        if progress is not None:
            progress(end)
    return joined(parts)


def _part(backend: Backend, first: int, count: int, keys: Keys) -> Part:
    times = np.full(count, NO_TIME, np.int64)
    postings: list[int] = []
    counts: list[int] = []
    places: list[int] = []
    fields: list[int] = []
    field_places: list[int] = []
    numbers: list[float] = []
    with closing(seen(backend, first, first + count - 1)) as events:
        for event in events:
            place = event.seq - first
            times[place] = event.time
            found = keys.of(event.facets)
            postings += found
            counts.append(len(found))
            places.append(place)
            for field, number in keys.numbers(event.facets):
                fields.append(field)
                field_places.append(place)
                numbers.append(number)
    return Part(
        count,
        times,
        np.array(postings, np.int64),
        np.repeat(np.array(places, np.int64), np.array(counts, np.int64)),
        np.array(fields, np.int64),
        np.array(field_places, np.int64),
        np.array(numbers, np.float64),
    )


__all__ = ["Facets", "Seen", "facets_of", "gather", "recent", "seen"]
