"""The step of a large problem: one sparse factor of the KKT matrix ``[[J'J + e, G'], [G, -d]]``, with refinement.

The small numbers e and d make the matrix quasi-definite, so that a factor exists in any order, also where variables are
unobservable or constraints repeat each other. The step itself is refined against the matrix without them. A variance
is short by the part e of itself (in scaled variables): 1e-5 where u is as large as the scale, and next to nothing of
what is measured by itself.
Source: Vanderbei (1995), SIAM J. Optim. 5(1), 100-113; for the refinement as a proximal method, Friedlander & Orban
(2012), Math. Prog. Comp. 4, 71-107.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import maximum_bipartite_matching

from lodeline.errors import InputError
from lodeline.metal.reconciliation.factor import Factor
from lodeline.metal.reconciliation.forms import form
from lodeline.metal.reconciliation.ordering import order_of
from lodeline.metal.reconciliation.paired_inverse import PairedInverse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

HOLD = 1e-3
"""e of a step: as if a variable were known to 30 times its scale; refinement takes it back."""
HOLD_COVARIANCE = 1e-5
"""e where covariances are asked for, which are not refined: as if a variable were known to 300 times its scale."""
HOLD_MEASURED = 1e-9
"""e of a variable that an observation measures by itself, as a part of its own weight."""
GIVE = 1e-13
"""d: the square of how far a scaled constraint may give way in the factor; refinement takes it back."""
GIVE_REPEATED = 1e-6
"""d of a constraint that has no variable of its own, and so repeats others: they keep it."""
STRONG = 0.05
"""A constraint is better matched with a variable whose part of it is larger."""
ROUNDS = 100
"""Refinements at most; each gains about ten digits where everything is observable."""
DISAGREE = 1e-6
"""Constraints contradict each other if they stay open by more than this part of the right side, and by"""
ROUNDED = 1e-9
"""more than this, as they are scaled: from where nothing is open, a step is nothing but rounding."""
REFINED = 1e-13
"""Where refinement stops: the residual as a part of the right side."""
PROJECTIONS = 30
"""How often a vector is sent through ``e * inverse``: what anything determines shrinks each time, the rest stays."""
SETTLED = 1e-8
"""When nothing shrinks by more than this any longer, it ends sooner."""


class SparseStep:
    """One linearised problem, factored; a :class:`lodeline.metal.reconciliation.linearised.Linearised`.

    Args:
        jacobian: (observation, variable) of the whitened observations, variables scaled.
        constraints: (constraint, variable), scaled.
        pairs: (pair, 2) variables whose covariance may be asked with :meth:`covariances`.
        curvature: (variable, variable) what is added to ``J'J`` for a step; with it nothing but steps may be asked.
        plan: Of an earlier step of the same problem: the order of elimination, which takes longer than the factor.
        hold: The number e.

    Attributes:
        hold: (variable,) e of each: less where an observation measures it by itself.
        plan: The order of elimination.
    """

    method = "sparse"

    def __init__(
        self,
        jacobian: sparse.csr_array,
        constraints: sparse.csr_array,
        pairs: Rows,
        *,
        curvature: sparse.csr_array | None = None,
        plan: Plan | None = None,
        hold: float = HOLD,
    ) -> None:
        self._jacobian, self._constraints = jacobian, constraints
        self._size, self._rows = jacobian.shape[1], constraints.shape[0]
        self._normal = (jacobian.T @ jacobian).tocsr()
        bent = self._normal if curvature is None else (self._normal + curvature).tocsr()
        blocks = [[bent, constraints.T], [constraints, None]]
        self._exact = sparse.block_array(blocks, format="csr") if self._rows else bent
        places = _places(pairs, self._size + self._rows)
        self.plan = _order(self._exact + places, constraints) if plan is None else plan
        self.hold = _hold(jacobian, self._normal, hold)
        self._factor = self._factored(places)

    def _factored(self, places: sparse.csr_array) -> Factor:
        """The factor; a constraint whose pivot is lost repeats others by its numbers, and comes last like those that do
        by their pattern.

        Raises:
            InputError: ``factor.singular`` where it is something else that is lost.
        """
        while True:
            give = np.where(self.plan.own < 0, GIVE_REPEATED, GIVE)
            shift = np.concatenate([self.hold, -give])
            try:
                return Factor(sparse.csc_array(self._exact + sparse.diags_array(shift) + places), self.plan.order)
            except InputError as refusal:
                lost = int(refusal.where.get("column", -1)) - self._size
                if refusal.code != "factor.singular" or lost < 0 or self.plan.own[lost] < 0:
                    raise
                self.plan = self.plan.repeating(lost)

    @property
    def minimal(self) -> bool:
        """Whether the step goes to a minimum: what the constraints leave free is curved upwards (Sylvester)."""
        return bool(self._factor.negative == self._rows)

    def step(self, residual: Array, open_by: Array) -> tuple[Array, Array]:
        """The step and the multipliers of the constraints; as :meth:`Linearised.step` says.

        Raises:
            InputError: ``reconcile.constraints_disagree``.
        """
        found = self._refined(np.concatenate([self._jacobian.T @ residual, -open_by]))
        return found[: self._size], found[self._size :]

    def covariance_times(self, weight: Array) -> Array:
        """C @ weight, (variable,) or (variable, k). Of what is loose it is large and says nothing."""
        below = np.zeros((self._rows, *weight.shape[1:]))
        return np.asarray(self._factor.solve(np.concatenate([weight, below]))[: self._size])

    def form(self, weight: sparse.csc_array) -> Array:
        """(k, k) ``weight' C weight``, (variable, k) with few entries in a column."""
        below = sparse.csc_array((self._rows, weight.shape[1]))
        return form(self._factor, sparse.csc_array(sparse.vstack([weight, below], format="csc")))

    def variances(self) -> Array:
        """(variable,) of each; of what is loose it is large and says nothing."""
        return self._inverse.diagonal[: self._size]

    def covariances(self, first: Rows, second: Rows) -> Array:
        """(pair,) of pairs of variables that were named before, or that one observation is about."""
        return self._inverse.at(first, second)

    def loose(self) -> Array:
        """(variable, 2) two vectors of the directions in which nothing holds the variables.

        Any start does that is not by chance at right angles to them; this one is the same every time.
        """
        index = np.arange(1, self._size + 1)[:, None]
        vectors = 0.5 + (index * np.array([0.6180339887498949, 0.41421356237309503])) % 1.0
        size = np.linalg.norm(vectors, axis=0)
        for _ in range(PROJECTIONS):
            before, vectors = vectors, self.covariance_times(self.hold[:, None] * vectors)
            if np.abs(vectors - before).max(initial=0.0) < SETTLED:
                break
        return np.asarray(vectors / size * np.sqrt(self._size))

    def free_of_error(self) -> Array:
        """(observation,) the part of the variance of each whitened observation that its residual keeps, 0 to 1."""
        of = self._jacobian
        entries = np.diff(of.indptr)
        row = np.repeat(np.arange(entries.size), entries)  # (entry,)
        # Every entry of a row with every entry of it: nothing else is needed of the covariance.
        first = np.repeat(np.arange(of.nnz), entries[row])
        turn = np.arange(first.size) - np.repeat(np.cumsum(entries[row]) - entries[row], entries[row])
        second = of.indptr[row[first]] + turn
        known = self._inverse.at(of.indices[first], of.indices[second])
        seen = np.bincount(row[first], of.data[first] * of.data[second] * known, minlength=entries.size)
        return np.asarray(np.clip(1 - seen, 0.0, 1.0))

    def multipliers(self, residual: Array) -> tuple[Array, Array]:
        """Of the constraints, (constraint,): the multiplier ``G' l = J' r`` and its standard deviation."""
        found = self._refined(np.concatenate([self._jacobian.T @ residual, np.zeros(self._rows)]))[self._size :]
        return found, np.sqrt(np.maximum(-self._inverse.diagonal[self._size :], 0.0))

    @cached_property
    def _inverse(self) -> PairedInverse:
        matched = np.flatnonzero(self.plan.own >= 0)
        return PairedInverse(self._factor, self.plan.own[matched], self._size + matched)

    def _refined(self, right: Array) -> Array:
        """The solution of the system without e and d.

        Raises:
            InputError: ``reconcile.constraints_disagree``.
        """
        found = self._factor.solve(right)
        size = float(np.abs(right).max(initial=0.0))
        last = np.inf
        for _ in range(ROUNDS):
            left = right - self._exact @ found
            error = float(np.abs(left).max(initial=0.0))
            if error <= REFINED * size or error >= last:
                break
            found, last = found + self._factor.solve(left), error
        if error > max(DISAGREE * size, ROUNDED):
            raise InputError(
                "reconcile.constraints_disagree",
                "What is fixed or must balance contradicts itself, so that no masses satisfy all of it.",
                open_by=error,
            )
        return found


def _hold(jacobian: sparse.csr_array, normal: sparse.csr_array, hold: float) -> Array:
    """(variable,) e of each."""
    single = np.flatnonzero(np.diff(jacobian.indptr) == 1)
    measured = np.zeros(jacobian.shape[1], dtype=bool)
    measured[jacobian.indices[jacobian.indptr[single]]] = True
    return np.where(measured, np.minimum(hold, HOLD_MEASURED * normal.diagonal()), hold)


class Plan(NamedTuple):
    """The order of elimination of a problem.

    Attributes:
        own: (constraint,) a variable of its own; -1 if it has none.
        order: (variable and constraint,) the order.
    """

    own: Rows
    order: Rows

    def repeating(self, constraint: int) -> Plan:
        """The same where a constraint that has a variable of its own repeats others all the same."""
        own, row = self.own.copy(), self.own.size
        own[constraint] = -1
        at = self.order.size - row + constraint
        return Plan(own, np.concatenate([self.order[self.order != at], [at]]))


def _order(matrix: sparse.csr_array, constraints: sparse.csr_array) -> Plan:
    """An order of little fill in which each constraint comes right after a variable of its own.

    Its own pivot is d, and dividing by that would drown the others; after a variable with pivot h it is ``-g^2 / h``.
    Two constraints may not have the same variable, since it takes away what they have in common only once. So each is
    matched with one, and the pairs are ordered as single columns. What cannot be matched repeats others and comes last.
    """
    variables, rows = constraints.shape[1], constraints.shape[0]
    strong = constraints.copy()
    strong.data = np.where(np.abs(strong.data) > STRONG, 1.0, 0.0)
    strong.eliminate_zeros()
    own = maximum_bipartite_matching(strong, perm_type="column")
    if (own < 0).any():
        own = maximum_bipartite_matching(constraints, perm_type="column")
    matched = np.flatnonzero(own >= 0)
    column = np.arange(variables + rows)
    column[variables + matched] = own[matched]
    names, column = np.unique(column, return_inverse=True)
    pairs = sparse.csr_array((np.ones(column.size), (column, np.arange(column.size))), shape=(names.size, column.size))
    order = order_of(pairs @ abs(matrix) @ pairs.T)
    place = np.empty(names.size, dtype=np.int64)
    place[order] = np.arange(names.size)
    last = np.zeros(column.size, dtype=np.int64)
    last[variables:][own < 0] = 1
    return Plan(own, np.lexsort((np.arange(column.size), place[column], last)))


def _places(pairs: Rows, size: int) -> sparse.csr_array:
    """A matrix with a place for each pair and no value in it, so that the factor has one there too."""
    first, second = pairs[:, 0], pairs[:, 1]
    both = (np.concatenate([first, second]), np.concatenate([second, first]))
    return sparse.csr_array((np.full(2 * first.size, np.finfo(float).tiny), both), shape=(size, size))
