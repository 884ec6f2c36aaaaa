"""What the words of a fault are made of: lots, entries, places and kilograms of readings and nodes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from lodeline.metal.detection.faults.series import MASS, MOISTURE
from lodeline.metal.flows.words import CLOSING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.faults.series import Listed
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.reconciliation.ledger_model import LedgerModel

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

NOWHERE = "a place that nobody names"
DRIEST = 1e-3
"""The least part of a wet mass that counts as dry: a moisture near one would make the wet mass without end."""


class Words:
    """Looks things up.

    Args:
        of: All readings.
        x: (variable,) of the problem, for kilograms.
    """

    def __init__(self, flows: Flows, ledger: LedgerModel, of: Listed, x: Array) -> None:
        self._flows, self._ledger, self._of, self._x = flows, ledger, of, x

    # -- readings ----------------------------------------------------------------------------------------------------

    def reading(self, place: int) -> str:
        """A reading, as ``the assay for Sb of lot ... in entry ...``."""
        kind = ("the weighing", "the moisture", "the assay")[int(self._of.kind[place])]
        element = self.element(int(self._of.subject[place]))
        lot = next(iter(self.lots(np.array([place]))), "without a name")
        return f"{kind}{f' for {element}' if element else ''} of lot {lot} in entry {self.entries([place])[0]}"

    def much(self, place: int, size: float, size_u: float) -> str:
        """By how much a reading is off, in its unit."""
        if self._of.kind[place] == MASS:
            return f"{abs(size):,.0f} ± {size_u:,.0f} kg"
        return f"{abs(size):.4g} ± {size_u:.2g} kg per kg"

    def kg(self, place: int, shift: float) -> float:
        """Kilograms that a shift of a reading is of: as weighed, of wet mass for a moisture, or of the element."""
        if self._of.kind[place] == MASS:
            return abs(float(shift))
        dry_kg, wet_kg = self._masses(int(self._of.flow[place]))
        return abs(float(shift)) * (wet_kg if self._of.kind[place] == MOISTURE or self._of.wet[place] else dry_kg)

    def by(self, place: int) -> str | None:
        """URI of the scale or laboratory."""
        return self._flows.name(int(self._of.by[place]))

    def certificate(self, place: int) -> str:
        """The certificate, or the entry where it has none."""
        name = self._flows.name(int(self._flows.measurements["certificate"][self._of.row[place]]))
        return name or f"of entry {self.entries([place])[0]}"

    def species(self, place: int) -> str:
        """The formula that a certificate says."""
        return self._flows.name(int(self._flows.measurements["species"][self._of.row[place]])) or ""

    def element(self, subject: int) -> str | None:
        """The symbol of an element by its number."""
        return self._ledger.elements[subject] if subject >= 0 else None

    def entries(self, readings: list[int] | Rows) -> tuple[int, ...]:
        """Entries of the ledger, ascending."""
        return tuple(sorted({int(seq) for seq in self._flows.measurements["seq"][self._of.row[readings]]} - {-1}))

    def lots(self, readings: Rows) -> tuple[str, ...]:
        """URIs of the lots, in order of the readings."""
        return self._named(self._flows.flows["lot"][self._of.flow[readings]])

    # -- nodes -------------------------------------------------------------------------------------------------------

    def entries_at(self, node: int) -> tuple[int, ...]:
        """Entries of a node, of the flows at it and of what was weighed of them."""
        flow = self._flows.flows
        rows = np.flatnonzero((flow["head"] == node) | (flow["tail"] == node))
        weighed = np.flatnonzero((self._of.kind == MASS) & np.isin(self._of.flow, rows))
        entries = {int(self._flows.nodes["seq"][node]), *flow["seq"][rows].tolist(), *self.entries(weighed)}
        return tuple(sorted(entries - {-1}))

    def lots_at(self, node: int) -> tuple[str, ...]:
        """URIs of the lots that a node joins."""
        flow = self._flows.flows
        return self._named(flow["lot"][(flow["head"] == node) | (flow["tail"] == node)])

    def process(self, flow: int) -> int:
        """The node that a flow is of: where it came from, or where it went if it came from outside."""
        tail, head = (int(self._flows.flows[column][flow]) for column in ("tail", "head"))
        return tail if tail > CLOSING else head

    def lots_of(self, flow: int) -> tuple[str, ...]:
        """URI of the lot of a flow, if it has one."""
        return self._named(self._flows.flows["lot"][[flow]])

    def entries_of(self, flow: int) -> tuple[int, ...]:
        """Entries of a flow and of what was read of it."""
        read = np.flatnonzero(self._of.flow == flow)
        return tuple(sorted({int(self._flows.flows["seq"][flow]), *self.entries(read)} - {-1}))

    def ends(self, node: int) -> tuple[str, str]:
        """From where to where a road leads."""
        flow, nodes = self._flows.flows, self._flows.nodes
        start = nodes["place"][flow["tail"][flow["head"] == node]]
        return self._place(int(start[0]) if start.size else -1), self._place(int(nodes["place"][node]))

    def place(self, node: int) -> str:
        """Where a node is."""
        return self._place(int(self._flows.nodes["place"][node]))

    def at(self, node: int) -> int:
        """When, UTC microseconds."""
        return int(self._flows.nodes["at"][node])

    def _masses(self, flow: int) -> tuple[float, float]:
        ledger = self._ledger
        dry = abs(float(self._x[ledger.dry[ledger.streams.mass[flow]]]))
        water = int(ledger.moisture[ledger.streams.water[flow]])
        return dry, dry / max(1 - float(self._x[water]), DRIEST) if water >= 0 else dry

    def _place(self, name: int) -> str:
        return self._flows.name(name) or NOWHERE

    def _named(self, names: Rows) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._flows.names[name] for name in names.tolist() if name >= 0))


def day(at: int) -> str:
    """The day of an instant, in UTC."""
    return "the beginning" if at < 0 else datetime.fromtimestamp(at / 1e6, tz=UTC).date().isoformat()
