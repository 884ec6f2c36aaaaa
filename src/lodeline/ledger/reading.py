"""Reading: every question is asked as of an entry, and answered from entries up to it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, not_, select

from lodeline.errors import BookError, Finding, IntegrityError, NotFoundError, Settle
from lodeline.ledger.recording import DOCUMENT_ID, read_document, read_master
from lodeline.ledger.schema import NOT_EVENT, blobs, entries, event_index, lot_index, names, withdrawals
from lodeline.ledger.values import (
    Head,
    MasterRecord,
    StoredDocument,
    StoredEntry,
    StoredEvent,
    StoredPolicy,
    from_us,
    to_us,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from uuid import UUID

    from sqlalchemy import ColumnElement, ScalarSelect, Select

    from lodeline.ledger.backend import Backend

AsOf = int | datetime | None
"""An entry by its sequence, an instant (the last entry recorded up to then), or None for the newest entry."""

PAGE_EVENTS = 1000
HASH_URI = "ni:///sha-256;"
HASH_SUFFIX = "?ver=CBV2.0"
WHOLE_DIGEST = re.compile("[0-9a-f]{64}")
HASH_DIGITS = re.compile("[0-9a-f]{16,64}")


def head(backend: Backend, book_id: UUID, as_of: AsOf = None) -> Head:
    """The entry that is meant.

    Raises:
        BookError: ``ledger.as_of`` where the book has no such entry.
    """
    wanted = select(entries.c.seq, entries.c.digest, entries.c.recorded_at)
    if isinstance(as_of, datetime):
        if as_of.tzinfo is None:
            raise BookError("ledger.as_of", "Say the instant with its offset, for example 2026-01-31T00:00:00Z.")
        wanted = wanted.where(entries.c.recorded_at <= to_us(as_of))
    elif as_of is not None:
        wanted = wanted.where(entries.c.seq == as_of)
    rows = backend.rows(wanted.order_by(entries.c.seq.desc()).limit(1))
    if not rows:
        raise BookError("ledger.as_of", "The book has no such entry; ask as of an entry it holds.", as_of=str(as_of))
    seq, digest, recorded_at = rows[0]
    return Head(str(book_id), seq, bytes(digest).hex(), from_us(recorded_at))


def entry(backend: Backend, until: int, seq: int) -> StoredEntry:
    """One link of the chain.

    Raises:
        NotFoundError: ``ledger.no_entry``.
    """
    columns = ("seq", "kind", "recorded_at", "captured_by", "capture_id", "source", "digest", "raw")
    wanted = select(*(entries.c[name] for name in columns)).where(entries.c.seq == seq, entries.c.seq <= until)
    rows = backend.rows(wanted)
    if not rows:
        raise NotFoundError("ledger.no_entry", f"The book holds no such entry; the last is {until}.", entry=seq)
    number, kind, recorded_at, by, capture_id, source, digest, raw = rows[0]
    return StoredEntry(
        seq=number,
        kind=kind,
        recorded_at=from_us(recorded_at),
        captured_by=by,
        capture_id=capture_id,
        source=bytes(source).hex(),
        digest=bytes(digest).hex(),
        raw=bytes(raw),
    )


def events(
    backend: Backend,
    until: int,
    *,
    after: int = 0,
    lot: str | None = None,
    role: str | None = None,
    event_type: str | None = None,
    biz_step: str | None = None,
    place: str | None = None,
    counted: bool = False,
) -> Iterator[StoredEvent]:
    """Events in ledger order, a page at a time, so that a long read holds no lock and no cursor.

    Names are canonical here; `lodeline.ledger.store.Store.events` makes them so.
    """
    conditions: list[ColumnElement[bool]] = []
    if event_type is not None:
        conditions.append(event_index.c.event_type == _number(event_type))
    if biz_step is not None:
        conditions.append(event_index.c.biz_step == _number(biz_step))
    if place is not None:
        number = _number(place)
        conditions.append((event_index.c.read_point == number) | (event_index.c.biz_location == number))
    wanted = _events_as_of(until).where(*conditions)
    pages = _pages(backend, wanted, after) if lot is None else _lot_pages(backend, wanted, lot, role, after, until)
    contexts: dict[bytes, bytes] = {}
    for rows in pages:
        _learn_contexts(backend, rows, contexts)
        for row in rows:
            event = _event(row, contexts)
            if event.counted or not counted:
                yield event


def named_events(backend: Backend, until: int, key: str) -> list[StoredEvent]:
    """Events by sequence, hash id (or its first 16 digits or more), or eventID.

    Raises:
        NotFoundError: ``ledger.no_event``.
    """
    wanted = _events_as_of(until)
    if key.isascii() and key.isdigit() and len(key) < 16:
        wanted = wanted.where(entries.c.seq == int(key))
    elif digits := _hash_digits(key):
        low, high = bytes.fromhex(digits.ljust(64, "0")), bytes.fromhex(digits.ljust(64, "f"))
        wanted = wanted.where(entries.c.event_hash.between(low, high))
    else:
        wanted = wanted.where(entries.c.event_id == key)
    rows = backend.rows(wanted)
    if not rows:
        raise NotFoundError(
            "ledger.no_event", "The book holds no such event; give a sequence, a hash id or an eventID.", key=key
        )
    contexts: dict[bytes, bytes] = {}
    _learn_contexts(backend, rows, contexts)
    return [_event(row, contexts) for row in rows]


def events_at(backend: Backend, until: int, seqs: list[int]) -> list[StoredEvent]:
    """The events of some entries as of an entry, in the order in which the entries are given."""
    rows = backend.rows(_events_as_of(until).where(event_index.c.seq.in_(seqs)))
    contexts: dict[bytes, bytes] = {}
    _learn_contexts(backend, rows, contexts)
    found = {row.seq: _event(row, contexts) for row in rows}
    return [found[seq] for seq in seqs]


def _hash_digits(key: str) -> str:
    """The hexadecimal digits of a hash id or of its beginning; none if ``key`` is neither."""
    digits = key.removeprefix(HASH_URI).removesuffix(HASH_SUFFIX)
    return digits if HASH_DIGITS.fullmatch(digits) else ""


def _pages(backend: Backend, wanted: Select[Any], after: int) -> Iterator[list[Any]]:
    while True:
        rows = backend.rows(wanted.where(event_index.c.seq > after).limit(PAGE_EVENTS))
        yield rows
        if len(rows) < PAGE_EVENTS:
            return
        after = rows[-1].seq


def _lot_pages(
    backend: Backend, wanted: Select[Any], lot: str, role: str | None, after: int, until: int
) -> Iterator[list[Any]]:
    # Two steps, because a planner that sees both in one may walk all entries to find a handful.
    mentions = (
        select(lot_index.c.seq)
        .distinct()
        .where(lot_index.c.lot == _number(lot), lot_index.c.seq > after, lot_index.c.seq <= until)
        .order_by(lot_index.c.seq)
    )
    if role is not None:
        mentions = mentions.where(lot_index.c.role == role)
    seqs = [seq for (seq,) in backend.rows(mentions)]
    for start in range(0, len(seqs), PAGE_EVENTS):
        yield backend.rows(wanted.where(event_index.c.seq.in_(seqs[start : start + PAGE_EVENTS])))


def _number(name: str) -> ScalarSelect[int]:
    return select(names.c.id).where(names.c.name == name).scalar_subquery()


def _events_as_of(until: int) -> Select[Any]:
    """Every event up to an entry, with what later entries up to there make of it, in ledger order."""
    x, e = event_index, entries
    withdrawn_by = (
        select(func.min(withdrawals.c.declaration))
        .where(withdrawals.c.original == x.c.seq, withdrawals.c.declaration <= until)
        .scalar_subquery()
    )
    # Of the statements with one hash id, the first that stands is counted. Twins are rare, so that the inner
    # question is seldom asked.
    sibling, first = event_index.alias(), func.coalesce(x.c.twin_of, x.c.seq)
    standing_before = exists().where(
        ((sibling.c.seq == first) | (sibling.c.twin_of == first)),
        sibling.c.seq < x.c.seq,
        not_(exists().where(withdrawals.c.original == sibling.c.seq, withdrawals.c.declaration <= until)),
    )
    counted = and_(
        e.c.declaration.is_(None),
        withdrawn_by.is_(None),
        x.c.twin_of.is_(None) | not_(standing_before),
    )
    return (
        select(
            e.c.seq,
            e.c.recorded_at,
            e.c.captured_by,
            e.c.capture_id,
            e.c.event_hash,
            e.c.event_id,
            e.c.raw,
            e.c.context,
            e.c.declaration.is_not(None).label("declares"),
            withdrawn_by.label("withdrawn_by"),
            x.c.twin_of,
            counted.label("counted"),
        )
        .select_from(x.join(e, e.c.seq == x.c.seq))
        .where(x.c.seq <= until)
        .order_by(x.c.seq)
    )


def counted_among(backend: Backend, until: int, seqs: Collection[int]) -> dict[int, int]:
    """Those of these events that stand as of an entry and are the one of their hash id that is counted; their times."""
    wanted, ordered = _events_as_of(until), sorted(seqs)
    columns = wanted.selected_columns
    found: dict[int, int] = {}
    for start in range(0, len(ordered), PAGE_EVENTS):
        among = wanted.where(event_index.c.seq.in_(ordered[start : start + PAGE_EVENTS]))
        rows = backend.rows(among.with_only_columns(columns.seq, event_index.c.event_time, columns.counted))
        found.update((seq, at) for seq, at, counted in rows if counted)
    return found


def counted_in_time(until: int, after: int) -> Select[Any]:
    """Entry and time of every event that counts as of an entry and was recorded after another."""
    wanted = _events_as_of(until).where(event_index.c.seq > after)
    counted = wanted.selected_columns.counted
    return wanted.with_only_columns(event_index.c.seq, event_index.c.event_time).where(counted)


def _event(row: Any, contexts: dict[bytes, bytes]) -> StoredEvent:
    return StoredEvent(
        seq=row.seq,
        recorded_at=from_us(row.recorded_at),
        captured_by=row.captured_by,
        capture_id=row.capture_id,
        hash_id=hash_id_of(row.event_hash),
        event_id=row.event_id,
        raw=bytes(row.raw),
        context=None if row.context is None else contexts[bytes(row.context)],
        declares_error=bool(row.declares),
        withdrawn_by=row.withdrawn_by,
        twin_of=row.twin_of,
        counted=bool(row.counted),
    )


def _learn_contexts(backend: Backend, rows: list[Any], contexts: dict[bytes, bytes]) -> None:
    for digest in {bytes(row.context) for row in rows if row.context is not None} - contexts.keys():
        contexts[digest] = content(backend, digest)


def content(backend: Backend, digest: bytes) -> bytes:
    """Bytes from the content store.

    Raises:
        IntegrityError: ``ledger.blob_missing``.
    """
    rows = backend.rows(select(blobs.c.raw).where(blobs.c.digest == digest))
    if not rows:
        raise IntegrityError(
            "ledger.blob_missing",
            "The book names bytes that its content store does not hold; restore the book from a copy.",
            digest=digest.hex(),
        )
    return bytes(rows[0][0])


def _of_kind(backend: Backend, kind: str, until: int, source: bytes | None = None) -> list[Any]:
    e = entries.c
    wanted = select(e.seq, e.recorded_at, e.captured_by, e.raw).where(e.kind == kind, NOT_EVENT, e.seq <= until)
    if source is not None:
        wanted = wanted.where(e.source == source)
    return backend.rows(wanted.order_by(e.seq))


def documents(backend: Backend, until: int, digest: bytes | None = None) -> list[StoredDocument]:
    """The documents beside the events, in ledger order; with ``digest`` only descriptions of those bytes."""
    return [
        read_document(bytes(row.raw), row.seq, row.recorded_at, row.captured_by)
        for row in _of_kind(backend, "document", until, digest)
    ]


def document(backend: Backend, until: int, document_id: str) -> StoredDocument:
    """A document's latest description, by its id, or by the beginning of its digest if that is enough.

    Raises:
        NotFoundError: ``ledger.no_document``.
    """
    wanted = document_id.removeprefix(DOCUMENT_ID)
    digest = bytes.fromhex(wanted) if WHOLE_DIGEST.fullmatch(wanted) else None
    held_ones = documents(backend, until, digest)
    found = [held for held in held_ones if held.id.removeprefix(DOCUMENT_ID).startswith(wanted)]
    if not wanted or len({held.id for held in found}) != 1:
        raise NotFoundError(
            "ledger.no_document", "The book holds no such document, or several; give its whole id.", id=document_id
        )
    return found[-1]


def master(backend: Backend, until: int, on: str | None) -> list[MasterRecord]:
    """Master records by kind, id and first day; with ``on`` only the one that holds on that day for each."""
    last = {
        (record.kind, record.id, record.valid_from or ""): record
        for record in (read_master(bytes(row.raw)) for row in _of_kind(backend, "master", until))
    }
    ordered = [last[subject] for subject in sorted(last)]
    if on is None:
        return ordered
    return list({(r.kind, r.id): r for r in ordered if (r.valid_from or "") <= on}.values())


def policies(backend: Backend, until: int) -> list[StoredPolicy]:
    """Every policy the book ever had, the one that holds last."""
    return [
        StoredPolicy(
            toml=bytes(row.raw), seq=row.seq, recorded_at=from_us(row.recorded_at), captured_by=row.captured_by
        )
        for row in _of_kind(backend, "policy", until)
    ]


def findings(backend: Backend, until: int) -> list[Finding]:
    """What does not fit among entries of one hash id, as of an entry."""
    x, first = entries.alias("x"), entries.alias("first")
    twins = backend.rows(
        select(first.c.event_hash, first.c.seq, first.c.event_id, x.c.seq, x.c.event_id)
        .select_from(
            event_index.join(x, x.c.seq == event_index.c.seq).join(first, first.c.seq == event_index.c.twin_of)
        )
        .where(event_index.c.twin_of.is_not(None), event_index.c.seq <= until)
        .order_by(event_index.c.seq)
    )
    found = [
        Finding(
            code="ledger.same_hash_other_id",
            sentence=f"Entry {seq} says what entry {first_seq} says under another eventID "
            f"({_said(event_id)}, not {_said(first_id)}); it is kept, and the event is counted once.",
            weight="certain",
            events=(hash_id_of(event_hash),),
            settle=(
                Settle(
                    act="correction",
                    subject=hash_id_of(event_hash),
                    detail="Withdraw one of the two, or say that they are two events by what tells them apart.",
                ),
            ),
        )
        for event_hash, first_seq, first_id, seq, event_id in twins
    ]
    return found + _lonely_declarations(backend, until)


def _lonely_declarations(backend: Backend, until: int) -> list[Finding]:
    e = entries.c
    lonely = backend.rows(
        select(e.seq, e.event_hash)
        .where(
            e.declaration.is_not(None),
            e.seq <= until,
            not_(exists().where(withdrawals.c.declaration == e.seq, withdrawals.c.original <= until)),
        )
        .order_by(e.seq)
    )
    return [
        Finding(
            code="ledger.declaration_without_original",
            sentence=f"Entry {seq} declares an event to be in error that the book does not hold.",
            weight="certain",
            events=(hash_id_of(event_hash),),
            settle=(Settle(act="document", subject=hash_id_of(event_hash), detail="Capture the original event."),),
        )
        for seq, event_hash in lonely
    ]


def _said(event_id: str | None) -> str:
    return "none" if event_id is None else event_id


def hash_id_of(event_hash: bytes) -> str:
    """The CBV hash id of the 32 bytes that an entry holds."""
    return f"{HASH_URI}{bytes(event_hash).hex()}{HASH_SUFFIX}"
