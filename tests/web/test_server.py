"""The server as a process: what it says, how it ends, where it may listen, and two of them on one book."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
import time

import httpx
import pytest

from lodeline.book import open as open_book
from lodeline.book.service import open_service
from lodeline.errors import BookError, InputError
from lodeline.web.secrets import make
from lodeline.web.serve import listen, serve
from lodeline.web.settings import Settings
from tests.web.epcis import JSON, captured, document, ended, event
from tests.web.served import START_S, command, served


def test_a_server_says_where_it_is_and_who_may_use_it(book):
    with served(book) as server:
        assert "A served book is served at http://127.0.0.1:" in server.said
        assert "No access token exists: everyone on this machine may read, and record as clerk" in server.said
        assert server.client.get("/").status_code == 200


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_ends_in_order(book, kind):
    with served(book) as server:
        captured(server.client, document(event()))
        assert server.stop(kind) == 0
    with open_book(book, read_only=True) as opened:
        assert opened.verify().events == 1


def test_a_server_that_is_told_twice_ends_in_order_all_the_same(book):
    """A terminal's Ctrl-C reaches it, and whoever started it passes the word on; a traceback would fail the fixture."""
    with served(book) as server:
        captured(server.client, document(event()))
        server.process.send_signal(signal.SIGINT)
        assert server.stop(signal.SIGINT) == 0


def test_a_stop_amid_much_work_leaves_the_rest_for_the_next_start(book):
    with served(book) as server:
        places = [_send(server.client, number) for number in range(20)]
        assert server.stop() == 0
    with served(book) as server:
        assert all(ended(server.client, place)["added"] == 50 for place in places)
    with open_book(book, read_only=True) as opened:
        assert opened.verify().events == 1_000


def test_a_port_that_is_taken_is_said_in_one_sentence(book):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = subprocess.run(
            [*command(book), "--port", port], capture_output=True, text=True, timeout=START_S, check=False
        )

    assert done.returncode == 5
    assert f"Something listens at 127.0.0.1 port {port} already" in done.stderr
    assert "[serve.address_taken]" in done.stderr
    assert done.stdout == ""


def test_an_address_that_is_not_of_this_machine_is_refused():
    with pytest.raises(BookError) as refusal:
        listen("192.0.2.1", 0)

    assert refusal.value.code == "serve.address"


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_an_address_that_others_reach_needs_a_token(book, host):
    with pytest.raises(InputError) as refusal:
        serve(book, Settings(host=host, port=0), say=print)

    assert refusal.value.code == "serve.no_token"


def test_with_a_token_an_address_that_others_reach_is_served_to_its_holder_alone(book, now):
    with open_service(book) as service:
        kept, token = make(who="Aisha", role="reader", at=now, by="founder", expires_at=None)
        service.tokens.add(kept)
    with served(book, "--host", "0.0.0.0") as server:
        assert "Every request needs an access token" in server.said
        assert server.client.get("/").status_code == 401
        assert server.client.get("/", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_two_servers_on_one_book_do_each_job_once(book):
    with served(book) as one, served(book) as other:
        places = [_send((one, other)[number % 2].client, number) for number in range(12)]
        jobs = [ended(one.client, place) for place in places]
        with open_service(book) as service:
            attempts = [job.attempts for job in service.jobs.page(after=0, limit=100)[0]]

    assert [(job["success"], job["added"], job["known"]) for job in jobs] == [(True, 50, 0)] * 12
    assert attempts == [1] * 12
    with open_book(book, read_only=True) as opened:
        assert opened.verify(deep=True).events == 600


def test_a_server_takes_over_when_the_one_that_works_dies(book):
    with served(book) as one, served(book) as other:
        captured(one.client, document(event(1)))
        places = [_send(other.client, number) for number in range(10)]
        one.kill()

        assert all(ended(other.client, place)["success"] for place in places)


def test_reading_does_not_wait_for_a_large_capture(book):
    """A read takes a fraction of the capture beside it; the shortest counts, since the machine may be busy."""
    body = document(*(event(number, comment="x" * 500) for number in range(8_000)))
    with served(book) as server:
        sent = threading.Event()

        def send() -> None:
            server.client.post("/capture", content=body, headers=JSON)
            sent.set()

        began = time.perf_counter()
        sender = threading.Thread(target=send)
        sender.start()
        reads = []
        with httpx.Client(base_url=server.client.base_url, timeout=60.0) as reader:
            while not sent.is_set() or reader.get("/capture").json()[0]["running"]:
                at = time.perf_counter()
                assert reader.get("/").status_code == 200
                reads.append(time.perf_counter() - at)
        took = time.perf_counter() - began
        sender.join()

    assert len(reads) > 5
    assert min(reads) < took / 5


def test_a_head_of_a_request_that_is_no_http_gets_no_page_of_anybodys(book):
    with served(book) as server:
        address = server.client.base_url
        with socket.create_connection((address.host, address.port), timeout=START_S) as raw:
            raw.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nBroken header\r\n\r\n")
            assert b"400" in raw.recv(4_096).splitlines()[0]


def _send(client: httpx.Client, number: int) -> str:
    events = [event(number * 50 + place) for place in range(50)]
    answer = client.post("/capture", content=document(*events), headers=JSON)
    assert answer.status_code == 202
    return answer.headers["Location"]
