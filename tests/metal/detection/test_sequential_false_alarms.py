"""Limits and their false alarms, and what the tests find of a loss; every simulation has its seed and its error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtr

from lodeline.errors import InputError
from lodeline.metal.detection.sequential import false_alarms
from lodeline.metal.detection.sequential.false_alarms import alarm_rate, find_limit, given_limit
from lodeline.metal.detection.sequential.muf import Muf, muf
from lodeline.metal.detection.sequential.run_length import alarm_probability
from lodeline.metal.detection.sequential.sequential import CumufTest, GemufTest, MufTest, PageTest, SitmufTest
from lodeline.metal.detection.sequential.stocks import Measured, from_stocks

RUNS = 20_000
EVERY = [
    MufTest("loss"),
    MufTest("both"),
    CumufTest("loss"),
    CumufTest("both"),
    SitmufTest("loss"),
    SitmufTest("both"),
    PageTest("loss", 0.5),
    PageTest("both", 0.25),
    GemufTest(),
]


def year(bias_u: float) -> Muf:
    """Twelve months: stocks and net masses to 1 t each, and one bias that all net masses share."""
    stock = Measured(np.zeros(13), np.full(13, 1e3), np.zeros((13, 1)))
    net = Measured(np.zeros(12), np.full(12, 1e3), np.ones((12, 1)))
    return from_stocks(stock, net, np.array([bias_u]))


def seeded(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def found(test, account: Muf, seed: int = 1, probability: float = 0.05):
    return find_limit(test, account, probability=probability, runs=RUNS, generator=seeded(seed))


@pytest.mark.parametrize("bias_u", [0.0, 500.0])
@pytest.mark.parametrize("test", EVERY, ids=str)
def test_every_limit_achieves_the_false_alarms_that_were_wanted(test, bias_u):
    limit = found(test, year(bias_u), seed=20264)

    assert limit.achieved == pytest.approx(0.05, abs=3 * math.hypot(limit.achieved_u, limit.probability_u))
    assert limit.how == ("exact" if isinstance(test, SitmufTest | PageTest) else "simulated")
    assert (limit.probability, limit.periods, limit.runs) == (0.05, 12, RUNS)


@pytest.mark.parametrize("sides", ["loss", "both"])
def test_without_shared_stocks_the_simulated_limit_of_muf_is_the_exact_one_of_sitmuf(sides):
    """Second route: where MUFs are independent, each is its own SITMUF."""
    account = muf(np.zeros(12), np.diag(np.arange(1.0, 13.0)))

    simulated, exact = found(MufTest(sides), account), found(SitmufTest(sides), account)

    true = given_limit(SitmufTest(sides), account, value=simulated.value, runs=1, generator=seeded(1)).probability
    assert true == pytest.approx(0.05, abs=3 * simulated.probability_u)
    assert simulated.value == pytest.approx(exact.value, abs=0.05)


@pytest.mark.parametrize("probability", [0.001, 0.05, 0.5])
@pytest.mark.parametrize("test", [t for t in EVERY if isinstance(t, SitmufTest | PageTest)], ids=str)
def test_an_exact_limit_that_is_given_back_has_the_probability_it_was_found_for(test, probability):
    limit = found(test, year(0.0), probability=probability)

    again = given_limit(test, year(0.0), value=limit.value, runs=1, generator=seeded(1))

    assert again.probability == pytest.approx(probability, rel=1e-6)
    assert (again.how, again.probability_u) == ("given", 0)


def test_three_sigma_of_one_period_by_hand():
    one = muf(np.zeros(1), np.eye(1))

    loss = given_limit(SitmufTest("loss"), one, value=3, runs=1, generator=seeded(1))
    both = given_limit(SitmufTest("both"), one, value=3, runs=1, generator=seeded(1))

    assert loss.probability == pytest.approx(0.0013498980316)
    assert both.probability == pytest.approx(0.0026997960633)
    assert given_limit(SitmufTest("both"), one, value=0, runs=1, generator=seeded(1)).probability == 1


def test_a_given_limit_without_a_formula_is_simulated_twice():
    """Of three sigma over one period the chance is known, so that the simulation can be judged."""
    limit = given_limit(MufTest("loss"), muf(np.zeros(1), np.eye(1)), value=2, runs=RUNS, generator=seeded(3))

    assert limit.probability == pytest.approx(ndtr(-2.0), abs=3 * limit.probability_u)
    assert limit.achieved == pytest.approx(ndtr(-2.0), abs=3 * limit.achieved_u)
    assert limit.probability != limit.achieved


@pytest.mark.parametrize("bias_u", [0.0, 500.0])
def test_pages_test_finds_a_protracted_loss_better_than_single_mufs(bias_u):
    account = year(bias_u)
    loss = np.full(12, 6 * account.kg_u[0] / 12)
    power = {}
    for test in (MufTest("loss"), PageTest("loss", 0.25)):
        rate = alarm_rate(test, account, found(test, account), loss_kg=loss, runs=RUNS, generator=seeded(5))
        power[type(test)] = rate

    page, single = power[PageTest], power[MufTest]
    assert page.value > single.value + 3 * math.hypot(page.u, single.u)
    assert page.value > 1.5 * single.value


def test_a_loss_in_one_period_is_found_by_its_muf_and_in_that_period():
    account = year(500.0)
    loss = np.zeros(12)
    loss[5] = 6 * account.kg_u[5]

    limit = found(MufTest("loss"), account)
    rate = alarm_rate(MufTest("loss"), account, limit, loss_kg=loss, runs=RUNS, generator=seeded(6))

    assert rate.value > 0.99
    assert rate.by_period[4] < 0.05
    assert rate.by_period[5] > 0.99


def test_a_loss_from_the_start_is_found_best_by_the_running_sum_or_page_where_no_bias_is_shared():
    """R. Avenhaus, J. Jaech (1981): the sum of all MUF is the best test of an even loss; GEMUF pays for asking all."""
    account = year(0.0)
    loss = np.full(12, 6 * account.kg_u[0] / 12)
    power = {
        type(test): alarm_rate(test, account, found(test, account), loss_kg=loss, runs=RUNS, generator=seeded(7)).value
        for test in (CumufTest("loss"), PageTest("loss", 0.25), SitmufTest("loss"), GemufTest())
    }

    assert min(power[CumufTest], power[PageTest]) > max(power[SitmufTest], power[GemufTest]) + 0.2


def test_the_power_of_one_period_is_that_of_a_normal_value():
    """By hand: 3 sigma lost, limit 2: the chance that a standard value is above -1."""
    one = muf(np.zeros(1), np.array([[4.0]]))
    limit = given_limit(MufTest("loss"), one, value=2, runs=1, generator=seeded(1))

    rate = alarm_rate(MufTest("loss"), one, limit, loss_kg=np.array([6.0]), runs=RUNS, generator=seeded(8))

    assert rate.value == pytest.approx(ndtr(1.0), abs=3 * rate.u)


@pytest.mark.parametrize("sides", ["loss", "both"])
def test_the_power_of_pages_test_is_that_of_its_run_length(sides):
    """Second route: where nothing is shared, an even loss is a shift of every SITMUF."""
    account, test = muf(np.zeros(12), np.eye(12)), PageTest(sides, 0.5)
    limit = given_limit(test, account, value=4, runs=1, generator=seeded(1))

    rate = alarm_rate(test, account, limit, loss_kg=np.full(12, 0.6), runs=RUNS, generator=seeded(9))

    exact = alarm_probability(12, k=0.5, h=4, sides=sides, shift=0.6)
    assert (np.abs(rate.by_period - exact) <= 4 * np.sqrt(exact * (1 - exact) / RUNS) + 1e-12).all()


def test_what_is_lost_in_an_unknown_period_shows_in_the_value_that_covers_it():
    kg, covariance = np.array([0.0, math.nan, 0.0]), np.diag([1.0, math.nan, 1.0])
    carried, unseen = muf(kg, covariance), muf(kg, covariance, first=np.array([0, -1, 2]))
    loss = np.array([0.0, 9.0, 0.0])

    powers = []
    for account in (carried, unseen):
        limit = found(MufTest("loss"), account)
        assert limit.periods == 2
        rate = alarm_rate(MufTest("loss"), account, limit, loss_kg=loss, runs=RUNS, generator=seeded(10))
        assert math.isnan(rate.by_period[1])
        powers.append(rate.value)

    assert powers[0] > 0.999
    assert powers[1] == pytest.approx(0.05, abs=0.01)


def test_the_same_seed_gives_the_same_limit_however_it_is_cut_into_blocks(monkeypatch):
    once = found(CumufTest("both"), year(500.0), seed=11)
    monkeypatch.setattr(false_alarms, "BLOCK", 777)

    assert found(CumufTest("both"), year(500.0), seed=11) == once
    assert found(CumufTest("both"), year(500.0), seed=12) != once


def test_a_rate_without_any_alarm_has_an_error_all_the_same():
    one = muf(np.zeros(1), np.eye(1))
    limit = given_limit(SitmufTest("loss"), one, value=9, runs=100, generator=seeded(1))

    assert limit.achieved == 0
    assert 0 < limit.achieved_u < 0.01


def test_the_limit_of_a_plan_serves_an_account_that_has_just_begun():
    account, plan = muf(np.zeros(2), np.eye(2)), year(0.0)

    rate = alarm_rate(
        PageTest("loss", 0.5),
        account,
        found(PageTest("loss", 0.5), plan),
        loss_kg=np.zeros(2),
        runs=RUNS,
        generator=seeded(13),
    )

    assert rate.value < 0.05


@pytest.mark.parametrize(
    ("code", "ask"),
    [
        ("sequential.probability", lambda a: found(MufTest("loss"), a, probability=0)),
        ("sequential.probability", lambda a: found(MufTest("loss"), a, probability=math.nan)),
        ("sequential.runs", lambda a: find_limit(GemufTest(), a, probability=0.05, runs=19, generator=seeded(1))),
        ("sequential.runs", lambda a: given_limit(GemufTest(), a, value=2, runs=0, generator=seeded(1))),
        (
            "sequential.decision_limit",
            lambda a: given_limit(GemufTest(), a, value=math.inf, runs=9, generator=seeded(1)),
        ),
        ("sequential.no_limit", lambda a: found(PageTest("loss", 5.0), a)),
        ("sequential.nothing_known", lambda a: found(MufTest("loss"), muf(a.kg * math.nan, a.covariance_kg2))),
    ],
)
def test_a_limit_that_cannot_be_found_is_refused(code, ask):
    with pytest.raises(InputError) as refusal:
        ask(year(0.0))

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("code", "loss_kg", "runs", "periods"),
    [
        ("sequential.shape", np.zeros(11), 10, 12),
        ("sequential.not_finite", np.full(12, math.nan), 10, 12),
        ("sequential.runs", np.zeros(12), 0, 12),
        ("sequential.limit_too_short", np.zeros(12), 10, 11),
    ],
)
def test_a_rate_that_cannot_be_simulated_is_refused(code, loss_kg, runs, periods):
    limit = found(SitmufTest("loss"), muf(np.zeros(periods), np.eye(periods)))

    with pytest.raises(InputError) as refusal:
        alarm_rate(SitmufTest("loss"), year(0.0), limit, loss_kg=loss_kg, runs=runs, generator=seeded(1))

    assert refusal.value.code == code


def test_as_few_sequences_as_expect_one_alarm_are_enough():
    assert find_limit(MufTest("loss"), year(0.0), probability=0.05, runs=20, generator=seeded(1)).runs == 20
