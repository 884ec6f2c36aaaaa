"""Loops of the sparse factor, compiled: elimination tree, LDL, sweeps over many right sides, selected inverse.

All of them work on a symmetric matrix in its eliminated order, of which the upper triangle is held by columns.
``L`` is unit lower triangular, held by columns below its diagonal with rows ascending; ``D`` is a vector.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Ints = NDArray[np.int32]

ROUNDING = 8 * np.finfo(np.float64).eps
"""A pivot that is smaller than this share of the terms it is the sum of holds no correct digit."""


@njit(cache=True)
def reordered(starts: Any, rows: Any, position: Any) -> Any:
    """The upper triangle of the matrix in eliminated order: starts, rows, and the place each entry comes from.

    Entries below the diagonal of the given matrix are passed over, since their mirror stands above it.
    """
    n = starts.size - 1
    counts = np.zeros(n + 1, np.int64)
    for column in range(n):
        for place in range(starts[column], starts[column + 1]):
            if rows[place] <= column:
                counts[max(position[rows[place]], position[column]) + 1] += 1
    for column in range(n):
        counts[column + 1] += counts[column]
    ends = counts[:n].copy()
    upper = np.empty(counts[n], np.int32)
    origin = np.empty(counts[n], np.int64)
    for column in range(n):
        for place in range(starts[column], starts[column + 1]):
            if rows[place] <= column:
                first, second = position[rows[place]], position[column]
                into = max(first, second)
                upper[ends[into]] = min(first, second)
                origin[ends[into]] = place
                ends[into] += 1
    return counts, upper, origin


@njit(cache=True)
def elimination(starts: Any, rows: Any) -> Any:
    """Parent of each column in the elimination tree (-1 at a root), and how many entries its column of L has.

    Row k of L is the part of the tree that is met on the way from the entries of column k up to k.
    Source: Davis, Direct Methods for Sparse Linear Systems (2006), sections 4.1 and 4.4.
    """
    n = starts.size - 1
    parent = np.full(n, -1, np.int64)
    seen = np.full(n, -1, np.int64)
    counts = np.zeros(n, np.int64)
    for k in range(n):
        seen[k] = k
        for place in range(starts[k], starts[k + 1]):
            at = rows[place]
            while seen[at] != k:
                if parent[at] == -1:
                    parent[at] = k
                counts[at] += 1
                seen[at] = k
                at = parent[at]
    return parent, counts


@njit(cache=True)
def factored(starts: Any, rows: Any, origin: Any, values: Any, parent: Any, columns: Any, rounding: float) -> Any:
    """Rows and values of L, D, and -1; or the column whose pivot is nothing but rounding instead of -1.

    Row by row: row k of L solves ``L[:k, :k] D l = a`` with a the entries of column k above its diagonal.
    Source: Davis, Algorithm 849: a concise sparse Cholesky factorization package, ACM TOMS 31 (2005), 587-591.
    """
    n = starts.size - 1
    into = np.empty(columns[n], np.int32)
    lower = np.empty(columns[n], np.float64)
    pivot = np.zeros(n, np.float64)
    ends = columns[:n].copy()
    work = np.zeros(n, np.float64)
    seen = np.full(n, -1, np.int64)
    path = np.empty(n, np.int64)
    reach = np.empty(n, np.int64)
    for k in range(n):
        seen[k] = k
        top = n
        diagonal = 0.0
        for place in range(starts[k], starts[k + 1]):
            at = rows[place]
            if at == k:
                diagonal += values[origin[place]]
                continue
            work[at] += values[origin[place]]
            length = 0
            while seen[at] != k:
                path[length] = at
                length += 1
                seen[at] = k
                at = parent[at]
            while length:
                length -= 1
                top -= 1
                reach[top] = path[length]
        size = abs(diagonal)
        for turn in range(top, n):
            at = reach[turn]
            amount = work[at]
            work[at] = 0.0
            for place in range(columns[at], ends[at]):
                work[into[place]] -= lower[place] * amount
            share = amount / pivot[at]
            diagonal -= share * amount
            size += abs(share * amount)
            into[ends[at]] = k
            lower[ends[at]] = share
            ends[at] += 1
        # Written so that a pivot that is not a number is caught too.
        if not abs(diagonal) > rounding * size:
            return into, lower, pivot, k
        pivot[k] = diagonal
    return into, lower, pivot, -1


@njit(cache=True)
def largest_of_columns(columns: Any, lower: Any) -> Any:
    """The largest entry of each column of L, whatever its sign; 0 where there is none."""
    n = columns.size - 1
    largest = np.zeros(n, np.float64)
    for k in range(n):
        for place in range(columns[k], columns[k + 1]):
            largest[k] = max(largest[k], abs(lower[place]))
    return largest


@njit(cache=True)
def swept_one(columns: Any, into: Any, lower: Any, pivot: Any, order: Any, right: Any) -> Any:
    """The solution for one right side (n,)."""
    n = pivot.size
    x = np.empty(n, np.float64)
    for k in range(n):
        x[k] = right[order[k]]
    for k in range(n):
        amount = x[k]
        for place in range(columns[k], columns[k + 1]):
            x[into[place]] -= lower[place] * amount
    for k in range(n - 1, -1, -1):
        amount = x[k] / pivot[k]
        for place in range(columns[k], columns[k + 1]):
            amount -= lower[place] * x[into[place]]
        x[k] = amount
    solution = np.empty(n, np.float64)
    for k in range(n):
        solution[order[k]] = x[k]
    return solution


@njit(cache=True)
def swept(columns: Any, into: Any, lower: Any, pivot: Any, order: Any, right: Any) -> Any:
    """The solutions for many right sides (n, side), held by rows so that each entry of L is read twice in all."""
    n, sides = right.shape
    x = np.empty((n, sides), np.float64)
    for k in range(n):
        x[k] = right[order[k]]
    for k in range(n):
        for place in range(columns[k], columns[k + 1]):
            row, factor = into[place], lower[place]
            for side in range(sides):
                x[row, side] -= factor * x[k, side]
    for k in range(n - 1, -1, -1):
        for side in range(sides):
            x[k, side] /= pivot[k]
        for place in range(columns[k], columns[k + 1]):
            row, factor = into[place], lower[place]
            for side in range(sides):
                x[k, side] -= factor * x[row, side]
    solution = np.empty((n, sides), np.float64)
    for k in range(n):
        solution[order[k]] = x[k]
    return solution


@njit(cache=True)
def selected_inverse(columns: Any, into: Any, lower: Any, pivot: Any) -> Any:
    """The inverse on the pattern of L, and on the diagonal: ``Z = D^-1 L^-1 + (I - L') Z``, from the last column on.

    Source: Takahashi, Fagan & Chin (1973), 8th PICA Conf., 63-69; Erisman & Tinney (1975), Comm. ACM 18, 177-179.
    """
    n = pivot.size
    inverse = np.zeros(into.size, np.float64)
    diagonal = np.empty(n, np.float64)
    weight = np.zeros(n, np.float64)
    total = np.zeros(n, np.float64)
    member = np.zeros(n, np.bool_)
    for k in range(n - 1, -1, -1):
        start, end = columns[k], columns[k + 1]
        for place in range(start, end):
            weight[into[place]] = lower[place]
            member[into[place]] = True
        for place in range(start, end):
            row = into[place]
            factor = lower[place]
            own = factor * diagonal[row]
            for other in range(columns[row], columns[row + 1]):
                if member[into[other]]:
                    total[into[other]] += factor * inverse[other]
                    own += weight[into[other]] * inverse[other]
            total[row] += own
        middle = 1.0 / pivot[k]
        for place in range(start, end):
            row = into[place]
            inverse[place] = -total[row]
            middle += lower[place] * total[row]
            total[row] = 0.0
            weight[row] = 0.0
            member[row] = False
        diagonal[k] = middle
    return inverse, diagonal


@njit(cache=True)
def looked_up(columns: Any, into: Any, inverse: Any, diagonal: Any, position: Any, rows: Any, others: Any) -> Any:
    """Entries of the inverse, and the first of those asked for that is off the pattern (-1: none is)."""
    found = np.empty(rows.size, np.float64)
    for asked in range(rows.size):
        first, second = position[rows[asked]], position[others[asked]]
        low, high = min(first, second), max(first, second)
        if low == high:
            found[asked] = diagonal[low]
            continue
        start, end = columns[low], columns[low + 1]
        while start < end:
            middle = (start + end) // 2
            if into[middle] < high:
                start = middle + 1
            else:
                end = middle
        if start == columns[low + 1] or into[start] != high:
            return found, asked
        found[asked] = inverse[start]
    return found, -1
