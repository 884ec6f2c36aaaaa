"""What the events of a book say about metal: facts, flows, what is held where, and what does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from lodeline.errors import Finding
from lodeline.metal.belief import flat, mass_of
from lodeline.metal.flows.words import FLOW
from lodeline.metal.follower import Matching
from lodeline.metal.holdings import Holding
from lodeline.metal.interpret import interpret
from lodeline.metal.journal import Journal
from lodeline.metal.live import Held, Transit
from lodeline.metal.lots import Lot, lots_of
from lodeline.metal.movements import Movement
from lodeline.metal.ranking import RANKING, Ranking
from lodeline.metal.registered import Master, elements_of, latest, unregistered, within
from lodeline.metal.values import AnyFact, Assay, Moisture, Registered, Sampled, Seen, Transformed, Weighing

if TYPE_CHECKING:
    from lodeline.metal.flows.builder import FlowBuilder
    from lodeline.metal.flows.flows import Flows


class Facts(msgspec.Struct, frozen=True, kw_only=True, dict=True):
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
        builder: What followed the events; :attr:`flows` asks it.
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
    builder: FlowBuilder

    @cached_property
    def flows(self) -> Flows:
        """The same events as nodes, flows and measurements."""
        return self.builder.finish()


def facts(
    events: Iterable[Seen],
    master: Iterable[Registered],
    *,
    ranking: Ranking = RANKING,
    matching: Matching = Matching(),  # noqa: B008
    supposed: Callable[[AnyFact], AnyFact] | None = None,
) -> Facts:
    """Read events into facts and follow them, once, to flows and to what is held where.

    Args:
        events: Decoded, those withdrawn left out. They are put in order of time here; of one instant, in ledger order.
        master: The master data, in ledger order.
        ranking: Which of several determinations counts.
        matching: What a policy says about movements.
        supposed: Puts what a policy supposes into a fact that does not say it (`lodeline.metal.supposed`).
    """
    from lodeline.metal.flows.builder import FlowBuilder

    stated: list[AnyFact] = []
    findings: list[Finding] = []
    for seen in events:
        of_event, found = interpret(seen)
        stated += of_event if supposed is None else map(supposed, of_event)
        findings += found
    # The sort is stable: the facts of one event keep the order in which they take effect.
    stated.sort(key=lambda fact: (fact.at, fact.seq))
    journal = Journal()
    known = latest(master)
    following = msgspec.structs.replace(matching, within=within(known))
    builder = FlowBuilder(ranking=ranking, matching=following, journal=journal)
    builder.feed(stated)
    findings += builder.findings
    findings += unregistered(stated, known)
    return Facts(
        lots=lots_of(builder.books),
        holdings=_Holdings(builder, known).all(),
        weighings=tuple(fact for fact in stated if isinstance(fact, Weighing)),
        assays=tuple(fact for fact in stated if isinstance(fact, Assay)),
        moistures=tuple(fact for fact in stated if isinstance(fact, Moisture)),
        samples=tuple(fact for fact in stated if isinstance(fact, Sampled)),
        transformations=tuple(fact for fact in stated if isinstance(fact, Transformed)),
        movements=tuple(journal.movements),
        findings=tuple(findings),
        builder=builder,
    )


class _Holdings:
    """What is live at the end, as holdings."""

    def __init__(self, builder: FlowBuilder, master: Master) -> None:
        self._books = builder.books
        self._ranking = builder.ranking
        self._master = master
        self._flows = builder.books.graph.flows.columns
        self._passing: dict[int, tuple[Assay | Moisture, ...]] = {}
        self._staying: dict[int, tuple[Assay | Moisture, ...]] = {}

    def all(self) -> tuple[Holding, ...]:
        """Holdings in order of their lots; of one lot those at rest first."""
        where = self._books.where
        found: list[Held | Transit] = []
        for lot in self._books.graph.lots.columns["lot"]:
            found += where.held(lot)
            found += [transit for transit in where.roads.get(lot, ()) if transit.order < 0]
        return tuple(self._holding(one) for one in found)

    def _holding(self, one: Held | Transit) -> Holding:
        graph = self._books.graph
        text = graph.text
        material = text(graph.of_lot(one.lot, "material"))
        determined = self._determined(one.flow)
        assays = tuple(fact for fact in determined if isinstance(fact, Assay))
        wanted = elements_of(self._master, material) + tuple(assay.species.symbol for assay in assays)
        common: dict[str, Any] = {
            "lot": text(one.lot),
            "owner": text(one.owner),
            "material": material,
            "elements": tuple(dict.fromkeys(wanted)),
            "count": None if one.count is None else f"{one.count:f}",
            "moistures": tuple(fact for fact in determined if isinstance(fact, Moisture)),
            "assays": assays,
            "container": text(one.container),
            "events": flat(one.events),
            "ranks": self._ranking.order(),
        }
        if isinstance(one, Held):
            return Holding(place=text(one.place), holder=text(one.holder), mass=mass_of(one.mass), **common)
        movement = self._movement(one)
        return Holding(
            place=None,
            holder=None,
            mass=mass_of(one.weighed or one.sent),
            in_transit=True,
            bound_for=text(one.bound_for),
            left_at=None if movement is None or movement.left_at is None else movement.left_at.isoformat(),
            left_known=None if movement is None else movement.left_known,
            **common,
        )

    def _movement(self, transit: Transit) -> Movement | None:
        journal = self._books.journal
        return None if journal is None or transit.movement < 0 else journal.movements[transit.movement]

    def _determined(self, flow: int) -> list[Assay | Moisture]:
        """What was determined of a flow or of those it has its composition from, in order of time."""
        water = self._flows["water_of"][flow]
        found = [*self._chain(flow, self._passing, wet=False), *self._chain(water, self._staying, wet=True)]
        return sorted(found, key=lambda fact: (fact.at, fact.seq))

    def _chain(
        self, flow: int, kept: dict[int, tuple[Assay | Moisture, ...]], *, wet: bool
    ) -> tuple[Assay | Moisture, ...]:
        journal = self._books.journal
        assert journal is not None
        chain: list[int] = []
        at = flow
        while at >= 0 and at not in kept:
            chain.append(at)
            road = wet and self._flows["kind"][at] == FLOW["receive"]
            at = -1 if road else self._flows["inherits"][at]
        found = kept.get(at, ())
        for one in reversed(chain):
            own = tuple(fact for fact in journal.determined.get(one, ()) if _is_wet(fact) == wet)
            found = kept[one] = found + own if own else found
        return found


def _is_wet(fact: Assay | Moisture) -> bool:
    return isinstance(fact, Moisture) or fact.basis == "wet"
