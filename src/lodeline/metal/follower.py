"""Each fact, applied to what is held: the parts that all kinds of fact share. One pass makes flows and facts alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal

import msgspec

from lodeline.errors import Finding
from lodeline.metal.belief import Belief, at_least, computed, declared, difference, flat, shared, together
from lodeline.metal.drying import on_basis_of
from lodeline.metal.flows.graph import Graph
from lodeline.metal.flows.words import BASIS, NO_ENTRY, NO_NAME, OUTSIDE, QUANTITY
from lodeline.metal.journal import Journal
from lodeline.metal.live import Held, Known, Process, Transit
from lodeline.metal.values import Assay, Fact, Moisture, Portion
from lodeline.metal.whereabouts import Whereabouts

Weight = Literal["certain", "strong", "weak", "note"]


class Matching(msgspec.Struct, frozen=True):
    """What a policy and the master data say about the following of movements; nothing of it has a default in code.

    Attributes:
        transit_tolerance: kg per kg sent by which what arrives may differ without a finding; None: any difference is
            one.
        window_days: How long after a departure a receipt that names no papers may be its; None: without limit.
        within: The larger place that each place is a part of.
    """

    transit_tolerance: Decimal | None = None
    window_days: Decimal | None = None
    within: Mapping[str, str] = msgspec.field(default_factory=dict)


UNCOUNTED = -1
"""The flow of an act that was not counted, which has none."""


class Act(msgspec.Struct):
    """What the event at hand has just done to a lot: what it measures, it measures of this.

    Attributes:
        flow: The flow that was moved.
        held: The holding that came of it, if any. before: what that held already, where it was merged.
        rest: The holding it was taken from, if some remains. whole: what that held.
        transit: The consignment, of a shipment or a receipt; arrived: what of it had arrived before.
        receipt: Whether it arrived.
    """

    flow: int
    held: Held | None = None
    before: Belief | None = None
    rest: Held | None = None
    whole: Belief | None = None
    transit: Transit | None = None
    arrived: Belief | None = None
    receipt: bool = False


class Follower:
    """What is held now, the flows so far, and what was found.

    Args:
        matching: What the policy says about movements.
        journal: Keeps what the report reads; None where only flows are wanted.
    """

    def __init__(self, matching: Matching = Matching(), journal: Journal | None = None) -> None:  # noqa: B008
        self.matching = matching
        self.journal = journal
        self.graph = Graph()
        self.where = Whereabouts()
        self.processes: dict[int, Process] = {}
        self.stores: dict[int, dict[int, None]] = {}  # by place: names of the stores that have stood there
        self.findings: list[Finding] = []
        self.credit: dict[int, tuple[str, int]] = {}  # lots in use that no event has made: by which event, seq
        self.acts: dict[int, Act | None] = {}

    def report(
        self, code: str, sentence: str, fact: Fact, *, weight: Weight = "certain", others: Iterable[str] = ()
    ) -> None:
        """Add a finding that rests on this fact's event, and on others."""
        events = tuple(dict.fromkeys((fact.event, *others)))
        self.findings.append(Finding(code=code, sentence=sentence, weight=weight, events=events))

    def event_of(self, seq: int) -> tuple[str, ...]:
        """The hash id of an entry, where facts are kept."""
        return () if self.journal is None or seq == NO_ENTRY else (self.journal.events[seq],)

    def acted(self, lot: int, act: Act) -> None:
        """The event at hand did this; of a lot in several pieces, a measurement could be of any."""
        self.acts[lot] = None if lot in self.acts else act

    # Lots and holdings

    def known_lot(self, lot: int, fact: Fact, place: int, owner: int) -> bool:
        """Whether there is anything of a lot. One that no event has brought in is taken to be where it is found."""
        if self.graph.lot_rows[lot] < 0:
            self.graph.lot(lot, place)
            self.credit[lot] = (fact.event, fact.seq)
            self.enters(lot, place, owner, Belief(None, None, None, "unknown"), fact)
            return True
        if self.where.alive.get(lot, 0):
            return True
        ended = self.event_of(self.graph.of_lot(lot, "ended_seq"))
        self.report(
            "metal.act_after_end",
            f"Lot {self.graph.text(lot)} is used after nothing of it is left in the book.",
            fact,
            others=ended,
        )
        return False

    def held_at(self, lot: int, place: int | None) -> list[Held]:
        """The holdings of a lot at a place; else in a part of it or in what it is a part of; else where nobody said."""
        found = self.where.held(lot, place)
        if not found and place is not None and self.matching.within:
            found = [one for one in self.where.held(lot) if self.one_in_other(one.place, place)]
        return found or self.where.held(lot, NO_NAME)

    def one_in_other(self, one: int, other: int) -> bool:
        """Whether two places are the same, or one is a part of the other, by the master data."""
        names = self.graph.text(one), self.graph.text(other)
        if one == other or None in names:
            return one == other
        return names[0] in self._around(names[1]) or names[1] in self._around(names[0])

    def _around(self, place: str | None) -> dict[str, None]:
        """What a place is a part of, the nearest first; places that are in each other are in nothing else."""
        found: dict[str, None] = {}
        while place is not None and (place := self.matching.within.get(place)) is not None and place not in found:
            found[place] = None
        return found

    def measured_holding(self, lot: int, place: int | None, fact: Fact, owner: int) -> Held | Transit | None:
        """The holding, or the consignment, that a measurement is of; None, and a finding, if that cannot be told."""
        if not self.known_lot(lot, fact, NO_NAME if place is None else place, owner):
            return None
        here = self.held_at(lot, place)
        if len(here) > 1 and owner != NO_NAME:
            here = [held for held in here if held.owner == owner] or here
        if len(here) == 1:
            return here[0]
        if not here:
            roads = self.open_roads(lot)
            if len(roads) == 1:
                return roads[0]
            self._not_here(lot, place, fact)
            # A laboratory has a sample: what it finds is of the lot, wherever the lot lies, if that is one place.
            resting = self.where.held(lot) if isinstance(fact, (Assay, Moisture)) and not roads else []
            return resting[0] if len(resting) == 1 else None
        self.ambiguous(lot, len(here), fact)
        return None

    def store_at(self, place: int) -> list[Process]:
        """The stores at a place that hold anything, as far as the books know."""
        found = [self.processes[name] for name in self.stores.get(place, ())]
        places = self.graph.nodes.columns["place"]
        return [one for one in found if one.flow >= 0 and places[one.node] == place and one.stock.kg != 0]

    def moved_holdings(self, portion: Portion, place: int | None, fact: Fact, owner: int) -> list[Held]:
        """The holdings that an act on a portion moves; none, and a finding, if that cannot be told.

        A lot without quantity moves as a whole, in however many holdings it lies there.
        """
        lot = self.graph.name(portion.lot)
        if not self.known_lot(lot, fact, NO_NAME if place is None else place, owner):
            return []
        here = self.held_at(lot, place)
        if not here:
            return self._from_elsewhere(lot, place, fact)
        if len(here) > 1 and owner != NO_NAME:
            here = [held for held in here if held.owner == owner] or here
        if len(here) > 1 and portion.kg is not None:
            here = [held for held in here if held.container == NO_NAME] or here
        if len(here) == 1:
            return here
        one_owner = len({(held.place, held.owner) for held in here}) == 1
        if one_owner and ((portion.kg is None and portion.count is None) or self._all_of(here, portion)):
            return here
        self.ambiguous(lot, len(here), fact)
        return []

    def _all_of(self, here: list[Held], portion: Portion) -> bool:
        everything = here[0].mass
        for held in here[1:]:
            everything = together(everything, held.mass)
        return everything.kg is not None and (everything.kg, everything.basis) == (portion.kg, portion.basis)

    def _from_elsewhere(self, lot: int, place: int | None, fact: Fact) -> list[Held]:
        roads, resting = self.open_roads(lot), self.where.held(lot)
        bound = [one for one in roads if one.bound_for == NO_NAME or self._bound(one, place)]
        bound = bound or ([] if resting else roads)
        if len(bound) == 1:
            from lodeline.metal.road import arrives_unseen

            self.report(
                "metal.receipt_missing",
                f"Lot {self.graph.text(lot)} is used while it is on the road, and no event says that it arrived.",
                fact,
                others=[event for event in (bound[0].event,) if event],
            )
            return [arrives_unseen(self, bound[0], NO_NAME if place is None else place, fact)]
        self._not_here(lot, place, fact)
        return resting if len(resting) == 1 else []

    def _bound(self, transit: Transit, place: int | None) -> bool:
        return place is not None and self.one_in_other(transit.bound_for, place)

    def open_roads(self, lot: int) -> list[Transit]:
        """Consignments of a lot on the road."""
        return [transit for transit in self.where.roads.get(lot, ()) if transit.order < 0]

    def _not_here(self, lot: int, place: int | None, fact: Fact) -> None:
        where = "where the event says" if place is None else f"than {self.graph.text(place)}, where the event finds it"
        self.report("metal.not_at_place", f"Lot {self.graph.text(lot)} is booked elsewhere {where}.", fact)

    def ambiguous(self, lot: int, count: int, fact: Fact) -> None:
        """Report that a lot is held in several holdings, and which one is meant cannot be told."""
        self.report(
            "metal.holding_ambiguous",
            f"Lot {self.graph.text(lot)} is held in {count} holdings, and which one the event is about cannot be told.",
            fact,
        )

    # States

    def state(self, lot: int, place: int, owner: int, container: int = NO_NAME) -> tuple[int, Held | None]:
        """A new state of a holding, and what was held there already, which flows into it."""
        node = self.graph.node("holding", lot=lot, place=place, owner=owner)
        existing = self.where.at(lot, place, owner, container)
        if existing is not None:
            self.graph.ends(existing.flow, node, "stock", at_rest=True)
        return node, existing

    def settles(self, node: int, existing: Held | None, new: Held, incoming: int) -> Held:
        """What has come into a state is held there, together with what was.

        Args:
            new: What came, as a holding of its own, not yet in the books; its water is that of the incoming flow.
            incoming: The flow it came by.
        """
        graph = self.graph
        if existing is None:
            new.node, new.road = node, -1
            new.flow = graph.flow(node, new.lot, new.mass, own=False, inherits=incoming, water_of=new.water)
            new.mass_row = -1
            self.where.add(new)
            return new
        existing.mass = together(existing.mass, new.mass)
        existing.node, existing.mass_row, existing.water, existing.road = node, -1, -1, -1
        alike = existing.known == new.known
        existing.flow = graph.flow(node, new.lot, existing.mass, own=False, inherits=existing.flow if alike else -1)
        if not alike:
            existing.known = self._copied(existing, new)
        existing.count = None if existing.count is None or new.count is None else existing.count + new.count
        existing.gross = existing.tare = None
        existing.holder = new.holder if new.holder != NO_NAME else existing.holder
        existing.through = merged(existing.through, new.through)
        existing.events = (existing.events, new.events)
        return existing

    def _copied(self, existing: Held, new: Held) -> Known:
        """What was determined of either part holds for the lot; the water of neither is the water of both."""
        # A copy has a later row than what was determined after its original: the time they keep tells them apart.
        at, seq = (self.graph.measurements.columns[name] for name in ("at", "seq"))
        rows = sorted({*existing.known.values(), *new.known.values()}, key=lambda row: (at[row], seq[row], row))
        known: Known = {}
        for row in rows:
            kind = self.kind_of(row)
            if not is_wet(kind):
                known[kind] = self.graph.copied(row, existing.flow)
                if self.journal is not None:
                    self.journal.copied(row, known[kind], existing.flow)
        return known

    def kind_of(self, row: int) -> int:
        """Of which kind a determination is: quantity, species, rank and basis in one number."""
        columns = self.graph.measurements.columns
        species: int = columns["species"][row] + 1
        moisture: bool = columns["quantity"][row] == QUANTITY["moisture"]
        rank: int = columns["rank"][row]
        basis: int = columns["basis"][row]
        return ((species << 2 | rank) << 2 | basis) << 1 | moisture

    def enters(self, lot: int, place: int, owner: int, mass: Belief, fact: Fact, count: Decimal | None = None) -> Held:
        """Metal comes from outside into a new state of a holding."""
        node, existing = self.state(lot, place, owner)
        incoming = self.graph.flow(OUTSIDE, lot, mass, own=True, head=node, kind="arising")
        self.states(incoming, mass, count, chosen=True)
        new = Held(
            lot=lot,
            place=place,
            owner=owner,
            holder=NO_NAME,
            node=node,
            flow=-1,
            mass=mass,
            count=count,
            events=self.touched(fact),
        )
        return self.settles(node, existing, new, incoming)

    def states(self, flow: int, mass: Belief, count: Decimal | None, *, chosen: bool) -> int:
        """What an event declares of a flow is a measurement of it; its row, -1 if it declares no mass."""
        if count is not None:
            self.graph.counted(flow, count)
        return -1 if mass.kg is None else self.graph.declared(flow, mass, chosen=chosen)

    def weighs(self, held: Held, mass: Belief, row: int) -> None:
        """The mass of a holding is what a measurement of it says."""
        if held.mass_row >= 0 and held.mass_row != row:
            self.graph.choose(held.mass_row, False)
        held.mass, held.mass_row = mass, row
        if mass.basis == "wet":
            held.water = -1
        self.graph.weigh(held.flow, mass, own=True, water_of=held.flow if held.water < 0 else held.water)

    def touched(self, fact: Fact) -> str | tuple[()]:
        """The event, as what a holding remembers; nothing where facts are not kept."""
        return () if self.journal is None else fact.event

    def note(self, held: Held | Transit, fact: Fact) -> None:
        """Remember that an event touched this holding."""
        if self.journal is not None and held.events != fact.event:
            held.events = (held.events, fact.event)

    # Taking

    def takes(self, held: Held, portion: Portion, fact: Fact, *, declares: bool = True) -> tuple[Held, Act]:
        """The part of a holding that a fact is about, off the books, and what remains of it, on the books.

        Args:
            declares: The quantity is said of what goes; else of what came elsewhere, and is no measurement of this.
        """
        said = declared(portion, fact.event)
        if not declares and said.kg is not None:
            said = computed(said)
        left = self._remainder(held, portion, said, fact)
        self.note(held, fact)
        if left is None:
            self.where.drop(held)
            row = self.states(held.flow, said, portion.count, chosen=False) if declares else -1
            if row >= 0 and held.mass.standing != "measured":
                self.graph.choose(row, True)
                self.weighs(held, said, row)
            return held, Act(held.flow)
        return self._parted(held, portion, said if said.kg is not None else shared(held.mass, fact.event), left)

    def _remainder(self, held: Held, portion: Portion, said: Belief, fact: Fact) -> Belief | None:
        """What is left of a holding when a portion is gone; None if nothing is, or the portion is all of it."""
        name = self.graph.text(held.lot)
        if portion.kg is None:
            if portion.count is None or (held.count is None and held.mass.standing == "unknown"):
                return None
            if held.count is not None and portion.count >= held.count:
                if portion.count > held.count:
                    self._too_much(held, f"{portion.count} pieces", f"{held.count} were held", fact)
                return None
            left = shared(held.mass, fact.event)
        else:
            if held.mass.standing == "unknown" and self.graph.of_lot(held.lot, "made_seq") == NO_ENTRY:
                # A lot that is first heard of when it leaves: what leaves is all that anyone knows of it.
                return None
            left = difference(held.mass, on_basis_of(self.graph, held.mass, said, held.known))
        negative = left.kg if left.kg is not None else left.high
        if negative is not None and negative < 0:
            most = held.mass.kg if held.mass.kg is not None else held.mass.high
            self._too_much(held, f"{said.kg} kg", f"{most} kg were held: the stock would be {negative} kg", fact)
            return None
        if left.kg is None:
            taken = f"{said.kg} kg" if said.kg is not None else f"{portion.count} pieces"
            self.report(
                "metal.remainder_unknown",
                f"{taken} of lot {name} were taken, and whether anything remains is unknown: how much there was is "
                "unknown, or one mass is wet and the other dry.",
                fact,
                others=flat(held.mass.rests),
            )
        return None if left.kg == 0 else left

    def _too_much(self, held: Held, taken: str, there: str, fact: Fact) -> None:
        sentence = f"{taken} of lot {self.graph.text(held.lot)} were taken, and {there}."
        self.report("metal.more_than_held", sentence, fact, others=flat(held.mass.rests))

    def _parted(self, held: Held, portion: Portion, part: Belief, left: Belief) -> tuple[Held, Act]:
        """A state from which a part goes and the rest stays."""
        graph, whole = self.graph, held.mass
        bounded = at_least(whole, part)
        if bounded is not whole:
            graph.weigh(held.flow, bounded, own=False)
        node = graph.node("holding", lot=held.lot, place=held.place, owner=held.owner)
        graph.ends(held.flow, node, "stock", at_rest=True)
        before, water = held.flow, held.water
        taken = msgspec.structs.replace(held, node=node, mass=part, count=portion.count, mass_row=-1, water=-1, road=-1)
        taken.gross = taken.tare = None
        own = part.standing == "stated"
        # A part that is declared wet is weighed with the water it has now.
        taken.water = -1 if own and part.basis == "wet" else water
        taken.flow = graph.flow(node, held.lot, part, own=own, inherits=before, water_of=taken.water)
        row = self.states(taken.flow, part if own else Belief(None, None, None, "unknown"), portion.count, chosen=True)
        taken.mass_row = row
        held.node, held.mass, held.mass_row, held.road = node, left, -1, -1
        held.gross = held.tare = None
        held.flow = graph.flow(node, held.lot, left, own=False, inherits=before, water_of=held.water)
        if held.count is not None:
            held.count = held.count - portion.count if portion.count is not None else None
        return taken, Act(taken.flow, rest=held, whole=whole)

    def gone(self, lot: int, fact: Fact) -> None:
        """If nothing of a lot is left, it has ended."""
        if self.where.alive.get(lot, 0) == 0:
            self.graph.lots.columns["ended_seq"][self.graph.lot_rows[lot]] = fact.seq
            self.where.alive.pop(lot, None)
            from lodeline.metal.road import judged

            for transit in self.where.forget(lot):
                self.findings += judged(self, transit)


def is_wet(kind: int) -> bool:
    """Whether a determination is a moisture, or per wet mass: it holds for the water there was, and no other."""
    return kind >> 1 & 3 == BASIS["wet"]


def dry_only(known: Known) -> Known:
    """The determinations that hold whatever the water is."""
    kept = {kind: row for kind, row in known.items() if not is_wet(kind)}
    return known if len(kept) == len(known) else kept


MOST_THROUGH = 16
ANY = -1
"""Stands for every process: a lot that came through more than are worth remembering."""


def merged(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Both lists of processes, or :data:`ANY` where they are too many."""
    if not b or a == b:
        return a
    both = tuple(sorted({*a, *b}))
    return both if len(both) <= MOST_THROUGH else (ANY,)
