"""Sums of an element over flows, as figures: with limits where a part is unknown, and assays that are shared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lodeline.metal.flows.element import Share
from lodeline.units.figure import Figure, Standing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.element import ElementMass
    from lodeline.metal.flows.flows import Flows

Signed = tuple["NDArray[np.int64]", "NDArray[np.int64]"]
"""The flows that a sum adds, and those that it takes away; rows of the flows."""

ENTRIES_NAMED = 24
"""Entries that a sum names; of more it gives their range and number."""


def variance(u_kg: NDArray[np.float64], shares: Sequence[Share], sign: NDArray[np.float64]) -> float:
    """The variance of a signed sum of masses, kg^2; NaN where the uncertainty of any is unknown.

    ``u^2 = sum_d (sum_i s_i u_id)^2 + sum_i (u_i^2 - sum_d u_id^2)`` over determinations d (assays and moistures) and
    masses i, with u_id what d contributes to i and s the sign of a mass in the sum. The masses themselves are taken as
    independent of each other; what all readings of one scale, or all assays of one laboratory, have in common is not in
    it. Source: JCGM 100:2008, 5.2.2, with correlation 1 within a determination.
    """
    if np.isnan(u_kg).any():
        return math.nan
    if not u_kg.size:
        return 0.0
    row = np.concatenate([share.row for share in shares]) if shares else np.zeros(0, dtype=np.int64)
    signed = np.concatenate([sign * share.u_kg for share in shares]) if shares else np.zeros(0)
    _, determination = np.unique(row, return_inverse=True)
    together = np.bincount(determination, weights=signed) if row.size else np.zeros(0)
    alone = u_kg**2 - sum((share.u_kg**2 for share in shares), start=np.zeros(u_kg.size))
    return float((together**2).sum() + np.maximum(alone, 0.0).sum())


class Sums:
    """Sums of one element over flows.

    Two flows whose content was found by one assay, or dried by one moisture, are off together; see :func:`variance`.
    """

    def __init__(self, flows: Flows, mass: ElementMass) -> None:
        self.mass = mass
        self._seq = flows.flows["seq"]

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

    def of_many(self, sums: Sequence[Signed]) -> list[Figure]:
        """The figure of each sum: (plus, minus), rows of the flows; see :meth:`of`."""
        return [self.of(plus, minus) for plus, minus in sums]

    def _u(self, rows: NDArray[np.int64], sign: NDArray[np.float64]) -> float | None:
        shares = [Share(share.row[rows], share.u_kg[rows]) for share in self.mass.shares]
        found = variance(self.mass.u_kg[rows], shares, sign)
        return None if math.isnan(found) else math.sqrt(found)

    def _rests_on(self, rows: NDArray[np.int64]) -> tuple[str, ...]:
        entries = np.unique(self._seq[rows])
        if entries.size > ENTRIES_NAMED:
            return (f"entries {entries[0]} to {entries[-1]}, {entries.size} of them",)
        return tuple(f"entry {entry}" for entry in entries.tolist())
