"""The foreign ore in all loads of a deposit together: exact by hand, within its uncertainty where grades vary."""

from __future__ import annotations

import re
from functools import partial

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.origin.plausibility_campaign import Campaign, Loads, Way, campaign
from lodeline.origin.plausibility_history import distances
from lodeline.origin.plausibility_lots import histories, mined
from lodeline.origin.plausibility_mass import Known, laundered
from tests.metal.detection.small_limits import flows_of, lot
from tests.origin.test_plausibility import history
from tests.origin.test_plausibility import loads as book_of

OWN = np.array([0.10, 0.0018, 2e-5])  # kg/kg
FOREIGN = np.array([0.10, 0.0042, 4.8e-5])
SD = np.array([0.12, 0.12, 0.15])
LOADS, FIRST, LAST = 150, 60, 90


def loads(rng: np.random.Generator, part: np.ndarray, *, assayed: np.ndarray | None = None, sd: float = 1.0) -> Loads:
    """Loads of about 20 t, a day apart; of each a part is foreign."""
    own = OWN * (1 + sd * SD * rng.standard_normal((part.size, 3)))
    foreign = FOREIGN * (1 + sd * SD * rng.standard_normal((part.size, 3)))
    grades = (1 - part[:, None]) * own + part[:, None] * foreign
    known = np.ones(part.size, dtype=np.bool_) if assayed is None else assayed
    of = distances(grades[known], np.zeros((int(known.sum()), 3)))
    at, kg = np.arange(part.size, dtype=np.float64), rng.uniform(18_000, 22_000, part.size)
    return Loads(at[known], kg[known], grades[known], of.extra, of.like, at[~known], kg[~known])


def known(centre: np.ndarray) -> Way:
    """The foreign ore is known."""
    return Way(FOREIGN / centre - 1, np.diag((FOREIGN / centre * SD) ** 2))


def like(grades: np.ndarray, whole: int, centre: np.ndarray) -> Way:
    """It is as one load is."""
    return Way(grades / centre - 1, None, whole)


def planted(rng: np.random.Generator) -> np.ndarray:
    """A third of the loads of a month hold any, each doubling of the part as likely as the next; one is whole."""
    part = np.zeros(LOADS)
    some = FIRST + np.flatnonzero(rng.random(LAST - FIRST) < 0.35)
    part[some] = 2.0 ** -rng.uniform(0, 6, some.size)
    part[FIRST + int(rng.integers(LAST - FIRST))] = 1.0
    return part


def test_where_grades_hardly_vary_the_mass_is_what_was_mixed_in() -> None:
    rng = np.random.default_rng(1)
    part = np.zeros(60)
    part[20:30] = [0.5, 0.25, 0, 0, 1, 0.1, 0.1, 0, 0.05, 0.3]
    given = loads(rng, part, sd=0.01)
    found = campaign(given, known)

    true = float(part @ given.kg)
    assert found.kg == pytest.approx(true, abs=2 * found.kg_u)
    assert found.kg == pytest.approx(true, rel=0.02)
    assert 20 <= found.first <= found.last < 30
    assert found.bare_kg == 0


def test_the_truth_is_within_two_uncertainties_as_often_as_that_says() -> None:
    """Of 60 drawn campaigns, among them loads too weak to name; 95 % would be 57."""
    off = []
    for seed in range(60):
        rng = np.random.default_rng([3, seed])
        part = planted(rng)
        given = loads(rng, part)
        found = campaign(given, known)
        off.append((found.kg - float(part @ given.kg)) / found.kg_u)

    assert sum(abs(one) <= 2 for one in off) >= 53
    assert 0.5 < float(np.std(off)) < 1.4
    assert abs(float(np.mean(off))) < 0.5


def test_what_was_not_assayed_counts_as_the_others_of_the_stretch() -> None:
    off = []
    for seed in range(60):
        rng = np.random.default_rng([4, seed])
        part, assayed = planted(rng), rng.random(LOADS) > 0.15
        given = loads(rng, part, assayed=assayed)
        true = float(part[assayed] @ given.kg + part[~assayed] @ given.bare_kg)
        found = campaign(given, known)
        off.append((found.kg - true) / found.kg_u)

    assert sum(abs(one) <= 2 for one in off) >= 52


def test_a_deposit_without_foreign_ore_has_no_mass_that_its_uncertainty_does_not_hold() -> None:
    found: list[Campaign] = []
    for seed in range(30):
        given = loads(np.random.default_rng([5, seed]), np.zeros(LOADS))
        found.append(campaign(given, known))

    assert sum(one.kg <= 2 * one.kg_u for one in found) >= 28
    assert sum(one.evidence > 3 for one in found) <= 2


def test_where_the_ore_is_not_known_one_whole_load_gives_its_length() -> None:
    """If that load is half foreign only, what is told is twice as much: so it is the most."""
    part = np.zeros(LOADS)
    part[FIRST:LAST:3] = 0.25
    part[70] = 1.0
    whole, half = (loads(np.random.default_rng(6), scale * part, sd=0.1) for scale in (1.0, 0.5))
    as_whole, as_half = (campaign(one, partial(like, one.grades[70], 70)) for one in (whole, half))

    assert as_whole.kg == pytest.approx(float(part @ whole.kg), abs=2 * as_whole.kg_u)
    assert as_half.kg == pytest.approx(as_whole.kg, rel=0.1)
    assert as_half.part[70] == pytest.approx(1)


def test_units_and_order_of_elements_change_nothing() -> None:
    given = loads(np.random.default_rng(7), planted(np.random.default_rng(7)))
    turned = given._replace(grades=given.grades[:, ::-1] * 1e6, extra=given.extra[:, ::-1], kg=given.kg / 1000)

    def way(centre: np.ndarray) -> Way:
        factor = FOREIGN[::-1] * 1e6 / centre
        return Way(factor - 1, np.diag((factor * SD[::-1]) ** 2))

    one, other = campaign(given, known), campaign(turned, way)
    assert other.kg == pytest.approx(one.kg / 1000, rel=1e-9)
    assert other.kg_u == pytest.approx(one.kg_u / 1000, rel=1e-9)
    assert (other.first, other.last) == (one.first, one.last)


def test_the_mass_of_known_ore_in_a_book_with_its_stretch() -> None:
    """Of 40 lots of a tonne, 17 is wholly and 19 half of ore with 0.9 % As and 0.05 % Bi."""
    foreign = np.array([10, 0.9, 0.05])
    grades = history()
    grades[17], grades[19] = foreign, 0.5 * grades[19] + 0.5 * foreign
    flows = flows_of(*book_of(grades))
    (of,) = histories(flows)
    known = Known(dict(zip(("Sb", "As", "Bi"), foreign / 100, strict=True)), dict.fromkeys(("Sb", "As", "Bi"), 0.1))
    found = laundered(flows, of, distances(of.grades, of.reading_v), mined(flows), known=known)

    assert found is not None
    assert found.whole == -1
    assert found.found.kg == pytest.approx(1500, abs=2 * found.found.kg_u)
    assert found.found.kg_u < 250
    names = {flows.name(int(flows.lots["lot"][row])) for row in found.stretch(flows).tolist()}
    assert {lot(17), lot(19)} <= names
    assert len(names) < 30


def test_who_says_neither_what_it_is_nor_which_lots_is_refused() -> None:
    flows = flows_of(*book_of(history()))
    (of,) = histories(flows)
    at = distances(of.grades, of.reading_v)
    with pytest.raises(InputError, match=re.escape("origin.foreign_unknown")):
        laundered(flows, of, at, mined(flows))
    with pytest.raises(InputError, match=re.escape("origin.foreign_unknown")) as caught:
        laundered(flows, of, at, mined(flows), known=Known({"Sb": 0.1}, {"Sb": 0.1}))
    assert caught.value.where["elements"] == ", ".join(one for one in of.symbols if one != "Sb")
    assert laundered(flows, of, at, mined(flows), named=np.zeros(40, dtype=np.bool_)) is None
