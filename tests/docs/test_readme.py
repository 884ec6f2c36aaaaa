"""The README's first screen promises only what there is, and calls planned what is planned."""

from __future__ import annotations

import re
import shlex

import pytest

from lodeline.cli.main import COMMANDS
from tests.docs.pages import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
TOPICS = [
    "the shipment",
    "the memorandum and its phases",
    "the refinery",
    "recycling",
    "less dependence on China",
    '"6 trillion dollars"',
    "jobs and exports",
]


def table() -> dict[str, list[str]]:
    """The rows of the README's first table: topic, then what Lodeline has, the command, the state."""
    lines = README.split("\n| --- | --- | --- | --- |\n")[1].split("\n\n")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in rows}


def test_the_first_paragraph_is_two_sentences():
    paragraph = README.split("\n\n")[1]

    assert len(re.findall(r"\.(?:\s|$)", paragraph)) == 2


def test_the_table_has_a_row_for_everything_announced():
    assert list(table()) == TOPICS


@pytest.mark.parametrize("topic", TOPICS)
def test_a_row_works_by_a_command_that_there_is_or_is_planned_under_a_name(topic):
    _, command, state = table()[topic]

    if "works" in state:
        program, name, *_ = shlex.split(command.strip("`"))
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert name in {"make": targets, "lodeline": COMMANDS}[program]
    else:
        assert command == ""
    if "works" not in state or "planned" in state:
        assert re.search(r"planned \(\*[^*]+\*\)$", state)
