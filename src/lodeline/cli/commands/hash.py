"""``lodeline hash``: CBV event hash ids."""

from __future__ import annotations

import sys

import click

from lodeline.cli.options import json_option
from lodeline.cli.output import print_json
from lodeline.errors.visible import visible


@click.command("hash", epilog="Example:\n\n  lodeline hash --canonical shipment.json")
@click.argument("file", metavar="FILE")
@click.option("--canonical", is_flag=True, help="Print the canonical string that is hashed, below each id.")
@click.option(
    "--every-field", is_flag=True, help="Hash as a book does, even where the document's own header leaves fields out."
)
@json_option
def command(file: str, canonical: bool, every_field: bool, as_json: bool) -> None:
    """Print the CBV 2.0 hash id of each event of FILE, one a line, in order; "-" is standard input.

    FILE is an EPCIS document, a query document or one bare event, in JSON or XML. Some repositories name, in a header
    called ignoreFields, fields that their hash ids leave out; then this is done too, and said on standard error.
    """
    from lodeline.book import hash_events

    ignored: frozenset[str] = frozenset()
    for index, event in enumerate(hash_events(file, every_field=every_field)):
        if event.misplaced is not None:
            print(f"lodeline: a book would refuse event {index}: {visible(event.misplaced)}", file=sys.stderr)
        if event.ignored and not ignored:
            ignored = event.ignored
            names = ", ".join(visible(name) for name in sorted(ignored))
            print(f"lodeline: the document's header leaves out {names}; a book does not", file=sys.stderr)
        if as_json:
            row = {"hash_id": event.hash_id, "canonical": event.canonical, "ignored": sorted(event.ignored)}
            print_json(row, indent=False)
        else:
            print(f"{event.hash_id}\n{event.canonical}" if canonical else event.hash_id)
