"""To Fredericktown: containers, road, Port Qasim, sea, New Orleans, and an assay by each side."""

from __future__ import annotations

from collections.abc import Callable

from lodeline.examples.programme.lots import Lot
from lodeline.examples.programme.measuring import assay, moisture, sampled, weigh
from lodeline.examples.programme.refining import sold
from lodeline.examples.programme.run import DAY, HOUR, Run
from lodeline.examples.programme.tables import IDS, party, tables
from lodeline.ids.container import container_check_digit
from lodeline.record import metal
from lodeline.record.metal import Amount, End

MOST_IN_CONSIGNMENT = 6
PATIENCE = 30 * DAY
"""A consignment leaves with six lots, or when its first lot has waited so long. Assumed."""

SPLITTING_LIMIT = 0.006
"""Relative difference of the finals of seller and buyer above which an umpire assays; assumed, as in such contracts."""

STAYS = 0.2
"""How much of what arrived is still in stock at the end; assumed."""


class Exports:
    """Gathers lots at each place into consignments and takes them to Fredericktown."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._gathered: dict[str, list[Lot]] = {}

    def ready(self, lot: Lot, at: int) -> None:
        """A lot may leave."""
        gathered = self._gathered.setdefault(lot.place, [])
        gathered.append(lot)
        if len(gathered) >= MOST_IN_CONSIGNMENT:
            self._leave(lot.place, at)
        elif len(gathered) == 1:
            place = lot.place
            self.run.later(at + PATIENCE, lambda when: self._impatient(place, lot, when))

    def _impatient(self, place: str, lot: Lot, at: int) -> None:
        if lot in self._gathered.get(place, ()):
            self._leave(place, at)

    def _leave(self, place: str, at: int) -> None:
        lots, self._gathered[place] = self._gathered[place], []
        Consignment(self.run, lots).pack(at + self.run.times.whole(4, 30) * HOUR)


class Consignment:
    """Several lots on one bill of lading, each in its container."""

    def __init__(self, run: Run, lots: list[Lot]) -> None:
        self.run, self.lots = run, lots
        self.origin = lots[0].place
        self.found: dict[int, float] = {}
        # LDLU is no owner's code; the numbers run on, and a box may come again after the last.
        serials = [f"{(run.number('container') - 1) % 900_000 + 100_000:06d}" for _ in lots]
        boxes = [f"LDLU{serial}" for serial in serials]
        self.boxes = [f"{IDS}/container/{box}{container_check_digit(box)}" for box in boxes]

    def pack(self, at: int) -> None:
        """Pack each lot, and leave for the port."""
        run = self.run
        for lot, box in zip(self.lots, self.boxes, strict=True):
            at += run.times.whole(20, 90) * 60
            event = metal.pack(run.act(self.origin, at), box, [Amount(lot.uri)], basis=None)
            run.write(event, at, "office")
        self._move(self.origin, "port-qasim", at + run.times.whole(2, 12) * HOUR, "desadv", self._at_port)

    def _move(self, start: str, end: str, at: int, kind: str, then: Callable[[int], None]) -> None:
        """All containers go from one place to another: one shipment, one receipt."""
        run, owner = self.run, self.lots[0].owner
        name = "bill-of-lading" if kind == "bol" else "despatch"
        papers = ((kind, f"{IDS}/{name}/{run.number(name):07d}"),)
        carrier = party("line") if kind == "bol" else party("haulier")
        left = End(owner=party(owner), holder=carrier, place=run.uri(start))
        to = End(
            owner=party(owner), holder=party("exporter" if end == "port-qasim" else "importer"), place=run.uri(end)
        )
        event = metal.shipment(run.act(start, at, papers), (), basis=None, left=left, to=to, containers=self.boxes)
        run.write(event, at, "office")
        leg = tables().legs[start, end]
        hours = leg.km / leg.km_per_hour * run.times.near(1.0, 0.1) + run.times.between(2.0, 9.0)

        def arrive(when: int) -> None:
            for lot in self.lots:
                lot.place = end
                lot.water -= int(lot.water * leg.evaporates * run.times.between(0.2, 1.8))
            event = metal.receipt(run.act(end, when, papers), (), basis=None, left=left, to=to, containers=self.boxes)
            run.write(event, when, "office")
            then(when)

        run.later(at + int(HOUR * hours), arrive)

    def _at_port(self, at: int) -> None:
        """Weighed as the sea wants it, sampled for the seller's final, sold free on board."""
        run = self.run
        for lot in self.lots:
            at += run.times.whole(15, 60) * 60
            weigh(run, lot, "weighbridge-port-qasim", at, "container")
            sampled(run, lot, at + 300)
            if lot.water:
                moisture(run, lot, "karachi", at + 600, "final")
            self.found[lot.number] = assay(run, lot, "karachi", at + 900, "final")
        at += run.times.whole(20, 150) * HOUR
        event = metal.ownership_change(
            run.act("port-qasim", at),
            [Amount(lot.uri) for lot in self.lots],
            basis=None,
            seller=party(self.lots[0].owner),
            buyer=party("importer"),
        )
        run.write(event, at, "office")
        for lot in self.lots:
            lot.owner = "importer"
        self._move("port-qasim", "new-orleans", at + run.times.whole(1, 20) * HOUR, "bol", self._at_new_orleans)

    def _at_new_orleans(self, at: int) -> None:
        self._move("new-orleans", "fredericktown", at + self.run.times.whole(20, 120) * HOUR, "desadv", self._delivered)

    def _delivered(self, at: int) -> None:
        """Unpacked, weighed again, sampled for the buyer's final; an umpire where the two finals are too far apart."""
        run = self.run
        for lot, box in zip(self.lots, self.boxes, strict=True):
            at += run.times.whole(20, 90) * 60
            event = metal.unpack(run.act("fredericktown", at), box, [Amount(lot.uri)], basis=None)
            run.write(event, at, "office")
            light = lot.wet_kg < 2_500.0
            scale = "platform-fredericktown" if light else "weighbridge-fredericktown"
            weigh(run, lot, scale, at + 600, "drum" if light else "truck")
            sampled(run, lot, at + 900)
            if lot.water:
                moisture(run, lot, "fredericktown", at + 1200, "final")
            found = assay(run, lot, "fredericktown", at + 1500, "final")
            limit = SPLITTING_LIMIT * max(lot.material.assay[0][3] / 0.005, 0.2)
            apart = abs(found - self.found[lot.number]) > limit
            assay(run, lot, "umpire", at + 1800, "umpire", wanted=apart)
            lot.since = at
            if not run.times.happens(STAYS):
                self._to_be_sold(lot, at)

    def _to_be_sold(self, lot: Lot, at: int) -> None:
        run = self.run
        reason = "Sold to a customer outside the programme."
        run.later(at + run.times.whole(20, 150) * DAY, lambda when: sold(run, lot, reason, when))
