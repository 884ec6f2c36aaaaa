"""Opening: the doors through which a book is opened, founded, imported; and the hashing of events without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lodeline.book.book import Book
from lodeline.book.clock import Clock, system_clock
from lodeline.book.source import Source, opened

if TYPE_CHECKING:
    from uuid import UUID

    from lodeline.book.hashing import HashedEvent

Progress = Callable[[int], None]


def open(url: str | Path, *, read_only: bool = False, clock: Clock = system_clock) -> Book:
    """Open a book: a path (``book.db``) or ``postgresql://user@host/database?schema=NAME``.

    Raises:
        NotFoundError: there is no such book. BookError: it is there and cannot be opened.
    """
    from lodeline.ledger.store import open_store

    return Book(open_store(str(url), read_only=read_only), clock=clock)


def create(url: str | Path, *, title: str, by: str, clock: Clock = system_clock, book_id: UUID | None = None) -> Book:
    """Create an empty book and open it. An existing one is never touched.

    Args:
        title: What the book is about; it stands on every report.
        by: Who founds it.
        book_id: Its UUID; a new random one where none is given.

    Raises:
        BookError: something is there already, or the place cannot be written.
    """
    from lodeline.ledger.store import create as create_store

    return Book(create_store(str(url), title=title, created_at=clock(), by=by, book_id=book_id), clock=clock)


def import_book(path: Path, url: str | Path, *, progress: Progress | None = None) -> Book:
    """Make a new book from an export, proving every entry on the way.

    Raises:
        IntegrityError: the export does not prove itself; no book is left behind. BookError: the place is taken.
    """
    from lodeline.ledger.portable import import_store

    with opened(path) as stream:
        return Book(import_store(stream, str(url), progress=progress))


def hash_events(source: Source, *, every_field: bool = True) -> Iterator[HashedEvent]:
    """Hash id and canonical string of each event of a document, query document or bare event, in order.

    Args:
        every_field: As a book hashes. False: leave out what the document's own ``ignoreFields`` header names.

    Raises:
        RecordError: the first event that is not valid, with its place.
    """
    from lodeline.book.hashing import hash_document

    with opened(source) as stream:
        yield from hash_document(stream, every_field=every_field)
