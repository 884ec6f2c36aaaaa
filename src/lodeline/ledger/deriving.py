"""Deriving again: the derived tables from the entries alone, to rebuild them or to check that they are right."""

from __future__ import annotations

from collections import deque
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select

from lodeline.errors import IntegrityError, LodelineError
from lodeline.ledger.batches import Outcome, Task, unpack
from lodeline.ledger.indexing import Indexed, Indexer, mark
from lodeline.ledger.preparing import BATCH_BYTES, BATCH_EVENTS, WORKERS_FROM_EVENTS, outcomes
from lodeline.ledger.reading import content
from lodeline.ledger.relating import hash_of, held, identity_of
from lodeline.ledger.schema import DERIVED, entries

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from uuid import UUID

    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend
    from lodeline.record.prepare import Prepared


class Recorded(NamedTuple):
    """The columns of an event's entry that follow from its bytes."""

    seq: int
    event_hash: bytes
    event_id: str | None
    declaration: bytes | None


_e = entries.c
_STREAM = (
    select(_e.seq, _e.event_hash, _e.event_id, _e.declaration, _e.context, _e.raw)
    .where(_e.kind == "event")
    .order_by(_e.seq)
)


def replay(backend: Backend, until: int, events: int) -> Generator[tuple[list[Recorded], Sequence[Prepared]]]:
    """Every event up to an entry prepared again, in ledger order, in batches.

    Raises:
        IntegrityError: ``ledger.event_unreadable`` where today's code refuses what was recorded.
    """
    under_way: deque[list[Recorded]] = deque()
    large = events >= WORKERS_FROM_EVENTS
    with closing(outcomes(_tasks(backend, until, under_way), large=large, first_only=True)) as prepared:
        for outcome in prepared:
            recorded = under_way.popleft()
            require_readable(outcome, [entry.seq for entry in recorded])
            yield recorded, unpack(outcome.prepared)


def require_readable(outcome: Outcome, seqs: list[int]) -> None:
    """Refuse where an event that was recorded, with the sequence given, is refused now."""
    refused: list[LodelineError] = outcome.refusals()
    if refused:
        raise IntegrityError(
            "ledger.event_unreadable",
            "A recorded event is refused today; its bytes are not what was captured, or the rules have changed.",
            table="entries",
            seq=seqs[outcome.count],
            column="raw",
            refused=refused[0].code,
        ) from refused[0]


def _tasks(backend: Backend, until: int, under_way: deque[list[Recorded]]) -> Iterator[Task]:
    """Batches of events that share a @context; what was recorded of each waits in ``under_way``."""
    batch: list[Recorded] = []
    raws: list[bytes] = []
    size, digest, context = 0, None, None
    with closing(backend.stream(_STREAM.where(_e.seq <= until))) as rows:
        for seq, event_hash, event_id, declaration, of_context, raw in rows:
            if raws and (of_context != digest or size >= BATCH_BYTES or len(raws) >= BATCH_EVENTS):
                under_way.append(batch)
                yield Task(context, context is None, 0, raws)
                batch, raws, size = [], [], 0
            if of_context != digest:
                digest = of_context
                context = None if digest is None else content(backend, digest)
            batch.append(Recorded(seq, event_hash, event_id, declaration))
            raws.append(raw)
            size += len(raw)
    if raws:
        under_way.append(batch)
        yield Task(context, context is None, 0, raws)


def related(
    backend: Backend, connection: Connection, recorded: list[Recorded], prepared: Sequence[Prepared]
) -> list[Indexed]:
    """A batch of replayed events with the entries of the same hash id before each."""
    known = held(backend, connection, [hash_of(said) for said in prepared])
    return [
        Indexed(
            entry.seq,
            said,
            identity_of(said),
            {identity: seq for identity, seq in known.get(hash_of(said), {}).items() if seq < entry.seq},
        )
        for entry, said in zip(recorded, prepared, strict=True)
    ]


def rebuild(backend: Backend, book_id: UUID, *, wait_s: float, progress: Callable[[int], None] | None = None) -> None:
    """Empty the derived tables, make those that are missing, and fill them from the entries."""
    from lodeline.ledger.appending import Tip

    backend.restore_derived()
    with backend.write(wait_s) as connection:
        tip = Tip(backend, connection, book_id, 0)
        for table in DERIVED:
            connection.execute(delete(table))
        indexer, done = Indexer(backend, connection), 0
        with closing(replay(backend, tip.seq, tip.seq)) as replayed:
            for recorded, prepared in replayed:
                indexer.add(related(backend, connection, recorded, prepared))
                done += len(recorded)
                if progress is not None:
                    progress(done)
        mark(backend, connection, tip.seq, tip.digest)
