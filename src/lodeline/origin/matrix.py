"""A linear program while it is written, row by row, and the solver that it is given to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.solver import quiet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]


class Matrix:
    """Rows of a program while they are written."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._row: list[Rows] = []
        self._column: list[Rows] = []
        self._value: list[NDArray[np.float64]] = []
        self._low: list[NDArray[np.float64]] = []
        self._high: list[NDArray[np.float64]] = []
        self._count = 0

    def rows(self, count: int, low: float, high: float | NDArray[np.float64]) -> Rows:
        """New rows between two limits; (count,) upper ones, or one for all."""
        self._low.append(np.full(count, low))
        self._high.append(np.full(count, high))
        self._count += count
        return np.arange(self._count - count, self._count)

    def add(self, row: Rows, column: Rows, value: float | NDArray[np.float64]) -> None:
        """Entries."""
        self._row.append(row)
        self._column.append(column)
        self._value.append(np.broadcast_to(np.asarray(value, dtype=np.float64), row.shape))

    def solver(self, least: NDArray[np.float64] | None = None, most: NDArray[np.float64] | None = None) -> Any:
        """The solver with these rows and no cost; columns from nothing upwards where no limits are given."""
        import highspy
        from scipy.sparse import coo_array

        matrix = coo_array(
            (np.concatenate(self._value), (np.concatenate(self._row), np.concatenate(self._column))),
            shape=(self._count, self._columns),
        ).tocsc()
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = matrix.shape
        model.col_cost_ = np.zeros(self._columns)
        model.col_lower_ = np.zeros(self._columns) if least is None else least
        model.col_upper_ = np.full(self._columns, np.inf) if most is None else most
        model.row_lower_, model.row_upper_ = np.concatenate(self._low), np.concatenate(self._high)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
        model.a_matrix_.value_ = matrix.data
        highs = quiet()
        highs.passModel(model)
        return highs


def solved(highs: Any) -> float:
    """The least cost.

    Raises:
        InputError: ``origin.not_solved``.
    """
    import highspy

    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise InputError("origin.not_solved", "Nothing fits all that is known or supposed, or the program has no end.")
    return float(highs.getInfo().objective_function_value)
