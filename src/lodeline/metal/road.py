"""The road: what enters it, what leaves it, and what its two ends say of each other."""

from __future__ import annotations

import msgspec

from lodeline.errors import Finding
from lodeline.metal.belief import NOTHING_KNOWN, Belief, declared, mass_of, together
from lodeline.metal.flows.words import CLASS, NO_NAME, NO_TIME, OUTSIDE
from lodeline.metal.follower import Follower, dry_only
from lodeline.metal.live import Held, Transit
from lodeline.metal.values import Fact, Portion
from lodeline.units.exact import plus, times


def on_the_road(books: Follower, part: Held, papers: tuple[int, ...], bound_for: int, event: str, seq: int) -> Transit:
    """What was taken enters the road."""
    graph = books.graph
    node = graph.node("transit", lot=part.lot, place=bound_for, owner=part.owner, name=papers[0] if papers else -1)
    graph.ends(part.flow, node, "ship")
    water = part.flow if part.water < 0 else part.water
    return Transit(
        lot=part.lot,
        owner=part.owner,
        node=node,
        flow=graph.flow(node, part.lot, part.mass, own=False, inherits=part.flow, water_of=water),
        ship=part.flow,
        papers=papers,
        bound_for=bound_for,
        left_at=graph.stated_now,
        event=event,
        seq=seq,
        sent=part.mass,
        known=part.known,
        water=water,
        count=part.count,
        through=part.through,
        events=part.events,
    )


def arrives_unseen(books: Follower, transit: Transit, place: int, fact: Fact) -> Held:
    """A consignment is where an act finds it; nobody said when it came."""
    held = arrives(books, transit, Portion(lot=""), place, transit.owner, NO_NAME, fact)[0]
    books.graph.flows.columns["arrived_at"][transit.flow] = NO_TIME
    return held


def found_on_the_road(books: Follower, transit: Transit, place: int | None, fact: Fact) -> Held:
    books.report(
        "metal.receipt_missing",
        f"Lot {books.graph.text(transit.lot)} is used while it is on the road, and no event says that it arrived.",
        fact,
        others=[event for event in (transit.event,) if event],
    )
    return arrives_unseen(books, transit, NO_NAME if place is None else place, fact)


def arrives(
    books: Follower, transit: Transit, portion: Portion, place: int, owner: int, holder: int, fact: Fact
) -> tuple[Held, int, Belief | None]:
    """A load of a consignment enters the holding at its end: that, the flow, and what was held there before."""
    graph, said = books.graph, declared(portion, fact.event)
    first = transit.loads == 0
    owner = transit.owner if owner == NO_NAME else owner
    node, existing = books.state(transit.lot, place, owner, transit.container)
    merged = None if existing is None else existing.mass
    if first:
        transit.at = place
        books.where.arrives(transit)
        flow = transit.flow
        graph.ends(flow, node, "receive")
        graph.flows.columns["left_at"][flow] = transit.left_at
    else:
        flow = graph.flow(
            transit.node,
            transit.lot,
            said,
            own=True,
            inherits=transit.ship,
            head=node,
            kind="receive",
            left_at=transit.left_at,
        )
    transit.loads += 1
    transit.declares = said.kg is not None
    row = books.states(flow, said, portion.count, chosen=True)
    mass, water = transit.weighed or transit.sent, transit.water
    if said.kg is not None:
        mass, water = said, -1 if said.basis == "wet" else transit.water
        transit.arrived = said if first else together(transit.arrived, said)
        transit.brought.append(said.kg)
        graph.weigh(flow, said, own=True, water_of=flow if water < 0 else water)
    if said.kg is not None or transit.weighed is not None:
        loses(books, transit)
    new = Held(
        lot=transit.lot,
        place=place,
        owner=owner,
        holder=holder,
        node=node,
        flow=-1,
        container=transit.container,
        mass=mass,
        mass_row=row,
        water=water,
        known=dry_only(transit.known),
        count=portion.count if portion.count is not None else transit.count,
        through=transit.through,
        events=(transit.events, fact.event) if books.journal is not None else (),
    )
    held = books.settles(node, existing, new, flow)
    if merged is None and said.kg is None and transit.weighed is None:
        held.road = flow
    return held, flow, merged


def loses(books: Follower, transit: Transit) -> None:
    """Where both ends of a road are known, what is between them was lost on it, or gained: how much is for others."""
    if not transit.lost and transit.sent.kg is not None:
        transit.lost = True
        books.graph.flow(
            transit.node,
            transit.lot,
            NOTHING_KNOWN,
            own=False,
            inherits=transit.ship,
            head=OUTSIDE,
            kind="transit_loss",
            left_at=transit.left_at,
        )


def weighed_at_its_end(books: Follower, held: Held, net: Belief) -> None:
    """What came without a word of its mass has been weighed where it lies: that end of the road is known now."""
    graph, flow = books.graph, held.road
    held.road = -1
    columns = graph.flows.columns
    ship, node = columns["inherits"][flow], columns["tail"][flow]
    if columns["mass_class"][ship] in (CLASS["unknown"], CLASS["bounded"]):
        return
    graph.weigh(flow, net, own=False, water_of=held.flow if net.basis == "wet" else None)
    graph.flow(
        node,
        held.lot,
        NOTHING_KNOWN,
        own=False,
        inherits=ship,
        head=OUTSIDE,
        kind="transit_loss",
        left_at=columns["left_at"][flow],
    )


def received(books: Follower, transit: Transit) -> None:
    """What has arrived of a consignment is the mass at that end of its movement."""
    if books.journal is not None and transit.movement >= 0:
        movements = books.journal.movements
        movement = movements[transit.movement]
        movements[transit.movement] = msgspec.structs.replace(movement, received=mass_of(transit.arrived))


def judged(books: Follower, transit: Transit) -> list[Finding]:
    """What the two ends of a consignment say of each other, once no more of it can come."""
    sent, got, name = transit.sent, transit.arrived, books.graph.text(transit.lot)
    if not transit.event or sent.kg is None or got.kg is None or sent.basis != got.basis:
        return []
    more = plus(got.kg, sent.kg.copy_negate())
    tolerance = books.matching.transit_tolerance
    if more == 0 or (tolerance is not None and abs(more) <= times(sent.kg, tolerance)):
        return []
    sentence = f"{sent.kg} kg of lot {name} left, and {got.kg} kg arrived: {abs(more)} kg "
    events = (transit.event, transit.by)
    if more > 0:
        return [Finding(code="metal.received_more", sentence=sentence + "too much.", weight="weak", events=events)]
    return [
        Finding(
            code="metal.received_less",
            sentence=sentence + "are lost, dried up, or still on the road.",
            weight="note",
            events=events,
        )
    ]
