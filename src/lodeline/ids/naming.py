"""Names of contents by their digest: ``ni:///sha-256;…``."""

from __future__ import annotations

import base64
import re

from lodeline.errors import IdError

_NAME = re.compile(r"ni:///sha-256;(?:([0-9a-f]{64})|([A-Za-z0-9_-]{43}))(?:\?.*)?", re.ASCII | re.DOTALL)


def content_name(digest: str) -> str:
    """The name of a content with this SHA-256 digest (64 hexadecimal digits).

    RFC 6920 would write base64url; CBV writes hexadecimal into the same form for events, and so do we for documents.

    Raises:
        IdError: ``ids.ni_name``.
    """
    name = f"ni:///sha-256;{digest}"
    digest_of(name)
    return name


def digest_of(name: str) -> str:
    """The digest in a name, 64 hexadecimal digits; a query such as ``?ver=CBV2.0`` is left aside.

    Raises:
        IdError: ``ids.ni_name``.

    Source: RFC 6920, section 3; CBV 2.0, section 8.9.2.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise IdError(
            "ids.ni_name",
            "A content is named ni:///sha-256; and 64 lower-case hexadecimal digits, or 43 signs of base64url.",
            value=name,
        )
    return found[1] or base64.urlsafe_b64decode(found[2] + "=").hex()
