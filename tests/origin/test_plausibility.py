"""Plausibility by the book alone: what is unlike its deposit is named, what is like it is not, chance as it is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.metal.detection.suspicion import Suspicion
from lodeline.metal.policy import Policy
from lodeline.origin.plausibility import Plausible, plausibility
from lodeline.origin.plausibility_history import calibrations, distances
from lodeline.origin.plausibility_road import distance_km, position
from lodeline.record import metal
from lodeline.record.metal import Amount, Event
from tests.metal.detection.small_limits import FAR, MINE_LAB, assayed, at, by, comes, flows_of, leaves, lot, read
from tests.metal.small_book import MINE, SELLER, START, WORKS

DEPOSIT, ORE = "urn:example:deposit:1", "urn:example:ore"
SITES: dict[tuple[str, str], dict[str, Any]] = {
    ("site", MINE): {"latitude": Decimal(30), "longitude": Decimal(67)},
    ("site", WORKS): {"latitude": Decimal("24.8"), "longitude": Decimal(67), "position_precision": "site"},
}


def found(*events: Event, policy: Policy = FAR, master: Any = (), weak: float | None = None) -> Plausible:
    return plausibility(flows_of(*events), policy, dict(master), np.random.default_rng(7), weak=weak)


def coded(of: Plausible, code: str) -> list[Suspicion]:
    return [one for one in of.suspicions if one.code == code]


def mined(day: float, number: int, kg: str | None = None) -> Event:
    amount = Amount(lot(number)) if kg is None else Amount(lot(number), Decimal(kg), "KGM")
    return metal.lot_mined(at(day), [amount], basis=None if kg is None else "dry", country="PK", deposit=DEPOSIT,
                           material=ORE, owner=SELLER)  # fmt: skip


def loads(grades: np.ndarray, symbols: Sequence[str] = ("Sb", "As", "Bi")) -> list[Event]:
    """Lots of the deposit with an assay each; grades in percent."""
    events = []
    for number, row in enumerate(grades):
        lines = [(symbol, f"{value:.5f}", f"{value * 0.01:.6f}") for symbol, value in zip(symbols, row, strict=True)]
        events += [
            mined(number + 1, number),
            read(number + 1.1, lot(number), "1000", "2", MINE, None, basis="dry"),
            assayed(number + 1.2, lot(number), lines, MINE, by(MINE_LAB, str(number))),
        ]
    return events


def history(lots: int = 40, seed: int = 1) -> np.ndarray:
    """(lot, element) grades about 10, 0.2 and 0.01 %, each off by an eighth and all together by a fifth."""
    rng = np.random.default_rng(seed)
    together = rng.normal(0, 0.2, (lots, 1))
    return np.array([10.0, 0.2, 0.01]) * np.exp(together + rng.normal(0, 0.12, (lots, 3)))


def test_a_lot_with_other_traces_is_named_with_its_mass_its_entries_and_what_would_settle_it():
    grades = history()
    grades[17] = [10, 0.9, 0.05]
    of = found(*loads(grades))

    (by_grade,), (by_ratio,) = (coded(of, f"origin.{what}_unlike_deposit") for what in ("grades", "ratios"))
    assert by_grade.lots == by_ratio.lots == (lot(17),)
    assert (by_grade.weight, by_ratio.weight) == ("strong", "strong")
    assert (by_grade.kg, len(by_grade.entries), {one.act for one in by_grade.settle}) == (
        1000,
        2,
        {"assay", "document"},
    )
    assert "has 5 times the Bi and 4.5 times the As of what is usual in 39 other lots" in by_grade.sentence
    assert by_ratio.sentence.startswith(f"Lot {lot(17)} is declared to be from {DEPOSIT} and has a ratio of ")


def test_a_lot_that_holds_a_part_of_what_is_unlike_is_named_beside_it_with_that_part():
    """160 of its 1,000 kg are like the lot with 0.9 % As and 0.05 % Bi; alone it would be one of many."""
    grades = history()
    grades[30] = 0.84 * np.array([10, 0.2, 0.01]) + 0.16 * np.array([10, 0.9, 0.05])
    alone = found(*loads(grades))
    assert coded(alone, "origin.like_what_is_unlike") == []
    assert alone.unbound["toward what is unlike the deposit"] == {
        "deposits of which no lot is unlike the others, so that none can be like it": 1
    }

    grades[17] = [10, 0.9, 0.05]
    (one,) = coded(found(*loads(grades)), "origin.like_what_is_unlike")
    assert one.lots == (lot(30), lot(17))
    assert one.kg == pytest.approx(160, abs=2)
    assert "in the same way as urn:example:lot:17 that is unlike them; 16 % of the like" in one.sentence


def test_a_sound_deposit_gives_nothing_and_says_how_much_it_compared():
    of = found(*loads(history()))

    assert of.suspicions == ()
    assert of.compared["grades of the deposit"] == of.compared["ratios of the deposit"] == 40


def test_a_rich_lot_is_unlike_its_deposit_by_grades_and_not_by_ratios():
    grades = history()
    grades[5] = [40, 0.8, 0.04]  # four times everything
    of = found(*loads(grades))

    assert [one.lots for one in coded(of, "origin.grades_unlike_deposit")] == [(lot(5),)]
    assert coded(of, "origin.ratios_unlike_deposit") == []


def test_few_lots_are_no_history_and_lots_without_an_element_are_counted():
    few = found(*loads(history(12)))
    assert few.compared["grades of the deposit"] == 0
    assert few.unbound["grades of the deposit"] == {"deposits of which too few lots were assayed": 1}

    short = [mined(60, 60), assayed(60.2, lot(60), [("Sb", "10", "0.1")], MINE, by(MINE_LAB, "60"))]
    some = found(*loads(history()), *short)
    assert some.compared["grades of the deposit"] == 40
    assert some.unbound["ratios of the deposit"] == {
        "lots that were not assayed for what most of their deposit were": 1
    }


def test_a_book_without_deposits_or_roads_says_of_each_check_that_it_had_nothing_to_bind_to():
    event = metal.lot_mined(at(1), [Amount(lot(1))], basis=None, country="PK", deposit=None, owner=SELLER)
    of = found(event)

    assert (of.suspicions, set(of.compared.values())) == ((), {0})
    assert {name: list(reasons) for name, reasons in of.unbound.items()} == {
        "grades of the deposit": ["no lot that names its deposit was assayed"],
        "ratios of the deposit": ["no lot that names its deposit was assayed"],
        "toward what is unlike the deposit": [
            "deposits of which no lot is unlike the others, so that none can be like it"
        ],
        "mass of what is unlike the deposit": [
            "deposits of which no lot is unlike the others, so that none can be like it"
        ],
        "mass of ore like another deposit's": ["the master data say of no deposit what its ore holds"],
        "time on the road": ["nothing came by a road"],
        "licensed output": ["no lot names its deposit"],
    }


def test_the_ratio_of_praseodymium_to_neodymium_tells_where_grades_do_not():
    """Rare earths of a deposit rise and fall together by a fifth, and their pattern by 2 %: 15 % more Pr is far."""
    rng = np.random.default_rng(5)
    grades = np.array([1.5, 0.5, 4.0]) * np.exp(rng.normal(0, 0.2, (40, 1)) + rng.normal(0, 0.02, (40, 3)))
    grades[8, 1] *= 1.15
    of = found(*loads(grades, ("Nd", "Pr", "Ce")))
    (one,) = coded(of, "origin.ratios_unlike_deposit")

    assert one.lots == (lot(8),)
    assert "a ratio of Pr to" in one.sentence
    assert {other.lots for other in of.suspicions} == {(lot(8),)}


def test_a_fifth_of_a_history_may_be_foreign_and_is_named_whole():
    grades = history(60)
    foreign = np.arange(0, 60, 6)
    grades[foreign] *= [1, 4, 4]
    named = {one.lots[0] for one in found(*loads(grades)).suspicions}

    assert named == {lot(int(number)) for number in foreign}


def test_without_a_probability_of_false_alarms_it_is_a_note():
    grades = history()
    grades[17] = [10, 0.9, 0.05]

    assert {one.weight for one in found(*loads(grades), policy=Policy()).suspicions} == {"note"}


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.02, 50))
def test_the_unit_of_grades_and_the_order_of_lots_make_no_difference(seed: int, factor: float):
    grades = history(30, seed)
    order = np.random.default_rng(seed).permutation(30)
    nothing = np.zeros(grades.shape)
    one, other = distances(grades, nothing), distances(factor * grades[order], nothing)

    np.testing.assert_allclose(one.grades[order], other.grades, rtol=1e-6)
    np.testing.assert_allclose(one.ratios[order], other.ratios, rtol=1e-5, atol=1e-9)


def test_sound_deposits_alarm_as_often_as_they_are_said_to_normal_or_lognormal():
    """Of 6,000 sound lots 5 % are in the 5 % tail, 1 % in the 1 % tail; those of one deposit go together."""
    rng = np.random.default_rng(3)
    by_grade, by_ratio = calibrations(60, 4, rng)
    for lognormal in (True, False):
        tails: list[np.ndarray] = []
        for _ in range(100):
            z = rng.standard_normal((60, 4)) * [0.12, 0.12, 0.2, 0.15]
            of = distances(np.exp(z) if lognormal else np.maximum(1 + z, 0.2), np.zeros((60, 4)))
            tails.append(np.stack([by_grade.tail(of.grades, 4), by_ratio.tail(of.ratios, 3)]))
        p = np.concatenate(tails, axis=1)
        for level, most in ((0.05, 0.065), (0.01, 0.016), (0.001, 0.0045)):
            assert ((p < level).mean(axis=1) < most).all()
        assert ((p < 0.05).mean(axis=1) > 0.03).all()


def test_an_uncertain_reading_may_deviate_more():
    grades = history()
    grades[17] = [10, 0.5, 0.02]
    sure, unsure = np.zeros(grades.shape), np.zeros(grades.shape)
    unsure[17] = 1.0

    assert distances(grades, unsure).grades[17] < distances(grades, sure).grades[17] / 5


def test_a_lot_that_came_sooner_than_the_road_allows_is_weak_evidence():
    """578 km on the globe at 80 km/h are 7.2 hours; it took 2.4."""
    policy = Policy(false_alarms=Decimal("0.01"), fastest_km_per_h=Decimal(80))
    road = [mined(1, 1, "1000"), leaves(2, lot(1), "urn:example:desadv:1"), comes(2.1, lot(1), "urn:example:desadv:1")]
    (one,) = coded(found(*road, policy=policy, master=SITES), "origin.too_fast")

    assert (one.weight, one.lots, one.kg, len(one.entries)) == ("weak", (lot(1),), 1000, 2)
    assert "in 2.4 hours, and the road takes at least 7.2" in one.sentence

    slow = [*road[:2], comes(2.4, lot(1), "urn:example:desadv:1")]
    of = found(*slow, policy=policy, master=SITES)
    assert (of.suspicions, of.compared["time on the road"]) == ((), 1)


def test_the_least_time_of_a_road_goes_before_the_speed_and_without_either_it_says_so():
    road = [mined(1, 1, "1000"), leaves(2, lot(1), "urn:example:desadv:1"), comes(2.4, lot(1), "urn:example:desadv:1")]
    hours = Policy(false_alarms=Decimal("0.01"), fastest_hours={MINE: {WORKS: Decimal(10)}})

    assert len(coded(found(*road, policy=hours), "origin.too_fast")) == 1
    assert found(*road).unbound["time on the road"] == {"roads of which no policy says how fast they can be": 1}
    fast = Policy(fastest_km_per_h=Decimal(80))
    assert found(*road, policy=fast).unbound["time on the road"] == {
        "roads with an end whose position is not registered": 1
    }


def test_a_position_that_stands_for_a_town_is_none_and_a_store_is_at_its_site():
    town = {("site", MINE): {**SITES["site", MINE], "position_precision": "town"}}
    store = {**SITES, ("store", "urn:example:pile"): {"site": MINE}}

    assert position(town, MINE) is None
    assert position(store, "urn:example:pile") == (30, 67)
    assert position({}, MINE) is None
    assert distance_km((0, 0), (0, 180)) == pytest.approx(np.pi * 6371.0088)


def test_more_than_the_licence_lets_out_in_a_year_is_named_and_less_is_not():
    """Three lots of 1,000 ± 2 kg are 500 kg above 2.5 t: 144 standard uncertainties; two in the next year are not."""
    weighed = [
        event
        for number, day in enumerate((1, 2, 3, 400, 401))
        for event in (mined(day, number), read(day + 0.1, lot(number), "1000", "2", MINE, None, basis="dry"))
    ]
    master = {("deposit", DEPOSIT): {"licensed_t_per_year": Decimal("2.5")}}
    of = found(*weighed, master=master)
    (one,) = coded(of, "origin.above_licence")

    assert (START + timedelta(days=399)).year == START.year + 1
    assert (one.weight, one.kg, one.lots) == ("strong", pytest.approx(500), tuple(lot(n) for n in range(3)))
    assert one.z == pytest.approx(500 / (2 * 3**0.5))
    assert of.compared["licensed output"] == 2
    assert found(*weighed).unbound["licensed output"] == {
        "deposits of which the master data give no licensed output": 1
    }
