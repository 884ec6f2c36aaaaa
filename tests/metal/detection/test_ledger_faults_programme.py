"""Faults of a synthetic programme of 300 lots: the large ones are found, and a sound programme is left in peace."""

from typing import Any

import msgspec
import numpy as np
import pytest

import lodeline
from lodeline.book.finding import Evidence
from lodeline.book.view import View
from lodeline.examples.programme import programme
from lodeline.examples.programme.faults import KINDS
from lodeline.metal.detection.faults.ledger import Faults, ledger_faults, mixed_stores

LOTS, SEED = 300, 20261129


def searched(folder: Any, kinds: Any) -> tuple[Faults, dict[str, Any], dict[str, int]]:
    """What is found in a programme, its truth, and the entry of each event by its hash id."""
    with lodeline.create(folder / "programme.db", title="A programme", by="tests") as made:
        truth = programme(LOTS, seed=SEED, faults=kinds).build(made)
        entries = {event.hash_id: event.seq for event in made.events()}
        evidence = Evidence(made._store, View(made._store, None))
        found = ledger_faults(
            evidence.reconciled,
            evidence.policy,
            np.random.default_rng(SEED),
            mixed=mixed_stores(evidence.policy, evidence.master),
            uncounted=evidence.uncounted,
        )
    return found, msgspec.to_builtins(truth.summary()), entries


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    return searched(tmp_path_factory.mktemp("faulty"), KINDS)


def test_a_sound_programme_has_nothing_strong(tmp_path):
    found, _, _ = searched(tmp_path, ())

    assert [one.suspicion.code for one in found.found if one.suspicion.weight == "strong"] == []


def of_kind(truth, kind):
    return next(fault for fault in truth["faults"] if fault["kind"] == kind)


def test_the_load_that_was_booked_twice_is_found_with_its_kilograms(faulty):
    found, truth, entries = faulty
    fault = of_kind(truth, "double receipt")

    (told,) = [one for one in found.found if one.suspicion.code == "metal.received_twice"]

    assert told.suspicion.weight == "strong"
    assert told.suspicion.lots == tuple(fault["lots"])
    assert set(told.suspicion.entries) & {entries[event] for event in fault["events"]}
    assert told.size == pytest.approx(0.95 * fault["size"], rel=0.05)  # without its water


def test_the_weighbridge_is_found_with_its_time_and_its_size(faulty):
    found, truth, _ = faulty
    fault = of_kind(truth, "biased weighbridge")

    (told,) = [one for one in found.found if one.suspicion.code == "metal.scale_off"]

    assert told.instrument.endswith(fault["subject"])
    assert told.begins < fault["end"] * 1_000_000
    assert told.ends > fault["start"] * 1_000_000
    assert abs(told.size - fault["size"]) < 2 * told.size_u


def test_moistures_of_one_charge_that_run_away_are_in_the_group_of_what_they_look_like(faulty):
    """All six are of drums that became one lot, so that a leak of the plant would look the same."""
    found, truth, _ = faulty
    fault = of_kind(truth, "moisture drift")

    groups = [
        one
        for one in found.found
        if any(suspect.moisture and suspect.instrument.endswith(fault["subject"]) for suspect in one.rivals)
    ]

    assert [one.suspicion.code for one in groups] == ["metal.leak"]
    assert groups[0].suspicion.weight == "strong"


def test_what_is_usual_among_peers_is_supposed_where_nothing_was_measured(faulty):
    found, _, _ = faulty

    assert all(number > 0 for number in found.supposed.values())


def test_entries_of_every_fault_are_of_the_ledger(faulty):
    found, _, entries = faulty

    known = set(entries.values())
    assert all(set(one.suspicion.entries) <= known for one in found.found)
    assert all(one.suspicion.entries for one in found.found)
