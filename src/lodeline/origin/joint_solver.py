"""A program of joint claims in the solver, and what the solver finds: hints, in floats, none of which is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodeline.origin.solver import quiet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lodeline.origin.joint_program import Program


class Solved(NamedTuple):
    """What the solver found, in floats: a hint, from which everything that is said is computed again exactly.

    Attributes:
        value_mg: (column,) what is withdrawn of each claim, then what arcs hold of each kind.
        multiplier, potential: (claim,) and (node, kind) prices of the claims and of conservation.
        basic: (column,) and (row,) whether each is in the basis; what is not stands at a bound.
        at_most: (column,) and (row,) whether what is not basic stands at its upper bound.
    """

    value_mg: NDArray[np.float64]
    multiplier: NDArray[np.float64]
    potential: NDArray[np.float64]
    basic: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    at_most: tuple[NDArray[np.bool_], NDArray[np.bool_]]

    @property
    def total_mg(self) -> float:
        """What is withdrawn of all claims."""
        return float(self.value_mg[: self.multiplier.size].sum())


class Solver:
    """A program in the solver, which keeps what it knows while claims are dropped and taken up again."""

    def __init__(self, made: Program) -> None:
        self._program = made
        self._highs = quiet()
        # Little of the program is at work in an answer, which the dual simplex finds sooner than presolving does.
        self._highs.setOptionValue("presolve", "off")
        self._highs.passModel(linear(made))

    def drop(self, claim: int) -> None:
        """Ask without this claim."""
        self._bound(claim, None)

    def take_up(self, claim: int) -> None:
        """Ask with it again."""
        self._bound(claim, self._program.row_least[claim])

    def cut_only(self, claim: int | None) -> None:
        """Let only this claim be cut; with None, every one."""
        for one in range(len(self._program.claims)):
            free = claim is None or claim == one
            self._highs.changeColBounds(one, 0.0, float("inf") if free else 0.0)

    def _bound(self, claim: int, least: int | None) -> None:
        low = -float("inf") if least is None else least / self._program.unit_mg
        self._highs.changeRowBounds(claim, low, float("inf"))

    def solve(self) -> Solved | None:
        """The optimum; None where the solver ends without one."""
        import highspy

        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        count, nodes, named = len(self._program.claims), self._program.upstream.nodes.size, self._program.named
        found, basis = self._highs.getSolution(), self._highs.getBasis()
        price = np.array(found.row_dual)
        status, upper = highspy.HighsBasisStatus.kBasic, highspy.HighsBasisStatus.kUpper
        columns, rows = basis.col_status, basis.row_status
        return Solved(
            value_mg=np.array(found.col_value) * self._program.unit_mg,
            multiplier=price[:count],
            potential=price[count : count + nodes * named].reshape(nodes, named),
            basic=(np.array([one == status for one in columns]), np.array([one == status for one in rows])),
            at_most=(np.array([one == upper for one in columns]), np.array([one == upper for one in rows])),
        )


def linear(made: Program) -> Any:
    """The program as the solver takes it, in its unit."""
    import highspy
    from scipy.sparse import coo_array

    shape = (len(made.row_least), len(made.least))
    matrix = coo_array((made.value.astype(np.float64), (made.row, made.column)), shape=shape).tocsc()
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = shape
    cost = np.zeros(shape[1])
    cost[: len(made.claims)] = 1.0
    model.col_cost_ = cost
    model.col_lower_, model.col_upper_ = _scaled(made.least, 0.0, made), _scaled(made.most, np.inf, made)
    model.row_lower_, model.row_upper_ = _scaled(made.row_least, -np.inf, made), _scaled(made.row_most, np.inf, made)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    return model


def _scaled(bounds: Sequence[int | None], missing: float, made: Program) -> NDArray[np.float64]:
    return np.array([missing if one is None else one / made.unit_mg for one in bounds])
