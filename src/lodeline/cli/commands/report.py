"""``lodeline report``: what the book shows and what it does not."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from lodeline.cli.options import as_of_option, book_argument, entry, json_option, reading
from lodeline.cli.waiting import waiting


@click.command(
    "report",
    epilog="Examples:\n\n  lodeline report book.db\n\n  lodeline report book.db --html report.html --as-of 40\n\n"
    "  lodeline report book.db --edition my_usgs_table.csv --json",
)
@book_argument
@click.option(
    "--html", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="Write one self-contained page that opens without a network (an earlier FILE is replaced).",
)  # fmt: skip
@click.option(
    "--edition", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="Compare with this table of national figures instead of the one in the package.",
)  # fmt: skip
@as_of_option
@json_option
def command(book: str, html: Path | None, edition: Path | None, as_of: str | None, as_json: bool) -> None:
    """Say what BOOK shows: the programme, what is held where, what moved, what it is against national figures,
    what is not known, and which single weighing or assay would settle most.
    """
    from lodeline.report import build, to_html, to_json, to_terminal
    from lodeline.world.national import load_table

    table = load_table(edition)
    with waiting("following events") as said:
        with reading(book) as opened:
            report = build(opened.view(entry(opened, as_of), progress=said.count), table, stage=said.stage)
        if html is not None:
            from lodeline.cli.files import replace

            said.stage("writing the page")
            replace(html, to_html(report).encode())
    if html is not None:
        print(f"report written to {html}", file=sys.stderr if as_json else sys.stdout)
    if as_json:
        sys.stdout.write(to_json(report).decode())
    elif html is None:
        to_terminal(report, sys.stdout)
