"""``lodeline world reliance``: net import reliance as published, against what the edition's own figures give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lodeline.cli.options import json_option
from lodeline.cli.origins import csv_option
from lodeline.cli.output import print_json, print_pairs, print_rows, print_table

if TYPE_CHECKING:
    from lodeline.world.dependence.reliance_answers import Agreement, Reliance

EPILOG = """Examples:

  lodeline world reliance

  lodeline world reliance antimony

  lodeline world reliance --year 2024 --csv"""
WIDE = 320
"""Characters of one cell."""
SHORT = {"agrees": "agrees", "differs": "DIFFERS", "inputs missing": "missing", "not published": "no figure"}
"""A verdict in a table of years."""


@click.command("reliance", epilog=EPILOG)
@click.argument("commodity", metavar="[COMMODITY]", default="")
@click.option("--year", metavar="YEAR", default="", help="Only this year.")
@click.option("--edition", metavar="NAME|FILE", help="National statistics; absent: the newest that come with lodeline.")
@csv_option
@json_option
def command(commodity: str, year: str, edition: str | None, as_csv: bool, as_json: bool) -> None:
    """Set published net import reliance against what the edition's own production, trade and stocks give.

    How many agree comes first. Without COMMODITY or --year follows one row a commodity with a verdict for each year;
    with either, one row a commodity and year, and with COMMODITY the definition. COMMODITY is a name, such as antimony,
    or the symbol of an element. All figures stand in --json and --csv.
    """
    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    from lodeline.world.dependence.reliance import agreement
    from lodeline.world.statistics.shelf import edition as edition_of
    from lodeline.world.statistics.shelf import newest

    table = newest() if edition is None else edition_of(edition)
    found = agreement(table, commodity, year)
    if as_json:
        print_json({"edition": found.edition, "source": found.source, "counts": found.counts, "rows": found.rows})
    elif as_csv:
        _print_csv(found)
    elif commodity or year:
        _print_rows(found)
        if commodity:
            _print_definitions(found)
    else:
        _print_counts(found)
        print()
        _print_years(found)


def _print_csv(found: Agreement) -> None:
    """One row a commodity and year; what is unknown is empty."""
    from lodeline.world.dependence.reliance_answers import COLUMNS

    print_rows(tuple(COLUMNS), (one.row().values() for one in found.rows))


def _print_counts(found: Agreement) -> None:
    counts = found.counts
    decided = counts.agrees + counts.differs
    ways = counts.ways
    used = counts.consumption_agrees + counts.consumption_differs
    for line in (
        f"{found.edition}: {counts.cells} figures of net import reliance in {counts.lines} lines",
        f"{counts.agrees} of the {decided} that its own figures decide agree, {counts.differs} differ",
        f"  {ways.get('lines', 0)} were computed by lines of production, trade and stocks,"
        f" {ways.get('published consumption', 0)} over the published consumption,"
        f" {ways.get('less production', 0)} by it less production, {ways.get('limits', 0)} by limits",
        f"  {counts.within_a_point} are within one point by inputs as printed,"
        f" {counts.same_percent} within half a point",
        f"  {counts.only_by_rounding} of those that agree do so by the rounding of inputs only,"
        f" {counts.beyond_a_point} of them more than a point off as printed",
        f"  {counts.nothing_produced} of those that agree are 100 whatever is traded, since nothing made is counted",
        f"  {counts.as_limits} of those that agree are published as a limit or as net exporter, not as a number",
        f"  {counts.telling} are numbers that what is made and traded decides: {counts.telling_agree} of them agree,"
        f" {counts.telling_same_percent} to the same whole percent by inputs as printed",
        f"{counts.inputs_missing} have inputs that are not in the edition, {counts.not_published} have no figure",
        f"{counts.consumption_agrees} of {used} published consumptions are the sum of their lines",
    ):
        print(line)


def _print_rows(found: Agreement) -> None:
    """How many agree, and one row a commodity and year."""
    counts = found.counts
    print(
        f"{found.edition}: {counts.agrees} agree, {counts.differs} differ, {counts.inputs_missing} have inputs that"
        f" are not in the edition, {counts.not_published} have no figure"
    )
    print()
    columns = ["commodity", "form", "year", "published", "computed", "from", "to", "verdict", "why"]
    rows = [
        [
            one.commodity,
            one.form,
            one.year,
            one.reliance.published,
            *(_percent(getattr(one.reliance.computed, name)) for name in ("value", "low", "high")),
            one.reliance.verdict,
            one.said,
        ]
        for one in found.rows
    ]
    print_table(columns, rows, wide=WIDE)


def _print_definitions(found: Agreement) -> None:
    """What each line of net import reliance is made of, where that stands, and what else its words may mean."""
    for form, one in {one.form: one for one in found.rows}.items():
        print()
        print(f"{one.commodity} {form}".strip())
        print_pairs([("definition", one.read), *([("readings", one.readings)] if one.readings else [])])


def _print_years(found: Agreement) -> None:
    """One row a line of net import reliance, with the verdict of each year, and why it does not agree in all."""
    years = sorted({one.year for one in found.rows})
    lines: dict[tuple[str, str], dict[str, Reliance]] = {}
    for one in found.rows:
        lines.setdefault((one.commodity, one.form), {})[one.year] = one
    rows = [
        [
            commodity,
            form,
            *(SHORT[by_year[year].reliance.verdict] if year in by_year else "" for year in years),
            _reasons(by_year),
        ]
        for (commodity, form), by_year in lines.items()
    ]
    print_table(["commodity", "form", *years, "why not"], rows, wide=WIDE)


def _reasons(by_year: dict[str, Reliance]) -> str:
    """Why a line does not agree in all years: each reason once, with its years unless it holds in all of them."""
    years: dict[str, list[str]] = {}
    for year, one in by_year.items():
        if one.reliance.verdict != "agrees":
            for reason in one.why:
                years.setdefault(reason, []).append(year)
    reasons: dict[str, list[str]] = {}
    for reason, when in years.items():
        reasons.setdefault("" if len(when) == len(by_year) else f"{_span(when)}: ", []).append(reason)
    return "; ".join(when + ", ".join(told) for when, told in reasons.items())


def _span(years: list[str]) -> str:
    """Years in words: from one to another where none between is left out."""
    if len(years) > 2 and int(years[-1]) - int(years[0]) == len(years) - 1:
        return f"{years[0]} to {years[-1]}"
    return ", ".join(years)


def _percent(number: float | None) -> str:
    return "" if number is None else f"{number:.1f}"
