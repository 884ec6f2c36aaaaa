"""Websockets: documents as events come, acknowledgements, coming back, and how a connection ends."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack
from urllib.parse import quote

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from lodeline.book import Book, create
from lodeline.book import open as open_book
from tests.ledger.epcis import document, event
from tests.web.serving import LODELINE, Served, served

SHIPPED = {"EQ_bizStep": ["shipping"]}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "book.db"
    create(path, title="Served", by="founder").close()
    with served(path) as running, open_book(path) as book:
        yield running, book


@pytest.fixture
def query(server, request):
    """A named query of the test's own."""
    name = request.node.name[:150]
    with server[0].client() as client:
        assert client.post("/queries", json={"name": name, "query": SHIPPED}).status_code == 201
    return name


def watch(running: Served, name: str, query: str, **how):
    return connect(f"{running.socket_url}/queries/{quote(name, safe='')}/events?{query}", proxy=None, **how)


def capture(book: Book, *numbers: int, **changed) -> None:
    book.capture(document(event(number, **changed) for number in numbers), by="tester")


def heard(socket) -> dict:
    return json.loads(socket.recv(timeout=60))


def notes(said: dict) -> list[str]:
    return [each["ex:note"] for each in said["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]


def acknowledge(socket, said: dict) -> None:
    socket.send(json.dumps({"acknowledged": said["id"]}))


def closed(socket) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as ended:
        list(iter(lambda: socket.recv(timeout=60), None))
    assert ended.value.rcvd is not None
    return ended.value.rcvd.code, ended.value.rcvd.reason


def refused(running: Served, name: str, query: str, **how) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as ended:
        watch(running, name, query, **how).close()
    response = ended.value.response
    assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code, json.loads(response.body)["code"]


def test_a_stream_tells_of_each_event_as_it_is_recorded(server, query):
    running, book = server
    with watch(running, query, "stream=true") as socket:
        assert "GS1-Query-Min-Record-Time" in socket.response.headers
        capture(book, 1, 2)
        said = heard(socket)
        assert said["type"] == "EPCISQueryDocument"
        assert said["epcisBody"]["queryResults"]["queryName"] == query
        assert notes(said) == ["number 1", "number 2"]
        capture(book, 3, bizStep="receiving")
        capture(book, 4)
        assert notes(heard(socket)) == ["number 4"]


def test_a_client_that_lost_the_connection_comes_back_with_the_last_record_time(server, query):
    running, book = server
    with watch(running, query, "stream=true") as socket:
        capture(book, 11)
        last = heard(socket)["epcisBody"]["queryResults"]["resultsBody"]["eventList"][-1]["recordTime"]
    capture(book, 12)
    with watch(running, query, f"stream=true&initialRecordTime={quote(last)}") as socket:
        told = notes(heard(socket))
        while len(told) < 2:
            told += notes(heard(socket))
        assert told == ["number 11", "number 12"]


def test_what_is_acknowledged_is_not_told_again_and_what_is_not_is(server, query):
    running, book = server
    with watch(running, query, "stream=true&acknowledge=true") as socket:
        subscription = socket.response.headers["Lodeline-Subscription"]
        capture(book, 21)
        said = heard(socket)
        assert said["epcisBody"]["queryResults"]["subscriptionID"] == subscription
        acknowledge(socket, said)
        capture(book, 22)
        lost = heard(socket)
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.7)
    capture(book, 23)
    back = f"stream=true&acknowledge=true&subscriptionID={subscription}"
    with watch(running, query, back) as socket:
        again = heard(socket)
        assert again == lost, "the same document under the same id"
        acknowledge(socket, again)
        said = heard(socket)
        assert notes(said) == ["number 23"]
        acknowledge(socket, said)
    with watch(running, query, back) as socket:
        capture(book, 24)
        assert notes(heard(socket)) == ["number 24"]


def test_a_subscription_that_acknowledges_is_listed_with_where_to_come_back_to(server, query):
    running, _ = server
    with watch(running, query, "stream=true&acknowledge=true") as socket, running.client() as client:
        subscription = socket.response.headers["Lodeline-Subscription"]
        listed = client.get(f"/queries/{quote(query, safe='')}/subscriptions").json()
        assert [each["subscriptionID"] for each in listed] == [subscription]
        assert listed[0]["dest"].startswith("ws://127.0.0.1")
        assert listed[0]["dest"].endswith(f"subscriptionID={subscription}")
        client.delete(f"/queries/{quote(query, safe='')}/subscriptions/{subscription}")
        assert closed(socket)[0] == 4404
    assert refused(running, query, f"stream=true&acknowledge=true&subscriptionID={subscription}") == (
        404,
        "subscription.unknown",
    )


def test_a_schedule_runs_over_a_websocket(server, query):
    running, book = server
    with watch(running, query, "second=*&reportIfEmpty=true") as socket:
        assert notes(heard(socket)) == []
        capture(book, 31)
        said = heard(socket)
        while not notes(said):
            said = heard(socket)
        assert notes(said) == ["number 31"]


def test_removing_the_query_closes_its_websockets(server, query):
    running, _ = server
    with watch(running, query, "stream=true") as socket, running.client() as client:
        assert client.delete(f"/queries/{quote(query, safe='')}").status_code == 204
        assert closed(socket) == (4404, "the query or the subscription was removed")


def test_the_second_connection_of_a_subscription_takes_it_over(server, query):
    running, book = server
    with watch(running, query, "stream=true&acknowledge=true") as first:
        back = f"stream=true&acknowledge=true&subscriptionID={first.response.headers['Lodeline-Subscription']}"
        with watch(running, query, back) as second:
            assert closed(first)[0] == 4409
            capture(book, 41)
            assert notes(heard(second)) == ["number 41"]


@pytest.mark.parametrize(
    ("query_string", "message", "code"),
    [
        ("stream=true", '{"acknowledged": "urn:uuid:x"}', 1003),
        ("stream=true", "hello", 1003),
        ("stream=true&acknowledge=true", "hello", 1003),
        ("stream=true&acknowledge=true", '{"acknowledged": 7}', 1003),
        ("stream=true&acknowledge=true", "x" * 100_000, 1009),
    ],
)
def test_what_a_client_may_not_say_ends_the_connection(server, query, query_string, message, code):
    running, _ = server
    with watch(running, query, query_string) as socket:
        socket.send(message)
        assert closed(socket)[0] == code


def test_a_wrong_acknowledgement_ends_the_connection(server, query):
    running, book = server
    with watch(running, query, "stream=true&acknowledge=true") as socket:
        capture(book, 51)
        heard(socket)
        socket.send('{"acknowledged": "urn:uuid:00000000-0000-4000-8000-000000000000"}')
        assert closed(socket)[0] == 1008


@pytest.mark.parametrize(
    ("query_string", "status", "code"),
    [
        ("", 400, "subscription.controls"),
        ("stream=false", 400, "subscription.controls"),
        ("stream=true&hour=1", 400, "subscription.controls"),
        ("stream=true&reportIfEmpty=true", 400, "subscription.controls"),
        ("stream=true&subscriptionID=x", 400, "subscription.controls"),
        ("stream=true&subscriptionID=x&acknowledge=true", 404, "subscription.unknown"),
        ("stream=true&stream=true", 400, "subscription.field"),
        ("stream=yes", 400, "subscription.field"),
        ("stream=true&perPage=3&EQ_bizStep=x", 400, "subscription.field"),
        ("hour=24", 400, "subscription.schedule"),
        ("stream=true&initialRecordTime=yesterday", 400, "subscription.initial_record_time"),
    ],
)
def test_a_handshake_that_asks_for_nothing_clear_is_refused(server, query, query_string, status, code):
    assert refused(server[0], query, query_string) == (status, code)


def test_a_handshake_for_a_query_that_is_not_there_is_refused(server):
    assert refused(server[0], "none", "stream=true") == (404, "query.unknown_name")


def test_a_page_of_another_origin_may_not_watch(server, query):
    assert refused(server[0], query, "stream=true", origin="https://evil.example") == (403, "access.origin")


def test_a_client_that_does_not_read_holds_up_nobody(server, query):
    """Its documents wait in the connection's own buffers; others are told at once."""
    running, book = server
    with watch(running, query, "stream=true", max_queue=1), watch(running, query, "stream=true") as other:
        long = "x" * 100_000
        for number in range(60, 70):
            capture(book, number, **{"ex:long": long})
        told = []
        while len(told) < 10:
            told += notes(heard(other))
        assert told == [f"number {number}" for number in range(60, 70)]


def test_many_watch_at_once(server, query):
    running, book = server
    with ExitStack() as opened:
        sockets = [opened.enter_context(watch(running, query, "stream=true")) for _ in range(10)]
        capture(book, 81)
        assert [notes(heard(socket)) for socket in sockets] == [["number 81"]] * 10


def test_a_token_is_needed_once_there_is_one_and_its_end_is_the_connections(tmp_path):
    path = tmp_path / "book.db"
    create(path, title="Served", by="founder").close()

    def lodeline(*arguments: str) -> str:
        return subprocess.run([str(LODELINE), *arguments], capture_output=True, text=True, check=True).stdout

    token = json.loads(lodeline("token", "create", str(path), "--who", "ann", "--role", "reader", "--json"))
    bearer = {"additional_headers": {"Authorization": f"Bearer {token['token']}"}}
    with served(path) as running:
        with running.client(token["token"]) as client:
            client.post("/queries", json={"name": "q", "query": SHIPPED})
        assert refused(running, "q", "stream=true") == (401, "access.no_token")
        with watch(running, "q", "stream=true", **bearer) as socket, open_book(path) as book:
            capture(book, 1)
            assert notes(heard(socket)) == ["number 1"]
            lodeline("token", "revoke", str(path), token["token"].split("_")[1])
            assert closed(socket) == (1008, "the token was revoked or has expired")


def test_the_server_says_that_it_stops(tmp_path):
    path = tmp_path / "book.db"
    create(path, title="Served", by="founder").close()
    with served(path) as running:
        with running.client() as client:
            client.post("/queries", json={"name": "q", "query": SHIPPED})
        with watch(running, "q", "stream=true") as socket:
            running.process.terminate()
            assert closed(socket)[0] in (1001, 1012)
        assert running.process.wait(timeout=30) == 0


def test_what_was_not_acknowledged_comes_again_from_the_next_server(tmp_path):
    """The server is killed between a document and its acknowledgement: the same document under the same id."""
    path = tmp_path / "book.db"
    create(path, title="Served", by="founder").close()
    with served(path) as running, running.client() as client:
        client.post("/queries", json={"name": "q", "query": SHIPPED})
        with watch(running, "q", "stream=true&acknowledge=true") as socket:
            subscription = socket.response.headers["Lodeline-Subscription"]
            with open_book(path) as book:
                capture(book, 1)
            acknowledge(socket, heard(socket))
            with open_book(path) as book:
                capture(book, 2)
            lost = heard(socket)
            running.kill()
    back = f"stream=true&acknowledge=true&subscriptionID={subscription}"
    with served(path) as running, watch(running, "q", back) as socket:
        again = heard(socket)
        assert again == lost
        assert notes(again) == ["number 2"]
        acknowledge(socket, again)
        with open_book(path) as book:
            capture(book, 3)
        assert notes(heard(socket)) == ["number 3"]
