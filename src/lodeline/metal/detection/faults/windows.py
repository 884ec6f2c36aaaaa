"""Instruments in stretches of time: the best window of each, kept until something is found that moves it.

A fault that was found moves the scores of readings beside it, and those of a distant instrument by next to nothing. So
the best window of an instrument is looked for again only where the faults found so far that count for it are others
than before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from lodeline.metal.detection.faults.field import Direction
from lodeline.metal.detection.faults.hypothesis import Hypothesis, least
from lodeline.metal.detection.faults.null import DRAWS, Tail
from lodeline.metal.detection.faults.scan import DRIFT, Scores, Size, Window, averaged, best_window, largest, rise
from lodeline.metal.detection.faults.series import DAY, Listed, Series, series, shifts

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from lodeline.metal.detection.faults.field import Column, Field, Left

    Array = NDArray[np.float64]

MOVED = 0.02
"""A fault counts for an instrument if it moves the scores of its readings by a vector longer than this, so that those
that do not count move its T by less. What is told of a window that is chosen is computed without this."""


class Windows:
    """All windows of all instruments of a book.

    Args:
        of: All readings.
        generator: For draws.
        among: Families whose best may be in a group with a window.
    """

    def __init__(self, field: Field, of: Listed, generator: np.random.Generator, among: Sequence[str]) -> None:
        self._field, self._of, self._among = field, of, among
        self.series: tuple[Series, ...] = series(of)
        self._weights = [self._weight(one) for one in self.series]
        self._scores = self._all_scores()
        self._tail = self._drawn(generator)
        self._kept: dict[tuple[int, frozenset[Hashable]], Window | None] = {}
        self._moves: dict[Hashable, Array] = {}

    def best(self, left: Left) -> Hypothesis | None:
        """The window with the largest T of all."""
        found = [(number, self._window(left, number)) for number in range(len(self.series))]
        known = [(number, window) for number, window in found if window is not None]
        if not known:
            return None
        return self._told(*max(known, key=lambda one: abs(one[1].statistic)))

    def log_expected(self, one: Hypothesis, statistic: float, effect: float) -> float:
        """By what windows are worth."""
        del one, effect
        return self._tail.log_expected(statistic)

    def count(self) -> int:
        """How many tests windows are worth."""
        return round(self._tail.worth)

    def beyond(self, left: Left, one: Hypothesis, margin: float) -> list[Hypothesis]:
        """The best window of each instrument with a T as large; none to families that it is no rival of."""
        limit = least(one, margin)
        if one.family not in self._among or not np.isfinite(limit):
            return []
        found = [(number, self._window(left, number)) for number in range(len(self.series))]
        return [self._told(number, window) for number, window in found if window and abs(window.statistic) >= limit]

    def _window(self, left: Left, number: int) -> Window | None:
        """The best window of one series beside what was found."""
        counting = [
            name
            for name, one, column in zip(left.keys, left.chosen, left.columns, strict=True)
            if self._moved(name, one, column)[number] > MOVED
        ]
        key = (number, frozenset(counting))
        if key not in self._kept:
            self._kept[key] = best_window(self._beside(left, number))
        return self._kept[key]

    def size(self, left: Left, one: Hypothesis) -> Size:
        """How large the fault of an instrument is beside what was found, whichever its window is; it is not in it."""
        number, *_, shape = (int(part) for part in one.key)
        return averaged(self._beside(left, number), shape)

    def _beside(self, left: Left, number: int) -> Scores:
        weight = self._weights[number]
        return self._scores[number]._replace(score=weight.T @ left.white, taken=left.taken(weight))

    def _moved(self, name: Hashable, of: Direction, column: Column) -> Array:
        """(series,) the length of the vector by which a fault that was found moves the scores of each."""
        if name not in self._moves:
            whole = self._field.product(of, column)
            size = max(abs(self._field.seen(of)) / whole, whole**-0.5)
            lengths = np.sqrt([(column.values[weight.indices] ** 2).sum() for weight in self._weights])
            self._moves[name] = size * lengths
        return self._moves[name]

    def _told(self, number: int, window: Window) -> Hypothesis:
        start = self.series[number].start
        key = (number, int(start[window.first]), int(start[window.last]), window.shape)
        log_expected = self._tail.log_expected(window.statistic)
        return Hypothesis("instrument", key, window.statistic, log_expected, self.of_window(*key))

    def of_window(self, number: int, first: int, last: int, shape: int) -> Direction:
        """What a window does: a size of one is the whole of what is read, or 1 kg/kg, at the end of a drift."""
        reading = self.series[number].reading[first:last]
        size = shifts(self._of, reading, self._field.x)
        if shape == DRIFT:
            size = size * rise(self._of.at[reading].astype(np.float64))
        return Direction.of_readings(self._of.observation[reading], size)

    def _weight(self, of: Series) -> sparse.csc_array:
        """(observation, bundle) what a fault of one adds to each whitened reading."""
        rows = self._of.observation[of.reading]
        gain = shifts(self._of, of.reading, self._field.x) / self._field.model.u[rows]
        bundle = np.repeat(np.arange(of.start.size - 1), np.diff(of.start))
        return sparse.csc_array((gain, (rows, bundle)), shape=(self._field.model.value.size, of.start.size - 1))

    def _all_scores(self) -> list[Scores]:
        """The readings of each series; those of one method are a part of those of all methods of a laboratory."""
        found: dict[int, Scores] = {}
        whole: dict[tuple[int, int, int], list[int]] = {}
        for number in sorted(range(len(self.series)), key=lambda number: -self.series[number].reading.size):
            one = self.series[number]
            several = whole.setdefault((one.kind, one.by, one.subject), [])
            form = None
            for other in several if not one.bundled else []:
                inside = np.isin(self.series[other].reading, one.reading)
                if not self.series[other].bundled and inside.sum() == one.reading.size:
                    form = found[other].covariance[np.ix_(inside, inside)]
                    break
            else:
                several.append(number)
            weight = self._weights[number]
            at = (self._of.at[one.reading] - self._of.at[one.reading[0]]) / DAY
            found[number] = Scores(
                score=np.zeros(one.start.size - 1),
                covariance=self._field.form(weight) if form is None else form,
                taken=np.zeros((one.start.size - 1, 0)),
                square=np.asarray(weight.power(2).sum(axis=0)).ravel(),
                at=np.add.reduceat(at, one.start[:-1]) / np.diff(one.start),
            )
        return [found[number] for number in range(len(self.series))]

    def _drawn(self, generator: np.random.Generator) -> Tail:
        top = np.zeros(0)
        for drawn in self._field.drawn(DRAWS, generator):
            here = np.zeros(drawn.shape[1])
            for weight, scores in zip(self._weights, self._scores, strict=True):
                here = np.maximum(here, largest(weight.T @ drawn, scores))
            top = np.append(top, here)
        return Tail.drawn(top)
