"""What nobody knows on the way to some metal, and which acts would settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from lodeline.errors import Settle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.origin.building import Built

    Rows = NDArray[np.int64]


class Unsettled(msgspec.Struct, frozen=True, kw_only=True):
    """Flows whose mass of the element nobody knows, for one reason.

    Attributes:
        code: Of the finding. sentence: of the flow of which most was weighed. flows: how many there are.
        settle: What would settle that one.
    """

    code: str
    sentence: str
    flows: int
    settle: tuple[Settle, ...]


def unsettled(built: Built, rows: Rows) -> tuple[Unsettled, ...]:
    """What is unknown of the flows that some flows rest on, a reason each; what comes from it counts as untraced.

    Args:
        rows: Of the flows; those themselves are among them.
    """
    from lodeline.origin.unknowns import reasons, why

    before = _before(built, rows)
    reason, weight = reasons(built), np.nan_to_num(built.flows.flows["mass_kg"])
    found = []
    for code in sorted(set(reason[before].tolist()) - {""}):
        of_code = before[reason[before] == code]
        one = why(built, int(of_code[np.argmax(weight[of_code])]))
        if one is not None:
            found.append(Unsettled(code=code, sentence=one.sentence, flows=int(of_code.size), settle=one.settle))
    return tuple(found)


def _before(built: Built, rows: Rows) -> Rows:
    """Flows from which something can have come into some flows, those themselves among them, ascending."""
    from lodeline.origin.building import outside
    from lodeline.origin.maxflow import network

    table = built.flows.flows
    tail, head = outside(table["tail"]), outside(table["head"])
    net = network(tail, head, np.zeros(table.rows, dtype=np.int64), built.flows.nodes.rows)
    seen, found = set[int](), set(rows.tolist())
    waiting = [int(node) for node in tail[rows] if node >= 0]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        for row in net.into[net.into_start[node] : net.into_start[node + 1]].tolist():
            found.add(row)
            if tail[row] >= 0:
                waiting.append(int(tail[row]))
    return np.array(sorted(found), dtype=np.int64)
