"""How evenly and how unevenly amounts may be spread, where only limits of each are known.

The amounts ``q`` of several suppliers lie in a box ``low <= q <= high``, and their sum within limits of its own. What
is measured is a function of their shares that grows when one supplier takes from a smaller one, such as the sum of
squares or the three largest together: a convex function of ``q`` over a linear one, or the square of that, so that
every one of its sublevel sets is convex. Two facts follow, on which the two functions here rest.

**The most is at a corner.** A function with convex sublevel sets is largest on a polytope at one of its corners. There
every amount is at one of its limits, except at most one, and that only where the sum is at one of its own.

**The least is at a level.** Of all amounts with a given sum, ``min(max(t, low), high)``, with one level ``t`` for all,
is majorised by every other: whatever else is chosen takes from a smaller and gives to a larger. So only ``t`` is left
to choose. Between two neighbouring limits the sum is ``a + b t``, and the largest few together are linear in ``t`` too:
their ratio is least at an end. The sum of squares is ``c + b t^2``, and ``(c + b t^2) / (a + b t)^2`` falls until
``t = c / a`` and rises from there.

Source: Marshall, Olkin & Arnold (2011), Inequalities: Theory of Majorization and Its Applications, 2nd edition;
Rockafellar (1970), Convex Analysis, section 32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeline.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Measure = Callable[[Floats, Floats], Floats]
"""Takes (case, supplier) amounts and the (case,) totals that they are shares of; gives (case,), 0 to 1.

It is 1 where one supplier is all there is.
"""

CORNERS = 14
"""So many suppliers may be uncertain for every corner to be visited: two to that power, times as many again."""


class Box(NamedTuple):
    """Limits of amounts, all in one unit.

    Attributes:
        low, high: (supplier,) limits, ``0 <= low <= high``; ``high`` may be infinite.
        least, most: Limits of the total; ``most`` may be infinite.
    """

    low: Floats
    high: Floats
    least: float
    most: float

    @property
    def room(self) -> float:
        """What a total may be off by rounding of the last digit."""
        return 1e-9 * max(1.0, float(self.low.sum()), self.least)


def consistent(box: Box, crumbs: tuple[float, float] = (0.0, 0.0)) -> Box:
    """The same box without what its total leaves no room for.

    Args:
        crumbs: Limits of a further amount that counts in the total and for no supplier.

    Raises:
        InputError: ``world.shares_do_not_add_up``.
    """
    low, high = float(box.low.sum()) + crumbs[0], float(box.high.sum()) + crumbs[1]
    if box.least > high + box.room or box.most < low - box.room or box.least > box.most:
        raise InputError(
            "world.shares_do_not_add_up",
            f"The amounts add up to {low:g} at least and {high:g} at most, which leaves no way to a total from "
            f"{box.least:g} to {box.most:g}; correct the amounts or the total.",
        )
    least, most = max(box.least, low), min(box.most, high)
    # What the others have at least is not there for one.
    return Box(box.low, np.minimum(box.high, np.maximum(box.low, most - low + box.low)), min(least, most), most)


def most(measure: Measure, box: Box, crumb: float = 0.0) -> tuple[float, bool]:
    """The most that a measure can be, and whether it is just that, or an outer limit.

    Where an amount has no upper limit, the most is that of its being all there is. Where more than :data:`CORNERS`
    suppliers are uncertain, the limit is an outer one: of shares that are each at most ``high`` over ``high`` and the
    low of all others, filled up from the largest on, which majorises all that can be.

    Args:
        crumb: An amount that counts in the total and for no supplier.

    Raises:
        InputError: ``world.shares_do_not_add_up``.
    """
    box = consistent(box, (crumb, crumb))
    if np.isinf(box.high).any():
        return 1.0, True
    if np.count_nonzero(box.high > box.low) > CORNERS:
        caps = np.sort(box.high / np.maximum(box.high + (box.low.sum() - box.low) + crumb, np.finfo(float).tiny))[::-1]
        filled = np.clip(1.0 - (np.cumsum(caps) - caps), 0.0, caps)  # (supplier,), from the largest on
        total = box.least or 1.0
        return min(1.0, float(measure(filled[None, :] * total, np.full(1, total))[0])), False
    return max(float(measure(amounts, amounts.sum(axis=1) + crumb).max()) for amounts in corners(box, crumb)), True


def corners(box: Box, crumb: float = 0.0) -> Iterator[Floats]:
    """Corners where the total is within its limits, then those where it is at one of them; (case, supplier).

    The box is finite and :func:`consistent`, with :data:`CORNERS` uncertain suppliers at the most.
    """
    loose = np.flatnonzero(box.high > box.low)
    ends = _ends(box, loose)
    totals = ends.sum(axis=1) + crumb
    inside = ends[(totals >= box.least - box.room) & (totals <= box.most + box.room) & (totals > 0)]
    if inside.size:
        yield inside
    for one in loose:
        rest = _ends(box, loose[loose != one])
        for total in {box.least, box.most} - {0.0}:
            at = rest.copy()
            at[:, one] += total - crumb - rest.sum(axis=1)
            fits = (at[:, one] >= box.low[one] - box.room) & (at[:, one] <= box.high[one] + box.room)
            if fits.any():
                yield at[fits]


def _ends(box: Box, chosen: Ints) -> Floats:
    """Every choice of a limit for each of the chosen, the others at their low; (2 ** chosen, supplier)."""
    upper = (np.arange(2**chosen.size)[:, None] >> np.arange(chosen.size)) & 1  # (case, chosen)
    ends = np.tile(box.low, (upper.shape[0], 1))
    ends[:, chosen] = np.where(upper == 1, box.high[chosen], box.low[chosen])
    return ends


def least(measure: Measure, box: Box, crumbs: tuple[float, float] = (0.0, 0.0)) -> float:
    """The least that a measure can be.

    Args:
        crumbs: Limits of an amount spread over so many suppliers that none of them counts. It adds to the total and to
            nothing else, so as much of it is taken as the total allows, before any supplier is raised.

    Raises:
        InputError: ``world.shares_do_not_add_up``.
    """
    box = consistent(box, crumbs)
    if np.isinf(min(crumbs[1], box.most)):
        # The crumbs may be all there is; the more of them, the less any supplier is.
        return 0.0
    found = []
    for crumb, level in _levels(box, crumbs):
        amounts = np.clip(level, box.low, box.high)[None, :]
        total = amounts.sum(axis=1) + crumb
        if total[0] > 0 and box.least - box.room <= total[0] <= box.most + box.room:
            found.append(float(measure(amounts, total)[0]))
    return min(found)


def _levels(box: Box, crumbs: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """Crumb and level where a measure can be least: at ends of pieces, at limits of the total, where squares turn."""
    floor, full = float(box.low.sum()), min(crumbs[1], box.most)
    ends = np.unique(np.concatenate([[0.0], box.low, box.high[np.isfinite(box.high)]]))
    yield from ((full, float(level)) for level in ends)
    for total in (box.least, box.most):
        if total <= full + floor:
            yield max(crumbs[0], total - floor), 0.0
        elif np.isfinite(total):
            yield full, _level_of(box, ends, total - full)
    for start, end in pairwise([*ends, np.inf]):
        fixed = np.clip(start, box.low, box.high)[(box.high <= start) | (box.low >= end)]
        others = full + float(fixed.sum())
        if others > 0 and start < (turn := float((fixed**2).sum()) / others) < end:
            yield full, turn


def _level_of(box: Box, ends: Floats, total: float) -> float:
    """The level at which the amounts add up to a total that they can have."""
    sums = np.clip(ends[:, None], box.low, box.high).sum(axis=1)  # (end,)
    last = int(np.searchsorted(sums, total, side="right")) - 1
    free = np.count_nonzero((box.low <= ends[last]) & (box.high > ends[last]))
    return float(ends[last] + (total - sums[last]) / free) if free else float(ends[last])
