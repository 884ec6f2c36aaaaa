"""Flows as tables of other libraries, with names, words and instants resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodeline.errors import InputError
from lodeline.metal.flows.schema import SCHEMA, Attribute
from lodeline.metal.flows.words import NO_TIME

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped]
    import polars
    import pyarrow  # type: ignore[import-untyped]

    from lodeline.metal.flows.flows import Flows


def to_polars(flows: Flows) -> dict[str, polars.DataFrame]:
    """Each table as a polars frame; what nobody said, and NaN, are null."""
    try:
        import polars
    except ImportError:
        raise _missing("polars") from None
    names = polars.Series(values=flows.names, dtype=polars.String)
    return {
        table: polars.DataFrame([_series(one, columns[one.name], names) for one in SCHEMA[table]])
        for table, columns in flows.tables().items()
    }


def to_pandas(flows: Flows) -> dict[str, pandas.DataFrame]:
    """Each table as a pandas frame, by way of Arrow."""
    try:
        import pandas  # noqa: F401
    except ImportError:
        raise _missing("pandas") from None
    return {table: frame.to_pandas() for table, frame in to_arrow(flows).items()}


def to_arrow(flows: Flows) -> dict[str, pyarrow.Table]:
    """Each table as an Arrow table."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise _missing("pyarrow") from None
    return {table: frame.to_arrow() for table, frame in to_polars(flows).items()}


def _series(one: Attribute, values: Any, names: polars.Series) -> polars.Series:
    import polars

    series = polars.Series(one.name, values)
    match one.holds:
        case "name":
            return names.gather(_where(series, series >= 0)).alias(one.name) if len(names) else _empty(series)
        case "word":
            words = polars.Series(values=[word or None for word in one.words], dtype=polars.String)
            return words.gather(series.cast(polars.UInt32)).alias(one.name)
        case "time":
            return _where(series, series != NO_TIME).cast(polars.Datetime("us", "UTC"))
        case "entry" | "row":
            return _where(series, series >= 0)
        case "number":
            return series.fill_nan(None)
        case "flag":
            return series
    raise AssertionError(one.holds)


def _where(series: polars.Series, keep: polars.Series) -> polars.Series:
    """The series with null where it is not to be kept."""
    return series.set(~keep, None)


def _empty(series: polars.Series) -> polars.Series:
    import polars

    return polars.Series(series.name, [None] * len(series), dtype=polars.String)


def _missing(library: str) -> InputError:
    return InputError(
        "flows.library_missing",
        f"{library} is not installed; install lodeline with its tables: pip install 'lodeline[tables]'.",
        library=library,
    )
