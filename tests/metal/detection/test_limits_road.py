"""Limits of the road: dry mass stays, water may go, and what came in several loads is one consignment."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from lodeline.metal.detection.limits.consignments import Uncounted
from lodeline.metal.detection.limits.context import Given
from lodeline.metal.policy import Loss
from tests.metal.detection.small_limits import (
    FAR,
    MINE_SCALE,
    WORKS_LAB,
    WORKS_SCALE,
    coded,
    comes,
    consignment,
    dried,
    found,
    leaves,
    lot,
    mined,
    read,
)
from tests.metal.small_book import MINE, WORKS

DRY, WET = "dry mass on the road", "wet mass on the road"


def test_forty_five_kilograms_of_dry_mass_are_missing_by_hand():
    """900 kg left (1000 at 10 %), 855 came (900 at 5 %).

    u^2 = (0.9 * 3)^2 + (1000 * 0.002)^2 + (0.95 * 3)^2 + (900 * 0.002)^2 = 7.29 + 4 + 8.1225 + 3.24 = 22.6525.
    """
    (one,) = found(*consignment(1, 1, sent="1000", came="900", water=("10", "5")), only=[DRY]).suspicions

    assert (one.code, one.weight) == ("metal.dry_mass_on_road", "strong")
    assert one.kg == pytest.approx(45)
    assert one.kg_u == pytest.approx(22.6525**0.5)
    assert one.z == pytest.approx(-45 / 22.6525**0.5)
    assert one.entries == (2, 3, 4, 5, 6)  # both weighings, both moistures, and the two ends of the road
    assert one.instruments[:2] == (MINE_SCALE, WORKS_SCALE)


def test_water_may_go_on_the_road_and_dry_mass_is_what_it_was():
    """1000 kg at 10 % and 947.4 kg at 5 % are both 900 kg of dry mass."""
    assert found(*consignment(1, 1, sent="1000", came="947", water=("10", "5")), only=[DRY]).suspicions == ()


def test_a_loss_that_the_policy_expects_is_none():
    """Of 900 kg it expects 45 to go, give or take 9: u^2 = 22.6525 + 81 less what the share that stays leaves of it."""
    supposed = msgspec.structs.replace(FAR, loss=Loss(expected=Decimal("0.05"), u=Decimal("0.01")))
    lost = consignment(1, 1, sent="1000", came="900", water=("10", "5"))

    assert found(*lost, policy=supposed, only=[DRY]).suspicions == ()
    less = found(*consignment(1, 1, sent="1000", came="800", water=("10", "5")), policy=supposed, only=[DRY])
    (one,) = less.suspicions
    # 760 kg came of 855 expected; u^2 = (0.95 * 0.9 * 3)^2 + (950 * 0.002)^2 + (0.95 * 3)^2 + (800 * 0.002)^2 + 9^2
    assert one.z == pytest.approx(-95 / (6.579225 + 3.61 + 8.1225 + 2.56 + 81) ** 0.5)


def test_the_biases_of_scales_add_to_what_may_differ():
    """0.2 % of 900 kg and 0.1 % of 855 kg: 3.24 + 0.731 more."""
    lost = consignment(1, 1, sent="1000", came="900", water=("10", "5"))
    given = Given(scale_u={MINE_SCALE: 0.002, WORKS_SCALE: 0.001})
    (one,) = found(*lost, given=given, only=[DRY]).suspicions

    assert one.z == pytest.approx(-45 / (22.6525 + 1.8**2 + 0.855**2) ** 0.5)


def test_loads_of_one_consignment_are_summed():
    """Three loads of 300 kg are the 900 kg that left, and two of them are 300 kg too little."""
    whole = found(*consignment(1, 1, sent="900", came=["300", "300", "300"]), only=[DRY])
    part = found(*consignment(1, 1, sent="900", came=["300", "300"]), only=[DRY])

    assert (whole.suspicions, whole.compared[DRY]) == ((), 1)
    (one,) = part.suspicions
    assert one.kg == pytest.approx(270)
    # u^2 = (0.9 * 3)^2 + (900 * 0.002)^2 + 2 (0.9 * 3)^2 + (600 * 0.002)^2
    assert one.z == pytest.approx(-270 / (3 * 7.29 + 3.24 + 1.44) ** 0.5)


def test_a_receipt_that_was_not_counted_came_all_the_same():
    """The books hold 900 kg; a receipt of 300 kg more is one too many, or was not."""
    again = Uncounted(99, lot(1), ("urn:example:desadv:1",), 300.0, 3.0, "wet")
    twice = found(*consignment(1, 1, sent="900", came="900"), given=Given(uncounted=(again,)), only=[DRY])
    whole = found(*consignment(1, 1, sent="1200", came="900"), given=Given(uncounted=(again,)), only=[DRY])

    (one,) = twice.suspicions
    assert one.kg == pytest.approx(270)
    assert 99 in one.entries
    assert "not counted" in one.sentence
    assert whole.suspicions == ()


def test_a_ticket_without_an_uncertainty_is_as_sure_as_the_worst_of_its_scale_and_the_evidence_weak():
    others = [event for number in (2, 3) for event in consignment(number, number, sent="1000", came="1000", u="4")]
    lost = found(*consignment(1, 1, sent="1000", came="900", u=None), *others, only=[DRY])
    alone = found(*consignment(1, 1, sent="1000", came="900", u=None), only=[DRY])

    (one,) = lost.suspicions
    # 90 kg of dry mass; u^2 = 2 (0.9 * 4)^2 + (1000 * 0.002)^2 + (900 * 0.002)^2
    assert one.z == pytest.approx(-90 / (2 * 12.96 + 4 + 3.24) ** 0.5)
    assert one.weight == "weak"
    assert (alone.suspicions, alone.compared[DRY]) == ((), 0)
    assert "left with a mass of unknown uncertainty" in alone.unbound[DRY]


def test_a_lot_that_left_on_two_trucks_weighs_what_it_weighed_before():
    """The first truck was declared and not weighed; both together bring 300 kg less than the lot had."""
    bills = ("urn:example:desadv:a", "urn:example:desadv:b")
    events = [
        mined(1, lot(1)),
        read(1.1, lot(1), "1000", "3", MINE, MINE_SCALE),
        dried(1.2, lot(1), "10", "0.2", MINE, "urn:example:lab:mine"),
        leaves(1.3, lot(1), bills[0], "480"),
        leaves(1.4, lot(1), bills[1]),
        comes(2, lot(1), bills[0], "500", "3"),
        comes(2.1, lot(1), bills[1], "200", "3"),
        dried(2.2, lot(1), "10", "0.2", WORKS, WORKS_LAB),
    ]
    (one,) = found(*events, only=[DRY]).suspicions

    assert one.kg == pytest.approx(270)
    # u^2 = 3 (0.9 * 3)^2 + (1000 * 0.002)^2 + (700 * 0.002)^2
    assert one.z == pytest.approx(-270 / (3 * 7.29 + 4 + 1.96) ** 0.5)


def usual(*last: str, count: int = 12) -> list:
    """Consignments that nobody dried at the mine, of which each lost about 2 % of its mass, and the last ones."""
    came = [str(980 + one) for one in (-3, 2, 0, 4, -1, 1, -4, 3, 0, -2, 2, -2)[:count]] + list(last)
    return [
        event
        for number, kg in enumerate(came, 1)
        for event in consignment(number, number, sent="1000", came=kg, water=(None, "10"))
    ]


def test_without_a_moisture_a_consignment_is_compared_with_others_of_its_road():
    lost = found(*usual("900"), only=[WET])
    (one,) = lost.suspicions

    assert (one.code, one.lots) == ("metal.wet_mass_on_road", (lot(13),))
    assert one.kg == pytest.approx(80)  # of the 980 kg that are usual
    # The readings explain the spread: u^2 = (0.98 * 3)^2 + 3^2 + pi / 2 * 2 * 3^2 / 13.
    assert one.z == pytest.approx(-80 / (8.6436 + 9 + 28.2743 / 13) ** 0.5, rel=1e-4)
    assert found(*usual("975"), only=[WET]).suspicions == ()


def test_a_road_that_is_hardly_used_has_nothing_usual():
    few = found(*usual(count=4), only=[WET])

    assert few.compared[WET] == 0
    assert sum(few.unbound[WET].values()) == 4
    assert coded(few, "metal.wet_mass_on_road") == []


def test_what_was_weighed_at_one_end_says_nothing_of_the_road():
    one_end = found(*consignment(1, 1, sent="1000", came=None), only=[DRY, WET])

    assert one_end.compared == {DRY: 0, WET: 0}
    assert one_end.unbound[DRY] == {"have not arrived": 1}
