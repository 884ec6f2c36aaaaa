"""The smallest set of claims that contradict each other, for small books: to find it is NP-hard.

    minimise   sum(z[i])
    where      z[i] is 0 or 1,  0 <= y[i] <= z[i],  pi >= 0,
               price[a] >= w[a, k] + pi[head, k] - pi[tail, k] for every kind that the arc may hold,  price >= 0,
               sum(y[i] * needs[i]) - sum(mg[a] * price[a]) >= beyond

A feasible point is a refutation (``multipliers``) that names only the claims whose z is 1, so the fewest are found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.joint import Contradiction, asked, reduced, together
from lodeline.origin.joint_program import Program, allowed
from lodeline.origin.solver import quiet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lodeline.origin.claims import Claim
    from lodeline.origin.graph import MassGraph


class Smallest(NamedTuple):
    """A smallest set of contradictory claims.

    Attributes:
        found: The set, irreducible.
        beyond_mg: No smaller set of claims contradicts by so much or more. A smaller one may by less.
    """

    found: Contradiction
    beyond_mg: int


def smallest(graph: MassGraph, claims: Sequence[Claim], *, beyond_mg: int, arcs: int) -> Smallest | None:
    """The fewest claims that contradict each other by so much; None where none do.

    Args:
        beyond_mg: How much claims must be too much together to count, milligrams, >= 1.
        arcs: How many arcs by kinds of metal may be upstream of the claims; it takes long beyond some thousands.

    Raises:
        InputError: ``claim.beyond``, ``claim.too_many``, ``origin.solver``, and what
            :func:`~lodeline.origin.joint.together` refuses.
    """
    if beyond_mg < 1:
        raise InputError("claim.beyond", "Look for contradictions of one milligram or more.", mg=beyond_mg)
    made = asked(graph, claims)
    if made.arc.size > arcs:
        raise InputError(
            "claim.too_many", "That is too much for the smallest set; take an irreducible one.", arcs=made.arc.size
        )
    members = _fewest(made, beyond_mg)
    if members is None:
        return None
    if together(graph, [claims[one] for one in members]).multipliers is None:
        raise InputError("origin.solver", "The solver names claims that do not contradict; take an irreducible set.")
    return Smallest(reduced(graph, claims, members), beyond_mg)


def _fewest(made: Program, beyond_mg: int) -> list[int] | None:
    """Places of the claims whose z is 1."""
    import highspy

    highs = quiet()
    highs.passModel(_model(made, beyond_mg))
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        raise InputError("origin.solver", "The solver found no optimum; take an irreducible set.")
    chosen = np.array(highs.getSolution().col_value[: len(made.claims)])
    return [int(one) for one in np.flatnonzero(chosen > 0.5)]


def _model(made: Program, beyond_mg: int) -> Any:
    """Columns: z, y, pi (node, kind), price (arc). Rows: y - z, price of each arc and kind, what is left over."""
    import highspy
    from scipy.sparse import coo_array

    up, count, named = made.upstream, len(made.claims), made.named
    arc, kind = np.nonzero(allowed(up, made.kinds)[:, 1:])
    first_pi, first_price = 2 * count, 2 * count + up.nodes.size * named
    rows, columns, values = [], [], []

    def add(row: Any, column: Any, value: Any) -> None:
        row, column, value = np.broadcast_arrays(row, column, value)
        rows.append(row.ravel())
        columns.append(column.ravel())
        values.append(value.ravel())

    every = np.arange(count)
    add(every, every, -1.0)
    add(every, count + every, 1.0)
    price = count + np.arange(arc.size)
    add(price, first_price + arc, 1.0)
    for end, sign in ((up.head, -1.0), (up.tail, 1.0)):
        inner = end[arc] >= 0
        add(price[inner], first_pi + end[arc[inner]] * named + kind[inner], sign)
    for place, claim in enumerate(made.claims):
        on = np.isin(arc, up.place(claim.arcs)) & made.kinds.helps[kind + 1, place]
        add(price[on], count + place, -1.0)
    left = count + arc.size
    add(left, count + every, np.array([mg / made.unit_mg for mg in made.needs_mg]))
    add(left, first_price + np.arange(up.mg.size), -(up.mg / made.unit_mg))

    shape = (left + 1, first_price + up.mg.size)
    matrix = coo_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape).tocsc()
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = shape
    model.col_cost_ = np.r_[np.ones(count), np.zeros(shape[1] - count)]
    model.col_lower_ = np.zeros(shape[1])
    model.col_upper_ = np.r_[np.ones(2 * count), np.full(shape[1] - 2 * count, np.inf)]
    model.row_lower_ = np.r_[np.full(count, -np.inf), np.zeros(arc.size), beyond_mg / made.unit_mg]
    model.row_upper_ = np.r_[np.zeros(count), np.full(arc.size + 1, np.inf)]
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    model.integrality_ = [whole] * count + [real] * (shape[1] - count)
    return model
