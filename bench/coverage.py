"""How often the intervals of a reconciled programme hold what is true: dry masses, masses of elements, biases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeline.examples.programme.tables import ELEMENTS, IDS
from lodeline.examples.programme.truth import COLUMNS, Truth
from lodeline.metal.flows.words import FLOW
from lodeline.metal.reconciliation.reconciled import Reconciled

Array = NDArray[np.float64]

WIDTH = 1.959964
"""Standard uncertainties to each side of a 95 % interval."""
MG = 1e-6
"""Kilograms."""
ROUGH = ("fusion", "ISO 9599")
"""Methods whose laboratories are biased as their priors say; a more precise one is biased less."""
PRECISE = ("Cu",)
"""Elements that even those find more precisely."""


class Covered(NamedTuple):
    """How many intervals hold the truth, of how many; and the root mean square of (estimate - truth) / u."""

    inside: int
    total: int
    square: float

    @classmethod
    def of(cls, estimate: Array, u: Array, truth: Array) -> Covered:
        """Of estimates with standard uncertainties; what is unknown does not count."""
        known = np.isfinite(estimate) & np.isfinite(u) & (u > 0)
        z = (estimate[known] - truth[known]) / u[known]
        return cls(int((np.abs(z) <= WIDTH).sum()), z.size, float(z @ z))

    def plus(self, other: Covered) -> Covered:
        """Of both together."""
        return Covered(self.inside + other.inside, self.total + other.total, self.square + other.square)

    @property
    def percent(self) -> float:
        """Percent that hold it."""
        return 100 * self.inside / max(self.total, 1)

    def __str__(self) -> str:
        return f"{self.percent:.1f} % of {self.total:,} (rms z {np.sqrt(self.square / max(self.total, 1)):.2f})"


NOTHING = Covered(0, 0, 0.0)


def masses(reconciled: Reconciled, truth: Truth) -> tuple[Covered, Covered]:
    """Dry masses of lots when they were made, and masses of the elements in them."""
    flow = reconciled.flows.flows
    made = np.flatnonzero(np.isin(flow["kind"], [FLOW["arising"], FLOW["process_out"]]) & (flow["lot"] >= 0))
    number = {name: place for place, name in enumerate(truth.names)}
    rows = [row for row in made.tolist() if reconciled.flows.names[flow["lot"][row]] in number]
    held = [truth.masses(number[reconciled.flows.names[flow["lot"][row]]]) for row in rows]
    dry = Covered.of(
        reconciled.dry.kg[rows],
        reconciled.dry.u_kg[rows],
        np.array([sum(one[name] for name in COLUMNS) * MG for one in held]),
    )
    elements = NOTHING
    for symbol in reconciled.elements:
        if symbol in ELEMENTS:
            found = reconciled.element(symbol)
            true = np.array([one[symbol] * MG for one in held])
            elements = elements.plus(Covered.of(found.kg[rows], found.u_kg[rows], true))
    return dry, elements


def biases(reconciled: Reconciled, told: list[dict[str, Any]]) -> Covered:
    """Biases of instruments by calibration, their own and what they share with others together.

    Args:
        told: Of the truth, without planted faults.
    """
    pairs = list(_biases(reconciled, told))
    if not pairs:
        return NOTHING
    weight = np.zeros((len(pairs), reconciled.solution.x.size))
    for row, (variables, _) in enumerate(pairs):
        weight[row, variables] = 1.0
    value, u = reconciled.solution.functional(weight)
    return Covered.of(value, u, np.array([true for _, true in pairs]))


def _biases(reconciled: Reconciled, told: list[dict[str, Any]]) -> Iterator[tuple[list[int], float]]:
    """The variables of each bias, and what it truly is."""
    of = reconciled.ledger.biases
    shared = {
        (one.id, one.period): place for one, place in zip(of.listed, of.variable, strict=True) if one.kind == "standard"
    }
    scales = {f"{IDS}/scale/{one['scale']}": one for one in told if "scale" in one}
    laboratories = {f"{IDS}/laboratory/{one['laboratory']}": one for one in told if "laboratory" in one}
    for one, variable in zip(of.listed, of.variable, strict=True):
        true = {"scale": scales, "laboratory": laboratories}.get(one.kind, {}).get(one.id)
        if true is None or (one.kind == "laboratory" and (one.method not in ROUGH or one.subject in PRECISE)):
            continue
        bias = true["bias"] if one.kind == "scale" else true["bias"].get(one.subject)
        common = shared.get((f"{IDS}/standard/{true['chain']}", one.period))
        if bias is not None and common is not None:
            yield [variable, common], float(bias[one.period])
