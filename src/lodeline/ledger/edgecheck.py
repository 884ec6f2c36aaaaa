"""The deep check of lot edges: read off every transformation again, and compared row by row."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from lodeline.ledger.edges import CODE, NAME, edges_of, learn_processes, transformations
from lodeline.ledger.extent import derived_broken
from lodeline.ledger.schema import lot_edges, processes
from lodeline.ledger.stamps import Stamp, stamp_of

if TYPE_CHECKING:
    import numpy as np
    from sqlalchemy import Select

    from lodeline.ledger.backend import Backend, Row

    Rows = np.ndarray[Any, np.dtype[np.int64]]


def check(backend: Backend, stamp: Stamp) -> bool:
    """Compare the stored edges and processes with what the entries give, up to the stamp's entry.

    False where other code made them: they are made anew when they are next asked for.

    Raises:
        IntegrityError: ``ledger.derived_broken``.
    """
    if stamp.code != CODE:
        return False
    known: dict[str, int] = {}
    expected: list[Row] = []
    with backend.read() as connection, closing(transformations(backend, -1, stamp.seq)) as batches:
        for batch in batches:
            learn_processes(batch, known)
            expected += edges_of(backend, connection, batch, known)
    _require_processes(backend, stamp, known)
    e = lot_edges.c
    found = _stored(backend, select(e.child, e.parent, e.seq).where(_whole(backend, e.seq, stamp)))
    _require_edges(found, _sorted(expected))
    return True


def _whole(backend: Backend, seq: Any, stamp: Stamp) -> Any:
    """Rows up to the stamp's entry, and those that no stamp reaches, which have no business there."""
    with backend.read() as connection:
        now = stamp_of(backend, connection, NAME)
    return or_(seq <= stamp.seq, seq > max(stamp.seq, -1 if now is None else now.seq))


def _require_processes(backend: Backend, stamp: Stamp, known: dict[str, int]) -> None:
    begun = -processes.c.id // 2
    wanted = select(processes.c.id, processes.c.name).where(_whole(backend, begun, stamp))
    found = {(number, name) for number, name in backend.rows(wanted)}
    if odd := found ^ {(number, name) for name, number in known.items()}:
        raise derived_broken("processes", "name", id=max(odd)[0])


def _stored(backend: Backend, wanted: Select[Any]) -> Rows:
    import numpy as np

    with closing(backend.stream(wanted)) as rows:
        flat = np.fromiter((number for row in rows for number in row), dtype=np.int64)
    return _sorted(flat.reshape(-1, 3))


def _sorted(rows: Any) -> Rows:
    """Rows by entry, then child, then parent, so that the first difference is the earliest in the ledger."""
    import numpy as np

    whole = np.asarray(rows, dtype=np.int64).reshape(-1, 3)
    return whole[np.lexsort((whole[:, 1], whole[:, 0], whole[:, 2]))]


def _require_edges(found: Rows, expected: Rows) -> None:
    import numpy as np

    common = min(len(found), len(expected))
    differing = np.flatnonzero((found[:common] != expected[:common]).any(axis=1))
    if len(found) == len(expected) and not len(differing):
        return
    place = int(differing[0]) if len(differing) else common
    seqs = [int(rows[place, 2]) for rows in (found, expected) if place < len(rows)]
    raise derived_broken("lot_edges", "parent", seq=min(seqs))
