"""Derived tables: which lots an event names, and what it can be asked for by. They grow with each capture.

Exempt from append-only: whatever stands here follows from the entries in ledger order, and
`lodeline.ledger.deriving` rebuilds it to the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, select

from lodeline.errors import BookError
from lodeline.ledger.relating import twin, withdrawn
from lodeline.ledger.schema import INDEX, derived, entries, event_index, lot_index, names, withdrawals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend, Row
    from lodeline.ledger.relating import Identity
    from lodeline.record.prepare import Prepared

CODE = "1"
"""Version of the code that derives. It changes whenever the same entries would give other rows."""
NAME = "index"

NAMES_HELD = 200_000
"""Names whose numbers are kept in memory during a capture; more are looked up again."""


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
        if missing:
            held.update(self._backend.lookup(self._connection, (names.c.name, names.c.id), names.c.name, missing))
        fresh: list[Row] = []
        for name in missing:
            if name not in held:
                self._last += 1
                held[name] = self._last
                fresh.append((self._last, name))
        if fresh:
            self._backend.insert(self._connection, names, fresh)
        return held


def terms(events: Iterable[Prepared]) -> list[str]:
    """Every name that events bring into the dictionary, in the order that gives the numbers.

    Of each event its words and places, then its lots. Words that came together before are not said again.
    """
    said: set[tuple[str | None, ...]] = set()
    wanted: list[str] = []
    for event in events:
        words = _words(event)
        if words not in said:
            said.add(words)
            wanted += [word for word in words if word is not None]
        wanted += [lot for lot, _ in event.lots]
    return wanted


def _words(event: Prepared) -> tuple[str | None, ...]:
    return (
        event.event_type,
        event.action,
        event.biz_step,
        event.disposition,
        event.read_point,
        event.biz_location,
    )


class Indexed(NamedTuple):
    """An event to index: its sequence, what it says, and the entries of its hash id before it."""

    seq: int
    prepared: Prepared
    identity: Identity
    earlier: dict[Identity, int]


class Derived(NamedTuple):
    """Rows of the derived tables that a run of events brings, in ledger order."""

    events: list[Row]
    lots: list[Row]
    withdrawals: list[Row]


def derive(batch: Sequence[Indexed], number: dict[str, int]) -> Derived:
    """What events bring to the derived tables; ``number`` knows every name of `terms`."""
    rows = Derived([], [], [])
    numbers: dict[tuple[str | None, ...], tuple[int | None, ...]] = {}
    for seq, event, identity, earlier in batch:
        twin_of = None
        if earlier:
            twin_of = twin(identity, earlier)
            rows.withdrawals.extend(withdrawn(seq, identity, earlier))
        words = _words(event)
        if words not in numbers:
            numbers[words] = tuple(None if word is None else number[word] for word in words)
        rows.events.append((seq, event.event_time_us, *numbers[words], twin_of))
        rows.lots.extend([(number[lot], seq, role) for lot, role in event.lots])
    return rows


class Indexer:
    """Grows the derived tables inside one write transaction."""

    def __init__(self, backend: Backend, connection: Connection) -> None:
        self._backend, self._connection = backend, connection
        self._numbers = Numbers(backend, connection)

    def add(self, batch: Sequence[Indexed]) -> None:
        """Index events given in ledger order."""
        rows = derive(batch, self._numbers.learn(terms(event.prepared for event in batch)))
        for table, new in ((event_index, rows.events), (lot_index, rows.lots), (withdrawals, rows.withdrawals)):
            if new:
                self._backend.insert(self._connection, table, new)


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


def covers(backend: Backend, connection: Connection, seq: int) -> bool:
    """Whether the derived tables are all there and were built by this code, up to an entry or beyond it.

    Beyond, because another writer may add entries and rows while a reader asks.
    """
    if not {table.name for table in INDEX} <= backend.tables(connection):
        return False
    mark = marked(connection)
    if mark is None or mark[0] != CODE or mark[1] < seq:
        return False
    digest = connection.execute(select(entries.c.digest).where(entries.c.seq == mark[1])).scalar()
    return digest is not None and bytes(digest) == mark[2]


def require_index(backend: Backend, connection: Connection, seq: int) -> None:
    """Refuse to answer from, or build on, derived tables that do not stand at an entry.

    Raises:
        BookError: ``ledger.index_stale``.
    """
    if not covers(backend, connection, seq):
        raise BookError(
            "ledger.index_stale",
            "The book's derived tables are missing or stand at another entry; rebuild them with `lodeline rebuild` "
            "(opening the book for writing does it too).",
        )
