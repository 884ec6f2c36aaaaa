"""Bytes that are no HTTP request: refused as everything else is, and in the audit log as everything else is."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import h11
import msgspec
from uvicorn.protocols.http.h11_impl import H11Protocol

from lodeline.errors import LodelineError, RequestError
from lodeline.web.headers import EVERY_ANSWER
from lodeline.web.problems import MEDIA_TYPE, Problem, problem_of

if TYPE_CHECKING:
    from lodeline.web.serving import Serving

_TASKS: set[asyncio.Task[None]] = set()


class Protocol(H11Protocol):
    """The server's reader of HTTP/1.1, which refuses in our words, and waits for the head of a request only so long."""

    head_wait_s = 30.0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A caller has come."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request have come."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """An answer is out; another request may come."""
        super().on_response_complete()
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._stop_waiting()
        self._head_timer = self.loop.call_later(self.head_wait_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        # Whoever sends a head byte by byte would hold a connection for ever. A websocket has its own protocol by now.
        if self.transport.get_protocol() is self:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read, and close."""
        problem = problem_of(
            RequestError("http.malformed", "This is no HTTP/1.1 request, or its head is larger than 128 KiB.")
        )
        serving: Serving = self.app.state.serving
        # The answer cannot wait for the log here; the loop keeps no hold of a task by itself.
        task = asyncio.ensure_future(_note(serving, self.client[0] if self.client else "-", problem))
        _TASKS.add(task)
        task.add_done_callback(_TASKS.discard)
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            # A part of another answer has gone out; there is nothing left but to end it.
            self.transport.close()
            return
        body = msgspec.json.encode(problem)
        lines = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), "connection": "close", **EVERY_ANSWER}
        start = h11.Response(
            status_code=400,
            headers=[(name.lower().encode(), value.encode()) for name, value in lines.items()],
            reason=b"Bad Request",
        )
        for part in (start, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(part) or b"")
        self.transport.close()


async def _note(serving: Serving, address: str, problem: Problem) -> None:
    earlier = serving.gatekeeper.telling.tell(address, problem.code)
    if earlier is None:
        return
    more = f" ({earlier} more since the last line of this address)" if earlier else ""
    line: dict[str, Any] = {
        "who": "-", "role": "-", "token": None, "address": address, "action": "-", "target": "-",
        "status": problem.status, "code": problem.code, "detail": problem.detail + more,
    }  # fmt: skip
    try:
        await serving.off_loop(lambda: serving.service.audit.write(at=serving.settings.clock(), **line))
    except LodelineError as unwritable:
        print(f"lodeline: the audit log cannot be written: {unwritable}", file=sys.stderr, flush=True)
