"""The events of a book in order of time, without holding more of them than a batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from lodeline.ledger.reading import content, counted_in_time, hash_id_of
from lodeline.ledger.schema import entries

if TYPE_CHECKING:
    import numpy as np

    from lodeline.ledger.backend import Backend

BATCH_EVENTS = 500


class Timeline(NamedTuple):
    """The events that count as of an entry, by time, and of one instant in ledger order.

    Attributes:
        seq: (event,) their entries, int64.
        at: (event,) when they happened, UTC microseconds, int64.
    """

    seq: np.ndarray[Any, np.dtype[np.int64]]
    at: np.ndarray[Any, np.dtype[np.int64]]


class Timed(NamedTuple):
    """One event as it was recorded: entry, hash id, exact bytes, and those of its document's @context."""

    seq: int
    hash_id: str
    raw: bytes
    context: bytes | None


def timeline(backend: Backend, until: int, *, after: int) -> Timeline:
    """Which events count as of an entry and were recorded after another, in order of time."""
    import numpy as np

    with closing(backend.stream(counted_in_time(until, after))) as rows:
        flat = np.fromiter((number for row in rows for number in (row[0], row[1])), dtype=np.int64)
    seq, at = flat[0::2], flat[1::2]
    order = np.lexsort((seq, at))
    return Timeline(seq[order], at[order])


def withdraws(backend: Backend, after: int, until: int) -> bool:
    """Whether any entry between declares an error."""
    e = entries.c
    wanted = select(e.seq).where(e.declaration.is_not(None), e.seq > after, e.seq <= until).limit(1)
    return bool(backend.rows(wanted))


def batches(backend: Backend, line: Timeline) -> Iterator[list[Timed]]:
    """The recorded events of a timeline, in its order, a batch at a time."""
    e = entries.c
    columns = (e.seq, e.event_hash, e.context, e.raw)
    contexts: dict[bytes, bytes] = {}
    for start in range(0, len(line.seq), BATCH_EVENTS):
        wanted: list[int] = line.seq[start : start + BATCH_EVENTS].tolist()
        found: dict[int, Timed] = {}
        with backend.read() as connection:
            for seq, event_hash, digest, raw in backend.lookup(connection, columns, e.seq, wanted):
                if digest is not None and digest not in contexts:
                    contexts[digest] = content(backend, digest)
                context = None if digest is None else contexts[digest]
                found[seq] = Timed(seq, hash_id_of(event_hash), bytes(raw), context)
        yield [found[seq] for seq in wanted]
