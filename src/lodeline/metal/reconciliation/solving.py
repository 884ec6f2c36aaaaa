"""Solving a problem: Gauss-Newton under exact constraints, and an active set where limits bite.

Each round linearises the products at the current values, so that at the end biases and grades are linearised at the
reconciled masses and not at the measured ones (there the very noise to be explained would explain the imbalance).
At convergence the step is zero, and then the gradient conditions of the weighted least squares hold exactly.
Source: Nocedal & Wright (2006), Numerical Optimization, 10.3 and 18.1; Narasimhan & Jordache (2000), chapter 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from lodeline.errors import InputError
from lodeline.metal.reconciliation.dense import DenseStep
from lodeline.metal.reconciliation.solution import Solution

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.model import Model

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

DENSE = 400
"""Variables up to which a problem is solved by orthogonal factors, which are exact about rank."""
STEPS = 200
"""Rounds at most; a bilinear problem takes 3 to 12, one with gross errors some dozens."""
DONE = 1e-12
"""A step below this part of the scale of every variable is no step."""
LIMIT = 1e-9
"""A limit is broken by more than this part of the scale."""


def solve(model: Model, *, dense_up_to: int = DENSE) -> Solution:
    """Reconcile: the weighted least squares estimate under the constraints and limits.

    Args:
        model: The problem.
        dense_up_to: Variables up to which orthogonal factors are taken; beyond, a sparse factor.

    Raises:
        InputError: what :meth:`Model.check` refuses; ``reconcile.constraints_disagree`` with ``constraints``, the rows
            that stay open; ``reconcile.not_converged``.
    """
    model.check()
    held = np.full(model.start.size, np.nan)  # at which limit a variable is held
    held[model.fixed] = model.lower[model.fixed]
    for _ in range(2 * model.start.size + 2):
        solution = _solved(model, held, dense_up_to)
        changed = _limits(model, held, solution)
        if changed is None:
            return solution
        held = changed
    raise InputError(
        "reconcile.not_converged", "The limits cannot all be kept; check those that contradict each other."
    )


def _limits(model: Model, held: Array, solution: Solution) -> Array | None:
    """What is to be held instead, one change at a time; None where every limit is kept and none is held in vain."""
    low, high = model.lower - solution.x, solution.x - model.upper
    beyond = np.where(np.isnan(held), np.maximum(low, high), -np.inf) / model.scale
    beyond[~np.isfinite(beyond)] = -np.inf
    if beyond.size and beyond.max() > LIMIT:
        worst = int(beyond.argmax())
        changed = held.copy()
        changed[worst] = model.lower[worst] if low[worst] > high[worst] else model.upper[worst]
        return changed
    active = ~np.isnan(held) & ~model.fixed
    if not active.any():
        return None
    # The pull on a held variable: by how much the objective would fall if it could move up by one scale.
    inward = np.where(held == model.lower, 1.0, -1.0) * solution.pull() * model.scale
    inward[~active] = -np.inf
    if inward.max() > LIMIT * max(solution.chi2, 1.0):
        changed = held.copy()
        changed[int(inward.argmax())] = np.nan
        return changed
    return None


def _solved(model: Model, held: Array, dense_up_to: int) -> Solution:
    """The estimate with some variables held."""
    free = np.flatnonzero(np.isnan(held))
    whitening = model.whitening()
    x = np.where(np.isnan(held), model.start, held)
    rows, size = model.constant.size, model.scale[free]
    at = np.full(held.size, -1)
    at[free] = np.arange(free.size)
    pairs = at[model.pairs][(at[model.pairs] >= 0).all(axis=1)]
    last, count = np.inf, 0
    while True:
        residual = whitening @ (model.value - model.terms.values(x, model.value.size))
        jacobian = (whitening @ model.terms.jacobian(x, model.value.size))[:, free] @ sparse.diags_array(size)
        constraints = model.constraint_terms.jacobian(x, rows)[:, free] @ sparse.diags_array(size)
        norm = np.sqrt(np.asarray(constraints.multiply(constraints).sum(axis=1)).ravel())
        norm[norm == 0] = 1.0
        open_by = (model.constant + model.constraint_terms.values(x, rows)) / norm
        constraints = sparse.diags_array(1 / norm) @ constraints
        stepper = _stepper(sparse.csr_array(jacobian), sparse.csr_array(constraints), pairs, dense_up_to)
        step = stepper.step(residual, open_by)
        longest = float(np.abs(step).max(initial=0.0))
        if longest <= DONE or (count > 3 and longest <= 1e-9 and longest >= 0.5 * last):
            break
        count += 1
        if count > STEPS:
            raise InputError(
                "reconcile.not_converged",
                f"The search did not settle in {STEPS} rounds: some measurements are too far from all others. Leave "
                "out the largest residuals, or give them larger uncertainties.",
            )
        # A long step of a product may overshoot; after many rounds shorter ones settle what swings.
        x = x.copy()
        x[free] += size * step * (1.0 if count < 30 else 0.5)
        last = longest
    _refuse_open(model, x, constraints, open_by)
    return Solution(
        model=model, x=x, held=held, free=free, norm=norm, stepper=stepper, whitening=whitening, iterations=count
    )


def _stepper(
    jacobian: sparse.csr_array, constraints: sparse.csr_array, pairs: NDArray[np.int64], dense_up_to: int
) -> Any:
    if jacobian.shape[1] <= dense_up_to:
        return DenseStep(jacobian, constraints, pairs)
    from lodeline.metal.reconciliation.sparse_step import SparseStep

    return SparseStep(jacobian, constraints, pairs)


CLOSED = 1e-9
"""A constraint is closed if what is left is below this part of its largest term."""


def _refuse_open(model: Model, x: Array, constraints: sparse.csr_array, open_by: Array) -> None:
    terms = model.constraint_terms
    product = np.where(terms.second >= 0, x[terms.second], 1.0)
    largest = np.abs(model.constant)
    np.maximum.at(largest, terms.row, np.abs(terms.coefficient * x[terms.first] * product))
    left = np.abs(model.constant + terms.values(x, model.constant.size))
    rows = np.flatnonzero(left > CLOSED * np.maximum(largest, 1e-300))
    if rows.size:
        raise InputError(
            "reconcile.constraints_disagree",
            "What is fixed or must balance contradicts itself, so that no values satisfy all of it; let go of one.",
            constraints=rows.tolist(),
        )
