"""Sheets: a report's tables as CSV, in which no cell can start a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile

from lodeline.report.model import MARK, WHY, Grid

STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet read a cell as a formula, in ASCII and in full width."""

NO_NAME = re.compile(r"[^\w ,().-]")
"""What does not stand in the name of a file, which must lead nowhere."""


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


def to_zip(grid: Grid, *, illustrative: bool) -> bytes:
    """The same in a zip file, where it takes a tenth of the room.

    A byte order mark tells spreadsheets that it is UTF-8. The same table gives the same bytes.
    """
    out = io.BytesIO()
    # The earliest time that such a file can name: when it was written is no part of what it says.
    entry = zipfile.ZipInfo(f"{NO_NAME.sub('_', grid.title)}.csv", date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(entry, f"\ufeff{to_csv(grid, illustrative=illustrative)}".encode("utf-8", "replace"))
    return out.getvalue()


def no_formula(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(STARTERS) else text
