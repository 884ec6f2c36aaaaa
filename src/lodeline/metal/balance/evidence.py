"""Evidence: the entries of the ledger that a line of an account rests on, lot by lot."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.balance.entries import GAP, STOCK
from lodeline.metal.flows.words import CLOSING, NODE, QUANTITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lodeline.metal.balance.entries import Entries
    from lodeline.metal.balance.sheets import Sheets

    Rows = NDArray[np.int64]

WEIGHED = [QUANTITY[word] for word in ("declared", "gross", "tare", "net")]


class Share(NamedTuple):
    """What one lot adds to a line.

    Attributes:
        what: Each flow: its sign, content, uncertainty and limits, kg, rounded to where only rounding differs.
        entries: The entries that say so: they moved it there, or measured it.
    """

    what: tuple[tuple[float, ...], ...]
    entries: frozenset[int]


class Evidence:
    """Looks up what lines rest on.

    Args:
        of: What the accounts rest on.
    """

    def __init__(self, of: Sheets) -> None:
        self._of = of
        measured = of.flows.measurements
        rows = np.flatnonzero(np.isin(measured["quantity"], WEIGHED) & measured["chosen"])
        rows = rows[np.argsort(measured["flow"][rows], kind="stable")]
        self._weighed = measured["flow"][rows]
        self._weighed_row = rows

    def shares(self, account: int, codes: Sequence[int], period: int) -> dict[str, Share]:
        """What each lot adds to some lines of an account in a period, by the lot; of a store, by its name."""
        every = [self._of.entries(account, codes, period, perhaps=perhaps) for perhaps in (False, True)]
        found: dict[str, tuple[list[tuple[float, ...]], set[int]]] = {}
        for entries in every:
            names = self._names(entries)
            measured = self._measured(entries)
            moved = self._moved(entries)
            mass = self._of.recorded.mass
            columns = [of[entries.row] for of in (mass.kg, mass.u_kg, mass.low_kg, mass.high_kg)]
            for at, name in enumerate(names):
                what, seqs = found.setdefault(name, ([], set()))
                what.append((float(entries.sign[at]), *(_rounded(float(column[at])) for column in columns)))
                seqs |= measured.get(at, set()) | moved[at]
        return {name: Share(tuple(sorted(what, key=repr)), frozenset(seqs)) for name, (what, seqs) in found.items()}

    def moves(self, name: str, period: int) -> frozenset[int]:
        """Every entry that moved a lot, at the latest in a period."""
        flows, place, calendar = self._of.flows, self._of.place, self._of.calendar
        flow = flows.flows
        lot = flows.index(name)
        rows = np.flatnonzero((flow["lot"] == lot) & (lot >= 0) & (flow["head"] != CLOSING))
        tail, head = place.zone[flow["tail"][rows]], place.zone[flow["head"][rows]]
        zone = np.where(head < 0, tail, head)
        there = calendar.period_of(zone, flow["arrived_at"][rows]) <= period
        return frozenset(flow["seq"][rows[there]].tolist())

    def _names(self, entries: Entries) -> list[str]:
        flows = self._of.flows
        lots, nodes = flows.flows["lot"][entries.row], flows.nodes["name"]
        ends = [nodes[flows.flows[end][entries.row]].tolist() for end in ("tail", "head")]
        return [
            flows.name(lot) or flows.name(tail) or flows.name(head) or ""
            for lot, tail, head in zip(lots.tolist(), *ends, strict=True)
        ]

    def _moved(self, entries: Entries) -> list[set[int]]:
        """The entries that put each flow where it stands: what later takes it away is no evidence of it."""
        flows = self._of.flows
        node = flows.nodes["seq"][flows.flows["tail"][entries.row]]
        kinds = flows.nodes["kind"][entries.holder]
        lies = np.isin(entries.line, list(STOCK.values())) & (entries.sign > 0)
        lies &= entries.holder == flows.flows["tail"][entries.row]
        # Out of a state, a gap has what lies there next; into it, and out of a process, what moved.
        leaves = np.isin(entries.line, list(GAP.values())) & (entries.sign < 0) & (kinds == NODE["holding"])
        seq = np.where(lies | leaves, node, flows.flows["seq"][entries.row])
        return [{one} for one in seq.tolist()]

    def _measured(self, entries: Entries) -> dict[int, set[int]]:
        """The entries that say the mass and the composition of each flow, or of those that it follows from."""
        number = np.arange(entries.row.size)
        recorded = self._of.recorded
        terms = recorded.terms_of(number, entries.row, np.ones_like(entries.sign))
        found: dict[int, set[int]] = {}
        low, high = (np.searchsorted(self._weighed, terms.flow, side=side) for side in ("left", "right"))
        for at, start, end in zip(terms.sum.tolist(), low.tolist(), high.tolist(), strict=True):
            for row in self._weighed_row[start:end].tolist():
                found.setdefault(at, set()).update(self._entries(row))
        for row in recorded.determinations(terms.composition):
            used = np.flatnonzero(row >= 0)
            for at, one in zip(terms.sum[used].tolist(), row[used].tolist(), strict=True):
                found.setdefault(at, set()).update(self._entries(one))
        return found

    def _entries(self, measurement: int) -> set[int]:
        """The entry of a measurement, and of the policy that supposes its uncertainty."""
        measured = self._of.flows.measurements
        said = {int(measured["seq"][measurement]), int(measured["u_policy"][measurement])}
        return {entry for entry in said if entry >= 0}


def _rounded(number: float) -> float:
    """A number to twelve digits: what is beyond them is the order of a sum."""
    return float(f"{number:.11e}")
