"""Compositions: what a kilogram of each has of the element, and what determinations contribute to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.element import ElementMass

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Compositions:
    """What a kilogram of each composition has, and what determinations contribute to it.

    Attributes:
        fraction: (composition,) kg/kg; NaN where unknown.
        shares: For each kind of determination its row of each composition, -1 for none, and by how much the fraction is
            off where it is off by one standard uncertainty, kg/kg; NaN where unknown.
    """

    def __init__(self, composition: Rows, mass: ElementMass, kg: Array) -> None:
        size = int(composition.max(initial=-1)) + 1
        self.fraction = np.full(size, np.nan)
        # A flow of which nobody said a mass has the composition of another one, and says nothing of it itself.
        order = np.argsort(~np.isnan(mass.fraction), kind="stable")
        self.fraction[composition[order]] = mass.fraction[order]
        some = np.flatnonzero(kg > 0)
        shown = np.full(size, -1, dtype=np.int64)
        shown[composition[some]] = some
        self.shares: list[tuple[Rows, Array]] = []
        for share in mass.shares:
            row = np.full(size, -1, dtype=np.int64)
            row[composition[order]] = share.row[order]
            per_kg = np.where(row < 0, 0.0, np.nan)
            of = np.flatnonzero(shown >= 0)
            per_kg[of] = share.u_kg[shown[of]] / kg[shown[of]]
            self.shares.append((row, per_kg))

    def extended(self, size: int) -> Compositions:
        """With further compositions of which nothing is known."""
        more = size - self.fraction.size
        longer = object.__new__(Compositions)
        longer.fraction = np.concatenate([self.fraction, np.full(more, np.nan)])
        longer.shares = [
            (np.concatenate([row, np.full(more, -1)]), np.concatenate([per_kg, np.zeros(more)]))
            for row, per_kg in self.shares
        ]
        return longer
