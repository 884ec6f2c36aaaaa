"""MUF from what was measured: stocks at the ends of the periods, and what came in less what went out between them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.metal.detection.sequential.muf import Muf, muf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class Measured(NamedTuple):
    """Masses with random errors of their own and biases that they share.

    Attributes:
        kg: (mass,) kg; NaN where unknown.
        kg_u: (mass,) standard uncertainty (k = 1) of what is random, kg, >= 0; not read where the mass is unknown.
        effect: (mass, bias) by how many kg one unit of each shared bias raises each mass; of a scale that reads
            too much by a share of the load, the mass itself.
    """

    kg: Array
    kg_u: Array
    effect: Array


def from_stocks(stock: Measured, net: Measured, bias_u: Array) -> Muf:
    """MUF of each period: ``stock[t] + net[t] - stock[t + 1]``, with its covariance.

    A closing stock is the next opening one: its error stands in two neighbouring periods with opposite signs, so their
    covariance is minus its variance. A bias stands in all periods that it touches, a stock's effect with the sign of
    the stock: ``effect @ diag(bias_u²) @ effect.T`` is added.

    Where a stock was not taken, the periods on both sides of it are carried together and have one MUF, at the last of
    them; the stock cancels. Where a net mass is unknown, its period is unknown and no later value covers it.

    Args:
        stock: (period + 1,) at the start of the first period and the end of each.
        net: (period,) in less out.
        bias_u: (bias,) standard uncertainty of each shared bias, in its own unit, >= 0.

    Raises:
        InputError: ``sequential.shape``, ``sequential.uncertainty_unknown``, and what ``muf`` refuses.
    """
    periods, biases = net.kg.size, bias_u.size
    shapes = tuple(part.shape for part in (*stock, *net, bias_u))
    ends = periods + 1
    if shapes != ((ends,), (ends,), (ends, biases), (periods,), (periods,), (periods, biases), (biases,)):
        raise InputError(
            "sequential.shape", "Give stocks (p + 1,), net masses (p,) and effects (…, bias).", shapes=shapes
        )
    both = Measured(*(np.concatenate([a, b]) for a, b in zip(stock, net, strict=True)))
    known = _known(both, bias_u)
    design, first = _design(known[:ends], known[ends:])
    rows = np.flatnonzero(first >= 0)
    used = design[np.ix_(rows, np.flatnonzero(known))]  # (value, known mass)
    effect = used @ both.effect[known]  # (value, bias)
    covariance = np.full((periods, periods), np.nan)
    covariance[np.ix_(rows, rows)] = (used * both.kg_u[known] ** 2) @ used.T + (effect * bias_u**2) @ effect.T
    kg = np.full(periods, np.nan)
    kg[rows] = used @ both.kg[known]
    return muf(kg, covariance, first=first)


def _known(masses: Measured, bias_u: Array) -> NDArray[np.bool_]:
    """(mass,) which are known, each with its uncertainty."""
    known = ~np.isnan(masses.kg)
    stated = np.isfinite(masses.kg_u) & (masses.kg_u >= 0) & np.isfinite(masses.effect).all(axis=1)
    if not (stated | ~known).all() or not (np.isfinite(bias_u) & (bias_u >= 0)).all():
        wrong = np.flatnonzero(known & ~stated)
        raise InputError(
            "sequential.uncertainty_unknown",
            "A known mass, or a bias, has no standard uncertainty of zero or more; give it, or leave the mass unknown.",
            mass=int(wrong[0]) if wrong.size else None,
        )
    return known


def _design(stocks: NDArray[np.bool_], nets: NDArray[np.bool_]) -> tuple[Array, NDArray[np.int64]]:
    """(period, stock + net) what each MUF adds up, and (period,) the first period it covers, -1 where it is unknown."""
    periods = nets.size
    design = np.zeros((periods, stocks.size + periods))
    first = np.full(periods, -1, dtype=np.int64)
    taken = np.flatnonzero(stocks)
    for start, end in pairwise(taken.tolist()):
        if nets[start:end].all():
            first[end - 1] = start
            design[end - 1, start], design[end - 1, end] = 1.0, -1.0
            design[end - 1, stocks.size + start : stocks.size + end] = 1.0
    return design, first
