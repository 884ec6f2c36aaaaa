"""Dry mass and several elements reconciled at once: every component of every balance closes.

The readings of a flow are linearised in its dry mass and its masses of elements (:mod:`assayed`); what they share is
kept, since an error of the weight moves all elements together. One solve with ``S = A C A'`` gives multipliers, and
another with as many columns as there are shared biases gives those (:mod:`border`). The first solve, at the readings,
gives the masses at which relative uncertainties, biases and products are taken; more follow while a step is larger
than ``STEP``, which below 2 % of mass and 5 % of grade none is.

Source: Crowe, Garcia Campos & Hrymak (1983), AIChE J. 29, 881-888; Narasimhan & Jordache, Data Reconciliation and Gross
Error Detection (2000), chapter 4; shared biases as in :mod:`linear`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeline.errors import InputError
from lodeline.metal.reconciliation import joint_kernels as kernels
from lodeline.metal.reconciliation.assayed import (
    Assayed,
    Linearised,
    Point,
    linearised,
    readings,
    recovered,
    require_assayed,
)
from lodeline.metal.reconciliation.balances import Merged, System, merged, of_nodes, require_closed_parts
from lodeline.metal.reconciliation.border import Border, border
from lodeline.metal.reconciliation.iterative import DESK, Limits
from lodeline.metal.reconciliation.joint_system import JointSystem, effects

Floats = NDArray[np.float64]

STEP, WORST = 0.01, 0.1
"""Linearising again stops where it would move readings by no more than these parts of their standard uncertainties:
the root of the mean square, and the worst of all."""

ROUNDS = 20
"""How often readings are linearised again at most."""

SIDES = 50
"""How many right sides are solved together."""


class Move(NamedTuple):
    """By how much readings would move if all were linearised again, over their standard uncertainties.

    Attributes:
        mean: Root of the mean square.
        worst: The largest.
    """

    mean: float
    worst: float

    @property
    def small(self) -> bool:
        """Whether it is not worth another round."""
        return self.mean <= STEP and self.worst <= WORST


class JointReconciled:
    """Reconciled dry masses and masses of elements. Made by :func:`reconcile_components`; nothing in it changes.

    Attributes:
        kg: (flow, component) reconciled: dry mass, then each element.
        biases: What is known of each instrument's bias.
        chi2, dof: Weighted squares of what had to be shifted, biases included, and what was checked: components times
            balances.
        closure_kg: (component,) the largest imbalance that is left.
        rounds: How often the readings were linearised.
        move: By how much readings would still move if all were linearised again.
    """

    def __init__(self, given: Assayed, graph: Merged, joint: JointSystem, rounds: int) -> None:
        self.given, self.joint, self.rounds, self.move = given, joint, rounds, Move(0.0, 0.0)
        by, known = joint.by, known_of(given, graph)
        open_kg = joint.net(by.z) + known  # (component, balance)
        shared = effects(joint, given.instrument, given.of)  # (component, balance, instrument)
        solved = joint.solve(np.concatenate([open_kg[:, :, None], shared], axis=2))
        told, self._known = solved[:, :, 0], solved[:, :, 1:]
        flat = shared.reshape(open_kg.size, given.prior_u.size)
        self.biases: Border = border(flat.T @ self._known.reshape(flat.shape), flat.T @ told.reshape(-1), given.prior_u)
        self.chi2 = float((open_kg * told).sum() - (flat.T @ told.reshape(-1)) @ self.biases.bias)
        self.dof = given.components * joint.system.count
        multiplier = np.ascontiguousarray(told - self._known @ self.biases.bias)
        unbiased = by.z - kernels.of_biases(given.instrument, given.of, by.reference, self.biases.bias)
        self.kg = joint.closed(unbiased - joint.moved(multiplier), known)
        self.closure_kg = np.abs(joint.net(self.kg) + known).max(axis=1, initial=0.0)

    @property
    def method(self) -> str:
        """By what it was solved: ``conjugate gradients``, or ``factor`` of all components at once."""
        return self.joint.method

    @property
    def said(self) -> str:
        """One sentence: by what it was solved, and why."""
        return self.joint.said

    @property
    def grade(self) -> Floats:
        """(flow, element) reconciled mass of the element over reconciled dry mass; NaN where that is not above zero."""
        dry_kg = self.kg[:, :1]
        return np.where(dry_kg > 0, self.kg[:, 1:] / np.where(dry_kg > 0, dry_kg, 1.0), np.nan)

    def covariance(self, flows: Any) -> Floats:
        """(asked, component, component) covariance of the components of some flows, kg^2; a solve for each of them.

        Raises:
            InputError: ``components.index``.
        """
        asked = np.asarray(flows, dtype=np.int64)
        if asked.ndim != 1 or (asked.size and not (asked.min() >= 0 and asked.max() < len(self.kg))):
            raise InputError("components.index", f"give indices of flows, from 0 to {len(self.kg) - 1}")
        many = max(1, SIDES // self.given.components)
        found = np.empty((asked.size, self.given.components, self.given.components))
        for start in range(0, asked.size, many):
            found[start : start + many] = covariance_of(
                self.joint, self.given, self._known, self.biases, asked[start : start + many]
            )
        return found

    def u_of(self, flows: Any) -> Floats:
        """(asked, component) standard uncertainty of the components of some flows, kg.

        Raises:
            InputError: ``components.index``.
        """
        variance = np.einsum("icc->ic", self.covariance(flows))
        result: Floats = np.sqrt(np.maximum(variance, 0.0))
        return result


def covariance_of(joint: JointSystem, given: Assayed, known: Floats, biases: Border, asked: Any) -> Floats:
    """(asked, component, component) by ``C - C A' S^-1 A C`` and the part of the biases.

    Args:
        known: (component, balance, instrument) ``S^-1 A B``.
    """
    by, system, components = joint.by, joint.system, joint.components
    own = by.v[asked, None, None] * by.a[asked, :, None] * by.a[asked, None, :]
    own += np.einsum("ic,cd->icd", by.q[asked], np.eye(components))
    tail, head = system.tail[asked], system.head[asked]
    right = np.zeros((components, system.count, asked.size, components))
    turn = np.arange(asked.size)
    apart = tail != head
    for node, sign in ((tail, -1.0), (head, 1.0)):
        inside = apart & (node >= 0)
        right[:, node[inside], turn[inside], :] += sign * own[inside].transpose(1, 0, 2)
    solved = joint.solve(right.reshape(components, system.count, -1)).reshape(right.shape)
    left = np.zeros((asked.size, components, components))  # A' S^-1 A C, component by component
    met = np.zeros((asked.size, components, known.shape[2]))  # A' W
    for node, sign in ((tail, -1.0), (head, 1.0)):
        inside = apart & (node >= 0)
        left[inside] += sign * solved[:, node[inside], turn[inside], :].transpose(1, 0, 2)
        met[inside] += sign * known[:, node[inside], :].transpose(1, 0, 2)
    effect = (
        np.stack(
            [
                kernels.of_biases(given.instrument[asked], given.of, by.reference[asked], one)
                for one in np.eye(given.prior_u.size)
            ],
            axis=2,
        )
        if given.prior_u.size
        else np.zeros((asked.size, components, 0))
    )
    rest = (effect - own @ met) @ biases.root
    result: Floats = own - own @ left + rest @ rest.transpose(0, 2, 1)
    return result


def reconcile_components(given: Assayed, limits: Limits = DESK) -> JointReconciled:
    """Shift readings of mass, moisture and grade until every component of every balance closes.

    Args:
        given: The flows, all of them weighed, dried and assayed.
        limits: What a factor may cost before conjugate gradients are used instead.

    Raises:
        InputError: ``components.shape``, ``components.index``, ``components.reading``, ``components.uncertainty``,
            ``components.not_converged``, ``components.fill``, ``linear.contradiction``.
    """
    require_assayed(given)
    graph = merged(given.tail, given.head, np.ones(given.tail.size, np.bool_), given.balances)
    for known in given.known_kg:
        require_closed_parts(graph, known)
    system = System(graph.tail, graph.head, graph.nodes)
    known = known_of(given, graph)
    by = linearised(given, readings(given))
    joint = JointSystem(system, by, limits=limits)
    point, move = settled(given, readings(given), by, without_biases(joint, known))
    found: JointReconciled | None = None
    for rounds in range(1, ROUNDS + 1):
        by = linearised(given, point)
        joint = JointSystem(system, by, like=joint, limits=limits)
        if found is None and not move.small:
            # Biases cost many right sides, and move the point little: they wait until masses have settled.
            point, move = settled(given, point, by, without_biases(joint, known))
            continue
        found = JointReconciled(given, graph, joint, rounds)
        point, found.move = settled(given, point, by, found.kg)
        if found.move.small:
            return found
    raise InputError(
        "components.not_converged",
        f"readings were linearised {ROUNDS} times and still move; look for a mass or a grade that is grossly wrong",
        flow=int(np.argmax((np.abs(linearised(given, point).z - by.z) / np.sqrt(by.own)).max(axis=1))),
    )


def settled(given: Assayed, point: Point, by: Linearised, kg: Floats) -> tuple[Point, Move]:
    """The point at which reconciled masses would be linearised, and by how much that would move the readings.

    Args:
        point: Where ``by`` was linearised.
        kg: (flow, component) reconciled.
    """
    after = recovered(given, point, by, kg)
    moved = np.abs(linearised(given, after).z - by.z) / np.sqrt(by.own)
    return after, Move(float(np.sqrt(np.mean(moved**2))) if moved.size else 0.0, float(np.max(moved, initial=0.0)))


def without_biases(joint: JointSystem, known: Floats) -> Floats:
    """(flow, component) reconciled as if no bias were shared, which is where biases are linearised."""
    multiplier = joint.solve((joint.net(joint.by.z) + known)[:, :, None])[:, :, 0]
    return joint.closed(joint.by.z - joint.moved(np.ascontiguousarray(multiplier)), known)


def known_of(given: Assayed, graph: Merged) -> Floats:
    """(component, merged balance) what is known to enter each."""
    return np.stack([of_nodes(graph, known) for known in given.known_kg])
