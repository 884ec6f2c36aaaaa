"""Capture: a document's events onto the chain, all of them or none.

Outside the lock: spool, validate, hash. Inside: look up what is known, give sequence and record time, chain, insert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from lodeline.ledger.appending import Tip, check_captured_by
from lodeline.ledger.indexing import ASKED_AT_ONCE, Indexer, mark
from lodeline.ledger.preparing import Waiting
from lodeline.ledger.schema import entries
from lodeline.ledger.values import Captured, to_us

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection

    from lodeline.ledger.appending import Act
    from lodeline.ledger.backend import Backend, Row
    from lodeline.record.document import SpooledDocument
    from lodeline.record.prepare import Prepared

Identity = tuple[str | None, bytes | None]
"""What tells entries of one hash id apart: eventID and digest of the errorDeclaration."""

HASH_ID = slice(14, 78)
"""Where the hexadecimal digits stand in ``ni:///sha-256;<64 digits>?ver=CBV2.0``."""

_DOCUMENT_KINDS = ("EPCISDocument", "EPCISQueryDocument")

_by_hash = (
    select(entries.c.event_hash, entries.c.event_id, entries.c.declaration, entries.c.seq)
    .where(entries.c.event_hash.in_(bindparam("asked", expanding=True)))
    .order_by(entries.c.seq)
)


def is_bare(document: SpooledDocument) -> bool:
    """Whether the document is an event by itself, which carries its own @context."""
    return document.kind not in _DOCUMENT_KINDS


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
    check_captured_by(by)
    bare = is_bare(document)
    context = None if bare else document.context
    with Waiting(
        document.events(), context, bare=bare, size=document.size, proceed=proceed, progress=progress
    ) as waiting:
        with backend.write(wait_s) as connection:
            tip = Tip(backend, connection, book_id, to_us(clock()))
            writer = EventWriter(backend, connection, tip, by, document, context)
            for batch in waiting.batches():
                writer.write(batch)
            if writer.added:
                mark(backend, connection, tip.seq, tip.digest)
        return Captured(
            capture_id=writer.capture_id,
            added=writer.added,
            known=writer.known,
            refused=waiting.refused,
            first_seq=writer.first_seq,
            last_seq=writer.last_seq,
            head=tip.head,
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
        context: bytes | None,
    ) -> None:
        self.added = self.known = 0
        self.capture_id: int | None = None
        self.first_seq: int | None = None
        self.last_seq: int | None = None
        self._connection, self._tip = connection, tip
        self._by, self._document, self._context = by, document, context
        self._context_digest: bytes | None = None
        self._act: Act | None = None
        self._indexer = Indexer(backend, connection)

    def write(self, batch: Sequence[Prepared]) -> None:
        """Append those of a batch that the book does not hold yet, and index them."""
        hashes = [bytes.fromhex(prepared.hash_id[HASH_ID]) for prepared in batch]
        held = self._held(hashes)
        rows: list[Row] = []
        indexed: list[tuple[int, Prepared, int | None]] = []
        withdrawn: list[Row] = []
        for event_hash, prepared in zip(hashes, batch, strict=True):
            declares = prepared.error_declaration
            declaration = None if declares is None else bytes.fromhex(declares)
            identity = (prepared.event_id, declaration)
            same_hash = held.setdefault(event_hash, {})
            if identity in same_hash:
                self.known += 1
                continue
            act = self._act or self._begin()
            row = act.entry(prepared.raw, self._context_digest, event_hash, prepared.event_id, declaration)
            seq = self._tip.seq
            if same_hash:
                withdrawn += withdrawals_by(seq, identity, same_hash)
            indexed.append((seq, prepared, twin(identity, same_hash)))
            same_hash[identity] = seq
            rows.append(row)
        if rows:
            self._tip.write(rows)
            self._indexer.add(indexed, withdrawn)
            self.added += len(rows)
            self.first_seq = indexed[0][0] if self.first_seq is None else self.first_seq
            self.last_seq = indexed[-1][0]

    def _begin(self) -> Act:
        """Write the capture's first entry, which holds the document around the events."""
        if self._context is not None:
            self._context_digest = self._tip.keep(self._context)
        source = bytes.fromhex(self._document.digest)
        opening = self._tip.act("capture", self._by, source)
        envelope = b"" if is_bare(self._document) else bytes(self._document.envelope)
        self._tip.write([opening.entry(envelope, self._context_digest)])
        self.capture_id = opening.capture_id
        self._act = self._tip.act("event", self._by, source, capture_id=opening.capture_id)
        return self._act

    def _held(self, hashes: Sequence[bytes]) -> dict[bytes, dict[Identity, int]]:
        """The entries that the book holds under any of the hashes, oldest first."""
        held: dict[bytes, dict[Identity, int]] = {}
        for start in range(0, len(hashes), ASKED_AT_ONCE):
            asked = hashes[start : start + ASKED_AT_ONCE]
            for event_hash, event_id, declaration, seq in self._connection.execute(_by_hash, {"asked": asked}):
                identity = (event_id, None if declaration is None else bytes(declaration))
                held.setdefault(bytes(event_hash), {})[identity] = seq
        return held


def twin(identity: Identity, same_hash: dict[Identity, int]) -> int | None:
    """Sequence of the first statement with the same hash id, for a later statement; None for a declaration."""
    if identity[1] is not None:
        return None
    return min((seq for (_, declaration), seq in same_hash.items() if declaration is None), default=None)


def withdrawals_by(seq: int, identity: Identity, same_hash: dict[Identity, int]) -> list[Row]:
    """Rows (original, declaration) that a new entry of a known hash brings.

    A declaration withdraws the statements of its hash id that bear its eventID, or bear none, or all of them if it
    bears none itself. One that came before its original withdraws it too.
    """
    event_id, declaration = identity
    rows: list[Row] = []
    for (other_id, other_declaration), other in same_hash.items():
        if (declaration is None) == (other_declaration is None):
            continue
        if event_id is None or other_id is None or event_id == other_id:
            rows.append((other, seq) if other_declaration is None else (seq, other))
    return rows
