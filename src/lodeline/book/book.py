"""A book: one ledger with everything a person does with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from lodeline.book.clock import Clock, instant_of, system_clock
from lodeline.book.effecting import EffectQuestions
from lodeline.book.metal_questions import MetalQuestions
from lodeline.book.origin_questions import OriginQuestions
from lodeline.book.output import new_file
from lodeline.book.source import Source, opened
from lodeline.book.view import View
from lodeline.errors import InputError

if TYPE_CHECKING:
    from lodeline.book.listing import Collection
    from lodeline.ledger.checkpoint import Checkpoint
    from lodeline.ledger.query.answering import QueryPage
    from lodeline.ledger.store import Store
    from lodeline.ledger.values import (
        Captured,
        Head,
        MasterRecord,
        StoredDocument,
        StoredEntry,
        StoredEvent,
        StoredPolicy,
        Verified,
    )
    from lodeline.record.query import Query

Progress = Callable[[int], None]
Stage = Callable[[str], None]


class Book(MetalQuestions, OriginQuestions, EffectQuestions):
    """An open book. Close it, or use it in a ``with`` statement.

    Every read takes ``as_of``, an entry number: the answer is that of a book which holds only the entries up to it.
    Every write takes ``by``, who records it; that name goes into the chain.
    """

    def __init__(self, store: Store, *, clock: Clock = system_clock) -> None:
        self._store = store
        self._clock = clock

    def __enter__(self) -> Book:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store. Nothing is pending: what was acknowledged is on disk already."""
        self._store.close()

    @property
    def title(self) -> str:
        """What the book is about, as said when it was founded."""
        return self._store.title

    # -- reads ---------------------------------------------------------------------------------------------------

    def head(self, as_of: int | None = None) -> Head:
        """The newest entry (as of ``as_of``): book id, sequence, digest, time."""
        return self._store.head(as_of)

    def view(self, as_of: int | None = None, *, progress: Progress | None = None) -> View:
        """The book as it stood at an entry: what reports are computed from.

        Args:
            progress: Called with the events done so far where they have to be followed.
        """
        return View(self._store, as_of, progress=progress)

    def events(
        self, *, as_of: int | None = None, lot: str | None = None, after: int = 0, limit: int | None = None
    ) -> Iterator[StoredEvent]:
        """Recorded events in ledger order; of one lot if it is given, in any of its spellings."""
        found = self._store.events(as_of=as_of, lot=lot, after=after)
        for count, event in enumerate(found):
            if limit is not None and count >= limit:
                return
            yield event

    def query(
        self,
        query: Query,
        *,
        as_of: int | None = None,
        token: str | None = None,
        per_page: int,
        progress: Progress | None = None,
    ) -> QueryPage:
        """A page of the recorded events that an EPCIS query asks for, errors declared and withdrawn ones among them.

        Args:
            query: From `lodeline.record.query.parse` or `from_url`.
            token: ``next_token`` of the page before; it pins ``as_of``, so that paging is stable while others write.
            per_page: At most so many events, 1 to 10,000.
            progress: Called with the entries done so far where the query index has to grow first.

        Raises:
            InputError: ``query.token``, ``query.per_page``, ``query.too_large``.
        """
        return self._store.query(query, as_of=as_of, token=token, per_page=per_page, progress=progress)

    def query_since(self, query: Query, *, after: int, until: int) -> Iterator[StoredEvent]:
        """What a query asks for among the entries after ``after`` and up to ``until``, in ledger order."""
        return self._store.query_since(query, after=after, until=until)

    def index(self, *, progress: Progress | None = None) -> int:
        """Bring the query index up to date now, and not at the next query; returns how many entries it covers."""
        return self._store.index_queries(progress=progress)

    def entry(self, seq: int, *, as_of: int | None = None) -> StoredEntry:
        """One link of the chain, whatever it holds: event, document, master data or policy.

        Raises:
            NotFoundError: ``ledger.no_entry``.
        """
        return self._store.entry(seq, as_of)

    def event(self, key: str, *, as_of: int | None = None) -> list[StoredEvent]:
        """Events by entry number, hash id or eventID.

        Raises:
            NotFoundError: ``ledger.no_event``.
        """
        return self._store.event(key, as_of=as_of)

    def documents(self, *, as_of: int | None = None) -> list[StoredDocument]:
        """Documents beside the events, in ledger order."""
        return list(self._store.documents(as_of))

    def content(self, document_id: str, *, as_of: int | None = None) -> bytes:
        """The exact bytes of a document, by its id or an unambiguous beginning of it.

        Raises:
            NotFoundError: ``ledger.no_document``.
        """
        return self._store.content(document_id, as_of)

    def master(self, *, as_of: int | None = None) -> list[MasterRecord]:
        """Registered master data, in ledger order."""
        return list(self._store.master(as_of))

    def policy(self, *, as_of: int | None = None) -> StoredPolicy | None:
        """The policy document in force, or None."""
        return self._store.policy(as_of)

    def members(self, collection: Collection, *, after: int = 0, limit: int) -> tuple[list[str], int | None]:
        """A page of one of GS1's collections (``epcs``, ``bizSteps`` …), and where the next page goes on."""
        from lodeline.book import listing

        return listing.members(self._store, collection, after=after, limit=limit)

    def has_member(self, collection: Collection, member: str) -> bool:
        """Whether one of GS1's collections has a member, in any of its spellings."""
        from lodeline.book import listing

        return listing.known(self._store, collection, member)

    def is_class(self, lot: str) -> bool:
        """Whether the first event on a lot names it with a quantity: a class, and no single thing."""
        from lodeline.book import listing

        return listing.is_class(self._store, lot)

    # -- proofs --------------------------------------------------------------------------------------------------

    def verify(
        self, *, deep: bool = False, against: str | Path | None = None, progress: Progress | None = None
    ) -> Verified:
        """Prove the book to itself: bytes, chain and documents; ``deep`` recomputes hash ids and derived tables too.

        Args:
            against: A checkpoint file; the book must then continue from it.

        Raises:
            IntegrityError: naming the first broken place.
        """
        from lodeline.ledger.checkpoint import read_checkpoint

        checkpoint = None
        if against is not None:
            with opened(against) as stream:
                checkpoint = read_checkpoint(stream.read())
        from lodeline.book import flows

        again = {flows.SET: flows.recompute(self._store)}
        return self._store.verify(deep=deep, against=checkpoint, recompute=again, progress=progress)

    def checkpoint(self, *, as_of: int | None = None) -> Checkpoint:
        """The head of the chain, to be kept where the book is not."""
        return self._store.checkpoint(as_of)

    def export(self, path: Path, *, as_of: int | None = None, progress: Progress | None = None) -> int:
        """Write the whole book to a new file and count its entries; :func:`import_book` gives the same head back.

        Raises:
            InputError: ``output.exists``, ``output.unwritable``.
        """
        with new_file(path) as stream:
            return self._store.export(stream, as_of=as_of, progress=progress)

    def export_epcis(
        self, path: Path, *, xml: bool = False, as_of: int | None = None, progress: Progress | None = None
    ) -> int:
        """Write every event as captured, withdrawn ones and their withdrawals too, as one EPCIS 2.0 document.

        Args:
            xml: Write XML; what was captured in JSON says the same there. False: JSON, and so the other way.

        Raises:
            InputError: ``output.exists``, ``output.unwritable``. RecordError: ``record.xml_cannot_say``.
        """
        from lodeline.book.epcis import epcis_document, xml_document

        head = self._store.head(as_of)
        seen = 0

        def events() -> Iterator[tuple[bytes, bytes | None]]:
            nonlocal seen
            seen = 0
            for event in self._store.events(as_of=head.seq):
                seen += 1
                if progress is not None:
                    progress(event.seq)
                yield event.raw, event.context

        with new_file(path) as stream:
            write = xml_document if xml else epcis_document
            stream.writelines(write(events, created=head.recorded_at))
        return seen

    def rebuild(self, *, progress: Progress | None = None) -> None:
        """Drop the derived tables and build them again from the entries; what is recorded is only read."""
        from lodeline.book.flows import rebuild

        rebuild(self._store, progress=progress)

    # -- writes --------------------------------------------------------------------------------------------------

    def capture(self, source: Source, *, by: str, proceed: bool = False, progress: Progress | None = None) -> Captured:
        """Record the events of an EPCIS document, query document or bare event.

        All or nothing, unless ``proceed``: then events that are refused are returned with their places and the
        others are recorded. The document may be of any size.

        Raises:
            RecordError, CaptureError: the first thing that is not as it should be, with its place.
            BookError: the store cannot be written; nothing was recorded.
        """
        from lodeline.record.document import spool

        with opened(source) as stream, spool(stream) as document:
            return self._store.capture(document, by=by, clock=self._clock, proceed=proceed, progress=progress)

    def add_document(
        self,
        content: bytes,
        *,
        media_type: str,
        title: str,
        issuer: str,
        dated: str | None,
        role: str,
        meta: Mapping[str, str] | None = None,
        by: str,
    ) -> StoredDocument:
        """Keep a document beside the events, named by the hash of its bytes. ``dated`` None: no date is known."""
        return self._store.add_document(
            content,
            media_type=media_type,
            title=title,
            issuer=issuer,
            dated=dated,
            role=role,
            meta=dict(meta or {}),
            by=by,
            clock=self._clock,
        )

    def register(self, source: Source, *, by: str) -> list[MasterRecord]:
        """Record master data from a TOML or CSV file: all of it, or nothing.

        Raises:
            MasterDataError, InputError: with file, line and column.
        """
        from lodeline.book.register import read_master

        with opened(source) as stream:
            content = stream.read()
            records = read_master(content, name=getattr(stream, "name", "bytes"))
        self._store.register(records, by=by, clock=self._clock, source=content)
        return records

    def set_policy(self, toml: bytes, *, by: str) -> StoredPolicy:
        """Put a policy document in force from now on; earlier figures keep citing the earlier one.

        Raises:
            PolicyError: ``policy.not_toml``, ``policy.unknown_key``, ``policy.value``.
        """
        from lodeline.metal.policy import Policy

        Policy.parse(toml)
        return self._store.set_policy(toml, by=by, clock=self._clock)

    # -- instants ------------------------------------------------------------------------------------------------

    def entry_at(self, as_of: str) -> int:
        """The entry number that ``as_of`` means: a number, or an instant with its offset (``2026-01-31T23:59:59Z``).

        Raises:
            InputError: ``book.as_of``, ``book.as_of_beyond``.
        """
        newest = self.head().seq
        if as_of.isascii() and as_of.isdigit():
            if int(as_of) > newest:
                raise InputError(
                    "book.as_of_beyond",
                    f"The book ends at entry {newest}; ask as of that or an earlier one.",
                    as_of=as_of,
                )
            return int(as_of)
        return self._store.head(instant_of(as_of)).seq
