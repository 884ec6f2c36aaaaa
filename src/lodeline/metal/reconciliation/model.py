"""A reconciliation problem as numbers: variables, what was observed of them, and what must hold between them exactly.

Observations, constraints and ceilings are sums of terms ``coefficient * x[first] * x[second]``, or without the second
factor. Mass balances are linear; a metal balance (dry mass times grade), a transfer coefficient and a weighing on a
scale with a bias are such products. Flowsheets and whole ledgers are written as one of these and solved alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from lodeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Terms(NamedTuple):
    """Sums of products, row by row; every array is (term,).

    Attributes:
        row: Which observation or constraint the term is of.
        coefficient: What it is multiplied with.
        first: The variable.
        second: The other variable of a product; -1 where there is none.
    """

    row: Rows
    coefficient: Array
    first: Rows
    second: Rows

    @classmethod
    def none(cls) -> Terms:
        """No term at all."""
        empty = np.zeros(0, dtype=np.int64)
        return cls(empty, np.zeros(0), empty, empty)

    @classmethod
    def of(cls, rows: Sequence[Sequence[tuple[float, int] | tuple[float, int, int]]]) -> Terms:
        """Row by row, a term as ``(coefficient, first)`` or ``(coefficient, first, second)``."""
        flat = [(row, *term) for row, terms in enumerate(rows) for term in terms]
        return cls(
            np.array([one[0] for one in flat], dtype=np.int64),
            np.array([one[1] for one in flat], dtype=np.float64),
            np.array([one[2] for one in flat], dtype=np.int64),
            np.array([one[3] if len(one) == 4 else -1 for one in flat], dtype=np.int64),
        )

    def values(self, x: Array, rows: int) -> Array:
        """(row,) each sum at x."""
        second = np.where(self.second >= 0, x[self.second], 1.0) if x.size else np.ones(0)
        return np.bincount(self.row, self.coefficient * x[self.first] * second, minlength=rows).astype(np.float64)

    def jacobian(self, x: Array, rows: int) -> sparse.csr_array:
        """(row, variable) the derivative of each sum at x."""
        product = np.flatnonzero(self.second >= 0)
        by_first = self.coefficient.copy()
        by_first[product] *= x[self.second[product]]
        by_second = self.coefficient[product] * x[self.first[product]]
        row = np.concatenate([self.row, self.row[product]])
        column = np.concatenate([self.first, self.second[product]])
        return sparse.csr_array((np.concatenate([by_first, by_second]), (row, column)), shape=(rows, x.size))

    def curvature(self, weight: Array) -> tuple[Rows, Rows, Array]:
        """Row, column and half of the second derivatives of the sums, each sum by its weight, (row,)."""
        product = self.second >= 0
        number = weight[self.row[product]] * self.coefficient[product]
        return self.first[product], self.second[product], number


class Correlation(NamedTuple):
    """Pairs of observations whose errors are correlated; every array is (pair,).

    Attributes:
        first, second: The two observations, each pair once.
        coefficient: Correlation coefficient, -1 < r < 1.
    """

    first: Rows
    second: Rows
    coefficient: Array

    @classmethod
    def none(cls) -> Correlation:
        """Independent errors."""
        empty = np.zeros(0, dtype=np.int64)
        return cls(empty, empty, np.zeros(0))


class Model(NamedTuple):
    """A problem: ``value = terms(x) + error`` under constraints and limits.

    ``0 = constant + constraint_terms(x)``, ``ceiling_terms(x) <= ceiling`` and ``lower <= x <= upper``.

    Attributes:
        start: (variable,) where the search begins; of a variable that nothing determines, where it stays.
        scale: (variable,) its typical size, > 0, in its unit. It sets what counts as small, and nothing else.
        value: (observation,) what was measured.
        u: (observation,) standard uncertainty (k = 1) of each, > 0.
        terms: What each observation is a measurement of.
        constant: (constraint,).
        constraint_terms: What each constraint adds to its constant.
        lower, upper: (variable,) limits, -inf and inf where there is none; equal where a variable is fixed.
        correlation: Which errors are not independent.
        pairs: (pair, 2) variables whose covariance will be asked for all at once, such as those of a product.
        ceiling: (ceiling,) what a sum is at the most. ceiling_terms: what each of them sums.
    """

    start: Array
    scale: Array
    value: Array
    u: Array
    terms: Terms
    constant: Array
    constraint_terms: Terms
    lower: Array
    upper: Array
    correlation: Correlation = Correlation.none()
    pairs: Rows = np.zeros((0, 2), dtype=np.int64)
    ceiling: Array = np.zeros(0)
    ceiling_terms: Terms = Terms.none()

    @property
    def fixed(self) -> NDArray[np.bool_]:
        """(variable,) which are given exactly."""
        return np.asarray(self.lower == self.upper)

    @property
    def limited(self) -> bool:
        """Whether anything that is not fixed has a limit."""
        free = ~self.fixed
        return bool(self.ceiling.size or np.isfinite(self.lower[free]).any() or np.isfinite(self.upper[free]).any())

    def without_limits(self) -> Model:
        """The same where only what is fixed is limited."""
        none = np.full(self.start.size, np.inf)
        return self._replace(
            lower=np.where(self.fixed, self.lower, -none),
            upper=np.where(self.fixed, self.upper, none),
            ceiling=np.zeros(0),
            ceiling_terms=Terms.none(),
        )

    def reaching(self, full: NDArray[np.bool_]) -> Model:
        """The same with some ceilings, (ceiling,), as constraints after all others: their sums are what they may be."""
        row = np.cumsum(full) - 1 + self.constant.size
        of = self.ceiling_terms
        kept = full[of.row]
        further = Terms(row[of.row[kept]], of.coefficient[kept], of.first[kept], of.second[kept])
        return self._replace(
            constant=np.concatenate([self.constant, -self.ceiling[full]]),
            constraint_terms=Terms(
                *(np.concatenate(pair) for pair in zip(self.constraint_terms, further, strict=True))
            ),
        )

    def check(self) -> None:
        """Refuse what is no problem.

        Raises:
            InputError: ``reconcile.shape``, ``reconcile.not_finite``, ``reconcile.uncertainty``, ``reconcile.scale``,
                ``reconcile.limits``, ``reconcile.index``.
        """
        shapes = (self.scale.shape, self.lower.shape, self.upper.shape)
        if any(shape != self.start.shape for shape in shapes) or self.u.shape != self.value.shape:
            raise InputError(
                "reconcile.shape", "Give one start, scale and pair of limits a variable, and one u a value."
            )
        numbers = (self.start, self.scale, self.value, self.u, self.constant, self.terms.coefficient)
        coefficients = (self.constraint_terms.coefficient, self.ceiling_terms.coefficient)
        if not all(np.isfinite(one).all() for one in (*numbers, self.ceiling, *coefficients)):
            raise InputError("reconcile.not_finite", "Every number of a problem is finite; leave out what is unknown.")
        if (self.u <= 0).any():
            raise InputError(
                "reconcile.uncertainty",
                "A standard uncertainty is above zero; give a variable that is known exactly as fixed.",
                observation=int(np.flatnonzero(self.u <= 0)[0]),
            )
        if (self.scale <= 0).any():
            raise InputError("reconcile.scale", "The typical size of a variable is above zero.")
        if np.isnan(self.lower).any() or np.isnan(self.upper).any() or (self.lower > self.upper).any():
            raise InputError("reconcile.limits", "A lower limit is at most the upper one.")
        for terms, rows in (
            (self.terms, self.value.size),
            (self.constraint_terms, self.constant.size),
            (self.ceiling_terms, self.ceiling.size),
        ):
            inside = (
                (terms.row >= 0) & (terms.row < rows) & (terms.first >= 0) & (terms.first < self.start.size)
            ).all()
            if not inside or (terms.second >= self.start.size).any() or (terms.second < -1).any():
                raise InputError("reconcile.index", "A term names a row or a variable that there is not.")

    def whitening(self) -> sparse.csr_array:
        """(observation, observation) W with ``W @ errors`` independent and of unit variance.

        ``W = inverse(chol(R)) / u``, R the correlations, group by group of observations that are correlated.

        Raises:
            InputError: ``reconcile.correlation``.
        """
        size, pairs = self.value.size, self.correlation
        scaled = sparse.diags_array(1 / self.u).tocsr()
        if not pairs.first.size:
            return scaled
        pattern = sparse.coo_array((np.ones(pairs.first.size), (pairs.first, pairs.second)), shape=(size, size))
        _, group = sparse.csgraph.connected_components(pattern, directed=False)
        rows, columns, numbers = [np.arange(size)], [np.arange(size)], [np.ones(size)]
        paired = np.unique(np.concatenate([pairs.first, pairs.second]))
        numbers[0][paired] = 0.0
        for one in np.unique(group[paired]):
            members = np.flatnonzero(group == one)
            at = {int(member): index for index, member in enumerate(members)}
            dense = np.eye(members.size)
            for first, second, r in zip(*pairs, strict=True):
                if int(first) in at and int(second) in at:
                    dense[at[int(first)], at[int(second)]] = dense[at[int(second)], at[int(first)]] = r
            try:
                inverse = np.linalg.inv(np.linalg.cholesky(dense))
            except np.linalg.LinAlgError as flaw:
                raise InputError(
                    "reconcile.correlation",
                    "The correlations contradict each other, since no errors could have them all; check the signs.",
                    observations=members.tolist(),
                ) from flaw
            row, column = np.nonzero(inverse)
            rows.append(members[row])
            columns.append(members[column])
            numbers.append(inverse[row, column])
        at_all = (np.concatenate(rows), np.concatenate(columns))
        return (sparse.csr_array((np.concatenate(numbers), at_all), shape=(size, size)) @ scaled).tocsr()
