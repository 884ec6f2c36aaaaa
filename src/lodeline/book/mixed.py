"""The mass graph under a rule of mixing: the one the book names for each store, or one rule everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lodeline.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.book.traced import Traced
    from lodeline.origin.graph import MassGraph
    from lodeline.origin.mixing import Routed, Rule, Stores

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

AS_KEPT: Final = "as kept"
"""The rule of each store by master data or policy; perfect mixing where neither says."""
EVERYWHERE: Final = {"perfect": "perfect", "fifo": "fifo", "lifo": "lifo", "layers": "lifo", "identity": "identity"}
"""Rules for all stores by what a user calls them; layers are drawn from the top."""
ALL: Final = "all"


class Mixed(NamedTuple):
    """A mass graph under a rule.

    Attributes:
        rule: What it is called. graph: the new one, or the old one where nothing keeps an order.
        routed: What became of the old one; None where it is the same.
        stores: How the nodes of the old one mix; None where it is the same.
    """

    rule: str
    graph: MassGraph
    routed: Routed | None
    stores: Stores | None = None

    def arcs(self, old: Rows) -> Rows:
        """Arcs of this graph for arcs of the old one that carry no stock."""
        return old if self.routed is None else self.routed.arc[old]

    def slopes(self, of_new: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Derivatives by arcs of the old graph, and (column,) where they do not follow, and no uncertainty is known."""
        if self.routed is None:
            return of_new, np.zeros(of_new.shape[1], dtype=np.bool_)
        from lodeline.origin.uncertainty import before

        old = before(self.routed, of_new)
        unknown: NDArray[np.bool_] = np.asarray(np.isnan(old).any(axis=0))
        return np.where(unknown, 0.0, old), unknown


def mixed(traced: Traced, rule: str | None) -> Mixed:
    """The mass graph under a rule.

    Args:
        rule: One of :data:`EVERYWHERE`; None: as each store is kept.

    Raises:
        InputError: ``origin.mixing_unknown``.
    """
    from lodeline.origin.keeping import stores
    from lodeline.origin.mixing import RULES, routed

    graph = traced.built.graph
    rules: dict[str, Rule] = {}
    other: Rule = "perfect"
    if rule is None:
        rules = dict(traced.rules)
    elif rule in EVERYWHERE:
        other = next(one for one in RULES if one == EVERYWHERE[rule])
    else:
        raise InputError(
            "origin.mixing_unknown", f"A rule of mixing is one of {', '.join([*EVERYWHERE, ALL])}.", mixing=rule
        )
    if other == "perfect" and all(one == "perfect" for one in rules.values()):
        return Mixed(rule or AS_KEPT, graph, None)
    kept = stores(graph, traced.flows, rules, other=other)
    done = routed(graph, kept)
    return Mixed(rule or AS_KEPT, done.graph, done, kept)
