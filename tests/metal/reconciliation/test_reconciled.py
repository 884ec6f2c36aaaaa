"""A reconciled book: worked by hand, and indifferent to order, units and how a lot was split."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.metal.reconciliation.reconciled import STANDINGS, Reconciled
from lodeline.metal.reconciliation.reconciled_sums import ReconciledSums
from lodeline.record import metal
from tests.metal.reconciliation.small_reconciled import (
    BUYERS,
    MASSES,
    OTHER_SCALE,
    PARTS,
    SCALE,
    SELLERS,
    arises,
    assayed,
    reconciled,
    record,
    split,
    weighed,
)
from tests.metal.small_book import LOT, MINE, NOBODY, WORKS, on, received, shipped


def made(of: Reconciled, lot: str = LOT) -> int:
    """The first flow of a lot."""
    return int(np.flatnonzero(of.flows.flows["lot"] == of.flows.index(lot))[0])


def test_three_equal_uncertainties_share_the_gap_in_thirds():
    """By hand: 100 in, 60 + 41 out, each ± 1; the gap of 1 kg is shared, a third each, and u is sqrt(2/3)."""
    found = reconciled(
        arises(),
        weighed(2, "100", "1"),
        split(3),
        *(weighed(4, kg, "1", lot=lot) for kg, lot in zip(("60", "41"), PARTS, strict=True)),
    )
    kg = [found.dry.kg[made(found, lot)] for lot in (LOT, *PARTS)]

    np.testing.assert_allclose(kg, [100 + 1 / 3, 60 - 1 / 3, 41 - 1 / 3])
    np.testing.assert_allclose([found.dry.u_kg[made(found, lot)] for lot in (LOT, *PARTS)], math.sqrt(2 / 3))
    assert (found.solution.dof, found.solution.chi2) == (1, pytest.approx(1 / 3))
    assert {STANDINGS[code] for code in found.dry.standing} == {"checked"}


def test_a_wet_weighing_with_its_moisture_is_a_dry_mass():
    """By hand: 1000 ± 2 kg at 8 ± 0.5 % water: 920 kg dry, u² = (0.92·2)² + (1000·0.005)²; nothing checks either."""
    found = reconciled(
        arises(),
        weighed(2, "1000", "2", basis="wet"),
        metal.moisture(on(3), LOT, NOBODY, value=Decimal(8), u=Decimal("0.5"), uom="P1"),
        assayed(4, "50", "0.3"),
    )
    at = made(found)

    assert found.dry.kg[at] == pytest.approx(920)
    assert found.dry.u_kg[at] == pytest.approx(math.hypot(0.92 * 2, 1000 * 0.005))
    assert STANDINGS[found.dry.standing[at]] == "measured"
    antimony = found.element("Sb")
    assert antimony.kg[at] == pytest.approx(460)
    assert antimony.u_kg[at] == pytest.approx(math.sqrt(0.25 * (0.92 * 2) ** 2 + 0.25 * 5**2 + (920 * 0.003) ** 2))
    assert found.solution.dof == 0


def test_two_weighings_of_one_mass_count_by_their_weights():
    """By hand: 100 ± 1 and 103 ± 2: (4·100 + 103) / 5 = 100.6, u = 2 / sqrt(5)."""
    found = reconciled(arises(), weighed(2, "100", "1"), weighed(3, "103", "2"))

    assert found.dry.kg[made(found)] == pytest.approx(100.6)
    assert found.dry.u_kg[made(found)] == pytest.approx(2 / math.sqrt(5))


def test_assays_of_seller_and_buyer_meet_between_them():
    """By hand: 50 ± 0.3 % and 51 ± 0.4 %, no bias known: weights 16 to 9, 50.36 % ± 0.24 %, of 1000 ± 1 kg."""
    found = reconciled(
        arises(),
        weighed(2, "1000", "1"),
        assayed(3, "50", "0.3", by=SELLERS),
        shipped(4),
        received(6),
        assayed(7, "51", "0.4", by=BUYERS, place=WORKS),
    )
    antimony, at = found.element("Sb"), made(found)

    assert antimony.kg[at] == pytest.approx(503.6)
    assert antimony.u_kg[at] == pytest.approx(math.hypot(1000 * 0.0024, 0.5036 * 1))
    assert STANDINGS[antimony.standing[at]] == "measured"  # nothing checks the weighing


def test_a_pair_of_assays_tells_the_difference_of_two_laboratories_and_not_their_mean():
    """By hand: read 50 and 51, reading without error; both biases ± 1 %: half of what they differ by each."""
    records = [record("laboratory", one, bias_u="1") for one in (SELLERS, BUYERS)]
    found = reconciled(
        arises(),
        weighed(2, "1000", "0.001"),
        assayed(3, "50", "0.00001", by=SELLERS),
        assayed(4, "51", "0.00001", by=BUYERS),
        records=records,
    )
    seller, buyer = found.biases()

    # Read 50 = g (1 + s), 51 = g (1 + b): s and b are -, + (51 - 50) / (51 + 50) to first order in the priors.
    assert (seller.value, buyer.value) == (pytest.approx(-1 / 101, rel=0.02), pytest.approx(1 / 101, rel=0.02))
    assert seller.u == pytest.approx(0.01 / math.sqrt(2), rel=0.02)
    assert seller.told == pytest.approx(1 / math.sqrt(2), rel=0.02)


def test_a_scale_that_weighs_everything_tells_nothing_of_its_bias():
    """What went in and came out on one scale is off alike: posterior is prior, and no mass is surer than the scale."""
    records = [record("scale", SCALE, bias_u="5", bias_load="1000")]
    found = reconciled(
        arises(),
        weighed(2, "100", "0.1", device=SCALE),
        split(3),
        *(weighed(4, kg, "0.1", lot=lot, device=SCALE) for kg, lot in zip(("60", "41"), PARTS, strict=True)),
        records=records,
    )
    (bias,) = found.biases()

    assert bias.u == pytest.approx(0.005)
    assert (bias.value, bias.z, bias.told) == (pytest.approx(0), 0, pytest.approx(1))
    assert found.dry.u_kg[made(found)] >= 0.005 * 100 * 0.99


def test_a_thousand_weighings_on_one_scale_do_not_average_its_bias_away():
    records = [record("scale", SCALE, bias_u="5", bias_load="1000")]
    one, many = (
        reconciled(arises(), *(weighed(2, "100", "1", device=SCALE) for _ in range(count)), records=records)
        for count in (1, 1000)
    )

    assert many.dry.u_kg[made(many)] == pytest.approx(math.hypot(0.5, 1 / math.sqrt(1000)), rel=1e-3)
    assert one.dry.u_kg[made(one)] == pytest.approx(math.hypot(0.5, 1), rel=1e-3)


def test_scales_of_one_standard_share_what_it_is_off_by():
    """By hand: two scales without a bias of their own worth the name, one standard ± 0.5 %: the mean keeps 0.5 %."""
    records = [
        *(record("scale", one, bias_u="0.000001", bias_load="1000", standard=MASSES) for one in (SCALE, OTHER_SCALE)),
        record("standard", MASSES, bias_u="0.5"),
    ]
    found = reconciled(
        arises(),
        weighed(2, "100", "0.01", device=SCALE),
        weighed(3, "100", "0.01", device=OTHER_SCALE),
        records=records,
    )

    assert found.dry.u_kg[made(found)] == pytest.approx(math.hypot(0.5, 0.01 / math.sqrt(2)), rel=1e-3)


def test_what_nobody_weighed_has_no_number():
    found = reconciled(arises(), split(3), weighed(4, "60", "1", lot=PARTS[0]))

    assert [math.isnan(found.dry.kg[made(found, lot)]) for lot in (LOT, *PARTS)] == [True, False, True]


kilograms = st.integers(10_000, 90_000).map(lambda grams: Decimal(grams) / 1000)
spreads = st.integers(100, 3000).map(lambda grams: Decimal(grams) / 1000)


@settings(max_examples=15)
@given(masses=st.tuples(kilograms, kilograms), u=st.tuples(spreads, spreads, spreads), more=spreads)
def test_one_more_weighing_never_widens_anything(masses, u, more):
    acts = [
        arises(),
        weighed(2, str(sum(masses)), str(u[0])),
        split(3),
        *(weighed(4, str(kg), str(one), lot=lot) for kg, one, lot in zip(masses, u[1:], PARTS, strict=True)),
    ]
    less = reconciled(*acts)
    all_of_it = reconciled(*acts, weighed(5, str(masses[0] + 1), str(more), lot=PARTS[0]))

    assert (all_of_it.dry.u_kg[:6] <= less.dry.u_kg[:6] * (1 + 1e-9)).all()


@settings(max_examples=10)
@given(order=st.permutations(range(5)), kg=st.tuples(kilograms, kilograms))
def test_the_order_in_which_events_were_recorded_does_not_matter(order, kg):
    acts = [
        arises(),
        weighed(2, str(sum(kg) + 1), "1", device=SCALE),
        split(3),
        *(weighed(4, str(one), "1", lot=lot, device=SCALE) for one, lot in zip(kg, PARTS, strict=True)),
    ]
    records = [record("scale", SCALE, bias_u="5", bias_load="1000")]
    straight, shuffled = reconciled(*acts, records=records), reconciled(*(acts[at] for at in order), records=records)

    for lot in (LOT, *PARTS):
        assert shuffled.dry.kg[made(shuffled, lot)] == pytest.approx(straight.dry.kg[made(straight, lot)], rel=1e-9)
        assert shuffled.dry.u_kg[made(shuffled, lot)] == pytest.approx(straight.dry.u_kg[made(straight, lot)], rel=1e-9)


@settings(max_examples=10)
@given(kg=kilograms, grade=st.integers(5, 60))
def test_a_lot_that_is_split_and_not_weighed_again_holds_what_it_held(kg, grade):
    """The whole, and its parts together, are one figure with one uncertainty, however it was split."""
    acts = [arises(), weighed(2, str(kg), "0.5"), assayed(3, str(grade), "0.3")]
    whole, parted = reconciled(*acts), reconciled(*acts, split(4, (*PARTS, "urn:example:lot:1c")))
    (closing,) = np.flatnonzero(whole.flows.flows["head"] == 1)
    ends = np.flatnonzero(parted.flows.flows["head"] == 1)

    for sums in (ReconciledSums.dry, lambda one: ReconciledSums.element(one, "Sb")):
        one, several = sums(whole).of(np.array([closing])), sums(parted).of(ends)
        assert several.value == pytest.approx(one.value, rel=1e-9)
        assert several.u == pytest.approx(one.u, rel=1e-9)


def test_units_of_the_ticket_do_not_matter():
    acts = [arises(), split(3), *(weighed(4, kg, "1", lot=lot) for kg, lot in zip(("60", "41"), PARTS, strict=True))]
    in_kg = reconciled(*acts, weighed(2, "100", "1"))
    in_t = reconciled(*acts, _in_tonnes(weighed(2, "0.100", "0.001")))

    np.testing.assert_allclose(in_t.dry.kg, in_kg.dry.kg, rtol=1e-12)
    np.testing.assert_allclose(in_t.dry.u_kg, in_kg.dry.u_kg, rtol=1e-12)


def _in_tonnes(event: metal.Event) -> metal.Event:
    (element,) = event["sensorElementList"]
    (report,) = element["sensorReport"]
    return {**event, "sensorElementList": [{"sensorReport": [{**report, "uom": "TNE"}]}]}


def test_what_goes_over_a_road_is_one_dry_mass_unless_a_policy_supposes_a_loss():
    """By hand: 100 ± 1 left and 98 ± 1 came. With nothing supposed both stand; with 1 ± 0.1 % lost they are one."""
    acts = [
        arises(),
        weighed(2, "100", "1"),
        shipped(3),
        received(5),
        weighed(6, "98", "1", place=WORKS),
    ]
    free = reconciled(*acts)
    supposed = reconciled(*acts, policy="[transit]\nloss = {expected = 0.01, u = 0.001}")
    (came,) = np.flatnonzero(free.flows.flows["head"] == 1)

    assert (free.dry.kg[made(free)], free.dry.kg[came]) == (pytest.approx(100), pytest.approx(98))
    sent, arrived = supposed.dry.kg[made(supposed)], supposed.dry.kg[came]
    assert sent - arrived == pytest.approx(0.01 * sent, abs=0.02)
    assert sent == pytest.approx(99.5, abs=0.02)
    assert MINE != WORKS
