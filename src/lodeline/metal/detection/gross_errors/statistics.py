"""The classical tests of a solved problem: the whole, each balance, each measurement, and any suspicion.

Source: Narasimhan & Jordache (2000), Data Reconciliation and Gross Error Detection, chapter 7; Mah & Tamhane (1982),
AIChE J. 28(5), 828-830; Reilly & Carpani (1963), 13th Canadian Chemical Engineering Conference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse
from scipy.stats import chi2, norm

from lodeline.metal.detection.gross_errors.directions import biases
from lodeline.metal.detection.gross_errors.projection import Projection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.gross_errors.directions import Directions
    from lodeline.metal.detection.gross_errors.projection import Hypothesis
    from lodeline.metal.reconciliation.model import Model
    from lodeline.metal.reconciliation.solution import Solution

    Array = NDArray[np.float64]


class Global(NamedTuple):
    """The global test.

    Attributes:
        chi2: Sum of squares of the whitened residuals.
        dof: Degrees of freedom.
        p: Probability of a sum at least as large where nothing is wrong; 1 where nothing is checked.
    """

    chi2: float
    dof: int
    p: float

    def alarms(self, false_alarms: float) -> bool:
        """Whether it says that something is wrong, at a rate of false alarms."""
        return self.p < false_alarms


class Tests(NamedTuple):
    """One test a row; NaN where it cannot be made.

    Attributes:
        size: What is tested, in its unit: an imbalance or a residual.
        size_u: Its standard deviation where nothing is wrong.
        statistic: Their ratio, standard normal where nothing is wrong.
        p: Probability of one at least as far from 0, of this test alone.
    """

    size: Array
    size_u: Array
    statistic: Array
    p: Array


def global_test(solution: Solution) -> Global:
    """Whether the data fit at all: chi2 against its distribution."""
    p = float(chi2.sf(solution.chi2, solution.dof)) if solution.dof else 1.0
    return Global(solution.chi2, solution.dof, p)


def measurement_test(solution: Solution) -> Tests:
    """Each residual over its own standard deviation, (observation,); NaN where nobody checks the measurement."""
    return _tests(solution.residual, np.where(_checked(solution), solution.residual_u, 0.0))


def nodal_test(solution: Solution) -> Tests:
    """Each imbalance at the measured values over its standard deviation, (constraint,).

    A variable counts as measured with the mean, weighted by ``u ** -2``, of the observations of it alone, or as exact
    if it is fixed. NaN where a term of the constraint is not measured, and where all of them are exact. Products are
    linearised at the measured values.
    """
    model = solution.model
    mean, known = _means(model)
    x = np.where(model.fixed, model.lower, mean @ model.value)
    at = np.where(known, x, solution.x)
    size = model.constant + model.constraint_terms.values(at, model.constant.size)
    slope = model.constraint_terms.jacobian(at, model.constant.size)  # (constraint, variable)
    errors = slope @ mean  # (constraint, observation) from a value's error to the imbalance
    scaled = errors @ sparse.diags_array(model.u)
    spread = np.asarray((scaled @ _correlations(model)).multiply(scaled).sum(axis=1)).ravel()
    missing = np.zeros(model.constant.size, dtype=bool)
    for variable in (model.constraint_terms.first, model.constraint_terms.second):
        missing[model.constraint_terms.row[(variable >= 0) & ~known[variable]]] = True
    return _tests(size, np.where(missing, 0.0, np.sqrt(np.maximum(spread, 0.0))))


def likelihood_ratio(solution: Solution, directions: Directions) -> list[Hypothesis]:
    """Each suspicion tested alone; the square of T is by how much chi2 falls if its size is made an unknown."""
    return Projection(solution, directions).rows()


def unchecked(solution: Solution) -> NDArray[np.int64]:
    """The observations that nobody can check: whatever their error, no residual shows it."""
    return np.flatnonzero(~_checked(solution))


def _checked(solution: Solution) -> NDArray[np.bool_]:
    """(observation,) whether anything checks it, a large problem included, where variances alone do not tell."""
    labels = [""] * solution.model.value.size
    return Projection(solution, biases(solution.model, labels)).checked


def _tests(size: Array, size_u: Array) -> Tests:
    u = np.where(size_u > 0, size_u, np.nan)
    statistic = size / u
    return Tests(np.where(np.isnan(u), np.nan, size), u, statistic, 2 * norm.sf(np.abs(statistic)))


def _means(model: Model) -> tuple[sparse.csr_array, NDArray[np.bool_]]:
    """(variable, observation) weights of the mean of what measures each variable alone; (variable,) which are known."""
    terms, count = model.terms, model.value.size
    alone = (np.bincount(terms.row, minlength=count)[terms.row] == 1) & (terms.second < 0)
    row, variable, coefficient = terms.row[alone], terms.first[alone], terms.coefficient[alone]
    weight = (coefficient / model.u[row]) ** 2
    total = np.bincount(variable, weight, minlength=model.start.size)
    exact = model.fixed
    share = np.where(exact[variable], 0.0, weight / total[variable] / coefficient)
    found = sparse.csr_array((share, (variable, row)), shape=(model.start.size, count))
    return found, (total > 0) | exact


def _correlations(model: Model) -> sparse.csr_array:
    """(observation, observation)."""
    first, second, r = model.correlation
    size = model.value.size
    half = sparse.coo_array((r, (first, second)), shape=(size, size))
    return sparse.csr_array(sparse.eye_array(size) + half + half.T)
