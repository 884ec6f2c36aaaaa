"""Flows of which mass, dry fraction and grades were measured, and what these say of dry mass and elements, linearised.

Of each flow ``z = (D, m_1 .. m_E)``, ``D = W d``, ``m_e = D g_e``: wet mass times dry fraction, dry mass times grade.
Balances of z are linear, so that only the readings are linearised, at a point (W, d, g):
``z = z(point) + J (reading - point)`` with the covariance ``v a a' + diag(q)``, ``a = (1, g)``,
``v = d^2 u_W^2 + W^2 u_d^2`` and ``q_e = D^2 u_g^2``. Whatever the point, masses that solve the linear problem close.

Source: Crowe, Garcia Campos & Hrymak (1983), AIChE J. 29, 881-888, for flows times concentrations as new variables.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeline.errors import InputError
from lodeline.metal.reconciliation.linear import FAR

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


class Readings(NamedTuple):
    """Measured values with their standard uncertainties; arrays of one shape.

    Attributes:
        value: What was read.
        u: The part of the standard uncertainty that does not grow with the value, in its unit, >= 0.
        u_relative: The part that does, >= 0.
    """

    value: Floats
    u: Floats
    u_relative: Floats

    def variance(self, at: Floats) -> Floats:
        """Variance of each reading if the values are ``at``."""
        result: Floats = self.u**2 + (self.u_relative * at) ** 2
        return result

    def some(self, rows: Any) -> Readings:
        """Those of some flows."""
        return Readings(self.value[rows], self.u[rows], self.u_relative[rows])


class Assayed(NamedTuple):
    """Flows between balances, all weighed, dried and assayed. Component 0 is dry mass, component e element e.

    Attributes:
        tail, head: (flow,) index of the balance that the flow leaves and enters; -1 is outside.
        balances: How many balances there are.
        wet_kg: (flow,) wet mass, kg, > 0.
        dry: (flow,) kg of dry mass per kg of wet mass, 0 < d <= 1.
        grade: (flow, element) kg of the element per kg of dry mass.
        known_kg: (component, balance) what enters each balance besides the flows, exactly.
        instrument: (flow, place) the instruments whose relative biases a reading has; -1 where there is none.
        prior_u: (instrument,) standard uncertainty of each bias, > 0.
        of: (instrument,) 0 if the bias is one of wet mass or dry fraction, e if it is one of the grade of element e.
    """

    tail: Longs
    head: Longs
    balances: int
    wet_kg: Readings
    dry: Readings
    grade: Readings
    known_kg: Floats
    instrument: Longs
    prior_u: Floats
    of: Longs

    @property
    def components(self) -> int:
        """Dry mass and elements."""
        return int(self.grade.value.shape[1]) + 1

    def some(self, flows: Any) -> Assayed:
        """The same balances with some of the flows."""
        return self._replace(
            tail=self.tail[flows],
            head=self.head[flows],
            wet_kg=self.wet_kg.some(flows),
            dry=self.dry.some(flows),
            grade=self.grade.some(flows),
            instrument=self.instrument[flows],
        )


class Point(NamedTuple):
    """Where readings are linearised: wet mass and dry fraction (flow,), grades (flow, element)."""

    wet_kg: Floats
    dry: Floats
    grade: Floats


class Linearised(NamedTuple):
    """What readings say of the components of each flow.

    Attributes:
        z: (flow, component) kg.
        a: (flow, component) and v: (flow,) ``v a a'`` is the covariance that the dry mass makes, v in kg^2.
        q: (flow, component) variance that each assay adds, kg^2; 0 for dry mass.
        reference: (flow, component) kg at the point; what a relative bias of one adds.
    """

    z: Floats
    a: Floats
    v: Floats
    q: Floats
    reference: Floats

    @property
    def own(self) -> Floats:
        """(flow, component) variance of each component by itself, kg^2."""
        result: Floats = self.v[:, None] * self.a**2 + self.q
        return result


def linearised(given: Assayed, point: Point) -> Linearised:
    """Readings as components of mass, linearised at a point."""
    one = np.ones((point.wet_kg.size, 1))
    dry_kg = point.wet_kg * point.dry
    a = np.concatenate([one, point.grade], axis=1)
    moved_kg = point.dry * (given.wet_kg.value - point.wet_kg) + point.wet_kg * (given.dry.value - point.dry)
    z = a * (dry_kg + moved_kg)[:, None]
    z[:, 1:] += dry_kg[:, None] * (given.grade.value - point.grade)
    v = point.dry**2 * given.wet_kg.variance(point.wet_kg) + point.wet_kg**2 * given.dry.variance(point.dry)
    q = np.zeros_like(a)
    q[:, 1:] = dry_kg[:, None] ** 2 * given.grade.variance(point.grade)
    return Linearised(z, a, v, q, a * dry_kg[:, None])


def readings(given: Assayed) -> Point:
    """The point of the readings themselves."""
    return Point(given.wet_kg.value, given.dry.value, given.grade.value)


def recovered(given: Assayed, was: Point, by: Linearised, z: Floats) -> Point:
    """Wet mass, dry fraction and grades that make reconciled components, to be linearised at.

    What the dry mass was shifted by is shared by wet mass and dry fraction as each adds to its variance. A mass that is
    shifted by more than a factor of ``linear.FAR`` is a gross error, and is linearised no further from its reading.

    Args:
        was: The point at which ``by`` was linearised.
        z: (flow, component) reconciled, kg.
    """
    readings_kg = given.wet_kg.value * given.dry.value
    share = was.dry * given.wet_kg.variance(was.wet_kg) / by.v
    wet_kg = np.clip(
        given.wet_kg.value + share * (z[:, 0] - by.z[:, 0]), given.wet_kg.value / FAR, given.wet_kg.value * FAR
    )
    dry_kg = np.clip(z[:, 0], readings_kg / FAR, readings_kg * FAR)
    return Point(wet_kg, dry_kg / wet_kg, z[:, 1:] / dry_kg[:, None])


def require_assayed(given: Assayed) -> None:
    """Refuse what cannot be reconciled as it was meant.

    Raises:
        InputError: ``components.shape``, ``components.index``, ``components.reading``, ``components.uncertainty``.
    """
    flows, instruments = given.tail.size, given.prior_u.size
    elements = given.grade.value.shape[1] if given.grade.value.ndim == 2 else -1
    shapes = [
        (given.tail, (flows,)),
        (given.head, (flows,)),
        *((one, (flows,)) for one in (*given.wet_kg, *given.dry)),
        *((one, (flows, elements)) for one in given.grade),
        (given.known_kg, (elements + 1, given.balances)),
        (given.prior_u, (instruments,)),
        (given.of, (instruments,)),
    ]
    if given.instrument.ndim != 2 or len(given.instrument) != flows or any(one.shape != want for one, want in shapes):
        raise InputError("components.shape", "give one entry a flow, a balance or an instrument", flows=flows)
    for name, index, least, count in (
        ("tail", given.tail, -1, given.balances),
        ("head", given.head, -1, given.balances),
        ("instrument", given.instrument, -1, instruments),
        ("of", given.of, 0, elements + 1),
    ):
        if index.size and not (index.min() >= least and index.max() < count):
            raise InputError("components.index", f"{name} must be from {least} to {count - 1}", field=name)
    finite = np.isfinite(given.grade.value).all(axis=1) & np.isfinite(given.wet_kg.value)
    wrong = ~(finite & (given.wet_kg.value > 0) & (given.dry.value > 0) & (given.dry.value <= 1))
    if wrong.any() or not np.isfinite(given.known_kg).all():
        raise InputError(
            "components.reading",
            "every flow needs a wet mass above zero, a dry fraction above zero and at most one, and finite grades; "
            "where some were not measured, use the general engine",
            flow=int(np.flatnonzero(wrong)[0]) if wrong.any() else None,
        )
    for one in (given.wet_kg, given.dry, given.grade):
        if not ((one.u >= 0) & (one.u_relative >= 0)).all():
            raise InputError("components.uncertainty", "no uncertainty may be below zero, or no number")
    by = linearised(given, readings(given))
    wrong = ~((by.v > 0) & (by.q[:, 1:] > 0).all(axis=1) & np.isfinite(by.own).all(axis=1))
    if wrong.any():
        raise InputError(
            "components.uncertainty",
            "every flow needs an uncertainty above zero of its dry mass and of each grade",
            flow=int(np.flatnonzero(wrong)[0]),
        )
    if not ((given.prior_u > 0) & np.isfinite(given.prior_u)).all():
        raise InputError("components.uncertainty", "every bias needs a prior above zero; leave out the instrument")
