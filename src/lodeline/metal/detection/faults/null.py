"""How many false alarms a family of tests would raise by chance beyond a statistic.

- *One by one*: n tests of unknown size, each two-sided: ``n * 2 Phi(-t)``. It holds however they depend on each other.
- *Windows*: those of one instrument overlap, so that their number means little. The largest T of data that are drawn
  with nothing wrong tells how many independent tests N they are worth: ``1 - (1 - 2 Phi(-t))^N = 1/10`` at the t that
  a tenth of the draws exceeds. Farther out windows differ more: each of the two ends adds a factor t, so that
  ``N(t) = N (t / t0)^2``.
- *Known size*: a test whose fault, if there is one, would move T by e has ``T e - e^2 / 2`` as the logarithm of its
  likelihood ratio. By chance that is beyond l with probability ``Phi(-(l / e + e / 2))``, summed over all.

Source: Siegmund (1985), Sequential Analysis, chapters 4 and 11, for the factor of an end; Neyman & Pearson (1933),
Phil. Trans. R. Soc. A 231, 289-337; Barnard (1963), J. R. Stat. Soc. B 25, 294, for limits that are drawn.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import log_ndtr, logsumexp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.suspicion import Weight

    Array = NDArray[np.float64]

DRAWS = 200
"""Draws of data in which nothing is wrong: twenty exceed t0, which makes N sure to a fifth and a limit to a
twentieth."""
EXCEEDED = 0.1
"""Part of the draws that exceed t0."""
ENDS = 2
"""Ends of a window that are not known beforehand."""


class Judge(NamedTuple):
    """What makes evidence strong or weak, as how many false alarms chance alone may raise in a sound book.

    Attributes:
        alarm: Of strong suspicions, all families together: the probability that the policy names; None: nobody said.
        weak: Of weak ones.
    """

    alarm: float | None
    weak: float

    @property
    def sure(self) -> float:
        """How many may be raised by what is taken as a fault, and out of the way of others."""
        return self.weak if self.alarm is None else self.alarm

    def weigh(self, log_expected: float) -> Weight | None:
        """The weight of evidence beyond which chance raises so many, all families together; None where it is none."""
        if self.alarm is not None and log_expected <= math.log(self.alarm):
            return "strong"
        if self.weak <= 0 or log_expected > math.log(self.weak):
            return None
        return "note" if self.alarm is None else "weak"


class Tail(NamedTuple):
    """The tail of the largest of many overlapping tests.

    Attributes:
        worth: How many independent ones they are worth. at: the statistic where that was found; 0 where it is a number
            of tests one by one, the same everywhere.
    """

    worth: float
    at: float = 0.0

    @classmethod
    def drawn(cls, largest: Array) -> Tail:
        """From (draw,) the largest absolute T of each draw."""
        if not largest.size or not largest.any():
            return cls(0.0)
        at = float(np.quantile(largest, 1 - EXCEEDED))
        alone = 2 * np.exp(log_ndtr(-at))
        return cls(float(np.log1p(-EXCEEDED) / np.log1p(-alone)), at)

    def log_expected(self, statistic: float) -> float:
        """Logarithm of how many false alarms are expected beyond an absolute statistic."""
        if self.worth <= 0:
            return np.inf
        t = abs(statistic)
        farther = ENDS * np.log(max(t / self.at, 1.0)) if self.at else 0.0
        return float(np.log(2 * self.worth) + farther + log_ndtr(-t))


def log_expected(ratio: float, effects: Array) -> float:
    """Logarithm of how many tests of known size are beyond a logarithm of their likelihood ratio, by chance.

    Args:
        ratio: Logarithm of the likelihood ratio of a fault against none, > 0.
        effects: (test,) by how many standard deviations each fault would move its T.
    """
    some = effects[effects > 0]
    if not some.size:
        return np.inf
    return float(logsumexp(log_ndtr(-(ratio / some + some / 2))))
