"""``lodeline balance``: the account of an element, period by period, and what late evidence changed in it."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from lodeline.cli.masses import grams, shown
from lodeline.cli.options import as_of_option, book_argument, deriving, entry, json_option
from lodeline.cli.output import print_json, print_table
from lodeline.cli.waiting import waiting
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from lodeline.book.balancing import Balance
    from lodeline.metal.balance.account import Account
    from lodeline.metal.balance.changing import Change
    from lodeline.metal.balance.layout import AccountKey
    from lodeline.units.figure import Figure

NAME_SHOWN = 300
"""Characters of the name of a figure that are printed."""
KEYS = ("site", "store", "owner", "material", "state")

EPILOG = """Examples:

  lodeline balance book.db --element Sb --by site,month

  lodeline balance book.db --element Sb --by site,year --figures

  lodeline balance book.db --element NdPr --by site,owner,quarter --csv > account.csv

  lodeline balance book.db --element Sb --by site,month --since 1200"""


@click.command("balance", epilog=EPILOG)
@book_argument
@click.option(
    "--element",
    required=True,
    metavar="SYMBOL",
    help="An element, a group that the policy declares, or dry (dry mass).",
)
@click.option(
    "--by",
    default="site,month",
    show_default=True,
    metavar="KEYS",
    help="Any of site, store, owner, material, state, and one of day, week, month, quarter, year; with commas.",
)
@click.option(
    "--since", metavar="ENTRY|INSTANT", help="Say which lines the entries after this one changed, and which did."
)
@click.option("--recorded", is_flag=True, help="As recorded alone: quicker, since the book is not reconciled.")
@click.option(
    "--figures", is_flag=True, help="One row a line, by the name of its figure, which lodeline explain takes."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, one row a line, every figure with its parts.")
@as_of_option
@json_option
def command(
    book: str,
    element: str,
    by: str,
    since: str | None,
    recorded: bool,
    figures: bool,
    as_csv: bool,
    as_of: str | None,
    as_json: bool,
) -> None:
    """Account for an element in BOOK: opening + in + produced = out + consumed + losses + closing + unaccounted.

    Kilograms as recorded, and below them as reconciled, each with its standard uncertainty (k = 1); contracts use what
    was recorded. What is on the road is an account of its own. A period ends at local midnight of its site, unless the
    policy names a zone. A line of which a part is unknown has limits, or is unknown; it is never a plain sum.
    """
    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    if figures and (as_csv or as_json or since is not None):
        raise click.UsageError("--figures is of the table; --csv and --json name every figure as it is.")
    from lodeline.metal.balance.layout import asked_by

    keys, period = asked_by([word.strip() for word in by.split(",") if word.strip()])
    with deriving(book, as_of) as opened:
        at, before = entry(opened, as_of), entry(opened, since)
        with waiting("following events") as said:
            found = opened.balance(
                element,
                by=keys,
                period=period,
                as_of=at,
                since=before,
                reconciled=not recorded and since is None,
                progress=said.count,
                stage=said.stage,
            )
    if as_json:
        print_json(found.told())
    elif as_csv:
        _print_csv(found)
    elif since is not None:
        _print_changes(found)
    elif figures:
        _print_figures(found)
    else:
        _print_accounts(found, book)


def _print_accounts(found: Balance, book: str) -> None:
    if not found.accounts:
        _print_nothing(found)
        return
    names = _lines_shown(found)
    keys: list[str] = [key for key in KEYS if key in found.by]
    reconciled = any(line.reconciled is not None for one in found.accounts for line in one.lines.values())
    rows = []
    for one in found.accounts:
        told = [*_told(one.key, keys), *_period(one)]
        rows.append([*told, *(["recorded"] if reconciled else []), *(_cell(one, name) for name in names)])
        if reconciled:
            rows.append([*("" for _ in told), "reconciled", *(_reconciled(one, name) for name in names)])
    columns = [*(keys or ["account"]), *(["period"] if found.period else []), *(["as"] if reconciled else [])]
    print_table([*columns, *(f"{name.replace('_', ' ')} kg" for name in names)], rows, shorten=True)
    _print_notes(found)
    if reconciled:
        name = found.figure(found.accounts[-1], "closing")
        print(f"on what a figure rests: lodeline explain {visible(book, limit=200)} {visible(name or '', limit=300)}")
        print("--figures prints the name of every other")


def _print_nothing(found: Balance) -> None:
    why = "no lot is in the book"
    if found.element != "dry":
        why = f"no lot was assayed for {found.element}, or is of a material that is registered as holding it"
    print(f"nothing is accounted for as of entry {found.as_of}: {why}")


def _print_figures(found: Balance) -> None:
    """One row a line that has anything in it, under the name that ``explain`` takes."""
    if not found.accounts:
        _print_nothing(found)
        return
    rows = []
    for one in found.accounts:
        for name, line in one.lines.items():
            figure = found.figure(one, name)
            if figure is not None and line.flows:
                rows.append([figure, _cell(one, name), _reconciled(one, name)])
    print_table(["figure", "recorded kg", "reconciled kg"], rows, wide=NAME_SHOWN)
    _print_notes(found)


def _lines_shown(found: Balance) -> list[str]:
    """The lines of the sum, without those in which there is nothing anywhere; then what stands beside it."""
    from lodeline.metal.balance.account import MAIN

    always = ("opening", "in", "out", "closing", "unaccounted")
    beside = ("lost_material", "counted_gap")
    used = {name for one in found.accounts for name, line in one.lines.items() if line.flows}
    return [name for name in (*MAIN, *beside) if name in always or name in used]


def _told(key: AccountKey, keys: Sequence[str]) -> list[str]:
    """What an account is told apart by; the road's own accounts say so in place of a site."""
    if not keys:
        return [key.state or "everywhere"]
    said = [getattr(key, one) or "not said" for one in keys]
    if key.state == "on the road" and "state" not in keys:
        place = next((at for at, one in enumerate(keys) if one in ("site", "store")), None)
        if place is None:
            said = [f"{one} (on the road)" for one in said]
        else:
            said[place] = "on the road"
    return said


def _period(one: Account) -> list[str]:
    return [f"{one.period} so far" if one.so_far else one.period] if one.period else []


def _cell(one: Account, name: str) -> str:
    # That nothing was checked is no zero that anybody found.
    if name == "unaccounted" and not one.checks and one.recorded(name).value == 0:
        return "nothing checked"
    return shown(one.recorded(name))


def _reconciled(one: Account, name: str) -> str:
    figure = one.reconciled(name)
    return "" if figure is None else shown(figure)


def _print_notes(found: Balance) -> None:
    print(f"as of entry {found.as_of}; {found.policy}")
    if found.unasked:
        print(f"{found.unasked} lots of materials held for other elements are counted as holding none")
    by_code: dict[str, list[str]] = {}
    for finding in found.findings:
        by_code.setdefault(finding.code, []).append(finding.sentence)
    for code, sentences in by_code.items():
        more = f" And {len(sentences) - 1} more such." if len(sentences) > 1 else ""
        print(f"{code}: {sentences[0]}{more}")


def _print_changes(found: Balance) -> None:
    reopened = [one for one in found.changes if one.reopened and not one.of]
    if not reopened:
        print(f"no period that had ended as of entry {found.since} is changed as of entry {found.as_of}")
        return
    keys: list[str] = [key for key in KEYS if key in found.by]
    columns = [*(keys or ["account"]), *(["period"] if found.period else [])]
    columns += ["line", "before kg", "after kg", "change kg", "entries"]
    print_table(columns, [_changed(one, keys, period=found.period is not None) for one in reopened])
    print(f"from entry {found.since} to entry {found.as_of}; {found.policy}")


def _changed(one: Change, keys: Sequence[str], *, period: bool) -> list[Any]:
    change = "" if one.kg is None else grams(one.kg)
    entries = " ".join(str(entry) for entry in one.entries)
    when = [one.period] if period else []
    return [*_told(one.key, keys), *when, one.line, shown(one.before), shown(one.after), change, entries]


def _parts(figure: Figure | None) -> list[Any]:
    parts = ("value", "u", "low", "high", "standing")
    return [None if figure is None else getattr(figure, part) for part in parts]


def _print_csv(found: Balance) -> None:
    """One row a line, so that a spreadsheet can filter, add and judge."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    told = (
        "figure",
        "site",
        "store",
        "owner",
        "material",
        "state",
        "period",
        "zone",
        "line",
        "sign",
        "part_of",
        "flows",
    )
    parts = ("value", "u", "low", "high", "class")
    writer.writerow([*told, *(f"{side}_kg_{part}" for side in ("recorded", "reconciled") for part in parts)])
    for one in found.accounts:
        for line in one.lines.values():
            said = [
                found.figure(one, line.name),
                *one.key,
                one.period,
                one.zone,
                line.name,
                line.sign,
                line.of,
                line.flows,
            ]
            writer.writerow([*said, *_parts(line.recorded), *_parts(line.reconciled)])
