"""``lodeline init``: create an empty book."""

from __future__ import annotations

import click

from lodeline.cli.options import book_argument, by_option, json_option
from lodeline.cli.output import print_json, print_pairs


@click.command(
    "init",
    epilog='Example:\n\n  lodeline init book.db --title "Antimony, 2026"',
)
@book_argument
@click.option("--title", required=True, help="What this book is about; it stands on every report.")
@by_option
@json_option
def command(book: str, title: str, by: str, as_json: bool) -> None:
    """Create an empty book at BOOK. An existing one is never touched."""
    from lodeline.book import create

    with create(book, title=title, by=by) as opened:
        head = opened.head()
    if as_json:
        print_json({"book": book, "book_id": head.book_id, "title": title, "by": by})
    else:
        print_pairs([("book", book), ("book id", head.book_id), ("title", title), ("by", by)])
