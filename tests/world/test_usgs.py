"""The publisher's files become tidy rows, and the shipped tables are what the importer yields."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lodeline.errors import InputError
from lodeline.world.statistics import edition, usgs
from lodeline.world.statistics.published import Unit, published
from tests.outside import DATA, needs_data

HEAD = (
    "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes,"
    "Is critical mineral 2025,Other notes\n"
)
LINE = (
    "ANTIMONY,World Mine Production and Reserves,Antimony,{country},{statistics},{detail},{unit},{year},{value},"
    '{notes},Yes,"(Data in metric tons, antimony content, unless otherwise specified)"\n'
)
USUAL = {
    "country": "Pakistan",
    "statistics": "Production",
    "detail": "Mine production",
    "unit": "metric tons",
    "year": "2025",
    "value": "260",
    "notes": "",
}
TONNES = Unit("TNE", Decimal(1))
KILOTONNES = Unit("TNE", Decimal(1000))


def mcs(**cells: str) -> bytes:
    return (HEAD + LINE.format(**{**USUAL, **cells})).encode("cp1252")


@needs_data
@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("MCS2026_Commodities_Data.cp1252.csv", "usgs_mcs_2026"),
        ("MCS2025_World_Data.csv", "usgs_mcs_2025"),
    ],
)
def test_the_shipped_table_is_what_the_importer_yields(file: str, name: str):
    rows = usgs.read_mcs(DATA / "usgs" / file)

    assert edition.table(rows) == edition.shipped(name)
    assert edition.read(DATA / "usgs" / file) == edition.shipped(name)


@needs_data
def test_no_row_of_the_three_chapters_is_left_out():
    """Counted in the publisher's file: 152 antimony, 194 copper, 164 in the chapter of the rare earths."""
    rows = usgs.read_mcs(DATA / "usgs" / "MCS2026_Commodities_Data.cp1252.csv")

    counts = {name: sum(row.commodity == name for row in rows) for name in ("antimony", "copper", "rare-earths")}
    assert counts == {"antimony": 152, "copper": 194, "rare-earths": 164}


@pytest.mark.parametrize(
    ("cell", "unit", "wanted"),
    [
        ("1,050", KILOTONNES, (1_050_000, None, None, "")),
        ("10.24", TONNES, (Decimal("10.24"), None, None, "")),
        ("—", TONNES, (0, None, None, "")),
        ("W", TONNES, (None, None, None, "W")),
        ("NA", TONNES, (None, None, None, "NA")),
        ("", TONNES, (None, None, None, "blank")),
        ("s", KILOTONNES, (None, 0, 500, "s")),
        (">2,000,000", TONNES, (None, 2_000_000, None, ">")),
        ("<1", TONNES, (None, 0, 1, "<")),
        ("700–740", TONNES, (None, 700, 740, "..")),
        ("190 - 290", TONNES, (None, 190, 290, "..")),
        ("Large", TONNES, (None, None, None, "text")),
    ],
)
def test_only_an_em_dash_is_zero(cell: str, unit: Unit, wanted: tuple[object, ...]):
    read = published(cell, unit, measure="mine-production", line=2)

    assert (read.value, read.low, read.high, read.qualifier) == wanted


def test_a_net_exporter_has_a_reliance_that_is_not_positive():
    read = published("E", Unit("P1", Decimal(1)), measure="net-import-reliance", line=2)

    assert (read.value, read.low, read.high, read.qualifier) == (None, None, 0, "E")


@pytest.mark.parametrize("cell", ["E", "12,34", "?10", "1e3", "-5", "$4", "12 3"])
def test_a_cell_that_is_no_number_and_no_code_is_refused(cell: str):
    with pytest.raises(InputError) as refusal:
        published(cell, TONNES, measure="mine-production", line=7)

    assert (refusal.value.code, refusal.value.where["line"]) == ("world.usgs_value", 7)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"country": "Atlantis"}, "world.country_unknown"),
        ({"statistics": "Moonshine"}, "world.usgs_detail"),
        ({"unit": "furlongs"}, "world.usgs_unit"),
        ({"value": "about a lot!"}, "world.usgs_value"),
        ({"year": "soon"}, "world.usgs_edition"),
    ],
)
def test_what_the_importer_does_not_know_it_refuses(cells: dict[str, str], code: str):
    assert usgs.parse_mcs(mcs())[0].value == 260

    with pytest.raises(InputError) as refusal:
        usgs.parse_mcs(mcs(**cells))
    assert refusal.value.code == code


def test_a_file_that_does_not_say_what_its_tonnes_count_is_carried_as_it_is():
    content = mcs().replace(b", antimony content,", b"")

    assert usgs.parse_mcs(content)[0].basis == ""


def test_a_file_of_another_layout_or_encoding_or_without_figures_is_refused():
    with pytest.raises(InputError) as layout:
        usgs.parse_mcs(b"MCS chapter,Section\nANTIMONY,World\n")
    with pytest.raises(InputError) as nothing:
        usgs.parse_mcs(HEAD.encode())
    with pytest.raises(InputError) as encoding:
        usgs.parse_mcs(b"\xef\xbb\xbf" + mcs(value="\u2014"))

    assert (layout.value.code, nothing.value.code) == ("world.usgs_layout", "world.usgs_edition")
    assert encoding.value.code == "world.usgs_encoding"


def test_gross_weight_is_not_antimony_content():
    row = usgs.parse_mcs(mcs(notes="Gross weight."))[0]

    assert (row.basis, usgs.parse_mcs(mcs())[0].basis) == ("gross", "element")
