"""Judging: what a difference counts for among many, and a limit of one's own beside the others."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, t

from lodeline.metal.detection.limits.context import Context
from lodeline.metal.detection.limits.judging import (
    Compared,
    Judge,
    both_tails,
    both_tails_of_few,
    holm,
    nothing,
    ranked,
    upper_tail,
)
from lodeline.metal.detection.limits.limits import LIMITS, Limit, limits
from lodeline.metal.detection.limits.usual import LEAST, as_normal, log_density, spread, usual
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.metal.flows.flows import Flows
from lodeline.metal.flows.words import FLOW
from lodeline.metal.policy import Policy
from tests.metal.detection.small_limits import FAR, consignment, flows_of

ALARM = Decimal("0.01")


def test_holm_by_hand():
    """Of four: 4 * 0.01, then 3 * 0.02, then at least that, then at most one."""
    assert holm(np.array([0.02, 0.01, 0.9, 0.025]), 4).tolist() == [0.06, 0.04, 0.9, 0.06]


def test_candidates_count_among_all_comparisons():
    assert holm(np.array([0.001, np.nan]), 100) == pytest.approx([0.1, np.nan], nan_ok=True)


@given(st.lists(st.floats(1e-12, 1), min_size=1, max_size=30), st.integers(0, 50))
def test_the_bound_is_never_below_p_and_keeps_the_order(p, more):
    found = np.array(p)
    bound = holm(found, found.size + more)

    assert (bound >= np.minimum(found, 1)).all()
    assert (bound <= 1).all()
    order = np.argsort(found, kind="stable")
    assert (np.diff(bound[order]) >= 0).all()


def test_tails_are_those_of_the_normal_and_of_students_t_and_never_zero():
    z = np.array([-3.0, 0.5, 4.0])

    assert both_tails(z) == pytest.approx(2 * norm.sf(abs(z)))
    assert upper_tail(z) == pytest.approx(norm.sf(z))
    assert both_tails_of_few(z, np.array([5.0, 5.0, 5.0])) == pytest.approx(2 * t.sf(abs(z), 5))
    assert upper_tail(np.array([500.0]))[0] > 0
    assert np.isnan(both_tails(np.array([np.nan]))).all()


def one(p: float, number: int = 1) -> Compared:
    return Compared(number, np.array([5.0]), np.array([p]), lambda _: Suspicion(code="metal.x", sentence="x"), {})


def test_strong_is_beyond_all_limits_and_weak_beyond_its_own():
    """0.001 of two comparisons is 0.002 of its limit, and with four limits 0.008; 0.004 is 0.008 and 0.032."""
    judge = Judge(ALARM)

    assert [found.weight for found in judge.judged(one(0.001, 2), 4)] == ["strong"]
    assert [found.weight for found in judge.judged(one(0.004, 2), 4)] == ["weak"]
    assert judge.judged(one(0.006, 2), 4) == ()
    (found,) = judge.judged(one(0.001, 2), 4)
    assert (found.p, found.family_p, found.compared) == (0.001, 0.002, 2)


def test_a_reader_may_want_more_weak_ones():
    assert [found.weight for found in Judge(ALARM, weak=0.5).judged(one(0.05, 2), 4)] == ["weak"]
    assert Judge(ALARM, weak=0.5).judged(one(0.07, 2), 4) == ()


def test_without_a_probability_what_chance_gives_less_than_once_is_a_note():
    assert [found.weight for found in Judge(None).judged(one(0.4, 2), 4)] == ["note"]
    assert Judge(None).judged(one(0.6, 2), 4) == ()


def test_what_has_no_probability_is_weak_and_what_was_supposed_is_at_most_that():
    unsure = one(1e-9)._replace(told=lambda _: Suspicion(code="metal.x", sentence="x", weight="weak"))

    assert [found.weight for found in Judge(ALARM).judged(one(np.nan), 1)] == ["weak"]
    assert [found.weight for found in Judge(ALARM).judged(unsure, 1)] == ["weak"]


def test_the_strongest_evidence_comes_first():
    made = [
        Suspicion(code="metal.a", sentence="x", weight="weak", family_p=1e-9, z=1.0),
        Suspicion(code="metal.b", sentence="x", weight="strong", family_p=1e-3, z=3.0),
        Suspicion(code="metal.c", sentence="x", weight="strong", family_p=1e-9, z=6.0),
        Suspicion(code="metal.d", sentence="x", weight="weak"),
    ]

    assert [one.code for one in ranked(made)] == ["metal.c", "metal.b", "metal.a", "metal.d"]


def test_a_limit_of_ones_own_needs_one_function_and_one_row():
    """No lot may be declared at exactly 777 kg."""

    def sevens(flows: Flows, policy: Policy, context: Context) -> Compared:
        rows = np.flatnonzero(flows.flows["kind"] == FLOW["ship"])
        if not rows.size:
            return nothing("shipments")
        found = np.flatnonzero(flows.flows["mass_kg"][rows] == 777)

        def told(place: int) -> Suspicion:
            return Suspicion(code="metal.sevens", sentence="A shipment weighs 777 kg.", kg=777.0)

        return Compared(rows.size, np.full(found.size, 9.0), np.full(found.size, 1e-9), told, {})

    rows = (*LIMITS, Limit("sevens", sevens))
    of = limits(flows_of(*consignment(1, 1, sent="777", came="777")), FAR, rows=rows)
    none = limits(flows_of(), FAR, rows=rows)

    assert [(found.code, found.weight, found.compared) for found in of.suspicions] == [("metal.sevens", "strong", 1)]
    assert none.unbound["sevens"] == {"shipments": 1}


def test_an_empty_book_has_nothing_to_bind_to_and_says_so_limit_by_limit():
    of = limits(flows_of(), FAR)

    assert of.suspicions == ()
    assert set(of.compared.values()) == {0}
    assert set(of.unbound) >= {"capacity", "recovery", "assays too alike", "instruments", "overdue on the road"}


def test_the_order_in_which_events_were_recorded_makes_no_difference():
    events = [event for number in range(1, 9) for event in consignment(number, number, sent="1000", came="940")]
    forward, backward = limits(flows_of(*events), FAR), limits(flows_of(*reversed(events)), FAR)

    assert [(one.code, one.lots, one.weight) for one in forward.suspicions] == [
        (one.code, one.lots, one.weight) for one in backward.suspicions
    ]
    assert [one.z for one in forward.suspicions] == pytest.approx([one.z for one in backward.suspicions])


def test_the_spread_of_a_normal_sample_is_its_standard_deviation_whatever_half_of_it_is():
    rng = np.random.Generator(np.random.PCG64(7))
    for count in (7, 20, 400, 3000):
        found = [spread(rng.normal(0, 2, count)).sd for _ in range(200 if count < 1000 else 10)]
        assert np.mean(found) == pytest.approx(2, rel=0.08)
    values = rng.normal(0, 2, 40)
    values[:15] += 1000
    assert spread(values).sd < 8


def test_what_is_usual_is_the_median_of_those_of_ones_kind():
    x = np.array([1.0, 1.1, 0.9, 1.05, 0.95, 9.0, 5.0])
    found = usual(x, np.full(7, 0.01), np.array([0, 0, 0, 0, 0, 0, 1]))

    assert found.x[5] == pytest.approx(9 - 1.025)
    assert np.isnan(found.x[6])  # alone of its kind
    assert LEAST == 5


def test_a_normal_variable_that_is_as_unlikely():
    z, freedom = np.array([-4.0, 4.0, 4.0]), np.array([6.0, 6.0, np.inf])

    assert norm.sf(as_normal(z, freedom)[1]) == pytest.approx(t.sf(4, 6))
    assert as_normal(z, freedom)[0] == -as_normal(z, freedom)[1]
    assert as_normal(z, freedom)[2] == 4
    ratio = log_density(np.array([1.0, 1.0]), np.array([6.0, np.inf])) - log_density(
        np.zeros(2), np.array([6.0, np.inf])
    )
    assert ratio == pytest.approx([t.logpdf(1, 6) - t.logpdf(0, 6), -0.5])


def test_more_of_a_difference_is_never_weaker_evidence():
    """Adding kilograms to what is missing makes p smaller."""
    p = []
    for came in ("980", "960", "940"):
        silent = msgspec.structs.replace(FAR, false_alarms=None)
        of = limits(flows_of(*consignment(1, 1, sent="1000", came=came)), silent)
        p += [one.p for one in of.suspicions if one.code == "metal.dry_mass_on_road"]

    assert p == sorted(p, reverse=True)
    assert len(p) == 3
