"""Parts of a flowsheet of which only grades are known: they have no size, and nothing is no size either.

Where no mass of a part is known, every multiple of a solution is one, and so is zero, at which grades that disagree
cost nothing: least squares alone would let such a part vanish. Whoever took a sample found something to take it from.
So one of its masses is fixed at a typical size, and then set free where it is: if nothing pulls it from there, it has
no size, the grades are reconciled, and it is told as unobservable. What the data themselves want at zero goes there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.errors import InputError
from lodeline.metal.reconciliation.network_start import beginning
from lodeline.metal.reconciliation.solution import AT_LIMIT, FIXED, UNOBSERVABLE
from lodeline.metal.reconciliation.solving import solve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lodeline.metal.reconciliation.model import Model
    from lodeline.metal.reconciliation.network_model import Written
    from lodeline.metal.reconciliation.solution import Solution

GONE = 1e-9
"""A mass below this part of its typical size has vanished, if it is also certain to a thousand times that, or loose."""
LEAST = 1e-3
"""The part of its typical size that a mass is kept above which would vanish."""


def solved(written: Written) -> Solution:
    """The flowsheet, solved so that no part of it vanishes for want of a mass.

    Raises:
        InputError: as :func:`lodeline.metal.reconciliation.solving.solve` does.
    """
    model = written.model(*beginning(written))
    solution = solve(model)
    if not written.network.components:
        return solution
    kept: list[int] = []
    tried: list[int] = []
    while (gone := next(_vanished(written, solution, tried), None)) is not None:
        tried.append(gone)
        try:
            found = _sized(written, model, [*kept, gone])
        except InputError:
            continue  # there is no room for it: it is zero indeed, and the solution without it stands
        if found.klass[gone] == UNOBSERVABLE:
            kept.append(gone)
            solution = found
    return solution


def _sized(written: Written, model: Model, kept: list[int]) -> Solution:
    """The solution near which these masses have their typical sizes: solved with them fixed, and then set free."""
    size = np.array([abs(written.variables[one].guess) for one in kept])
    lower, upper = model.lower.copy(), model.upper.copy()
    lower[kept] = upper[kept] = size
    fixed = solve(model._replace(lower=lower, upper=upper))
    lower[kept], upper[kept] = np.maximum(model.lower[kept], LEAST * size), model.upper[kept]
    return solve(model._replace(start=fixed.x, lower=lower))


def _vanished(written: Written, solution: Solution, tried: list[int]) -> Iterator[int]:
    """Masses that nobody measured and that have vanished, but for those that were tried."""
    for stream in written.network.streams:
        index = written.at[stream.name]
        variable = written.variables[index]
        size = GONE * abs(variable.guess)
        free = variable.u is None and solution.klass[index] not in (AT_LIMIT, FIXED) and index not in tried
        if free and abs(solution.x[index]) <= size and not solution.u[index] > 1e3 * size:
            yield index
