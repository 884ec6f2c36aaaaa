"""Solves with ``S = A V A'``: by a factor where it stays sparse, and by conjugate gradients where its fill explodes.

What the factor would cost is counted along the elimination tree before any of it is computed. Lots that mix within a
wide window, or hundreds of piles that feed one another, have no small separators: their factor is dense. Conjugate
gradients then need a few passes over the flows for each right side, but they give no inverse: variances are solved for
one by one, and only those that are asked for.

Source: Hestenes & Stiefel (1952), J. Res. NBS 49, 409-436; Meijerink & van der Vorst (1977), Math. Comp. 31, 148-162,
for the incomplete factor, which exists since S is a symmetric M-matrix.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from lodeline.errors import InputError
from lodeline.metal.reconciliation.balances import System
from lodeline.metal.reconciliation.factor import cheaper_work_of, work_of
from lodeline.metal.reconciliation.graph_factor import GraphFactor

Floats = NDArray[np.float64]


class Limits(NamedTuple):
    """What a factor may cost before conjugate gradients take its place.

    Attributes:
        entries: Entries of L; one takes 12 bytes, and 8 more for the inverse on its pattern.
        multiplications: Of the factorisation; 1e9 take about a second on one core, the inverse twice that.
        accuracy: Where conjugate gradients stop: residual over right side, in the norm of the preconditioner.
        iterations: After how many they give up.
    """

    entries: int
    multiplications: int
    accuracy: float
    iterations: int


DESK = Limits(entries=150_000_000, multiplications=100_000_000_000, accuracy=1e-13, iterations=5_000)
"""Three gigabytes and a few minutes: what a desk computer does without being asked."""


class Solver(Protocol):
    """Solves with S, in either way."""

    @property
    def method(self) -> Literal["factor", "conjugate gradients"]:
        """Which way."""
        ...

    @property
    def said(self) -> str:
        """One sentence: which way, and why."""
        ...

    @property
    def iterations(self) -> int:
        """Conjugate gradients walked so far."""
        ...

    def solve(self, right: Any) -> Floats:
        """``S^-1 @ right``, (balance,) or (balance, k)."""
        ...

    def roughly(self, right: Floats) -> Floats:
        """``S^-1 @ right`` (balance, column) as well as one sweep can: exact by a factor, else by an incomplete one."""
        ...

    def reweighted(self, v: Floats) -> Solver:
        """The same balances with other variances of the flows (flow,), kg^2."""
        ...


def solver_of(system: System, v: Floats, limits: Limits = DESK, order: NDArray[np.int64] | None = None) -> Solver:
    """The solver that fits: counts fill first.

    Args:
        system: The balances.
        v: (flow,) variances, kg^2.
        limits: What a factor may cost.
        order: (balance,) in which to eliminate the balances, if it is known.

    Raises:
        InputError: ``factor.singular``, ``factor.not_finite``.
    """
    matrix = system.matrix(v)
    work = cheaper_work_of(matrix) if order is None else work_of(matrix, order)
    if work.entries > limits.entries or work.multiplications > limits.multiplications:
        said = (
            f"its factor would have {work.entries:,} entries and take {work.multiplications:,} multiplications, more "
            f"than the {limits.entries:,} and {limits.multiplications:,} allowed: solved by conjugate gradients, "
            "and uncertainties are computed for the flows that are asked for, one by one"
        )
        return ByIteration(system, matrix, limits, said)
    return ByFactor(system, GraphFactor(matrix, system.excess(v), work.order))


class ByFactor:
    """Solves by a sparse factor."""

    method: Literal["factor"] = "factor"
    iterations = 0

    def __init__(self, system: System, factor: GraphFactor) -> None:
        self.system, self.factor = system, factor
        self.said = f"solved by a sparse factor of {factor.fill:,} entries"

    def solve(self, right: Any) -> Floats:
        """``S^-1 @ right``, (balance,) or (balance, k)."""
        return self.factor.solve(right)

    def roughly(self, right: Floats) -> Floats:
        """``S^-1 @ right`` (balance, column)."""
        return self.factor.solve(right)

    def reweighted(self, v: Floats) -> ByFactor:
        """The same balances with other variances, without ordering."""
        return ByFactor(self.system, self.factor.reweighted(self.system.values(v), self.system.excess(v)))


class ByIteration:
    """Solves by conjugate gradients, preconditioned by an incomplete factor on the pattern of S."""

    method: Literal["conjugate gradients"] = "conjugate gradients"

    def __init__(self, system: System, upper: sp.csc_matrix, limits: Limits, said: str) -> None:
        self.system, self.limits, self.said = system, limits, said
        above = sp.triu(upper, 1)
        self._matrix = sp.csr_matrix(above + above.T + sp.diags(upper.diagonal()))
        # The upper triangle by columns is the lower one by rows, each row ending with its diagonal.
        self._starts, self._columns = upper.indptr, upper.indices
        self._lower = _incomplete(upper.indptr, upper.indices, upper.data)
        self.iterations = 0

    def reweighted(self, v: Floats) -> ByIteration:
        """The same balances with other variances."""
        return ByIteration(self.system, self.system.matrix(v), self.limits, self.said)

    def solve(self, right: Any) -> Floats:
        """``S^-1 @ right``, (balance,) or (balance, k); all columns walk together, each with steps of its own.

        Raises:
            InputError: ``iterative.not_converged``.
        """
        given = np.asarray(right, dtype=np.float64)
        columns = given.reshape(given.shape[0], -1)
        limits = self.limits
        found = conjugate_gradients(
            lambda x: np.asarray(self._matrix @ x), self.roughly, columns, limits.accuracy, limits.iterations
        )
        if found.left > limits.accuracy:
            raise InputError(
                "iterative.not_converged",
                "conjugate gradients did not arrive; allow more iterations or a larger factor, or solve in time blocks",
                iterations=found.iterations,
                left=found.left,
            )
        self.iterations += found.iterations
        return found.x.reshape(given.shape)

    def roughly(self, right: Floats) -> Floats:
        """``S^-1 @ right`` (balance, column) by the incomplete factor."""
        swept: Floats = _sweep(self._starts, self._columns, self._lower, np.ascontiguousarray(right))
        return swept


class Walked(NamedTuple):
    """Solutions (row, column), the iterations of the slowest, and its residual over its right side."""

    x: Floats
    iterations: int
    left: float


def conjugate_gradients(times: Any, preconditioned: Any, right: Floats, accuracy: float, most: int) -> Walked:
    """Solve ``matrix @ x = right`` for a positive definite matrix, all columns in step.

    Args:
        times: x (row, column) to ``matrix @ x``.
        preconditioned: The same for an approximate inverse, positive definite.
        right: (row, column)
        accuracy: Where a column stops: residual over right side, both in the norm of the preconditioner.
        most: Iterations.

    Returns:
        What it reached; ``left`` is above ``accuracy`` if it did not arrive.
    """
    x = np.zeros_like(right)
    residual = right.copy()
    toward = preconditioned(residual)
    size = np.einsum("ij,ij->j", residual, toward)
    goal = accuracy**2 * size
    iteration = 0
    way = toward
    while (size > goal).any() and iteration < most:
        image = times(way)
        bend = np.einsum("ij,ij->j", way, image)
        # A column that has arrived stands still, or its steps would be 0 / 0.
        step = np.where(size > goal, size / np.where(bend > 0, bend, 1.0), 0.0)
        x += way * step
        residual -= image * step
        toward = preconditioned(residual)
        after = np.einsum("ij,ij->j", residual, toward)
        way = toward + way * np.where(size > goal, after / np.where(size > 0, size, 1.0), 0.0)
        size = np.where(size > goal, after, size)
        iteration += 1
    left = np.sqrt(np.max(size / np.where(goal > 0, goal, 1.0), initial=0.0)) * accuracy
    return Walked(x, iteration, float(left))


@njit(cache=True)
def _incomplete(starts: Any, columns: Any, values: Any) -> Any:
    """``L L'`` on the pattern of the lower triangle by rows, each row ascending and ending with its diagonal."""
    n = starts.size - 1
    lower = values.copy()
    at = np.full(n, -1, np.int64)
    for row in range(n):
        start, end = starts[row], starts[row + 1] - 1
        for place in range(start, end):
            at[columns[place]] = place
        diagonal = lower[end]
        for place in range(start, end):
            column = columns[place]
            for other in range(starts[column], starts[column + 1] - 1):
                if at[columns[other]] >= 0:
                    lower[place] -= lower[other] * lower[at[columns[other]]]
            lower[place] /= lower[starts[column + 1] - 1]
            diagonal -= lower[place] * lower[place]
        for place in range(start, end):
            at[columns[place]] = -1
        # Only rounding can bring it to zero in an M-matrix that has an inverse; a share of itself then keeps it going.
        lower[end] = np.sqrt(max(diagonal, 1e-3 * values[end]))
    return lower


@njit(cache=True)
def _sweep(starts: Any, columns: Any, lower: Any, right: Any) -> Any:
    """``(L L')^-1 @ right`` for (row, column)."""
    n, sides = right.shape
    x = right.copy()
    for row in range(n):
        end = starts[row + 1] - 1
        for place in range(starts[row], end):
            for side in range(sides):
                x[row, side] -= lower[place] * x[columns[place], side]
        for side in range(sides):
            x[row, side] /= lower[end]
    for row in range(n - 1, -1, -1):
        end = starts[row + 1] - 1
        for side in range(sides):
            x[row, side] /= lower[end]
        for place in range(starts[row], end):
            for side in range(sides):
                x[columns[place], side] -= lower[place] * x[row, side]
    return x
