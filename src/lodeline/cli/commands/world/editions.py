"""``lodeline world editions``: which editions of national statistics there are."""

from __future__ import annotations

import click

from lodeline.cli.options import json_option
from lodeline.cli.output import print_json, print_table


@click.command("editions", epilog="Example:\n\n  lodeline world editions")
@json_option
def command(as_json: bool) -> None:
    """List the editions that come with lodeline: how many figures each has, and where it was published."""
    from lodeline.world.statistics.edition import SHIPPED, shipped

    tables = [shipped(name) for name in SHIPPED]
    rows = [
        {"edition": one.edition, "figures": len(one.rows), "source": "; ".join(sorted({r.source for r in one.rows}))}
        for one in tables
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(["edition", "figures", "source"], [list(row.values()) for row in rows])
