"""Stock-takes: every quarter some lots of each yard are weighed again where they lie."""

from __future__ import annotations

from lodeline.examples.programme.measuring import ticket
from lodeline.examples.programme.run import DAY, START, Run
from lodeline.record import metal

COUNTED = {
    "antimony-yard": "weighbridge-antimony-mill",
    "rare-earth-yard": "weighbridge-rare-earth-mill",
    "refinery": "weighbridge-refinery",
    "fredericktown": "weighbridge-fredericktown",
}
"""Where stock is taken, and with which scale."""

MOST = 5
"""Lots that are counted at each place; assumed."""

LIES = 5 * DAY
"""A lot is counted if it has lain so long: the papers of what came in last are still on their way."""


class StockTakes:
    """Takes stock every quarter."""

    def __init__(self, run: Run) -> None:
        self.run = run
        for quarter in range(1, 20):
            run.later(START + quarter * 91 * DAY, self._take)

    def _take(self, at: int) -> None:
        run = self.run
        for place, scale in COUNTED.items():
            found = [
                lot
                for lot in run.alive.values()
                if lot.place == place and lot.wet_kg > 500.0 and at - lot.since > LIES and lot.material.kind != "ore"
            ][:MOST]
            for number, lot in enumerate(found):
                when = at + number * 900 + run.times.whole(0, 800)
                basis = lot.material.basis
                shown = ticket(run, scale, lot.wet_kg, when, basis=basis, vehicle="truck")
                event = metal.stocktake(run.act(place, when), lot.uri, shown.readings)
                # Of a lot that came in two trucks, one may lie there in full while the other is still being booked in:
                # the scale would say less than the books. It takes its draws, so that all later chance is as it was.
                all_there = lot.out == 0
                run.journal.write(event, when, "office", wanted=all_there)
                if all_there:
                    shown.note(run, event, lot)
