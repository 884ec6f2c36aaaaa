"""Determinations: what laboratories found of elements, each once, as the element per kilogram of dry mass."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.chemistry.species import species
from lodeline.metal.flows.words import BASIS, QUANTITY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.sides import Sides
    from lodeline.metal.flows.flows import Flows

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Determinations(NamedTuple):
    """All determinations of elements with a value; arrays are (determination,).

    Attributes:
        row: Of the measurements.
        element: Index into ``symbols``.
        factor: Mass of the element per mass of the species it is reported as.
        value, u: kg of the element per kg of dry mass; ``u`` NaN where unknown.
        side: Where it was taken.
        symbols: Of the elements.
    """

    row: Rows
    element: Rows
    factor: Array
    value: Array
    u: Array
    side: Rows
    symbols: tuple[str, ...]


def determinations(flows: Flows, of: Sides) -> Determinations:
    """Every determination that was made, each once, as the element per dry mass."""
    measured = flows.measurements
    wanted = (measured["quantity"] == QUANTITY["fraction"]) & ~measured["inherited"] & ~np.isnan(measured["value"])
    row = np.flatnonzero(wanted & (measured["value"] > 0))
    symbols: dict[str, int] = {}
    element, factor = np.full(len(flows.names) + 1, -1), np.full(len(flows.names) + 1, np.nan)
    for code in np.unique(measured["species"][row]).tolist():
        known = species(flows.names[code])
        element[code] = symbols.setdefault(known.symbol, len(symbols))
        factor[code] = float(known.element_factor)
    side = of.of_flow[measured["flow"][row]]
    water = of.water_row[side]
    wet = measured["basis"][row] == BASIS["wet"]
    dry_per_wet = np.where(water >= 0, 1 - measured["value"][water], np.nan)
    # The moisture's own uncertainty adds to that of a grade per wet mass.
    water_u = np.where(wet, measured["u"][water] / dry_per_wet, 0.0)
    of_species = factor[measured["species"][row]]
    value = measured["value"][row] * of_species / np.where(wet, dry_per_wet, 1.0)
    relative = np.hypot(measured["u"][row] / measured["value"][row], water_u)
    value[measured["basis"][row] == BASIS[""]] = np.nan
    keep = ~np.isnan(value)
    return Determinations(
        row[keep], element[measured["species"][row]][keep].astype(np.int64), of_species[keep], value[keep],
        (value * relative)[keep], side[keep].astype(np.int64), tuple(symbols),
    )  # fmt: skip
