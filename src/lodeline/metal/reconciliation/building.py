"""Building a problem column by column: blocks of variables, observations and constraints, each with its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.metal.reconciliation.model import Correlation, Model, Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Building:
    """A problem that grows. Every method that adds a block gives back the numbers of its rows."""

    def __init__(self) -> None:
        self.variables = self.observations = self.constraints = 0
        self._start: list[Array] = []
        self._scale: list[Array] = []
        self._lower: list[Array] = []
        self._upper: list[Array] = []
        self._value: list[Array] = []
        self._u: list[Array] = []
        self._observed: list[Terms] = []
        self._constant: list[Array] = []
        self._constrained: list[Terms] = []
        self.ceilings = 0
        self._ceiling: list[Array] = []
        self._summed: list[Terms] = []

    def variable(
        self, start: Array, scale: Array, *, lower: float | Array = -np.inf, upper: float | Array = np.inf
    ) -> Rows:
        """Variables, one an entry: where the search begins, their typical sizes, and their limits."""
        first, self.variables = self.variables, self.variables + start.size
        self._start.append(start)
        self._scale.append(scale)
        self._lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), start.shape))
        self._upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), start.shape))
        return np.arange(first, self.variables)

    def observation(self, value: Array, u: Array) -> Rows:
        """Measured values with their standard uncertainties; say with :meth:`measures` of what."""
        first, self.observations = self.observations, self.observations + value.size
        self._value.append(value)
        self._u.append(u)
        return np.arange(first, self.observations)

    def measures(self, rows: Rows, coefficient: float | Array, first: Rows, second: Rows | None = None) -> None:
        """Observations ``rows`` contain ``coefficient * x[first] * x[second]``; (row,) each."""
        self._observed.append(_terms(rows, coefficient, first, second))

    def constraint(self, constant: Array) -> Rows:
        """Constraints with their constants; say with :meth:`balances` what each sums."""
        first, self.constraints = self.constraints, self.constraints + constant.size
        self._constant.append(constant)
        return np.arange(first, self.constraints)

    def balances(self, rows: Rows, coefficient: float | Array, first: Rows, second: Rows | None = None) -> None:
        """Constraints ``rows`` contain ``coefficient * x[first] * x[second]``; (row,) each."""
        self._constrained.append(_terms(rows, coefficient, first, second))

    def at_most(self, ceiling: Array) -> Rows:
        """Sums that are at most so much; say with :meth:`sums` of what."""
        first, self.ceilings = self.ceilings, self.ceilings + ceiling.size
        self._ceiling.append(ceiling)
        return np.arange(first, self.ceilings)

    def sums(self, rows: Rows, coefficient: float | Array, first: Rows, second: Rows | None = None) -> None:
        """Ceilings ``rows`` are of ``coefficient * x[first] * x[second]`` too; (row,) each."""
        self._summed.append(_terms(rows, coefficient, first, second))

    def model(self, pairs: Rows) -> Model:
        """The problem as it stands; ``pairs`` (pair, 2) are variables whose covariance will be asked."""
        return Model(
            start=_joined(self._start),
            scale=_joined(self._scale),
            value=_joined(self._value),
            u=_joined(self._u),
            terms=_together(self._observed),
            constant=_joined(self._constant),
            constraint_terms=_together(self._constrained),
            lower=_joined(self._lower),
            upper=_joined(self._upper),
            correlation=Correlation.none(),
            pairs=pairs,
            ceiling=_joined(self._ceiling),
            ceiling_terms=_together(self._summed),
        )


def _terms(rows: Rows, coefficient: float | Array, first: Rows, second: Rows | None) -> Terms:
    size = rows.size
    return Terms(
        rows.astype(np.int64),
        np.broadcast_to(np.asarray(coefficient, dtype=np.float64), (size,)),
        np.broadcast_to(first, (size,)).astype(np.int64),
        np.full(size, -1, dtype=np.int64) if second is None else np.broadcast_to(second, (size,)).astype(np.int64),
    )


def _joined(parts: list[Array]) -> Array:
    return np.concatenate(parts) if parts else np.zeros(0)


def _together(parts: list[Terms]) -> Terms:
    return Terms(*(np.concatenate(columns) for columns in zip(*parts, strict=True))) if parts else Terms.none()
