"""The store: the door to one book's ledger.

A `Store` may be shared by threads: every call takes a database connection of its own, and every iterator reads a
page at a time. Between processes, writers take turns at one lock. A store must not be carried over a fork; open it
again in the child.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from lodeline.ledger.location import FileLocation, locate
from lodeline.ledger.query.store import Queries
from lodeline.ledger.sets import DerivedSets
from lodeline.ledger.values import (
    Captured,
    Head,
    MasterRecord,
    Registered,
    StoredDocument,
    StoredEntry,
    StoredEvent,
    StoredPolicy,
    Verified,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from lodeline.errors import Finding
    from lodeline.ledger.backend import Backend
    from lodeline.ledger.checkpoint import Checkpoint
    from lodeline.ledger.deepsets import Recompute
    from lodeline.ledger.listing import Kind
    from lodeline.ledger.reading import AsOf
    from lodeline.record.document import SpooledDocument

    Clock = Callable[[], datetime]
    Progress = Callable[[int], None]

WAIT_S = 60.0
"""How long a writer waits for its turn before it is refused with ``ledger.busy``; `open_store` takes another."""


def create(
    url: str | Path,
    *,
    title: str,
    created_at: datetime,
    by: str = "lodeline",
    book_id: UUID | None = None,
    wait_s: float = WAIT_S,
) -> Store:
    """Found a book and open it.

    Args:
        url: A file path, or ``postgresql://user@host/database?schema=NAME``.
        title: What the book is about, in a few words.
        created_at: Record time of entry 0, with its offset.
        by: Who founds it.
        book_id: The book's UUID; a fresh random one where none is given.
        wait_s: How long its writers wait for their turn, in seconds.

    Raises:
        BookError: ``ledger.exists``, ``ledger.url``, ``ledger.url_schema``, ``ledger.read_only`` …
    """
    from lodeline.ledger import founding

    backend = founding.make_place(locate(url))
    number = book_id or uuid4()
    try:
        founding.found(backend, number, title, by, created_at)
    except BaseException:
        backend.discard()
        raise
    return Store(backend, number, title, wait_s)


def open_store(url: str | Path, *, read_only: bool = False, wait_s: float = WAIT_S) -> Store:
    """Open a book.

    Raises:
        NotFoundError: ``ledger.missing``.
        BookError: ``ledger.not_a_book``, ``ledger.schema_version``, ``ledger.format``, ``ledger.unreachable``.
    """
    from lodeline.ledger import founding

    place = locate(url)
    backend: Backend
    if isinstance(place, FileLocation):
        from lodeline.ledger.sqlite import SqliteBackend, check_file

        check_file(place.path)
        backend = SqliteBackend(place.path, read_only=read_only)
    else:
        from lodeline.ledger.postgres import PostgresBackend

        backend = PostgresBackend(place, read_only=read_only)
    try:
        said = founding.founded(backend)
    except BaseException:
        backend.close()
        raise
    store = Store(backend, UUID(said.book_id), said.title, wait_s)
    if not read_only and not store.is_indexed():
        store.rebuild()
    return store


class Store(DerivedSets, Queries, AbstractContextManager["Store"]):
    """One open book. Made by `create` and `open_store`; close it, or use it in a ``with``.

    Every read takes ``as_of``: the sequence of an entry, an instant (the last entry recorded up to then), or None
    for now. It answers as a book would that holds only the entries up to that one.
    """

    def __init__(self, backend: Backend, book_id: UUID, title: str, wait_s: float) -> None:
        self._backend, self._id, self._wait_s = backend, book_id, wait_s
        self.title = title
        self.read_only = backend.read_only

    @property
    def book_id(self) -> str:
        """UUID of the book."""
        return str(self._id)

    def head(self, as_of: AsOf = None) -> Head:
        """The last entry. Raises ``ledger.as_of`` where the book has no such entry."""
        from lodeline.ledger import reading

        return reading.head(self._backend, self._id, as_of)

    def capture(
        self,
        document: SpooledDocument,
        *,
        by: str,
        clock: Clock,
        proceed: bool = False,
        progress: Progress | None = None,
    ) -> Captured:
        """Take a document's events into the ledger. When it returns, they survive a power cut.

        Args:
            document: From `lodeline.record.document.spool`.
            by: Who captures.
            clock: Gives the record time; called once, inside the write lock.
            proceed: Leave out events that are refused and return the refusals, instead of refusing the whole.
            progress: Called with the number of events prepared so far.

        Raises:
            RecordError: The first event that is refused; nothing is recorded.
            BookError: ``ledger.busy``, ``ledger.full``, ``ledger.read_only``, ``ledger.captured_by``.
        """
        from lodeline.ledger import capturing

        return capturing.capture(
            self._backend,
            self._id,
            document,
            by=by,
            clock=clock,
            proceed=proceed,
            progress=progress,
            wait_s=self._wait_s,
        )

    def events(
        self,
        *,
        as_of: AsOf = None,
        after: int = 0,
        lot: str | None = None,
        role: str | None = None,
        event_type: str | None = None,
        biz_step: str | None = None,
        place: str | None = None,
        counted: bool = False,
    ) -> Iterator[StoredEvent]:
        """Events in ledger order.

        Args:
            as_of: See the class.
            after: Only events after this sequence.
            lot: Only events that name this lot, in any form of its id.
            role: With ``lot``: only as ``epc``, ``quantity``, ``input``, ``output``, ``parent`` or ``child``.
            event_type, biz_step, place: Only events of this type; business step; read point or location.
            counted: Leave out declarations of error, what they withdraw, and all but one of a hash id.
        """
        from lodeline.ids.epc import canonical
        from lodeline.ledger import reading
        from lodeline.record import vocabulary

        return reading.events(
            self._backend,
            self._indexed_until(as_of),
            after=after,
            lot=None if lot is None else canonical(lot),
            role=role,
            event_type=event_type,
            biz_step=None if biz_step is None else vocabulary.canonical("bizStep", biz_step),
            place=None if place is None else canonical(place),
            counted=counted,
        )

    def entry(self, seq: int, as_of: AsOf = None) -> StoredEntry:
        """One link of the chain, whatever it holds. Raises ``ledger.no_entry``."""
        from lodeline.ledger import reading

        return reading.entry(self._backend, self.head(as_of).seq, seq)

    def event(self, key: str, as_of: AsOf = None) -> list[StoredEvent]:
        """Events by sequence, hash id or eventID. Raises ``ledger.no_event``."""
        from lodeline.ledger import reading

        return reading.named_events(self._backend, self._indexed_until(as_of), key)

    def listed(self, kind: Kind, *, after: int, limit: int) -> list[tuple[int, str]]:
        """Names of a kind that events use, each with its number, in the order in which they came in."""
        from lodeline.ledger import listing

        return listing.listed(self._backend, kind, after=after, limit=limit, until=self._indexed_until(None))

    def uses(self, kind: Kind, name: str) -> bool:
        """Whether an event uses a name, in its one spelling, as something of a kind."""
        from lodeline.ledger import listing

        return listing.uses(self._backend, kind, name, until=self._indexed_until(None))

    def add_document(
        self,
        content: bytes,
        *,
        media_type: str,
        title: str,
        issuer: str,
        dated: str | None,
        role: str,
        meta: dict[str, str],
        by: str,
        clock: Clock,
    ) -> StoredDocument:
        """Keep a document by its content hash. The same bytes under the same description are kept once."""
        from lodeline.ledger import recording

        said = recording.describe(
            content, media_type=media_type, title=title, issuer=issuer, dated=dated, role=role, meta=dict(meta)
        )
        return recording.add_document(self._backend, self._id, content, said, by=by, clock=clock, wait_s=self._wait_s)

    def documents(self, as_of: AsOf = None) -> list[StoredDocument]:
        """Every description of a document, in ledger order."""
        from lodeline.ledger import reading

        return reading.documents(self._backend, self.head(as_of).seq)

    def document(self, document_id: str, as_of: AsOf = None) -> StoredDocument:
        """A document's latest description, by id or an unambiguous beginning of it. Raises ``ledger.no_document``."""
        from lodeline.ledger import reading

        return reading.document(self._backend, self.head(as_of).seq, document_id)

    def content(self, document_id: str, as_of: AsOf = None) -> bytes:
        """The exact bytes of a document."""
        from lodeline.ledger import reading, recording

        held = self.document(document_id, as_of)
        return reading.content(self._backend, bytes.fromhex(held.id.removeprefix(recording.DOCUMENT_ID)))

    def register(self, records: Iterable[MasterRecord], *, by: str, clock: Clock, source: bytes) -> Registered:
        """Record master data; ``source`` is the file they come from. What the book says already is counted known.

        Raises:
            MasterDataError: ``master.kind``, ``master.id``, ``master.valid_from``.
        """
        from lodeline.ledger import recording

        return recording.register(
            self._backend, self._id, records, by=by, clock=clock, source=source, wait_s=self._wait_s
        )

    def master(self, as_of: AsOf = None, *, on: str | None = None) -> list[MasterRecord]:
        """Master records, sorted by kind, id and first day; what was said again for one day replaces the earlier.

        Args:
            as_of: See the class.
            on: A day, YYYY-MM-DD: only the one record of each kind and id that holds on it.
        """
        from lodeline.ledger import reading

        return reading.master(self._backend, self.head(as_of).seq, on)

    def set_policy(self, toml: bytes, *, by: str, clock: Clock) -> StoredPolicy:
        """Record a policy document, which holds from its record time on. Its TOML is not judged here."""
        from lodeline.ledger import recording

        return recording.set_policy(self._backend, self._id, toml, by=by, clock=clock, wait_s=self._wait_s)

    def policy(self, as_of: AsOf = None) -> StoredPolicy | None:
        """The policy that holds; None where the book has none."""
        from lodeline.ledger import reading

        held = reading.policies(self._backend, self.head(as_of).seq)
        return held[-1] if held else None

    def verify(
        self,
        *,
        deep: bool = False,
        against: Checkpoint | None = None,
        recompute: Mapping[str, Recompute] | None = None,
        progress: Progress | None = None,
    ) -> Verified:
        """Recompute bytes, chain and documents, and name the first place that is not what the chain says.

        Args:
            deep: Recompute hash ids and every derived table too, and check the store below its rows.
            against: A checkpoint that the book must hold.
            recompute: For the deep checks: how to make each set of derived columns again, by its name. A set that
                nobody recomputes is named in ``Verified.unchecked``.
            progress: Called with the number of entries, then with the number of events, done so far.

        Raises:
            IntegrityError: ``ledger.entry_broken`` and the others listed under *refusals*; ``where`` has
                ``table``, ``seq`` (or ``id``) and ``column`` as far as they are known.
        """
        from lodeline.ledger import verifying

        return verifying.verify(
            self._backend, self._id, deep=deep, against=against, recompute=recompute or {}, progress=progress
        )

    def checkpoint(self, as_of: AsOf = None, *, key: Ed25519PrivateKey | None = None) -> Checkpoint:
        """The head as a checkpoint to be kept elsewhere; signed if a key is given."""
        from lodeline.ledger.checkpoint import make_checkpoint

        return make_checkpoint(self.head(as_of), self.title, key)

    def export(self, stream: BinaryIO, *, as_of: AsOf = None, progress: Progress | None = None) -> int:
        """Write the book in its portable form, and say how many entries; `portable.import_store` reads it."""
        from lodeline.ledger import portable

        head = self.head(as_of)
        portable.export(self._backend, head, self.title, stream, progress=progress)
        return head.seq + 1

    def findings(self, as_of: AsOf = None) -> list[Finding]:
        """What does not fit among the entries of one hash id."""
        from lodeline.ledger import reading

        return reading.findings(self._backend, self._indexed_until(as_of))

    def rebuild(self, *, progress: Progress | None = None) -> None:
        """Build the derived tables again from the entries, also where they are missing."""
        from lodeline.ledger import deriving

        deriving.rebuild(self._backend, self._id, wait_s=self._wait_s, progress=progress)

    def is_indexed(self) -> bool:
        """Whether the derived tables are there and stand at the head of the chain."""
        from lodeline.ledger import indexing

        seq = self.head().seq
        with self._backend.read() as connection:
            return indexing.covers(self._backend, connection, seq)

    def _indexed_until(self, as_of: AsOf) -> int:
        """The entry that is meant, once the derived tables are known to reach it."""
        from lodeline.ledger import indexing

        seq = self.head(as_of).seq
        with self._backend.read() as connection:
            indexing.require_index(self._backend, connection, seq)
        return seq

    def close(self) -> None:
        """Give back what the book holds open."""
        self._backend.close()

    def __exit__(self, *_: object) -> None:
        self.close()
