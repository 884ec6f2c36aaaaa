"""The vertex that a solver's basis stands for, exactly: whole numbers over a small denominator.

A solver says which rows and columns are basic; the rest stand at bounds that are whole numbers. The basic columns
follow from a square system of entries 1 and -1. It is solved in floats, the residual is taken in whole numbers, and the
correction rounded, until the residual is zero: then the solution is exact, whatever the floats were.

Source: residuals of integer systems, Wan (2006), J. Symbolic Comput. 41, 621-632.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from lodeline.origin.graph import Rows
    from lodeline.origin.joint_program import Program
    from lodeline.origin.joint_solver import Solved

DENOMINATORS = (1, 2, 3, 4, 6, 12, 60, 420, 2520)
ROUNDS = 6
"""Each round gains ten digits or more, and none has more than eighteen."""
LARGEST = 1 << 61
"""Sums of masses times the denominator stay below this, so that none overflows."""


class Vertex(NamedTuple):
    """(column,) whole numbers, milligrams times the denominator."""

    denominator: int
    value: Rows


def vertices(made: Program, solved: Solved) -> Iterator[Vertex]:
    """The vertex of the basis, over the first denominator that gives it; nothing where none does."""
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import splu

    columns, rows = solved.basic[0], ~solved.basic[1]
    if columns.sum() != rows.sum():
        return
    shape = (rows.size, columns.size)
    matrix = coo_array((made.value, (made.row, made.column)), shape=shape).tocsr()[rows].tocsc()
    at = np.where(columns, 0, _bounds(made.least, made.most, solved.at_most[0]))
    right = _bounds(made.row_least, made.row_most, solved.at_most[1])[rows] - matrix @ at
    square = matrix[:, columns]
    try:
        factor = splu(square.astype(np.float64))
    except RuntimeError:  # singular: then the basis is none
        return
    for denominator in DENOMINATORS:
        if int(made.upstream.mg.sum(dtype=object)) * denominator * 2 > LARGEST:
            return
        found = np.zeros(int(columns.sum()), dtype=np.int64)
        for _ in range(ROUNDS):
            residual = denominator * right - square @ found
            if not residual.any():
                value = denominator * at
                value[columns] = found
                yield Vertex(denominator, value)
                return
            found = found + np.rint(factor.solve(residual.astype(np.float64))).astype(np.int64)


def _bounds(least: Sequence[int | None], most: Sequence[int | None], at_most: NDArray[np.bool_]) -> Rows:
    """What stands at a bound, where there is one; what has none is basic, and its entry here means nothing."""
    return np.array(
        [
            high if upper and high is not None else low or 0
            for low, high, upper in zip(least, most, at_most, strict=True)
        ],
        dtype=np.int64,
    )
