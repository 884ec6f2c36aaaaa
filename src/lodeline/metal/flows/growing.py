"""A table while it grows: one row appended at a time, some cells of it set later."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lodeline.metal.flows.columns import DTYPES
from lodeline.metal.flows.schema import SCHEMA, TableName

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _appender(columns: list[array[Any]]) -> Callable[..., Any]:
    """One function that appends a cell to each column: written out for so many columns, it is three times as fast as
    a loop over them, and following a book is little else than this."""
    cells = [f"c{number}" for number in range(len(columns))]
    calls = ", ".join(f"a{number}({cell})" for number, cell in enumerate(cells))
    names = {f"a{number}": column.append for number, column in enumerate(columns)}
    made: Callable[..., Any] = eval(f"lambda {', '.join(cells)}: ({calls},)", names)
    return made


class Growing:
    """Rows of one table of the schema, one ``array.array`` a column, without numpy.

    Attributes:
        columns: By name; cells may be set.
    """

    def __init__(self, name: TableName) -> None:
        self.name = name
        self.columns: dict[str, array[Any]] = {one.name: array(one.typecode) for one in SCHEMA[name]}
        self._first = next(iter(self.columns.values()))
        self._append = _appender(list(self.columns.values()))

    def __len__(self) -> int:
        return len(self._first)

    def append(self, *row: Any) -> int:
        """Add a row, its cells in the order of the schema; its number."""
        number = len(self._first)
        self._append(*row)
        return number

    def extend(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Add the rows of a finished table."""
        for name, column in self.columns.items():
            column.frombytes(arrays[name].tobytes())

    def shown(self) -> dict[str, NDArray[Any]]:
        """The columns as numpy arrays over the same memory: nothing can be appended until :meth:`regrow`."""
        import numpy as np

        dtypes = {one.name: "bool" if one.holds == "flag" else DTYPES[one.typecode] for one in SCHEMA[self.name]}
        return {name: np.frombuffer(column, dtype=dtypes[name]) for name, column in self.columns.items()}

    def regrow(self, rows: int) -> None:
        """Go on with copies of the first rows; the arrays that were shown stay as they are."""
        for name, column in self.columns.items():
            self.columns[name] = column[:rows]
        self._first = next(iter(self.columns.values()))
        self._append = _appender(list(self.columns.values()))
