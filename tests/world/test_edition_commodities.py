"""A commodity is found by its name, its chapter or an element; where nobody wrote what its imports are, it says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError, NotFoundError
from lodeline.world.statistics.commodity import commodities, commodity_named, commodity_of, compared
from lodeline.world.statistics.edition import Table, shipped

TABLE = shipped()


def test_every_commodity_of_the_editions_has_a_name_a_chapter_and_plain_words():
    known = commodities()

    assert set(TABLE.commodities) == set(known)
    assert set(shipped("usgs_mcs_2025").commodities) <= set(known)
    assert all(one.chapter and one.plain for one in known.values())
    assert sum(one.critical for one in known.values()) == 43


@pytest.mark.parametrize("name", sorted(commodities()))
def test_a_commodity_is_found_by_each_of_its_names(name: str):
    one = commodities()[name]

    for asked in (one.name, one.chapter, one.plain, one.chapter.lower(), f"  {one.plain} ", *one.spelled):
        assert commodity_named(asked).name == name


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("Sb", "antimony"),
        ("sb", "antimony"),
        ("W", "tungsten"),
        ("Al", "aluminum"),
        ("Nd", "rare-earths"),
        ("NdPr", "rare-earths"),
        ("Y", "yttrium"),
        ("Pt", "platinum-group-metals"),
        ("Hf", "zirconium-and-hafnium"),
        ("Gemanium", "germanium"),
    ],
)
def test_an_element_is_in_the_commodity_that_counts_it(asked: str, name: str):
    assert commodity_named(asked).name == name


def test_an_element_of_several_commodities_has_to_be_named_and_an_unknown_one_is_told_the_nearest():
    with pytest.raises(InputError) as several:
        commodity_named("Ti")
    with pytest.raises(NotFoundError) as unknown:
        commodity_named("antimoney")
    with pytest.raises(NotFoundError) as nothing:
        commodity_named("\x1b[2J")

    assert several.value.code == "world.commodity_ambiguous"
    assert "titanium-mineral-concentrates" in str(several.value)
    assert unknown.value.code == "world.commodity_unknown"
    assert "antimony" in str(unknown.value)
    assert "\x1b" not in str(nothing.value)


def test_a_mass_is_compared_only_where_it_is_written_what_makes_up_the_imports():
    assert [one.name for one in compared()] == ["antimony", "copper", "rare-earths"]
    assert commodity_of("Au") is None
    assert commodities()["gold"].traded == ()


@given(
    columns=st.lists(st.sampled_from(["commodity", "country", "measure", "form", "period", "unit"]), unique=True),
    at=st.integers(0, len(TABLE.rows) - 1),
)
def test_what_is_selected_is_what_a_scan_finds_in_its_order(columns: list[str], at: int):
    """A second route: every row looked at."""
    wanted = {name: getattr(TABLE.rows[at], name) for name in columns}
    scanned = tuple(row for row in TABLE.rows if all(getattr(row, name) == value for name, value in wanted.items()))

    assert TABLE.select(**wanted) == scanned
    assert Table(edition="x", rows=()).select(**wanted) == ()


def test_an_edition_of_which_figures_changed_moves_what_is_asked_of_it():
    row = TABLE.row("antimony", "PAK", "mine-production", "", "2024")

    assert row is not None
    assert TABLE.select(commodity="antimony", country="PAK", measure="mine-production", period="2024") == (row,)
    assert TABLE.row("antimony", "PAK", "mine-production", "", "1999") is None
    assert TABLE.select(commodity="unobtainium") == ()
