"""``lodeline export``: the whole book, or its events as EPCIS."""

from __future__ import annotations

from pathlib import Path

import click

from lodeline.cli.options import as_of_option, book_argument, entry, reading
from lodeline.cli.progress import progress


@click.command(
    "export",
    epilog="Examples:\n\n  lodeline export book.db book.lodeline\n\n  lodeline export book.db events.json --epcis",
)
@book_argument
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--epcis", is_flag=True, help="Write the events as one EPCIS 2.0 document instead of the whole book.")
@as_of_option
def command(book: str, file: Path, epcis: bool, as_of: str | None) -> None:
    """Write BOOK to a new FILE. `lodeline import` makes the same book of it again, with the same head."""
    with reading(book) as opened:
        at = entry(opened, as_of)
        with progress(f"writing {file}", total=opened.head(at).seq) as show:
            written = (opened.export_epcis if epcis else opened.export)(file, as_of=at, progress=show)
    print(f"{written:,} {'events' if epcis else 'entries'} written to {file}")
