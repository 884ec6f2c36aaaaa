"""``lodeline inventory``: what is held where, per element, wet and dry, with what is known of it."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any

import click

from lodeline.cli.masses import shown
from lodeline.cli.options import as_of_option, book_argument, deriving, entry, json_option
from lodeline.cli.output import print_json, print_table
from lodeline.cli.progress import progress

if TYPE_CHECKING:
    from lodeline.book.held import Inventory
    from lodeline.metal.inventory import Line
    from lodeline.units.figure import Figure

KEYS = ("lot", "place", "owner", "material", "state")
PARTS = ("value", "u", "low", "high", "standing")


@click.command(
    "inventory",
    epilog="Examples:\n\n  lodeline inventory book.db --by place --element Sb\n\n"
    "  lodeline inventory book.db --as-of 2026-01-31T23:59:59Z --csv > held.csv",
)
@book_argument
@click.option(
    "--element",
    "elements",
    multiple=True,
    metavar="SYMBOL",
    help="Of this element, or group that the policy declares; again for another. Every assayed element if not given.",
)
@click.option("--by", type=click.Choice(KEYS), multiple=True, help="Sum by this; again for another. Else each holding.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, every figure with its parts in columns of their own.")
@as_of_option
@json_option
def command(
    book: str, elements: tuple[str, ...], by: tuple[Any, ...], as_csv: bool, as_of: str | None, as_json: bool
) -> None:
    """Say what BOOK holds where: masses with and without water, and of each element, in kilograms.

    A sum of which any part is unknown says "at least"; it is never a plain sum. What is on the road, and what is still
    in a process, is told apart by its state.
    """
    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    with deriving(book, as_of) as opened:
        at = entry(opened, as_of)
        with progress("following events", total=None) as show:
            held = opened.inventory(at, by=by or None, elements=elements or None, progress=show)
    keys = by or KEYS
    if as_json:
        print_json(held)
    elif as_csv:
        _print_csv(held, keys)
    elif held.lines:
        columns = [*keys, "holdings", "wet kg", "dry kg", *(f"{name} kg" for name in held.asked)]
        print_table(columns, [_cells(line, keys, held.asked) for line in held.lines])
        print(f"as of entry {held.as_of}; {held.policy}")
    else:
        print(f"nothing is held as of entry {held.as_of}")


def _figures(line: Line, asked: tuple[str, ...]) -> list[Figure]:
    return [line.wet, line.dry, *(line.elements[name] for name in asked)]


def _cells(line: Line, keys: tuple[str, ...], asked: tuple[str, ...]) -> list[Any]:
    return [*(_said(line, key) for key in keys), line.holdings, *map(shown, _figures(line, asked))]


def _said(line: Line, key: str) -> str:
    value = getattr(line, key)
    return "not said" if value is None else str(value)


def _print_csv(held: Inventory, keys: tuple[str, ...]) -> None:
    """One row a line; as many columns a figure as it has parts, so that a spreadsheet can add and judge."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    quantities = ("wet", "dry", *held.asked)
    writer.writerow([*keys, "holdings", *(f"{of}_kg_{part}" for of in quantities for part in PARTS)])
    for line in held.lines:
        parts = [getattr(of, part) for of in _figures(line, held.asked) for part in PARTS]
        writer.writerow([*(getattr(line, key) for key in keys), line.holdings, *parts])
