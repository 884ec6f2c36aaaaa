"""Options and words that the commands about origin share."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from lodeline.cli.masses import grams
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from lodeline.book.origin_answers import Doubt, Judged, Unheld
    from lodeline.book.tables import Table

F = TypeVar("F", bound=Callable[..., Any])
SMALL = 5e-7
"""A share below this is shown as less than it, and not as nothing."""
NAMED = 3
"""Foreign origins, or lots in doubt, that are named."""


def lot_argument(function: F) -> F:
    """The LOT argument: an id in any spelling."""
    return click.argument("lot", metavar="LOT")(function)


def element_option(function: F) -> F:
    """``--element``: of what."""
    return click.option("--element", required=True, metavar="SYMBOL", help="The element, such as Sb.")(function)


def recorded_option(function: F) -> F:
    """``--recorded``: masses as they were recorded."""
    return click.option(
        "--recorded", is_flag=True, help="By masses as recorded: quicker, since the book is not reconciled."
    )(function)


def credits_option(function: F) -> F:
    """``--credits``: what was used for claims under mass balance."""
    text = "A file of mass-balance credits, as of lodeline credits: with them a claim may be borne out as mass balance."
    return click.option("--credits", metavar="FILE", help=text)(function)


def csv_option(function: F) -> F:
    """``--csv``: for spreadsheets."""
    return click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")(function)


def mixing_option(*more: str) -> Callable[[F], F]:
    """``--mixing``: one rule for all stores."""
    rules = ["perfect", "fifo", "lifo", "layers", "identity", *more]
    text = "Suppose that all stores mix so, whatever master data and policy say"
    if "all" in more:
        text += "; all shows every rule beside it"
    return click.option("--mixing", type=click.Choice(rules), help=f"{text}.")


def print_csv(table: Table) -> None:
    """A table as CSV on standard output; what is unknown is empty."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(row.values() for row in table.rows())


class Made(Protocol):
    """An answer that rests on masses and a policy."""

    @property
    def masses(self) -> str: ...
    @property
    def not_reconciled(self) -> str: ...
    @property
    def as_of(self) -> int: ...
    @property
    def policy(self) -> str: ...


def masses_told(found: Made) -> str:
    """On which masses an answer rests."""
    why = f", since the book could not be reconciled: {visible(found.not_reconciled, limit=300)}"
    masses = f"masses as {found.masses}{why if found.not_reconciled else ''}"
    return f"{masses}; as of entry {found.as_of}; {found.policy}"


def kg_told(kg: float, u: float | None) -> str:
    """Kilograms to two digits of their uncertainty, else to the gram."""
    from lodeline.report.wording import number

    return f"{number(kg, u)} ± {number(u, u)}" if u and u > SMALL else grams(kg)


def limit_told(kg: float, u: float | None, *, supposes: bool) -> str:
    """A limit, with a star where it holds only if lots are homogeneous."""
    return f"{kg_told(kg, u)}{'*' if supposes else ''}"


def share_told(share: float, u: float | None) -> str:
    """A share in per cent, to two digits of its uncertainty."""
    from lodeline.report.wording import number

    if u is not None and u > SMALL:
        return f"{number(share * 100, u * 100)} ± {number(u * 100, u * 100)} %"
    if 0 < share < SMALL:
        return "< 0.0001 %"
    return f"{share * 100:.4f}".rstrip("0").rstrip(".") + " %"


def certainty_told(one: Judged) -> str:
    """How certain a claim is, with what that supposes."""
    said = {
        "proved": "proved, whatever the mixing was",
        "contradicted": "contradicted, whatever the mixing was",
        "supported": f"supported, supposing {' and '.join(one.supported_by)}",
        "undecided": "undecided",
    }[one.certainty]
    if one.certainty == "undecided" and one.contradicted_by:
        said += f"; contradicted, supposing {' or '.join(one.contradicted_by)}"
    return f"{said}; {k_told(one.k)}"


def k_told(k: float | None) -> str:
    """Within how many uncertainties that was judged."""
    if k is None:
        return "masses taken as they are, since no policy names a chance of a false alarm"
    return f"within {k:.2f} standard uncertainties of the masses"


def custody_told(one: Judged) -> str:
    """The model of the chain of custody that the record bears out."""
    borne = one.custody or "none of the models of ISO 22095 is borne out"
    stated = f"; claimed: {one.custody_stated}" if one.custody_stated else ""
    names = ", ".join(visible(name) for name in one.foreign[:NAMED])
    more = f" and {len(one.foreign) - NAMED} more" if len(one.foreign) > NAMED else ""
    foreign = f"; metal that does not count may have come from {names}{more}" if names else ""
    return f"{borne}{stated}{_credits_told(one)}{foreign}"


def _credits_told(one: Judged) -> str:
    """The mass-balance credits that were used for what is claimed; nothing where no accounts were given."""
    if one.credits_kg is None:
        return ""
    against = f", which the book does not bear out ({', '.join(one.credits_against)})" if one.credits_against else ""
    return f"; credits of {kg_told(one.credits_kg, None)} kg were used for it{against}"


def doubt_told(doubt: Doubt) -> str:
    """The lots in doubt that a claim rests on, and how much of them there is."""
    named = ", ".join(visible(one, limit=200) for one in doubt.lots[:NAMED])
    more = f" and {len(doubt.lots) - NAMED} more" if len(doubt.lots) > NAMED else ""
    kg = f"{kg_told(doubt.most_kg, None)} kg of it at most; without them {kg_told(doubt.least_kg, None)} kg are sure"
    return f"the declared origin of {named}{more} is in doubt ({', '.join(doubt.codes)}): {kg}"


def unheld_told(unheld: Unheld) -> str:
    """The lots that a claim counts by their declaration alone."""
    named = ", ".join(visible(one, limit=200) for one in unheld.lots[:NAMED])
    more = f" and {len(unheld.lots) - NAMED} more" if len(unheld.lots) > NAMED else ""
    return (
        f"{kg_told(unheld.most_kg, None)} kg of it at most are counted by declaration alone: the composition of {named}"
        f"{more} was held against no other lot of their deposit ({', '.join(unheld.why)})"
    )


DECLARED = "where lots arose is as declared: no record proves it, and a composition like their deposit's bears it out"
"""What every answer about a claim supposes."""
