"""One POST to a webhook: to a checked address, once, without following where it points, and without reading much."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

import httpx
import msgspec

from lodeline.book.clock import Clock, system_clock
from lodeline.errors import InputError
from lodeline.version import __version__
from lodeline.web.subscribing.destination import Destination, parse_destination
from lodeline.web.subscribing.inward import Allowed, Resolver, checked_addresses, system_resolver

CONNECT_S = 5.0
TOTAL_S = 30.0
"""How long one delivery may take, from the name's resolution to the end of the answer, seconds."""
READ_BYTES = 16_384
"""How much of an answer is read: nothing in it matters but its status."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one POST.

    Attributes:
        status: The HTTP status; None where there was no answer.
        retry_after_s: The receiver's wish, seconds, >= 0.
        problem: Why it does not count as delivered; None where it does. It never quotes the receiver: what stands
            behind an address is not to be read through us.
    """

    status: int | None = None
    retry_after_s: float | None = None
    problem: str | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether the receiver has it: any 2xx, as answered before the time was up."""
        return self.problem is None


class Sender(Protocol):
    """Whatever posts deliveries."""

    async def check(self, dest: object) -> object:
        """Refuse a destination that may not be posted to, before it is kept."""

    async def post(self, dest: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post once. Every failure is an answer; only a fault of the program is raised."""


def signature(secret: str, body: bytes) -> str:
    """The GS1-Signature of a delivery: ``sha256=`` and the HMAC-SHA-256 of the body's exact bytes, in hex.

    Args:
        secret: The subscriber's signatureToken; its UTF-8 bytes are the key.

    Source: RFC 2104; GS1's OpenAPI names HMAC with SHA-256 as an example and leaves the choice to the server.
    """
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class WebhookSender:
    """Posts over HTTP. A connection serves one delivery, since one kept open was checked for another name."""

    def __init__(
        self,
        *,
        allowed: Allowed,
        resolver: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
        total_s: float = TOTAL_S,
        clock: Clock = system_clock,
    ) -> None:
        self._allowed, self._resolver, self._total_s, self._clock = allowed, resolver, total_s, clock
        self._tls = tls or ssl.create_default_context()

    async def check(self, dest: object) -> Destination:
        """Refuse a destination that may not be posted to, before it is kept.

        Raises:
            InputError: ``subscription.dest…``.
        """
        place = parse_destination(dest)
        await checked_addresses(place, resolver=self._resolver, allowed=self._allowed)
        return place

    async def post(self, dest: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            async with asyncio.timeout(self._total_s):
                place = parse_destination(dest)
                addresses = await checked_addresses(place, resolver=self._resolver, allowed=self._allowed)
                return await self._first(place, addresses, body, headers)
        except TimeoutError:
            return Answer(problem=f"no answer within {self._total_s:g} s")
        except InputError as refusal:
            return Answer(problem=str(refusal))

    async def _first(self, place: Destination, addresses: list[str], body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer of the first address that takes a connection."""
        answer = Answer(problem="no address")
        for address in addresses:
            try:
                return await self._post(place, address, body, headers)
            except (httpx.ConnectError, httpx.ConnectTimeout) as failure:
                # Nothing was sent: another address may be tried without sending twice.
                answer = Answer(problem=f"no connection: {type(failure).__name__}")
            except httpx.HTTPError as failure:
                return Answer(problem=f"the connection failed: {type(failure).__name__}")
        return answer

    async def _post(self, place: Destination, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        transport = httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False, retries=0)
        # The name goes into SNI and is what the certificate must be for; the connection goes to the checked address.
        extensions = {} if place.address is not None else {"sni_hostname": place.host}
        sent = {
            "User-Agent": f"lodeline/{__version__}",
            "Accept-Encoding": "identity",
            **headers,
            "Host": place.authority,
        }
        timeout = httpx.Timeout(self._total_s, connect=CONNECT_S)
        async with (
            httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False, timeout=timeout) as client,
            client.stream("POST", place.at(address), content=body, headers=sent, extensions=extensions) as response,
        ):
            # The status is the answer; a little of the rest is taken so that the receiver may finish its sentence.
            read = 0
            async for piece in response.aiter_raw():
                read += len(piece)
                if read > READ_BYTES:
                    break
            return _answer(response, self._clock())


def _answer(response: httpx.Response, now: datetime) -> Answer:
    if response.is_success:
        return Answer(status=response.status_code)
    said = "answered with a redirect, which is not followed" if response.is_redirect else "answered"
    return Answer(
        status=response.status_code,
        retry_after_s=_retry_after(response.headers.get("Retry-After"), now),
        problem=f"{said}: {response.status_code}",
    )


def _retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After header, either form; None where there is none that can be read."""
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        instant = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (instant.replace(tzinfo=instant.tzinfo or UTC) - now).total_seconds())
