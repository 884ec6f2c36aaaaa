"""The faults of a field one after another: the likeliest first, then what is left without it, until chance would do.

After that each is exchanged for what explains more in its place, and let go if it no longer counts beside the others,
so that an early mistake is taken back. Source: Narasimhan & Jordache (2000), Data Reconciliation and Gross Error
Detection, 8.3-8.5; exchange as in Bagajewicz & Jiang (1998), Ind. Eng. Chem. Res. 37, 3835."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.detection.faults.field import Left
from lodeline.metal.detection.faults.hypotheses import Hypotheses
from lodeline.metal.detection.faults.hypothesis import Hypothesis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.faults.field import Column, Direction, Field

    Array = NDArray[np.float64]

BETTER = 1e-6
"""One explains more than another if the logarithm of what chance expects is lower by more than this."""
EXCHANGES = 3
"""Passes over all that were found, in which each may be exchanged."""


class Sized(NamedTuple):
    """A hypothesis beside all others that were found.

    Attributes:
        hypothesis: Its ``statistic`` and ``log_expected`` are those beside the others.
        size, size_u: In the unit of its direction, estimated together with the others.
    """

    hypothesis: Hypothesis
    size: float
    size_u: float


class Search:
    """A search of one field; columns that were solved for are kept.

    Args:
        field: Where.
        hypotheses: Of that field.
    """

    def __init__(self, field: Field, hypotheses: Hypotheses) -> None:
        self.field, self.hypotheses = field, hypotheses
        self._columns: dict[tuple[str, tuple[int | str, ...]], Column] = {}

    def left(self, chosen: Sequence[Hypothesis]) -> Left:
        """What is left beside some."""
        columns, keys = [self.column(one) for one in chosen], [(one.family, one.key) for one in chosen]
        return Left(self.field, [one.direction for one in chosen], columns, keys)

    def found(self, limit: float, start: Sequence[Hypothesis] = ()) -> list[Hypothesis]:
        """The faults of which chance alone would give fewer than ``limit`` in all.

        Args:
            start: Faults to begin with; they are kept.
        """
        kept, chosen = list(start), list(start)
        if limit <= 0:
            return chosen
        while True:
            left = self.left(chosen)
            best = self.hypotheses.best(left)
            if best is None or best.log_share > np.log(limit):
                break
            chosen.append(best)
            if self.left(chosen).lost:
                chosen.pop()
                break
        for _ in range(EXCHANGES):
            changed = self._let_go(self._exchanged(chosen, kept), kept, limit)
            if [one.key for one in changed] == [one.key for one in chosen]:
                break
            chosen = changed
        return chosen

    def sized(self, chosen: Sequence[Hypothesis]) -> list[Sized]:
        """Each with its size, estimated together."""
        if not chosen:
            return []
        columns = [self.column(one) for one in chosen]
        gram = np.array([[self.field.product(one.direction, column) for column in columns] for one in chosen])
        seen = np.array([self.field.seen(one.direction) for one in chosen])
        scale = 1 / np.sqrt(np.diag(gram))  # sizes are in all kinds of units
        inverse = np.linalg.inv((gram + gram.T) / 2 * scale[:, None] * scale[None, :])
        size, size_u = scale * (inverse @ (scale * seen)), scale * np.sqrt(np.diag(inverse))
        return [
            Sized(self._beside(one, float(value), float(u)), float(value), float(u))
            for one, value, u in zip(chosen, size, size_u, strict=True)
        ]

    def _beside(self, one: Hypothesis, size: float, size_u: float) -> Hypothesis:
        statistic = size / size_u
        return one._replace(statistic=statistic, log_expected=self.hypotheses.log_expected(one, statistic, 1 / size_u))

    def _exchanged(self, chosen: list[Hypothesis], kept: list[Hypothesis]) -> list[Hypothesis]:
        for place in range(len(kept), len(chosen)):
            others = [*chosen[:place], *chosen[place + 1 :]]
            left = self.left(others)
            best = self.hypotheses.best(left)
            if best is not None and best.key != chosen[place].key:
                old = self.sized(chosen)[place].hypothesis
                if best.log_share < old.log_share - BETTER:
                    chosen = [*chosen[:place], best, *chosen[place + 1 :]]
        return chosen

    def _let_go(self, chosen: list[Hypothesis], kept: list[Hypothesis], limit: float) -> list[Hypothesis]:
        while len(chosen) > len(kept):
            sized = self.sized(chosen)[len(kept) :]
            worst = max(range(len(sized)), key=lambda place: sized[place].hypothesis.log_share)
            if sized[worst].hypothesis.log_share <= np.log(limit):
                break
            chosen = [*chosen[: len(kept) + worst], *chosen[len(kept) + worst + 1 :]]
        return chosen

    def shows(self, of: Direction) -> float:
        """How many standard deviations T would be off if there were a fault of size one, and it were looked for alone.

        No test that keeps its false alarms finds it more often than one of this T.
        """
        return float(np.sqrt(max(self.field.product(of, self.field.columns([of])[0]), 0.0)))

    def column(self, of: Hypothesis) -> Column:
        """``M d`` of the field."""
        key = (of.family, of.key)
        if key not in self._columns:
            self._columns[key] = self.field.columns([of.direction])[0]
        return self._columns[key]
