"""Documents, master data and policies onto the chain: each a small record, canonical JSON, and the bytes it names."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select

from lodeline.errors import BookError, MasterDataError
from lodeline.ledger.appending import Tip, check_captured_by
from lodeline.ledger.indexing import mark
from lodeline.ledger.schema import NOT_EVENT, entries
from lodeline.ledger.values import (
    MASTER_KINDS,
    MasterRecord,
    Registered,
    StoredDocument,
    StoredPolicy,
    from_us,
    to_us,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend

DOCUMENT_ID = "ni:///sha-256;"


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What the entry of a document says; the bytes themselves stand in the content store."""

    digest: str
    size: int
    media_type: str
    title: str
    issuer: str
    dated: str | None
    role: str
    meta: dict[str, str]


_canonical = msgspec.json.Encoder(order="sorted", decimal_format="number").encode
_describe = msgspec.json.Decoder(Description).decode


def _numbers(value: Any) -> Any:
    """Whole numbers of stored JSON as Decimal, as they went in."""
    match value:
        case bool():
            return value
        case int():
            return Decimal(value)
        case list():
            return [_numbers(item) for item in value]
        case dict():
            return {name: _numbers(item) for name, item in value.items()}
        case _:
            return value


_plain = msgspec.json.Decoder(float_hook=Decimal).decode


def read_master(raw: bytes) -> MasterRecord:
    """A master record from its entry's bytes."""
    value = _plain(raw)
    return MasterRecord(
        kind=value["kind"],
        id=value["id"],
        attributes=_numbers(value["attributes"]),
        valid_from=value["valid_from"],
    )


def read_document(raw: bytes, seq: int, recorded_at: int, by: str, *, known: bool = False) -> StoredDocument:
    """A document's description from its entry."""
    said = _describe(raw)
    return StoredDocument(
        id=DOCUMENT_ID + said.digest,
        media_type=said.media_type,
        title=said.title,
        issuer=said.issuer,
        dated=said.dated,
        role=said.role,
        meta=said.meta,
        size=said.size,
        seq=seq,
        recorded_at=from_us(recorded_at),
        captured_by=by,
        known=known,
    )


def add_document(
    backend: Backend,
    book_id: UUID,
    content: bytes,
    said: Description,
    *,
    by: str,
    clock: Callable[[], datetime],
    wait_s: float,
) -> StoredDocument:
    """Put a document on the chain, unless the book holds the same bytes under the same description."""
    check_captured_by(by)
    raw, source = _canonical(said), bytes.fromhex(said.digest)
    with backend.write(wait_s) as connection:
        held = connection.execute(
            select(entries.c.seq, entries.c.recorded_at, entries.c.captured_by)
            .where(entries.c.kind == "document", NOT_EVENT, entries.c.raw == raw)
            .order_by(entries.c.seq)
        ).first()
        if held is not None:
            return read_document(raw, held[0], held[1], held[2], known=True)
        tip = Tip(backend, connection, book_id, to_us(clock()))
        tip.keep(content, source)
        tip.write([tip.act("document", by, source).entry(raw)])
        mark(backend, connection, tip.seq, tip.digest)
        return read_document(raw, tip.seq, tip.recorded_at, by)


def describe(content: bytes, **said: Any) -> Description:
    """The description of a document, its digest and size computed.

    Raises:
        BookError: ``ledger.document_text`` where media type, title, issuer or role is empty.
    """
    for name in ("media_type", "title", "issuer", "role"):
        if not said[name].strip():
            raise BookError("ledger.document_text", f"A document needs a {name}; say it.", field=name)
    return Description(digest=sha256(content).hexdigest(), size=len(content), **said)


def check_master(records: Iterable[MasterRecord]) -> list[tuple[MasterRecord, bytes]]:
    """The records with their canonical bytes.

    Raises:
        MasterDataError: ``master.kind``, ``master.id``, ``master.valid_from``.
    """
    from datetime import date

    checked: list[tuple[MasterRecord, bytes]] = []
    for place, record in enumerate(records):
        if record.kind not in MASTER_KINDS:
            raise MasterDataError(
                "master.kind", f"Say one of {', '.join(MASTER_KINDS)}.", record=place, kind=record.kind
            )
        if not record.id.strip():
            raise MasterDataError("master.id", "Every master record needs an id; give it one.", record=place)
        if record.valid_from is not None:
            try:
                date.fromisoformat(record.valid_from)
            except ValueError:
                raise MasterDataError(
                    "master.valid_from",
                    "Write the day from which it holds as YYYY-MM-DD.",
                    record=place,
                    valid_from=record.valid_from,
                ) from None
        checked.append((record, _canonical(record)))
    return checked


def register(
    backend: Backend,
    book_id: UUID,
    records: Iterable[MasterRecord],
    *,
    by: str,
    clock: Callable[[], datetime],
    source: bytes,
    wait_s: float,
) -> Registered:
    """Put master records on the chain, except those that the book already says last of their subject and day."""
    check_captured_by(by)
    checked = check_master(records)
    with backend.write(wait_s) as connection:
        said = {_subject(read_master(raw)): raw for raw in _raws(connection, "master")}
        tip = Tip(backend, connection, book_id, to_us(clock()))
        act, rows = None, []
        for record, raw in checked:
            if said.get(_subject(record)) == raw:
                continue
            said[_subject(record)] = raw
            act = act or tip.act("master", by, tip.keep(source))
            rows.append(act.entry(raw))
        if rows:
            tip.write(rows)
            mark(backend, connection, tip.seq, tip.digest)
        return Registered(
            capture_id=None if act is None else act.capture_id,
            added=len(rows),
            known=len(checked) - len(rows),
            head=tip.head,
        )


def _subject(record: MasterRecord) -> tuple[str, str, str | None]:
    return record.kind, record.id, record.valid_from


def _raws(connection: Connection, kind: str) -> list[bytes]:
    found = connection.execute(select(entries.c.raw).where(entries.c.kind == kind, NOT_EVENT).order_by(entries.c.seq))
    return [bytes(raw) for (raw,) in found]


def set_policy(
    backend: Backend, book_id: UUID, toml: bytes, *, by: str, clock: Callable[[], datetime], wait_s: float
) -> StoredPolicy:
    """Put a policy on the chain, unless it is the one that holds."""
    check_captured_by(by)
    with backend.write(wait_s) as connection:
        last = connection.execute(
            select(entries.c.raw, entries.c.seq, entries.c.recorded_at, entries.c.captured_by)
            .where(entries.c.kind == "policy", NOT_EVENT)
            .order_by(entries.c.seq.desc())
            .limit(1)
        ).first()
        if last is not None and bytes(last[0]) == toml:
            return StoredPolicy(toml=toml, seq=last[1], recorded_at=from_us(last[2]), captured_by=last[3], known=True)
        tip = Tip(backend, connection, book_id, to_us(clock()))
        tip.write([tip.act("policy", by, sha256(toml).digest()).entry(toml)])
        mark(backend, connection, tip.seq, tip.digest)
        return StoredPolicy(toml=toml, seq=tip.seq, recorded_at=from_us(tip.recorded_at), captured_by=by)
