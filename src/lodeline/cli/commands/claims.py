"""``lodeline claims``: whether claims of origin can be true, each by itself and all at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lodeline.cli.files import write_new
from lodeline.cli.options import as_of_option, book_argument, deriving, entry, json_option
from lodeline.cli.origins import (
    DECLARED,
    certainty_told,
    credits_option,
    csv_option,
    custody_told,
    doubt_told,
    k_told,
    kg_told,
    limit_told,
    masses_told,
    print_csv,
    recorded_option,
    unheld_told,
)
from lodeline.cli.output import print_json, print_table
from lodeline.cli.waiting import waiting
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from lodeline.book.claiming import Alone, Claims, Together

WIDE = 90
"""Characters of one cell."""
EPILOG = """Examples:

  lodeline claims book.db claims.toml

  lodeline claims book.db claims.csv --csv > answers.csv

\b
FILE is TOML with a table for each claim, or CSV with these columns:
  [[claim]]
  buyer = "urn:example:buyer"     # may be left out
  lot = "urn:example:lot:1"
  element = "Sb"
  origin = "PK"                   # a country, mined, scrap, stock, or a URI
  at_least = 0.8                  # or at_most, at_least_kg, at_most_kg
  custody = "segregated"          # a model of ISO 22095; may be left out"""


@click.command("claims", epilog=EPILOG)
@book_argument
@click.argument("file", metavar="FILE")
@credits_option
@recorded_option
@click.option(
    "--certificate",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a certificate that the claims contradict each other, or can all be true, to a new file.",
)
@csv_option
@as_of_option
@json_option
def command(
    book: str,
    file: str,
    credits: str | None,
    recorded: bool,
    certificate: Path | None,
    as_csv: bool,
    as_of: str | None,
    as_json: bool,
) -> None:
    """Hold all the claims of FILE against BOOK: whether each is certain, and whether all can be true at once.

    The same kilogram cannot be claimed by two buyers; a concentrate and the product made of it are not two sales.
    Claims that contradict each other are named, with the kilograms that must be given up, whatever the mixing was.
    Ends with 0 whatever is found.
    """
    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    with deriving(book, as_of) as opened, waiting("following events") as said:
        found, made = opened.claims_with_certificate(
            file,
            credits=credits,
            certified=certificate is not None,
            recorded=recorded,
            as_of=entry(opened, as_of),
            progress=said.count,
            stage=said.stage,
        )
    if certificate is not None and made is not None:
        write_new(certificate, made)
    if as_json:
        print_json(found)
    elif as_csv:
        print_csv(found.table())
    else:
        _print(found)
        if certificate is not None:
            print(f"certificate: {visible(str(certificate))}")


def _print(found: Claims) -> None:
    for of_element in found.together:
        _print_together(of_element)
        print()
    print_table(
        ["claim", "buyer", "lot", "claimed", "kg", "least kg", "most kg", "certainty", "custody"],
        [_row(one) for one in found.alone],
        wide=WIDE,
        shorten=True,
    )
    print()
    for one in found.alone:
        if one.judged.certainty in ("supported", "contradicted") or one.judged.custody_stated or one.judged.credits_kg:
            told = certainty_told(one.judged).rpartition("; ")[0]
            print(f"claim {one.place}: {told}; custody: {custody_told(one.judged)}")
        if one.doubt is not None:
            print(f"claim {one.place}: {doubt_told(one.doubt)}")
        if one.unheld is not None:
            print(f"claim {one.place}: {unheld_told(one.unheld)}")
    first = found.together[0]
    print(f"judged {k_told(found.alone[0].judged.k)}")
    print("* holds if lots are homogeneous")
    print(DECLARED)
    print(masses_told(_Made(first.masses, first.not_reconciled, found.as_of, found.policy)))


class _Made:
    """What the note on masses is about."""

    def __init__(self, masses: str, not_reconciled: str, as_of: int, policy: str) -> None:
        self.masses, self.not_reconciled, self.as_of, self.policy = masses, not_reconciled, as_of, policy


def _print_together(one: Together) -> None:
    over_kg = kg_told(one.over_kg, one.over_kg_u)
    said = {
        "consistent": "all claims can be true at once",
        "contradictory": f"the claims cannot all be true: {over_kg} kg at least must be given up",
        "undecided": "whether all claims can be true at once is undecided",
    }[one.verdict]
    if one.verdict != "undecided":
        said += ", at these masses"
    if one.supposing:
        said += f", supposing {one.supposing}"
    if one.within:
        said += "; that is within the uncertainty of the masses, at others all could be true"
    print(f"{one.element}: {said}")
    if one.members:
        over = kg_told(one.members_over_kg, one.members_over_kg_u)
        fewest = "; without any one of them the others can be true" if one.irreducible else ""
        several = f"these contradict each other by {over} kg{fewest}:"
        print(several if len(one.members) > 1 else f"this one by itself is {over} kg too much:")
        for member in one.members:
            buyer = f" ({visible(member.buyer)})" if member.buyer else ""
            print(
                f"  claim {member.place}{buyer}, lot {visible(member.lot, limit=200)}: if it alone gives way, by "
                f"{kg_told(member.alone_kg, None)} kg"
            )


def _row(one: Alone) -> list[object]:
    of = one.judged.limits
    return [
        one.place,
        one.buyer,
        one.judged.lot,
        f"{one.judged.claim}, {one.judged.element}",
        kg_told(one.judged.claimed_kg, None),
        limit_told(of.least, of.least_u, supposes=of.least_supposes),
        limit_told(of.most, of.most_u, supposes=of.most_supposes),
        one.judged.certainty,
        one.judged.custody or "none",
    ]
