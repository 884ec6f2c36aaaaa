"""``lodeline world import``: a publisher's file onto the shelf of editions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lodeline.cli.options import json_option
from lodeline.cli.output import print_json

if TYPE_CHECKING:
    from lodeline.world.statistics.importers import Imported
    from lodeline.world.statistics.shelf import Put

KINDS = {"statistics": "commodities", "trade": "codes of goods", "governance": "indicators"}
"""What figures of a kind are about."""
NAMED = 12
"""Commodities or codes that are named one by one; more are counted."""


@click.command("import", epilog="Example:\n\n  lodeline world import MCS2026_Commodities_Data.csv")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Where to put it; otherwise $LODELINE_EDITIONS, else your folder for user data.",
)
@click.option(
    "--replace", is_flag=True, help="Put it in the place of an edition of this name that says something else."
)
@click.option(
    "--source", metavar="TEXT", help="Where it was published, with its DOI; for an edition newer than lodeline."
)
@click.option(
    "--hs",
    multiple=True,
    metavar="CODE|all",
    help="Of a file of trade, only goods of this code; may be repeated. Otherwise those that lodeline knows.",
)
@json_option
def command(
    file: Path, into: Path | None, replace: bool, source: str | None, hs: tuple[str, ...], as_json: bool
) -> None:
    """Import a file of national statistics, trade or governance as its publisher has it: whole, or not at all.

    Whose it is, is told by its first line. What the publisher withholds, or gives as a limit, stays so. The edition can
    then be named wherever --edition is taken, and goes before a shipped one of its name.
    """
    from lodeline.world.statistics.importers import Asked, import_file
    from lodeline.world.statistics.shelf import put

    every = "all" in hs
    read = import_file(file, Asked(source=source, hs=None if every else frozenset(hs) or None, every=every))
    done = put(read.name, read.text, into=into, replace=replace)
    if as_json:
        print_json(
            {
                "edition": read.name,
                "was": done.was,
                "file": None if done.path is None else str(done.path),
                "holds": read.what,
                "figures": read.figures,
                "about": list(read.about),
                "unknown": read.unknown,
                "sources": list(read.sources),
                "left": read.left,
            }
        )
        return
    _print(read, done)


def _print(read: Imported, done: Put) -> None:
    of = f"{read.name}: {read.figures:,} figures of {read.what}, {_named(read)}"
    where = {
        "new": f"imported into {done.path}",
        "replaced": f"imported into {done.path}, in the place of what was there",
        "known": f"known already: {done.path or 'the edition that comes with lodeline'} says the same",
    }[done.was]
    print(f"{of}\n{where}")
    for reason, count in read.unknown.items():
        if count:
            print(f"  {count:,} without a value: {reason}")
    if read.left:
        print(f"  {read.left}")
    for source in read.sources:
        print(f"  source: {source}")


def _named(read: Imported) -> str:
    about = read.about
    return f"on {', '.join(about)}" if len(about) <= NAMED else f"on {len(about):,} {KINDS[read.what]}"
