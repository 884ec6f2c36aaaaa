"""Every measurement that could be made, each added to the problem, which is solved again."""

from __future__ import annotations

import math

from scipy import sparse

from lodeline.metal.reconciliation.figures import asked
from lodeline.metal.reconciliation.reconciled import Reconciled
from lodeline.metal.reconciliation.solving import solve
from lodeline.metal.reconciliation.weights import spread, weights
from tests.metal.reconciliation.small_reconciled import with_reading


def narrowed_by(one: Reconciled, name: str) -> dict[int, float]:
    """u of a figure after each candidate, each added to the problem and solved again."""
    wanted, made = asked(name, one), one.candidates
    if wanted.bias >= 0:
        variable, percent = one.ledger.biases.variable[wanted.bias], 100.0
        weight = sparse.csr_array(([1.0], ([0], [variable])), shape=(1, one.solution.x.size))
    else:
        weight, percent = weights(one, [(wanted.plus, wanted.minus)], wanted.of).weight, 1.0
    found = {}
    for at in range(made.u.size):
        row = made.gradient[[at]].tocoo()
        terms = [(float(value), int(column)) for value, column in zip(row.data, row.coords[1], strict=True)]
        would_read = float((made.gradient[[at]] @ one.solution.x)[0])
        again = solve(with_reading(one.solution.model, terms, would_read, float(made.u[at])))
        u, lost = spread(again, weight)
        found[at] = math.nan if lost[0] else percent * float(u[0])
    return found
