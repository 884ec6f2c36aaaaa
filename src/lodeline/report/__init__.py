"""The sections of a book's report: terminal, JSON and one self-contained page.

report = build(book.view(), load_table(None))
to_terminal(report, sys.stdout)
"""

from __future__ import annotations

from lodeline.report.build import build
from lodeline.report.json_text import to_json
from lodeline.report.model import Report
from lodeline.report.page import to_html
from lodeline.report.sheet import to_csv
from lodeline.report.terminal import brief, headline, to_terminal

__all__ = ["Report", "brief", "build", "headline", "to_csv", "to_html", "to_json", "to_terminal"]
