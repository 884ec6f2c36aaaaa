"""Lot edges: which lots went into which process, and which came out. They grow when they are first asked for.

An edge joins a child to a parent, by the event that says so. A transformation is one process between its inputs
and outputs, and so are all events of one transformationID, so that a furnace of a thousand charges and a
thousand casts has two thousand edges and not a million. Withdrawn events keep their edges: whether an event counts
is asked when edges are walked, as of an entry.

A process has a number below zero, from the first entry that bears it (`process_number`), which also tells a store:
what is laid down on a pile after a lot was taken from it is no ancestor of that lot, whereas the events of one charge
of a furnace belong together whatever the order in which their times were written down.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select

from lodeline.ledger.indexing import CODE as INDEX_CODE
from lodeline.ledger.indexing import require_index
from lodeline.ledger.reading import content
from lodeline.ledger.schema import entries, event_index, lot_edges, names, processes
from lodeline.ledger.stamps import Stamp, put_stamp, restore, stamp_of
from lodeline.record.metal_vocabulary import NAMESPACE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend, Row

NAME = "edges"
CODE = f"1 on index {INDEX_CODE}"
"""Version of the code that derives edges; the numbers of lots are the index's."""

BATCH_EVENTS = 500
TRANSFORMATION = "TransformationEvent"
PROCESS, STORE = NAMESPACE + "process", "store"


class Said(NamedTuple):
    """What a transformation says about lots: its entry, transformationID, and the lots by one spelling of their ids."""

    seq: int
    store: bool
    transformation_id: str | None
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def reach(backend: Backend, connection: Connection) -> int:
    """The entry up to which edges are stored; -1 where there are none, or other code made them."""
    stamp = stamp_of(backend, connection, NAME)
    if stamp is None or stamp.code != CODE or not {lot_edges.name, processes.name} <= backend.tables(connection):
        return -1
    return stamp.seq


def grow(backend: Backend, *, wait_s: float) -> int:
    """Bring the edges up to the head of the chain, and say how many events were read for it.

    Raises:
        BookError: ``ledger.index_stale``, ``ledger.busy``, ``ledger.read_only``, ``ledger.full``.
    """
    restore(backend, wait_s=wait_s)
    with backend.write(wait_s) as connection:
        seq, digest = connection.execute(
            select(entries.c.seq, entries.c.digest).order_by(entries.c.seq.desc()).limit(1)
        ).one()
        require_index(backend, connection, seq)
        after = reach(backend, connection)
        if after == seq:
            return 0
        if after < 0:
            connection.execute(delete(lot_edges))
            connection.execute(delete(processes))
        count = 0
        with closing(transformations(backend, after, seq)) as batches:
            for batch in batches:
                known = stored_processes(backend, connection, batch)
                backend.insert(connection, processes, learn_processes(batch, known))
                backend.insert(connection, lot_edges, edges_of(backend, connection, batch, known))
                count += len(batch)
        put_stamp(backend, connection, Stamp(NAME, CODE, seq, bytes(digest)))
        return count


def transformations(backend: Backend, after: int, until: int) -> Generator[list[Said]]:
    """What every transformation after an entry says, up to another, in ledger order, in batches."""
    number = select(names.c.id).where(names.c.name == TRANSFORMATION).scalar_subquery()
    wanted = (
        select(entries.c.seq, entries.c.raw, entries.c.context)
        .join(event_index, event_index.c.seq == entries.c.seq)
        .where(event_index.c.event_type == number, event_index.c.seq > after, event_index.c.seq <= until)
        .order_by(event_index.c.seq)
    )
    contexts: dict[bytes, bytes] = {}
    batch: list[Said] = []
    with closing(backend.stream(wanted)) as rows:
        for seq, raw, digest in rows:
            if digest is not None and digest not in contexts:
                contexts[digest] = content(backend, digest)
            batch.append(_read(seq, bytes(raw), None if digest is None else contexts[digest]))
            if len(batch) == BATCH_EVENTS:
                yield batch
                batch = []
    if batch:
        yield batch


def _read(seq: int, raw: bytes, context: bytes | None) -> Said:
    from lodeline.record.prepare import lots_of
    from lodeline.record.stored import event_of

    event, within = event_of(raw, context)
    lots = lots_of(event, within)
    return Said(
        seq,
        any(value == STORE and PROCESS in (name, within.expand(name)) for name, value in event.items()),
        event.get("transformationID"),
        tuple(lot for lot, role in lots if role == "input"),
        tuple(lot for lot, role in lots if role == "output"),
    )


def process_number(said: Said) -> int:
    """The number of a process that a transformation begins: minus twice its entry, and one less for a store."""
    return -2 * said.seq - said.store


def first_event(process: int) -> int:
    """The first entry that bears a process."""
    return -process // 2


def is_store(process: int) -> bool:
    """Whether a process is a store, from which lots are taken while others are still laid down."""
    return process % 2 == 1


def stored_processes(backend: Backend, connection: Connection, batch: Sequence[Said]) -> dict[str, int]:
    """The stored numbers of the transformationIDs of a batch."""
    wanted = sorted({said.transformation_id for said in batch if said.transformation_id is not None})
    return dict(backend.lookup(connection, (processes.c.name, processes.c.id), processes.c.name, wanted))


def learn_processes(batch: Sequence[Said], known: dict[str, int]) -> list[Row]:
    """Number the transformationIDs of a batch that are not known yet, by the first entry; returns the new rows."""
    new: list[Row] = []
    for said in batch:
        if said.transformation_id is not None and said.transformation_id not in known:
            known[said.transformation_id] = process_number(said)
            new.append((process_number(said), said.transformation_id))
    return new


def edges_of(backend: Backend, connection: Connection, batch: Sequence[Said], process: dict[str, int]) -> list[Row]:
    """Edges (child, parent, seq) of a batch, in the order of the table's key; each once."""
    wanted = sorted({lot for said in batch for lot in (*said.inputs, *said.outputs)})
    number: dict[str, int] = dict(backend.lookup(connection, (names.c.name, names.c.id), names.c.name, wanted))
    found: set[Row] = set()
    for said in batch:
        through = process_number(said) if said.transformation_id is None else process[said.transformation_id]
        found.update((number[lot], through, said.seq) for lot in said.outputs)
        found.update((through, number[lot], said.seq) for lot in said.inputs)
    return sorted(found)
