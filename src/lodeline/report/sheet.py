"""Sheets: a report's tables as CSV, in which no cell can start a formula."""

from __future__ import annotations

import csv
import io

from lodeline.report.model import MARK, WHY, Grid

STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet read a cell as a formula, in ASCII and in full width."""


def to_csv(grid: Grid, *, illustrative: bool) -> str:
    """A table of the report as CSV text, with the rows that the page folds away.

    A cell that a spreadsheet would run begins with an apostrophe instead. Of a made-up book (``report.illustrative``)
    a first column says so in every row, so that no row can be taken out without it.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    first = [f"{MARK}: {WHY}"] if illustrative else []
    writer.writerow([*first, *(no_formula(column.title) for column in grid.columns)])
    for row in (*grid.rows, *grid.rest):
        told = (cell.said.text if not cell.below else f"{cell.said.text} ({cell.below})" for cell in row)
        writer.writerow([*first, *(no_formula(text) for text in told)])
    return out.getvalue()


def no_formula(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(STARTERS) else text
