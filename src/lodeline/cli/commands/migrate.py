"""``lodeline migrate``: an older book's tables brought up to today's."""

from __future__ import annotations

import click

from lodeline.cli.options import book_argument, reading


@click.command("migrate", epilog="Example:\n\n  lodeline migrate book.db")
@book_argument
def command(book: str) -> None:
    """Bring the tables of BOOK, made by an older lodeline, up to today's.

    No entry is touched: the head stays what it was. A book of today's version is left as it is. In PostgreSQL the
    owner of the book does this.
    """
    from lodeline.book import migrate

    migrate(book)
    with reading(book) as opened:
        head = opened.head()
    print(f"up to date; head {head.seq} {head.digest}")
