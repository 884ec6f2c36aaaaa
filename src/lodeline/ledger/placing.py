"""Naming the place: which column of an entry is not what the chain says.

A digest only says that something differs. Which column it was is found by putting back: a digest that is one byte
off was itself changed, since a changed input would change all of it; and a short column is at fault if some
change of one byte in it makes the entry whole again.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from lodeline.errors import IntegrityError
from lodeline.ledger.chain import NOTHING, entry_digest, shared_preimage
from lodeline.ledger.schema import entries

if TYPE_CHECKING:
    from uuid import UUID

    from lodeline.ledger.backend import Backend

KINDS = ("book", "capture", "event", "document", "master", "policy")


COLUMNS = ("kind", "recorded_at", "captured_by", "capture_id", "source", "context", "raw", "digest")
TYPES: tuple[Any, ...] = (str, int, str, int, bytes, (bytes, type(None)), bytes, bytes)


class Linked(NamedTuple):
    """The columns of an entry that its digest covers, and its raw bytes' digest instead of them."""

    kind: str
    recorded_at: int
    captured_by: str
    capture_id: int
    source: bytes
    context: bytes | None
    raw_digest: bytes


def broken(backend: Backend, book_id: UUID, expected: int, found: int) -> IntegrityError:
    """The refusal for the first entry that breaks the chain."""
    if found != expected:
        return IntegrityError(
            "ledger.entry_missing",
            "An entry is missing from the chain; restore the book from a copy.",
            table="entries",
            seq=expected,
            column="seq",
        )
    return IntegrityError(
        "ledger.entry_broken",
        "An entry is not what the chain says it was; restore the book from a copy.",
        table="entries",
        seq=expected,
        column=_column(backend, book_id, expected),
    )


def _column(backend: Backend, book_id: UUID, seq: int) -> str:
    e = entries.c
    row = backend.rows(
        select(e.kind, e.recorded_at, e.captured_by, e.capture_id, e.source, e.context, e.raw, e.digest).where(
            e.seq == seq
        )
    )[0]
    for column, value, kind in zip(COLUMNS, row, TYPES, strict=True):
        if not isinstance(value, kind):
            return column
    before = backend.rows(select(e.digest).where(e.seq == seq - 1))
    previous = before[0][0] if before else NOTHING
    said = Linked(row[0], row[1], row[2], row[3], row[4], row[5], sha256(row[6]).digest())

    def digest(as_if: Linked) -> bytes | None:
        try:
            shared = shared_preimage(book_id.bytes, as_if.kind, as_if.captured_by, as_if.capture_id, as_if.source)
            return entry_digest(shared, seq, as_if.recorded_at, previous, as_if.raw_digest, as_if.context)
        except Exception:  # noqa: BLE001 - a damaged value may not even pack; then this guess is not it
            return None

    computed = digest(said)
    if computed is not None and sum(a != b for a, b in zip(computed, row[7], strict=False)) <= 1:
        return "digest" if computed != row[7] else "recorded_at"
    for column, guess in _guesses(said):
        if digest(guess) == row[7]:
            return column
    return "raw"


def _guesses(said: Linked) -> Iterator[tuple[str, Linked]]:
    for kind in KINDS:
        yield "kind", said._replace(kind=kind)
    for value in _one_byte_off(said.recorded_at.to_bytes(8, "big", signed=True)):
        yield "recorded_at", said._replace(recorded_at=int.from_bytes(value, "big", signed=True))
    for value in _one_byte_off(said.capture_id.to_bytes(8, "big", signed=True)):
        yield "capture_id", said._replace(capture_id=int.from_bytes(value, "big", signed=True))
    for value in _one_byte_off(said.captured_by.encode()):
        yield "captured_by", said._replace(captured_by=value.decode(errors="replace"))
    for value in _one_byte_off(said.source):
        yield "source", said._replace(source=value)
    for value in _one_byte_off(said.context or b""):
        yield "context", said._replace(context=value)


def _one_byte_off(value: bytes) -> Iterator[bytes]:
    for place, byte in enumerate(value):
        for other in range(256):
            if other != byte:
                yield value[:place] + bytes((other,)) + value[place + 1 :]
