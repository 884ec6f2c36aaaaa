"""A made-up book says so in every form, at every section, table and picture; a book of real metal never does."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from lodeline.report import Report, brief, headline, to_csv, to_html, to_json, to_terminal
from lodeline.report.assets import asset
from lodeline.report.build import report_of
from lodeline.report.model import MARK, WHY, Chart, Choice, Grid
from lodeline.report.page import charts_of
from tests.report.books import given, weighed


@pytest.fixture(scope="module")
def real() -> Report:
    return report_of(given(weighed()))


def told(report: Report) -> str:
    out = io.StringIO()
    to_terminal(report, out)
    return out.getvalue()


def page(report: Report) -> str:
    return to_html(report).replace(asset("report.js"), "").replace(asset("report.css"), "")


def grids(report: Report) -> list[Grid]:
    blocks = [block for section in report.sections for block in section.blocks]
    inner = [one for block in blocks if isinstance(block, Choice) for panel in block.panels for one in panel.blocks]
    return [block for block in (*blocks, *inner) if isinstance(block, Grid)]


def test_the_terminal_says_so_first_and_at_every_section(made_up: Report, real: Report):
    lines = told(made_up).splitlines()

    assert lines[1] == f"{MARK}: {WHY}"
    for section in (one for one in made_up.sections if one.blocks):
        assert any(line.startswith(f"{section.title} ({MARK})") for line in lines), section.title
    assert MARK.lower() not in told(real).lower()


def test_the_first_lines_say_so_first(made_up: Report, real: Report):
    assert headline(made_up)[0].split() == [MARK.upper(), *WHY.split()]
    assert brief(made_up, {"balance": "Balance"})[0] == f"{MARK.upper():<16}A made-up book: {WHY}"
    assert not any(MARK.lower() in line.lower() for line in (*headline(real), *brief(real, {"balance": "Balance"})))


def test_json_says_so_of_the_report_and_of_every_section(made_up: Report, real: Report):
    text = json.loads(to_json(made_up))

    assert text["illustrative"] is True
    assert [section["illustrative"] for section in text["sections"]] == [True] * len(made_up.sections)
    assert json.loads(to_json(real))["illustrative"] is False
    assert not any(section["illustrative"] for section in json.loads(to_json(real))["sections"])


def test_a_sheet_says_so_in_every_row(made_up: Report):
    for grid in grids(made_up):
        rows = list(csv.reader(io.StringIO(to_csv(grid, illustrative=made_up.illustrative))))
        assert len(rows) == 1 + len(grid.rows) + len(grid.rest)
        assert {row[0] for row in rows} == {f"{MARK}: {WHY}"}
        assert MARK not in to_csv(grid, illustrative=False)


def test_the_page_says_so_in_its_title_and_at_every_heading_and_picture(made_up: Report, real: Report):
    html = page(made_up)
    charts = list(charts_of(block for section in made_up.sections for block in section.blocks))
    titles = len([section for section in made_up.sections if section.blocks])

    assert f"<title>{MARK}: A made-up book</title>" in html
    assert len(re.findall(r"<h2[^>]*>[^<]*<em class=\"made-up\">Illustrative</em></h2>", html)) == titles
    assert any(isinstance(one, Chart) and one.kind == "stages" for one in charts)
    assert len(re.findall(r"<figcaption><b>[^<]*<em class=\"made-up\">Illustrative</em></b>", html)) == len(charts)
    assert html.count('class="every-page"') == html.count('class="watermark"') == 1
    assert "made-up" not in page(real)
    assert MARK not in page(real)


def test_a_sheet_on_the_page_says_so_too(made_up: Report):
    import base64
    import zipfile

    sheets = re.findall(r'href="data:application/zip;base64,([^"]+)"', page(made_up))
    assert sheets, "the book is large enough to have some"
    for sheet in sheets:
        file = zipfile.ZipFile(io.BytesIO(base64.b64decode(sheet)))
        (name,) = file.namelist()
        text = file.read(name).decode("utf-8-sig")
        assert name.endswith(".csv")
        assert all(line.startswith((f'"{MARK}: {WHY}"', f"{MARK}: {WHY}")) for line in text.splitlines() if line)
