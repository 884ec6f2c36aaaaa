"""Appending: how entries get their sequence, record time and digest. Only ever inside the write lock."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from lodeline.errors import BookError
from lodeline.ledger.chain import NOTHING, pack_place, shared_preimage
from lodeline.ledger.schema import blobs, entries
from lodeline.ledger.values import Head, from_us

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend, Row

NewEntry = tuple[bytes, bytes | None, str | None, bytes | None]
"""Raw bytes, and of an event its hash, eventID and digest of the errorDeclaration."""

CAPTURED_BY_BYTES = 1024
"""Longest name of who captured, in bytes of UTF-8."""


def check_captured_by(by: str) -> None:
    """Refuse a name that says nothing or does not fit an entry.

    Raises:
        BookError: ``ledger.captured_by``.
    """
    if not by.strip() or "\0" in by or len(by.encode(errors="surrogatepass")) > CAPTURED_BY_BYTES:
        raise BookError(
            "ledger.captured_by",
            f"Say who captures: a name of 1 to {CAPTURED_BY_BYTES} bytes.",
        )


class Tip:
    """The end of the chain inside one write transaction; it moves on with each entry.

    Record time: the clock's, but never before the last entry's. A clock that runs behind, or is set back, gives
    entries the last record time again until it has caught up.
    """

    def __init__(self, backend: Backend, connection: Connection, book_id: UUID, now: int) -> None:
        last = connection.execute(
            select(entries.c.seq, entries.c.digest, entries.c.recorded_at).order_by(entries.c.seq.desc()).limit(1)
        ).first()
        self.seq, self.digest, self.recorded_at = -1, NOTHING, now
        if last is not None:
            self.seq, self.digest, self.recorded_at = last[0], bytes(last[1]), max(now, last[2])
        self._backend = backend
        self._connection = connection
        self._book_id = book_id
        self._context_known: set[bytes] = set()

    @property
    def head(self) -> Head:
        return Head(str(self._book_id), self.seq, self.digest.hex(), from_us(self.recorded_at))

    def act(self, kind: str, captured_by: str, source: bytes, *, capture_id: int | None = None) -> Act:
        """Begin a run of entries that share kind, who captured, capture id and source document.

        Without ``capture_id`` the next entry is the capture's first, and names it.
        """
        capture = self.seq + 1 if capture_id is None else capture_id
        return Act(self, kind, captured_by, source, capture, self._book_id.bytes)

    def write(self, rows: list[Row]) -> None:
        """Insert entries made by `Act.entry`."""
        self._backend.insert(self._connection, entries, rows)

    def keep(self, content: bytes, digest: bytes | None = None) -> bytes:
        """Put bytes in the content store once, and return their digest."""
        digest = sha256(content).digest() if digest is None else digest
        if digest in self._context_known:
            return digest
        self._context_known.add(digest)
        held = self._connection.execute(select(blobs.c.id).where(blobs.c.digest == digest)).first()
        if held is None:
            last = self._connection.execute(select(blobs.c.id).order_by(blobs.c.id.desc()).limit(1)).scalar()
            self._backend.insert(self._connection, blobs, [((last or 0) + 1, digest, content)])
        return digest


class Act:
    """Entries of one kind in one capture: what they share is packed once."""

    def __init__(self, tip: Tip, kind: str, captured_by: str, source: bytes, capture_id: int, book_id: bytes) -> None:
        self.capture_id = capture_id
        self._tip = tip
        self._kind, self._by, self._source = kind, captured_by, source
        self._shared = shared_preimage(book_id, kind, captured_by, capture_id, source)

    def entry(self, raw: bytes, context: bytes | None = None) -> Row:
        """The row of the next entry that is no event. ``context`` is a digest."""
        (row,) = self.entries([(raw, None, None, None)], context)
        return row

    def entries(self, new: Sequence[NewEntry], context: bytes | None) -> list[Row]:
        """The rows of the next entries, in the order of the table's columns; the hot loop of capture."""
        tip = self._tip
        seq, digest, recorded_at, shared = tip.seq, tip.digest, tip.recorded_at, self._shared
        kind, by, capture_id, source = self._kind, self._by, self.capture_id, self._source
        context_or_nothing = context or NOTHING
        rows: list[Row] = []
        for raw, event_hash, event_id, declaration in new:
            seq += 1
            place = pack_place(seq, recorded_at, digest, sha256(raw).digest(), context_or_nothing)
            digest = sha256(shared + place).digest()
            identity = (event_hash, event_id, declaration)
            rows.append((seq, kind, recorded_at, by, capture_id, source, context, *identity, digest, raw))
        tip.seq, tip.digest = seq, digest
        return rows
