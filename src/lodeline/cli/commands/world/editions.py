"""``lodeline world editions``: which editions of national statistics there are, and where two of them differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lodeline.cli.options import json_option
from lodeline.cli.output import print_json, print_rows, print_table

if TYPE_CHECKING:
    from decimal import Decimal

    from lodeline.world.statistics.diff import Differences
    from lodeline.world.statistics.edition import Row

ROUNDS_TO_NOTHING = 0.5
"""Percent below which a share would be shown as 0."""


@click.command(
    "editions",
    epilog="Examples:\n\n  lodeline world editions\n\n"
    "  lodeline world editions --diff usgs-mcs-2025 usgs-mcs-2026 --commodity Sb",
)
@click.option("--diff", nargs=2, metavar="OLD NEW", help="What two editions say differently of the same thing.")
@click.option(
    "--commodity", metavar="NAME", help="With --diff: only this commodity; a name, or the symbol of an element."
)
@click.option("--measure", metavar="NAME", help="With --diff: only this measure, such as mine-production.")
@click.option(
    "--top", type=click.IntRange(min=1), default=20, show_default=True, help="With --diff: rows of the table."
)
@click.option("--commodities", is_flag=True, help="List the commodities of the shipped editions instead.")
@click.option("--csv", "as_csv", is_flag=True, help="With --diff: print all differences as CSV.")
@json_option
def command(
    diff: tuple[str, str] | None,
    commodity: str | None,
    measure: str | None,
    top: int,
    commodities: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """List the editions that come with lodeline and those you imported, or compare two of them.

    An edition is named as the list names it, or by the path of a file. Differences are ranked by how far a country's
    share of the world moved, then by the change in percent.
    """
    if as_csv and (as_json or not diff):
        raise click.UsageError("--csv goes with --diff, and not with --json.")
    if (commodity or measure) and not diff:
        raise click.UsageError("--commodity and --measure go with --diff.")
    if diff and commodities:
        raise click.UsageError("Say --diff or --commodities, not both.")
    if diff:
        _compare(*diff, commodity, measure, top, as_csv=as_csv, as_json=as_json)
    elif commodities:
        _list_commodities(as_json=as_json)
    else:
        _list(as_json=as_json)


def _list(*, as_json: bool) -> None:
    from lodeline.world.statistics.shelf import listed

    rows = [
        {
            "edition": one.name,
            "from": one.where,
            "holds": one.what,
            "figures": one.figures,
            "source": "; ".join(one.sources),
        }
        for one in listed()
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(["edition", "from", "holds", "figures", "source"], [list(row.values()) for row in rows], wide=80)


def _list_commodities(*, as_json: bool) -> None:
    from lodeline.world.statistics.commodity import commodities

    rows = [
        {
            "commodity": one.name,
            "element": one.element or " ".join(one.also),
            "critical": one.critical,
            "basis": one.basis,
            "chapter": one.chapter,
        }
        for one in commodities().values()
    ]
    if as_json:
        print_json(rows)
        return
    shown = [[r["commodity"], r["element"], "yes" if r["critical"] else "no", r["basis"], r["chapter"]] for r in rows]
    print_table(["commodity", "element", "on the US list", "counts", "chapter"], shown, wide=60)


def _compare(
    old: str, new: str, commodity: str | None, measure: str | None, top: int, *, as_csv: bool, as_json: bool
) -> None:
    from lodeline.world.statistics.commodity import commodity_named
    from lodeline.world.statistics.diff import COLUMNS, differences
    from lodeline.world.statistics.shelf import edition

    name = None if commodity is None else commodity_named(commodity).name
    called = None if measure is None else "-".join(measure.lower().split())
    found = differences(edition(old), edition(new), commodity=name, measure=called)
    if as_csv:
        print_rows(COLUMNS, ([row[name] for name in COLUMNS] for row in found.flat()))
    elif as_json:
        print_json(
            {
                "old": found.old,
                "new": found.new,
                "compared": found.compared,
                "only_old": found.only_old,
                "only_new": found.only_new,
                "differences": found.flat(),
            }
        )
    else:
        # Of two files of one edition its name does not tell which figure is whose.
        heads = (found.old, found.new) if found.old != found.new else (Path(old).name, Path(new).name)
        _print(found, top, heads)


def _print(found: Differences, top: int, heads: tuple[str, str]) -> None:
    from lodeline.world.country import country_name

    shown = [
        [
            one.commodity,
            country_name(one.country),
            f"{one.measure} {one.form}".strip(),
            one.period,
            _said(one.old),
            _said(one.new),
            "" if one.change_percent is None else f"{one.change_percent:+.0f} %",
            _share(one.old_share, at_most=one.old_share_at_most),
            _share(one.new_share, at_most=one.new_share_at_most),
            one.kind,
        ]
        for one in found.rows[:top]
    ]
    columns = ["commodity", "country", "what", "period", *heads, "change", "share then", "share now", ""]
    if shown:
        print_table(columns, shown)
    print(_summary(found, top))


def _summary(found: Differences, top: int) -> str:
    rest = len(found.rows) - top
    more = f"; {rest:,} more with --csv or --top" if rest > 0 else ""
    apart = f"{found.only_old:,} figures only in {found.old}, {found.only_new:,} only in {found.new}"
    return f"{len(found.rows):,} of {found.compared:,} figures differ{more}. Not compared: {apart}."


def _said(row: Row | None) -> str:
    """Value or limits with the unit, or what stands in their place."""
    if row is None:
        return "not listed"
    if row.value is not None:
        return f"{_number(row.value)} {_unit(row)}".strip()
    if row.low is None and row.high is None:
        return row.published or "not given"
    low = "at most " if row.low is None else f"{_number(row.low)} to "
    return f"{low}{'more' if row.high is None else _number(row.high)} {_unit(row)}".strip()


def _number(value: Decimal) -> str:
    """Thousands with commas, and no zeros behind the point that only the unit brought there."""
    return f"{value.normalize():,f}"


def _unit(row: Row) -> str:
    from lodeline.world.statistics.published import SYMBOLS

    return SYMBOLS.get(row.unit, row.unit)


def _share(share: float | None, *, at_most: bool) -> str:
    """In whole percent; what would round to nothing is not shown as nothing."""
    if share is None:
        return ""
    told = "under 0.5" if 0 < share < ROUNDS_TO_NOTHING else f"{share:.0f}"
    return f"{'at most ' if at_most and share >= ROUNDS_TO_NOTHING else ''}{told} %"
