"""Sparse symmetric factor ``matrix = P L D L' P'``: solves with it, and the inverse where its pattern has entries.

It takes what least squares under exact balances leads to: ``S = A V A'``, positive definite, and the quasi-definite
``[[H, G'], [G, -d I]]``, whose pivots have both signs. Either has a factor in any order of elimination, so that the
order is chosen for little fill and kept: the same pattern with other values needs no ordering again. Where a quasi-
definite matrix would lose the digits of d by it, the order is mended; the values should be scaled to about one size.

Source: Vanderbei (1995), SIAM J. Optim. 5(1), 100-113.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from lodeline.errors import InputError
from lodeline.metal.reconciliation import factor_kernels as kernels
from lodeline.metal.reconciliation.factor_kernels import Floats, Ints, Longs
from lodeline.metal.reconciliation.ordering import delayed, order_of

GROWTH = 1e4
"""An entry of L that is larger costs more than four digits of those that it is subtracted from."""

SEARCHED = 2_000
"""Multiplications a column at which two factorisations take as long as approximate minimum degree does: measured, three
microseconds a column."""

DELAYS = 20
"""How often an order is mended; each time costs a factorisation, and the first few settle nearly all."""


class Pattern(NamedTuple):
    """What a factor knows before any value: order, elimination tree and where L has entries.

    Attributes:
        order: (n,) columns of the matrix as they are eliminated.
        position: (n,) when each column of the matrix is eliminated.
        starts, rows, origin: Upper triangle in eliminated order, and the place in ``matrix.data`` of each entry.
        parent: (n,) elimination tree, -1 at a root.
        columns: (n + 1,) where each column of L starts.
    """

    order: Longs
    position: Longs
    starts: Longs
    rows: Ints
    origin: Longs
    parent: Longs
    columns: Longs


class Factor:
    """The factor of one symmetric matrix.

    Args:
        matrix: Square sparse matrix, finite. Either its upper triangle, or all of it, symmetric to rounding. Entries
            that are stored and zero belong to the pattern.
        order: (n,) the columns in the order in which to eliminate them; approximate minimum degree if not given.

    Raises:
        InputError: ``factor.shape``, ``factor.not_finite``, ``factor.asymmetric``, ``factor.order``;
            ``factor.singular`` where a pivot is lost in rounding, with the column of the matrix where it was met.
    """

    def __init__(self, matrix: Any, order: Longs | None = None) -> None:
        held = canonical(matrix)
        self._fill(held, pattern_of(held, order))
        if order is None and self.negative not in (0, self.n):
            self._delay_poor_pivots(held)

    def _delay_poor_pivots(self, matrix: sp.csc_matrix) -> None:
        """Order again where a pivot is so small that dividing by it drowns what it is subtracted from.

        That is a row ``-d`` of a constraint met before the variables in it. It is delayed until its next neighbour has
        gone, which makes its pivot a sum of squares. A constraint that others imply has no neighbour left, and stays.
        """
        for _ in range(DELAYS):
            poor = kernels.largest_of_columns(self.pattern.columns, self.lower) > GROWTH
            if not poor.any():
                return
            self._fill(matrix, pattern_of(matrix, delayed(self.pattern.order, self.pattern.parent, poor)))

    def _fill(self, matrix: sp.csc_matrix, pattern: Pattern) -> None:
        self.matrix = matrix
        self.pattern = pattern
        self.into, self.lower, self.pivot, lost = kernels.factored(
            pattern.starts, pattern.rows, pattern.origin, matrix.data, pattern.parent, pattern.columns, kernels.ROUNDING
        )
        self._inverse: tuple[Floats, Floats] | None = None
        self._whole: sp.csr_matrix | None = None
        if lost >= 0:
            raise InputError(
                "factor.singular",
                "the matrix is singular to rounding; a part of it is determined by nothing, or twice",
                column=int(pattern.order[lost]),
            )

    def refactor(self, values: Floats) -> Factor:
        """The factor of a matrix with the same pattern and these values, without ordering.

        Args:
            values: (entries,) the ``data`` of that matrix in canonical form: columns in turn, rows ascending.

        Raises:
            InputError: ``factor.shape``, ``factor.not_finite``, ``factor.singular``.
        """
        given = np.ascontiguousarray(values, dtype=np.float64)
        if given.shape != (self.matrix.nnz,):
            raise InputError("factor.shape", f"give the {self.matrix.nnz} values of the pattern", shape=given.shape)
        require_finite(given)
        made = Factor.__new__(Factor)
        shape = self.matrix.shape
        made._fill(sp.csc_matrix((given, self.matrix.indices, self.matrix.indptr), shape=shape), self.pattern)
        return made

    @property
    def n(self) -> int:
        """Rows of the matrix."""
        return int(self.pivot.size)

    @property
    def fill(self) -> int:
        """Entries of L below its diagonal."""
        return int(self.pattern.columns[-1])

    @property
    def negative(self) -> int:
        """How many pivots are negative: as many as the matrix has negative eigenvalues (Sylvester)."""
        return int(np.count_nonzero(self.pivot < 0))

    def solve(self, right: Any, *, refine: int = 0) -> Floats:
        """``matrix^-1 @ right`` for one right side (n,) or many (n, side); many are swept together.

        Args:
            right: (n,) or (n, side).
            refine: How many times what is left of the right side is solved for again, and added.

        Raises:
            InputError: ``factor.shape``.
        """
        given = np.ascontiguousarray(right, dtype=np.float64)
        if given.ndim not in (1, 2) or given.shape[0] != self.n:
            raise InputError("factor.shape", f"give a right side of {self.n} rows", shape=given.shape)
        solution = self._swept(given)
        for _ in range(refine):
            solution = solution + self._swept(given - self._times(solution))
        return solution

    def _swept(self, right: Floats) -> Floats:
        sweep = kernels.swept_one if right.ndim == 1 else kernels.swept
        solution: Floats = sweep(self.pattern.columns, self.into, self.lower, self.pivot, self.pattern.order, right)
        return solution

    def _times(self, x: Floats) -> Floats:
        """``matrix @ x``, whichever part of the matrix was given."""
        if self._whole is None:
            above = sp.triu(self.matrix, 1, format="csr")
            self._whole = sp.csr_matrix(above + above.T + sp.diags(self.matrix.diagonal()))
        product: Floats = self._whole @ x
        return product

    def inverse_diagonal(self) -> Floats:
        """Diagonal of the inverse (n,), exact to rounding, without any other entry off the pattern of L."""
        diagonal = self._selected()[1]
        return diagonal[self.pattern.position]

    def inverse_at(self, rows: Any, columns: Any) -> Floats:
        """Entries of the inverse at ``(rows[i], columns[i])``, wherever the matrix or L has an entry.

        Raises:
            InputError: ``factor.shape``, ``factor.index``, and ``factor.off_pattern``: solve for that column instead.
        """
        first, second = np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64)
        if first.ndim != 1 or first.shape != second.shape:
            raise InputError("factor.shape", "give rows and columns of one length", shape=(first.shape, second.shape))
        for one in (first, second):
            if one.size and not (one.min() >= 0 and one.max() < self.n):
                raise InputError("factor.index", f"give rows and columns from 0 to {self.n - 1}")
        inverse, diagonal = self._selected()
        found, off = kernels.looked_up(
            self.pattern.columns, self.into, inverse, diagonal, self.pattern.position, first, second
        )
        if off >= 0:
            raise InputError(
                "factor.off_pattern",
                "this entry of the inverse is not on the pattern of the factor; solve for its column instead",
                row=int(first[off]),
                column=int(second[off]),
            )
        result: Floats = found
        return result

    def _selected(self) -> tuple[Floats, Floats]:
        if self._inverse is None:
            self._inverse = kernels.selected_inverse(self.pattern.columns, self.into, self.lower, self.pivot)
        return self._inverse


class Work(NamedTuple):
    """What a factor would cost.

    Attributes:
        entries: Of L below its diagonal.
        multiplications: Of the factorisation, with as many additions.
        order: (n,) in which the columns would be eliminated, to be handed to ``Factor``.
    """

    entries: int
    multiplications: int
    order: Longs


def work_of(matrix: Any, order: Longs | None = None) -> Work:
    """What a factor would cost, counted before any of it is computed: column j costs the square of its entries.

    Raises:
        InputError: as ``Factor``.
    """
    pattern = pattern_of(canonical(matrix), order)
    counts = np.diff(pattern.columns)
    return Work(int(counts.sum()), int((counts * counts).sum()), pattern.order)


def cheaper_work_of(matrix: Any) -> Work:
    """What a factor would cost in the order in which the columns are given, where no search for a better one pays.

    Balances that are given in order of time have a narrow band, in which a factor costs less than the search.

    Raises:
        InputError: as ``Factor``.
    """
    held = canonical(matrix)
    given = work_of(held, np.arange(held.shape[0]))
    return given if given.multiplications <= SEARCHED * held.shape[0] else work_of(held)


def fill_of(matrix: Any, order: Longs | None = None) -> int:
    """Entries that L would have below its diagonal, counted along the elimination tree before any is computed.

    A matrix whose order has to be mended for its pivots gets a few more, or fewer.

    Raises:
        InputError: as ``Factor``.
    """
    return work_of(matrix, order).entries


def pattern_of(matrix: sp.csc_matrix, order: Longs | None = None) -> Pattern:
    """Order of elimination and pattern of L of a matrix in canonical form.

    Raises:
        InputError: ``factor.order``.
    """
    n = matrix.shape[0]
    chosen = order_of(matrix) if order is None else np.ascontiguousarray(order, dtype=np.int64)
    if chosen.shape != (n,) or not np.array_equal(np.sort(chosen), np.arange(n)):
        raise InputError("factor.order", f"the order must name each of the {n} columns once")
    position = np.empty(n, np.int64)
    position[chosen] = np.arange(n)
    starts, rows, origin = kernels.reordered(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), position)
    parent, counts = kernels.elimination(starts, rows)
    columns = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    return Pattern(chosen, position, starts, rows, origin, parent, columns)


def canonical(matrix: Any) -> sp.csc_matrix:
    """The matrix by columns, rows ascending, none twice, in double precision and checked.

    Raises:
        InputError: ``factor.shape``, ``factor.not_finite``, ``factor.asymmetric``.
    """
    if not sp.issparse(matrix) or matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InputError("factor.shape", "give a square sparse matrix", shape=getattr(matrix, "shape", None))
    held = sp.csc_matrix(matrix, dtype=np.float64)
    if not held.has_canonical_format:
        held = held.copy()
        held.sum_duplicates()
    require_finite(held.data)
    # A lower triangle alone would be passed over in silence. One product with a fixed vector tells the two
    # triangles apart without a transpose of the whole.
    probe = 1 + np.modf(np.arange(held.shape[0]) * 0.6180339887498949)[0]
    difference = np.abs(held @ probe - held.T @ probe)
    is_upper = bool((held.indices <= np.repeat(np.arange(held.shape[0]), np.diff(held.indptr))).all())
    if not is_upper and (difference > 1e-9 * (abs(held) @ probe + abs(held.T) @ probe)).any():
        raise InputError("factor.asymmetric", "give the upper triangle, or a matrix that equals its transpose")
    return held


def require_finite(values: Floats) -> None:
    """Refuse NaN and infinity, which would slip past every later comparison.

    Raises:
        InputError: ``factor.not_finite``.
    """
    if not np.isfinite(values).all():
        raise InputError("factor.not_finite", "the matrix must be finite; check weights and uncertainties for zero")
