"""The engine: its answers by other routes, what it says of each variable, and what it refuses."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse

from lodeline.errors import InputError
from lodeline.metal.reconciliation.dense import DenseStep
from lodeline.metal.reconciliation.linearised import Linearised
from lodeline.metal.reconciliation.model import Correlation, Model, Terms
from lodeline.metal.reconciliation.network_model import Written
from lodeline.metal.reconciliation.network_start import beginning
from lodeline.metal.reconciliation.solution import CLASSES, Solution
from lodeline.metal.reconciliation.solving import solve
from lodeline.metal.reconciliation.sparse_step import SparseStep
from tests.metal.reconciliation.flowsheets import by_null_space, by_optimiser, networks


def problem(
    value: list[float],
    u: list[float],
    observed: list[Any],
    constrained: list[Any],
    *,
    variables: int,
    **more: Any,
) -> Model:
    """A problem of ``variables`` that begin at 1; limits and correlations as ``more`` says."""
    none = np.full(variables, np.inf)
    fields: dict[str, Any] = {
        "start": np.ones(variables),
        "scale": np.ones(variables),
        "constant": np.zeros(len(constrained)),
        "lower": -none,
        "upper": none,
    }
    return Model(
        value=np.array(value),
        u=np.array(u),
        terms=Terms.of(observed),
        constraint_terms=Terms.of(constrained),
        **{**fields, **more},
    )


def split(**more: Any) -> Model:
    """100 in, 60 and 41 out, each known to 1."""
    return problem(
        [100.0, 60.0, 41.0],
        [1.0, 1.0, 1.0],
        [[(1.0, 0)], [(1.0, 1)], [(1.0, 2)]],
        [[(1.0, 0), (-1.0, 1), (-1.0, 2)]],
        variables=3,
        **more,
    )


ROUTES = pytest.mark.parametrize("dense_up_to", [400, 0], ids=["dense", "sparse"])


@ROUTES
def test_three_equal_uncertainties_share_the_gap_in_thirds(dense_up_to: int) -> None:
    """By hand: the gap of 1 is shared, a third each; variances fall from 1 to 2/3; z is the gap over its sqrt(3)."""
    found = solve(split(), dense_up_to=dense_up_to)

    np.testing.assert_allclose(found.x, [100 + 1 / 3, 60 - 1 / 3, 41 - 1 / 3], rtol=1e-9)
    np.testing.assert_allclose(found.u, np.sqrt([2 / 3] * 3), rtol=1e-6)
    np.testing.assert_allclose(found.residual / found.residual_u, np.array([-1, 1, 1]) / np.sqrt(3), rtol=1e-6)
    assert (found.dof, found.chi2) == (1, pytest.approx(1 / 3))
    assert [CLASSES[code] for code in found.klass] == ["redundant"] * 3
    # A leak of 1 at the node would explain all of it.
    assert abs(found.multiplier[0] / found.multiplier_u[0]) == pytest.approx(1 / np.sqrt(3), rel=1e-6)


@ROUTES
def test_a_total_knows_how_its_parts_are_correlated(dense_up_to: int) -> None:
    """What comes out is exactly what goes in: the sum has the uncertainty of the feed, and the difference none."""
    found = solve(split(), dense_up_to=dense_up_to)
    value, u = found.functional(np.array([[0.0, 1.0, 1.0], [1.0, -1.0, -1.0]]))

    np.testing.assert_allclose(value, [100 + 1 / 3, 0], atol=1e-9)
    np.testing.assert_allclose(u, [np.sqrt(2 / 3), 0], atol=1e-6)
    np.testing.assert_allclose(found.sensitivity(np.array([1.0, 0, 0])), [2 / 3, 1 / 3, 1 / 3], rtol=1e-6)


@ROUTES
def test_what_is_held_at_a_limit_is_let_go_when_the_rest_no_longer_pulls(dense_up_to: int) -> None:
    """By hand: -5 and 3 measured, both at least 0, their sum free: 0 and 3. Fixed to sum to 1: 0 and 1."""
    limits = {"lower": np.zeros(2), "upper": np.full(2, np.inf)}
    found = solve(
        problem([-5.0, 3.0], [1.0, 1.0], [[(1.0, 0)], [(1.0, 1)]], [], variables=2, **limits), dense_up_to=dense_up_to
    )
    np.testing.assert_allclose(found.x, [0, 3], atol=1e-9)
    assert [CLASSES[code] for code in found.klass] == ["at limit", "measured only"]
    assert found.u[0] == 0

    both = problem(
        [-5.0, 3.0],
        [1.0, 1.0],
        [[(1.0, 0)], [(1.0, 1)]],
        [[(1.0, 0), (1.0, 1)]],
        variables=2,
        constant=np.array([-1.0]),
        **limits,
    )
    np.testing.assert_allclose(solve(both, dense_up_to=dense_up_to).x, [0, 1], atol=1e-9)


@ROUTES
def test_a_variable_that_nothing_determines_meets_no_limit(dense_up_to: int) -> None:
    """1 = a + b, neither measured, both at least 0: wherever the search leaves them, neither is held."""
    model = problem(
        [1.0],
        [0.1],
        [[(1.0, 0)]],
        [[(1.0, 0), (-1.0, 1), (-1.0, 2)]],
        variables=3,
        start=np.array([1.0, 9.0, 1.0]),
        lower=np.zeros(3),
        upper=np.full(3, np.inf),
    )
    found = solve(model, dense_up_to=dense_up_to)

    assert [CLASSES[code] for code in found.klass] == ["measured only", "unobservable", "unobservable"]
    assert found.dof == 0
    assert np.isnan(found.u[1:]).all()
    assert found.x[0] == pytest.approx(1)


def test_limits_of_what_nothing_determines_count_where_they_leave_no_room() -> None:
    """By hand: a + b read as 1 with 0.1, a at least 0.8 and b at least 0.7: both are there, and chi2 is 25."""
    model = problem(
        [1.0],
        [0.1],
        [[(1.0, 0), (1.0, 1)]],
        [],
        variables=2,
        lower=np.array([0.8, 0.7]),
        upper=np.full(2, np.inf),
    )
    found = solve(model)
    np.testing.assert_allclose(found.x, [0.8, 0.7])
    assert [CLASSES[code] for code in found.klass] == ["at limit", "at limit"]
    assert found.chi2 == pytest.approx(25)

    room = solve(model._replace(lower=np.array([0.8, 0.1])))
    assert room.chi2 == pytest.approx(0, abs=1e-9)
    assert [CLASSES[code] for code in room.klass] == ["unobservable", "unobservable"]
    assert (room.x >= [0.8, 0.1]).all()


def test_a_measurement_that_only_a_correlation_shifts_is_not_checked() -> None:
    """Its residual is not zero, since its error goes with that of one that a balance checks; yet nothing says what it
    should have been."""
    pair = Correlation(np.array([2]), np.array([3]), np.array([0.5]))
    model = problem(
        [100.0, 60.0, 41.0, 7.0],
        [1.0] * 4,
        [[(1.0, index)] for index in range(4)],
        [[(1.0, 0), (-1.0, 1), (-1.0, 2)]],
        variables=4,
        correlation=pair,
    )
    found = solve(model)

    assert found.x[3] == pytest.approx(7 - 0.5 / 3)
    assert [CLASSES[code] for code in found.klass] == ["redundant"] * 3 + ["measured only"]
    assert found.dof == 1


@ROUTES
def test_the_curvature_of_a_product_counts(dense_up_to: int) -> None:
    """By hand: x y = 1 from (0, 0) read with equal uncertainty 0.1: the nearest points are (1, 1) and (-1, -1), at a
    squared distance of 2, where steps that leave out the curvature of the constraint do not settle."""
    model = problem(
        [0.2, 0.1],
        [0.1, 0.1],
        [[(1.0, 0)], [(1.0, 1)]],
        [[(1.0, 0, 1)]],
        variables=2,
        constant=np.array([-1.0]),
        start=np.array([0.5, 1.5]),
    )
    found = solve(model, dense_up_to=dense_up_to)
    # Stationary: (x - 0.2) / y = (y - 0.1) / x, with y = 1 / x.
    x, y = found.x
    assert x * y == pytest.approx(1, rel=1e-12)
    assert (x - 0.2) * x == pytest.approx((y - 0.1) * y, rel=1e-9)
    assert found.chi2 == pytest.approx(((x - 0.2) ** 2 + (y - 0.1) ** 2) / 0.01, rel=1e-9)


# -- by other routes -----------------------------------------------------------------------------------------------


def written(network: Any) -> Model:
    """A flowsheet as the engine gets it."""
    plain = Written(network)
    return plain.model(*beginning(plain))


def solved(model: Model) -> Solution:
    """The solution of a drawn problem; of some so little is measured that the best place is at infinity."""
    try:
        return solve(model)
    except InputError as refusal:
        assume(refusal.code != "reconcile.not_converged")
        raise


@given(networks(), st.data())
@settings(deadline=None, max_examples=40)
def test_constraint_form_and_null_space_form_agree(network: Any, data: st.DataObject) -> None:
    """Also with correlated errors, where the estimate is generalised least squares with a whole matrix."""
    model = written(network)
    count = model.value.size
    r = np.eye(count)
    if count >= 2:
        r[0, 1] = r[1, 0] = data.draw(st.floats(-0.9, 0.9))
        model = model._replace(correlation=Correlation(np.array([0]), np.array([1]), np.array([r[0, 1]])))
    found = solve(model)
    constraint = model.constraint_terms.jacobian(model.start, model.constant.size).toarray()
    observed = model.terms.jacobian(model.start, count).toarray()
    x, covariance, chi2 = by_null_space(constraint, observed, model.value, np.diag(model.u) @ r @ np.diag(model.u))
    known = ~found.loose

    largest = np.abs(x).max(initial=1.0)
    np.testing.assert_allclose(found.x[known], x[known], rtol=1e-8, atol=1e-8 * largest)
    np.testing.assert_allclose(found.u[known], np.sqrt(np.maximum(np.diag(covariance)[known], 0)), rtol=1e-6, atol=1e-9)
    assert found.chi2 == pytest.approx(chi2, rel=1e-6, abs=1e-9)


@given(networks(components=2, missing=0.0))
@settings(deadline=None, max_examples=25)
def test_the_dense_and_the_sparse_route_agree(network: Any) -> None:
    model = written(network)
    dense, large = solve(model), solve(model, dense_up_to=0)
    assert (dense.method, large.method) == ("dense", "sparse")

    assert large.chi2 == pytest.approx(dense.chi2, rel=1e-6, abs=1e-7)
    np.testing.assert_allclose(large.x, dense.x, rtol=1e-6, atol=1e-7 * model.scale.max())
    np.testing.assert_allclose(large.u, dense.u, rtol=2e-3, atol=1e-6 * model.scale.max())
    assert (large.klass == dense.klass).all()
    assert large.dof == dense.dof


@given(networks(components=2, missing=0.0), st.integers(0, 1000))
@settings(deadline=None, max_examples=25)
def test_both_routes_take_the_same_step_with_the_same_multipliers(network: Any, seed: int) -> None:
    """From any data, not only those of the optimum; one right side or several."""
    model = written(network)
    solution = solve(model)
    jacobian = sparse.csr_array(solution.jacobian[:, solution.free] @ sparse.diags_array(solution.size))
    of = model.constraint_terms.jacobian(solution.x, model.constant.size)[:, solution.free]
    constraints = sparse.csr_array(sparse.diags_array(1 / solution.norm) @ of @ sparse.diags_array(solution.size))
    routes: list[Linearised] = [
        one(jacobian, constraints, np.zeros((0, 2), np.int64)) for one in (DenseStep, SparseStep)
    ]
    generator = np.random.default_rng(seed)
    residual, open_by = (
        generator.standard_normal((model.value.size, 3)),
        generator.standard_normal((len(of.indptr) - 1, 3)),
    )
    open_by = constraints @ (constraints.T @ open_by)  # of what constraints can say at all
    (step, multiplier), (other, pulled) = (one.step(residual, open_by) for one in routes)
    single, _ = routes[0].step(residual[:, 0], open_by[:, 0])
    size = np.abs(step).max(initial=1.0)

    np.testing.assert_allclose(other, step, rtol=1e-6, atol=1e-7 * size)
    np.testing.assert_allclose(single, step[:, 0], rtol=1e-9, atol=1e-10 * size)
    # Where constraints repeat each other their multipliers are not unique, and what they pull together is.
    pull = np.abs(constraints.T @ multiplier).max(initial=1.0)
    np.testing.assert_allclose(constraints.T @ pulled, constraints.T @ multiplier, rtol=1e-5, atol=1e-6 * pull)


@given(networks(missing=0.4))
@settings(deadline=None, max_examples=30)
def test_the_sparse_route_says_of_each_mass_what_the_dense_one_says(network: Any) -> None:
    """Also where much is unobservable and most of what is measured is checked by nobody."""
    model = written(network)
    dense, large = solve(model), solve(model, dense_up_to=0)

    assert [CLASSES[code] for code in large.klass] == [CLASSES[code] for code in dense.klass]
    assert large.dof == dense.dof
    np.testing.assert_array_equal(large.checked, dense.checked)
    np.testing.assert_allclose(large.residual_u, dense.residual_u, rtol=1e-3, atol=1e-6)


@given(networks(components=2, low=0.0))
@settings(deadline=None, max_examples=25)
def test_a_bilinear_plant_within_its_limits_is_solved_as_by_a_general_optimiser(network: Any) -> None:
    model = written(network)
    found = solved(model)
    objective, place = by_optimiser(model, model.start)
    # Some masses that nobody measured fit the better the larger they are: then there is an infimum and no optimum.
    assume(max(np.abs(found.x / model.scale).max(), np.abs(place / model.scale).max()) < 1e3)

    open_by = np.abs(model.constant + model.constraint_terms.values(place, model.constant.size)).max(initial=0.0)
    if open_by < 1e-6 * model.scale.max():  # else the optimiser gave up before it came to a point that closes
        assert found.chi2 <= objective * (1 + 1e-6) + 1e-6
    inside = (found.x >= model.lower - 1e-9 * model.scale) & (found.x <= model.upper + 1e-9 * model.scale)
    assert inside.all()


@given(networks(components=2, low=0.0))
@settings(deadline=None, max_examples=25)
def test_at_the_optimum_nothing_pulls(network: Any) -> None:
    """Gradient conditions: the pulls of data and constraints cancel where a variable is free; a limit pulls inwards."""
    model = written(network)
    found = solved(model)
    jacobian = model.terms.jacobian(found.x, model.value.size).toarray()
    constraint = model.constraint_terms.jacobian(found.x, model.constant.size).toarray()
    down = (jacobian.T @ (found.residual / model.u**2)) * model.scale
    held = (constraint.T @ found.multiplier) * model.scale
    size = max(1.0, np.abs(down).max(initial=0.0))
    pull = down - held

    at_limit = found.klass == CLASSES.index("at limit")
    fixed = found.klass == CLASSES.index("fixed")
    assert np.abs(pull[~at_limit & ~fixed]).max(initial=0.0) <= 1e-6 * size
    lower = at_limit & (found.x <= model.lower + 1e-9 * model.scale)
    assert (pull[lower] <= 1e-6 * size).all()
    assert (pull[at_limit & ~lower] >= -1e-6 * size).all()


@given(networks(components=2, missing=0.45))
@settings(deadline=None, max_examples=30)
def test_what_is_observable_is_what_no_direction_moves(network: Any) -> None:
    """Brute force: with numerical derivatives of everything that is measured or must hold, a variable is unobservable
    if there is a direction in which it moves and none of them does."""
    model = written(network)
    found = solved(model)

    def all_of(x: Any) -> Any:
        seen = model.terms.values(x, model.value.size) / model.u
        return np.concatenate([seen, model.constraint_terms.values(x, model.constant.size) / model.scale.max()])

    free = np.flatnonzero(found.klass != CLASSES.index("at limit"))
    step = 1e-6 * model.scale
    columns = []
    for one in free:
        aside = np.zeros(model.start.size)
        aside[one] = step[one]
        columns.append((all_of(found.x + aside) - all_of(found.x - aside)) / 2e-6)
    _, sizes, directions = np.linalg.svd(np.array(columns).T)
    sizes = np.pad(sizes, (0, free.size - sizes.size)) / sizes.max(initial=1e-300)
    exact = model.terms.jacobian(found.x, model.value.size) / model.u[:, None]
    held = model.constraint_terms.jacobian(found.x, model.constant.size) / model.scale.max()
    every = np.linalg.svd((sparse.vstack([exact, held]).toarray() * model.scale)[:, free], compute_uv=False)
    # Else what moves is a matter of rounding: grades that differ by a billionth hold a mass by next to nothing.
    assume(not ((every > 1e-13 * every.max(initial=1e-300)) & (every < 1e-5 * every.max(initial=1e-300))).any())
    moves = np.abs(directions[sizes <= 1e-8]).max(axis=0, initial=0.0)
    clear = (moves < 1e-7) | (moves > 1e-4)

    assert (found.loose[free] == (moves > 1e-5))[clear].all()


# -- what is no problem --------------------------------------------------------------------------------------------


def refused(code: str) -> Any:
    return pytest.raises(InputError, match=re.escape(code))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"u": np.array([1.0, 1.0])}, "reconcile.shape"),
        ({"scale": np.ones(2)}, "reconcile.shape"),
        ({"value": np.array([100.0, np.nan, 41.0])}, "reconcile.not_finite"),
        ({"u": np.array([1.0, 0.0, 1.0])}, "reconcile.uncertainty"),
        ({"scale": np.array([1.0, 0.0, 1.0])}, "reconcile.scale"),
        ({"lower": np.array([0.0, 2.0, 0.0]), "upper": np.ones(3)}, "reconcile.limits"),
        ({"constraint_terms": Terms.of([[(1.0, 3)]])}, "reconcile.index"),
        ({"terms": Terms.of([[(1.0, 0)], [(1.0, 1)], [(1.0, 2)], [(1.0, 2)]])}, "reconcile.index"),
    ],
)
def test_what_is_no_problem_is_refused(change: dict[str, Any], code: str) -> None:
    solve(split())
    with refused(code):
        solve(split()._replace(**change))


def test_correlations_that_no_errors_could_have_are_refused() -> None:
    """Three errors cannot each go against both others."""
    first, second = np.array([0, 0, 1]), np.array([1, 2, 2])
    solve(split(correlation=Correlation(first, second, np.array([0.9, 0.9, 0.9]))))
    with refused("reconcile.correlation") as refusal:
        solve(split(correlation=Correlation(first, second, np.array([-0.9, -0.9, -0.9]))))
    assert refusal.value.where["observations"] == [0, 1, 2]


@ROUTES
def test_fixed_values_that_contradict_a_balance_are_refused(dense_up_to: int) -> None:
    value = np.array([100.0, 60.0, 41.0])
    with refused("reconcile.constraints_disagree"):
        solve(split(lower=value, upper=value), dense_up_to=dense_up_to)
    value[2] = 40.0
    solve(split(lower=value, upper=value), dense_up_to=dense_up_to)


def test_a_search_that_runs_away_is_refused() -> None:
    """x y = 1 with y read as 0, where the nearest place is at infinity; and x x = -1, which is nowhere."""
    y_is_read = [[(1.0, 1)]]
    one = np.array([-1.0])
    solve(problem([0.1], [0.1], y_is_read, [[(1.0, 0, 1)]], variables=2, constant=one))
    with refused("reconcile.not_converged"):
        solve(problem([0.0], [0.1], y_is_read, [[(1.0, 0, 1)]], variables=2, constant=one))
    with refused("reconcile.not_converged"):
        solve(problem([0.7], [0.1], [[(1.0, 0)]], [[(1.0, 0, 0)]], variables=1, constant=-one))
