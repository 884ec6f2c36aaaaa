"""A table as columns: numpy arrays of one length, read-only, checked against the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lodeline.errors import InputError
from lodeline.metal.flows.schema import SCHEMA, TableName

if TYPE_CHECKING:
    from numpy.typing import NDArray

DTYPES = {"B": "uint8", "i": "int32", "q": "int64", "d": "float64"}


class Columns(Mapping[str, "NDArray[Any]"]):
    """One table; ``table["mass_kg"]`` is an array, and so is ``table.mass_kg``.

    Args:
        name: Which table of the schema it is.
        arrays: Every column of it, (row,), of the dtype the schema gives. They are not copied, and become read-only.

    Raises:
        InputError: ``flows.columns``, ``flows.dtype``, ``flows.length``.
    """

    def __init__(self, name: TableName, arrays: Mapping[str, NDArray[Any]]) -> None:
        wanted = {attribute.name: attribute for attribute in SCHEMA[name]}
        if set(arrays) != set(wanted):
            odd = ", ".join(sorted(set(arrays) ^ set(wanted)))
            raise InputError("flows.columns", f"Table {name} has other columns than the schema: {odd}.", table=name)
        kept: dict[str, NDArray[Any]] = {}
        for column, attribute in wanted.items():
            array = arrays[column].view()
            dtype = "bool" if attribute.holds == "flag" else DTYPES[attribute.typecode]
            if array.dtype.name != dtype or array.ndim != 1:
                raise InputError(
                    "flows.dtype",
                    f"Column {column} of {name} is {array.dtype.name} of {array.ndim} dimensions; want {dtype} of one.",
                    table=name,
                    field=column,
                )
            array.flags.writeable = False
            kept[column] = array
        if len({array.size for array in kept.values()}) > 1:
            raise InputError("flows.length", f"The columns of {name} have several lengths.", table=name)
        self.table = name
        self._arrays = kept

    def __getitem__(self, column: str) -> NDArray[Any]:
        return self._arrays[column]

    def __getattr__(self, column: str) -> NDArray[Any]:
        arrays: dict[str, NDArray[Any]] = self.__dict__.get("_arrays", {})
        if column not in arrays:
            raise AttributeError(column)
        return arrays[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        """How many columns; :attr:`rows` is how many rows."""
        return len(self._arrays)

    @property
    def rows(self) -> int:
        """How many rows."""
        return int(next(iter(self._arrays.values())).size)
