"""Flowsheets for tests: plants of which the truth closes, what is measured of them, and answers by other routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.linalg import null_space
from scipy.optimize import least_squares, minimize

from lodeline.metal.reconciliation.model import Model
from lodeline.metal.reconciliation.network import UNMEASURED, Given, Measured, Network, Stream

Array = NDArray[np.float64]


class Flow(NamedTuple):
    """A true stream: its mass and the mass of each component in it."""

    name: str
    source: str | None
    to: str | None
    mass: float
    parts: tuple[float, ...]


class Plant(NamedTuple):
    """A flowsheet of which everything is known: all its streams close at all its nodes."""

    nodes: tuple[str, ...]
    components: tuple[str, ...]
    flows: tuple[Flow, ...]


@st.composite
def plants(draw: st.DrawFn, *, nodes: int = 5, paths: int = 6, components: int = 0) -> Plant:
    """Material runs along paths through the nodes in any order, so that there are recycles; a stream is what shares
    two ends."""
    names = [f"N{number}" for number in range(draw(st.integers(1, nodes)))]
    share = st.lists(st.floats(0.02, 1), min_size=components + 1, max_size=components + 1)
    masses: dict[tuple[str | None, str | None], Array] = {}
    for _ in range(draw(st.integers(1, paths))):
        way = draw(st.permutations(names))[: draw(st.integers(1, len(names)))]
        mass, parts = draw(st.floats(1, 100)), np.array(draw(share))
        carried = mass * np.array([1.0, *parts[:-1] / parts.sum()])
        for ends in zip([None, *way], [*way, None], strict=True):
            masses[ends] = masses.get(ends, np.zeros(components + 1)) + carried
    used = dict.fromkeys(node for ends in masses for node in ends if node is not None)
    return Plant(
        nodes=tuple(used),
        components=tuple(f"c{number}" for number in range(components)),
        flows=tuple(
            Flow(f"F{number}", source, to, float(mass[0]), tuple(map(float, mass[1:])))
            for number, ((source, to), mass) in enumerate(masses.items())
        ),
    )


@st.composite
def measured(
    draw: st.DrawFn,
    plant: Plant,
    *,
    mass_u: float = 0.02,
    grade_u: float = 0.05,
    missing: float = 0.25,
    low: float | None = None,
) -> Network:
    """A plant as its instruments see it: relative errors of up to two standard uncertainties, some values missing."""
    error = st.floats(-2, 2)
    there = st.floats(0, 1).map(lambda chance: chance >= missing)
    streams = []
    for flow in plant.flows:
        mass: Given = UNMEASURED
        if draw(there):
            mass = Measured(flow.mass * (1 + mass_u * draw(error)), mass_u * flow.mass)
        grades = {}
        for component, part in zip(plant.components, flow.parts, strict=True):
            grade = part / flow.mass
            if draw(there):
                read = min(max(grade * (1 + grade_u * draw(error)), 0.0), 1.0)
                grades[component] = Measured(read, grade_u * grade)
        streams.append(
            Stream(name=flow.name, from_node=flow.source, to_node=flow.to, mass=mass, grades=grades, low=low)
        )
    return Network(nodes=plant.nodes, components=plant.components, streams=streams)


@st.composite
def networks(draw: st.DrawFn, *, components: int = 0, **how: Any) -> Network:
    """A plant and what was measured of it."""
    size = {"nodes": 5, "paths": 6} if not components else {"nodes": 3, "paths": 4}
    return draw(measured(draw(plants(components=components, **size)), **how))


def balances(network: Network) -> Array:
    """(node, stream) +1 where a stream enters, -1 where it leaves."""
    rows = {node: row for row, node in enumerate(network.nodes)}
    found = np.zeros((len(rows), len(network.streams)))
    for column, stream in enumerate(network.streams):
        if stream.to_node is not None:
            found[rows[stream.to_node], column] += 1
        if stream.from_node is not None:
            found[rows[stream.from_node], column] -= 1
    return found


def by_null_space(constraint: Array, observed: Array, value: Array, covariance: Array) -> tuple[Array, Array, float]:
    """The linear problem by the null space of its constraints: estimate, covariance and chi2; all determined.

    ``x = N z`` with ``constraint @ N = 0``, and z by generalised least squares with a whole covariance matrix.
    """
    basis = null_space(constraint) if constraint.size else np.eye(observed.shape[1])
    weight = np.linalg.inv(covariance)
    seen = observed @ basis
    inverse = np.linalg.pinv(seen.T @ weight @ seen)
    x = basis @ inverse @ seen.T @ weight @ value
    left = value - observed @ x
    return x, basis @ inverse @ basis.T, float(left @ weight @ left)


def by_lagrange(constraint: Array, value: Array, u: Array) -> tuple[Array, Array]:
    """The linear problem with everything measured: ``x = y - V A' (A V A')^-1 A y``, and its standard deviations.

    Source: Kuehn & Davidson (1961).
    """
    variance = np.diag(u**2)
    gain = variance @ constraint.T @ np.linalg.pinv(constraint @ variance @ constraint.T)
    return value - gain @ constraint @ value, np.sqrt(np.diag(variance - gain @ constraint @ variance))


def by_optimiser(model: Model, start: Array) -> tuple[float, Array]:
    """Objective and place that a general optimiser finds, which knows nothing of how the engine goes about it."""
    size = model.scale

    def left(z: Array) -> Array:
        return (model.value - model.terms.values(z * size, model.value.size)) / model.u

    def slope(z: Array) -> Array:
        jacobian = model.terms.jacobian(z * size, model.value.size).toarray() * size
        return np.asarray(-2 * jacobian.T @ (left(z) / model.u))

    count = model.constant.size
    limits = [
        (None if low == -np.inf else low, None if high == np.inf else high)
        for low, high in zip(model.lower / size, model.upper / size, strict=True)
    ]
    found = minimize(
        lambda z: left(z) @ left(z),
        start / size,
        jac=slope,
        method="SLSQP",
        bounds=limits,
        constraints=[
            {
                "type": "eq",
                "fun": lambda z: model.constant + model.constraint_terms.values(z * size, count),
                "jac": lambda z: model.constraint_terms.jacobian(z * size, count).toarray() * size,
            },
            {
                "type": "ineq",
                "fun": lambda z: model.ceiling - model.ceiling_terms.values(z * size, model.ceiling.size),
                "jac": lambda z: -model.ceiling_terms.jacobian(z * size, model.ceiling.size).toarray() * size,
            },
        ],
        options={"maxiter": 1000, "ftol": 1e-14},
    )
    return float(found.fun), np.asarray(found.x * size)


def by_penalty(model: Model, start: Array, *, give: float = 1e-7) -> tuple[float, Array]:
    """Objective and place by plain least squares, in which each constraint is an observation that gives way by a
    very small part of its terms at ``start``; limits as boxes."""
    size, count = model.scale, model.constant.size
    terms = model.constraint_terms
    x = np.maximum(np.abs(start), 1e-3 * size)
    largest = np.maximum(np.abs(model.constant), 1e-9)
    second = np.where(terms.second >= 0, x[terms.second], 1.0)
    np.maximum.at(largest, terms.row, np.abs(terms.coefficient * x[terms.first] * second))

    def left(z: Array) -> Array:
        seen = (model.value - model.terms.values(z * size, model.value.size)) / model.u
        return np.concatenate([seen, (model.constant + terms.values(z * size, count)) / (give * largest)])

    def slope(z: Array) -> Array:
        seen = -model.terms.jacobian(z * size, model.value.size).toarray() * size / model.u[:, None]
        return np.vstack([seen, terms.jacobian(z * size, count).toarray() * size / (give * largest)[:, None]])

    low, high = model.lower / size, model.upper / size
    free = np.flatnonzero(low < high)
    fixed = np.where(low < high, 0.0, model.lower / size)

    def whole(z: Array) -> Array:
        found = fixed.copy()
        found[free] = z
        return found

    inside = np.clip(start[free] / size[free], low[free] + 1e-9, high[free] - 1e-9)
    found = least_squares(
        lambda z: left(whole(z)),
        inside,
        jac=lambda z: slope(whole(z))[:, free],
        bounds=(low[free], high[free]),
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-15,
        max_nfev=2000,
    )
    place = whole(found.x) * size
    seen = (model.value - model.terms.values(place, model.value.size)) / model.u
    return float(seen @ seen), place


def values(reconciled: Any, names: Sequence[str]) -> Array:
    """(name,) reconciled values; NaN where there is none."""
    return np.array([np.nan if (value := reconciled[name].value) is None else value for name in names])


def uncertainties(reconciled: Any, names: Sequence[str]) -> Array:
    """(name,) standard uncertainties; NaN where there is none."""
    return np.array([np.nan if (u := reconciled[name].u) is None else u for name in names])
