"""Queries beside captures, from threads and from other processes: no event is ever missed, and none comes twice."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lodeline.ledger.store import Store, open_store
from lodeline.record.query import parse
from tests.ledger.books import clock
from tests.postgres import cluster
from tests.query import corpus
from tests.query.filled import capture, filled

CAPTURE = """
import sys
from tests.ledger.books import clock
from tests.query import corpus
from tests.query.filled import capture
from lodeline.ledger.store import open_store

tick, events = clock(), corpus.events(int(sys.argv[2]), 400)
with open_store(sys.argv[1]) as store:
    for start in range(0, 400, 8):
        capture(store, events[start : start + 8], tick)
"""
READ = """
import sys
from lodeline.ledger.store import open_store
from lodeline.record.query import parse

query = parse({"EQ_action": ["ADD", "DELETE"]}, extensions={})
with open_store(sys.argv[1]) as store:
    for _ in range(40):
        store.query(query, per_page=20)
"""


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield str(tmp_path / "book.db")
        return
    with cluster() as address:
        yield address + "&schema=together"


def follow(store: Store, done: threading.Event, into: list[int], flaws: list[BaseException]) -> None:
    """Ask for what is new again and again, as a subscription does, until everything was captured and asked for."""
    query = parse({"EQ_action": ["ADD", "DELETE"]}, extensions={})
    after = -1
    try:
        while True:
            last_round, until = done.is_set(), store.head().seq
            into += [event.seq for event in store.query_since(query, after=after, until=until)]
            after = until
            if last_round:
                return
    except BaseException as flaw:  # noqa: BLE001  a thread's failure is looked at by the test
        flaws.append(flaw)


@pytest.mark.slow
def test_followers_get_every_event_once_while_processes_capture_and_query(url: str) -> None:
    root = Path(__file__).resolve().parents[2]
    with filled(url, corpus.events(50, 40)) as store, open_store(url) as second:
        done = threading.Event()
        followed: list[list[int]] = [[] for _ in range(4)]
        flaws: list[BaseException] = []
        threads = [
            threading.Thread(target=follow, args=(each, done, into, flaws))
            for each, into in zip((store, store, second, second), followed, strict=True)
        ]
        for thread in threads:
            thread.start()
        others = [
            subprocess.Popen([sys.executable, "-c", code, url, *more], cwd=root)
            for code, *more in ((CAPTURE, "51"), (CAPTURE, "52"), (READ,))
        ]
        ended = [other.wait(timeout=300) for other in others]
        done.set()
        for thread in threads:
            thread.join()
        assert ended == [0, 0, 0]
        assert flaws == []
        query = parse({"EQ_action": ["ADD", "DELETE"]}, extensions={})
        expected = [event.seq for event in store.query(query, per_page=10_000).events]
        assert len(expected) > 400
        for into in followed:
            assert into == expected


def test_threads_that_share_a_store_find_the_same(tmp_path: Path) -> None:
    tick = clock()
    with filled(str(tmp_path / "book.db"), corpus.events(60, 300)) as store:
        query = parse({"EQ_action": ["ADD", "OBSERVE"], "orderBy": "eventTime"}, extensions={})
        at = store.head().seq
        expected = [event.seq for event in store.query(query, as_of=at, per_page=1000).events]
        found: list[list[int]] = []

        def ask() -> None:
            for _ in range(5):
                found.append([event.seq for event in store.query(query, as_of=at, per_page=1000).events])

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for start in range(0, 300, 60):
            capture(store, corpus.events(61, 300)[start : start + 60], tick)
        for thread in threads:
            thread.join()
        assert found == [expected] * 20
