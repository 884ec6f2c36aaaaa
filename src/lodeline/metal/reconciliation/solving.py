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
from lodeline.metal.reconciliation.active_set import Active, active_set, unkept
from lodeline.metal.reconciliation.dense import DenseStep
from lodeline.metal.reconciliation.search import search
from lodeline.metal.reconciliation.solution import Solution

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.model import Model

    Array = NDArray[np.float64]

DENSE = 400
"""Variables up to which a problem is solved by orthogonal factors, which are exact about rank."""
ENDS = 50
"""How often the search may end at a minimum that, looked at closely, breaks a limit."""


def solve(model: Model, *, dense_up_to: int = DENSE, limits_inform: bool = True) -> Solution:
    """Reconcile: the weighted least squares estimate under the constraints and limits.

    Args:
        model: The problem.
        dense_up_to: Variables up to which orthogonal factors are taken; beyond, a sparse factor.
        limits_inform: Whether what is held at a limit counts as known there, which makes what it is balanced with
            surer; otherwise uncertainties and classes are those that the readings alone leave.

    Raises:
        InputError: what :meth:`Model.check` refuses; ``reconcile.constraints_disagree`` with ``constraints``, the rows
            that stay open; ``reconcile.not_converged``.
    """
    model.check()
    whitening = model.whitening()
    if int((~model.fixed).sum()) <= dense_up_to:
        return _small(model, whitening, limits_inform)
    solution = _large(model, whitening)
    limited = solution.full.any() or solution.at_limit.any()
    return solution if limits_inform or not limited else _uninformed(model, whitening, solution)


def _small(model: Model, whitening: sparse.csr_array, limits_inform: bool) -> Solution:
    """The estimate within the limits, by orthogonal factors."""
    found = search(model, whitening)
    model = model.reaching(found.full) if limits_inform else model
    x, rows = found.x, model.constant.size
    _refuse_open(model, x)
    free = np.flatnonzero(np.isnan(found.held) if limits_inform else ~model.fixed)
    scaling = sparse.diags_array(model.scale[free])
    jacobian = (whitening @ model.terms.jacobian(x, model.value.size))[:, free] @ scaling
    constraints = model.constraint_terms.jacobian(x, rows)[:, free] @ scaling
    norm = np.sqrt(np.asarray(constraints.multiply(constraints).sum(axis=1)).ravel())
    norm[norm == 0] = 1.0
    scaled = sparse.csr_array(sparse.diags_array(1 / norm) @ constraints)
    stepper = DenseStep(sparse.csr_array(jacobian), scaled, np.zeros((0, 2), dtype=np.int64))
    return Solution(
        model=model, x=x, held=found.held, free=free, norm=norm, stepper=stepper, whitening=whitening,
        iterations=found.rounds, full=found.full, limits_inform=limits_inform,
    )  # fmt: skip


def _large(model: Model, whitening: sparse.csr_array) -> Solution:
    """The estimate within the limits, by a sparse factor.

    Limits are looked at where the data alone would lead, so that a problem that breaks none costs nothing for them.
    """
    held = np.where(model.fixed, model.lower, np.nan)
    solution = _held(model, Active(held, np.zeros(model.ceiling.size, dtype=bool)), whitening)
    if not model.limited:
        return solution
    for _ in range(ENDS):
        found = active_set(model, whitening, solution)
        if not found.rounds:
            return solution
        solution = _held(found.model, found.active, whitening, start=found.x, rounds=solution.iterations + found.rounds)
    raise unkept()


def _uninformed(model: Model, whitening: sparse.csr_array, solution: Solution) -> Solution:
    """The same estimate, with the problem linearised there as if nothing had limits."""
    from lodeline.metal.reconciliation.sparse_search import Large

    fixed = np.where(model.fixed, model.lower, np.nan)
    there = Large(model, fixed, whitening, start=solution.x, done=np.inf)  # any step ends it, and none is taken
    return Solution(
        model=model, x=solution.x, held=solution.held, free=there.free, norm=there.norm, stepper=there.stepper,
        whitening=whitening, iterations=solution.iterations, full=solution.full, limits_inform=False,
    )  # fmt: skip


def _held(
    model: Model, active: Active, whitening: sparse.csr_array, *, start: Array | None = None, rounds: int = 0
) -> Solution:
    """The estimate with some limits as constraints, by a sparse factor."""
    from lodeline.metal.reconciliation.sparse_search import Large

    whole = model.reaching(active.full)
    found = Large(whole, active.held, whitening, start=start)
    _refuse_open(whole, found.x)
    return Solution(
        model=whole, x=found.x, held=active.held, free=found.free, norm=found.norm, stepper=found.stepper,
        whitening=whitening, iterations=rounds + found.rounds, full=active.full, limits_inform=True,
    )  # fmt: skip


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
