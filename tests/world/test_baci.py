"""BACI's files become tidy rows: no tonnage is never nothing, and every country is one that can be looked up."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from lodeline.errors import InputError, NotFoundError
from lodeline.world.trade.baci import edition_of, parse_baci
from lodeline.world.trade.traded import SHIPPED, Traded, parse_trade, read_trade, shipped_trade, trade_csv, trade_table
from tests.outside import DATA, needs_data
from tests.world.small_trade import shipped

EDITION = "baci-hs17-v202601"
LABELLED = "baci/baci_hs17_v202601_2024_811010_740311_850511_811292.csv"


def parsed(*lines: str) -> list[Traded]:
    return list(parse_baci(("t,i,j,k,v,q", *lines), edition=EDITION))


@needs_data
@pytest.mark.parametrize("hs", sorted(SHIPPED))
def test_each_shipped_table_is_what_the_importer_yields_of_its_code(hs: str):
    assert read_trade(DATA / LABELLED, hs=[hs]) == shipped_trade(SHIPPED[hs])


@needs_data
def test_every_row_of_the_labelled_file_is_read_and_334_of_them_have_no_tonnage():
    """Counted in the file: 6,393 rows, 513 of antimony with 20 blanks."""
    rows = read_trade(DATA / LABELLED).rows

    assert (len(rows), sum(row.tonnes is None for row in rows)) == (6_393, 334)
    assert sum(row.tonnes is None for row in shipped_trade().rows) == 20


def test_cepii_s_own_layout_names_countries_by_number():
    """France, India, Norway, Switzerland, the United States and other Asia have numbers of BACI's own."""
    rows = parsed("2024,251,699,811010,1.5,2", "2024,579,757,811010,1.5,2", "2024,842,490,811010,1,NA",
                  "2024,4,586,261710,1,3")  # fmt: skip

    assert [(row.exporter, row.importer) for row in rows] == [
        ("FRA", "IND"), ("NOR", "CHE"), ("USA", "S19"), ("AFG", "PAK"),
    ]  # fmt: skip
    assert [row.tonnes for row in rows] == [2, 2, None, 3]


def test_a_code_that_lost_its_leading_zero_gets_it_back():
    assert parsed("2024,251,699,11010,1.5,2")[0].hs == "011010"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2024,999,699,811010,1,2", "world.country_unknown"),
        ("2024,XXX,699,811010,1,2", "world.country_unknown"),
        ("2024,251,699,811010,1,about 2", "world.not_a_number"),
        ("2024,251,699,811010,1,-2", "world.not_a_number"),
        ("2024,251,699,811010,,2", "world.cell_missing"),
        ("2024,251,699,8110", "world.baci_cut"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused_with_its_line(line: str, code: str):
    with pytest.raises(InputError) as refused:
        parsed(line)

    assert (refused.value.code, refused.value.where["line"]) == (code, 2)


def test_of_a_whole_year_only_the_wanted_codes_are_looked_at():
    """A row of another code is passed over, whatever else is in it; a code may have lost its zero."""
    found = parse_baci(
        ("t,i,j,k,v,q", "2024,xxx,699,100510,?,?", "2024,251,699,11010,1,2"), edition=EDITION, hs=frozenset(["011010"])
    )

    assert [(row.hs, row.tonnes) for row in found] == [("011010", 2)]


def test_the_edition_stands_in_the_name_of_the_file(tmp_path: Path):
    assert edition_of("BACI_HS17_Y2024_V202601.csv") == EDITION
    assert edition_of("baci_v202601_2024_hs17.csv") == EDITION

    (tmp_path / "trade.csv").write_text("t,i,j,k,v,q\n2024,251,699,811010,1,2\n")
    with pytest.raises(InputError) as refused:
        read_trade(tmp_path / "trade.csv")
    assert refused.value.code == "world.baci_edition"


def test_countries_that_are_no_more_have_the_codes_they_had():
    rows = parse_baci(["t,i,j,k,v,q", "2004,891,530,811010,1,2", "2004,736,842,811010,1,2"], edition=EDITION)

    assert [(row.exporter, row.importer) for row in rows] == [("SCG", "ANT"), ("SDN", "USA")]


def test_a_file_of_neither_layout_is_refused(tmp_path: Path):
    with pytest.raises(InputError) as refused:
        list(parse_baci(["a,b", "1,2"], edition=EDITION))
    assert refused.value.code == "world.baci_layout"

    with pytest.raises(NotFoundError) as missing:
        read_trade(tmp_path / "no.csv")
    assert missing.value.code == "world.no_such_file"


def test_a_tidy_table_reads_back_as_it_was_written_and_only_the_wanted_codes(tmp_path: Path):
    rows = (shipped("MMR", "THA", "3"), shipped("MMR", "USA", None))
    (tmp_path / "own.csv").write_text(trade_csv(rows))

    assert read_trade(tmp_path / "own.csv", hs=["811010"]).rows == rows
    with pytest.raises(InputError) as refused:
        read_trade(tmp_path / "own.csv", hs=["740311"])
    assert refused.value.code == "world.table_empty"


def test_a_table_of_two_editions_or_with_a_row_twice_is_refused():
    row = shipped("MMR", "THA", "3")
    with pytest.raises(InputError) as twice:
        trade_table([row, row])
    assert twice.value.code == "world.row_twice"

    text = trade_csv([row]) + trade_csv([shipped("MMR", "USA", "1")]).splitlines()[1].replace("v202601", "v202501")
    with pytest.raises(InputError) as mixed:
        parse_trade(text)
    assert mixed.value.code == "world.editions_mixed"


def test_a_year_or_code_that_the_table_lacks_is_refused():
    with pytest.raises(NotFoundError) as refused:
        shipped_trade().of("261710", "2024")
    assert refused.value.code == "world.trade_not_in_table"

    assert sum(row.tonnes or Decimal(0) for row in shipped_trade().of("811010", "2024")) == Decimal("43539.671")
