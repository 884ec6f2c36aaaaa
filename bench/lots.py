"""Mass graphs of many lots, for benchmarks of origin: made by a seed, closing in whole milligrams."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lodeline.origin.graph import OUTSIDE, UNTRACED, MassGraph, Origin

Longs = NDArray[np.int64]

PRIMARY = 0.2
"""Part of the lots that come from outside, each of one origin."""
INNER, ARCS = 1.75, 2.25
"""Arcs between lots, and all arcs, a lot: two millions and a quarter at a million lots."""
STORES = 500
"""Half of what a lot is made of is what lies in a store, last touched about so many lots ago."""
WINDOW = 20_000
"""The other half is any of the last so many lots, a few weeks of a programme with a million lots."""
LOT_MG = 20_000 * 10**6
"""Of a primary lot."""


def mass_graph(lots: int, origins: int, rng: np.random.Generator, *, window: int = WINDOW) -> MassGraph:
    """A graph of ``lots`` nodes in order of time, its arcs in the order in which they happen.

    Args:
        origins: How many, untraced among them.
        window: How far back lots reach; ``lots`` for all of the past.
    """
    tail, head = _arcs(lots, rng, window)
    moment = np.where(head == OUTSIDE, tail, head)
    order = np.argsort(2 * moment + (head == OUTSIDE), kind="stable")
    tail, head = tail[order], head[order]
    origin = np.where(tail == OUTSIDE, rng.integers(0, origins, tail.size), -1)
    starts = np.concatenate([[0], np.cumsum(np.bincount(tail[tail >= 0], minlength=lots))])
    leaving = np.argsort(tail, kind="stable")[(tail == OUTSIDE).sum() :]
    mg = divided(tail, head, starts, leaving, rng.uniform(1, 3, tail.size), np.int64(LOT_MG))
    return MassGraph(
        element="Sb",
        nodes=lots,
        tail=tail,
        head=head,
        mg=mg,
        origin=origin,
        flow=np.full(tail.size, -1),
        own=np.ones(tail.size, dtype=np.bool_),
        origins=(UNTRACED, *(Origin("deposit", "PK", f"urn:example:deposit:{one}") for one in range(1, origins))),
    )


def _arcs(lots: int, rng: np.random.Generator, window: int) -> tuple[Longs, Longs]:
    """Tails and heads: what comes from outside, what goes from lot to lot, and what ends."""
    primary = np.append(0, 1 + np.flatnonzero(rng.random(lots - 1) < PRIMARY))
    made = np.setdiff1d(np.arange(lots), primary)
    # Each made lot is of one other at least, and of more at random.
    head = np.concatenate([made, rng.choice(made, max(0, int(INNER * lots) - made.size))])
    back = np.where(
        rng.random(head.size) < 0.5,
        np.minimum(rng.geometric(1 / min(STORES, window), head.size), head),
        1 + rng.integers(0, np.minimum(window, head)),
    )
    tail = head - np.minimum(back, head)
    left = np.bincount(tail, minlength=lots)
    ends = np.flatnonzero(left == 0)
    more = rng.choice(lots, max(0, int(ARCS * lots) - primary.size - head.size - ends.size))
    ends = np.concatenate([ends, more])
    return (
        np.concatenate([np.full(primary.size, OUTSIDE), tail, ends]),
        np.concatenate([primary, head, np.full(ends.size, OUTSIDE)]),
    )


@njit(cache=True)
def divided(tail: Any, head: Any, starts: Any, leaving: Any, weight: Any, lot_mg: Any) -> Any:
    """Masses, milligrams: what a lot holds is divided between the arcs that leave it; the last takes the rest."""
    mg = np.zeros(tail.size, np.int64)
    held = np.zeros(starts.size - 1, np.int64)
    for arc in range(tail.size):
        if tail[arc] < 0:
            mg[arc] = lot_mg
            held[head[arc]] += lot_mg
    for node in range(held.size):
        rest = held[node]
        whole = 0.0
        for place in range(starts[node], starts[node + 1]):
            whole += weight[leaving[place]]
        for place in range(starts[node], starts[node + 1]):
            arc = leaving[place]
            last = place == starts[node + 1] - 1
            mg[arc] = rest if last else max(1, int(held[node] * (weight[arc] / whole)))
            rest -= mg[arc]
            if head[arc] >= 0:
                held[head[arc]] += mg[arc]
    return mg
