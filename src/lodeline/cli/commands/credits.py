"""``lodeline credits``: mass-balance credits, entered and held against a book."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lodeline.cli.options import as_of_option, book_argument, deriving, entry, json_option
from lodeline.cli.origins import csv_option, kg_told, print_csv, recorded_option
from lodeline.cli.output import print_json, print_table
from lodeline.cli.waiting import waiting
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from lodeline.book.crediting import AccountOf, Credits

WIDE = 60
"""Characters of one cell."""
EPILOG = """Examples:

  lodeline credits book.db credits.toml

\b
FILE is TOML, or CSV with a column "kind" that says which a row is:
  [[period]]                      # accounts are of one period
  name = "2026-03"
  begins = 2026-03-01T00:00:00Z
  ends = 2026-04-01T00:00:00Z
  [[factor]]                      # what part comes out, and from when
  process = "smelter"
  element = "Sb"
  value = 0.9                     # may have until = ...
  since = 2026-01-01T00:00:00Z
  document = "urn:example:certificate"
  [[credit]]                      # what entered the process
  lot = "urn:example:lot:1"
  element = "Sb"
  origin = "PK"
  process = "smelter"
  at = 2026-03-05T00:00:00Z
  kg = 3                          # may have id, holder
  [[use]]                         # what a sale draws on which credit
  id = "sale 1"
  element = "Sb"
  origin = "PK"
  at = 2026-03-20T00:00:00Z
  credit = "urn:example:lot:1"
  kg = 1                          # may have lot, holder
  [[carry]]                       # element, origin, from, into"""


@click.command("credits", epilog=EPILOG)
@book_argument
@click.argument("file", metavar="FILE")
@recorded_option
@csv_option
@as_of_option
@json_option
def command(book: str, file: str, recorded: bool, as_csv: bool, as_of: str | None, as_json: bool) -> None:
    """Enter the mass-balance credits of FILE and hold them against BOOK.

    A credit is used once, and no account is ever below zero: a file that does otherwise is refused, with the row.
    Credits that are more than surely entered processes in the period, whatever the mixing was, are findings. Ends with
    0 whatever is found.
    """
    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    with deriving(book, as_of) as opened, waiting("following events") as said:
        found = opened.credits(
            file, recorded=recorded, as_of=entry(opened, as_of), progress=said.count, stage=said.stage
        )
    if as_json:
        print_json(found)
    elif as_csv:
        print_csv(found.table())
    else:
        _print(found)


def _print(found: Credits) -> None:
    print_table(
        ["holder", "origin", "element", "period", "entered kg", "sure kg", "credit kg", "carried in", "carried out",
         "used kg", "left kg"],
        [_row(one) for one in found.accounts],
        wide=WIDE,
        shorten=True,
    )  # fmt: skip
    print()
    for one in found.findings:
        print(f"{one.weight}: {visible(one.sentence, limit=400)} ({one.code})")
    if found.covered:
        print("the book bears out every credit, whatever the mixing was")
    print(f"as of entry {found.as_of}; {found.policy}")


def _row(one: AccountOf) -> list[object]:
    sure = "unknown" if one.least_kg is None else kg_told(one.least_kg, one.least_u)
    each = (one.credit_kg, one.carried_in_kg, one.carried_out_kg, one.used_kg, one.left_kg)
    return [
        one.holder, one.origin, one.element, one.period, kg_told(one.entered_kg, None), sure,
        *(kg_told(kg, None) for kg in each),
    ]  # fmt: skip
