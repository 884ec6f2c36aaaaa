"""Metal in deposits that are not found yet: number of deposits times grade-tonnage model, by Monte Carlo."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from lodeline.errors import InputError
from lodeline.units.figure import Figure
from lodeline.world.resources.classes import Contained
from lodeline.world.resources.model import Drawn, Model, Moments
from lodeline.world.resources.number import Number

if TYPE_CHECKING:
    import polars
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ORE = "ore"
PARTS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Parts of the samples whose tonnage is told: as MapMark4 prints them."""
LEAST_SAMPLES = 1_000
"""Fewer samples do not place the outer quantiles."""
MOST_SAMPLES = 10_000_000
MOST_DRAWN = 1_000_000_000
"""Deposits in all samples together; as many take minutes."""
AT_ONCE = 1_000_000
"""Deposits drawn at once, to keep memory small; it changes no result but the order of draws."""


class Quantile(msgspec.Struct, frozen=True, kw_only=True):
    """A tonnage that a part of the samples does not exceed.

    Attributes:
        part: 0 to 1. tonnes. error_t: its Monte Carlo standard error, from the ranks that a binomial count spans.
    """

    part: float
    tonnes: float
    error_t: float


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """All ore, or all metal of one element, in the undiscovered deposits of a tract; class *undiscovered*.

    Attributes:
        quantity: ``ore`` or an element.
        mean_t, mean_error_t: Mean of the samples, and its Monte Carlo standard error.
        sd_t: Standard deviation of the samples.
        exact_mean_t, exact_sd_t: ``E[N] E[X]``, and the square root of ``E[N] Var X + Var N E[X]^2``; None where the
            model has no moments at hand.
        zero: Probability of none. above_mean: part of the samples above their mean.
        quantiles: Smallest part first.
    """

    quantity: str
    mean_t: float
    mean_error_t: float
    sd_t: float
    exact_mean_t: float | None
    exact_sd_t: float | None
    zero: float
    above_mean: float
    quantiles: tuple[Quantile, ...]


class Undiscovered(msgspec.Struct, frozen=True, kw_only=True):
    """What a tract may hold.

    Attributes:
        tract, as_of: Its name, and the date of what experts say. number, model, grade_tonnage: methods and sources.
        assumed: Whether numbers of deposits are the user's own supposition.
        samples, seed: Of the simulation; seed None where the generator came from outside.
        expected_deposits, zero: Mean number of deposits, and the probability of none.
        totals: Ore, then each element.
    """

    tract: str
    as_of: str
    number: str
    model: str
    grade_tonnage: str
    assumed: bool
    samples: int
    seed: int | None
    expected_deposits: float
    zero: float
    totals: tuple[Total, ...]

    def total(self, quantity: str) -> Total:
        """Of ``ore`` or an element."""
        return next(one for one in self.totals if one.quantity == quantity)

    def contained(self, element: str) -> Contained:
        """Metal of an element in class *undiscovered*, mean and standard deviation: it adds to no other class."""
        total = self.total(element)
        return Contained(
            element=element,
            resource_class="undiscovered",
            figure=Figure(value=total.mean_t, u=total.sd_t, unit="TNE", standing="computed", rests_on=(self.tract,)),
            deposits=(self.tract,),
            as_of=(self.as_of,),
            sources=(self.grade_tonnage,),
            reserves="not applicable",
        )

    def table(self) -> polars.DataFrame:
        """A row a quantity, tonnes: mean with its error, exact mean, quantiles with theirs."""
        import polars

        rows = [
            {
                "quantity": one.quantity,
                "class": "undiscovered",
                "mean_t": one.mean_t,
                "mean_error_t": one.mean_error_t,
                "exact_mean_t": one.exact_mean_t,
                "sd_t": one.sd_t,
                "exact_sd_t": one.exact_sd_t,
                "zero": one.zero,
                "above_mean": one.above_mean,
                **{f"q{at.part:g}_t": at.tonnes for at in one.quantiles},
                **{f"q{at.part:g}_error_t": at.error_t for at in one.quantiles},
            }
            for one in self.totals
        ]
        return polars.DataFrame(rows)


class Drawing(NamedTuple):
    """Samples: (sample, 1 + element) ore and metals in all deposits, t; and (sample,) how many there were."""

    tonnes: Floats
    deposits: NDArray[np.int64]


def draw(number: Number, model: Model | Drawn, *, samples: int, chance: np.random.Generator) -> Drawing:
    """Samples of all that a tract holds.

    Each sample draws how many deposits there are, then the tonnage and grades of each, and adds up.

    Raises:
        InputError: ``world.samples``.
    """
    if not LEAST_SAMPLES <= samples <= MOST_SAMPLES:
        raise InputError(
            "world.samples",
            f"Take from {LEAST_SAMPLES:,} to {MOST_SAMPLES:,} samples; {samples:,} is not.",
            samples=samples,
        )
    if number.mean * samples > MOST_DRAWN:
        raise InputError(
            "world.samples",
            f"{samples:,} samples of {number.mean:,.0f} deposits are more than {MOST_DRAWN:,}; take fewer samples.",
            samples=samples,
        )
    held = np.cumsum(number.probability)
    # Rounding may leave the last just below 1, and then no number would be found for the largest draws.
    counts = np.minimum(np.searchsorted(held, chance.random(samples), side="right"), held.size - 1)
    found = np.zeros((samples, 1 + len(model.elements)))
    for first, last in _stretches(counts):
        owner = np.repeat(np.arange(first, last), counts[first:last])
        one = model.sample(owner.size, chance)
        for column in range(found.shape[1]):
            found[first:last, column] = np.bincount(owner - first, one[:, column], minlength=last - first)
    return Drawing(found, counts.astype(np.int64))


def simulate(
    number: Number,
    model: Model | Drawn,
    *,
    samples: int,
    chance: np.random.Generator,
    tract: str,
    as_of: str = "",
    seed: int | None = None,
    assumed: bool = False,
) -> Undiscovered:
    """The distribution of ore and metal in the undiscovered deposits of a tract.

    Args:
        number: How many. model: what one is like.
        samples: 1,000 to 10,000,000.
        chance: A generator; the same one in the same state gives the same answer.
        tract, as_of, seed: To be told with the answer.

    Raises:
        InputError: ``world.samples``.

    Source: Singer & Menzie (2010), Quantitative Mineral Resource Assessments; Ellefsen (2017), USGS TM 7-C15.
    """
    drawn = draw(number, model, samples=samples, chance=chance)
    moments = model.moments()
    return Undiscovered(
        tract=tract,
        as_of=as_of,
        number=number.method,
        model="lognormal, tonnage and grades correlated" if isinstance(model, Model) else "drawn from the table",
        grade_tonnage=model.source,
        assumed=assumed,
        samples=samples,
        seed=seed,
        expected_deposits=number.mean,
        zero=number.zero,
        totals=tuple(
            _total(quantity, drawn.tonnes[:, at], number, moments, at)
            for at, quantity in enumerate((ORE, *model.elements))
        ),
    )


def compound(number: Number, moments: Moments) -> Moments:
    """Mean and covariance of the sum over all deposits.

    ``E[S] = E[N] E[X]``; ``Cov S = E[N] Cov X + Var N E[X] E[X]^T``.
    """
    return Moments(
        number.mean * moments.mean,
        number.mean * moments.covariance + number.variance * np.outer(moments.mean, moments.mean),
    )


def _stretches(counts: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Runs of samples with no more than :data:`AT_ONCE` deposits together, or one sample."""
    upto = np.cumsum(counts)
    found, first = [], 0
    while first < counts.size:
        before = 0 if first == 0 else int(upto[first - 1])
        last = max(first + 1, int(np.searchsorted(upto, before + AT_ONCE, side="right")))
        found.append((first, last))
        first = last
    return found


def _total(quantity: str, tonnes: Floats, number: Number, moments: Moments | None, at: int) -> Total:
    ranked = np.sort(tonnes)
    mean, sd = float(ranked.mean()), float(ranked.std(ddof=1))
    exact = None if moments is None else compound(number, moments)
    return Total(
        quantity=quantity,
        mean_t=mean,
        mean_error_t=sd / math.sqrt(ranked.size),
        sd_t=sd,
        exact_mean_t=None if exact is None else float(exact.mean[at]),
        exact_sd_t=None if exact is None else math.sqrt(float(exact.covariance[at, at])),
        zero=number.zero,
        above_mean=float(np.mean(ranked > mean)),
        quantiles=tuple(_quantile(ranked, part) for part in PARTS),
    )


def _quantile(ranked: Floats, part: float) -> Quantile:
    """The order statistic, and half of what lies between the ranks one binomial standard deviation away."""
    count = ranked.size
    at = min(math.ceil(count * part), count) - 1
    step = math.ceil(math.sqrt(count * part * (1 - part)))
    low, high = max(at - step, 0), min(at + step, count - 1)
    return Quantile(part=part, tonnes=float(ranked[at]), error_t=float(ranked[high] - ranked[low]) / 2)
