"""What a mass is against national figures; what an edition does not say stays unknown or bounded."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.units.figure import Figure, unknown
from lodeline.world import compare, shipped
from lodeline.world.national import load_table, reference_year, reporting_country, share_of_world
from lodeline.world.statistics import edition
from lodeline.world.statistics.commodity import commodities, commodity_of, compared

TABLE = shipped("usgs_mcs_2026")
WHO = {"origin": "PAK", "destination": "USA", "rival": "CHN"}
TONNE = Figure(value=1000.0, u=5.0, unit="KGM", standing="measured", rests_on=("ni:///sha-256;aa",))
MINED = "usgs-mcs-2026:antimony:PAK:mine-production::2024"


def changed(key: str, **cells: object) -> edition.Table:
    rows = [msgspec.structs.replace(row, **cells) if row.key == key else row for row in TABLE.rows]
    assert rows != list(TABLE.rows)
    return edition.table(rows)


def test_one_tonne_of_antimony_by_hand():
    """260 t mined; imports of oxide and metal 24,000 + 4,920 = 28,920 t; apparent consumption 28,600 t."""
    got = compare(TABLE, "Sb", TONNE, basis="element", **WHO)

    assert got is not None
    assert got.year == "2024"
    assert got.share_of_origin_output.value == pytest.approx(100 / 260)
    assert got.imports.value == 28_920
    assert got.share_of_imports.value == pytest.approx(100 / 28_920)
    assert got.share_of_consumption.value == pytest.approx(100 / 28_600)
    assert (got.rival_share.value, got.rival_point.value) == (55, pytest.approx(289.2))
    assert (got.reliance.value, got.reliance_point.value) == (86, pytest.approx(286))
    assert got.rival_points.value == pytest.approx(1 / 289.2)


def test_a_share_rests_on_the_weighing_and_on_the_row():
    got = compare(TABLE, "Sb", TONNE, basis="element", **WHO)

    assert got is not None
    assert got.share_of_origin_output.rests_on == ("ni:///sha-256;aa", MINED)


def test_a_published_figure_has_no_uncertainty_and_so_has_no_share():
    got = compare(TABLE, "Sb", TONNE, basis="element", **WHO)

    assert got is not None
    assert got.origin_output.u is None
    assert got.share_of_origin_output.u is None


def test_an_unknown_mass_has_unknown_shares_and_the_points_stay_known():
    got = compare(TABLE, "Sb", unknown("KGM"), basis="element", **WHO)

    assert got is not None
    assert {got.share_of_origin_output.standing, got.share_of_imports.standing, got.rival_points.standing} == {
        "unknown"
    }
    assert got.rival_point.known
    assert got.reliance_point.known


def test_a_country_the_edition_does_not_name_is_bounded_by_other_countries():
    """Pakistan's copper is within "other countries", 2,850,000 t in 2024: a tonne is at least 100/2,850,000 percent."""
    got = compare(TABLE, "Cu", TONNE, basis="element", **WHO)

    assert got is not None
    assert (got.origin_output.standing, got.origin_output.low, got.origin_output.high) == ("bounded", 0, 2_850_000)
    assert got.share_of_origin_output.standing == "bounded"
    assert got.share_of_origin_output.low == pytest.approx(100 / 2_850_000)
    assert (got.rival_share.low, got.rival_share.high) == (0, 3)
    assert "does not name" in got.origin_output.settle[0].detail


def test_neodymium_and_praseodymium_are_not_reported_alone_and_count_as_oxide():
    as_oxide = compare(TABLE, "NdPr", TONNE, basis="REO", **WHO)
    as_element = compare(TABLE, "NdPr", TONNE, basis="element", **WHO)

    assert as_oxide is not None
    assert as_element is not None
    assert (as_oxide.separate, as_oxide.counted_as, as_oxide.basis) == (False, "TREO", "REO")
    assert as_oxide.imports.value == 8_120 + 238 + 96
    assert as_oxide.share_of_imports.value == pytest.approx(100 / 8_454)
    assert as_element.share_of_imports.standing == "unknown"
    assert as_element.share_of_imports.settle[0].act == "assay"


def test_a_mass_of_neodymium_is_compared_as_its_oxide_by_atomic_weights():
    """Nd2O3 per Nd, by hand: (2 * 144.242 + 3 * 15.999) / (2 * 144.242) = 1.16638."""
    got = compare(TABLE, "Nd", TONNE, basis="element", **WHO)

    assert got is not None
    assert got.share_of_imports.value == pytest.approx(1.16638 * 100 / 8_454, rel=1e-5)


def test_an_element_no_edition_reports_has_no_comparison():
    assert compare(TABLE, "Xx", TONNE, basis="element", **WHO) is None


def test_ten_times_the_output_is_a_tenth_of_the_share_and_nothing_else_moves():
    before = compare(TABLE, "Sb", TONNE, basis="element", **WHO)
    after = compare(changed(MINED, value=Decimal(2600)), "Sb", TONNE, basis="element", **WHO)

    assert before is not None
    assert after is not None
    assert after.share_of_origin_output.value == pytest.approx(before.share_of_origin_output.value / 10)
    moved = {f for f in before.__struct_fields__ if getattr(before, f) != getattr(after, f)}
    assert moved == {"origin_output", "share_of_origin_output"}


def test_a_withheld_figure_is_unknown_and_never_zero():
    table = changed(MINED, value=None, qualifiers="W", published="W")
    got = compare(table, "Sb", TONNE, basis="element", **WHO)

    assert got is not None
    assert (got.origin_output.standing, got.share_of_origin_output.standing) == ("unknown", "unknown")
    assert "withheld by the publisher" in got.origin_output.settle[0].detail


def test_the_year_is_the_newest_that_is_reported_and_not_estimated():
    years = {one.name: reference_year(TABLE, one, "USA") for one in compared()}

    assert years == {"antimony": "2024", "copper": "2024", "rare-earths": "2024"}
    assert reporting_country(TABLE) == "USA"
    assert reporting_country(shipped("usgs_mcs_2025")) is None


def test_editions_matter():
    """China's share of the antimony mined in 2024: 58 % in the 2025 edition, 34 % in the 2026 edition."""
    antimony = commodities()["antimony"]
    older = share_of_world(shipped("usgs_mcs_2025"), antimony, "CHN", "2024")
    newer = share_of_world(TABLE, antimony, "CHN", "2024")

    assert (round(older.value or 0), round(newer.value or 0)) == (58, 34)


def test_a_withheld_country_makes_a_world_share_an_upper_limit():
    """US output of 2025 is withheld: China has at most 40,000 of what the others mined."""
    share = share_of_world(TABLE, commodities()["antimony"], "CHN", "2025")

    assert (share.standing, share.value) == ("bounded", None)
    assert share.high == pytest.approx(100 * 40_000 / 110_720)


@settings(deadline=None)
@given(st.floats(min_value=1e-3, max_value=1e9), st.floats(min_value=1e-3, max_value=1e3))
def test_shares_are_proportional_to_the_mass(mass_kg: float, factor: float):
    def points(kg: float) -> float:
        mass = Figure(value=kg, unit="KGM", standing="measured")
        got = compare(TABLE, "Sb", mass, basis="element", **WHO)
        assert got is not None
        assert got.rival_points.value is not None
        return got.rival_points.value

    assert points(mass_kg * factor) == pytest.approx(points(mass_kg) * factor, rel=1e-9)


def test_every_member_of_a_group_is_found_under_it():
    found = {element: commodity_of(element) for element in ("Nd", "Pr", "NdPr", "TREO", "Sb", "Cu")}

    assert {e: c.name for e, c in found.items() if c} == {
        "Nd": "rare-earths",
        "Pr": "rare-earths",
        "NdPr": "rare-earths",
        "TREO": "rare-earths",
        "Sb": "antimony",
        "Cu": "copper",
    }


def test_a_report_compares_with_the_package_or_with_a_file(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(edition.tidy_csv(changed(MINED, value=Decimal(2600)).rows), encoding="utf-8")

    assert load_table(None) == TABLE
    assert load_table(path).by_key[MINED].value == 2600


def test_a_mass_that_has_only_a_limit_has_shares_that_have_one():
    """By hand: at most 500 kg are at most 0.5 / 260 of the output. Of neodymium the oxide counts, 1.1664 times that."""
    limited = Figure(value=None, low=0.0, high=500.0, unit="KGM", standing="bounded")
    antimony = compare(TABLE, "Sb", limited, basis="element", **WHO)
    neodymium = compare(TABLE, "Nd", limited, basis="element", **WHO)

    assert antimony is not None
    assert neodymium is not None
    assert antimony.share_of_origin_output.value is None
    assert antimony.share_of_origin_output.high == pytest.approx(100 * 0.5 / 260)
    assert neodymium.share_of_consumption.high == pytest.approx(100 * 0.5 * 1.1664 / 9_010, rel=1e-4)
