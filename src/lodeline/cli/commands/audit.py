"""``lodeline audit``: what was written and what was refused over HTTP."""

from __future__ import annotations

import click

from lodeline.cli.options import book_argument, json_option
from lodeline.cli.output import print_json, print_table


@click.command("audit", epilog="Example:\n\n  lodeline audit book.db --after 100")
@book_argument
@click.option("--after", type=click.IntRange(0), default=0, show_default=True, help="Start after this line's number.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=1_000, show_default=True, help="At most so many.")
@json_option
def command(book: str, after: int, limit: int, as_json: bool) -> None:
    """Show the audit log of BOOK's service, oldest first. It can be added to, and never changed."""
    from lodeline.book.service import open_service

    with open_service(book) as service:
        entries = service.audit.entries(after=after, limit=limit)
    if as_json:
        print_json(entries)
        return
    print_table(
        ("no", "at", "who", "role", "address", "action", "target", "status", "code"),
        [
            (line.seq, line.at.isoformat(timespec="seconds"), line.who, line.role, line.address, line.action,
             line.target, line.status or "", line.code or "")
            for line in entries
        ],
    )  # fmt: skip
