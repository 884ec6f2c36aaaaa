"""``lodeline world``: national statistics, what depends on whom, and what a partnership changes."""

from __future__ import annotations

import click

from lodeline.cli.lazy import LazyGroup

COMMANDS = {
    "dependence": "Say who a country's supply of an element comes from, direct and traced.",
    "editions": "List the editions of national statistics, and where two of them differ.",
    "import": "Import a publisher's file of statistics or trade.",
    "indicators": "Say how concentrated and how risky a supply is, by every indicator.",
    "reliance": "Set published net import reliance against what an edition's figures give.",
    "effect": "What tonnes, or a book, change in dependence.",
    "stress": "Say what a disruption of trade does to price, use, cover and imports.",
    "claims": "Recompute public claims, and say which hold.",
    "resources": "Say what is in the ground, class by class, and what is left of its value.",
}
"""Name and one line of help; each is a module of this folder with a ``command``."""


@click.group(
    "world", cls=LazyGroup, told=COMMANDS, package="lodeline.cli.commands.world", short_help="Ask national statistics."
)
def command() -> None:
    """Ask national statistics: who depends on whom, what a partnership changes, and which public claims hold.

    Figures come with lodeline, each with its source and edition; an edition of your own can be imported.
    """
