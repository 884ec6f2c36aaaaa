"""Loops of the factor of a grounded graph, compiled: nothing is ever subtracted that is not a thousandth of the rest.

``S = A V A'`` has entries ``-v`` for the flows between two balances, and on its diagonal the sum of those and of the
flows to the outside, the *excess* of the row. A pivot taken as the diagonal less what was eliminated loses all digits
where a stock that is known to tonnes stands beside weighings that are known to kilograms. Taken as the excess plus the
entries that are left, it keeps them all, since every term is positive.

Source: Alfa, Xue & Ye (2002), Math. Comp. 71, 217-236, after Grassmann, Taksar & Heyman (1985), Oper. Res. 33.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def filled(starts: Any, rows: Any, parent: Any, columns: Any) -> Any:
    """Rows of L, column by column, ascending. (entry,)"""
    n = starts.size - 1
    into = np.empty(columns[n], np.int32)
    ends = columns[:n].copy()
    seen = np.full(n, -1, np.int64)
    for k in range(n):
        seen[k] = k
        for place in range(starts[k], starts[k + 1]):
            at = rows[place]
            while seen[at] != k:
                into[ends[at]] = k
                ends[at] += 1
                seen[at] = k
                at = parent[at]
    return into


@njit(cache=True)
def graph_factored(starts: Any, rows: Any, origin: Any, values: Any, excess: Any, columns: Any, into: Any) -> Any:
    """Values of L (below zero), D, the excess of each column when it is eliminated over its pivot, and -1.

    Column by column: each takes up what the columns before it left in it. The last is the first column that neither
    an entry nor an excess holds, instead of -1.
    """
    n = columns.size - 1
    lower = np.empty(columns[n], np.float64)
    pivot = np.zeros(n, np.float64)
    outward = np.zeros(n, np.float64)
    over = excess.copy()
    # The entries above the diagonal by rows: what column k has below it.
    ends = np.zeros(n + 1, np.int64)
    for place in range(starts[n]):
        ends[rows[place] + 1] += 1
    for k in range(n):
        ends[k + 1] += ends[k]
    below = np.empty(starts[n], np.int32)
    source = np.empty(starts[n], np.int64)
    for k in range(n):
        for place in range(starts[k], starts[k + 1]):
            below[ends[rows[place]]] = k
            source[ends[rows[place]]] = origin[place]
            ends[rows[place]] += 1
    work = np.zeros(n, np.float64)
    # Columns whose next entry stands in row k, as a linked list.
    first = np.full(n, -1, np.int64)
    following = np.full(n, -1, np.int64)
    at = columns[:n].copy()
    for k in range(n):
        for place in range(ends[k - 1] if k else 0, ends[k]):
            if below[place] != k:
                work[below[place]] += values[source[place]]
        column = first[k]
        while column != -1:
            after = following[column]
            place = at[column]
            share = lower[place]
            over[k] -= share * (outward[column] * pivot[column])
            amount = share * pivot[column]
            place += 1
            for other in range(place, columns[column + 1]):
                work[into[other]] -= lower[other] * amount
            at[column] = place
            if place < columns[column + 1]:
                following[column] = first[into[place]]
                first[into[place]] = column
            column = after
        total = over[k]
        for place in range(columns[k], columns[k + 1]):
            total -= work[into[place]]
        # Written so that a pivot that is not a number is caught too.
        if not total > 0.0:
            return lower, pivot, outward, k
        pivot[k] = total
        outward[k] = over[k] / total
        for place in range(columns[k], columns[k + 1]):
            lower[place] = work[into[place]] / total
            work[into[place]] = 0.0
        if columns[k] < columns[k + 1]:
            following[k] = first[into[columns[k]]]
            first[into[columns[k]]] = k
    return lower, pivot, outward, -1


@njit(cache=True)
def resistances(columns: Any, into: Any, lower: Any, pivot: Any, outward: Any) -> Any:
    """``Z_ii + Z_jj - 2 Z_ij`` on the pattern of L, and ``Z_ii`` as that to the outside; Z the inverse.

    A column j is joined, when it is eliminated, to nodes k with shares p_k that add up to one, the outside among them:
    ``R_ij = 1/D_j + t_i - s`` with ``t_i = sum_k p_k R_ik`` and ``s = sum_i p_i t_i / 2``. A strong tie has a share
    near one, and all terms are then as small as what they make, so that small differences of large Z never arise.
    Source: Takahashi's recursion for Z, written for resistances: Klein & Randic (1993), J. Math. Chem. 12, 81-95.
    """
    n = pivot.size
    apart = np.zeros(into.size, np.float64)
    grounded = np.empty(n, np.float64)
    share = np.zeros(n, np.float64)
    total = np.zeros(n, np.float64)
    for k in range(n - 1, -1, -1):
        start, end = columns[k], columns[k + 1]
        for place in range(start, end):
            share[into[place]] = -lower[place]
        out = outward[k]
        to_ground = 0.0
        for place in range(start, end):
            row = into[place]
            own = share[row]
            to_ground += own * grounded[row]
            toward = out * grounded[row]
            for other in range(columns[row], columns[row + 1]):
                member = share[into[other]]
                if member != 0.0:
                    total[into[other]] += own * apart[other]
                    toward += member * apart[other]
            total[row] += toward
        half = out * to_ground
        for place in range(start, end):
            half += share[into[place]] * total[into[place]]
        half *= 0.5
        own = 1.0 / pivot[k]
        for place in range(start, end):
            row = into[place]
            apart[place] = own + (total[row] - half)
            total[row] = 0.0
            share[row] = 0.0
        grounded[k] = own + (to_ground - half)
    return apart, grounded
