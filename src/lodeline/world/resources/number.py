"""How many deposits are not found yet: probabilities from what experts say at 90, 50 and 10 percent.

An expert who says ``N90 = 1, N50 = 2, N10 = 4`` holds that there are at least 1 with a probability of 0.9, at least 2
with 0.5, and at least 4 with 0.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError

if TYPE_CHECKING:
    import polars
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ELICITED = (0.9, 0.5, 0.1, 0.05, 0.01, 0.005, 0.001, 0.0005, 0.0001)
"""Probabilities of *at least so many*, in the order in which numbers are given."""
COUNTS = (3, 5, 7, 9)
"""How many of them an expert may give."""
GRID = 40
"""Points of the grid of means, and of variances, on which a negative binomial is fitted; as in MapMark4."""
OFF_THE_EDGE = 0.01
"""By how much the grid begins above the least mean, and above the mean for variances; as in MapMark4."""
MOST_DEPOSITS = 100_000
"""More in one tract are taken for a slip."""
RIGHT_TAIL = 0.001
"""The part of the right tail that a negative binomial loses; as in MapMark4."""


class Number(NamedTuple):
    """Probabilities of 0, 1, 2 … deposits.

    Attributes:
        method: By name and source.
        probability: (number,) adds up to 1.
    """

    method: str
    probability: Floats

    @property
    def mean(self) -> float:
        """The expected number."""
        return float(np.arange(self.probability.size) @ self.probability)

    @property
    def variance(self) -> float:
        """Of the number."""
        return float((np.arange(self.probability.size) - self.mean) ** 2 @ self.probability)

    @property
    def zero(self) -> float:
        """The probability that there is none."""
        return float(self.probability[0])

    def at_least(self, number: int) -> float:
        """The probability of so many or more."""
        return float(self.probability[number:].sum())

    def table(self) -> polars.DataFrame:
        """A row a number: its probability, and that of as many or more."""
        import polars

        rest = np.cumsum(self.probability[::-1])[::-1]
        return polars.DataFrame(
            {"deposits": np.arange(self.probability.size), "probability": self.probability, "at_least": rest}
        )


def mark3(at_least: Sequence[int]) -> Number:
    """The distribution of Root, Menzie and Scott: between two elicited numbers evenly, and half of it at each end.

    Between ``a`` with probability of at least ``p`` and ``b`` with ``q``, the mass ``p - q`` is spread with weights
    1, 2, 2 … 2, 1; below the first number with weights 2, 2 … 2, 1; the last number has what is left.

    Args:
        at_least: Numbers at 90, 50, 10 percent; or with 5, 1, then 0.5, 0.1, then 0.05, 0.01 too; none falls.

    Raises:
        InputError: ``world.deposits_elicited``.

    Source: Root, Menzie & Scott (1992), Nonrenewable Resources 1(2), 125-138.
    """
    numbers = _elicited(at_least)
    found = np.zeros(numbers[-1] + 1)
    held = (1.0, *ELICITED[: len(numbers)])
    weights = np.full(numbers[0] + 1, 2.0)
    weights[-1] = 1.0
    found[: numbers[0] + 1] += (held[0] - held[1]) * weights / weights.sum()
    for at in range(1, len(numbers)):
        first, last = numbers[at - 1], numbers[at]
        weights = np.full(last - first + 1, 2.0)
        weights[[0, -1]] = 1.0
        found[first : last + 1] += (held[at] - held[at + 1]) * weights / weights.sum()
    found[-1] += held[-1]
    return Number("Mark3: Root, Menzie & Scott (1992)", found)


def mark4(at_least: Sequence[int], *, most: int) -> Number:
    """The distribution of Phillips: even from one elicited number to just below the next, so that each holds exactly.

    Args:
        at_least: As :func:`mark3`. most: no more deposits than this; not below the last of them.

    Where a first number is 0 the statement cannot hold, since at least 0 is certain; the mass below the first number
    above 0 is then what that number leaves.

    Raises:
        InputError: ``world.deposits_elicited``.

    Source: the algorithm of J. D. Phillips (2011) in MapMark4, USGS Techniques and Methods 7-C14.
    """
    numbers = _elicited(at_least)
    if not numbers[-1] <= most <= MOST_DEPOSITS:
        raise InputError(
            "world.deposits_elicited",
            f"The most deposits is from the last number ({numbers[-1]}) to {MOST_DEPOSITS:,}, not {most}.",
        )
    found = np.zeros(most + 1)
    held = ELICITED[: len(numbers)]
    found[numbers[-1] :] += held[-1] / (most + 1 - numbers[-1])
    above = next((at for at, one in enumerate(numbers) if one > 0), len(numbers))
    for at in range(above + 1, len(numbers)):
        first, last = numbers[at - 1], numbers[at]
        span = slice(first, last) if last > first else slice(last, last + 1)
        found[span] += (held[at - 1] - held[at]) / max(last - first, 1)
    if above == len(numbers):
        found[0] += 1 - held[-1]
    else:
        found[: numbers[above]] += (1 - held[above]) / numbers[above]
    return Number("Mark4: Phillips (2011), USGS TM 7-C14", found)


class Expert(NamedTuple):
    """What one expert says, and how much it counts.

    Attributes:
        at_least: At 90, 50 and 10 percent. weight: above 0.
    """

    at_least: tuple[int, int, int]
    weight: float = 1.0


def negative_binomial(experts: Sequence[Expert]) -> Number:
    """The negative binomial whose numbers at 90, 50 and 10 percent are nearest to those of all experts.

    Nearest is the least sum of weighted absolute differences, sought on a grid of 40 means by 40 variances: means from
    the experts' weighted mean N90 to their N10, variances from the mean to ``(N10 - N90)^2``. The right tail above
    0.001 is cut, then numbers rarer than the last, and the rest adds up to 1.

    Raises:
        InputError: ``world.deposits_elicited``, ``world.deposits_not_spread``.

    Source: Ellefsen (2017), USGS Techniques and Methods 7-C14 and 7-C15.
    """
    from scipy.stats import nbinom

    if not experts or not all(np.isfinite(one.weight) and one.weight > 0 for one in experts):
        raise InputError("world.deposits_elicited", "Name at least one expert, each with a weight above 0.")
    said = np.array([_elicited(one.at_least) for one in experts], dtype=np.float64)  # (expert, 3)
    if said.shape[1] != 3:
        raise InputError("world.deposits_elicited", "A negative binomial is fitted to N90, N50 and N10 only.")
    weight = np.array([one.weight for one in experts])
    low, high = (float(weight @ said[:, at] / weight.sum()) for at in (0, 2))
    means, variances = _grid(low, high)
    chance = means / variances
    size = means * chance / (1 - chance)
    numbers = nbinom.isf(np.array(ELICITED[:3])[:, None], size, chance)  # (3, point)
    cost = np.abs(numbers[None] - said[:, :, None]).sum(axis=1)  # (expert, point)
    best = int(np.argmin(weight @ cost))
    last = int(nbinom.isf(RIGHT_TAIL, size[best], chance[best]))
    found = nbinom.pmf(np.arange(last + 1), size[best], chance[best])
    found[found < found[-1]] = 0.0
    return Number("negative binomial: Ellefsen (2017), USGS TM 7-C14", found / found.sum())


def custom(numbers: Sequence[int], weights: Sequence[float]) -> Number:
    """Probabilities in proportion to weights.

    Raises:
        InputError: ``world.deposits_elicited``.
    """
    good = len(numbers) == len(weights) > 0 and all(0 <= one < float("inf") for one in weights) and sum(weights) > 0
    if not good or not all(0 <= one <= MOST_DEPOSITS for one in numbers) or len(set(numbers)) < len(numbers):
        raise InputError(
            "world.deposits_elicited",
            f"Give each number of deposits once, from 0 to {MOST_DEPOSITS:,}, with a weight from 0, not all of them 0.",
        )
    found = np.zeros(max(numbers) + 1)
    found[list(numbers)] = weights
    return Number("as given", found / found.sum())


def _grid(low: float, high: float) -> tuple[Floats, Floats]:
    """Means and variances of the grid, variance by variance, so that of equals the first is MapMark4's."""
    most = (high - low) ** 2
    means = np.linspace(low + OFF_THE_EDGE, high, GRID)
    variances = np.array([np.linspace(mean + OFF_THE_EDGE, most, GRID) for mean in means])  # (mean, variance)
    spread = np.broadcast_to(means[:, None], variances.shape)
    # Where the experts' own spread is no more than the mean, MapMark4's grid runs backwards.
    good = (variances <= most) & (spread > 0) & (most > spread)
    if not good.any():
        raise InputError(
            "world.deposits_not_spread",
            "The numbers lie too close together for a negative binomial, whose variance is above its mean; use mark3.",
        )
    return spread.T[good.T], variances.T[good.T]


def _elicited(at_least: Sequence[int]) -> tuple[int, ...]:
    numbers = tuple(int(one) for one in at_least)
    ordered = list(numbers) == sorted(numbers)
    if len(numbers) not in COUNTS or not ordered or numbers[0] < 0 or numbers[-1] > MOST_DEPOSITS:
        raise InputError(
            "world.deposits_elicited",
            f"Want 3, 5, 7 or 9 numbers of deposits from 0 to {MOST_DEPOSITS:,}, none below the one before; not "
            f"{list(at_least)}.",
        )
    return numbers
