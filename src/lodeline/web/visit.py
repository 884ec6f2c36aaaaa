"""One request on its way: who, from where, and what the audit log says of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from litestar.exceptions import HTTPException

from lodeline.errors import LodelineError, RequestError
from lodeline.web.access import NOBODY, Caller
from lodeline.web.headers import EVERY_ANSWER
from lodeline.web.problems import Problem, fault, from_litestar, headers_for, problem_of
from lodeline.web.refusing import refuse
from lodeline.web.settings import is_loopback
from lodeline.web.telling import TOLD

if TYPE_CHECKING:
    from litestar.types import Message, Scope, Send

    from lodeline.web.serving import Serving

_HEADERS = [(name.lower().encode(), value.encode()) for name, value in EVERY_ANSWER.items()]


class Visit:
    """One request, or one handshake of a websocket."""

    def __init__(self, scope: Scope, serving: Serving) -> None:
        self._scope, self._serving = scope, serving
        self._values: dict[str, str] = {}
        for name, value in scope["headers"]:
            self._values.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
        client = scope.get("client")
        self.address = client[0] if client else "-"
        self.method = str(scope.get("method", "WEBSOCKET"))
        self._answered = False

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
        if origin is not None and _authority(origin) != (self.header("host") or ""):
            raise RequestError("access.origin", "A page of another origin may not use this service.")

    def sending(self, send: Send) -> Send:
        """``send``, with our headers, and only after the audit log has what it must have."""
        bare_head = self.method == "HEAD"
        dropped = False

        async def sender(message: Message) -> None:
            nonlocal dropped
            if dropped:
                return
            if message["type"] == "websocket.close" and not self._answered:
                # The router only closes where no route takes the handshake, and says nothing.
                # A route that was found answers its handshakes itself, unless it broke.
                found = "route_handler" in self._scope
                problem = fault() if found else from_litestar(HTTPException(status_code=404))
                self._scope["state"]["problem"] = problem
                await refuse(problem, headers_for(problem), self._scope, noted)
                return
            status = _status(message)
            if status is not None:
                try:
                    await self._note(status)
                except LodelineError as unwritable:
                    # What the log does not hold is not answered as if it did; the answer says why.
                    print(f"lodeline: the audit log cannot be written: {unwritable}", file=sys.stderr, flush=True)
                    dropped = True
                    problem = problem_of(unwritable)
                    await refuse(problem, headers_for(problem, unwritable), self._scope, self._with_headers(send))
                    return
                self._answered = True
            elif message["type"] == "http.response.body" and bare_head:
                message["body"] = b""
            await self._with_headers(send)(message)

        noted = sender
        return sender

    @staticmethod
    def _with_headers(send: Send) -> Send:
        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start" or message["type"] == "websocket.http.response.start":
                names = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in _HEADERS if pair[0] not in names)]
            await send(message)

        return sender

    async def _note(self, status: int) -> None:
        problem: Problem | None = self._scope["state"].get("problem")
        wrote = self.method not in ("GET", "HEAD", "OPTIONS") and status < 400
        if not wrote and status < 400:
            return
        caller: Caller = self._scope["state"]["caller"]
        detail = self._scope["state"].get("done") if problem is None else problem.detail
        serving = self._serving
        if problem is not None and caller is NOBODY:
            # Whoever only waits for the brake's end is told of once; other refusals of strangers a few times.
            most = 1 if problem.code == "access.slow_down" else TOLD
            earlier = serving.gatekeeper.telling.tell(self.address, problem.code, most=most)
            if earlier is None:
                return
            if earlier or most == 1:
                detail = f"{detail} ({earlier} more since the last line of this address)"
        query = self._scope["query_string"].decode("latin-1")
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


def _status(message: Message) -> int | None:
    """The status of what begins an answer; None for anything else."""
    if message["type"] == "websocket.accept":
        return 101
    if message["type"] == "http.response.start" or message["type"] == "websocket.http.response.start":
        return message["status"]
    return None


def _authority(address: str) -> str | None:
    try:
        return urlsplit(address).netloc
    except ValueError:
        return None


def _name(host: str) -> str:
    """A Host header without its port."""
    if host.startswith("["):
        return host.partition("]")[0].removeprefix("[").lower()
    return host.partition(":")[0].lower()
