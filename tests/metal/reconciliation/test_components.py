"""Dry mass and elements at once, against hands, dense matrices, and the optimum in masses, moistures and grades."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.metal.reconciliation import components, joint_system
from lodeline.metal.reconciliation.assayed import Assayed, Readings, linearised, readings, recovered
from lodeline.metal.reconciliation.components import reconcile_components
from lodeline.metal.reconciliation.iterative import DESK
from lodeline.metal.reconciliation.linear import Masses, reconcile_masses

QUICK = settings(deadline=None, max_examples=40)


def exact(value, u) -> Readings:
    value = np.asarray(value, dtype=float)
    return Readings(value, np.broadcast_to(np.asarray(u, dtype=float), value.shape).copy(), np.zeros(value.shape))


def assayed(arcs, wet_kg, dry, grade, *, wet_u, dry_u, grade_u) -> Assayed:
    """A small graph with absolute uncertainties and no instrument."""
    tail, head = np.array(arcs, dtype=np.int64).T
    count = int(max(tail.max(), head.max())) + 1
    grades = np.asarray(grade, dtype=float).reshape(len(arcs), -1)
    return Assayed(
        tail=tail,
        head=head,
        balances=count,
        wet_kg=exact(wet_kg, wet_u),
        dry=exact(dry, dry_u),
        grade=exact(grades, grade_u),
        known_kg=np.zeros((grades.shape[1] + 1, count)),
        instrument=np.full((len(arcs), 1), -1),
        prior_u=np.empty(0),
        of=np.empty(0, np.int64),
    )


def drawn(seed: int, *, balances=6, flows=20, elements=2, errors=(0.005, 0.003, 0.015), instruments=True) -> Assayed:
    """A random plant whose true masses close, its readings with relative errors of mass, dry fraction and grade."""
    rng = np.random.default_rng(seed)
    tail, head = rng.integers(-1, balances, (2, flows))
    tail[:balances], head[:balances] = -1, np.arange(balances)
    wet, dry = rng.uniform(50, 500, flows), rng.uniform(0.85, 0.99, flows)
    grade = np.array([0.3, 0.001])[:elements] * np.exp(rng.normal(0, 0.4, (flows, elements)))
    mass_u, dry_u, grade_u = errors
    none, flat = np.zeros(flows), np.zeros((flows, elements))
    made = Assayed(
        tail=tail,
        head=head,
        balances=balances,
        wet_kg=Readings(wet * (1 + rng.normal(0, mass_u, flows)), none, np.full(flows, mass_u)),
        dry=Readings(np.minimum(1, dry + rng.normal(0, dry_u, flows)), np.full(flows, dry_u), none),
        grade=Readings(grade * (1 + rng.normal(0, grade_u, grade.shape)), flat, np.full(grade.shape, grade_u)),
        known_kg=np.zeros((elements + 1, balances)),
        instrument=np.full((flows, 1), -1),
        prior_u=np.empty(0),
        of=np.empty(0, np.int64),
    )
    z = (wet * dry)[:, None] * np.concatenate([np.ones((flows, 1)), grade], axis=1)
    made = made._replace(known_kg=-(rows(made) @ z).T)
    if not instruments:
        return made
    # Two scales, an oven, and a laboratory of the first element; several of them on one flow.
    chosen = np.stack([rng.integers(0, 2, flows), rng.integers(1, 3, flows) * 2 - 2, np.full(flows, 3)], axis=1)
    chosen[:, 1] = np.where(chosen[:, 1] == 0, -1, 2)
    return made._replace(instrument=chosen, prior_u=np.array([0.01, 0.02, 0.004, 0.02]), of=np.array([0, 0, 0, 1]))


def rows(given: Assayed) -> np.ndarray:
    """A (balance, flow)."""
    a = np.zeros((given.balances + 1, given.tail.size))
    for flow, (tail, head) in enumerate(zip(given.tail, given.head, strict=True)):
        a[tail, flow] -= 1
        a[head, flow] += 1
    return a[:-1]


def dense(given: Assayed, by):
    """The linear problem of one linearisation, with its biases, by dense matrices."""
    flows, parts = by.z.shape
    a = np.kron(rows(given), np.eye(parts))
    cov = np.zeros((flows * parts, flows * parts))
    effect = np.zeros((flows * parts, given.prior_u.size))
    for flow in range(flows):
        at = slice(flow * parts, flow * parts + parts)
        cov[at, at] = by.v[flow] * np.outer(by.a[flow], by.a[flow]) + np.diag(by.q[flow])
        for one in given.instrument[flow][given.instrument[flow] >= 0]:
            kept = np.ones(parts) if given.of[one] == 0 else np.arange(parts) == given.of[one]
            effect[at, one] += by.reference[flow] * kept
    known = given.known_kg.T.ravel()
    gain = np.linalg.inv(a @ cov @ a.T)
    shared = a @ effect
    bias_cov = np.linalg.inv(np.diag(given.prior_u**-2.0) + shared.T @ gain @ shared)
    open_kg = a @ by.z.ravel() + known
    bias = bias_cov @ shared.T @ gain @ open_kg
    z = by.z.ravel() - effect @ bias - cov @ a.T @ gain @ (open_kg - shared @ bias)
    rest = effect - cov @ a.T @ gain @ shared
    whole = cov - cov @ a.T @ gain @ a @ cov + rest @ bias_cov @ rest.T
    chi2 = open_kg @ np.linalg.inv(a @ cov @ a.T + shared @ np.diag(given.prior_u**2) @ shared.T) @ open_kg
    return z.reshape(flows, parts), whole, bias, np.sqrt(np.diag(bias_cov)), chi2


def optimum(given: Assayed, rounds: int = 40):
    """A second route: Gauss-Newton in wet mass, dry fraction, grades and biases themselves, with fixed weights."""
    flows, elements = given.grade.value.shape
    per = 2 + elements
    measured = np.concatenate(
        [given.wet_kg.value[:, None], given.dry.value[:, None], given.grade.value], axis=1
    ).ravel()
    at = readings(given)
    u = np.sqrt(
        np.concatenate(
            [
                given.wet_kg.variance(at.wet_kg)[:, None],
                given.dry.variance(at.dry)[:, None],
                given.grade.variance(at.grade),
            ],
            axis=1,
        )
    ).ravel()
    x = measured.copy()
    a = rows(given)
    for _ in range(rounds):
        w, d, g = x.reshape(flows, per)[:, 0], x.reshape(flows, per)[:, 1], x.reshape(flows, per)[:, 2:]
        jacobian = np.zeros(((elements + 1) * given.balances, x.size))
        value = np.zeros((elements + 1) * given.balances)
        for part in range(elements + 1):
            grade = np.ones(flows) if part == 0 else g[:, part - 1]
            block = slice(part * given.balances, (part + 1) * given.balances)
            value[block] = a @ (w * d * grade) + given.known_kg[part]
            jacobian[block, 0::per] = a * (d * grade)
            jacobian[block, 1::per] = a * (w * grade)
            if part:
                jacobian[block, 1 + part :: per] = a * (w * d)
        scaled = jacobian * u
        step = u * (scaled.T @ np.linalg.solve(scaled @ scaled.T, value + jacobian @ (measured - x)))
        x = measured - step
    w, d, g = x.reshape(flows, per)[:, 0], x.reshape(flows, per)[:, 1], x.reshape(flows, per)[:, 2:]
    return np.concatenate([(w * d)[:, None], (w * d)[:, None] * g], axis=1)


def test_one_component_is_the_linear_case():
    """Dry mass alone, a dry fraction of one that is all but exact: the masses of ``linear``, biases included."""
    made = drawn(3, elements=0)
    made = made._replace(
        dry=Readings(np.ones(20), np.full(20, 1e-9), np.zeros(20)),
        known_kg=-(rows(made) @ made.wet_kg.value)[None, :] + 3,
    )
    made = made._replace(instrument=made.instrument[:, :1], prior_u=made.prior_u[:2], of=made.of[:2])
    masses = Masses(
        made.tail,
        made.head,
        made.balances,
        made.wet_kg.value,
        np.zeros(20),
        made.wet_kg.u_relative,
        made.known_kg[0],
        made.instrument,
        made.prior_u,
        np.zeros(2, bool),
    )

    joint, linear = reconcile_components(made), reconcile_masses(masses)

    np.testing.assert_allclose(joint.kg[:, 0], linear.kg, rtol=1e-6)
    np.testing.assert_allclose(joint.biases.bias, linear.biases.bias, rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(joint.u_of(np.arange(20))[:, 0], linear.u_kg, rtol=1e-4)


def test_a_lot_split_in_two_by_hand():
    """100 kg at 10 % into 60 at 12 % and 40.9 at 6 %, masses u 1 kg and grades all but exact.

    The metal says 10 = 7.2 + 2.454 as well: two equations, three masses. With g exact, A D = 0 and A (g D) = 0 leave
    one free mass, D = t (1, x, 1 - x) with 0.10 = 0.12 x + 0.06 (1 - x), x = 2/3; t by least squares of the readings.
    """
    made = assayed(
        [(-1, 0), (0, -1), (0, -1)],
        [100, 60, 40.9],
        [1, 1, 1],
        [0.10, 0.12, 0.06],
        wet_u=1.0,
        dry_u=1e-12,
        grade_u=1e-9,
    )
    t = (100 + 60 * 2 / 3 + 40.9 / 3) / (1 + 4 / 9 + 1 / 9)

    got = reconcile_components(made)

    np.testing.assert_allclose(got.kg[:, 0], [t, 2 * t / 3, t / 3], rtol=1e-6)
    np.testing.assert_allclose(got.kg[:, 1], np.array([0.1, 0.08, 0.02]) * t, rtol=1e-6)
    np.testing.assert_allclose(got.grade[:, 0], [0.10, 0.12, 0.06], rtol=1e-6)
    assert got.dof == 2
    # Grades this good tie the components together: one factor of both.
    np.testing.assert_allclose(got.u_of([0])[0, 0], 1 / np.sqrt(1 + 4 / 9 + 1 / 9), rtol=1e-3)


@QUICK
@given(seed=st.integers(0, 10_000), elements=st.integers(0, 2))
def test_one_linearisation_equals_the_dense_route(seed, elements):
    made = drawn(seed, elements=elements, instruments=elements > 0)

    got = reconcile_components(made)

    kg, cov, bias, bias_u, chi2 = dense(made, got.joint.by)
    scale = np.sqrt(got.joint.by.own)
    np.testing.assert_allclose((got.kg - kg) / scale, 0, atol=1e-8)
    np.testing.assert_allclose(got.biases.bias, bias, atol=1e-9)
    np.testing.assert_allclose(got.biases.bias_u, bias_u, rtol=1e-9)
    assert got.chi2 == pytest.approx(chi2, rel=1e-7, abs=1e-7)
    parts = elements + 1
    blocks = cov.reshape(20, parts, 20, parts)[np.arange(20), :, np.arange(20), :]
    found = got.covariance(np.arange(20)) / scale[:, :, None] / scale[:, None, :]
    np.testing.assert_allclose(found, blocks / scale[:, :, None] / scale[:, None, :], atol=1e-9)
    np.testing.assert_allclose(got.u_of([2, 5]) ** 2, np.einsum("icc->ic", got.covariance([2, 5])), atol=1e-12)


@QUICK
@given(
    seed=st.integers(0, 10_000), errors=st.sampled_from([(0.005, 0.003, 0.015), (0.05, 0.02, 0.15), (0.1, 0.02, 0.01)])
)
def test_every_component_of_every_balance_closes(seed, errors):
    made = drawn(seed, errors=errors)

    got = reconcile_components(made)

    largest = np.abs(got.kg).max(axis=0)
    assert (np.abs((rows(made) @ got.kg).T + made.known_kg).max(axis=1) <= 1e-9 * largest).all()
    assert (got.closure_kg <= 1e-12 * largest).all()


@QUICK
@given(seed=st.integers(0, 10_000))
def test_conjugate_gradients_and_the_factor_of_the_whole_agree(seed):
    made = drawn(seed)
    by_iteration = reconcile_components(made)
    patience = joint_system.PATIENCE
    try:
        joint_system.PATIENCE = 0
        by_factor = reconcile_components(made)
    finally:
        joint_system.PATIENCE = patience

    assert (by_iteration.method, by_factor.method) == ("conjugate gradients", "factor")
    assert "one factor a component" in by_iteration.said
    assert "one factor of all components" in by_factor.said
    np.testing.assert_allclose(by_iteration.kg, by_factor.kg, rtol=1e-8)
    np.testing.assert_allclose(by_iteration.biases.bias_u, by_factor.biases.bias_u, rtol=1e-8)


@QUICK
@given(seed=st.integers(0, 10_000))
def test_linearised_masses_are_the_optimum_in_masses_moistures_and_grades(seed):
    """Absolute uncertainties, so that both weigh alike: at most a twentieth of an uncertainty apart."""
    made = drawn(seed, instruments=False)
    made = made._replace(
        wet_kg=exact(made.wet_kg.value, 0.005 * made.wet_kg.value),
        grade=exact(made.grade.value, 0.015 * made.grade.value),
    )

    got = reconcile_components(made)

    assert np.abs((got.kg - optimum(made)) / np.sqrt(got.joint.by.own)).max() < 0.05


def test_large_errors_are_linearised_again():
    made = drawn(1, errors=(0.1, 0.03, 0.3))

    got, usual = reconcile_components(made), reconcile_components(drawn(1))

    assert got.rounds > usual.rounds
    assert got.move.small
    assert usual.move.small
    assert max(got.move.mean, usual.move.mean) <= components.STEP


@QUICK
@given(seed=st.integers(0, 10_000), factor=st.sampled_from([1e-3, 0.45359237, 1e6]))
def test_the_answer_ignores_the_unit_of_mass(seed, factor):
    made = drawn(seed)
    wet = made.wet_kg
    other = made._replace(
        wet_kg=Readings(wet.value * factor, wet.u * factor, wet.u_relative), known_kg=made.known_kg * factor
    )

    one, two = reconcile_components(made), reconcile_components(other)

    np.testing.assert_allclose(two.kg, one.kg * factor, rtol=1e-7)
    np.testing.assert_allclose(two.biases.bias, one.biases.bias, atol=1e-8)
    assert two.chi2 == pytest.approx(one.chi2, rel=1e-7)


@QUICK
@given(seed=st.integers(0, 10_000))
def test_a_point_that_is_recovered_makes_the_components_that_it_was_recovered_from(seed):
    made = drawn(seed)
    by = linearised(made, readings(made))
    kg = by.z * np.random.default_rng(seed).uniform(0.9, 1.1, by.z.shape)

    point = recovered(made, readings(made), by, kg)

    np.testing.assert_allclose(linearised(made, point).reference, kg, rtol=1e-12)
    np.testing.assert_allclose(recovered(made, readings(made), by, by.z).wet_kg, made.wet_kg.value, rtol=1e-12)


def test_a_gross_error_stays_linearised_at_its_readings():
    """100 in, and out of the same balance 1 kg was read: whatever closes it is far from one of the two."""
    made = assayed([(-1, 0), (0, -1)], [100, 1], [0.9, 0.9], [0.1, 0.1], wet_u=0.1, dry_u=0.01, grade_u=0.001)

    got = reconcile_components(made)

    assert np.isfinite(got.kg).all()
    np.testing.assert_allclose(got.kg[0], got.kg[1])


def blended(seed: int) -> Assayed:
    """Ten balances, each of two lots that are mixed and shipped, with nothing known besides the readings."""
    rng = np.random.default_rng(seed)
    arcs = [arc for i in range(10) for arc in ((-1, i), (-1, i), (i, -1))]
    dry_kg, grade = rng.uniform(50, 500, (10, 3)), rng.uniform(0.2, 0.4, (10, 3))
    dry_kg[:, 2] = dry_kg[:, :2].sum(axis=1)
    grade[:, 2] = (dry_kg * grade)[:, :2].sum(axis=1) / dry_kg[:, 2]
    dry = rng.uniform(0.9, 0.99, (10, 3))
    noise = 1 + rng.normal(0, [[0.005], [0.015]], (2, 30))
    wet_kg, grades = (dry_kg / dry).ravel() * noise[0], grade.ravel() * noise[1]
    made = assayed(arcs, wet_kg, dry.ravel(), grades, wet_u=0, dry_u=0.003, grade_u=0)
    return made._replace(
        wet_kg=made.wet_kg._replace(u_relative=np.full(30, 0.005)),
        grade=made.grade._replace(u_relative=np.full((30, 1), 0.015)),
    )


def test_one_scale_for_everything_learns_nothing_about_itself():
    """Its bias moves dry mass and metal of every flow alike, and every balance closes with any."""
    made = blended(2)._replace(instrument=np.zeros((30, 1), np.int64), prior_u=np.array([0.01]), of=np.array([0]))

    got = reconcile_components(made)

    assert got.biases.narrowed[0] == pytest.approx(1, abs=1e-6)
    assert abs(got.biases.bias[0]) < 1e-6


def test_a_laboratory_of_every_assay_learns_nothing_about_itself_and_of_two_the_difference_shows():
    made = blended(2)
    alone = made._replace(instrument=np.zeros((30, 1), np.int64), prior_u=np.array([0.02]), of=np.array([1]))
    two = made._replace(
        instrument=(np.arange(30) % 3 // 2)[:, None], prior_u=np.array([0.02, 0.02]), of=np.array([1, 1])
    )

    one, both = reconcile_components(alone), reconcile_components(two)

    assert one.biases.narrowed[0] == pytest.approx(1, abs=1e-6)
    ((information, direction),) = both.biases.unknown()
    assert information == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(direction**2, [0.5, 0.5], atol=1e-3)


def changed(**fields) -> Assayed:
    return drawn(0)._replace(**fields)


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (changed(tail=np.zeros(3, np.int64)), "components.shape"),
        (changed(known_kg=np.zeros((2, 6))), "components.shape"),
        (changed(of=np.zeros(1, np.int64)), "components.shape"),
        (changed(grade=exact(np.ones(20), 0.1)), "components.shape"),
        (changed(head=np.full(20, 6)), "components.index"),
        (changed(instrument=np.full((20, 1), 4)), "components.index"),
        (changed(of=np.full(4, 3)), "components.index"),
        (changed(of=np.full(4, -1)), "components.index"),
        (changed(wet_kg=exact(np.full(20, np.nan), 1)), "components.reading"),
        (changed(wet_kg=exact(np.zeros(20), 1)), "components.reading"),
        (changed(dry=exact(np.full(20, 1.01), 0.1)), "components.reading"),
        (changed(grade=exact(np.full((20, 2), np.nan), 0.1)), "components.reading"),
        (changed(known_kg=np.full((3, 6), np.inf)), "components.reading"),
        (changed(wet_kg=exact(np.ones(20), -1)), "components.uncertainty"),
        (changed(grade=exact(np.ones((20, 2)), 0)), "components.uncertainty"),
        (changed(wet_kg=exact(np.ones(20), 0), dry=exact(np.ones(20), 0)), "components.uncertainty"),
        (changed(prior_u=np.zeros(4)), "components.uncertainty"),
    ],
)
def test_what_cannot_be_reconciled_as_it_was_meant_is_refused(made, code):
    with pytest.raises(InputError) as refusal:
        reconcile_components(made)

    assert refusal.value.code == code


def test_uncertainty_is_asked_for_flows_that_are_there():
    with pytest.raises(InputError) as refusal:
        reconcile_components(drawn(0)).covariance([20])

    assert refusal.value.code == "components.index"


def test_where_fill_explodes_it_walks_with_incomplete_factors_and_says_so():
    made = drawn(4)
    by_factor = reconcile_components(made)

    got = reconcile_components(made, DESK._replace(entries=0))

    assert got.method == "conjugate gradients"
    assert "its factor would have" in got.said
    np.testing.assert_allclose(got.kg, by_factor.kg, rtol=1e-8)
    assert (got.closure_kg <= 1e-12 * np.abs(got.kg).max(axis=0)).all()
    np.testing.assert_allclose(got.u_of([3]), by_factor.u_of([3]), rtol=1e-7)


def test_what_neither_way_can_do_is_refused_with_the_size_it_would_have():
    with pytest.raises(InputError) as refusal:
        reconcile_components(drawn(4), DESK._replace(entries=0, iterations=1))

    assert refusal.value.code == "components.fill"
    assert refusal.value.where["entries"] > 0


def test_readings_that_never_settle_are_refused_with_the_worst_flow(monkeypatch):
    monkeypatch.setattr(components, "STEP", 0.0)
    monkeypatch.setattr(components, "ROUNDS", 2)

    with pytest.raises(InputError) as refusal:
        reconcile_components(drawn(0))

    assert refusal.value.code == "components.not_converged"
    assert 0 <= refusal.value.where["flow"] < 20
