"""Limits of ``sum(w s^2)`` over shares ``s`` with weights ``w >= 0``, where only limits of the amounts are known.

With amounts ``q`` and their sum ``S`` it is ``Q / S^2``, ``Q = sum(w q^2)``: the square of a norm over a linear
function, so every one of its sublevel sets is convex. Its most is at a corner of the box. At its least every amount
that is at no limit has ``2 w q / S^2 = 2 Q / S^3``, that is ``q = t / w`` with ``t = Q / S``; those at a limit are
where ``t / w`` is beyond it. So ``q = min(max(t / w, low), high)``, and ``Q - t S = 0``: of that, amounts at no limit
add nothing, whatever ``t`` is, and those at one, ``w q^2 - t q``, fall with ``t``. A bisection finds it.
"""

from __future__ import annotations

import numpy as np

from lodeline.world.dependence import spread
from lodeline.world.dependence.spread import Box, Floats

STEPS = 200
"""Of the bisection: more than halve an interval of floating-point numbers to its end."""


def least(weight: Floats, low: Floats, high: Floats) -> float:
    """The least of ``sum(w s^2)``; 0 where one without weight can be all there is.

    Args:
        weight: (supplier,), >= 0, finite. low, high: (supplier,) limits of the amounts, ``high`` may be infinite.
    """
    if np.isinf(high[weight == 0]).any():
        return 0.0
    if (low == high).all():
        return float((weight * low**2).sum() / low.sum() ** 2)

    def amounts(level: float) -> Floats:
        free = np.divide(level, weight, out=np.full_like(weight, np.inf), where=weight > 0)
        return np.minimum(np.maximum(free, low), high)

    # Where every amount is at a limit, Q / S is at most the greatest of w q; so is the level sought.
    ends = np.concatenate([low, high[np.isfinite(high)]])
    below, above = 0.0, float(weight.max()) * float(ends.max(initial=1.0))
    for _ in range(STEPS):
        level = (below + above) / 2
        tried = amounts(level)
        if float((weight * tried**2).sum()) > level * float(tried.sum()):
            below = level
        else:
            above = level
    found = amounts(above)
    total = float(found.sum())
    return float((weight * found**2).sum()) / total**2 if total else 0.0


def most(weight: Floats, low: Floats, high: Floats) -> tuple[float, bool]:
    """The most of ``sum(w s^2)``, and whether it is that, or an outer limit.

    It is an outer limit where too many amounts are uncertain to visit all corners: that of each share on its own.

    An amount without upper limit is at its low, or is all there is: the measure is largest at an end of its range.
    """
    endless = np.isinf(high)
    alone = float(weight[endless].max(initial=0.0))
    box = Box(low, np.where(endless, low, high), 0.0, np.inf)
    if not box.high.any():
        return alone, True
    if np.count_nonzero(box.high > box.low) > spread.CORNERS:
        shares = box.high / np.where(box.high > 0, box.high + (low.sum() - low), 1.0)
        return max(alone, min(float((weight * shares**2).sum()), float(weight.max()))), False
    found = max(
        float(((weight * amounts**2).sum(axis=1) / amounts.sum(axis=1) ** 2).max())
        for amounts in spread.corners(spread.consistent(box))
    )
    return max(alone, found), True
