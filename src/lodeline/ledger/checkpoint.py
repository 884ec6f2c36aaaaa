"""Checkpoints: the head of a book in a few lines of JSON, to be kept elsewhere, signed or not.

A chain proves that nothing in it was changed; only a head kept elsewhere proves that its end was not cut off, or
the whole replaced.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from sqlalchemy import select

from lodeline.errors import InputError, IntegrityError
from lodeline.ledger.schema import entries
from lodeline.ledger.values import Head, from_us

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from lodeline.ledger.backend import Backend

FORMAT = "lodeline checkpoint 1"
ALGORITHM = "Ed25519"


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signature over the checkpoint's JSON in RFC 8785 form, without its ``signature``; base64 of raw bytes."""

    algorithm: str
    public_key: str
    value: str


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One entry of one book, kept where the book is not.

    Attributes:
        format: `FORMAT`.
        book_id, title: Of the book.
        seq, digest, recorded_at: Of the entry; the record time in ISO 8601, UTC.
        signature: Who vouches for it.
    """

    format: str
    book_id: str
    title: str
    seq: int
    digest: str
    recorded_at: str
    signature: Signature | None = None

    def to_json(self) -> bytes:
        """The checkpoint as a file's content."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def make_checkpoint(head: Head, title: str, key: Ed25519PrivateKey | None) -> Checkpoint:
    """A checkpoint of a head, signed if a key is given."""
    checkpoint = Checkpoint(
        format=FORMAT,
        book_id=head.book_id,
        title=title,
        seq=head.seq,
        digest=head.digest,
        recorded_at=head.recorded_at.isoformat(),
    )
    if key is None:
        return checkpoint
    signature = Signature(
        algorithm=ALGORITHM,
        public_key=b64encode(key.public_key().public_bytes_raw()).decode(),
        value=b64encode(key.sign(signed_bytes(checkpoint))).decode(),
    )
    return msgspec.structs.replace(checkpoint, signature=signature)


def signed_bytes(checkpoint: Checkpoint) -> bytes:
    """What a signature is taken over."""
    import rfc8785

    plain = msgspec.to_builtins(msgspec.structs.replace(checkpoint, signature=None))
    return rfc8785.dumps(plain)


def read_checkpoint(raw: bytes) -> Checkpoint:
    """A checkpoint from its JSON; if it is signed, its signature must be right.

    Raises:
        InputError: ``ledger.checkpoint_format``.
        IntegrityError: ``ledger.checkpoint_signature``.
    """
    try:
        checkpoint = msgspec.json.decode(raw, type=Checkpoint)
        UUID(checkpoint.book_id)
    except (msgspec.DecodeError, ValueError) as error:
        raise InputError(
            "ledger.checkpoint_format", "This is not a checkpoint; give a file that `lodeline checkpoint` wrote."
        ) from error
    if checkpoint.format != FORMAT:
        raise InputError(
            "ledger.checkpoint_format",
            "This checkpoint is of another format; give a file that `lodeline checkpoint` wrote.",
            format=checkpoint.format,
        )
    if checkpoint.signature is not None:
        _check_signature(checkpoint, checkpoint.signature)
    return checkpoint


def _check_signature(checkpoint: Checkpoint, signature: Signature) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        if signature.algorithm != ALGORITHM:
            raise ValueError(signature.algorithm)
        key = Ed25519PublicKey.from_public_bytes(b64decode(signature.public_key, validate=True))
        key.verify(b64decode(signature.value, validate=True), signed_bytes(checkpoint))
    except (InvalidSignature, ValueError) as error:
        raise IntegrityError(
            "ledger.checkpoint_signature",
            "The checkpoint's signature does not fit it: it was changed, or signed with another key.",
            seq=checkpoint.seq,
        ) from error


def meet(backend: Backend, head: Head, checkpoint: Checkpoint) -> None:
    """The book must hold the checkpoint's entry, digest for digest. Call it on a verified book.

    Raises:
        IntegrityError: ``ledger.checkpoint_other_book``, ``ledger.checkpoint_missed``.
    """
    if checkpoint.book_id != head.book_id:
        raise IntegrityError(
            "ledger.checkpoint_other_book",
            "The checkpoint is of another book.",
            book=head.book_id,
            checkpoint=checkpoint.book_id,
        )
    e = entries.c
    rows = backend.rows(select(e.digest, e.recorded_at).where(e.seq == checkpoint.seq))
    if not rows:
        raise IntegrityError(
            "ledger.checkpoint_missed",
            "The book ends before the checkpoint: entries were cut off.",
            table="entries",
            seq=head.seq + 1,
            checkpoint=checkpoint.seq,
        )
    digest, recorded_at = rows[0]
    if bytes(digest).hex() != checkpoint.digest or from_us(recorded_at).isoformat() != checkpoint.recorded_at:
        raise IntegrityError(
            "ledger.checkpoint_missed",
            "The book's entry is not the checkpoint's: an entry up to it was replaced and the chain made anew.",
            table="entries",
            seq=checkpoint.seq,
            column="digest",
        )
