"""Remarks: what was left out, what cannot be told and what does not fit is said, and nothing else is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lodeline.metal.policy import Policy
from lodeline.metal.reconciliation.reconciled import Reconciled
from lodeline.metal.reconciliation.remarks import p_value, parts, remarks
from lodeline.record import metal
from lodeline.record.metal import Reading
from tests.metal.reconciliation.small_reconciled import (
    OTHER_SCALE,
    PARTS,
    SCALE,
    arises,
    assayed,
    reconciled,
    record,
    split,
    weighed,
)
from tests.metal.small_book import LOT, MINE, on

ALARM = Policy(false_alarms=Decimal("0.01"))
BIASES = [record("scale", one, bias_u="1", bias_load="1000") for one in (SCALE, OTHER_SCALE)]


def said(of: Reconciled, policy: Policy = ALARM) -> dict[str, str]:
    """The weight of each code."""
    return {one.code: one.weight for one in remarks(of, policy)}


def pairs(off: str, count: int = 8) -> list[metal.Event]:
    """Lots weighed on two scales, the second off by a part of the mass."""
    lots = [f"urn:example:lot:{number}" for number in range(count)]
    other = Decimal(1000) * (1 + Decimal(off))
    return [
        act
        for lot in lots
        for act in (
            arises(lot),
            weighed(2, "1000", "0.5", lot=lot, device=SCALE),
            weighed(3, f"{other:f}", "0.5", lot=lot, device=OTHER_SCALE),
        )
    ]


def test_a_book_in_which_all_is_well_says_nothing():
    found = reconciled(
        arises(),
        weighed(2, "100", "1", device=SCALE),
        split(3),
        *(weighed(4, "50", "1", lot=lot, device=OTHER_SCALE) for lot in PARTS),
        records=[record("scale", one, bias_u="1", bias_load="100") for one in (SCALE, OTHER_SCALE)],
    )

    assert said(found) == {}
    assert parts(found) == (6,)
    assert p_value(found) == pytest.approx(1)


def test_readings_without_an_uncertainty_or_a_basis_are_left_out_and_said_by_instrument():
    found = reconciled(
        arises(),
        weighed(2, "100", "1"),
        weighed(3, "100", None, device=SCALE),
        weighed(3, "101", None, device=SCALE),
        metal.weighing(
            on(4),
            LOT,
            [Reading(weight="net", value=Decimal(100), u=Decimal(1), uom="KGM", basis=None, device=OTHER_SCALE)],
        ),
    )
    by_code = {one.code: one for one in remarks(found, ALARM)}

    assert by_code["reconcile.no_uncertainty"].entries == (3, 4)
    assert by_code["reconcile.no_uncertainty"].instruments == (SCALE,)
    assert "2 weighings" in by_code["reconcile.no_uncertainty"].sentence
    assert by_code["reconcile.no_basis"].entries == (5,)
    assert [one.act for one in by_code["reconcile.no_uncertainty"].settle] == ["policy"]
    assert {"reconcile.no_uncertainty", "reconcile.no_basis"} & set(
        said(reconciled(arises(), weighed(2, "1", "1")))
    ) == set()


def test_an_instrument_of_whose_bias_nothing_is_known_is_named():
    acts = [arises(), weighed(2, "100", "1", device=SCALE)]

    assert said(reconciled(*acts)) == {"reconcile.bias_unknown": "note"}
    assert "reconcile.bias_unknown" not in said(reconciled(*acts, records=BIASES))
    assert "reconcile.bias_unknown" not in said(reconciled(*acts, policy="[uncertainty.bias]\nscale = 0.001"))


def test_a_bias_that_the_data_do_not_tell_is_said_and_one_that_they_do_is_not():
    alone = reconciled(arises(), weighed(2, "100", "1", device=SCALE), records=BIASES)
    both = reconciled(*pairs("0"), records=BIASES)

    assert said(alone) == {"reconcile.bias_untold": "note"}
    assert "reconcile.bias_untold" not in said(both)


def test_a_bias_far_from_its_prior_is_evidence_in_kilograms():
    """By hand: eight lots of 1000 kg, one scale 2 % above the other, each known to 0.1 %: 1 % of 8 t is 80 kg."""
    found = [
        one for one in remarks(reconciled(*pairs("0.02"), records=BIASES), ALARM) if one.code == "reconcile.bias_far"
    ]

    assert {one.instruments for one in found} == {(SCALE,), (OTHER_SCALE,)}
    assert {one.weight for one in found} == {"strong"}
    for one in found:
        assert one.kg == pytest.approx(80, rel=0.05)
        assert abs(one.z) > 10
        assert len(one.entries) == 8
        assert one.family_p >= one.p
    assert "reconcile.bias_far" not in said(reconciled(*pairs("0.001"), records=BIASES))


def test_without_a_policy_a_far_bias_is_a_note_with_its_probability():
    weights = {one.weight for one in remarks(reconciled(*pairs("0.02"), records=BIASES), Policy())}

    assert weights == {"note"}


def test_one_reading_that_is_wrong_is_no_bias():
    acts = pairs("0", 8)
    wrong = weighed(3, "1050", "0.5", lot="urn:example:lot:0", device=OTHER_SCALE)
    found = said(reconciled(*acts[:2], wrong, *acts[3:], records=BIASES))

    assert "reconcile.bias_far" not in found
    assert found["reconcile.rejected"] == "strong"
    assert "reconcile.rejected" not in said(reconciled(*acts, records=BIASES))


def test_masses_that_nothing_determines_are_said_with_what_would_tell_them():
    found = {
        one.code: one for one in remarks(reconciled(arises(), split(3), weighed(4, "60", "1", lot=PARTS[0])), ALARM)
    }

    assert "2 of 3 dry masses" in found["reconcile.unobservable"].sentence
    assert [one.subject for one in found["reconcile.unobservable"].settle] == [LOT, PARTS[1]]


def test_a_book_in_parts_says_so_unless_an_instrument_joins_them():
    acts = [
        act
        for lot in (LOT, "urn:example:lot:2")
        for act in (
            arises(lot),
            weighed(2, "100", "1", lot=lot, device=SCALE),
            assayed(3, "50", "1", lot=lot, place=MINE),
        )
    ]

    assert said(reconciled(*acts))["reconcile.in_parts"] == "note"
    assert parts(reconciled(*acts)) == (2, 2)
    assert "reconcile.in_parts" not in said(reconciled(*acts, records=BIASES))
