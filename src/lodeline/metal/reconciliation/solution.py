"""What a solved problem says: values, uncertainties, what is known of each, and on what each rests."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.linearised import Linearised
    from lodeline.metal.reconciliation.model import Model

    Array = NDArray[np.float64]

CLASSES: Final = ("redundant", "measured only", "observable", "unobservable", "fixed", "at limit")
"""What is known of a variable: measured and checked by others; measured, and nothing else says anything of it; not
measured and yet determined; nothing determines it; given exactly; held at a limit that the data would break."""
REDUNDANT, MEASURED_ONLY, OBSERVABLE, UNOBSERVABLE, FIXED, AT_LIMIT = range(6)

CHECKED = 1e-8
"""An observation is checked if its residual keeps more than this part of its variance."""
PROBES = 8
"""How many sets of errors are drawn to see which observations are checked."""
PROBED = 1e-4
"""The mean square of the residuals is above this part of their variance; by chance it is not once in a billion."""
LOOSE = 1e-6
"""A variable is unobservable if it has more than this part in a direction that nothing holds."""


class Solution:
    """A reconciled problem. Made by :func:`lodeline.metal.reconciliation.solving.solve`; nothing in it changes.

    Attributes:
        model: What was solved; ceilings that hold are constraints of it, after all others, where limits inform.
        full: (ceiling,) which hold: the data would have their sums be larger.
        limits_inform: Whether what is held at a limit counts as known there.
        x: (variable,) the estimate; of an unobservable variable it means nothing.
        held: (variable,) the value at which a variable is fixed or held at a limit; NaN where it is free.
        free: (free,) which variables the covariance is of: those that are not held, or where limits do not inform, not
            fixed. size: (free,) the scale of each, in which the step is written.
        norm: (constraint,) by what each was divided for the step.
        stepper: The problem as linearised at the estimate, scaled.
        whitening: (observation, observation) what makes errors independent and of unit variance.
        iterations: Rounds that it took.
        method: ``dense`` or ``sparse``.
    """

    def __init__(
        self,
        *,
        model: Model,
        x: Array,
        held: Array,
        free: NDArray[np.int64],
        norm: Array,
        stepper: Linearised,
        whitening: sparse.csr_array,
        iterations: int,
        full: NDArray[np.bool_],
        limits_inform: bool,
    ) -> None:
        self.model, self.x, self.iterations, self.full = model, x, iterations, full
        self.limits_inform = limits_inform
        self.method: str = stepper.method
        self.held, self.free, self.norm, self.stepper, self.whitening = held, free, norm, stepper, whitening
        self.size = model.scale[free]

    # -- observations ----------------------------------------------------------------------------------------------

    @cached_property
    def residual(self) -> Array:
        """(observation,) value less what the estimate says it should have been, in its unit."""
        return self.model.value - self.model.terms.values(self.x, self.model.value.size)

    @cached_property
    def white(self) -> Array:
        """(observation,) the residuals, whitened."""
        return np.asarray(self.whitening @ self.residual)

    @cached_property
    def jacobian(self) -> sparse.csr_array:
        """(observation, variable) by how much each whitened observation moves with each variable, in its unit."""
        return sparse.csr_array(self.whitening @ self.model.terms.jacobian(self.x, self.model.value.size))

    @cached_property
    def checked_part(self) -> Array:
        """(observation,) part of the variance of each whitened observation that its residual keeps: 0, unchecked."""
        found = self.stepper.free_of_error()
        return found if self.method == "dense" else np.where(self._shows(found), found, 0.0)

    def _shows(self, part: Array) -> NDArray[np.bool_]:
        """(observation,) whether an error of the observation leaves a residual of about the size that its part says.

        A sparse factor holds what nothing determines a little, so that an unchecked observation seems to keep a small
        part. Steps do not suffer from that, since they are refined: errors drawn at random, always the same, leave
        residuals with that part as variance where it is real, and nothing where it is not.
        """
        jacobian = self.jacobian[:, self.free]
        errors = np.random.default_rng(PROBES).standard_normal((PROBES, self.model.value.size))
        squares = np.zeros(self.model.value.size)
        for error in errors:
            step, _ = self.stepper.step(error, np.zeros(self.model.constant.size))
            squares += (error - jacobian @ (self.size * step)) ** 2 / PROBES
        return np.asarray(squares > PROBED * part)

    @cached_property
    def residual_u(self) -> Array:
        """(observation,) standard deviation of the residual; 0 where nothing checks the observation.

        Of correlated observations it is exact too: ``R - J C J'`` by its diagonal.
        """
        if not self.model.correlation.first.size:
            part = np.where(self.checked_part > CHECKED, self.checked_part, 0.0)
            return self.model.u * np.sqrt(part)
        jacobian = self.model.terms.jacobian(self.x, self.model.value.size).toarray()[:, self.free]
        spread = self.model.u**2 - np.einsum("ij,ji->i", jacobian, self.covariance_times(jacobian.T))
        return np.sqrt(np.where(spread > CHECKED * self.model.u**2, spread, 0.0))

    @cached_property
    def checked(self) -> NDArray[np.bool_]:
        """(observation,) whether the others would say what it measures if it were left out.

        A measurement that nobody checks has a residual all the same if its error is correlated with that of one that
        somebody does. What tells is ``diag(P - P J C J' P)``, P the inverse of the covariance of the observations.
        """
        found = self.residual_u > 0
        pairs = self.model.correlation
        paired = np.unique(np.concatenate([pairs.first, pairs.second]))
        if paired.size:
            weight = (self.whitening.T @ self.whitening).tocsr()[:, paired].toarray()
            jacobian = self.model.terms.jacobian(self.x, self.model.value.size)[:, self.free]
            pulled = jacobian.T @ weight  # (free, paired)
            own = weight[paired, np.arange(paired.size)]
            found[paired] = own - np.einsum("ij,ij->j", pulled, self.covariance_times(pulled)) > CHECKED * own
        return found

    @cached_property
    def chi2(self) -> float:
        """Sum of squares of the whitened residuals."""
        return float(self.white @ self.white)

    @cached_property
    def dof(self) -> int:
        """Degrees of freedom: how many independent ways there are in which the observations could disagree.

        They can disagree with each limit that holds too: where so many hold, chi2 is distributed with so many more.
        Source: Kudo (1963), Biometrika 50, 403-418.
        """
        with_limits = 0 if self.limits_inform else int(self.at_limit.sum() + self.full.sum())
        return round(float(self.checked_part.sum())) + with_limits

    # -- variables -------------------------------------------------------------------------------------------------

    @cached_property
    def loose(self) -> NDArray[np.bool_]:
        """(variable,) which are unobservable."""
        found = np.zeros(self.x.size, dtype=bool)
        directions = self.stepper.loose()
        if directions.size:
            found[self.free] = np.abs(directions).max(axis=1) > LOOSE
        return found

    @cached_property
    def u(self) -> Array:
        """(variable,) standard uncertainties (k = 1); NaN where unobservable, 0 where fixed.

        Of what is held at a limit 0 where limits inform, else what the readings alone leave.
        """
        found = np.zeros(self.x.size)
        found[self.free] = np.sqrt(np.maximum(self.stepper.variances(), 0.0)) * self.size
        found[self.loose] = np.nan
        return found

    @property
    def at_limit(self) -> NDArray[np.bool_]:
        """(variable,) which are held at a limit that the data would break."""
        return np.asarray(~np.isnan(self.held) & ~self.model.fixed)

    @cached_property
    def klass(self) -> NDArray[np.uint8]:
        """(variable,) code of what is known of it, an index into :data:`CLASSES`."""
        terms, count = self.model.terms, self.x.size
        checked = self.checked
        touched, sure = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        for variable in (terms.first, terms.second):
            inside = variable >= 0
            touched[variable[inside]] = True
            sure[variable[inside & checked[terms.row]]] = True
        found = np.select([self.loose, sure, touched], [UNOBSERVABLE, REDUNDANT, MEASURED_ONLY], OBSERVABLE)
        found[self.at_limit] = AT_LIMIT
        found[self.model.fixed] = FIXED
        return found.astype(np.uint8)

    # -- constraints -----------------------------------------------------------------------------------------------

    @cached_property
    def closure(self) -> Array:
        """(constraint,) what is left of each, in its unit: rounding."""
        return self.model.constant + self.model.constraint_terms.values(self.x, self.model.constant.size)

    @cached_property
    def _multipliers(self) -> tuple[Array, Array]:
        value, u = self.stepper.multipliers(self.white)
        return value / self.norm, u / self.norm

    @property
    def multiplier(self) -> Array:
        """(constraint,) by how much half of chi2 would fall if the constraint could give way by one unit."""
        return self._multipliers[0]

    @property
    def multiplier_u(self) -> Array:
        """(constraint,) standard deviation of the multiplier where all is well; ``(l / u)**2`` tests for a leak."""
        return self._multipliers[1]

    # -- figures made of variables ---------------------------------------------------------------------------------

    def functional(self, weight: Any) -> tuple[Array, Array]:
        """Sums of variables and their standard uncertainties.

        Args:
            weight: (k, variable), sparse or dense.

        Returns:
            Values and standard uncertainties, (k,) each; both NaN where anything in the sum is unobservable in it.
        """
        rows = np.atleast_2d(weight.toarray() if hasattr(weight, "toarray") else np.asarray(weight, dtype=float))
        value = rows @ self.x
        scaled = (rows[:, self.free] * self.size).T  # (free, k)
        spread = np.einsum("ij,ij->j", scaled, self.stepper.covariance_times(scaled))
        u = np.sqrt(np.maximum(spread, 0.0))
        directions = self.stepper.loose()
        if directions.size:
            reach = np.abs(directions.T @ scaled).max(axis=0)
            lost = reach > LOOSE * np.maximum(np.abs(scaled).max(axis=0), 1e-300)
            value, u = np.where(lost, np.nan, value), np.where(lost, np.nan, u)
        return value, u

    def covariance(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Array:
        """(rows, columns) a block of the covariance of the variables; of unobservable ones it means nothing."""
        at = np.full(self.x.size, -1)
        at[self.free] = np.arange(self.free.size)
        unit = np.zeros((self.free.size, columns.size))
        inside = at[columns] >= 0
        unit[at[columns[inside]], np.flatnonzero(inside)] = self.size[at[columns[inside]]]
        found = self.stepper.covariance_times(unit) * self.size[:, None]
        block = np.where(at[rows][:, None] >= 0, found[at[rows]], 0.0)
        return np.asarray(block, dtype=np.float64)

    def pair_covariances(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> Array:
        """(pair,) covariance of pairs that the model names as ``pairs``, or that one observation is about."""
        at = np.full(self.x.size, -1)
        at[self.free] = np.arange(self.free.size)
        inside = (at[first] >= 0) & (at[second] >= 0)
        found = np.zeros(first.size)
        one, two = at[first[inside]], at[second[inside]]
        found[inside] = self.stepper.covariances(one, two) * self.size[one] * self.size[two]
        return found

    @cached_property
    def loose_directions(self) -> Array:
        """(variable, k) directions in which nothing holds the variables, each variable as a part of its scale."""
        found = np.zeros((self.x.size, self.stepper.loose().shape[1]))
        found[self.free] = self.stepper.loose()
        return found

    def sensitivity(self, weight: Array) -> Array:
        """(observation,) how far ``weight @ x`` moves if a measured value moves by one unit.

        ``d x / d y = C J' W' W``; first order, exact where the problem is linear.
        """
        moved = self.covariance_times(np.asarray(weight, dtype=float)[self.free])
        found: Array = self.whitening.T @ (self.jacobian[:, self.free] @ moved)
        return found

    def pull(self) -> Array:
        """(variable,) how fast half of chi2 falls as a variable rises, constraints kept; 0 of what is free to move."""
        gradient = self.jacobian.T @ self.white
        held = self.model.constraint_terms.jacobian(self.x, self.model.constant.size).T @ self.multiplier
        return np.where(np.isnan(self.held), 0.0, gradient - held)

    def covariance_times(self, weight: Array) -> Array:
        """C @ weight for free variables in their units, (free,) or (free, k)."""
        size = self.size if weight.ndim == 1 else self.size[:, None]
        found: Array = self.stepper.covariance_times(weight * size) * size
        return found
