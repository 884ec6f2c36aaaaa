"""Shipments that are followed after their receipt: of two clocks one is wrong, and the metal went once."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from lodeline.metal.belief import Belief, believed, declared, difference, mass_of, together
from lodeline.metal.flows.words import NO_NAME, NO_TIME
from lodeline.metal.follower import Act, Follower
from lodeline.metal.live import Held, Transit
from lodeline.metal.movements import consignment, kinds_of
from lodeline.metal.road import loses
from lodeline.metal.values import Departed, Moved, Portion


def brings(portion: Portion, fact: Moved) -> Belief:
    """What an end of a movement says of the mass of a lot: what it reads of its one lot, before what it declares."""
    alone = len(fact.portions) + len(fact.containers) == 1
    return believed(fact.read) if alone and fact.read is not None else declared(portion, fact.event)


def unseen(books: Follower, lot: int) -> str:
    """The sentence of a receipt that nobody announced."""
    return f"Lot {books.graph.text(lot)} arrived, and no event says that it had left."


def departed_late(books: Follower, portion: Portion, place: int, bound_for: int, fact: Departed) -> bool:
    """Whether a shipment is the one of a consignment that has arrived already without any; if so it is booked there.

    It is, under the same papers; without papers at either end, where the lot came to the place the shipment is bound
    for, and nothing of it is left where the shipment says that it was.
    """
    lot = books.graph.name(portion.lot)
    transit = _arrived_unseen(books, lot, place, bound_for, fact)
    if transit is None:
        return False
    lacking = unseen(books, lot)
    books.findings = [
        found
        for found in books.findings
        if (found.code, found.sentence, found.events[:1]) != ("metal.receipt_without_shipment", lacking, (transit.by,))
    ]
    books.report(
        "metal.shipped_after_receipt",
        f"Lot {portion.lot} left, by this event, after it had arrived: one of the two times is wrong, and it was "
        "counted once.",
        fact,
        others=[transit.by],
    )
    transit.event, transit.seq = fact.event, fact.seq
    transit.kinds = tuple(sorted({*transit.kinds, *kinds_of(fact)}))
    said = brings(portion, fact)
    _leaves(books, transit, said)
    row = books.states(transit.ship, declared(portion, fact.event), portion.count, chosen=portion.kg is not None)
    if said.kg is not None:
        transit.sent = said
        books.graph.weigh(transit.ship, said, own=True, water_of=transit.ship if said.basis == "wet" else None)
        if row >= 0 and said.standing == "measured":
            books.graph.choose(row, False)
    if transit.arrived.kg is not None:
        loses(books, transit)
    books.acted(lot, Act(transit.ship, transit=transit))
    _moved(books, transit, fact)
    return True


def _arrived_unseen(books: Follower, lot: int, place: int, bound_for: int, fact: Departed) -> Transit | None:
    where = books.where
    papers = [books.graph.name(paper) for paper in consignment(fact)]
    for paper in papers:
        found = where.arrived(lot, paper=paper)
        if found is not None:
            return None if found.event else found
    if papers or NO_NAME in (bound_for, place) or where.held(lot, place):
        return None
    found = where.arrived(lot, place=bound_for)
    return None if found is None or found.event or found.papers else found


def _leaves(books: Follower, transit: Transit, said: Belief) -> None:
    """What stayed behind when the receipt took its own mass away: what the shipment says decides about it."""
    graph = books.graph
    node = graph.flows.columns["tail"][transit.ship]
    # A remainder that was weighed or moved since has its own evidence, and stays.
    rest = next((one for one in books.where.held(transit.lot) if one.node == node and one.mass_row < 0), None)
    if rest is None:
        return
    if said.kg is None:
        transit.sent = together(transit.sent, rest.mass)
        _follows(books, transit, rest)
        return
    left = difference(together(rest.mass, transit.sent), said)
    if left.kg is None:
        return
    rest.mass = msgspec.structs.replace(left, kg=max(left.kg, Decimal(0)))
    graph.weigh(rest.flow, rest.mass, own=False)
    if left.kg <= 0:
        _follows(books, transit, rest)


def _follows(books: Follower, transit: Transit, rest: Held) -> None:
    """The remainder went too."""
    graph = books.graph
    books.where.drop(rest)
    graph.ends(rest.flow, transit.node, "ship")
    graph.flows.columns["left_at"][rest.flow] = graph.flows.columns["arrived_at"][rest.flow] = NO_TIME


def _moved(books: Follower, transit: Transit, fact: Departed) -> None:
    """The movement has its shipment; when it left is not known, since it cannot have been after it came."""
    if books.journal is None or transit.movement < 0:
        return
    movements = books.journal.movements
    movement = movements[transit.movement]
    movements[transit.movement] = msgspec.structs.replace(
        movement,
        shipment=fact.event,
        source=msgspec.structs.replace(fact.source, place=fact.source.place or fact.place),
        sent=mass_of(transit.sent),
        matched_by="bill of lading" if set(movement.bill_of_lading) & set(consignment(fact)) else "lot and destination",
    )
