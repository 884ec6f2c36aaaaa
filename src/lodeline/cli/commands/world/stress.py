"""``lodeline world stress``: what a disruption of trade does to price, use, cover and imports."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lodeline.cli.options import json_option
from lodeline.cli.output import print_json, print_table
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from lodeline.units.figure import Figure
    from lodeline.world.stress.answer import Line, Stress
    from lodeline.world.stress.scenario import Scenario

EPILOG = """Examples:

  lodeline world stress --list

  lodeline world stress --preset china-antimony-ban-2024

  lodeline world stress scenario.toml --samples 1000 --seed 7 --csv"""
SAMPLES, SEED = 400, 1
PARTNERS = 8
"""Partners that the table for people names besides those that are disturbed; JSON and CSV have all."""


@click.command("stress", epilog=EPILOG)
@click.argument("scenario", required=False, type=click.Path(path_type=Path), metavar="[SCENARIO]")
@click.option("--preset", metavar="NAME", help="A scenario that comes with lodeline, instead of a file.")
@click.option("--list", "listing", is_flag=True, help="List the scenarios that come with lodeline.")
@click.option("--parameters", is_flag=True, help="Print the shipped ranges with their sources, and stop.")
@click.option(
    "--edition",
    "editions",
    multiple=True,
    metavar="NAME|FILE",
    help="National statistics to take figures from, instead of those that come with lodeline; again for another.",
)
@click.option("--samples", type=int, default=SAMPLES, show_default=True, metavar="N", help="Draws from the ranges.")
@click.option("--seed", type=int, default=SEED, show_default=True, metavar="S", help="The same seed draws the same.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@json_option
def command(
    scenario: Path | None,
    preset: str | None,
    listing: bool,
    parameters: bool,
    editions: tuple[str, ...],
    samples: int,
    seed: int,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Say what a disruption does: SCENARIO is a TOML file of exports cut, licences delayed or ports closed.

    Markets clear by short-run elasticities, spare capacity, stocks, and rerouting through other countries; each figure
    has a range from the ranges of the parameters, which name their sources. Where the scenario names what became of
    it, each prediction stands beside its fact.
    """
    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    if listing:
        _list(as_json=as_json)
        return
    if parameters:
        _parameters(as_json=as_json)
        return
    if (scenario is None) == (preset is None):
        raise click.UsageError("Name a scenario: a file, or --preset NAME; --list names those that come with lodeline.")
    found = _answer(_scenario(scenario, preset), editions, samples, seed)
    if as_json:
        print_json(found)
    elif as_csv:
        _print_csv(found)
    else:
        _print(found)


def _scenario(path: Path | None, name: str | None) -> Scenario:
    from lodeline.world.stress.scenario import preset, read_scenario

    return preset(name or "") if path is None else read_scenario(path)


def _answer(scenario: Scenario, editions: tuple[str, ...], samples: int, seed: int) -> Stress:
    from lodeline.cli.progress import progress
    from lodeline.world.statistics.edition import SHIPPED, shipped
    from lodeline.world.statistics.shelf import edition
    from lodeline.world.stress.answer import stress

    tables = [edition(one) for one in editions] or [shipped(name) for name in SHIPPED]
    with progress("clearing markets", total=samples) as done:
        return stress(scenario, tables, samples=samples, seed=seed, progress=done)


def _list(*, as_json: bool) -> None:
    from lodeline.world.stress.scenario import preset, presets

    rows = [{"preset": name, "asks": preset(name).title} for name in presets()]
    if as_json:
        print_json(rows)
    else:
        print_table(["preset", "asks"], [list(row.values()) for row in rows], wide=90)


def _parameters(*, as_json: bool) -> None:
    from lodeline.world.stress.parameters import shipped_parameters

    ranges = shipped_parameters().ranges
    if as_json:
        print_json(ranges)
        return
    for name, of in ranges.items():
        print(f"{name}: {of.low:g} to {of.high:g}, even in {'its logarithm' if of.scale == 'log' else 'itself'}")
        print(f"  {of.meaning}")
        for one in of.source:
            print(f"  - {one.publication}: {one.figure}")
            if one.analogy:
                print(f"    by analogy: {one.analogy}")
            if not one.read:
                print("    quoted from memory, not read again")


def _print_csv(found: Stress) -> None:
    from lodeline.world.stress.answer import row_of

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["step", "since", "until", "quantity", "country", "unit", "base", "low", "middle", "high"])
    writer.writerows(["" if cell is None else cell for cell in row_of(one)] for one in found.lines)


def _print(found: Stress) -> None:
    print(f"{visible(found.title, limit=200)}: {found.at}")
    for step in sorted({one.step for one in found.lines}):
        lines = [one for one in found.lines if one.step == step]
        print(f"\n{lines[0].since} to {lines[0].until}")
        partners = [one for one in lines if one.quantity == "imports-from"]
        disturbed = {one.country for one in lines if one.quantity == "exporter-price-factor"}
        named = [one for at, one in enumerate(partners) if at < PARTNERS or one.country in disturbed]
        shown = [one for one in lines if one.quantity != "imports-from"] + named
        print_table(["what", "country", "base", "low", "middle", "high"], [_row(one) for one in shown])
        if len(partners) > len(named):
            print(f"and {len(partners) - len(named)} partners more: --csv has all")
    if found.facts:
        print("\nwhat became of it, beside a model that only takes the share away (naive)")
        columns = ["step", "what", "base", "low", "middle", "high", "naive", "fact", ""]
        print_table(columns, [_fact(found, number) for number in range(len(found.facts))])
    print(f"\n{found.samples} draws, seed {found.seed}. {found.ranges}")
    print(f"editions: {', '.join(found.editions)}")
    for note in found.notes:
        print(f"note: {visible(note, limit=300)}")


def _row(one: Line) -> list[str]:
    return [one.quantity, one.country, _told(one.base, one.figure.unit), *_range(one.figure)]


def _fact(found: Stress, number: int) -> list[str]:
    of = found.facts[number]
    unit = of.predicted.unit
    naive = "" if of.naive is None else _told(of.naive, unit)
    verdict = "inside" if of.inside else "outside"
    where = [str(of.step), of.quantity, _told(of.base, unit)]
    return [*where, *_range(of.predicted), naive, _told(of.fact, unit), verdict]


def _range(of: Figure) -> list[str]:
    return [_told(of.low, of.unit), _told(of.value, of.unit), _told(of.high, of.unit)]


def _told(number: float | None, unit: str) -> str:
    if number is None:
        return "beyond" if unit == "C62" else ""
    return f"{number:.2f}" if unit in ("C62", "MON") else f"{number:,.0f}"
