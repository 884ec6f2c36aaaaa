"""Tables: columns of one length, for results that have a row for every flow or reading of a book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from lodeline.errors import InputError

if TYPE_CHECKING:
    import polars


class Table(msgspec.Struct, frozen=True):
    """Columns by name: lists of texts, of which nobody said is None, and arrays of numbers, of which unknown is NaN."""

    columns: Mapping[str, Any]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Row by row, what is unknown as None."""
        columns = [_plain(column) for column in self.columns.values()]
        for row in zip(*columns, strict=True):
            yield dict(zip(self.columns, row, strict=True))

    def to_polars(self) -> polars.DataFrame:
        """As a polars frame; what is unknown is null.

        Raises:
            InputError: ``flows.library_missing``.
        """
        try:
            import polars
        except ImportError:
            raise InputError(
                "flows.library_missing",
                "polars is not installed; install lodeline with its tables: pip install 'lodeline[tables]'.",
                library="polars",
            ) from None
        series = []
        for name, column in self.columns.items():
            if isinstance(column, list):
                series.append(polars.Series(name, column, dtype=polars.String))
                continue
            numbers = polars.Series(name, column)
            series.append(numbers.fill_nan(None) if numbers.dtype.is_float() else numbers)
        return polars.DataFrame(series)


def _plain(column: Sequence[Any]) -> list[Any]:
    if isinstance(column, list):
        return column
    values: list[Any] = column.tolist()  # type: ignore[attr-defined]
    # Of all numbers only NaN is unequal to itself.
    return [value if value == value else None for value in values]
