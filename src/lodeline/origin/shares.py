"""Shares: what part of the metal at a node, or on an arc, is of which origin, if what meets is mixed perfectly.

At every node ``s_v = sum(m_a s_tail(a)) / sum(m_a)`` over the arcs that enter it, with masses of the element and never
of the bulk. In order of time that is one sweep; where metal can come round again it is a sparse solve (``cyclic``).
Metal of which nobody knows where it comes from has a share of its own and is never left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

import numpy as np

from lodeline.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.origin.graph import MassGraph, Rows

    Floats = NDArray[np.float64]

BLOCK: Final = 16
"""Origins of one sweep: a million nodes take 128 MB for them, and a node's row is two lines of a cache."""


class Shares(NamedTuple):
    """Shares by label: by origin, unless something else was asked.

    Attributes:
        graph: What they are of.
        label: (arc,) whose metal an arc carries, whatever its tail holds; -1: that of its tail.
        first: The label of the first column.
        node: (node, label) share of the metal at each node, 0 to 1, that sums to one within 1e-12; not a number at a
            node that no metal passes.
    """

    graph: MassGraph
    label: Rows
    first: int
    node: Floats

    def of_arcs(self, arcs: Rows | None = None) -> Floats:
        """(arc, label) shares of the metal on arcs, those asked or all."""
        asked = np.arange(self.graph.tail.size) if arcs is None else np.asarray(arcs, dtype=np.int64)
        label = self.label[asked]
        found = np.zeros((asked.size, self.node.shape[1]))
        mixed = label < 0
        found[mixed] = self.node[self.graph.tail[asked[mixed]]]
        column = label - self.first
        own = (~mixed) & (column >= 0) & (column < self.node.shape[1])
        found[own, column[own]] = 1
        return found

    def mg_of_arcs(self, arcs: Rows | None = None) -> Floats:
        """(arc, label) milligrams of each label on arcs, those asked or all."""
        mg = self.graph.mg if arcs is None else self.graph.mg[arcs]
        return self.of_arcs(arcs) * mg[:, None]


def shares(graph: MassGraph) -> Shares:
    """Shares of every origin at every node, at once.

    Args:
        graph: As its ``check`` takes it. For many origins in a large one take :func:`blocks`.

    Raises:
        InputError: What ``graph.check`` refuses; ``origin.closed_loop``.
    """
    return labelled(graph, graph.origin, len(graph.origins))


def blocks(graph: MassGraph, width: int = BLOCK) -> Iterator[Shares]:
    """The same, ``width`` origins in turn, so that memory does not grow with their number.

    Rows sum to one over all blocks together; rounding adds up along a chain here, by 1e-16 at each blend at most.

    Raises:
        InputError: As :func:`shares`.
    """
    for first in range(0, len(graph.origins), width):
        yield labelled(graph, graph.origin, len(graph.origins), slice(first, first + width))


def labelled(graph: MassGraph, label: Rows, labels: int, columns: slice | None = None) -> Shares:
    """Shares by any label of arcs: a labelled arc carries metal of its label, whatever the node it leaves holds.

    Args:
        graph: As its ``check`` takes it.
        label: (arc,) label from 0, or -1; every arc from outside has one.
        labels: How many there are.
        columns: Those wanted; all of them where it is None.

    Raises:
        InputError: What ``graph.check`` refuses, ``origin.label``, ``origin.closed_loop``.
    """
    from lodeline.origin import share_kernels

    first, end, _ = (columns or slice(None)).indices(labels)
    if label.shape != graph.tail.shape:
        raise InputError("origin.label", "Give one label for each arc.")
    if graph.cyclic:
        if (label < -1).any() or (label >= labels).any() or ((graph.tail < 0) & (label < 0)).any():
            _refuse()
        from lodeline.origin.cyclic import solved

        return Shares(graph, label, first, solved(graph, label, labels)[:, first:end])
    how, share = _swept(graph, label, labels, first, end)
    if how == share_kernels.UNORDERED:
        del share
        _, order, safe = share_kernels.entering(graph.tail, graph.head, graph.mg, label, graph.nodes, labels, True)
        arcs = {name: getattr(graph, name)[order] for name in ("tail", "head", "mg")}
        how, share = _swept(graph._replace(**arcs), label[order], labels, first, end)
        how = how if safe else share_kernels.UNSAFE
    if how == share_kernels.UNSAFE:
        graph.check()
        _refuse()
    return Shares(graph, label, first, share)


def _swept(graph: MassGraph, label: Rows, labels: int, first: int, end: int) -> tuple[int, Floats]:
    """How the sweep went, and the shares it found."""
    from lodeline.origin import share_kernels

    width = end - first
    share = np.zeros((graph.nodes + width + 1, width))
    sweep: Any = share_kernels.sweep
    how = sweep(graph.tail, graph.head, graph.mg, label, graph.nodes, labels, first, width == labels, share)
    return int(how), share[: graph.nodes]


def _refuse() -> NoReturn:
    raise InputError("origin.label", "Every arc from outside needs a label, and labels are counted from 0.")
