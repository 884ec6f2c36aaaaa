"""Nothing that looks for faults can know them: the tools import no example, and read no truth."""

from __future__ import annotations

import ast
from pathlib import Path

import lodeline

PACKAGE = Path(lodeline.__file__).parent

MAY = ("cli", "examples")
"""Only the command line makes examples, and only examples know how."""


def imports(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions and as text for importlib."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("lodeline."):
            found.add(node.value)
    return found


def reaching() -> dict[str, list[str]]:
    """Which parts of the package name the examples."""
    found: dict[str, list[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        names = [name for name in imports(path) if name.startswith("lodeline.examples")]
        if names:
            found.setdefault(path.relative_to(PACKAGE).parts[0], []).extend(names)
    return found


def test_no_tool_imports_an_example():
    assert set(reaching()) <= set(MAY)


def test_the_search_above_finds_those_that_do():
    assert "examples" in reaching()
    assert any("programme" in name for name in reaching()["cli"])


def test_only_the_command_that_makes_a_programme_names_its_truth():
    """No file of a tool has a word of the truth file's format in it."""
    words = ("lodeline programme truth", "origin_rows", "balance_mg")
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in words)
    }

    assert found == {"examples/programme/truth.py"}
