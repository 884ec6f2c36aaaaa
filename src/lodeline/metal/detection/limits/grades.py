"""Grades at both ends of a road: of each element the determination that counts on each side, per dry mass."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.consignments import Consignments
    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Grade(NamedTuple):
    """One element at both ends of roads, whether anybody weighed what went there or not; arrays are (pair,).

    Attributes:
        line: The consignment, if it was weighed at both ends; else -1.
        lot: Name of the lot.
        sent, received: Rows of the two determinations.
        sent_laboratory, received_laboratory: Names; -1 where nobody said.
        x: ``ln (received / sent)``.
        sent_u, received_u: Relative standard uncertainty of each by its certificate.
        kg: Of the element, where it left, else where it came; NaN where unknown.
    """

    line: Rows
    lot: Rows
    sent: Rows
    received: Rows
    sent_laboratory: Rows
    received_laboratory: Rows
    x: Array
    sent_u: Array
    received_u: Array
    kg: Array


def grades(flows: Flows, context: Context, of: Consignments) -> dict[str, Grade]:
    """The grades at both ends, by element; a side without a determination takes that of the side it came from."""
    found = context.determinations
    measured, sides = flows.measurements, context.sides
    priority = np.array(flows.ranking.priorities(), dtype=np.int64)[measured["rank"][found.row]]
    mistaken = np.isin(found.row, context.mistaken.rows)
    line = np.full(sides.number, -1, dtype=np.int64)
    line[of.received.side[::-1]] = np.arange(of.received.side.size)[::-1]  # of several at one place the last stays
    dry_kg = flows.dry().kg
    result = {}
    for number, symbol in enumerate(found.symbols):
        ours = np.flatnonzero((found.element == number) & (found.u > 0) & ~mistaken)
        order = ours[np.lexsort((found.row[ours], priority[ours], found.side[ours]))]
        best = np.full(sides.number, -1, dtype=np.int64)
        best[found.side[order]] = order
        before = np.where(sides.came_from >= 0, _carried(best, sides.came_from)[sides.came_from], -1)
        side = np.flatnonzero((best >= 0) & (before >= 0))
        if not side.size:
            continue
        sent, received = before[side], best[side]
        flow = measured["flow"][found.row]
        dry = np.where(np.isnan(dry_kg[flow[sent]]), dry_kg[flow[received]], dry_kg[flow[sent]])
        result[symbol] = Grade(
            line=line[side],
            lot=flows.flows["lot"][flow[received]].astype(np.int64),
            sent=found.row[sent],
            received=found.row[received],
            sent_laboratory=measured["laboratory"][found.row[sent]].astype(np.int64),
            received_laboratory=measured["laboratory"][found.row[received]].astype(np.int64),
            x=np.log(found.value[received] / found.value[sent]),
            sent_u=found.u[sent] / found.value[sent],
            received_u=found.u[received] / found.value[received],
            kg=dry * found.value[sent],
        )
    return result


def _carried(best: Rows, came_from: Rows) -> Rows:
    """(side,) the determination that counts; where nothing was found that of the side before."""
    found, at = best.copy(), np.arange(best.size)
    while True:
        at = np.where((found < 0) & (at >= 0), came_from[at], -1)
        if (at < 0).all():
            return found
        found = np.where(at >= 0, best[at], found)
