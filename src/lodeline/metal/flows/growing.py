"""A table while it grows: one row appended at a time, some cells of it set later."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lodeline.metal.flows.columns import Columns
from lodeline.metal.flows.schema import SCHEMA, TableName

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Growing:
    """Rows of one table of the schema, one ``array.array`` a column, without numpy.

    Attributes:
        columns: By name; cells may be set.
    """

    def __init__(self, name: TableName) -> None:
        self.name = name
        self.columns: dict[str, array[Any]] = {one.name: array(one.typecode) for one in SCHEMA[name]}
        self._appends = tuple(column.append for column in self.columns.values())
        self._first = next(iter(self.columns.values()))

    def __len__(self) -> int:
        return len(self._first)

    def append(self, *row: Any) -> int:
        """Add a row, its cells in the order of the schema; its number."""
        number = len(self._first)
        for append, cell in zip(self._appends, row, strict=True):
            append(cell)
        return number

    def extend(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Add the rows of a finished table."""
        for name, column in self.columns.items():
            column.frombytes(arrays[name].tobytes())

    def finished(self, *, without: tuple[str, ...] = ()) -> dict[str, NDArray[Any]]:
        """Copies of the columns as numpy arrays."""
        import numpy as np

        flags = {one.name for one in SCHEMA[self.name] if one.holds == "flag"}
        return {
            name: np.array(column, dtype=bool) if name in flags else np.array(column)
            for name, column in self.columns.items()
            if name not in without
        }

    def frozen(self) -> Columns:
        """The table as it stands."""
        return Columns(self.name, self.finished())
