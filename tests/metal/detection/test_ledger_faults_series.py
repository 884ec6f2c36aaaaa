"""Readings of an instrument: in order of time, by method and together, and in bundles where there are very many."""

import numpy as np

from lodeline.metal.detection.faults import series as ledger_faults_series
from lodeline.metal.detection.faults.series import FRACTION, MASS, MOISTURE, listed, series, shifts
from tests.metal.detection.faulty_books import book, changed, codes, events_of, faults, sound
from tests.metal.detection.small_limits import MINE_LAB, WORKS_SCALE


def test_every_instrument_has_its_readings_in_order_of_time():
    reconciled, _ = book(events_of(sound(1, 12)))
    of = listed(reconciled.ledger)

    found = series(of)

    assert sorted(one.kind for one in found) == [MASS, MASS, MOISTURE, MOISTURE, FRACTION, FRACTION]
    assert {one.reading.size for one in found} == {12}
    assert all((np.diff(of.at[one.reading]) > 0).all() for one in found)
    assert {reconciled.flows.names[one.by] for one in found} >= {MINE_LAB, WORKS_SCALE}


def test_each_reading_knows_what_it_reads():
    """The reconciled value of it is the reading less its residual."""
    reconciled, _ = book(events_of(sound(1, 12)))
    of, solution = listed(reconciled.ledger), reconciled.solution

    expected = solution.model.value[of.observation] - solution.residual[of.observation]

    np.testing.assert_allclose(solution.x[of.variable], expected, rtol=1e-9)


def test_a_fault_of_one_is_the_whole_of_a_mass_and_a_kilogram_per_kilogram_of_water():
    reconciled, _ = book(events_of(sound(1, 12)))
    of, x = listed(reconciled.ledger), reconciled.solution.x
    every = np.arange(of.kind.size)

    got = shifts(of, every, x)

    assert (got[of.kind == MOISTURE] == 1).all()
    np.testing.assert_allclose(got[of.kind != MOISTURE], x[of.variable[of.kind != MOISTURE]])


def test_very_many_readings_are_taken_in_bundles_and_a_scale_that_is_off_is_found_all_the_same(monkeypatch):
    """Sixty readings in twenty bundles of three: the window is found to within a bundle at each end."""
    monkeypatch.setattr(ledger_faults_series, "MOST", 20)
    off = range(20, 42)
    events = events_of(changed(sound(2), off, lambda one, _: one._replace(came=1.01 * one.came)))
    reconciled, _ = book(events)

    found = faults(events)

    assert all(one.bundled and one.start.size == 21 for one in series(listed(reconciled.ledger)))
    assert codes(found)[0] == "metal.scale_off"
    assert abs(found.found[0].size - 0.01) < 0.002
