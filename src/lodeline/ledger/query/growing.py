"""Growing the query index: whole segments at the end of the chain, never during a capture."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import delete, select

from lodeline.errors import BookError
from lodeline.ledger.query.gathering import gather
from lodeline.ledger.query.segments import Part, Rows, Segment, Span, joined, layout, part_of, rows_of
from lodeline.ledger.schema import entries, query_numbers, query_segments, query_terms
from lodeline.ledger.stamps import Stamp, drop_stamp, put_stamp, stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend

NAME = "query"
CODE = "3"
"""Version of the code that derives the index. It changes whenever the same events would give other rows."""
TABLES = (query_segments, query_terms, query_numbers)
_s, _t, _n = query_segments.c, query_terms.c, query_numbers.c
_growers: WeakKeyDictionary[Backend, threading.Lock] = WeakKeyDictionary()
_STANDING = select(_s.first, _s.size, _s.events, _s.least, _s.greatest).order_by(_s.first)


def standing(backend: Backend, connection: Connection) -> list[Segment]:
    """The segments that stand and may be used, in ledger order; none where other code built them."""
    stamp = stamp_of(backend, connection, NAME)
    if stamp is None or stamp.code != CODE:
        return []
    return [Segment(*row) for row in connection.execute(_STANDING).all()]


def covered(found: Sequence[Segment | Span]) -> int:
    """How many of the first entries the segments cover."""
    return found[-1].first + found[-1].size if found else 0


def grow(backend: Backend, head: int, *, wait_s: float, progress: Callable[[int], None] | None = None) -> int:
    """Bring the index up to the head of the chain, as far as whole segments reach; returns how far.

    The events are read outside the write lock, one segment at a time; only its rows are written inside. Of the
    threads of a process one grows it, and the others wait for that: each would do the same work over again.

    Raises:
        BookError: ``ledger.read_only``, ``ledger.busy``, ``ledger.full``.
    """
    with _growers.setdefault(backend, threading.Lock()):
        return _grow(backend, head, wait_s=wait_s, progress=progress)


def _grow(backend: Backend, head: int, *, wait_s: float, progress: Callable[[int], None] | None) -> int:
    while True:
        with backend.read() as connection:
            now = [each.span for each in standing(backend, connection)]
        wanted = [span for span in layout(head + 1) if span not in set(now)]
        if not wanted:
            return covered(now)
        span = wanted[0]
        within = [each for each in now if span.first <= each.first < span.first + span.size]
        rows = rows_of(span, _part(backend, span, within, progress))
        if not _write(backend, now, span, within, rows, wait_s):
            # Somebody else grew it meanwhile.
            continue


def try_to_grow(backend: Backend, head: int, progress: Callable[[int], None] | None = None) -> list[Segment]:
    """Grow if the book may be written and nobody else writes just now; returns the segments that stand."""
    with backend.read() as connection:
        now = standing(backend, connection)
    if backend.read_only or covered(layout(head + 1)) <= covered(now):
        return now
    try:
        grow(backend, head, wait_s=0.0, progress=progress)
    except BookError as refusal:
        # What is not covered is read directly, which is slower and as right.
        if refusal.code not in ("ledger.busy", "ledger.read_only", "ledger.full"):
            raise
    with backend.read() as connection:
        return standing(backend, connection)


def _part(backend: Backend, span: Span, within: list[Span], progress: Callable[[int], None] | None) -> Part:
    """What the entries of a segment have: from the smaller segments in it, and from the events after those."""
    parts = [load(backend, each) for each in within]
    done = within[-1].first + within[-1].size if within else span.first
    rest = span.first + span.size - done
    if rest:
        parts.append(gather(backend, done, rest, progress=progress))
    return joined(parts)


def load(backend: Backend, span: Span) -> Part:
    """A segment as it stands, as the part it was made from."""
    times = backend.rows(select(_s.times).where(_s.first == span.first))[0][0]
    terms = backend.rows(select(_t.term, _t.places).where(_t.first == span.first).order_by(_t.term))
    numbers = backend.rows(select(_n.field, _n.places, _n.numbers).where(_n.first == span.first).order_by(_n.field))
    return part_of(span, bytes(times), terms, numbers)


def _write(backend: Backend, before: list[Span], span: Span, within: list[Span], rows: Rows, wait_s: float) -> bool:
    """Put a segment in the place of the smaller ones; False where the index is no longer what it was."""
    last = span.first + span.size - 1
    with backend.write(wait_s) as connection:
        if [each.span for each in standing(backend, connection)] != before:
            return False
        if not before:
            clear(connection)
        for each in within:
            for table in TABLES:
                connection.execute(delete(table).where(table.c.first == each.first))
        backend.insert(connection, query_segments, [rows.segment])
        backend.insert(connection, query_terms, rows.terms)
        backend.insert(connection, query_numbers, rows.numbers)
        digest = connection.execute(select(entries.c.digest).where(entries.c.seq == last)).scalar_one()
        put_stamp(backend, connection, Stamp(NAME, CODE, last, bytes(digest)))
    return True


def clear(connection: Connection) -> None:
    """Drop every row of the index."""
    for table in TABLES:
        connection.execute(delete(table))
    drop_stamp(connection, NAME)
