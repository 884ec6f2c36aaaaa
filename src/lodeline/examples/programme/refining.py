"""The refinery of phase 2: concentrates of all metals become one feed, and that becomes products and what is left."""

from __future__ import annotations

from collections.abc import Callable

from lodeline.examples.programme.lots import Lot
from lodeline.examples.programme.matter import Masses
from lodeline.examples.programme.measuring import assay, moisture, weigh
from lodeline.examples.programme.milling import booked, estimated, loss, recovered, said, together
from lodeline.examples.programme.run import DAY, END, HOUR, Run
from lodeline.examples.programme.tables import IDS, party
from lodeline.record import metal
from lodeline.record.metal import Amount, Made

CHARGE = {"antimony-concentrate": (2, 4), "copper-concentrate": (2, 5), "rare-earth-concentrate": (2, 5)}
"""Of each concentrate the least with which a charge is made at once, and the most that goes into one. Assumed."""

PATIENCE = 75 * DAY
"""How long a lot waits before a charge is made with what there is, if that is of two metals at least."""

LAST_CHARGE = END - 50 * DAY
"""The refinery stands still at the end, so that the number of lots can still be met."""

WEIGHED_ON_PLATFORM_KG = 2_500.0


class Refinery:
    """Takes concentrates in and makes charges of them.

    Args:
        run: The programme.
        ready: Called with each product that is to leave.
    """

    def __init__(self, run: Run, ready: Callable[[Lot, int], None]) -> None:
        self.run, self.ready = run, ready
        self.waiting: dict[str, list[Lot]] = {key: [] for key in CHARGE}

    def arrived(self, lot: Lot, at: int, came: bool) -> None:
        """A lot has come, or never will."""
        run = self.run
        if not came:
            run.end(lot, None)
            return
        lot.since = at
        moisture(run, lot, "refinery", at + run.times.whole(10, 200) * 60, "provisional")
        self.waiting[lot.material.key].append(lot)
        if at < LAST_CHARGE and all(len(self.waiting[key]) >= least for key, (least, _) in CHARGE.items()):
            self._charge(at)
        else:
            run.later(at + PATIENCE, lambda when: self._impatient(lot, when))

    def _impatient(self, lot: Lot, at: int) -> None:
        kinds = sum(map(bool, self.waiting.values()))
        if at < LAST_CHARGE and lot in self.waiting[lot.material.key] and kinds >= 2:
            self._charge(at)

    def _charge(self, at: int) -> None:
        taken: list[Lot] = []
        for key, (_, most) in CHARGE.items():
            taken += self.waiting[key][:most]
            self.waiting[key] = self.waiting[key][most:]
        self.run.later(at + self.run.times.whole(6, 40) * HOUR, lambda when: self._blend(taken, when))

    def _blend(self, taken: list[Lot], at: int) -> None:
        run = self.run
        matter, water = together(taken)
        feed = run.lot("mixed-feed", matter, water, "refinery", "exporter", at)
        event = metal.transformation(
            run.act("refinery", at),
            process="blend",
            inputs=[lot.amount() for lot in taken],
            outputs=[said(run, feed, booked(taken))],
            basis="wet",
            made=Made(stage="concentrated", material=feed.material.uri, owner=party("exporter")),
        )
        run.write(event, at, "office")
        for lot in taken:
            run.end(lot, None)
        weigh(run, feed, "weighbridge-refinery", at + 2 * HOUR, "none")
        moisture(run, feed, "refinery", at + 3 * HOUR, "final")
        assay(run, feed, "refinery", at + 4 * HOUR, "final")
        run.later(at + run.times.whole(10, 40) * HOUR, lambda when: self._refine(feed, when))

    def _refine(self, feed: Lot, at: int) -> None:
        """Charge the furnace once and tap it seven times: one process, one event an outlet."""
        run = self.run
        recovery = recovered("refinery")
        outputs, lost = recovery.outputs(feed.matter, run.matter)
        process = f"{IDS}/process/refinery-{run.number('process'):06d}"
        made: list[tuple[str, Masses]] = []
        for number, (outlet, matter) in enumerate(zip(recovery.plant.outlet, outputs, strict=True)):
            if number:
                at += run.times.whole(2, 30) * HOUR
            lot = run.lot(outlet.material, matter, 0, "refinery", "exporter", at)
            made.append((outlet.material, matter))
            last = number == len(outputs) - 1
            # Feed is declared wet and products dry; one event has one basis, so the charge stands alone in the first.
            if number == 0:
                self._charged(feed, process, at - HOUR)
            event = metal.transformation(
                run.act("refinery", at),
                process="refine",
                inputs=(),
                outputs=[estimated(run, lot)],
                basis="dry",
                made=Made(stage=lot.material.stage, material=lot.material.uri, owner=party("exporter")),
                losses=[loss(run, recovery.plant.loss, lost)] if last else (),
                transformation_id=process,
            )
            run.write(event, at, "office")
            self._tapped(lot, at)
        run.truth.processed("refinery", feed.matter, made, lost)
        run.truth.leaves("lost by refinery", lost)
        run.end(feed, None)

    def _charged(self, feed: Lot, process: str, at: int) -> None:
        event = metal.transformation(
            self.run.act("refinery", at),
            process="refine",
            inputs=[feed.amount()],
            outputs=(),
            basis="wet",
            transformation_id=process,
        )
        self.run.write(event, at, "office")

    def _tapped(self, lot: Lot, at: int) -> None:
        """What becomes of each outlet: products and slimes are weighed and assayed, the others stay."""
        run, kind = self.run, lot.material.kind
        light = lot.dry_kg < WEIGHED_ON_PLATFORM_KG
        scale = "platform-refinery" if light else "weighbridge-refinery"
        if not lot.matter.any():
            run.end(lot, "left as")
            return
        weigh(run, lot, scale, at + run.times.whole(1, 6) * HOUR, "drum" if light else "truck")
        assay(run, lot, "refinery", at + 8 * HOUR, "provisional")
        if kind == "product":
            run.later(at + run.times.whole(30, 120) * HOUR, lambda when: self._portioned(lot, when))
        elif kind == "by-product":
            run.later(at + run.times.whole(20, 90) * DAY, lambda when: self._sold(lot, when))
        else:
            run.end(lot, "left as")

    def _portioned(self, lot: Lot, at: int) -> None:
        """Oxide is split into drums, each a lot of its own; ingots and cathodes leave as they are."""
        run = self.run
        if lot.material.key != "ndpr-oxide":
            self.ready(lot, at)
            return
        parts: list[Lot] = []
        for part in (run.matter.between(0.4, 0.6), 1.0):
            matter = lot.take(part)[0] if part < 1.0 else lot.matter
            drum = run.lot("ndpr-oxide", matter, 0, "refinery", "exporter", at)
            drum.oxides = lot.oxides
            parts.append(drum)
        event = metal.split(run.act("refinery", at), lot.amount(), [Amount(drum.uri) for drum in parts], basis="dry")
        run.write(event, at, "office")
        run.end(lot, None)
        for drum in parts:
            at += run.times.whole(10, 50) * 60
            weigh(run, drum, "platform-refinery", at, "drum")
            self.ready(drum, at + HOUR)

    def _sold(self, lot: Lot, at: int) -> None:
        sold(self.run, lot, "Sold to a refiner of precious metals outside the programme.", at)


def sold(run: Run, lot: Lot, reason: str, at: int) -> None:
    """A lot is sold out of the book."""
    event = metal.lot_ended(
        run.act(lot.place, at), [lot.amount()], basis=lot.material.basis, reason=reason, destroyed=False
    )
    run.write(event, at, "office")
    run.end(lot, "sold as")
