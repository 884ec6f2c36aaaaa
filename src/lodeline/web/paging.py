"""Pages: ``perPage``, ``nextPageToken``, ``Link`` and when a token ends.

A token is opaque to a caller: what it continues, where, and until when it may be used. It holds its place itself, so
that the service keeps nothing for a caller who never comes back; only tokens that were ended early are kept.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from lodeline.errors import InputError
from lodeline.web.serving import serving
from lodeline.web.settings import PER_PAGE

if TYPE_CHECKING:
    from litestar import Request
    from litestar.connection import ASGIConnection

PARAMETERS = ("perPage", "nextPageToken")
LONGEST_NUMBER = 18
"""Digits that fit into 64 bits."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """What a token says: a mark of the request it continues, where to go on, and when it ends (seconds)."""

    mark: str
    at: str
    ends: int


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The page that a request asks for: how many, and where to go on (None: at the beginning)."""

    size: int
    at: str | None

    @property
    def after(self) -> int:
        """The place as a number of a row; 0 at the beginning.

        Raises:
            InputError: ``page.token``: somebody wrote the token himself.
        """
        if self.at is None:
            return 0
        at = self.at
        if not (at.isascii() and at.isdigit() and len(at) <= LONGEST_NUMBER):
            raise _no_token()
        return int(at)


def pairs(request: ASGIConnection[Any, Any, Any, Any]) -> list[tuple[str, str]]:
    """The query string as pairs, in order, those of paging apart.

    Raises:
        InputError: ``page.query_string``.
    """
    return [pair for pair in _all_pairs(request) if pair[0] not in PARAMETERS]


def _all_pairs(request: ASGIConnection[Any, Any, Any, Any]) -> list[tuple[str, str]]:
    try:
        raw = request.scope["query_string"].decode("ascii")
        return parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=1_000)
    except ValueError as flaw:
        raise InputError(
            "page.query_string", "A query string is percent-encoded UTF-8 with at most 1,000 pairs."
        ) from flaw


async def only_page(request: Request[Any, Any, Any]) -> Page:
    """The page asked for, of what takes no other parameter.

    Raises:
        InputError: ``page.unknown_parameter``, and those of `page`.
    """
    if others := pairs(request):
        raise InputError(
            "page.unknown_parameter",
            "This takes perPage and nextPageToken, and nothing else.",
            field=others[0][0],
        )
    return await page(request)


async def page(request: Request[Any, Any, Any]) -> Page:
    """The page asked for. Without ``perPage`` it has 30; more than the service's limit is cut to that.

    Raises:
        InputError: ``page.per_page``, ``page.token``, ``page.token_ended``.
    """
    held = serving(request)
    said: dict[str, str] = {}
    for name, value in _all_pairs(request):
        if name in PARAMETERS:
            if name in said:
                raise InputError("page.per_page", f"{name} is given once.", field=name)
            said[name] = value
    size = PER_PAGE
    if "perPage" in said:
        text = said["perPage"]
        if not (text.isascii() and text.isdigit() and text.strip("0")):
            raise InputError("page.per_page", "perPage is a whole number from 1 up.", field="perPage")
        # Cut before it is read, so that no number is too long to be.
        size = min(int(text) if len(text) <= LONGEST_NUMBER else held.settings.largest_page, held.settings.largest_page)
    token = said.get("nextPageToken")
    if token is None:
        return Page(size=size, at=None)
    place = _read(token)
    if place.mark != _mark(request):
        raise InputError("page.token", "This nextPageToken continues another request.", field="nextPageToken")
    now = held.settings.clock()
    if place.ends <= now.timestamp() or await held.off_loop(lambda: held.service.pages.ended(token)):
        raise InputError(
            "page.token_ended", "This nextPageToken has ended; ask for the first page again.", field="nextPageToken"
        )
    return Page(size=size, at=place.at)


def links(request: Request[Any, Any, Any], at: str | None, size: int) -> dict[str, str]:
    """The headers of a page that others follow; none for the last one."""
    if at is None:
        return {}
    settings = serving(request).settings
    ends = settings.clock() + timedelta(seconds=settings.page_token_s)
    token = _write(Place(_mark(request), at, int(ends.timestamp())))
    query = urlencode([*pairs(request), ("perPage", str(size)), ("nextPageToken", token)])
    path = quote(request.scope["path"], safe="/%:;=@+,~")
    return {"Link": f'<{path}?{query}>; rel="next"', "GS1-Next-Page-Token-Expires": _instant(ends)}


async def end(request: Request[Any, Any, Any], token: str) -> None:
    """End a token before its time.

    Raises:
        InputError: ``page.token``.
    """
    place = _read(token)
    held = serving(request)
    now = int(held.settings.clock().timestamp())
    if place.ends > now + held.settings.page_token_s:
        # None of ours lasts so long; what is ended is kept until then.
        raise _no_token()
    await held.off_loop(lambda: held.service.pages.end(token, until=place.ends, now=now))


def _instant(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _mark(request: Request[Any, Any, Any]) -> str:
    said = repr((request.scope["path"], pairs(request))).encode()
    return hashlib.sha256(said).hexdigest()[:16]


def _write(place: Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def _read(token: str) -> Place:
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        return msgspec.json.decode(raw, type=Place)
    except (ValueError, msgspec.DecodeError) as flaw:
        raise _no_token() from flaw


def _no_token() -> InputError:
    return InputError("page.token", "This is no nextPageToken of this service.", field="nextPageToken")
