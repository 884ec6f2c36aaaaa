"""Each fact, applied to what is held: one function a kind of fact."""

from __future__ import annotations

from typing import TypeVar, assert_never

import msgspec

from lodeline.metal.mass import declared, difference, net_of, together
from lodeline.metal.movements import Movement, arrived_at, awaited, closed, consignment, opened, unannounced
from lodeline.metal.stock import Held, Lot, Stock
from lodeline.metal.values import (
    AnyFact,
    Arisen,
    Arrived,
    Assay,
    Departed,
    Ended,
    Fact,
    Mass,
    Moisture,
    Moved,
    OwnerChanged,
    Packed,
    Portion,
    Sampled,
    Transformed,
    Weighing,
)

INHERITED = ("stage", "country", "material", "deposit", "scrap_source", "permit")
"""What a part of a split lot has from the whole, besides its composition."""

Determination = TypeVar("Determination", Assay, Moisture)


class Follower:
    """Applies facts in the order of time to a stock, and keeps the movements."""

    def __init__(self) -> None:
        self.stock = Stock()
        self.movements: list[Movement] = []
        self._departures: dict[int, Departed] = {}  # number of a movement that is open -> how it left
        self._receipts: dict[tuple[str, str], int] = {}  # event and lot of a receipt -> number of its movement
        self._arrivals: dict[tuple[str, str], str] = {}  # lot and paper it arrived under -> event of the receipt
        self._processes: dict[str, tuple[str, ...]] = {}  # transformationID -> lots that went in

    def follow(self, fact: AnyFact) -> None:
        """Apply one fact; facts come in order of time, those of one instant in ledger order."""
        match fact:
            case Arisen():
                self._arisen(fact)
            case Ended():
                self._ended(fact)
            case Weighing():
                self._weighed(fact)
            case Assay() | Moisture():
                self._determined(fact)
            case Sampled():
                # A sample says that somebody will know more, and nothing yet about the metal.
                self.stock.one(fact.lot, fact.place, fact)
            case Transformed():
                self._transformed(fact)
            case Packed():
                self._packed(fact)
            case Departed():
                self._departed(fact)
            case Arrived():
                self._arrived(fact)
            case OwnerChanged():
                self._owner_changed(fact)
            case _ as unreachable:
                assert_never(unreachable)

    def close(self) -> None:
        """At the end: what left and did not arrive."""
        for number, departed in self._departures.items():
            self.stock.report(
                "metal.shipment_not_received",
                f"Lot {self.movements[number].lot} left, and no event says that it arrived.",
                departed,
                weight="note",
            )

    def _arisen(self, fact: Arisen) -> None:
        for portion in fact.portions:
            known = self.stock.lots.get(portion.lot)
            self.stock.make(portion, fact, fact)
            if known is None or known.made_by is None:
                self.stock.add(_new(portion, fact, fact.owner))

    def _ended(self, fact: Ended) -> None:
        for portion in fact.portions:
            held = self.stock.one(portion.lot, fact.place, fact, moves=True)
            if held is not None:
                self._taken(held, portion, fact)

    def _weighed(self, fact: Weighing) -> None:
        held = self.stock.one(fact.lot, fact.place, fact)
        if held is None:
            return
        held.note(fact.event)
        net = net_of(fact)
        if net is None:
            held.gross, held.tare = fact.gross or held.gross, fact.tare or held.tare
            if held.gross is not None and held.tare is not None:
                net, held.gross, held.tare = difference(held.gross, held.tare, standing_measured=True), None, None
        if net is None:
            self.stock.report(
                "metal.weighing_half",
                f"Lot {fact.lot} was weighed gross or tare alone; its net mass needs the other.",
                fact,
                weight="note",
            )
        elif fact.stocktake and held.mass.kg is not None:
            # A count never resets the books; what differs is for a person to judge.
            if (held.mass.kg, held.mass.basis) != (net.kg, net.basis):
                self.stock.report(
                    "metal.stocktake_differs",
                    f"Lot {fact.lot} was counted at {net.kg} kg ({net.basis or 'basis not said'}), and the book holds "
                    f"{held.mass.kg} kg ({held.mass.basis or 'basis not said'}).",
                    fact,
                    weight="strong",
                    others=held.mass.rests_on,
                )
        else:
            held.mass = net
            self._weighed_on_receipt(fact, net)

    def _weighed_on_receipt(self, fact: Weighing, net: Mass) -> None:
        """What a receipt weighs is the mass at that end of its movement."""
        number = self._receipts.get((fact.event, fact.lot))
        if number is not None:
            self.movements[number] = msgspec.structs.replace(self.movements[number], received=net)

    def _determined(self, fact: Assay | Moisture) -> None:
        held = self.stock.one(fact.lot, fact.place, fact)
        if held is None:
            return
        held.note(fact.event)
        if isinstance(fact, Moisture):
            held.moistures += (fact,)
            return
        for earlier in held.assays:
            alike = (earlier.species, earlier.rank, earlier.basis) == (fact.species, fact.rank, fact.basis)
            if alike and (earlier.fraction, earlier.high) != (fact.fraction, fact.high):
                self.stock.report(
                    "metal.several_assays",
                    f"Lot {fact.lot} has two {fact.rank or 'unranked'} assays of {fact.species.formula} that differ; "
                    "the later one is shown.",
                    fact,
                    weight="note",
                    others=(earlier.event,),
                )
                break
        held.assays += (fact,)

    def _transformed(self, fact: Transformed) -> None:
        taken: list[Held] = []
        for portion in fact.inputs:
            held = self.stock.one(portion.lot, fact.place, fact, moves=True)
            if held is not None:
                taken.append(self._taken(held, portion, fact))
        parents = tuple(portion.lot for portion in fact.inputs)
        if fact.transformation_id is not None:
            # What came out of a pile or a furnace came from everything that had gone in by then.
            before = self._processes.get(fact.transformation_id, ())
            parents = self._processes[fact.transformation_id] = tuple(dict.fromkeys(before + parents))
        owners = {held.owner for held in taken}
        owner = owners.pop() if len(owners) == 1 else None
        for portion in fact.outputs:
            self.stock.make(portion, fact, fact.made, parents)
            made = self.stock.add(_new(portion, fact, (fact.made and fact.made.owner) or owner))
            if fact.process == "split" and len(taken) == 1:
                made.assays, made.moistures = taken[0].assays, taken[0].moistures
                self._like_its_parent(portion.lot, taken[0].lot, fact)

    def _like_its_parent(self, lot: str, parent: str, fact: Transformed) -> None:
        """A part of a lot is the same material from the same place, unless the event says otherwise."""
        part, whole = self.stock.lots[lot], self.stock.lots[parent]
        if part.made_by == fact.event:
            kept = {field: getattr(part, field) or getattr(whole, field) for field in INHERITED}
            self.stock.lots[lot] = msgspec.structs.replace(part, **kept)

    def _packed(self, fact: Packed) -> None:
        for portion in fact.portions:
            held = self.stock.one(portion.lot, fact.place, fact, moves=True)
            if held is None:
                continue
            if fact.out:
                inside = self.stock.contents.get(fact.container, [])
                self.stock.contents[fact.container] = [one for one in inside if one is not held]
                held.container = None
            else:
                part = self._part(held, portion, fact)
                part.container = fact.container
                self.stock.contents.setdefault(fact.container, []).append(part)

    def _departed(self, fact: Departed) -> None:
        place = fact.source.place or fact.place
        for part in self._each(fact, place):
            part.movement = len(self.movements)
            self._departures[part.movement] = fact
            self.movements.append(opened(part, fact))
            part.departed, part.place, part.holder = fact, None, None

    def _arrived(self, fact: Arrived) -> None:
        ends = arrived_at(fact)
        named = [(portion.lot, portion) for portion in fact.portions]
        for container in fact.containers:
            inside = self.stock.contents.get(container)
            lots = [container] if inside is None else [held.lot for held in inside]
            named += [(lot, Portion(lot=lot)) for lot in lots]
        for lot, portion in named:
            held, matched_by = awaited(self.stock, lot, fact)
            if matched_by == "ambiguous":
                continue
            if held is None:
                held = self._unannounced(lot, fact)
            else:
                self._close_movement(held, fact, matched_by)
            held.departed, held.movement, held.place = None, None, ends.place
            held.holder = ends.holder
            held.owner = ends.owner or held.owner
            held.note(fact.event)
            if portion.kg is not None:
                number, said = self._receipts[fact.event, lot], declared(portion, fact.event)
                self.movements[number] = msgspec.structs.replace(self.movements[number], received=said)
                held.mass = held.mass if held.mass.standing == "measured" else said
            self._merge(held)

    def _close_movement(self, held: Held, fact: Arrived, matched_by: str | None) -> None:
        if held.movement is not None and matched_by is not None:
            del self._departures[held.movement]
            self._receipts[fact.event, held.lot] = held.movement
            done = self.movements[held.movement] = closed(self.movements[held.movement], fact, matched_by)
            self._arrivals |= {(held.lot, paper): fact.event for paper in done.bill_of_lading}

    def _merge(self, held: Held) -> None:
        """A lot that comes to where the same owner holds more of it is one holding with it."""
        for other in self.stock.held[held.lot]:
            same = (other.place, other.owner, other.container) == (held.place, held.owner, held.container)
            if other is held or other.departed is not None or held.place is None or not same:
                continue
            held.mass = together(other.mass, held.mass)
            held.assays = _by_time({*other.assays, *held.assays})
            held.moistures = _by_time({*other.moistures, *held.moistures})
            held.events = tuple(dict.fromkeys(other.events + held.events))
            self.stock.drop(other)
            return

    def _owner_changed(self, fact: OwnerChanged) -> None:
        for part in self._each(fact, fact.place):
            part.owner = fact.destination.owner
            part.holder = fact.destination.holder or part.holder
            self._merge(part)

    def _unannounced(self, lot: str, fact: Arrived) -> Held:
        """A receipt without shipment: the lot is taken from the one place where it is booked, or arises here."""
        papers = consignment(fact)
        before = [self._arrivals[lot, paper] for paper in papers if (lot, paper) in self._arrivals]
        if before:
            # One consignment may come in several loads, or one receipt may be booked twice: the papers do not tell.
            self.stock.report(
                "metal.received_again",
                f"Lot {lot} arrived under papers under which it had arrived already; both receipts are counted, "
                "so what is held may be too much.",
                fact,
                weight="strong",
                others=before,
            )
        else:
            self.stock.report(
                "metal.receipt_without_shipment", f"Lot {lot} arrived, and no event says that it had left.", fact
            )
        self._arrivals |= {(lot, paper): fact.event for paper in papers}
        self._receipts[fact.event, lot] = len(self.movements)
        self.movements.append(unannounced(lot, fact))
        everywhere = [held for held in self.stock.held.get(lot, []) if held.departed is None]
        if len(everywhere) == 1:
            return everywhere[0]
        if lot not in self.stock.lots:
            return self.stock.one(lot, None, fact) or self.stock.add(_new(Portion(lot=lot), fact, None))
        return self.stock.add(_new(Portion(lot=lot), fact, None))

    def _each(self, fact: Moved, place: str | None) -> list[Held]:
        """The holdings, or parts of them, that a movement is about, containers opened."""
        parts: list[Held] = []
        for portion in fact.portions:
            held = self.stock.one(portion.lot, place, fact, owner=fact.source.owner, moves=True)
            if held is not None:
                parts.append(self._part(held, portion, fact))
        for container in fact.containers:
            inside = self.stock.contents.get(container)
            if inside is None:
                held = self.stock.one(container, place, fact, owner=fact.source.owner, moves=True)
                parts += [] if held is None else [held]
            else:
                parts += inside
        for part in parts:
            part.note(fact.event)
        return parts

    def _part(self, held: Held, portion: Portion, fact: Fact) -> Held:
        """The part of a holding that a fact is about: all of it, or a new holding with what remains left behind."""
        if portion.kg is None:
            return held
        part = declared(portion, fact.event)
        if held.mass.standing == "unknown" and self.stock.lots[held.lot].made_by is None:
            # A lot that is first heard of when it leaves: what leaves is all that anyone knows of it.
            held.mass = part
            return held
        left = difference(held.mass, part)
        if left.kg is None:
            self.stock.report(
                "metal.remainder_unknown",
                f"{part.kg} kg of lot {held.lot} were taken, and whether anything remains is unknown: how much there "
                "was is unknown, or one mass is wet and the other dry.",
                fact,
                others=held.mass.rests_on,
            )
        elif left.kg <= 0:
            if left.kg < 0:
                self.stock.report(
                    "metal.more_than_held",
                    f"{part.kg} kg of lot {held.lot} were taken, and {held.mass.kg} kg were held: "
                    f"the stock would be {left.kg} kg.",
                    fact,
                    others=held.mass.rests_on,
                )
            return held
        taken = Held(
            lot=held.lot,
            place=held.place,
            owner=held.owner,
            holder=held.holder,
            mass=part,
            moistures=held.moistures,
            assays=held.assays,
            events=held.events,
        )
        held.mass = left
        held.note(fact.event)
        return self.stock.add(taken)

    def _taken(self, held: Held, portion: Portion, fact: Fact) -> Held:
        """The part of a holding that leaves the book, or goes into a process; the lot ends with its last holding."""
        part = self._part(held, portion, fact)
        self.stock.drop(part)
        if not self.stock.held[part.lot]:
            lot = self.stock.lots[part.lot]
            self.stock.lots[part.lot] = _ended(lot, fact.event)
        return part


def _new(portion: Portion, fact: Fact, owner: str | None) -> Held:
    """A holding of a lot that arises, as the event declares it."""
    return Held(
        lot=portion.lot,
        place=fact.place,
        owner=owner,
        holder=None,
        mass=declared(portion, fact.event),
        count=None if portion.count is None else f"{portion.count:f}",
        events=(fact.event,),
    )


def _ended(lot: Lot, event: str) -> Lot:
    return msgspec.structs.replace(lot, ended_by=event)


def _by_time(found: set[Determination]) -> tuple[Determination, ...]:
    return tuple(sorted(found, key=lambda one: (one.at, one.seq)))
