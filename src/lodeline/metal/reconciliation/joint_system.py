"""``S = A C A'`` of balances with several components, and solves with it.

``C`` couples the components of each flow, since all of them rest on its dry mass. Conjugate gradients on S, with one
factor a component as preconditioner, need some ten iterations where grades are known no better than masses. Where they
are much better known the components move as one; S is then factored as a whole, in squares of components.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from lodeline.metal.reconciliation import joint_kernels as kernels
from lodeline.metal.reconciliation.assayed import Linearised
from lodeline.metal.reconciliation.balances import System
from lodeline.metal.reconciliation.factor import Factor
from lodeline.metal.reconciliation.graph_factor import GraphFactor
from lodeline.metal.reconciliation.iterative import conjugate_gradients

Floats = NDArray[np.float64]

ACCURACY = 1e-12
"""Where conjugate gradients stop. What this leaves open is closed afterwards, component by component."""

PATIENCE = 60
"""Iterations after which a factor of the whole is cheaper: it costs about as much as two hundred of them."""


class JointSystem:
    """The balances of one set of flows with the covariances of their components.

    Args:
        system: The balances.
        by: (flow, component) arrays; what the readings say.
        like: Another system of the same balances, whose order of elimination is used again.
        whole: Whether S is factored as a whole from the start.
    """

    def __init__(self, system: System, by: Linearised, *, like: JointSystem | None = None, whole: bool = False) -> None:
        self.system, self.by = system, by
        self.components = by.a.shape[1]
        self.iterations = 0
        self.method: Literal["conjugate gradients", "factor"] = "factor" if whole else "conjugate gradients"
        self.factors: list[GraphFactor] = []
        made = like.factors[0] if like else None
        for component in range(self.components):
            v = np.ascontiguousarray(by.own[:, component])
            if made is None:
                made = GraphFactor(system.matrix(v), system.excess(v))
            else:
                made = made.reweighted(system.values(v), system.excess(v))
            self.factors.append(made)

    def solve(self, right: Floats) -> Floats:
        """``S^-1 @ right`` for (component, balance, column).

        Raises:
            InputError: ``factor.singular``.
        """
        if self.method == "conjugate gradients":
            flat = right.reshape(self.components * self.system.count, right.shape[2])
            found = conjugate_gradients(self._times, self._preconditioned, flat, ACCURACY, PATIENCE)
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
        """The factor of S, component by component within each balance, in the order of the balances alone."""
        by, components, system = self.by, self.components, self.system
        starts, rows, place = system.pattern
        values = kernels.blocks(system.tail, system.head, starts, place, by.a, by.v, by.q)
        size = components * system.count
        # Squares are symmetric, so that the columns of the upper triangle are the rows of the lower one.
        lower = sp.bsr_matrix((values, rows, starts), shape=(size, size)) if size else sp.csr_matrix((0, 0))
        order = self.factors[0].pattern.order[:, None] * components + np.arange(components)
        return Factor(sp.triu(lower.T.tocsc(), format="csc"), order.ravel())

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
        """z with each component shifted, by its own variances, until ``A z + known`` is nothing but rounding."""
        left = self.net(z) + known
        shift = [
            self.by.own[:, component] * self.system.spread(factor.solve(left[component]))
            for component, factor in enumerate(self.factors)
        ]
        result: Floats = z - np.stack(shift, axis=1)
        return result

    def _times(self, flat: Floats) -> Floats:
        return self.times(flat.reshape(self.components, self.system.count, -1)).reshape(flat.shape)

    def _preconditioned(self, flat: Floats) -> Floats:
        parts = flat.reshape(self.components, self.system.count, -1)
        return np.concatenate([factor.solve(part) for factor, part in zip(self.factors, parts, strict=True)])


def effects(joint: JointSystem, instrument: NDArray[np.int64], of: NDArray[np.int64]) -> Floats:
    """``A B`` (component, balance, instrument): what a unit of each bias does to each balance."""
    total: Floats = kernels.net_of_instruments(
        joint.system.tail, joint.system.head, instrument, of, joint.by.reference, joint.system.count, of.size
    )
    return total
