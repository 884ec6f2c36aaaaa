"""Trucks: a load leaves under a despatch advice and arrives in one, two or three parts, weighed at both ends.

Double receipts and lost consignments happen here. A sound load that was reloaded on the way arrives in parts too, so
that the number of receipts tells nothing; only their masses do.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import msgspec

from lodeline.examples.programme.chance import Chance
from lodeline.examples.programme.faults import NET_U_KG, Fault
from lodeline.examples.programme.lots import Lot
from lodeline.examples.programme.matter import MG_PER_KG, Masses, dry_mg, share
from lodeline.examples.programme.measuring import ticket
from lodeline.examples.programme.run import HOUR, Run
from lodeline.examples.programme.tables import IDS, Leg, party, tables
from lodeline.record import metal
from lodeline.record.metal import Amount, End, Event
from lodeline.units.mass import MASS_UNITS

IN_PARTS = ((0.85, 1), (0.11, 2), (0.04, 3))
"""In how many parts a load is booked in; assumed."""

WHOLE_IS_LOST = 0.4
"""How often a lost consignment is lost whole; else only a part of it does not come."""

WEIGHBRIDGES = {
    "antimony-yard": "weighbridge-antimony-mill",
    "rare-earth-yard": "weighbridge-rare-earth-mill",
    "refinery": "weighbridge-refinery",
    "mine-qila-abdullah": "weighbridge-qila-abdullah",
    "mine-chitral": "weighbridge-chitral",
    "mine-khyber": "weighbridge-khyber",
    "copper-mill": "weighbridge-copper-mill",
}
"""The weighbridge of each place."""


Arrived = Callable[[Lot, int, bool], None]
"""Called with a lot and the time when all that will come has come; False if nothing has."""


class Load(msgspec.Struct, kw_only=True):
    """Part or all of a lot on the road.

    Attributes:
        paper: Its despatch advice.
        arrived: Called with the lot and the time when the last part is in, or nothing will come: False then.
        event: Its shipment.
        held: Its number among what is on the road.
    """

    lot: Lot
    leg: Leg
    matter: Masses
    water: int
    paper: tuple[tuple[str, str], ...]
    ends: tuple[End, End]
    arrived: Arrived
    event: Event | None = None
    held: int = 0

    @property
    def kg(self) -> float:
        return (dry_mg(self.matter) + self.water) / MG_PER_KG


def send(run: Run, lot: Lot, end: str, at: int, arrived: Arrived) -> None:
    """A lot leaves whole, weighed as it goes."""
    load = _loaded(run, lot, end, 1.0, arrived)
    basis = lot.material.basis
    shown = ticket(run, WEIGHBRIDGES[lot.place], load.kg, at, basis=basis, vehicle="truck")
    event = metal.shipment(
        run.act(lot.place, at, load.paper),
        [Amount(lot.uri)],  # all of it, whatever the mine had declared; the ticket says how much
        basis=None,
        left=load.ends[0],
        to=load.ends[1],
        weighed=shown.readings,
    )
    run.write(event, at, "scale house")
    shown.note(run, event, lot)
    load.event = event
    _on_the_road(run, load, at)


def send_in_halves(run: Run, lot: Lot, end: str, at: int, arrived: Arrived) -> None:
    """A lot that is too heavy for one truck leaves in two; it is in when both have come or been lost."""
    waiting = 2
    came = False

    def one_of_two(_: Lot, when: int, some: bool) -> None:
        nonlocal waiting, came
        waiting -= 1
        came = came or some
        if waiting == 0:
            lot.ticket = None  # what is there is the sum of several
            arrived(lot, when, came)

    half = run.times.between(0.46, 0.5)
    for amount, part in ((_half_declared(run, lot, half), half), (Amount(lot.uri), 1.0)):
        load = _loaded(run, lot, end, part, one_of_two)
        event = metal.shipment(
            run.act(lot.place, at, load.paper),
            [amount],
            basis=lot.material.basis,
            left=load.ends[0],
            to=load.ends[1],
        )
        run.write(event, at, "office")
        load.event = event
        _on_the_road(run, load, at)
        at += run.times.whole(2, 20) * HOUR


def _half_declared(run: Run, lot: Lot, half: float) -> Amount:
    """What the papers say of the first truck: what the loader counted, of what the lot weighed."""
    if lot.ticket is None:
        return Amount(lot.uri)
    net, uom = lot.ticket
    part = Decimal(round(1000 * half * (1.0 + 0.006 * run.clerks.normal()))).scaleb(-3)
    return Amount(lot.uri, (net * part).quantize(net), uom)


def _loaded(run: Run, lot: Lot, end: str, part: float, arrived: Arrived) -> Load:
    """Take a part of a lot off its place."""
    if part < 1.0:
        matter, water = lot.take(part)
    else:
        matter, water = lot.matter, lot.water
        lot.matter, lot.water = share(matter, 0.0), 0
    paper = (("desadv", f"{IDS}/despatch/{run.number('despatch'):07d}"),)
    owner = party(lot.owner)
    ends = (
        End(owner=owner, holder=owner, place=run.uri(lot.place)),
        End(owner=owner, holder=owner, place=run.uri(end)),
    )
    leg = tables().legs[lot.place, end]
    return Load(lot=lot, leg=leg, matter=matter, water=water, paper=paper, ends=ends, arrived=arrived)


def _on_the_road(run: Run, load: Load, at: int) -> None:
    leg = load.leg
    load.lot.out += 1
    load.held = run.holds("on the road", lambda: load.matter)
    hours = leg.km / leg.km_per_hour * run.times.near(1.0, 0.12) + run.times.between(2.0, 9.0)
    run.later(at + int(HOUR * hours), lambda when: _arrive(run, load, when))


def _arrive(run: Run, load: Load, at: int) -> None:
    """What spilled and dried on the way is gone; the rest is weighed in, in parts."""
    leg = load.leg
    spilled = share(load.matter, leg.spills * run.times.between(0.2, 1.8))
    run.truth.leaves("spilled on the road", spilled)
    load.matter = load.matter - spilled
    load.water -= int(load.water * leg.evaporates * run.times.between(0.2, 1.8))
    further = _further(run.times, run.times.weighted(IN_PARTS) - 1, load.kg)
    lost = run.faults.due("lost consignment", at) and _lose(run, load, at)
    if lost and not load.matter.any():
        del run.elsewhere[load.held]
        load.lot.out -= 1
        load.arrived(load.lot, at, False)
        return
    double = 0.0
    if not lost and run.faults.due("double receipt", at):
        chance = run.faults.chance
        further = further or _further(chance, chance.weighted(IN_PARTS[1:]) - 1, load.kg)
        double = chance.one_of(further)
    bookings = [1.0 - sum(further) + double, *further]
    last = _book_in(run, load, bookings, at, double=double)
    run.later(last, lambda when: _in(run, load, when))


def _in(run: Run, load: Load, at: int) -> None:
    del run.elsewhere[load.held]
    load.lot.out -= 1
    load.lot.matter = load.lot.matter + load.matter
    load.lot.water += load.water
    load.lot.place = load.leg.end
    load.arrived(load.lot, at, True)


def _further(chance: Chance, count: int, kg: float) -> list[float]:
    """Parts of a load that come after the first: from a few bags that had stayed behind to nearly half of it."""
    return [min(chance.size(9) * NET_U_KG / kg, 0.45) for _ in range(count)]


def _book_in(run: Run, load: Load, parts: list[float], at: int, *, double: float) -> int:
    """One receipt a part; gives back when the last was written.

    Args:
        parts: What each books in, as a part of the load; together one, and what is doubled.
        double: What is booked in twice: it came with the first part, and again as a part of its own.
    """
    lot, basis = load.lot, load.lot.material.basis
    events: list[Event] = []
    for number, part in enumerate(parts):
        if number:
            at += run.times.whole(1, 40 * 60) * 60 + run.times.whole(0, 59)
        shown = ticket(run, WEIGHBRIDGES[load.leg.end], load.kg * part, at, basis=basis, vehicle="truck")
        event = metal.receipt(
            run.act(load.leg.end, at, load.paper),
            [Amount(lot.uri, shown.net, shown.uom)],
            basis=basis,
            left=load.ends[0],
            to=load.ends[1],
            weighed=shown.readings,
        )
        run.write(event, at, "scale house")
        shown.note(run, event, lot)
        events.append(event)
        lot.ticket = (shown.net, shown.uom) if len(parts) == 1 else None
        lot.in_parts = (lot.in_parts or Decimal(0)) + shown.net * MASS_UNITS[shown.uom].kg
    if double:
        kg = load.kg * double
        fault = run.faults.happened("double receipt", at, size=kg, unit="kg", size_u=kg / NET_U_KG, element=None)
        for event in events:  # which of them is one too many, no paper says
            fault.note(run.journal.name(event), lot.uri, kg / len(events))
        lot.in_parts = None  # the yard does not trust this sum
    return at


def _lose(run: Run, load: Load, at: int) -> Fault:
    """All or a part of a load never comes."""
    whole, size = run.faults.chance.happens(WHOLE_IS_LOST), run.faults.chance.size(8) * NET_U_KG
    part = 1.0 if whole else min(size / load.kg, 1.0)
    gone, water = share(load.matter, part), int(load.water * part)
    if part == 1.0:
        gone, water = load.matter, load.water
    kg = (dry_mg(gone) + water) / MG_PER_KG
    load.matter = load.matter - gone
    load.water -= water
    run.truth.leaves("lost consignment", gone)
    fault = run.faults.happened("lost consignment", at, size=kg, unit="kg", size_u=kg / NET_U_KG, element=None)
    if load.event is not None:
        fault.note(run.journal.name(load.event), load.lot.uri, kg)
    return fault
