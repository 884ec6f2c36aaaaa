"""Concentration: what is known gives a value, what is folded or withheld gives limits that are reached."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, minimize

from lodeline.errors import InputError, Settle
from lodeline.units.figure import Figure, unknown
from lodeline.world.dependence import spread
from lodeline.world.dependence.concentration import Unnamed, concentration, indicators, smallest_named


def tonnes(value: float) -> Figure:
    return Figure(value=value, unit="TNE", standing="stated", rests_on=(f"row:{value:g}",))


def between(low: float | None, high: float | None) -> Figure:
    return Figure(value=None, low=low, high=high, unit="TNE", standing="bounded")


def test_shares_of_60_30_and_10_percent_have_an_index_of_4600():
    """By hand: 3600 + 900 + 100; 10,000 / 4600 = 2.174 equal suppliers."""
    found = concentration({"CHN": tonnes(60), "RUS": tonnes(30), "TJK": tonnes(10)})

    assert found.hhi.value == pytest.approx(4600)
    assert found.effective.value == pytest.approx(10000 / 4600)
    assert found.top_1.value == pytest.approx(60)
    assert found.top_3.value == pytest.approx(100)
    assert found.leaders == ("CHN",)
    assert found.hhi.rests_on == ("row:60", "row:30", "row:10")
    assert found.note == ""


def test_a_lump_is_one_country_at_the_most_and_endlessly_many_at_the_least():
    """By hand: 50 and 30 named, 20 folded. Squares: 2500 + 900 = 3400, and 400 more if the 20 are one country."""
    found = concentration({"CHN": tonnes(50), "RUS": tonnes(30), "OTH": tonnes(20)})

    assert found.hhi.value is None
    assert (found.hhi.low, found.hhi.high) == (pytest.approx(3400), pytest.approx(3800))
    assert (found.effective.low, found.effective.high) == (pytest.approx(10000 / 3800), pytest.approx(10000 / 3400))
    assert found.top_1.value == pytest.approx(50)
    assert (found.top_3.low, found.top_3.high) == (pytest.approx(80), pytest.approx(100))
    assert found.leaders == ("CHN",)
    assert found.hhi.settle[0].subject == "OTH"


def test_what_is_assumed_of_a_lump_narrows_the_limits_and_is_said():
    """By hand: the 20 are at most 4 countries, none above 8: at least 4 * 25 = 100, at most 64 + 64 + 16 = 144."""
    supply = {"CHN": tonnes(50), "RUS": tonnes(30), "OTH": tonnes(20)}

    found = concentration(supply, unnamed=Unnamed(countries=4, none_above=8))

    assert (found.hhi.low, found.hhi.high) == (pytest.approx(3500), pytest.approx(3544))
    assert (found.top_3.low, found.top_3.high) == (pytest.approx(85), pytest.approx(88))
    assert found.note == "Assumed: other countries are at most 4 countries, none above 8 t."


def test_a_lump_of_one_country_leaves_nothing_open():
    found = concentration({"CHN": tonnes(50), "OTH": tonnes(50)}, unnamed=Unnamed(countries=1))

    assert found.hhi.value == pytest.approx(5000)


def test_a_lump_that_can_hold_a_larger_country_than_any_named_can_lead():
    found = concentration({"CHN": tonnes(30), "RUS": tonnes(25), "OTH": tonnes(45)})

    assert found.leaders == ("CHN", "OTH")
    assert (found.top_1.low, found.top_1.high) == (pytest.approx(30), pytest.approx(45))


def test_a_withheld_amount_with_no_limit_leaves_a_least_that_is_not_zero_and_a_most_of_10000():
    """By hand: 6 and 3 known, w withheld. (36 + 9 + w^2) / (9 + w)^2 is least at w = 45 / 9 = 5: 70 / 196."""
    settle = Settle(act="document", subject="row", detail="Withheld.")

    found = concentration({"CHN": tonnes(6), "RUS": tonnes(3), "USA": unknown("TNE", settle)})

    assert found.hhi.low == pytest.approx(1e4 * 70 / 196)
    assert found.hhi.high == pytest.approx(1e4)
    assert (found.effective.low, found.effective.high) == (pytest.approx(1), pytest.approx(196 / 70))
    assert found.leaders == ("CHN", "USA")
    assert found.hhi.settle == (settle,)


def test_a_total_tells_what_a_withheld_amount_is():
    """By hand: of 10 t, 6 and 3 are known, so the withheld one is 1: 36 + 9 + 1 = 46 of 100."""
    found = concentration({"CHN": tonnes(6), "RUS": tonnes(3), "USA": unknown("TNE")}, total=tonnes(10))

    assert found.hhi.value == pytest.approx(4600)


def test_two_withheld_amounts_are_least_alike_and_most_in_one_hand():
    """By hand: 10 t less 6 known: two withheld have 4: 2 + 2 gives 44 %, 4 + 0 gives 52 %."""
    supply = {"CHN": tonnes(6), "USA": unknown("TNE"), "RUS": unknown("TNE")}

    found = concentration(supply, total=tonnes(10))

    assert (found.hhi.low, found.hhi.high) == (pytest.approx(4400), pytest.approx(5200))
    assert found.top_1.value == pytest.approx(60)


def test_nothing_at_all_is_unknown_and_not_zero():
    found = concentration({"CHN": tonnes(0), "RUS": tonnes(0)})

    assert found.hhi.standing == found.top_1.standing == "unknown"
    assert found.hhi.settle


def test_a_total_of_nothing_is_unknown_too():
    assert concentration({"CHN": between(0, 4)}, total=tonnes(0)).hhi.standing == "unknown"


def test_a_lump_without_limits_can_be_everything_and_nobody_so_nothing_is_known():
    """From endlessly many countries to one: limits of 0 and 10,000 would say nothing, and look like a figure."""
    found = concentration({"CHN": tonnes(5), "OTH": unknown("TNE")})

    assert {one.standing for one in (found.hhi, found.effective, found.top_1, found.top_3)} == {"unknown"}
    assert found.leaders == ("CHN", "OTH")
    assert "other countries" in found.hhi.settle[-1].detail


def test_the_smallest_named_is_no_lump_and_not_unknown():
    supply = {"CHN": tonnes(50), "RUS": tonnes(30), "USA": unknown("TNE"), "OTH": tonnes(2)}

    assert smallest_named(supply) == 30
    assert smallest_named({"CHN": tonnes(0)}) is None


def test_the_four_are_indicators_with_method_inputs_and_edition():
    found = concentration({"CHN": tonnes(3), "RUS": tonnes(1)})

    rows = indicators(found, editions=("usgs-mcs-2026",), prefix="import-")

    assert [one.name for one in rows] == ["import-hhi", "import-effective-suppliers", "import-top-1", "import-top-3"]
    assert all(one.method and one.inputs == ("row:3", "row:1") for one in rows)
    assert {one.editions for one in rows} == {("usgs-mcs-2026",)}


# Against brute force. With whole limits, every corner is whole too, so the most over whole amounts is the most.

LIMITS = st.tuples(st.integers(0, 6), st.integers(0, 4)).map(lambda pair: (pair[0], pair[0] + pair[1]))


def brute(limits, total):
    """All whole amounts within limits whose sum is within those of the total."""
    every = itertools.product(*(range(low, high + 1) for low, high in limits))
    return [one for one in every if sum(one) > 0 and (total is None or total[0] <= sum(one) <= total[1])]


def squares(amounts):
    return sum(one * one for one in amounts) / sum(amounts) ** 2


def top(amounts, n):
    return sum(sorted(amounts)[-n:]) / sum(amounts)


@st.composite
def cases(draw):
    limits = draw(st.lists(LIMITS, min_size=1, max_size=4))
    least, most = sum(low for low, _ in limits), sum(high for _, high in limits)
    total = draw(st.none() | st.tuples(st.integers(least, most), st.integers(0, 5)))
    return limits, None if total is None else (total[0], total[0] + total[1])


@settings(max_examples=150, deadline=None)
@given(cases())
def test_the_most_is_the_most_of_all_whole_amounts(case):
    limits, total = case
    points = brute(limits, total)
    if not points:
        return

    found = concentration(
        {f"C{i}": between(*one) for i, one in enumerate(limits)}, total=None if total is None else between(*total)
    )

    assert high(found.hhi) / 1e4 == pytest.approx(max(squares(one) for one in points))
    assert high(found.top_1) / 100 == pytest.approx(max(top(one, 1) for one in points))
    assert high(found.top_3) / 100 == pytest.approx(max(top(one, 3) for one in points))


@settings(max_examples=150, deadline=None)
@given(cases())
def test_no_whole_amounts_are_below_the_least(case):
    limits, total = case
    points = brute(limits, total)
    if not points:
        return

    found = concentration(
        {f"C{i}": between(*one) for i, one in enumerate(limits)}, total=None if total is None else between(*total)
    )

    assert low(found.hhi) / 1e4 <= min(squares(one) for one in points) + 1e-12
    assert low(found.top_1) / 100 <= min(top(one, 1) for one in points) + 1e-12
    assert low(found.top_3) / 100 <= min(top(one, 3) for one in points) + 1e-12


@settings(max_examples=40, deadline=None)
@given(cases())
def test_the_least_is_where_a_general_optimiser_ends(case):
    """A second route: sequential quadratic programming from several starts finds the same least sum of squares."""
    limits, total = case
    if not brute(limits, total):
        return
    low_, high_ = (np.array(side, dtype=float) for side in zip(*limits, strict=True))
    sums = (max(low_.sum(), total[0]), min(high_.sum(), total[1])) if total else (low_.sum(), high_.sum())
    sums = (max(sums[0], 1e-3), max(sums[1], 1e-3))
    starts = [low_ + part * (high_ - low_) for part in (0.05, 0.3, 0.5, 0.95)]
    ends = [
        minimize(
            squares,
            start,
            method="SLSQP",
            bounds=list(zip(low_, high_, strict=True)),
            constraints=LinearConstraint(np.ones((1, low_.size)), *sums),
            options={"ftol": 1e-14, "maxiter": 500},
        )
        for start in starts
        if start.sum() > 0
    ]

    found = concentration(
        {f"C{i}": between(*one) for i, one in enumerate(limits)}, total=None if total is None else between(*total)
    )

    reached = [end.fun for end in ends if end.success and sums[0] - 1e-6 <= end.x.sum() <= sums[1] + 1e-6]
    if reached:
        assert low(found.hhi) / 1e4 == pytest.approx(min(reached), abs=2e-5)


@settings(max_examples=100, deadline=None)
@given(
    named=st.lists(st.integers(1, 9), min_size=1, max_size=3),
    lump=st.integers(1, 9),
    countries=st.integers(1, 5),
    cap=st.integers(1, 9),
)
def test_a_lump_in_every_way_of_cutting_it_up_stays_within_the_limits_and_reaches_the_upper_one(
    named, lump, countries, cap
):
    ways = [
        one
        for one in itertools.product(range(min(lump, cap) + 1), repeat=countries)
        if sum(one) == lump and list(one) == sorted(one)
    ]
    if not ways:
        return
    supply = {f"C{i}": tonnes(one) for i, one in enumerate(named)} | {"OTH": tonnes(lump)}

    found = concentration(supply, unnamed=Unnamed(countries=countries, none_above=cap))

    for figure, measure, scale in (
        (found.hhi, squares, 1e4),
        (found.top_1, lambda amounts: top(amounts, 1), 100),
        (found.top_3, lambda amounts: top(amounts, 3), 100),
    ):
        values = [scale * measure([*named, *way]) for way in ways]
        assert high(figure) == pytest.approx(max(values))
        assert low(figure) <= min(values) + 1e-9
        if lump % countries == 0:
            assert low(figure) == pytest.approx(min(values))


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=8), st.floats(1e-3, 1e3))
def test_the_unit_and_the_order_do_not_matter(amounts, scale):
    supply = {f"C{i}": tonnes(one) for i, one in enumerate(amounts)}
    other = {f"C{i}": tonnes(one * scale) for i, one in reversed(list(enumerate(amounts)))}

    assert concentration(other).hhi.value == pytest.approx(concentration(supply).hhi.value)


@given(st.lists(st.floats(0.01, 1e6), min_size=2, max_size=8), st.data())
def test_folding_countries_into_a_lump_never_loses_the_truth(amounts, data):
    """Metamorphic: what is known in full lies within the limits of what is left when some of it is folded."""
    folded = data.draw(st.integers(1, len(amounts) - 1))
    whole = concentration({f"C{i}": tonnes(one) for i, one in enumerate(amounts)})
    named = {f"C{i}": tonnes(one) for i, one in enumerate(amounts[folded:])}

    part = concentration({**named, "OTH": tonnes(math.fsum(amounts[:folded]))})

    for name in ("hhi", "effective", "top_1", "top_3"):
        value, limits = getattr(whole, name).value, getattr(part, name)
        assert low(limits) * (1 - 1e-9) <= value <= high(limits) * (1 + 1e-9)


def test_beyond_the_corners_that_are_visited_the_most_is_an_outer_limit_and_says_so():
    """Twenty of 0 to 1 t beside one of 5 t: in truth at most 1 (others nothing), and the outer limit is not below."""
    supply = {"CHN": tonnes(5)} | {f"C{i:02}": between(0, 1) for i in range(20)}

    found = concentration(supply)

    assert not found.exact
    assert found.hhi.high >= 10000 - 1e-6
    assert "outer" in indicators(found, editions=("e",))[0].note


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 4)), min_size=15, max_size=18), st.randoms())
def test_the_outer_limit_is_above_every_case(pairs, random):
    limits = [(least, least + width) for least, width in pairs]
    amounts = [random.uniform(*one) for one in limits]

    found = concentration({f"C{i}": between(*one) for i, one in enumerate(limits)})

    assert not found.exact
    assert high(found.hhi) >= 1e4 * squares(amounts) - 1e-6
    assert high(found.top_3) >= 100 * top(amounts, 3) - 1e-6
    assert low(found.hhi) <= 1e4 * squares(amounts) + 1e-6


def low(figure: Figure) -> float:
    return figure.low if figure.value is None else figure.value


def high(figure: Figure) -> float:
    return figure.high if figure.value is None else figure.value


@pytest.mark.parametrize(
    ("supply", "more", "code"),
    [
        ({}, {}, "world.shares_none"),
        ({"CHN": tonnes(1), "WLD": tonnes(2)}, {}, "world.share_of_world"),
        (
            {"CHN": tonnes(1), "RUS": Figure(value=1.0, unit="P1", standing="stated")},
            {},
            "world.shares_mixed_units",
        ),
        ({"CHN": tonnes(-1)}, {}, "world.share_negative"),
        ({"CHN": tonnes(6), "RUS": tonnes(6)}, {"total": tonnes(10)}, "world.shares_do_not_add_up"),
        ({"CHN": tonnes(6), "OTH": between(0, 1)}, {"total": tonnes(10)}, "world.shares_do_not_add_up"),
        (
            {"CHN": tonnes(6), "OTH": tonnes(5)},
            {"unnamed": Unnamed(countries=2, none_above=2)},
            "world.unnamed_too_few",
        ),
        ({"CHN": tonnes(6), "OTH": tonnes(5)}, {"unnamed": Unnamed(countries=0)}, "world.unnamed_too_few"),
    ],
)
def test_amounts_that_cannot_be_are_refused(supply, more, code):
    with pytest.raises(InputError) as refused:
        concentration(supply, **more)

    assert refused.value.code == code


def test_amounts_that_can_be_are_not_refused():
    found = concentration(
        {"CHN": tonnes(6), "OTH": tonnes(4)}, total=tonnes(10), unnamed=Unnamed(countries=2, none_above=2)
    )

    assert found.hhi.value == pytest.approx(4400)


def test_a_box_keeps_its_own_limits():
    box = spread.consistent(spread.Box(np.array([1.0, 2.0]), np.array([np.inf, 9.0]), 0.0, 8.0))

    assert box.high.tolist() == [6.0, 7.0]
    assert (box.least, box.most) == (3.0, 8.0)
