"""Solving a problem: the search for its minimum under exact constraints, and an active set where limits bite.

Each round linearises the products at the current values, so that at the end biases and grades are linearised at the
reconciled masses and not at the measured ones (there the very noise to be explained would explain the imbalance).
At convergence the step is zero, and then the gradient conditions of the weighted least squares hold exactly.
Source: Nocedal & Wright (2006), Numerical Optimization, 10.3 and 18.1; Narasimhan & Jordache (2000), chapter 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from lodeline.errors import InputError
from lodeline.metal.reconciliation.dense import DenseStep
from lodeline.metal.reconciliation.search import search
from lodeline.metal.reconciliation.solution import Solution

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.model import Model

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

DENSE = 400
"""Variables up to which a problem is solved by orthogonal factors, which are exact about rank."""
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
    whitening = model.whitening()
    if int((~model.fixed).sum()) <= dense_up_to:
        return _small(model, whitening)
    held = np.full(model.start.size, np.nan)  # at which limit a variable is held
    held[model.fixed] = model.lower[model.fixed]
    for _ in range(2 * model.start.size + 2):
        solution = _large(model, held, whitening)
        changed = _limits(model, held, solution)
        if changed is None:
            return solution
        held = changed
    raise InputError(
        "reconcile.not_converged", "The limits cannot all be kept; check those that contradict each other."
    )


def _small(model: Model, whitening: sparse.csr_array) -> Solution:
    """The estimate within the limits, by orthogonal factors."""
    found = search(model, whitening)
    x, rows = found.x, model.constant.size
    _refuse_open(model, x)
    free = np.flatnonzero(np.isnan(found.held))
    scaling = sparse.diags_array(model.scale[free])
    jacobian = (whitening @ model.terms.jacobian(x, model.value.size))[:, free] @ scaling
    constraints = model.constraint_terms.jacobian(x, rows)[:, free] @ scaling
    norm = np.sqrt(np.asarray(constraints.multiply(constraints).sum(axis=1)).ravel())
    norm[norm == 0] = 1.0
    scaled = sparse.csr_array(sparse.diags_array(1 / norm) @ constraints)
    stepper = DenseStep(sparse.csr_array(jacobian), scaled, np.zeros((0, 2), dtype=np.int64))
    return Solution(
        model=model, x=x, held=found.held, free=free, norm=norm, stepper=stepper, whitening=whitening,
        iterations=found.rounds,
    )  # fmt: skip


def _large(model: Model, held: Array, whitening: sparse.csr_array) -> Solution:
    """The estimate with some variables held, by a sparse factor."""
    from lodeline.metal.reconciliation.sparse_search import Large

    found = Large(model, held, whitening)
    _refuse_open(model, found.x)
    return Solution(
        model=model, x=found.x, held=held, free=found.free, norm=found.norm, stepper=found.stepper,
        whitening=whitening, iterations=found.rounds,
    )  # fmt: skip


def _limits(model: Model, held: Array, solution: Solution) -> Array | None:
    """What is to be held instead, one change at a time; None where every limit is kept and none is held in vain."""
    low, high = model.lower - solution.x, solution.x - model.upper
    beyond = np.where(np.isnan(held), np.maximum(low, high), -np.inf) / model.scale
    # What nothing determines has no number that could be beyond a limit, only a place where the search left it.
    beyond[~np.isfinite(beyond) | solution.loose] = -np.inf
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


CLOSED = 1e-9
"""A constraint is closed if what is left is below this part of its largest term, at its value or its typical size."""


def _refuse_open(model: Model, x: Array) -> None:
    terms = model.constraint_terms
    # What is nothing but rounding, such as all terms of a stream that is held at zero, is measured by its typical size.
    size = np.maximum(np.abs(x), model.scale)
    product = np.where(terms.second >= 0, size[terms.second], 1.0)
    largest = np.abs(model.constant)
    np.maximum.at(largest, terms.row, np.abs(terms.coefficient * size[terms.first] * product))
    left = np.abs(model.constant + terms.values(x, model.constant.size))
    rows = np.flatnonzero(left > CLOSED * np.maximum(largest, 1e-300))
    if rows.size:
        raise InputError(
            "reconcile.constraints_disagree",
            "What is fixed or must balance contradicts itself, so that no values satisfy all of it; let go of one.",
            constraints=rows.tolist(),
        )
