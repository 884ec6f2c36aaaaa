"""The programme while it runs: a clock with what is to happen next, and everything that the acts share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

from lodeline.examples.programme.chance import Chance, streams
from lodeline.examples.programme.faults import FaultKind, Faults
from lodeline.examples.programme.instruments import YEARS, Instruments
from lodeline.examples.programme.journal import Hand, Journal
from lodeline.examples.programme.lots import Lot
from lodeline.examples.programme.matter import Masses
from lodeline.examples.programme.tables import IDS, place, tables
from lodeline.examples.programme.truth import Truth
from lodeline.record.metal import Act, Event

DAY = 86_400
HOUR = 3_600

START = int(datetime(2021, 1, 4, tzinfo=UTC).timestamp())
END = int(datetime(2025, 12, 22, tzinfo=UTC).timestamp())
"""The programme's first and last instant. It lies in the past, so that no act is recorded before it happened."""

_YEAR_STARTS = tuple(int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in YEARS[1:])

_OF_REFINERY = frozenset({"mixed-feed", *(outlet.material for outlet in tables().plants["refinery"].outlet)})

_STREAMS = ("instruments", "errors", "faults", "matter", "times", "clerks", "journal")


class Run:
    """One programme, running.

    Args:
        lots: How many lots it is to have.
        seed: Of all chance in it.
        faults: Which kinds are planted.
        per_document: Events in a document.
    """

    def __init__(self, *, lots: int, seed: int, faults: tuple[FaultKind, ...], per_document: int) -> None:
        drawn = streams(seed, lots, _STREAMS)
        self.lots = lots
        self.matter, self.times, self.clerks = drawn["matter"], drawn["times"], drawn["clerks"]
        self.faults = Faults(faults, lots, START, END, drawn["faults"])
        self.instruments = Instruments(drawn["instruments"], drawn["errors"], self.faults)
        self.errors: Chance = drawn["errors"]
        self.journal = Journal(drawn["journal"], per_document)
        self.truth = Truth(lots=lots, seed=seed)
        self.alive: dict[int, Lot] = {}
        self.made_by_refinery = 0
        self.elsewhere: dict[int, tuple[str, Callable[[], Masses]]] = {}
        self._next: list[tuple[int, int, Callable[[int], None]]] = []
        self._counts: dict[str, int] = {}
        self._zones = {key: _zone(site["zone"]) for key, site in tables().sites.items()}
        self._zones |= {key: self._zones[store["site"]] for key, store in tables().stores.items()}
        self._places = {key: place(key) for key in self._zones}

    def later(self, at: int, act: Callable[[int], None]) -> None:
        """Do this at that instant; what lies beyond the end never happens."""
        heappush(self._next, (at, self.number("act"), act))

    def documents(self) -> Iterator[bytes]:
        """Run to the end, and give the documents as they come into the book."""
        while self._next and self._next[0][0] < END:
            at, _, act = heappop(self._next)
            act(at)
            yield from self.journal.captured_by(at)
        self._close()
        yield from self.journal.rest()

    def _close(self) -> None:
        """At the end: what is still there counts as stock, on the road or in a heap."""
        for lot in self.alive.values():
            self.truth.leaves(f"in stock as {lot.material.kind}", lot.matter)
        for where, matter in self.elsewhere.values():
            self.truth.leaves(where, matter())
        # What no lot ever met did not happen.
        self.truth.faults = [fault for fault in self.faults.planted if fault.lots]
        self.truth.instruments = self.instruments.told()

    def holds(self, where: str, matter: Callable[[], Masses]) -> int:
        """Matter that belongs to no lot for a while, such as a load on the road; the number by which to let it go."""
        number = self.number("elsewhere")
        self.elsewhere[number] = (where, matter)
        return number

    def number(self, kind: str) -> int:
        """The next number of a kind, from 1 on."""
        number = self._counts[kind] = self._counts.get(kind, 0) + 1
        return number

    def lot(self, material: str, matter: Masses, water: int, where: str, owner: str, at: int) -> Lot:
        """A lot is made."""
        of = tables().materials[material]
        uri = f"{IDS}/lot/{material}-{self.number(material):06d}"
        lot = Lot(self.truth.lot(uri, of, matter, water), uri, of, matter, water, where, owner)
        lot.since = at
        lot.oxides = not self.clerks.happens(0.3)
        self.alive[lot.number] = lot
        self.made_by_refinery += material in _OF_REFINERY
        return lot

    def end(self, lot: Lot, how: str | None) -> None:
        """A lot is no more: it went into a process (None), or left what is followed."""
        del self.alive[lot.number]
        if how is not None:
            self.truth.leaves(f"{how} {lot.material.kind}", lot.matter)

    def act(self, where: str, at: int, papers: tuple[tuple[str, str], ...] = (), event_id: str | None = None) -> Act:
        """An act at a site or store, by its local time."""
        when = datetime.fromtimestamp(at, tz=self._zones[where])
        return Act(at=when, place=self._places[where], transactions=papers, event_id=event_id)

    def write(self, event: Event, at: int, hand: Hand) -> int:
        """Put an event on its way into the book."""
        return self.journal.write(event, at, hand)

    def uri(self, where: str) -> str:
        """URI of a site or store."""
        return self._places[where]

    def local(self, where: str, at: int) -> datetime:
        """An instant in the time of a place."""
        return datetime.fromtimestamp(at, tz=self._zones[where])


def year_of(at: int) -> int:
    """Which year of the programme, from 0 on."""
    return sum(at >= start for start in _YEAR_STARTS)


def _zone(name: str) -> tzinfo:
    # Pakistan keeps one offset all year; a fixed one is quicker to look up, a hundred thousand times.
    return timezone(timedelta(hours=5)) if name == "Asia/Karachi" else ZoneInfo(name)
