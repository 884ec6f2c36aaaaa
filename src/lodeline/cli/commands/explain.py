"""``lodeline explain``: on what a reconciled figure rests, and what would narrow it most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lodeline.cli.masses import grams
from lodeline.cli.options import as_of_option, book_argument, deriving, entry, json_option
from lodeline.cli.output import print_json, print_table
from lodeline.cli.waiting import waiting
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from lodeline.book.reconciling import Explained
    from lodeline.metal.reconciliation.explaining import Explanation, Suggestion
    from lodeline.units.figure import Figure

SHOWN = 12
"""Rows of what a figure rests on that are printed; the rest is summed, and all of it is in the JSON."""

WIDE = 200
"""Characters of one cell: identifiers are long, and what happened to a lot stands behind its."""

EPILOG = """Examples:

  lodeline explain book.db Sb of urn:example:lot:1 shipped

  lodeline explain book.db "Sb closing site=urn:example:mill month=2026-03"

  lodeline explain book.db bias of urn:example:weighbridge --json

FIGURE is one of

\b
  WHAT of LOT [ACT] [at PLACE] [entry N]    ACT: made, shipped, received, used, held ...
  WHAT held [at PLACE] [of MATERIAL]
  WHAT LINE [KEY=VALUE ...]                 a line of lodeline balance
  bias of INSTRUMENT [in ELEMENT|moisture] [by METHOD] [since DAY]

WHAT is dry, an element, or a group that the policy declares."""


@click.command("explain", epilog=EPILOG)
@book_argument
@click.argument("figure", nargs=-1, required=True, metavar="FIGURE")
@as_of_option
@json_option
def command(book: str, figure: tuple[str, ...], as_of: str | None, as_json: bool) -> None:
    """Say on which events of BOOK a reconciled FIGURE rests, by how much on each, and what would narrow it most.

    The figure is what all weighings, moistures and assays say together, biases of scales and laboratories included. A
    figure that nothing determines has no number, and then what would determine it is said.
    """
    with deriving(book, as_of) as opened, waiting("following events") as said:
        found = opened.explain(figure, entry(opened, as_of), progress=said.count, stage=said.stage)
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: Explained) -> None:
    one = found.explanation
    print(visible(one.name, limit=400))
    standing = "" if one.figure.standing == "unknown" else f"{one.figure.standing}; "
    print(f"{_value(one.figure)}; {standing}as of entry {found.as_of}; {found.policy}")
    if one.rests:
        print()
        _print_rests(found)
    print()
    _print_suggestions(one)


def _value(of: Figure) -> str:
    from lodeline.report.wording import number, swept

    of = swept(of)
    unit = {"KGM": "kg", "P1": "%"}.get(of.unit, of.unit)
    if of.value is None:
        if of.low is not None:
            return f"at least {grams(of.low)} {unit}"
        return "unknown" if of.high is None else f"at most {grams(of.high)} {unit}"
    return f"{number(of.value, of.u)} ± {number(of.u, of.u)} {unit}" if of.u else f"{grams(of.value)} {unit}"


def _print_rests(found: Explained) -> None:
    rests = found.explanation.rests
    print_table(
        ["share", "entry", "of what", "by", "read", "u", "without it"],
        [
            (
                f"{one.share:.1%}",
                "" if one.entry is None else one.entry,
                one.what,
                one.instrument if one.kind != "bias" else ("supposed" if one.supposed else "prior"),
                "" if one.value is None else f"{one.value:.6g}",
                "" if one.u is None else f"{one.u:.2g}",
                _without(one.without, found.explanation.figure) if one.sensitivity is not None else "",
            )
            for one in rests[:SHOWN]
        ],
        wide=WIDE,
        shorten=True,
    )
    if len(rests) > SHOWN:
        left = sum(one.share for one in rests[SHOWN:])
        print(f"and {len(rests) - SHOWN:,} more, which together make {left:.1%} of the variance; --json lists all")


def _without(value: float | None, figure: Figure) -> str:
    from lodeline.report.wording import number

    if value is None:
        return "unknown"
    text = number(value, figure.u)
    return text.removeprefix("-") if not text.strip("-0.,") else text


def _print_suggestions(one: Explanation) -> None:
    if not one.suggestions:
        for act in one.figure.settle:
            print(visible(act.detail, limit=400))
        if not one.figure.settle:
            print("no single weighing, moisture or assay would take a thousandth of its variance")
        return
    known = one.figure.value is not None
    print("one more reading that would narrow it most:" if known else "one reading that would make it known:")
    unit = {"KGM": "kg", "P1": "%"}.get(one.figure.unit, one.figure.unit)
    print_table(
        ["to", "what", "by", "u of it", "u from", f"then ± {unit}", "there"],
        [_suggested(suggestion) for suggestion in one.suggestions],
        wide=WIDE,
        shorten=True,
    )


def _suggested(one: Suggestion) -> tuple[object, ...]:
    from lodeline.report.wording import number

    what = f"{one.what} for {one.element}" if one.element else one.what
    act = {"weighing": "weigh wet" if one.wet else "weigh", "moisture": "moisture", "assay": "assay"}[one.kind]
    after = "depends on what it finds" if one.u_after is None else number(one.u_after, one.u_after)
    return (
        act,
        what,
        one.instrument or "",
        "" if one.u is None else f"{one.u:.2g}",
        one.u_from,
        after,
        "yes" if one.now else "no longer",
    )
