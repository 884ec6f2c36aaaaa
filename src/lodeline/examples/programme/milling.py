"""Mills: ore is heaped or blended, and becomes concentrate and tailings."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal
from functools import cache

from lodeline.examples.programme.lots import Lot, water_for
from lodeline.examples.programme.matter import MG_PER_KG, Masses, Recovery, dry_mg, nothing, share
from lodeline.examples.programme.measuring import assay, moisture, sampled, weigh
from lodeline.examples.programme.run import HOUR, Run
from lodeline.examples.programme.tables import IDS, party, tables
from lodeline.record import metal
from lodeline.record.metal import Amount, Loss, Made

TRUCKS_IN_HEAP = 6
LOADS_IN_BLEND = 4

MOISTURE_TAKEN, HEAD_ASSAYED = 0.96, 0.9
"""How many of the deliveries of ore are dried, and assayed; the others are missed, as in life. Assumed."""

Ready = Callable[[Lot, int], None]


class Heap:
    """The ore of several trucks, laid down in two layers and reclaimed in two draws; who is who is lost in it.

    Args:
        run: The programme.
        ready: Called with each lot of concentrate.
    """

    def __init__(self, run: Run, ready: Ready) -> None:
        self.run, self.ready = run, ready
        self.name = f"{IDS}/heap/{run.number('heap'):06d}"
        self.expected = TRUCKS_IN_HEAP
        self.came: list[Lot] = []
        self.matter: Masses = nothing()
        self.water = 0
        self.layers = 0
        self.first_draw = 0
        self.closed = False
        self.booked: Decimal | None = Decimal(0)
        self._held = run.holds("in a heap", lambda: self.matter)

    def arrived(self, lot: Lot, at: int, came: bool) -> None:
        """A truck has come, or never will."""
        run = self.run
        self.expected -= 1
        if came:
            lot.since = at
            self.came.append(lot)
            looked_at(run, lot, "antimony-mill", at)
        else:
            run.end(lot, None)
        if (self.layers == 0 and len(self.came) == TRUCKS_IN_HEAP // 2) or self.expected == 0:
            run.later(at + run.times.whole(4, 60) * HOUR, self.lay)

    def lay(self, at: int) -> None:
        """Put down what has come; the first layer is drawn from before the last is there."""
        run = self.run
        # A truck that has just tipped is first sampled.
        laid = [lot for lot in self.came if at - lot.since >= 4 * HOUR]
        if laid:
            event = metal.transformation(
                run.act("antimony-yard", at),
                process="store",
                inputs=[lot.amount() for lot in laid],
                outputs=(),
                basis="wet",
                transformation_id=self.name,
            )
            run.write(event, at, "office")
            self.booked = _added(self.booked, booked(laid))
            for lot in laid:
                self.matter = self.matter + lot.matter
                self.water += lot.water
                run.end(lot, None)
            self.came = [lot for lot in self.came if lot not in laid]
            self.layers += 1
            if self.layers == 1:
                self.first_draw = at + run.times.whole(6, 48) * HOUR
                run.later(self.first_draw, lambda when: self.draw(when, run.matter.between(0.35, 0.6)))
        if self.expected == 0 and not self.came and self.layers and not self.closed:
            self.closed = True
            run.later(max(at, self.first_draw) + run.times.whole(6, 48) * HOUR, lambda when: self.draw(when, 1.0))

    def draw(self, at: int, part: float) -> None:
        """Reclaim a part of the heap for the mill; the last draw takes everything."""
        run = self.run
        if part < 1.0:
            matter, water = share(self.matter, part), int(self.water * part)
        else:
            matter, water = self.matter, self.water
            del run.elsewhere[self._held]
        self.matter, self.water = self.matter - matter, self.water - water
        feed = run.lot("antimony-feed", matter, water, "antimony-yard", "exporter", at)
        # The last draw is booked as what the book still has of the heap.
        taken = estimated(run, feed) if part < 1.0 else said(run, feed, self.booked)
        self.booked = _added(self.booked, booked([feed]), -1)
        event = metal.transformation(
            run.act("antimony-yard", at),
            process="store",
            inputs=(),
            outputs=[taken],
            basis="wet",
            made=Made(stage="mined", country="PK", material=feed.material.uri, owner=party("exporter")),
            transformation_id=self.name,
        )
        run.write(event, at, "office")
        run.later(
            at + run.times.whole(3, 10) * HOUR,
            lambda when: mill(run, feed, "antimony-mill", "antimony-mill", self.ready, when),
        )


class Blend:
    """The ore of several trucks, blended into one charge of the rare-earth mill."""

    def __init__(self, run: Run, ready: Ready) -> None:
        self.run, self.ready = run, ready
        self.expected = LOADS_IN_BLEND
        self.came: list[Lot] = []

    def arrived(self, lot: Lot, at: int, came: bool) -> None:
        """A truck has come, or never will."""
        run = self.run
        self.expected -= 1
        if came:
            lot.since = at
            self.came.append(lot)
            looked_at(run, lot, "rare-earth-mill", at)
        else:
            run.end(lot, None)
        if self.expected == 0 and self.came:
            run.later(at + run.times.whole(5, 60) * HOUR, self.blend)

    def blend(self, at: int) -> None:
        """Make one charge of them."""
        run, lots = self.run, self.came
        matter, water = together(lots)
        feed = run.lot("rare-earth-feed", matter, water, "rare-earth-yard", "exporter", at)
        event = metal.transformation(
            run.act("rare-earth-yard", at),
            process="blend",
            inputs=[lot.amount() for lot in lots],
            outputs=[said(run, feed, booked(lots))],
            basis="wet",
            made=Made(stage="mined", country="PK", material=feed.material.uri, owner=party("exporter")),
        )
        run.write(event, at, "office")
        for lot in lots:
            run.end(lot, None)
        run.later(
            at + run.times.whole(3, 20) * HOUR,
            lambda when: mill(run, feed, "rare-earth-mill", "rare-earth-mill", self.ready, when),
        )


def looked_at(run: Run, lot: Lot, laboratory: str, at: int) -> None:
    """What a mill does with a lot that has come: a moisture and a head assay, of nearly every one."""
    if run.clerks.happens(MOISTURE_TAKEN):
        moisture(run, lot, laboratory, at + run.times.whole(10, 120) * 60, "provisional")
    if run.clerks.happens(HEAD_ASSAYED):
        assay(run, lot, laboratory, at + run.times.whole(130, 200) * 60, "provisional")


def mill(run: Run, feed: Lot, plant: str, laboratory: str, ready: Ready, at: int) -> None:
    """A charge becomes concentrate and tailings, one process of two events; concentrate is weighed and assayed."""
    place = feed.place
    weighbridge = "weighbridge-copper-mill" if plant == "copper-mill" else f"weighbridge-{plant}"
    if plant != "copper-mill":  # its ore has come over the belt scale already
        weigh(run, feed, weighbridge, at - 2 * HOUR, "none")
    assay(run, feed, laboratory, at - HOUR, "provisional")
    moisture(run, feed, laboratory, at - HOUR + 20 * 60, "provisional")
    process = f"{IDS}/process/{plant}-{run.number('process'):06d}"
    recovery = recovered(plant)
    (good, poor), lost = recovery.outputs(feed.matter, run.matter)
    concentrate, tailings = (
        run.lot(outlet.material, matter, wetted(run, outlet.material, matter), place, "exporter", at)
        for outlet, matter in zip(recovery.plant.outlet, (good, poor), strict=True)
    )
    run.truth.processed(plant, feed.matter, [(concentrate.material.key, good), (tailings.material.key, poor)], lost)
    run.truth.leaves("lost by " + plant, lost)
    event = metal.transformation(
        run.act(place, at),
        process="concentrate",
        inputs=[feed.amount()],
        outputs=[estimated(run, concentrate)],
        basis="wet",
        made=Made(stage="concentrated", material=concentrate.material.uri, owner=party("exporter")),
        transformation_id=process,
    )
    run.write(event, at, "office")
    out = at + run.times.whole(1, 5) * HOUR
    event = metal.transformation(
        run.act(place, out),
        process="concentrate",
        inputs=(),
        outputs=[estimated(run, tailings)],
        basis="wet",
        made=Made(material=tailings.material.uri, owner=party("exporter")),
        losses=[loss(run, recovery.plant.loss, lost)],
        transformation_id=process,
    )
    run.write(event, out, "office")
    run.end(feed, None)
    assay(run, tailings, laboratory, out + HOUR, "provisional")
    moisture(run, tailings, laboratory, out + HOUR + 20 * 60, "provisional")
    run.end(tailings, "left as")
    when = out + run.times.whole(2, 9) * HOUR
    weigh(run, concentrate, weighbridge, when, "truck")
    sampled(run, concentrate, when + 20 * 60)
    moisture(run, concentrate, laboratory, when + 40 * 60, "provisional")
    assay(run, concentrate, laboratory, when + HOUR, "provisional")
    run.later(when + run.times.whole(20, 90) * HOUR, lambda then: ready(concentrate, then))


def estimated(run: Run, lot: Lot) -> Amount:
    """What the plant says it made, before any scale has it: to a tenth of a tonne, or to the kilogram."""
    kg = (lot.wet_kg if lot.material.basis == "wet" else lot.dry_kg) * (1.0 + 0.015 * run.clerks.normal())
    said = (Decimal(round(kg / 100.0)).scaleb(-1), "TNE") if kg >= 10_000 else (Decimal(round(kg)), "KGM")
    lot.ticket = said
    return Amount(lot.uri, *said)


def booked(lots: list[Lot]) -> Decimal | None:
    """What the book has of several lots together, kg; None if it has no mass of one of them."""
    total = Decimal(0)
    for lot in lots:
        if lot.booked_kg is None:
            return None
        total += lot.booked_kg
    return total


def said(run: Run, lot: Lot, kg: Decimal | None) -> Amount:
    """A lot with the mass that follows from what went into it, where the book has that; else an estimate."""
    if kg is None or kg <= 0:
        return estimated(run, lot)
    lot.ticket = (kg.quantize(Decimal(1), ROUND_FLOOR), "KGM")
    return Amount(lot.uri, *lot.ticket)


def _added(first: Decimal | None, second: Decimal | None, sign: int = 1) -> Decimal | None:
    return None if first is None or second is None else first + sign * second


def loss(run: Run, kind: str, lost: Masses) -> Loss:
    """What the plant declares as lost: an estimate, to the kilogram."""
    kg = dry_mg(lost) / MG_PER_KG * (1.0 + 0.2 * run.clerks.normal())
    return Loss(kind, Decimal(max(round(kg), 0)), "KGM")


@cache
def recovered(plant: str) -> Recovery:
    """The recoveries of a plant, from its table."""
    return Recovery(tables().plants[plant])


def wetted(run: Run, material: str, matter: Masses) -> int:
    """The water that a material has when it is made, mg."""
    found = tables().materials[material].moisture
    if found is None:
        return 0
    return water_for(dry_mg(matter), (found[0] + found[1] * run.matter.normal()) * 0.01)


def together(lots: list[Lot]) -> tuple[Masses, int]:
    """The matter and the water of several lots."""
    matter = nothing()
    for lot in lots:
        matter = matter + lot.matter
    return matter, sum(lot.water for lot in lots)
