"""``lodeline rebuild``: the derived tables, from the entries alone."""

from __future__ import annotations

import click

from lodeline.cli.options import book_argument, writing
from lodeline.cli.progress import progress


@click.command("rebuild", epilog="Example:\n\n  lodeline rebuild book.db")
@book_argument
def command(book: str) -> None:
    """Drop BOOK's derived tables and build them again from its entries; what is recorded is only read.

    Needed where a newer lodeline builds them otherwise, or where `lodeline verify --deep` finds one of them wrong.
    """
    with writing(book) as opened, progress("rebuilding", total=opened.head().seq) as show:
        opened.rebuild(progress=show)
        head = opened.head()
    print(f"rebuilt from {head.seq + 1:,} entries; head {head.seq} {head.digest}")
