"""``lodeline world claims``: public claims, recomputed from named inputs, with a verdict on each."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from lodeline.cli.options import json_option
from lodeline.cli.output import print_json, print_rows, print_table
from lodeline.errors import InputError
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from lodeline.world.claims import Claim, Judged, Verdicts
    from lodeline.world.claims.judged import Line
    from lodeline.world.claims.register import Stated

WIDE = 400
"""Characters of one cell."""
SHOWN = 600
"""Characters of one sentence where one claim is shown."""
EPILOG = """Examples:

  lodeline world claims

  lodeline world claims --id C15 --set cu_price=10000

  lodeline world claims --verdict contradicted --csv > contradicted.csv

  lodeline world claims --example > my-claims.toml; lodeline world claims my-claims.toml"""


@click.command("claims", epilog=EPILOG)
@click.argument("file", metavar="[FILE]", required=False)
@click.option("--id", "ids", multiple=True, metavar="ID", help="This claim, with every step; again for another.")
@click.option(
    "--verdict",
    type=click.Choice(["contradicted", "consistent", "not-checkable"]),
    help="Only claims with this verdict.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Give an input another number, in its own unit, or limits: cu_price=9000..11000; again for another input.",
)
@click.option(
    "--edition",
    "editions",
    multiple=True,
    metavar="NAME|FILE",
    help="National statistics in place of the shipped ones of the same edition; again for another.",
)
@click.option("--all", "every", is_flag=True, help="With FILE, the claims that come with lodeline too.")
@click.option("--example", is_flag=True, help="Print a file of one claim, to start from.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV: a row a claim, with the figure that decides.")
@json_option
def command(
    file: str | None,
    ids: tuple[str, ...],
    verdict: str | None,
    settings: tuple[str, ...],
    editions: tuple[str, ...],
    every: bool,
    example: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Recompute public claims and say of each whether it is consistent, contradicted, or not checkable.

    Without FILE it is the register that comes with lodeline: claims about the minerals partnership of Pakistan and the
    United States. FILE, in TOML or CSV, holds claims of your own; they are set beside the shipped ones and may use
    their inputs. A verdict follows by rule from figures whose inputs and sources are shown with --id; a suspicion
    names a likely slip, never guilt. Ends with 0 whatever is found.
    """
    from lodeline.world.claims import EXAMPLE, Verdicts, judge, read, shipped
    from lodeline.world.statistics.shelf import edition

    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    if example:
        print(EXAMPLE, end="")
        return
    ours = shipped()
    register = ours if file is None else read(file, beside=ours)
    hidden = set() if file is None or every or ids else {one.id for one in ours.claims}
    for one in ids:
        register.claim(one)
    tables = [edition(one) for one in editions]
    found = judge(register, inputs=dict(_setting(one) for one in settings), editions=tables)
    chosen = [
        one
        for one in found.judged
        if one.claim.id not in hidden
        and (not ids or one.claim.id in ids)
        and (verdict is None or one.verdict == verdict.replace("-", " "))
    ]
    _print(Verdicts(judged=tuple(chosen)), detailed=bool(ids), as_csv=as_csv, as_json=as_json)


def _print(found: Verdicts, *, detailed: bool, as_csv: bool, as_json: bool) -> None:
    from lodeline.world.claims.judged import COLUMNS

    if as_json:
        print_json(found.told())
    elif as_csv:
        print_rows(tuple(COLUMNS), (row.values() for row in found.rows()))
    elif detailed:
        for place, one in enumerate(found.judged):
            if place:
                print()
            _print_one(one)
    else:
        rows = [[one.claim.id, _claimed(one.claim), one.verdict, one.reason] for one in found.judged]
        print_table(["id", "claimed", "verdict", "why"], rows, wide=WIDE)
        counts = Counter(one.verdict for one in found.judged)
        said = [f"{counts[verdict]} {verdict}" for verdict in ("contradicted", "consistent", "not checkable")]
        print()
        print(f"{len(found.judged)} {'claim' if len(found.judged) == 1 else 'claims'}: {', '.join(said)}")


def _print_one(one: Judged) -> None:
    claim = one.claim
    print(f"{visible(claim.id)}: {one.verdict}")
    for name, text in (
        ("said", claim.statement),
        ("by", f"{claim.who}, {claim.as_of}"),
        ("source", claim.source),
        ("claimed", _claimed(claim)),
        ("why", one.reason),
    ):
        print(f"  {name}: {visible(text, limit=SHOWN)}")
    for each in one.recomputed:
        print()
        print(f"  {visible(each.sentence, limit=SHOWN)} [{each.outcome}]")
        print_table(
            ["    step", "value", "unit", "source"],
            [[f"    {line.text}", _between(line), line.unit, line.source] for line in each.lines],
            wide=WIDE,
        )
    for heading, texts in (
        ("rivals", [f"{rival.standing}: {rival.sentence}" for rival in one.rivals]),
        ("suspected", [f"{rule.rule} ({rule.weight}): {rule.sentence}" for rule in one.suspected]),
        ("missing", [act.detail for act in one.missing]),
        ("rests on", list(one.rests_on)),
    ):
        if texts:
            print()
            print(f"  {heading}:")
        for text in texts:
            print(f"    {visible(text, limit=SHOWN)}")


def _claimed(claim: Claim) -> str:
    """The numbers of a claim as stated."""
    parts = [f"{part.name} {_number(part)}" for part in claim.part]
    own = _number(claim)
    return (f"{own}: {', '.join(parts)}" if own else ", ".join(parts)) if parts else own or "no number"


def _number(one: Stated) -> str:
    from lodeline.world.claims.wording import number

    if one.value is not None:
        text = number(float(one.value))
    elif one.low is None and one.high is None:
        return ""
    else:
        text = " to ".join(number(None if limit is None else float(limit)) for limit in (one.low, one.high))
    return f"{one.sense} {text} {one.unit}".strip()


def _between(line: Line) -> str:
    """A value with its limits, where they differ from it."""
    from lodeline.world.claims.wording import STEP, number

    low, high = number(line.low, STEP), number(line.high, STEP)
    if line.value is None:
        return "unknown" if line.low is None and line.high is None else f"{low} to {high}"
    value = number(line.value, STEP)
    return value if low == high == value else f"{value} ({low} to {high})"


def _setting(text: str) -> tuple[str, Decimal | tuple[Decimal | int, Decimal | int]]:
    """``cu_price=10000`` or ``cu_price=9000..11000``."""
    name, equals, value = text.partition("=")
    low, dots, high = value.partition("..")
    try:
        numbers = [Decimal(one) for one in ((low, high) if dots else (value,))]
    except InvalidOperation:
        numbers = []
    if not equals or not name or not numbers or not all(one.is_finite() for one in numbers):
        raise InputError(
            "world.claims_set",
            f"--set {visible(text, limit=60)!r} is not NAME=VALUE or NAME=LEAST..MOST, with digits and a point.",
        )
    return name.strip(), numbers[0] if len(numbers) == 1 else (numbers[0], numbers[1])
