"""``lodeline hash``: CBV event hash ids."""

from __future__ import annotations

import click

from lodeline.cli.options import json_option
from lodeline.cli.output import print_json


@click.command("hash", epilog="Example:\n\n  lodeline hash --canonical shipment.json")
@click.argument("file", metavar="FILE")
@click.option("--canonical", is_flag=True, help="Print the canonical string that is hashed, below each id.")
@json_option
def command(file: str, canonical: bool, as_json: bool) -> None:
    """Print the CBV 2.0 hash id of each event of FILE, one a line, in order; "-" is standard input.

    FILE is an EPCIS document, a query document or one bare event.
    """
    from lodeline.book import hash_events

    for hash_id, prehash in hash_events(file):
        if as_json:
            print_json({"hash_id": hash_id, "canonical": prehash}, indent=False)
        else:
            print(f"{hash_id}\n{prehash}" if canonical else hash_id)
