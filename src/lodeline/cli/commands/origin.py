"""``lodeline origin``: where the metal of a lot is from, within which limits, and how certain a claim is."""

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
    element_option,
    kg_told,
    limit_told,
    lot_argument,
    masses_told,
    mixing_option,
    print_csv,
    recorded_option,
    share_told,
    unheld_told,
)
from lodeline.cli.output import print_json, print_table
from lodeline.cli.waiting import waiting
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from lodeline.book.origin_answers import Judged, Limits, Part, Traces

EPILOG = """Examples:

  lodeline origin book.db urn:example:lot:1 --element Sb

  lodeline origin book.db urn:example:lot:1 --element Sb --by deposit --bounds

  lodeline origin book.db urn:example:lot:1 --element Sb --claim "PK>=0.8" --certificate claim.json"""
GRAM = 1e-3


class _Part(click.ParamType[float]):
    """A part of one, or percent."""

    name = "part"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        try:
            return float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
        except ValueError:
            self.fail(f"{value!r} is no part; write 0.02 or 2%.", param, ctx)


PART = _Part()
WIDE = 90
"""Characters of one cell."""
WHERE = {"held": "held", "used": "used up; what went into processes, last", "ended": "no longer in the book; last"}


@click.command("origin", epilog=EPILOG)
@book_argument
@lot_argument
@element_option
@click.option(
    "--by",
    default="country",
    show_default=True,
    metavar="WHAT",
    help="country, deposit, kind, owner, certificate, or where a stage was done: stage:mined, stage:concentrated, "
    "stage:refined, stage:separated, stage:collected, stage:recycled.",
)
@click.option("--bounds", is_flag=True, help="The least and the most too, whatever the mixing was.")
@click.option(
    "--claim",
    "claims",
    multiple=True,
    metavar="CLAIM",
    help='Say how certain this is: "PK>=0.8", "scrap<=10%", "URI>=120kg"; again for another.',
)
@click.option(
    "--homogeneous",
    type=PART,
    metavar="PART",
    help="Suppose too that what was mined or collected at once keeps its composition within this part (0.02 or 2%) "
    "until something separates it.",
)
@click.option(
    "--beside",
    multiple=True,
    metavar="SYMBOL",
    help="An element that stays together with SYMBOL then; again for another. Every assayed one if not given.",
)
@credits_option
@mixing_option("all")
@recorded_option
@click.option(
    "--certificate",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a certificate of the bound that decides the claim to a new file.",
)
@csv_option
@as_of_option
@json_option
def command(
    book: str,
    lot: str,
    element: str,
    by: str,
    bounds: bool,
    claims: tuple[str, ...],
    homogeneous: float | None,
    beside: tuple[str, ...],
    credits: str | None,
    mixing: str | None,
    recorded: bool,
    certificate: Path | None,
    as_csv: bool,
    as_of: str | None,
    as_json: bool,
) -> None:
    """Say where the metal of LOT is from: shares with their standard uncertainties (k = 1), by country unless asked.

    Shares suppose that stores mix as master data or policy say, and perfectly where neither does. The least and the
    most suppose nothing about mixing; where they rest on a mass that was computed from the assay of another lot they
    hold if lots are homogeneous, and that is said. Metal of which the book does not say where it is from is untraced:
    it counts in the most of every origin and in the least of none. SYMBOL may be a group that the policy declares.
    """
    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    if beside and homogeneous is None:
        raise click.UsageError("--beside is of --homogeneous; say within which part parcels are homogeneous.")
    if credits is not None and not claims:
        raise click.UsageError('--credits is of claims: add a --claim, such as --claim "PK>=0.8".')
    if certificate is not None and len(claims) != 1:
        raise click.UsageError('--certificate is of one claim: add one --claim, such as --claim "PK>=0.8".')
    with deriving(book, as_of) as opened, waiting("following events") as said:
        at = entry(opened, as_of)
        found, made = opened.origin_with_certificate(
            lot,
            element,
            by=by,
            mixing=mixing,
            bounds=bounds,
            claims=claims,
            homogeneous=homogeneous,
            beside=beside,
            credits=credits,
            certified=certificate is not None,
            recorded=recorded,
            as_of=at,
            progress=said.count,
            stage=said.stage,
        )
    if certificate is not None and made is not None:
        write_new(certificate, made)
    if as_json:
        print_json(found.told())
    elif as_csv:
        print_csv(found.table())
    else:
        _print(found, bounds=bounds or homogeneous is not None)
        if certificate is not None:
            print(f"certificate: {visible(str(certificate))}")


def _print(found: Traces, *, bounds: bool) -> None:
    at = ", ".join(visible(one) for one in found.places) or "a place that nobody said"
    print(f"{visible(found.lot, limit=200)}: {kg_told(found.kg, found.kg_u)} kg of {found.element}")
    print(f"{WHERE[found.state]} at {at}")
    print()
    rules = list(found.parts[0].by_rule) if found.parts else []
    kept = any(_narrower(one) for one in found.parts)
    limits = [*(["least kg", "most kg"] if bounds else []), *(["least kg, kept", "most kg, kept"] if kept else [])]
    limits += ["least kg, alike", "most kg, alike"] if any(one.alike is not None for one in found.parts) else []
    print_table(
        [found.by, "share", "kg", *limits, *(f"share {rule}" for rule in rules)],
        [_row(one, rules, bounds=bounds, kept=kept) for one in found.parts],
        wide=WIDE,
        shorten=True,
    )
    print()
    _print_notes(found, bounds=bounds)
    for one, doubt, unheld in zip(found.claims, found.doubts, found.unheld, strict=True):
        print()
        _print_claim(one)
        if doubt is not None:
            print(f"  {doubt_told(doubt)}")
        if unheld is not None:
            print(f"  {unheld_told(unheld)}")
    if found.claims:
        print(f"\n{DECLARED}")


def _narrower(one: Part) -> bool:
    """Whether it says more to know how stores are kept, by a gram at least."""
    if one.kept is None or one.limits is None:
        return False
    return one.kept.least > one.limits.least + GRAM or one.kept.most < one.limits.most - GRAM


def _limits(limits: Limits | None) -> list[str]:
    if limits is None:
        return ["", ""]
    return [
        limit_told(limits.least, limits.least_u, supposes=limits.least_supposes),
        limit_told(limits.most, limits.most_u, supposes=limits.most_supposes),
    ]


def _row(one: Part, rules: list[str], *, bounds: bool, kept: bool) -> list[str]:
    row = [one.name, share_told(one.share, one.share_u), kg_told(one.kg, _scaled(one))]
    if bounds:
        row += _limits(one.limits)
    if kept:
        row += _limits(one.kept)
    if one.alike is not None:
        row += _limits(one.alike)
    return [*row, *(share_told(one.by_rule[rule], None) for rule in rules)]


def _scaled(one: Part) -> float | None:
    """A share's uncertainty in kilograms of this lot."""
    return None if one.share_u is None or not one.share else one.kg / one.share * one.share_u


def _print_notes(found: Traces, *, bounds: bool) -> None:
    print(f"shares: mixing {found.mixing}; {masses_told(found)}")
    if bounds and any(one.limits is not None for one in found.parts):
        print("least and most: whatever the mixing was")
        if any(_narrower(one) for one in found.parts):
            print(f"kept: supposing that stores mix {found.mixing}")
        if any(one.alike is not None for one in found.parts):
            print("alike: supposing that parcels are homogeneous, at the masses as they are")
        for one in found.parts:
            of = one.limits
            if of is not None and (of.least_supposes or of.most_supposes):
                loose = ""
                if of.loose_least is not None and of.loose_most is not None:
                    loose = f"; without that, {kg_told(of.loose_least, None)} to {kg_told(of.loose_most, None)} kg"
                print(f"* of {visible(one.name)}: holds if lots are homogeneous{loose}")
    if found.left_out:
        print(f"{found.left_out:,} flows of the lot are left out: nobody knows how much {found.element} they held")
    for unknown in found.unknown:
        more = f" And {unknown.flows - 1:,} flows more that it may come from." if unknown.flows > 1 else ""
        print(f"{unknown.code}: {visible(unknown.sentence, limit=400)}{more}")
        for act in unknown.settle[:1]:
            print(f"  would be settled by: {visible(act.detail)} {visible(act.subject)}")


def _print_claim(one: Judged) -> None:
    print(f"claim: {visible(one.claim)} ({kg_told(one.claimed_kg, None)} of {kg_told(one.lot_kg, None)} kg)")
    print(f"  certainty: {certainty_told(one)}")
    print(f"  custody: {custody_told(one)}")
    of = one.limits
    least, most = (
        limit_told(of.least, of.least_u, supposes=of.least_supposes),
        limit_told(of.most, of.most_u, supposes=of.most_supposes),
    )
    print(f"  least and most, whatever the mixing was: {least} and {most} kg")
