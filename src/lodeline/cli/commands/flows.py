"""``lodeline flows``: where metal went, as tables for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from lodeline.book.flow_files import ENDINGS, TABLES, write_flows
from lodeline.cli.options import as_of_option, book_argument, deriving, entry
from lodeline.cli.progress import progress


@click.command(
    "flows",
    epilog="Examples:\n\n  lodeline flows book.db --out flows.parquet\n\n"
    "  lodeline flows book.db --out tables/ --format csv",
)
@book_argument
@click.option("--out", "out", type=click.Path(path_type=Path), required=True, metavar="FILE|FOLDER", help="Where to.")
@click.option("--table", type=click.Choice(TABLES), help="Which table a file gets; flows if not given.")
@click.option("--format", "ending", type=click.Choice(ENDINGS), help="What a folder's files are; parquet if not given.")
@as_of_option
def command(book: str, out: Path, table: str | None, ending: str | None, as_of: str | None) -> None:
    """Write where metal went in BOOK: flows, their nodes, what was measured of them, and lots.

    A FILE ends in .parquet, .arrow or .csv and gets one table; a FOLDER gets all four. Identifiers, words and instants
    are written out; what nobody knows is empty. The same tables are kept in the book, so that the next reader has them
    at once.
    """
    with deriving(book, as_of) as opened:
        at = entry(opened, as_of)
        with progress("following events", total=None) as show:
            flows = opened.flows(at, progress=show)
    for path, rows in write_flows(flows, out, table=table, ending=ending):
        print(f"{path}: {rows:,} rows")
