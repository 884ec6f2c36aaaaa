"""Oxide as element: a number that is too large by the factor of an oxide is told from one that is just wrong."""

from __future__ import annotations

from decimal import Decimal
from math import log
from typing import Any

import msgspec
import pytest

from lodeline.chemistry.species import species
from lodeline.metal.detection.limits.context import Given
from tests.metal.detection.small_limits import (
    FAR,
    MINE_LAB,
    WORKS_LAB,
    assayed,
    by,
    comes,
    found,
    leaves,
    lot,
    mined,
    process,
    read,
)
from tests.metal.small_book import MINE, WORKS

ONLY = ["oxide as element"]
FACTOR = float(1 / species("Sb2O3").element_factor)
"""1.1971: kilograms of Sb2O3 per kilogram of Sb."""


def pair(here: tuple[str, str], there: tuple[str, str], number: int = 1) -> list[Any]:
    """One lot, assayed at both ends of a road: species and percent, each by 1 % of itself."""
    one, bill = lot(number), f"urn:example:desadv:{number}"
    events = [mined(number, one)]
    for when, (name, value), place, laboratory in (
        (0.1, here, MINE, MINE_LAB),
        (0.4, there, WORKS, WORKS_LAB),
    ):
        u = f"{Decimal(value) / 100}"
        rank = "provisional" if place == MINE else "final"
        of = by(laboratory, f"{place[-4:]}-{number}", rank)
        events.append(assayed(number + when, one, [(name, value, u)], place, of))
        if place == MINE:
            events += [leaves(number + 0.2, one, bill), comes(number + 0.3, one, bill)]
    return events


def test_the_number_of_an_oxide_under_the_name_of_its_element_by_hand():
    """50 % Sb is 59.86 % Sb2O3. As the element it is ln(59.86 / 50) = 0.18 off, of sqrt(2) * 0.01: 12.7.

    The likelihood ratio is e^(z^2 / 2) where the factor fits exactly.
    """
    wrong = f"{50 * FACTOR:.2f}"
    (one,) = found(*pair(("Sb", "50"), ("Sb", wrong)), only=ONLY).suspicions

    assert (one.code, one.element, one.weight) == ("metal.oxide_as_element", "Sb", "strong")
    assert one.z == pytest.approx(log(float(wrong) / 50) / (2 * 0.01**2) ** 0.5, rel=1e-3)
    assert "Sb2O3" in one.sentence
    assert f"e^{one.z**2 / 2:.1f}" in one.sentence
    assert "orks-1" in one.sentence  # the certificate with the larger number


def test_an_element_under_the_name_of_its_oxide_is_found_too():
    """59.86 % Sb2O3 and 50 % Sb2O3: the second is the number of the element."""
    (one,) = found(*pair(("Sb2O3", f"{50 * FACTOR:.2f}"), ("Sb2O3", "50")), only=ONLY).suspicions

    assert "fits as one for Sb" in one.sentence


def test_oxides_and_elements_that_agree_are_in_order():
    right = f"{50 * FACTOR:.2f}"

    assert found(*pair(("Sb", "50"), ("Sb2O3", right)), only=ONLY).suspicions == ()
    assert found(*pair(("Sb", "50"), ("Sb", "51")), only=ONLY).suspicions == ()


def test_a_number_that_is_wrong_by_no_factor_is_no_oxide():
    """1.1 is eight standard uncertainties short of 1.197, and seven from 1."""
    assert found(*pair(("Sb", "50"), ("Sb", "55")), only=ONLY).suspicions == ()


def test_the_bias_that_laboratories_may_have_makes_a_factor_less_sure():
    events = pair(("Sb", "50"), ("Sb", f"{50 * FACTOR:.2f}"))
    given = Given(laboratory_u={MINE_LAB: 0.02, WORKS_LAB: 0.02})
    (one,) = found(*events, given=given, only=ONLY).suspicions

    assert one.z == pytest.approx(log(FACTOR) / (2 * (0.01**2 + 0.02**2)) ** 0.5, rel=1e-3)


@pytest.mark.parametrize("meant", ["Nd2O3", "Pr6O11", "CeO2", "CuO", "U3O8"])
def test_any_species_of_the_tables_is_known(meant: str):
    said, factor = species(meant).symbol, float(1 / species(meant).element_factor)
    (one,) = found(*pair((said, "20"), (said, f"{20 * factor:.3f}")), only=ONLY).suspicions

    assert f"fits as one for {meant}" in one.sentence


def test_what_could_not_show_is_not_looked_for_and_said_so():
    """By 40 % of itself each, a factor of 1.14 for thorium is a quarter of a standard uncertainty: lost among forty."""
    events = []
    for number in range(1, 21):
        events += [
            mined(number, lot(number)),
            assayed(number + 0.1, lot(number), [("Th", "0.01", "0.004")], MINE, by(MINE_LAB, f"m{number}")),
            assayed(number + 0.2, lot(number), [("Th", "0.0114", "0.004")], MINE, by(WORKS_LAB, f"w{number}")),
        ]
    of = found(*events, only=ONLY)

    assert of.suspicions == ()
    assert of.compared["oxide as element"] == 0
    assert of.unbound["oxide as element"]["determinations in which a mistaken species would not show"] == 40


def milled(number: int, fed: str, made: str, left: str) -> list[Any]:
    """1000 kg of feed become 300 kg of concentrate and 690 kg of tailings, each assayed once, by 1 % of itself."""
    feed, good, poor = lot(number), f"urn:example:metal:{number}", f"urn:example:tailings:{number}"
    events = [
        mined(number, feed),
        read(number + 0.1, feed, "1000", "1", MINE, None, basis="dry"),
        *process(number + 0.3, f"urn:example:run:{number}", "concentrate", [feed],
                 [(good, "300", "1"), (poor, "690", "1")], MINE),
    ]  # fmt: skip
    for when, one, grade in ((0.2, feed, fed), (0.7, good, made), (0.8, poor, left)):
        line = ("Sb", grade, f"{Decimal(grade) / 100}")
        events.append(assayed(number + when, one, [line], MINE, by(MINE_LAB, f"{one[-1:]}-{when}-{number}")))
    return events


def test_the_balance_over_a_process_betrays_a_certificate_that_stands_alone():
    """The feed of the seventh run holds 20 % more than ever comes out of it: its number is that of the oxide."""
    events = [event for number in range(1, 7) for event in milled(number, "16.2", "50", "1.7")]
    wrong = milled(7, f"{16.2 * FACTOR:.2f}", "50", "1.7")
    (one,) = found(*events, *wrong, only=ONLY).suspicions

    assert (one.lots, one.weight) == ((lot(7),), "strong")
    assert "Sb2O3" in one.sentence
    assert found(*events, *milled(7, "16.4", "50", "1.7"), only=ONLY).suspicions == ()


def test_lots_of_one_blend_are_not_told_from_each_other():
    """Four like lots go into each blend; one of the last four has the number of the oxide, and which, nothing says."""
    events: list[Any] = []
    for number in range(1, 9):
        lots = [lot(10 * number + one) for one in range(4)]
        blend = f"urn:example:blend:{number}"
        for one in lots:
            grade = "59.86" if one == lot(82) else "50"
            events += [
                mined(number, one),
                read(number + 0.05, one, "100", "0.1", MINE, None, basis="dry"),
                assayed(number + 0.1, one, [("Sb", grade, "0.1")], MINE, by(MINE_LAB, one[-2:])),
            ]
        events += process(number + 0.3, f"urn:example:run:{number}", "blend", lots, [(blend, "400", "0.1")], MINE)
        events.append(assayed(number + 0.7, blend, [("Sb", "50", "0.1")], MINE, by(MINE_LAB, f"b{number}")))
    (one,) = found(*events, only=ONLY).suspicions

    assert set(one.lots) == {lot(number) for number in (80, 81, 82, 83)}
    assert "3 other determinations" in one.sentence


def test_a_run_without_its_like_has_nothing_usual():
    of = found(*milled(1, "16.2", "50", "1.7"), only=ONLY)

    assert of.unbound["oxide as element"]["processes with too few of their kind to say what is usual"] == 1


def test_without_a_probability_of_false_alarms_it_is_a_note_with_its_probability():
    silent = msgspec.structs.replace(FAR, false_alarms=None)
    (one,) = found(*pair(("Sb", "50"), ("Sb", f"{50 * FACTOR:.2f}")), policy=silent, only=ONLY).suspicions

    assert one.weight == "note"
    assert one.p is not None
    assert one.p < 1e-30
