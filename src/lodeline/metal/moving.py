"""Departures and changes of owner, applied to what is held."""

from __future__ import annotations

import msgspec

from lodeline.metal.belief import mass_of
from lodeline.metal.flows.words import NO_NAME
from lodeline.metal.follower import Follower
from lodeline.metal.late import departed_late
from lodeline.metal.live import Held, Transit
from lodeline.metal.movements import consignment, kinds_of, opened
from lodeline.metal.road import found_on_the_road, on_the_road
from lodeline.metal.values import Departed, Fact, Moved, OwnerChanged, Portion
from lodeline.units.exact import plus


def departed(books: Follower, fact: Departed) -> None:
    """Lots, or containers with what they hold, are on the road."""
    place = fact.source.place or fact.place
    bound_for = books.graph.name(fact.destination.place)
    papers = tuple(books.graph.name(paper) for paper in consignment(fact))
    here = NO_NAME if place is None else books.graph.name(place)
    ahead = tuple(one for one in fact.portions if not departed_late(books, one, here, bound_for, fact))
    if len(ahead) < len(fact.portions):
        fact = msgspec.structs.replace(fact, portions=ahead)
    for held, portion in pieces(books, fact, place):
        container = held.container
        part, act = books.takes(held, portion, fact)
        transit = on_the_road(books, part, papers, bound_for, fact.event, fact.seq)
        # A container goes with all that it holds of a lot; what is taken out of one goes by itself.
        transit.container = container if act.rest is None else NO_NAME
        transit.kinds = kinds_of(fact)
        books.where.leaves(transit)
        act.transit = transit
        books.acted(part.lot, act)
        if books.journal is not None:
            transit.movement = len(books.journal.movements)
            names = books.graph.text
            movement = opened(names(part.lot) or "", names(part.place), mass_of(part.mass), fact)
            books.journal.movements.append(movement)


def pieces(books: Follower, fact: Moved, place: str | None) -> list[tuple[Held, Portion]]:
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
                one = found_on_the_road(books, one, where, fact)
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


def owner_changed(books: Follower, fact: OwnerChanged) -> None:
    """Lots change hands where they lie."""
    graph = books.graph
    owner, holder = graph.name(fact.destination.owner), graph.name(fact.destination.holder)
    for held, portion in pieces(books, fact, fact.place):
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
