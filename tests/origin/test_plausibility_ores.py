"""Loads held against the ore of another deposit that master data know: the mass in all, and which ore it is like."""

from __future__ import annotations

import numpy as np
import pytest

from lodeline.book.attributes import ore_grades
from lodeline.book.doubting import OF_ALL
from lodeline.book.register import read_master
from lodeline.errors import MasterDataError
from lodeline.metal.ore_grades import ore_grade
from lodeline.origin.plausibility_composition import LEAST_LOTS, LOTS_PER_ELEMENT
from lodeline.origin.plausibility_ores import NO_ORE, NOTHING_SHARED, known_ores, like_known_ore
from tests.metal.detection.small_limits import flows_of, lot
from tests.origin.test_plausibility import DEPOSIT, coded, found, history, loads

OTHER = "urn:example:deposit:2"
ORE = {("deposit", OTHER): {"grades": ["Sb 10 % ± 12 %", "As 0.6 % ± 12 %", "Bi 0.03 % ± 12 %"]}}
FAMILY = "mass of ore like another deposit's"
LOTS, HELD = 60, slice(20, 32)
"""Lots that hold the other ore."""


def passed_off(part: float, seed: int = 1) -> np.ndarray:
    """60 lots of 1,000 kg, of which a dozen hold a part of the other ore."""
    grades = history(LOTS, seed=seed)
    grades[HELD] = (1 - part) * grades[HELD] + part * np.array([10, 0.6, 0.03])
    return grades


def test_ore_that_no_load_shows_by_itself_is_found_in_all_with_its_mass_and_its_name():
    """A quarter of twelve loads is 3 t: nothing is named of any, and nothing is said unless the ore is known."""
    grades = passed_off(0.25)
    without, of = found(*loads(grades)), found(*loads(grades), master=ORE)
    (one,) = coded(of, "origin.foreign_mass")

    assert without.suspicions == ()
    assert (one.code in OF_ALL, one.weight) == (True, "strong")
    assert one.kg is not None
    assert one.kg_u is not None
    assert abs(one.kg - 3_000) < 2 * one.kg_u
    assert len(set(one.lots) & {lot(number) for number in range(LOTS)[HELD]}) >= 10
    assert f"What is declared to be from {DEPOSIT} holds some 3 ± " in one.sentence
    assert f"t of ore like that of {OTHER} (Sb 10 %, As 0.6 %, Bi 0.03 %)" in one.sentence
    assert of.compared[FAMILY] == 1


def test_sound_deposits_are_like_no_other_ore():
    """Thirty of them, with the grades going together and not."""
    for seed in range(30):
        grades = history(seed=seed + 100)
        if seed % 2:
            grades = np.array([10.0, 0.2, 0.01]) * np.exp(np.random.default_rng(seed).normal(0, 0.15, grades.shape))
        of = like_known_ore(flows_of(*loads(grades)), ORE, LEAST_LOTS, LOTS_PER_ELEMENT)
        assert (of.number, of.p.size) == (1, 0)


def test_one_odd_lot_of_a_sound_deposit_is_no_foreign_ore():
    """A lot with half as much again of both traces is odd, and a single one is named by its grades or not at all."""
    grades = history(seed=3)
    grades[20] = [10, 0.31, 0.0155]

    assert coded(found(*loads(grades), master=ORE), "origin.foreign_mass") == []


def test_a_deposit_is_not_held_against_itself_nor_where_nothing_is_shared_or_known():
    own = {("deposit", DEPOSIT): ORE["deposit", OTHER]}
    other = {("deposit", OTHER): {"grades": ["Cu 2 % ± 12 %"]}}

    assert found(*loads(passed_off(0.25)), master=own).compared[FAMILY] == 0
    assert found(*loads(passed_off(0.25)), master=other).unbound[FAMILY] == {NOTHING_SHARED: 1}
    assert found(*loads(passed_off(0.25))).unbound[FAMILY] == {NO_ORE: 1}


def test_only_elements_that_both_have_are_held_against_each_other():
    """Of bismuth nothing is known of the other ore, and copper was not assayed: arsenic tells it all the same."""
    master = {("deposit", OTHER): {"grades": [*ORE["deposit", OTHER]["grades"][:2], "Cu 1 % ± 9 %"]}}
    (one,) = coded(found(*loads(passed_off(0.3)), master=master), "origin.foreign_mass")

    assert "(Sb 10 %, As 0.6 %)" in one.sentence


def test_grades_of_an_ore_are_read_as_they_are_written_and_what_is_none_is_refused():
    text = "As 0.42 % +- 12 %; Sb 10% ± 5.5%"

    assert ore_grades(text) == ["As 0.42 % ± 12 %", "Sb 10 % ± 5.5 %"]
    assert ore_grades(["As 0.42 % +/- 12 %"]) == ["As 0.42 % ± 12 %"]
    known = known_ores({("deposit", OTHER): {"grades": ore_grades(text)}, ("deposit", DEPOSIT): {}})
    assert dict(known[OTHER].grade) == {"As": pytest.approx(0.0042), "Sb": pytest.approx(0.1)}
    assert dict(known[OTHER].relative_sd) == {"As": pytest.approx(0.12), "Sb": pytest.approx(0.055)}
    for flaw, code in (
        ("As 0.42", "value"), ("As 0 % ± 12 %", "value"), ("As 101 % ± 12 %", "value"), ("As 1 % ± 0 %", "value"),
        ("Xx 1 % ± 1 %", "element"),
    ):  # fmt: skip
        with pytest.raises(MasterDataError) as refusal:
            ore_grade(flaw)
        assert refusal.value.code == f"register.{code}"
    for listed in ("As 1 % ± 1 %;As 2 % ± 1 %", [], 5):
        with pytest.raises(MasterDataError) as refusal:
            ore_grades(listed)
        assert refusal.value.code == "register.value"


def test_the_master_data_of_a_deposit_take_grades_as_toml_and_as_a_table():
    head = f'[[deposit]]\nid = "{OTHER}"\nname = "Other"\ncountry = "AF"\n'
    (by_toml,) = read_master((head + 'grades = ["As 0.6 % ± 12 %", "Bi 0.03 % ± 12 %"]\n').encode(), name="m.toml")
    rows = f"kind,id,name,country,grades\ndeposit,{OTHER},Other,AF,As 0.6 % +- 12 %;Bi 0.03 % +- 12 %\n"
    (by_csv,) = read_master(rows.encode(), name="m.csv")

    assert by_toml.attributes["grades"] == by_csv.attributes["grades"] == ["As 0.6 % ± 12 %", "Bi 0.03 % ± 12 %"]
