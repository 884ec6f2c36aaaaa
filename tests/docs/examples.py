"""What is done with the code blocks of a page; CONTRIBUTING.md states the convention for those who write pages.

Sybil finds the blocks. They are taken in order, in one folder that starts empty:

- ``console``: lines after ``$ `` are commands (``> `` continues one), the rest is what they print; ``...`` stands for
  any text. A command that fails must be followed by ``$ echo $?``.
- ``python``: run in one namespace a page; with ``>>>`` as a doctest.
- ``toml``, ``json``, ``csv``, ``xml``: must parse. After ``<!-- writes: NAME -->`` the block becomes that file.
- ``text``: not code. After ``<!-- prints: COMMAND -->`` it is what the command prints.
"""

from __future__ import annotations

import csv
import doctest
import io
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from sybil import Document, Example, Region
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer
from sybil.parsers.myst import PythonCodeBlockParser

from tests.docs.shell import Shell

LANGUAGES = ("console", "python", "toml", "json", "csv", "xml", "text")
NOTE = re.compile(r"<!-- (?P<verb>writes|prints): (?P<what>[^\n]+?) -->\s*\Z")

CODE = re.compile(r"^( *)(`{3,}|~{3,})(.*)$")


def run(page: Path, folder: Path, shell: Shell) -> list[int]:
    """Evaluate every block of ``page`` with ``folder`` as working directory; returns the lines they begin on."""
    document = Document.parse(str(page), blocks, PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS))
    document.namespace |= {"__name__": "__main__", "__folder__": folder, "__shell__": shell}
    lines = []
    for example in document.examples():
        example.evaluate()
        lines.append(example.line)
    return lines


def blocks(document: Document) -> Iterator[Region]:
    """The blocks of every language but Python, for which Sybil brings a parser of its own."""
    for region in FencedCodeBlockLexer(language=r"[a-z]+")(document):
        language = region.lexemes["language"]
        if language in EVALUATORS:
            region.parsed = region.lexemes["source"]
            region.evaluator = EVALUATORS[language]
            yield region


def languages(page: Path) -> list[tuple[int, str]]:
    """Line and info string of every fence that opens a block; directives of MyST, ``{note}`` and the like, left out."""
    found: list[tuple[int, str]] = []
    fence = ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        match = CODE.match(line)
        if match is None:
            continue
        _, ticks, info = match.groups()
        if fence and ticks.startswith(fence) and not info.strip():
            fence = ""
        elif not fence:
            fence = ticks
            if not info.startswith("{"):
                found.append((number, info.strip()))
    return found


def note(example: Example, verb: str) -> str | None:
    """What ``<!-- VERB: … -->`` just above the block says, if it stands there."""
    match = NOTE.search(example.document.text, 0, example.region.start)
    return match["what"] if match and match["verb"] == verb else None


def evaluate_console(example: Example) -> None:
    """Run the block's commands in the page's shell and compare what they print."""
    shell: Shell = example.namespace["__shell__"]
    steps = session(example.parsed)
    for i, (command, wanted) in enumerate(steps):
        printed, code = shell.run(command)
        compare(wanted, printed, f"{example.path}:{example.line}: $ {command}")
        shown = i + 1 < len(steps) and steps[i + 1][0] == "echo $?"
        if code != 0 and not shown:
            raise AssertionError(f"{example.path}:{example.line}: $ {command}\nended with {code}")


def evaluate_text(example: Example) -> None:
    """Compare with what the command named above the block prints; without one there is nothing to run."""
    command = note(example, "prints")
    if command is not None:
        printed, code = example.namespace["__shell__"].run(command)
        compare(example.parsed, printed, f"{example.path}:{example.line}: $ {command}")
        if code != 0:
            raise AssertionError(f"{example.path}:{example.line}: $ {command}\nended with {code}")


def evaluate_data(parse: Callable[[str], Any]) -> Callable[[Example], None]:
    """An evaluator that parses the block, and writes it where the page says so."""

    def evaluate(example: Example) -> None:
        parse(example.parsed)
        name = note(example, "writes")
        if name is not None:
            (example.namespace["__folder__"] / name).write_text(example.parsed, encoding="utf-8")

    return evaluate


def parse_csv(text: str) -> None:
    """Refuses a table whose rows differ in length."""
    lengths = {len(row) for row in csv.reader(io.StringIO(text), strict=True)}
    if len(lengths) != 1:
        raise AssertionError(f"rows of {sorted(lengths)} cells in one table:\n{text}")


def session(text: str) -> list[tuple[str, str]]:
    """Commands of a console block with what is shown beneath each."""
    steps: list[tuple[list[str], list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            steps.append(([line[2:]], []))
        elif not steps:
            raise AssertionError(f"a console block begins with a command ('$ …'), not with {line!r}")
        elif line.startswith("> ") and not steps[-1][1]:
            steps[-1][0].append(line[2:])
        else:
            steps[-1][1].append(line)
    return [("\n".join(command), "\n".join(shown)) for command, shown in steps]


def compare(wanted: str, printed: str, where: str) -> None:
    """Blanks at the end of lines do not count, and ``...`` in what is wanted stands for any text."""
    want, got = ("\n".join(line.rstrip() for line in text.rstrip().splitlines()) for text in (wanted, printed))
    checker = doctest.OutputChecker()
    if not checker.check_output(want, got, doctest.ELLIPSIS):
        raise AssertionError(f"{where}\n--- the page shows\n{want}\n--- the command prints\n{got}\n---")


EVALUATORS: dict[str, Callable[[Example], None]] = {
    "console": evaluate_console,
    "text": evaluate_text,
    "toml": evaluate_data(tomllib.loads),
    "json": evaluate_data(json.loads),
    "csv": evaluate_data(parse_csv),
    "xml": evaluate_data(ElementTree.fromstring),
}
