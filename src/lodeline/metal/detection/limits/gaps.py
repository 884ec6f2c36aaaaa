"""Gaps: weighted sums of masses of flows, group by group, with all that their masses share.

``gap = sum(w m)``. Its variance is ``sum_d (sum w u_d)^2 + sum w^2 (u^2 - sum_d u_d^2)`` over determinations d, which
several flows may share (see :func:`lodeline.metal.sums.variance`), and ``sum_b (sum w m c_b)^2`` over the biases b of
scales and of laboratories, each c the part of a mass that one standard uncertainty of the bias is. Source: JCGM
100:2008, 5.2.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.detection.limits.grouping import squared_together, summed
from lodeline.metal.flows.words import QUANTITY
from lodeline.metal.weighed import counts_as

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.element import ElementMass
    from lodeline.metal.flows.flows import Flows

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Gaps(NamedTuple):
    """Weighted sums; (group,) each.

    Attributes:
        kg: The sum.
        u_kg: Its standard uncertainty; NaN where that of a part is unknown.
    """

    kg: Array
    u_kg: Array


def gaps(
    flows: Flows,
    context: Context,
    mass: ElementMass,
    *,
    rows: Rows,
    group: Rows,
    weight: Array,
    count: int,
    scales: bool = True,
) -> Gaps:
    """The sums over flows of known mass.

    Args:
        mass: From ``weighed(flows, …)``, so that what counts for a flow is what it was weighed at.
        rows: (part,) flows.
        group: (part,) number of the sum each is a part of, from 0 to ``count``.
        weight: (part,)
        scales: Whether the biases of scales are in it.
    """
    kg, u, measured = mass.kg[rows], mass.u_kg[rows], flows.measurements
    alone, v = u**2, np.zeros(count)
    for share in mass.shares:
        row, part = share.row[rows], share.u_kg[rows]
        alone = alone - np.where(row >= 0, part**2, 0.0)
        v += squared_together(weight * part, group, row, count)
        if not measured.rows:
            continue
        moisture = measured["quantity"][row] == QUANTITY["moisture"]
        laboratory = np.where(row >= 0, measured["laboratory"][row], -1).astype(np.int64)
        bias = np.where(moisture, context.moisture_u[laboratory], context.laboratory_u[laboratory])
        with np.errstate(divide="ignore", invalid="ignore"):
            # What the value itself contributes, of which the bias is a part.
            by_value = np.where((row >= 0) & (bias > 0), part / measured["u"][row] * measured["value"][row] * bias, 0.0)
        # A laboratory is off in its moistures by another bias than in its assays.
        who = np.where(laboratory >= 0, 2 * laboratory + moisture, -1)
        v += squared_together(weight * by_value, group, who, count)
    if scales and measured.rows:
        read = context.sides.mass_row[counts_as(flows)[rows]]
        device = np.where(read >= 0, measured["device"][read], -1).astype(np.int64)
        v += squared_together(weight * kg * context.scale_u[device], group, device, count)
    v += summed(weight**2 * np.maximum(alone, 0.0), group, count)
    return Gaps(summed(weight * kg, group, count), np.sqrt(v))
