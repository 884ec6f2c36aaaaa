"""Shares by something else than the origin: by country, by where a stage was done, by first owner, by certificate.

What is asked is written on arcs as a label: metal that passes the arc is of that label from there on, until it passes
another. One sweep carries labels through blends and splits as it does origins. What no label says is a class of its
own. Under a rule of mixing, give the graph that is routed by it: its arcs know the flows they are of.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import numpy as np

from lodeline.metal.flows.words import FLOW, NO_NAME
from lodeline.metal.stations import LOGISTIC
from lodeline.origin.building import outside
from lodeline.origin.determining import NOTHING, sole_origins, time_order
from lodeline.origin.graph import OUTSIDE
from lodeline.origin.maxflow import network
from lodeline.origin.shares import labelled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.origin.graph import MassGraph, Origin, Rows
    from lodeline.origin.shares import Floats, Shares

    Flags = NDArray[np.bool_]

Key = TypeVar("Key", bound=Hashable)

NOT_SAID: Final = ""
"""The name of a class whose place, owner or country nobody said, though the book says that there is one."""


class Labels(NamedTuple):
    """What metal is on some arcs of a graph.

    Attributes:
        label: (arc,) class; -1 where an arc carries what its tail holds.
        names: Of each class. The first, None, is metal of which the book does not say that it has any other.
    """

    label: Rows
    names: tuple[str | None, ...]


def shares_by(graph: MassGraph, labels: Labels) -> Shares:
    """Shares by label.

    Raises:
        InputError: As :func:`~lodeline.origin.shares.labelled`.
    """
    return labelled(graph, labels.label, len(labels.names))


def by_origin(share: Floats, origins: Sequence[Origin], key: Callable[[Origin], Key]) -> tuple[tuple[Key, ...], Floats]:
    """Shares of origins summed by a property of theirs: ``lambda origin: origin.country``.

    Args:
        share: (anything, origin).
        origins: As of the graph.
        key: Origins of one key become one class, in order of first mention. Untraced metal is no origin of any country,
            so a key that looks at more than the kind has to keep it apart: ``origin.kind == "untraced"``.
    """
    classes: dict[Key, int] = {}
    place = [classes.setdefault(key(one), len(classes)) for one in origins]
    summed = np.zeros((share.shape[0], len(classes)))
    for column, into in enumerate(place):
        summed[:, into] += share[:, column]
    return tuple(classes), summed


def country(origin: Origin) -> tuple[str, str]:
    """A key: whether traced, and the country, empty where nobody said it."""
    return ("untraced" if origin.kind == "untraced" else "traced", origin.country)


def kind(origin: Origin) -> str:
    """A key: deposit, country, scrap, stock or untraced."""
    return origin.kind


def stage(graph: MassGraph, flows: Flows, done: str) -> Labels:
    """Where metal was last brought to a stage: the place at which a lot of that stage arose or was made.

    Args:
        graph: Of these flows.
        flows: Of the book.
        done: ``mined``, ``concentrated``, ``refined``, ``separated``, ``collected`` or ``recycled``.
    """
    flow: Any = flows.flows
    reached = _of_lot(flows, "stage") == flows.index(done)
    # What is split or blended has come no further.
    moved = np.isin(flow["label"], [flows.index(word) for word in LOGISTIC if flows.index(word) != NO_NAME])
    made = (flow["kind"] == FLOW["arising"]) | ((flow["kind"] == FLOW["process_out"]) & ~moved)
    return _labels(graph, flows, made & reached & (flows.index(done) != NO_NAME), flows.places)


def first_owner(graph: MassGraph, flows: Flows) -> Labels:
    """Who owned metal when it came into the book."""
    owner: Any = flows.nodes["owner"].astype(np.int64)[flows.flows["head"]]
    comes = outside(flows.flows["tail"]) == OUTSIDE
    return _labels(graph, flows, comes & (owner != NO_NAME), owner)


def certificate(graph: MassGraph, flows: Flows, element: str) -> Labels:
    """The certificate of the last assay of the element that was taken of the metal.

    Raises:
        InputError: ``chemistry.element_unknown``.
    """
    found = flows.element(element)
    own = (found.row >= 0) & ~found.inherited
    named = flows.measurements["certificate"].astype(np.int64)
    return _labels(graph, flows, own, np.where(own, named[found.row], NO_NAME) if named.size else found.row)


def passed(graph: MassGraph, flags: Flags) -> Floats:
    """(node,) share of the metal at each node that passed any of some arcs on its way.

    Raises:
        InputError: As :func:`~lodeline.origin.shares.labelled`.
    """
    label = np.where(flags, 1, np.where(graph.tail == OUTSIDE, 0, -1))
    return labelled(graph, label, 2).node[:, 1]


def _of_lot(flows: Flows, column: str) -> Rows:
    """(flow,) what a column of the lots says of its lot; -1: nothing."""
    said = np.full(len(flows.names) + 1, NO_NAME, dtype=np.int64)
    said[flows.lots["lot"]] = flows.lots[column]
    return np.asarray(said[flows.flows["lot"]], dtype=np.int64)


def _labels(graph: MassGraph, flows: Flows, marked: Flags, name: Rows) -> Labels:
    """Labels of some flows by a name of each; what comes from outside without one is of the first class."""
    used = np.unique(name[marked])
    of_flow = np.where(marked, 1 + np.searchsorted(used, name), 0)
    label = np.where(graph.tail == OUTSIDE, 0, -1)
    of_book = np.flatnonzero(graph.flow >= 0)
    here = of_book[marked[graph.flow[of_book]]]
    label[here] = of_flow[graph.flow[here]]
    added = np.flatnonzero((graph.flow < 0) & (graph.tail == OUTSIDE))
    if added.size:
        label[added] = _brought(graph, flows, marked, of_flow, added)
    return Labels(label, (None, *(flows.name(int(one)) or NOT_SAID for one in used)))


def _brought(graph: MassGraph, flows: Flows, marked: Flags, of_flow: Rows, added: Rows) -> Rows:
    """(added arc,) the only label that unknown flows can bring to where each enters, else the first.

    An arc that is no flow of the book stands for the unknown ones into its node, or for what no flow brought.
    """
    rows, tail, head = flows.nodes.rows, outside(flows.flows["tail"]), outside(flows.flows["head"])
    of_book = np.flatnonzero(graph.flow >= 0)
    known = np.zeros(tail.size, dtype=np.bool_)
    known[graph.flow[of_book]] = True
    # Of each node of the graph the node of the book; the last stands for outside.
    at = np.full(graph.nodes + 1, OUTSIDE)
    at[graph.head[of_book]] = head[graph.flow[of_book]]
    at[graph.tail[of_book]] = tail[graph.flow[of_book]]
    unknown = np.flatnonzero(~known & (head >= 0))
    gains = np.zeros(rows + 1, dtype=np.bool_)
    gains[at[graph.head[added]]] = True
    gains[head[unknown]] = False
    cut = np.where(marked, OUTSIDE, tail)
    source = np.where(cut < 0, of_flow, -1)
    order = np.argsort(time_order(tail, head, rows), kind="stable")
    ways = network(cut, head, np.zeros(tail.size, dtype=np.int64), rows)
    sole = sole_origins(order, ways, source, np.zeros(tail.size, dtype=np.bool_), gains[:rows])
    brought = np.where(cut < 0, source, sole[cut])[unknown]
    into, brought = head[unknown][brought != NOTHING], np.maximum(brought[brought != NOTHING], 0)
    least, most = np.full(rows + 1, marked.size + 1), np.full(rows + 1, -1)
    np.minimum.at(least, into, brought)
    np.maximum.at(most, into, brought)
    return np.asarray(np.where(least == most, most, 0)[at[graph.head[added]]], dtype=np.int64)
