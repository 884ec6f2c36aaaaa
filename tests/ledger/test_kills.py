"""Killed processes: what was acknowledged is there, nothing is half there, and the book proves itself."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import psycopg
import pytest

from lodeline.errors import BookError
from lodeline.ledger.store import Store, open_store
from tests.ledger.books import book
from tests.ledger.nursery import EVENTS, INSIDE, Nursery, State, events_of, stop
from tests.postgres import cluster

SQLITE_KILLS, POSTGRES_KILLS, BACKEND_KILLS = 200, 50, 4
KILLS_A_BOOK = 10
SEED = 20251002


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as opened:
        yield opened


AIMS_S = (None, 0.001, 0.001, 0.006)
"""By turns: how long after the beginning of a transaction a kill may come; None: whenever it comes.

Half of them come within a millisecond, which no transaction with a sync in it is done in, so that half of all kills are
inside one on a fast machine too; the longer delays reach its end, COMMIT, and what lies between two.
"""


def kill_somewhere(pid: int, state: State, first: int, draw: Random, *, within_s: float | None) -> bool:
    """Kill a child at a random moment, in one of its first few transactions; gives whether it was inside one."""
    if within_s is not None:
        wanted, give_up = first + draw.randrange(4), time.monotonic() + 30
        while (now := state.read())[0] != INSIDE or now[1] < wanted:
            assert time.monotonic() < give_up, "the child never entered a transaction"
        time.sleep(draw.uniform(0, within_s))
    else:
        time.sleep(draw.uniform(0, 0.08))
    stop(pid)
    inside = state.read()[0] == INSIDE
    os.kill(pid, signal.SIGKILL)
    return inside


def captures_held(store: Store) -> int:
    """How many of writer 0's captures the book holds; each whole, in order, and nothing else."""
    ids = [held.event_id for held in store.events()]
    whole, rest = divmod(len(ids), EVENTS)
    assert rest == 0, "a capture is half there"
    expected = [event["eventID"] for capture in range(whole) for event in events_of(0, capture)]
    assert ids == expected
    return whole


def require_acknowledged(url: str, acknowledged: int) -> int:
    """What was acknowledged is there, at most the one capture under way beside it, and all of it proves itself."""
    with open_store(url) as store:
        held = captures_held(store)
        assert acknowledged <= held <= acknowledged + 1
        assert store.verify(deep=True).events == held * EVENTS
    return held


def kill_again_and_again(
    nursery: Nursery, fresh_url: Callable[[], str], folder: Path, kills: int, ended: Callable[[int], None]
) -> tuple[int, int]:
    """Kill capturing children; gives how many were inside a transaction, and how many captures survived in all."""
    draw, inside, survived = Random(SEED), 0, 0
    url, held = "", 0
    for kill in range(kills):
        if kill % KILLS_A_BOOK == 0:
            survived += held
            url, held = fresh_url(), 0
            book(url).close()
        state = State(folder / f"state{kill}")
        pid = nursery.fork(url, folder / f"state{kill}", writer=0, first=held)
        inside += kill_somewhere(pid, state, held, draw, within_s=AIMS_S[kill % len(AIMS_S)])
        assert nursery.reap(pid) == -signal.SIGKILL
        _, acknowledged, backend = state.read()
        ended(backend)
        held = require_acknowledged(url, max(held, acknowledged))
    return inside, survived + held


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing_that_was_acknowledged_sqlite(nursery: Nursery, tmp_path: Path) -> None:
    numbers = iter(range(SQLITE_KILLS))
    inside, survived = kill_again_and_again(
        nursery, lambda: str(tmp_path / f"{next(numbers)}.db"), tmp_path, SQLITE_KILLS, lambda _: None
    )
    print(f"{SQLITE_KILLS} kills, {inside} inside a transaction, {survived} captures survived")
    assert inside >= SQLITE_KILLS / 2
    assert survived > SQLITE_KILLS / 10


@pytest.fixture(scope="module")
def durable_server() -> Iterator[str]:
    """A server that syncs, as a book's server must."""
    with cluster(durable=True) as address:
        yield address


def wait_until_gone(address: str, backend: int) -> None:
    """Wait until the server has noticed that a client is dead, and has ended its transaction."""
    give_up = time.monotonic() + 30
    with psycopg.connect(address, autocommit=True) as connection:
        while connection.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (backend,)).fetchone():
            assert time.monotonic() < give_up, "the server keeps a dead client's transaction"
            time.sleep(0.002)


@pytest.mark.slow
@pytest.mark.postgres
def test_fifty_kills_lose_nothing_that_was_acknowledged_postgresql(
    nursery: Nursery, durable_server: str, tmp_path: Path
) -> None:
    numbers = iter(range(POSTGRES_KILLS))
    inside, survived = kill_again_and_again(
        nursery,
        lambda: f"{durable_server}&schema=killed{next(numbers)}",
        tmp_path,
        POSTGRES_KILLS,
        lambda backend: wait_until_gone(durable_server, backend),
    )
    print(f"{POSTGRES_KILLS} kills, {inside} inside a transaction, {survived} captures survived")
    assert inside >= POSTGRES_KILLS / 2
    assert survived > POSTGRES_KILLS / 10


@pytest.mark.slow
@pytest.mark.postgres
def test_a_killed_server_process_loses_nothing_that_was_acknowledged(
    nursery: Nursery, durable_server: str, tmp_path: Path
) -> None:
    """The server then ends every connection and recovers; the client is told that the capture is not acknowledged."""
    url, held = f"{durable_server}&schema=crashed", 0
    book(url).close()
    for kill in range(BACKEND_KILLS):
        path = tmp_path / f"state{kill}"
        state = State(path)
        pid = nursery.fork(url, path, writer=0, first=held)
        while state.read()[0] != INSIDE or state.read()[1] < held + 1:
            time.sleep(0.0005)
        os.kill(state.read()[2], signal.SIGKILL)
        assert nursery.reap(pid) == 1, "the child saw a refusal and ended"
        _, acknowledged, _ = state.read()
        held = recovered(url, max(held, acknowledged))


def recovered(url: str, acknowledged: int) -> int:
    """`require_acknowledged`, once the server has recovered."""
    give_up = time.monotonic() + 60
    while not is_reachable(url):
        assert time.monotonic() < give_up, "the server does not recover"
        time.sleep(0.05)
    return require_acknowledged(url, acknowledged)


def is_reachable(url: str) -> bool:
    try:
        open_store(url).close()
    except BookError as error:
        return error.code != "ledger.unreachable"
    return True
