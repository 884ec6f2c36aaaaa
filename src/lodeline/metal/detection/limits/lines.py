"""Lines: which flows are one consignment, from what was weighed before it left to everything that came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.flows.words import FLOW, NODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows

    Rows = NDArray[np.int64]


class Line(NamedTuple):
    """One consignment, as rows of the flows.

    Attributes:
        whole: The flow whose mass is what left.
        ships: What entered the road; several where the whole left in parts of which only declarations tell the mass.
        receipts: What came of all of them.
    """

    whole: int
    ships: tuple[int, ...]
    receipts: tuple[int, ...]


def lines_of(flows: Flows, mass_u_kg: NDArray[np.float64]) -> tuple[tuple[Line, ...], dict[str, int]]:
    """Every consignment with a mass at both ends, in order of departure, and why others have none: reason to number.

    A lot that left on several vehicles of which only declarations tell the masses, and nothing of which stayed, is one
    consignment: what it weighed before it was parted is what left.

    Args:
        mass_u_kg: (flow,) standard uncertainty of each mass; NaN where unknown.
    """
    flow = flows.flows
    kind, head = flow["kind"], flow["head"]
    of = _Arcs(flows)
    known_end = np.zeros(flows.nodes.rows, dtype=bool)
    known_end[flow["tail"][kind == FLOW["transit_loss"]]] = True
    u_known = ~np.isnan(mass_u_kg)
    found: list[Line] = []
    untold: dict[str, int] = {}
    parted: dict[int, list[int]] = {}

    def tell(reason: str, number: int = 1) -> None:
        untold[reason] = untold.get(reason, 0) + number

    for ship in np.flatnonzero((kind == FLOW["ship"]) & (flows.nodes["kind"] == NODE["transit"])[head]).tolist():
        receipts = of.received(int(head[ship]))
        if not receipts:
            tell("have not arrived")
        elif not known_end[head[ship]]:
            tell("were weighed at one end only")
        elif u_known[ship]:
            found.append(Line(ship, (ship,), receipts))
        else:
            parted.setdefault(of.root(ship), []).append(ship)
    for root, ships in parted.items():
        line = of.together(root)
        if line is None or not u_known[line.whole]:
            tell("left with a mass of unknown uncertainty", len(ships))
        elif not all(known_end[head[ship]] for ship in line.ships):
            tell("left in parts of which one has not arrived", len(ships))
        else:
            found.append(line)
    return tuple(sorted(found)), untold


class _Arcs:
    """The flows into and out of nodes."""

    def __init__(self, flows: Flows) -> None:
        self.flow = flow = flows.flows
        self.holding = flows.nodes["kind"] == NODE["holding"]
        order = np.argsort(flow["tail"], kind="stable")
        self._order = order
        self._start = np.searchsorted(flow["tail"][order], np.arange(flows.nodes.rows + 1))
        several = np.bincount(flow["head"], minlength=flows.nodes.rows)
        self._only_in = np.full(flows.nodes.rows, -1, dtype=np.int64)
        self._only_in[flow["head"]] = np.arange(flow.rows)
        self._only_in[several != 1] = -1

    def out(self, node: int) -> list[int]:
        found: list[int] = self._order[self._start[node] : self._start[node + 1]].tolist()
        return found

    def received(self, transit: int) -> tuple[int, ...]:
        kind = self.flow["kind"]
        return tuple(row for row in self.out(transit) if kind[row] == FLOW["receive"])

    def root(self, ship: int) -> int:
        """The holding that a part was taken from, before anything had been taken from it; -1 where there is none."""
        node = int(self.flow["tail"][ship])
        while self.holding[node]:
            before = int(self._only_in[node])
            if before < 0:
                return -1
            tail = int(self.flow["tail"][before])
            # A part of a part: what stayed when the first part left.
            if not (self.holding[tail] and len(self.out(tail)) > 1 and self.flow["kind"][before] == FLOW["stock"]):
                return node
            node = tail
        return -1

    def together(self, root: int) -> Line | None:
        """All that left a holding, if all of it was shipped; None otherwise."""
        if root < 0:
            return None
        ships: list[int] = []
        waiting = [root]
        while waiting:
            for row in self.out(waiting.pop()):
                head, kind = int(self.flow["head"][row]), self.flow["kind"][row]
                if kind == FLOW["ship"]:
                    ships.append(row)
                elif kind == FLOW["stock"] and self.holding[head] and self._only_in[head] == row:
                    waiting.append(head)
                else:
                    return None
        receipts = [row for ship in ships for row in self.received(int(self.flow["head"][ship]))]
        return Line(int(self._only_in[root]), tuple(sorted(ships)), tuple(sorted(receipts))) if receipts else None
