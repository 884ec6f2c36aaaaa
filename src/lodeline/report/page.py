"""The page: one self-contained HTML file. It carries its script, style and data, and may ask no network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from lodeline.report.assets import asset
from lodeline.report.model import MARK, WHY, Block, Chart, Choice, Grid, Report
from lodeline.report.sheet import to_zip

if TYPE_CHECKING:
    from jinja2 import Environment

MARGIN = f'@page {{ @top-center {{ content: "{MARK}: {WHY}"; color: #b4501e; font: 600 9pt sans-serif; }} }}'
"""The rule by which every sheet of paper of a made-up book says so in its margin."""
SHEET_ROWS = 2500
"""Rows of a sheet that a page carries; JSON has every row of every table."""
FITTING = 3
"""Columns that fit on a telephone; a table with more is moved sideways there, under its first column."""
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def to_html(report: Report) -> str:
    """The report as one HTML file that opens without a network.

    Its content security policy allows no connection and no script but its own, by hash; foreign text is escaped by
    the template engine, and data for the charts stands in a JSON block in which no tag can be closed.

    Raises:
        InputError: ``report.assets_missing``.
    """
    script, style = asset("report.js"), asset("report.css")
    charts = list(charts_of(block for section in report.sections for block in section.blocks))
    data = embedded([{"name": chart.name, "kind": chart.kind, "data": chart.data} for chart in charts])
    template = _environment().get_template("page.html.j2")
    return template.render(
        report=report,
        kind=_kind,
        margin=MARGIN,
        mark=MARK,
        why=WHY,
        sheet=lambda grid: _download(grid, illustrative=report.illustrative),
        sheet_rows=SHEET_ROWS,
        anchor=lambda choice, index: f"{'-'.join(choice.title.lower().split())}-{index}",
        fitting=FITTING,
        script=script,
        style=style,
        notices=asset("NOTICES.txt"),
        charts=data,
        policy=(
            f"default-src 'none'; script-src 'sha256-{_digest(script)}'; style-src 'unsafe-inline'; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        ),
    )


def charts_of(blocks: Iterable[Block]) -> Iterator[Chart]:
    """Every chart of some blocks, those in panels too."""
    for block in blocks:
        if isinstance(block, Chart):
            yield block
        elif isinstance(block, Choice):
            for panel in block.panels:
                yield from charts_of(panel.blocks)


def embedded(value: object) -> str:
    """JSON that harms nothing inside a ``<script>`` element: no ``<``, ``>``, ``&``, U+2028 or U+2029 stands in it."""
    text = msgspec.json.encode(value).decode("utf-8", "surrogatepass")
    return "".join(_ESCAPES.get(character, character) for character in text)


def _kind(block: Block) -> str:
    tag = type(block).__struct_config__.tag
    return str(tag)


def _download(grid: Grid, *, illustrative: bool) -> str:
    """A table as an address that a click saves."""
    first = msgspec.structs.replace(grid, rest=grid.rest[: max(0, SHEET_ROWS - len(grid.rows))])
    return f"data:application/zip;base64,{base64.b64encode(to_zip(first, illustrative=illustrative)).decode()}"


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("lodeline.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
