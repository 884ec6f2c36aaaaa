"""Whether events of one hash id say the same.

The canonical string of CBV 2.0 joins names and values without marks between them, so a few pairs of different events
share a hash id. Taking the second for a repetition of the first would lose it in silence; it is refused instead, and
so one hash id means one content in every book.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeline.errors import CaptureError
from lodeline.ledger.schema import blobs, entries
from lodeline.record.hash import content
from lodeline.record.stored import event_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend
    from lodeline.record.prepare import Prepared

Written = tuple[bytes, bytes | None]
"""An event as it was written: its exact bytes, and those of its document's @context (for XML, what it inherits)."""


def written(backend: Backend, connection: Connection, seqs: Sequence[int]) -> dict[int, Written]:
    """Recorded events, as they were written, by sequence."""
    e = entries.c
    found = {
        seq: (bytes(raw), None if context is None else bytes(context))
        for seq, raw, context in backend.lookup(connection, (e.seq, e.raw, e.context), e.seq, seqs)
    }
    digests = sorted({digest for _, digest in found.values() if digest is not None})
    columns = (blobs.c.digest, blobs.c.raw)
    contexts = {
        bytes(digest): bytes(raw) for digest, raw in backend.lookup(connection, columns, blobs.c.digest, digests)
    }
    return {seq: (raw, None if digest is None else contexts[digest]) for seq, (raw, digest) in found.items()}


def alike(one: Written, other: Written) -> bool:
    """Whether two events of one hash id have one content."""
    return one == other or _content(one) == _content(other)


def hash_shared(prepared: Prepared, index: int, seq: int) -> CaptureError:
    """The refusal of an event whose hash id another event has."""
    return CaptureError(
        "capture.hash_shared",
        f"Entry {seq} says something else under the same CBV hash id, which cannot tell the two apart; write the "
        "fields in which this event differs under other names or at another level.",
        event=index,
        hash_id=prepared.hash_id,
    )


def _content(event: Written) -> str:
    return content(*event_of(*event))
