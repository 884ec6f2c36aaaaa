"""Chance and matter of the synthetic programme: the same draws everywhere, and nothing made or lost on the way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.examples.programme.chance import Chance, streams
from lodeline.examples.programme.matter import COMPONENTS, OXYGEN, Recovery, by_element, dry_mg, share
from lodeline.examples.programme.tables import ELEMENTS, REST, tables

masses = st.lists(st.integers(0, 10**13), min_size=COMPONENTS, max_size=COMPONENTS)


def chance(seed: int = 1) -> Chance:
    return streams(seed, 200, ["only"])["only"]


def test_the_first_draws_of_a_seed_are_these_on_every_machine():
    drawn = streams(7, 200, ["a", "b"])

    assert [drawn["a"].unit() for _ in range(3)] == [0.5100768177263745, 0.6149733640578346, 0.07559044745307053]
    assert [drawn["b"].normal() for _ in range(4)] == [-0.5540508, 0.4172044, 0.3687339, 1.0771397]


def test_normal_numbers_are_normal():
    drawn = chance()
    found = np.array([drawn.normal() for _ in range(100_000)])

    assert found.mean() == pytest.approx(0, abs=0.015)
    assert found.std() == pytest.approx(1, abs=0.01)
    assert (np.abs(found) > 1.96).mean() == pytest.approx(0.05, abs=0.004)


def test_each_doubling_of_a_size_is_as_likely_as_the_next():
    drawn = chance()
    found = np.floor(np.log2([drawn.size(4) for _ in range(20_000)])).astype(int)

    assert set(found) == {0, 1, 2, 3}
    assert np.bincount(found) == pytest.approx(5000, rel=0.06)


@pytest.mark.parametrize("plant", list(tables().plants))
@given(first=masses, second=masses, seed=st.integers(0, 50))
def test_a_plant_makes_and_loses_nothing_by_itself(plant, first, second, seed):
    """Outlets and loss are the charge, source by source and component by component, and none is below zero."""
    charge = np.zeros((len(tables().sources), COMPONENTS), dtype=np.int64)
    charge[0], charge[3] = first, second
    out, lost = Recovery(tables().plants[plant]).outputs(charge, chance(seed))

    assert (sum(out, lost) == charge).all()
    assert all((one >= 0).all() for one in (*out, lost))


@pytest.mark.parametrize("plant", list(tables().plants))
def test_the_parts_of_a_plant_leave_room_for_its_losses(plant):
    recovery = Recovery(tables().plants[plant])

    assert (recovery.parts >= 0).all()
    assert (recovery.lost >= 0).all()


def test_an_oxide_weighs_what_its_formula_says():
    """By hand: 1 kg of Nd binds 3 * 15.999 / (2 * 144.24) = 0.16638 kg of oxygen."""
    charge = np.zeros((len(tables().sources), COMPONENTS), dtype=np.int64)
    charge[0, ELEMENTS.index("Nd")] = 10**12
    charge[0, REST] = 10**13
    plant = tables().plants["refinery"]
    out, _ = Recovery(plant).outputs(charge, chance())
    oxide = next(one for outlet, one in zip(plant.outlet, out, strict=True) if outlet.oxide)

    neodymium, rest = by_element(oxide)[ELEMENTS.index("Nd")], by_element(oxide)[REST]
    assert rest / neodymium == pytest.approx(0.16638, rel=1e-4)
    assert OXYGEN[ELEMENTS.index("Nd")] == pytest.approx(0.16638, rel=1e-4)


@given(matter=masses, part=st.floats(0, 1))
def test_a_share_is_never_more_than_its_part(matter, part):
    whole = np.array([matter], dtype=np.int64)
    taken = share(whole, part)

    assert (taken >= 0).all()
    assert (taken <= whole).all()
    assert dry_mg(taken) + dry_mg(whole - taken) == dry_mg(whole)
