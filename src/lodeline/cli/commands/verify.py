"""``lodeline verify``: prove the book."""

from __future__ import annotations

import click

from lodeline.cli.options import as_of_option, book_argument, entry, json_option, reading
from lodeline.cli.output import print_json
from lodeline.cli.progress import progress


@click.command(
    "verify", epilog="Examples:\n\n  lodeline verify book.db --deep\n\n  lodeline verify book.db --against january.json"
)
@book_argument
@click.option("--deep", is_flag=True, help="Recompute every hash id and every derived table too.")
@click.option("--against", metavar="CHECKPOINT", help="Also show that the book continues from this checkpoint file.")
@as_of_option
@json_option
def command(book: str, deep: bool, against: str | None, as_of: str | None, as_json: bool) -> None:
    """Read all of BOOK and prove bytes, chain and documents; the first broken place is named.

    All of the book is proved always; with --as-of the head that is printed is the one it had then. Exit code 6 if
    anything does not prove itself.
    """
    with reading(book) as opened, progress("verifying", total=opened.head().seq) as show:
        verified = opened.verify(deep=deep, against=against, progress=show)
        head = opened.head(entry(opened, as_of))
    if as_json:
        print_json({"verified": True, "deep": deep, "entries": verified.entries, "head": head})
    else:
        against_text = f", continuing from checkpoint {against}" if against else ""
        depth = "bytes, chain, documents, hash ids and derived tables" if deep else "bytes, chain and documents"
        print(f"proved: {depth} of {verified.entries:,} entries{against_text}")
        if verified.unchecked:
            print(f"not compared, since other code made them and nothing reads them: {', '.join(verified.unchecked)}")
        print(f"head {head.seq} {head.digest}")
