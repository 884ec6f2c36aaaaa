"""The characters GS1 allows in serials, lots and references, and how a URI carries them."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from lodeline.errors import IdError

AI82 = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+")
"""GS1 AI encodable character set 82: serials, lots, most references."""

AI39 = re.compile(r"[#\-/0-9A-Z]+")
"""GS1 AI encodable character set 39: component and part identifiers."""

DIGITS = re.compile(r"[0-9]+")

_PLAIN = re.compile(r"[0-9A-Za-z._~\-]*")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Possessive, since ways to go back would fill the memory in a long text.
_URN_LITERAL = re.compile(r"(?:[0-9A-Za-z!'()*+,\-.:;=_]++|%[0-9A-Fa-f]{2})*+")


_LONGEST = 1000
"""Characters of a component as written. No key, serial or lot has more than 30, and an escape is three for one."""


def unescape(text: str, *, urn: bool) -> str:
    """What a component of an EPC URN (``urn``) or a segment of a Digital Link stands for.

    Raises:
        IdError: ``ids.length``; ``ids.escape`` for a percent sign without two hexadecimal digits, for characters that
            must be escaped and are not, and for escapes that are not UTF-8.

    Source: GS1 EPC Tag Data Standard, section 6.3.1 (URN escapes); GS1 Digital Link: URI Syntax, section 4.
    """
    if _PLAIN.fullmatch(text):
        return text
    if len(text) > _LONGEST:
        raise IdError("ids.length", f"No part of a GS1 identifier has {len(text):,} characters.", value=text[:_LONGEST])
    if _ESCAPE.search(text) or (urn and not _URN_LITERAL.fullmatch(text)):
        raise IdError(
            "ids.escape",
            "A character is not escaped as a URI needs it: write it as %XX with two hexadecimal digits.",
            value=text,
        )
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise IdError(
            "ids.escape", "The escapes do not spell UTF-8: write one %XX for each character.", value=text
        ) from None


def escape_for_link(text: str) -> str:
    """A segment of a canonical Digital Link: everything but ``A-Z a-z 0-9 - . _ ~`` as %XX.

    Source: GS1 Digital Link: URI Syntax, section 4.
    """
    return text if _PLAIN.fullmatch(text) else quote(text, safe="")


def escape_for_urn(text: str) -> str:
    """A component of an EPC URN: only ``" # % & / < > ?`` as %XX.

    Source: GS1 EPC Tag Data Standard, section 6.3.1 and table A-1.
    """
    return text if _PLAIN.fullmatch(text) else quote(text, safe="!'()*+,:;=")
