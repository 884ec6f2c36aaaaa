"""How often the largest of many tests is large where nothing is wrong.

Tests of one set of data are correlated, and strongly so: in a network the same imbalance shows in every stream of a
balance. Sidak's limit treats them as independent and so alarms too seldom. The limit here is read off the largest
statistic of data that are drawn with nothing wrong, all hypotheses from the same errors, so that the rate is exact.
Source: Sidak (1967), J. Am. Stat. Assoc. 62, 626-633; for the drawn one, Barnard (1963), J. R. Stat. Soc. B 25, 294:
the rank of what was observed among equally likely draws is uniform, so that the test is exact for any number of draws.
"""

from __future__ import annotations

from functools import cached_property
from math import ceil, expm1, log1p
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from lodeline.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.gross_errors.projection import Projection

    Array = NDArray[np.float64]

ALARMS = 20
"""Draws above the limit from which it is read, so that a limit has a fifth of its rate as error and no more."""


class Null:
    """Statistics where nothing is wrong.

    Attributes:
        statistic: (draw, hypothesis) T, all of a row from the same errors.
    """

    def __init__(self, statistic: Array) -> None:
        self.statistic = statistic

    @classmethod
    def of(cls, projection: Projection, draws: int, generator: np.random.Generator) -> Null:
        """Draw them from the covariance of the residuals."""
        return cls(standardised(projection.drawn(draws, generator), projection.weight))

    @cached_property
    def largest(self) -> Array:
        """(draw,) the largest absolute statistic."""
        return np.asarray(np.abs(self.statistic).max(axis=1, initial=0.0))

    @cached_property
    def _at(self) -> NDArray[np.int64]:
        """(draw,) which it is of."""
        return np.asarray(np.abs(self.statistic).argmax(axis=1))

    def largest_without(self, some: NDArray[np.bool_]) -> Array:
        """(draw,) the largest absolute statistic of all but some, (hypothesis,)."""
        found = self.largest.copy()
        if not some.all():
            again = np.flatnonzero(some[self._at])
            found[again] = np.abs(self.statistic[np.ix_(again, np.flatnonzero(~some))]).max(axis=1)
        else:
            found[:] = 0.0
        return found

    def limit(self, false_alarms: float) -> float:
        """The absolute statistic that the largest of all exceeds in this share of draws.

        Raises:
            InputError: ``detection.false_alarms``, ``detection.draws``.
        """
        check_rate(false_alarms)
        draws = self.statistic.shape[0]
        if draws < draws_for(false_alarms, alarms=1):
            raise InputError(
                "detection.draws",
                "So few draws do not reach that rate; draw more.",
                draws=draws,
                needed=draws_for(false_alarms),
            )
        return float(np.sort(self.largest)[ceil((1 - false_alarms) * (draws + 1)) - 1])

    def p(self, statistic: float) -> float:
        """Probability that any statistic is as large as one that was observed.

        The rank among the draws, or Sidak's bound where that is smaller: beyond the draws only the bound says anything.
        """
        draws, count = self.statistic.shape
        rank = (1 + int((self.largest >= abs(statistic)).sum())) / (draws + 1)
        alone = min(2 * float(norm.sf(abs(statistic))), 1 - 1e-16)
        return float(min(rank, -expm1(count * log1p(-alone))))


def standardised(seen: Array, weight: Array) -> Array:
    """T = seen / weight ** 0.5, (row, hypothesis) and (hypothesis,); 0 where the weight is."""
    return seen * np.where(weight > 0, 1 / np.sqrt(np.where(weight > 0, weight, 1.0)), 0.0)


def draws_for(false_alarms: float, *, alarms: int = ALARMS) -> int:
    """How many draws leave a number of them above the limit of a rate."""
    check_rate(false_alarms)
    return ceil(alarms / false_alarms - 1e-9) - 1


def sidak(false_alarms: float, count: int) -> float:
    """The limit of an absolute standard normal statistic at which any of ``count`` independent ones alarms.

    Raises:
        InputError: ``detection.false_alarms``.
    """
    check_rate(false_alarms)
    return float(norm.isf(-np.expm1(np.log1p(-false_alarms) / max(count, 1)) / 2))


def check_rate(false_alarms: float) -> None:
    """Refuse what is no rate.

    Raises:
        InputError: ``detection.false_alarms``.
    """
    if not 0 < false_alarms < 1:
        raise InputError(
            "detection.false_alarms", "A rate of false alarms lies between 0 and 1, as 0.05 does.", given=false_alarms
        )
