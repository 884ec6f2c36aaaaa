"""Several writers at once: no loss, no double, the chain whole, and everyone gets through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from lodeline.errors import BookError
from lodeline.ledger.store import open_store
from tests.ledger.books import book, clock
from tests.ledger.epcis import CONTEXT, event, spooled
from tests.ledger.nursery import EVENTS, Nursery, State, events_of

FreshUrl = Callable[[], str]

WRITERS, CAPTURES = 8, 12


def test_eight_processes_write_at_once_and_nothing_is_lost_or_doubled(fresh_url: FreshUrl, tmp_path: Path) -> None:
    url = fresh_url()
    book(url).close()
    with Nursery() as nursery:
        pids = [
            nursery.fork(
                url, tmp_path / f"state{writer}", writer=writer, first=0, captures=CAPTURES, gate=tmp_path / "gate"
            )
            for writer in range(WRITERS)
        ]
        (tmp_path / "gate").touch()
        assert [nursery.reap(pid) for pid in pids] == [0] * WRITERS
    assert [State(tmp_path / f"state{writer}").read()[1] for writer in range(WRITERS)] == [CAPTURES] * WRITERS
    with open_store(url) as store:
        assert store.verify(deep=True).events == WRITERS * CAPTURES * EVENTS
        found = Counter(held.event_id for held in store.events())
        expected = {
            one["eventID"]
            for writer in range(WRITERS)
            for number in range(CAPTURES)
            for one in events_of(writer, number)
        }
        assert set(found) == expected
        assert set(found.values()) == {1}
        by = [held.captured_by for held in store.events()]
        # Nobody waits until somebody else is through: writers take turns more often than one after the other would.
        # That each began before any had ended would be a matter of how busy the machine is.
        assert sum(one != other for one, other in pairwise(by)) > WRITERS - 1


def test_two_writers_of_the_same_events_record_them_once(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    book(url).close()

    def capture(_: int) -> tuple[int, int]:
        with open_store(url) as store, spooled([event(number) for number in range(40)]) as held:
            done = store.capture(held, by="clerk", clock=clock())
        return done.added, done.known

    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(capture, range(4)))
    assert sorted(done) == [(0, 40)] * 3 + [(40, 0)]


def test_one_store_serves_several_threads(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:

        def work(number: int) -> Any:
            with spooled([event(number)]) as held:
                store.capture(held, by=f"thread {number}", clock=clock())
            return len(list(store.events())), store.verify().events

        with ThreadPoolExecutor(6) as threads:
            seen = list(threads.map(work, range(24)))
        assert max(seen) == (24, 24)
        assert store.verify(deep=True).events == 24


def test_a_writer_that_waits_too_long_is_refused_and_has_written_nothing(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store, open_store(url, wait_s=0.05) as other:
        with store._backend.write(wait_s=1.0), pytest.raises(BookError) as refused:
            other.set_policy(b"a = 1", by="clerk", clock=clock())
        assert refused.value.code == "ledger.busy"
        assert other.set_policy(b"a = 1", by="clerk", clock=clock()).seq == 1


def test_readers_do_not_wait_for_a_writer(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store, open_store(url, read_only=True) as reader:
        with spooled([event(1)]) as held:
            store.capture(held, by="clerk", clock=clock())
        with store._backend.write(wait_s=1.0):
            assert len(list(reader.events())) == 1
            assert reader.verify().events == 1


def test_a_book_can_be_verified_while_others_write(fresh_url: FreshUrl) -> None:
    """A verification goes as far as the book did when it began, and takes nothing that is newer for a fault."""
    url = fresh_url()
    with book(url) as store, open_store(url) as writer:
        stop = Event()

        def write() -> int:
            tick, number = clock(), 0
            while not stop.is_set():
                # Another context each time, so that the content store grows too.
                with spooled([event(number)], context=[*CONTEXT, {f"n{number}": "https://example.org/"}]) as held:
                    writer.capture(held, by="writer", clock=tick)
                number += 1
            return number

        with ThreadPoolExecutor(1) as threads:
            writing = threads.submit(write)
            try:
                verified = [store.verify(deep=True).events for _ in range(12)]
            finally:
                stop.set()
            written = writing.result()
        assert verified == sorted(verified)
        assert len(set(verified)) > 1, "the writer did write meanwhile"
        assert store.verify(deep=True).events == written
