"""The search in a small problem: sequential quadratic programming with exact curvature, within the limits.

Each round solves ``minimise |r - J d|^2 + d' S d`` subject to ``G d = -c`` and the limits, S the curvature of the
products: of the observations by their residuals, of the constraints by their multipliers. Without S (Gauss-Newton) the
search swings where residuals are large; with it the last rounds square the error. Where S would make the valley a
ridge, it is left out for the round. A step is shortened until the objective and what is open fall together.
Source: Nocedal & Wright (2006), Numerical Optimization, 18.1 to 18.4; Lawson & Hanson (1974), chapter 23, for the
limits: the least distance problem by way of non-negative least squares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import nnls

from lodeline.errors import InputError
from lodeline.metal.reconciliation.dense import DenseStep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.model import Model

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

ROUNDS = 300
"""Rounds at most; a flowsheet takes 3 to 20, one with gross errors some more."""
DONE = 1e-12
"""A step below this part of the scale of every variable is no step."""
STALLED = 1e-9
"""Below this a step that no longer falls is rounding."""
WIDE = 1e4
"""What nothing holds is moved within its limits as if it were known to so many times its scale: at next to no cost."""
PULLS = 1e-6
"""A limit holds a variable if half of chi2 would fall by more than this part of it for each scale that it gave way."""
CURVED = 0.05
"""The curvature may fall to this part of that of the observations; below, the round goes without S."""
SHORTER, SHORTEST = 0.5, 1e-6
"""By how much a step is shortened, and to which part at the least."""
MEMORY = 5
"""The merit of a step is compared with the worst of so many rounds: one that follows a bend may rise for a while."""
FAR = 1e6
"""What is so many times as large as its scale has run away."""
PATIENCE = 40
"""After so many rounds every step must pay at once, which ends what goes round in circles."""
NEAR = 1e-4
"""A step below this is taken whole."""


class Found(NamedTuple):
    """Where the search ended.

    Attributes:
        x: (variable,) the estimate.
        held: (variable,) the limit at which a variable is held; NaN where it is free.
        full: (ceiling,) which ceilings hold.
        rounds: How many there were.
    """

    x: Array
    held: Array
    full: NDArray[np.bool_]
    rounds: int


class Step(NamedTuple):
    """One round's step: (variable,) of the free variables, scaled; multipliers of constraints, limits and ceilings."""

    step: Array
    multiplier: Array
    pull: Array
    load: Array


def search(model: Model, whitening: sparse.csr_array) -> Found:
    """The weighted least squares estimate within the limits.

    Raises:
        InputError: ``reconcile.not_converged``.
    """
    free = np.flatnonzero(~model.fixed)
    size = model.scale[free]
    x = np.where(model.fixed, model.lower, np.clip(model.start, model.lower, model.upper))
    multiplier, load = np.zeros(model.constant.size), np.zeros(model.ceiling.size)
    merits: list[float] = []
    weight = np.zeros(model.constant.size + model.ceiling.size)
    last, stuck = np.inf, 0
    for count in range(ROUNDS):
        here = _Here(model, whitening, free, size, x)
        found = here.round((multiplier, load) if count else None)
        longest = here.length(found.step)
        stuck = stuck + 1 if longest <= STALLED and longest >= 0.5 * last else 0
        if longest <= DONE or (count > 3 and stuck):
            held = here.held(found)
            return Found(np.where(np.isnan(held), x, held), held, here.full(found), count)
        last = longest
        multiplier, load = found.multiplier, found.load
        late = count > PATIENCE
        pulls = np.abs(np.concatenate([multiplier, load]))
        weight = np.maximum(pulls, weight if late else 0.5 * (weight + pulls))
        merits = [*([] if late else merits[-MEMORY + 1 :]), here.merit(x, weight)]
        if not longest <= FAR:
            break
        x = here.moved(found.step, weight, max(merits), whole=longest <= NEAR)
        if not np.abs(x[free] / size).max(initial=0.0) <= FAR:
            break  # it runs away: the best place is nowhere
    raise InputError(
        "reconcile.not_converged",
        f"The search did not settle in {count + 1} rounds: nothing holds a variable well enough, or measurements are "
        "too far from each other. Measure it or limit it, or give the largest residuals larger uncertainties.",
        variable=int(free[np.abs(found.step).argmax()]),
    )


class _Here:
    """The problem at one place, with constraints scaled to rows of length one."""

    def __init__(self, model: Model, whitening: sparse.csr_array, free: Rows, size: Array, x: Array) -> None:
        self._model, self._whitening, self._free, self._size, self._x = model, whitening, free, size, x
        scaling = sparse.diags_array(size)
        self._residual = whitening @ (model.value - model.terms.values(x, model.value.size))
        jacobian = (whitening @ model.terms.jacobian(x, model.value.size))[:, free] @ scaling
        constraints = model.constraint_terms.jacobian(x, model.constant.size)[:, free] @ scaling
        norm = np.sqrt(np.asarray(constraints.multiply(constraints).sum(axis=1)).ravel())
        norm[norm == 0] = 1.0
        self._norm = norm
        self._open = (model.constant + model.constraint_terms.values(x, model.constant.size)) / norm
        self._stepper = DenseStep(
            sparse.csr_array(jacobian),
            sparse.csr_array(sparse.diags_array(1 / norm) @ constraints),
            np.zeros((0, 2), dtype=np.int64),
        )
        self._jacobian = jacobian.toarray()
        self._low, self._high = (model.lower[free] - x[free]) / size, (model.upper[free] - x[free]) / size
        self._room = model.ceiling - model.ceiling_terms.values(x, model.ceiling.size)
        self._sums = (model.ceiling_terms.jacobian(x, model.ceiling.size)[:, free] @ scaling).toarray()

    def round(self, multipliers: tuple[Array, Array] | None) -> Step:
        """The step, by the multipliers of constraints and ceilings of the round before; none yet: without curvature."""
        stepper = self._stepper
        must = -stepper.inverse @ self._open
        curvature = None if multipliers is None else self._curvature(*multipliers)
        known = stepper.known  # (variable, known)
        downhill = known.T @ (self._jacobian.T @ (self._residual - self._jacobian @ must))
        if curvature is not None:
            parts, turn = np.linalg.eigh(np.eye(known.shape[1]) + known.T @ curvature @ known)
            if parts.min(initial=1.0) < CURVED:
                curvature = None
            else:
                known = known @ (turn / np.sqrt(parts))
                downhill = known.T @ (self._jacobian.T @ (self._residual - self._jacobian @ must) - curvature @ must)
        step = must + known @ downhill
        pull, load = np.zeros(step.size), np.zeros(self._room.size)
        beyond = (step < self._low - DONE).any() or (step > self._high + DONE).any()
        if beyond or (self._sums @ step > self._room + DONE).any():
            step, pull, load = self._within(step, known)
        slope = self._jacobian.T @ (self._residual - self._jacobian @ step) + pull - self._sums.T @ load
        if curvature is not None:
            slope -= curvature @ step
        return Step(step, (stepper.inverse.T @ slope) / self._norm, pull, load)

    def _curvature(self, multiplier: Array, load: Array) -> Array | None:
        """(variable, variable) S, scaled; None where nothing is a product."""
        model = self._model
        white = self._whitening.T @ self._residual
        parts = [
            model.terms.curvature(-white),
            model.constraint_terms.curvature(multiplier),
            model.ceiling_terms.curvature(load),
        ]
        if not any(part[0].size for part in parts):
            return None
        row, column, number = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        count = model.start.size
        whole = sparse.csr_array((number, (row, column)), shape=(count, count))[self._free][:, self._free].toarray()
        found: Array = (whole + whole.T) * self._size * self._size[:, None]
        return found

    def _within(self, step: Array, known: Array) -> tuple[Array, Array, Array]:
        """The best step within the limits, and how hard each limit and ceiling pulls; the same where there is none.

        With ``d = step + known y`` the objective is its minimum plus ``|y|^2``, so y is the shortest that keeps them.
        """
        known = np.hstack([known, WIDE * self._stepper.loose()])
        none = (step, np.zeros(step.size), np.zeros(self._room.size))
        low, high = (np.flatnonzero(np.isfinite(limit)) for limit in (self._low, self._high))
        sign = np.concatenate([np.ones(low.size), -np.ones(high.size + self._room.size)])
        # Each limit as ``way @ y >= want``, to the length of one.
        ways = np.vstack([known[low], known[high], self._sums @ known])
        over = self._sums @ step - self._room
        want = np.concatenate([self._low[low] - step[low], step[high] - self._high[high], over])
        spread = np.sqrt(np.einsum("ij,ij->i", ways, ways))
        bound = np.flatnonzero(spread > DONE)
        ways, want = ways[bound] * (sign / np.maximum(spread, DONE))[bound, None], want[bound] / spread[bound]
        if not bound.size or want.max() <= 0:
            return none
        system = np.vstack([ways.T, want[None, :]])
        unit = np.zeros(system.shape[0])
        unit[-1] = 1.0
        dual, _ = nnls(system, unit, maxiter=30 * system.shape[1])
        left = unit - system @ dual
        if left[-1] <= DONE:
            return none  # the limits contradict each other here; a later place may be better
        # Which limits hold is known now; where they hold it is found once more, to the last digit.
        bites = dual > 0
        shortest = np.linalg.lstsq(ways[bites], want[bites], rcond=None)[0]
        found = np.zeros(spread.size)
        found[bound[bites]] = np.linalg.lstsq(ways[bites].T, shortest, rcond=None)[0] / spread[bound[bites]]
        up, down, load = np.split(found, [low.size, low.size + high.size])
        pull = np.zeros(step.size)
        pull[low] += up
        pull[high] -= down
        return step + known @ shortest, pull, load

    def length(self, step: Array) -> float:
        """How far a step goes at the most; where only what nothing determines moves, and keeps its limits, nothing."""
        loose = self._stepper.loose()
        firm = step - loose @ (loose.T @ step)
        inside = (self._low <= STALLED).all() and (self._high >= -STALLED).all() and (self._room >= -STALLED).all()
        return float(np.abs(firm if inside else step).max(initial=0.0))

    def held(self, found: Step) -> Array:
        """(variable,) the limit at which each variable is held; NaN where it is free."""
        held = np.where(self._model.fixed, self._model.lower, np.nan)
        least = PULLS * max(1.0, float(self._residual @ self._residual))
        at = self._free[found.pull > least]
        held[at] = self._model.lower[at]
        at = self._free[found.pull < -least]
        held[at] = self._model.upper[at]
        return held

    def full(self, found: Step) -> NDArray[np.bool_]:
        """(ceiling,) which ceilings hold."""
        least = PULLS * max(1.0, float(self._residual @ self._residual))
        return np.asarray(found.load * np.abs(self._sums).max(axis=1, initial=0.0) > least)

    def merit(self, x: Array, weight: Array) -> float:
        """Half the objective, and what is open of each constraint, and over each ceiling, by its weight."""
        model = self._model
        white = self._whitening @ (model.value - model.terms.values(x, model.value.size))
        open_by = model.constant + model.constraint_terms.values(x, model.constant.size)
        over = np.maximum(model.ceiling_terms.values(x, model.ceiling.size) - model.ceiling, 0.0)
        return float(0.5 * white @ white + 2 * weight @ np.concatenate([np.abs(open_by), over]))

    def moved(self, step: Array, weight: Array, worst: float, *, whole: bool) -> Array:
        """The place after a step that is as long as pays."""
        part = 1.0
        while True:
            x = self._x.copy()
            x[self._free] = self._x[self._free] + part * self._size * step
            if whole or part <= SHORTEST or self.merit(x, weight) <= worst * (1 + DONE):
                return x
            part *= SHORTER
