"""Grades at both ends of a road: of each element the determination that counts on each side, per dry mass."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits_consignments import Consignments
    from lodeline.metal.detection.limits_context import Context
    from lodeline.metal.flows.flows import Flows

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Grade(NamedTuple):
    """One element at both ends; arrays are (pair,).

    Attributes:
        line: The consignment.
        sent, received: Rows of the two determinations.
        sent_laboratory, received_laboratory: Names; -1 where nobody said.
        x: ``ln (received / sent)``.
        sent_u, received_u: Relative standard uncertainty of each by its certificate.
        fraction: At the sending end, kg of the element per kg of dry mass.
    """

    line: Rows
    sent: Rows
    received: Rows
    sent_laboratory: Rows
    received_laboratory: Rows
    x: Array
    sent_u: Array
    received_u: Array
    fraction: Array


def grades(flows: Flows, context: Context, of: Consignments) -> dict[str, Grade]:
    """The grades at both ends, by element; a side without a determination takes that of the side it came from."""
    found = context.determinations
    measured = flows.measurements
    priority = np.array(flows.ranking.priorities(), dtype=np.int64)[measured["rank"][found.row]]
    mistaken = np.isin(found.row, context.mistaken.rows)
    result = {}
    for number, symbol in enumerate(found.symbols):
        ours = np.flatnonzero((found.element == number) & (found.u > 0) & ~mistaken)
        order = ours[np.lexsort((found.row[ours], priority[ours], found.side[ours]))]
        best = np.full(context.sides.number, -1, dtype=np.int64)
        best[found.side[order]] = order
        sent, received = _carried(best, context.sides.came_from)[of.sent.side], best[of.received.side]
        line = np.flatnonzero((sent >= 0) & (received >= 0))
        sent, received = sent[line], received[line]
        result[symbol] = Grade(
            line, found.row[sent], found.row[received],
            measured["laboratory"][found.row[sent]].astype(np.int64),
            measured["laboratory"][found.row[received]].astype(np.int64),
            np.log(found.value[received] / found.value[sent]),
            found.u[sent] / found.value[sent],
            found.u[received] / found.value[received],
            found.value[sent],
        )  # fmt: skip
    return {symbol: grade for symbol, grade in result.items() if grade.line.size}


def _carried(best: Rows, came_from: Rows) -> Rows:
    """(side,) the determination that counts; where nothing was found that of the side before."""
    found, at = best.copy(), np.arange(best.size)
    while True:
        at = np.where((found < 0) & (at >= 0), came_from[at], -1)
        if (at < 0).all():
            return found
        found = np.where(at >= 0, best[at], found)
