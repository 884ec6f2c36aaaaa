"""Departures, arrivals and changes of owner, applied to what is held."""

from __future__ import annotations

import msgspec

from lodeline.errors import Finding
from lodeline.metal.belief import NOTHING_KNOWN, Belief, declared, mass_of, together
from lodeline.metal.flows.words import NO_ENTRY, NO_NAME, NO_TIME, OUTSIDE
from lodeline.metal.follower import Act, Follower, dry_only
from lodeline.metal.live import Held, Transit
from lodeline.metal.movements import arrived_at, closed, consignment, opened, unannounced
from lodeline.metal.values import Arrived, Departed, Fact, Moved, OwnerChanged, Portion
from lodeline.units.exact import plus, times


def departed(books: Follower, fact: Departed) -> None:
    """Lots, or containers with what they hold, are on the road."""
    place = fact.source.place or fact.place
    bound_for = books.graph.name(fact.destination.place)
    papers = tuple(books.graph.name(paper) for paper in consignment(fact))
    for held, portion in _pieces(books, fact, place):
        container = held.container
        part, act = books.takes(held, portion, fact)
        transit = _on_the_road(books, part, papers, bound_for, fact.event, fact.seq)
        # A container goes with what it holds; what is taken out of one goes by itself.
        transit.container = container if portion.kg is None else NO_NAME
        books.where.leaves(transit)
        act.transit = transit
        books.acted(part.lot, act)
        if books.journal is not None:
            transit.movement = len(books.journal.movements)
            names = books.graph.text
            movement = opened(names(part.lot) or "", names(part.place), mass_of(part.mass), fact)
            books.journal.movements.append(movement)


def _on_the_road(books: Follower, part: Held, papers: tuple[int, ...], bound_for: int, event: str, seq: int) -> Transit:
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


def _pieces(books: Follower, fact: Moved, place: str | None) -> list[tuple[Held, Portion]]:
    """The holdings that a movement is about, each with its portion, containers opened."""
    where = None if place is None else books.graph.name(place)
    owner = books.graph.name(fact.source.owner)
    pieces: dict[int, tuple[Held, Portion]] = {}
    for portion in fact.portions:
        found = books.moved_holdings(portion, where, fact, owner)
        whole = portion if len(found) == 1 else Portion(lot=portion.lot)
        for held in found:
            _once(books, pieces, held, whole, fact)
    for container in fact.containers:
        number = books.graph.name(container)
        if not books.where.is_container(number):
            alone = Portion(lot=container)
            for held in books.moved_holdings(alone, where, fact, owner):
                _once(books, pieces, held, alone, fact)
            continue
        books.where.unnest(number)
        contents = books.where.contents(number)
        if not contents:
            books.report(
                "metal.container_empty",
                f"Container {container} moved, and no event says that anything is in it.",
                fact,
                weight="note",
            )
        for one in contents:
            if isinstance(one, Transit):
                one = _found_on_the_road(books, one, where, fact)
            _once(books, pieces, one, Portion(lot=books.graph.text(one.lot) or ""), fact)
    return list(pieces.values())


def _once(books: Follower, pieces: dict[int, tuple[Held, Portion]], held: Held, portion: Portion, fact: Fact) -> None:
    """A lot that an event names by itself and again by its container moves once; two portions of it are one."""
    before = pieces.get(id(held))
    if before is None:
        pieces[id(held)] = held, portion
        return
    first = before[1]
    if first.kg is not None and portion.kg is not None and first.basis == portion.basis:
        both = Portion(lot=first.lot, kg=plus(first.kg, portion.kg), basis=first.basis)
        pieces[id(held)] = held, both
    elif first.kg is None and first.count is None:
        return
    elif portion.kg is None and portion.count is None:
        pieces[id(held)] = held, portion
    else:
        books.report(
            "metal.lot_twice",
            f"The event names lot {first.lot} twice in ways that do not add up; the first was taken.",
            fact,
        )


def _found_on_the_road(books: Follower, transit: Transit, place: int | None, fact: Fact) -> Held:
    books.report(
        "metal.receipt_missing",
        f"Lot {books.graph.text(transit.lot)} is used while it is on the road, and no event says that it arrived.",
        fact,
        others=[event for event in (transit.event,) if event],
    )
    return arrives_unseen(books, transit, NO_NAME if place is None else place, fact)


def arrives_unseen(books: Follower, transit: Transit, place: int, fact: Fact) -> Held:
    """A consignment is where an act finds it; nobody said when it came."""
    held = _arrives(books, transit, Portion(lot=""), place, transit.owner, NO_NAME, fact)[0]
    books.graph.flows.columns["arrived_at"][transit.flow] = NO_TIME
    return held


def arrived(books: Follower, fact: Arrived) -> None:
    """Lots, or containers with what they hold, have come."""
    graph = books.graph
    for portion in fact.portions:
        _receives(books, portion, None, fact)
    for container in fact.containers:
        number = graph.name(container)
        if not books.where.is_container(number):
            _receives(books, Portion(lot=container), None, fact)
            continue
        books.where.unnest(number)
        contents = books.where.contents(number)
        if not contents:
            books.report(
                "metal.container_empty",
                f"Container {container} arrived, and no event says that anything is in it.",
                fact,
                weight="note",
            )
        for one in contents:
            _receives(books, Portion(lot=graph.text(one.lot) or ""), one, fact)


def _receives(books: Follower, portion: Portion, packed: Held | Transit | None, fact: Arrived) -> None:
    """One lot has come: of a consignment on the road, a further load of one, or unannounced."""
    lot, ends = books.graph.name(portion.lot), arrived_at(fact)
    place, papers = books.graph.name(ends.place), tuple(books.graph.name(paper) for paper in consignment(fact))
    found: Transit | None
    matched_by: str | None
    if isinstance(packed, Transit):
        found, matched_by = packed, "bill of lading" if set(papers) & set(packed.papers) else "container"
        packed = None
    else:
        found, matched_by = awaited(books, lot, place, papers, fact)
    if matched_by == "ambiguous":
        return
    if found is None:
        found = _further(books, lot, place, papers, portion)
        if found is not None:
            matched_by = "bill of lading"
    if found is None:
        found = _unannounced(books, lot, place, papers, portion, packed, fact)
    if found is None:
        return
    _receipt(books, found, portion, matched_by, papers, fact)


def awaited(
    books: Follower, lot: int, place: int, papers: tuple[int, ...], fact: Arrived
) -> tuple[Transit | None, str | None]:
    """Which consignment on the road a receipt is of, and by what it was matched; a finding if it could be several.

    By bill of lading or despatch advice; else the one consignment of the lot that is on its way to the place of the
    receipt, or to a place nobody named. There is no window of time in the code: a policy may narrow it later.
    """
    where = books.where
    by_papers = {id(one): one for paper in papers for one in where.on_road(lot, paper=paper)}
    bound = where.on_road(lot, bound_for=place) + (where.on_road(lot) if place != NO_NAME else [])
    # Two different sets of papers are two consignments, wherever they are bound for.
    by_place = [one for one in bound if not (papers and one.papers)]
    for candidates, matched_by in ((list(by_papers.values()), "bill of lading"), (by_place, "lot and destination")):
        if len(candidates) == 1:
            return candidates[0], matched_by
        if candidates:
            books.report(
                "metal.receipt_ambiguous",
                f"Lot {books.graph.text(lot)} arrived, and {len(candidates)} consignments of it on the road could be "
                "the one.",
                fact,
                others=[one.event for one in candidates if one.event],
            )
            return None, "ambiguous"
    return None, None


def _further(books: Follower, lot: int, place: int, papers: tuple[int, ...], portion: Portion) -> Transit | None:
    """The consignment of which this is a further load: one that came to this place, if the load brings what has
    arrived of it nearer to what was sent.

    A load booked twice takes it away from what was sent, unless less than half of it had come; no tolerance is needed.
    Where nobody knows what was sent, a load booked twice repeats its mass, and another load has one of its own.
    """
    before = _last(books, lot, place, papers)
    if before is None or not before.event:
        return None
    said = declared(portion, "")
    sent, got, with_this = before.sent, before.arrived, together(before.arrived, said)
    if with_this.kg is None or got.kg is None:
        return None
    if sent.kg is None or sent.basis != got.basis:
        return before if said.kg != before.load.kg else None
    return before if abs(sent.kg - with_this.kg) < abs(sent.kg - got.kg) else None


def _last(books: Follower, lot: int, place: int, papers: tuple[int, ...]) -> Transit | None:
    """The last consignment of the lot that came to a place, under these papers if there are any."""
    for paper in papers:
        found = books.where.arrived(lot, paper=paper)
        if found is not None:
            return found if found.at == place else None
    if papers:
        return None
    found = books.where.arrived(lot, place=place)
    return found if found is not None and found.at == place else None


def _unannounced(
    books: Follower,
    lot: int,
    place: int,
    papers: tuple[int, ...],
    portion: Portion,
    packed: Held | None,
    fact: Arrived,
) -> Transit | None:
    """A receipt without shipment: taken from the one place where the lot is booked, or from nowhere.

    None where the lot had arrived here already: the books do not hold it twice.
    """
    graph, where = books.graph, books.where
    elsewhere = [packed] if packed is not None else [held for held in where.held(lot) if held.place != place]
    before = _last(books, lot, place, papers)
    if before is not None and (papers or not elsewhere):
        # One consignment may come in several loads, or one receipt may be booked twice: the masses say twice.
        books.report(
            "metal.received_again",
            f"Lot {graph.text(lot)} arrived where, and under papers under which, it had arrived already; it was "
            "counted once, so what is held may be too little if this was a further load.",
            fact,
            weight="strong",
            others=[event for event in (before.by,) if event],
        )
        _seen_once(books, lot, fact, before.movement)
        return None
    first = graph.lot_rows[lot] < 0
    if not first and not where.alive.get(lot, 0):
        books.known_lot(lot, fact, place, NO_NAME)
        _seen_once(books, lot, fact, -1)
        return None
    books.report(
        "metal.receipt_without_shipment",
        f"Lot {graph.text(lot)} arrived, and no event says that it had left.",
        fact,
    )
    if len(elsewhere) > 1:
        books._ambiguous(lot, len(elsewhere), fact)
        _seen_once(books, lot, fact, -1)
        return None
    if elsewhere:
        part, _ = books.takes(elsewhere[0], portion, fact)
        transit = _on_the_road(books, part, papers, place, "", NO_ENTRY)
        transit.container = elsewhere[0].container if portion.kg is None else NO_NAME
    else:
        transit = _from_nowhere(books, lot, papers, place, first, fact)
    graph.flows.columns["left_at"][transit.ship] = transit.left_at = NO_TIME
    where.leaves(transit)
    return transit


def _from_nowhere(
    books: Follower, lot: int, papers: tuple[int, ...], place: int, first: bool, fact: Arrived
) -> Transit:
    """A lot that is held nowhere else comes off a road on which nobody saw it."""
    graph = books.graph
    if first:
        graph.lot(lot, place)
        books.credit[lot] = (fact.event, fact.seq)
    node = graph.node("transit", lot=lot, place=place, name=papers[0] if papers else NO_NAME)
    ship = graph.flow(OUTSIDE, lot, NOTHING_KNOWN, own=True, head=node, kind="arising")
    return Transit(
        lot=lot,
        owner=NO_NAME,
        node=node,
        flow=graph.flow(node, lot, NOTHING_KNOWN, own=False, inherits=ship),
        ship=ship,
        papers=papers,
        bound_for=place,
        left_at=NO_TIME,
        event="",
        seq=NO_ENTRY,
        sent=NOTHING_KNOWN,
    )


def _seen_once(books: Follower, lot: int, fact: Arrived, movement: int) -> None:
    """A receipt that moved nothing is a movement for the report all the same."""
    if books.journal is not None:
        books.journal.movements.append(unannounced(books.graph.text(lot) or "", fact))


def _receipt(
    books: Follower, transit: Transit, portion: Portion, matched_by: str | None, papers: tuple[int, ...], fact: Arrived
) -> None:
    graph, ends = books.graph, arrived_at(fact)
    if not transit.event:
        matched_by = None
    owner, holder = graph.name(ends.owner), graph.name(ends.holder)
    before, further = transit.arrived, transit.loads > 0
    held, flow, merged = _arrives(books, transit, portion, graph.name(ends.place), owner, holder, fact)
    extra = tuple(paper for paper in papers if paper not in transit.papers)
    transit.papers += extra
    books.where.remember(transit, papers)
    transit.by = fact.event
    act = Act(flow, held=held, before=merged, transit=transit, arrived=before if further else None, receipt=True)
    books.acted(transit.lot, act)
    if books.journal is None:
        return
    movements, lot = books.journal.movements, graph.text(transit.lot) or ""
    if transit.movement < 0:
        transit.movement = len(movements)
        movements.append(unannounced(lot, fact))
    else:
        movements[transit.movement] = closed(movements[transit.movement], fact, matched_by)
    received(books, transit)


def _arrives(
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
    row = books.states(flow, said, portion.count, chosen=True)
    mass, water = transit.sent, transit.water
    if said.kg is not None:
        mass, water = said, -1 if said.basis == "wet" else transit.water
        transit.arrived = said if first else together(transit.arrived, said)
        transit.load = said
        graph.weigh(flow, said, own=True, water_of=flow if water < 0 else water)
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
    return books.settles(node, existing, new, flow), flow, merged


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


def received(books: Follower, transit: Transit) -> None:
    """What has arrived of a consignment is the mass at that end of its movement."""
    if books.journal is not None and transit.movement >= 0:
        movements = books.journal.movements
        movement = movements[transit.movement]
        movements[transit.movement] = msgspec.structs.replace(movement, received=mass_of(transit.arrived))


def owner_changed(books: Follower, fact: OwnerChanged) -> None:
    """Lots change hands where they lie."""
    graph = books.graph
    owner, holder = graph.name(fact.destination.owner), graph.name(fact.destination.holder)
    for held, portion in _pieces(books, fact, fact.place):
        part, act = books.takes(held, portion, fact)
        new_owner = part.owner if owner == NO_NAME else owner
        node, existing = books.state(part.lot, part.place, new_owner, part.container)
        act.before = None if existing is None else existing.mass
        flow = part.flow
        graph.ends(flow, node, "transfer")
        part.owner = new_owner
        part.holder = part.holder if holder == NO_NAME else holder
        act.held = books.settles(node, existing, part, flow)
        books.acted(part.lot, act)


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
