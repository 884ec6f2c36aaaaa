"""Every command, argument and option of the command line is in its reference."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from lodeline.cli.main import cli
from tests.docs.pages import DOCS

REFERENCE = DOCS / "reference" / "cli.md"
PAGES = [REFERENCE, *sorted((DOCS / "reference").glob("world-*.md"))]
"""The commands of ``lodeline world`` are explained on the page of their subject."""


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below ``group`` that does something itself, by the words one types."""
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, f"{path} lists {name} and cannot load it"
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def sections() -> dict[str, str]:
    """The reference's second- and third-level sections: heading without its backticks, text."""
    text = "\n\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    parts = re.split(r"^#{2,3} +(.+)$", text, flags=re.MULTILINE)
    return {heading.replace("`", "").strip(): text for heading, text in zip(parts[1::2], parts[2::2], strict=True)}


def test_every_command_has_its_section_and_no_section_lacks_its_command():
    told = {heading for heading in sections() if heading.startswith("lodeline ")}

    assert told == {path for path, _ in commands(cli, "lodeline")}


def test_every_option_of_a_command_is_named_in_its_section():
    text = sections()
    missing = [
        f"{path} {option.opts[-1]}"
        for path, command in commands(cli, "lodeline")
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden and f"`{option.opts[-1]}" not in text.get(path, "")
    ]

    assert missing == []


def test_every_exit_code_of_a_refusal_is_in_the_reference():
    from lodeline import errors

    text = REFERENCE.read_text(encoding="utf-8")
    families = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]

    assert [family.__name__ for family in families if f"| {family.exit_code} |" not in text] == []
