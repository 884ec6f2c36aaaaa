"""Quadratic forms ``B' A^-1 B`` of a factored matrix with few entries in each column of B.

With ``A = P L D L' P'`` it is ``Z' D^-1 Z``, ``Z = L^-1 P' B``. A column of Z has entries only where the paths from
those of B lead up the elimination tree, so that a block of an inverse costs what lies on these paths and not the
whole factor.
Source: Gilbert & Peierls (1988), SIAM J. Sci. Stat. Comput. 9, 862-874; Davis (2006), Direct Methods for Sparse Linear
Systems, 3.2 and 4.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from lodeline.metal.reconciliation.factor import Factor

    Array = NDArray[np.float64]

FULL = 0.05
"""A row of Z with entries in more than this part of the columns is multiplied as a dense one."""


def form(factor: Factor, right: sparse.csc_array) -> Array:
    """(column, column) ``right' matrix^-1 right``.

    Args:
        factor: Of the matrix, n by n.
        right: (n, column), sparse.
    """
    pattern = factor.pattern
    starts, rows, values = _lowered(
        pattern.parent,
        pattern.columns,
        factor.into,
        factor.lower,
        right.indptr.astype(np.int64),
        pattern.position[right.indices],
        right.data,
    )
    count = right.shape[1]
    filled = np.bincount(rows, minlength=factor.n)
    full = np.flatnonzero(filled > FULL * count)
    place = np.full(factor.n, -1, dtype=np.int64)
    place[full] = np.arange(full.size)
    column = np.repeat(np.arange(count), np.diff(starts))
    dense = np.zeros((full.size, count))
    of_full = place[rows] >= 0
    dense[place[rows[of_full]], column[of_full]] = values[of_full]
    found = dense.T @ (dense / factor.pivot[full][:, None])
    rest = np.flatnonzero(~of_full)
    rest = rest[np.argsort(rows[rest], kind="stable")]
    _add_outer(found, rows[rest], column[rest], values[rest], factor.pivot)
    return np.asarray(found)


@njit(cache=True)
def _lowered(parent: Any, columns: Any, into: Any, lower: Any, starts: Any, rows: Any, values: Any) -> Any:
    """The columns of ``L^-1 B``, B by columns in eliminated order: starts, rows ascending, values."""
    n, count = parent.size, starts.size - 1
    mark = np.full(n, -1, np.int64)
    ends = np.zeros(count + 1, np.int64)
    for column in range(count):
        reached = 0
        for entry in range(starts[column], starts[column + 1]):
            row = rows[entry]
            while row >= 0 and mark[row] != column:
                mark[row] = column
                reached += 1
                row = parent[row]
        ends[column + 1] = ends[column] + reached
    found_rows = np.empty(ends[count], np.int64)
    found = np.empty(ends[count], np.float64)
    x = np.zeros(n, np.float64)
    mark[:] = -1
    for column in range(count):
        at = ends[column]
        for entry in range(starts[column], starts[column + 1]):
            row = rows[entry]
            x[row] += values[entry]
            while row >= 0 and mark[row] != column:
                mark[row] = column
                found_rows[at] = row
                at += 1
                row = parent[row]
        path = np.sort(found_rows[ends[column] : ends[column + 1]])
        for place in range(path.size):
            row = path[place]
            amount = x[row]
            x[row] = 0.0
            found_rows[ends[column] + place] = row
            found[ends[column] + place] = amount
            for entry in range(columns[row], columns[row + 1]):
                x[into[entry]] -= lower[entry] * amount
    return ends, found_rows, found


@njit(cache=True)
def _add_outer(found: Any, rows: Any, columns: Any, values: Any, pivot: Any) -> None:
    """Add ``z z' / d`` of each row of Z to a square array; entries in order of rows."""
    start = 0
    while start < rows.size:
        end = start
        while end < rows.size and rows[end] == rows[start]:
            end += 1
        for one in range(start, end):
            amount = values[one] / pivot[rows[start]]
            for other in range(start, end):
                found[columns[one], columns[other]] += amount * values[other]
        start = end
