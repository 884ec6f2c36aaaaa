"""``lodeline findings``: what does not fit in a book, ranked by evidence, in kilograms and in money."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING

import click
import msgspec

from lodeline.cli.masses import grams
from lodeline.cli.options import as_of_option, book_argument, deriving, entry, json_option
from lodeline.cli.output import print_json, print_table
from lodeline.cli.waiting import waiting

if TYPE_CHECKING:
    from lodeline.book.finding import Findings, Found

WEIGHTS = ("certain", "strong", "weak", "note")
WHOLE = 1_000
"""Characters of a sentence that are printed: all of it."""
SHOWN = 60
"""Findings of more than a note that are printed one by one; all are in the JSON and the CSV."""


@click.command(
    "findings",
    epilog="Examples:\n\n  lodeline findings book.db --weight strong\n\n"
    "  lodeline findings book.db --code metal.received_again --json\n\n"
    "  lodeline findings book.db --kg --csv > findings.csv",
)
@book_argument
@click.option(
    "--weight", type=click.Choice(WEIGHTS), help="Only findings of this weight of evidence, or a heavier one."
)
@click.option("--code", "codes", multiple=True, metavar="CODE", help="Only findings of this code; again for another.")
@click.option("--element", metavar="SYMBOL", help="Only findings about this element.")
@click.option("--kg", "with_kg", is_flag=True, help="Only findings that say how many kilograms are in question.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, one row a finding.")
@as_of_option
@json_option
def command(
    book: str,
    weight: str | None,
    codes: tuple[str, ...],
    element: str | None,
    with_kg: bool,
    as_csv: bool,
    as_of: str | None,
    as_json: bool,
) -> None:
    """List what does not fit in BOOK: followed event by event, held against what plants can do, and reconciled.

    The heaviest evidence first: certain follows from the record alone, strong and weak are evidence, a note contradicts
    nothing. Kilograms are worth what a price document of the book says, with its year. A finding never says guilt.
    """
    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    with deriving(book, as_of) as opened, waiting("following events") as said:
        found = opened.findings(entry(opened, as_of), element=element, progress=said.count, stage=said.stage)
    least = WEIGHTS.index(weight) if weight else len(WEIGHTS) - 1
    kept = tuple(
        one
        for one in found.found
        if WEIGHTS.index(one.weight) <= least
        and (not codes or one.code in codes)
        and (not with_kg or one.kg is not None)
    )
    everything = found.found
    found = msgspec.structs.replace(found, found=kept)
    if as_json:
        print_json({"as_of": found.as_of, "policy": found.policy, "findings": [_told(one) for one in found.found]})
    elif as_csv:
        _print_csv(found)
    else:
        _print(found, everything, apart=bool(codes or weight or with_kg))


def _told(one: Found) -> dict[str, object]:
    return {**msgspec.structs.asdict(one), "money": one.money}


def _print_csv(found: Findings) -> None:
    table = found.table()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(row.values() for row in table.rows())


def _print(found: Findings, everything: tuple[Found, ...], *, apart: bool) -> None:
    """Findings one by one; notes, of which a book may have thousands, by their code, unless some were asked for."""
    heavy = [one for one in found.found if apart or one.weight != "note"]
    if everything and not found.found:
        codes = ", ".join(sorted({one.code for one in everything}))
        print(f"of {len(everything):,} findings none is as asked; their codes are {codes}")
        print(f"as of entry {found.as_of}; {found.policy}")
        return
    if not found.found:
        print(f"nothing was found as of entry {found.as_of}; {found.policy}")
        return
    if heavy:
        columns = ["weight", "code", "kg", "worth", "z", "what"]
        print_table(columns, [_row(one) for one in heavy[:SHOWN]], wide=WHOLE, shorten=True)
        if len(heavy) > SHOWN:
            print(f"and {len(heavy) - SHOWN:,} more; --json and --csv list all")
    notes = [one for one in found.found if one.weight == "note" and not apart]
    if notes:
        counts: dict[str, list[Found]] = {}
        for one in notes:
            counts.setdefault(one.code, []).append(one)
        if heavy:
            print()
        print_table(
            ["notes", "code", "the first of them"],
            [(len(ones), code, ones[0].sentence) for code, ones in counts.items()],
            wide=WHOLE,
            shorten=True,
        )
    print(f"as of entry {found.as_of}; {found.policy}")
    for document in dict.fromkeys(by.price.title for one in heavy for by in one.worth):
        print(f"money by {document!r}")


def _row(one: Found) -> tuple[object, ...]:
    money = one.money
    years = sorted({by.price.year for by in one.worth if by.price.year is not None})
    of = "/".join(str(year) for year in years)
    worth = "" if money is None else f"{money.currency} {money.amount:,.0f}" + (f" ({of})" if of else "")
    kg = "" if one.kg is None else grams(round(one.kg, 1)) + (f" {one.element}" if one.element else "")
    return one.weight, one.code, kg, worth, "" if one.z is None else f"{one.z:.1f}", one.sentence
