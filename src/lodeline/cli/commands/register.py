"""``lodeline register``: master data."""

from __future__ import annotations

import click

from lodeline.cli.options import book_argument, by_option, json_option, writing
from lodeline.cli.output import print_json, print_table


@click.command("register", epilog="Example:\n\n  lodeline register book.db parties.csv")
@book_argument
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@by_option
@json_option
def command(book: str, files: tuple[str, ...], by: str, as_json: bool) -> None:
    """Record parties, sites, stores, scales, laboratories, standards, materials and deposits from TOML or CSV FILEs.

    A file is registered whole or not at all.
    """
    with writing(book) as opened:
        records = [record for file in files for record in opened.register(file, by=by)]
    if as_json:
        print_json(records)
    else:
        print_table(("kind", "id", "valid from"), [(r.kind, r.id, r.valid_from) for r in records])
        print(f"{len(records)} registered, by {by}")
