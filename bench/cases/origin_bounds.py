"""Exact bounds of one holding among very many lots, whatever the mixing was, against the maximum flow of SciPy."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import maximum_flow

from bench.case import Outcome, Promise, Timing, case, seconds
from bench.child import in_child, peak_gb
from bench.lots import mass_graph
from lodeline.origin.ancestors import ancestors
from lodeline.origin.bounds import Bounds
from lodeline.origin.closing import closed
from lodeline.origin.graph import OUTSIDE, MassGraph
from lodeline.origin.sweep import sweep

SEED = 20261129
ORIGINS = 16
ASKED = 100
"""Holdings that are asked, each with a class of its own of one to eight origins."""
BESIDE = 5
"""Holdings that SciPy is asked too, over what can reach them."""
PEER_MOST = 2**31 - 1
"""What SciPy can count to; masses are made smaller for it, so that its answer is right and about ours."""


@case(title="Exact bounds of one holding, lots", small=2_000, full=1_000_000)
def origin_bounds(size: int, folder: Path) -> Outcome:
    """A tenth of ``size`` and ``size``."""
    runs = {count: in_child(__name__, "measured", count) for count in sorted({max(1_000, size // 10), size})}
    limits_ms = dict(zip(runs, (30.0, 500.0), strict=True))
    return Outcome(
        timings=tuple(timing for count, run in runs.items() for timing in timings(count, run)),
        promises=(
            *(
                Promise(what=f"{count:,}: median of a holding", value=run["median_s"] * 1e3, unit="ms", at_most=limit)
                for (count, run), limit in zip(runs.items(), limits_ms.values(), strict=True)
            ),
            *(
                Promise(
                    what=f"{count:,}: median of a lot's ancestry", value=run["ancestry_s"] * 1e3, unit="ms", at_most=50
                )
                for count, run in runs.items()
            ),
            *(
                Promise(what=f"{count:,}: proofs that add up", value=run["proved"], unit=f"of {ASKED}", at_least=ASKED)
                for count, run in runs.items()
            ),
            *(
                Promise(
                    what=f"{count:,}: bounds inside the sweep's",
                    value=run["inside"],
                    unit=f"of {BESIDE}",
                    at_least=BESIDE,
                )
                for count, run in runs.items()
            ),
        ),
        notes=tuple(
            f"{count:,}: {run['arcs']:,} arcs; worst holding {run['worst_s'] * 1e3:.0f} ms; up to {run['ancestors']:,} "
            f"ancestors; {run['tight']} of {ASKED} bounds say more than nothing; the sweep's are equal on "
            f"{run['equal']} of {BESIDE}; {run['peak_gb']:.2f} GB."
            for count, run in runs.items()
        ),
    )


def timings(count: int, run: dict[str, Any]) -> tuple[Timing, ...]:
    """The rows of one size."""
    return (
        Timing(what=f"{count:,}: laid out, once", who="lodeline", count=count, of="lots", seconds=run["laid_out_s"]),
        Timing(what=f"{count:,}: least and most", who="lodeline", count=1, of="holdings", seconds=run["median_s"]),
        Timing(what=f"{count:,}: most, int32", who="SciPy", count=1, of="holdings", seconds=run["scipy_s"]),
        Timing(what=f"{count:,}: outer bounds of all", who="lodeline", count=count, of="lots", seconds=run["sweep_s"]),
        Timing(what=f"{count:,}: masses closed", who="lodeline", count=count, of="lots", seconds=run["closed_s"]),
        Timing(what=f"{count:,}: ancestry", who="lodeline", count=1, of="lots", seconds=run["ancestry_s"]),
    )


def measured(lots: int) -> dict[str, Any]:
    """One graph, in a process of its own."""
    ask(mass_graph(500, ORIGINS, np.random.default_rng(0)), np.random.default_rng(0))
    rng = np.random.default_rng(SEED)
    graph = mass_graph(lots, ORIGINS, rng)
    return ask(graph, rng)


def ask(graph: MassGraph, rng: np.random.Generator) -> dict[str, Any]:
    """Bounds of holdings at random, their proofs checked, and what a peer takes for the most."""
    laid_out_s, bounds = seconds(lambda: Bounds(graph))
    ends = rng.choice(np.flatnonzero(graph.head == OUTSIDE), ASKED)
    took, near, found = [], [], []
    for arc in ends.tolist():
        chosen = rng.choice(ORIGINS - 1, int(rng.integers(1, 9)), replace=False) + 1
        origins = {graph.origins[one] for one in chosen.tolist()}
        bound_s, bound = seconds(partial(bounds.arc, arc, origins), collect=False)
        ancestry_s, reached = seconds(partial(ancestors, bounds.network, np.array([arc])), collect=False)
        took.append((bound_s, ancestry_s))
        near.append(reached.nodes.size)
        found.append((bound, origins))
    sweep_s, _ = seconds(lambda: sweep(bounds, found[0][1]))
    outer = [sweep(bounds, origins) for _, origins in found[:BESIDE]]
    at = [int(bound.target[0]) for bound, _ in found[:BESIDE]]
    kg = np.asarray(graph.mg * (np.pi * 1e-6), dtype=np.float64)
    closed_s, done = seconds(
        lambda: closed(graph.tail, graph.head, kg, graph.nodes, slack_kg=np.full(graph.nodes, 1e-5))
    )
    assert not done.gap.any()
    return {
        "laid_out_s": laid_out_s,
        "median_s": float(np.median([one for one, _ in took])),
        "worst_s": max(one for one, _ in took),
        "ancestry_s": float(np.median([one for _, one in took])),
        "ancestors": max(near),
        "tight": sum(bound.least > 0 or bound.most < bound.mg for bound, _ in found),
        "proved": sum(adds_up(graph, bound) for bound, _ in found),
        "inside": sum(
            int(one.least[arc]) <= bound.least <= bound.most <= int(one.most[arc])
            for one, arc, (bound, _) in zip(outer, at, found, strict=False)
        ),
        "equal": sum(
            (one.least[arc], one.most[arc]) == (bound.least, bound.most)
            for one, arc, (bound, _) in zip(outer, at, found, strict=False)
        ),
        "sweep_s": sweep_s,
        "closed_s": closed_s,
        "scipy_s": float(
            np.median([beside(bounds, bound.of.origins, int(bound.target[0])) for bound, _ in found[:BESIDE]])
        ),
        "arcs": graph.tail.size,
        "peak_gb": peak_gb(),
    }


def adds_up(graph: MassGraph, bound: Any) -> bool:
    """Whether both proofs of a bound do: what arrives is what the cut lets through, and conserves on its way."""
    for side in (bound.of, bound.rest):
        on = np.zeros_like(graph.mg)
        on[side.arcs] = side.flow
        inner, into = graph.tail >= 0, graph.head >= 0
        into[bound.target] = False
        net = np.bincount(graph.head[into], on[into], graph.nodes) - np.bincount(
            graph.tail[inner], on[inner], graph.nodes
        )
        allowed = inner | np.isin(graph.origin, side.origins)
        if net.any() or (on > graph.mg).any() or on[~allowed].any():
            return False
        if not on[bound.target].sum() == side.mg == graph.mg[side.cut].sum():
            return False
    return True


def beside(bounds: Bounds, origins: tuple[int, ...], arc: int) -> float:
    """Seconds that SciPy takes for the most, over what can reach the holding; its answer is about ours."""
    graph = bounds.graph
    reached = ancestors(bounds.network, np.array([arc]))
    number = np.full(graph.nodes + 1, -1, dtype=np.int64)
    number[reached.nodes] = np.arange(reached.nodes.size)
    unit = max(1, int(graph.mg[graph.tail == OUTSIDE].sum()) // PEER_MOST + 1)
    arcs = reached.arcs
    arcs = arcs[(graph.tail[arcs] >= 0) | np.isin(graph.origin[arcs], origins)]
    source, sink = reached.nodes.size, reached.nodes.size + 1
    tail = np.append(np.where(graph.tail[arcs] >= 0, number[graph.tail[arcs]], source), number[graph.tail[arc]])
    head = np.append(number[graph.head[arcs]], sink)
    mg = np.append(graph.mg[arcs], graph.mg[arc]) // unit
    matrix = sp.csr_array((mg.astype(np.int32), (tail, head)), shape=(sink + 1, sink + 1))
    took_s, _ = seconds(lambda: maximum_flow(matrix, source, sink, method="dinic"))
    return took_s
