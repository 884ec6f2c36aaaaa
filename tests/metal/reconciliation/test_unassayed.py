"""Splits and blends without an assay: what is known of their masses, and what of their contents."""

from __future__ import annotations

import numpy as np
import pytest

from lodeline.metal.flows.words import FLOW
from lodeline.metal.reconciliation.reconciled import Reconciled
from lodeline.metal.reconciliation.reconciled_sums import ReconciledSums
from lodeline.record import metal
from lodeline.record.metal import Act
from tests.metal.reconciliation.small_reconciled import PARTS, arises, assayed, reconciled, split, weighed
from tests.metal.small_book import LOT, MINE, WORKS, on, received, shipped
from tests.metal.small_book import kg as amount

A, B = PARTS


def flow(of: Reconciled, lot: str, act: str) -> int:
    """The flow of a lot."""
    table, name = of.flows.flows, of.flows.index(lot)
    (found,) = np.flatnonzero((table["lot"] == name) & (table["kind"] == FLOW[act]))
    return int(found)


def kg(of: Reconciled, lot: str, act: str = "process_out") -> tuple[float, float]:
    """The dry mass of a lot, and its uncertainty."""
    row = flow(of, lot, act)
    return float(of.dry.kg[row]), float(of.dry.u_kg[row])


def test_a_split_without_any_assay_reconciles_as_mass():
    """By hand: 100, 60 and 41, each to 1, share the gap in thirds, though no element is known at all."""
    found = reconciled(
        arises(), weighed(2, "100", "1"), split(3), weighed(4, "60", "1", lot=A), weighed(4, "41", "1", lot=B)
    )

    assert kg(found, LOT, "process_in") == (pytest.approx(100 + 1 / 3), pytest.approx(np.sqrt(2 / 3)))
    assert kg(found, A) == (pytest.approx(60 - 1 / 3), pytest.approx(np.sqrt(2 / 3)))
    assert kg(found, B) == (pytest.approx(41 - 1 / 3), pytest.approx(np.sqrt(2 / 3)))
    assert found.elements == ()


def test_an_assay_of_the_whole_is_one_of_its_parts_and_the_other_way_round():
    """Parts of a split are like the whole: one assay of either says what is in all three."""
    acts = (arises(), weighed(2, "100", "1"), split(3), weighed(4, "60", "1", lot=A), weighed(4, "41", "1", lot=B))
    for lot, day in ((LOT, 2), (A, 4)):
        found = reconciled(*acts, assayed(day, "50", "1", lot=lot))
        sb = found.element("Sb").kg
        assert sb[flow(found, LOT, "process_in")] == pytest.approx(0.5 * (100 + 1 / 3))
        assert sb[flow(found, B, "process_out")] == pytest.approx(0.5 * (41 - 1 / 3))


OTHER, BLEND = "urn:example:lot:2", "urn:example:lot:blend"
BLENDED = (
    arises(),
    arises(OTHER),
    weighed(2, "60", "0.1"),
    weighed(2, "40", "0.1", lot=OTHER),
    assayed(2, "50", "0.1"),
    assayed(2, "20", "0.1", lot=OTHER),
    metal.transformation(
        Act(at=on(3).at, place=MINE),
        process="blend",
        inputs=[amount(None, LOT), amount(None, OTHER)],
        outputs=[amount(None, BLEND)],
        basis=None,
        made=None,
        transformation_id=None,
    ),
    split(4, lot=BLEND),
    weighed(5, "70", "0.1", lot=A),
)
"""Two assayed lots are blended, and the blend is split and one of its parts weighed. Nobody assays it."""


def test_of_a_blend_that_nobody_assayed_the_whole_is_known_and_so_are_its_parts():
    """By hand: 60 at 50 % and 40 at 20 % are 38 of 100, so a part of 70 has 26.6.

    u(g)² = 0.01 (0.0012² + 0.0018²) + 0.001² (0.6² + 0.4²), and of the part 70² u(g)² + 0.38² 0.01.
    """
    found = reconciled(*BLENDED)
    sums = ReconciledSums.element(found, "Sb")
    whole = sums.of(np.array([flow(found, BLEND, "process_out")]))
    part = sums.of(np.array([flow(found, A, "process_out")]))
    grade_u2 = 0.01 * (0.0012**2 + 0.0018**2) + 0.001**2 * (0.6**2 + 0.4**2)

    assert whole.value == pytest.approx(38.0)
    assert kg(found, B) == (pytest.approx(30.0), pytest.approx(np.sqrt(0.03), rel=1e-3))
    assert (part.value, part.standing) == (pytest.approx(26.6), "computed")
    assert part.u == pytest.approx(np.sqrt(70**2 * grade_u2 + 0.38**2 * 0.01), rel=1e-3)


def test_of_a_blend_of_which_one_lot_was_never_assayed_nothing_is_known_but_its_mass():
    """What the unassayed lot has nobody can tell, so neither can the blend nor a part of it be told."""
    found = reconciled(*(act for number, act in enumerate(BLENDED) if number != 5))
    part = ReconciledSums.element(found, "Sb").of(np.array([flow(found, A, "process_out")]))

    assert kg(found, A)[0] == pytest.approx(70.0)
    assert (part.value, part.standing) == (None, "unknown")
    assert {act.act for act in part.settle} == {"assay"}


def test_an_unassayed_lot_of_which_some_is_lost_on_the_road_is_of_one_grade_throughout():
    """By hand: of 100 that hold 38 a part of 70 is shipped and 63 arrive: 23.94 came and 2.66 were lost."""
    landed = weighed(9, "63", "0.1", lot=A, place=WORKS)
    found = reconciled(*BLENDED, shipped(6, lot=A), received(8, lot=A), landed)
    sums = ReconciledSums.element(found, "Sb")
    came = sums.of(np.array([flow(found, A, "receive")]))

    assert came.value == pytest.approx(23.94, rel=1e-3)


def test_one_assay_of_a_part_of_a_blend_makes_all_its_parts_known():
    """By hand: 38 % in every part, by the balance and by the assay alike."""
    found = reconciled(*BLENDED, assayed(5, "38", "0.1", lot=A))
    sums = ReconciledSums.element(found, "Sb")

    for lot, expected in ((A, 26.6), (B, 11.4)):
        assert sums.of(np.array([flow(found, lot, "process_out")])).value == pytest.approx(expected)
