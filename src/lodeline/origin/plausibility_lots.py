"""Lots as they came from their deposits: what each weighed, and what laboratories found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.detection.limits.determinations import determinations
from lodeline.metal.detection.limits.sides import sides
from lodeline.metal.flows.words import FLOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Mined(NamedTuple):
    """What a lot had, dry or of an element, when it arose, as far as the book knows; (lot,) each, in order of the lots.

    Attributes:
        kg: The most that is known of it, kg; NaN where nothing is.
        u_kg: Its standard uncertainty, kg; NaN where unknown.
    """

    kg: Array
    u_kg: Array


def mined(flows: Flows, symbol: str | None = None) -> Mined:
    """The dry mass of each lot, or that of an element: of the flow by which it arose, else the largest of its flows,
    which it had at least."""
    dry = flows.dry() if symbol is None else flows.element(symbol)
    flow, lots = flows.flows, flows.lots
    row_of = _rows(flows)
    lot = row_of[flow["lot"]]
    kg, u_kg = np.full(lots.rows, np.nan), np.full(lots.rows, np.nan)
    known = np.flatnonzero((lot >= 0) & np.isfinite(dry.kg))
    arises = flow["kind"][known] == FLOW["arising"]
    # The last of a lot in this order stays: its arising where that is known, else its largest.
    order = known[np.lexsort((dry.kg[known], arises))]
    kg[lot[order]], u_kg[lot[order]] = dry.kg[order], dry.u_kg[order]
    return Mined(kg, u_kg)


class History(NamedTuple):
    """Lots of one material from one deposit, with what was found in each.

    Attributes:
        material, deposit: Names, as in the flows.
        lots: (lot,) rows of the lots, ascending.
        symbols: Elements that each of them was assayed for.
        grades: (lot, element) kg per kg of dry mass, the mean of the laboratories.
        reading_v: (lot, element) its relative variance by the readings.
        left_out: Lots that were not assayed for all of these elements.
        of_reading, entry: (reading,) the row of its lot, ascending, and the entry of the assay; of all elements.
    """

    material: int
    deposit: int
    lots: Rows
    symbols: tuple[str, ...]
    grades: Array
    reading_v: Array
    left_out: int
    of_reading: Rows
    entry: Rows

    def entries(self, lot: int) -> tuple[int, ...]:
        """Entries of the assays of a lot, by its place."""
        first, last = np.searchsorted(self.of_reading, [self.lots[lot], self.lots[lot] + 1])
        return tuple(np.unique(self.entry[first:last]).tolist())


MOST_HAVE = 0.7
"""An element counts where at least this part of the assayed lots of a deposit has it."""


def histories(flows: Flows) -> list[History]:
    """What the lots of each material and deposit are made of, by the assays of them."""
    found = determinations(flows, sides(flows))
    lots, wide = flows.lots, len(found.symbols)
    lot = _rows(flows)[flows.flows["lot"][flows.measurements["flow"][found.row]]]
    ours = np.flatnonzero((lot >= 0) & (lots["deposit"][lot] >= 0))
    if not ours.size:
        return []
    ours = ours[np.argsort(lot[ours], kind="stable")]
    lot, entry = lot[ours], flows.measurements["seq"][found.row[ours]].astype(np.int64)
    assayed, place = np.unique(lot, return_inverse=True)
    # What nobody gives an uncertainty of counts as certain, so that the spread of the lots has it.
    relative = np.nan_to_num(found.u[ours] / found.value[ours]) ** 2
    cell, size = place * wide + found.element[ours], assayed.size * wide
    count, value, v = (np.bincount(cell, of, size).reshape(-1, wide) for of in (None, found.value[ours], relative))
    with np.errstate(invalid="ignore", divide="ignore"):
        grade, reading_v = value / count, v / count**2  # (lot, element)
    names = len(flows.names) + 1
    kind = lots["material"][assayed].astype(np.int64) * names + lots["deposit"][assayed]
    made = []
    for one in np.unique(kind).tolist():
        rows = np.flatnonzero(kind == one)
        has = count[rows] > 0
        elements = np.flatnonzero(has.mean(axis=0) >= MOST_HAVE)
        kept = rows[has[:, elements].all(axis=1)]
        of_kind = kind[place] == one
        made.append(
            History(
                material=int(lots["material"][assayed[rows[0]]]),
                deposit=int(lots["deposit"][assayed[rows[0]]]),
                lots=assayed[kept],
                symbols=tuple(found.symbols[element] for element in elements.tolist()),
                grades=grade[np.ix_(kept, elements)],
                reading_v=reading_v[np.ix_(kept, elements)],
                left_out=rows.size - kept.size,
                of_reading=lot[of_kind],
                entry=entry[of_kind],
            )
        )
    return made


def _rows(flows: Flows) -> Rows:
    """(name + 1,) the row of the lot of each name; -1 for none, and for no name."""
    row_of = np.full(len(flows.names) + 1, -1, dtype=np.int64)
    row_of[flows.lots["lot"]] = np.arange(flows.lots.rows)
    return row_of
