"""Limits of instruments: what explains many consignments at once is an instrument, what explains one is that one."""

from __future__ import annotations

import msgspec
import pytest

from lodeline.metal.detection.limits.context import Given
from tests.metal.detection.small_limits import (
    FAR,
    MINE_LAB,
    MINE_SCALE,
    WORKS_LAB,
    WORKS_SCALE,
    assayed,
    by,
    coded,
    comes,
    consignment,
    found,
    leaves,
    lot,
    mined,
)
from tests.metal.small_book import MINE, WORKS

ALL = ["dry mass on the road", "wet mass on the road", "element on the road", "instruments"]


def many(water: list[str], came: list[str] | None = None, sent: str = "1000") -> list:
    """A consignment a day, dried to so much at the works, and to 10 % at the mine."""
    came = came or [sent] * len(water)
    return [
        event
        for number, (percent, kg) in enumerate(zip(water, came, strict=True), 1)
        for event in consignment(number, number, sent=sent, came=kg, water=("10", percent))
    ]


# Moistures as they scatter about 10 %, by hand: their mean is 10.0.
SOUND = ["10.1", "9.8", "10.2", "9.9", "10.0", "10.1", "9.9", "10.2", "9.8", "10.0"]


def test_moistures_of_one_laboratory_that_run_away_are_one_finding_and_no_loss_of_mass():
    """From the 11th to the 20th it finds more and more, up to 3 % too much: 15 of its standard uncertainties."""
    away = [f"{10 + 0.3 * step:.1f}" for step in range(1, 11)]
    of = found(*many([*SOUND, *away]), only=ALL)

    (one,) = of.suspicions
    assert (one.code, one.weight) == ("metal.moisture_drift", "strong")
    assert set(one.instruments) == {WORKS_LAB, MINE_LAB}  # of two that differ either may be off
    assert set(one.lots) >= {lot(number) for number in range(13, 21)}
    assert "went away" in one.sentence


def test_moistures_that_scatter_as_they_should_have_not_run_away():
    of = found(*many(SOUND * 2), only=ALL)

    assert of.suspicions == ()
    assert of.compared["instruments"] > 0


def test_a_scale_that_is_off_for_a_time_is_one_finding_by_hand():
    """Ten of twenty consignments weigh 5 % too much at the works, and the moistures agree.

    One is 45 kg of dry mass more, in u^2 = 2 (0.9 * 3)^2 + 1000^2 0.002^2 + 1050^2 0.002^2 = 22.99; a kilogram that the
    works read too much is 0.9 kg of it. The moistures agree on the water, so that what they tell of it says nothing.
    """
    heavy = found(*many(["10"] * 20, ["1000"] * 10 + ["1050"] * 10), only=ALL)

    (one,) = heavy.suspicions
    assert (one.code, one.weight) == ("metal.scale_off", "strong")
    assert set(one.instruments) == {WORKS_SCALE, MINE_SCALE}  # the one read too much, or the other too little
    assert set(one.lots) == {lot(number) for number in range(11, 21)}
    assert one.kg == pytest.approx(10 * 50, rel=0.05)


def test_the_prior_of_a_scale_says_what_it_may_be_off_by():
    """What is 5 % off is no finding of a scale that may be so."""
    heavy = many(["10"] * 20, ["1000"] * 10 + ["1050"] * 10)
    blunt = Given(scale_u={WORKS_SCALE: 0.05, MINE_SCALE: 0.05})

    assert found(*heavy, given=blunt, only=ALL).suspicions == ()


def test_one_lost_load_does_not_look_like_a_scale():
    of = found(*many(["10"] * 20, ["1000"] * 12 + ["700"] + ["1000"] * 7), only=ALL)

    (one,) = of.suspicions
    assert (one.code, one.lots) == ("metal.dry_mass_on_road", (lot(13),))


def test_a_lost_load_among_those_of_a_scale_that_is_off_is_told_beside_it():
    """The scale reads 1.05 times the truth: where it read 750 came 714.3 kg, and 257.1 kg of dry mass are missing."""
    came = ["1000"] * 10 + ["1050"] * 5 + ["750"] + ["1050"] * 5
    of = found(*many(["10"] * 21, came), only=ALL)

    assert {one.code for one in of.suspicions} == {"metal.scale_off", "metal.dry_mass_on_road"}
    (lost,) = coded(of, "metal.dry_mass_on_road")
    assert lost.lots == (lot(16),)
    assert lost.kg == pytest.approx(0.9 * (1000 - 750 / 1.05), rel=1e-3)


def test_one_wrong_moisture_is_no_drift():
    of = found(*many([*SOUND, "14", *SOUND]), only=ALL)

    (one,) = of.suspicions
    assert (one.code, one.lots) == ("metal.one_reading_off", (lot(11),))  # what the masses say of the water agrees
    assert set(one.instruments) == {WORKS_LAB, MINE_LAB}


def test_without_a_probability_of_false_alarms_the_furthest_is_a_note_and_nothing_is_explained_away():
    silent = msgspec.structs.replace(FAR, false_alarms=None)
    of = found(*many(["10"] * 20, ["1000"] * 10 + ["1050"] * 10), policy=silent, only=ALL)

    assert {one.weight for one in of.suspicions} == {"note"}
    assert len(coded(of, "metal.scale_off")) == 1
    assert len(coded(of, "metal.dry_mass_on_road")) == 10
    assert all(one.p is not None and one.family_p is not None for one in of.suspicions)


def graded(grades: list[str], method: str = "fusion") -> list:
    """A consignment a day of 50 % Sb at the mine, and of so much at the works."""
    events = []
    for number, grade in enumerate(grades, 1):
        one, bill = lot(number), f"urn:example:desadv:{number}"
        events += [
            mined(number, one),
            assayed(number + 0.1, one, [("Sb", "50", "0.3")], MINE, by(MINE_LAB, f"m{number}", "provisional")),
            leaves(number + 0.2, one, bill, "1000"),
            comes(number + 0.3, one, bill, "1000", "3"),
            assayed(number + 0.4, one, [("Sb", grade, "0.3")], WORKS, by(WORKS_LAB, f"w{number}", method=method)),
        ]
    return events


def test_a_laboratory_that_finds_too_much_for_a_time_is_one_finding():
    right, wrong = ["50.1", "49.8", "50.2", "49.9", "50"], ["53", "53.2", "52.9", "53.1", "52.8"]
    high = found(*graded(right * 2 + wrong * 2), only=ALL)

    (one,) = high.suspicions
    assert (one.code, one.element, one.weight) == ("metal.laboratory_off", "Sb", "strong")
    assert set(one.lots) == {lot(number) for number in range(11, 21)}
    assert set(one.instruments) == {WORKS_LAB, MINE_LAB}  # of two that differ either may be off
    assert found(*graded(right * 4), only=ALL).suspicions == ()


def test_one_grade_that_differs_is_that_consignments():
    """ln(54 / 50) by two certificates of 0.6 and 0.3 / 54."""
    of = found(*graded(["50.1", "49.8", "54", "49.9", "50"]), only=ALL)

    (one,) = of.suspicions
    assert (one.code, one.lots, one.element) == ("metal.element_on_road", (lot(3),), "Sb")
    assert one.z == pytest.approx(0.0769610 / ((0.3 / 50) ** 2 + (0.3 / 54) ** 2) ** 0.5, rel=1e-4)
    assert found(*graded(["50.1", "49.8", "50.5", "49.9", "50"]), only=ALL).suspicions == ()


def test_a_road_without_roads_has_no_instruments_to_compare():
    of = found(*consignment(1, 1, sent="1000", came=None), only=ALL)

    assert of.compared["instruments"] == of.compared["element on the road"] == 0
    assert "instruments with a reading that another one checked" in of.unbound["instruments"]
    assert "consignments with an assay at both ends" in of.unbound["element on the road"]
