"""Named operations: what is published of each, and its ratios of jobs and revenue to tonnes and dollars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import msgspec

from lodeline.errors import InputError
from lodeline.units.figure import Figure
from lodeline.world.resources.files import in_file
from lodeline.world.statistics import tidy

COLUMNS = (
    "operation", "country", "element", "measure", "low", "high", "unit", "period", "note", "claim", "source",
)  # fmt: skip
REQUIRED = ("operation", "country", "element", "measure", "low", "unit", "source")
MEASURES: Mapping[str, str] = {
    "output": "t/y",
    "jobs-operation": "jobs",
    "jobs-construction": "jobs",
    "capital": "USD",
    "government-revenue": "USD/y",
    "royalty": "percent",
}
"""What is known of an operation, and its unit."""


class Ratio(NamedTuple):
    """A factor of the effect: what is divided by what, and by how much of it."""

    name: str
    over: str
    under: str
    per: float
    unit: str


RATIOS = (
    Ratio("jobs in operation", "jobs-operation", "output", 1e3, "jobs per 1,000 t/y"),
    Ratio("jobs at the peak of construction", "jobs-construction", "capital", 1e6, "jobs per million USD"),
    Ratio("revenue of governments", "government-revenue", "output", 1.0, "USD per t"),
)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one operation.

    Attributes:
        operation, country, element, measure: Of what. low: at least. high: at most; None where nobody says.
        unit: As :data:`MEASURES`. period, note, claim, source: when, what with, and who says so.
    """

    operation: str
    country: str
    element: str
    measure: str
    low: float
    high: float | None
    unit: str
    period: str
    note: str
    claim: str
    source: str

    @property
    def key(self) -> str:
        """What figures cite: ``Saindak:Cu:output``."""
        return f"{self.operation}:{self.element}:{self.measure}"


class Factor(msgspec.Struct, frozen=True, kw_only=True):
    """A ratio of one operation.

    Attributes:
        name: As in :data:`RATIOS`. operation, country: whose.
        figure: In ``unit``: a value, or a range; its ``rests_on`` are keys of what is known.
        unit: In words.
        note: Of both figures. sources: of both.
    """

    name: str
    operation: str
    country: str
    figure: Figure
    unit: str
    note: str
    sources: tuple[str, ...]


@cache
def shipped_operations() -> tuple[Known, ...]:
    """The operations that come with lodeline."""
    text = (resources.files("lodeline.world") / "tables" / "host_effect_operations.csv").read_text(encoding="utf-8")
    return parse_operations(text)


def read_operations(path: str | Path) -> tuple[Known, ...]:
    """Operations from a CSV file of one's own.

    Raises:
        NotFoundError: ``world.no_such_resources_file``. InputError: as :func:`parse_operations`.
    """
    return in_file(path, parse_operations)


def parse_operations(text: str) -> tuple[Known, ...]:
    """Operations from tidy CSV text.

    Raises:
        InputError: ``world.column_missing``, ``world.cell_missing``, ``world.not_a_number``, ``world.row_twice``,
            ``world.operation_measure``, ``world.resources_range``.
    """
    found: list[Known] = []
    for line, cells in tidy.lines(text, COLUMNS, REQUIRED):
        if MEASURES.get(cells["measure"]) != cells["unit"]:
            known = ", ".join(f"{name} in {unit}" for name, unit in MEASURES.items())
            raise InputError("world.operation_measure", f"An operation is known by {known}.", line=line)
        low, high = (tidy.number(cells[name], name, line, negative=False) for name in ("low", "high"))
        if low is None or low == 0 or (high is not None and high < low):
            raise InputError("world.resources_range", "Want 0 < low <= high; leave high empty if unknown.", line=line)
        texts = {name: cells[name] for name in COLUMNS if name not in ("low", "high")}
        found.append(Known(low=float(low), high=None if high is None else float(high), **texts))
        if found[-1].key in [one.key for one in found[:-1]]:
            raise InputError("world.row_twice", f"Two rows say {found[-1].key}; keep one.", line=line)
    return tuple(found)


def factors_of(operations: Iterable[Known], ratio: Ratio) -> tuple[Factor, ...]:
    """The ratio of every operation that has both figures; its range is that of both ends.

    An operation of which one figure has no upper end has a factor with only one limit.
    """
    by_key: dict[tuple[str, str], Known] = {(one.operation, one.measure): one for one in operations}
    found = []
    for (operation, measure), over in by_key.items():
        under = by_key.get((operation, ratio.under))
        if measure != ratio.over or under is None:
            continue
        low = None if under.high is None else ratio.per * over.low / under.high
        high = None if over.high is None else ratio.per * over.high / under.low
        exact = low is not None and low == high
        found.append(
            Factor(
                name=ratio.name,
                operation=operation,
                country=over.country,
                figure=Figure(
                    value=low if exact else None,
                    low=None if exact else low,
                    high=None if exact else high,
                    unit="C62",
                    standing="computed" if exact else "bounded",
                    rests_on=(over.key, under.key),
                ),
                unit=ratio.unit,
                note="; ".join(dict.fromkeys(one for one in (over.note, under.note) if one)),
                sources=tuple(dict.fromkeys((over.source, under.source))),
            )
        )
    return tuple(found)


def least(figure: Figure) -> float | None:
    """Its value, or its lower limit."""
    return figure.low if figure.value is None else figure.value


def most(figure: Figure) -> float | None:
    """Its value, or its upper limit."""
    return figure.high if figure.value is None else figure.value
