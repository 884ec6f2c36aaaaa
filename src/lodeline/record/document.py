"""Documents of any size: spooled to a file, hashed as they pass, and split into the exact bytes of their events."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

from lodeline.errors import InputError, LodelineError
from lodeline.record import limits
from lodeline.record.codec import decode
from lodeline.record.outline import EVENT_LIST_PATHS, Outline, outline, split
from lodeline.record.validate import require_valid_document

PIECE_BYTES = 64 * 1024
"""How much of a document is read at a time: arrays over so much fit into the cache of a processor."""

_LOOKED_AT = 512

SMALL_BYTES = 4 * 1024 * 1024
"""A document up to this size is kept in the memory, and read without numpy."""


def is_xml(start: bytes) -> bool:
    """Whether a file that begins with ``start`` is XML: its first character, white space and mark apart, is ``<``."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8")):
        if start.startswith(mark):
            return start[len(mark) :].decode(encoding, "ignore").lstrip(" \t\r\n").startswith("<")
    return start.startswith((b"<\0", b"\0<")) or start.lstrip(b" \t\r\n").startswith(b"<")


class SpooledDocument:
    """A document whose bytes have come to rest, with its outline. Close it, or use it as a context manager.

    Attributes:
        digest: SHA-256 of the exact bytes, in hexadecimal.
        size: Number of bytes.
        kind: ``EPCISDocument``, ``EPCISQueryDocument``, or the type of an event that stands alone.
        bare: Whether it is an event that stands alone.
        context: Exact bytes of the document's ``@context``, wherever in the document it stands; None where it has
            none. An event that stands alone carries its ``@context`` itself, and here it is None.
        envelope: The bytes of the document without the content of its list of events, which is JSON again; empty for
            an event that stands alone.
        count: Number of events.
        master_elements: How many things the master data in its header describe; known when it was found valid.
        is_xml: Whether it is in XML. Then ``context`` is what each event's element inherits (``record.xml.inherited``).
    """

    is_xml = False

    def __init__(self, file: BinaryIO, digest: str, size: int, outline: Outline) -> None:
        self._file = file
        self._windows = outline.windows
        self.digest = digest
        self.size = size
        self.kind = outline.kind
        self.bare = outline.kind not in EVENT_LIST_PATHS
        self.context = outline.context
        self.envelope = outline.envelope
        self.count = outline.count
        self.master_elements = 0

    def events(self) -> Iterator[bytes]:
        """Exact bytes of each event, in order. May be asked for again, also before the last time is through."""
        for index, (start, end) in enumerate(self._windows):
            self._file.seek(start)
            yield from map(bytes, split(self._file.read(end - start), start, first=index == 0))

    def require_valid(self) -> None:
        """Refuse a document whose envelope is not valid EPCIS. Its events are judged when they are prepared.

        Raises:
            RecordError: the first of ``validate.document_problems``.
        """
        if not self.bare:
            envelope = decode(self.envelope, limit=limits.MAX_ENVELOPE_BYTES)
            require_valid_document(envelope)
            if "epcisHeader" in envelope:
                self.master_elements = _master_elements(envelope["epcisHeader"])

    def placed(self, refusal: LodelineError) -> LodelineError:
        """A refusal of an event with its place in the file, as far as that is known."""
        return refusal

    def content(self) -> Iterator[bytes]:
        """The exact bytes of the document, in pieces of at most ``PIECE_BYTES``."""
        for start in range(0, self.size, PIECE_BYTES):
            self._file.seek(start)
            yield self._file.read(PIECE_BYTES)

    def close(self) -> None:
        """Let go of the bytes. The attributes stay."""
        self._file.close()

    def __enter__(self) -> SpooledDocument:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _master_elements(header: dict[str, Any]) -> int:
    """How many things the master data of a valid header describe."""
    vocabularies = header.get("epcisMasterData", {}).get("vocabularyList", ())
    return sum(len(vocabulary.get("vocabularyElementList", ())) for vocabulary in vocabularies)


def spool(
    stream: BinaryIO,
    *,
    directory: str | Path | None = None,
    piece: int = PIECE_BYTES,
    small: int = SMALL_BYTES,
) -> SpooledDocument:
    """Copy a document to rest, hash it on the way, and find its outline.

    Memory is bounded, whatever the size of the document: by ``small``, and by the limits on an event and an envelope.

    Args:
        stream: The document, from here to its end. It is read once and need not seek.
        directory: Where a large document is put for the time being; None: the system's place for such files.
        piece: Bytes read at a time.
        small: Bytes up to which a document is kept in the memory.

    Raises:
        RecordError: what is no EPCIS document, as ``outline.outline`` says, and ``record.xml.outline`` for XML. It is
            not validated here.
        InputError: ``record.spool_failed`` where it cannot be copied.
    """
    place = None if directory is None else str(directory)
    file = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=small, dir=place))  # noqa: SIM115
    try:
        digest, size = _copy(stream, file, piece, directory)
        file.seek(0)
        if is_xml(file.read(_LOOKED_AT)):
            from lodeline.record.xml.document import spool_xml

            return spool_xml(file, digest, size, piece=piece)
        file.seek(0)
        found = outline(file.read()) if size <= small else _outline_large(file, size, piece)
    except BaseException:
        file.close()
        raise
    return SpooledDocument(file, digest, size, found)


def _outline_large(file: BinaryIO, size: int, piece: int) -> Outline:
    # Imported here, since numpy takes longer to import than a small document to read.
    from lodeline.record.outline_stream import outline_stream

    return outline_stream(file, size, piece=piece)


def _copy(stream: BinaryIO, file: BinaryIO, piece: int, directory: str | Path | None) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while read := stream.read(piece):
        digest.update(read)
        try:
            file.write(read)
        except OSError as error:
            place = Path(directory or tempfile.gettempdir())
            raise InputError(
                "record.spool_failed",
                f"The document cannot be put into {place} for the time being: {error.strerror}. "
                "Make room there, or set TMPDIR to a directory that has it.",
                directory=str(place),
            ) from error
        size += len(read)
    return digest.hexdigest(), size
