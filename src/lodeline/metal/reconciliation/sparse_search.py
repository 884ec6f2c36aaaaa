"""The search in a large problem: Gauss-Newton first, and exact curvature as soon as the steps are short.

Gauss-Newton alone shrinks the last steps by a part only where gross errors leave large residuals; with the curvature of
the products, by residuals and multipliers, each round squares the error. Where that would not lead to a minimum, the
round goes without. Source: Nocedal & Wright (2006), Numerical Optimization, 18.1 and theorem 16.3 (inertia).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from lodeline.errors import InputError
from lodeline.metal.reconciliation.sparse_step import HOLD_COVARIANCE, Plan, SparseStep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.model import Model

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

ROUNDS = 100
"""Rounds at most; a ledger takes 6 to 12."""
DONE = 1e-11
"""A step below this part of the scale of every variable is no step."""
STALLED = 1e-8
"""Below this a step that no longer falls by half is rounding."""
UNSEEN = 1e-6
"""So it is below this too, if it moves no reading by more than ``STALLED`` of its uncertainty: what next to nothing
determines is no surer than that."""
SHORT = 1.0
"""Below this part of the scale curvature is taken in: farther out it is that of another place."""


class Large:
    """A large problem with some variables held, linearised where the search is.

    Args:
        model: The problem; its limits are not looked at.
        held: (variable,) the value of what is held; NaN of what is free.
        whitening: Of the observations.
        start: (variable,) where the search begins; None: where the model says.
        done: A step below this part of the scale of every variable ends it.

    Attributes:
        x: (variable,) where it is.
        free: (free,) which variables are not held.
        norm: (constraint,) length of each row.
        stepper: The linearised problem there, without curvature.
        multiplier: (constraint,) of the constraints, as they are not scaled.
        rounds: How many rounds it took.
    """

    def __init__(
        self,
        model: Model,
        held: Array,
        whitening: sparse.csr_array,
        *,
        start: Array | None = None,
        done: float = DONE,
    ) -> None:
        self._model, self._whitening, self._done = model, whitening, done
        self.free = np.flatnonzero(np.isnan(held))
        self._size = model.scale[self.free]
        at = np.full(held.size, -1)
        at[self.free] = np.arange(self.free.size)
        self._pairs = at[model.pairs][(at[model.pairs] >= 0).all(axis=1)]
        self._plan: Plan | None = None
        self.x = np.where(np.isnan(held), model.start if start is None else start, held)
        self.rounds = self._search()

    def _search(self) -> int:
        """Go to the minimum; how many rounds it took.

        Raises:
            InputError: ``reconcile.not_converged``, ``reconcile.constraints_disagree``.
        """
        last = np.inf
        self.multiplier = np.zeros(self._model.constant.size)
        for count in range(ROUNDS):
            self._linearise()
            step, self.multiplier = self._step(self.multiplier if last <= SHORT else None)
            longest = float(np.abs(step).max(initial=0.0))
            if longest <= self._done or (longest >= 0.5 * last and self._rounding(step, longest)):
                return count
            self.x = self.x.copy()
            self.x[self.free] += self._size * step
            last = longest
        raise InputError(
            "reconcile.not_converged",
            f"The search did not settle in {ROUNDS} rounds: some measurements are too far from all others. Leave out "
            "the largest residuals, or give them larger uncertainties.",
        )

    def _rounding(self, step: Array, longest: float) -> bool:
        """Whether a step that no longer falls is nothing but rounding."""
        if longest <= STALLED:
            return True
        return longest <= UNSEEN and float(np.abs(self._jacobian @ step).max(initial=0.0)) <= STALLED

    def _linearise(self) -> None:
        model, rows, scaling = self._model, self._model.constant.size, sparse.diags_array(self._size)
        self._white = self._whitening @ (model.value - model.terms.values(self.x, model.value.size))
        self._jacobian = sparse.csr_array(
            (self._whitening @ model.terms.jacobian(self.x, model.value.size))[:, self.free] @ scaling
        )
        constraints = model.constraint_terms.jacobian(self.x, rows)[:, self.free] @ scaling
        self.norm = np.sqrt(np.asarray(constraints.multiply(constraints).sum(axis=1)).ravel())
        self.norm[self.norm == 0] = 1.0
        self._open = (model.constant + model.constraint_terms.values(self.x, rows)) / self.norm
        self._constraints = sparse.csr_array(sparse.diags_array(1 / self.norm) @ constraints)

    def _step(self, multiplier: Array | None) -> tuple[Array, Array]:
        """The step and the multipliers, with curvature where multipliers are given and it leads to a minimum."""
        if multiplier is not None:
            bent = self._stepper(self._curvature(multiplier))
            if bent.minimal:
                step, found = bent.step(self._white, self._open)
                return step, found / self.norm
        step, found = self._stepper(None).step(self._white, self._open)
        return step, found / self.norm

    def pull(self) -> Array:
        """(variable,) how fast half of chi2 falls as a variable rises, constraints kept; 0 of what is free to move."""
        model = self._model
        jacobian = self._whitening @ model.terms.jacobian(self.x, model.value.size)
        constraints = model.constraint_terms.jacobian(self.x, model.constant.size)
        found = np.asarray(jacobian.T @ self._white - constraints.T @ self.multiplier)
        found[self.free] = 0.0
        return found

    @property
    def stepper(self) -> SparseStep:
        """The problem as linearised where the search ended, for covariances."""
        return SparseStep(self._jacobian, self._constraints, self._pairs, plan=self._plan, hold=HOLD_COVARIANCE)

    def _stepper(self, curvature: sparse.csr_array | None) -> SparseStep:
        made = SparseStep(self._jacobian, self._constraints, self._pairs, curvature=curvature, plan=self._plan)
        self._plan = made.plan
        return made

    def _curvature(self, multiplier: Array) -> sparse.csr_array:
        """(free, free) second derivative of the Lagrangian beyond ``J'J``, scaled."""
        weight = self._whitening.T @ self._white
        parts = [self._model.terms.curvature(-weight), self._model.constraint_terms.curvature(multiplier)]
        row, column, number = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        count = self._model.start.size
        half = sparse.csr_array((number, (row, column)), shape=(count, count))[self.free][:, self.free]
        scaling = sparse.diags_array(self._size)
        return sparse.csr_array(scaling @ (half + half.T) @ scaling)
