"""The deep checks: hash ids, derived tables, and the store itself, recomputed and compared row by row."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, closing
from typing import TYPE_CHECKING

from sqlalchemy import Table, and_, func, or_, select

from lodeline.errors import IntegrityError
from lodeline.ledger.deepsets import check_sets
from lodeline.ledger.deriving import Recorded, related, replay
from lodeline.ledger.extent import derived_broken
from lodeline.ledger.indexing import CODE, NAME, derive, terms
from lodeline.ledger.relating import hash_of, identity_of
from lodeline.ledger.schema import derived, entries, event_index, lot_index, names, withdrawals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend, Row
    from lodeline.ledger.deepsets import Recompute
    from lodeline.ledger.extent import Extent
    from lodeline.ledger.values import Head
    from lodeline.record.prepare import Prepared


def check_deep(
    backend: Backend,
    head: Head,
    to: Extent,
    events: int,
    recompute: Mapping[str, Recompute],
    *,
    progress: Callable[[int], None] | None,
) -> tuple[bool, tuple[str, ...]]:
    """Recompute what follows from the entries and compare it with what the store holds.

    Returns:
        Whether every byte of the store's file was looked at too; names of the derived sets that were not recomputed.

    Raises:
        IntegrityError: ``ledger.hash_broken``, ``ledger.derived_broken``, ``ledger.event_unreadable``, and what
            the store's own check raises.
    """
    backend.check_store()
    check_mark(to, head)
    withdrawal_rows: list[Row] = []
    done = 0
    with ExitStack() as open_:
        index = open_.enter_context(Expected(backend, event_index, to.seq))
        lots = open_.enter_context(Expected(backend, lot_index, to.seq))
        connection = open_.enter_context(backend.read())
        dictionary = Dictionary(backend, connection)
        for recorded, prepared in open_.enter_context(closing(replay(backend, to.seq, events))):
            check_identities(recorded, prepared)
            batch = related(backend, connection, recorded, prepared)
            number = dictionary.numbers(terms(prepared))
            rows = derive(batch, number)
            index.meet(rows.events)
            lots.meet(sorted(rows.lots, key=lambda row: (row[1], row[0], row[2])))
            withdrawal_rows += rows.withdrawals
            done += len(batch)
            if progress is not None:
                progress(done)
        dictionary.meet_end(to.name)
        index.meet_end()
        lots.meet_end()
    with Expected(backend, withdrawals, to.seq) as rest:
        rest.meet(sorted(withdrawal_rows))
        rest.meet_end()
    unchecked = check_sets(backend, to, recompute)
    # Last, because whoever changed a row may have left such bytes too, and the row says more.
    return backend.check_unused(), unchecked


def check_mark(to: Extent, head: Head) -> None:
    """The index says that this code built it up to this head."""
    expected = (NAME, CODE, head.seq, bytes.fromhex(head.digest))
    found = next((mark for mark in to.marks if mark[0] == NAME), ())
    if found != expected:
        columns = [column.name for column in derived.columns]
        pairs = zip(columns, expected, found, strict=False)
        raise derived_broken("derived", next((name for name, a, b in pairs if a != b), "name"))


def check_identities(recorded: list[Recorded], prepared: Sequence[Prepared]) -> None:
    """The columns by which an event is known are those its bytes give."""
    for entry, said in zip(recorded, prepared, strict=True):
        event_id, declaration = identity_of(said)
        for column, is_, should_be in (
            ("event_hash", entry.event_hash, hash_of(said)),
            ("event_id", entry.event_id, event_id),
            ("declaration", entry.declaration, declaration),
        ):
            if is_ != should_be:
                raise IntegrityError(
                    "ledger.hash_broken",
                    "An event's recorded identity is not the one its bytes give; restore the book from a copy.",
                    table="entries",
                    seq=entry.seq,
                    column=column,
                )


class Expected(AbstractContextManager["Expected"]):
    """A derived table read in the order in which its rows are derived again, and compared as they come.

    Rows of entries after ``until`` are left to those who write them meanwhile, unless there are no such entries.
    """

    def __init__(self, backend: Backend, table: Table, until: int) -> None:
        self._table = table
        columns = sorted(table.primary_key.columns, key=lambda column: column.name != "seq")
        last = select(func.max(entries.c.seq)).scalar_subquery()
        places = [column for column in table.columns if column.name in ("seq", "original", "declaration")]
        wanted = or_(and_(*(place <= until for place in places)), or_(*(place > last for place in places)))
        self._rows = backend.stream(select(table).where(wanted).order_by(*columns))

    def __exit__(self, *_: object) -> None:
        self._rows.close()

    def meet(self, expected: Iterable[Row]) -> None:
        """The next rows of the table must be these."""
        for row in expected:
            found = next(self._rows, None)
            if found is None or tuple(found) != row:
                raise self._broken(row, found)

    def meet_end(self) -> None:
        """The table must hold no more rows."""
        found = next(self._rows, None)
        if found is not None:
            raise self._broken(None, found)

    def _broken(self, row: Row | None, found: Row | None) -> IntegrityError:
        names_ = [column.name for column in self._table.columns]
        column = names_[0]
        if row is not None and found is not None:
            column = next(name for name, a, b in zip(names_, row, found, strict=True) if a != b)
        place = dict(zip(names_, row or found or (), strict=False))
        seq = place.get("seq", place.get("original"))
        return derived_broken(self._table.name, column, seq=seq)


class Dictionary:
    """The stored numbers of names, with a check that each was given when its name first came up."""

    def __init__(self, backend: Backend, connection: Connection) -> None:
        self._backend, self._connection = backend, connection
        self._last = 0

    def numbers(self, wanted: list[str]) -> dict[str, int]:
        """Numbers of names, given in the order in which they are derived."""
        distinct = list(dict.fromkeys(wanted))
        found: dict[str, int] = {}
        for name, number in self._backend.lookup(self._connection, (names.c.name, names.c.id), names.c.name, distinct):
            if name in found:
                raise derived_broken("names", "name", id=number)
            found[name] = number
        for name in distinct:
            number = found.get(name)
            if number is None or number > self._last + 1 or number < 1:
                raise derived_broken("names", "name", id=self._last + 1)
            self._last = max(self._last, number)
        return found

    def meet_end(self, last: int) -> None:
        """The dictionary must hold no names that no event brought; ``last`` is its last number."""
        if last != self._last:
            raise derived_broken("names", "id", id=self._last + 1)
        if self._backend.rows(select(names.c.id).where(names.c.id < 1).limit(1)):
            raise derived_broken("names", "id", id=0)
