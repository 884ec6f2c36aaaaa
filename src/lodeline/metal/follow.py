"""Each kind of fact to the function that applies it."""

from __future__ import annotations

from typing import assert_never

from lodeline.errors import Finding
from lodeline.metal.flows.words import NO_ENTRY
from lodeline.metal.follower import Follower
from lodeline.metal.making import arisen, ended, transformed
from lodeline.metal.measuring import determined, observed, target_of, weighed
from lodeline.metal.moving import departed, owner_changed
from lodeline.metal.packing import packed
from lodeline.metal.receiving import arrived
from lodeline.metal.road import judged
from lodeline.metal.values import (
    AnyFact,
    Arisen,
    Arrived,
    Assay,
    Departed,
    Ended,
    Moisture,
    Observed,
    OwnerChanged,
    Packed,
    Sampled,
    Transformed,
    Weighing,
)


def follow(books: Follower, fact: AnyFact) -> None:
    """Apply one fact; facts come in order of time, those of one instant in ledger order."""
    if fact.seq != books.graph.seq:
        books.acts = {}
        if books.journal is not None:
            books.journal.events[fact.seq] = fact.event
    books.graph.instant(fact.at, fact.known, fact.seq)
    match fact:
        case Weighing():
            weighed(books, fact)
        case Assay() | Moisture():
            determined(books, fact)
        case Arisen():
            arisen(books, fact)
        case Departed():
            departed(books, fact)
        case Arrived():
            arrived(books, fact)
        case Transformed():
            transformed(books, fact)
        case Packed():
            packed(books, fact)
        case OwnerChanged():
            owner_changed(books, fact)
        case Ended():
            ended(books, fact)
        case Observed():
            observed(books, fact)
        case Sampled():
            # A sample says that somebody will know more, and nothing yet about the metal.
            target_of(books, fact.lot, fact.place, fact)
        case _ as unreachable:
            assert_never(unreachable)


def unsettled(books: Follower) -> list[Finding]:
    """What stands open as the books are now: nothing here is final, so nothing is added to the books."""
    found: list[Finding] = []
    graph = books.graph
    for lot, (event, _) in books.credit.items():
        if graph.of_lot(lot, "made_seq") == NO_ENTRY:
            code, sentence = "metal.lot_without_origin", "is in use, and no event says how it arose."
        else:
            code, sentence = "metal.used_before_made", "was in use before the event in which it arose."
        found.append(Finding(code=code, sentence=f"Lot {graph.text(lot)} {sentence}", weight="note", events=(event,)))
    for transits in books.where.roads.values():
        for transit in transits:
            if transit.order >= 0:
                found += judged(books, transit)
            else:
                sentence = f"Lot {graph.text(transit.lot)} left, and no event says that it arrived."
                found.append(
                    Finding(
                        code="metal.shipment_not_received", sentence=sentence, weight="note", events=(transit.event,)
                    )
                )
    for process in books.processes.values():
        if not process.store and not process.done and process.name >= 0:
            side = "outputs" if process.inputs else "inputs"
            found.append(
                Finding(
                    code="metal.process_open",
                    sentence=f"Process {graph.text(process.name)} has no {side} so far.",
                    weight="note",
                    events=(process.event,),
                )
            )
    return found
