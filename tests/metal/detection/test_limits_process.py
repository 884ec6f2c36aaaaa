"""Limits of processes and plants: no more out than in, and what the policy says that a plant can do."""

from __future__ import annotations

from decimal import Decimal
from math import log
from typing import Any

import msgspec
import pytest

from lodeline.metal.detection.limits.context import Given
from lodeline.metal.policy import Limits, Range
from tests.metal.detection.small_limits import (
    FAR,
    WORKS_LAB,
    WORKS_SCALE,
    assayed,
    by,
    coded,
    found,
    lot,
    mined,
    process,
    read,
)
from tests.metal.small_book import MINE, WORKS

FEED, PRODUCT, TAILS = lot(1), "urn:example:metal:1", "urn:example:tailings:1"
MASTER = {
    ("material", "urn:example:metal"): {"name": "Metal", "elements": ["Sb"], "form": "ingot"},
    ("material", "urn:example:tailings"): {"name": "Tailings", "elements": ["Sb"], "form": "tailings"},
}
GIVEN = Given(master=MASTER)


def milled(
    fed: str = "1000",
    made: tuple[str, str | None] = ("400", "2"),
    left: tuple[str, str | None] = ("590", "2"),
    grades: tuple[str, str, str] = ("20", "45", "2"),
    day: float = 2,
) -> list[Any]:
    """1000 kg of 20 % Sb become 400 kg of 45 % and 590 kg of 2 %: 191.8 kg of 200."""
    events = [
        mined(1, FEED),
        read(1.1, FEED, fed, "3", MINE, WORKS_SCALE, basis="dry"),
        *process(day, "urn:example:run:1", "concentrate", [FEED], [(PRODUCT, *made), (TAILS, *left)], MINE),
    ]
    for number, (one, grade) in enumerate(zip((FEED, PRODUCT, TAILS), grades, strict=True)):
        when = 1.2 if one == FEED else day + 0.3
        laboratory = by(WORKS_LAB, str(number))
        events.append(assayed(when, one, [("Sb", grade, f"{Decimal(grade) / 100}")], MINE, laboratory))
    return events


def test_a_process_that_gives_less_than_it_takes_is_in_order():
    of = found(*milled(), only=["yield over all", "element over all"])

    assert of.suspicions == ()
    assert of.compared == {"yield over all": 1, "element over all": 1}


def test_forty_kilograms_more_dry_mass_than_went_in_by_hand():
    """1040 out of 1000; u^2 = 3^2 + 2^2 + 2^2 = 17."""
    (one,) = found(*milled(left=("640", "2")), only=["yield over all"]).suspicions

    assert (one.code, one.weight) == ("metal.yield_over_all", "strong")
    assert one.kg == pytest.approx(40)
    assert one.z == pytest.approx(40 / 17**0.5)
    assert "urn:example:run:1" in one.sentence


def test_what_was_weighed_on_one_scale_is_off_together():
    """The bias of the one scale acts on 40 kg and not on 2040: 0.1 % of it is nothing."""
    given = Given(scale_u={WORKS_SCALE: 0.001})
    (one,) = found(*milled(left=("640", "2")), given=given, only=["yield over all"]).suspicions

    assert one.z == pytest.approx(40 / (17 + 0.04**2) ** 0.5)


def test_an_outlet_of_unknown_uncertainty_is_at_least_nothing():
    """Of 400 kg of product and some tailings nobody can say that they are more than 1000."""
    of = found(*milled(left=("640", None)), only=["yield over all"])
    unsure = found(*milled(made=("1040", "2"), left=("640", None)), only=["yield over all"])

    assert of.suspicions == ()
    assert unsure.suspicions[0].kg == pytest.approx(40)


def test_more_metal_out_than_in_by_hand():
    """240 kg in product and 11.8 in tailings of 200 fed; each assay is 1 % of its value.

    u^2 = (0.2 * 3)^2 + (0.01 * 200)^2 + (0.6 * 2)^2 + (0.01 * 240)^2 + (0.02 * 2)^2 + (0.01 * 11.8)^2 = 11.5755.
    """
    (one,) = found(*milled(grades=("20", "60", "2")), only=["element over all"]).suspicions

    assert (one.code, one.element, one.weight) == ("metal.element_over_all", "Sb", "strong")
    assert one.kg == pytest.approx(51.8)
    assert one.z == pytest.approx(51.8 / 11.575524**0.5)
    assert set(one.entries) >= {3, 8, 9}  # the feed's assay and those of what came out


def test_a_feed_of_unknown_content_has_nothing_to_be_held_to():
    events = milled(grades=("20", "60", "2"))
    of = found(*(one for one in events if "urn:example:certificate:0" not in str(one)), only=["element over all"])

    assert (of.suspicions, of.compared["element over all"]) == ((), 0)
    assert sum(of.unbound["element over all"].values()) == 1


def limited(**can: Any) -> Any:
    return msgspec.structs.replace(FAR, limits={"concentrate": Limits(**can)})


def between(low: str, high: str) -> Range:
    return Range(Decimal(low), Decimal(high))


def test_a_yield_outside_the_range_of_the_policy_by_hand():
    """990 of 1000: over 0.9 by 90, with u^2 = 8 + (0.9 * 3)^2; under 1 to 2 by 10, with u^2 = 8 + 3^2."""
    (over,) = found(*milled(), policy=limited(mass_yield=between("0", "0.9")), only=["yield"]).suspicions
    under = found(*milled(left=("500", "2")), policy=limited(mass_yield=between("1", "2")), only=["yield"])
    within = found(*milled(), policy=limited(mass_yield=between("0.9", "1")), only=["yield"])

    assert over.code == "metal.yield_range"
    assert over.z == pytest.approx(90 / (8 + 7.29) ** 0.5)
    assert under.suspicions[0].z == pytest.approx(100 / 17**0.5)
    assert within.suspicions == ()


def test_a_process_with_a_highest_yield_is_held_to_that_and_not_to_all():
    """What is burnt in air may gain mass, if the policy says so."""
    both = ["yield over all", "yield"]
    of = found(*milled(left=("640", "2")), policy=limited(mass_yield=between("0", "1.2")), only=both)

    assert (of.suspicions, of.compared) == ((), {"yield over all": 0, "yield": 2})


def test_a_recovery_outside_the_range_of_the_policy():
    """180 kg of 200 are 90 %; against at most 80 %: u^2 = (0.45 * 2)^2 + 1.8^2 + 0.8^2 ((0.2 * 3)^2 + 2^2)."""
    (over,) = found(*milled(), policy=limited(recovery={"Sb": between("0.5", "0.8")}), given=GIVEN,
                    only=["recovery"]).suspicions  # fmt: skip
    (under,) = found(*milled(), policy=limited(recovery={"Sb": between("0.97", "1")}), given=GIVEN,
                     only=["recovery"]).suspicions  # fmt: skip

    assert (over.code, over.element) == ("metal.recovery_range", "Sb")
    assert over.z == pytest.approx(20 / (0.81 + 3.24 + 0.64 * 4.36) ** 0.5)
    assert "more than the highest" in over.sentence
    assert under.z == pytest.approx(14 / (0.81 + 3.24 + 0.97**2 * 4.36) ** 0.5)
    assert "less than the lowest" in under.sentence
    within = found(*milled(), policy=limited(recovery={"Sb": between("0.85", "0.95")}), given=GIVEN, only=["recovery"])
    assert within.suspicions == ()


def test_the_bias_of_one_laboratory_cancels_in_a_recovery():
    """A laboratory that finds 5 % too much finds it in feed and product: only 180 - 0.8 * 200 = 20 kg is off by it."""
    given = Given(master=MASTER, laboratory_u={WORKS_LAB: 0.05})
    (one,) = found(*milled(), policy=limited(recovery={"Sb": between("0.5", "0.8")}), given=given,
                   only=["recovery"]).suspicions  # fmt: skip

    assert one.z == pytest.approx(20 / (0.81 + 3.24 + 0.64 * 4.36 + (0.05 * 20) ** 2) ** 0.5)


def test_an_upgrade_outside_the_range_of_the_policy_by_hand():
    """45 % of 20 % is 2.25 times; two assays of 1 % each."""
    (one,) = found(*milled(), policy=limited(upgrade={"Sb": between("1", "2")}), given=GIVEN,
                   only=["upgrade"]).suspicions  # fmt: skip
    within = found(*milled(), policy=limited(upgrade={"Sb": between("2", "2.3")}), given=GIVEN, only=["upgrade"])

    assert (one.code, one.element) == ("metal.upgrade_range", "Sb")
    assert one.z == pytest.approx(log(2.25 / 2) / (2 * 0.01**2) ** 0.5)
    assert "2.25 times" in one.sentence
    assert within.suspicions == ()


def test_more_than_a_plant_can_make_in_a_day():
    """990 kg of dry mass on one day; u^2 = 2^2 + 2^2."""
    small, large = limited(capacity_t_per_day=Decimal("0.9")), limited(capacity_t_per_day=Decimal(1))
    (one,) = found(*milled(), policy=small, only=["capacity"]).suspicions

    assert (one.code, one.weight) == ("metal.over_capacity", "strong")
    assert one.z == pytest.approx(90 / 8**0.5)
    assert "2026-03-02" in one.sentence
    assert found(*milled(), policy=large, only=["capacity"]).suspicions == ()


def test_what_was_only_declared_may_lift_a_day_above_the_capacity_and_is_weak_evidence():
    of = found(*milled(left=("590", None)), policy=limited(capacity_t_per_day=Decimal("0.9")), only=["capacity"])

    (one,) = of.suspicions
    assert (one.weight, one.z, one.p) == ("weak", None, None)
    assert one.kg == pytest.approx(90)


def test_a_day_ends_at_midnight_of_the_site():
    """What comes out at 0.2 of a day in UTC is of the same day in Karachi; at 0.9, of the next."""
    karachi = Given(master={("site", MINE): {"time_zone": "Asia/Karachi"}})
    policy = limited(capacity_t_per_day=Decimal("0.9"))
    late = found(*milled(day=2.8), policy=policy, given=karachi, only=["capacity"])

    assert "2026-03-03" in late.suspicions[0].sentence
    assert "2026-03-02" in found(*milled(day=2.8), policy=policy, only=["capacity"]).suspicions[0].sentence


def test_without_a_limit_in_the_policy_there_is_nothing_to_hold_a_plant_to():
    of = found(*milled(), given=GIVEN, only=["yield", "recovery", "upgrade", "capacity"])

    assert of.suspicions == ()
    assert set(of.compared.values()) == {0}
    assert {next(iter(reasons)) for reasons in of.unbound.values()} == {
        "the policy names no such limit for any process there is"
    }


def test_a_table_of_the_site_holds_in_place_of_that_of_the_process():
    policy = msgspec.structs.replace(
        FAR, limits={"concentrate": Limits(mass_yield=between("0", "0.9")), MINE: Limits(mass_yield=between("0", "1"))}
    )

    assert found(*milled(), policy=policy, only=["yield"]).suspicions == ()
    assert coded(found(*milled(), policy=limited(mass_yield=between("0", "0.9")), only=["yield"]), "metal.yield_range")
    assert WORKS != MINE
