"""A problem linearised at a place and factored: what every route of the engine offers, small or large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Linearised(Protocol):
    """``minimise |r - J d|^2`` subject to ``G d = -c``, with J (observation, variable) and G (constraint, variable).

    Observations are whitened, variables and constraints scaled; C is the covariance of the variables.
    """

    @property
    def method(self) -> str:
        """By which route: ``dense`` or ``sparse``."""

    @property
    def hold(self) -> Array:
        """(variable,) what the factor adds to the curvature of each variable by itself; nothing where it is exact."""

    def step(self, residual: Array, open_by: Array) -> tuple[Array, Array]:
        """The step d and the multipliers l of the constraints, with ``J'(r - J d) = G' l``.

        Args:
            residual: r, (observation,) or (observation, k).
            open_by: c, (constraint,) or (constraint, k): how far each constraint is from zero.
        """

    def covariance_times(self, weight: Array) -> Array:
        """C @ weight, (variable,) or (variable, k). Of what nothing holds it says nothing."""

    def variances(self) -> Array:
        """(variable,) the diagonal of C."""

    def covariances(self, first: Rows, second: Rows) -> Array:
        """(pair,) entries of C, of pairs that were named before, or that one observation is about."""

    def loose(self) -> Array:
        """(variable, k) directions in which nothing holds the variables."""

    def free_of_error(self) -> Array:
        """(observation,) the part of the variance of each whitened observation that its residual keeps, 0 to 1."""

    def multipliers(self, residual: Array) -> tuple[Array, Array]:
        """(constraint,) the multipliers where every constraint is closed, and their standard deviations."""
