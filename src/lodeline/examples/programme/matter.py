"""True matter: whole milligrams of each element from each source, so that every balance closes to the milligram.

A piece of matter is an int64 array (source, component); components are the elements and the rest of the dry mass.
Water is apart, since plants add it and drive it off. Shares are rounded down, and what is left over stays where it was.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lodeline.examples.programme.chance import Chance
from lodeline.examples.programme.tables import ELEMENTS, REST, Plant, Source, tables

Masses: TypeAlias = NDArray[np.int64]

MG_PER_KG = 1_000_000
COMPONENTS = REST + 1

# Oxygen per metal in Nd2O3, Pr6O11, La2O3 and CeO2, by the standard atomic weights.
# Source: IUPAC abridged standard atomic weights 2021: O 15.999, La 138.91, Ce 140.12, Pr 140.91, Nd 144.24.
_OXYGEN = {
    "La": 3 * 15.999 / (2 * 138.91),
    "Ce": 2 * 15.999 / 140.12,
    "Pr": 11 * 15.999 / (6 * 140.91),
    "Nd": 3 * 15.999 / (2 * 144.24),
}
OXYGEN = np.array([_OXYGEN.get(element, 0.0) for element in ELEMENTS])


def nothing() -> Masses:
    """No matter."""
    return np.zeros((len(tables().sources), COMPONENTS), dtype=np.int64)


def mined(row: int, source: Source, dry_kg: float, chance: Chance) -> Masses:
    """Matter from one source, its grades drawn.

    Args:
        row: The row of the source.
        dry_kg: Dry mass, kg.
    """
    matter = nothing()
    dry_mg = int(dry_kg * MG_PER_KG)
    parts = [
        int(dry_mg * chance.near(source.grade[element][0] * 0.01, source.grade[element][1])) for element in ELEMENTS
    ]
    matter[row] = [*parts, dry_mg - sum(parts)]
    return matter


def share(matter: Masses, part: float) -> Masses:
    """That part of all of it, each component rounded down; ``0 <= part <= 1``."""
    taken: Masses = (matter * part).astype(np.int64)
    return taken


def dry_mg(matter: Masses) -> int:
    """Its dry mass, mg."""
    return int(matter.sum())


def by_element(matter: Masses) -> list[int]:
    """Its components over all sources, mg."""
    found: list[int] = matter.sum(axis=0).tolist()
    return found


class Recovery:
    """What a plant does to a charge, drawn anew for each charge."""

    def __init__(self, plant: Plant) -> None:
        rows = [
            [outlet.parts.get(element, 0.0) for element in ELEMENTS] + [outlet.parts["rest"]] for outlet in plant.outlet
        ]
        self.parts = np.array(rows)  # (outlet, component)
        self.lost = 1.0 - self.parts.sum(axis=0)  # (component)
        self.spread = plant.spread * self.parts * (1.0 - self.parts)
        self.plant = plant

    def outputs(self, charge: Masses, chance: Chance) -> tuple[list[Masses], Masses]:
        """The matter of each outlet, and the loss; together they are the charge to the milligram."""
        drawn = np.array([chance.normal() for _ in range(self.parts.size)]).reshape(self.parts.shape)
        parts = self.parts + self.spread * drawn.clip(-2.5, 2.5)
        parts[-1] = np.maximum(1.0 - self.lost - parts[:-1].sum(axis=0), 0.0)
        left = charge.copy()
        out: list[Masses] = []
        for outlet, part in zip(self.plant.outlet, parts, strict=True):
            taken: Masses = np.minimum((charge * part).astype(np.int64), left)
            if outlet.oxide:
                taken[:, REST] = np.minimum(_oxygen(taken), left[:, REST])
            left -= taken
            out.append(taken)
        return out, left


def _oxygen(taken: Masses) -> NDArray[Any]:
    """The oxygen that the rare earths of each source bind, mg: (source,)."""
    # Column by column and not by a product of arrays, whose order of summation is the machine's own.
    oxygen = np.zeros(len(taken), dtype=np.int64)
    for column in np.flatnonzero(OXYGEN):
        oxygen += (taken[:, column] * OXYGEN[column]).astype(np.int64)
    return oxygen
