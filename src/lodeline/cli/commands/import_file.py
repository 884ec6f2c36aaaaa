"""``lodeline import``: a book from an export."""

from __future__ import annotations

from pathlib import Path

import click

from lodeline.cli.options import book_argument
from lodeline.cli.progress import progress


@click.command("import", epilog="Example:\n\n  lodeline import book.lodeline copy.db")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@book_argument
def command(file: Path, book: str) -> None:
    """Make the new BOOK from an exported FILE, proving every entry; its head is the head of the exported book."""
    from lodeline.book import import_book

    with progress(f"reading {file}", total=None) as show, import_book(file, book, progress=show) as opened:
        head = opened.head()
    print(f"{head.seq:,} entries; head {head.digest}")
