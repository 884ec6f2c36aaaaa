"""Sizes: where the search for each unknown of a book begins, and what is its typical size."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.flows.words import FLOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy
    from lodeline.metal.reconciliation.readings import Read, Readings
    from lodeline.metal.reconciliation.streams import Streams

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

ROUNDS = 50
"""How often a balance with one unknown mass is used to find it; what then is unknown begins at nothing."""
LEAST = 1e-6
"""The least typical size, as a part of the largest or usual one; it sets what counts as small, and no answer."""


class Sizes(NamedTuple):
    """Starts and scales.

    Attributes:
        dry_kg, dry_scale_kg: (mass,) kg.
        least_kg: The least scale of a mass, kg.
        moisture: (water,) kg per kg; moisture_scale: of every moisture.
        grade, grade_scale: (composition, element) kg per kg; NaN where nobody assayed it and no balance tells it.
        typical_grade: (element,) kg per kg; least_grade: the least scale of a fraction.
    """

    dry_kg: Array
    dry_scale_kg: Array
    least_kg: float
    moisture: Array
    moisture_scale: float
    grade: Array
    grade_scale: Array
    typical_grade: Array
    least_grade: float

    def beginning(self, grade: Array) -> Sizes:
        """The same with grades that nobody assayed, (composition, element); NaN where there is none to add."""
        start = np.maximum(grade, self.least_grade)
        scale = np.maximum(start, LEAST * self.typical_grade)
        added = np.isfinite(grade)
        return self._replace(
            grade=np.where(added, start, self.grade), grade_scale=np.where(added, scale, self.grade_scale)
        )


def sizes(flows: Flows, of: Streams, readings: Read, elements: int, policy: Policy) -> Sizes:
    """Starts and scales of the unknowns of a book."""
    moisture = _mean(readings.moistures, of.water[readings.moistures.flow], of.waters)
    usual = float(np.nanmedian(moisture)) if np.isfinite(moisture).any() else 0.05
    at = of.composition[readings.fractions.flow] * max(elements, 1) + readings.fractions.subject
    grade = _mean(readings.fractions, at, of.compositions * max(elements, 1)).reshape(of.compositions, max(elements, 1))
    grade = grade[:, :elements]
    shape = (of.compositions, max(elements, 1))
    weight = np.bincount(at, readings.fractions.u**-2.0, minlength=shape[0] * shape[1]).reshape(shape)
    positive = np.where(grade > 0, grade, np.nan)
    typical = np.array([np.nanmedian(column) if np.isfinite(column).any() else 1.0 for column in positive.T])
    least_grade = LEAST * float(typical.min(initial=1.0))
    dry = _dry(flows, of)
    largest = float(np.nanmax(np.abs(dry), initial=0.0)) or 1.0
    known = np.nan_to_num(dry)
    usual_kg = float(np.median(np.abs(known[known != 0]))) if known.any() else 1.0
    beside = _beside(flows, of, known)
    # What no scale has seen may be wrong by as much as there is of anything beside it.
    weighed = np.zeros(of.masses, dtype=bool)
    weighed[of.mass[readings.masses.flow]] = True
    scale = np.where(weighed, np.abs(known), np.maximum(beside, np.abs(known)))
    scale = np.where(scale > 0, scale, usual_kg)
    scale = np.maximum(scale, LEAST * largest)
    lost = of.mass[flows.flows["kind"] == FLOW["transit_loss"]]
    part = 0.01 if policy.loss is None else max(float(policy.loss.expected), float(policy.loss.u))
    scale[lost] = np.maximum(part * scale[lost], LEAST * largest)
    start = np.where(np.isnan(grade), np.nan, np.maximum(grade, least_grade))
    with np.errstate(divide="ignore"):
        # Of what was read as nothing the size is how far that may be off.
        grade_scale = np.maximum(start, weight[:, :elements] ** -0.5)
    return Sizes(
        dry_kg=known,
        dry_scale_kg=scale,
        least_kg=LEAST * largest,
        moisture=np.where(np.isnan(moisture), usual, moisture),
        moisture_scale=max(usual, 1e-3),
        grade=start,
        grade_scale=grade_scale,
        typical_grade=typical,
        least_grade=least_grade,
    )


def _mean(readings: Readings, at: Rows, count: int) -> Array:
    """(count,) the mean of the readings of each, weighted by their uncertainties; NaN where there is none."""
    weight = 1 / readings.u**2
    total = np.bincount(at, weight * readings.value, minlength=count)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / np.bincount(at, weight, minlength=count))


def _dry(flows: Flows, of: Streams) -> Array:
    """(mass,) the dry mass of each stream as recorded, kg; else as its node leaves it; NaN where nothing says it."""
    flow = flows.flows
    recorded = flows.dry().kg
    known = np.flatnonzero(np.isfinite(recorded))
    kg = np.full(of.masses, np.nan)
    kg[of.mass[known[::-1]]] = recorded[known[::-1]]  # of several the first
    kg[of.mass[flow["kind"] == FLOW["transit_loss"]]] = 0.0
    at = np.full(flows.nodes.rows, -1, dtype=np.int64)
    at[of.nodes] = np.arange(of.nodes.size)
    ends = [(at[flow[column]], of.mass, sign) for column, sign in (("head", 1.0), ("tail", -1.0))]
    node = np.concatenate([one[0] for one in ends])
    mass = np.concatenate([one[1] for one in ends])
    sign = np.concatenate([np.full(one[0].size, one[2]) for one in ends])
    node, mass, sign = (column[node >= 0] for column in (node, mass, sign))
    for _ in range(ROUNDS):
        unknown = np.isnan(kg[mass])
        single = np.bincount(node, unknown, minlength=of.nodes.size) == 1
        found = np.flatnonzero(unknown & single[node])
        if not found.size:
            break
        rest = np.bincount(node, sign * np.nan_to_num(kg[mass]), minlength=of.nodes.size)
        kg[mass[found]] = -sign[found] * rest[node[found]]
    return kg


def _beside(flows: Flows, of: Streams, kg: Array) -> Array:
    """(mass,) the largest mass that meets each at either of its ends, kg."""
    flow = flows.flows
    largest = np.zeros(flows.nodes.rows)
    for column in ("head", "tail"):
        np.maximum.at(largest, flow[column], np.abs(kg[of.mass]))
    largest[:2] = 0.0
    found = np.zeros(of.masses)
    for column in ("head", "tail"):
        np.maximum.at(found, of.mass, largest[flow[column]])
    return found
