"""The part of a store that answers queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from lodeline.ledger.backend import Backend
    from lodeline.ledger.query.answering import QueryPage
    from lodeline.ledger.reading import AsOf
    from lodeline.ledger.values import Head, StoredEvent
    from lodeline.record.query import Query


class Queries:
    """What `lodeline.ledger.store.Store` does with queries. The index that helps can be dropped at any time."""

    _backend: Backend
    _id: UUID
    _wait_s: float

    def head(self, as_of: AsOf = None) -> Head:
        """The last entry."""
        raise NotImplementedError

    def _indexed_until(self, as_of: AsOf) -> int:
        raise NotImplementedError

    def query(
        self,
        query: Query,
        *,
        as_of: AsOf = None,
        token: str | None = None,
        per_page: int,
        progress: Callable[[int], None] | None = None,
    ) -> QueryPage:
        """A page of what a query asks for; see `lodeline.ledger.query.answering.answer`.

        Raises:
            InputError: ``query.token``, ``query.per_page``, ``query.too_large``.
        """
        from lodeline.ledger.query import answering

        return answering.answer(
            self._backend, self._id, query, as_of=as_of, token=token, per_page=per_page, progress=progress
        )

    def query_since(self, query: Query, *, after: int, until: int) -> Iterator[StoredEvent]:
        """What a query asks for among the entries after one and up to another, in ledger order."""
        from lodeline.ledger.query import answering

        self._indexed_until(until)
        return answering.since(self._backend, self._id, query, after=after, until=until)

    def index_queries(self, *, progress: Callable[[int], None] | None = None) -> int:
        """Bring the query index up to the head, as far as whole segments reach; returns how many entries it covers.

        Raises:
            BookError: ``ledger.read_only``, ``ledger.busy``, ``ledger.full``.
        """
        from lodeline.ledger.query import growing

        return growing.grow(self._backend, self.head().seq, wait_s=self._wait_s, progress=progress)
