"""One way to write a certificate, byte for byte, so that a digest names it."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from lodeline.errors import InputError

LARGEST: Final = (1 << 53) - 1
"""Whole numbers beyond are not the same in every reader of JSON: about nine million tonnes in milligrams."""


def canonical(document: Any) -> bytes:
    """JSON of objects, arrays, text, whole numbers, true, false and null, with members in order and no blanks.

    Raises:
        InputError: ``certificate.too_large``, ``certificate.text``.

    Source: RFC 8785, of which this is the part without fractions and with names in ASCII.
    """
    _check(document)
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            "certificate.text", "Write text that Unicode can encode; half a character cannot be."
        ) from error


def digest(document: Any) -> str:
    """``sha-256:`` and the digest of the canonical bytes, in hexadecimal."""
    return f"sha-256:{hashlib.sha256(canonical(document)).hexdigest()}"


def _check(value: Any) -> None:
    match value:
        case bool() | None | str():
            pass
        case int():
            if abs(value) > LARGEST:
                raise InputError(
                    "certificate.too_large", "A number is beyond 2^53 - 1, nine million tonnes; certify parts of it."
                )
        case list() | tuple():
            for one in value:
                _check(one)
        case dict():
            for one in value.values():
                _check(one)
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form here")
