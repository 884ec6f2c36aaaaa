"""What stands before every route: the host asked for, who asks, the audit log, and the headers of every answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

import msgspec

from lodeline.errors import LodelineError, RequestError
from lodeline.web.access import NOBODY, Caller
from lodeline.web.headers import EVERY_ANSWER
from lodeline.web.problems import MEDIA_TYPE, Problem, headers_for, problem_of
from lodeline.web.settings import is_loopback

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Message, Receive, Scope, Send

    from lodeline.web.serving import Serving

LONGEST_TARGET = 16 * 1024
"""Bytes of path and query; a longer query is better posted to /queries."""

_HEADERS = [(name.lower().encode(), value.encode()) for name, value in EVERY_ANSWER.items()]


class Gate:
    """An ASGI app around the router."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it; note in the audit log what was written and what was refused."""
        serving: Serving = scope["app"].state.serving
        visit = Visit(scope, serving)
        scope["state"]["caller"] = NOBODY
        try:
            self._read_path(scope)
            visit.check_host()
            authorization = visit.header("authorization")
            scope["state"]["caller"] = await serving.off_loop(
                lambda: serving.gatekeeper.caller(authorization, visit.address)
            )
        except LodelineError as refusal:
            problem = problem_of(refusal)
            scope["state"]["problem"] = problem
            await _refuse(problem, headers_for(problem, refusal), scope, receive, visit.sending(send))
            return
        await self._app(_as_get(scope), receive, visit.sending(send))

    @staticmethod
    def _read_path(scope: Scope) -> None:
        """Make each segment of the path one word, whatever is escaped in it: an identifier has slashes of its own.

        Raises:
            RequestError: ``http.url_too_long``, ``http.path``.
        """
        raw: bytes = (scope.get("raw_path") or quote(scope["path"]).encode()).partition(b"?")[0]
        if len(raw) + len(scope["query_string"]) > LONGEST_TARGET:
            raise RequestError(
                "http.url_too_long",
                f"An address has at most {LONGEST_TARGET} bytes here; name the query by POST /queries instead.",
            )
        try:
            segments = [unquote(part, errors="strict") for part in raw.decode("ascii").split("/")]
        except UnicodeDecodeError as flaw:
            raise RequestError("http.path", "A path is percent-encoded UTF-8.") from flaw
        scope["path"] = "/".join(part.replace("%", "%25").replace("/", "%2F") for part in segments)


class Visit:
    """One request on its way: who, from where, and what the audit log says of it."""

    def __init__(self, scope: Scope, serving: Serving) -> None:
        self._scope, self._serving = scope, serving
        self._values: dict[str, str] = {}
        for name, value in scope["headers"]:
            self._values.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
        client = scope.get("client")
        self.address = client[0] if client else "-"
        self.method = str(scope.get("method", "WEBSOCKET"))

    def header(self, name: str) -> str | None:
        """A header's first value."""
        return self._values.get(name)

    def check_host(self) -> None:
        """Refuse a request that a page from elsewhere made a browser send.

        A name that was made to point at this machine, and a page of another origin, must not speak for whoever sits
        here; where only this machine can ask, no token would stop them.

        Raises:
            RequestError: ``access.host``, ``access.origin``.
        """
        settings = self._serving.settings
        host = _name(self.header("host") or "")
        if settings.loopback and not (is_loopback(host) or host in settings.names):
            raise RequestError("access.host", "This service is not known by that name; ask for it as localhost.")
        origin = self.header("origin")
        if origin is not None and urlsplit(origin).netloc != (self.header("host") or ""):
            raise RequestError("access.origin", "A page of another origin may not use this service.")

    def sending(self, send: Send) -> Send:
        """``send``, with our headers, and only after the audit log has what it must have."""
        bare_head = self.method == "HEAD"

        async def sender(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                await self._note(message["status"])
                names = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in _HEADERS if pair[0] not in names)]
            elif message["type"] == "http.response.body" and bare_head:
                message["body"] = b""
            await send(message)

        return sender

    async def _note(self, status: int) -> None:
        problem: Problem | None = self._scope["state"].get("problem")
        wrote = self.method not in ("GET", "HEAD", "OPTIONS", "WEBSOCKET") and status < 400
        if not wrote and status < 400:
            return
        detail = self._scope["state"].get("done") if problem is None else problem.detail
        if problem is not None and problem.code == "access.slow_down":
            earlier = self._serving.gatekeeper.unheard(self.address)
            if earlier is None:
                return
            detail = f"{detail} ({earlier} more since the last line of this address)"
        caller: Caller = self._scope["state"]["caller"]
        query = self._scope["query_string"].decode("latin-1")
        serving = self._serving
        path = self._scope["path"]
        await serving.off_loop(
            lambda: serving.service.audit.write(
                at=serving.settings.clock(),
                who=caller.who,
                role=caller.role,
                token=caller.token,
                address=self.address,
                action=self.method,
                target=f"{path}?{query}" if query else path,
                status=status,
                code=None if problem is None else problem.code,
                detail=detail,
            )
        )


def _as_get(scope: Scope) -> Scope:
    """A HEAD is a GET whose body is not sent."""
    if scope.get("method") != "HEAD":
        return scope
    return {**scope, "method": "GET"}  # type: ignore[return-value]


async def _refuse(problem: Problem, headers: dict[str, str], scope: Scope, receive: Receive, send: Send) -> None:
    kind, of_socket = "http", str(scope["type"]) == "websocket"
    if of_socket:
        await receive()
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            await send({"type": "websocket.close", "code": 4000 + problem.status, "reason": problem.code})
            return
        kind = "websocket.http"
    body = msgspec.json.encode(problem)
    lines = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), **headers}
    start: Any = {
        "type": f"{kind}.response.start",
        "status": problem.status,
        "headers": [(name.lower().encode(), value.encode()) for name, value in lines.items()],
    }
    end: Any = {"type": f"{kind}.response.body", "body": body, "more_body": False}
    await send(start)
    await send(end)
    if of_socket:
        # The server takes a handshake for unanswered that ends before it could write the answer.
        await asyncio.sleep(0.01)


def _name(host: str) -> str:
    """A Host header without its port."""
    if host.startswith("["):
        return host.partition("]")[0].removeprefix("[").lower()
    return host.partition(":")[0].lower()
