"""How entries of one hash id relate: what is the same entry, what withdraws what, what is counted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeline.ledger.schema import entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend, Row
    from lodeline.record.prepare import Prepared

Identity = tuple[str | None, bytes | None]
"""What tells entries of one hash id apart: eventID and digest of the errorDeclaration."""

HASH_ID = slice(14, 78)
"""Where the hexadecimal digits stand in ``ni:///sha-256;<64 digits>?ver=CBV2.0``."""


def hash_of(prepared: Prepared) -> bytes:
    """The 32 bytes of an event's hash id."""
    return bytes.fromhex(prepared.hash_id[HASH_ID])


def identity_of(prepared: Prepared) -> Identity:
    """An event's eventID and the digest of its errorDeclaration."""
    declared = prepared.error_declaration
    return prepared.event_id, None if declared is None else bytes.fromhex(declared)


def held(backend: Backend, connection: Connection, hashes: Sequence[bytes]) -> dict[bytes, dict[Identity, int]]:
    """The entries that the book holds under any of the hashes: sequence by identity."""
    found: dict[bytes, dict[Identity, int]] = {}
    e = entries.c
    columns = (e.event_hash, e.event_id, e.declaration, e.seq)
    for event_hash, event_id, declaration, seq in backend.lookup(connection, columns, e.event_hash, hashes):
        found.setdefault(event_hash, {})[event_id, declaration] = seq
    return found


def twin(identity: Identity, earlier: dict[Identity, int]) -> int | None:
    """Sequence of the first statement with the same hash id, for a later statement; None for a declaration."""
    if identity[1] is not None:
        return None
    return min((seq for (_, declaration), seq in earlier.items() if declaration is None), default=None)


def withdrawn(seq: int, identity: Identity, earlier: dict[Identity, int]) -> list[Row]:
    """Rows (original, declaration) that an entry brings to those of its hash id before it.

    A declaration withdraws the statements of its hash id that bear its eventID or none, or all of them if it
    bears none itself. One that came before its original withdraws it too.
    """
    event_id, declaration = identity
    rows: list[Row] = []
    for (other_id, other_declaration), other in earlier.items():
        if (declaration is None) == (other_declaration is None):
            continue
        if event_id is None or other_id is None or event_id == other_id:
            rows.append((other, seq) if other_declaration is None else (seq, other))
    return rows
