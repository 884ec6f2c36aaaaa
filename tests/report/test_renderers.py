"""Terminal and page: what is shown is what was composed, and foreign text harms neither."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re

import msgspec
import pytest

from lodeline.errors import InputError
from lodeline.report import headline, to_html, to_json, to_terminal
from lodeline.report.assets import asset
from lodeline.report.build import report_of
from lodeline.report.model import Grid
from lodeline.report.page import embedded
from tests.report.books import given, weighed
from tests.report.hostile import EVERYTHING, HOSTILE, WRITABLE, hostile_book

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_no_colour_and_no_line_is_wider_than_a_page():
    out = io.StringIO()
    to_terminal(report_of(given(weighed())), out)

    assert "\x1b" not in out.getvalue()
    assert max(len(line) for line in out.getvalue().splitlines()) <= 100


def test_no_column_is_cut_off_where_a_table_is_too_wide():
    report = report_of(given(weighed()))
    out = io.StringIO()
    to_terminal(report, out)

    told = "".join(out.getvalue().split())
    grids = [block for section in report.sections for block in section.blocks if isinstance(block, Grid)]
    assert max(len(grid.columns) for grid in grids) == 9
    for grid in grids:
        last = grid.columns[-1].title.split()[-1]
        assert last in told, grid.title
        # Folded over lines, the letters of a cell stand in order, each line of it in the same columns.
        for row in grid.rows:
            word = row[-1].said.text.split()[-1]
            assert word in told or word[:6] in told, (grid.title, word)


@pytest.mark.parametrize("columns", ["60", "200"])
def test_a_terminal_gets_colour_and_its_own_width(monkeypatch: pytest.MonkeyPatch, columns: str):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = Terminal()
    to_terminal(report_of(given(weighed())), out)

    text = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())
    assert "\x1b[" in out.getvalue()
    assert max(len(line) for line in text.splitlines()) <= int(columns)
    assert "\x1b" not in text


def test_the_terminal_says_all_that_the_first_lines_say():
    report = report_of(given())
    out = io.StringIO()
    to_terminal(report, out)

    told = " ".join(out.getvalue().split())
    for line in report.lines:
        assert " ".join(line.said.text.split()) in told


def test_hostile_text_moves_no_cursor_and_interprets_no_markup():
    report = report_of(hostile_book())
    out = io.StringIO()
    to_terminal(report, out)

    assert CONTROL.search(out.getvalue()) is None
    assert CONTROL.search("".join(headline(report))) is None
    assert len(out.getvalue()) < 400_000
    assert "\\u{1b}[2J" in " ".join(out.getvalue().split())


def test_hostile_text_in_json_is_escaped_and_reads_back():
    text = to_json(report_of(hostile_book(everything=WRITABLE))).decode()

    assert CONTROL.search(text) is None
    settle = [act for of in json.loads(text)["figures"].values() for act in of["settle"]]
    assert any(HOSTILE["bidi"] in act["detail"] for act in settle), "the value is the same, to the letter"


def test_hostile_text_is_text_in_the_page():
    html = to_html(report_of(hostile_book()))
    page = html.replace(asset("report.js"), "").replace(asset("report.css"), "")
    data = re.search(r'id="report-charts">(.*?)</script>', page, re.DOTALL)

    assert data is not None
    assert not set("<>&") & set(data.group(1))
    assert page.count("<script") == 2
    assert page.count("</script>") == 2
    markup = page.replace(data.group(1), "")
    assert "onerror='" not in markup
    assert "onmouseover='" not in markup
    assert "{{ 7 * 7 }}" in markup, "a template is never evaluated twice"
    assert CONTROL.search(page) is None
    assert 'href="javascript' not in page


def test_data_in_the_page_ends_no_script_and_reads_back():
    value = {"a": EVERYTHING.replace("\ud800", ""), "b": [1, "<!--", "]]>", "&amp;", HOSTILE["lines"]]}
    text = embedded(value)

    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == value


def test_the_page_asks_no_network_and_its_policy_names_its_script():
    html = to_html(report_of(given()))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)

    assert policy is not None
    digest = base64.b64encode(hashlib.sha256(asset("report.js").encode()).digest()).decode()
    assert "default-src &#39;none&#39;" in policy.group(1)
    assert f"sha256-{digest}" in policy.group(1)
    for fetching in (r"<link[^>]+href=\"http", r"\bsrc=\"", r"@import", r"url\(\s*['\"]?http"):
        assert re.search(fetching, html.replace(asset("report.js"), "")) is None
    assert "</script" not in asset("report.js")


def test_the_page_carries_the_licences_of_what_it_carries():
    html = to_html(report_of(given()))

    for name in ("echarts", "zrender", "topojson-client", "world-atlas", "tslib"):
        assert re.search(rf"^{name} \d+\.\d+\.\d+ \(", html, re.MULTILINE) or f"<pre>{name} " in html, name
    assert "Apache License" in html


def test_without_its_assets_the_page_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path):
    (tmp_path / "templates").mkdir()
    monkeypatch.setattr("lodeline.report.assets.resources.files", lambda _: tmp_path)

    with pytest.raises(InputError) as refusal:
        to_html(report_of(given()))
    assert refusal.value.code == "report.assets_missing"
    assert "make assets" in refusal.value.sentence
    assert to_json(report_of(given())), "the other renderers need none"


def test_json_has_every_figure_once_and_every_row_of_a_table_and_no_more_than_a_line_of_what_belongs_together():
    report = report_of(given(weighed()))
    text = to_json(report).decode()
    told = json.loads(text)

    assert set(told["figures"]) == set(report.figures)
    assert all("figures" not in section for section in told["sections"])
    assert all(None not in (of.get("u", 1), of.get("low", 1), of.get("high", 1)) for of in told["figures"].values())
    assert any(of["value"] is None for of in told["figures"].values()), "that nothing is known is said"
    plain = json.loads(msgspec.json.encode(report))
    for section in plain["sections"]:
        del section["figures"]
    assert told["sections"] == plain["sections"]
    lines = text.splitlines()
    assert not any(line.strip(" ,") == '"tone": "figure"' for line in lines)
    assert len(lines) < len(text) / 40
