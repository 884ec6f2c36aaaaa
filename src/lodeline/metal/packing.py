"""Containers: what goes in, what comes out, and containers in containers."""

from __future__ import annotations

from lodeline.metal.flows.words import NO_NAME
from lodeline.metal.follower import Follower
from lodeline.metal.live import Held, Transit
from lodeline.metal.values import Packed, Portion


def packed(books: Follower, fact: Packed) -> None:
    """Lots went into a container, or came out of it."""
    graph, container = books.graph, books.graph.name(fact.container)
    if fact.out:
        _unpacked(books, fact, container)
        return
    place = None if fact.place is None else graph.name(fact.place)
    portions = list(fact.portions)
    for name in fact.named:
        number = graph.name(name)
        if not books.where.is_container(number):
            portions.append(Portion(lot=name))
        elif not books.where.nest(number, container):
            books.report("metal.container_in_itself", f"Container {name} was packed in one that is in it.", fact)
    for portion in portions:
        for held in books.moved_holdings(portion, place, fact, NO_NAME):
            if held.container not in (NO_NAME, container):
                books.report(
                    "metal.packed_twice",
                    f"Lot {portion.lot} was packed, and no event says that it came out of container "
                    f"{graph.text(held.container)} first.",
                    fact,
                    weight="note",
                )
            _goes(books, held, portion, container, fact)


def _unpacked(books: Follower, fact: Packed, container: int) -> None:
    graph, where = books.graph, books.where
    inside = where.contents(container)
    everything = not fact.portions and not fact.named
    if everything:
        for inner in where.inner(container):
            where.unnest(inner)
    portions = list(fact.portions)
    for name in fact.named:
        number = graph.name(name)
        if where.is_container(number) and where.parents.get(number) == container:
            where.unnest(number)
        else:
            portions.append(Portion(lot=name))
    if everything:
        for one in inside:
            if one.container == container:
                _goes(books, _at_rest(books, one, fact), Portion(lot=graph.text(one.lot) or ""), NO_NAME, fact)
        return
    by_lot: dict[int, list[Held | Transit]] = {}
    for one in inside:
        by_lot.setdefault(one.lot, []).append(one)
    for portion in portions:
        found = by_lot.get(graph.name(portion.lot), [])
        if not found:
            books.report(
                "metal.not_in_container",
                f"Lot {portion.lot} came out of container {fact.container}, and no event says that it was in it.",
                fact,
            )
        if len(found) > 1 and portion.kg is not None:
            books.ambiguous(graph.name(portion.lot), len(found), fact)
            continue
        for one in found:
            _goes(books, _at_rest(books, one, fact), portion, NO_NAME, fact)


def _at_rest(books: Follower, one: Held | Transit, fact: Packed) -> Held:
    """What is unpacked has arrived, whether or not an event says so."""
    if isinstance(one, Held):
        return one
    from lodeline.metal.road import arrives_unseen

    books.report(
        "metal.receipt_missing",
        f"Lot {books.graph.text(one.lot)} is used while it is on the road, and no event says that it arrived.",
        fact,
        others=[event for event in (one.event,) if event],
    )
    return arrives_unseen(books, one, books.graph.name(fact.place), fact)


def _goes(books: Follower, held: Held, portion: Portion, container: int, fact: Packed) -> None:
    """A holding, or a part of it, goes into a container or out of all; with what is there already it is one."""
    part, _ = books.takes(held, portion, fact)
    existing = books.where.at(part.lot, part.place, part.owner, container)
    if existing is None:
        part.container = container
        books.where.add(part)
        return
    node, existing = books.state(part.lot, part.place, part.owner, container)
    flow = part.flow
    books.graph.ends(flow, node, "stock", at_rest=True)
    part.container = container
    part.water = flow if part.water < 0 and part.mass.basis == "wet" else part.water
    books.settles(node, existing, part, flow)
