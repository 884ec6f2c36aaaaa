"""``lodeline world dependence``: who a country's supply of an element comes from, direct and traced."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from lodeline.cli.options import json_option
from lodeline.cli.origins import csv_option
from lodeline.cli.output import print_json, print_table

if TYPE_CHECKING:
    from lodeline.units.figure import Figure
    from lodeline.world.dependence.answer import Dependence, FormAnswer, Output, PublishedShares, Supplier, TradeShares
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
    from lodeline.world.statistics.shelf import newest
    from lodeline.world.trade.named import trade_named

    def given(name: str) -> TradeTable:
        return trade_named(name, hs=frozenset(one.hs for one in forms_asked(element)))

    found = dependence(
        element,
        importer=importer,
        year=year,
        form=form,
        table=newest() if edition is None else edition_of(edition),
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
    from lodeline.world.dependence.answer_words import tonnes

    mines = f", mines by {trade.mines}" if trade.mines else ""
    print(
        f"\n{_head(one)}: {tonnes(trade.arrived)} t came to {with_article(found.importer)} in {found.year}, by "
        f"{trade.edition}{mines}"
    )
    traced = trade.unlisted is not None
    shown = [one for one in trade.suppliers if not _is_small(one)]
    columns = ["traced %", "least t", "most t"] if traced else ["by value %"]
    print_table(["country", "direct %", *columns], [_supplier(one, traced=traced) for one in shown])
    if len(shown) < len(trade.suppliers):
        print(f"and {len(trade.suppliers) - len(shown)} with less than {SMALL} %")
    for sentence in _words(found, shown):
        print(sentence)
    print(f"one point of a direct share: {tonnes(trade.point)} t")
    print(f"concentration, direct: {_indices(trade.concentration)}")
    if traced:
        print(f"concentration, mined: {_indices(trade.concentration_of_mines)}")
    for sentence in trade.supposes:
        print(sentence)
    if trade.not_traced:
        print(f"Not traced to mines: {trade.not_traced}.")


def _is_small(one: Supplier) -> bool:
    """Whether it is left out of the table; one of which nothing is known is not."""
    if one.direct.standing == "unknown":
        return False
    return _most(one.direct) < SMALL and (one.traced is None or (one.traced.value or 0) < SMALL)


def _supplier(one: Supplier, *, traced: bool) -> list[str]:
    """A row: its name and direct share, then what is traced to it, or its share by value where nothing is."""
    from lodeline.world.dependence.answer_trade import named
    from lodeline.world.dependence.answer_words import percent, tonnes

    row = [named(one.country), "" if one.country in NONE else percent(one.direct)]
    if not traced:
        return [*row, percent(one.direct_by_value)]
    if one.traced is None or one.origin is None:
        return [*row, *["-"] * 3]
    share = f"{percent(one.traced)} ± {one.doubt:.1f}"
    return [*row, share, tonnes(_end(one.origin.low)), tonnes(_end(one.origin.high))]


def _words(found: Dependence, shown: list[Supplier]) -> Iterator[str]:
    """What stands in the table and is no country, and what ± and - mean, as far as they stand there."""
    from lodeline.world.country import with_article

    codes = {one.country for one in shown}
    if "untraced" in codes:
        yield "untraced: what countries shipped beyond what they mined and bought by these tables; from anywhere."
    if "returned" in codes:
        yield f"returned: what had been in {with_article(found.importer)} before."
    if any(one.traced is not None for one in shown):
        yield "±: by how many points what is not published may move a share. -: no mine is listed, or not its output."


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
