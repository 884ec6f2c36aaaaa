"""Which determination counts for each flow: its own or an inherited one, by rank and then the latest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodeline.chemistry.species import species
from lodeline.metal.flows.words import BASIS, FLOW, QUANTITY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows

    Keys = NDArray[np.int64]
    Rows = NDArray[np.int64]

_ROW_BITS = 40  # a key is the priority of the rank above the row, so that the larger key counts


class Chosen(NamedTuple):
    """The determination that counts for each flow, (flow,) each.

    Attributes:
        row: Row of the measurement; -1 if there is none.
        value, u, low, high: kg/kg; of an element, by the factor of its species. NaN where there is none.
        basis: Code of the basis it is on.
        inherited: It was taken on another flow.
    """

    row: Rows
    value: NDArray[np.float64]
    u: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    basis: NDArray[np.uint8]
    inherited: NDArray[np.bool_]


class Composition:
    """What is known of the composition of every flow.

    Composition passes along ``inherits``, forward first; a flow of a lot of which nothing was known in time takes what
    was found later of the same lot. Moisture, and what is per wet mass, stay on one side of a road.
    """

    def __init__(self, flows: Flows) -> None:
        table: Any = flows.flows
        self._flows = flows
        self._measured: Any = flows.measurements
        self.mass_basis: NDArray[np.uint8] = table["mass_basis"]
        along = table["inherits"].astype(np.int64)
        self._along = along
        self._wet_along = np.where(table["kind"] == FLOW["receive"], -1, along)
        self._water_of = table["water_of"].astype(np.int64)
        lot = table["lot"]
        same_lot = (along >= 0) & (lot[along] == lot) if along.size else np.zeros(0, dtype=bool)
        self._origin = _ends(np.where(same_lot, along, -1))
        self._wet_origin = _ends(np.where(same_lot & (self._wet_along >= 0), along, -1))
        priorities = np.array(flows.ranking.priorities(), dtype=np.int64)
        rows = np.arange(flows.measurements.rows, dtype=np.int64)
        self._keys: Keys = (priorities[self._measured["rank"]] << _ROW_BITS) + rows + 1
        self._moisture: Chosen | None = None

    def moisture(self) -> Chosen:
        """The moisture of the water that is in the mass of each flow."""
        if self._moisture is None:
            rows = np.flatnonzero(self._measured["quantity"] == QUANTITY["moisture"])
            keys = self._best(rows, self._wet_along, self._wet_origin)[self._water_of]
            self._moisture = self._chosen(keys, np.ones(self._keys.size))
        return self._moisture

    def fraction(self, symbol: str) -> Chosen:
        """The fraction of an element that counts for each flow, on the basis it was determined on."""
        measured, names = self._measured, self._flows.names
        is_fraction = measured["quantity"] == QUANTITY["fraction"]
        factor_of = np.full(len(names) + 1, np.nan)  # the last is that of no name
        for code in np.unique(measured["species"][is_fraction]).tolist():
            known = species(names[code])
            if known.symbol == symbol:
                factor_of[code] = float(known.element_factor)
        factors = factor_of[measured["species"]]
        ours = is_fraction & ~np.isnan(factors)
        wet = measured["basis"] == BASIS["wet"]
        passing = self._best(np.flatnonzero(ours & ~wet), self._along, self._origin)
        staying = self._best(np.flatnonzero(ours & wet), self._wet_along, self._wet_origin)[self._water_of]
        return self._chosen(np.maximum(passing, staying), factors)

    def _best(self, rows: Rows, along: Rows, origin: Rows) -> Keys:
        """The key that counts for each flow among these rows; 0 where there is none."""
        best = np.zeros(along.size, dtype=np.int64)
        if not rows.size:
            return best
        at = self._measured["flow"][rows]
        np.maximum.at(best, at, self._keys[rows])
        later = np.zeros(along.size, dtype=np.int64)
        np.maximum.at(later, origin[at], self._keys[rows])
        pointer = along.copy()
        active = np.flatnonzero(pointer >= 0)
        while active.size:
            # Each round doubles how many flows back a flow has looked.
            back = pointer[active]
            best[active] = np.maximum(best[active], best[back])
            pointer[active] = pointer[back]
            active = active[pointer[active] >= 0]
        return np.where(best > 0, best, later[origin])

    def _chosen(self, keys: Keys, factors: NDArray[np.float64]) -> Chosen:
        row = np.where(keys > 0, (keys & ((1 << _ROW_BITS) - 1)) - 1, -1)
        none, measured = row < 0, self._measured
        factor = np.where(none, np.nan, factors[row]) if factors.size else np.full(row.size, np.nan)

        def read(column: str) -> NDArray[np.float64]:
            values = measured[column]
            return np.where(none, np.nan, values[row]) * factor if values.size else factor

        flow, basis, copied = measured["flow"], measured["basis"], measured["inherited"]
        elsewhere = (flow[row] != np.arange(row.size)) | copied[row] if flow.size else none
        return Chosen(
            row=row,
            value=read("value"),
            u=read("u"),
            low=read("low"),
            high=read("high"),
            basis=np.where(none, BASIS[""], basis[row]).astype(np.uint8) if basis.size else np.zeros(row.size, "uint8"),
            inherited=elsewhere & ~none,
        )


def _ends(along: Rows) -> Rows:
    """The flow that each flow's chain ends at, itself where it has none."""
    end = np.where(along >= 0, along, np.arange(along.size))
    while True:
        further = end[end]
        if (further == end).all():
            return end
        end = further
