"""The step of a small problem, by orthogonal factors: exact about rank, and so about what the data cannot tell.

``minimise |r - J d|^2`` subject to ``G d = -c``: ``d = p + N z`` with N a basis of what the constraints leave free.
What neither the constraints nor the observations touch is the null space of both; its members stay where they are.
Source: Lawson & Hanson (1974), Solving Least Squares Problems, chapters 20 and 21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

RANK = 1e-10
"""Singular values below this part of the largest are none. Both matrices are scaled, so it says the same of all."""


class DenseStep:
    """One linearised problem, factored; a :class:`lodeline.metal.reconciliation.linearised.Linearised`.

    Args:
        jacobian: (observation, variable) of the whitened observations, variables scaled.
        constraints: (constraint, variable), scaled.
        pairs: Not needed here: every covariance is at hand.
    """

    method = "dense"

    def __init__(self, jacobian: sparse.csr_array, constraints: sparse.csr_array, pairs: Rows) -> None:
        self._jacobian = jacobian.toarray()
        self._constraints = constraints.toarray()
        left, sizes, right = np.linalg.svd(self._constraints, full_matrices=True)
        rank = int((sizes > RANK * sizes.max(initial=0.0)).sum())
        self._inverse = (right[:rank].T / sizes[:rank]) @ left[:, :rank].T  # (variable, constraint)
        self._free = right[rank:].T  # (variable, free)
        _, self._sizes, moves = np.linalg.svd(self._jacobian @ self._free, full_matrices=True)
        known = int((self._sizes > RANK * self._sizes.max(initial=0.0)).sum())
        self._known = self._free @ (moves[:known].T / self._sizes[:known])  # (variable, known): C = known known'
        self._loose = self._free @ moves[known:].T  # (variable, loose)

    @property
    def known(self) -> Array:
        """(variable, known) K, with ``K K'`` the covariance: what constraints leave free and observations hold."""
        return np.asarray(self._known)

    @property
    def inverse(self) -> Array:
        """(variable, constraint) the pseudo-inverse of the constraints."""
        return np.asarray(self._inverse)

    @property
    def hold(self) -> Array:
        """(variable,) nothing: orthogonal factors add nothing of their own."""
        return np.zeros(self._jacobian.shape[1])

    def step(self, residual: Array, open_by: Array) -> tuple[Array, Array]:
        """The step and the multipliers of the constraints; as :meth:`Linearised.step` says."""
        fixed = -self._inverse @ open_by
        found = fixed + self._known @ (self._known.T @ (self._jacobian.T @ (residual - self._jacobian @ fixed)))
        left = residual - self._jacobian @ found
        return np.asarray(found), np.asarray(self._inverse.T @ (self._jacobian.T @ left))

    def covariance_times(self, weight: Array) -> Array:
        """C @ weight, (variable,) or (variable, k)."""
        return np.asarray(self._known @ (self._known.T @ weight))

    def variances(self) -> Array:
        """(variable,) of what is known of each."""
        return np.asarray(np.einsum("ij,ij->i", self._known, self._known))

    def covariances(self, first: Rows, second: Rows) -> Array:
        """(pair,) of pairs of variables."""
        return np.asarray(np.einsum("ij,ij->i", self._known[first], self._known[second]))

    def loose(self) -> Array:
        """(variable, k) directions in which nothing holds the variables."""
        return np.asarray(self._loose)

    def free_of_error(self) -> Array:
        """(observation,) the part of the variance of each whitened observation that its residual keeps, 0 to 1."""
        seen = self._jacobian @ self._known
        return np.asarray(np.clip(1 - np.einsum("ij,ij->i", seen, seen), 0.0, 1.0))

    def multipliers(self, residual: Array) -> tuple[Array, Array]:
        """Of the constraints, (constraint,): the multiplier ``G' l = J' r`` and its standard deviation."""
        seen = self._jacobian @ self._inverse  # (observation, constraint)
        known = self._jacobian @ self._known
        variance = np.einsum("ij,ij->j", seen, seen) - np.einsum("ij,ij->j", known.T @ seen, known.T @ seen)
        return seen.T @ residual, np.sqrt(np.maximum(variance, 0.0))
