"""The linear program behind joint claims: least kilograms to withdraw so that all that is claimed can be so.

    minimise   sum(withdrawn[i])
    where      every kind of metal conserves at every node, what an arc holds of all kinds is its mass, and
               sign * (what the arcs of claim i hold of what it counts) + withdrawn[i] >= sign * claimed[i]

The kind that no claim counts is what is left of each arc, and is no column of its own: masses close, so it conserves.

Source: linear programming on multicommodity flows; Ahuja, Magnanti & Orlin (1993), Network Flows, chapter 17.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodeline.origin.claims import Claim, Commodities, commodities
from lodeline.origin.solver import quiet
from lodeline.origin.upstream import Upstream, upstream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lodeline.origin.graph import MassGraph, Origin, Rows

LARGEST = 1e6
"""Masses are given to the solver in a unit in which none is larger: it holds 1e-7 of that unit, whatever the unit."""


class Program(NamedTuple):
    """A linear program, and what its rows and columns mean.

    Columns are first what is withdrawn of each claim, then ``column`` (arc, kind) by pairs. Rows are first the claims,
    then conservation (node, kind) with kind running faster, then the masses of arcs that hold several kinds.

    Attributes:
        upstream, origins, kinds, claims: What it was made of; of the origins those that metal upstream comes from, and
            the upstream's arcs name places among these.
        arc, kind: (column,) of each column after the first ``len(claims)``.
        unit_mg: Milligrams in the unit of the solver.
        row, column, value: Entries of the matrix.
        least, most: (column,) bounds, milligrams. row_least, row_most: (row,) likewise; None where there is none.
    """

    upstream: Upstream
    origins: tuple[Origin, ...]
    kinds: Commodities
    claims: tuple[Claim, ...]
    arc: Rows
    kind: Rows
    unit_mg: int
    row: Rows
    column: Rows
    value: Rows
    least: list[int]
    most: list[int | None]
    row_least: list[int | None]
    row_most: list[int | None]

    @property
    def named(self) -> int:
        """How many kinds of metal some claim counts."""
        return len(self.kinds.counts) - 1


def allowed(up: Upstream, kinds: Commodities) -> NDArray[np.bool_]:
    """(arc, commodity) what an arc may hold: anything, but where it comes from an origin."""
    whole = np.ones((up.mg.size, kinds.allowed.shape[1]), dtype=np.bool_)
    source = up.origin >= 0
    whole[source] = kinds.allowed[up.origin[source]]
    return whole


def program(graph: MassGraph, claims: Sequence[Claim]) -> Program:
    """The program of these claims on what lies upstream of them."""
    up = upstream(graph, (arc for claim in claims for arc in claim.arcs))
    used = np.unique(up.origin[up.origin >= 0])
    up = up._replace(origin=np.where(up.origin >= 0, np.searchsorted(used, up.origin), -1))
    origins = tuple(graph.origins[one] for one in used)
    kinds = commodities(origins, claims)
    may = allowed(up, kinds)
    arc, kind = np.nonzero(may[:, 1:])
    kind += 1
    count, named, nodes = len(claims), may.shape[1] - 1, up.nodes.size

    column = count + np.arange(arc.size)
    entries = [(np.arange(count), np.arange(count), np.ones(count, dtype=np.int64))]
    for end, sign in ((up.head, 1), (up.tail, -1)):
        inner = end[arc] >= 0
        rows = count + end[arc[inner]] * named + kind[inner] - 1
        entries.append((rows, column[inner], np.full(rows.size, sign)))
    for place, claim in enumerate(claims):
        asked = np.zeros(up.mg.size, dtype=np.bool_)
        asked[up.place(claim.arcs)] = True
        held = np.flatnonzero(asked[arc] & kinds.counts[kind, place])
        entries.append((np.full(held.size, place), column[held], np.full(held.size, claim.sign)))
    full = np.flatnonzero(may[:, 1:].sum(axis=1) > 1)
    shared = np.full(up.mg.size, -1, dtype=np.int64)
    shared[full] = count + nodes * named + np.arange(full.size)
    several = shared[arc] >= 0
    entries.append((shared[arc[several]], column[several], np.ones(int(several.sum()), dtype=np.int64)))

    mass = up.mg.tolist()
    alone = may.sum(axis=1) == 1  # of one known kind: then the arc is full of it
    return Program(
        upstream=up,
        origins=origins,
        kinds=kinds,
        claims=tuple(claims),
        arc=arc,
        kind=kind,
        unit_mg=max(1, *(-(-int(mg) // int(LARGEST)) for mg in (up.mg.max(), *(claim.mg for claim in claims)))),
        row=np.concatenate([rows for rows, _, _ in entries]),
        column=np.concatenate([columns for _, columns, _ in entries]),
        value=np.concatenate([values for _, _, values in entries]),
        least=[*[0] * count, *(mass[one] if alone[one] else 0 for one in arc.tolist())],
        most=[*[None] * count, *(mass[one] for one in arc.tolist())],
        row_least=[
            *(claim.sign * claim.mg for claim in claims),
            *[0] * (nodes * named),
            *(0 if may[one, 0] else mass[one] for one in full.tolist()),
        ],
        row_most=[*[None] * count, *[0] * (nodes * named), *(mass[one] for one in full.tolist())],
    )


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
