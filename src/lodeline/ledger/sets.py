"""The part of a store that keeps derived sets which grow when they are asked for: lot edges, and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lodeline.ledger.backend import Backend
    from lodeline.ledger.columns import StoredColumns, Tables
    from lodeline.ledger.lineage import Lineage
    from lodeline.ledger.reading import AsOf
    from lodeline.ledger.timeline import Timed, Timeline
    from lodeline.ledger.values import Head


class DerivedSets:
    """What `lodeline.ledger.store.Store` does with derived sets: nothing of it is recorded, and all can be dropped."""

    _backend: Backend
    _wait_s: float

    def head(self, as_of: AsOf = None) -> Head:
        """The last entry."""
        raise NotImplementedError

    def _indexed_until(self, as_of: AsOf) -> int:
        raise NotImplementedError

    def put_columns(self, name: str, code: str, seq: int, tables: Tables, *, wait_s: float | None = None) -> bool:
        """Keep arrays beside the entries, in one transaction, in place of what the set held.

        Args:
            name: Of the set.
            code: Version of the code that made them, with whatever else they followed from.
            seq: The entry as of which they were made.
            tables: Columns by name, by name of their table: one-dimensional arrays of numbers, texts, or bytes.
            wait_s: How long to wait for a turn to write; None: as long as the store waits.

        Returns:
            False where a set of the same code is stored that reaches further; it is left as it is.

        Raises:
            BookError: ``ledger.read_only``, ``ledger.busy``, ``ledger.full``, ``ledger.as_of``.
        """
        from lodeline.ledger import columns
        from lodeline.ledger.stamps import Stamp

        stamp = Stamp(name, code, seq, bytes.fromhex(self.head(seq).digest))
        return columns.put(self._backend, stamp, tables, wait_s=self._wait_s if wait_s is None else wait_s)

    def columns(self, name: str) -> StoredColumns | None:
        """A set of stored arrays, each read when it is asked for; None where the book holds none of this name."""
        from lodeline.ledger import columns

        return columns.columns(self._backend, name)

    def drop_columns(self, name: str) -> None:
        """Drop a set of stored arrays."""
        from lodeline.ledger import columns

        columns.drop(self._backend, name, wait_s=self._wait_s)

    def grow_edges(self, *, wait_s: float | None = None) -> int:
        """Bring the lot edges up to the head, and say how many transformations were read for it.

        Args:
            wait_s: How long to wait for a turn to write; None: as long as the store waits.

        Raises:
            BookError: ``ledger.index_stale``, ``ledger.read_only``, ``ledger.busy``, ``ledger.full``.
        """
        from lodeline.ledger import edges

        return edges.grow(self._backend, wait_s=self._wait_s if wait_s is None else wait_s)

    def edges_reach(self) -> int:
        """The entry up to which lot edges are stored; -1 where there are none of today's code."""
        from lodeline.ledger import edges

        with self._backend.read() as connection:
            return edges.reach(self._backend, connection)

    def lineage(self, lot: str, as_of: AsOf = None, *, descendants: bool = False) -> Lineage:
        """The lots that a lot was made of, in any spelling of its id; with ``descendants`` those it became.

        Raises:
            NotFoundError: ``ledger.no_lot``.
        """
        from lodeline.ids.epc import canonical
        from lodeline.ledger import lineage

        return lineage.lineage(self._backend, self._indexed_until(as_of), canonical(lot), descendants=descendants)

    def timeline(self, as_of: AsOf = None, *, after: int = -1) -> Timeline:
        """Which events count, in order of time; with ``after`` only those recorded after that entry."""
        from lodeline.ledger import timeline

        return timeline.timeline(self._backend, self._indexed_until(as_of), after=after)

    def withdraws(self, after: int, until: int) -> bool:
        """Whether an entry after one, up to another, declares an error: earlier events may count no longer."""
        from lodeline.ledger import timeline

        return timeline.withdraws(self._backend, after, until)

    def timed(self, line: Timeline) -> Iterator[list[Timed]]:
        """The recorded events of a timeline in its order, a batch at a time."""
        from lodeline.ledger import timeline

        return timeline.batches(self._backend, line)
