"""``lodeline world resources``: what is in the ground, class by class, what it is worth, and whom it serves."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from lodeline.cli.options import json_option
from lodeline.cli.output import print_json, print_table
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    import polars

    from lodeline.units.figure import Figure
    from lodeline.world.resources.classes import Contained
    from lodeline.world.resources.deposit import Deposit
    from lodeline.world.resources.host import HostEffect
    from lodeline.world.resources.ladder import Ladder
    from lodeline.world.resources.listing import Listing
    from lodeline.world.resources.operations import Factor
    from lodeline.world.resources.place import Place
    from lodeline.world.resources.undiscovered import Undiscovered
    from lodeline.world.statistics.edition import Table

WIDE = 110
"""Characters of one cell."""
SHOWN = 400
"""Characters of one sentence."""
SCALES = ((1e9, "billion USD"), (1e6, "million USD"), (1.0, "USD"))
"""Dollars are shown in the largest of which there is one."""
SMALL_GRADE_PERCENT = 0.01
"""A grade below this is shown in grams per tonne."""
EPILOG = """Examples:

  lodeline world resources

  lodeline world resources reko-diq --ladder

  lodeline world resources --total probable --element Cu

  lodeline world resources --undiscovered --tract tract.toml --seed 7

  lodeline world resources --host --element Cu --tonnes 240000 --capital 5.6e9"""


@click.command("resources", epilog=EPILOG)
@click.argument("what", metavar="[DEPOSIT|FILE]", required=False)
@click.option("--deposit", metavar="NAME", help="With FILE, which of its deposits.")
@click.option("--element", metavar="SYMBOL", help="Only this element, such as Cu.")
@click.option("--total", "totals", multiple=True, metavar="CLASS", help="Add up within this class, by --element.")
@click.option("--ladder", is_flag=True, help="From gross metal value to net present value, rung by rung.")
@click.option("--assume", metavar="FILE", help="With --ladder, inputs that you suppose; the result is illustrative.")
@click.option("--undiscovered", is_flag=True, help="Simulate deposits that are not found yet; needs --tract, --seed.")
@click.option("--tract", metavar="FILE", help="The tract: what experts say of how many deposits.")
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="S", help="Of the simulation; the same seed gives the same answer."
)
@click.option("--samples", type=int, default=100_000, show_default=True, metavar="N", help="Of the simulation.")
@click.option(
    "--shape",
    type=click.Choice(["lognormal", "drawn"]),
    default="lognormal",
    show_default=True,
    help="One deposit: a lognormal fitted to the table, or deposits of the table itself.",
)
@click.option("--host", is_flag=True, help="Effect on the host country; needs --element, --tonnes.")
@click.option("--tonnes", type=float, metavar="T", help="With --host, metal a year.")
@click.option("--capital", type=float, metavar="USD", help="With --host, capital to build.")
@click.option("--price", type=float, metavar="USD/T", help="With --host, of the metal; else that of the USGS.")
@click.option("--payable", type=float, metavar="PERCENT", help="With --host, of the metal that the buyer pays.")
@click.option("--operations", metavar="FILE", help="With --host, operations of your own beside the shipped ones.")
@click.option("--edition", metavar="NAME|FILE", help="National statistics; absent: the newest that come with lodeline.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@json_option
def command(
    what: str | None,
    deposit: str | None,
    element: str | None,
    totals: tuple[str, ...],
    ladder: bool,
    assume: str | None,
    undiscovered: bool,
    tract: str | None,
    seed: int | None,
    samples: int,
    shape: str,
    host: bool,
    tonnes: float | None,
    capital: float | None,
    price: float | None,
    payable: float | None,
    operations: str | None,
    edition: str | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Say what is known to be in the ground, class by class, and never add classes up.

    Without anything: the deposits that come with lodeline, each estimate with its class, date and source, and reserves
    of their countries by the USGS as a class of their own. What nobody classified has no one number. DEPOSIT shows one,
    and its place among others of its kind; FILE, in TOML, holds deposits of your own.
    """
    if as_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    if ladder + undiscovered + host + bool(totals) > 1:
        raise click.UsageError("Ask one at a time: --ladder, --undiscovered, --host or --total.")
    beside: dict[str, tuple[bool, dict[str, object]]] = {
        "--ladder": (ladder, {"--assume": assume}),
        "--undiscovered": (undiscovered, {"--tract": tract, "--seed": seed}),
        "--host": (host, {"--tonnes": tonnes, "--capital": capital, "--price": price, "--payable": payable,
                          "--operations": operations}),
    }  # fmt: skip
    for mode, (asked, options) in beside.items():
        for name, given in options.items():
            if given is not None and not asked:
                raise click.UsageError(f"{name} goes with {mode}.")
    shows = _Shows(as_csv=as_csv, as_json=as_json)
    if undiscovered:
        if tract is None or seed is None:
            raise click.UsageError("--undiscovered needs --tract FILE and --seed S.")
        shows.undiscovered(_undiscovered(tract, samples=samples, seed=seed, shape=shape))
    elif host:
        if element is None or tonnes is None:
            raise click.UsageError("--host needs --element SYMBOL and --tonnes T.")
        _known(element, ())
        amounts = {"tonnes": tonnes, "capital": capital, "price": price, "payable": payable}
        shows.host(_host(element, operations, edition, amounts))
    else:
        deposits, one = _chosen(what, deposit)
        _known(element, deposits)
        if ladder:
            if one is None:
                raise click.UsageError("--ladder is of one deposit: name it, such as reko-diq.")
            shows.ladder(one, assume)
        elif totals:
            shows.total(_total((one,) if one else deposits, totals, element, edition))
        else:
            shows.deposits((one,) if one else deposits, element, edition, placed=one is not None)


class _Shows:
    """Prints an answer as a table for people, as JSON or as CSV."""

    def __init__(self, *, as_csv: bool, as_json: bool) -> None:
        self._csv, self._json = as_csv, as_json

    def deposits(self, deposits: Sequence[Deposit], element: str | None, edition: str | None, *, placed: bool) -> None:
        from lodeline.world.resources.listing import listed

        found = listed(deposits, element, edition=_statistics(edition))
        if self._plain(found, found.table):
            return
        print_table(
            ["deposit", "class", "element", "metal t", "range t", "as of", "source"],
            [
                [one.deposit, one.resource_class, one.element or "?", *_tonnes_told(one.figure), one.as_of, one.source]
                for one in found.lines
            ],
            wide=WIDE,
        )
        print()
        print("Metal of whole deposits (100 %). Classes are not added: --total CLASS --element SYMBOL adds within one.")
        _print_unclassified(found)
        for line in found.lines if placed else ():
            if line.note:
                print(visible(f"{line.resource_class} {line.element}, {line.as_of}: {line.note}", limit=SHOWN))
        if placed:
            for one in found.placed:
                print()
                _print_place(one.table, one.places)

    def ladder(self, deposit: Deposit, assume: str | None) -> None:
        from lodeline.world.resources.inputs import read_inputs
        from lodeline.world.resources.ladder import ladder_of

        found = ladder_of(deposit, None if assume is None else read_inputs(assume))
        if not self._plain(found, found.table):
            _print_ladder(deposit, found)

    def total(self, found: Contained) -> None:
        if self._plain(found, found.table):
            return
        value, spread = _tonnes_told(found.figure)
        if found.figure.value is None and found.figure.low is not None and found.figure.high is None:
            value = f"at least {_number(found.figure.low)}"
        of = ", ".join(found.deposits)
        print(f"{found.resource_class}, {found.element}: {value} t{f' ({spread})' if spread else ''} in {visible(of)}")
        stated = f"; stated {found.reserves} of reserves" if found.reserves.endswith("clusive") else ""
        print(f"as of {', '.join(found.as_of)}{stated}")
        for act in found.figure.settle:
            print(f"would be settled by: {visible(act.detail, limit=SHOWN)}")
        for source in found.sources:
            print(f"source: {visible(source, limit=SHOWN)}")

    def undiscovered(self, found: Undiscovered) -> None:
        if not self._plain(found, found.table):
            _print_undiscovered(found)

    def host(self, found: HostEffect) -> None:
        if not self._plain(found, found.table):
            _print_host(found)

    def _plain(self, found: Any, table: Any) -> bool:
        """Whether JSON or CSV was asked for, and so printed."""
        if self._json:
            print_json(found)
        elif self._csv:
            _print_csv(table())
        return self._json or self._csv


def _known(element: str | None, deposits: Sequence[Deposit]) -> None:
    """Refuses what is no element."""
    from lodeline.world.resources.listing import known_element

    if element is not None:
        known_element(element, deposits)


def _chosen(what: str | None, deposit: str | None) -> tuple[tuple[Deposit, ...], Deposit | None]:
    """The deposits that are asked about, and the one where it is one."""
    from lodeline.world.resources.deposit import named, read_deposits, shipped_deposits

    if what is not None and what.endswith(".toml"):
        own = read_deposits(what)
        return own, named(own, deposit) if deposit else own[0] if len(own) == 1 else None
    shipped = shipped_deposits()
    name = what or deposit
    return shipped, named(shipped, name) if name else None


def _statistics(named: str | None) -> Table:
    """The national statistics that are named, else the newest that come with lodeline, as imported if they were."""
    from lodeline.world.statistics.shelf import edition, newest

    return newest() if named is None else edition(named)


def _total(deposits: Sequence[Deposit], totals: tuple[str, ...], element: str | None, edition: str | None) -> Contained:
    from lodeline.world.resources.classes import within_class
    from lodeline.world.resources.listing import of_classes

    if element is None:
        raise click.UsageError("--total needs --element SYMBOL: tonnes of two elements are not added.")
    return within_class(of_classes(deposits, totals, element, edition=_statistics(edition)))


def _undiscovered(tract: str, *, samples: int, seed: int, shape: str) -> Undiscovered:
    from lodeline.world.resources.tract import SHAPES, read_tract, undiscovered

    chosen = next(one for one in SHAPES if one == shape)
    return undiscovered(read_tract(tract), samples=samples, seed=seed, shape=chosen)


def _host(element: str, file: str | None, edition: str | None, amounts: Mapping[str, float | None]) -> HostEffect:
    from lodeline.world.resources.host import edition_price, host_effect, stated_price
    from lodeline.world.resources.operations import read_operations, shipped_operations

    price, payable = amounts["price"], amounts["payable"]
    own = () if file is None else read_operations(file)
    return host_effect(
        (*shipped_operations(), *own),
        element,
        tonnes_per_year=amounts["tonnes"] or 0.0,
        capital_usd=amounts["capital"],
        price_usd_per_t=edition_price(_statistics(edition), element) if price is None else stated_price(price),
        payable=None if payable is None else payable / 100,
    )


def _print_unclassified(found: Listing) -> None:
    """Why some have no one number, and what they would need."""
    said: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for line in found.lines:
        if line.needs:
            said.setdefault((line.title, line.needs), []).append(line.said)
    for (title, needs), statements in said.items():
        print(visible(f"{title}: {'; '.join(statements)}.", limit=SHOWN))
        print("  No one number follows from that [world.resource_unclassified]; it would need:")
        print(f"  {visible('; '.join(needs), limit=SHOWN)}.")


def _print_place(table: str, places: Iterable[Place]) -> None:
    rows = []
    for one in places:
        grade = one.unit == "P1"
        value, median = (_grade(each) if grade else _number(each) + " t" for each in (one.value, one.median))
        rows.append(
            [one.measure, value, median, f"{one.rank} of {one.of}", f"{one.percentile:.0f}", f"{one.modelled:.0f}"]
        )
    print_table([f"among {table}", "this one", "median", "rank", "percentile", "by the model"], rows)


def _print_ladder(deposit: Deposit, found: Ladder) -> None:
    ends = [end for one in found.rungs for end in (one.figure.value, one.figure.high) if end is not None]
    scale, unit = next((one for one in SCALES if max(ends, default=0.0) >= one[0]), SCALES[-1])
    print(visible(f"{deposit.title}: {', '.join(found.elements)}, {unit}", limit=SHOWN))
    print()
    rows = []
    for one in found.rungs:
        value, low, high = (_scaled(end, scale) for end in (one.figure.value, one.figure.low, one.figure.high))
        rows.append([
            one.name + (" *" if one.assumed else ""),
            "unknown" if one.figure.standing == "unknown" else value,
            f"{low} to {high}" if low else "",
            "" if one.of_gross is None else f"{one.of_gross:.1f}",
            ", ".join(_key(key) for key in one.missing),
        ])  # fmt: skip
    print_table(["rung", "value", "range", "% of gross", "missing"], rows, wide=WIDE)
    print()
    print(
        "Gross value in the ground is not wealth: each rung below it is what somebody else keeps, is lost, or is spent."
    )
    known = [one for one in found.rungs if one.figure.value is not None]
    if len(known) < len(found.rungs):
        print("A rung that lacks an input is unknown, and so is all below it; nothing stands in for it.")
    if found.assumed:
        print("* ILLUSTRATIVE: it rests on inputs that nobody published and the user supposes.")
    print()
    print_table(
        ["input", "value", "range", "unit", "source"],
        [
            [
                _key(one.key) + (" (assumed)" if one.assumed else ""),
                one.value,
                _range(one.low, one.high),
                one.unit,
                one.source,
            ]
            for one in found.inputs
        ],
        wide=WIDE,
    )
    for said in found.published:
        print(f"published, not used: {visible(f'{said.name}: {said.said} ({said.source}, {said.as_of})', limit=SHOWN)}")


def _print_undiscovered(found: Undiscovered) -> None:
    print(f"{visible(found.tract)}: class undiscovered, tonnes{' (ILLUSTRATIVE)' if found.assumed else ''}")
    print(f"{found.expected_deposits:.2f} deposits expected; none at all with a probability of {found.zero:.4f}")
    print()
    columns = [f"{100 * one.part:g} %" for one in found.totals[0].quantiles]
    rows = []
    for one in found.totals:
        rows.append(
            [
                one.quantity,
                *(_rounded(at.tonnes) for at in one.quantiles),
                _rounded(one.mean_t),
                _rounded(one.exact_mean_t),
            ]
        )
        rows.append(["  ±", *(_rounded(at.error_t) for at in one.quantiles), _rounded(one.mean_error_t), ""])
    print_table(["", *columns, "mean", "exact mean"], rows)
    print()
    print(
        "So many percent of the samples hold no more. ± is the Monte Carlo error (k = 1), not the doubt of the experts."
    )
    print(
        f"{found.samples:,} samples, seed {found.seed}; number of deposits: {found.number}; one deposit: {found.model}"
    )
    print(f"source: {visible(found.grade_tonnage, limit=SHOWN)}")


def _print_host(found: HostEffect) -> None:
    print(f"{found.tonnes_per_year:,.0f} t {visible(found.element)} a year", end="")
    print("" if found.capital_usd is None else f", {found.capital_usd:,.0f} USD of capital")
    print(_price_told(found.price_usd_per_t))
    print()
    rows = []
    for one in found.effects:
        unit = "USD a year" if one.figure.unit == "USD" else "jobs"
        rows.append([one.name, *_limits(one.figure), unit, one.method])
    print_table(["effect", "least", "most", "unit", "how"], rows, wide=150)
    print()
    factors = [factor for one in found.effects for factor in one.factors]
    if factors:
        print_table(
            ["factor", "operation", "value", "unit", "source"], [_factor_row(one) for one in factors], wide=WIDE
        )
    for one in found.effects:
        for act in one.figure.settle:
            print(f"{one.name} would be settled by: {visible(act.detail, limit=SHOWN)}")


def _price_told(price: Figure) -> str:
    """The price, and the rows of the edition that it is from."""
    low, high = _limits(price)
    if price.rests_on == ("price",):
        return f"at {low} USD/t, as typed in"
    if price.standing == "unknown":
        return "at a price that no table at hand has"
    return f"at {low if low == high else f'{low} to {high}'} USD/t, by {', '.join(price.rests_on)}"


def _factor_row(one: Factor) -> list[str]:
    low, high = _limits(one.figure)
    value = low if low == high else f"{low} to {high}"
    return [one.name, one.operation, value, one.unit, "; ".join(one.sources)]


def _print_csv(frame: polars.DataFrame) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(frame.iter_rows())


def _tonnes_told(figure: Figure | None) -> tuple[str, str]:
    if figure is None:
        return "no one number", ""
    value = "unknown" if figure.value is None and figure.low is None and figure.high is None else ""
    return value if figure.value is None else _number(figure.value), _range(figure.low, figure.high)


def _limits(figure: Figure) -> tuple[str, str]:
    if figure.value is not None:
        return _rounded(figure.value), _rounded(figure.value)
    low, high = ("unknown" if one is None else _rounded(one) for one in (figure.low, figure.high))
    return low, high


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{_number(low)} to {_number(high)}"


def _number(value: float) -> str:
    """Four digits below a thousand, whole numbers above."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def _rounded(value: float | None) -> str:
    """Three digits, for what is known no better."""
    return "" if value is None else _number(float(f"{value:.3g}"))


def _scaled(value: float | None, scale: float) -> str:
    return "" if value is None else f"{value / scale:,.2f}"


def _grade(percent: float) -> str:
    return f"{percent * 1e4:.3g} g/t" if percent < SMALL_GRADE_PERCENT else f"{percent:.3g} %"


def _key(key: str) -> str:
    return key.replace("_", " ").replace(":", " ")
