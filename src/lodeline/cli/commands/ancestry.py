"""``lodeline ancestry``: what a lot was made of, and what it became."""

from __future__ import annotations

import click

from lodeline.cli.options import as_of_option, book_argument, deriving, entry, json_option
from lodeline.cli.output import print_json, print_table

COLUMNS = ("generation", "lot", "process", "events")
SHOWN = 4
"""How many entry numbers of a row are written out."""


@click.command(
    "ancestry",
    epilog="Examples:\n\n  lodeline ancestry book.db urn:epc:class:lgtin:4012345.011111.LOT1\n\n"
    "  lodeline ancestry book.db urn:epc:class:lgtin:4012345.011111.LOT1 --descendants",
)
@book_argument
@click.argument("lot", metavar="LOT")
@click.option("--descendants", is_flag=True, help="The lots it became, instead of those it was made of.")
@as_of_option
@json_option
def command(book: str, lot: str, descendants: bool, as_of: str | None, as_json: bool) -> None:
    """List the lots that LOT of BOOK was made of, through every split, blend and process.

    Generation 1 went straight into the process that LOT came out of. Of a store only what was laid down by the time LOT
    was taken counts. Numbers are ledger entries: of the process its first event, and of each lot the events that say
    so; `lodeline show` shows them.
    """
    with deriving(book, as_of) as opened:
        found = opened.ancestry(lot, descendants=descendants, as_of=entry(opened, as_of))
    if as_json:
        print_json(found)
    elif found.kin:
        print_table(
            COLUMNS,
            [(one.generation, one.lot, _entries(one.processes), _entries(one.events)) for one in found.kin],
            wide=80,
        )
    else:
        print("it became no other lot" if descendants else "it was made of no other lot")


def _entries(numbers: tuple[int, ...]) -> str:
    more = len(numbers) - SHOWN
    return " ".join(map(str, numbers[:SHOWN])) + (f" and {more} more" if more > 0 else "")
