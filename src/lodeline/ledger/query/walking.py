"""Walking through candidates in the order that is asked for, as few of them as the page needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sqlalchemy import select

from lodeline.ledger.query.gathering import recent
from lodeline.ledger.query.planning import Candidates, Plan, candidates
from lodeline.ledger.query.segments import Ints, Segment
from lodeline.ledger.schema import entries, event_index
from lodeline.record.query.matching import matches

if TYPE_CHECKING:
    from lodeline.ledger.backend import Backend
    from lodeline.record.query.conditions import Condition

_NONE: Ints = np.empty(0, np.int64)
SORTED_AT_ONCE = 2_048
"""Candidates brought into order of time at once; a page needs few of many."""


class Asked(NamedTuple):
    """What is walked through.

    Attributes:
        conditions, plan: What is asked for, and how the index is asked for it.
        segments: Those of the index, in ledger order.
        after, until: Only entries after the one and up to the other.
        covered: How many of the first entries the index covers; events beyond are read one by one.
    """

    conditions: tuple[Condition, ...]
    plan: Plan
    segments: Sequence[Segment]
    after: int
    until: int
    covered: int


def by_entry(backend: Backend, asked: Asked, *, last: int | None, descending: bool) -> Iterator[int]:
    """Candidates in ledger order, or against it, beyond the entry ``last``."""
    after, until = asked.after, asked.until
    if last is not None:
        after, until = (after, min(until, last - 1)) if descending else (max(after, last), until)
    asked = asked._replace(after=after, until=until)
    if descending:
        yield from reversed([seq for seq, _ in tail(backend, asked)])
        for found in _batches(backend, asked, asked.segments[::-1]):
            yield from _seqs_of(backend, asked, found)[0][::-1].tolist()
        return
    for found in _batches(backend, asked, asked.segments):
        yield from _seqs_of(backend, asked, found)[0].tolist()
    for seq, _ in tail(backend, asked):
        yield seq


def _seqs_of(backend: Backend, asked: Asked, found: Candidates) -> tuple[Ints, Ints]:
    """Entries of the candidates of a segment, and their times where they were read."""
    if not found.moved:
        return found.segment.first + found.places.astype(np.int64), found.times if found.times is not None else _NONE
    first = max(found.segment.first, asked.after + 1)
    until = min(found.segment.first + found.segment.size - 1, asked.until)
    pairs = list(_matching(backend, asked, first, until))
    return np.array([seq for seq, _ in pairs], np.int64), np.array([time for _, time in pairs], np.int64)


def _batches(backend: Backend, asked: Asked, ordered: Sequence[Segment]) -> Iterator[Candidates]:
    """Candidates segment by segment: of one at first, then of more at a time, since most pages end soon."""
    start, batch = 0, 1
    while start < len(ordered):
        among = ordered[start : start + batch]
        yield from candidates(backend, asked.plan, among, after=asked.after, until=asked.until, timed=False)
        start, batch = start + batch, batch * 4


def tail(backend: Backend, asked: Asked) -> Iterator[tuple[int, int]]:
    """Entry and time of the events that the index does not cover and that are asked for, in ledger order."""
    yield from _matching(backend, asked, max(asked.covered, asked.after + 1), asked.until)


def _matching(backend: Backend, asked: Asked, first: int, until: int) -> Iterator[tuple[int, int]]:
    if first > until:
        return
    with closing(recent(backend, first, until)) as events:
        for event in events:
            if matches(asked.conditions, event.facets):
                yield event.seq, event.time


def by_time(backend: Backend, asked: Asked, *, last: int | None, descending: bool) -> Iterator[int]:
    """Candidates by event time, those of one microsecond in ledger order (descending: against it)."""
    sign = -1 if descending else 1
    start = None if last is None else (sign * time_of(backend, last), sign * last)
    ordered = sorted(asked.segments, key=lambda each: -each.greatest if descending else each.least)
    # The segment that begins next says up to where what is at hand is complete.
    pool = _Pool(start)
    rest = list(tail(backend, asked))
    if rest:
        pool.add(
            sign * np.array([time for _, time in rest], np.int64), sign * np.array([seq for seq, _ in rest], np.int64)
        )
    for at, segment in enumerate(ordered):
        yield from (sign * seq for seq in pool.below(-segment.greatest if descending else segment.least))
        if start is not None and (sign * (segment.least if descending else segment.greatest)) < start[0]:
            continue
        for found in candidates(
            backend, asked.plan, ordered[at : at + 1], after=asked.after, until=asked.until, timed=True
        ):
            seqs, times = _seqs_of(backend, asked, found)
            pool.add(sign * times, sign * seqs)
    yield from (sign * seq for seq in pool.below(None))


def time_of(backend: Backend, seq: int) -> int:
    """When the event of an entry happened, µs."""
    rows = backend.rows(select(event_index.c.event_time).where(event_index.c.seq == seq))
    return int(rows[0][0])


class _Pool:
    """Candidates that wait for their turn, smallest (time, entry) first."""

    def __init__(self, start: tuple[int, int] | None) -> None:
        self._start = start
        self._times: Ints = np.empty(0, np.int64)
        self._seqs: Ints = np.empty(0, np.int64)

    def add(self, times: Ints, seqs: Ints) -> None:
        """Take in more, without those that the pages before have given."""
        if self._start is not None:
            time, seq = self._start
            new = (times > time) | ((times == time) & (seqs > seq))
            times, seqs = times[new], seqs[new]
        self._times = np.concatenate((self._times, times))
        self._seqs = np.concatenate((self._seqs, seqs))

    def below(self, time: int | None) -> Iterator[int]:
        """Give out, in order, all whose time is less than the one given; None: all."""
        while len(self._times):
            ready = np.flatnonzero(self._times < time) if time is not None else np.arange(len(self._times))
            if not len(ready):
                return
            if len(ready) > SORTED_AT_ONCE:
                # All of one microsecond stay together, so that their order is that of their entries.
                edge = np.partition(self._times[ready], SORTED_AT_ONCE)[SORTED_AT_ONCE]
                ready = ready[self._times[ready] <= edge]
            order = np.lexsort((self._seqs[ready], self._times[ready]))
            given = self._seqs[ready][order].tolist()
            kept = np.ones(len(self._times), bool)
            kept[ready] = False
            self._times, self._seqs = self._times[kept], self._seqs[kept]
            yield from given


def first_recorded(backend: Backend, at: int, head: int) -> int:
    """The first entry recorded at or after an instant (µs); one after the head where there is none.

    Record time never falls along the chain, so that halving finds it.
    """
    low, high = 0, head + 1
    while low < high:
        middle = (low + high) // 2
        (recorded_at,) = backend.rows(select(entries.c.recorded_at).where(entries.c.seq == middle))[0]
        if recorded_at >= at:
            high = middle
        else:
            low = middle + 1
    return low
