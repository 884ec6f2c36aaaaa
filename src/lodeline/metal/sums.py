"""Sums of an element over flows, as figures: with limits where a part is unknown, and assays that are shared."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lodeline.units.figure import Figure, Standing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.element import ElementMass
    from lodeline.metal.flows.flows import Flows

ENTRIES_NAMED = 24
"""Entries that a sum names; of more it gives their range and number."""


class Sums:
    """Sums of one element over flows.

    Two flows whose content was found by one assay are off together: if the assay is high, both are. So
    ``u^2 = sum_a (u_a/f_a * sum_i s_i m_i)^2 + sum_i (u_i^2 - (u_a/f_a * m_i)^2)``, over assays a and the flows i that
    each serves, s the sign of a flow in the sum. Masses and moistures are taken as independent of each other; what all
    readings of one scale have in common is not in it. Source: JCGM 100:2008, 5.2.2, with correlation 1 within an assay.
    """

    def __init__(self, flows: Flows, mass: ElementMass) -> None:
        measured = flows.measurements
        self.mass = mass
        self._seq = flows.flows["seq"]
        row = mass.row
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = measured["u"] / measured["value"]
        # (flow,) standard uncertainty of the assay in kg of the element; 0 where no single assay gives it.
        by_assay = np.where(row >= 0, relative[row] * mass.kg, 0.0) if measured.rows else np.zeros(row.size)
        self._by_assay = np.where(np.isfinite(by_assay), by_assay, 0.0)
        self._alone = np.maximum(mass.u_kg**2 - self._by_assay**2, 0.0)

    def of(self, plus: NDArray[np.int64], minus: NDArray[np.int64] | None = None) -> Figure:
        """The sum over the flows ``plus`` less that over ``minus``, KGM; rows of the flows.

        Nothing at all sums to 0. A part with limits gives limits, and one of which nothing is known is at least 0. With
        both limits, ``u`` is that of the known parts: how far both limits may be off together.
        """
        less = np.zeros(0, dtype=np.int64) if minus is None else minus
        rows = np.concatenate([plus, less])
        sign = np.concatenate([np.ones(plus.size), -np.ones(less.size)])
        kg = self.mass.kg[rows]
        known = ~np.isnan(kg)
        rests_on = self._rests_on(rows)
        if known.all():
            value = math.fsum(kg * sign)
            return Figure(value=value, u=self._u(rows, sign), unit="KGM", standing="computed", rests_on=rests_on)
        least = np.where(known, kg, np.nan_to_num(self.mass.low_kg[rows], nan=0.0))
        most = np.where(known, kg, np.nan_to_num(self.mass.high_kg[rows], nan=np.inf))
        low = float(np.where(sign > 0, least, -most).sum())
        high = float(np.where(sign > 0, most, -least).sum())
        if not less.size and not known.any() and low == 0:
            low = -math.inf  # at least nothing is nothing that is known
        standing: Standing = "bounded" if math.isfinite(low) or math.isfinite(high) else "unknown"
        closed = math.isfinite(low) and math.isfinite(high)
        return Figure(
            value=None,
            u=self._u(rows[known], sign[known]) if closed else None,
            low=low if math.isfinite(low) else None,
            high=high if math.isfinite(high) else None,
            unit="KGM",
            standing=standing,
            rests_on=rests_on,
        )

    def _u(self, rows: NDArray[np.int64], sign: NDArray[np.float64]) -> float | None:
        u = self.mass.u_kg[rows]
        if np.isnan(u).any():
            return None
        signed = sign * self._by_assay[rows]
        _, assay = np.unique(self.mass.row[rows], return_inverse=True)
        together = np.bincount(assay, weights=signed) if rows.size else np.zeros(0)
        return math.sqrt(float((together**2).sum() + self._alone[rows].sum()))

    def _rests_on(self, rows: NDArray[np.int64]) -> tuple[str, ...]:
        entries = np.unique(self._seq[rows])
        if entries.size > ENTRIES_NAMED:
            return (f"entries {entries[0]} to {entries[-1]}, {entries.size} of them",)
        return tuple(f"entry {entry}" for entry in entries.tolist())
