"""Lots as they came from their deposits: what each weighed, and what laboratories found in it."""

from __future__ import annotations

from collections import defaultdict
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
        lots: (lot,) rows of the lots.
        symbols: Elements that each of them was assayed for.
        grades: (lot, element) kg per kg of dry mass, the mean of the laboratories.
        reading_v: (lot, element) its relative variance by the readings.
        entries: (lot,) entries of the assays.
        left_out: Lots that were not assayed for all of these elements.
    """

    material: int
    deposit: int
    lots: Rows
    symbols: tuple[str, ...]
    grades: Array
    reading_v: Array
    entries: tuple[tuple[int, ...], ...]
    left_out: int


MOST_HAVE = 0.7
"""An element counts where at least this part of the assayed lots of a deposit has it."""


def histories(flows: Flows) -> list[History]:
    """What the lots of each material and deposit are made of, by the assays of them."""
    found = determinations(flows, sides(flows))
    lots, row_of = flows.lots, _rows(flows)
    lot = row_of[flows.flows["lot"][flows.measurements["flow"][found.row]]]
    of_lot: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place in np.flatnonzero(lot >= 0).tolist():
        of_lot[int(lot[place])][int(found.element[place])].append(place)
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in sorted(of_lot):
        if lots["deposit"][row] >= 0:
            groups[int(lots["material"][row]), int(lots["deposit"][row])].append(row)
    made = []
    for (material, deposit), rows in sorted(groups.items()):
        counts = {e: sum(e in of_lot[row] for row in rows) for e in sorted({e for row in rows for e in of_lot[row]})}
        elements = [e for e, count in counts.items() if count >= MOST_HAVE * len(rows)]
        kept = [row for row in rows if all(e in of_lot[row] for e in elements)]
        read = [[of_lot[row][e] for e in elements] for row in kept]
        made.append(
            History(
                material=material,
                deposit=deposit,
                lots=np.array(kept, dtype=np.int64),
                symbols=tuple(found.symbols[e] for e in elements),
                grades=np.array([[float(found.value[p].mean()) for p in line] for line in read]).reshape(len(kept), -1),
                reading_v=np.array([[_relative_v(found.value[p], found.u[p]) for p in line] for line in read]).reshape(
                    len(kept), -1
                ),
                entries=tuple(
                    tuple(sorted({int(flows.measurements["seq"][found.row[p]]) for places in line for p in places}))
                    for line in read
                ),
                left_out=len(rows) - len(kept),
            )
        )
    return made


def _relative_v(value: Array, u: Array) -> float:
    """Of a mean of determinations; what nobody gives counts as nothing, so that the spread of the lots has it."""
    return float((np.nan_to_num(u / value) ** 2).sum()) / value.size**2


def _rows(flows: Flows) -> Rows:
    """(name + 1,) the row of the lot of each name; -1 for none, and for no name."""
    row_of = np.full(len(flows.names) + 1, -1, dtype=np.int64)
    row_of[flows.lots["lot"]] = np.arange(flows.lots.rows)
    return row_of
