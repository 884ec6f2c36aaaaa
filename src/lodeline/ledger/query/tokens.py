"""Page tokens: where the next page begins, of which query, as of which entry. Opaque, and refused when changed.

A token is bound to the book by the digest of the entry that it is as of. That is no secret, and needs to be none:
whoever could forge a token could as well ask for the page.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from hashlib import blake2b
from typing import NamedTuple

from lodeline.errors import InputError

_FORMAT = struct.Struct(">BQQQ16s")
_VERSION = 1
_MARK_BYTES = 16


class Position(NamedTuple):
    """Where a page ended.

    Attributes:
        as_of: The entry as of which all pages are answered.
        last: The entry of the last event that was given.
        given: How many events were given so far.
    """

    as_of: int
    last: int
    given: int


def write(position: Position, query: bytes, digest: bytes) -> str:
    """The token of a position.

    Args:
        query: The query's digest, 16 bytes.
        digest: That of the entry ``as_of``.
    """
    packed = _FORMAT.pack(_VERSION, position.as_of, position.last, position.given, query)
    return base64.urlsafe_b64encode(packed + _mark(packed, digest)).decode().rstrip("=")


def as_of(token: str) -> int:
    """The entry as of which a token is, before anything else of it is believed.

    Raises:
        InputError: ``query.token``.
    """
    return _unpacked(token)[1].as_of


def read(token: str, query: bytes, digest: bytes) -> Position:
    """The position of a token.

    Raises:
        InputError: ``query.token`` for what is no token, was changed, or belongs to another query or book.
    """
    raw, position, asked = _unpacked(token)
    packed, mark = raw[:-_MARK_BYTES], raw[-_MARK_BYTES:]
    if not hmac.compare_digest(mark, _mark(packed, digest)) or not hmac.compare_digest(asked, query):
        raise _refusal()
    return position


def _unpacked(token: str) -> tuple[bytes, Position, bytes]:
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
        version, at, last, given, query = _FORMAT.unpack(raw[:-_MARK_BYTES])
    except (ValueError, binascii.Error, struct.error) as error:
        raise _refusal() from error
    # Base64 has spare bits at its end: only the one spelling that was given out is taken back.
    if version != _VERSION or base64.urlsafe_b64encode(raw).decode().rstrip("=") != token:
        raise _refusal()
    return raw, Position(at, last, given), query


def _mark(packed: bytes, digest: bytes) -> bytes:
    return blake2b(packed, digest_size=_MARK_BYTES, key=digest).digest()


def _refusal() -> InputError:
    return InputError(
        "query.token",
        "This is no page token of this query and book; ask for the first page again, without a token.",
    )
