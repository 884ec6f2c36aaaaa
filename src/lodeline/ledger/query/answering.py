"""Answering queries: a page at a time, stable while others write, each event judged by what was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from math import ceil
from typing import TYPE_CHECKING, Any

import msgspec

from lodeline.errors import InputError
from lodeline.ledger import indexing, reading
from lodeline.ledger.query import growing, planning, resolving, tokens, walking
from lodeline.ledger.query.gathering import Facets, facets_of
from lodeline.ledger.values import StoredEvent, to_us
from lodeline.record.query.conditions import InstantIs
from lodeline.record.query.matching import matches

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from lodeline.ledger.backend import Backend
    from lodeline.ledger.query.segments import Segment
    from lodeline.ledger.query.walking import Asked
    from lodeline.ledger.values import Head
    from lodeline.record.query import Query
    from lodeline.record.query.conditions import Condition

MOST_PER_PAGE = 10_000
READ_AT_ONCE = 500
LOOKED_THROUGH = 4_096
"""Entries beyond the index that a page is looked for in before the index has to grow: right after a large capture most
pages end there, and growing takes as long as reading the whole of it."""


class QueryPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of an answer.

    Attributes:
        events: In the order of the query.
        next_token: Asks for the next page; None on the last one.
        as_of: The entry as of which every page is answered.
    """

    events: list[StoredEvent]
    next_token: str | None
    as_of: int


def answer(
    backend: Backend,
    book_id: UUID,
    query: Query,
    *,
    as_of: reading.AsOf,
    token: str | None,
    per_page: int,
    progress: Callable[[int], None] | None = None,
) -> QueryPage:
    """A page of the recorded events that a query asks for, declarations of error and withdrawn events among them.

    Args:
        as_of: Answer as the book stood there. A token brings its own.
        token: From the page before.
        per_page: 1 to 10,000.
        progress: Called with the entries done so far where the query index has to grow first.

    Raises:
        InputError: ``query.token``, ``query.per_page``, ``query.too_large``.
        BookError: ``ledger.index_stale``.
    """
    if not 1 <= per_page <= MOST_PER_PAGE:
        raise InputError("query.per_page", f"A page holds 1 to {MOST_PER_PAGE:,} events.", per_page=per_page)
    head, position = _position(backend, book_id, query, as_of, token)
    with backend.read() as connection:
        indexing.require_index(backend, connection, head.seq)
    given = 0 if position is None else position.given
    last = None if position is None else position.last
    left = per_page if query.limit is None else min(per_page, query.limit - given)
    wanted = left + (query.limit is None or given + left < query.limit)
    conditions = _resolved(backend, head, query.conditions)
    found = _looked_through(backend, head, query, conditions, last=last, wanted=wanted)
    if len(found) < wanted:
        asked = _asked(backend, head, conditions, after=-1, until=head.seq, progress=progress)
        if position is None and query.maximum is not None:
            _require_few(backend, asked, query.maximum)
        walked = _ordered(backend, asked, query, last)
        found = list(islice(_judged(backend, asked, walked, wanted=left + 1, as_of=head.seq), wanted))
    events, more = found[:left], len(found) > left
    next_token = None
    if more and events:
        end = tokens.Position(head.seq, events[-1].seq, given + len(events))
        next_token = tokens.write(end, query.digest, bytes.fromhex(head.digest))
    return QueryPage(events=events, next_token=next_token, as_of=head.seq)


def _position(
    backend: Backend, book_id: UUID, query: Query, as_of: reading.AsOf, token: str | None
) -> tuple[Head, tokens.Position | None]:
    if token is None:
        return reading.head(backend, book_id, as_of), None
    pinned = tokens.as_of(token)
    if as_of is not None and reading.head(backend, book_id, as_of).seq != pinned:
        raise InputError("query.token", "The page token is of another as-of; leave as_of out, the token says it.")
    newest = reading.head(backend, book_id)
    if pinned > newest.seq:
        raise InputError("query.token", "This is no page token of this book; ask for the first page again.")
    head = reading.head(backend, book_id, pinned)
    return head, tokens.read(token, query.digest, bytes.fromhex(head.digest))


def _asked(
    backend: Backend,
    head: Head,
    conditions: tuple[Condition, ...],
    *,
    after: int,
    until: int,
    progress: Callable[[int], None] | None = None,
) -> Asked:
    """Resolved conditions made ready: record times turned into entries, the index brought up."""
    segments = growing.try_to_grow(backend, head.seq, progress)
    return _ready(backend, head, conditions, segments, after=after, until=until)


def _ready(
    backend: Backend,
    head: Head,
    conditions: tuple[Condition, ...],
    segments: list[Segment],
    *,
    after: int,
    until: int,
) -> walking.Asked:
    after, until = _by_record_time(backend, conditions, head.seq, after, until)
    return walking.Asked(
        conditions=conditions,
        plan=planning.plan(conditions),
        segments=segments,
        after=after,
        until=until,
        covered=growing.covered(segments),
    )


def _resolved(backend: Backend, head: Head, conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Conditions with their master data looked up, as the book stood at this head."""
    if not resolving.needs_master(conditions):
        return conditions
    return resolving.resolved(conditions, reading.master(backend, head.seq, head.recorded_at.date().isoformat()))


def _looked_through(
    backend: Backend, head: Head, query: Query, conditions: tuple[Condition, ...], *, last: int | None, wanted: int
) -> list[StoredEvent]:
    """The page, if a part of the ledger has it without the index growing first; fewer events where it does not.

    In ledger order what comes first in a part from the beginning on comes first in the whole; against it, in a part
    at the end.
    """
    if query.order.by not in ("entry", "recordTime") or query.maximum is not None:
        return []
    with backend.read() as connection:
        segments = growing.standing(backend, connection)
    covered = growing.covered(segments)
    if head.seq + 1 - covered <= LOOKED_THROUGH:
        return []
    descending = query.order.descending
    if descending:
        end = head.seq + 1 if last is None else last
        after, until = max(covered, end - LOOKED_THROUGH) - 1 if end > covered else -1, head.seq
    else:
        after, until = -1, min(head.seq, max(covered - 1, -1 if last is None else last) + LOOKED_THROUGH)
    asked = _ready(backend, head, conditions, segments, after=after, until=until)
    walked = walking.by_entry(backend, asked, last=last, descending=descending)
    return list(islice(_judged(backend, asked, walked, wanted=wanted, as_of=head.seq), wanted))


def _by_record_time(
    backend: Backend, conditions: Iterable[Condition], head: int, after: int, until: int
) -> tuple[int, int]:
    for condition in conditions:
        if condition.fields == ("recordTime",) and isinstance(condition.test, InstantIs):
            edge = walking.first_recorded(backend, ceil(condition.test.values[0]), head)
            after, until = (max(after, edge - 1), until) if condition.test.op == "GE" else (after, min(until, edge - 1))
    return after, until


def _ordered(backend: Backend, asked: Asked, query: Query, last: int | None) -> Iterator[int]:
    """Candidates in the order of the query."""
    by, descending = query.order.by, query.order.descending
    if by in ("entry", "recordTime"):
        return walking.by_entry(backend, asked, last=last, descending=descending)
    if by == "eventTime":
        return walking.by_time(backend, asked, last=last, descending=descending)
    return _by_own_field(backend, asked, by, last=last, descending=descending)


def _judged(backend: Backend, asked: Asked, walked: Iterator[int], *, wanted: int, as_of: int) -> Iterator[StoredEvent]:
    """The events of candidates that are really asked for, as the book stood at an entry."""
    at_once = min(wanted, READ_AT_ONCE)
    while seqs := list(islice(walked, at_once)):
        for event in reading.events_at(backend, as_of, seqs):
            if matches(asked.conditions, _facets(event)):
                yield event


def _require_few(backend: Backend, asked: Asked, maximum: int) -> None:
    """Refuse where more events are asked for than the query allows.

    Raises:
        InputError: ``query.too_large``.
    """
    walked = walking.by_entry(backend, asked, last=None, descending=False)
    # Candidates are never too few, so that counting them is enough where they are not too many.
    possible = list(islice(walked, maximum + 1))
    if len(possible) <= maximum:
        return
    walked = walking.by_entry(backend, asked, last=None, descending=False)
    found = sum(1 for _ in islice(_judged(backend, asked, walked, wanted=maximum + 1, as_of=asked.until), maximum + 1))
    if found > maximum:
        raise InputError(
            "query.too_large",
            f"More than the {maximum:,} events of maxEventCount are asked for; narrow the query, or allow more.",
            maxEventCount=maximum,
        )


def _by_own_field(backend: Backend, asked: Asked, field: str, *, last: int | None, descending: bool) -> Iterator[int]:
    """Candidates by a field of somebody's own: numbers before instants before texts, events without it last.

    Every event that is asked for has to be read for that. Of several values the smallest counts, descending the
    largest; equal ones stay in ledger order.
    """
    keyed: list[tuple[Any, int]] = []
    lacking: list[int] = []
    walked = walking.by_entry(backend, asked, last=None, descending=False)
    for event in _judged(backend, asked, walked, wanted=READ_AT_ONCE, as_of=asked.until):
        key = _own_key(event, field, descending=descending)
        if key is None:
            lacking.append(event.seq)
        else:
            keyed.append((key, event.seq))
    keyed.sort(key=lambda pair: pair[0], reverse=descending)
    seqs = [*(seq for _, seq in keyed), *lacking]
    return iter(seqs if last is None else seqs[seqs.index(last) + 1 :])


def _own_key(event: StoredEvent, field: str, *, descending: bool) -> tuple[int, Any] | None:
    facets = _facets(event)
    choose = max if descending else min
    if numbers := facets.numbers.get(field):
        return 0, choose(numbers)
    if instants := facets.instants.get(field):
        return 1, choose(instants)
    if texts := facets.texts.get(field):
        # By the bytes of UTF-8, as the standard has it.
        return 2, choose(text.encode(errors="surrogatepass") for text in texts)
    return None


def since(backend: Backend, book_id: UUID, query: Query, *, after: int, until: int) -> Iterator[StoredEvent]:
    """The events asked for among the entries after ``after`` and up to ``until``, in ledger order.

    What the query says of order and size of the answer does not count here.
    """
    head = reading.head(backend, book_id, until)
    asked = _asked(backend, head, _resolved(backend, head, query.conditions), after=after, until=until)
    walked = walking.by_entry(backend, asked, last=None, descending=False)
    return _judged(backend, asked, walked, wanted=READ_AT_ONCE, as_of=asked.until)


def _facets(event: StoredEvent) -> Facets:
    return facets_of(event.raw, event.context, to_us(event.recorded_at), event.hash_id)
