"""What the events of a book say about metal: facts, what is held where, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lodeline.errors import Finding
from lodeline.metal.follow import Follower
from lodeline.metal.holdings import Holding
from lodeline.metal.interpret import interpret
from lodeline.metal.movements import Movement
from lodeline.metal.registered import Master, elements_of, latest, unregistered
from lodeline.metal.stock import Held, Lot, Stock
from lodeline.metal.values import AnyFact, Assay, Moisture, Registered, Sampled, Seen, Transformed, Weighing


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What events say about metal, in order of time.

    Attributes:
        lots: Every lot any event names, in order of first mention.
        holdings: What is held where, as of the last event; what is on the road included.
        weighings: Every weighing and stock-take.
        assays, moistures: Every determination.
        samples: Every sampling.
        transformations: Every split, blend and process.
        movements: Every lot that left or arrived.
        findings: What was not understood, and what does not fit.
    """

    lots: tuple[Lot, ...]
    holdings: tuple[Holding, ...]
    weighings: tuple[Weighing, ...]
    assays: tuple[Assay, ...]
    moistures: tuple[Moisture, ...]
    samples: tuple[Sampled, ...]
    transformations: tuple[Transformed, ...]
    movements: tuple[Movement, ...]
    findings: tuple[Finding, ...]


def facts(events: Iterable[Seen], master: Iterable[Registered]) -> Facts:
    """Read events into facts and follow them to what is held where.

    Args:
        events: Decoded, those withdrawn left out. They are put in order of time here; of one instant, in ledger order.
        master: The master data, in ledger order.
    """
    stated: list[AnyFact] = []
    findings: list[Finding] = []
    for seen in events:
        of_event, found = interpret(seen)
        stated += of_event
        findings += found
    # The sort is stable: the facts of one event keep the order in which they take effect.
    stated.sort(key=lambda fact: (fact.at, fact.seq))
    follower = Follower()
    for fact in stated:
        follower.follow(fact)
    follower.close()
    known = latest(master)
    findings += follower.stock.findings
    findings += unregistered(stated, known)
    return Facts(
        lots=tuple(follower.stock.lots.values()),
        holdings=_holdings(follower.stock, known),
        weighings=tuple(fact for fact in stated if isinstance(fact, Weighing)),
        assays=tuple(fact for fact in stated if isinstance(fact, Assay)),
        moistures=tuple(fact for fact in stated if isinstance(fact, Moisture)),
        samples=tuple(fact for fact in stated if isinstance(fact, Sampled)),
        transformations=tuple(fact for fact in stated if isinstance(fact, Transformed)),
        movements=tuple(follower.movements),
        findings=tuple(findings),
    )


def _holdings(stock: Stock, master: Master) -> tuple[Holding, ...]:
    return tuple(_holding(held, stock.lots[lot], master) for lot, holdings in stock.held.items() for held in holdings)


def _holding(held: Held, lot: Lot, master: Master) -> Holding:
    wanted = elements_of(master, lot.material) + tuple(assay.species.symbol for assay in held.assays)
    departed = held.departed
    return Holding(
        lot=held.lot,
        place=held.place,
        owner=held.owner,
        holder=held.holder,
        material=lot.material,
        elements=tuple(dict.fromkeys(wanted)),
        mass=held.mass,
        count=held.count,
        moistures=held.moistures,
        assays=held.assays,
        in_transit=departed is not None,
        bound_for=None if departed is None else departed.destination.place,
        left_at=None if departed is None else departed.at.isoformat(),
        left_known=None if departed is None else departed.known,
        container=held.container,
        events=held.events,
    )
