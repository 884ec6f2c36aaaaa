"""``S = A C A'`` of balances with several components, and solves with it.

``C`` couples the components of each flow, since all of them rest on its dry mass. Seen from a balance with grades h
they come nearly apart: what is left of an element when the dry mass has taken its share, ``m - h D``, rests on the dry
mass only by how much the flow's grade differs from h. Conjugate gradients on S therefore walk in those, with one factor
a component as preconditioner, or an incomplete one where its fill would explode. If that does not do, S is factored as
a whole, in squares of components.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from lodeline.errors import InputError
from lodeline.metal.reconciliation import joint_kernels as kernels
from lodeline.metal.reconciliation.assayed import Linearised
from lodeline.metal.reconciliation.balances import System
from lodeline.metal.reconciliation.factor import Factor, work_of
from lodeline.metal.reconciliation.iterative import DESK, ByFactor, Limits, Solver, conjugate_gradients, solver_of

Floats = NDArray[np.float64]

ACCURACY = 1e-10
"""Where conjugate gradients stop. What this leaves open is closed afterwards, component by component."""

PATIENCE = 60
"""Iterations after which a factor of the whole is cheaper: it costs about as much as fifty with one right side."""


class JointSystem:
    """The balances of one set of flows with the covariances of their components.

    Args:
        system: The balances.
        by: (flow, component) arrays; what the readings say.
        like: Another system of the same balances: its order of elimination, and its way of solving, are used again.
        order: (balance,) in which to eliminate the balances, if it is known and ``like`` is not given.
        limits: What a factor may cost.
    """

    def __init__(
        self,
        system: System,
        by: Linearised,
        *,
        like: JointSystem | None = None,
        order: NDArray[np.int64] | None = None,
        limits: Limits = DESK,
    ) -> None:
        self.system, self.by, self.limits = system, by, limits
        self.components = by.a.shape[1]
        self.iterations = 0
        self.method: Literal["conjugate gradients", "factor"] = like.method if like else "conjugate gradients"
        self._typical = typical_grades(system, by)
        self._weights = weights_apart(system, by, self._typical)
        first = like.parts[0].reweighted(self._weights[0]) if like else None
        first = first or solver_of(system, self._weights[0], limits, order)
        self.parts: list[Solver] = [first, *(first.reweighted(weight) for weight in self._weights[1:])]

    @property
    def order(self) -> NDArray[np.int64] | None:
        """(balance,) in which the balances are eliminated; None where they are not."""
        first = self.parts[0]
        return first.factor.pattern.order if isinstance(first, ByFactor) else None

    @property
    def said(self) -> str:
        """One sentence: by what it was solved, and why."""
        if self.method == "factor":
            return "solved by one factor of all components, since they hang together too closely for one at a time"
        if self.order is None:
            return f"one component at a time: {self.parts[0].said}; {self.iterations} iterations"
        return f"solved by {self.iterations} conjugate gradients with one factor a component"

    def solve(self, right: Floats) -> Floats:
        """``S^-1 @ right`` for (component, balance, column).

        Raises:
            InputError: ``components.fill``.
        """
        if self.method == "conjugate gradients":
            flat = right.reshape(self.components * self.system.count, right.shape[2])
            most = PATIENCE if self.order is not None else self.limits.iterations
            found = conjugate_gradients(self._times, self._roughly, flat, ACCURACY, most)
            self.iterations += found.iterations
            if found.left <= ACCURACY:
                return found.x.reshape(right.shape)
            # What was walked so far is dropped: the factor solves in one sweep.
            self.method = "factor"
        by_balance = np.ascontiguousarray(right.transpose(1, 0, 2))
        solved = self.whole.solve(by_balance.reshape(-1, right.shape[2]))
        return np.ascontiguousarray(solved.reshape(by_balance.shape).transpose(1, 0, 2))

    @cached_property
    def whole(self) -> Factor:
        """The factor of S, component by component within each balance, in the order of the balances alone.

        Raises:
            InputError: ``components.fill``.
        """
        by, components, system = self.by, self.components, self.system
        starts, rows, place = system.pattern
        values = kernels.blocks(system.tail, system.head, starts, place, by.a, by.v, by.q)
        size = components * system.count
        # Squares are symmetric, so that the columns of the upper triangle are the rows of the lower one.
        lower = sp.bsr_matrix((values, rows, starts), shape=(size, size)) if size else sp.csr_matrix((0, 0))
        upper = sp.triu(lower.T.tocsc(), format="csc")
        order = np.arange(system.count) if self.order is None else self.order
        order = (order[:, None] * components + np.arange(components)).ravel()
        work = work_of(upper, order)
        if work.entries > self.limits.entries or work.multiplications > self.limits.multiplications:
            raise InputError(
                "components.fill",
                f"conjugate gradients did not arrive, and a factor of all components would have {work.entries:,} "
                "entries; solve in time blocks, or allow more",
                entries=work.entries,
            )
        return Factor(upper, order)

    def net(self, z: Floats) -> Floats:
        """``A z``: (flow, component) to (component, balance)."""
        total: Floats = kernels.net(self.system.tail, self.system.head, z, self.system.count)
        return total

    def moved(self, multiplier: Floats) -> Floats:
        """``C A' x``: (component, balance) to (flow, component)."""
        by = self.by
        result: Floats = kernels.moved(self.system.tail, self.system.head, by.a, by.v, by.q, multiplier)
        return result

    def times(self, x: Floats) -> Floats:
        """``S x`` for (component, balance, column)."""
        by = self.by
        result: Floats = kernels.times(self.system.tail, self.system.head, by.a, by.v, by.q, x)
        return result

    def closed(self, z: Floats, known: Floats) -> Floats:
        """z with each component shifted, as its factor weighs, until only rounding is left of ``A z + known``."""
        left = self.net(z) + known
        shift = [
            weight * self.system.spread(part.solve(left[component]))
            for component, (weight, part) in enumerate(zip(self._weights, self.parts, strict=True))
        ]
        result: Floats = z - np.stack(shift, axis=1)
        return result

    def _times(self, flat: Floats) -> Floats:
        return self.times(flat.reshape(self.components, self.system.count, -1)).reshape(flat.shape)

    def _roughly(self, flat: Floats) -> Floats:
        right = flat.reshape(self.components, self.system.count, -1)
        solved = np.empty_like(right)
        solved[0] = self.parts[0].roughly(right[0])
        for component, typical in enumerate(self._typical, start=1):
            solved[component] = self.parts[component].roughly(right[component] - typical[:, None] * right[0])
            solved[0] -= typical[:, None] * solved[component]
        return solved.reshape(flat.shape)


def typical_grades(system: System, by: Linearised) -> Floats:
    """(element, balance) grades at which its flows' elements hang least on their dry mass: means weighted by v / q."""
    typical = np.zeros((by.a.shape[1] - 1, system.count))
    for element in range(len(typical)):
        weight = by.v / by.q[:, element + 1]
        total, moment = np.zeros(system.count), np.zeros(system.count)
        for node in (system.tail, system.head):
            inside = (node >= 0) & (system.tail != system.head)
            total += np.bincount(node[inside], weight[inside], minlength=system.count)
            moment += np.bincount(node[inside], (weight * by.a[:, element + 1])[inside], minlength=system.count)
        typical[element] = np.divide(moment, total, out=moment, where=total > 0)
    return typical


def weights_apart(system: System, by: Linearised, typical: Floats) -> Floats:
    """(component, flow) variance of the dry mass, and of ``m - h D`` as the balances at the flow's two ends see it."""
    weights = np.empty((by.a.shape[1], by.v.size))
    weights[0] = by.v
    for element, grades in enumerate(typical, start=1):
        off = np.zeros(by.v.size)
        ends = np.zeros(by.v.size)
        for node in (system.tail, system.head):
            inside = node >= 0
            off[inside] += (by.a[inside, element] - grades[node[inside]]) ** 2
            ends += inside
        weights[element] = by.q[:, element] + by.v * off / np.maximum(ends, 1)
    return weights


def effects(joint: JointSystem, instrument: NDArray[np.int64], of: NDArray[np.int64]) -> Floats:
    """``A B`` (component, balance, instrument): what a unit of each bias does to each balance."""
    total: Floats = kernels.net_of_instruments(
        joint.system.tail, joint.system.head, instrument, of, joint.by.reference, joint.system.count, of.size
    )
    return total
