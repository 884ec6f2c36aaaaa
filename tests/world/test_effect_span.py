"""Spans hold every result that values within their parts can have; figures of them are unknown where a part is."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lodeline.units.figure import Figure
from lodeline.world.effect.market import part_of
from lodeline.world.effect.span import Span, exactly, figure, span
from lodeline.world.effect.wording import told

mass = st.floats(0, 1e6)


@st.composite
def within(draw):
    """A span, and a value within it."""
    low, value, high = sorted(draw(st.tuples(mass, mass, mass)))
    return Span(None, low, high), value


def holds(of: Span, value: float) -> bool:
    slack = 1e-9 * max(1.0, abs(value))
    return of.low - slack <= value <= of.high + slack


@given(within(), within())
def test_the_span_of_a_result_holds_the_result_of_any_values(one, other):
    (a, x), (b, y) = one, other

    assert holds(a + b, x + y)
    assert holds(a - b, x - y)
    assert holds(a * b, x * y)
    assert holds(a.at_most(b), min(x, y))
    assert holds(a.at_least(b), max(x, y))


@given(within(), within())
def test_a_quotient_too_and_without_limit_where_the_divisor_may_be_nothing(one, other):
    (a, x), (b, y) = one, other
    assume(y > 1e-6)

    assert holds(a / b, x / y)
    if b.low == 0 < a.high:
        assert (a / b).high == math.inf


@given(st.tuples(mass, mass, mass))
def test_a_part_holds_no_less_than_the_rest_leaves_and_no_more_than_there_is(of):
    taken, whole, holding = of
    assume(whole > 0 and taken <= whole and holding <= whole)
    got = part_of(exactly(taken), exactly(whole), exactly(holding))

    assert got.low == pytest.approx(max(0.0, taken + holding - whole), abs=1e-6)
    assert got.high == min(taken, holding)
    assert got.value is not None
    assert holds(got, got.value)


def test_nothing_taken_holds_nothing():
    assert part_of(exactly(0), exactly(5), exactly(3)) == exactly(0)
    assert part_of(exactly(1), exactly(0), exactly(0)) == exactly(0)


def test_a_figure_of_an_unknown_part_is_unknown():
    unsaid = Figure(value=None, unit="TNE", standing="unknown", rests_on=("a",))

    got = figure(exactly(3), "P1", of_figures=(unsaid,))
    assert (got.standing, got.rests_on) == ("unknown", ("a",))


def test_a_figure_of_limits_is_bounded_and_one_without_any_unknown():
    bounded = Figure(value=None, low=1.0, unit="TNE", standing="bounded")

    got = figure(span(bounded) * exactly(2), "TNE", of_figures=(bounded,))
    assert (got.standing, got.low, got.high) == ("bounded", 2, None)
    assert figure(Span(None, -math.inf, math.inf), "P1", of_figures=()).standing == "unknown"


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ({"value": 28_600.0}, "28,600"),
        ({"value": 0.90909}, "0.909"),
        ({"value": 1e300}, "1.00e+300"),
        ({"value": 0.0}, "0"),
        ({"value": 1e-7}, "<0.0001"),
        ({"value": -1e-7}, ">-0.0001"),
        ({"value": 4.84, "low": 0.0, "high": 5.54}, "4.84 [0 to 5.54]"),
        ({"value": 47.6, "low": 47.0}, "47.6 [from 47]"),
        ({"value": 2.0, "high": 3.0}, "2 [to 3]"),
        ({"value": 2.0, "low": 1.99999, "high": 2.00001}, "2"),
        ({"value": 0.0, "low": -1e-6, "high": 1e-6}, "0"),
        ({"value": 10.6, "u": 0.0271}, "10.600 ± 0.027"),
        ({"value": None, "low": 0.0, "high": 3.0}, "at most 3"),
        ({"value": None, "low": 1.0, "high": 3.0}, "1 to 3"),
        ({"value": None, "low": 1.0}, "at least 1"),
        ({"value": None}, "unknown"),
    ],
)
def test_figures_in_words(of, said):
    limits = any(of.get(name) is not None for name in ("low", "high"))
    standing = "computed" if of["value"] is not None else "bounded" if limits else "unknown"

    assert told(Figure(unit="P1", standing=standing, **of)) == said
