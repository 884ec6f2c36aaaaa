"""How the stores of a book keep metal, as rules of mixing need it: which nodes, which arcs carry stock, whose lots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lodeline.errors import InputError
from lodeline.metal.flows.words import FLOW
from lodeline.origin.graph import OUTSIDE
from lodeline.origin.mixing import RULES, Rule, Stores

if TYPE_CHECKING:
    from lodeline.metal.flows.flows import Flows
    from lodeline.origin.graph import MassGraph

WORDS: Final[Mapping[str, Rule]] = {
    "mixed": "perfect",
    "apart": "identity",
    "layered": "lifo",
    "fifo": "fifo",
    "lifo": "lifo",
}
"""What master data and policies say of a store. Layers are drawn from the top unless a rule says otherwise."""


def stores(graph: MassGraph, flows: Flows, rules: Mapping[str, Rule], *, other: Rule = "perfect") -> Stores:
    """How metal is kept at every node of the mass graph of a book.

    The rule of a node is that of the place it is at, or ``other`` where there is none. Stock is carried by flows of
    that kind, and the lot of an arc is the one that its flow names.

    Args:
        graph: Of these flows.
        flows: Of the book.
        rules: By the URI of a store, or of whatever place holdings and processes are at.
        other: The rule of every other place.

    Raises:
        InputError: ``origin.rule_unknown``.
    """
    for word in (*rules.values(), other):
        if word not in RULES:
            raise InputError("origin.rule_unknown", f"A rule of mixing is one of {', '.join(RULES)}.", rule=word)
    flow: Any = flows.flows
    of_name = np.full(len(flows.names) + 1, RULES.index(other), dtype=np.uint8)
    for uri, word in rules.items():
        if flows.index(uri) >= 0:
            of_name[flows.index(uri)] = RULES.index(word)
    of_node = of_name[flows.nodes["place"]]
    rule = np.full(graph.nodes, RULES.index(other), dtype=np.uint8)
    of_book = graph.flow >= 0
    row = np.where(of_book, graph.flow, 0)
    for end, column in ((graph.head, "head"), (graph.tail, "tail")):
        known = of_book & (end != OUTSIDE)
        rule[end[known]] = of_node[flow[column][row[known]]]
    carry = of_book & (flow["kind"][row] == FLOW["stock"]) & (graph.tail != OUTSIDE) & (graph.head != OUTSIDE)
    return Stores(rule, carry, np.where(of_book, flow["lot"][row], -1).astype(np.int64))
