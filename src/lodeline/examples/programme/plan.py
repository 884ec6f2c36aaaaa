"""The plan: three phases, how much of each line they hold, and how fast the programme goes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal

import msgspec

from lodeline.examples.programme.exporting import Exports
from lodeline.examples.programme.haulage import Arrived, send, send_in_halves
from lodeline.examples.programme.lots import Lot
from lodeline.examples.programme.measuring import weigh
from lodeline.examples.programme.milling import LOADS_IN_BLEND, TRUCKS_IN_HEAP, Blend, Heap, mill
from lodeline.examples.programme.mining import charge_of_copper_ore, load_of_ore
from lodeline.examples.programme.recycling import DRUMS, collect
from lodeline.examples.programme.refining import Refinery
from lodeline.examples.programme.run import DAY, END, HOUR, START, Run
from lodeline.examples.programme.stocktaking import StockTakes
from lodeline.examples.programme.tables import Source, tables

Line = Literal["antimony", "copper", "rare-earth", "scrap"]

LOTS_OF: dict[Line, int] = {
    "antimony": TRUCKS_IN_HEAP + 6,
    "copper": 3,
    "rare-earth": LOADS_IN_BLEND + 3,
    "scrap": DRUMS + 2,
}
"""Lots that one start of a line makes, up to its concentrate and tailings, or its oxide and residue."""

REFINED = 0.75
"""How many of the concentrates go to the refinery once it runs; the others leave for Missouri. Assumed."""


class Phase(msgspec.Struct, frozen=True):
    """One phase.

    Attributes:
        start: Its first day.
        done: Which part of all lots there is when it ends.
        lines: Weight of each line among the starts of this phase.
    """

    name: str
    what: str
    start: date
    done: float
    lines: tuple[tuple[float, Line], ...]


PHASES = (
    Phase(
        "first shipments", "Concentrates from Pakistan to Missouri.", date(2021, 1, 4), 0.20,
        ((0.30, "antimony"), (0.45, "copper"), (0.25, "rare-earth")),
    ),
    Phase(
        "refinery", "A poly-metallic refinery in Pakistan; recycling begins in Missouri.", date(2022, 4, 1), 0.60,
        ((0.27, "antimony"), (0.38, "copper"), (0.27, "rare-earth"), (0.08, "scrap")),
    ),
    Phase(
        "recycling", "Recycling of magnets grows in Missouri.", date(2024, 1, 1), 1.0,
        ((0.22, "antimony"), (0.30, "copper"), (0.23, "rare-earth"), (0.25, "scrap")),
    ),
)  # fmt: skip
"""The phases, their lengths and shares assumed."""

_STARTS = tuple(int(datetime(*phase.start.timetuple()[:3], tzinfo=UTC).timestamp()) for phase in PHASES)
_LAST_ORE = END - 45 * DAY
_LAST_SCRAP = END - 20 * DAY


class Plan:
    """Starts the lines so that the programme has the lots that were asked for by its end."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.exports = Exports(run)
        self.refinery = Refinery(run, self.exports.ready)
        self._promised = 0
        self._drawn: Line | None = None
        StockTakes(run)
        run.later(START, self._morning)

    def _morning(self, at: int) -> None:
        """Start what is due today; a line that was started counts with all the lots it will make."""
        run = self.run
        run.later(at + DAY, self._morning)
        wanted = run.lots * _progress(at)
        while True:
            line = self._drawn = "scrap" if at >= _LAST_ORE else self._drawn or self._draw(at)
            if self._promised + run.made_by_refinery + LOTS_OF[line] / 2 > wanted:
                # It waits for its day: drawing another one, until one fits, would starve the lines of many lots.
                return
            self._drawn = None
            self._promised += LOTS_OF[line]
            self._start(line, at + run.times.whole(0, DAY - 1))

    def _draw(self, at: int) -> Line:
        """Which line starts next, by the weights of its phase."""
        phase = PHASES[sum(at >= start for start in _STARTS) - 1]
        return self.run.times.weighted(phase.lines)

    def _start(self, line: Line, at: int) -> None:
        run = self.run
        sources = [(source.share, source) for source in tables().sources.values() if source.line == line]
        source: Source = run.times.weighted(sources)
        match line:
            case "antimony":
                self._trucks(
                    source, "antimony-ore", "antimony-yard", TRUCKS_IN_HEAP, Heap(run, self._milled).arrived, at
                )
            case "rare-earth":
                self._trucks(
                    source, "rare-earth-ore", "rare-earth-yard", LOADS_IN_BLEND, Blend(run, self._milled).arrived, at
                )
            case "copper":
                run.later(at, lambda when: self._copper(source, when))
            case "scrap":
                run.later(at, lambda when: collect(run, source, when))

    def _trucks(self, source: Source, material: str, yard: str, count: int, arrived: Arrived, at: int) -> None:
        run, where = self.run, f"mine-{source.key}"

        def mine(when: int) -> None:
            lot = load_of_ore(run, source, material, where, when)
            run.later(when + run.times.whole(3, 40) * HOUR, lambda then: send(run, lot, yard, then, arrived))

        for _ in range(count):
            run.later(at, mine)
            at += run.times.whole(1, 20) * HOUR

    def _copper(self, source: Source, at: int) -> None:
        run = self.run
        lot = charge_of_copper_ore(run, source, at)
        weigh(run, lot, "belt-scale-copper-mill", at + run.times.whole(8, 12) * HOUR, "none")
        run.later(
            at + run.times.whole(16, 24) * HOUR,
            lambda when: mill(run, lot, "copper-mill", "copper-mill", self._milled, when),
        )

    def _milled(self, lot: Lot, at: int) -> None:
        """Concentrate goes to Missouri, or to the refinery once that runs."""
        run = self.run
        refined = run.times.happens(REFINED)
        if at < _STARTS[1] or not refined:
            self.exports.ready(lot, at)
        elif lot.wet_kg > 26_000.0:
            send_in_halves(run, lot, "refinery", at, self.refinery.arrived)
        else:
            send(run, lot, "refinery", at, self.refinery.arrived)


def _progress(at: int) -> float:
    """Which part of its lots the programme should have by now."""
    edges = [*_STARTS, _LAST_SCRAP]
    done = [0.0, *(phase.done for phase in PHASES)]
    for start, end, before, after in zip(edges, edges[1:], done, done[1:], strict=False):
        if at < end:
            return before + (after - before) * (at - start) / (end - start)
    return 1.0
