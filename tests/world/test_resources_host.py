"""The effect on the host country: ratios of named operations, scaled, and unknown where no operation is known."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.chemistry.formula import element_per_compound
from lodeline.units.figure import Figure
from lodeline.world.resources.host import host_effect
from lodeline.world.resources.host_price import _quoted, edition_price, stated_price
from lodeline.world.resources.operations import (
    COLUMNS,
    RATIOS,
    factors_of,
    least,
    most,
    parse_operations,
    shipped_operations,
)
from lodeline.world.statistics.edition import shipped
from tests.outside import DATA, needs_data
from tests.world.small_resources import refused

HEADER = ",".join(COLUMNS)
TWO = f"""{HEADER}
A,PAK,Cu,output,100,100,t/y,2025,,,a report
A,PAK,Cu,jobs-operation,10,10,jobs,2025,,,a report
A,PAK,Cu,jobs-construction,40,40,jobs,2025,,,a report
A,PAK,Cu,capital,1000000,2000000,USD,2025,,,a report
A,PAK,Cu,government-revenue,5000,5000,USD/y,2025,,,a report
A,PAK,Cu,royalty,5,5,percent,2025,,,a report
B,PER,Cu,output,400,500,t/y,2025,,,another report
B,PER,Cu,jobs-operation,20,,jobs,2025,more than,,another report
C,PER,Cu,output,200,200,t/y,2025,,,a third report
C,PER,Cu,jobs-operation,40,50,jobs,2025,,,a third report
"""
PRICE = stated_price(9000.0)


def effect(tonnes=1000.0, capital=None, price=PRICE, payable=None, element="Cu", operations=None):
    return host_effect(
        parse_operations(TWO) if operations is None else operations,
        element,
        tonnes_per_year=tonnes,
        capital_usd=capital,
        price_usd_per_t=price,
        payable=payable,
    )


def test_ratios_are_worked_by_hand():
    """Per 1,000 t. A: 10 / 100; B: at least 20 / 500; C: 40 to 50 over 200."""
    found = {
        one.operation: (least(one.figure), most(one.figure)) for one in factors_of(parse_operations(TWO), RATIOS[0])
    }

    assert found == {"A": (100, 100), "B": (40, None), "C": (200, 250)}


def test_a_range_goes_from_the_least_to_the_most_of_operations_with_both_ends():
    """1,000 t: 100 jobs by A, 200 to 250 by C; B has a lower limit only and stands beside, named."""
    jobs = effect().effect("jobs in operation")

    assert (jobs.figure.low, jobs.figure.high) == (100, 250)
    assert [one.operation for one in jobs.factors] == ["A", "B", "C"]
    assert jobs.method.endswith("one limit only: B")
    assert set(jobs.figure.rests_on) == {f"{name}:Cu:{what}" for name in "ABC" for what in ("output", "jobs-operation")}


def test_construction_jobs_follow_capital_and_are_unknown_without():
    """40 jobs for 1 to 2 million dollars: 20 to 40 a million."""
    jobs = effect(capital=3e6).effect("jobs at the peak of construction").figure

    assert (jobs.low, jobs.high) == pytest.approx((60, 120))
    unsaid = effect().effect("jobs at the peak of construction").figure
    assert unsaid.standing == "unknown"
    assert unsaid.settle


def test_revenue_of_governments_and_royalties_by_hand():
    """50 USD a tonne; at most 5 % of 9 million."""
    found = effect()

    assert (found.effect("revenue of governments").figure.low, found.effect("revenue of governments").figure.high) == (
        50_000,
        50_000,
    )
    assert (found.effect("royalties").figure.low, found.effect("royalties").figure.high) == (0, 450_000)


def test_export_value_is_a_limit_until_the_part_that_is_paid_is_said():
    assert effect().effect("export value").figure.high == 9_000_000
    assert effect().effect("export value").figure.value is None
    assert effect(payable=0.96).effect("export value").figure.value == pytest.approx(8_640_000)


def test_no_operation_means_unknown_and_asks_for_one():
    found = effect(element="Sb")

    for one in found.effects[1:]:
        assert one.figure.standing == "unknown"
        assert "Sb" in one.figure.settle[0].detail or "capital" in one.figure.settle[0].detail
    assert found.effect("export value").figure.high == 9_000_000


def test_an_operation_with_one_limit_alone_gives_no_range():
    only = parse_operations("\n".join(line for line in TWO.splitlines() if not line.startswith(("A,", "C,"))))
    jobs = effect(operations=only).effect("jobs in operation")

    assert jobs.figure.standing == "unknown"
    assert len(jobs.factors) == 1


@given(scale=st.floats(1e-3, 1e6))
def test_effects_scale_with_tonnes_and_dollars(scale):
    one, other = effect(capital=1e6), effect(tonnes=1000 * scale, capital=1e6 * scale)

    for a, b in zip(one.effects, other.effects, strict=True):
        assert b.figure.high == pytest.approx(scale * a.figure.high)
        assert b.figure.low == pytest.approx(scale * a.figure.low)


def test_another_operation_can_only_widen_a_range():
    fewer = parse_operations("\n".join(line for line in TWO.splitlines() if not line.startswith("C,")))
    narrow, wide = effect(operations=fewer), effect()

    assert wide.effect("jobs in operation").figure.low <= narrow.effect("jobs in operation").figure.low
    assert wide.effect("jobs in operation").figure.high >= narrow.effect("jobs in operation").figure.high


def test_reko_diq_at_its_own_size_has_its_own_jobs_within_the_range():
    """240,000 t: 4,000 jobs by its own ratio, and about 28,000 by that of Saindak."""
    found = effect(tonnes=240_000.0, capital=5.6e9, operations=shipped_operations())
    jobs = found.effect("jobs in operation").figure

    assert jobs.low == pytest.approx(4000)
    assert jobs.high == pytest.approx(240_000 * 1915 / 16426)
    assert found.effect("jobs at the peak of construction").figure.low == pytest.approx(7500)
    assert found.effect("jobs at the peak of construction").figure.high == pytest.approx(5.6e9 * 10_000 / 5e9)
    assert found.effect("revenue of governments").figure.low == pytest.approx(7.1e9 / 30, abs=1)


def test_every_factor_names_its_source():
    found = effect(tonnes=240_000.0, capital=5.6e9, operations=shipped_operations())

    assert all(one.sources and all(one.sources) for line in found.effects for one in line.factors)


def test_prices_of_an_edition_are_a_range_of_its_quotations():
    """Copper in 2024, cents per pound: 414.7 to 431.8; 2025 is estimated, and so not taken."""
    copper = edition_price(shipped(), "Cu")

    assert (copper.low, copper.high) == pytest.approx((4.147 / 0.45359237 * 1000, 4.318 / 0.45359237 * 1000))
    assert all(":2024" in key for key in copper.rests_on)
    assert edition_price(shipped(), "Xx").standing == "unknown"
    assert edition_price(shipped(), "Sb").value == pytest.approx(10.24 / 0.45359237 * 1000)
    assert effect(price=copper).effect("export value").figure.high == pytest.approx(1000 * copper.high)
    assert effect(price=copper, payable=0.5).effect("export value").figure.low == pytest.approx(500 * copper.low)


def test_without_a_price_there_is_no_export_value():
    none = Figure(value=None, unit="USD/TNE", standing="unknown")

    assert effect(price=none).effect("export value").figure.standing == "unknown"
    assert effect(price=none).effect("royalties").figure.standing == "unknown"


@pytest.mark.parametrize("more", [{"tonnes": 0.0}, {"capital": -1.0}, {"payable": 1.5}, {"tonnes": float("inf")}])
def test_amounts_out_of_range_are_refused(more):
    with refused("world.host_amount"):
        effect(**more)


def test_a_price_below_zero_is_refused():
    with refused("world.host_amount"):
        stated_price(-1.0)


BAD = [
    ("jobs-operation,10,10,jobs", "joy,10,10,jobs", "world.operation_measure"),
    ("jobs-operation,10,10,jobs", "jobs-operation,10,10,t/y", "world.operation_measure"),
    ("jobs-operation,10,10,jobs", "jobs-operation,10,9,jobs", "world.resources_range"),
    ("jobs-operation,10,10,jobs", "jobs-operation,0,9,jobs", "world.resources_range"),
    ("jobs-operation,10,10,jobs", "output,100,100,t/y", "world.row_twice"),
    ("jobs-operation,10,10,jobs", "jobs-operation,ten,10,jobs", "world.not_a_number"),
]


@pytest.mark.parametrize(("good", "bad", "code"), BAD)
def test_a_bad_table_of_operations_is_refused(good, bad, code):
    with refused(code):
        parse_operations(TWO.replace(good, bad))


def test_the_answer_is_a_table_with_a_row_a_factor():
    frame = effect().table()

    assert frame.height == sum(max(len(one.factors), 1) for one in effect().effects)
    assert frame.filter(frame["operation"] == "B")["factor_high"].to_list() == [None]


@needs_data
def test_shipped_figures_of_reko_diq_are_those_of_the_claims():
    with (DATA / "claims" / "public_claims.csv").open(encoding="utf-8") as stream:
        claims = {row["claim_id"]: row for row in csv.DictReader(stream)}
    known = {one.measure: one for one in shipped_operations() if one.operation.startswith("Reko Diq")}

    assert known["output"].low == float(claims["C17"]["value"])
    assert known["capital"].low == pytest.approx(float(claims["C16"]["value"]) * 1e9)
    assert known["government-revenue"].low == pytest.approx(float(claims["C19"]["value"]) * 1e9 / 30, abs=1)
    assert f"{known['jobs-construction'].low:.0f} peak" in claims["C18"]["value"]
    assert f"{known['jobs-operation'].low:.0f} operation" in claims["C18"]["value"]


def test_the_price_of_a_compound_is_turned_into_one_of_the_element():
    """By hand: 56 USD/kg of Nd2O3, 85.74 % Nd, are 65.3 USD/kg of Nd; lithium is 18.79 % of its carbonate."""
    assert edition_price(shipped(), "Nd").value == pytest.approx(56_000 / 0.85735, rel=1e-4)
    assert edition_price(shipped(), "Li").value == pytest.approx(11_800 / 0.18787, rel=1e-3)


def test_ore_is_no_price_of_its_metal():
    """Chromite ore at 331 USD/t stood beside chromium metal; of niobium only ferroniobium is quoted."""
    chromium, niobium = edition_price(shipped(), "Cr"), edition_price(shipped(), "Nb")

    assert chromium.low == pytest.approx(1.76 / 0.45359237 * 1000)
    assert niobium.standing == "unknown"
    assert "unit value ferroniobium" in niobium.settle[0].detail


def test_every_price_that_is_said_to_be_of_an_element_is_in_the_edition():
    there = {(row.commodity, row.form): row.element for row in shipped().select(measure="price")}

    assert set(_quoted()) <= set(there)
    for key, of in _quoted().items():
        assert of == there[key] or element_per_compound(of, there[key]) < 1
