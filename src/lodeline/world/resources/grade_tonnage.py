"""Grade and tonnage of known deposits of one kind: the model of those that are not found yet."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.files import readable
from lodeline.world.resources.said_units import UNITS
from lodeline.world.statistics import tidy

if TYPE_CHECKING:
    import polars
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SHIPPED = "porphyry-cu-au"
"""The table that comes with lodeline."""
GRADE_UNITS = {"percent": UNITS["part"]["percent"], "g_per_t": UNITS["part"]["g/t"]}
COLUMNS = ("deposit", "location", "ore_t")
"""Before one column of grade for each element: ``Cu_percent``, ``Au_g_per_t``; ``source`` is the last."""
LEAST_ROWS = 3
"""Of fewer deposits a covariance of tonnage and grade is nothing."""


class GradeTonnage(NamedTuple):
    """Known deposits of one kind.

    Attributes:
        name: Of the table. source: where it was published.
        deposits, locations: Names, in the order of the table.
        elements: Of the grades.
        ore_t: (deposit,) ore, t, above 0.
        grade: (deposit, element) kg per kg, above 0; a deposit's add up to less than 1.
    """

    name: str
    source: str
    deposits: tuple[str, ...]
    locations: tuple[str, ...]
    elements: tuple[str, ...]
    ore_t: Floats
    grade: Floats

    def contained_t(self) -> Floats:
        """(deposit, element) metal, t."""
        found: Floats = self.ore_t[:, None] * self.grade
        return found

    def table(self) -> polars.DataFrame:
        """A row a deposit: ore, each grade in kg per kg, each metal in t."""
        import polars

        grades = {f"{element}_fraction": self.grade[:, k] for k, element in enumerate(self.elements)}
        metals = {f"{element}_t": self.contained_t()[:, k] for k, element in enumerate(self.elements)}
        return polars.DataFrame(
            {"deposit": self.deposits, "location": self.locations, "ore_t": self.ore_t, **grades, **metals}
        )


@cache
def shipped_grade_tonnage() -> GradeTonnage:
    """115 porphyry copper-gold deposits, Reko Diq among them.

    Source: Ellefsen (2017), USGS Techniques and Methods 7-C14, doi:10.3133/tm7C14, CC0. Its heading "Tonnage (mt)" is
    metric tons; gold is in percent.
    """
    text = (resources.files("lodeline.world") / "tables" / "grade_tonnage_porphyry_cu_au.csv").read_text("utf-8")
    return parse_grade_tonnage(text, name=SHIPPED)


def read_grade_tonnage(path: str | Path) -> GradeTonnage:
    """A table of one's own.

    Raises:
        NotFoundError: ``world.no_such_resources_file``. InputError: ``world.not_utf8``, and those of
            :func:`parse_grade_tonnage`.
    """
    path = Path(path)
    if not readable(path):
        raise NotFoundError("world.no_such_resources_file", "There is no such file; check its name.", file=str(path))
    try:
        return parse_grade_tonnage(path.read_text(encoding="utf-8-sig"), name=path.stem)
    except InputError as flaw:
        raise flaw.located(file=str(path)) from flaw
    except UnicodeDecodeError as flaw:
        raise InputError(
            "world.not_utf8", "A tidy table is UTF-8 text; save it so.", file=str(path), byte=flaw.start
        ) from flaw


def parse_grade_tonnage(text: str, *, name: str) -> GradeTonnage:
    """A table from tidy CSV text: deposit, location, ore_t, a grade for each element with its unit, source.

    Raises:
        InputError: ``world.column_missing``, ``world.cell_missing``, ``world.not_a_number``, ``world.grade_column``,
            ``world.grade_range``, ``world.grade_tonnage_small``.
    """
    header = next(csv.reader(io.StringIO(text, newline="")), [])
    grades = [column for column in header if column not in (*COLUMNS, "source")]
    elements, factors = _grade_columns(grades)
    wanted = (*COLUMNS, *grades, "source")
    rows = list(tidy.lines(text, wanted, wanted))
    if len(rows) < LEAST_ROWS:
        raise InputError(
            "world.grade_tonnage_small", f"A grade-tonnage table has at least {LEAST_ROWS} deposits; add more."
        )
    ore_t = np.array([float(_above_zero(cells["ore_t"], "ore_t", line)) for line, cells in rows])
    grade = np.array(
        [
            [
                float(_above_zero(cells[column], column, line)) * factor
                for column, factor in zip(grades, factors, strict=True)
            ]
            for line, cells in rows
        ]
    )
    for (line, _), parts in zip(rows, grade, strict=True):
        if parts.sum() >= 1:
            raise InputError(
                "world.grade_range", "The grades of a deposit add up to the whole ore or more; check units.", line=line
            )
    return GradeTonnage(
        name,
        rows[0][1]["source"],
        tuple(cells["deposit"] for _, cells in rows),
        tuple(cells["location"] for _, cells in rows),
        elements,
        ore_t,
        grade,
    )


def _grade_columns(columns: list[str]) -> tuple[tuple[str, ...], list[float]]:
    """Elements and what a unit of their grade is, kg per kg."""
    elements, factors = [], []
    for column in columns:
        element, _, unit = column.partition("_")
        if unit not in GRADE_UNITS or not element:
            raise InputError(
                "world.grade_column",
                f"{visible(column)!r} is no column of grade; name it after element and unit, such as Cu_percent or "
                "Au_g_per_t.",
                line=1,
            )
        elements.append(element)
        factors.append(GRADE_UNITS[unit])
    if not elements:
        raise InputError("world.grade_column", "The table has no column of grade; add one such as Cu_percent.", line=1)
    return tuple(elements), factors


def _above_zero(text: str, name: str, line: int) -> Decimal:
    found = tidy.number(text, name, line, negative=False)
    if not found:
        raise InputError(
            "world.grade_range", f"{name} is zero; a deposit of the table has ore and grades above 0.", line=line
        )
    return found
