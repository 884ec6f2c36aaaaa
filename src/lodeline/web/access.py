"""Who may do what: bearer tokens, roles, and a brake on guessing.

Without any token the service is open to this machine, and to nothing else. From the first token on, every request
needs one.
"""

from __future__ import annotations

import hmac
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lodeline.errors import RequestError
from lodeline.web import secrets
from lodeline.web.telling import Telling, neighbourhood

if TYPE_CHECKING:
    from litestar.connection import ASGIConnection
    from litestar.handlers.base import BaseRouteHandler

    from lodeline.book.clock import Clock
    from lodeline.book.service import Service, Token

GRANTS = {
    "reader": frozenset({"reader"}),
    "recorder": frozenset({"reader", "recorder"}),
    "auditor": frozenset({"reader", "auditor"}),
    "administrator": frozenset({"reader", "recorder", "auditor", "administrator"}),
}
"""What each role may do. Whoever records may read what is recorded."""

REMEMBERED = 1_024
"""Tokens whose hash need not be computed again."""
FAILURES = 10
FAILURES_WINDOW_S = 60.0
"""More failures than this from one address in this time, and it is refused unheard until the time is over."""
ADDRESSES = 10_000
VERIFIED_AT_ONCE = 2
"""How many hashes are computed at a time: each takes a processor and 64 MiB for tens of milliseconds."""


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        who: The name on the token; what is captured carries it.
        role: One of the roles, or ``-`` for nobody.
        token: Id of the token, None without one.
    """

    who: str
    role: str
    token: str | None

    def may(self, role: str) -> bool:
        """Whether the caller's role grants another."""
        return role in GRANTS.get(self.role, frozenset())


NOBODY = Caller("-", "-", None)


def requires(role: str) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]:
    """A guard for a route: the caller's role must grant this one.

    Raises:
        RequestError: ``access.role``, from the guard.
    """
    if role not in GRANTS:
        raise ValueError(f"{role} is no role")

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        caller: Caller = connection.scope["state"].get("caller", NOBODY)
        if not caller.may(role):
            raise RequestError(
                "access.role",
                f"This needs a token with the role {role}; ask an administrator for one.",
                role=caller.role,
            )

    return guard


class Gatekeeper:
    """Tells who asks. Shared by threads.

    A token that was verified once is remembered by a keyed digest of it, with the hash it was verified against, so
    that argon2 is not asked again. Whether it was revoked or has expired is read from the store each time.
    """

    def __init__(
        self,
        service: Service,
        *,
        local_name: str,
        loopback: bool,
        clock: Clock,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service, self._local_name, self._loopback = service, local_name, loopback
        self._clock, self._ticks = clock, ticks
        self.telling = Telling(ticks=lambda: self._ticks())
        self._key = os.urandom(32)
        self._verified: OrderedDict[bytes, str] = OrderedDict()
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()
        self._verifying = threading.BoundedSemaphore(VERIFIED_AT_ONCE)

    def caller(self, authorization: str | None, address: str) -> Caller:
        """Who sends this Authorization header from this address.

        Raises:
            RequestError: ``access.no_token``, ``access.bad_token``, ``access.slow_down``.
        """
        if authorization is None and self._loopback and not self._service.tokens.any():
            return Caller(self._local_name, "administrator", None)
        if authorization is None:
            raise RequestError("access.no_token", "Send an access token: Authorization: Bearer …")
        token, secret = self._named(authorization)
        address = neighbourhood(address)
        if token is not None and self._remembers(token, secret):
            # Whoever came with a right token before is not held up by those who guess behind the same address.
            return Caller(token.who, token.role, token.id)
        self._brake(address)
        if token is None or not self._matches(token, secret):
            self._failed(address)
            raise RequestError(
                "access.bad_token", "This token is not known here, was revoked or has expired; ask for another one."
            )
        return Caller(token.who, token.role, token.id)

    def _named(self, authorization: str) -> tuple[Token | None, str]:
        """The token that a header names, if it stands, and the secret that it says; the secret is not judged here."""
        scheme, _, text = authorization.partition(" ")
        split = secrets.parts(text.strip()) if scheme.lower() == "bearer" else None
        if split is None:
            return None, ""
        token = self._service.tokens.get(split[0])
        return (token if token is not None and self._stands(token) else None), split[1]

    def _stands(self, token: Token) -> bool:
        return token.revoked_at is None and (token.expires_at is None or self._clock() < token.expires_at)

    def _remembers(self, token: Token, secret: str) -> bool:
        mark = self._mark(token, secret)
        with self._lock:
            if self._verified.get(mark) != token.hash:
                return False
            self._verified.move_to_end(mark)
            return True

    def _matches(self, token: Token, secret: str) -> bool:
        with self._verifying:
            right = secrets.matches(token.hash, secret)
        if right:
            with self._lock:
                self._verified[self._mark(token, secret)] = token.hash
                while len(self._verified) > REMEMBERED:
                    self._verified.popitem(last=False)
        return right

    def _mark(self, token: Token, secret: str) -> bytes:
        return hmac.digest(self._key, f"{token.id} {secret}".encode(), "sha256")

    def _brake(self, address: str) -> None:
        with self._lock:
            since = self._ticks() - FAILURES_WINDOW_S
            recent = [at for at in self._failures.get(address, []) if at > since]
            if len(recent) < FAILURES:
                return
            wait_s = int(recent[0] - since) + 1
        raise RequestError(
            "access.slow_down",
            "Too many requests from this address had a wrong token; wait, then send a right one.",
            retry_after_s=wait_s,
        )

    def _failed(self, address: str) -> None:
        with self._lock:
            since = self._ticks() - FAILURES_WINDOW_S
            recent = [at for at in self._failures.pop(address, []) if at > since]
            self._failures[address] = [*recent, self._ticks()][-FAILURES:]
            while len(self._failures) > ADDRESSES:
                self._failures.popitem(last=False)
