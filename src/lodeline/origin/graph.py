"""The mass graph of one element: what shares, bounds and certificates are computed on.

Metal enters from *origins*, passes nodes in order of time and leaves to the end. Masses are whole milligrams, and at
every node what enters equals what leaves, exactly: what does not close in the book is an arc of its own, from the
origin *untraced* or to the end, and says so. A stock that is drawn from and added to is a chain of states, so that what
came later cannot be in what left earlier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from lodeline.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]

OUTSIDE: Final = -1
"""Tail of an arc that brings metal from an origin, and head of one that ends."""

Kind = Literal["deposit", "country", "scrap", "stock", "untraced"]


class Origin(NamedTuple):
    """Where metal comes from.

    Attributes:
        kind: ``deposit`` and ``country`` (deposit unknown) are mined; ``scrap`` is collected; ``stock`` lay there when
            the book began; ``untraced`` is metal of which the book does not say where it comes from.
        country: ISO 3166-1 alpha-2; empty where unknown.
        name: The deposit, the scrap source or the store, by its URI; empty where there is none.
    """

    kind: Kind
    country: str
    name: str


UNTRACED: Final = Origin("untraced", "", "")
IN_DOUBT: Final = Origin("untraced", "", "in doubt")
"""Of lots whose declared origin is in doubt: like untraced metal of no class surely, and perhaps of any."""


class MassGraph(NamedTuple):
    """Arcs of one element between nodes in order of time; (arc,) each.

    Attributes:
        element: Symbol, or the name of a group.
        nodes: How many there are; an arc goes from a lower number to a higher one, but where ``cyclic``.
        tail, head: Node; :data:`OUTSIDE` where it comes from an origin or ends.
        mg: Mass of the element, milligrams, > 0; in equals out at every node.
        origin: Of an arc from outside the place in ``origins``; else -1.
        flow: Row of the flows it is of; -1 for what was added so that masses close.
        own: Whether the mass rests on an assay of this very metal, or is what others of such leave at a node that
            closes; else, as where a part has its assay from the whole, a bound that rests on it holds if lots are
            homogeneous.
        origins: Every origin; the first is :data:`UNTRACED`.
        cyclic: Whether nodes are in no order of time, as countries of a year are.
    """

    element: str
    nodes: int
    tail: Rows
    head: Rows
    mg: Rows
    origin: Rows
    flow: Rows
    own: NDArray[np.bool_]
    origins: tuple[Origin, ...]
    cyclic: bool = False

    def check(self) -> None:
        """Refuse a graph on which nothing could be proved.

        Raises:
            InputError: ``origin.shape``, ``origin.index``, ``origin.mass``, ``origin.time``, ``origin.open``.
        """
        arcs = self.tail.shape
        if self.tail.ndim != 1 or any(
            one.shape != arcs for one in (self.head, self.mg, self.origin, self.flow, self.own)
        ):
            raise InputError("origin.shape", "Give arrays of one length, an entry an arc.")
        for index, least, most in (
            (self.tail, OUTSIDE, self.nodes),
            (self.head, OUTSIDE, self.nodes),
            (self.origin, -1, len(self.origins)),
        ):
            if index.size and not (index.min() >= least and index.max() < most):
                raise InputError("origin.index", "An arc names a node or an origin that there is not.")
        if ((self.tail == OUTSIDE) != (self.origin >= 0)).any() or ((self.tail < 0) & (self.head < 0)).any():
            raise InputError("origin.index", "An arc has an origin where it comes from outside, and only there.")
        if not (self.mg > 0).all():
            raise InputError("origin.mass", "Every arc carries more than nothing.")
        inner = (self.tail >= 0) & (self.head >= 0)
        if not self.cyclic and not (self.tail[inner] < self.head[inner]).all():
            raise InputError("origin.time", "An arc leads back in time.")
        gap = self.open_mg()
        if gap.any():
            node = int(np.flatnonzero(gap)[0])
            raise InputError("origin.open", "What enters a node is not what leaves it.", node=node, mg=int(gap[node]))

    def open_mg(self) -> Rows:
        """(node,) what enters less what leaves, milligrams; whole numbers, so that nothing is lost in the sum."""
        gap = np.zeros(self.nodes, dtype=np.int64)
        into, out = self.head >= 0, self.tail >= 0
        np.add.at(gap, self.head[into], self.mg[into])
        np.subtract.at(gap, self.tail[out], self.mg[out])
        return gap
