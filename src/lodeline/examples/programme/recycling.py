"""Missouri: drums of magnet scrap are collected, gathered, and become oxide at Fredericktown."""

from __future__ import annotations

from lodeline.examples.programme.lots import Lot
from lodeline.examples.programme.matter import share
from lodeline.examples.programme.measuring import assay, moisture, weigh
from lodeline.examples.programme.milling import estimated, loss, recovered, together
from lodeline.examples.programme.mining import drum_of_scrap
from lodeline.examples.programme.refining import sold
from lodeline.examples.programme.run import DAY, HOUR, Run
from lodeline.examples.programme.tables import IDS, Source, party, tables
from lodeline.record import metal
from lodeline.record.metal import Amount, End, Made

DRUMS = 6
"""Drums in one charge of the recycling plant; assumed."""


def collect(run: Run, source: Source, at: int) -> None:
    """Six drums are collected over some days, weighed one by one, and go to the plant together."""
    drums: list[Lot] = []

    def collected(when: int) -> None:
        drum = drum_of_scrap(run, source, when)
        weigh(run, drum, f"platform-{source.key}", when + run.times.whole(20, 300) * 60, "drum")
        drums.append(drum)
        if len(drums) == DRUMS:
            run.later(when + run.times.whole(8, 60) * HOUR, lambda then: _send(run, drums, then))

    for _ in range(DRUMS):
        run.later(at, collected)
        at += run.times.whole(2, 40) * HOUR


def _send(run: Run, drums: list[Lot], at: int) -> None:
    start = drums[0].place
    papers = (("desadv", f"{IDS}/despatch/{run.number('despatch'):07d}"),)
    left = End(owner=party("importer"), holder=party("collector"), place=run.uri(start))
    to = End(owner=party("importer"), holder=party("importer"), place=run.uri("fredericktown"))
    leg = tables().legs[start, "fredericktown"]
    event = metal.shipment(run.act(start, at, papers), [drum.amount() for drum in drums], basis="wet", left=left, to=to)
    run.write(event, at, "office")

    def arrive(when: int) -> None:
        for drum in drums:
            drum.place = "fredericktown"
            spilled = share(drum.matter, leg.spills * run.times.between(0.2, 1.8))
            run.truth.leaves("spilled on the road", spilled)
            drum.matter = drum.matter - spilled
            drum.water -= int(drum.water * leg.evaporates * run.times.between(0.2, 1.8))
        event = metal.receipt(
            run.act("fredericktown", when, papers), [Amount(drum.uri) for drum in drums], basis=None, left=left, to=to
        )
        run.write(event, when, "office")
        for drum in drums:
            when += run.times.whole(5, 40) * 60
            weigh(run, drum, "platform-fredericktown", when, "drum")
            moisture(run, drum, "fredericktown", when + 120, "final")
            assay(run, drum, "fredericktown", when + 240, "final")
        run.later(when + run.times.whole(10, 200) * HOUR, lambda then: _recycle(run, drums, then))

    run.later(at + int(HOUR * (leg.km / leg.km_per_hour + run.times.between(2.0, 20.0))), arrive)


def _recycle(run: Run, drums: list[Lot], at: int) -> None:
    """A charge becomes oxide and iron residue: one process of three events."""
    recovery = recovered("recycling")
    matter, _ = together(drums)
    (oxide, iron), lost = recovery.outputs(matter, run.matter)
    process = f"{IDS}/process/recycling-{run.number('process'):06d}"
    event = metal.transformation(
        run.act("fredericktown", at),
        process="recycle",
        inputs=[drum.amount() for drum in drums],
        outputs=(),
        basis="wet",
        transformation_id=process,
    )
    run.write(event, at, "office")
    for drum in drums:
        run.end(drum, None)
    made: list[Lot] = []
    for outlet, out in zip(recovery.plant.outlet, (oxide, iron), strict=True):
        at += run.times.whole(10, 40) * HOUR
        lot = run.lot(outlet.material, out, 0, "fredericktown", "importer", at)
        event = metal.transformation(
            run.act("fredericktown", at),
            process="recycle",
            inputs=(),
            outputs=[estimated(run, lot)],
            basis="dry",
            made=Made(stage=lot.material.stage, material=lot.material.uri, owner=party("importer")),
            losses=[loss(run, recovery.plant.loss, lost)] if made else (),
            transformation_id=process,
        )
        run.write(event, at, "office")
        weigh(run, lot, "platform-fredericktown", at + 2 * HOUR, "drum")
        assay(run, lot, "fredericktown", at + 3 * HOUR, "final")
        made.append(lot)
    run.truth.processed("recycling", matter, [(lot.material.key, lot.matter) for lot in made], lost)
    run.truth.leaves("lost by recycling", lost)
    run.end(made[1], "left as")
    if not run.times.happens(0.2):
        reason = "Sold to a magnet maker outside the programme."
        run.later(at + run.times.whole(20, 150) * DAY, lambda when: sold(run, made[0], reason, when))
