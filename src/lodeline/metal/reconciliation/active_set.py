"""Which limits hold in a large problem: block exchange around the sparse search.

At the minimum within limits every variable is either free and within them, or held at one that it pulls against; a
ceiling likewise. Who breaks that is exchanged, all at once: as long as their number falls that takes few rounds,
however many limits hold. Where it has not fallen for some rounds, one is exchanged at a time, the last of them, which
ends for any strictly convex problem. Each round goes on from where the one before ended, and only until its steps are
short; the last one goes on to the end.
Source: Judice & Pires (1994), Computers & Operations Research 21(5), 587-596; Portugal, Judice & Vicente (1994),
Mathematics of Computation 63, 625-643; Nocedal & Wright (2006), Numerical Optimization, 12.3 for the conditions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.metal.reconciliation.model import Terms
from lodeline.metal.reconciliation.sparse_search import Large

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from lodeline.metal.reconciliation.model import Model
    from lodeline.metal.reconciliation.solution import Solution

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Rows = NDArray[np.int64]

BROKEN = 1e-9
"""A limit is broken by more than this part of the scale."""
ROUGH = 1e-6
"""A step below this part of the scale ends a round."""
PATIENCE = 5
"""So many rounds of block exchange may pass without fewer limits broken than ever before."""
EXCHANGES = 500
"""Rounds at most."""


class Active(NamedTuple):
    """Which limits hold.

    Attributes:
        held: (variable,) the limit at which each is held, or its value where it is fixed; NaN of what is free.
        full: (ceiling,) which ceilings hold.
    """

    held: Array
    full: Flags


class Wrong(NamedTuple):
    """What cannot be at the minimum: variables to hold, and at what, and to let go; ceilings that hold, and do not."""

    hold: Rows
    at: Array
    free: Rows
    fill: Rows
    empty: Rows

    @property
    def number(self) -> int:
        """How many."""
        return self.hold.size + self.free.size + self.fill.size + self.empty.size


class Found(NamedTuple):
    """Limits that hold.

    Attributes:
        model: The problem, with ceilings of what anything determines only.
        active: Which of its limits hold.
        x: (variable,) where the search is.
        rounds: How many there were; none where the limits of before were right.
    """

    model: Model
    active: Active
    x: Array
    rounds: int


def active_set(model: Model, whitening: sparse.csr_array, solution: Solution) -> Found:
    """The limits that hold, from a minimum with others or none.

    Args:
        model: The problem. whitening: of its observations.
        solution: Of the same, with some of its limits held.

    Raises:
        InputError: ``reconcile.not_converged``, ``reconcile.constraints_disagree``.
    """
    judged = ~solution.loose
    model = determined(model, judged)
    active = Active(solution.held, solution.full)
    x, pull, multiplier, rounds = solution.x, solution.pull(), solution.multiplier[model.constant.size :], 0
    fewest, patience = np.inf, PATIENCE
    for _ in range(EXCHANGES):
        wrong = _wrong(model, active, x, pull, multiplier, judged, max(solution.chi2, 1.0))
        if not wrong.number:
            return Found(model, active, x, rounds)
        if wrong.number < fewest:
            fewest, patience = wrong.number, PATIENCE
        else:
            patience -= 1
        active, found = _next(model, whitening, active, wrong, x, patience >= 0)
        x, pull, multiplier = found.x, found.pull(), found.multiplier[model.constant.size :]
        rounds += 1 + found.rounds
    raise unkept()


def _next(
    model: Model, whitening: sparse.csr_array, active: Active, wrong: Wrong, x: Array, block: bool
) -> tuple[Active, Large]:
    """The limits after an exchange, and where the search then is.

    Limits that are broken one by one may contradict each other when they are all held; then one is exchanged.
    """
    if block:
        several = _exchanged(active, wrong)
        try:
            return several, Large(model.reaching(several.full), several.held, whitening, start=x, done=ROUGH)
        except InputError:
            if wrong.number == 1:
                raise
    one = _exchanged(active, _last(wrong))
    return one, Large(model.reaching(one.full), one.held, whitening, start=x, done=ROUGH)


def unkept() -> InputError:
    """The refusal of limits that no search satisfies."""
    return InputError(
        "reconcile.not_converged", "The limits cannot all be kept; check those that contradict each other."
    )


def determined(model: Model, known: Flags) -> Model:
    """The same without ceilings of a whole that nothing determines, and without the parts that nothing determines.

    What has no number breaks no limit. A part of a sum that is at least zero may be left out, and the ceiling holds for
    the rest; where another part is unknown, such as the whole itself, there is none.

    Args:
        known: (variable,) which have a number.
    """
    of = model.ceiling_terms
    second = np.maximum(of.second, 0)
    alone = of.second < 0
    unknown = ~known[of.first] | (~alone & ~known[second])
    positive = (of.coefficient > 0) & (model.lower[of.first] >= 0) & (alone | (model.lower[second] >= 0))
    lost = np.zeros(model.ceiling.size, dtype=bool)
    lost[of.row[unknown & ~positive]] = True
    term = ~unknown & ~lost[of.row]
    # A row without parts sums to nothing.
    return model._replace(
        ceiling=np.where(lost, 0.0, model.ceiling),
        ceiling_terms=Terms(of.row[term], of.coefficient[term], of.first[term], of.second[term]),
    )


def _wrong(model: Model, active: Active, x: Array, pull: Array, multiplier: Array, judged: Flags, chi2: float) -> Wrong:
    """What breaks a limit, and what is held at one in vain.

    Args:
        multiplier: (full ceiling,) of the ceilings that hold.
        judged: (variable,) what has a number that could break a limit.
        chi2: Of the data: a pull below a part of it is none.
    """
    free = np.isnan(active.held) & judged
    low, high = model.lower - x, x - model.upper
    beyond = np.where(free, np.maximum(low, high), -np.inf)
    hold = np.flatnonzero(beyond > BROKEN * model.scale)
    at = np.where(low[hold] > high[hold], model.lower[hold], model.upper[hold])
    held = ~np.isnan(active.held) & ~model.fixed
    inward = np.where(active.held == model.lower, 1.0, -1.0) * pull * model.scale
    let_go = np.flatnonzero(held & (inward > BROKEN * chi2))
    over = model.ceiling_terms.values(x, model.ceiling.size) - model.ceiling
    size = ceiling_sizes(model)
    fill = np.flatnonzero(~active.full & (over > BROKEN * size))
    full = np.flatnonzero(active.full)
    empty = full[-multiplier * size[full] > BROKEN * chi2] if full.size else full
    return Wrong(hold, at, let_go, fill, empty)


def ceiling_sizes(model: Model) -> Array:
    """(ceiling,) the typical size of each: its own, or that of its largest part."""
    of = model.ceiling_terms
    product = np.where(of.second >= 0, model.scale[of.second], 1.0)
    size = np.abs(model.ceiling)
    np.maximum.at(size, of.row, np.abs(of.coefficient) * model.scale[of.first] * product)
    return size


def _last(of: Wrong) -> Wrong:
    """The last of what is wrong, ceilings after variables."""
    none = np.zeros(0, dtype=np.int64)
    nothing = Wrong(none, np.zeros(0), none, none, none)
    if of.fill.size or of.empty.size:
        if of.fill.max(initial=-1) > of.empty.max(initial=-1):
            return nothing._replace(fill=of.fill[-1:])
        return nothing._replace(empty=of.empty[-1:])
    if of.hold.max(initial=-1) > of.free.max(initial=-1):
        return nothing._replace(hold=of.hold[-1:], at=of.at[-1:])
    return nothing._replace(free=of.free[-1:])


def _exchanged(active: Active, wrong: Wrong) -> Active:
    held, full = active.held.copy(), active.full.copy()
    held[wrong.hold], held[wrong.free] = wrong.at, np.nan
    full[wrong.fill], full[wrong.empty] = True, False
    return Active(held, full)
