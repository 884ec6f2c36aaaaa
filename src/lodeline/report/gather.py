"""Gather: the view of a book and a table of national figures into what sections read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from lodeline.metal import holdings as metal
from lodeline.metal.settle import rank
from lodeline.metal.values import Mass
from lodeline.report.given import Act, Compared, Given, SeenHolding, SeenMove
from lodeline.report.names import Names, alpha3_of
from lodeline.report.promises import seen_programme
from lodeline.report.wording import key_of
from lodeline.units.figure import Figure, total, unknown
from lodeline.world.commodity import commodity_of
from lodeline.world.edition import Table
from lodeline.world.national import compare, reporting_country

if TYPE_CHECKING:
    from lodeline.book.view import View
    from lodeline.metal.facts import Facts
    from lodeline.metal.holdings import Holding
    from lodeline.metal.movements import Movement

ORIGIN_ROLES = ("certificate_of_origin", "origin_certificate", "mining_permit")
"""Roles of a document that proves an origin."""


HOME = "USA"
"""The country the comparison is made for where the table reports the use of none, as the world file of 2025 does."""


def gather(view: View, table: Table, *, rival: str, other_edition: Table | None, code: str) -> Given:
    """Everything the sections of one report read.

    Args:
        view: The book as of an entry.
        table: National figures.
        rival: ISO 3166-1 alpha-3 of the country dependence on which is to be told.
        other_edition: Another edition to be shown beside the table.
        code: Version of lodeline.
    """
    from lodeline.deal.programme import programme

    names = Names(view.master)
    facts = view.facts
    held = seen_holdings(facts, names, view)
    deal = programme(view.documents, facts, view.master, content=view.content)
    return Given(
        head=view.head,
        title=getattr(view, "title", ""),
        illustrative=bool(getattr(view, "illustrative", False)),
        events=len(view.events),
        documents=tuple(view.documents),
        policy=view.policy,
        lots=len(facts.lots),
        holdings=held,
        moves=seen_moves(facts, names),
        programme=seen_programme(deal, names),
        findings=(*view.findings, *deal.findings),
        table=table,
        other_edition=other_edition,
        compared=compared(held, table, rival=rival),
        acts=acts(facts, names, table, rival=rival),
        code=code,
    )


def seen_holdings(facts: Facts, names: Names, view: View) -> tuple[SeenHolding, ...]:
    """Every holding with its figures."""
    several: dict[str, int] = {}
    for holding in facts.holdings:
        several[holding.lot] = several.get(holding.lot, 0) + 1
    origins = origins_of(facts, names)
    proofs = {
        document.meta.get("lot", ""): document.title for document in view.documents if document.role in ORIGIN_ROLES
    }
    seen = []
    for index, holding in enumerate(facts.holdings, start=1):
        key = key_of(holding.lot) + (f"/holding {index}" if several[holding.lot] > 1 else "")
        place = names.place(holding.bound_for if holding.in_transit else holding.place)
        seen.append(
            SeenHolding(
                key=key,
                lot=holding.lot,
                label=names.label(holding.material) or holding.lot,
                place=place,
                owner=names.label(holding.owner),
                on_the_road=holding.in_transit,
                elements=holding.elements,
                origin=origins[holding.lot].stated,
                shipped_from=origins[holding.lot].shipped_from,
                mass=metal.mass(holding),
                moisture=moisture(holding),
                grades={symbol: metal.grade(holding, symbol) for symbol in holding.elements},
                contained={symbol: metal.element_mass(holding, symbol) for symbol in holding.elements},
                origin_document=proofs.get(holding.lot, ""),
            )
        )
    return tuple(seen)


class Origin(NamedTuple):
    """Where a lot is from: as stated, and as shipped; ISO 3166-1 alpha-3, empty where not known."""

    stated: str
    shipped_from: str


def origins_of(facts: Facts, names: Names) -> dict[str, Origin]:
    """Where each lot is from. Where it was shipped from is no origin: it says only whose exports it is among."""
    left: dict[str, str] = {}
    for move in facts.movements:
        place = names.place(move.source.place, party=move.source.owner or move.source.holder)
        if place is not None and place.country:
            left.setdefault(move.lot, place.country)
    return {lot.id: Origin(alpha3_of(lot.country) if lot.country else "", left.get(lot.id, "")) for lot in facts.lots}


def moisture(holding: Holding) -> Figure | None:
    """The water of a holding per wet mass, P1; None where its mass is dry and needs none."""
    if holding.mass.kg is not None and holding.mass.basis == "dry":
        return None
    found = next((one for rank in RANKS for one in reversed(holding.moistures) if one.rank == rank), None)
    if found is None:
        return unknown("P1", metal.take_moisture(holding))
    return Figure(
        value=float(found.fraction * 100),
        u=None if found.u is None else float(found.u * 100),
        unit="P1",
        standing="measured",
        rests_on=(found.event,),
    )


def seen_moves(facts: Facts, names: Names) -> tuple[SeenMove, ...]:
    """Movements of lots, those of one shipment and one receipt together."""
    together: dict[tuple[str | None, str | None], list[Movement]] = {}
    for movement in facts.movements:
        together.setdefault((movement.shipment, movement.receipt), []).append(movement)
    labels = {holding.lot: names.label(holding.material) or holding.lot for holding in facts.holdings}
    return tuple(_seen_move(moves, names, labels) for moves in together.values())


def _seen_move(moves: list[Movement], names: Names, labels: dict[str, str]) -> SeenMove:
    first = moves[0]
    sender = first.source.owner or first.source.holder
    receiver = first.destination.owner or first.destination.holder
    return SeenMove(
        goods=tuple(labels.get(move.lot, move.lot) for move in moves),
        sender=names.label(sender),
        receiver=names.label(receiver),
        left=names.place(first.source.place, party=sender),
        to=names.place(first.destination.place, party=receiver),
        shipped=when(first.left_at, first.left_known, first.left_precision),
        received=when(first.arrived_at, first.arrived_known, first.arrived_precision),
        papers=first.bill_of_lading,
        mass=total((_mass(move.received if move.received.kg is not None else move.sent) for move in moves), unit="KGM"),
    )


def _mass(found: Mass) -> Figure:
    if found.kg is None or found.standing == "unknown":
        return unknown("KGM", rests_on=found.rests_on)
    return Figure(
        value=float(found.kg),
        u=None if found.u is None else float(found.u),
        unit="KGM",
        standing=found.standing,
        rests_on=found.rests_on,
    )


RANKS = ("umpire", "final", "provisional", None)
"""Which moisture counts, as for assays: an umpire's, then a final one, then a provisional; of these the latest."""
PRECISIONS = {"day": "%-d %B %Y", "month": "%B %Y", "year": "%Y"}


def when(instant: datetime | None, known: str | None, precision: str | None) -> str:
    """An instant as finely as it is known: ``2 October 2025``, ``before 2 October 2025``; empty where it is not."""
    if instant is None:
        return ""
    text = instant.strftime(PRECISIONS.get(precision or "", "%-d %B %Y, %H:%M %z")).strip()
    return text if known in (None, "at") else f"{known.replace('_', ' ')} {text}"


def compared(held: Iterable[SeenHolding], table: Table, *, rival: str) -> tuple[Compared, ...]:
    """Each element of each origin, summed over the holdings, against the table.

    Lots whose origin nobody states are set against the output of the country they were shipped from, which is said.
    """
    home = reporting_country(table) or HOME
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


def acts(facts: Facts, names: Names, table: Table, *, rival: str) -> tuple[Act, ...]:
    """Measurements that would make most figures known, tried one by one; lots in the same state are tried once."""
    home = reporting_country(table) or HOME
    origins = {lot: origin.stated or origin.shipped_from for lot, origin in origins_of(facts, names).items()}

    def figures_of(holding: Holding) -> dict[str, Figure]:
        figures = dict(metal.figures(holding))
        for element in holding.elements:
            mass = figures[f"element_mass/{element}"]
            origin = origins[holding.lot]
            one = compare(table, element, mass, basis="element", origin=origin, destination=home, rival=rival)
            if one is not None:
                figures |= {f"{element}/{field}": getattr(one, field) for field in RESTING_ON_MASS}
        return figures

    alike: dict[tuple[object, ...], list[Holding]] = {}
    for holding in facts.holdings:
        alike.setdefault(_state(holding, origins), []).append(holding)
    first = {(group[0].lot, group[0].place): (group[0], len(group) - 1) for group in alike.values()}
    return tuple(
        Act(
            act=one.settle.act,
            lot=one.lot,
            label=names.label(first[one.lot, one.place][0].material) or one.lot,
            alone=len(one.makes_known),
            then=one.then.act if one.then else "",
            both=one.both_make_known,
            alike=first[one.lot, one.place][1],
        )
        for one in rank([group[0] for group in alike.values()], figures_of)
    )


RESTING_ON_MASS = ("share_of_origin_output", "share_of_imports", "share_of_consumption", "rival_points")


def _state(holding: Holding, origins: Mapping[str, str]) -> tuple[object, ...]:
    """What decides which figures of a holding are known: two holdings of one state gain the same by the same act."""
    return (
        holding.elements,
        origins[holding.lot],
        (holding.mass.kg is None, holding.mass.basis),
        tuple((one.species.symbol, one.fraction is None, one.basis, one.rank) for one in holding.assays),
        bool(holding.moistures),
        holding.material,
    )
