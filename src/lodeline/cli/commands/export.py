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
@click.option("--xml", is_flag=True, help="With --epcis: in XML. A FILE that ends in .xml is XML without being told.")
@as_of_option
def command(book: str, file: Path, epcis: bool, xml: bool, as_of: str | None) -> None:
    """Write BOOK to a new FILE. `lodeline import` makes the same book of it again, with the same head."""
    if xml and not epcis:
        raise click.UsageError("--xml goes with --epcis: the whole book has one form.")
    as_xml = xml or file.suffix.lower() == ".xml"
    with reading(book) as opened:
        at = entry(opened, as_of)
        with progress(f"writing {file}", total=opened.head(at).seq) as show:
            if epcis:
                written = opened.export_epcis(file, xml=as_xml, as_of=at, progress=show)
            else:
                written = opened.export(file, as_of=at, progress=show)
    print(f"{written:,} {'events' if epcis else 'entries'} written to {file}")
