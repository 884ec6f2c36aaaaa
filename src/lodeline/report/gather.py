"""Gather: the view of a book and a table of national figures into what sections read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from lodeline.metal.accounts import followed
from lodeline.report.acts import acts
from lodeline.report.given import Compared, Given, SeenHolding
from lodeline.report.given_world import SeenWorld
from lodeline.report.lots import origins_of, seen_holdings
from lodeline.report.moves import seen_moves
from lodeline.report.names import Names
from lodeline.report.promises import seen_programme
from lodeline.report.world_seen import concerned, seen_effects, seen_world
from lodeline.units.figure import Figure, total
from lodeline.world.national import compare, reporting_country
from lodeline.world.statistics.commodity import commodity_of
from lodeline.world.statistics.edition import Table

if TYPE_CHECKING:
    from lodeline.book.view import View
    from lodeline.metal.reconciliation.reconciled import Reconciled


HOME = "USA"
"""The country the comparison is made for where the table reports the use of none, as the world file of 2025 does."""
ILLUSTRATIVE = "illustrative"
"""Role of a document that says of its book that it is made up; every report of it then says so too."""


def gather(
    view: View,
    table: Table,
    *,
    rival: str,
    other_edition: Table | None,
    code: str,
    stage: Callable[[str], None] | None = None,
) -> Given:
    """Everything the sections of one report read.

    Args:
        view: The book as of an entry.
        table: National figures.
        rival: ISO 3166-1 alpha-3 of the country dependence on which is to be told.
        other_edition: Another edition to be shown beside the table.
        code: Version of lodeline.
        stage: Called with what is done next, in words.
    """
    from lodeline.deal.programme import programme

    names = Names(view.master)
    facts = view.facts
    origins = origins_of(facts, names)
    held = seen_holdings(facts, names, view.documents, origins)
    home = reporting_country(table) or HOME
    deal = programme(view.documents, facts, view.master, content=view.content)
    promised, illustrative = seen_programme(deal, names), any(one.role == ILLUSTRATIVE for one in view.documents)
    against = compared(held, table, home=home, rival=rival)
    kept: list[Reconciled] = []
    told = accounts(view, names, stage, keep=kept.append)
    return Given(
        head=view.head,
        title=view.title,
        illustrative=illustrative,
        events=view.event_count,
        documents=tuple(view.documents),
        policy=view.policy,
        lots=len(facts.lots),
        holdings=held,
        moves=seen_moves(facts, names),
        programme=promised,
        findings=(*view.findings, *deal.findings),
        table=table,
        other_edition=other_edition,
        compared=against,
        acts=acts(facts, names, table, origins=origins, home=home, rival=rival),
        code=code,
        world=_world(
            view, (table, other_edition), against, kept, concerned(held, promised, illustrative=illustrative), stage
        ),
        **told,
    )


def _world(
    view: View,
    editions: tuple[Table, Table | None],
    against: tuple[Compared, ...],
    kept: list[Reconciled],
    countries: tuple[str, ...],
    stage: Callable[[str], None] | None,
) -> SeenWorld:
    """Dependence and effect of what is compared, and what is claimed of the countries."""
    if not against:
        return SeenWorld()
    if stage is not None:
        stage("following imports of the country that is supplied")
    table, other = editions
    home, rival = against[0].comparison.destination, against[0].comparison.rival
    effects, untold = seen_effects(view, table, kept[0] if kept else None, home=home, rival=rival)
    return seen_world(
        against, table, home=home, rival=rival, countries=countries, other_edition=other, effects=effects, untold=untold
    )


def accounts(
    view: View,
    names: Names,
    stage: Callable[[str], None] | None = None,
    *,
    keep: Callable[[Reconciled], None] | None = None,
) -> dict[str, Any]:
    """Every element by stage and through each plant, with what the places in them are called; and all reconciled."""
    from lodeline.metal.plant import plants
    from lodeline.metal.registered import latest
    from lodeline.metal.stages import stages
    from lodeline.metal.stations import stations
    from lodeline.report.reconciling import measured, reconciliation

    flows = view.facts.flows
    elements = flows.elements()
    of = stations(flows, latest(view.master))
    by_stage = sorted((stages(flows, of, one) for one in elements), key=lambda one: (-followed(one), one.element))
    known = {uri for one in by_stage for band in one.bands for uri in (band.source.of, band.target.of)} | set(of.sites)
    through = plants(flows, of, elements)
    reconciled: dict[str, Any] = {}
    # What it takes to reconcile is loaded only where there is something to reconcile.
    if flows.measurements.rows and measured(flows):
        reconciled["reconciled"] = reconciliation(
            view, names, [one.element for one in by_stage], through, stage=stage, keep=keep
        )
    return {
        "plants": through,
        "stages": tuple(by_stage),
        "labels": {uri: names.label(uri) for uri in sorted(known)},
        **reconciled,
    }


def compared(held: Iterable[SeenHolding], table: Table, *, home: str, rival: str) -> tuple[Compared, ...]:
    """Each element of each origin, summed over the holdings, against the table.

    Lots whose origin nobody states are set against the output of the country they were shipped from, which is said.
    """
    sums: dict[tuple[str, str, bool], list[Figure]] = {}
    for holding in held:
        origin, stated = holding.origin or holding.shipped_from, bool(holding.origin)
        for element in holding.elements:
            sums.setdefault((element, origin, stated), []).append(holding.contained[element])
    found = []
    for (element, origin, stated), masses in sums.items():
        mass = total(masses, unit="KGM")
        one = compare(table, element, mass, basis="element", origin=origin, destination=home, rival=rival)
        commodity = commodity_of(element)
        if one is not None and commodity is not None:
            found.append(
                Compared(plain=commodity.plain, holdings=len(masses), stated=stated, mass=mass, comparison=one)
            )
    return tuple(found)
