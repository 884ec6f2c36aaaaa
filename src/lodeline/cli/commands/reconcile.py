"""``lodeline reconcile``: every reading of a book, or of a flowsheet, set against every other."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lodeline.cli.options import as_of_option, deriving, entry, json_option
from lodeline.cli.output import print_json, print_table
from lodeline.cli.waiting import waiting
from lodeline.errors import NotFoundError
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from lodeline.book.reconciling import Reconciliation
    from lodeline.book.tables import Table
    from lodeline.metal.reconciliation.network_result import Reconciled

FLOWSHEETS = (".toml", ".json", ".csv")
"""Endings of a file that is a flowsheet, and no book."""
SHOWN = 12
"""Rows of each table that are printed; all are in the CSV and the JSON."""
WIDE = 200
"""Characters of one cell: identifiers are long, and what happened to a lot stands behind its."""
NO_POLICY = "no policy says how likely a false alarm may be"
NO_SIGNIFICANCE = "say how likely a false alarm may be: --significance 0.05"
TABLES = ("masses", "readings", "biases")
OF_NETWORK = {"masses": "figures", "readings": "measurements", "biases": "figures"}

EPILOG = """Examples:

  lodeline reconcile book.db

  lodeline reconcile book.db --element Sb --csv > masses.csv

  lodeline reconcile book.db --csv --table biases > biases.csv

  lodeline reconcile flowsheet.toml --significance 0.05"""


@click.command("reconcile", epilog=EPILOG)
@click.argument("what", metavar="BOOK|FLOWSHEET")
@click.option(
    "--element",
    "elements",
    multiple=True,
    metavar="SYMBOL",
    help="Reconcile the dry mass and this element, or group of the policy; again for another. Every assayed element if "
    "not given.",
)
@click.option(
    "--significance",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="P",
    help="Of a flowsheet: the chance at which the global test may reject what is in order. A book's policy names it.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print a table as CSV, whole.")
@click.option("--table", type=click.Choice(TABLES), help="Which one; masses if not given.")
@as_of_option
@json_option
def command(
    what: str,
    elements: tuple[str, ...],
    significance: float | None,
    as_csv: bool,
    table: str | None,
    as_of: str | None,
    as_json: bool,
) -> None:
    """Reconcile BOOK: shift what was weighed, dried and assayed, each by its own uncertainty, until all balances close.

    Dry mass, moisture and elements are reconciled together, with the biases of scales and laboratories. Nothing that
    was recorded is changed; contracts use the certificate. What nothing determines gets no number, and lodeline explain
    says what would. A FLOWSHEET is a file that ends in .toml, .json or .csv, for those who have no ledger.
    """
    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    if table is not None and not as_csv:
        raise click.UsageError("--table is of --csv; say both.")
    wanted = (table or TABLES[0]) if as_csv else None
    if Path(what).suffix.lower() in FLOWSHEETS:
        if elements or as_of is not None:
            raise click.UsageError("--element and --as-of are of a book, and this is a flowsheet.")
        _flowsheet(Path(what), significance, wanted, as_json=as_json)
        return
    if significance is not None:
        raise click.UsageError("--significance is of a flowsheet; a book takes it from its policy, under [detection].")
    with deriving(what, as_of) as opened, waiting("following events") as said:
        found = opened.reconcile(elements or None, entry(opened, as_of), progress=said.count, stage=said.stage)
    if as_json:
        print_json(found.told())
    elif wanted is not None:
        columns: Table = getattr(found, wanted)
        _print_csv(list(columns.columns), (row.values() for row in columns.rows()))
    else:
        _print(found)


# -- a book --------------------------------------------------------------------------------------------------------


def _print(found: Reconciliation) -> None:
    from lodeline.report.wording import counted

    if not found.readings_used:
        print(
            "nothing is reconciled: no reading in the book has an uncertainty and a basis, wet or dry; record "
            "weighings and assays with theirs, or name uncertainties in the policy"
        )
        _print_unknown(found)
        print(f"as of entry {found.as_of}; {found.policy}")
        return
    print(_verdict(found.chi2, found.dof, found.p, found.verdict, found.false_alarms, NO_POLICY))
    print(
        f"{counted(found.readings_used, 'observation')}, {counted(found.unknowns, 'unknown')} and "
        f"{counted(found.balances, 'balance')} in {counted(found.rounds, 'round')}; dry masses close to "
        f"{found.closure_kg:.1g} kg"
    )
    if len(found.parts) > 1:
        print(f"in {len(found.parts):,} parts that say nothing of each other, the largest of {found.parts[0]:,} flows")
    _section("what is known of how many flows")
    kinds = ("checked", "measured", "computed", "unknown")
    print_table(["of", *kinds], [(of, *(counts[kind] for kind in kinds)) for of, counts in found.classes.items()])
    _print_biases(found)
    _print_adjusted(found)
    _print_unknown(found)
    print(f"as of entry {found.as_of}; {found.policy}")


def _section(title: str) -> None:
    print(f"\n{title}")


def _verdict(chi2: float, dof: int, p: float | None, verdict: str | None, at: float | None, without: str) -> str:
    if p is None:
        return "nothing checks anything: every reading stands alone"
    said = {"accepted": "the readings agree", "rejected": "the readings disagree", None: "no verdict"}[verdict]
    by = f" ({without})" if at is None else f" at {at:g}"
    freedom = f"{dof:,} degree{'' if dof == 1 else 's'} of freedom"
    return f"{said}{by}: chi2 {chi2:,.1f} at {freedom}, " + (f"p = {p:.3g}" if p else "p below 1e-300")


def _print_biases(found: Reconciliation) -> None:
    rows = sorted(found.biases.rows(), key=lambda row: -abs(row["z"]))
    if not rows:
        return
    untold = sum(row["left_of_prior_u"] > UNTOLD for row in rows)
    _section(f"biases, the furthest from their priors first; of {untold:,} of {len(rows):,} the data say nothing")
    print_table(
        ["bias", "prior", "±", "found", "±", "z", "of the prior's ± left"],
        [
            (
                row["figure"].removeprefix("bias of "),
                *(_bias(row[name], row["unit"]) for name in ("prior", "prior_u", "value", "u")),
                f"{row['z']:.1f}",
                f"{row['left_of_prior_u']:.0%}",
            )
            for row in rows[:SHOWN]
        ],
        wide=WIDE,
        shorten=True,
    )


UNTOLD = 0.99
"""A bias of which more than this part of the prior's uncertainty is left is one of which the data say nothing."""


def _bias(value: float, unit: str) -> str:
    return f"{value:.2f} kg" if unit == "kg" else f"{value:.3%}"


def _print_adjusted(found: Reconciliation) -> None:
    rows = sorted((row for row in found.readings.rows() if row["z"] is not None), key=lambda row: -abs(row["z"]))
    if not rows:
        return
    _section("largest adjustments, in standard deviations of the adjustment")
    print_table(
        ["entry", "reading", "of", "by", "read", "±", "expected", "z"],
        [
            (
                row["entry"],
                row["element"] or row["kind"],
                row["figure"].removeprefix("dry of "),
                row["instrument"],
                *(f"{row[name]:.6g}" for name in ("value", "u", "expected")),
                f"{row['z']:.1f}",
            )
            for row in rows[:SHOWN]
        ],
        wide=WIDE,
        shorten=True,
    )


def _print_unknown(found: Reconciliation) -> None:
    """Dry masses that cannot be known."""
    if not found.unknown:
        return
    masses = "dry mass" if len(found.unknown) == 1 else "dry masses"
    _section(f"{len(found.unknown):,} {masses} that cannot be known; lodeline explain says what would tell one")
    for name in found.unknown[:SHOWN]:
        print(f"  {visible(name, limit=400)}")
    if len(found.unknown) > SHOWN:
        print(f"  and {len(found.unknown) - SHOWN:,} more")


# -- a flowsheet ---------------------------------------------------------------------------------------------------


def _flowsheet(path: Path, significance: float | None, table: str | None, *, as_json: bool) -> None:
    from lodeline.metal.reconciliation.network import reconcile
    from lodeline.metal.reconciliation.network_files import read_network
    from lodeline.metal.reconciliation.network_tables import to_csv, to_json

    try:
        content = path.read_bytes()
    except FileNotFoundError as missing:
        raise NotFoundError("reconcile.no_flowsheet", "There is no such file.", file=str(path)) from missing
    found = reconcile(read_network(content, path.name), significance=significance)
    if as_json:
        sys.stdout.write(to_json(found).decode())
    elif table is not None:
        sys.stdout.write(to_csv(found, OF_NETWORK[table]).decode())
    else:
        _print_flowsheet(found)


def _print_flowsheet(found: Reconciled) -> None:
    from lodeline.report.wording import number

    print(_verdict(found.chi2, found.dof, found.p_value, found.verdict, found.significance, NO_SIGNIFICANCE))
    print()
    print_table(
        ["figure", "measured", "±", "reconciled", "±", "z", "known"],
        [
            (
                one.name,
                *("" if value is None else f"{value:.6g}" for value in (one.measured, one.measured_u)),
                "" if one.value is None else number(one.value, one.u) if one.u else f"{one.value:.6g}",
                "" if one.u is None else number(one.u, one.u) if one.u else "0",
                "" if one.z is None else f"{one.z:.1f}",
                one.klass,
            )
            for one in found.figures
        ],
    )
    for finding in found.findings:
        print(f"{finding.code}: {finding.sentence}")


def _print_csv(columns: Sequence[str], rows: Any) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
