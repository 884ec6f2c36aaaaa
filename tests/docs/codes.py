"""The codes of refusals and findings: those the source raises, and those the documentation explains."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from lodeline import errors
from tests.docs.pages import DOCS, ROOT

SOURCE = ROOT / "src" / "lodeline"
FAMILIES = {name for name in errors.__all__ if name.endswith("Error")}
CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
BRACKETED = re.compile(rf"(?:\A|\[)(?P<code>{CODE.pattern})\]?\Z")
ROW = re.compile(r"^\|\s*`(?P<code>[^`|]+)`\s*\|(?P<rest>.*)\|\s*$", re.MULTILINE)
FILE_ENDINGS = {"csv", "css", "db", "html", "js", "json", "md", "py", "sql", "toml", "txt", "xlsx", "xml"}


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """Every module of the package, parsed."""
    for path in sorted(SOURCE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def raised() -> dict[str, str]:
    """Codes that stand first in a refusal, or in a row that a refusal is made from, with one place of each."""
    return _called(FAMILIES | {"Problem"})


def found() -> dict[str, str]:
    """Codes that stand in a finding, or in a suspicion that a book makes one of, with one place of each."""
    return _called({"Finding", "Suspicion"})


def _called(names: set[str]) -> dict[str, str]:
    codes: dict[str, str] = {}
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in names:
                for code in _codes(node):
                    codes.setdefault(code, f"{path.relative_to(ROOT)}:{node.lineno}")
    return codes


def _name(func: ast.expr) -> str:
    match func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _codes(call: ast.Call) -> Iterator[str]:
    """A code is the first argument or ``code=``; a choice of two (``a if b else c``) yields both."""
    places = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "code")]
    for place in places:
        for node in ast.walk(place):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                yield node.value


def literals() -> dict[str, str]:
    """Every string constant of the source that is a code, or ends with one in brackets, with one place of each."""
    found: dict[str, str] = {}
    for path, tree in sources():
        for node in ast.walk(tree):
            value = node.value if isinstance(node, ast.Constant) else None
            match = BRACKETED.search(value) if isinstance(value, str) else None
            if match is not None and match["code"].rpartition(".")[2] not in FILE_ENDINGS:
                found.setdefault(match["code"], f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


def documented(kind: str) -> dict[str, tuple[str, list[str]]]:
    """Codes in the tables of ``refusals.d`` or ``findings.d``: the file of each, and its other cells."""
    return {code: (file, cells) for code, file, cells in rows(kind)}


def rows(kind: str) -> Iterator[tuple[str, str, list[str]]]:
    """Code, file and other cells of each row of the tables."""
    for path in sorted((DOCS / "reference" / f"{kind}.d").glob("*.md")):
        for match in ROW.finditer(path.read_text(encoding="utf-8")):
            yield match["code"], path.name, [cell.strip() for cell in re.split(r"(?<!\\)\|", match["rest"])]
