"""Limits of printed figures and of their quotient: worked by hand, and against every corner of what they allow."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.units.figure import Figure
from lodeline.world.dependence.reliance_limits import NOTHING_KNOWN, Span, Term, share_span, sum_span
from lodeline.world.dependence.reliance_printed import Printed, Rounding, finest_place, printed
from lodeline.world.dependence.reliance_verdict import compared, in_whole_points
from lodeline.world.statistics.edition import Row

ROUNDING = Rounding(digits=3, estimated=2)


def row(published: str, value: str | None, *, qualifiers: str = "", unit: str = "TNE", **limits: str) -> Row:
    """A printed figure of some line."""
    return Row(
        edition="usgs-mcs-2026",
        commodity="antimony",
        element="Sb",
        country="USA",
        measure="imports",
        form="",
        period="2024",
        value=None if value is None else Decimal(value),
        low=Decimal(limits["low"]) if "low" in limits else None,
        high=Decimal(limits["high"]) if "high" in limits else None,
        unit=unit,
        basis="element",
        qualifiers=qualifiers,
        published=published,
        published_unit="metric tons",
        note="",
        source="a test",
    )


@pytest.mark.parametrize(
    ("figure", "finest", "least", "most"),
    [
        (row("4,050", "4050"), 0, 4045, 4055),
        (row("4,000", "4000"), 0, 3995, 4005),
        (row("79,616", "79616"), 0, 79615.5, 79616.5),
        (row("105", "105"), 0, 104.5, 105.5),
        (row("100", "100"), 0, 99.5, 100.5),
        (row("7", "7"), 0, 6.5, 7.5),
        (row("81", "81"), -1, 80.95, 81.05),
        (row("1,800", "1800", qualifiers="e"), 0, 1750, 1850),
        (row("8,740", "8740", qualifiers="e"), 0, 8735, 8745),
        (row("917", "917000"), 0, 916_500, 917_500),
        (row("?1", "-1"), 0, -1.5, -0.5),
    ],
    ids=lambda value: value.published if isinstance(value, Row) else "",
)
def test_a_printed_number_is_what_it_is_to_half_of_its_last_place(figure, finest, least, most):
    found = printed(figure, ROUNDING, finest)

    assert (found.least, found.most) == (pytest.approx(least), pytest.approx(most))
    assert found.low == found.high == float(figure.value)


def test_a_note_on_rounding_goes_before_the_rule():
    """To the nearest 5,000 t; and to two significant digits."""
    assert printed(row("40,000", "40000"), ROUNDING, 0, step=Decimal(5000))[2:4] == (37_500, 42_500)
    assert printed(row("430", "430"), ROUNDING, 0, digits=2)[2:4] == (425, 435)


def test_a_quantity_is_not_below_nothing_before_it_is_rounded():
    assert printed(row("100", "100"), ROUNDING, 0, step=Decimal(300)).least == 0.0


def test_nothing_is_exact_and_what_is_withheld_has_no_upper_limit():
    assert printed(row("—", "0"), ROUNDING, 0) == Printed(0, 0, 0, 0, True)
    assert printed(row("W", None, qualifiers="W"), ROUNDING, 0) == Printed(0, None, 0, None, False)
    assert printed(row("s", None, qualifiers="s", low="0", high="0.5"), ROUNDING, 0) == Printed(0, 0.5, 0, 0.5, True)


def test_the_finest_place_of_a_line_is_that_of_any_of_its_figures():
    assert finest_place([row("85.9", "85.9"), row("81", "81")]) == -1
    assert finest_place([row("100", "100"), row("W", None)]) == 0


def test_a_share_is_least_with_least_imports_and_most_production():
    """1 to 2 in, 3 to 4 made: from 1 / 5 to 2 / 5."""
    assert share_span([Term(1, 1, 1, 2), Term(0, 1, 3, 4)]) == Span(pytest.approx(0.2), pytest.approx(0.4))


def test_of_a_net_exporter_production_works_the_other_way_round():
    """2 out, 3 to 4 made: from -2 / 1 to -2 / 2."""
    assert share_span([Term(-1, -1, 2, 2), Term(0, 1, 3, 4)]) == Span(pytest.approx(-2.0), pytest.approx(-1.0))


def test_withheld_production_makes_a_share_as_small_as_one_likes():
    assert share_span([Term(1, 1, 4, 4), Term(0, 1, 6, 6), Term(0, 1, 0, None)]) == Span(0.0, pytest.approx(0.4))


def test_whatever_is_produced_a_net_exporter_is_one_and_nobody_relies_on_more_than_all():
    assert share_span([Term(1, 1, 1, 1), Term(-1, -1, 2, 2), Term(0, 1, 0, None)]) == Span(None, 0.0)
    assert share_span([Term(1, 1, 1, 3), Term(-1, -1, 2, 2), Term(0, 1, 0, None)]) == Span(None, 1.0)


def test_where_net_imports_have_no_limit_nothing_is_known():
    assert share_span([Term(1, 1, 1, None), Term(0, 1, 3, 4)]) == NOTHING_KNOWN


def test_a_sum_has_the_limits_of_its_terms_and_none_where_one_has_none():
    terms = [(1.0, Term(0, 0, 1, 2)), (-1.0, Term(0, 0, 3, 5))]

    assert sum_span(terms) == Span(-4.0, -1.0)
    assert sum_span([*terms, (1.0, Term(0, 0, 0, None))]) == Span(-4.0, None)


tonnes = st.integers(0, 2_000).map(lambda tenths: tenths / 10)
boxes = st.tuples(tonnes, tonnes).map(sorted)


@given(net=st.lists(st.tuples(st.sampled_from([-1, 1]), boxes), min_size=1, max_size=4), made=boxes)
def test_the_limits_of_a_share_are_reached_at_corners_of_the_box(net, made):
    """A second route: every corner, where consumption is positive at all of them."""
    terms = [Term(sign, sign, low, high) for sign, (low, high) in net]
    terms.append(Term(0, 1, made[0] + 1_000, made[1] + 1_000))
    shares = [
        sum(t.net * x for t, x in zip(terms, xs, strict=True)) / sum(t.used * x for t, x in zip(terms, xs, strict=True))
        for xs in itertools.product(*[(t.low, t.high) for t in terms])
    ]

    found = share_span(terms)

    assert (found.low, found.high) == (pytest.approx(min(shares)), pytest.approx(max(shares)))


@given(
    net=st.lists(st.tuples(st.sampled_from([-1, 1]), boxes), min_size=1, max_size=4),
    made=boxes,
    scale=st.sampled_from([0.001, 1000.0]),
)
def test_a_share_does_not_depend_on_the_unit(net, made, scale):
    terms = [Term(sign, sign, low, high) for sign, (low, high) in net]
    terms.append(Term(0, 1, made[0] + 1_000, made[1] + 1_000))
    scaled = [Term(t.net, t.used, t.low * scale, t.high * scale) for t in terms]

    one, other = share_span(terms), share_span(scaled)

    assert (one.low, one.high) == (pytest.approx(other.low, abs=1e-12), pytest.approx(other.high, abs=1e-12))


def figure(low: float, high: float) -> Figure:
    return Figure(value=None, unit="P1", standing="bounded", low=low, high=high)


@pytest.mark.parametrize(
    ("published", "low", "high", "limits", "verdict"),
    [
        (row("85", "85", unit="P1"), 85.4, 85.6, False, "agrees"),
        (row("85", "85", unit="P1"), 85.6, 85.8, False, "differs"),
        (row("85", "85", unit="P1"), 80.0, 90.0, True, "inputs missing"),
        (row("85", "85", unit="P1"), 84.9, 85.1, True, "agrees"),
        (row(">95", None, unit="P1", qualifiers=">", low="95"), 94.0, 95.5, False, "agrees"),
        (row(">95", None, unit="P1", qualifiers=">", low="95"), 93.0, 94.9, False, "differs"),
        (row("E", None, unit="P1", qualifiers="E", high="0"), -5.0, -1.0, True, "agrees"),
        (row("E", None, unit="P1", qualifiers="E", high="0"), 1.0, 5.0, False, "differs"),
        (row("NA", None, unit="P1", qualifiers="NA"), 1.0, 5.0, False, "not published"),
    ],
)
def test_figures_agree_where_they_can_be_one_and_limits_only_where_they_must(published, low, high, limits, verdict):
    found = compared(published, in_whole_points(published), figure(low, high), Span(low, high), limits=limits)

    assert found.verdict == verdict


def test_how_far_a_figure_is_off_is_counted_from_what_is_printed():
    figure_85, above_95 = row("85", "85", unit="P1"), row(">95", None, unit="P1", qualifiers=">", low="95")
    found = [
        compared(one, in_whole_points(one), figure(80.0, 99.0), Span(said, said), limits=False).off
        for one, said in ((figure_85, 86.5), (figure_85, 85.0), (above_95, 93.0), (above_95, 97.0))
    ]

    assert found == [1.5, 0.0, 2.0, 0.0]


def test_of_a_consumption_that_is_nothing_there_is_no_share():
    """Thallium of 2024: nothing is used, and 3 t are exported."""
    nothing, exported = Term(0, 1, 0.0, 0.0), Term(-1, 0, 3.0, 3.0)

    assert share_span([nothing, exported]) == NOTHING_KNOWN
    assert share_span([Term(0, 1, 0.0, None), exported]) == Span(None, 0.0)
