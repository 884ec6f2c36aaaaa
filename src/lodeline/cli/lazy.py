"""Groups of commands that know their commands by name and import one only when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

MODULES = {"import": "import_file"}
"""Commands whose name is a word of Python, and their modules."""


class ReaderGone(Exception):  # noqa: N818  nothing is wrong
    """Whoever read our output has read enough: ``| head``."""


class LazyGroup(click.Group):
    """A group of commands, each the ``command`` of a module of one package.

    Args:
        told: Name and one line of help of each command, in the order in which they are listed.
        package: Where their modules are, each named as its command.
    """

    def __init__(self, *args: Any, told: Mapping[str, str], package: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told, self.package = told, package

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.told)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.told:
            return None
        module = importlib.import_module(f"{self.package}.{MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # click would end it as a failure, without a word.
            raise ReaderGone from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.told.items()))
