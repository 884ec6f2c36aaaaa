"""The portable form of a book: JSON lines that any language can read, in ledger order, streamed both ways.

First line: what it is. Then each entry, before it any bytes it names that were not given yet. Last line: the
head, so that a file cut short is noticed. Bytes are base64. ``docs/reference/ledger.md`` has the fields.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO, Literal
from uuid import UUID

import msgspec
from sqlalchemy import select

from lodeline.errors import InputError, IntegrityError
from lodeline.ledger.chain import NOTHING, entry_digest, shared_preimage
from lodeline.ledger.reading import content
from lodeline.ledger.schema import entries
from lodeline.ledger.values import Head

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lodeline.ledger.backend import Backend
    from lodeline.ledger.store import Store

FORMAT = "lodeline book 1"
WITH_SOURCE = ("document", "master")
"""Kinds of entry whose source document the book itself keeps."""


class Opening(msgspec.Struct, tag="book", tag_field="line", forbid_unknown_fields=True):
    """First line. ``entries`` is how many follow."""

    format: str
    book_id: str
    title: str
    entries: int


class Blob(msgspec.Struct, tag="blob", tag_field="line", forbid_unknown_fields=True):
    """Bytes of the content store: a @context, a document, a source of master data."""

    raw: str


class Entry(msgspec.Struct, tag="entry", tag_field="line", forbid_unknown_fields=True):
    """One entry. Digests are hexadecimal, ``recorded_at`` is microseconds since 1970-01-01T00:00Z."""

    seq: int
    kind: Literal["book", "capture", "event", "document", "master", "policy"]
    recorded_at: int
    captured_by: str
    capture_id: int
    source: str
    context: str | None
    digest: str
    raw: str


class Closing(msgspec.Struct, tag="head", tag_field="line", forbid_unknown_fields=True):
    """Last line: the head."""

    seq: int
    digest: str


Line = Opening | Blob | Entry | Closing

_encode = msgspec.json.Encoder().encode
_e = entries.c


def export(
    backend: Backend, head: Head, title: str, stream: BinaryIO, *, progress: Callable[[int], None] | None
) -> None:
    """Write the book, up to a head, as JSON lines."""

    def write(line: Line) -> None:
        stream.write(_encode(line))
        stream.write(b"\n")

    write(Opening(FORMAT, head.book_id, title, head.seq + 1))
    given: set[bytes] = set()
    wanted = select(
        _e.seq, _e.kind, _e.recorded_at, _e.captured_by, _e.capture_id, _e.source, _e.context, _e.digest, _e.raw
    )
    with closing(backend.stream(wanted.where(_e.seq <= head.seq).order_by(_e.seq))) as rows:
        for seq, kind, at, by, capture, source, context, digest, raw in rows:
            for needed in named(kind, source, context):
                if needed not in given:
                    given.add(needed)
                    write(Blob(b64encode(content(backend, needed)).decode()))
            hex_context = None if context is None else context.hex()
            write(Entry(seq, kind, at, by, capture, source.hex(), hex_context, digest.hex(), b64encode(raw).decode()))
            if progress is not None and seq % 10_000 == 0:
                progress(seq)
    write(Closing(head.seq, head.digest))


def named(kind: str, source: bytes, context: bytes | None) -> Iterator[bytes]:
    """Digests of the bytes an entry names, in the order in which the store takes them."""
    if context is not None:
        yield context
    if kind in WITH_SOURCE:
        yield source


def import_store(
    stream: BinaryIO, url: str | Path, *, wait_s: float = 60.0, progress: Callable[[int], None] | None = None
) -> Store:
    """Make a new book from a portable one. It has the same id, entries and head; if it fails, nothing is left.

    Raises:
        InputError: ``ledger.import_format``.
        IntegrityError: ``ledger.import_broken``, ``ledger.event_unreadable``.
        BookError: as `lodeline.ledger.store.create`.
    """
    from lodeline.ledger import founding, importing
    from lodeline.ledger.location import locate
    from lodeline.ledger.store import Store

    reader = Reader(stream)
    backend = founding.make_place(locate(url))
    try:
        importing.fill(backend, reader, progress=progress)
        said = founding.founded(backend)
    except BaseException:
        backend.discard()
        raise
    return Store(backend, UUID(said.book_id), said.title, wait_s)


class Reader:
    """Reads the portable form and recomputes the chain while it goes.

    Nothing is believed: blobs are named by the digest of what they hold, and an entry whose digest does not come
    out is refused with its sequence.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._number = 0
        self._decode = msgspec.json.Decoder(Line).decode
        opening = self._next()
        if not isinstance(opening, Opening) or opening.format != FORMAT:
            raise self._wrong("the first line does not say that this is a book")
        self.book_id = _uuid(opening.book_id) or self._refuse("the book's id is not a UUID")
        self.title, self.count = opening.title, opening.entries
        self.digest, self.seq = NOTHING, -1

    def lines(self) -> Iterator[bytes | tuple[Entry, bytes]]:
        """Blobs as bytes, and entries with their bytes, in order.

        Raises:
            InputError: ``ledger.import_format``.
            IntegrityError: ``ledger.import_broken``.
        """
        while not isinstance(line := self._next(), Closing):
            match line:
                case Blob():
                    yield self._bytes(line.raw)
                case Entry():
                    yield line, self._link(line)
                case _:
                    raise self._wrong("a second first line")
        if (line.seq, line.digest) != (self.seq, self.digest.hex()) or self.seq + 1 != self.count:
            raise IntegrityError(
                "ledger.import_broken", "The last line names another head than the entries give.", seq=line.seq
            )
        if self._stream.read(1):
            raise self._wrong("something follows the last line")

    def _link(self, entry: Entry) -> bytes:
        raw = self._bytes(entry.raw)
        try:
            source = bytes.fromhex(entry.source)
            context = None if entry.context is None else bytes.fromhex(entry.context)
            shared = shared_preimage(self.book_id.bytes, entry.kind, entry.captured_by, entry.capture_id, source)
            digest = entry_digest(shared, self.seq + 1, entry.recorded_at, self.digest, sha256(raw).digest(), context)
        except Exception as error:
            raise self._wrong("an entry has a value that no entry can have") from error
        if entry.seq != self.seq + 1 or digest.hex() != entry.digest:
            raise IntegrityError(
                "ledger.import_broken", "An entry of the file is not what the chain says it was.", seq=entry.seq
            )
        self.seq, self.digest = entry.seq, digest
        return raw

    def _bytes(self, text: str) -> bytes:
        try:
            return b64decode(text, validate=True)
        except ValueError as error:
            raise self._wrong("bytes that are not base64") from error

    def _next(self) -> Any:
        line = self._stream.readline()
        self._number += 1
        if not line.endswith(b"\n"):
            raise self._wrong("the file ends before its last line")
        try:
            return self._decode(line)
        except msgspec.DecodeError as error:
            raise self._wrong("a line that is none of this format") from error

    def _wrong(self, what: str) -> InputError:
        return InputError(
            "ledger.import_format",
            "This is not a whole exported book; give a file that `lodeline export` wrote.",
            line=self._number,
            what=what,
        )

    def _refuse(self, what: str) -> Any:
        raise self._wrong(what)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
