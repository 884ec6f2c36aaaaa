"""The world as a book has to do with it: dependence on its commodities, its effect, claims about its countries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import msgspec

from lodeline.errors import LodelineError
from lodeline.report.given import Compared, SeenHolding, SeenProgramme
from lodeline.report.given_world import SeenDeposit, SeenWorld
from lodeline.world.statistics.edition import Table
from lodeline.world.statistics.edition import shipped as newest

if TYPE_CHECKING:
    from lodeline.book.view import View
    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.world.dependence.answer_shapes import Dependence
    from lodeline.world.effect.answer import Effects

T = TypeVar("T")


def concerned(holdings: Iterable[SeenHolding], programme: SeenProgramme, *, illustrative: bool) -> tuple[str, ...]:
    """Countries about which claims and deposits are told beside a book: those of its metal, if it has a programme.

    A plain book of metal gets none, and so does a made-up one: what is really claimed has nothing to do with it, and
    would be marked as made up there.
    """
    told = programme.agreements or programme.pledges or programme.steps or programme.contradictions
    if illustrative or not told:
        return ()
    found = [
        code
        for one in holdings
        for code in (one.origin, one.shipped_from, "" if one.place is None else one.place.country)
    ]
    return tuple(dict.fromkeys(code for code in found if code))


def seen_world(
    compared: Sequence[Compared],
    table: Table,
    *,
    home: str,
    rival: str,
    countries: tuple[str, ...] = (),
    other_edition: Table | None = None,
    effects: Effects | None = None,
    untold: Iterable[str] = (),
) -> SeenWorld:
    """What is told of the world beside a book whose metal is compared with a table of national figures.

    Args:
        compared: Elements of the holdings; of nothing else is dependence told.
        table: National figures, for dependence, claims and reserves.
        home, rival: ISO 3166-1 alpha-3: whose dependence, on whom.
        countries: From :func:`concerned`. effects: from :func:`seen_effects`. untold: why there are none.
        other_edition: For claims that name it.
    """
    said = list(untold)
    dependences, outputs = [], []
    for one in _commodities(compared):
        told = _tried(partial(_of, one, table), said)
        dependences += [] if told is None else [told]
        if one.comparison.origin_output.known:
            of_all = _tried(partial(_all_of_it, one, table), said)
            outputs += [] if of_all is None else [of_all]
    seen = SeenWorld(
        importer=home,
        rival=rival,
        countries=countries,
        dependences=tuple(dependences),
        effects=effects,
        outputs=tuple(outputs),
        untold=tuple(dict.fromkeys(said)),
        sources=dict(_sources(table, dependences)),
    )
    return _with_claims_and_deposits(seen, table, other_edition) if countries else seen


def seen_effects(
    view: View, table: Table, found: Reconciled | None, *, home: str, rival: str
) -> tuple[Effects | None, tuple[str, ...]]:
    """What the deliveries of a book change, by its reconciled masses where it was reconciled; or why nobody can say.

    Args:
        found: The reconciled book; None where it was not.
    """
    from lodeline.book.delivered import deliveries
    from lodeline.book.effecting import effect_of_deliveries
    from lodeline.book.traced import Traced
    from lodeline.metal.registered import latest
    from lodeline.world.effect.asking import Against

    flows, master = (view.facts.flows if found is None else found.flows), latest(view.master)
    brought = deliveries(flows, master, view.supposing, home)

    def graph(element: str) -> Traced:
        known = found if found is not None and element in found.elements else None
        return Traced(element, view.as_of, view.supposing, master, flows, known)

    # An edition of somebody's own may have some commodities only; the others are told all the same.
    lacks = dict.fromkeys(of.commodity.plain for of in brought.groups if not table.select(commodity=of.commodity.name))
    said = [f"What came of {plain} is set against nothing: {table.edition} reports nothing of it." for plain in lacks]
    brought = brought._replace(groups=tuple(of for of in brought.groups if of.commodity.plain not in lacks))
    effects = _tried(lambda: effect_of_deliveries(brought, Against(table, home, rival), graph), said)
    return effects, tuple(said)


def _commodities(compared: Iterable[Compared]) -> list[Compared]:
    """One comparison a commodity: the first with a country of which an output is reported, else the first."""
    first: dict[str, Compared] = {}
    for one in compared:
        commodity = one.comparison.commodity
        if commodity not in first or (
            one.comparison.origin_output.known and not first[commodity].comparison.origin_output.known
        ):
            first[commodity] = one
    return list(first.values())


def _tried(ask: Callable[[], T], said: list[str]) -> T | None:
    """An answer, or None with the refusal kept: a table of somebody's own may lack what is asked."""
    try:
        return ask()
    except LodelineError as refusal:
        said.append(f"{refusal.sentence} [{refusal.code}]")
        return None


def _of(one: Compared, table: Table) -> Dependence:
    from lodeline.world.dependence.answer import dependence

    return dependence(one.comparison.counted_as, importer=one.comparison.destination, table=table)


def _all_of_it(one: Compared, table: Table) -> Effects:
    """What all the reported output of the country of origin would change."""
    from lodeline.world.effect import effect

    of = one.comparison
    return effect(
        {of.counted_as: of.origin_output}, origin=of.origin, importer=of.destination, rival=of.rival, table=table
    )


def _sources(table: Table, dependences: Iterable[Dependence]) -> Iterator[tuple[str, str]]:
    """Where each edition was published, as its rows say."""
    from lodeline.world.trade.traded import shipped_with

    yield table.edition, "; ".join(dict.fromkeys(row.source for row in table.rows))
    for of in dependences:
        for one in of.forms:
            trade = None if one.trade is None else shipped_with(one.form.hs)
            if trade is not None:
                yield trade.edition, trade.rows[0].source


def _with_claims_and_deposits(seen: SeenWorld, table: Table, other_edition: Table | None) -> SeenWorld:
    from lodeline.world.claims import judge, shipped
    from lodeline.world.resources.deposit import shipped_deposits
    from lodeline.world.resources.ladder import ladder_of
    from lodeline.world.resources.listing import listed

    # All that claims name is given, so that an edition somebody imported on this machine makes no other report.
    editions = [newest(), *([] if other_edition is None else [other_edition]), table]
    judged = judge(shipped(), editions=editions).judged
    deposits = [one for one in shipped_deposits() if one.country in seen.countries]
    return msgspec.structs.replace(
        seen,
        verdicts=tuple(one for one in judged if one.claim.country in seen.countries),
        deposits=tuple(SeenDeposit(deposit=one, ladder=ladder_of(one)) for one in deposits if one.input),
        listing=listed(deposits, edition=table).lines,
    )
