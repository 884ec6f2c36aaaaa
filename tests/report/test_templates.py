"""No figure stands in a template or in the words of a section: figures come from the book and the tables alone."""

from __future__ import annotations

import ast
import re
from importlib import resources
from pathlib import Path

import pytest

REPORT = Path(str(resources.files("lodeline.report")))
CODES = {"P1", "C62", "ni:///sha-256;"}
"""Codes of units and schemes, which no reader sees."""
WORDS = [*sorted((REPORT / "sections").glob("*.py")), REPORT / "headline.py", REPORT / "promises.py"]


@pytest.mark.parametrize("path", sorted((REPORT / "templates").iterdir()), ids=lambda path: path.name)
def test_no_digit_stands_in_the_words_of_a_template(path: Path):
    text = path.read_text(encoding="utf-8")
    words = re.sub(r"\{[{%].*?[%}]\}|<[^>]*>|&\w+;", " ", text, flags=re.DOTALL)

    assert "everything" not in words
    assert "Skip to the first lines" in words, "words are what is left"
    assert re.findall(r"\d", words) == []


@pytest.mark.parametrize("path", WORDS, ids=lambda path: path.name)
def test_no_digit_stands_in_the_words_of_a_section(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    formats = {id(part) for node in ast.walk(tree) if isinstance(node, ast.FormattedValue) and node.format_spec
               for part in ast.walk(node.format_spec)}  # fmt: skip
    strings = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs | formats
    ]

    assert [text for text in strings if re.search(r"\d", text) and text not in CODES] == []


def test_the_words_of_the_browser_come_from_the_data_too():
    frontend = REPORT.parents[2] / "frontend" / "src"
    if not frontend.is_dir():
        pytest.skip("the browser's sources are not beside an installed package")
    world = ("world_editions", "world_ladder", "world_shares")
    drawers = ("account", "assays", "charts", "closure", "drawing", "instruments", "origins", *world)
    code = r"//.*|colours\.unknown|\"unknown\"|\w+\.unknown\w*"
    for name in drawers:
        source = (frontend / f"{name}.js").read_text(encoding="utf-8")
        words = re.findall(r"\b(tonnes|percent|unknown|missing|Pakistan|China)\b", re.sub(code, "", source))
        assert [word for word in words if word != "missing" or name != "closure"] == [], name
