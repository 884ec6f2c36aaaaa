"""Sums of reconciled masses: with what readings have in common, and known where only the total is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.metal.flows.words import CLOSING, FLOW
from lodeline.metal.reconciliation.reconciled import Reconciled
from lodeline.metal.reconciliation.reconciled_sums import ReconciledSums
from lodeline.record import metal
from lodeline.record.metal import Amount, Made
from tests.metal.reconciliation.small_reconciled import (
    PARTS,
    SCALE,
    arises,
    assayed,
    reconciled,
    record,
    split,
    weighed,
)
from tests.metal.small_book import LOT, kg, on

NONE = np.zeros(0, dtype=np.int64)
SPLIT = (
    arises(),
    weighed(2, "100", "1"),
    split(3),
    weighed(4, "60", "1", lot=PARTS[0]),
    weighed(4, "41", "1", lot=PARTS[1]),
)


def of_lot(one: Reconciled, lot: str) -> np.ndarray:
    return np.flatnonzero(one.flows.flows["lot"] == one.flows.index(lot))


def held(one: Reconciled) -> np.ndarray:
    return np.flatnonzero(one.flows.flows["head"] == CLOSING)


def test_what_is_held_together_is_surer_than_its_parts_apart():
    """By hand: the parts have u = sqrt(2/3) each and a covariance of -1/3: together u is that of the whole."""
    found = reconciled(*SPLIT)
    whole, parts = of_lot(found, LOT)[:1], held(found)
    sums = ReconciledSums.dry(found)

    assert sums.of(parts).value == pytest.approx(100 + 1 / 3)
    assert sums.of(parts).u == pytest.approx(math.sqrt(2 / 3))
    assert sums.of(parts).standing == "checked"
    apart = sums.of(parts[:1], parts[1:])
    assert apart.value == pytest.approx(19)
    assert apart.u == pytest.approx(math.sqrt(2 / 3 + 2 / 3 + 2 / 3))
    nothing = sums.of(whole, parts)
    assert (nothing.value, nothing.u) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))


def test_nothing_sums_to_nothing_and_what_stands_on_both_sides_cancels():
    found = reconciled(arises(), split(3), weighed(4, "60", "1", lot=PARTS[0]))
    everything = np.arange(found.flows.flows.rows)
    dry = ReconciledSums.dry(found)

    for figure in (dry.of(NONE), dry.of(everything, everything)):
        assert (figure.value, figure.u, figure.standing) == (0, 0, "computed")
    assert dry.of(everything).value is None


def test_a_sum_is_known_although_its_parts_are_not():
    """100 ± 1 went into a split and nobody weighed what came out: each part is unknown, and both together are 100."""
    found = reconciled(*SPLIT[:3])
    parts = held(found)
    one, both = ReconciledSums.dry(found).of_many([(parts[:1], NONE), (parts, NONE)])

    assert (one.standing, one.value, one.u) == ("unknown", None, None)
    assert one.settle[0].act == "weighing"
    assert one.settle[0].subject in PARTS
    assert (both.value, both.u, both.standing) == (pytest.approx(100), pytest.approx(1), "computed")


def test_what_a_scale_is_off_by_does_not_average_away_in_a_sum():
    """By hand: ten lots of 100 kg on one scale known to 0.5 %: together 1000 ± 5 kg, and ± 0.1 sqrt(10) besides."""
    lots = [f"urn:example:lot:{number}" for number in range(10)]
    found = reconciled(
        *(act for lot in lots for act in (arises(lot), weighed(2, "100", "0.1", lot=lot, device=SCALE))),
        records=[record("scale", SCALE, bias_u="5", bias_load="1000")],
    )
    total = ReconciledSums.dry(found).of(held(found))

    assert total.value == pytest.approx(1000)
    assert total.u == pytest.approx(math.hypot(5, 0.1 * math.sqrt(10)), rel=1e-4)
    assert total.standing == "measured"


def test_an_element_over_several_lots_of_one_assay_shares_the_assay():
    """By hand: parts of 60 and 41 kg, both of the assay of the whole, 50 ± 1 %: u² = 0.25 u(D)² + (D 0.01)²."""
    found = reconciled(*SPLIT, assayed(2, "50", "1"))
    total = ReconciledSums.element(found, "Sb").of(held(found))
    dry = 100 + 1 / 3

    assert total.value == pytest.approx(dry / 2)
    assert total.u == pytest.approx(math.sqrt(0.25 * 2 / 3 + (dry * 0.01) ** 2))
    assert total.standing == "measured"  # nothing checks the assay


def test_a_group_counts_its_members_as_they_are_named():
    """By hand: 100 kg at 10 % Nd: as Nd2O3 it is 10 / 0.857 kg."""
    from lodeline.chemistry.species import species

    found = reconciled(arises(), weighed(2, "100", "1"), assayed(3, "10", "0.1", of="Nd"))
    plain = ReconciledSums.element(found, "Nd").of(held(found))
    oxide = ReconciledSums.group(found, ["Nd2O3"]).of(held(found))
    factor = float(species("Nd2O3").element_factor)

    assert oxide.value == pytest.approx(plain.value / factor)
    assert oxide.u == pytest.approx(plain.u / factor)


def test_an_unassayed_lot_is_at_least_nothing_and_says_what_would_settle_it():
    other = "urn:example:lot:2"
    found = reconciled(
        arises(), weighed(2, "100", "1"), assayed(3, "50", "1"), arises(other), weighed(2, "10", "1", lot=other)
    )
    sums = ReconciledSums.element(found, "Sb")
    alone, together = sums.of(of_lot(found, other)[-1:]), sums.of(held(found))

    assert (alone.standing, alone.low) == ("unknown", None)
    assert [(one.act, one.subject) for one in alone.settle] == [("assay", other)]
    assert (together.standing, together.value, together.low) == ("bounded", None, pytest.approx(50))
    assert [(one.act, one.subject) for one in together.settle] == [("assay", other)]
    less = sums.of(NONE, held(found))
    assert (less.low, less.high) == (None, pytest.approx(-50))


def test_what_came_into_a_yard_and_left_it_is_nothing_whatever_was_in_it():
    """Nobody assayed it, and what came is what went: its content cancels as its mass does."""
    found = reconciled(*SPLIT, assayed(2, "50", "1", of="Cu"), elements=("Cu", "Sb"))
    figure = ReconciledSums.element(found, "Sb").of(of_lot(found, LOT)[:1], held(found))

    assert (figure.value, figure.u) == (0, 0)
    assert ReconciledSums.element(found, "Sb").of(held(found)).value is None


def test_an_element_that_was_left_out_is_refused():
    found = reconciled(*SPLIT, assayed(2, "50", "1"))

    assert ReconciledSums.element(found, "Sb").of(held(found)).known
    with pytest.raises(InputError) as refused:
        ReconciledSums.element(found, "Cu")
    assert refused.value.code == "reconcile.element_left_out"
    with pytest.raises(InputError, match=r"flows\.group_empty"):
        ReconciledSums.group(found, [])


def test_sums_of_flows_are_those_of_the_estimates():
    """Two routes: flow by flow, and as sums of one flow each."""
    works = metal.transformation(
        on(5), process="smelt", inputs=[kg(None, PARTS[0])], outputs=[Amount("urn:example:lot:metal")], basis=None,
        made=Made(stage="refined"),
    )  # fmt: skip
    found = reconciled(
        *SPLIT, assayed(2, "50", "1"), works, weighed(6, "29", "0.1", lot="urn:example:lot:metal"),
        assayed(6, "99", "0.1", lot="urn:example:lot:metal"),
    )  # fmt: skip
    rows = np.arange(found.flows.flows.rows)
    for estimate, sums in (
        (found.dry, ReconciledSums.dry(found)),
        (found.element("Sb"), ReconciledSums.element(found, "Sb")),
    ):
        figures = sums.of_many([(rows[at : at + 1], NONE) for at in rows])
        np.testing.assert_allclose([np.nan if one.value is None else one.value for one in figures], estimate.kg)
        np.testing.assert_allclose([np.nan if one.u is None else one.u for one in figures], estimate.u_kg)
    assert (found.flows.flows["kind"] == FLOW["process_in"]).any()
