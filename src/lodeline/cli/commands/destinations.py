"""``lodeline destinations``: where the metal of a lot went."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lodeline.cli.options import as_of_option, book_argument, deriving, entry, json_option
from lodeline.cli.origins import (
    csv_option,
    element_option,
    kg_told,
    lot_argument,
    masses_told,
    mixing_option,
    print_csv,
    recorded_option,
    share_told,
)
from lodeline.cli.output import print_json, print_table
from lodeline.cli.waiting import waiting
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from lodeline.book.going import Destinations

SHOWN = 40
"""Ends that are printed one by one; the others are summed, and all are in the JSON and the CSV."""
WIDE = 90
"""Characters of one cell."""


@click.command(
    "destinations",
    epilog="Examples:\n\n  lodeline destinations book.db urn:example:lot:1 --element Sb\n\n"
    "  lodeline destinations book.db urn:example:lot:1 --element Sb --mixing fifo --csv > gone.csv",
)
@book_argument
@lot_argument
@element_option
@mixing_option()
@recorded_option
@csv_option
@as_of_option
@json_option
def command(
    book: str,
    lot: str,
    element: str,
    mixing: str | None,
    recorded: bool,
    as_csv: bool,
    as_of: str | None,
    as_json: bool,
) -> None:
    """Say where the metal of LOT went: in which lots it is held, with which it left the book, what of it was lost.

    All of the metal with which the lot arose or was made is followed to its ends. What is not accounted for left a
    process or a store by no flow whose content is known.
    """
    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    with deriving(book, as_of) as opened, waiting("following events") as said:
        found = opened.destinations(
            lot,
            element,
            mixing=mixing,
            recorded=recorded,
            as_of=entry(opened, as_of),
            progress=said.count,
            stage=said.stage,
        )
    if as_json:
        print_json(found)
    elif as_csv:
        print_csv(found.table())
    else:
        _print(found)


def _print(found: Destinations) -> None:
    print(f"{visible(found.lot, limit=200)}: {kg_told(found.kg, None)} kg of {found.element}, as it came to be")
    print()
    rows = [
        (one.how, one.lot or "", one.place or "", share_told(one.share, None), kg_told(one.kg, None))
        for one in found.gone[:SHOWN]
    ]
    rest = found.gone[SHOWN:]
    if rest:
        share, kg = sum(one.share for one in rest), sum(one.kg for one in rest)
        rows.append((f"{len(rest):,} others", "", "", share_told(share, None), kg_told(kg, None)))
    print_table(["how", "lot", "at", "share", "kg"], rows, wide=WIDE, shorten=True)
    print()
    print(f"mixing {found.mixing}; {masses_told(found)}")
