"""Material unaccounted for (MUF), period by period, with the covariance that shared stocks and biases give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

from lodeline.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

ROUNDING = 1e-9
"""Share of two standard uncertainties by which halves of a covariance may differ: what a large sparse solve leaves."""


class Muf(NamedTuple):
    """MUF = opening stock + in - out - closing stock: positive where metal is missing.

    A period without a value is unknown, never zero. The value of a later period may cover it as well: with no
    stock-take between them, two periods have one balance, from the opening of the first to the closing of the second.

    Attributes:
        kg: (period,) MUF, kg; NaN where unknown.
        covariance_kg2: (period, period) kg²; NaN in the rows and columns of unknown periods.
        first: (period,) first period that a value covers, its own where it covers only that; -1 where unknown.
    """

    kg: Array
    covariance_kg2: Array
    first: Rows

    @property
    def kg_u(self) -> Array:
        """(period,) standard uncertainties (k = 1), kg; NaN where unknown."""
        return np.sqrt(np.diagonal(self.covariance_kg2))

    @property
    def covered(self) -> NDArray[np.bool_]:
        """(period,) whether some value covers the period; what none covers, no test can see."""
        seen = np.zeros(self.kg.size, dtype=bool)
        for last in np.flatnonzero(self.first >= 0):
            seen[self.first[last] : last + 1] = True
        return seen


class Known(NamedTuple):
    """What the tests work on: the periods that have a value, here counted by themselves (value,).

    Attributes:
        rows: (value,) the period of each.
        kg, kg_u: (value,) MUF and its standard uncertainty, kg.
        factor: (value, value) lower triangle L with ``L @ L.T`` the covariance, kg.
        running: (value, value) 1 where a running sum takes a value in. It begins anew after a period that no value
            covers, since to sum on over it would be to count it as zero.
        running_kg_u: (value,) standard uncertainty of the running sums, kg.
    """

    rows: Rows
    kg: Array
    kg_u: Array
    factor: Array
    running: Array
    running_kg_u: Array

    def spread(self, of: Array, periods: int) -> Array:
        """(period,) what is told of each value (value,), NaN in the periods without one."""
        spread = np.full(periods, np.nan)
        spread[self.rows] = of
        return spread


def muf(kg: Array, covariance_kg2: Array, *, first: Rows | None = None) -> Muf:
    """Take in MUF values that somebody computed, and refuse what no test could stand on.

    Args:
        kg: (period,) MUF, kg; NaN where unknown.
        covariance_kg2: (period, period) kg², symmetric and positive definite among the known periods; what stands in
            the rows and columns of the others is not read.
        first: (period,) first period that each value covers, -1 where unknown. None says that the balance is carried:
            a value covers all since the value before it, so the one after an unknown period is of both together.

    Raises:
        InputError: ``sequential.shape``, ``sequential.not_finite``, ``sequential.first``,
            ``sequential.uncertainty_unknown``, ``sequential.not_symmetric``, ``sequential.not_positive``.
    """
    periods = kg.size
    shapes = (kg.shape, covariance_kg2.shape, (periods,) if first is None else first.shape)
    if shapes != ((periods,), (periods, periods), (periods,)):
        raise InputError("sequential.shape", "Give MUF (p,), its covariance (p, p) and first (p,).", shapes=shapes)
    endless = np.flatnonzero(np.isinf(kg))
    if endless.size:
        raise InputError(
            "sequential.not_finite", "A MUF is infinite; leave it unknown (NaN) instead.", period=int(endless[0])
        )
    rows = np.flatnonzero(np.isfinite(kg))
    spans = _carried(rows, periods) if first is None else _checked_spans(first, rows)
    covariance = np.full((periods, periods), np.nan)
    covariance[np.ix_(rows, rows)] = _checked_covariance(covariance_kg2[np.ix_(rows, rows)], rows)
    return Muf(kg=kg.copy(), covariance_kg2=covariance, first=spans)


def known(of: Muf) -> Known:
    """The periods of a MUF that have a value, ready for the tests.

    Raises:
        InputError: ``sequential.nothing_known``, ``sequential.not_positive``.
    """
    rows = np.flatnonzero(of.first >= 0)
    if rows.size == 0:
        raise InputError("sequential.nothing_known", "No period has a MUF; take stock at least at both its ends.")
    covariance = of.covariance_kg2[np.ix_(rows, rows)]
    running = _running(of.first[rows], rows)
    return Known(
        rows=rows,
        kg=of.kg[rows],
        kg_u=np.sqrt(np.diagonal(covariance)),
        factor=_factor(covariance, rows),
        running=running,
        running_kg_u=np.sqrt(np.einsum("ij,jk,ik->i", running, covariance, running)),
    )


def cumuf(of: Muf) -> tuple[Array, Array]:
    """(period,) cumulative MUF and its standard uncertainty, kg: the running sum, with the covariance of its parts.

    NaN in an unknown period. The sum begins anew after a period that no value covers.

    Raises:
        InputError: ``sequential.nothing_known``.
    """
    values = known(of)
    periods = of.kg.size
    return values.spread(values.running @ values.kg, periods), values.spread(values.running_kg_u, periods)


def sitmuf(of: Muf) -> Array:
    """(period,) standardised independent MUF: what of each MUF the earlier ones do not foretell, in its own sigma.

    ``(muf[t] - E(muf[t] | muf[:t])) / sd(muf[t] | muf[:t])``, which is ``L⁻¹ @ muf`` for the covariance ``L @ L.T``;
    without loss these are independent and normal, with mean 0 and standard deviation 1. NaN in an unknown period.

    Raises:
        InputError: ``sequential.nothing_known``.

    Source: the transform is Pike's and Woods'; by Cholesky, R. R. Picard (1987), Sequential analysis of materials
    balances, Nuclear Materials Management 15(2), 38-42.
    """
    values = known(of)
    return values.spread(independent(values, values.kg), of.kg.size)


def independent(values: Known, kg: Array) -> Array:
    """(value,) ``L⁻¹ @ kg``: MUF, or a loss that is added to it, as standardised independent parts."""
    parts: Array = solve_triangular(values.factor, kg, lower=True)
    return parts


def _carried(rows: Rows, periods: int) -> Rows:
    """Each value covers all since the value before it."""
    first = np.full(periods, -1, dtype=np.int64)
    first[rows] = np.concatenate([[0], rows[:-1] + 1])[: rows.size]
    return first


def _checked_spans(first: Rows, rows: Rows) -> Rows:
    """Spans that end at the known periods and do not overlap."""
    starts = first[rows]
    before = np.concatenate([[-1], rows[:-1]])[: rows.size]
    wrong = rows[(starts <= before) | (starts > rows)]
    unknown = np.ones(first.size, dtype=bool)
    unknown[rows] = False
    wrong = np.concatenate([wrong, np.flatnonzero(unknown & (first != -1))])
    if wrong.size:
        raise InputError(
            "sequential.first",
            "A value covers periods up to its own and after the value before it; an unknown period has first -1.",
            period=int(wrong[0]),
        )
    return first.astype(np.int64)


def _checked_covariance(covariance: Array, rows: Rows) -> Array:
    """The covariance of the known periods, made symmetric to the last bit."""
    gaps = np.argwhere(~np.isfinite(covariance))
    if gaps.size:
        raise InputError(
            "sequential.uncertainty_unknown",
            "A period has a MUF but no finite covariance; give its uncertainty, or leave the MUF unknown (NaN).",
            period=int(rows[gaps[0, 0]]),
            other=int(rows[gaps[0, 1]]),
        )
    variance = np.diagonal(covariance)
    if (variance <= 0).any():
        raise _not_positive(rows[np.argmax(variance <= 0)])
    u = np.sqrt(variance)
    apart = np.argwhere(np.abs(covariance - covariance.T) > ROUNDING * np.outer(u, u))
    if apart.size:
        raise InputError(
            "sequential.not_symmetric",
            "The covariance of two periods is given twice, and differs; give a symmetric matrix.",
            period=int(rows[apart[0, 0]]),
            other=int(rows[apart[0, 1]]),
        )
    whole: Array = (covariance + covariance.T) / 2
    _factor(whole, rows)
    return whole


def _factor(covariance: Array, rows: Rows) -> Array:
    """Lower triangle L with ``L @ L.T`` the covariance; of the correlation first, so that the unit makes no difference.

    Row by row, since LAPACK does not say at which period the matrix stops being positive.
    """
    u = np.sqrt(np.diagonal(covariance))
    correlation = covariance / np.outer(u, u)
    lower = np.zeros_like(correlation)
    # What is left of a variance of 1 below this is the rounding of the sums above it.
    least = rows.size * np.finfo(np.float64).eps
    for i in range(rows.size):
        ahead: Array = solve_triangular(lower[:i, :i], correlation[i, :i], lower=True)
        left = 1.0 - float(ahead @ ahead)
        if left <= least:
            raise _not_positive(rows[i])
        lower[i, :i] = ahead
        lower[i, i] = np.sqrt(left)
    factor: Array = u[:, None] * lower
    return factor


def _not_positive(row: np.int64) -> InputError:
    return InputError(
        "sequential.not_positive",
        "The covariance is not positive definite: this MUF has no variance of its own, or one that the earlier periods "
        "contradict; give each period's own random uncertainty.",
        period=int(row),
    )


def _running(first: Rows, rows: Rows) -> Array:
    """(value, value) lower triangle of ones, in blocks that end where a period lies between two values uncovered."""
    gap = np.concatenate([[False], first[1:] != rows[:-1] + 1])
    block = np.cumsum(gap)
    running: Array = np.tril(block[:, None] == block[None, :]).astype(np.float64)
    return running
