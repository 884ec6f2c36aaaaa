"""The page: one self-contained HTML file. It carries its script, style and data, and may ask no network."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import msgspec

from lodeline.report.assets import asset
from lodeline.report.model import Block, Chart, Report

if TYPE_CHECKING:
    from jinja2 import Environment

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
    charts = [block for section in report.sections for block in section.blocks if isinstance(block, Chart)]
    data = embedded([{"name": chart.name, "kind": chart.kind, "data": chart.data} for chart in charts])
    template = _environment().get_template("page.html.j2")
    return template.render(
        report=report,
        kind=_kind,
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


def embedded(value: object) -> str:
    """JSON that harms nothing inside a ``<script>`` element: no ``<``, ``>``, ``&``, U+2028 or U+2029 stands in it."""
    text = msgspec.json.encode(value).decode("utf-8", "surrogatepass")
    return "".join(_ESCAPES.get(character, character) for character in text)


def _kind(block: Block) -> str:
    tag = type(block).__struct_config__.tag
    return str(tag)


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
