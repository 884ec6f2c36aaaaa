"""What a stranger or an odd client sends: every end of it is a refusal in our words, and stands in the audit log."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
import time
from typing import Any

import httpx
import pytest
import uvicorn
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from lodeline.book import open as open_book
from lodeline.errors import BookError
from lodeline.web import access, telling
from lodeline.web.app import create_app
from lodeline.web.malformed import Protocol
from lodeline.web.problems import problem_for
from lodeline.web.serve import listen
from lodeline.web.settings import Settings
from lodeline.web.telling import Telling, neighbourhood
from tests.web.epcis import CONTEXT, JSON, alone, captured, document, event, eventlist, refused
from tests.web.served import served
from tests.web.test_access import bearer, give

LINK = "https://id.gs1.org/01/10614141073464/21/5"


def lines(client, **of: Any) -> list[dict[str, Any]]:
    """Lines of the audit log, those with these values."""
    found = client.get("/audit?perPage=1000", headers=of.pop("headers", {})).json()
    return [line for line in found if all(line[name] == value for name, value in of.items())]


def forged(path: str, at: str, ends: int = 4_000_000_000) -> str:
    """A nextPageToken that somebody wrote himself."""
    mark = hashlib.sha256(repr((path, [])).encode()).hexdigest()[:16]
    return base64.urlsafe_b64encode(json.dumps([mark, at, ends]).encode()).decode().rstrip("=")


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "null", "https://127.0.0.1:1", "http://localhost]:8080"])
def test_an_origin_that_is_not_ours_or_none_at_all_is_refused_and_noted(client, origin):
    refused(client.get("/events", headers={"Origin": origin}), 403, "access.origin")

    assert [line["action"] for line in lines(client, code="access.origin")] == ["GET"]


@pytest.mark.parametrize("path", ["/capture", "/epcs", "/audit", "/events"])
@pytest.mark.parametrize("at", ["²", "٣", "9" * 30, "9" * 5_000, "-1", "", "x", "\0", " 1"])
def test_a_page_token_that_somebody_wrote_himself_is_refused(client, path, at):
    answer = client.get(f"{path}?nextPageToken={forged(path, at)}")

    assert answer.json()["code"] in ("page.token", "query.token")
    assert answer.status_code == 400


@pytest.mark.parametrize("ends", [2**62, 2**80, 4_000_000_000])
def test_a_page_token_that_would_last_longer_than_ours_is_not_kept(client, ends):
    refused(client.delete(f"/nextPageToken/{forged('/events', 'x', ends)}"), 400, "page.token")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (alone(1, epcList=[LINK]), {"GS1-EPC-Format": "Always_EPC_URN"}),
        (alone(1, epcList=["urn:epc:id:nothing:1.2"]), {"GS1-EPC-Format": "Always_GS1_Digital_Link"}),
        (
            json.dumps({**json.loads(alone(1)), "@context": [{"ex": "http://e.x/"}, CONTEXT], "ex:a": {"1b": 2}}),
            {"Accept": "application/xml"},
        ),
    ],
)
def test_an_event_that_cannot_be_answered_as_asked_is_refused_before_it_is_recorded(client, book, body, headers):
    answer = client.post("/events", content=body, headers={**JSON, **headers})

    assert answer.status_code == 406
    with open_book(book, read_only=True) as opened:
        assert list(opened.events()) == []
    assert client.post("/events", content=body, headers=JSON).status_code == 201


@pytest.mark.parametrize("headers", [{"GS1-EPC-Format": "Always_GS1_Digital_Link"}, {"Accept": "application/xml"}])
def test_an_event_that_is_invalid_is_refused_as_such_whatever_form_is_asked_for(client, headers):
    answer = client.post("/events", content=alone(1, quantityList=[{}]), headers={**JSON, **headers})

    assert (answer.status_code, answer.json()["code"].partition(".")[0]) == (400, "record")


@pytest.mark.parametrize("path", ["/capture", "/events"])
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ([("Content-Type", "application/xml")], "http.media_type"),
        ([("Content-Type", "application/json"), ("Content-Type", "text/plain")], "http.media_type"),
        (
            [("Content-Type", "application/json"), ("Content-Encoding", "identity"), ("Content-Encoding", "gzip")],
            "http.content_encoding",
        ),
    ],
)
def test_a_body_that_is_not_what_its_headers_say_is_refused(client, path, headers, code):
    body = alone(1) if path == "/events" else document(event(1))

    refused(client.post(path, content=body, headers=headers), 415, code)


def test_a_header_that_comes_twice_binds_both_prefixes(client):
    captured(client, document(event(1, **{"@context": [{"ex": "http://ns.example.com/"}], "ex:a": "1"})))
    twice = [("GS1-Extensions", "other=http://ns.example.org/"), ("GS1-Extensions", "ex=http://ns.example.com/")]

    assert len(eventlist(client.get("/events?EQ_ex:a=1", headers=twice))) == 1


def test_who_has_no_token_fills_few_lines_of_the_log_and_is_counted(client, book, monkeypatch):
    token = give(book, "auditor")
    ticks = [0.0]
    monkeypatch.setattr(client.app.state.serving.gatekeeper, "_ticks", lambda: ticks[0])
    for _ in range(telling.TOLD + 25):
        refused(client.get("/events"), 401, "access.no_token")
    ticks[0] += telling.WINDOW_S + 1
    client.get("/events")

    said = lines(client, code="access.no_token", headers=bearer(token))
    assert len(said) == telling.TOLD + 1
    assert "25 more" in said[-1]["detail"]


def test_a_caller_without_a_token_does_not_hold_up_one_who_has_one(client, book):
    token = give(book, "reader")
    for _ in range(2 * access.FAILURES):
        client.get("/events")

    assert client.get("/events", headers=bearer(token)).status_code == 200


def test_each_kind_of_refusal_and_each_neighbourhood_is_counted_for_itself():
    ticks = [0.0]
    told = Telling(ticks=lambda: ticks[0])

    assert [told.tell("10.0.0.1", "a", most=2) for _ in range(4)] == [0, 0, None, None]
    assert told.tell("10.0.0.2", "a", most=2) == 0
    assert told.tell("10.0.0.1", "b", most=2) == 0
    assert [told.tell(f"2001:db8::{end}", "a", most=1) for end in (1, 2, 3)] == [0, None, None]
    ticks[0] += telling.WINDOW_S + 1
    assert told.tell("10.0.0.1", "a", most=2) == 2


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_caller_is_known_by_his_network(address, known):
    assert neighbourhood(address) == known


def test_who_asks_comes_before_what_is_asked(client, book):
    token = give(book, "auditor")
    client.get("/epcs/%ff", headers=bearer(token))
    client.get("/epcs/%ff")

    assert [line["code"] for line in lines(client, headers=bearer(token))] == ["http.path", "access.no_token"]
    assert lines(client, code="http.path", headers=bearer(token))[0]["who"] == "Aisha"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    from lodeline.book import create

    book = tmp_path_factory.mktemp("hostile") / "book.db"
    create(book, title="Hostile", by="founder").close()
    with served(book) as running:
        yield running


CLOSE = b"\r\nConnection: close\r\n\r\n"


def sends(server, raw: bytes, *, hang_up: bool = False) -> bytes:
    """What a server answers to these bytes, until it closes."""
    host, port = server.client.base_url.host, server.client.base_url.port
    with socket.create_connection((host, port), timeout=30) as line:
        line.sendall(raw.replace(b"HOST", f"{host}:{port}".encode()).replace(b"\r\n\r\n", CLOSE, 1))
        if hang_up:
            return b""
        heard = b""
        while piece := line.recv(65_536):
            heard += piece
        return heard


def noted(server, code: str, count: int) -> list[dict[str, Any]]:
    """Lines of a code, once there are so many: a line may be written after its answer."""
    until = time.monotonic() + 30
    while len(found := lines(server.client, code=code)) < count:
        assert time.monotonic() < until, found
        time.sleep(0.02)
    return found


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: HOST\r\nHost: evil\r\n\r\n",
        b"POST /capture HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"GET / HTTP/1.1\r\nHost: HOST\r\nX: " + b"a" * 140_000,
    ],
)
def test_what_is_no_request_is_a_problem_document_and_stands_in_the_log(server, raw):
    before = len(lines(server.client, code="http.malformed"))

    head, _, body = sends(server, raw).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in head
    assert json.loads(body)["code"] == "http.malformed"
    assert len(noted(server, "http.malformed", before + 1)) == before + 1


def test_a_body_that_turns_to_rubbish_is_refused_and_the_server_goes_on(server):
    head = (
        b"POST /capture HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )

    assert sends(server, head + b"5\r\nabcde\r\nZZ\r\n").startswith(b"HTTP/1.1 400 ")
    assert server.client.get("/").status_code == 200


def test_a_caller_who_hangs_up_amid_a_body_is_no_fault_of_ours(server):
    before = len(lines(server.client, code="http.body_cut"))

    sends(
        server,
        b"POST /capture HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
        hang_up=True,
    )

    assert noted(server, "http.body_cut", before + 1)[-1]["status"] == 400
    assert lines(server.client, code="internal.fault") == []


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"http://HOST/events", b"200"),
        (b"http://HOST", b"200"),
        (b"http://elsewhere/events", b"400"),
        (b"http://[/events", b"400"),
        (b"/events", b"200"),
    ],
)
def test_a_target_may_be_a_full_address_of_this_host(server, target, status):
    assert sends(server, b"GET " + target + b" HTTP/1.1\r\nHost: HOST\r\n\r\n").split()[1] == status


def test_the_server_as_a_whole_has_options(server):
    assert sends(server, b"OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n").startswith(b"HTTP/1.1 204 ")


@pytest.mark.parametrize("path", ["/nothing", "/events", "/capture", "/queries/x/subscriptions"])
def test_a_handshake_that_no_route_takes_is_refused_in_our_words_and_noted(server, path):
    before = len(lines(server.client, action="WEBSOCKET", target=path))
    url = str(server.client.base_url).replace("http:", "ws:").rstrip("/")

    with pytest.raises(InvalidStatus) as refusal, connect(url + path, proxy=None):
        pass

    assert refusal.value.response.status_code == 404
    assert json.loads(refusal.value.response.body or b"")["code"] == "http.not_found"
    assert len(lines(server.client, action="WEBSOCKET", target=path)) == before + 1


def test_a_websocket_that_is_opened_stands_in_the_log(server):
    made = server.client.post("/queries", json={"name": "watched", "query": {}})
    assert made.status_code == 201
    url = str(server.client.base_url).replace("http:", "ws:").rstrip("/")

    with connect(f"{url}/queries/watched/events?stream=true", proxy=None):
        (line,) = lines(server.client, action="WEBSOCKET", status=101)

    assert (line["code"], line["target"]) == (None, "/queries/watched/events?stream=true")


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/bizSteps/shipping/events", "EQ_bizStep"),
        ("/eventTypes/ObjectEvent/events", "eventType"),
        ("/epcs/urn%3Aepc%3Aid%3Asgtin%3A0614141.107346.1/events", "MATCH_anyEPC"),
        ("/readPoints/urn%3Aepc%3Aid%3Asgln%3A0012345.11111.400/events", "EQ_readPoint"),
    ],
)
def test_what_the_path_names_may_be_asked_for_besides_and_both_must_hold(client, path, parameter):
    """GS1's OpenAPI lists EQ_disposition for /dispositions/{disposition}/events, and so for the others."""
    captured(client, document(event(1), event(2, bizStep="receiving")))
    (there,) = {"EQ_bizStep": ["shipping"], "eventType": ["ObjectEvent"]}.get(parameter, [path.split("/")[2]])
    other = {"EQ_bizStep": "receiving", "eventType": "AggregationEvent"}.get(parameter, "urn%3Aexample%3Anone")

    assert eventlist(client.get(f"{path}?{parameter}={there}")) == eventlist(client.get(path)) != []
    assert eventlist(client.get(f"{path}?{parameter}={other}")) == []
    assert len(eventlist(client.get(f"{path}?{parameter}={there}&perPage={'9' * 30}"))) >= 1


@pytest.fixture
def hasty(book, monkeypatch):
    """A server in this process that waits for a head a fifth of a second; its port."""
    monkeypatch.setattr(Protocol, "head_wait_s", 0.2)
    listening = listen("127.0.0.1", 0)
    app = create_app(book, settings=Settings(local_name="clerk"))
    config = uvicorn.Config(app, http=Protocol, ws="websockets-sansio", lifespan="on", log_level="error")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
    thread.start()
    yield listening.getsockname()[1]
    running.should_exit = True
    thread.join()
    listening.close()


@pytest.mark.parametrize(
    "begun", [b"", b"GET / HTTP/1.1\r\nHost: 127.0.0.1", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /"]
)
def test_a_head_that_does_not_come_is_not_waited_for(hasty, begun):
    with socket.create_connection(("127.0.0.1", hasty), timeout=30) as line:
        line.sendall(begun)
        heard = b""
        while piece := line.recv(65_536):
            heard += piece

    assert heard.startswith(b"HTTP/1.1 200 ") == begun.endswith(b"\r\nGET /")


def test_a_body_and_a_websocket_may_take_longer_than_a_head(hasty):
    body = document(event(1))
    head = (
        f"POST /capture HTTP/1.1\r\nHost: 127.0.0.1:{hasty}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", hasty), timeout=30) as line:
        line.sendall(head.encode() + body[:10])
        time.sleep(0.5)
        line.sendall(body[10:])
        assert line.recv(65_536).startswith(b"HTTP/1.1 202 ")
    url = f"127.0.0.1:{hasty}"
    assert httpx.post(f"http://{url}/queries", json={"name": "all", "query": {}}).status_code == 201
    with connect(f"ws://{url}/queries/all/events?stream=true", proxy=None) as watching:
        time.sleep(0.5)
        assert httpx.post(f"http://{url}/events", content=alone(2), headers=JSON).status_code == 201
        assert json.loads(watching.recv(timeout=60))["type"] == "EPCISQueryDocument"


@pytest.mark.parametrize("path", ["/epcs/%00", "/events/a%00b", "/capture/%00", "/queries/%00/events", "/%00"])
def test_a_path_with_a_nul_is_refused_before_a_database_is_asked(client, path):
    refused(client.get(path), 400, "http.path")


def test_what_a_database_said_is_told_to_whoever_serves_and_not_to_who_asks(capsys):
    problem = problem_for(BookError("ledger.store_failed", "It failed.", schema="secret", said="column x of host y"))

    assert (problem.status, problem.where) == (500, {})
    assert "column x of host y" in capsys.readouterr().err
