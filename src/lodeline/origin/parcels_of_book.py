"""The parcels of a book: several elements and the rest of the dry mass on the same flows.

A process that is no blend, split or store separates, and what it makes is no longer as it was mined. Where any of the
elements is unknown on a flow, nothing is supposed of the composition of what is on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.metal.flows.words import FLOW, NODE
from lodeline.origin.building import outside
from lodeline.origin.closing import MG_PER_KG
from lodeline.origin.determining import time_order
from lodeline.origin.drawing import Drawing, Told, draw
from lodeline.origin.graph import OUTSIDE
from lodeline.origin.parcels import Parcels, unseparated
from lodeline.origin.sources import sources

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.reconciliation.reconciled import Reconciled

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Rows = NDArray[np.int64]

KEEPING: Final = ("split", "blend", "store")
"""Processes that leave every parcel as it is."""
REST: Final = "rest"
"""The component that is no element: gangue, oxygen, sulfur and whatever else dry mass holds."""


class OfBook(NamedTuple):
    """The parcels, and (flow,) the arc of each flow; -1 where no component of it is known."""

    parcels: Parcels
    arc: Rows


def parcels_of(
    flows: Flows, elements: Sequence[str], *, reconciled: Reconciled | None = None, k: float = 0.0
) -> OfBook:
    """The parcels of a book.

    A parcel keeps its composition only as far as masses are known: what little is left in a store by difference may
    have any. So a mass may be off by ``k`` of its standard uncertainties; where that is unknown nothing is supposed.

    Args:
        flows: Of the book. elements: symbols. reconciled: the same flows, reconciled for these.
        k: Standard uncertainties that are allowed for, >= 0; 0: masses are taken as they are.

    Raises:
        InputError: ``chemistry.element_unknown``, ``origin.not_reconciled``, ``origin.time``.
    """
    if reconciled is not None and (reconciled.flows is not flows or not set(elements) <= set(reconciled.elements)):
        raise InputError("origin.not_reconciled", "Reconcile these flows for these elements first.")
    read = [flows.element(one) if reconciled is None else reconciled.element(one) for one in elements]
    dry = flows.dry() if reconciled is None else reconciled.dry
    kg, u_kg = [one.kg for one in read], [one.u_kg for one in read]
    kg.append(dry.kg - sum(kg, start=np.zeros(dry.kg.size)))
    # What of the rest is due to the dry mass and to elements is not told apart: at most both.
    u_kg.append(dry.u_kg + sum(u_kg, start=np.zeros(dry.kg.size)))
    tail, head = outside(flows.flows["tail"]), outside(flows.flows["head"])
    origins, origin = sources(flows)
    none = np.zeros(tail.size, dtype=np.bool_)
    drawn = [
        draw(name, Told(tail, head, np.maximum(one, 0.0), origin, none), flows.nodes.rows, origins)
        for name, one in zip((*elements, REST), kg, strict=True)
    ]
    number = np.append(time_order(tail, head, flows.nodes.rows), OUTSIDE)
    known = ~np.isnan(np.stack([one.kg for one in drawn], axis=1)).any(axis=1)
    whole = known & unseparated(
        number[tail], number[head], flows.nodes.rows, _separating(flows)[np.argsort(number[:-1])]
    )
    used = np.flatnonzero(np.stack([one.arc >= 0 for one in drawn], axis=1).any(axis=1))
    arc = np.full(tail.size, -1, dtype=np.int64)
    arc[used] = np.arange(used.size)
    added = [_added(one, number) for one in drawn]
    counts = [one.tail.size for one in added]
    mg = np.zeros((used.size + sum(counts), len(drawn)), dtype=np.int64)
    slack = np.zeros(mg.shape)
    if k:
        slack[: used.size] = k * np.stack(u_kg, axis=1)[used] * MG_PER_KG
        whole = whole & ~np.isnan(np.stack(u_kg, axis=1)).any(axis=1)
    start = used.size
    for place, (one, more) in enumerate(zip(drawn, added, strict=True)):
        of_flow = one.graph.flow >= 0
        mg[arc[one.graph.flow[of_flow]], place] = one.graph.mg[of_flow]
        mg[start : start + more.tail.size, place] = more.mg
        start += more.tail.size
    made = Parcels(
        components=(*elements, REST),
        nodes=flows.nodes.rows,
        tail=np.concatenate([number[tail[used]], *(one.tail for one in added)]),
        head=np.concatenate([number[head[used]], *(one.head for one in added)]),
        mg=mg,
        origin=np.concatenate([origin[used], *(one.origin for one in added)]),
        origins=origins,
        whole=np.concatenate([whole[used], np.zeros(sum(counts), dtype=np.bool_)]),
        slack_mg=np.nan_to_num(slack),
    )
    return OfBook(made, arc)


class _Added(NamedTuple):
    """Arcs of one component that are no flows: gaps, and what stands for the unknown."""

    tail: Rows
    head: Rows
    mg: Rows
    origin: Rows


def _added(one: Drawing, number: Rows) -> _Added:
    graph = one.graph
    # The node of the flows that each node of the graph is, in their common order of time.
    node = np.full(graph.nodes + 1, OUTSIDE, dtype=np.int64)
    there = np.flatnonzero(one.node >= 0)
    node[one.node[there]] = number[there]
    at = np.flatnonzero(graph.flow < 0)
    return _Added(node[graph.tail[at]], node[graph.head[at]], graph.mg[at], graph.origin[at])


def _separating(flows: Flows) -> Flags:
    """(node of the flows,) whether a process there makes something else of what comes in."""
    table = flows.flows
    keeping = np.array([flows.index(word) for word in KEEPING])
    told = (table["kind"] == FLOW["process_in"]) | (table["kind"] == FLOW["process_out"])
    changing = told & ~np.isin(table["label"], keeping)
    found = np.zeros(flows.nodes.rows, dtype=np.bool_)
    for kind, end in (("process_in", "head"), ("process_out", "tail")):
        found[table[end][changing & (table["kind"] == FLOW[kind])]] = True
    return np.asarray(found & (flows.nodes["kind"] == NODE["process"]), dtype=np.bool_)
