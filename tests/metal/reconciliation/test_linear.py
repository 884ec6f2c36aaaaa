"""Linear reconciliation of masses with shared biases, against hands, dense matrices and the rules of graphs."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.metal.reconciliation.iterative import DESK
from lodeline.metal.reconciliation.linear import Masses, Reconciled, reconcile_masses
from lodeline.metal.reconciliation.solution import MEASURED_ONLY, OBSERVABLE, REDUNDANT, UNOBSERVABLE

QUICK = settings(deadline=None, max_examples=60)


def masses(arcs, kg, u_kg, *, balances=None, u_relative=0.0, known=None, instrument=None, prior=(), additive=None):
    """A small graph: arcs are (tail, head), -1 outside."""
    tail, head = np.array(arcs, dtype=np.int64).reshape(-1, 2).T
    flows = len(arcs)
    count = int(max(tail.max(), head.max())) + 1 if balances is None else balances
    prior = np.array(prior, dtype=float)
    return Masses(
        tail=tail,
        head=head,
        balances=count,
        kg=np.array(kg, dtype=float),
        u_kg=np.broadcast_to(np.array(u_kg, dtype=float), flows).copy(),
        u_relative=np.broadcast_to(np.array(u_relative, dtype=float), flows).copy(),
        known_kg=np.zeros(count) if known is None else np.array(known, dtype=float),
        instrument=np.full((flows, 1), -1) if instrument is None else np.array(instrument).reshape(flows, -1),
        prior_u=prior,
        additive=np.zeros(prior.size, bool) if additive is None else np.array(additive),
    )


def incidence(given: Masses) -> np.ndarray:
    """A (balance, flow)."""
    rows = np.zeros((given.balances + 1, given.kg.size))
    for flow, (tail, head) in enumerate(zip(given.tail, given.head, strict=True)):
        rows[tail, flow] -= 1
        rows[head, flow] += 1
    return rows[:-1]


def drawn(seed: int, *, balances: int = 12, flows: int = 40, unmeasured: float = 0.0, instruments: int = 4) -> Masses:
    """A random network whose true masses close, with readings of scales and of standards, biased and noisy."""
    rng = np.random.default_rng(seed)
    arcs = rng.integers(-1, balances, (flows, 2))
    arcs[:balances, 0], arcs[:balances, 1] = -1, np.arange(balances)  # each balance is fed from outside
    true = rng.uniform(50, 500, flows)
    instrument = np.stack([rng.integers(-1, instruments, flows), np.full(flows, instruments)], axis=1)
    prior = rng.uniform(0.002, 0.02, instruments + 1)
    additive = np.zeros(instruments + 1, bool)
    if instruments:
        additive[0], prior[0] = True, 1.0
    shape = masses(arcs, true, 1.0, balances=balances)
    kg = true * (1 + rng.normal(0, 0.01, flows))
    kg[rng.random(flows) < unmeasured] = np.nan
    return shape._replace(
        kg=kg,
        u_kg=rng.uniform(0.1, 3, flows),
        u_relative=rng.uniform(0, 0.02, flows),
        known_kg=-incidence(shape) @ true,
        instrument=instrument,
        prior_u=prior,
        additive=additive,
    )


def without_biases(given: Masses) -> Masses:
    return given._replace(instrument=given.instrument[:, :0], prior_u=np.empty(0), additive=np.empty(0, bool))


def dense(given: Masses):
    """The recipe of the marginal covariance, by dense matrices: masses, their covariance, biases, their u, chi2."""
    a, y, c = incidence(given), given.kg, given.known_kg
    v = np.diag(given.u_kg**2 + (given.u_relative * y) ** 2)
    x0 = y - v @ a.T @ np.linalg.solve(a @ v @ a.T, a @ y + c)
    v = np.diag(given.u_kg**2 + (given.u_relative * x0) ** 2)
    b = np.zeros((y.size, given.prior_u.size))
    for flow, place in zip(*np.nonzero(given.instrument >= 0), strict=True):
        one = given.instrument[flow, place]
        b[flow, one] += 1.0 if given.additive[one] else x0[flow]
    prior = np.diag(given.prior_u**2)
    whole = v + b @ prior @ b.T
    gain = np.linalg.inv(a @ whole @ a.T)
    chi2 = (a @ y + c) @ gain @ (a @ y + c)
    bias = prior @ b.T @ a.T @ gain @ (a @ y + c)
    bias_cov = prior - prior @ b.T @ a.T @ gain @ a @ b @ prior
    x = y - whole @ a.T @ gain @ (a @ y + c)
    # The estimate is of x = y - B b - e: project with the marginal covariance, then take off what is left of the bias.
    left = y - b @ bias - v @ a.T @ np.linalg.solve(a @ v @ a.T, a @ (y - b @ bias) + c)
    rest = b - v @ a.T @ np.linalg.solve(a @ v @ a.T, a @ b)
    cov = v - v @ a.T @ np.linalg.solve(a @ v @ a.T, a @ v) + rest @ bias_cov @ rest.T
    np.testing.assert_allclose(a @ x + c, 0, atol=1e-8)
    return left, cov, bias, np.sqrt(np.diag(bias_cov)), chi2


def test_three_equal_uncertainties_share_the_gap_in_thirds():
    """By hand: 100 in, 60 + 41 out; the gap of 1 kg is shared, 1/3 each; each variance falls from 1 to 2/3."""
    got = reconcile_masses(masses([(-1, 0), (0, -1), (0, -1)], [100, 60, 41], 1.0))

    np.testing.assert_allclose(got.kg, [100 + 1 / 3, 60 - 1 / 3, 41 - 1 / 3], rtol=1e-15)
    np.testing.assert_allclose(got.u_kg, np.sqrt([2 / 3] * 3), rtol=1e-15)
    assert (got.dof, got.chi2) == (1, pytest.approx(1 / 3))
    assert got.imbalance_kg.tolist() == [-1.0]
    assert got.method == "factor"


def test_a_known_stock_stands_on_the_right_side():
    """By hand: 5 kg come out of a stock that is known; 100 + 5 in, 103 out with the same u: 1 kg each."""
    got = reconcile_masses(masses([(-1, 0), (0, -1)], [100, 103], 1.0, known=[5]))

    np.testing.assert_allclose(got.kg, [99, 104])


@QUICK
@given(seed=st.integers(0, 10_000))
def test_masses_variances_and_biases_equal_the_dense_route(seed):
    given = drawn(seed)
    kg, cov, bias, bias_u, chi2 = dense(given)

    got = reconcile_masses(given)

    np.testing.assert_allclose(got.kg, kg, rtol=1e-9)
    # A flow that a balance pins has a variance that is all rounding, 1e-16 of what was measured.
    np.testing.assert_allclose(got.u_kg, np.sqrt(np.diag(cov)), rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(got.biases.bias, bias, atol=1e-9 * given.prior_u.max())
    np.testing.assert_allclose(got.biases.bias_u, bias_u, rtol=1e-9)
    assert got.chi2 == pytest.approx(chi2, rel=1e-8)
    weight = sp.random(3, kg.size, 0.3, random_state=np.random.default_rng(seed), format="csr")
    np.testing.assert_allclose(got.covariance(weight), weight @ cov @ weight.T, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(got.u_of([0, 7, 39]), got.u_kg[[0, 7, 39]], rtol=1e-9, atol=1e-6)


@QUICK
@given(seed=st.integers(0, 10_000), unmeasured=st.floats(0, 0.5))
def test_every_balance_closes_whatever_was_measured(seed, unmeasured):
    given = drawn(seed, unmeasured=unmeasured)

    got = reconcile_masses(given)

    assert got.closure_kg <= 1e-9 * 500
    known = ~np.isnan(got.kg)
    open_kg = incidence(given) @ np.where(known, got.kg, 0) + given.known_kg
    whole = ~incidence(given)[:, ~known].any(axis=1)
    np.testing.assert_allclose(open_kg[whole], 0, atol=1e-7)


@QUICK
@given(seed=st.integers(0, 10_000), factor=st.sampled_from([1e-3, 0.45359237, 1e3, 1e6]))
def test_the_answer_ignores_the_unit_of_mass(seed, factor):
    given = drawn(seed)
    unit = np.where(given.additive, factor, 1.0)
    other = given._replace(
        kg=given.kg * factor,
        u_kg=given.u_kg * factor,
        known_kg=given.known_kg * factor,
        prior_u=given.prior_u * unit,
    )

    one, two = reconcile_masses(given), reconcile_masses(other)

    np.testing.assert_allclose(two.kg, one.kg * factor, rtol=1e-9)
    np.testing.assert_allclose(two.u_kg, one.u_kg * factor, rtol=1e-9, atol=1e-6 * factor)
    np.testing.assert_allclose(two.biases.bias, one.biases.bias * unit, atol=1e-9 * one.biases.prior_u.max() * factor)
    assert two.chi2 == pytest.approx(one.chi2, rel=1e-9)


@QUICK
@given(seed=st.integers(0, 10_000))
def test_the_answer_ignores_the_order_of_flows_and_balances(seed):
    given, rng = drawn(seed), np.random.default_rng(seed)
    flow, balance = rng.permutation(given.kg.size), rng.permutation(given.balances)
    name = np.append(balance, -1)
    at = np.argsort(balance)
    other = given._replace(
        tail=name[given.tail][flow],
        head=name[given.head][flow],
        kg=given.kg[flow],
        u_kg=given.u_kg[flow],
        u_relative=given.u_relative[flow],
        known_kg=given.known_kg[at],
        instrument=given.instrument[flow],
    )

    one, two = reconcile_masses(given), reconcile_masses(other)

    np.testing.assert_allclose(two.kg, one.kg[flow], rtol=1e-9)
    np.testing.assert_allclose(two.u_kg, one.u_kg[flow], rtol=1e-8, atol=1e-6)


def test_one_scale_for_everything_learns_nothing_about_itself():
    """Hand case: a scale in every term, opening stock too. Its level never shows: estimate 0, posterior = prior.

    Linearised at the measured masses the noise of the balances would be taken for knowledge of it.
    """
    rng = np.random.default_rng(4)
    n = 400
    arcs = [(-1, i) for i in range(n)] + [(i, i + 1) for i in range(n - 1)] + [(i, -1) for i in range(n)]
    feed = rng.uniform(50, 150, n)
    carried = np.cumsum(feed) * 0.5
    out = feed + np.concatenate([[0], carried[:-2], carried[n - 2 : n - 1]]) - np.append(carried[:-1], 0)
    true = np.concatenate([feed, carried[:-1], out])
    kg = true * 1.003 * (1 + rng.normal(0, 0.005, true.size))

    got = reconcile_masses(
        masses(arcs, kg, 0.0, u_relative=0.005, instrument=np.zeros(true.size, dtype=np.int64), prior=[0.003])
    )

    assert got.biases.narrowed[0] == pytest.approx(1, abs=1e-9)
    assert abs(got.biases.bias[0]) < 1e-9
    ((information, direction),) = got.biases.unknown()
    assert (information, abs(direction[0])) == (pytest.approx(0, abs=1e-9), 1)


def test_of_two_scales_the_difference_shows_and_the_level_does_not():
    """By hand: all in over one scale, all out over another; many weighings: posterior of each 0.01/sqrt 2."""
    n = 20_000
    arcs = [(-1, i) for i in range(n)] + [(i, -1) for i in range(n)]
    scale = np.repeat([0, 1], n)
    kg = np.where(scale == 0, 100.0, 102.0)

    got = reconcile_masses(masses(arcs, kg, 0.0, u_relative=0.001, instrument=scale, prior=[0.01, 0.01]))

    difference = got.biases.bias[1] - got.biases.bias[0]
    assert difference == pytest.approx(0.02, rel=0.01)
    assert got.biases.bias.sum() == pytest.approx(0, abs=1e-4)
    np.testing.assert_allclose(got.biases.narrowed, np.sqrt(0.5), rtol=1e-3)
    ((information, direction),) = got.biases.unknown()
    assert information == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(np.abs(direction), np.sqrt([0.5, 0.5]), rtol=1e-6)


def test_a_thousand_weighings_on_one_scale_do_not_average_its_bias_away():
    n = 1_000
    flow = masses(
        [(-1, 0)] * n + [(0, -1)], [100.0] * n + [1e5], [1.0] * n + [1e4], instrument=[0] * n + [-1], prior=[0.01]
    )

    got = reconcile_masses(flow)

    total = sp.csr_matrix(np.append(np.ones(n), 0.0))
    assert np.sqrt(got.covariance(total)[0, 0]) == pytest.approx(1e3 * np.sqrt(1 / (1 + 0.01)), rel=0.01)


def test_an_unmeasured_flow_between_measured_ones_is_what_is_left():
    """By hand: 10 in, 4 out measured; the unmeasured 6 goes on to a balance with 5.8 measured out.

    Merged, 10 = 4 + 5.8 + gap 0.2, shared by 0.2/3 each.
    """
    got = reconcile_masses(masses([(-1, 0), (0, -1), (0, 1), (1, -1)], [10, 4, np.nan, 5.8], 0.1))

    third = 0.2 / 3
    np.testing.assert_allclose(got.kg, [10 - third, 4 + third, 5.8 + third, 5.8 + third], rtol=1e-12)
    np.testing.assert_allclose(got.u_kg, [np.sqrt(2 / 3) * 0.1] * 4, rtol=1e-12)
    assert got.klass.tolist() == [REDUNDANT, REDUNDANT, OBSERVABLE, REDUNDANT]
    assert got.dof == 1
    assert np.isnan(got.imbalance_kg).all()


def test_unmeasured_flows_in_a_circle_have_no_number():
    """Recycle: 0 -> 1 -> 0 both unmeasured, feed and product measured: only their difference is known."""
    got = reconcile_masses(masses([(-1, 0), (0, 1), (1, 0), (1, -1)], [10, np.nan, np.nan, 10.2], 0.1))

    assert got.klass.tolist() == [REDUNDANT, UNOBSERVABLE, UNOBSERVABLE, REDUNDANT]
    np.testing.assert_allclose(got.kg, [10.1, np.nan, np.nan, 10.1])
    assert np.isnan(got.u_kg).tolist() == [False, True, True, False]
    assert np.isnan(got.u_of([1])).all()
    # Their difference is known, but the graph rule speaks of flows, and a functional of what has no number has none.
    assert np.isnan(got.covariance(sp.csr_matrix([[0, 1.0, -1.0, 0]]))).all()


def test_a_measurement_that_nothing_checks_is_named():
    """Two unmeasured exits leave the balance open: the feed is measured only, and stays as it was."""
    got = reconcile_masses(masses([(-1, 0), (0, -1), (0, -1)], [10, np.nan, np.nan], 0.1))

    assert got.klass.tolist() == [MEASURED_ONLY, UNOBSERVABLE, UNOBSERVABLE]
    assert (got.kg[0], got.u_kg[0], got.dof, got.chi2) == (10, pytest.approx(0.1), 0, 0)


def test_a_measurement_that_nothing_checks_still_gains_from_its_scale():
    """By hand: the scale's bias shows against an exact scale elsewhere, and is taken off the lone reading too."""
    arcs = [(-1, 0), (0, -1), (-1, 1), (1, -1)]
    got = reconcile_masses(
        masses(arcs, [102, 100, 51, np.nan], [1e-6, 1e-6, 1e-6, 0], instrument=[0, -1, 0, -1], prior=[0.1])
    )

    assert got.klass.tolist() == [REDUNDANT, REDUNDANT, MEASURED_ONLY, OBSERVABLE]
    np.testing.assert_allclose(got.kg, [100, 100, 50, 50], rtol=1e-3)


@QUICK
@given(seed=st.integers(0, 10_000), unmeasured=st.floats(0.05, 0.6))
def test_classes_values_and_uncertainties_of_what_is_unmeasured_equal_linear_algebra(seed, unmeasured):
    """A second route: a huge uncertainty instead of none, and null spaces for the classes."""
    given = without_biases(drawn(seed, balances=8, flows=24, unmeasured=unmeasured))
    missing = np.isnan(given.kg)
    assume(missing.any())
    a = incidence(given)
    basis = np.linalg.svd(a[:, missing])[2]
    rank = np.linalg.matrix_rank(a[:, missing]) if missing.any() else 0
    loose = np.abs(basis[rank:]).max(axis=0, initial=0) > 1e-9

    got = reconcile_masses(given)

    np.testing.assert_array_equal(got.klass[missing] == UNOBSERVABLE, loose)
    space = np.linalg.svd(a[:, missing].T)[2][np.linalg.matrix_rank(a[:, missing]) :]  # combinations without them
    checked = np.abs(space @ a[:, ~missing]).max(axis=0, initial=0) > 1e-9
    np.testing.assert_array_equal(got.klass[~missing] == REDUNDANT, checked)
    wide = given._replace(
        kg=np.where(missing, 100.0, given.kg),
        u_kg=np.where(missing, 1e4, given.u_kg),
        u_relative=np.where(missing, 0, given.u_relative),
    )
    found, expected = got, reconcile_masses(wide)
    known = ~np.isnan(found.kg)
    np.testing.assert_allclose(found.kg[known], expected.kg[known], rtol=1e-4, atol=1e-2)
    np.testing.assert_allclose(found.u_kg[known], expected.u_kg[known], rtol=1e-3, atol=1e-2)


def test_a_closed_part_has_one_balance_less_to_check():
    """By hand: two stocks that only exchange, 10 there and 9.8 back with equal u: both 9.9, and one thing checked."""
    got = reconcile_masses(masses([(0, 1), (1, 0), (-1, 2), (2, -1)], [10, 9.8, 5, 5], 0.1))

    np.testing.assert_allclose(got.kg, [9.9, 9.9, 5, 5])
    assert got.dof == 2


def test_a_flow_from_a_balance_to_itself_is_left_as_it_is():
    got = reconcile_masses(masses([(-1, 0), (0, -1), (0, 0), (-1, -1)], [10, 10.2, 3, 4], 0.1))

    np.testing.assert_allclose(got.kg, [10.1, 10.1, 3, 4])
    assert got.klass.tolist() == [REDUNDANT, REDUNDANT, MEASURED_ONLY, MEASURED_ONLY]


def test_a_mass_that_closure_brings_to_zero_stays_uncertain():
    """A lot that never left: nothing says so but the balance. At zero a relative uncertainty would be none at all."""
    got = reconcile_masses(masses([(-1, 0)], [100], 0.0, u_relative=0.01))

    assert (got.kg[0], got.u_kg[0], got.chi2) == (0, 0, pytest.approx(200**2))


def test_no_flows_and_no_balances_are_an_empty_answer():
    nothing = masses(np.empty((0, 2)), [], 1.0, balances=0)

    got = reconcile_masses(nothing)

    assert (got.kg.size, got.u_kg.size, got.dof, got.chi2) == (0, 0, 0, 0)


@QUICK
@given(seed=st.integers(0, 10_000))
def test_adding_a_measurement_never_widens_an_uncertainty(seed):
    given = without_biases(drawn(seed, unmeasured=0.3))
    missing = np.flatnonzero(np.isnan(given.kg))
    assume(missing.size)
    more = given._replace(
        kg=np.where(np.arange(given.kg.size) == missing[0], 100.0, given.kg), u_relative=0 * given.u_relative
    )
    given = given._replace(u_relative=0 * given.u_relative)

    before, after = reconcile_masses(given).u_kg, reconcile_masses(more).u_kg

    known = ~np.isnan(before)
    assert (after[known] <= before[known] * (1 + 1e-9) + 1e-6).all()


def test_what_was_given_is_not_touched():
    given = drawn(1)
    before = [np.copy(one) for one in given if isinstance(one, np.ndarray)]

    reconcile_masses(given).u_kg  # noqa: B018

    for was, one in zip(before, (one for one in given if isinstance(one, np.ndarray)), strict=True):
        np.testing.assert_array_equal(was, one)


def changed(**fields) -> Masses:
    return drawn(0)._replace(**fields)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (changed(kg=np.ones(39)), "linear.shape"),
        (changed(known_kg=np.zeros(3)), "linear.shape"),
        (changed(instrument=np.zeros(40, dtype=np.int64)), "linear.shape"),
        (changed(prior_u=np.ones(2)), "linear.shape"),
        (changed(tail=np.full(40, 12)), "linear.index"),
        (changed(head=np.full(40, -2)), "linear.index"),
        (changed(instrument=np.full((40, 1), 5)), "linear.index"),
        (changed(kg=np.full(40, np.inf)), "linear.not_finite"),
        (changed(known_kg=np.full(12, np.nan)), "linear.not_finite"),
        (changed(u_kg=np.zeros(40), u_relative=np.zeros(40)), "linear.uncertainty"),
        (changed(u_kg=np.full(40, np.nan)), "linear.uncertainty"),
        (changed(u_kg=np.full(40, -1.0)), "linear.uncertainty"),
        (changed(prior_u=np.zeros(5)), "linear.uncertainty"),
    ],
)
def test_what_cannot_be_reconciled_as_it_was_meant_is_refused(given, code):
    with pytest.raises(InputError) as refusal:
        reconcile_masses(given)

    assert refusal.value.code == code


def test_a_flow_without_uncertainty_is_named():
    given = masses([(-1, 0), (0, -1)], [10, 10], [0.1, 0.0])

    with pytest.raises(InputError) as refusal:
        reconcile_masses(given)

    assert (refusal.value.code, refusal.value.where["flow"]) == ("linear.uncertainty", 1)


def test_a_closed_part_that_gains_mass_from_nowhere_is_refused():
    given = masses([(0, 1), (1, 0), (-1, 2), (2, -1)], [10, 10, 5, 5], 0.1, known=[3, -2, 0])

    with pytest.raises(InputError) as refusal:
        reconcile_masses(given)

    assert (refusal.value.code, refusal.value.where["balance"]) == ("linear.contradiction", 0)
    even = reconcile_masses(given._replace(known_kg=np.array([3.0, -3.0, 0.0])))
    np.testing.assert_allclose(even.kg[0] - even.kg[1], 3)


def test_uncertainty_is_asked_for_flows_that_are_there():
    with pytest.raises(InputError) as refusal:
        reconcile_masses(drawn(0)).u_of([40])

    assert refusal.value.code == "linear.index"


def test_the_largest_mass_decides_nothing_about_what_is_solved():
    """Kilograms beside kilotonnes: both parts close to their own rounding."""
    got: Reconciled = reconcile_masses(
        masses([(-1, 0), (0, -1), (-1, 1), (1, -1)], [1e9, 1.001e9, 1e-3, 1.002e-3], 0.0, u_relative=0.01), DESK
    )

    assert got.kg[2] == pytest.approx(got.kg[3], rel=1e-12)
