"""What stands before every route: the host asked for, who asks, the audit log, and the headers of every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from lodeline.errors import LodelineError, RequestError
from lodeline.web.access import NOBODY
from lodeline.web.problems import headers_for, problem_of
from lodeline.web.refusing import refuse
from lodeline.web.visit import Visit

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Receive, Scope, Send

    from lodeline.web.serving import Serving

LONGEST_TARGET = 16 * 1024
"""Bytes of path and query; a longer query is better posted to /queries."""


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
            visit.check_host()
            # Who asks comes before what is asked, so that a refused path is one of somebody known.
            flaw = _read_path(scope, visit.header("host"))
            authorization = visit.header("authorization")
            scope["state"]["caller"] = await serving.off_loop(
                lambda: serving.gatekeeper.caller(authorization, visit.address)
            )
            if flaw is not None:
                raise flaw
        except LodelineError as refusal:
            problem = problem_of(refusal)
            scope["state"]["problem"] = problem
            if str(scope["type"]) == "websocket":
                # The handshake has to be taken before it can be answered.
                await receive()
            await refuse(problem, headers_for(problem, refusal), scope, visit.sending(send))
            return
        await self._app(_as_get(scope), receive, visit.sending(send))


def _read_path(scope: Scope, host: str | None) -> RequestError | None:
    """Make each segment of the path one word, whatever is escaped in it: an identifier has slashes of its own.

    Returns ``http.url_too_long`` or ``http.path`` where it cannot be done.

    Source: RFC 9112, section 3.2, on the four forms of a target.
    """
    raw: bytes = (scope.get("raw_path") or quote(scope["path"]).encode()).partition(b"?")[0]
    if len(raw) + len(scope["query_string"]) > LONGEST_TARGET:
        return RequestError(
            "http.url_too_long",
            f"An address has at most {LONGEST_TARGET} bytes here; name the query by POST /queries instead.",
        )
    if raw == b"*" and scope.get("method") == "OPTIONS":
        raw = b"/"
    try:
        target = raw.decode("ascii")
        if target[:8].lower().startswith(("http://", "https://")):
            split = urlsplit(target)
            if split.netloc != host:
                return RequestError("http.path", "The address asks for another host than the Host header.")
            target = split.path or "/"
        segments = [unquote(part, errors="strict") for part in target.split("/")]
    except ValueError:
        return RequestError("http.path", "A path is percent-encoded UTF-8.")
    if any("\0" in part for part in segments):
        # Nothing that can be recorded has one, and not every database can be asked for it.
        return RequestError("http.path", "A path has no NUL in it.")
    scope["path"] = "/".join(part.replace("%", "%25").replace("/", "%2F") for part in segments)
    return None


def _as_get(scope: Scope) -> Scope:
    """A HEAD is a GET whose body is not sent."""
    if scope.get("method") != "HEAD":
        return scope
    return {**scope, "method": "GET"}  # type: ignore[return-value]
