"""A ledger in blocks of time: it closes everywhere, and its loss against the exact answer is seen and shrinks."""

from __future__ import annotations

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.metal.reconciliation import blocks, components
from lodeline.metal.reconciliation.assayed import Assayed, Readings
from lodeline.metal.reconciliation.blocks import Plan, reconcile_blocks
from lodeline.metal.reconciliation.components import reconcile_components


def ledger(seed: int, *, balances: int = 300, reach: int = 10, elements: int = 2) -> Assayed:
    """Lots in order of time, each fed from outside and by two of the ten before it; masses close by what is shipped."""
    rng = np.random.default_rng(seed)
    index = np.arange(balances)
    into = np.repeat(index, 2) + rng.integers(1, reach + 1, 2 * balances)
    tail = np.concatenate([np.full(balances, -1), np.repeat(index, 2), index])
    head = np.concatenate([index, np.where(into < balances, into, -1), np.full(balances, -1)])
    flows = tail.size
    wet, dry = rng.uniform(50, 500, flows), rng.uniform(0.9, 0.99, flows)
    grade = np.array([0.3, 0.001])[:elements] * np.exp(rng.normal(0, 0.3, (flows, elements)))
    z = (wet * dry)[:, None] * np.concatenate([np.ones((flows, 1)), grade], axis=1)
    open_kg = np.zeros((elements + 1, balances))
    for part in range(elements + 1):
        inward, outward = head >= 0, tail >= 0
        open_kg[part] += np.bincount(head[inward], z[inward, part], minlength=balances)
        open_kg[part] -= np.bincount(tail[outward], z[outward, part], minlength=balances)
    none, flat = np.zeros(flows), np.zeros((flows, elements))
    prior = np.array([0.003, 0.003, 0.003, 0.01, 0.01])
    bias = rng.normal(0, prior)
    instrument = np.stack([rng.integers(0, 3, flows), rng.integers(3, 5, flows)], axis=1)
    noisy = grade * (1 + rng.normal(0, 0.015, grade.shape))
    noisy[:, 0] *= 1 + bias[instrument[:, 1]]
    return Assayed(
        tail=tail,
        head=head,
        balances=balances,
        wet_kg=Readings(wet * (1 + bias[instrument[:, 0]] + rng.normal(0, 0.005, flows)), none, np.full(flows, 0.005)),
        dry=Readings(np.minimum(1, dry + rng.normal(0, 0.003, flows)), np.full(flows, 0.003), none),
        grade=Readings(noisy, flat, np.full(grade.shape, 0.015)),
        known_kg=-open_kg,
        instrument=instrument,
        prior_u=prior,
        of=np.array([0, 0, 0, 1, 1]),
    )


def loss(given: Assayed, plan: Plan) -> float:
    """The worst difference to the exact answer, over what each reading is uncertain by."""
    exact = reconcile_components(given)
    return float(np.abs((reconcile_blocks(given, plan).kg - exact.kg) / np.sqrt(exact.joint.by.own)).max())


def test_one_block_of_everything_is_the_exact_answer():
    given = ledger(1)
    exact, whole = reconcile_components(given), reconcile_blocks(given, Plan(300, 0, 1))

    np.testing.assert_allclose(whole.kg, exact.kg, rtol=1e-9)
    np.testing.assert_allclose(whole.biases.bias, exact.biases.bias, atol=1e-10)
    np.testing.assert_allclose(whole.biases.bias_u, exact.biases.bias_u, rtol=1e-9)
    assert whole.chi2 == pytest.approx(exact.chi2, rel=1e-9)
    assert (whole.blocks, whole.dof) == (1, exact.dof)
    np.testing.assert_allclose(whole.u_of([0, 500, 899]), exact.u_of([0, 500, 899]), rtol=1e-7)


@pytest.mark.parametrize("plan", [Plan(50, 20, 1), Plan(64, 20, 2), Plan(300, 0, 1), Plan(1_000, 50, 1)])
def test_every_balance_closes_whatever_was_lost(plan):
    given = ledger(2)

    got = reconcile_blocks(given, plan)

    assert (got.closure_kg <= 1e-12 * np.abs(got.kg).max(axis=0)).all()
    for part in range(3):
        inward, outward = given.head >= 0, given.tail >= 0
        left = given.known_kg[part].copy()
        left += np.bincount(given.head[inward], got.kg[inward, part], minlength=300)
        left -= np.bincount(given.tail[outward], got.kg[outward, part], minlength=300)
        assert np.abs(left).max() <= 1e-9 * np.abs(got.kg[:, part]).max()


def test_the_loss_is_a_hundredth_of_an_uncertainty_and_shrinks_with_overlap_and_passes():
    given = ledger(3)

    narrow, wide, twice = (loss(given, plan) for plan in (Plan(50, 10, 1), Plan(50, 40, 1), Plan(50, 40, 2)))

    assert narrow < 0.2
    assert wide < narrow / 10
    assert twice < wide / 10


def test_what_is_left_open_before_closing_tells_of_the_loss():
    given = ledger(4)

    rough, fine = reconcile_blocks(given, Plan(50, 10, 1)), reconcile_blocks(given, Plan(50, 40, 2))

    assert fine.left < rough.left / 100
    assert "6 blocks of 50 balances with 10 more on both sides" in rough.said


def test_uncertainties_are_never_below_the_exact_ones():
    given = ledger(5)
    exact, got = reconcile_components(given), reconcile_blocks(given, Plan(50, 10, 2))
    asked = np.arange(0, 1_200, 7)

    ratio = got.u_of(asked) / exact.u_of(asked)

    assert ratio.min() > 1 - 1e-3
    assert ratio.max() < 1.05


def test_biases_are_those_of_the_whole_ledger():
    given = ledger(6)
    exact, got = reconcile_components(given), reconcile_blocks(given, Plan(50, 40, 2))

    np.testing.assert_allclose(got.biases.bias, exact.biases.bias, atol=1e-3 * exact.biases.bias_u.min())
    np.testing.assert_allclose(got.biases.bias_u, exact.biases.bias_u, rtol=1e-4)


@pytest.mark.parametrize("plan", [Plan(0, 1, 1), Plan(10, -1, 1), Plan(10, 1, 0)])
def test_a_plan_that_cuts_nothing_is_refused(plan):
    with pytest.raises(InputError) as refusal:
        reconcile_blocks(ledger(0, balances=20), plan)

    assert refusal.value.code == "blocks.plan"


def test_blocks_that_do_not_close_are_refused_with_what_is_left(monkeypatch):
    monkeypatch.setattr(blocks, "CLOSINGS", 1)

    with pytest.raises(InputError) as refusal:
        reconcile_blocks(ledger(7), Plan(20, 0, 1))

    assert refusal.value.code == "blocks.not_closed"
    assert refusal.value.where["left"] > 0


def test_readings_that_never_settle_are_refused(monkeypatch):
    monkeypatch.setattr(components, "STEP", 0.0)
    monkeypatch.setattr(blocks, "ROUNDS", 1)

    with pytest.raises(InputError) as refusal:
        reconcile_blocks(ledger(8), Plan(100, 20, 1))

    assert refusal.value.code == "components.not_converged"


def test_uncertainty_is_asked_for_flows_that_are_there():
    got = reconcile_blocks(ledger(9, balances=40), Plan(20, 10, 1))

    with pytest.raises(InputError) as refusal:
        got.u_of([160])

    assert refusal.value.code == "components.index"
