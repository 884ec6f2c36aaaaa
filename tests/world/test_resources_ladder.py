"""The ladder from gross value to net: worked by hand to the cent, unknown below what is missing."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.world.resources.deposit import named, parse_deposits, shipped_deposits
from lodeline.world.resources.inputs import Input, Inputs, Schedule
from lodeline.world.resources.ladder import implied_recovery, ladder_of
from lodeline.world.resources.rungs import STEPS, present_value
from tests.world.small_resources import INPUTS, refused, small, text

BY_HAND = {
    "in situ": 90_000_000.00,  # 1,000,000 t at 1 % are 10,000 t at 9,000 USD
    "mined": 85_500_000.00,  # 95 %
    "recovered": 76_950_000.00,  # 90 %: 8,550 t
    "payable": 74_256_750.00,  # 96.5 %: 8,250.75 t
    "treated": 70_068_618.00,  # less 34,200 t of concentrate at 80, and 8,250.75 t at 176
    "net smelter return": 68_016_618.00,  # less 34,200 t at 60
    "after mining": 60_416_618.00,  # less 950,000 t at 8
    "after processing": 49_016_618.00,  # at 12
    "after general cost": 46_166_618.00,  # at 3
    "after royalty": 42_765_787.10,  # less 5 % of 68,016,618
    "after capital": 20_765_787.10,  # less 22,000,000
    "after income tax": 14_536_050.97,  # less 30 %
    # -20,000,000 + (20,382,893.55 - 114,868.065) / 1.1 + (20,382,893.55 - 6,114,868.065) / 1.21
    "net present value": 10_217_234.31,
}


def test_every_rung_is_what_is_worked_by_hand_to_the_cent():
    found = ladder_of(small())

    assert {one.name: round(one.figure.value, 2) for one in found.rungs} == BY_HAND
    assert not found.assumed
    assert found.rung("net smelter return").of_gross == pytest.approx(100 * 68_016_618 / 90_000_000)
    assert all(one.figure.low is None for one in found.rungs)


@pytest.mark.parametrize("name", [*INPUTS, "schedule"])
def test_without_an_input_its_rung_and_all_below_are_unknown_and_ask_for_it(name):
    found = ladder_of(small(without=name)) if name != "grade" else None
    if found is None:
        with refused("world.ladder_empty"):
            ladder_of(small(without=name))
        return
    first = next(at for at, one in enumerate(found.rungs) if one.missing)

    assert all(one.figure.value is not None for one in found.rungs[:first])
    for one in found.rungs[first:]:
        assert one.figure.standing == "unknown"
        assert (one.figure.value, one.figure.low, one.figure.high) == (None, None, None)
        assert any(act.subject.startswith(f"small:{name}") for act in one.figure.settle)
    for one in found.rungs[:first]:
        assert round(one.figure.value, 2) == BY_HAND[one.name]


def test_a_range_is_that_of_its_worst_and_best_corner():
    """Price 8,000 to 10,000 and mining 6 to 10: after mining, both at their ends, by hand."""
    found = ladder_of(
        small(price="low = 8000\nvalue = 9000\nhigh = 10000", mining_cost="low = 6\nvalue = 8\nhigh = 10")
    )
    figure = found.rung("after mining").figure

    assert figure.value == pytest.approx(BY_HAND["after mining"])
    assert figure.low == pytest.approx(BY_HAND["after mining"] - 8250.75 * 1000 - 950_000 * 2)
    assert figure.high == pytest.approx(BY_HAND["after mining"] + 8250.75 * 1000 + 950_000 * 2)
    assert found.rung("mined").figure.low == pytest.approx(10_000 * 0.95 * 8000)


def test_a_range_without_a_value_gives_limits_and_no_value():
    figure = ladder_of(small(price="low = 8000\nhigh = 10000")).rung("net present value").figure

    assert (figure.value, figure.standing) == (None, "bounded")
    assert figure.low < BY_HAND["net present value"] < figure.high


def test_more_ore_is_worse_where_a_tonne_costs_more_than_it_brings():
    """Ends are sought over corners, so that a low end may come from the high end of an input."""
    poor = ladder_of(small(grade="value = 0.1", ore="low = 900000\nvalue = 1000000\nhigh = 1100000"))
    figure = poor.rung("after general cost").figure

    assert figure.low == pytest.approx(1.1 * figure.value)
    assert figure.high == pytest.approx(0.9 * figure.value)


@settings(max_examples=40, deadline=None)
@given(scale=st.floats(0.01, 1000), at=st.integers(0, 12))
def test_twice_the_ore_and_capital_are_twice_every_rung(scale, at):
    scaled = ladder_of(
        small(
            ore=f"value = {1_000_000 * scale!r}",
            capital=f"value = {20 * scale!r}",
            sustaining_capital=f"value = {2 * scale!r}",
        )
    )
    name = STEPS[at].name

    assert scaled.rung(name).figure.value == pytest.approx(scale * ladder_of(small()).rung(name).figure.value, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(price=st.floats(0, 50_000), recovery=st.floats(0, 100), cost=st.floats(0, 100))
def test_no_rung_is_above_the_one_before(price, recovery, cost):
    found = ladder_of(
        small(price=f"value = {price!r}", recovery=f"value = {recovery!r}", mining_cost=f"value = {cost!r}")
    )
    values = [one.figure.value for one in found.rungs[:-1]]

    assert all(below <= above + 1e-6 for above, below in pairwise(values))
    assert values[0] == pytest.approx(10_000 * price)


def test_units_do_not_change_a_value():
    """9,000 USD/t as USD/lb and as USD/ozt."""
    pound, ounce = 0.45359237, 0.0311034768
    base = ladder_of(small())
    for value, unit in ((9000 / 1000 * pound, "USD/lb"), (9000 / 1000 * ounce, "USD/ozt"), (9.0, "USD/kg")):
        changed = text().replace('value = 9000\nunit = "USD/t"', f'value = {value!r}\nunit = "{unit}"')
        got = ladder_of(parse_deposits(changed)[0])
        assert got.rung("net present value").figure.value == pytest.approx(
            base.rung("net present value").figure.value, rel=1e-12
        )


def test_an_ounce_of_gold_and_its_tonnes_are_the_same_value():
    reko_diq = ladder_of(named(shipped_deposits(), "reko-diq"))

    assert reko_diq.rung("recovered").figure.value == pytest.approx(13.1e6 * 9815 + 17.9e6 * 3016)


def test_reko_diq_is_known_down_to_the_metal_recovered_and_unknown_below():
    """By hand: 13.1 Mt at 9,815 and 17.9 Moz at 3,016 are 182.6 billion USD, and not 60."""
    found = ladder_of(named(shipped_deposits(), "reko-diq"))

    assert found.rung("recovered").figure.value / 1e9 == pytest.approx(182.5629)
    assert found.rung("in situ").figure.value / 1e9 == pytest.approx(14.6e6 * 9815e-9 + 26e6 * 3016e-9)
    assert [one.name for one in found.rungs if one.figure.value is not None] == ["in situ", "mined", "recovered"]
    assert found.rung("payable").missing == ("payable:Cu", "payable:Au")
    assert found.rung("net present value").missing == ("schedule",)
    assert not found.assumed
    assert all(one.source for one in found.inputs)
    recovered = implied_recovery(found)
    assert recovered["Cu"] == pytest.approx(100 * 13.1 / 14.6)
    assert recovered["Au"] == pytest.approx(100 * 17.9 / 26)


def test_what_a_user_supposes_makes_the_rungs_below_illustrative_and_no_others():
    supposed = Inputs(
        input=tuple(
            Input(name="payable", element=element, value=95, unit="percent", source="supposed")
            for element in ("Cu", "Au")
        )
    )
    found = ladder_of(named(shipped_deposits(), "reko-diq"), supposed)

    assert [one.name for one in found.rungs if one.assumed] == ["payable"]
    assert found.rung("payable").figure.value == pytest.approx(0.95 * 182.5629e9)
    assert found.assumed
    assert found.rung("treated").figure.standing == "unknown"


def test_a_supposition_takes_the_place_of_what_is_published():
    supposed = Inputs(input=(Input(name="price", element="Cu", value=4500, unit="USD/t", source="supposed"),))

    assert ladder_of(small(), supposed).rung("in situ").figure.value == pytest.approx(45_000_000)
    assert ladder_of(small(), supposed).rung("net present value").assumed


def test_a_supposed_schedule_is_illustrative_too():
    schedule = Schedule(ore=(1.0,), capital=(1.0,), first_after_years=1, source="supposed")
    found = ladder_of(small(without="schedule"), Inputs(schedule=schedule))

    assert [one.name for one in found.rungs if one.assumed] == ["net present value"]
    assert found.rung("net present value").figure.value == pytest.approx(BY_HAND["after income tax"] / 1.1)


def test_without_discounting_net_present_value_is_what_is_left_after_tax():
    found = ladder_of(small(discount_rate="value = 0"))

    assert found.rung("net present value").figure.value == pytest.approx(BY_HAND["after income tax"])


def test_tax_is_paid_as_soon_as_capital_is_earned_back_and_never_beyond_what_is_due():
    """100 a year for two years against capital of 50, then 60 more: 10 % of what is left, 90, is due in all."""
    one = np.ones(1)
    schedule = Schedule(ore=(0, 1, 1, 0), capital=(50, 0, 0, 60), first_after_years=0, source="by hand")
    got = present_value(200 * one, 110 * one, 0 * one, tax=0.1 * one, rate=0 * one, schedule=schedule)
    later = present_value(200 * one, 110 * one, 0 * one, tax=0.1 * one, rate=1 * one, schedule=schedule)

    assert got[0] == pytest.approx(90 * 0.9)
    # 5 of 50 earned in year 1; of 150 earned by year 2 only 90 is due, so 4 more.
    assert later[0] == pytest.approx(-50 + (100 - 5) / 2 + (100 - 4) / 4 - 60 / 8)


def test_half_a_year_and_tonnes_by_year_are_read_as_they_are():
    scaled = small(schedule=SCHEDULE_IN_TONNES)

    assert ladder_of(scaled).rung("net present value").figure.value == pytest.approx(
        BY_HAND["net present value"] / 1.1**0.5
    )


SCHEDULE_IN_TONNES = """
[deposit.schedule]
ore = [0, 475000, 475000]
capital = [2e7, 0, 0]
first_after_years = 0.5
source = "by hand"
"""


def test_the_table_has_a_row_a_rung():
    frame = ladder_of(small(without="payable")).table()

    assert frame["rung"].to_list() == [step.name for step in STEPS]
    assert frame["value_usd"].to_list()[:3] == pytest.approx([BY_HAND[one.name] for one in STEPS[:3]])
    assert frame["value_usd"].null_count() == 10
    assert frame["missing"][3] == "payable:Cu"


def test_a_figure_rests_on_the_inputs_down_to_its_rung():
    found = ladder_of(small())

    assert found.rung("in situ").figure.rests_on == ("ore", "grade:Cu", "price:Cu")
    assert "discount_rate" in found.rung("net present value").figure.rests_on


REFUSED = [
    ('name = "royalty"', 'name = "royalti"', "world.ladder_input_unknown", "royalty"),
    ('name = "payable"\nelement = "Cu"', 'name = "payable"', "world.ladder_input_element", "which"),
    ('name = "royalty"', 'name = "royalty"\nelement = "Cu"', "world.ladder_input_element", "leave element out"),
    ('value = 60\nunit = "USD/t"', 'value = 60\nunit = "Mt"', "world.resources_unit", "USD/t"),
    ("value = 96.5", "value = 965", "world.resources_range", "1 is 100 percent"),
    ("value = 96.5", "low = 90", "world.resources_range", "one end is no range"),
    ("value = 25", "value = 0", "world.resources_range", "above 0"),
    ("value = 12", "value = -12", "world.resources_range", "0 <= low"),
    ("capital = [1, 0, 0]", "capital = [1, 0]", "world.ladder_schedule", "as many years"),
    ("ore = [0, 1, 1]", "ore = [0, 0, 0]", "world.ladder_schedule", "not all of them zero"),
]


@pytest.mark.parametrize(("good", "bad", "code", "word"), REFUSED)
def test_a_bad_input_is_refused_with_its_place(good, bad, code, word):
    assert good in text()
    with refused(code) as caught:
        parse_deposits(text().replace(good, bad))

    assert word in caught.value.sentence
    assert str(caught.value.where["field"]).startswith("$.deposit[0].")


def test_an_input_that_is_said_twice_is_refused():
    again = '\n[[deposit.input]]\nname = "royalty"\nvalue = 5\nunit = "percent"\nsource = "again"\n'
    with refused("world.resources_twice"):
        parse_deposits(text(schedule="", more=again))


def test_more_ranges_than_corners_can_be_computed_are_refused():
    ranges = {name: f"low = {value}\nvalue = {value}\nhigh = {value}" for name, (_, value, _) in INPUTS.items()}
    with refused("world.ladder_ranges"):
        ladder_of(small(**ranges))
    del ranges["ore"], ranges["price"]

    assert ladder_of(small(**ranges)).rung("net present value").figure.high == pytest.approx(
        BY_HAND["net present value"], abs=0.01
    )


def test_a_deposit_without_metal_has_no_ladder():
    with refused("world.ladder_empty"):
        ladder_of(named(shipped_deposits(), "krinj"))


def test_what_is_said_of_an_element_without_metal_is_refused_and_not_passed_over():
    silver = Inputs(input=(Input(name="price", element="Ag", value=1, unit="USD/kg", source="supposed"),))
    with refused("world.ladder_input_element"):
        ladder_of(small(), silver)


def test_a_second_concentrate_is_refused():
    gold = Inputs(
        input=tuple(
            Input(name=name, element="Au", value=1, unit="g/t", source="supposed")
            for name in ("grade", "concentrate_grade")
        )
    )
    with refused("world.ladder_input_element") as caught:
        ladder_of(small(), gold)
    assert "one concentrate" in caught.value.sentence


def test_a_ladder_is_plain_data():
    found = ladder_of(small())

    assert msgspec.json.decode(msgspec.json.encode(found))["rungs"][0]["figure"]["value"] == 90_000_000
