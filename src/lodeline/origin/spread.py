"""Several rules of mixing at once, and how far apart the shares are that they give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.mixing import Stores, routed
from lodeline.origin.shares import shares

if TYPE_CHECKING:
    from lodeline.origin.graph import MassGraph, Rows
    from lodeline.origin.shares import Floats


class Spread(NamedTuple):
    """Shares under each rule.

    Attributes:
        arcs: (asked,) arcs of the graph.
        by_rule: (asked, origin) shares by the name of each rule.
        least, most: (asked, origin) the least and the most that any of these rules gives. They are no bounds: metal
            mixed in other ways may hold less or more.
    """

    arcs: Rows
    by_rule: dict[str, Floats]
    least: Floats
    most: Floats


def spread(graph: MassGraph, rules: Mapping[str, Stores], arcs: Rows | None = None) -> Spread:
    """Run all the rules.

    Args:
        graph: As its ``check`` takes it, in order of time.
        rules: How each node mixes, by any name.
        arcs: Those whose shares are wanted; all of them where it is None.

    Raises:
        InputError: ``origin.no_rules``; as :func:`~lodeline.origin.mixing.routed`.
    """
    if not rules:
        raise InputError("origin.no_rules", "Name at least one rule of mixing.")
    asked = np.arange(graph.tail.size) if arcs is None else np.asarray(arcs, dtype=np.int64)
    by_rule = {}
    for name, stores in rules.items():
        done = routed(graph, stores)
        by_rule[name] = done.of_arcs(shares(done.graph), asked)
    every = list(by_rule.values())
    return Spread(asked, by_rule, np.minimum.reduce(every), np.maximum.reduce(every))
