"""``lodeline check``: whether a certificate of origin holds, by its digest, its arithmetic and the book."""

from __future__ import annotations

import click

from lodeline.cli.options import json_option, reading
from lodeline.cli.output import print_json, print_pairs
from lodeline.cli.waiting import waiting


@click.command("check", epilog="Example:\n\n  lodeline check certificate.json book.db")
@click.argument("certificate", metavar="CERTIFICATE")
@click.argument("book", metavar="BOOK")
@json_option
def command(certificate: str, book: str, as_json: bool) -> None:
    """Check a CERTIFICATE of origin against BOOK, as the book was when it was made.

    The digest shows that it was not changed; arithmetic, that what it says follows from its masses; the book, that
    these are its masses and none is left out; and the events, that they hold the recorded values it names. Ends with 6
    where any of this is not so.
    """
    with reading(book) as opened, waiting("following events") as said:
        found = opened.check(certificate, progress=said.count, stage=said.stage)
    if as_json:
        print_json(found)
        return
    masses = "as reconciled from" if found.reconciled else "as recorded in"
    print_pairs(
        [
            ("holds", found.says),
            ("element", found.element),
            ("masses", f"{found.masses:,} {masses} the book as of entry {found.seq}"),
            ("recorded values", f"{found.values:,} found in the events"),
            ("supposes", _supposes(found.supposes)),
            ("digest", found.digest),
        ]
    )


def _supposes(masses: int) -> str:
    if not masses:
        return "nothing: every mass rests on an assay of its own"
    return f"homogeneous lots, where {masses:,} masses rest on the assay of another lot"
