"""Shares of 16 origins through very many lots, against reading the arcs and writing the answer, and against solvers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import scipy.sparse as sp
from numba import njit
from scipy.sparse.linalg import splu, spsolve_triangular

from bench.case import Outcome, Promise, Timing, case, seconds
from bench.child import in_child, peak_gb
from bench.lots import WINDOW, mass_graph
from lodeline.origin.destinations import destinations
from lodeline.origin.graph import OUTSIDE, MassGraph
from lodeline.origin.mixing import everywhere, routed
from lodeline.origin.shares import blocks, shares

SEED = 20261129
ORIGINS, MANY = 16, 64
TURNS = 40
"""Turns of ours and the bare loop; the fastest of each counts, since other work on the machine slows either."""
DENSE, WALKED, ASKED, FILLED = 1_000, 20_000, 1_500, 10_000
"""Lots of the dense inverse, of the walk over a graph of Python objects, of the query and of the factor whose fill
explodes, at most."""
NEAR = 100
"""How far back lots reach where one is asked for, so that metal passes many on its way."""


@case(title="Shares of 16 origins, lots", small=2_000, full=1_000_000)
def origin_shares(size: int, folder: Path) -> Outcome:
    """All of ``size`` lots beside a bare loop, a tenth beside SciPy, fewer beside what takes longer."""
    large = in_child(__name__, "measured", size)
    tenth = max(1_000, size // 10)
    solved = in_child(__name__, "beside_solvers", tenth)
    small = {name: in_child(__name__, name, min(most, tenth)) for name, most in SMALL.items()}
    worst = in_child(__name__, "far", size)
    return Outcome(
        timings=(
            Timing(what="shares of 16 origins", who="lodeline", count=size, of="lots", seconds=large["ours_s"]),
            Timing(
                what="read the arcs, write the rows once", who="numba", count=size, of="lots", seconds=large["bare_s"]
            ),
            Timing(
                what="the same, arcs in no order", who="lodeline", count=size, of="lots", seconds=large["unordered_s"]
            ),
            Timing(
                what=f"{MANY} origins in blocks, and their sum",
                who="lodeline",
                count=size,
                of="lots",
                seconds=large["many_s"],
            ),
            Timing(what="where it went, 16 ends", who="lodeline", count=size, of="lots", seconds=large["ends_s"]),
            Timing(
                what="rewritten so that the oldest goes first",
                who="lodeline",
                count=size,
                of="lots",
                seconds=large["fifo_s"],
            ),
            Timing(
                what="lots of all of the past: shares", who="lodeline", count=size, of="lots", seconds=worst["ours_s"]
            ),
            Timing(what=f"{tenth:,}: shares", who="lodeline", count=tenth, of="lots", seconds=solved["ours_s"]),
            *(
                Timing(what=f"{tenth:,}: {what}", who="SciPy", count=tenth, of="lots", seconds=solved[name])
                for name, what in (
                    ("natural_s", "splu of I - P in order of time, and solve"),
                    ("triangular_s", "spsolve_triangular of I - P"),
                )
            ),
            *(
                Timing(what=f"{one['lots']:,}: {what}", who=who, count=one["lots"], of="lots", seconds=took)
                for name, one in small.items()
                for what, who, took in (
                    (PEERS[name][0], PEERS[name][1], one["peer_s"]),
                    ("shares", "lodeline", one["ours_s"]),
                )
            ),
        ),
        promises=(
            Promise(what="shares / bare loop", value=large["ours_s"] / large["bare_s"], unit="times", at_most=3),
            Promise(what="memory", value=large["peak_gb"], unit="GB", at_most=1),
            Promise(what=f"memory, {MANY} origins in blocks", value=large["many_peak_gb"], unit="GB", at_most=1),
            Promise(
                what=f"{tenth:,}: splu / shares",
                value=solved["natural_s"] / solved["ours_s"],
                unit="times",
                at_least=20,
            ),
        ),
        notes=(
            f"{large['arcs']:,} arcs; {large['origins']} origins. Largest deviation of a sum from one: "
            f"{large['sum']:.1e}. Half of what a lot is made of is from the last 20,000 lots, half from one of 500 "
            "stores; where it may be from all of the past, no cache helps: "
            f"{worst['ours_s'] / large['bare_s']:.1f} times the bare loop.",
            "The bare loop reads tail, head, mass and origin of every arc and writes 16 numbers for every lot. Memory "
            "is all that a fresh process held, with the making of the graph.",
            f"Largest difference from SciPy: {solved['apart']:.1e}; from the others: "
            f"{max(one['apart'] for one in small.values()):.1e}. The query asks for one lot, ours for all.",
        ),
    )


def measured(lots: int) -> dict[str, Any]:
    """All of the lots; run in a process of its own."""
    warm()
    graph = mass_graph(lots, ORIGINS, np.random.default_rng(SEED))
    ours, bare = [], []
    for _ in range(TURNS):
        took, found = seconds(lambda: shares(graph), collect=False)
        ours.append(took)
        off = float(np.abs(found.node.sum(axis=1) - 1).max())
        del found
        bare.append(seconds(lambda: read_and_write(graph), collect=False)[0])
    peak = peak_gb()
    if not off < 1e-12:
        raise AssertionError("shares do not sum to one")
    many = graph._replace(
        origins=tuple(graph.origins[0]._replace(name=str(one)) for one in range(MANY)),
        origin=np.where(graph.origin >= 0, np.arange(graph.mg.size) % MANY, -1),
    )
    many_s, total = seconds(lambda: sum_of_blocks(many))
    many_peak = peak_gb()
    if not np.abs(total - 1).max() < 1e-12:
        raise AssertionError("shares in blocks do not sum to one")
    order = np.random.default_rng(SEED).permutation(graph.mg.size)
    columns = {name: getattr(graph, name)[order] for name in ("tail", "head", "mg", "origin", "flow", "own")}
    unordered_s, _ = seconds(lambda: shares(graph._replace(**columns)))
    end = np.where(graph.head == OUTSIDE, np.arange(graph.mg.size) % ORIGINS, -1)
    ends_s, _ = seconds(lambda: destinations(graph, end, ORIGINS))
    carry = np.zeros(graph.mg.size, dtype=np.bool_)
    carry[stock_arcs(graph)] = True
    stores = everywhere(graph, "fifo", carry)
    fifo_s, _ = seconds(lambda: routed(graph, stores))
    return {
        "ours_s": min(ours),
        "bare_s": min(bare),
        "unordered_s": unordered_s,
        "ends_s": ends_s,
        "fifo_s": fifo_s,
        "many_s": many_s,
        "many_peak_gb": many_peak,
        "peak_gb": peak,
        "sum": off,
        "arcs": graph.mg.size,
        "origins": len(graph.origins),
    }


def sum_of_blocks(graph: MassGraph) -> Any:
    """(lot,) the sum of shares of all origins, some at a time."""
    total = np.zeros(graph.nodes)
    for block in blocks(graph):
        total += block.node.sum(axis=1)
    return total


def far(lots: int) -> dict[str, Any]:
    """Lots made of any of the past; run in a process of its own."""
    warm()
    graph = mass_graph(lots, ORIGINS, np.random.default_rng(SEED), window=lots)
    return {"ours_s": fastest(lambda: shares(graph))[0]}


def warm() -> None:
    """Compile or load what is compiled, which is done once and no matter of size."""
    graph = mass_graph(200, ORIGINS, np.random.default_rng(0))
    graph.check()
    shares(graph)
    read_and_write(graph)
    routed(graph, everywhere(graph, "fifo", np.zeros(graph.mg.size, dtype=np.bool_)))


def fastest(work: Callable[[], Any], turns: int = 5) -> tuple[float, Any]:
    """The fastest of some turns, and what the last returned."""
    took, found = [], None
    for _ in range(turns):
        # One answer at a time, so that the next can be written where the last one was.
        del found
        once_s, found = seconds(work, collect=False)
        took.append(once_s)
    return min(took), found


def stock_arcs(graph: MassGraph) -> Any:
    """Arcs that may carry a stock: the first that leaves each lot, where it is the first to enter the other."""
    inner = np.flatnonzero((graph.tail != OUTSIDE) & (graph.head != OUTSIDE))
    _, leaves = np.unique(graph.tail[inner], return_index=True)
    _, enters = np.unique(graph.head[inner], return_index=True)
    return inner[np.intersect1d(leaves, enters)]


def read_and_write(graph: MassGraph) -> Any:
    """What nothing can be faster than: each arc is read and each number of the answer written, once."""
    return _read_and_write(graph.tail, graph.head, graph.mg, graph.origin, np.empty((graph.nodes, ORIGINS)))


@njit(cache=True)
def _read_and_write(tail: Any, head: Any, mg: Any, origin: Any, rows: Any) -> Any:
    seen = 0
    for arc in range(tail.size):
        seen += tail[arc] ^ head[arc] ^ mg[arc] ^ origin[arc]
    value = float(seen & 1)
    for node in range(rows.shape[0]):
        for column in range(rows.shape[1]):
            rows[node, column] = value
    return rows


def system(graph: MassGraph) -> tuple[Any, Any]:
    """I - P, sparse by columns, and what comes labelled, dense."""
    into = graph.head >= 0
    total = np.bincount(graph.head[into], weights=graph.mg[into], minlength=graph.nodes)
    inner = into & (graph.tail >= 0)
    rows, fed = graph.head[inner], into & (graph.tail < 0)
    passed = sp.csc_matrix((graph.mg[inner] / total[rows], (rows, graph.tail[inner])), shape=(graph.nodes,) * 2)
    brought = np.zeros((graph.nodes, len(graph.origins)))
    np.add.at(brought, (graph.head[fed], graph.origin[fed]), graph.mg[fed] / total[graph.head[fed]])
    return sp.csc_matrix(sp.identity(graph.nodes, format="csc") - passed), brought


def beside_solvers(lots: int) -> dict[str, Any]:
    """SciPy's factors and solves, whose matrix is made before the clock starts."""
    warm()
    graph = mass_graph(lots, ORIGINS, np.random.default_rng(SEED))
    matrix, brought = system(graph)
    by_rows = sp.csr_matrix(matrix)
    ours_s, found = fastest(lambda: shares(graph), TURNS)
    natural_s, natural = fastest(lambda: splu(matrix, permc_spec="NATURAL").solve(brought), 5)
    triangular_s, triangular = fastest(lambda: spsolve_triangular(by_rows, brought, lower=True), 5)
    apart = max(float(np.abs(one - found.node).max()) for one in (natural, triangular))
    if not apart < 1e-9:
        raise AssertionError("SciPy finds other shares")
    return {
        "ours_s": ours_s,
        "natural_s": natural_s,
        "triangular_s": triangular_s,
        "apart": apart,
    }


def beside(
    lots: int, peer: Callable[[MassGraph], Callable[[], Any]], rows: Any = slice(None), window: int = WINDOW
) -> dict[str, Any]:
    """A peer that is prepared before the clock starts, and ours."""
    warm()
    graph = mass_graph(lots, ORIGINS, np.random.default_rng(SEED), window=window)
    work = peer(graph)
    ours_s, found = fastest(lambda: shares(graph))
    peer_s, other = fastest(work, 1)
    apart = float(np.abs(found.node[rows] - other).max())
    if not apart < 1e-9:
        raise AssertionError("a peer finds other shares")
    return {"lots": lots, "ours_s": ours_s, "peer_s": peer_s, "apart": apart}


def filled(lots: int) -> dict[str, Any]:
    """SuperLU in the order that it takes if nobody says another, which fills the factor."""

    def peer(graph: MassGraph) -> Callable[[], Any]:
        matrix, brought = system(graph)
        return lambda: splu(matrix).solve(brought)

    return beside(lots, peer)


def dense(lots: int) -> dict[str, Any]:
    """The inverse of I - P, dense."""

    def peer(graph: MassGraph) -> Callable[[], Any]:
        matrix, brought = system(graph)
        whole = matrix.toarray()
        return lambda: np.linalg.inv(whole) @ brought

    return beside(lots, peer)


def walked(lots: int) -> dict[str, Any]:
    """A walk in topological order over a graph of networkx."""

    def peer(graph: MassGraph) -> Callable[[], Any]:
        lots_graph = nx.MultiDiGraph()
        for tail, head, mg, origin in zip(*(one.tolist() for one in arcs_of(graph)), strict=True):
            lots_graph.add_edge(("origin", origin) if tail < 0 else tail, head, mg=mg)
        return lambda: _walk(lots_graph, graph.nodes)

    return beside(lots, peer)


def arcs_of(graph: MassGraph) -> tuple[Any, Any, Any, Any]:
    """Tail, head, milligrams and origin of the arcs that do not end."""
    on = graph.head != OUTSIDE
    return graph.tail[on], graph.head[on], graph.mg[on], graph.origin[on]


def _walk(graph: Any, lots: int) -> Any:
    rows = np.zeros((lots, ORIGINS))
    own = np.eye(ORIGINS)
    for node in nx.topological_sort(graph):
        if isinstance(node, tuple):
            continue
        held, total = np.zeros(ORIGINS), 0
        for before, _, mg in graph.in_edges(node, data="mg"):
            held += mg * (own[before[1]] if isinstance(before, tuple) else rows[before])
            total += mg
        rows[node] = held / total
    return rows


def queried(lots: int) -> dict[str, Any]:
    """A recursive query for the last lot, which goes back by every way there is."""

    def peer(graph: MassGraph) -> Callable[[], Any]:
        connection = sqlite3.connect(":memory:")
        connection.execute("CREATE TABLE arc (tail INTEGER, head INTEGER, mg INTEGER, origin INTEGER)")
        rows = zip(*(one.tolist() for one in arcs_of(graph)), strict=True)
        connection.executemany("INSERT INTO arc VALUES (?, ?, ?, ?)", rows)
        connection.execute("CREATE INDEX by_head ON arc (head)")
        connection.execute("CREATE TABLE lot AS SELECT head, SUM(mg) * 1.0 AS mg FROM arc GROUP BY head")
        connection.execute("CREATE UNIQUE INDEX by_lot ON lot (head)")

        def ask() -> Any:
            share = np.zeros(ORIGINS)
            for origin, part in connection.execute(QUERY, (graph.nodes - 1,)):
                share[origin] = part
            return share

        return ask

    return beside(lots, peer, rows=-1, window=NEAR)


QUERY = """
WITH RECURSIVE way(node, origin, part) AS (
    SELECT ?, -1, 1.0
    UNION ALL
    SELECT arc.tail, arc.origin, way.part * arc.mg / lot.mg
    FROM way JOIN arc ON arc.head = way.node JOIN lot ON lot.head = arc.head
)
SELECT origin, SUM(part) FROM way WHERE origin >= 0 GROUP BY origin
"""

SMALL = {"filled": FILLED, "dense": DENSE, "walked": WALKED, "queried": ASKED}
PEERS = {
    "filled": ("splu of I - P, default order, and solve", "SciPy"),
    "dense": ("dense inverse of I - P", "numpy"),
    "walked": ("walk in topological order", "networkx"),
    "queried": ("recursive query for one lot", "sqlite3"),
}
