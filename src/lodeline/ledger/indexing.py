"""Derived tables: which lots an event names, and what it can be asked for by. They grow with each capture.

Exempt from append-only: whatever stands here follows from the entries in ledger order, and
`lodeline.ledger.deriving` rebuilds it to the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select

from lodeline.ledger.schema import derived, entries, event_index, lot_index, names, withdrawals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend, Row
    from lodeline.record.prepare import Prepared

CODE = "1"
"""Version of the code that derives. It changes whenever the same entries would give other rows."""
NAME = "index"

NAMES_HELD = 200_000
"""Names whose numbers are kept in memory during a capture; more are looked up again."""
ASKED_AT_ONCE = 500

_names_by_text = select(names.c.name, names.c.id).where(names.c.name.in_(bindparam("asked", expanding=True)))


class Numbers:
    """The dictionary of names: each lot id, vocabulary word and place gets the next number when first seen."""

    def __init__(self, backend: Backend, connection: Connection) -> None:
        self._backend, self._connection = backend, connection
        self._held: dict[str, int] = {}
        self._last: int = connection.execute(select(func.coalesce(func.max(names.c.id), 0))).scalar_one()

    def learn(self, wanted: Iterable[str]) -> dict[str, int]:
        """Numbers of all wanted names, which get theirs in the order in which they come."""
        held = self._held
        missing = [name for name in dict.fromkeys(wanted) if name not in held]
        if len(held) + len(missing) > NAMES_HELD:
            # A batch may hold words seen before the dictionary is emptied; they are all asked for again.
            missing = list(dict.fromkeys([*wanted]))
            held.clear()
        for start in range(0, len(missing), ASKED_AT_ONCE):
            part = missing[start : start + ASKED_AT_ONCE]
            held.update(list(self._connection.execute(_names_by_text, {"asked": part}).tuples()))
        fresh: list[Row] = []
        for name in missing:
            if name not in held:
                self._last += 1
                held[name] = self._last
                fresh.append((self._last, name))
        if fresh:
            self._backend.insert(self._connection, names, fresh)
        return held


def terms(prepared: Prepared) -> list[str]:
    """Every name an event brings into the dictionary, in the order that gives the numbers."""
    named = (
        prepared.event_type,
        prepared.action,
        prepared.biz_step,
        prepared.disposition,
        prepared.read_point,
        prepared.biz_location,
    )
    return [name for name in named if name is not None] + [lot for lot, _ in prepared.lots]


def index_row(seq: int, prepared: Prepared, twin_of: int | None, number: dict[str, int]) -> Row:
    """The row of the event index."""
    get = number.get
    return (
        seq,
        prepared.event_time_us,
        number[prepared.event_type],
        get(prepared.action) if prepared.action is not None else None,
        get(prepared.biz_step) if prepared.biz_step is not None else None,
        get(prepared.disposition) if prepared.disposition is not None else None,
        get(prepared.read_point) if prepared.read_point is not None else None,
        get(prepared.biz_location) if prepared.biz_location is not None else None,
        twin_of,
    )


def lot_rows(seq: int, prepared: Prepared, number: dict[str, int]) -> list[Row]:
    """The rows of the lot index: one for each lot and role, however often the event says it."""
    pairs = prepared.lots
    if len(pairs) > 1:
        pairs = tuple(dict.fromkeys(pairs))
    return [(number[lot], seq, role) for lot, role in pairs]


class Indexer:
    """Grows the derived tables inside one write transaction."""

    def __init__(self, backend: Backend, connection: Connection) -> None:
        self._backend, self._connection = backend, connection
        self._numbers = Numbers(backend, connection)

    def add(self, batch: Sequence[tuple[int, Prepared, int | None]], withdrawn: Sequence[Row]) -> None:
        """Index events given as (sequence, prepared, twin of), in ledger order."""
        wanted: list[str] = []
        for _, prepared, _ in batch:
            wanted += terms(prepared)
        number = self._numbers.learn(wanted)
        index: list[Row] = []
        lots: list[Row] = []
        for seq, prepared, twin_of in batch:
            index.append(index_row(seq, prepared, twin_of, number))
            lots += lot_rows(seq, prepared, number)
        self._backend.insert(self._connection, event_index, index)
        if lots:
            self._backend.insert(self._connection, lot_index, lots)
        if withdrawn:
            self._backend.insert(self._connection, withdrawals, withdrawn)


def mark(backend: Backend, connection: Connection, seq: int, digest: bytes) -> None:
    """Write down from which head and by which code the derived tables stand as they stand."""
    connection.execute(delete(derived).where(derived.c.name == NAME))
    backend.insert(connection, derived, [(NAME, CODE, seq, digest)])


def marked(connection: Connection) -> tuple[str, int, bytes] | None:
    """Code version, head sequence and head digest of the derived tables; None when nothing was built."""
    row = connection.execute(
        select(derived.c.code, derived.c.head_seq, derived.c.head_digest).where(derived.c.name == NAME)
    ).first()
    return None if row is None else (row[0], row[1], bytes(row[2]))


__all__ = ["CODE", "Indexer", "Numbers", "entries", "index_row", "lot_rows", "mark", "marked", "terms"]
