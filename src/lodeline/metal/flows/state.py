"""What is live in books that are being followed, as bytes, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from lodeline.errors import InputError
from lodeline.metal.belief import flat
from lodeline.metal.flows.growing import Growing
from lodeline.metal.flows.schema import VERSION, TableName
from lodeline.metal.live import Held, Process, Transit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.follower import Follower


class State(msgspec.Struct, kw_only=True):
    """Everything live, and how many rows of each table there were."""

    version: int
    names: int
    rows: dict[str, int]
    now: int
    stated_now: int
    seq: int
    held: list[Held]
    roads: list[Transit]
    processes: dict[int, Process]
    parents: dict[int, int]
    containers: list[int]
    alive: dict[int, int]
    arrivals: int
    credit: dict[int, tuple[str, int]]
    findings: list[Any]


def encoded(books: Follower, flows: int) -> bytes:
    """What is live in the books, of whose flows so many are not there only to close them."""
    graph, where = books.graph, books.where
    held = [_flat(one, "mass") for one in where.everything()]
    roads = [_flat(one, "sent", "arrived", "weighed") for transits in where.roads.values() for one in transits]
    rows: dict[str, int] = {
        table.name: len(table) for table in (graph.nodes, graph.flows, graph.measurements, graph.lots)
    }
    rows["flows"] = flows
    state = State(
        version=VERSION,
        names=len(graph.names),
        rows=rows,
        now=graph.now,
        stated_now=graph.stated_now,
        seq=graph.seq,
        held=held,
        roads=roads,
        processes={key: _flat(one, "stock", "charged") for key, one in books.processes.items()},
        parents=where.parents,
        containers=where.containers(),
        alive=where.alive,
        arrivals=where.arrivals,
        credit=books.credit,
        findings=books.findings,
    )
    return msgspec.msgpack.encode(state)


def restored(
    state: bytes,
    names: Sequence[str],
    tables: Mapping[TableName, Mapping[str, NDArray[Any]]],
    books: Follower,
) -> None:
    """Put what was live into empty books.

    Raises:
        InputError: ``flows.state``.
    """
    from lodeline.errors import Finding

    try:
        live = msgspec.msgpack.decode(state, type=State)
        if live.version != VERSION or live.names > len(names):
            raise ValueError(f"version {live.version}, {live.names} names")
    except (msgspec.MsgspecError, ValueError) as error:
        raise InputError(
            "flows.state", f"This is no state of these flows ({error}); follow all events again."
        ) from None
    graph, where = books.graph, books.where
    for name in names[: live.names]:
        graph.name(name)
    for table in ("nodes", "flows", "measurements", "lots"):
        growing = Growing(table)
        growing.extend({column: array[: live.rows[table]] for column, array in tables[table].items()})
        setattr(graph, table, growing)
    for row, lot in enumerate(graph.lots.columns["lot"]):
        graph.lot_rows[lot] = row
    graph.now, graph.stated_now, graph.seq = live.now, live.stated_now, live.seq
    where.restore_all(live.held, live.roads, live.parents, live.containers)
    where.alive, where.arrivals = live.alive, live.arrivals
    books.processes, books.credit = live.processes, live.credit
    for key, process in live.processes.items():
        if process.store:
            books.stores.setdefault(graph.nodes.columns["place"][process.node], {})[key] = None
    books.findings = msgspec.convert(live.findings, list[Finding])


def _flat(one: Any, *masses: str) -> Any:
    """With what its masses rest on in one list: nesting may be deeper than a decoder allows."""
    flattened = {
        name: msgspec.structs.replace(mass, rests=flat(mass.rests)) for name in masses if (mass := getattr(one, name))
    }
    return msgspec.structs.replace(one, **flattened)
