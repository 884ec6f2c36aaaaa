"""The inverse of a factored KKT matrix on the pattern of its factor, each constraint together with its own variable.

Where nothing measures a variable its pivot is next to nothing, ``e``, and that of its constraint ``-g^2 / e``: columns
of L are then ``g / e`` large, and their squares drown what the recursion is after. Of both together the block
``[[e, g], [g, -d]]`` is as regular as g, so the recursion goes by such blocks, with ``L_B = [l_v - l l_c, l_c]`` and l
the entry of L that joins the two:

    Z_RB = -Z_RR L_B        Z_BB = B^-1 + L_B' Z_RR L_B

Rounding goes the same way, ``error_k = sum of L_rk^2 (error_r + eps Z_rr)``; entries that it may have spoiled are found
by solving for their columns.

Source: Takahashi, Fagan & Chin (1973), 8th PICA Conf., 63-69, for the recursion; Bunch & Kaufman (1977), Math. Comp.
31, 163-179, for pivots of two rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

from lodeline.errors import InputError
from lodeline.metal.reconciliation.factor_kernels import looked_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.factor import Factor

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


EPSILON: Final = 2.0**-53
"""Of one rounding."""
SPOILED = 1e-4
"""A diagonal entry is solved for if rounding may have taken this part of it."""
TOGETHER = 64
"""Columns that are solved for at once."""


class PairedInverse:
    """Entries of an inverse.

    Args:
        factor: Of the matrix, n by n.
        first, second: (pair,) rows of the matrix that are eliminated one right after the other, and share an entry.
    """

    def __init__(self, factor: Factor, first: Rows, second: Rows) -> None:
        pattern = factor.pattern
        self._factor, self._pattern = factor, pattern
        before = pattern.position[first]
        paired = np.zeros(pattern.order.size, dtype=bool)
        paired[before] = (pattern.position[second] == before + 1) & (pattern.parent[before] == before + 1)
        self._entries, self._diagonal, error = _inverse(
            pattern.columns, factor.into, factor.lower, factor.pivot, paired
        )
        self._spoiled = (error > SPOILED * np.abs(self._diagonal))[pattern.position]  # (n,) rows of the matrix

    @cached_property
    def diagonal(self) -> Array:
        """(n,) of the inverse."""
        found = self._diagonal[self._pattern.position]
        for some, solved in self._columns(np.flatnonzero(self._spoiled)):
            found[some] = solved[some, np.arange(some.size)]
        return np.asarray(found)

    def _columns(self, of: Rows) -> Iterator[tuple[Rows, Array]]:
        """Columns of the inverse, some at a time: which, and (n, some) what they are."""
        for start in range(0, of.size, TOGETHER):
            some = of[start : start + TOGETHER]
            unit = np.zeros((self._spoiled.size, some.size))
            unit[some, np.arange(some.size)] = 1.0
            yield some, self._factor.solve(unit)

    def at(self, rows: Rows, columns: Rows) -> Array:
        """(entry,) of the inverse, wherever the matrix or its factor has an entry.

        Raises:
            InputError: ``factor.off_pattern``.
        """
        pattern = self._pattern
        first, second = rows.astype(np.int64), columns.astype(np.int64)
        found, off = looked_up(
            pattern.columns, self._factor.into, self._entries, self._diagonal, pattern.position, first, second
        )
        if off >= 0:
            raise InputError(
                "factor.off_pattern",
                "this entry of the inverse is not on the pattern of the factor; solve for its column instead",
                row=int(first[off]),
                column=int(second[off]),
            )
        first, second = np.where(self._spoiled[second], (second, first), (first, second))
        wanted = np.flatnonzero(self._spoiled[first])
        for some, solved in self._columns(np.unique(first[wanted])):
            these = wanted[np.isin(first[wanted], some)]
            found[these] = solved[second[these], np.searchsorted(some, first[these])]
        return np.asarray(found)


@njit(cache=True)
def _inverse(columns: Any, into: Any, lower: Any, pivot: Any, paired: Any) -> Any:
    """The inverse on the pattern of L, on the diagonal, and by how much rounding may be off there.

    From the last column on; ``paired``: with the next one.
    """
    n = pivot.size
    inverse = np.zeros(into.size, np.float64)
    diagonal = np.empty(n, np.float64)
    error = np.empty(n, np.float64)
    weight = np.zeros((n, 2), np.float64)
    total = np.zeros((n, 2), np.float64)
    member = np.zeros(n, np.bool_)
    k = n - 1
    while k >= 0:
        first = k - 1 if k > 0 and paired[k - 1] else k
        joint = _gather(columns, into, lower, first, k, weight, member)
        _multiply(columns, into, inverse, diagonal, k, weight, total, member)
        # The block B = [[p, p l], [p l, p l^2 + q]], and its inverse; alone only the last of them.
        p, q = pivot[first], pivot[k]
        own, cross, other = 1.0 / q, -joint / q, (q + joint * joint * p) / (p * q)
        off, off_first = EPSILON * abs(own), EPSILON * abs(other)
        for place in range(columns[k], columns[k + 1]):
            row = into[place]
            inverse[place] = -total[row, 1]
            own += weight[row, 1] * total[row, 1]
            cross += weight[row, 0] * total[row, 1]
            other += weight[row, 0] * total[row, 0]
            lost = error[row] + EPSILON * abs(diagonal[row])
            off += weight[row, 1] ** 2 * lost
            off_first += weight[row, 0] ** 2 * lost
        if first < k:
            for place in range(columns[first], columns[first + 1]):
                row = into[place]
                inverse[place] = cross if row == k else -total[row, 0]
            diagonal[first], error[first] = other, off_first
        diagonal[k], error[k] = own, off
        for place in range(columns[k], columns[k + 1]):
            row = into[place]
            weight[row] = 0.0
            total[row] = 0.0
            member[row] = False
        k = first - 1
    return inverse, diagonal, error


@njit(cache=True)
def _gather(columns: Any, into: Any, lower: Any, first: int, k: int, weight: Any, member: Any) -> float:
    """Spread L_B over its rows, all of which are in column k; the entry that joins the two, 0 where k is alone."""
    joint = 0.0
    if first < k:
        for place in range(columns[first], columns[first + 1]):
            if into[place] == k:
                joint = lower[place]
            else:
                weight[into[place], 0] += lower[place]
    for place in range(columns[k], columns[k + 1]):
        row = into[place]
        weight[row, 1] = lower[place]
        weight[row, 0] -= joint * lower[place]
        member[row] = True
    return joint


@njit(cache=True)
def _multiply(
    columns: Any, into: Any, inverse: Any, diagonal: Any, k: int, weight: Any, total: Any, member: Any
) -> None:
    """``Z_RR L_B`` on the rows R of column k: all its entries are on the pattern."""
    for place in range(columns[k], columns[k + 1]):
        row = into[place]
        first, second = weight[row, 0] * diagonal[row], weight[row, 1] * diagonal[row]
        for other in range(columns[row], columns[row + 1]):
            column = into[other]
            if member[column]:
                total[column, 0] += weight[row, 0] * inverse[other]
                total[column, 1] += weight[row, 1] * inverse[other]
                first += weight[column, 0] * inverse[other]
                second += weight[column, 1] * inverse[other]
        total[row, 0] += first
        total[row, 1] += second
