"""``lodeline world dependence``: who a country's supply of an element comes from, direct and traced."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from lodeline.cli.options import json_option
from lodeline.cli.origins import csv_option
from lodeline.cli.output import print_json, print_table

if TYPE_CHECKING:
    from lodeline.units.figure import Figure
    from lodeline.world.dependence.answer import Dependence, FormAnswer, Output, PublishedShares, TradeShares
    from lodeline.world.dependence.indicator import Indicator
    from lodeline.world.trade.traded import TradeTable

EPILOG = """Examples:

  lodeline world dependence Sb --importer US --year 2024

  lodeline world dependence Cu --importer DE --form cathodes

  lodeline world dependence Sb --importer US --trade BACI_HS17_Y2024_V202601.csv --content 261710=0.5"""
LARGEST = 6
"""Countries of the world's output that are shown; --csv and --json have all."""
SMALL = 0.05
"""Suppliers with less than this percentage, direct and traced, are only counted; --csv and --json have them."""
NONE = ("untraced", "returned")
INDICES = {
    "hhi": "HHI {}",
    "effective-suppliers": "{} effective suppliers",
    "top-1": "top 1 {} %",
    "top-3": "top 3 {} %",
}


@click.command("dependence", epilog=EPILOG)
@click.argument("element", metavar="ELEMENT")
@click.option("--importer", required=True, metavar="COUNTRY", help="Whose dependence: US, USA or its name.")
@click.option("--year", metavar="YEAR", help="Of which; absent: the newest of which there is trade.")
@click.option("--form", metavar="FORM", help="One form only, by its name or its code; absent: all.")
@click.option("--edition", metavar="NAME|FILE", help="National statistics; absent: the newest that come with lodeline.")
@click.option("--trade", metavar="NAME|FILE", help="A trade table, asked before those that come with lodeline.")
@click.option(
    "--content", "contents", multiple=True, metavar="HS=PART",
    help="How much of the element is in a kilogram of a form, such as 261710=0.5; again for more.",
)  # fmt: skip
@csv_option
@json_option
def command(
    element: str,
    importer: str,
    year: str | None,
    form: str | None,
    edition: str | None,
    trade: str | None,
    contents: tuple[str, ...],
    as_csv: bool,
    as_json: bool,
) -> None:
    """Say who a country's supply of ELEMENT comes from: who shipped it and where it was mined, form by form.

    Direct shares are of who shipped it. Traced shares follow what the shipper itself bought, supposing that each
    country mixes what it has. The least and the most hold whatever was mixed with what. What no table at hand has is
    named at the end, with what would settle it.
    """
    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    from lodeline.world.dependence.answer import dependence, forms_asked
    from lodeline.world.statistics.shelf import edition as edition_of
    from lodeline.world.trade.named import trade_named

    def given(name: str) -> TradeTable:
        return trade_named(name, hs=frozenset(one.hs for one in forms_asked(element)))

    found = dependence(
        element,
        importer=importer,
        year=year,
        form=form,
        table=None if edition is None else edition_of(edition),
        trade=None if trade is None else given(trade),
        contents=dict(map(_content, contents)),
    )
    if as_json:
        print_json(found)
    elif as_csv:
        _print_csv(found)
    else:
        _print(found)


def _content(text: str) -> tuple[str, Decimal]:
    hs, _, part = text.partition("=")
    try:
        return hs.strip(), Decimal(part)
    except InvalidOperation:
        raise click.UsageError("Write --content as a code and a part of one: --content 261710=0.5.") from None


def _print_csv(found: Dependence) -> None:
    from lodeline.world.dependence.answer_table import NUMBERS, TEXTS, rows

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow((*TEXTS, *NUMBERS))
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows(found))


def _print(found: Dependence) -> None:
    print(found.sentence)
    if found.unused:
        print(found.unused)
    for one in found.forms:
        if one.trade is not None:
            _print_trade(found, one, one.trade)
        elif one.missing is None:
            print(f"\n{_head(one)}: nothing came by the trade table at hand.")
    # A line of the edition may hold several forms; it is shown once.
    lines = {one.published.form: one.published for one in found.forms if one.published is not None}
    lines |= {one.form: one for one in found.also_published}
    for share in lines.values():
        _print_published(share)
    _print_national(found)
    for output in found.outputs:
        _print_output(found, output)
    if found.missing:
        print("\nNot at hand")
        for settle in dict.fromkeys(found.missing):
            print(f"- {settle.detail}")
    print(f"\nEditions: {', '.join(found.editions)}")


def _head(one: FormAnswer) -> str:
    return f"{one.form.plain[0].upper()}{one.form.plain[1:]} ({one.form.stage}, HS {one.form.hs})"


def _print_trade(found: Dependence, one: FormAnswer, trade: TradeShares) -> None:
    from lodeline.world.country import with_article
    from lodeline.world.dependence.answer_trade import named
    from lodeline.world.dependence.answer_words import percent, tonnes

    mines = f", mines by {trade.mines}" if trade.mines else ""
    print(
        f"\n{_head(one)}: {tonnes(trade.arrived)} t came to {with_article(found.importer)} in {found.year}, by "
        f"{trade.edition}{mines}"
    )
    traced = trade.unlisted is not None
    rows, small = [], 0
    for supplier in trade.suppliers:
        of, origin = supplier.traced, supplier.origin
        if _most(supplier.direct) < SMALL and (of is None or (of.value or 0) < SMALL):
            small += 1
            continue
        row = [named(supplier.country), "" if supplier.country in NONE else percent(supplier.direct)]
        if traced and (of is None or origin is None):
            row += ["-"] * 3
        elif traced and of is not None and origin is not None:
            row += [f"{percent(of)} ± {supplier.doubt:.1f}", tonnes(_end(origin.low)), tonnes(_end(origin.high))]
        else:
            row.append(percent(supplier.direct_by_value))
        rows.append(row)
    columns = ["traced %", "least t", "most t"] if traced else ["by value %"]
    print_table(["country", "direct %", *columns], rows)
    if small:
        print(f"and {small} with less than {SMALL} %")
    print(f"one point of a direct share: {tonnes(trade.point)} t")
    print(f"concentration, direct: {_indices(trade.concentration)}")
    if traced:
        print(f"concentration, mined: {_indices(trade.concentration_of_mines)}")
    for sentence in trade.supposes:
        print(sentence)
    if trade.not_traced:
        print(f"Not traced to mines: {trade.not_traced}.")


def _most(of: Figure) -> float:
    return max(one for one in (of.value, of.high, 0.0) if one is not None)


def _end(value: float | None) -> Figure:
    from lodeline.units.figure import Figure, unknown

    return unknown("TNE") if value is None else Figure(value=value, unit="TNE", standing="computed")


def _indices(of: Iterable[Indicator]) -> str:
    from lodeline.world.dependence.answer_words import percent, tonnes

    parts = []
    for one in of:
        figure = one.figure
        words = INDICES[one.name.removeprefix("mined-")]
        parts.append(words.format((tonnes if one.name.endswith("hhi") else percent)(figure)))
    return ", ".join(parts)


def _print_published(share: PublishedShares) -> None:
    from lodeline.world.country import country_name
    from lodeline.world.dependence.answer_words import percent

    form = share.form.replace("-", " ") or "all forms"
    print(f"\nImport shares as published, {form}, {share.period}, by {share.edition}")
    print_table(["country", "%"], [[country_name(code), percent(one)] for code, one in share.shares.items()])
    print(f"concentration: {_indices(share.concentration)}")


def _print_national(found: Dependence) -> None:
    from lodeline.world.country import country_name
    from lodeline.world.dependence.answer_words import percent, tonnes

    of = found.national
    if of.consumption.standing == of.reliance.standing == "unknown":
        return
    print(f"\n{country_name(found.importer)} in {found.year}, by {of.edition}")
    rows = [
        ["apparent consumption, t", tonnes(of.consumption)],
        ["net import reliance as published, %", percent(of.reliance)],
    ]
    for one in of.computed:
        reliance = one.name == "net-import-reliance"
        words = "net import reliance computed, %" if reliance else one.name.replace("-", " ")
        rows.append([words, percent(one.figure)])
    rows += [
        ["one point of net import reliance, t", tonnes(of.point_of_consumption)],
        ["imports that count for it, t", tonnes(of.imports)],
        ["one point of a supplier's share in these, t", tonnes(of.point_of_imports)],
    ]
    print_table(["figure", "value"], rows)


def _print_output(found: Dependence, output: Output) -> None:
    from lodeline.world.country import country_name
    from lodeline.world.dependence.answer_words import percent, tonnes

    form = f", {output.form.replace('-', ' ')}" if output.form else ""
    print(f"\nWorld, {output.measure.replace('-', ' ')}{form} in {found.year}, by {output.edition}")
    order = sorted(output.shares, key=lambda code: -_most(output.shares[code]))
    shown = order[:LARGEST] + [code for code in order[LARGEST:] if code == found.importer]
    print_table(
        ["country", "t", "%"],
        [[country_name(code), tonnes(output.tonnes[code]), percent(output.shares[code])] for code in shown],
    )
    if len(order) > len(shown):
        print(f"and {len(order) - len(shown)} more")
    if output.concentration:
        print(f"concentration: {_indices(output.concentration)}")
