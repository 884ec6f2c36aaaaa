"""A webhook's receiver on loopback: it keeps what it was sent and answers as it is told."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Told = int | tuple[int, dict[str, str], bytes] | Callable[["Received"], Any]


@dataclass(frozen=True)
class Received:
    """One POST."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.body)
        return value

    @property
    def delivery(self) -> str:
        return self.headers["idempotency-key"].strip('"')

    @property
    def events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.document["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        return found


@dataclass
class Receiver:
    """What came, and what is answered: the answers in turn, then 204 for ever."""

    port: int = 0
    scheme: str = "http"
    got: list[Received] = field(default_factory=list)
    answers: list[Told] = field(default_factory=list)
    always: Told = 204

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hook"

    def wait(self, count: int, within_s: float = 60.0) -> list[Received]:
        """What came, once it is so many; fails where they do not come."""
        give_up = time.monotonic() + within_s
        while len(self.got) < count:
            assert time.monotonic() < give_up, f"{len(self.got)} of {count} deliveries came"
            time.sleep(0.02)
        return list(self.got)

    def event_ids(self) -> list[str]:
        """Ids of the events that came, in order, each time that they came."""
        return [event["eventID"] for received in list(self.got) for event in received.events]


@contextmanager
def receiver(*, tls: ssl.SSLContext | None = None, port: int = 0) -> Iterator[Receiver]:
    """A receiver that listens on loopback until the end of the block."""
    state = Receiver(scheme="http" if tls is None else "https")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            lower = {name.lower(): value for name, value in self.headers.items()}
            received = Received(self.path, lower, body)
            state.got.append(received)
            told = state.answers.pop(0) if state.answers else state.always
            answer = told(received) if callable(told) else told
            status, headers, said = (answer, {}, b"") if isinstance(answer, int) else answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(said)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A sender that went away early is what some tests are about."""

    server = Server(("127.0.0.1", port), Handler)
    state.port = server.server_port
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
