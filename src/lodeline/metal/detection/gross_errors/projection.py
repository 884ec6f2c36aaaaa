"""How much of a suspicion the data can see: its direction, projected on what the residuals keep.

Let r be the whitened residuals of a solved problem, J the whitened jacobian, G the constraints, l their multipliers.
A fault of size b that shifts the whitened values by ``a b`` and the constraints by ``g b`` shifts the residuals by
``w b``, where ``w = a - J d`` and ``[[J'J, G'], [G, 0]] [d; k] = [J'a; -g]``. Then

    seen = w'r = a'r + g'l        weight = w'w = a'w + g'k
    size = seen / weight          its u = weight ** -0.5          T = seen / weight ** 0.5

and T squared is by how much chi2 falls if the size is made an unknown, which makes it the generalised likelihood
ratio. Of one uncorrelated value, T is residual / residual_u; of one constraint, multiplier / multiplier_u.
Source: Narasimhan & Mah (1987), AIChE J. 33(9), 1514-1521.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.gross_errors.directions import Directions
    from lodeline.metal.reconciliation.solution import Solution

    Array = NDArray[np.float64]
    Indices = NDArray[np.int64]

BLOCK = 64
"""Right sides that are solved for at once."""
CHECKED = 1e-8
"""A direction is checked if the residuals keep more than this part of its square, leaks in terms of the flows there."""

PROBES = 8
"""Sets of errors, always the same, of which at least one shows in what is checked."""
PROBED = 1e-3
"""What shows in none of them by more than this part of a standard deviation is not checked; by chance, once in 1e24."""


class Hypothesis(NamedTuple):
    """One suspicion, tested alone.

    Attributes:
        label, kind: What it is.
        statistic: T; standard normal where nothing is wrong. NaN where nobody checks.
        size: Estimate of the fault, in the unit of its direction; NaN where nobody checks.
        size_u: Its standard uncertainty.
        p: Probability of a T at least as far from 0 where nothing is wrong, of this hypothesis alone.
    """

    label: str
    kind: str
    statistic: float
    size: float
    size_u: float
    p: float


class Projection:
    """Hypotheses as the residuals of one solution see them.

    Attributes:
        solution: The solved problem.
        directions: The hypotheses.
    """

    def __init__(self, solution: Solution, directions: Directions) -> None:
        directions.check(solution.model)
        self.solution, self.directions = solution, directions
        self._shift = sparse.csc_array(solution.whitening @ directions.shift)
        self._leak = directions.leak
        free = solution.jacobian[:, solution.free]
        self._moves = sparse.csr_array(free @ sparse.diags_array(solution.size))  # (observation, free), scaled

    @cached_property
    def seen(self) -> Array:
        """(hypothesis,) w'r."""
        found: Array = self._shift.T @ self.solution.white + self._leak.T @ self.solution.multiplier
        return np.where(self.checked, found, 0.0)

    @cached_property
    def weight(self) -> Array:
        """(hypothesis,) w'w; 0 where nobody checks."""
        return np.where(self.checked, self._weight, 0.0)

    @cached_property
    def checked(self) -> NDArray[np.bool_]:
        """(hypothesis,) whether anything checks it."""
        leak = self._leak.multiply(1 / self.solution.norm[:, None]).power(2).sum(axis=0)
        found = self._weight > CHECKED * (self._whole + np.asarray(leak).ravel())
        # A sparse factor holds what nothing determines a little, and the weights with it; what is seen does not suffer.
        probes = np.random.default_rng(PROBES).standard_normal((PROBES, self._shift.shape[0]))
        seen = np.sqrt(np.mean(self._seen_of(probes) ** 2, axis=0))
        return np.asarray(found & (seen > PROBED * np.sqrt(self._weight)))

    @cached_property
    def share(self) -> Array:
        """(hypothesis,) part of the direction that the residuals keep, 0 to 1; 0 of what shifts no value, as a leak."""
        return np.where(self._whole > 0, self.weight / np.where(self._whole > 0, self._whole, 1.0), 0.0)

    @cached_property
    def statistic(self) -> Array:
        """(hypothesis,) T; 0 where nobody checks."""
        return self.seen / np.sqrt(np.where(self.checked, self.weight, 1.0))

    def rows(self) -> list[Hypothesis]:
        """Each hypothesis tested alone."""
        from scipy.stats import norm

        weight = np.where(self.checked, self.weight, np.nan)
        p = 2 * norm.sf(np.abs(self.statistic))
        columns = (self.seen / np.sqrt(weight), self.seen / weight, weight**-0.5, np.where(self.checked, p, np.nan))
        numbers = zip(*(column.tolist() for column in columns), strict=True)
        named = zip(self.directions.labels, self.directions.kinds, numbers, strict=True)
        return [Hypothesis(label, kind, *values) for label, kind, values in named]

    def gram(self, of: Indices) -> Array:
        """(hypothesis, k) products w'w of all hypotheses with some."""
        found = np.empty((self.directions.size, of.size))
        for start in range(0, of.size, BLOCK):
            part = slice(start, start + BLOCK)
            found[:, part] = self._products(of[part])
        return found * (self.checked[:, None] & self.checked[of][None, :])

    def cosines(self, of: Indices) -> Array:
        """(hypothesis, k) cosines of the angles between projected directions; 0 where nobody checks one of them."""
        size = np.sqrt(np.where(self.checked, self.weight, 1.0))
        return np.clip(self.gram(of) / size[:, None] / size[of][None, :], -1.0, 1.0)

    def drawn(self, count: int, generator: np.random.Generator) -> Array:
        """(draw, hypothesis) ``seen`` of data in which nothing is wrong; all of a row come from the same errors."""
        observations = self._shift.shape[0]
        found = np.empty((count, self.directions.size))
        for start in range(0, count, BLOCK):
            found[start : start + BLOCK] = self.sees(
                generator.standard_normal((min(BLOCK, count - start), observations))
            )
        return found

    def sees(self, errors: Array) -> Array:
        """(run, hypothesis) ``seen`` of data with given whitened errors, (run, observation)."""
        return np.where(self.checked, self._seen_of(errors), 0.0)

    def _seen_of(self, errors: Array) -> Array:
        left, multipliers = self._respond(errors.T, np.zeros((self._leak.shape[0], errors.shape[0])))
        return np.asarray((self._shift.T @ left + self._leak.T @ multipliers).T)

    @cached_property
    def _whole(self) -> Array:
        """(hypothesis,) a'a."""
        return np.asarray(self._shift.power(2).sum(axis=0)).ravel()

    @cached_property
    def _weight(self) -> Array:
        """(hypothesis,) w'w, by what the solution has where a direction is one value or one constraint."""
        shifts, leaks = np.diff(self._shift.indptr), np.diff(self._leak.indptr)
        found = np.zeros(self.directions.size)
        value = np.flatnonzero((shifts == 1) & (leaks == 0))
        at = self._shift.indptr[value]
        found[value] = self._shift.data[at] ** 2 * self.solution.checked_part[self._shift.indices[at]]
        balance = np.flatnonzero((shifts == 0) & (leaks == 1))
        at = self._leak.indptr[balance]
        found[balance] = (self._leak.data[at] * self.solution.multiplier_u[self._leak.indices[at]]) ** 2
        several = np.flatnonzero(shifts + leaks > 1)
        for start in range(0, several.size, BLOCK):
            part = several[start : start + BLOCK]
            found[part] = np.einsum("ii->i", self._products(part)[part])
        return found

    def _products(self, of: Indices) -> Array:
        """(hypothesis, k) w'w of all hypotheses with a block of them."""
        left, multipliers = self._respond(self._shift[:, of].toarray(), self._leak[:, of].toarray())
        return np.asarray(self._shift.T @ left + self._leak.T @ multipliers)

    def _respond(self, values: Array, constraints: Array) -> tuple[Array, Array]:
        """What is left of shifted values and constraints after reconciling.

        Args:
            values: (observation, k) shifts of the whitened values.
            constraints: (constraint, k) shifts of the constraints, in their units.

        Returns:
            (observation, k) whitened residuals and (constraint, k) multipliers, in their units.
        """
        solution, norm = self.solution, self.solution.norm[:, None]
        step, multipliers = solution.stepper.step(values, constraints / norm)
        return values - self._moves @ step, multipliers / norm
