"""``lodeline world indicators``: how concentrated and how risky a supply is, by every registered indicator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lodeline.cli.options import json_option
from lodeline.cli.origins import csv_option
from lodeline.cli.output import print_json, print_rows, print_table

if TYPE_CHECKING:
    from lodeline.units.figure import Figure
    from lodeline.world.dependence.indicator_answer import Indicators

EPILOG = """Examples:

  lodeline world indicators Sb --importer US --year 2024

  lodeline world indicators Cu --importer US --stage refined --csv

  lodeline world indicators Co --importer DE --inputs risk.toml"""
UNITS = {"P1": "%", "MON": "months", "C62": ""}
COLUMNS = ("name", "value", "low", "high", "unit", "standing", "method", "editions", "inputs", "note")


@click.command("indicators", epilog=EPILOG)
@click.argument("element", metavar="ELEMENT")
@click.option("--importer", required=True, metavar="COUNTRY", help="Whose supply: US, USA or its name.")
@click.option("--year", metavar="YEAR", help="Of which; absent: the newest that the edition does not estimate.")
@click.option(
    "--stage", type=click.Choice(["mined", "smelted", "refined"]), default=None,
    help="Whose output: of mines, smelters or refineries; absent: of mines.",
)  # fmt: skip
@click.option("--form", metavar="FORM", help="The traded form for GeoPolRisk; absent: the first with trade at hand.")
@click.option("--edition", metavar="NAME|FILE", help="National statistics; absent: the newest that come with lodeline.")
@click.option("--trade", metavar="NAME|FILE", help="A trade table, asked before those that come with lodeline.")
@click.option(
    "--governance", multiple=True, metavar="NAME|FILE",
    help="Governance scores, used before those that come with lodeline; again for a second indicator.",
)  # fmt: skip
@click.option("--inputs", metavar="FILE", help="Inputs of the EU's supply risk, TOML.")
@csv_option
@json_option
def command(
    element: str,
    importer: str,
    year: str | None,
    stage: str | None,
    form: str | None,
    edition: str | None,
    trade: str | None,
    governance: tuple[str, ...],
    inputs: str | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Say how concentrated and how risky the supply of ELEMENT is: concentration, cover, EU supply risk, GeoPolRisk.

    Each figure is a value, limits, or unknown, with its editions. Indicators that the tables at hand have nothing for
    are named at the end. ELEMENT is a symbol, or a name: any commodity of the edition will do.
    """
    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    from lodeline.world.dependence.indicator_answer import indicators_of
    from lodeline.world.dependence.indicator_asked import subject_asked
    from lodeline.world.dependence.supply_risk_file import read_risk_file
    from lodeline.world.governance.score import scores_named
    from lodeline.world.statistics.shelf import edition as edition_of
    from lodeline.world.statistics.shelf import newest
    from lodeline.world.trade.forms import forms_of
    from lodeline.world.trade.named import trade_named

    of = subject_asked(element)
    codes = frozenset(one.hs for one in forms_of(of.element, of.commodity))
    found = indicators_of(
        element,
        importer=importer,
        year=year,
        stage=stage or "",
        form=form,
        table=newest() if edition is None else edition_of(edition),
        # Of what has no form there is no trade to read.
        trade=trade_named(trade, hs=codes) if trade is not None and codes else None,
        governance=[scores_named(one) for one in governance],
        risk=None if inputs is None else read_risk_file(inputs),
    )
    if as_json:
        print_json(found)
    elif as_csv:
        _print_csv(found)
    else:
        _print(found)


def _print_csv(found: Indicators) -> None:
    """A row an indicator; what is unknown is empty."""
    rows = []
    for one in found.indicators:
        figure = one.figure
        numbers = (figure.value, figure.low, figure.high)
        lists = (" ".join(one.editions), " ".join(one.inputs))
        rows.append((one.name, *numbers, figure.unit, figure.standing, one.method, *lists, one.note))
    print_rows(COLUMNS, rows)


def _print(found: Indicators) -> None:
    from lodeline.world.country import country_name
    from lodeline.world.dependence.registered import INDICATORS

    print(f"{found.plain[0].upper()}{found.plain[1:]}, {country_name(found.importer)}, {found.year}")
    if not found.indicators:
        print(
            f"{found.edition} has nothing on it that an indicator rests on; name another --year, --stage or --edition."
        )
        return
    says = {row.name: row.says for row in INDICATORS}
    print_table(
        ["indicator", "value", "unit", "says", "editions"],
        [
            [
                one.name,
                _said(one.figure),
                UNITS.get(one.figure.unit, one.figure.unit),
                says.get(one.name, ""),
                ", ".join(one.editions),
            ]
            for one in found.indicators
        ],
        wide=120,
    )
    for note, names in _notes(found).items():
        print(f"{', '.join(names)}: {note}")
    if found.left_out:
        print(f"left out, since the tables at hand have nothing for them: {', '.join(found.left_out)}")
    settle = dict.fromkeys(need.detail for one in found.indicators for need in one.figure.settle)
    if settle:
        print("\nWould settle more")
        for detail in settle:
            print(f"- {detail}")


def _notes(found: Indicators) -> dict[str, list[str]]:
    """Each note once, with the indicators that have it."""
    notes: dict[str, list[str]] = {}
    for one in found.indicators:
        if one.note:
            notes.setdefault(one.note, []).append(one.name)
    return notes


def _said(figure: Figure) -> str:
    """A value in four digits; limits in as many more as it takes to tell them apart."""
    if figure.value is not None:
        return _number(figure.value, 4)
    if figure.standing == "unknown":
        return "unknown"
    if figure.low is None:
        return "unknown" if figure.high is None else f"at most {_number(figure.high, 4)}"
    low = figure.low
    if figure.high is None:
        return f"at least {_number(low, 4)}"
    ends = [(_number(low, digits), _number(figure.high, digits)) for digits in range(4, 13)]
    return " to ".join(next((pair for pair in ends if pair[0] != pair[1]), ends[-1]))


def _number(value: float, digits: int) -> str:
    """So many digits; those before the point are never cut."""
    before = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    return f"{value:,.{max(0, digits - before)}f}" if before >= 4 else f"{value:.{digits}g}"
