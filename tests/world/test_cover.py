"""Months of cover: stocks over a month's use, with the limits of both."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError, Settle
from lodeline.units.figure import Figure, unknown
from lodeline.world import shipped, table
from lodeline.world.dependence.cover import cover, months_of_cover
from lodeline.world.dependence.indicator import Question

ASK = Settle(act="document", subject="row", detail="Withheld.")


def tonnes(value: float, unit: str = "TNE") -> Figure:
    return Figure(value=value, unit=unit, standing="stated", rests_on=(f"row:{value:g}",))


def between(low: float | None, high: float | None) -> Figure:
    return Figure(value=None, low=low, high=high, unit="TNE", standing="bounded")


def asked(rows=None, **changes) -> Question:
    given_ = {"commodity": "copper", "country": "USA", "year": "2024"} | changes
    return Question(table=shipped() if rows is None else table(rows), **given_)


def test_300_t_of_stocks_at_1200_t_a_year_last_three_months():
    found = cover(tonnes(300), tonnes(1200))

    assert found.value == pytest.approx(3)
    assert (found.unit, found.rests_on) == ("MON", ("row:300", "row:1200"))


def test_limits_go_the_opposite_way_in_the_denominator():
    """By hand: 100 to 200 t at 1200 to 2400 t a year: 12 * 100 / 2400 = 0.5 to 12 * 200 / 1200 = 2 months."""
    found = cover(between(100, 200), between(1200, 2400))

    assert (found.standing, found.low, found.high) == ("bounded", pytest.approx(0.5), pytest.approx(2))


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(1, 1e6), st.floats(1, 1e6), st.floats(0, 1), st.floats(0, 1))
def test_every_case_within_the_limits_has_its_cover_within_the_limits(a, b, c, d, x, y):
    stocks, used = sorted((a, b)), sorted((c, d))
    found = cover(between(*stocks), between(*used))

    case = 12 * (stocks[0] + x * (stocks[1] - stocks[0])) / (used[0] + y * (used[1] - used[0]))

    assert found.low * (1 - 1e-9) - 1e-9 <= case <= found.high * (1 + 1e-9) + 1e-9


def test_withheld_stocks_leave_the_cover_unknown_and_say_what_is_missing():
    found = cover(unknown("TNE", ASK), tonnes(1200))

    assert (found.standing, found.settle) == ("unknown", (ASK,))


def test_use_with_no_lower_limit_leaves_no_upper_limit():
    found = cover(tonnes(300), between(None, 1200))

    assert (found.low, found.high) == (pytest.approx(3), None)


def test_stocks_below_a_limit_give_a_cover_between_nothing_and_a_limit():
    found = cover(between(None, 100), tonnes(1200))

    assert (found.low, found.high) == (0, pytest.approx(1))


def test_no_use_leaves_the_cover_unknown():
    assert cover(tonnes(300), tonnes(0)).standing == "unknown"


def test_us_refined_copper_of_2024_is_what_the_edition_says():
    """By hand from the rows: 12 * 123,000 t over the apparent consumption of 2024."""
    question = asked()
    found = months_of_cover(question)
    used = question.table.row("copper", "USA", "apparent-consumption", "primary-refined-and-old-scrap", "2024")

    assert found.figure.value == pytest.approx(12 * 123000 / float(used.value))
    assert found.editions == ("usgs-mcs-2026",)
    assert found.inputs == (
        "usgs-mcs-2026:copper:USA:stocks:refined:2024",
        "usgs-mcs-2026:copper:USA:apparent-consumption:primary-refined-and-old-scrap:2024",
    )
    assert found.note == "Stocks: refined."


def test_a_test_edition_with_other_stocks_moves_the_cover():
    rows = [
        msgspec.structs.replace(row, value=row.value * 2) if row.measure == "stocks" and row.value is not None else row
        for row in shipped().rows
    ]

    assert months_of_cover(asked(rows)).figure.value == pytest.approx(2 * months_of_cover(asked()).figure.value)


def test_several_stocks_are_not_added_up_until_one_is_named():
    row = shipped().row("copper", "USA", "stocks", "refined", "2024")
    other = msgspec.structs.replace(row, form="concentrate")
    rows = [*shipped().rows, other]

    found = months_of_cover(asked(rows))

    assert found.figure.standing == "unknown"
    assert "refined, concentrate" in found.note
    assert months_of_cover(asked(rows, form="refined")).figure == months_of_cover(asked()).figure


def test_an_edition_without_stocks_of_the_commodity_says_what_is_missing_and_one_without_anything_says_nothing():
    assert months_of_cover(asked(commodity="antimony")).figure.standing == "unknown"
    assert months_of_cover(asked(commodity="antimony", country="PAK")) is None


@pytest.mark.parametrize(
    ("stocks", "used", "code"),
    [
        (tonnes(1, "KGM"), tonnes(1), "world.cover_units"),
        (tonnes(-1), tonnes(1), "world.cover_negative"),
        (tonnes(1), between(-1, 1), "world.cover_negative"),
    ],
)
def test_what_cannot_be_is_refused(stocks, used, code):
    with pytest.raises(InputError) as refused:
        cover(stocks, used)

    assert refused.value.code == code
