"""How Sphinx builds the documentation: MyST pages, furo, and the tables of codes that each layer keeps for itself."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

from lodeline.version import __version__

DOCS = Path(__file__).parent

project = "Lodeline"
author = "the Lodeline authors"
copyright = "2026, the Lodeline authors"
version = release = __version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]  # Output with an ellipsis in it is no valid JSON, and shows well.

exclude_patterns = ["_build", "reference/*.d"]
html_theme = "furo"
html_title = "Lodeline"
html_copy_source = False

TITLE = re.compile(r"^# ", re.MULTILINE)
TABLES = "<!-- tables: {} -->"
"""Stands in a page where the tables of a folder go. Each layer keeps its codes in a file of its own."""


def insert_tables(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the files of ``reference/refusals.d`` and ``reference/findings.d`` into the pages that name them."""
    for name in ("refusals.d", "findings.d"):
        marker = TABLES.format(name)
        if marker in source[0]:
            files = sorted((DOCS / "reference" / name).glob("*.md"))
            tables = "\n\n".join(file.read_text(encoding="utf-8") for file in files)
            # Each file has a title of its own, which is a section of the page.
            source[0] = source[0].replace(marker, TITLE.sub("## ", tables))


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", insert_tables)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
