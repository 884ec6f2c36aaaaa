"""The world file of 2025: codes that stand among its notes, columns under another's head, units that contradict it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.world.statistics import usgs
from lodeline.world.statistics.edition import Row, shipped
from tests.outside import DATA, needs_data

HEAD = (
    "SOURCE,COMMODITY,COUNTRY,TYPE,UNIT_MEAS,PROD_2023,PROD_EST_ 2024,PROD_NOTES,CAP_2023,CAP_EST_ 2024,CAP_NOTES,"
    "RESERVES_2024,RESERVE_NOTES"
)
USUAL = {
    "source": "MCS2025",
    "commodity": "Gemanium",
    "country": "Canada ",
    "type": "Mine production",
    "unit": "metric tons",
    "early": "12",
    "late": "13",
    "made": "",
    "cap_early": "",
    "cap_late": "",
    "cap": "",
    "reserves": "",
    "told": "",
}
TABLE = shipped("usgs_mcs_2025")


def world(*lines: dict[str, str]) -> bytes:
    rows = [",".join(f'"{cell}"' for cell in {**USUAL, **line}.values()) for line in lines]
    return "\n".join([HEAD, *rows, ""]).encode("utf-8-sig")


def read(**cells: str) -> dict[tuple[str, str], Row]:
    return {(row.measure, row.period): row for row in usgs.parse_mcs(world(cells))}


@needs_data
def test_every_line_of_the_file_of_2025_gives_a_figure_with_its_line():
    rows = usgs.read_mcs(DATA / "usgs" / "MCS2025_World_Data.csv")

    assert sorted({row.line for row in rows}) == list(range(2, 1_252))
    assert len({row.key for row in rows}) == len(rows)


def test_a_misspelled_commodity_and_a_trailing_blank_are_what_they_mean():
    row = read()["mine-production", "2023"]

    assert (row.commodity, row.element, row.country, row.value) == ("germanium", "Ge", "CAN", 12)


@pytest.mark.parametrize(
    ("note", "qualifiers"),
    [
        ("W for 23-24", ("W", "W e")),
        ("NA", ("NA", "NA e")),
        ("na", ("NA", "NA e")),
        ("na for 2023", ("NA", "blank e")),
        ("xx", ("XX", "XX e")),
        ("Less than 1/2 unit", ("s", "s e")),
        ("Included with Other countries", ("elsewhere", "elsewhere e")),
        ("", ("blank", "blank e")),
        ("Ulexite", ("blank", "blank e")),
    ],
)
def test_an_empty_cell_is_what_the_note_beside_it_says(note: str, qualifiers: tuple[str, str]):
    got = read(early="", late="", made=note)

    assert tuple(got["mine-production", year].qualifiers for year in ("2023", "2024")) == qualifiers
    assert all(row.value is None for row in got.values())


def test_a_figure_is_not_overruled_by_the_note_beside_it():
    got = read(early="", late="30", made="na for 2023")

    assert (got["mine-production", "2023"].value, got["mine-production", "2024"].value) == (None, 30)


def test_reserves_told_in_words_are_unknown_and_the_words_are_kept():
    row = read(told="Moderate to Large")["reserves", "2024"]

    assert (row.value, row.low, row.qualifiers, row.published) == (None, None, "text", "Moderate to large")


def test_reserves_are_given_where_one_country_of_the_table_has_some():
    several = usgs.parse_mcs(world({}, {"country": "Peru", "reserves": ">500"}))
    found = {row.country: row for row in several if row.measure == "reserves"}

    assert (found["PER"].low, found["PER"].value, found["CAN"].qualifiers) == (500, None, "blank")
    assert all(row.measure != "reserves" for row in usgs.parse_mcs(world({})))


@pytest.mark.parametrize(
    ("key", "value", "unit"),
    [
        # The unit cell says metric tons; the release of 2026 has 9,210 thousand for the same year.
        ("titanium-mineral-concentrates:WLD:mine-production:ilmenite:2024", 8_900_000, "TNE"),
        ("titanium-mineral-concentrates:SLE:mine-production:rutile:2024", 60_000, "TNE"),
        ("sand-and-gravel-industrial:USA:mine-production::2024", 130_000_000, "TNE"),
        # A note of three lines: reserve data is thousand metric tons.
        ("molybdenum:PER:reserves::2024", 1_900_000, "TNE"),
        ("iron-ore:AUS:reserves:iron-content:2024", 27_000_000_000, "TNE"),
        # What stands under reserves is the capacity of refineries.
        ("indium:CHN:refinery-capacity::2024", 1_100, "TNE"),
        ("gallium:WLD:primary-production::2024", 760, "TNE"),
        ("abrasives-manufactured:CAN+USA:capacity:fused-aluminum-oxide:2024", 60_000, "TNE"),
    ],
)
def test_a_trap_of_the_file_is_read_as_what_it_means(key: str, value: int, unit: str):
    row = TABLE.by_key[f"usgs-mcs-2025:{key}"]

    assert (row.value, row.unit) == (Decimal(value), unit)


def test_a_line_of_another_edition_and_a_unit_that_is_missing_are_refused():
    with pytest.raises(InputError) as mixed:
        usgs.parse_mcs(world({}, {"source": "MCS2024", "country": "Peru"}))
    with pytest.raises(InputError) as unit:
        usgs.parse_mcs(world({"unit": ""}))
    with pytest.raises(InputError) as layout:
        usgs.parse_mcs(world({}).replace(b"RESERVE_NOTES", b"REMARKS"))
    with pytest.raises(InputError) as years:
        usgs.parse_mcs(world({}).replace(b"CAP_2023", b"CAP_2021"))
    with pytest.raises(InputError) as nothing:
        usgs.parse_mcs(world())

    assert (mixed.value.code, mixed.value.where["line"]) == ("world.usgs_edition", 3)
    assert (unit.value.code, unit.value.where["line"]) == ("world.usgs_unit", 2)
    assert (layout.value.code, years.value.code) == ("world.usgs_layout", "world.usgs_layout")
    assert nothing.value.code == "world.usgs_no_rows"


@given(cell=st.text(max_size=10), column=st.sampled_from(sorted(USUAL)))
def test_a_mutated_cell_of_this_layout_reads_as_what_it_means_or_is_refused(cell: str, column: str):
    try:
        rows = usgs.parse_mcs(world({column: cell.replace('"', '""')}))
    except InputError as refusal:
        assert refusal.code.startswith("world.")  # noqa: PT017
        return
    assert len(rows) in (2, 3, 4)
    for row in rows:
        assert row.value is not None or row.qualifiers
        assert row.value != 0 or row.published == "—" or set(row.published) <= set("0.")


def test_a_further_edition_of_this_layout_needs_no_code():
    content = world({"source": "MCS2024", "commodity": "Moonstone", "type": "Mine production, moonstone content"})
    head, rest = content.split(b"\n", 1)
    head = head.replace(b"_2023", b"_2022").replace(b"_2024", b"_2023").replace(b" 2024", b" 2023")
    rows = usgs.parse_mcs(head + b"\n" + rest)

    assert {row.edition for row in rows} == {"usgs-mcs-2024"}
    assert (rows[0].commodity, rows[0].measure, rows[0].form, rows[0].basis) == (
        "moonstone",
        "mine-production",
        "",
        "element",
    )
