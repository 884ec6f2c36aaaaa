"""A reconciled flowsheet as tables: polars frames, CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from lodeline.errors import InputError
from lodeline.metal.reconciliation.network_result import Closure, Estimate, Shift

if TYPE_CHECKING:
    import polars

    from lodeline.metal.reconciliation.network_result import Reconciled

TABLES: dict[str, type[msgspec.Struct]] = {"figures": Estimate, "measurements": Shift, "closure": Closure}
COLUMN = {"klass": "class"}
"""What an attribute is called in a table, where Python keeps the word for itself."""
TEXT = {"name", "kind", "stream", "component", "klass", "of", "instrument", "node"}


def to_polars(reconciled: Reconciled) -> dict[str, polars.DataFrame]:
    """Each table as a frame; what is not known is null.

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
    frames = {}
    for table, row in TABLES.items():
        schema = {COLUMN.get(name, name): polars.String if name in TEXT else polars.Float64 for name in columns(row)}
        frames[table] = polars.DataFrame(rows(getattr(reconciled, table)), schema=schema, orient="row")
    return frames


def to_csv(reconciled: Reconciled, table: str = "figures") -> bytes:
    """One table as CSV in UTF-8: a header, then a line a row; what is not known is empty, numbers have all digits.

    Args:
        table: ``figures``, ``measurements`` or ``closure``.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([COLUMN.get(name, name) for name in columns(TABLES[table])])
    writer.writerows(rows(getattr(reconciled, table)))
    return text.getvalue().encode()


def to_json(reconciled: Reconciled) -> bytes:
    """Everything as one JSON object in UTF-8: the global test, the three tables, parts and findings."""
    said = {
        "chi2": reconciled.chi2,
        "dof": reconciled.dof,
        "p_value": reconciled.p_value,
        "significance": reconciled.significance,
        "verdict": reconciled.verdict,
        **{
            table: [
                {COLUMN.get(name, name): cell for name, cell in zip(columns(row), cells, strict=True)}
                for cells in rows(getattr(reconciled, table))
            ]
            for table, row in TABLES.items()
        },
        "parts": reconciled.parts,
        "findings": reconciled.findings,
    }
    return msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n"


def columns(row: type[msgspec.Struct]) -> tuple[str, ...]:
    """The attributes of a row, in order."""
    return row.__struct_fields__


def rows(lines: Sequence[msgspec.Struct]) -> list[tuple[Any, ...]]:
    """The cells of each row."""
    return [msgspec.structs.astuple(line) for line in lines]
