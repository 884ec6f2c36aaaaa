"""The field in which faults are looked for: what every reading and balance of a book says, and how these vary together.

At a place x the problem is linear, with whitened jacobian J, constraints G and whitened residuals r after one step, and
multipliers l of the constraints. Where nothing is wrong r and l vary with a covariance M that follows from J and G
alone. A fault of size b moves them by ``b M d``, d its direction: by how much a fault of one shifts each whitened
value and opens each constraint. So ``seen = d'(r, l)``, ``weight = d'M d``, ``T = seen / sqrt(weight)``, and taking
out what is explained by directions found already is an orthogonal projection,

    (r, l) - q q'(...)        M - q q'        q = M d / sqrt(weight)

one after another. Nothing is factored anew. Source: as in :mod:`lodeline.metal.detection.gross_errors.projection`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from lodeline.metal.reconciliation.sparse_step import SparseStep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.model import Model

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

AT_ONCE, NUMBERS = 128, 20_000_000
"""Right sides that are solved for together, at most, and numbers that they may hold."""
SPENT = 1e-4
"""A direction of which less than this part is left beside those found already can no longer be told from them."""


class Direction(NamedTuple):
    """What a fault of size one does.

    Attributes:
        rows: Observations it shifts. shift: by how much, in the unit of each, for a size of one.
        balances: Constraints it opens. leak: what each then really comes to: of a balance, what is lost.
    """

    rows: Rows
    shift: Array
    balances: Rows
    leak: Array

    @classmethod
    def of_readings(cls, rows: Rows, shift: Array) -> Direction:
        """That shifts readings."""
        return cls(rows, shift, np.zeros(0, dtype=np.int64), np.zeros(0))

    @classmethod
    def of_leak(cls, balances: Rows, leak: Array) -> Direction:
        """That opens balances."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros(0), balances, leak)


class Column(NamedTuple):
    """``M d`` of a direction: of every whitened residual and every multiplier."""

    values: Array
    multipliers: Array


class Field:
    """A problem linearised at a place.

    Attributes:
        model: The problem; its observations are not correlated.
        x: (variable,) the place.
        white: (observation,) whitened residuals r after a step from there.
        multiplier: (constraint,) l.
    """

    def __init__(self, model: Model, x: Array) -> None:
        self.model, self.x = model, x
        rows, scaling = model.constant.size, sparse.diags_array(model.scale)
        self._jacobian = sparse.csr_array(
            sparse.diags_array(1 / model.u) @ model.terms.jacobian(x, model.value.size) @ scaling
        )
        constraints = sparse.csr_array(model.constraint_terms.jacobian(x, rows) @ scaling)
        norm = np.sqrt(np.asarray(constraints.multiply(constraints).sum(axis=1)).ravel())
        norm[norm == 0] = 1.0
        self._norm = norm
        self._stepper = SparseStep(
            self._jacobian, sparse.csr_array(sparse.diags_array(1 / norm) @ constraints), np.zeros((0, 2), np.int64)
        )
        residual = (model.value - model.terms.values(x, model.value.size)) / model.u
        open_by = (model.constant + model.constraint_terms.values(x, rows)) / norm
        self.white, self.multiplier = self._left(residual, open_by)
        _, multiplier_u = self._stepper.multipliers(self.white)
        self.multiplier_weight: Array = (multiplier_u / norm) ** 2

    @cached_property
    def kept(self) -> Array:
        """(observation,) part of the variance of each whitened value that its residual keeps: the diagonal of M."""
        found: Array = self._stepper.free_of_error()
        return found

    def whitened(self, of: Direction) -> Array:
        """(row of the direction,) its shifts over the standard uncertainties."""
        return np.asarray(of.shift / self.model.u[of.rows])

    def _left(self, residual: Array, open_by: Array) -> tuple[Array, Array]:
        """Whitened residuals and multipliers after a step."""
        step, multiplier = self._stepper.step(residual, open_by)
        return residual - self._jacobian @ step, multiplier / self._norm

    def columns(self, of: Sequence[Direction]) -> list[Column]:
        """``M d`` of many."""
        found: list[Column] = []
        for start in range(0, len(of), self.at_once):
            some = of[start : start + self.at_once]
            values = np.zeros((self.model.value.size, len(some)))
            leaks = np.zeros((self.model.constant.size, len(some)))
            for place, one in enumerate(some):
                np.add.at(values[:, place], one.rows, self.whitened(one))
                np.add.at(leaks[:, place], one.balances, one.leak)
            step, multiplier = self._stepper.step(values, leaks / self._norm[:, None])
            left, multiplier = values - self._jacobian @ step, multiplier / self._norm[:, None]
            found += [Column(left[:, place], multiplier[:, place]) for place in range(len(some))]
        return found

    def weights(self, of: Sequence[Direction]) -> Array:
        """(direction,) ``d'M d`` of many."""
        found = np.zeros(len(of))
        for start in range(0, len(of), self.at_once):
            some = of[start : start + self.at_once]
            pairs = zip(some, self.columns(some), strict=True)
            found[start : start + len(some)] = [self.product(one, column) for one, column in pairs]
        return found

    def seen(self, of: Direction) -> float:
        """``d'(r, l)``."""
        return float(self.whitened(of) @ self.white[of.rows] + of.leak @ self.multiplier[of.balances])

    def product(self, of: Direction, column: Column) -> float:
        """``d'`` times a column."""
        return float(self.whitened(of) @ column.values[of.rows] + of.leak @ column.multipliers[of.balances])

    def form(self, weight: sparse.csc_array) -> Array:
        """(column, column) ``weight' M weight``, (observation, column) with few entries in a column."""
        of_variables = sparse.csc_array(self._jacobian.T @ weight)
        return np.asarray((weight.T @ weight).toarray() - self._stepper.form(of_variables))

    def drawn(self, count: int, generator: np.random.Generator) -> Iterator[Array]:
        """Whitened residuals of data in which nothing is wrong, (observation, some draws) at a time."""
        for start in range(0, count, self.at_once):
            some = min(self.at_once, count - start)
            errors = generator.standard_normal((some, self.model.value.size)).T
            yield errors - self._jacobian @ self._stepper.covariance_times(self._jacobian.T @ errors)

    @property
    def at_once(self) -> int:
        """How many right sides are solved for together."""
        return max(1, min(AT_ONCE, NUMBERS // max(self.model.value.size, 1)))


class Left:
    """What is left of a field once some directions are explained.

    Attributes:
        field: Before.
        white, kept: (observation,) scores and their variances. multiplier, multiplier_weight: (constraint,) the same.
        chosen, columns: The directions, in order, and ``M d`` of the field. keys: names of theirs.
        lost: places of those that could not be told from the ones before them.
    """

    def __init__(
        self, field: Field, chosen: Sequence[Direction], columns: Sequence[Column], keys: Sequence[Hashable] = ()
    ) -> None:
        self.field, self.chosen, self.columns, self.keys = field, tuple(chosen), tuple(columns), tuple(keys)
        self.white, self.kept = field.white.copy(), field.kept.copy()
        self.multiplier, self.multiplier_weight = field.multiplier.copy(), field.multiplier_weight.copy()
        self._values: list[Array] = []
        self._multipliers: list[Array] = []
        self.lost: list[int] = []
        for place, (direction, column) in enumerate(zip(chosen, columns, strict=True)):
            left = self.column(column, direction)
            weight, whole = field.product(direction, left), field.product(direction, column)
            if weight <= SPENT * whole:
                self.lost.append(place)
                continue
            values, multipliers = left.values / np.sqrt(weight), left.multipliers / np.sqrt(weight)
            seen = self.seen(direction) / np.sqrt(weight)
            self.white -= seen * values
            self.multiplier -= seen * multipliers
            self.kept = np.maximum(self.kept - values**2, 0.0)
            self.multiplier_weight = np.maximum(self.multiplier_weight - multipliers**2, 0.0)
            self._values.append(values)
            self._multipliers.append(multipliers)

    def column(self, column: Column, of: Direction) -> Column:
        """What is left of ``M d``, from that of the field."""
        values, multipliers = column
        for one, two in zip(self._values, self._multipliers, strict=True):
            along = self.field.whitened(of) @ one[of.rows] + of.leak @ two[of.balances]
            values, multipliers = values - along * one, multipliers - along * two
        return Column(values, multipliers)

    def seen(self, of: Direction) -> float:
        """``d'(r, l)`` of what is left."""
        return float(self.field.whitened(of) @ self.white[of.rows] + of.leak @ self.multiplier[of.balances])

    def weight(self, of: Direction, whole: float) -> float:
        """``d'M d`` of what is left, from that of the field; 0 where too little is left to tell."""
        found = whole
        for one, two in zip(self._values, self._multipliers, strict=True):
            found -= float(self.field.whitened(of) @ one[of.rows] + of.leak @ two[of.balances]) ** 2
        return found if found > SPENT * whole else 0.0

    def taken(self, weight: sparse.csc_array) -> Array:
        """(column, direction) what was taken of a form: it is less by ``taken @ taken.T``."""
        return np.asarray(weight.T @ self._taken)

    @cached_property
    def _taken(self) -> Array:
        """(observation, direction) the projections together."""
        if not self._values:
            return np.zeros((self.white.size, 0))
        return np.stack(self._values, axis=1)
