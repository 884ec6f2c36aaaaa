"""Two editions are compared thing by thing; what only one of them tells is no difference."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import NotFoundError
from lodeline.world.statistics.diff import COLUMNS, differences
from lodeline.world.statistics.edition import Row, Table, shipped, table
from tests.world.test_edition import ROW

values = st.none() | st.integers(0, 10**6).map(Decimal)


def made(edition: str, **tonnes: int | None) -> Table:
    """Mine output by country, and a world total."""
    return table([row(edition, country, value) for country, value in {**tonnes, "WLD": 1}.items()])


def row(edition: str, country: str, value: int | Decimal | None, **changes: object) -> Row:
    said = None if value is None else Decimal(value)
    qualifiers = "W" if value is None else ""
    return msgspec.structs.replace(
        ROW, edition=edition, country=country, value=said, qualifiers=qualifiers, note="", **changes
    )


def test_china_falls_from_58_to_34_percent_of_the_antimony_mined_in_2024():
    found = differences(shipped("usgs_mcs_2025"), shipped("usgs_mcs_2026"), commodity="antimony")
    first = found.rows[0]

    assert (first.country, first.measure, first.period, first.kind) == ("CHN", "mine-production", "2024", "changed")
    assert (round(first.old_share or 0), round(first.new_share or 0)) == (58, 34)
    assert first.change_percent == pytest.approx(-100 / 3)


def test_a_revision_of_one_country_moves_the_shares_of_all_and_changes_one_figure():
    """By hand: 60 of 100 becomes 40 of 80."""
    found = differences(made("a", CHN=60, TJK=40), made("b", CHN=40, TJK=40))

    (one,) = found.rows
    assert (one.country, one.old_share, one.new_share, one.points) == ("CHN", 60.0, 50.0, -10.0)


def test_a_withheld_country_makes_shares_limits_and_no_points():
    found = differences(made("a", CHN=60, TJK=40), made("b", CHN=40, TJK=None))
    kinds = {one.country: (one.kind, one.new_share_at_most, one.points) for one in found.rows}

    assert kinds == {"CHN": ("changed", True, None), "TJK": ("no longer told", False, None)}


def test_what_is_newly_told_and_what_is_counted_otherwise_is_said_and_has_no_percentage():
    old = table([row("a", "CHN", 5), row("a", "PAK", None), row("a", "TJK", 7)])
    new = table([row("b", "CHN", 5, basis="gross"), row("b", "PAK", 9), row("b", "USA", 1)])
    found = {one.country: (one.kind, one.change_percent) for one in differences(old, new).rows}

    assert found == {
        "CHN": ("counted otherwise", None),
        "PAK": ("newly told", None),
        "TJK": ("no longer told", None),
        "USA": ("newly told", None),
    }


def test_what_only_one_edition_tells_is_counted_and_not_compared():
    old = table([row("a", "CHN", 5), row("a", "CHN", 4, measure="reserves")])
    new = table([row("b", "CHN", 5), row("b", "CHN", 6, period="2025"), row("b", "USA", 6, period="2025")])
    found = differences(old, new)

    assert (found.rows, found.compared, found.only_old, found.only_new) == ((), 1, 1, 2)


@given(values=st.lists(st.tuples(values, values), min_size=1, max_size=6))
def test_the_other_way_round_the_same_things_differ(values: list[tuple[Decimal | None, Decimal | None]]):
    codes = ("CHN", "TJK", "PAK", "USA", "TUR", "RUS")
    a = table([row("a", codes[i], value) for i, (value, _) in enumerate(values)])
    b = table([row("b", codes[i], value) for i, (_, value) in enumerate(values)])
    there, back = differences(a, b), differences(b, a)
    turned = {"changed": "changed", "newly told": "no longer told", "no longer told": "newly told"}

    assert {(one.country, turned[one.kind]) for one in there.rows} == {(one.country, one.kind) for one in back.rows}
    assert {one.country for one in there.rows} == {codes[i] for i, (old, new) in enumerate(values) if old != new}
    assert differences(a, a).rows == ()


def test_the_table_has_a_row_a_difference_and_what_is_unknown_is_null():
    frame = differences(made("a", CHN=60, TJK=40), made("b", CHN=40, TJK=None)).table()

    assert tuple(frame.columns) == COLUMNS
    assert frame.filter(frame["country"] == "TJK")["new"].to_list() == [None]
    assert frame["old"].sum() == 100
    assert differences(made("a", CHN=60), made("b", CHN=60)).table().height == 0


def test_editions_with_nothing_in_common_are_refused():
    with pytest.raises(NotFoundError) as refusal:
        differences(made("a", CHN=1), made("b", CHN=1), measure="price")

    assert refusal.value.code == "world.nothing_to_compare"


def test_what_is_unknown_or_nothing_in_both_differs_in_nothing_though_it_counts_otherwise():
    """Chromium of other countries is NA in both editions, by ore in one and by content in the other."""
    old = table([row("a", "OTH", None, basis="gross"), row("a", "PAK", 0, basis="gross"), row("a", "CHN", 5)])
    new = table([row("b", "OTH", None), row("b", "PAK", 0), row("b", "CHN", 6)])

    assert [one.country for one in differences(old, new).rows] == ["CHN"]
