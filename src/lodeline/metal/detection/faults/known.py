"""Mistakes of known size: what one would do is known before it is looked for, and so how likely it is beside none.

A fault that would move T by e has ``T e - e^2 / 2`` as the logarithm of its likelihood ratio. What peers of a reading
say is independent of that and adds up with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lodeline.metal.detection.faults.field import Direction
from lodeline.metal.detection.faults.hypothesis import CHECKED, Hypothesis
from lodeline.metal.detection.faults.null import log_expected

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.faults.field import Field, Left
    from lodeline.metal.detection.faults.mistakes import Mistakes
    from lodeline.metal.detection.faults.receipts import Load
    from lodeline.metal.detection.faults.series import Listed

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Known:
    """Readings that may be wrong by a known amount.

    Args:
        family: Its name.
        of: All readings.
        mistakes: Which, and by how much.
    """

    def __init__(self, family: str, field: Field, of: Listed, mistakes: Mistakes) -> None:
        self._family, self._mistakes = family, mistakes
        self._rows: Rows = of.observation[mistakes.reading]
        self._shift: Array = mistakes.shift / field.model.u[self._rows]
        self._effects = np.hypot(self._shift * np.sqrt(field.kept[self._rows]), mistakes.by_peers)
        self._places = {
            key: place for place, key in enumerate(zip(mistakes.reading.tolist(), mistakes.meant, strict=True))
        }

    def best(self, left: Left) -> Hypothesis | None:
        """The one with the largest likelihood ratio."""
        statistic, effect, ratio = self._ratios(left)
        if not (ratio > 0).any():
            return None
        place = int(ratio.argmax())
        return self._told(place, statistic, log_expected(float(ratio[place]), effect))

    def log_expected(self, one: Hypothesis, statistic: float, effect: float) -> float:
        """By the sizes of all."""
        of = self._mistakes
        place = self._places[int(one.key[0]), str(one.key[1])]
        by_peers = float(of.by_peers[place])
        ratio = statistic * effect - effect**2 / 2 + float(of.peers[place]) * by_peers - by_peers**2 / 2
        return log_expected(ratio, self._effects) if ratio > 0 else float("inf")

    def count(self) -> int:
        """How many there are."""
        return int(self._rows.size)

    def beyond(self, left: Left, one: Hypothesis, margin: float) -> list[Hypothesis]:
        """Those of this family that are nearly as likely as one of it; no others are known to be of a size."""
        if one.family != self._family:
            return []
        statistic, _, ratio = self._ratios(left)
        own = ratio[self._places[int(one.key[0]), str(one.key[1])]]
        near = np.flatnonzero((ratio > 0) & (ratio >= own - margin))
        return [self._told(int(place), statistic, np.inf) for place in near[np.argsort(-ratio[near], kind="stable")]]

    def _ratios(self, left: Left) -> tuple[Array, Array, Array]:
        """(mistake,) T, by how much the mistake would move it with what its peers say, and the log likelihood ratio."""
        of, kept = self._mistakes, left.kept[self._rows]
        size = np.sqrt(np.maximum(kept, CHECKED))
        statistic, effect = left.white[self._rows] / size, self._shift * size
        ratio = statistic * effect - effect**2 / 2 + of.peers * of.by_peers - of.by_peers**2 / 2
        return statistic, np.hypot(effect, of.by_peers), np.where(kept > CHECKED, ratio, -np.inf)

    def _told(self, place: int, statistic: Array, expected: float) -> Hypothesis:
        of = self._mistakes
        direction = Direction.of_readings(self._rows[[place]], of.shift[[place]])
        key = (int(of.reading[place]), of.meant[place])
        return Hypothesis(self._family, key, float(statistic[place]), expected, direction)


class LeftOut:
    """Loads that were not counted, each of which may have come.

    Args:
        loads: Of the book.
    """

    def __init__(self, field: Field, loads: Sequence[Load]) -> None:
        self.loads = tuple(loads)
        self.weights: Array = field.weights([one.direction for one in loads])

    def best(self, left: Left) -> Hypothesis | None:
        """The one of which it is likeliest that it came."""
        pairs = zip(self.loads, self.weights.tolist(), strict=True)
        effect = np.sqrt([left.weight(one.direction, whole) for one, whole in pairs])
        seen = np.array([left.seen(one.direction) for one in self.loads])
        statistic = np.where(effect > 0, seen / np.where(effect > 0, effect, 1.0), 0.0)
        ratio = statistic * effect - effect**2 / 2
        if not (ratio > 0).any():
            return None
        place = int(ratio.argmax())
        expected = log_expected(float(ratio[place]), effect)
        return Hypothesis("again", (place,), float(statistic[place]), expected, self.loads[place].direction)

    def log_expected(self, one: Hypothesis, statistic: float, effect: float) -> float:
        """By the sizes of all."""
        del one
        ratio = statistic * effect - effect**2 / 2
        return log_expected(ratio, np.sqrt(self.weights)) if ratio > 0 else float("inf")

    def count(self) -> int:
        """How many there are."""
        return len(self.loads)

    def beyond(self, left: Left, one: Hypothesis, margin: float) -> list[Hypothesis]:
        """None: whether a load came is asked of that load alone."""
        del left, one, margin
        return []
