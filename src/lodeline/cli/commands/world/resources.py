"""``lodeline world resources``: what is in the ground, class by class, what it is worth, and whom it serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from lodeline.cli.commands.world.resources_shown import Shows
from lodeline.cli.options import json_option

if TYPE_CHECKING:
    from lodeline.world.resources.classes import Contained
    from lodeline.world.resources.deposit import Deposit
    from lodeline.world.resources.host import HostEffect
    from lodeline.world.resources.ladder import Ladder
    from lodeline.world.resources.listing import Listing
    from lodeline.world.resources.undiscovered import Undiscovered
    from lodeline.world.statistics.edition import Table

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
    amounts = {"--tonnes": tonnes, "--capital": capital, "--price": price, "--payable": payable}
    _refuse_stray("--ladder", ladder, {"--assume": assume})
    _refuse_stray("--undiscovered", undiscovered, {"--tract": tract, "--seed": seed})
    _refuse_stray("--host", host, {**amounts, "--operations": operations})
    shows = Shows(as_csv=as_csv, as_json=as_json)
    if undiscovered:
        if tract is None or seed is None:
            raise click.UsageError("--undiscovered needs --tract FILE and --seed S.")
        shows.undiscovered(_undiscovered(tract, samples=samples, seed=seed, shape=shape))
    elif host:
        if element is None or tonnes is None:
            raise click.UsageError("--host needs --element SYMBOL and --tonnes T.")
        _known(element, ())
        shows.host(_host(element, operations, edition, amounts))
    else:
        deposits, one = _chosen(what, deposit)
        _known(element, deposits)
        if ladder:
            if one is None:
                raise click.UsageError("--ladder is of one deposit: name it, such as reko-diq.")
            shows.ladder(one, _ladder(one, assume))
        elif totals:
            shows.total(_total((one,) if one else deposits, totals, element, edition))
        else:
            shows.deposits(_listed((one,) if one else deposits, element, edition), placed=one is not None)


def _refuse_stray(mode: str, asked: bool, options: Mapping[str, object]) -> None:
    """Refuses options of a question that is not asked."""
    for name, given in options.items():
        if given is not None and not asked:
            raise click.UsageError(f"{name} goes with {mode}.")


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


def _listed(deposits: Sequence[Deposit], element: str | None, edition: str | None) -> Listing:
    from lodeline.world.resources.listing import listed

    return listed(deposits, element, edition=_statistics(edition))


def _ladder(deposit: Deposit, assume: str | None) -> Ladder:
    from lodeline.world.resources.inputs import read_inputs
    from lodeline.world.resources.ladder import ladder_of

    return ladder_of(deposit, None if assume is None else read_inputs(assume))


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
    from lodeline.world.resources.host import host_effect
    from lodeline.world.resources.host_price import edition_price, stated_price
    from lodeline.world.resources.operations import read_operations, shipped_operations

    price, payable = amounts["--price"], amounts["--payable"]
    own = () if file is None else read_operations(file)
    return host_effect(
        (*shipped_operations(), *own),
        element,
        tonnes_per_year=amounts["--tonnes"] or 0.0,
        capital_usd=amounts["--capital"],
        price_usd_per_t=edition_price(_statistics(edition), element) if price is None else stated_price(price),
        payable=None if payable is None else payable / 100,
    )
