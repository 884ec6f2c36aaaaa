"""The vertex that a solver's basis stands for, in exact fractions.

A solver says which rows and columns are basic; the rest stand at bounds that are whole numbers. The basic columns then
follow from linear equations whose entries are 1 and -1, nearly all of them one unknown at a time.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lodeline.origin.joint_program import Program, Solved

KERNEL = 400
"""Unknowns that hang together in a ring are eliminated densely; beyond so many it is not tried."""

Equation = dict[int, Fraction]


def vertex(made: Program, solved: Solved) -> list[Fraction] | None:
    """(column,) exact values, milligrams; None where the basis gives none, or too many hang together."""
    value: list[Fraction | None] = [
        None if basic else Fraction(low if not upper or high is None else high)
        for basic, upper, low, high in zip(solved.basic[0], solved.at_most[0], made.least, made.most, strict=True)
    ]
    equations, right = _equations(made, solved, value)
    found = _peeled(equations, right)
    if found is None:
        return None
    whole = [found.get(column) if one is None else one for column, one in enumerate(value)]
    return [one for one in whole if one is not None] if None not in whole else None


def _equations(
    made: Program, solved: Solved, value: list[Fraction | None]
) -> tuple[dict[int, Equation], dict[int, Fraction]]:
    """The rows that bind, in the columns that are still unknown."""
    bound = np.flatnonzero(~solved.basic[1]).tolist()
    right: dict[int, Fraction] = {}
    for row in bound:
        low, high = made.row_least[row], made.row_most[row]
        end = high if solved.at_most[1][row] and high is not None else low
        assert end is not None
        right[row] = Fraction(end)
    equations: dict[int, Equation] = {row: {} for row in bound}
    for row, column, entry in zip(made.row.tolist(), made.column.tolist(), made.value.tolist(), strict=True):
        if row not in right:
            continue
        known = value[column]
        if known is None:
            equations[row][column] = Fraction(entry)
        elif known:
            right[row] -= entry * known
    return equations, right


def _peeled(equations: dict[int, Equation], right: dict[int, Fraction]) -> dict[int, Fraction] | None:
    """Rows of one unknown first, columns of one row last, and what hangs together in between."""
    rows_of: dict[int, set[int]] = defaultdict(set)
    for row, equation in equations.items():
        for column in equation:
            rows_of[column].add(row)
    found: dict[int, Fraction] = {}
    later: list[tuple[int, int]] = []
    live = set(equations)
    single_rows = [row for row in live if len(equations[row]) == 1]
    single_columns = [column for column, rows in rows_of.items() if len(rows) == 1]
    left = {row: set(equation) for row, equation in equations.items()}
    while single_rows or single_columns:
        if single_rows:
            row = single_rows.pop()
            if row not in live or len(left[row]) != 1:
                continue
            column = left[row].pop()
            live.discard(row)
            found[column] = _solved_for(equations[row], right[row], column, found)
            for other in rows_of.pop(column) - {row}:
                left[other].discard(column)
                if other in live and len(left[other]) == 1:
                    single_rows.append(other)
            continue
        column = single_columns.pop()
        rows = rows_of.get(column, set()) & live
        if len(rows) != 1 or column in found:
            continue
        (row,) = rows
        live.discard(row)
        later.append((row, column))
        for other in left[row] - {column}:
            rows_of[other].discard(row)
            if len(rows_of[other] & live) == 1:
                single_columns.append(other)
        rows_of.pop(column)
    kernel = _eliminated({row: equations[row] for row in live}, right, found)
    if kernel is None:
        return None
    found |= kernel
    for row, column in reversed(later):
        if any(other not in found for other in equations[row] if other != column):
            return None
        found[column] = _solved_for(equations[row], right[row], column, found)
    return found


def _solved_for(equation: Equation, right: Fraction, column: int, found: dict[int, Fraction]) -> Fraction:
    rest = right - sum(entry * found[other] for other, entry in equation.items() if other != column)
    return rest / equation[column]


def _eliminated(
    equations: dict[int, Equation], right: dict[int, Fraction], found: dict[int, Fraction]
) -> dict[int, Fraction] | None:
    """Gauss and Jordan, on what hangs together."""
    if len(equations) > KERNEL:
        return None
    done: dict[int, tuple[Equation, Fraction]] = {}
    for row, equation in equations.items():
        end = right[row] - sum(
            (entry * found[other] for other, entry in equation.items() if other in found), Fraction()
        )
        work = {other: entry for other, entry in equation.items() if other not in found}
        for pivot, (earlier, value) in done.items():
            factor = work.get(pivot)
            if factor:
                _subtract(work, earlier, factor)
                end -= factor * value
        if not work:
            if end:
                return None
            continue
        pivot = next(iter(work))
        scale = work[pivot]
        work, end = {other: entry / scale for other, entry in work.items()}, end / scale
        for key, (earlier, value) in done.items():
            factor = earlier.get(pivot)
            if factor:
                _subtract(earlier, work, factor)
                done[key] = (earlier, value - factor * end)
        done[pivot] = (work, end)
    if any(len(equation) != 1 for equation, _ in done.values()):
        return None
    return {pivot: value for pivot, (_, value) in done.items()}


def _subtract(from_: Equation, what: Equation, factor: Fraction) -> None:
    for other, entry in what.items():
        rest = from_.get(other, Fraction()) - factor * entry
        if rest:
            from_[other] = rest
        else:
            from_.pop(other, None)
