"""A reconciled book: the dry mass and the metal of every flow, the bias of every instrument, and what cannot be known.

What was recorded stays as it is; these figures stand beside it. Contracts use the certificate, not these.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.metal.reconciliation.ledger_model import ledger_model
from lodeline.metal.reconciliation.solution import REDUNDANT
from lodeline.metal.reconciliation.solving import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.instruments import Instruments
    from lodeline.metal.policy import Policy
    from lodeline.metal.reconciliation.biases import Bias
    from lodeline.metal.reconciliation.candidates import Candidates
    from lodeline.metal.reconciliation.ledger_model import LedgerModel
    from lodeline.metal.reconciliation.readings import Readings
    from lodeline.metal.reconciliation.solution import Solution

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

STANDINGS: Final = ("unknown", "computed", "measured", "checked")
"""How a reconciled mass is known, from worst to best: nothing determines it; it follows from others; what it is made of
was measured and nothing checks that; it was measured and others check it."""
UNKNOWN, COMPUTED, MEASURED, CHECKED = range(4)


class Estimate(NamedTuple):
    """Reconciled masses of flows; (flow,) each.

    Attributes:
        kg: NaN where nothing determines it. u_kg: standard uncertainty (k = 1).
        standing: Code of how it is known, an index into :data:`STANDINGS`.
    """

    kg: Array
    u_kg: Array
    standing: NDArray[np.uint8]


class BiasEstimate(NamedTuple):
    """What the books say of the bias of an instrument.

    Attributes:
        bias: Which, with its prior.
        value, u: Relative, or kg of an offset; after the reconciliation.
        z: How many standard deviations the estimate is from its prior; 0 where the data say nothing of it.
        told: Part of the prior's standard uncertainty that is left, 0 to 1: near 1, the data cannot tell it.
    """

    bias: Bias
    value: float
    u: float
    z: float
    told: float


class Reading(NamedTuple):
    """One observation beside what the reconciliation says it should have been.

    Attributes:
        row: Row of the measurement. kind: ``mass``, ``moisture`` or ``fraction``. element: of a fraction, its symbol.
        value, u, expected: As read, its standard uncertainty, and as reconciled; kg, or kg per kg.
        z: Residual over its own standard deviation; None where nothing checks the reading.
    """

    row: int
    kind: str
    element: str
    value: float
    u: float
    expected: float
    z: float | None


class Reconciled:
    """A reconciled book. Nothing in it changes.

    Attributes:
        flows: What was reconciled. ledger: it as a problem. solution: the answer.
        unlimited: Why the limits of masses and fractions are not kept; None where they are.
    """

    def __init__(
        self, flows: Flows, ledger: LedgerModel, solution: Solution, *, unlimited: InputError | None = None
    ) -> None:
        self.flows, self.ledger, self.solution, self.unlimited = flows, ledger, solution, unlimited

    @classmethod
    def of(cls, flows: Flows, ledger: LedgerModel) -> Reconciled:
        """Solve the problem of a book within its limits, or without them where no search keeps them all.

        Raises:
            InputError: ``reconcile.not_converged``, ``reconcile.constraints_disagree``.
        """
        try:
            return cls(flows, ledger, solve(ledger.model, limits_inform=False))
        except InputError as refusal:
            # Readings that contradict each other beyond any limit are refused once more.
            return cls(flows, ledger, solve(ledger.model.without_limits()), unlimited=refusal)

    @property
    def elements(self) -> tuple[str, ...]:
        """Symbols of the elements that were reconciled."""
        return self.ledger.elements

    @cached_property
    def dry(self) -> Estimate:
        """The dry mass of each flow."""
        of, solution = self.ledger, self.solution
        variable = of.dry[of.streams.mass]
        u = solution.u[variable]
        standing = np.where(np.isnan(u), UNKNOWN, np.maximum(self._weighed[of.streams.mass], COMPUTED))
        return Estimate(np.where(np.isnan(u), np.nan, solution.x[variable]), u, standing.astype(np.uint8))

    def element(self, symbol: str) -> Estimate:
        """The mass of an element in each flow.

        ``u^2 = g^2 u(D)^2 + D^2 u(g)^2 + 2 D g cov(D, g)`` where the flow has a grade; else that of its own unknown.
        """
        of, x = self.ledger, self.solution.x
        dry, grade, metal = self.parts(symbol)
        u2, mass, composition = self.solution.u**2, of.streams.mass, of.streams.composition
        with_grade, alone = grade >= 0, (grade < 0) & (metal >= 0)
        kg, spread = np.full(dry.size, np.nan), np.full(dry.size, np.nan)
        at = np.flatnonzero(with_grade)
        d, g = dry[at], grade[at]
        both = np.unique(np.stack([d, g], axis=1), axis=0, return_inverse=True)
        shared = self.solution.pair_covariances(both[0][:, 0], both[0][:, 1])[both[1].ravel()]
        kg[at] = x[d] * x[g]
        spread[at] = x[g] ** 2 * _known(u2[d]) + x[d] ** 2 * _known(u2[g]) + 2 * x[d] * x[g] * shared
        kg[alone], spread[alone] = x[metal[alone]], u2[metal[alone]]
        lost = self._loose(dry, grade, metal)
        kg[lost], spread[lost] = np.nan, np.nan
        assayed = self._assayed(symbol)[composition]
        standing = np.where(with_grade & (self._weighed[mass] > 0), np.minimum(self._weighed[mass], assayed), COMPUTED)
        standing = np.where(np.isnan(kg), UNKNOWN, np.maximum(standing, COMPUTED))
        return Estimate(kg, np.sqrt(np.maximum(spread, 0.0)), standing.astype(np.uint8))

    def parts(self, symbol: str) -> tuple[Rows, Rows, Rows]:
        """Variables that the mass of an element in each flow is made of, (flow,) each: dry mass, grade, own mass.

        The last two are -1 where there is none; without either the mass is unknown.
        """
        of = self.ledger
        column = of.elements.index(symbol)
        grade = of.grade[of.streams.composition, column]
        return of.dry[of.streams.mass], grade, np.where(grade < 0, of.metal[of.streams.mass, column], -1)

    @cached_property
    def candidates(self) -> Candidates:
        """Everything that could be measured next."""
        from lodeline.metal.reconciliation.candidates import candidates

        return candidates(self)

    def biases(self) -> tuple[BiasEstimate, ...]:
        """Every bias of every instrument and standard."""
        solution, found = self.solution, []
        for bias, variable, row in zip(
            self.ledger.biases.listed, self.ledger.biases.variable, self.ledger.biases.observation, strict=True
        ):
            own = solution.residual_u[row]
            found.append(
                BiasEstimate(
                    bias=bias,
                    value=float(solution.x[variable]),
                    u=float(solution.u[variable]),
                    z=float(-solution.residual[row] / own) if own > 0 else 0.0,
                    told=float(solution.u[variable] / bias.prior_u),
                )
            )
        return tuple(found)

    def readings(self) -> tuple[Reading, ...]:
        """Every reading that has a weight, in order of kind and row."""
        return tuple(
            reading for kind, readings, rows in self.observed() for reading in self._readings(kind, readings, rows)
        )

    def observed(self) -> tuple[tuple[str, Readings, Rows], ...]:
        """The readings by kind, with their observations."""
        of = self.ledger
        return (
            ("mass", of.read.masses, of.mass_row),
            ("moisture", of.read.moistures, of.moisture_row),
            ("fraction", of.read.fractions, of.fraction_row),
        )

    def _readings(self, kind: str, readings: Readings, rows: Rows) -> list[Reading]:
        solution = self.solution
        residual, own = solution.residual[rows], solution.residual_u[rows]
        return [
            Reading(
                row=int(row),
                kind=kind,
                element=self.elements[subject] if subject >= 0 else "",
                value=float(value),
                u=float(u),
                expected=float(value - left),
                z=float(left / spread) if spread > 0 else None,
            )
            for row, subject, value, u, left, spread in zip(
                readings.row, readings.subject, readings.value, readings.u, residual, own, strict=True
            )
        ]

    @cached_property
    def _weighed(self) -> Rows:
        """(mass,) MEASURED or CHECKED where a scale weighed it, 0 elsewhere."""
        of = self.ledger
        found = np.zeros(of.streams.masses, dtype=np.int64)
        checked = self.solution.residual_u[of.mass_row] > 0
        np.maximum.at(found, of.streams.mass[of.read.masses.flow], np.where(checked, CHECKED, MEASURED))
        return found

    def _assayed(self, symbol: str) -> Rows:
        """(composition,) MEASURED or CHECKED where a laboratory found the element, 0 elsewhere."""
        element = self.elements.index(symbol)
        klass = self.solution.klass[np.maximum(self.ledger.grade[:, element], 0)]
        return np.where(self.ledger.assayed[:, element], np.where(klass == REDUNDANT, CHECKED, MEASURED), 0)

    def _loose(self, dry: Rows, grade: Rows, metal: Rows) -> NDArray[np.bool_]:
        """(flow,) where nothing determines the mass of the element."""
        from lodeline.metal.reconciliation.solution import LOOSE

        directions = self.solution.loose_directions
        scale, x = self.solution.model.scale, self.solution.x
        if not directions.shape[1]:
            return (grade < 0) & (metal < 0)
        moved = directions * scale[:, None]
        product = x[grade][:, None] * moved[dry] + x[dry][:, None] * moved[grade]
        largest = np.maximum(np.abs(x[grade]) * scale[dry], np.abs(x[dry]) * scale[grade])
        of_product = np.abs(product).max(axis=1) > LOOSE * np.maximum(largest, np.finfo(float).tiny)
        of_metal = np.abs(directions[metal]).max(axis=1) > LOOSE
        return np.where(grade >= 0, of_product, np.where(metal >= 0, of_metal, True))


def _known(variance: Array) -> Array:
    """A variance where there is one; whether a product is known is told by its directions, and not by its factors."""
    return np.nan_to_num(variance, nan=0.0)


def reconcile_flows(
    flows: Flows, instruments: Instruments, policy: Policy, elements: tuple[str, ...] | None = None
) -> Reconciled:
    """Reconcile a book.

    Args:
        flows: Of the book.
        instruments: Priors of biases, from its master data.
        policy: In force.
        elements: Symbols; None for every element that was assayed.

    Raises:
        InputError: ``chemistry.element_unknown``, ``reconcile.not_converged``, ``reconcile.constraints_disagree``.
    """
    from lodeline.chemistry.elements import element

    asked = flows.elements() if elements is None else tuple(dict.fromkeys(elements))
    for symbol in asked:
        element(symbol)
    ledger = ledger_model(flows, instruments, policy, asked)
    return Reconciled.of(flows, ledger)
