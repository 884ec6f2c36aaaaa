"""Lineage: the lots that a lot was made of, or became, a generation at a time. Only they and their edges are read.

All events of one process belong together, save those of a store: there only what was laid down by the time a lot was
taken is its ancestor.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from lodeline.errors import NotFoundError
from lodeline.ledger.edges import (
    edges_of,
    first_event,
    is_store,
    learn_processes,
    reach,
    stored_processes,
    transformations,
)
from lodeline.ledger.indexing import require_index
from lodeline.ledger.reading import counted_among
from lodeline.ledger.schema import lot_edges, lot_index, names

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend

Edge = tuple[int, int, int]
"""Child, parent and the entry that says so; a lot by its number, a process below zero."""


class Kin(msgspec.Struct, frozen=True, kw_only=True):
    """A lot that another was made of, or became.

    Attributes:
        lot: The lot.
        generation: Over how many processes, along the shortest way: 1 for what went straight in.
        processes: Entry number of the first event of each process on the last step of a way to it, ascending.
        events: Entry numbers of the events that say that it went into, or came out of, those processes, ascending.
    """

    lot: str
    generation: int
    processes: tuple[int, ...]
    events: tuple[int, ...]


class Lineage(msgspec.Struct, frozen=True, kw_only=True):
    """The ancestors of a lot, or its descendants.

    Attributes:
        lot: The lot, by the one spelling of its id.
        descendants: Whether it was followed to what it became.
        kin: The lots, by generation and then by id. None of them is the lot itself.
        edges_read: How many edges were read from the store to find them.
        as_of: The entry that was asked as of.
    """

    lot: str
    descendants: bool
    kin: tuple[Kin, ...]
    edges_read: int
    as_of: int


def lineage(backend: Backend, until: int, lot: str, *, descendants: bool) -> Lineage:
    """Follow a lot's edges as of an entry.

    Edges are stored up to where they last grew; transformations after that are read from the entries.

    Raises:
        NotFoundError: ``ledger.no_lot``.
        BookError: ``ledger.index_stale``.
    """
    with backend.read() as connection:
        require_index(backend, connection, until)
        number = connection.execute(
            select(names.c.id)
            .join(lot_index, lot_index.c.lot == names.c.id)
            .where(names.c.name == lot, lot_index.c.seq <= until)
            .limit(1)
        ).scalar()
        if number is None:
            raise NotFoundError("ledger.no_lot", "No event of the book names this lot; check its id.", lot=lot)
        walk = Walk(backend, connection, until, descendants=descendants)
        generations = walk.generations(number)
        found = {member for members in generations for member in members}
        name: dict[int, str] = dict(backend.lookup(connection, (names.c.id, names.c.name), names.c.id, sorted(found)))
    kin = [
        Kin(
            lot=name[member],
            generation=generation,
            processes=tuple(sorted({process for process, _ in members[member]})),
            events=tuple(sorted({seq for _, seq in members[member]})),
        )
        for generation, members in enumerate(generations, start=1)
        for member in sorted(members, key=lambda one: name[one])
    ]
    return Lineage(lot=lot, descendants=descendants, kin=tuple(kin), edges_read=walk.edges_read, as_of=until)


class Walk:
    """Follows edges one way, and counts what it reads."""

    def __init__(self, backend: Backend, connection: Connection, until: int, *, descendants: bool) -> None:
        self._backend, self._connection, self._until = backend, connection, until
        self._near, self._far = (1, 0) if descendants else (0, 1)
        self._way = -1 if descendants else 1
        self._entered: dict[int, float] = {}
        self._key = lot_edges.c.parent if descendants else lot_edges.c.child
        self.edges_read = 0
        self._stored = reach(backend, connection)
        self._tail = self._read_tail()

    def generations(self, start: int) -> list[dict[int, set[tuple[int, int]]]]:
        """Per generation the lots that are new in it, each with the (process, entry) pairs that lead to it."""
        met, found = {start}, []
        frontier: set[int] = {start}
        while frontier:
            processes = self._enter(frontier)
            reached: dict[int, set[tuple[int, int]]] = defaultdict(set)
            for edge, at in self._edges(processes):
                process, lot = edge[self._near], edge[self._far]
                if lot not in met and at <= processes[process]:
                    reached[lot].add((first_event(process), edge[2]))
            met |= reached.keys()
            frontier = set(reached)
            if reached:
                found.append(dict(reached))
        return found

    def _enter(self, lots: Iterable[int]) -> dict[int, float]:
        """The processes that lots lead to, and how far their other side counts: a store's only up to when they did.

        A process that was entered before is entered again only where it is a store, and counts further now.
        """
        further: dict[int, float] = {}
        for edge, at in self._edges(lots):
            process = edge[self._far]
            until = at if is_store(process) else math.inf
            if until > self._entered.get(process, -math.inf):
                self._entered[process] = further[process] = until
        return further

    def _edges(self, of: Iterable[int]) -> list[tuple[Edge, float]]:
        """The edges at these lots or processes whose events count, with their time, which runs the way of the walk."""
        wanted = sorted(of)
        columns = (lot_edges.c.child, lot_edges.c.parent, lot_edges.c.seq)
        found: list[Edge] = []
        if self._stored >= 0 and wanted:
            for child, parent, seq in self._backend.lookup(self._connection, columns, self._key, wanted):
                self.edges_read += 1
                if seq <= self._until:
                    found.append((child, parent, seq))
        for one in wanted:
            found += self._tail.get(one, ())
        times = counted_among(self._backend, self._until, {seq for _, _, seq in found})
        return [(edge, self._way * times[edge[2]]) for edge in found if edge[2] in times]

    def _read_tail(self) -> dict[int, Sequence[Edge]]:
        """The edges of transformations that the stored ones do not reach, by the end they are followed from."""
        tail: dict[int, list[Edge]] = defaultdict(list)
        if self._stored >= self._until:
            return {}
        known: dict[str, int] = {}
        with closing(transformations(self._backend, self._stored, self._until)) as batches:
            for batch in batches:
                if self._stored >= 0:
                    known |= stored_processes(self._backend, self._connection, batch)
                learn_processes(batch, known)
                for edge in edges_of(self._backend, self._connection, batch, known):
                    tail[edge[self._near]].append(edge)
        return dict(tail)
