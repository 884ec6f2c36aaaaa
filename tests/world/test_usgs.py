"""The publisher's files become tidy rows, and the shipped tables are what the importer yields."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.world.statistics import edition, usgs
from lodeline.world.statistics.basis import basis_of, head_basis
from lodeline.world.statistics.commodity import commodities
from lodeline.world.statistics.usgs_figures import cells_of, critical_of
from tests.outside import DATA, needs_data

RELEASE = DATA / "usgs" / "MCS2026_Commodities_Data.cp1252.csv"

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
def test_every_line_of_the_release_is_a_row_with_its_line():
    """Counted in the file: 8,886 lines of 89 chapters, 152 on antimony, 194 on copper, 164 on rare earths."""
    rows = usgs.read_mcs(RELEASE)

    assert [row.line for row in rows] == list(range(2, 8_888))
    counts = Counter(row.commodity for row in rows)
    assert (len(counts), counts["antimony"], counts["copper"], counts["rare-earths"]) == (89, 152, 194, 164)


@needs_data
def test_no_two_rows_of_the_release_say_the_same_thing():
    """The blocks of mica, the two kinds of diamond and the prices in two units are told apart by their forms."""
    table = edition.table(usgs.read_mcs(RELEASE))

    assert len(table.by_key) == len(table.rows)
    mica = {row.form for row in table.select(commodity="mica-natural", measure="imports")}
    price = {row.form for row in table.select(commodity="nickel", measure="price")}
    assert mica == {"scrap-and-flake", "sheet"}
    assert price == {f"london-metal-exchange-lme-cash-dollars-per-{unit}" for unit in ("metric-ton", "pound")}


@needs_data
def test_what_a_cell_of_the_release_says_is_what_its_row_says():
    """Each kind of cell, found in the file: 313 dashes are zero, and nothing else is that is not a digit 0."""
    rows = usgs.read_mcs(RELEASE)
    kinds = Counter(row.published for row in rows if row.value is None or row.value == 0)

    assert (kinds["—"], kinds["W"], kinds["NA"], kinds["E"], kinds["s"], kinds["XX"]) == (313, 224, 353, 92, 48, 8)
    zero = {row.published for row in rows if row.value == 0}
    assert zero <= {"—", "0"}
    assert {row.published for row in rows if row.value is not None and row.value < 0} == {"?1", "?10"}
    assert all(row.qualifiers for row in rows if row.value is None)


@needs_data
def test_the_release_says_which_commodities_are_critical_and_the_table_of_commodities_says_the_same():
    text = usgs.decoded(RELEASE.read_bytes())

    assert critical_of(text) == {name: one.critical for name, one in commodities().items()}


@needs_data
def test_every_chapter_of_the_release_is_a_commodity_with_the_basis_that_its_head_states():
    text = usgs.decoded(RELEASE.read_bytes())
    heads: dict[str, Counter[str]] = {}
    for cells in cells_of(text):
        said = heads.setdefault(cells.chapter, Counter())
        if "(Data in" in cells.other:
            said[head_basis(cells.other)] += 1

    assert {one.chapter for one in commodities().values()} == set(heads)
    for one in commodities().values():
        said = heads[one.chapter].most_common(1)
        assert one.basis == (said[0][0] if said else ""), one.name


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"country": "Atlantis"}, "world.country_unknown"),
        ({"statistics": "Moonshine"}, "world.usgs_detail"),
        ({"unit": "furlongs"}, "world.usgs_unit"),
        ({"value": "about a lot!"}, "world.usgs_value"),
        ({"year": "soon"}, "world.usgs_edition"),
        ({"year": "2025–2"}, "world.usgs_edition"),
        ({"detail": "Mine production: million carats"}, "world.usgs_units_mixed"),
        ({"unit": ""}, "world.usgs_unit"),
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

    assert (layout.value.code, nothing.value.code) == ("world.usgs_layout", "world.usgs_no_rows")
    assert encoding.value.code == "world.usgs_encoding"


def test_gross_weight_is_not_antimony_content():
    row = usgs.parse_mcs(mcs(notes="Gross weight."))[0]

    assert (row.basis, usgs.parse_mcs(mcs())[0].basis) == ("gross", "element")


@pytest.mark.parametrize(
    ("note", "estimated"),
    [
        ("Estimated.", True),
        ("Defined as sales + imports. -- Estimated.", True),
        ("Includes the estimated content of imports.", False),
        ("See Appendix C. -- Estimated rhenium recovered from roaster residues.", False),
        ("Excludes manufactured products. -- Estimated as a rolling average of imports.", True),
        ("Reported.", False),
        ("", False),
    ],
)
def test_a_figure_is_an_estimate_where_a_footnote_of_its_own_begins_so(note: str, estimated: bool):
    assert usgs.parse_mcs(mcs(notes=note))[0].has("e") is estimated


def test_a_span_that_is_none_is_refused_with_its_line():
    content = mcs() + mcs(year="2021-to-24").split(b"\n", 1)[1]

    with pytest.raises(InputError) as refusal:
        usgs.parse_mcs(content)
    assert (refusal.value.code, refusal.value.where["line"]) == ("world.usgs_period", 3)


@given(cut=st.integers(min_value=1, max_value=200))
def test_a_file_that_is_cut_off_within_a_line_is_refused(cut: int):
    whole = mcs() + mcs(country="Turkey").split(b"\n", 1)[1]
    content = whole[:-cut]
    if content.endswith(b"\n"):  # Cut between two lines, it is a shorter file.
        assert len(usgs.parse_mcs(content)) == 1
        return
    with pytest.raises(InputError) as refusal:
        usgs.parse_mcs(content)
    assert refusal.value.code == "world.usgs_cut"
    assert refusal.value.where["line"] in (2, 3)


@given(cell=st.text(max_size=8), column=st.sampled_from(sorted(USUAL)))
def test_a_mutated_cell_reads_as_what_it_means_or_is_refused(cell: str, column: str):
    mutated = cell.replace('"', '""')
    try:
        content = mcs(**{column: f'"{mutated}"'})
    except UnicodeEncodeError:
        content = (HEAD + LINE.format(**{**USUAL, column: f'"{mutated}"'})).encode()
    try:
        rows = usgs.parse_mcs(content)
    except InputError as refusal:
        assert refusal.code.startswith("world.")  # noqa: PT017
        return
    assert len(rows) == 1
    assert rows[0].value is not None or rows[0].qualifiers
    assert rows[0].value != 0 or cell.strip() == "—" or set(cell.strip()) <= set("0.")


def test_a_next_edition_in_the_same_layout_needs_no_code():
    """2027: another year, another list of critical minerals, a chapter, a line and a part nobody has seen."""
    content = mcs(year="2026", detail="Mine production: Moonstone").replace(
        b"critical mineral 2025", b"critical mineral 2026"
    )
    content = content.replace(b"ANTIMONY,", b"UNOBTAINIUM (RAW),").replace(b",Antimony,", b",Unobtainium (Raw),")
    row = usgs.parse_mcs(content)[0]
    told = usgs.parse_mcs(content, source="USGS, Mineral Commodity Summaries 2027, doi:10.0000/x")[0]

    assert (row.edition, row.commodity, row.form) == ("usgs-mcs-2027", "unobtainium-raw", "moonstone")
    assert row.source == "USGS, Mineral Commodity Summaries 2027"
    assert told.source.endswith("doi:10.0000/x")


def test_the_same_file_saved_anew_as_utf8_says_the_same():
    content = mcs(value="—", country="Côte d’Ivoire")

    assert usgs.parse_mcs(content.decode("cp1252").encode()) == usgs.parse_mcs(content)
    assert usgs.parse_mcs(content.decode("cp1252").encode("utf-8-sig")) == usgs.parse_mcs(content)
    assert usgs.is_mcs(content)
    assert usgs.is_mcs(content.decode("cp1252").encode("utf-8-sig"))
    assert not usgs.is_mcs(b"t,i,j,k,v,q")


@pytest.mark.parametrize(
    ("line", "note", "section", "head", "basis"),
    [
        (
            "Mine production",
            "",
            "World Mine Production",
            "(Data in metric tons, tin content, unless otherwise specified)",
            "element",
        ),
        (
            "Mine production",
            "Gross weight.",
            "",
            "(Data in metric tons, tin content, unless otherwise specified)",
            "gross",
        ),
        ("Imports", "Calculated using the gross weight of imports.", "", "", ""),
        ("Reserves: K2O equivalent", "", "", "", "K2O"),
        (
            "Production",
            "",
            "",
            "(Data in kilograms, platinum-group-metal (PGM) content, unless otherwise noted)",
            "element",
        ),
        (
            "Production",
            "",
            "",
            "(Data in metric tons, rare-earth-oxide (REO) equivalent, unless otherwise specified)",
            "REO",
        ),
        ("Production", "", "", "(Data in thousand metric dry tons unless otherwise specified)", "dry"),
        ("Production", "", "", "(Data in metric tons unless otherwise specified)", ""),
        (
            "Mine production",
            "",
            "World Mine Production (manganese content) and Reserves",
            "(Data in thousand metric tons, gross weight, unless otherwise specified)",
            "element",
        ),
        (
            "Reserves",
            "",
            "World Mine Production (manganese content) and Reserves",
            "(Data in thousand metric tons, gross weight, unless otherwise specified)",
            "",
        ),
    ],
)
def test_the_basis_is_what_is_said_nearest_to_the_figure(line: str, note: str, section: str, head: str, basis: str):
    assert basis_of(line, note, section, head) == basis


def test_lines_of_two_editions_in_one_file_are_refused_with_both_lines():
    """Both say what Pakistan mined in 2025; which of them holds, nobody can tell."""
    content = mcs() + mcs(country="Turkey").split(b"\n", 1)[1] + mcs(value="270").split(b"\n", 1)[1]

    with pytest.raises(InputError) as refusal:
        usgs.parse_mcs(content)
    assert (refusal.value.code, refusal.value.where["line"]) == ("world.row_twice", 4)
    assert "line 2" in str(refusal.value)
