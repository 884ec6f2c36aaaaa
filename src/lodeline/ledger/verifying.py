"""Verify: recompute every digest from the bytes, and name the first place that is not what the chain says."""

from __future__ import annotations

import struct
from collections import Counter
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import select

from lodeline.errors import IntegrityError
from lodeline.ledger.chain import NOTHING, pack_place, shared_preimage
from lodeline.ledger.checkpoint import meet
from lodeline.ledger.extent import extent
from lodeline.ledger.placing import broken
from lodeline.ledger.schema import blobs, entries
from lodeline.ledger.values import Head, Verified, from_us

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from lodeline.ledger.backend import Backend
    from lodeline.ledger.checkpoint import Checkpoint
    from lodeline.ledger.deepsets import Recompute

PROGRESS_EVERY = 10_000
NOT_PACKED = (TypeError, AttributeError, OverflowError, struct.error)

_e = entries.c
_STREAM = select(
    _e.seq, _e.kind, _e.recorded_at, _e.captured_by, _e.capture_id, _e.source, _e.context, _e.digest, _e.raw
).order_by(_e.seq)


class ChainWalk:
    """Walks the chain from the first entry; what it has seen is there for the checks that follow."""

    def __init__(self, backend: Backend, book_id: UUID, until: int, progress: Callable[[int], None] | None) -> None:
        self.seq, self.digest, self.recorded_at = -1, NOTHING, 0
        self.kinds: Counter[str] = Counter()
        self.named: set[bytes] = set()
        self._backend, self._book_id, self._until, self._progress = backend, book_id, until, progress

    def run(self) -> None:
        """Recompute every entry's digest; the hot loop of verify, so that its parts stand in the open."""
        expected, previous, last_at = 0, NOTHING, -(1 << 62)
        shared, shared_of, kinds, named = b"", None, self.kinds, self.named
        seq = 0
        with closing(self._backend.stream(_STREAM.where(_e.seq <= self._until))) as rows:
            try:
                for seq, kind, at, by, capture, source, context, digest, raw in rows:
                    of = (kind, by, capture, source, context)
                    if of != shared_of:
                        shared = shared_preimage(self._book_id.bytes, kind, by, capture, source)
                        shared_of = of
                        if context is not None:
                            named.add(context)
                        if kind in ("document", "master"):
                            named.add(source)
                    place = pack_place(seq, at, previous, sha256(raw).digest(), context or NOTHING)
                    if sha256(shared + place).digest() != digest or seq != expected or at < last_at:
                        raise broken(self._backend, self._book_id, expected, seq)
                    kinds[kind] += 1
                    previous, last_at, expected = digest, at, expected + 1
                    if self._progress is not None and expected % PROGRESS_EVERY == 0:
                        self._progress(expected)
            except NOT_PACKED:
                # A damaged row may hold what no entry can: NULL, another type, a number too large.
                raise broken(self._backend, self._book_id, expected, seq) from None
        self.seq, self.digest, self.recorded_at = expected - 1, previous, last_at


def verify(
    backend: Backend,
    book_id: UUID,
    *,
    deep: bool,
    against: Checkpoint | None,
    recompute: Mapping[str, Recompute],
    progress: Callable[[int], None] | None,
) -> Verified:
    """Bytes, chain and content store; see `lodeline.ledger.store.Store.verify`."""
    to = extent(backend, deep=deep)
    walk = ChainWalk(backend, book_id, to.seq, progress)
    walk.run()
    check_blobs(backend, walk.named, to.blob)
    kinds = walk.kinds
    head = Head(str(book_id), walk.seq, walk.digest.hex(), from_us(walk.recorded_at))
    whole_file = False
    unchecked: tuple[str, ...] = ()
    if deep:
        from lodeline.ledger.deep import check_deep

        whole_file, unchecked = check_deep(backend, head, to, kinds["event"], recompute, progress=progress)
    if against is not None:
        meet(backend, head, against)
    return Verified(
        entries=walk.seq + 1,
        events=kinds["event"],
        documents=kinds["document"],
        master=kinds["master"],
        policies=kinds["policy"],
        deep=deep,
        head=head,
        whole_file=whole_file,
        unchecked=unchecked,
        checkpoint=None if against is None else against.seq,
    )


def check_blobs(backend: Backend, named: set[bytes], until: int) -> None:
    """Every blob is what its digest says, and the store holds exactly what the chain names.

    Raises:
        IntegrityError: ``ledger.blob_broken``, ``ledger.blob_missing``, ``ledger.blob_unnamed``.
    """
    unseen = set(named)
    last = 0
    held = select(blobs.c.id, blobs.c.digest, blobs.c.raw).where(blobs.c.id <= until).order_by(blobs.c.id)
    with closing(backend.stream(held)) as rows:
        for number, digest, raw in rows:
            if number != last + 1:
                raise IntegrityError(
                    "ledger.blob_missing",
                    "A blob is missing from the content store; restore the book from a copy.",
                    table="blobs",
                    id=last + 1,
                    column="id",
                )
            if sha256(raw or b"").digest() != digest:
                column = "raw" if digest in named else "digest"
                raise IntegrityError(
                    "ledger.blob_broken",
                    "A blob is not what its digest says; restore the book from a copy.",
                    table="blobs",
                    id=number,
                    column=column,
                )
            if digest not in named:
                raise IntegrityError(
                    "ledger.blob_unnamed",
                    "A blob is named by no entry: it was put there past the ledger.",
                    table="blobs",
                    id=number,
                    column="digest",
                )
            unseen.discard(digest)
            last = number
    if unseen:
        raise IntegrityError(
            "ledger.blob_missing",
            "The chain names bytes that the content store does not hold; restore the book from a copy.",
            table="blobs",
            digest=min(unseen).hex(),
        )
