"""Robust estimates: weights by hand, the optimum by another optimiser, and little harm where nothing is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from lodeline.metal.detection.gross_errors.robust import Contaminated, Huber, Welsch, robust
from lodeline.metal.reconciliation.model import Terms
from lodeline.metal.reconciliation.solving import solve
from tests.metal.detection.flow_networks import SPLITTER, drawn, flowsheet, published, refused
from tests.outside import needs_cases

INFLUENCES = [Huber(1.345), Welsch(2.985), Contaminated(0.05, 10.0)]


def readings(*values):
    """One mass, weighed several times with u 1."""
    model = flowsheet([], [float(np.median(values))], [1.0])
    return model._replace(
        value=np.array(values, dtype=float),
        u=np.ones(len(values)),
        terms=Terms.of([[(1.0, 0)] for _ in values]),
    )


def test_weights_by_hand():
    """At z 3: Huber 1 / 3; Welsch exp(-1). Share 0.1, 3 times as wide: odds e**4 / 27, (1 + odds / 9) / (1 + odds)."""
    z = np.array([0.5, 3.0])

    np.testing.assert_allclose(Huber(1.0).weight(z), [1.0, 1 / 3])
    np.testing.assert_allclose(Welsch(3.0).weight(z), np.exp([-1 / 36, -1.0]))
    odds = 1 / 27 * np.exp(4.0)
    np.testing.assert_allclose(Contaminated(0.1, 3.0).weight(z)[1], (1 + odds / 9) / (1 + odds))
    assert Contaminated(0.1, 3.0).weight(np.array([1e6]))[0] == pytest.approx(1 / 9)


def test_hubers_estimate_of_one_mass_by_hand():
    """10, 11 and 100 with bend 1: 10.5 plus half the pull of the third, whose influence is 1, so 11 exactly.

    (x - 10) + (x - 11) = 1 with both within the bend gives x = 11.
    """
    found = robust(readings(10, 11, 100), Huber(1.0))

    assert found.solution.x[0] == pytest.approx(11.0, abs=1e-6)
    np.testing.assert_allclose(found.weight, [1.0, 1.0, 1 / 89], rtol=1e-6)


def test_a_redescending_weight_forgets_what_is_far_out():
    found = robust(readings(10, 11, 100), Welsch(3.0))

    assert found.solution.x[0] == pytest.approx(10.5, abs=1e-6)
    assert found.weight[2] < 1e-9


@pytest.mark.parametrize(
    ("influence", "loss"),
    [
        (Huber(1.345), lambda z: np.where(np.abs(z) < 1.345, z**2 / 2, 1.345 * (np.abs(z) - 1.345 / 2))),
        (Welsch(2.985), lambda z: 2.985**2 / 2 * (1 - np.exp(-((z / 2.985) ** 2)))),
        (
            Contaminated(0.05, 10.0),
            lambda z: -np.log(0.95 * np.exp(-(z**2) / 2) + 0.005 * np.exp(-(z**2) / 200)),
        ),
    ],
    ids=["Huber", "Welsch", "contaminated"],
)
def test_the_estimate_is_the_least_of_its_loss(influence, loss):
    """The second route: a general minimiser on the streams that are free, from the estimate and around it."""
    model = drawn(3)
    value = model.value.copy()
    value[1] += 6 * model.u[1]
    model = model._replace(value=value)
    found = robust(model, influence)

    count = model.start.size
    balance = model.constraint_terms.jacobian(model.start, model.constant.size).toarray()
    _, sizes, right = np.linalg.svd(balance)
    basis = right[int((sizes > 1e-9).sum()) :].T

    def total(step):
        return float(loss((model.value - found.solution.x - basis @ step) / model.u).sum())

    best = minimize(total, np.zeros(basis.shape[1]), tol=1e-12)
    assert count == model.value.size
    np.testing.assert_allclose(basis @ best.x, 0.0, atol=1e-4)


def test_without_gross_errors_huber_stays_near_least_squares():
    model = drawn(17)
    value = model.terms.values(solve(model).x, model.value.size)
    model = model._replace(value=value)

    found = robust(model, Huber(1.345))

    np.testing.assert_allclose(found.weight, 1.0)
    np.testing.assert_allclose(found.solution.x, solve(model).x, rtol=1e-9)


@pytest.mark.cases
@needs_cases
@pytest.mark.parametrize("influence", INFLUENCES)
def test_the_three_gross_errors_of_a_published_plant_have_the_least_weight(influence):
    """Alhaj-Dibo, Maquin & Ragot (2008): streams 3, 7 and 16."""
    model, _ = published("dr-linear-13")

    found = robust(model, influence)

    assert set(np.argsort(found.weight)[:3].tolist()) == {2, 6, 15}
    np.testing.assert_allclose(found.z, (model.value - found.solution.x) / model.u)


@pytest.mark.parametrize("influence", INFLUENCES)
def test_gross_errors_pull_a_robust_estimate_less_than_least_squares(influence):
    """A splitter whose streams are weighed four times each, one reading in six off by ten standard uncertainties: over
    twelve sets of errors the robust one is nearer to the truth by half. Of streams weighed once it need not be."""
    true = np.array([10.0, 6.0, 4.0])
    once = flowsheet(SPLITTER, true, [0.1] * 3)
    off = {"robust": 0.0, "least squares": 0.0}
    for seed in range(12):
        rng = np.random.default_rng(seed)
        value = np.repeat(true, 4) + 0.1 * rng.standard_normal(12)
        value[rng.choice(12, 2, replace=False)] += 1.0
        model = once._replace(
            value=value, u=np.full(12, 0.1), terms=Terms.of([[(1.0, one)] for one in np.repeat(range(3), 4).tolist()])
        )
        for name, x in (("robust", robust(model, influence).solution.x), ("least squares", solve(model).x)):
            off[name] += float(np.sum((x - true) ** 2))

    assert off["robust"] < 0.5**2 * off["least squares"]


@pytest.mark.parametrize(
    "influence", [Huber(0.0), Welsch(-1.0), Contaminated(0.0, 10.0), Contaminated(1.0, 10.0), Contaminated(0.1, 1.0)]
)
def test_an_influence_that_is_none_is_refused(influence):
    with refused("detection.tuning"):
        robust(readings(1, 2), influence)


def test_weights_that_do_not_settle_are_refused():
    """Readings just so far apart that Welsch's loss turns from one minimum between them to two: the search creeps."""
    with refused("detection.not_settled"):
        robust(readings(-1.001, -1.001, 1.001, 1.004), Welsch(2**0.5))
    assert robust(readings(-0.5, 0.5), Welsch(2**0.5)).solution.x[0] == pytest.approx(0.0, abs=1e-6)
