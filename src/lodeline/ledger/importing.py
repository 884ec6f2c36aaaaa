"""Import: a portable book into a new store, whole or not at all, with the same head."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack, closing
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import select

from lodeline.errors import InputError
from lodeline.ledger.appending import Tip
from lodeline.ledger.batches import Task, unpack
from lodeline.ledger.deriving import Recorded, related, require_readable
from lodeline.ledger.indexing import Indexer, mark
from lodeline.ledger.portable import Entry, Reader, named
from lodeline.ledger.preparing import BATCH_BYTES, BATCH_EVENTS, WORKERS_FROM_EVENTS, outcomes
from lodeline.ledger.relating import hash_of, identity_of
from lodeline.ledger.schema import blobs, entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend, Row
    from lodeline.record.prepare import Prepared

Batch = list[tuple[Entry, bytes]]


def fill(backend: Backend, reader: Reader, *, progress: Callable[[int], None] | None) -> None:
    """Write all entries of a portable book into an empty store, in one transaction.

    Raises:
        InputError: ``ledger.import_format``.
        IntegrityError: ``ledger.import_broken``, ``ledger.event_unreadable``.
    """
    with backend.write(wait_s=0.0) as connection, ExitStack() as opened:
        tip = Tip(backend, connection, reader.book_id, 0)
        indexer = Indexer(backend, connection)
        under_way: deque[Batch] = deque()
        work = Batches(connection, tip, reader, under_way).tasks()
        large = reader.count >= WORKERS_FROM_EVENTS
        for outcome in opened.enter_context(closing(outcomes(work, large=large, first_only=True))):
            batch = under_way.popleft()
            events = [entry for entry, _ in batch if entry.kind == "event"]
            require_readable(outcome, [entry.seq for entry in events])
            prepared = unpack(outcome.prepared)
            recorded = [_recorded(entry, said) for entry, said in zip(events, prepared, strict=True)]
            backend.insert(connection, entries, _rows(batch, recorded))
            if recorded:
                indexer.add(related(backend, connection, recorded, prepared))
            if progress is not None:
                progress(batch[-1][0].seq)
        mark(backend, connection, reader.seq, reader.digest)


def _recorded(entry: Entry, said: Prepared) -> Recorded:
    event_id, declaration = identity_of(said)
    return Recorded(entry.seq, hash_of(said), event_id, declaration)


def _rows(batch: Batch, recorded: list[Recorded]) -> list[Row]:
    identities = {known.seq: (known.event_hash, known.event_id, known.declaration) for known in recorded}
    return [
        (
            entry.seq,
            entry.kind,
            entry.recorded_at,
            entry.captured_by,
            entry.capture_id,
            bytes.fromhex(entry.source),
            None if entry.context is None else bytes.fromhex(entry.context),
            *identities.get(entry.seq, (None, None, None)),
            bytes.fromhex(entry.digest),
            raw,
        )
        for entry, raw in batch
    ]


class Batches:
    """Cuts a portable book into batches of entries whose events share a @context."""

    def __init__(self, connection: Connection, tip: Tip, reader: Reader, under_way: deque[Batch]) -> None:
        self._connection, self._tip, self._reader = connection, tip, reader
        self._under_way = under_way
        self._unnamed: set[bytes] = set()
        self._given: set[bytes] = set()

    def tasks(self) -> Iterator[Task]:
        """The events of each batch; the whole batch waits in ``under_way``."""
        batch: Batch = []
        size, context = 0, None
        for line in self._reader.lines():
            if isinstance(line, bytes):
                self._keep(line)
                continue
            entry, raw = line
            self._require_given(entry)
            if batch and (entry.context != context or size >= BATCH_BYTES or len(batch) >= BATCH_EVENTS):
                yield self._task(batch, context)
                batch, size = [], 0
            context = entry.context
            batch.append(line)
            size += len(raw)
        if self._unnamed:
            raise _wrong("bytes that no entry names")
        if batch:
            yield self._task(batch, context)

    def _task(self, batch: Batch, context: str | None) -> Task:
        self._under_way.append(batch)
        raws = [raw for entry, raw in batch if entry.kind == "event"]
        held: bytes | None = None
        if context is not None and raws:
            wanted = select(blobs.c.raw).where(blobs.c.digest == bytes.fromhex(context))
            held = bytes(self._connection.execute(wanted).scalar_one())
        return Task(held, held is None, 0, raws)

    def _keep(self, raw: bytes) -> None:
        digest = sha256(raw).digest()
        if digest in self._given:
            raise _wrong("bytes that were given before")
        self._given.add(digest)
        self._unnamed.add(digest)
        self._tip.keep(raw, digest)

    def _require_given(self, entry: Entry) -> None:
        context = None if entry.context is None else bytes.fromhex(entry.context)
        for digest in named(entry.kind, bytes.fromhex(entry.source), context):
            if digest not in self._given:
                raise _wrong("an entry that names bytes which were not given before it")
            self._unnamed.discard(digest)


def _wrong(what: str) -> InputError:
    return InputError(
        "ledger.import_format",
        "This is not a whole exported book; give a file that `lodeline export` wrote.",
        what=what,
    )
