"""Limits: which hold, what the estimate is under them, and what is then said to be known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lodeline.metal.reconciliation.active_set import ceiling_sizes
from lodeline.metal.reconciliation.model import Model, Terms
from lodeline.metal.reconciliation.solution import CLASSES, Solution
from lodeline.metal.reconciliation.solving import solve
from tests.metal.reconciliation.flowsheets import by_optimiser

ROUTES = pytest.mark.parametrize("dense_up_to", [400, 0], ids=["dense", "sparse"])
NO_LIMIT = np.inf


def read(values: list[float], u: list[float], **more: Any) -> Model:
    """Variables that are each read once, at least zero."""
    count = len(values)
    fields: dict[str, Any] = {
        "constant": np.zeros(0),
        "constraint_terms": Terms.none(),
        "lower": np.zeros(count),
        "upper": np.full(count, NO_LIMIT),
    }
    return Model(
        start=np.abs(values),
        scale=np.maximum(np.abs(values), 1e-3),
        value=np.array(values),
        u=np.array(u),
        terms=Terms.of([[(1.0, one)] for one in range(count)]),
        **{**fields, **more},
    )


def two_grades(first: float, second: float) -> Model:
    """Two fractions read with 0.1, that sum to at most one."""
    return read([first, second], [0.1, 0.1], ceiling=np.ones(1), ceiling_terms=Terms.of([[(1.0, 0), (1.0, 1)]]))


@ROUTES
def test_fractions_that_sum_to_more_than_one_share_what_is_too_much(dense_up_to: int) -> None:
    """By hand: 0.7 and 0.5 are 0.2 too much, 0.1 each, which is one u each. Their difference is all that is left."""
    found = solve(two_grades(0.7, 0.5), dense_up_to=dense_up_to)

    np.testing.assert_allclose(found.x, [0.6, 0.4], rtol=1e-9)
    np.testing.assert_allclose(found.u, [0.1 / np.sqrt(2)] * 2, rtol=1e-4)
    assert found.full.tolist() == [True]
    assert (found.chi2, found.dof) == (pytest.approx(2), 1)


@ROUTES
def test_a_ceiling_that_is_not_reached_changes_nothing(dense_up_to: int) -> None:
    found = solve(two_grades(0.4, 0.5), dense_up_to=dense_up_to)

    np.testing.assert_allclose(found.x, [0.4, 0.5], rtol=1e-9)
    np.testing.assert_allclose(found.u, [0.1, 0.1], rtol=1e-6)
    assert (found.full.tolist(), found.chi2, found.dof) == ([False], pytest.approx(0, abs=1e-12), 0)


@ROUTES
def test_a_ceiling_and_a_limit_hold_together(dense_up_to: int) -> None:
    """By hand: 1.3 and -0.2: the nearest point of the triangle is its corner, 1 and 0."""
    found = solve(two_grades(1.3, -0.2), dense_up_to=dense_up_to)

    np.testing.assert_allclose(found.x, [1.0, 0.0], atol=1e-9)
    assert [CLASSES[code] for code in found.klass][1] == "at limit"
    assert found.full.tolist() == [True]
    assert found.chi2 == pytest.approx(9 + 4)


@ROUTES
def test_where_limits_do_not_inform_the_readings_alone_say_how_sure_it_is(dense_up_to: int) -> None:
    """By hand: 100 and 103 with 1: the rest would be -3 and is 0. Both are 101.5; each is known as it was read."""
    model = read(
        [100.0, 103.0, 0.0],
        [1.0, 1.0, 1.0],
        constant=np.zeros(1),
        constraint_terms=Terms.of([[(1.0, 0), (-1.0, 1), (-1.0, 2)]]),
    )._replace(value=np.array([100.0, 103.0]), u=np.ones(2), terms=Terms.of([[(1.0, 0)], [(1.0, 1)]]), scale=np.ones(3))
    sure = solve(model, dense_up_to=dense_up_to)
    open_minded = solve(model, dense_up_to=dense_up_to, limits_inform=False)

    for found in (sure, open_minded):
        np.testing.assert_allclose(found.x, [101.5, 101.5, 0.0], atol=1e-9)
        assert [CLASSES[code] for code in found.klass][2] == "at limit"
        assert (found.chi2, found.dof) == (pytest.approx(4.5), 1)
    np.testing.assert_allclose(sure.u, [np.sqrt(0.5), np.sqrt(0.5), 0.0], rtol=1e-4)
    np.testing.assert_allclose(open_minded.u, [1.0, 1.0, np.sqrt(2.0)], rtol=1e-4)


def test_a_ceiling_of_a_whole_that_nothing_determines_is_none() -> None:
    """Two parts are read, and are to come to at most a whole of which nothing is known; then to one that is read."""
    terms = Terms.of([[(1.0, 0), (1.0, 1), (-1.0, 2)]])
    model = read([3.0, 4.0, 5.0], [1.0, 1.0, 1.0], ceiling=np.zeros(1), ceiling_terms=terms)
    unknown = model._replace(value=model.value[:2], u=model.u[:2], terms=Terms.of([[(1.0, 0)], [(1.0, 1)]]))

    np.testing.assert_allclose(solve(unknown, dense_up_to=0).x[:2], [3.0, 4.0])
    # By hand: 2 too much, shared by three.
    np.testing.assert_allclose(solve(model, dense_up_to=0).x, [3 - 2 / 3, 4 - 2 / 3, 5 + 2 / 3])


@st.composite
def plants(draw: Any, least: float, weighed: bool) -> Model:
    """A chain of plants, each with a product and what goes on, read with errors of up to two u.

    Some products are next to nothing, if ``least`` allows it, and some are nearly pure, so that masses come out below
    zero, and fractions below zero or, together, above one. The feed is weighed, or everything.
    """
    nodes, elements = draw(st.integers(1, 2)), 2
    masses, noise = 2 * nodes + 1, st.floats(-2.0, 2.0)
    true = [100.0]
    for _ in range(nodes):
        part = draw(st.sampled_from([least, 0.2, 0.5, 1 - least]))
        true += [part * true[-1], (1 - part) * true[-1]]
    feed = draw(st.sampled_from([0.005, 0.3, 0.98])) / elements
    variable = masses + np.arange(masses * elements).reshape(masses, elements)
    observed, value, u = [], [], []
    for one in range(masses):
        if one == 0 or weighed or draw(st.booleans()):
            observed.append([(1.0, one)])
            u.append(1.0)
            value.append(true[one] + draw(noise))
        for element in range(elements):
            observed.append([(1.0, int(variable[one, element]))])
            u.append(0.02)
            value.append(feed + 0.02 * draw(noise))
    constraints: list[Any] = []
    for node in range(nodes):
        ends = ((1.0, 2 * node), (-1.0, 2 * node + 1), (-1.0, 2 * node + 2))
        constraints.append(list(ends))
        for element in range(elements):
            constraints.append([(sign, one, int(variable[one, element])) for sign, one in ends])
    count = masses * (1 + elements)
    mass = np.arange(count) < masses
    return Model(
        start=np.where(mass, np.resize(true, count), feed),
        scale=np.where(mass, 100.0, 1.0),
        value=np.array(value),
        u=np.array(u),
        terms=Terms.of(observed),
        constant=np.zeros(len(constraints)),
        constraint_terms=Terms.of(constraints),
        lower=np.zeros(count),
        upper=np.where(mass, NO_LIMIT, 1.0),
        ceiling=np.ones(masses),
        ceiling_terms=Terms.of([[(1.0, int(one)) for one in row] for row in variable]),
    )


def inside(found: Solution, model: Model) -> bool:
    """Whether all limits are kept."""
    over = model.ceiling_terms.values(found.x, model.ceiling.size) - model.ceiling
    grain = 2e-9 * model.scale
    kept = (found.x >= model.lower - grain).all() and (found.x <= model.upper + grain).all()
    return bool(kept and (over <= 2e-9 * ceiling_sizes(model)).all())


def pulls(found: Solution, model: Model) -> tuple[Any, Any]:
    """(variable,) what pulls each, scaled, and (full,) how each ceiling that holds is pulled."""
    jacobian = model.terms.jacobian(found.x, model.value.size).toarray() / model.u[:, None]
    left = (model.value - model.terms.values(found.x, model.value.size)) / model.u
    held = found.model.constraint_terms.jacobian(found.x, found.model.constant.size).toarray()
    down = jacobian.T @ left * model.scale
    load = found.multiplier[model.constant.size :]
    return down - held.T @ found.multiplier * model.scale, load


@given(plants(0.1, weighed=True), st.sampled_from([400, 0]))
@settings(deadline=None, max_examples=60)
def test_within_limits_nothing_pulls_but_outwards(model: Model, dense_up_to: int) -> None:
    """The conditions of a minimum: what is free is in balance; what is held, and each ceiling, is pulled outwards."""
    found = solve(model, dense_up_to=dense_up_to)
    pull, load = pulls(found, model)
    size = max(1.0, found.chi2)
    held = found.at_limit
    low = held & (found.held == model.lower)

    assert inside(found, model)
    assert np.abs(pull[~held]).max(initial=0.0) <= 1e-5 * size
    assert (pull[low] <= 1e-5 * size).all()
    assert (pull[held & ~low] >= -1e-5 * size).all()
    assert (load >= -1e-5 * size).all()


@st.composite
def contents(draw: Any) -> Model:
    """The same plants by the masses of their elements, which leaves nothing but sums: there is one minimum."""
    model = draw(plants(0.001, weighed=False))
    masses = model.ceiling.size
    elements = model.start.size // masses - 1
    first = model.constraint_terms.second
    of = masses + np.arange(masses * elements).reshape(masses, elements)
    product = first >= 0
    terms = model.constraint_terms
    kg = np.where(model.terms.first < masses, model.value, 100.0 * model.value)
    return model._replace(
        start=np.full(model.start.size, 50.0),
        scale=np.full(model.start.size, 100.0),
        value=kg,
        u=np.where(model.terms.first < masses, model.u, 100.0 * model.u),
        constraint_terms=Terms(
            terms.row, terms.coefficient, np.where(product, first, terms.first), np.full(first.size, -1)
        ),
        upper=np.full(model.start.size, NO_LIMIT),
        ceiling=np.zeros(masses),
        ceiling_terms=Terms.of([[(-1.0, one), *((1.0, int(part)) for part in of[one])] for one in range(masses)]),
    )


@given(contents())
@settings(deadline=None, max_examples=40)
def test_the_best_within_limits_is_that_of_a_general_optimiser(model: Model) -> None:
    """By SLSQP, which knows nothing of how either route goes about it."""
    assume(not solve(model.without_limits()).loose.any())  # what nothing determines has no number to be compared
    objective, place = by_optimiser(model, model.start)
    closed = np.abs(model.constraint_terms.values(place, model.constant.size)).max() <= 1e-6
    over = (model.ceiling_terms.values(place, model.ceiling.size) - model.ceiling).max()
    assume(closed and over <= 1e-6 and (place >= -1e-6).all())  # else it gave up before it came to a possible point
    for dense_up_to in (400, 0):
        found = solve(model, dense_up_to=dense_up_to)
        assert inside(found, model)
        assert found.chi2 == pytest.approx(objective, rel=1e-5, abs=1e-5)


@given(contents())
@settings(deadline=None, max_examples=25)
def test_what_limits_do_not_tell_is_as_uncertain_as_without_them(model: Model) -> None:
    """Of a problem of sums alone: uncertainties do not depend on where the search ends."""
    for dense_up_to in (400, 0):
        without = solve(model.without_limits(), dense_up_to=dense_up_to)
        found = solve(model, dense_up_to=dense_up_to, limits_inform=False)
        sure = solve(model, dense_up_to=dense_up_to)
        np.testing.assert_allclose(found.u, without.u, rtol=1e-6, atol=1e-9)
        known = ~np.isnan(without.u)
        assert (sure.u[known] <= found.u[known] * (1 + 1e-3) + 1e-3).all()
