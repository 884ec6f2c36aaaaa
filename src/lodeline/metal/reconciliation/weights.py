"""Weights: signed sums over flows, written in the unknowns of a reconciled book, linearised where they were found.

A flow of dry mass D and grade g holds ``m = D g`` of an element, so a sum of several is

    sum a D g,    with weights   a g  on D   and   a D  on g

at the reconciled values; a flow whose composition nobody assayed and which a balance asks for has an unknown of its
own. Equal contents with opposite signs cancel before anything is computed, known or unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from lodeline.metal.reconciliation.solution import LOOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.metal.reconciliation.solution import Solution
    from lodeline.metal.sums import Signed

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]

NUMBERS_AT_ONCE = 4_000_000
"""Dense numbers of one block of right sides: a bound of the memory, which changes no figure."""
TOGETHER = 64
"""Sums that are solved for together."""
SEEN = 1e-6
"""What observations see of a sum is all that there is of it, unless they see less than this part."""
NOTHING = 1e-7
"""A dry mass below this part of what it is summed from, and of their typical sizes, is rounding."""


class Weights(NamedTuple):
    """Sums in the unknowns.

    Attributes:
        value: (sum,) kg.
        weight: (sum, variable) derivative of each by each unknown.
        silent: (sum,) whether it holds something for which there is no unknown: then value and weight are of the rest.
        silent_flow: For each such part (sum, flow): a flow that holds it. silent_sign: (part,) whether it adds or takes
            away.
        used: (n, 2) sum and flow of every part that did not cancel.
    """

    value: Array
    weight: sparse.csr_array
    silent: Flags
    silent_flow: Rows
    silent_sign: Array
    used: Rows


def weights(reconciled: Reconciled, sums: Sequence[Signed], of: Sequence[tuple[str, float]] | None) -> Weights:
    """The weights of sums of one quantity.

    Args:
        sums: (plus, minus), rows of the flows.
        of: Symbols, each with the factor it is counted by; None: the dry mass.
    """
    number, flow, sign = _terms(sums)
    streams, dry = reconciled.ledger.streams, reconciled.ledger.dry
    building = _Building(len(sums), reconciled.solution)
    if of is None:
        building.linear(number, dry[streams.mass[flow]], sign, flow)
        return building.weights()
    for symbol, factor in of:
        mass, grade, metal = (column[flow] for column in reconciled.parts(symbol))
        graded = grade >= 0
        building.products(number[graded], mass[graded], grade[graded], factor * sign[graded], flow[graded])
        bare = ~graded
        zero, composition = building.nothing(number, streams.composition[flow], mass, sign, bare & (metal < 0), bare)
        kept = bare & ~zero
        own = kept & (metal >= 0)
        building.linear(number[own], metal[own], factor * sign[own], flow[own])
        building.silence(number, composition, mass, sign, flow, kept & (metal < 0))
    return building.weights()


def _terms(sums: Sequence[Signed]) -> tuple[Rows, Rows, Array]:
    """(term,) thrice: which sum, which flow, and +1 or -1."""
    sizes = [plus.size + minus.size for plus, minus in sums]
    number = np.repeat(np.arange(len(sums)), sizes)
    none = np.zeros(0, dtype=np.int64)
    flow = np.concatenate([rows for one in sums for rows in one] or [none]).astype(np.int64)
    ones = [sign * np.ones(rows.size) for one in sums for rows, sign in zip(one, (1.0, -1.0), strict=True)]
    return number, flow, np.concatenate(ones or [np.zeros(0)])


class _Building:
    """Weights that grow, term by term."""

    def __init__(self, sums: int, solution: Solution) -> None:
        self._sums, self._solution, self._x = sums, solution, solution.x
        self._value = np.zeros(sums)
        self._rows: list[tuple[Rows, Rows, Array]] = []
        self._silent = np.zeros(sums, dtype=bool)
        self._silent_flow: list[Rows] = []
        self._silent_sign: list[Array] = []
        self._used: list[Rows] = []

    def linear(self, number: Rows, variable: Rows, coefficient: Array, flow: Rows) -> None:
        """Parts that are unknowns by themselves."""
        kept, total, first = merged(coefficient, number, variable)
        number, variable = number[first], variable[first]
        self._rows.append((number, variable, total))
        self._value += np.bincount(number, total * self._x[variable], minlength=self._sums)
        self._use(kept, number, flow[first])

    def products(self, number: Rows, mass: Rows, grade: Rows, coefficient: Array, flow: Rows) -> None:
        """Parts that are a dry mass times a grade."""
        kept, total, first = merged(coefficient, number, mass, grade)
        number, mass, grade = number[first], mass[first], grade[first]
        kg, part = self._x[mass], self._x[grade]
        self._rows += [(number, mass, total * part), (number, grade, total * kg)]
        self._value += np.bincount(number, total * kg * part, minlength=self._sums)
        self._use(kept, number, flow[first])

    def nothing(
        self, number: Rows, composition: Rows, mass: Rows, sign: Array, asked: Flags, bare: Flags
    ) -> tuple[Flags, Rows]:
        """(term,) whether the dry mass of its composition comes to nothing in its sum, so that its content does too.

        What came into a yard and left it again is nothing, whatever was in it. Only where ``asked``, since it costs a
        solution a composition.
        """
        key = np.where(bare, number * (composition.max(initial=0) + 1) + composition, -1)
        wanted = np.unique(key[asked])
        inside = np.flatnonzero(np.isin(key, wanted) & bare)
        zero = np.zeros(number.size, dtype=bool)
        if not inside.size:
            return zero, composition
        row = np.searchsorted(wanted, key[inside])
        shape = (wanted.size, self._x.size)
        total = sparse.csr_array((sign[inside], (row, mass[inside])), shape=shape)
        size = abs(total) @ self._solution.model.scale
        maybe = np.flatnonzero(np.abs(total @ self._x) <= NOTHING * size)
        none = np.zeros(wanted.size, dtype=bool)
        u, lost = spread(self._solution, total[maybe])
        none[maybe] = ~lost & (u <= NOTHING * size[maybe])
        zero[inside] = none[row]
        return zero, composition

    def silence(self, number: Rows, composition: Rows, mass: Rows, sign: Array, flow: Rows, silent: Flags) -> None:
        """Parts for which there is no unknown; of one composition and one dry mass they are of one content."""
        at = np.flatnonzero(silent)
        kept, total, first = merged(sign[at], number[at], composition[at], mass[at])
        parts = at[first]
        self._silent_sign.append(total)
        self._silent[number[parts]] = True
        self._silent_flow.append(np.stack([number[parts], flow[parts]], axis=1))
        self._use(kept, number[parts], flow[parts])

    def weights(self) -> Weights:
        row, column, entry = (np.concatenate([one[index] for one in self._rows] or [np.zeros(0)]) for index in range(3))
        shape = (self._sums, self._x.size)
        none = np.zeros((0, 2), dtype=np.int64)
        return Weights(
            value=self._value,
            weight=sparse.csr_array((entry, (row.astype(np.int64), column.astype(np.int64))), shape=shape),
            silent=self._silent,
            silent_flow=np.concatenate([none, *self._silent_flow]),
            silent_sign=np.concatenate([np.zeros(0), *self._silent_sign]),
            used=np.concatenate([none, *self._used]),
        )

    def _use(self, kept: Rows, number: Rows, flow: Rows) -> None:
        self._used.append(np.stack([number, flow], axis=1))


def merged(coefficient: Array, *keys: Rows) -> tuple[Rows, Array, Rows]:
    """Equal terms as one, and none where they cancel: (kept,) which, the sum of their coefficients, and the first."""
    if not coefficient.size:
        none = np.zeros(0, dtype=np.int64)
        return none, np.zeros(0), none
    unique, first, which = np.unique(np.stack(keys, axis=1), axis=0, return_index=True, return_inverse=True)
    total = np.bincount(which.ravel(), coefficient, minlength=unique.shape[0])
    kept = np.flatnonzero(total != 0).astype(np.int64)
    return kept, np.asarray(total[kept]), first[kept].astype(np.int64)


def spread(solution: Solution, weight: sparse.csr_array, *, known: bool = False) -> tuple[Array, Flags]:
    """Standard uncertainties of sums of unknowns, (sum,), NaN where nothing determines one; and where that is.

    ``u^2 = z' H z`` with ``z = C w`` and H of the observations alone. A sparse factor holds every unknown a little and
    lets constraints give way a little, so that its C is short by ``C E C``: ``2 w' z - z' H z`` is right to the square
    of that. But what is nothing by the balances alone is nothing in ``z' H z`` only.

    Args:
        known: The caller knows that all are determined.
    """
    rows, variables = weight.shape
    lost = np.zeros(rows, dtype=bool) if known else undetermined(solution, weight)
    u = np.full(rows, np.nan)
    asked = np.flatnonzero(~lost)
    step = max(1, min(TOGETHER, NUMBERS_AT_ONCE // max(variables, 1)))
    for start in range(0, asked.size, step):
        block = asked[start : start + step]
        z = covariance_with(solution, weight[block])  # (variable, sum)
        seen = ((solution.jacobian @ z) ** 2).sum(axis=0)
        plain = np.asarray(weight[block].multiply(z.T).sum(axis=1)).ravel()
        u[block] = np.sqrt(np.where(seen > SEEN * plain, np.maximum(2 * plain - seen, seen), seen))
    return u, lost


def covariance_with(solution: Solution, weight: sparse.csr_array) -> Array:
    """(variable, k) the covariance of every unknown with each of k sums of them; 0 of what is fixed."""
    found = np.zeros((solution.x.size, weight.shape[0]))
    found[solution.free] = solution.covariance_times(weight.toarray().T[solution.free])
    return found


def undetermined(solution: Solution, weight: sparse.csr_array) -> Flags:
    """(sum,) which sums of unknowns have a part in a direction in which nothing holds them."""
    directions = solution.loose_directions
    if not directions.shape[1] or not weight.shape[0]:
        return np.zeros(weight.shape[0], dtype=bool)
    scaled = sparse.csr_array(weight * solution.model.scale[None, :])
    reach = np.abs(scaled @ directions).max(axis=1)
    largest = abs(scaled).max(axis=1).toarray().ravel()
    return np.asarray(reach > LOOSE * np.maximum(largest, np.finfo(float).tiny))
