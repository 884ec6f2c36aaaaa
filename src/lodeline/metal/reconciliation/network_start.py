"""Where the search for a flowsheet begins: one linear solve in which a factor of every product is held.

Of each product the factor that is known better is held at what was measured of it, and what then remains of the
constraint is taken as an observation, since held values contradict each other within their uncertainties. Nothing of
the result depends on it but which solution is found where there are several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.metal.reconciliation.model import Model, Terms
from lodeline.metal.reconciliation.solving import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.network_model import Constraint, Term, Variable, Written

    Array = NDArray[np.float64]

PASSES = 3
"""Linear solves; from the second on, what nobody measured is held at the result of the one before."""
CLOSE = 1e-3
"""How well a constraint with a product is kept at the least, as a part of its terms."""
SMALL = 0.1
"""What is computed has a scale of at least this part of its guess, so that none is nothing."""


def beginning(written: Written) -> tuple[Array, Array]:
    """Start and scale of every variable, (variable,) both.

    Raises:
        InputError: ``reconcile.constraints_disagree``, where what is fixed or linear contradicts itself.
    """
    variables = written.variables
    guess = np.array([one.guess for one in variables], dtype=np.float64)
    given = np.array([one.u if one.rests and one.u is not None else abs(one.guess) for one in variables], np.float64)
    given[given == 0] = np.array([one.u or 1.0 for one in variables])[given == 0]
    products = any(len(term) == 3 for one in written.constraints for term in one.terms)
    x = guess
    for _ in range(PASSES if products else 1):
        x = solve(_linear(written, x, given)).x
    measured = np.array([one.u is not None or one.fixed for one in variables])
    scale = np.where(measured, given, np.maximum(np.abs(x), SMALL * given))
    return (x if products else guess), scale


def _linear(written: Written, x: Array, scale: Array) -> Model:
    """The problem with a factor of every product held: biases at nothing, the others at ``x``."""
    value, u = [one.value for one in written.observations], [one.u for one in written.observations]
    observed: list[list[Term]] = [[term for term in one.terms if len(term) == 2] for one in written.observations]
    constant: list[float] = []
    held: list[list[Term]] = []
    for constraint in written.constraints:
        if not any(len(term) == 3 for term in constraint.terms):
            constant.append(constraint.constant)
            held.append(constraint.terms)
            continue
        terms, spread = _held(constraint, written.variables, x)
        value.append(-constraint.constant)
        u.append(spread)
        observed.append(terms)
    fixed = np.array([one.fixed for one in written.variables])
    return Model(
        start=x,
        scale=scale,
        value=np.array(value, dtype=np.float64),
        u=np.array(u, dtype=np.float64),
        terms=Terms.of(observed),
        constant=np.array(constant, dtype=np.float64),
        constraint_terms=Terms.of(held),
        lower=np.where(fixed, [one.guess for one in written.variables], -np.inf),
        upper=np.where(fixed, [one.guess for one in written.variables], np.inf),
    )


def _held(constraint: Constraint, variables: list[Variable], x: Array) -> tuple[list[Term], float]:
    """The linear terms that remain, and how uncertain the held factors make their sum."""
    terms: list[Term] = []
    variance, largest = 0.0, abs(constraint.constant)
    for term in constraint.terms:
        if len(term) == 2:
            terms.append(term)
            largest = max(largest, abs(term[0] * x[term[1]]))
            continue
        coefficient, first, second = term
        keep, hold = (first, second) if _known(variables[second]) <= _known(variables[first]) else (second, first)
        terms.append((coefficient * float(x[hold]), keep))
        variance += (coefficient * x[keep] * (variables[hold].u or 0.0)) ** 2
        largest = max(largest, abs(coefficient * x[keep] * x[hold]))
    return terms, float(np.hypot(np.sqrt(variance), CLOSE * largest)) or 1.0


def _known(variable: Variable) -> float:
    """How well a variable is known by itself: 0 exactly, up to infinity."""
    if variable.fixed:
        return 0.0
    if variable.u is None:
        return float("inf")
    return abs(variable.u / variable.guess) if variable.guess else 1.0
