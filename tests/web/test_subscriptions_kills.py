"""A server that is killed: nothing is lost, nothing acknowledged comes again, and what comes twice says so."""

from __future__ import annotations

import threading
import time
from collections import Counter
from random import Random

import pytest

from lodeline.book import create
from lodeline.book import open as open_book
from lodeline.book.service import open_service
from tests.ledger.epcis import document, event
from tests.postgres import cluster
from tests.web.receiver import Receiver, receiver
from tests.web.serving import served

SHIPPED = {"EQ_bizStep": ["shipping"]}


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    if request.param == "file":
        yield str(tmp_path / "book.db")
        return
    with cluster() as address:
        yield f"{address}&schema=book"


def capture(url: str, numbers: range) -> None:
    """Capture by another process than the server's, as the command line does."""
    with open_book(url) as book:
        for number in numbers:
            book.capture(document([event(number)]), by="tester")


def notes(hook: Receiver) -> dict[str, list[str]]:
    """Events by delivery, in the order in which deliveries first came; a repetition must be the same."""
    first: dict[str, list[str]] = {}
    bodies: dict[str, bytes] = {}
    for received in list(hook.got):
        assert bodies.setdefault(received.delivery, received.body) == received.body
        first.setdefault(received.delivery, [each["ex:note"] for each in received.events])
    return first


@pytest.mark.slow
def test_kills_lose_nothing_and_repeat_only_what_was_under_way(url):
    create(url, title="Killed", by="founder").close()
    chance, count, kills = Random(7), 60, 5
    with receiver() as hook:
        hook.always = lambda _: time.sleep(0.03) or 204
        capturing = threading.Thread(target=capture, args=(url, range(count)))
        for kill in range(kills):
            with served(url, "--allow-inward", "127.0.0.1") as server:
                if kill == 0:
                    with server.client() as client:
                        client.post("/queries", json={"name": "q", "query": SHIPPED})
                        made = client.post("/queries/q/subscriptions", json={"dest": hook.url, "stream": True})
                        assert made.status_code == 201
                    capturing.start()
                time.sleep(chance.uniform(0.1, 0.9))
                server.kill()
        capturing.join()
        with served(url, "--allow-inward", "127.0.0.1"):
            hook_has = lambda: sum(len(each) for each in notes(hook).values())  # noqa: E731
            give_up = time.monotonic() + 60
            while hook_has() < count:
                assert time.monotonic() < give_up, f"{hook_has()} of {count} events came"
                time.sleep(0.05)
            _acknowledged(url)
    assert [note for each in notes(hook).values() for note in each] == [f"number {number}" for number in range(count)]
    # One delivery at the most is under way at each kill.
    repeated = {delivery: times for delivery, times in Counter(r.delivery for r in hook.got).items() if times > 1}
    assert sum(times - 1 for times in repeated.values()) <= kills


def _acknowledged(url: str) -> None:
    """Wait until the position stands at the end of the book: then everything is known to have been taken."""
    give_up = time.monotonic() + 30
    with open_book(url, read_only=True) as book, open_service(url) as service:
        while (held := service.subscriptions.all()[0]).position < book.head().seq or held.delivery_id is not None:
            assert time.monotonic() < give_up, held
            time.sleep(0.05)


def test_what_was_acknowledged_before_a_kill_does_not_come_again(tmp_path):
    url = str(tmp_path / "book.db")
    create(url, title="Killed", by="founder").close()
    with receiver() as hook:
        with served(url, "--allow-inward", "127.0.0.1") as server:
            with server.client() as client:
                client.post("/queries", json={"name": "q", "query": SHIPPED})
                client.post("/queries/q/subscriptions", json={"dest": hook.url, "stream": True})
            capture(url, range(3))
            while sum(len(each) for each in notes(hook).values()) < 3:
                time.sleep(0.02)
            _acknowledged(url)
            server.kill()
        with served(url, "--allow-inward", "127.0.0.1"):
            capture(url, range(3, 4))
            while sum(len(each) for each in notes(hook).values()) < 4:
                time.sleep(0.02)
            _acknowledged(url)
    assert len({received.delivery for received in hook.got}) == len(hook.got)


def test_of_two_servers_on_one_book_one_delivers(tmp_path):
    """The second takes over when the first is gone."""
    url = str(tmp_path / "book.db")
    create(url, title="Twice", by="founder").close()
    with (
        receiver() as hook,
        served(url, "--allow-inward", "127.0.0.1") as first,
        served(url, "--allow-inward", "127.0.0.1") as second,
    ):
        with second.client() as client:
            client.post("/queries", json={"name": "q", "query": SHIPPED})
            client.post("/queries/q/subscriptions", json={"dest": hook.url, "stream": True})
        capture(url, range(5))
        _acknowledged(url)
        assert [note for each in notes(hook).values() for note in each] == [f"number {n}" for n in range(5)]
        assert len({received.delivery for received in hook.got}) == len(hook.got)
        first.kill()
        capture(url, range(5, 6))
        _acknowledged(url)
        assert len(set(hook.event_ids())) == 6
