"""Build: a book's view and a table of national figures into a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from lodeline.errors import InputError
from lodeline.report.gather import gather
from lodeline.report.given import Given
from lodeline.report.headline import lines, standfirst, title
from lodeline.report.model import Head, Report, Section
from lodeline.report.sections import SECTIONS, Row
from lodeline.units.figure import Figure
from lodeline.version import __version__
from lodeline.world.statistics.edition import Table, shipped

if TYPE_CHECKING:
    from lodeline.book.view import View

Stage = Callable[[str], None]

FORMAT = 2
"""Version of the report's shape in JSON."""
RIVAL = "CHN"
"""The country dependence on which the programme says it wants to lessen."""
OTHER_EDITION = "usgs_mcs_2025"
"""The edition that is shown beside the table, because editions differ."""


def build(
    view: View,
    table: Table,
    *,
    sections: Sequence[Row] = SECTIONS,
    rival: str = RIVAL,
    stage: Stage | None = None,
) -> Report:
    """The report of a book as of an entry, against a table of national figures.

    Args:
        view: From ``book.view(as_of)``.
        table: From :func:`lodeline.world.national.load_table`.
        sections: Which sections, in order; add a row for one more.
        rival: ISO 3166-1 alpha-3 of the country whose share of imports is told.
        stage: Called with what is done next, in words.

    Raises:
        InputError: ``report.section_twice``, ``report.figure_twice``.
    """
    other = shipped(OTHER_EDITION)
    given = gather(view, table, rival=rival, other_edition=other, code=__version__, stage=stage)
    return report_of(given, sections, stage=stage)


def report_of(given: Given, sections: Sequence[Row] = SECTIONS, *, stage: Stage | None = None) -> Report:
    """The report of what was gathered; each section sees those before it."""
    made: list[Section] = []
    figures: dict[str, Figure] = {}
    for row in sections:
        if any(section.name == row.name for section in made):
            raise InputError("report.section_twice", f"Two sections are called {row.name}; give each its own name.")
        if stage is not None:
            stage(f"writing the section {row.name}")
        section = row.make(given, tuple(made))
        twice = sorted(figures.keys() & section.figures.keys())
        if twice:
            raise InputError(
                "report.figure_twice",
                f"Two sections give a figure called {twice[0]}; name a figure after its section.",
            )
        figures |= section.figures
        made.append(msgspec.structs.replace(section, illustrative=given.illustrative))
    return Report(
        format=FORMAT,
        title=title(given),
        standfirst=standfirst(given),
        illustrative=given.illustrative,
        code=given.code,
        edition=given.table.edition,
        head=Head(
            book_id=given.head.book_id,
            title=title(given),
            seq=given.head.seq,
            digest=given.head.digest,
            recorded_at=given.head.recorded_at.isoformat(),
        ),
        lines=lines(given, figures),
        sections=tuple(made),
        figures=figures,
    )
