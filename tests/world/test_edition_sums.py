"""A second route to the units and names of both editions: the countries of a table add up to its world total."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lodeline.world.statistics.edition import Row, Table, shipped

BY_COUNTRY = {
    *("mine-production", "refinery-production", "smelter-production", "primary-production", "production-by-country"),
    *("capacity", "refinery-capacity", "smelter-capacity"),
}
APART = {
    "diatomite": "Denmark counts processed diatomite, which has a form of its own",
    "talc-and-pyrophyllite": "most countries count something else, each in a form of its own",
    "helium-and-rare-gases": "in 2025 the United States have two lines, by where the helium comes from",
    "scandium": "the text of the chapter gives the world only",
    "iron-and-steel-slag": "the text of the chapter gives the world only, as a range",
    "yttrium": "the text of the chapter gives the world only, as a range",
}
"""Commodities whose countries do not all count the same thing, or are not given."""
SLIPS = {"usgs-mcs-2025:clays:WLD:mine-production:kaolin:2024": "4400 for what adds up to 43,400 thousand tons"}
"""World totals that the publisher got wrong."""
ONLY_WORLD = ("synthetic", "natural-and-synthetic", "ilmenite-and-rutile")
"""Forms that have a world total and no countries."""
NEAR = (Decimal("0.93"), Decimal("1.07"))
"""World totals have two or three figures, and so have most of what they add up."""


def totals(table: Table) -> list[tuple[Row, Decimal]]:
    """Each known world total of a measure by country, and what its countries have together."""
    found = []
    for world in table.select(country="WLD"):
        if world.measure not in BY_COUNTRY or world.commodity in APART or world.form in ONLY_WORLD or not world.value:
            continue
        beside = table.select(commodity=world.commodity, measure=world.measure, form=world.form, period=world.period)
        found.append((world, sum((row.value or Decimal(0) for row in beside if row.country != "WLD"), Decimal(0))))
    return found


@pytest.mark.parametrize("name", ["usgs_mcs_2026", "usgs_mcs_2025"])
def test_the_countries_of_a_table_add_up_to_its_world_total(name: str):
    found = totals(shipped(name))
    off = {
        world.key: (world.published, together)
        for world, together in found
        if not NEAR[0] <= together / (world.value or 1) <= NEAR[1] and world.key not in SLIPS
    }

    assert off == {}
    assert len(found) > 120


@pytest.mark.parametrize("name", ["usgs_mcs_2026", "usgs_mcs_2025"])
def test_reserves_last_longer_than_a_year(name: str):
    """A table in thousands of tons that is read in tons would run out within days. Thailand has less than it mines."""
    table = shipped(name)
    short = {
        (row.commodity, row.country)
        for row in table.rows
        if row.measure == "reserves" and row.value
        for made in table.select(
            commodity=row.commodity, country=row.country, measure="mine-production", form=row.form, unit="TNE"
        )
        if made.value and row.value < made.value
    }

    assert short <= {("rare-earths", "THA")}


def test_the_same_year_differs_by_less_than_a_factor_of_a_hundred_between_editions():
    """Units slip by a thousand; what the publisher revises, it revises by less."""
    old, new = shipped("usgs_mcs_2025"), shipped("usgs_mcs_2026")
    ratios = {
        row.key: after.value / row.value
        for row in old.rows
        if row.value and (after := new.row(row.commodity, row.country, row.measure, row.form, row.period)) is not None
        if after.value
    }

    assert len(ratios) > 900
    assert {key for key, ratio in ratios.items() if not Decimal("0.01") < ratio < 100} == set()
