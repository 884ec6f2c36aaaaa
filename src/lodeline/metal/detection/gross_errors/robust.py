"""Estimates that a few gross errors do not pull along, by solving again with larger uncertainties for what fits badly.

A value whose residual is z of its standard uncertainties gets the weight ``w(z)``, that is ``u / sqrt(w)``, and the
problem is solved again until no weight moves. Huber's weight falls slowly, and its estimate is unique; Welsch's falls
to nothing and that of the contaminated normal to a floor, so that both may have several and start from Huber's. They
serve as starting values and for comparison: their uncertainties are those of the last weights, which the data
themselves chose, and are not to be tested with.
Source: Huber (1964), Ann. Math. Stat. 35, 73-101; Dennis & Welsch (1978), Commun. Stat. B7, 345-359; Tjoa & Biegler
(1991), Comput. Chem. Eng. 15, 679-690; for data reconciliation, Ozyurt & Pike (2004), Comput. Chem. Eng. 28, 381-402.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, assert_never

import numpy as np

from lodeline.errors import InputError
from lodeline.metal.reconciliation.solving import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.model import Model
    from lodeline.metal.reconciliation.solution import Solution

    Array = NDArray[np.float64]

ROUNDS = 500
"""Solves at most."""
STILL = 1e-9
"""A weight that moves by no more than this does not move."""
LEAST = 1e-10
"""A weight is at least this: the value counts as if its uncertainty were 100,000 times as large."""


class Huber(NamedTuple):
    """Least squares within ``bend`` standard uncertainties, absolute deviations beyond; weight ``min(1, bend / |z|)``.

    A bend of 1.345 keeps 95 % of the efficiency where nothing is wrong.
    """

    bend: float

    def weight(self, z: Array) -> Array:
        """(observation,) of each."""
        return self.bend / np.maximum(np.abs(z), self.bend)


class Welsch(NamedTuple):
    """What is far out counts nothing; weight ``exp(-(z / width)**2)``. 2.985 keeps 95 % of the efficiency."""

    width: float

    def weight(self, z: Array) -> Array:
        """(observation,) of each."""
        return np.exp(-((z / self.width) ** 2))


class Contaminated(NamedTuple):
    """A normal error, or with probability ``share`` one that is ``times`` as wide.

    Its weight is the mean of 1 and ``times ** -2``, by how probable each of the two is for such a residual.
    """

    share: float
    times: float

    def weight(self, z: Array) -> Array:
        """(observation,) of each."""
        # Divided by the larger of the two, so that none is lost to rounding far out.
        odds = self.share / self.times / (1 - self.share) * np.exp(np.minimum(0.5 * z**2 * (1 - self.times**-2), 700.0))
        return (1 + odds * self.times**-2) / (1 + odds)


Influence = Huber | Welsch | Contaminated


class Robust(NamedTuple):
    """A robust estimate.

    Attributes:
        solution: Solved with the last weights.
        weight: (observation,) of each, 0 to 1.
        z: (observation,) residuals in units of the uncertainties that were given.
    """

    solution: Solution
    weight: Array
    z: Array


def robust(model: Model, influence: Influence) -> Robust:
    """The estimate under an influence function.

    Raises:
        InputError: ``detection.tuning``; ``detection.not_settled`` where the weights go on moving.
    """
    match influence:
        case Huber(bend):
            start, sound = None, bend > 0
        case Welsch(width):
            start, sound = Huber(width), width > 0
        case Contaminated(share, times):
            start, sound = Huber(1.0), 0 < share < 1 and times > 1
        case _:
            assert_never(influence)
    if not sound:
        raise InputError(
            "detection.tuning",
            "Give a bend or width above 0, a share between 0 and 1, and an error more than 1 times as wide.",
        )
    weight = np.ones(model.value.size) if start is None else robust(model, start).weight
    for _ in range(ROUNDS):
        solution = solve(model._replace(u=model.u / np.sqrt(weight)))
        model = model._replace(start=np.where(model.fixed, model.start, solution.x))
        z = solution.residual / model.u
        new = np.maximum(influence.weight(z), LEAST)
        if np.abs(new - weight).max(initial=0.0) <= STILL:
            return Robust(solution, new, z)
        weight = new
    raise InputError(
        "detection.not_settled",
        "The weights go on moving between two ways to fit the data; take a wider influence, or Huber's.",
    )
