"""Serial elimination and serial compensation: one gross error after another, with a new solve each time.

These are the methods of the literature, kept for comparison and for those who must report them. They take the largest
test first and never come back, so that two errors which lean on a third stream mislead them;
:mod:`lodeline.metal.detection.gross_errors.search` and :mod:`~lodeline.metal.detection.gross_errors.stepwise` do
better, see the reference.

With bounds, an error is taken out only if the values that are then estimated lie within theirs; else the next largest
is tried.
Source: Serth & Heenan (1986), AIChE J. 32(5), 733-742 (the modified iterative measurement test); Narasimhan & Mah
(1987), AIChE J. 33(9), 1514-1521 (serial compensation); Jiang & Bagajewicz (1999), Ind. Eng. Chem. Res. 38, 2119-2128
(serial identification with collective compensation).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.metal.detection.gross_errors.calibration import sidak
from lodeline.metal.detection.gross_errors.directions import biases, joined, leaks
from lodeline.metal.detection.gross_errors.projection import Projection
from lodeline.metal.detection.gross_errors.statistics import measurement_test
from lodeline.metal.reconciliation.model import Correlation, Model, Terms
from lodeline.metal.reconciliation.solving import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.solution import Solution

    Array = NDArray[np.float64]
    Indices = NDArray[np.int64]


class Bounds(NamedTuple):
    """Within what each variable is plausible; (variable,) each, -inf and inf where there is no bound."""

    lower: Array
    upper: Array

    def hold(self, solution: Solution) -> bool:
        """Whether the estimates keep them, but for rounding."""
        x, grain = solution.x[: self.lower.size], 1e-9 * solution.model.scale[: self.lower.size]
        return bool((x >= self.lower - grain).all() and (x <= self.upper + grain).all())


class Taken(NamedTuple):
    """One error that was found.

    Attributes:
        kind: ``measurement`` or ``leak``.
        row: Of the observation, or of the constraint.
        statistic: T when it was found.
        size: The bias or leak as it was removed, in its unit.
    """

    kind: str
    row: int
    statistic: float
    size: float


class Serial(NamedTuple):
    """What was found, in order, and the problem solved without it."""

    taken: tuple[Taken, ...]
    solution: Solution


def eliminate(model: Model, *, false_alarms: float, bounds: Bounds) -> Serial:
    """Take out the measurement with the largest test, and again, until none alarms at Sidak's limit.

    Args:
        model: The problem.
        false_alarms: Rate of each round, 0 to 1.
        bounds: Of the variables.

    Raises:
        InputError: ``detection.false_alarms``, ``detection.bounds``.
    """
    _check(model, bounds)
    index = np.arange(model.value.size)
    taken: list[Taken] = []
    solution = solve(model)
    while True:
        statistic = measurement_test(solution).statistic
        order = _alarming(statistic, false_alarms)
        for one in order:
            trial = solve(without(solution.model, np.array([one])))
            if bounds.hold(trial):
                break
        else:
            # What the others say of it, at the end, is what it was wrong by.
            wrong = model.value - model.terms.values(solution.x, model.value.size)
            return Serial(tuple(one._replace(size=float(wrong[one.row])) for one in taken), solution)
        taken.append(Taken("measurement", int(index[one]), float(statistic[one]), np.nan))
        index, solution = np.delete(index, one), trial


def compensate(model: Model, *, false_alarms: float, collective: bool, bounds: Bounds) -> Serial:
    """Correct the bias or leak with the largest likelihood ratio, and again, until none alarms at Sidak's limit.

    Args:
        model: The problem.
        false_alarms: Rate of each round.
        collective: True estimates the sizes of all that was found anew in every round; False leaves each as it was.
        bounds: Of the variables.

    Raises:
        InputError: ``detection.false_alarms``, ``detection.bounds``.
    """
    _check(model, bounds)
    values, rows = model.value.size, model.constant.size
    taken: list[Taken] = []
    solution = solve(model)
    while True:
        names = [str(one) for one in range(values + rows)]
        now = solution.model
        tests = Projection(solution, joined(biases(now, names[:values]), leaks(now, names[values:]))).rows()
        statistic = np.array([row.statistic for row in tests])
        gone = [one.row if one.kind == "measurement" else values + one.row for one in taken]
        statistic[gone] = np.nan
        for one in _alarming(statistic, false_alarms):
            kind, at = ("measurement", int(one)) if one < values else ("leak", int(one) - values)
            trial = solve(with_unknown(now, kind, at) if collective else corrected(now, kind, at, tests[one].size))
            if bounds.hold(trial):
                break
        else:
            return Serial(tuple(taken), solution)
        taken.append(Taken(kind, at, float(statistic[one]), tests[one].size))
        solution = trial
        if collective:
            sizes = solution.x[model.start.size :]
            taken = [was._replace(size=float(size)) for was, size in zip(taken, sizes, strict=True)]


def without(model: Model, observations: Indices) -> Model:
    """The problem without some of its observations."""
    kept = np.ones(model.value.size, dtype=bool)
    kept[observations] = False
    number = np.cumsum(kept) - 1
    of = kept[model.terms.row]
    old = model.terms
    terms = Terms(number[old.row[of]], old.coefficient[of], old.first[of], old.second[of])
    first, second, r = model.correlation
    both = kept[first] & kept[second]
    correlation = Correlation(number[first[both]], number[second[both]], r[both])
    return model._replace(value=model.value[kept], u=model.u[kept], terms=terms, correlation=correlation)


def with_unknown(model: Model, kind: str, index: int) -> Model:
    """The problem with the size of one bias or leak as a further variable, the last."""
    terms = model.constraint_terms
    if kind == "measurement":
        scale = float(model.u[index])
        model = model._replace(terms=_with_term(model.terms, index, 1.0, model.start.size))
    else:
        scale = float(model.scale[terms.first[terms.row == index]].max(initial=0.0)) or 1.0
        model = model._replace(constraint_terms=_with_term(terms, index, -1.0, model.start.size))
    return model._replace(
        start=np.append(model.start, 0.0),
        scale=np.append(model.scale, scale),
        lower=np.append(model.lower, -np.inf),
        upper=np.append(model.upper, np.inf),
    )


def corrected(model: Model, kind: str, index: int, size: float) -> Model:
    """The problem with one bias or leak of a given size taken off."""
    column = model.value if kind == "measurement" else model.constant
    changed = column.copy()
    changed[index] -= size
    return model._replace(value=changed) if kind == "measurement" else model._replace(constant=changed)


def _with_term(terms: Terms, row: int, coefficient: float, variable: int) -> Terms:
    return Terms(
        np.append(terms.row, row),
        np.append(terms.coefficient, coefficient),
        np.append(terms.first, variable),
        np.append(terms.second, -1),
    )


def _alarming(statistic: Array, false_alarms: float) -> list[int]:
    """Those above Sidak's limit, the largest first."""
    size = np.where(np.isnan(statistic), 0.0, np.abs(statistic))
    limit = sidak(false_alarms, int((~np.isnan(statistic)).sum()))
    return [int(one) for one in np.argsort(-size, kind="stable") if size[one] > limit]


def _check(model: Model, bounds: Bounds) -> None:
    if bounds.lower.shape != model.start.shape or bounds.upper.shape != model.start.shape:
        raise InputError(
            "detection.bounds", "Give a lower and an upper bound for each variable, infinite if there is none."
        )
