"""Capture: a document's events onto the chain, all of them or none.

Outside the lock: spool, validate, hash. Inside: look up what is known, give sequence and record time, chain, insert.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from lodeline.errors import LodelineError
from lodeline.ledger.appending import Tip, check_captured_by
from lodeline.ledger.indexing import Indexed, Indexer, mark, require_index
from lodeline.ledger.likeness import Written, alike, hash_shared, written
from lodeline.ledger.preparing import Waiting
from lodeline.ledger.relating import hash_of, held, identity_of
from lodeline.ledger.values import Captured, to_us

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection

    from lodeline.ledger.appending import Act, NewEntry
    from lodeline.ledger.backend import Backend
    from lodeline.record.document import SpooledDocument
    from lodeline.record.prepare import Prepared


def capture(
    backend: Backend,
    book_id: UUID,
    document: SpooledDocument,
    *,
    by: str,
    clock: Callable[[], datetime],
    proceed: bool,
    progress: Callable[[int], None] | None,
    wait_s: float,
) -> Captured:
    """Capture a spooled document; see `lodeline.ledger.store.Store.capture`."""
    try:
        return _capture(
            backend, book_id, document, by=by, clock=clock, proceed=proceed, progress=progress, wait_s=wait_s
        )
    except LodelineError as refusal:
        placed = document.placed(refusal)
        if placed is refusal:
            raise
        raise placed from refusal


def _capture(
    backend: Backend,
    book_id: UUID,
    document: SpooledDocument,
    *,
    by: str,
    clock: Callable[[], datetime],
    proceed: bool,
    progress: Callable[[int], None] | None,
    wait_s: float,
) -> Captured:
    check_captured_by(by)
    document.require_valid()
    with Waiting(
        document.events(), document.context, bare=document.bare, size=document.size, proceed=proceed, progress=progress
    ) as waiting:
        with backend.write(wait_s) as connection:
            tip = Tip(backend, connection, book_id, to_us(clock()))
            require_index(backend, connection, tip.seq)
            left_out = {refusal.where["event"] for refusal in waiting.refused}
            indexes = (index for index in count() if index not in left_out)
            writer = EventWriter(backend, connection, tip, by, document, indexes, proceed=proceed)
            for batch in waiting.batches():
                writer.write(batch)
            if writer.added:
                mark(backend, connection, tip.seq, tip.digest)
        return Captured(
            capture_id=writer.capture_id,
            added=writer.added,
            known=writer.known,
            refused=[
                document.placed(refusal)
                for refusal in sorted(waiting.refused + writer.refused, key=lambda refusal: int(refusal.where["event"]))
            ],
            first_seq=writer.first_seq,
            last_seq=writer.last_seq,
            head=tip.head,
            master_elements=document.master_elements,
        )


class EventWriter:
    """Writes the events of one capture that are new, a batch at a time, inside the write lock."""

    def __init__(
        self,
        backend: Backend,
        connection: Connection,
        tip: Tip,
        by: str,
        document: SpooledDocument,
        indexes: Iterator[int],
        *,
        proceed: bool,
    ) -> None:
        self.added = self.known = 0
        self.refused: list[LodelineError] = []
        self.capture_id: int | None = None
        self.first_seq: int | None = None
        self.last_seq: int | None = None
        self._backend, self._connection, self._tip = backend, connection, tip
        self._by, self._document = by, document
        self._indexes, self._proceed = indexes, proceed
        self._context_digest: bytes | None = None
        self._act: Act | None = None
        self._indexer = Indexer(backend, connection)

    def write(self, batch: Sequence[Prepared]) -> None:
        """Append those of a batch that the book does not hold yet, and index them."""
        hashes = [hash_of(prepared) for prepared in batch]
        known = held(self._backend, self._connection, hashes)
        firsts = written(self._backend, self._connection, [min(same.values()) for same in known.values()])
        new: list[NewEntry] = []
        indexed: list[Indexed] = []
        seq = self._tip.seq if self._act else self._tip.seq + 1  # The capture's opening entry comes first.
        for event_hash, prepared, index in zip(hashes, batch, self._indexes, strict=False):
            identity = identity_of(prepared)
            same_hash = known.get(event_hash)
            if same_hash is None:
                same_hash = known[event_hash] = {}
            else:
                if not self._said_before(prepared, index, min(same_hash.values()), firsts):
                    continue
                if identity in same_hash:
                    self.known += 1
                    continue
            seq += 1
            new.append((prepared.raw, event_hash, *identity))
            indexed.append(Indexed(seq, prepared, identity, same_hash.copy()))
            same_hash[identity] = seq
            firsts[seq] = (prepared.raw, self._document.context)
        if new:
            act = self._act or self._begin()
            self._tip.write(act.entries(new, self._context_digest))
            self._indexer.add(indexed)
            self.added += len(new)
            self.first_seq = indexed[0].seq if self.first_seq is None else self.first_seq
            self.last_seq = indexed[-1].seq

    def _said_before(self, prepared: Prepared, index: int, seq: int, firsts: dict[int, Written]) -> bool:
        """Whether the first event of this hash id says what this one says; if not, this one is refused."""
        if alike((prepared.raw, self._document.context), firsts[seq]):
            return True
        refusal = hash_shared(prepared, index, seq)
        if not self._proceed:
            raise refusal
        self.refused.append(refusal)
        return False

    def _begin(self) -> Act:
        """Write the capture's first entry, which holds the document around the events."""
        if self._document.context is not None:
            self._context_digest = self._tip.keep(self._document.context)
        source = bytes.fromhex(self._document.digest)
        opening = self._tip.act("capture", self._by, source)
        self._tip.write([opening.entry(self._document.envelope, self._context_digest)])
        self.capture_id = opening.capture_id
        self._act = self._tip.act("event", self._by, source, capture_id=opening.capture_id)
        return self._act
