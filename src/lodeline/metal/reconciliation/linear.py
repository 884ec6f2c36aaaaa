"""Linear reconciliation of masses over a very large graph of balances, with biases that measurements share.

Every flow leaves a balance and enters another, or the outside. Readings are ``y = x + B b + e``: e independent, b the
biases of instruments, each with a prior; ``A x + known = 0`` holds exactly. One factor of ``S = A V A'`` gives masses,
biases and every variance:

1. ``x0 = y - V A' S^-1 r`` with ``r = A y + known``; relative uncertainties and the effects B of relative biases are
   taken again at x0, and S is factored again without ordering.
2. ``U = A B``, ``W = S^-1 U``; the biases from ``U' W`` and their priors (:mod:`border`).
3. ``x = y - B b - V A' (S^-1 r - W b)``, and once more for what rounding has left open.
4. ``cov x = V - V A' S^-1 A V + R C R'``, ``R = B - V A' W``, C the covariance of the biases; of the inverse only the
   entries at the two ends of a flow are needed, and all of those come out of one recursion on the factor.

Masses below zero are returned as they come out; a limit is not a measurement.

Source: Kuehn & Davidson (1961), Chem. Eng. Prog. 57(6), 44-47; Narasimhan & Jordache, Data Reconciliation and Gross
Error Detection (2000), chapters 3 and 7; Takahashi, Fagan & Chin (1973) for the entries of the inverse.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from lodeline.errors import InputError
from lodeline.metal.reconciliation import balance_kernels as kernels
from lodeline.metal.reconciliation.balances import (
    Determined,
    Merged,
    System,
    determined,
    merged,
    of_nodes,
    require_closed_parts,
)
from lodeline.metal.reconciliation.border import Border, border
from lodeline.metal.reconciliation.iterative import DESK, ByFactor, Limits, Solver, solver_of
from lodeline.metal.reconciliation.solution import MEASURED_ONLY, OBSERVABLE, REDUNDANT, UNOBSERVABLE

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

SIDES = 50
"""How many right sides are swept together: as many as keep a row of them in a few lines of cache."""

FAR = 2.0
"""A mass that closure moves by more than this factor is a gross error. Its relative uncertainty is taken no further
from the reading, so that it becomes neither exact, as at a mass of zero, nor free."""


class Masses(NamedTuple):
    """Flows between balances, and what was measured of them.

    Attributes:
        tail, head: (flow,) index of the balance that the flow leaves and enters; -1 is outside.
        balances: How many balances there are.
        kg: (flow,) measured mass, kg; NaN where it was not measured.
        u_kg: (flow,) the part of its standard uncertainty that does not grow with the mass, kg, >= 0.
        u_relative: (flow,) the part that does, per kg, >= 0; at least one of the two is above zero.
        known_kg: (balance,) what enters each balance besides the flows, exactly; below zero what leaves.
        instrument: (flow, place) the instruments whose biases a reading has, such as a scale and the standard that it
            was calibrated with; -1 where there is none.
        prior_u: (instrument,) standard uncertainty of each bias, > 0: per kg, or in kg if it is additive.
        additive: (instrument,) whether a bias adds kilograms instead of a share of the mass.
    """

    tail: Longs
    head: Longs
    balances: int
    kg: Floats
    u_kg: Floats
    u_relative: Floats
    known_kg: Floats
    instrument: Longs
    prior_u: Floats
    additive: NDArray[np.bool_]


class Reconciled:
    """Reconciled masses. Made by :func:`reconcile_masses`; nothing in it changes.

    Attributes:
        kg: (flow,) reconciled mass; NaN where nothing determines it.
        biases: What is known of each instrument's bias.
        chi2, dof: Weighted squares of what had to be shifted, biases included, and the number of balances checked.
        imbalance_kg: (balance,) ``A y + known`` as measured, NaN where an unmeasured flow hides it.
        closure_kg: The largest imbalance that is left.
        method: ``factor`` or ``conjugate gradients``.
        said: One sentence: by what it was solved, and why.
    """

    def __init__(
        self, given: Masses, graph: Merged, solver: Solver, system: System, v: Floats, effect: Floats, limits: Limits
    ) -> None:
        self.given, self.graph, self.limits = given, graph, limits
        self._system, self._solver, self._v, self._effect = system, solver, v, effect
        measured = ~np.isnan(given.kg)
        reading = np.where(measured, given.kg, 0.0)
        known = of_nodes(graph, given.known_kg)
        open_kg = system.net(reading) + known
        self._told = solver.solve(open_kg)
        self._instrument = given.instrument
        shared = kernels.net_of_instruments(
            system.tail, system.head, given.instrument, effect, system.count, given.prior_u.size
        )
        self._known = solver.solve(shared)
        del shared
        told = self._told_of(self._told[:, None])[:, 0]
        self.biases: Border = border(self._told_of(self._known), told, given.prior_u)
        self.chi2 = float(open_kg @ self._told - told @ self.biases.bias)
        self.dof = system.count
        multiplier = self._told - self._known @ self.biases.bias
        x = reading - self._of_biases(self.biases.bias) - v * system.spread(multiplier)
        x -= v * system.spread(solver.solve(system.net(x) + known))
        self.closure_kg = float(np.abs(system.net(x) + known).max(initial=0.0))
        self._determined, value = self._unmeasured(x, measured)
        x[~measured] = np.nan
        x[self._determined.flow] = value
        self.kg = x

    @property
    def method(self) -> Literal["factor", "conjugate gradients"]:
        """By what it was solved."""
        return self._solver.method

    @property
    def said(self) -> str:
        """One sentence: by what it was solved, and why."""
        return self._solver.said

    @property
    def iterations(self) -> int:
        """Conjugate gradients walked in all; 0 after a factor."""
        return self._solver.iterations

    @property
    def fill(self) -> int:
        """Entries of the factor; 0 after conjugate gradients."""
        return self._solver.factor.fill if isinstance(self._solver, ByFactor) else 0

    @property
    def imbalance_kg(self) -> Floats:
        """(balance,) what was measured to enter, less what was measured to leave; NaN beside an unmeasured flow."""
        given = self.given
        total: Floats = kernels.net(
            given.tail, given.head, np.where(given.tail == given.head, 0.0, given.kg), given.balances
        )
        total += given.known_kg
        return total

    @cached_property
    def klass(self) -> NDArray[np.uint8]:
        """(flow,) what is known of each, an index into ``solution.CLASSES``."""
        measured = ~np.isnan(self.given.kg)
        checked = measured & (self.graph.tail != self.graph.head)
        found = np.select([checked, measured], [REDUNDANT, MEASURED_ONLY], UNOBSERVABLE)
        found[self._determined.flow] = OBSERVABLE
        return found.astype(np.uint8)

    @cached_property
    def u_kg(self) -> Floats:
        """(flow,) standard uncertainty of each reconciled mass; NaN where nothing determines it.

        After conjugate gradients there is no factor to take them from, and all are NaN: ask :meth:`u_of` for some.
        """
        if not isinstance(self._solver, ByFactor):
            return np.full(self.kg.size, np.nan)
        system, v = self._system, self._v
        variance = np.maximum(0.0, v * (1 - v * self._solver.factor.resistances(system.tail, system.head)))
        variance += kernels.bias_variances(
            system.tail,
            system.head,
            self._v,
            self._instrument,
            self._effect,
            self._known @ self.biases.root,
            self.biases.root,
        )
        u = np.sqrt(variance)
        u[np.isnan(self.given.kg)] = np.nan
        u[self._determined.flow] = self.u_of(self._determined.flow)
        return u

    def u_of(self, flows: Any) -> Floats:
        """(asked,) standard uncertainty of some flows, each by a solve; NaN where nothing determines one.

        Raises:
            InputError: ``linear.index``.
        """
        asked = np.asarray(flows, dtype=np.int64)
        if asked.ndim != 1 or (asked.size and not (asked.min() >= 0 and asked.max() < self.kg.size)):
            raise InputError("linear.index", f"give indices of flows, from 0 to {self.kg.size - 1}")
        u = np.empty(asked.size)
        for start in range(0, asked.size, SIDES):
            block = asked[start : start + SIDES]
            weight = sp.csr_matrix(
                (np.ones(block.size), (np.arange(block.size), block)), shape=(block.size, self.kg.size)
            )
            # A flow that a balance pins has nothing but rounding left, of either sign.
            u[start : start + SIDES] = np.sqrt(np.maximum(self.covariance(weight).diagonal(), 0.0))
        return u

    def covariance(self, weight: sp.csr_matrix) -> Floats:
        """Covariance (k, k) of ``weight @ kg``, weight (k, flow) sparse; NaN where a weight is on what is unobservable.

        One solve for each row: give some tens at a time.
        """
        on_measured, lost = self._on_measured(sp.csr_matrix(weight))
        scaled = on_measured @ sp.diags(self._v)
        across = np.asarray((self._incidence @ scaled.T).todense())  # (balance, k)
        effect = np.asarray((on_measured @ self._effects).todense())  # (k, instrument)
        effect = (effect - across.T @ self._known) @ self.biases.root
        found = np.asarray((scaled @ on_measured.T).todense()) - across.T @ self._solver.solve(across)
        found += effect @ effect.T
        found[lost, :] = found[:, lost] = np.nan
        result: Floats = found
        return result

    def _on_measured(self, weight: sp.csr_matrix) -> tuple[sp.csr_matrix, NDArray[np.bool_]]:
        """The same functional of measured flows alone, and the rows of it for which there is none."""
        lost = np.asarray(abs(weight)[:, self.klass == UNOBSERVABLE].sum(axis=1)).ravel() > 0
        on_measured = weight @ sp.diags((~np.isnan(self.given.kg)).astype(np.float64))
        return sp.csr_matrix(on_measured + weight[:, self._determined.flow] @ self._through), lost

    @cached_property
    def _through(self) -> sp.csr_matrix:
        """(determined, flow) each determined flow as a sum of measured ones, but for what is known."""
        by, given = self._determined, self.given
        if not by.flow.size:
            return sp.csr_matrix((0, self.kg.size))
        whole = System(given.tail, given.head, given.balances).incidence()
        measured = sp.diags((~np.isnan(given.kg)).astype(np.float64))
        return sp.csr_matrix(sp.diags(-by.sign) @ by.within @ whole @ measured)

    @cached_property
    def _incidence(self) -> sp.csr_matrix:
        return self._system.incidence()

    @cached_property
    def _effects(self) -> sp.csr_matrix:
        """B (flow, instrument)."""
        flow, place = np.nonzero(self._instrument >= 0)
        shape = (self.kg.size, self.given.prior_u.size)
        return sp.csr_matrix((self._effect[flow, place], (flow, self._instrument[flow, place])), shape=shape)

    def _told_of(self, x: Floats) -> Floats:
        """``(A B)' x`` (instrument, column) for multipliers x (balance, column)."""
        system, instruments = self._system, self.given.prior_u.size
        total: Floats = kernels.told_of_instruments(
            system.tail, system.head, self._instrument, self._effect, x, instruments
        )
        return total

    def _of_biases(self, bias: Floats) -> Floats:
        """``B @ bias`` (flow,)."""
        at = np.append(bias, 0.0)[self._instrument]  # -1 finds the zero behind the last
        total: Floats = (self._effect * at).sum(axis=1)
        return total

    def _unmeasured(self, x: Floats, measured: NDArray[np.bool_]) -> tuple[Determined, Floats]:
        """The unmeasured flows that balances determine, and their masses from the reconciled ones."""
        given = self.given
        by = determined(given.tail, given.head, measured, given.balances)
        open_kg = kernels.net(given.tail, given.head, np.where(measured, x, 0.0), given.balances) + given.known_kg
        value: Floats = -by.sign * (by.within @ open_kg)
        return by, value


def reconcile_masses(given: Masses, limits: Limits = DESK) -> Reconciled:
    """Shift measured masses, by their uncertainties and the biases they share, until every balance closes.

    Args:
        given: The flows.
        limits: What a factor may cost before conjugate gradients are used instead.

    Raises:
        InputError: ``linear.shape``, ``linear.not_finite``, ``linear.uncertainty``, ``linear.index``,
            ``linear.contradiction``; ``iterative.not_converged`` after conjugate gradients.
    """
    require_masses(given)
    measured = ~np.isnan(given.kg)
    graph = merged(given.tail, given.head, measured, given.balances)
    require_closed_parts(graph, given.known_kg)
    system = System(graph.tail, graph.head, graph.nodes)
    reading = np.where(measured, given.kg, 0.0)
    v = _variance(given, reading, measured)
    solver = solver_of(system, v, limits)
    x0 = reading - v * system.spread(solver.solve(system.net(reading) + of_nodes(graph, given.known_kg)))
    if given.u_relative[measured].any():
        near = np.clip(np.abs(x0), np.abs(reading) / FAR, np.abs(reading) * FAR)
        v = _variance(given, near, measured)
        solver = solver.reweighted(v)
    additive = np.append(given.additive, False)[given.instrument]
    effect = np.where((given.instrument >= 0) & measured[:, None], np.where(additive, 1.0, x0[:, None]), 0.0)
    return Reconciled(given, graph, solver, system, v, effect, limits)


def _variance(given: Masses, x: Floats, measured: NDArray[np.bool_]) -> Floats:
    """(flow,) variance of each reading if the masses are x, kg^2; zero where there is no reading."""
    return np.where(measured, given.u_kg**2 + (given.u_relative * x) ** 2, 0.0)


def require_masses(given: Masses) -> None:
    """Refuse what cannot be reconciled as it was meant.

    Raises:
        InputError: ``linear.shape``, ``linear.not_finite``, ``linear.uncertainty``, ``linear.index``.
    """
    flows, instruments = given.kg.size, given.prior_u.size
    shapes = [given.tail.shape, given.head.shape, given.kg.shape, given.u_kg.shape, given.u_relative.shape]
    if given.instrument.ndim != 2 or any(shape != (flows,) for shape in [*shapes, given.instrument.shape[:1]]):
        raise InputError("linear.shape", "give arrays of one length, one entry a flow", flows=flows)
    if given.known_kg.shape != (given.balances,) or given.additive.shape != (instruments,) or given.prior_u.ndim != 1:
        raise InputError("linear.shape", "give known_kg for every balance, prior_u and additive for every instrument")
    for name, index, count in (
        ("tail", given.tail, given.balances),
        ("head", given.head, given.balances),
        ("instrument", given.instrument, instruments),
    ):
        if index.size and not (index.min() >= -1 and index.max() < count):
            raise InputError("linear.index", f"{name} must be from -1 to {count - 1}", field=name)
    measured = ~np.isnan(given.kg)
    if not np.isfinite(given.kg[measured]).all() or not np.isfinite(given.known_kg).all():
        raise InputError("linear.not_finite", "masses must be finite; NaN is for what was not measured")
    u = np.stack([given.u_kg, given.u_relative])[:, measured]
    whole = np.hypot(u[0], u[1] * given.kg[measured])
    # Written so that a NaN is refused too.
    wrong = ~((u >= 0).all(axis=0) & (whole > 0) & np.isfinite(whole))
    if wrong.any():
        raise InputError(
            "linear.uncertainty",
            "every measured flow needs an uncertainty above zero; what is exact belongs to known_kg",
            flow=int(np.flatnonzero(measured)[wrong][0]),
        )
    if not ((given.prior_u > 0) & np.isfinite(given.prior_u)).all():
        raise InputError("linear.uncertainty", "every bias needs a prior above zero; leave out the instrument instead")
