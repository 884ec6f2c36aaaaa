"""What the data do not tell from a fault: a group, all of which is named.

Two are told apart where one is so much likelier that taking the other for it has at most the probability of a false
alarm: where the square of its T is larger by ``2 ln(1 / false alarms)``. What only happens to be as far off by itself
is no rival: with a rival taken out, what is left for the other to explain is within that, and half of it at most.
Source: Wald (1945), Ann. Math. Stat. 16, 117-186, (3:32).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.detection.faults.series import MASS, MOISTURE
from lodeline.metal.detection.faults.words import day

if TYPE_CHECKING:
    from lodeline.metal.detection.faults.field import Left
    from lodeline.metal.detection.faults.hypothesis import Hypothesis
    from lodeline.metal.detection.faults.search import Search
    from lodeline.metal.detection.faults.words import Words

ROAD = ("lost", "gained")
READING = ("reading", "species", "receipt")
LIKELIEST = 0.5
"""A probability of false alarms above this tells nothing apart that is not told apart by this."""


class Suspect(NamedTuple):
    """What else a fault may be.

    Attributes:
        words: As a sentence names it.
        family: Of the hypothesis.
        instrument: URI of the scale or laboratory that would be off, or that read the reading; None where none is.
        element: Symbol; None where it is about mass or moisture.
        moisture: Whether it is about moistures.
        begins, ends: UTC microseconds.
        lots, entries: Of a single reading or place; of a window none, since it may have hundreds.
    """

    words: str
    family: str
    instrument: str | None
    element: str | None
    moisture: bool
    begins: int
    ends: int
    lots: tuple[str, ...] = ()
    entries: tuple[int, ...] = ()


class Rivals:
    """Finds the group of each fault.

    Args:
        search: In which it was found.
        words: To name what is in it.
    """

    def __init__(self, search: Search, words: Words) -> None:
        self._search, self._words = search, words
        self._hypotheses, self._of = search.hypotheses, search.hypotheses.listed

    def of(self, one: Hypothesis, left: Left, false_alarms: float) -> tuple[Suspect, ...]:
        """What explains nearly as much in the place of a fault, beside all others that were found."""
        margin = math.log(1 / min(false_alarms, LIKELIEST))
        column = self._search.column(one)
        found = self._hypotheses.rivals(left, one, column, margin)
        suspects = [self._suspect(rival) for rival in found if not self._same(one, rival)]
        return tuple({suspect.words: suspect for suspect in reversed(suspects)}.values())[::-1]

    def _same(self, one: Hypothesis, other: Hypothesis) -> bool:
        """Whether two name the same suspect."""
        if one.family in READING and other.family in READING:
            return one.key[0] == other.key[0]
        if one.family == other.family == "instrument":
            first, second = (self._hypotheses.series[int(each.key[0])] for each in (one, other))
            return (first.kind, first.by, first.subject) == (second.kind, second.by, second.subject)
        if one.family == "calibration" and other.family == "instrument":
            return self._hypotheses.ledger.biases.listed[int(one.key[0])].id == self._suspect(other).instrument
        return one.family == other.family and one.key == other.key

    def _suspect(self, of: Hypothesis) -> Suspect:
        if of.family in READING:
            place = int(of.key[0])
            what = self._words.reading(place)
            return Suspect(
                words=f"{of.key[1]} in {what}" if of.family == "species" else f"an error of {what}",
                family=of.family,
                instrument=self._words.by(place),
                element=self._words.element(int(self._of.subject[place])),
                moisture=bool(self._of.kind[place] == MOISTURE),
                begins=int(self._of.at[place]),
                ends=int(self._of.at[place]),
                lots=self._words.lots(np.array([place])),
                entries=self._words.entries([place]),
            )
        if of.family == "instrument":
            return self._window(of)
        if of.family == "calibration":
            bias = self._hypotheses.ledger.biases.listed[int(of.key[0])]
            words = f"the calibration of {bias.kind} {bias.id} since {day(bias.begins)}"
            element = bias.subject if bias.subject in self._hypotheses.ledger.elements else None
            moisture = bias.kind == "laboratory" and element is None
            return Suspect(words, of.family, bias.id, element, moisture, bias.begins, bias.begins)
        if of.family == "usual":
            supposed = self._hypotheses.supposed.listed[int(of.key[0])]
            at, lots = self._words.at(self._words.process(supposed.flow)), self._words.lots_of(supposed.flow)
            words = f"what is usual of lot {next(iter(lots), 'without a name')}"
            element = self._words.element(supposed.element)
            return Suspect(words, of.family, None, element, False, at, at, lots, self._words.entries_of(supposed.flow))
        node = int(of.key[0])
        at, lots = self._words.at(node), self._words.lots_at(node)
        what = f"of lot {next(iter(lots), 'without a name')} on its road"
        if of.family not in ROAD:
            what = f"at {self._words.place(node)} on {day(at)}"
        words = f"a loss or gain {what}"
        return Suspect(words, of.family, None, None, False, at, at, lots, self._words.entries_at(node))

    def _window(self, of: Hypothesis) -> Suspect:
        series = self._hypotheses.series[int(of.key[0])]
        reading = series.reading[int(of.key[1]) : int(of.key[2])]
        begins, ends = (int(self._of.at[reading[place]]) for place in (0, -1))
        name, element = self._hypotheses.flows.names[series.by], self._words.element(series.subject)
        what = f"laboratory {name} in {element}"
        if series.kind in (MASS, MOISTURE):
            what = f"scale {name}" if series.kind == MASS else f"the moistures of laboratory {name}"
        words = f"{what} from {day(begins)} to {day(ends)}"
        return Suspect(words, "instrument", name, element, series.kind == MOISTURE, begins, ends)
