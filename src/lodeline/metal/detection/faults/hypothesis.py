"""What could be wrong with a reconciled book, family by family.

A *reading* may be wrong by itself; dry mass may be *lost* or *gained* on a road, or at any other *place* that balances;
an *instrument* may be off in a stretch of time, by a step or by a drift; a *calibration* may be far from its prior; the
number of one *species* may stand as that of another; a *receipt* may be one too many, or what came *again* and was not
counted may be another load; and what nobody measured may not be as is *usual*.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from lodeline.metal.detection.faults.field import Direction, Left

SHARES: Final[Mapping[str, float]] = {
    "lost": 0.25,
    "gained": 0.05,
    "species": 0.3,
    "receipt": 0.12,
    "instrument": 0.18,
    "reading": 0.02,
    "place": 0.02,
    "calibration": 0.02,
    "again": 0.02,
    "usual": 0.02,
}
"""What part of all false alarms each family may raise: more where there is more to be found. They sum to one.
Source: Genovese, Roeder & Wasserman (2006), Biometrika 93, 509-524, for weights that do not look at the data."""
CHECKED = 1e-4
"""A reading is checked where its residual keeps more than this part of its variance; factors are good to less."""

Key = tuple[int | str, ...]


class Hypothesis(NamedTuple):
    """One that could explain what is off.

    Attributes:
        family: A key of :data:`SHARES`.
        key: What is suspected, by family: the place in the list of readings, of biases, of suppositions, or of loads
            that were not counted; the node; the series, its first reading, the one behind its last, and the shape; the
            reading and the formula that is meant.
        statistic: T.
        log_expected: Logarithm of how many false alarms its family would raise beyond its evidence by chance.
        direction: What it does.
    """

    family: str
    key: Key
    statistic: float
    log_expected: float
    direction: Direction

    @property
    def log_share(self) -> float:
        """The same over the part of false alarms that its family may raise: comparable between families."""
        return self.log_expected - float(np.log(SHARES[self.family]))


class Family(Protocol):
    """Hypotheses of one kind, at one field."""

    def best(self, left: Left) -> Hypothesis | None:
        """The one with the most evidence beside what has been explained; None where there is none."""

    def log_expected(self, one: Hypothesis, statistic: float, effect: float) -> float:
        """Logarithm of how many false alarms the family would raise by chance beyond one that has this T now.

        Args:
            effect: By how many standard deviations T would move if the fault had size one; for known sizes.
        """

    def count(self) -> int:
        """How many tests it makes, or is worth."""

    def beyond(self, left: Left, one: Hypothesis, margin: float) -> list[Hypothesis]:
        """Those whose logarithm of the likelihood ratio is less by ``margin`` at most than that of one of any family.

        None to families that it is no rival of.
        """


def least(one: Hypothesis, margin: float) -> float:
    """The absolute T whose logarithm of the likelihood ratio is less by ``margin``; infinite where none is so small."""
    square = one.statistic**2 - 2 * margin
    return float(np.sqrt(square)) if square > 0 else float("inf")
