"""What the ledger gives back: heads, entries, captures, documents, master data. Values, frozen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from lodeline.errors import LodelineError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

MASTER_KINDS = ("party", "site", "store", "scale", "laboratory", "standard", "material", "deposit")


def to_us(instant: datetime) -> int:
    """An instant as whole microseconds since 1970-01-01T00:00Z. The instant must carry its offset."""
    return (instant - EPOCH) // MICROSECOND


def from_us(us: int) -> datetime:
    """The instant, in UTC, of a number of microseconds since 1970-01-01T00:00Z."""
    return EPOCH + us * MICROSECOND


class Head(msgspec.Struct, frozen=True):
    """The last entry of a book, as of some entry.

    Attributes:
        book_id: UUID of the book.
        seq: Sequence of the entry; 0 is the entry that founds the book.
        digest: Its digest, 64 hexadecimal digits.
        recorded_at: Its record time, UTC.
    """

    book_id: str
    seq: int
    digest: str
    recorded_at: datetime


class StoredEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One link of the chain, whatever it holds.

    Attributes:
        seq: Its place in the ledger.
        kind: ``book``, ``event``, ``document``, ``master`` or ``policy``.
        recorded_at, captured_by, capture_id: When, by whom, and with which capture.
        source: SHA-256 of the source document, 64 hexadecimal digits.
        digest: The entry's digest, 64 hexadecimal digits.
        raw: The exact bytes that the entry holds.
    """

    seq: int
    kind: str
    recorded_at: datetime
    captured_by: str
    capture_id: int
    source: str
    digest: str
    raw: bytes


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event as it was recorded.

    Attributes:
        seq: Its place in the ledger.
        recorded_at: Record time, UTC.
        captured_by: Who captured it.
        capture_id: The capture it came with: the sequence of that capture's first entry.
        hash_id: CBV hash id.
        event_id: Its eventID, as written, if it has one.
        raw: The exact bytes of the event.
        context: The exact bytes of its document's @context; None for an event captured bare.
        declares_error: It carries an errorDeclaration: it withdraws, and states nothing itself.
        withdrawn_by: Sequence of the first entry that withdraws it, as of the entry asked for.
        twin_of: Sequence of the first entry with the same hash id, if this is a later one.
        counted: It stands and is the one of its hash id that is counted.
    """

    seq: int
    recorded_at: datetime
    captured_by: str
    capture_id: int
    hash_id: str
    event_id: str | None
    raw: bytes
    context: bytes | None
    declares_error: bool
    withdrawn_by: int | None
    twin_of: int | None
    counted: bool


class Captured(msgspec.Struct, frozen=True, kw_only=True):
    """What a capture did. It is acknowledged: what it added survives a power cut.

    Attributes:
        capture_id: Sequence of the capture's first entry; None when nothing was new.
        added: Number of events that are new in the book.
        known: Number of events the book, or an earlier place of the same document, already held.
        refused: With ``proceed``, one refusal for each event that was left out; ``where["event"]`` is its place.
        first_seq, last_seq: Sequences of the first and last event added; None when none was.
        head: The head after the capture.
        master_elements: Master data in the document's header, by number of things they describe. They are kept with
            the document around the events, and not registered.
    """

    capture_id: int | None
    added: int
    known: int
    refused: list[LodelineError]
    first_seq: int | None
    last_seq: int | None
    head: Head
    master_elements: int = 0


class StoredDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document beside the events: what it is, and where the ledger says so.

    Attributes:
        id: Content hash, ``ni:///sha-256;`` and 64 hexadecimal digits.
        media_type, title, issuer, role: As given.
        dated: The date the document bears, ISO 8601, if any.
        meta: Further facts, as given.
        size: Bytes.
        seq, recorded_at, captured_by: The entry that put it on the chain.
        known: On adding: the book held it already, and nothing was written.
    """

    id: str
    media_type: str
    title: str
    issuer: str
    dated: str | None
    role: str
    meta: dict[str, str]
    size: int
    seq: int
    recorded_at: datetime
    captured_by: str
    known: bool = False


class MasterRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One dated statement about a party, site, store, scale, laboratory, standard, material or deposit.

    Attributes:
        kind: One of `MASTER_KINDS`.
        id: Identifier, of any scheme.
        attributes: What is stated. Numbers are Decimal.
        valid_from: ISO 8601 date from which it holds; None: always.
    """

    kind: str
    id: str
    attributes: dict[str, str | Decimal | bool | list[Any] | dict[str, Any]]
    valid_from: str | None = None


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """What a registration did: statements added, statements the book held already, and the head after it."""

    capture_id: int | None
    added: int
    known: int
    head: Head


class StoredPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy document as recorded: its exact TOML, and the entry (the policy's version is its sequence)."""

    toml: bytes
    seq: int
    recorded_at: datetime
    captured_by: str
    known: bool = False


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification read and found whole.

    Attributes:
        entries: Entries whose bytes and link were recomputed.
        events, documents, master, policies: How many of them were of each kind.
        deep: Hash ids, derived tables, schema and store file were recomputed and compared too.
        head: The head that was reached.
        whole_file: Every byte of the book's file was looked at; a file that is being written, or a server's, cannot be.
        unchecked: Derived sets that stand in the book and were not recomputed: made by other code, so that nothing
            reads them, or known only to who opened the book. Empty unless ``deep``.
        checkpoint: Sequence of the checkpoint that was met, if one was given.
    """

    entries: int
    events: int
    documents: int
    master: int
    policies: int
    deep: bool
    head: Head
    whole_file: bool = False
    unchecked: tuple[str, ...] = ()
    checkpoint: int | None = None
