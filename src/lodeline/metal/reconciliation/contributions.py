"""Contributions: what each reading, bias and supposition adds to the variance of a figure, and what it holds up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypedDict

import msgspec
import numpy as np

from lodeline.metal.flows.words import QUANTITY
from lodeline.metal.reconciliation.figure_names import bias_name, described
from lodeline.metal.reconciliation.solution import CHECKED
from lodeline.metal.reconciliation.weights import covariance_with

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from lodeline.metal.reconciliation.readings import Readings
    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.metal.reconciliation.solution import Solution

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

ROUNDS = 5
"""How often a solution is refined by what a sparse factor holds the unknowns; each round gains one digit or more."""
NONE = 1e-12
"""Below this part of the variance a reading has no part in a figure: it moves it by less than a millionth of u."""


LOSS: Final = "what the policy supposes is lost on the road ([transit] loss)"
DRYING: Final = "what the policy supposes dries up on the road ([transit] drying)"

Kind = Literal["weighing", "moisture", "assay", "declaration", "bias", "supposition"]
_KINDS: Final[dict[str, Literal["weighing", "moisture", "assay"]]] = {
    "mass": "weighing",
    "moisture": "moisture",
    "fraction": "assay",
}


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure rests on.

    Attributes:
        kind: ``weighing``, ``moisture``, ``assay`` or ``declaration``, each one reading; ``bias``, what all readings of
            an instrument or standard have in common; ``supposition``, what a policy supposes of all roads.
        what: In words; of a bias its name.
        entry: Ledger entry of the reading; None of the others.
        lot, element, instrument: URI, symbol and URI; None where there is none.
        value, u: As read, or as known before, kg or kg per kg (of a bias a part of the value, or kg); None where
            several are summed. expected: as reconciled.
        sensitivity: By how much the figure moves where the value moves by one unit; None where several are summed.
        share: Part of the figure's variance, 0 to 1.
        without: What the figure would be without it, to first order; None where nothing would determine it then, or
            where several are summed.
        supposed: The ledger entry of the policy that supposes u; None where the record gives it.
    """

    kind: Kind
    what: str
    share: float
    entry: int | None = None
    lot: str | None = None
    element: str | None = None
    instrument: str | None = None
    value: float | None = None
    u: float | None = None
    expected: float | None = None
    sensitivity: float | None = None
    without: float | None = None
    supposed: int | None = None


def refined(solution: Solution, weight: sparse.csr_array) -> Array:
    """(variable, k) as :func:`covariance_with`, without what a sparse factor holds the unknowns by itself."""
    z = covariance_with(solution, weight)
    hold = solution.stepper.hold
    if not hold.any():
        return z
    # (H + E) z = w + E z at the end, so that H z = w.
    free, size = solution.free, solution.size[:, None]
    right = weight.toarray().T[free]
    for _ in range(ROUNDS):
        held = hold[:, None] * z[free] / size**2
        z[free] = solution.covariance_times(right + held)
    return z


def seen(solution: Solution, z: Array) -> Array:
    """(observation,) how far the figure moves where each measured value moves by one unit; z of one figure."""
    return np.asarray(solution.whitening.T @ (solution.jacobian @ z))


def contributions(reconciled: Reconciled, sensitivity: Array, value: float) -> tuple[Contribution, ...]:
    """Everything that a figure rests on, the largest part first.

    Args:
        sensitivity: (observation,) from :func:`seen`.
        value: Of the figure.
    """
    solution = reconciled.solution
    part = (sensitivity * solution.model.u) ** 2
    total = float(part.sum())
    if total == 0:
        return ()
    share = part / total
    kept = 1 - np.where(solution.checked_part > CHECKED, 1 - solution.checked_part, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        without = np.where(kept > 0, value - sensitivity * solution.residual / kept, np.nan)
    making = _Making(reconciled, share, sensitivity, without)
    found = [*making.readings(), *making.biases(), *making.suppositions()]
    return tuple(sorted(found, key=lambda one: (-one.share, one.entry or 0)))


class _Numbers(TypedDict):
    value: float
    u: float
    expected: float
    sensitivity: float
    share: float
    without: float | None


def _sentence(kind: Kind, of: str, element: str | None) -> str:
    if kind == "assay":
        return f"{element} in {of}"
    return {"weighing": "weight of ", "moisture": "moisture of ", "declaration": "declared mass of "}[kind] + of


class _Making:
    """The contributions to one figure; every array is (observation,)."""

    def __init__(self, reconciled: Reconciled, share: Array, sensitivity: Array, without: Array) -> None:
        self._one, self._share, self._sensitivity, self._without = reconciled, share, sensitivity, without
        self._said = np.zeros(share.size, dtype=bool)

    def readings(self) -> list[Contribution]:
        return [one for kind, read, rows in self._one.observed() for one in self._of(kind, read, rows)]

    def _of(self, kind: str, read: Readings, rows: Rows) -> list[Contribution]:
        flows, measured = self._one.flows, self._one.flows.measurements
        self._said[rows] = True
        found = []
        for at in np.flatnonzero(self._share[rows] > NONE).tolist():
            row, observation = int(read.row[at]), int(rows[at])
            declared = measured["quantity"][row] == QUANTITY["declared"]
            element = self._one.elements[read.subject[at]] if kind == "fraction" else None
            flow = int(read.flow[at])
            supposed = int(measured["u_policy"][row])
            found.append(
                Contribution(
                    kind="declaration" if declared else _KINDS[kind],
                    what=_sentence("declaration" if declared else _KINDS[kind], described(flows, flow), element),
                    entry=int(measured["seq"][row]),
                    lot=flows.name(int(flows.flows["lot"][flow])),
                    element=element,
                    instrument=flows.name(int(read.by[at])),
                    supposed=None if supposed < 0 else supposed,
                    **self._numbers(observation),
                )
            )
        return found

    def biases(self) -> list[Contribution]:
        biases = self._one.ledger.biases
        self._said[np.array(biases.observation, dtype=np.int64)] = True
        return [
            Contribution(
                kind="bias",
                what=bias_name(bias),
                element=bias.subject or None,
                instrument=bias.id,
                **self._numbers(row),
            )
            for bias, row in zip(biases.listed, biases.observation, strict=True)
            if self._share[row] > NONE
        ]

    def suppositions(self) -> list[Contribution]:
        """What is left are suppositions of roads: those that speak of moistures, and those of masses."""
        drying = self._drying()
        found = []
        for what, mask in ((DRYING, drying), (LOSS, ~drying)):
            rows = np.flatnonzero(~self._said & mask & (self._share > 0))
            share = float(self._share[rows].sum())
            if share > NONE:
                found.append(Contribution(kind="supposition", what=what, share=share))
        return found

    def _drying(self) -> NDArray[np.bool_]:
        """(observation,) those that speak of a moisture, or of an unknown that only these speak of."""
        model, moisture = self._one.solution.model, self._one.ledger.moisture
        water = np.zeros(self._one.solution.x.size + 1, dtype=bool)
        water[moisture[moisture >= 0]] = True
        terms = model.terms
        about = np.zeros(model.value.size, dtype=bool)
        about[terms.row[water[terms.first]]] = True
        of_route = ~self._said[terms.row] & (terms.second >= 0) & about[terms.row]
        water[terms.second[of_route]] = True
        about[terms.row[water[terms.first]]] = True
        return about

    def _numbers(self, row: int) -> _Numbers:
        solution = self._one.solution
        value, without = float(solution.model.value[row]), float(self._without[row])
        return {
            "value": value,
            "u": float(solution.model.u[row]),
            "expected": value - float(solution.residual[row]),
            "sensitivity": float(self._sensitivity[row]),
            "share": float(self._share[row]),
            "without": None if np.isnan(without) else without,
        }
