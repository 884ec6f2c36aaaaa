"""Arrivals, applied to what is on the road: a consignment, a further load of one, or what nobody announced."""

from __future__ import annotations

from lodeline.metal.belief import NOTHING_KNOWN, Belief, together
from lodeline.metal.flows.words import NO_ENTRY, NO_NAME, NO_TIME, OUTSIDE
from lodeline.metal.follower import UNCOUNTED, Act, Follower
from lodeline.metal.late import brings, unseen
from lodeline.metal.live import Held, Transit
from lodeline.metal.movements import arrived_at, closed, consignment, kinds_of, unannounced
from lodeline.metal.road import arrives, on_the_road, received
from lodeline.metal.values import Arrived, Portion


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
        found = _further(books, lot, place, papers, brings(portion, fact))
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
    receipt, or to a place nobody named, and left within the window of the policy if it has one.
    """
    where = books.where
    by_papers = {id(one): one for paper in papers for one in where.on_road(lot, paper=paper)}
    bound = where.on_road(lot, bound_for=place) + (where.on_road(lot) if place != NO_NAME else [])
    bound = bound or [one for one in books.open_roads(lot) if books.one_in_other(one.bound_for, place)]
    # Two papers of one kind are two consignments, wherever they are bound for; a bill of lading and a despatch advice
    # may be of one.
    by_place = [one for one in bound if not set(kinds_of(fact)) & set(one.kinds) and _within(books, one)]
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


def _within(books: Follower, transit: Transit) -> bool:
    """Whether a receipt without papers may still be of this consignment."""
    days = books.matching.window_days
    left = books.graph.nodes.columns["at"][transit.node]
    return days is None or books.graph.now - left <= days * 86_400_000_000


def _further(books: Follower, lot: int, place: int, papers: tuple[int, ...], said: Belief) -> Transit | None:
    """The consignment of which this is a further load: one that came to this place, if its mass says so.

    A further load brings what has arrived nearer to what was sent, and a load booked twice takes it away, unless less
    than half of it had come: no tolerance is needed for that. A small last load may weigh less than scales differ; it
    counts where the policy has a tolerance for what arrives and all loads are within it, and where the load is not
    nearer to one that came than all of them to what was sent, each in its own proportion. Where nobody knows what was
    sent, a load booked twice repeats its mass, and another load has one of its own.
    """
    before = _last(books, lot, place, papers)
    if before is None or not before.event:
        return None
    sent, got, with_this = before.sent.kg, before.arrived.kg, together(before.arrived, said).kg
    if with_this is None or got is None or said.kg is None:
        return None
    if sent is None or before.sent.basis != before.arrived.basis:
        return before if said.kg not in before.brought else None
    off = abs(sent - with_this)
    if off < abs(sent - got):
        return before
    tolerance = books.matching.transit_tolerance
    # |mass - load| / load against |missing - mass| / sent, without dividing.
    twice = any(abs(said.kg - load) * sent <= off * load for load in before.brought)
    return None if twice or tolerance is None or off > tolerance * sent else before


def _last(books: Follower, lot: int, place: int, papers: tuple[int, ...]) -> Transit | None:
    """The last consignment of the lot that came to a place, under these papers if there are any."""
    for paper in papers:
        found = books.where.arrived(lot, paper=paper)
        if found is not None:
            return found if books.one_in_other(found.at, place) else None
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
        _seen_once(books, lot, fact)
        return None
    first = graph.lot_rows[lot] < 0
    if not first and not where.alive.get(lot, 0):
        books.known_lot(lot, fact, place, NO_NAME)
        _seen_once(books, lot, fact)
        return None
    books.report("metal.receipt_without_shipment", unseen(books, lot), fact)
    if len(elsewhere) > 1:
        books.ambiguous(lot, len(elsewhere), fact)
        _seen_once(books, lot, fact)
        return None
    if elsewhere:
        part, act = books.takes(elsewhere[0], portion, fact, declares=False)
        transit = on_the_road(books, part, papers, place, "", NO_ENTRY)
        transit.container = elsewhere[0].container if act.rest is None else NO_NAME
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


def _seen_once(books: Follower, lot: int, fact: Arrived) -> None:
    """A receipt that moved nothing is a movement for the report all the same."""
    # What such an event reads, it reads of what is not counted.
    books.acts[lot] = Act(UNCOUNTED)
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
    held, flow, merged = arrives(books, transit, portion, graph.name(ends.place), owner, holder, fact)
    extra = tuple(paper for paper in papers if paper not in transit.papers)
    transit.papers += extra
    transit.kinds = tuple(sorted({*transit.kinds, *kinds_of(fact)}))
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
