"""In a synthetic programme the loads that are mostly foreign are named, and no other load is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import lodeline
from lodeline.book.finding import Evidence
from lodeline.book.view import View
from lodeline.examples.programme import programme
from lodeline.origin.plausibility import Plausible, plausibility

SEED = 8  # three loads are planted, from nine tenths to whole


def searched(path: Path, *faults: str) -> tuple[Plausible, dict[str, float]]:
    with lodeline.create(path, title="Programme", by="test") as made:
        truth = programme(400, seed=SEED, faults=faults).build(made)
        evidence = Evidence(made._store, View(made._store, None))
        found = plausibility(evidence.flows, evidence.policy, evidence.master, np.random.default_rng(SEED))
    return found, {lot: fault.kg for fault in truth.faults for lot in fault.lots}


def test_foreign_loads_are_named_and_no_sound_one_is(tmp_path: Path):
    found, planted = searched(tmp_path / "foreign.db", "foreign material")
    strong = {one.lots[0] for one in found.suspicions if one.weight == "strong"}

    assert len(planted) == 3
    assert strong == set(planted)
    assert {one.lots[0] for one in found.suspicions} == set(planted)
    assert all(one.kg and one.kg > 15_000 for one in found.suspicions if one.code == "origin.grades_unlike_deposit")
    (mass,) = (one for one in found.suspicions if one.code == "origin.foreign_mass")
    assert mass.kg is not None
    assert mass.kg_u is not None
    assert abs(mass.kg - max(planted.values())) <= 2 * mass.kg_u < mass.kg


def test_a_sound_programme_gives_nothing(tmp_path: Path):
    found, planted = searched(tmp_path / "sound.db")

    assert planted == {}
    assert found.suspicions == ()
    assert found.compared["grades of the deposit"] > 80
