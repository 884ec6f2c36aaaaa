"""The chain: what one entry's digest is taken over, byte by byte.

The format is documented for strangers in ``docs/reference/ledger.md``; a test recomputes a chain from that
page's words alone. The order puts what a whole capture shares first, so that it is built once a capture.
"""

from __future__ import annotations

from hashlib import sha256
from struct import Struct

FORMAT = 1
"""Version of the entry format. It is part of every preimage."""

DOMAIN = b"lodeline.entry"
NOTHING = bytes(32)
"""Stands for "no previous entry" and "no @context". No SHA-256 of anything is known to be all zeros."""

_HEADER = Struct(">14sH16s")  # domain, format version, book id
_LENGTH = Struct(">H")
_CAPTURE = Struct(">Q32s")  # capture id, digest of the source document
_PLACE = Struct(">Qq32s32s32s")  # sequence, record time (us), previous, digest of bytes, digest of @context

pack_place = _PLACE.pack


def shared_preimage(book_id: bytes, kind: str, captured_by: str, capture_id: int, source: bytes) -> bytes:
    """The part of the preimage that all entries of one kind in one capture share.

    Args:
        book_id: The 16 bytes of the book's UUID.
        kind, captured_by: Text, at most 65,535 bytes of UTF-8 each.
        capture_id: Sequence of the first entry of the capture.
        source: SHA-256 of the source document, 32 bytes.
    """
    kind_bytes, by_bytes = kind.encode(), captured_by.encode()
    return b"".join(
        (
            _HEADER.pack(DOMAIN, FORMAT, book_id),
            _LENGTH.pack(len(kind_bytes)),
            kind_bytes,
            _LENGTH.pack(len(by_bytes)),
            by_bytes,
            _CAPTURE.pack(capture_id, source),
        )
    )


def entry_digest(
    shared: bytes, seq: int, recorded_at: int, previous: bytes, raw_digest: bytes, context_digest: bytes | None
) -> bytes:
    """Digest of one entry, 32 bytes. ``context_digest`` is None where the entry has no @context."""
    return sha256(shared + pack_place(seq, recorded_at, previous, raw_digest, context_digest or NOTHING)).digest()
